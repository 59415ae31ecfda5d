"""A text in blocks of whole rows, each in the same memory: a file of any size takes no more than one block."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tcalc.formats.source import FileSource

_FIRST = 1 << 20  # small: what is wrong with the guess from the first rows shows early
_BLOCK = 1 << 24


class RowBlock:
    """``data[start:end]`` are whole rows. ``has_quotes`` says whether there is a double quote among them."""

    __slots__ = ("_answers", "data", "end", "has_quotes", "start")

    def __init__(self, data: bytes | bytearray, start: int, end: int) -> None:
        self.data = data
        self.start = start
        self.end = end
        self._answers: dict[bytes, bool] = {}
        self.has_quotes = self.has(b'"')

    def has(self, part: bytes) -> bool:
        """Whether these bytes are among the rows; looked for once."""
        if part not in self._answers:
            self._answers[part] = self.data.find(part, self.start, self.end) >= 0
        return self._answers[part]

    def starts_with(self, byte: bytes) -> bool:
        return self.data[self.start : self.start + 1] == byte

    def view(self) -> memoryview:
        return memoryview(self.data)[self.start : self.end]


class CannotCut(Exception):  # noqa: N818 - no error, an answer
    """No end of a row within a block."""


def of_memory(data: bytes | bytearray, start: int) -> Iterator[RowBlock]:
    """The rows from ``start`` on; the last block is all that is left where no row ends."""
    size = _FIRST
    while start < len(data):
        try:
            end = len(data) if start + size >= len(data) else _last_end(data, start, start + size)
        except CannotCut:
            end = len(data)
        yield RowBlock(data, start, end)
        start, size = end, _BLOCK


def of_file(source: FileSource, start: int) -> Iterator[RowBlock]:
    """The rows of a file from ``start`` on; every block is only there until the next one is asked for."""
    data = bytearray(_BLOCK)
    kept, size = 0, _FIRST
    while True:
        filled = kept + source.fill(start, memoryview(data)[kept:size])
        start += filled - kept
        if filled < size:
            if filled:
                yield RowBlock(data, 0, filled)
            return
        end = _last_end(data, 0, size)
        yield RowBlock(data, 0, end)
        kept = size - end
        data[:kept] = data[end:size]
        size = _BLOCK


def _last_end(data: bytes | bytearray, start: int, end: int) -> int:
    """Where the last whole row in ``data[start:end]`` ends: at a line feed outside of quotes."""
    place = data.rfind(b"\n", start, end)
    while place >= 0 and data.count(b'"', start, place) % 2:
        place = data.rfind(b"\n", start, place)
    if place < 0:
        raise CannotCut
    return place + 1
