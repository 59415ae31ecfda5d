"""What the place that pictures are drawn on can show: its size, its colours, its characters."""

from __future__ import annotations

TRUE_COLOR, INDEXED, NAMED, NO_COLOR = 1 << 24, 256, 16, 0


class Screen:
    """Columns and lines, how many colours, and whether there is more than ASCII. In a pipe: 80 × 24, no colour."""

    __slots__ = ("colors", "columns", "lines", "unicode")

    def __init__(self, columns: int = 80, lines: int = 24, colors: int = NO_COLOR, unicode: bool = True) -> None:
        self.columns = columns
        self.lines = lines
        self.colors = colors
        self.unicode = unicode

    @property
    def width(self) -> int:
        """The columns that a picture fills."""
        return max(20, min(self.columns, 160))

    @property
    def height(self) -> int:
        """The lines that a picture fills; the next prompt and a title have room below and above it."""
        return max(8, min(self.lines - 3, 40))
