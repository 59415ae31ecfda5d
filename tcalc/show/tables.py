"""A table as text: the names above their columns, numbers to the right and texts to the left."""

from __future__ import annotations

from tcalc.engine import devices
from tcalc.engine.backend import backend_for
from tcalc.engine.state import current
from tcalc.engine.text_column import TextColumn
from tcalc.show.numbers import write_elements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.table import Table

# A table of more rows shows its first and last ones.
MOST_ROWS = 40
EDGE_ROWS = 10
# A longer cell is cut.
WIDEST = 50
_DOTS = "..."


def table_text(table: Table) -> str:
    """The rows under the names; of a long table the first and the last, and how many there are."""
    rows = table.rows
    is_long = rows > MOST_ROWS
    places = [*range(EDGE_ROWS), *range(rows - EDGE_ROWS, rows)] if is_long else list(range(rows))
    columns = [_column_text(name, column, places, is_long) for name, column in table.items()]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    if is_long or not rows:
        lines.append(f"[{_count(rows, 'row')} x {_count(len(columns), 'column')}]")
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _column_text(name: str, column: Any, places: list[int], is_long: bool) -> list[str]:
    """The name and the cells of a column, all of one width."""
    is_text = isinstance(column, TextColumn)
    cells = column_cells(column, places)
    if is_long:
        cells.insert(EDGE_ROWS, _DOTS)
    cells.insert(0, _cut(name))
    width = max(map(text_width, cells))
    if is_text:
        return [cell + " " * (width - text_width(cell)) for cell in cells]
    return [" " * (width - text_width(cell)) + cell for cell in cells]


def column_cells(column: Any, places: Sequence[int]) -> list[str]:
    """The texts of some cells of a column: of numbers as a tensor prints them, of texts on one line and not long."""
    return _texts(column, places) if isinstance(column, TextColumn) else _numbers(column, places)


def _numbers(column: Any, places: Sequence[int]) -> list[str]:
    """The numbers as a tensor of them would print; a column of rows shows each as a list."""
    if not places:
        return []
    array = column.host_array()[places]
    if column.dtype.is_reduced:
        array = backend_for(devices.cpu).cast(array, column.dtype.computed_as)
    texts, _ = write_elements(array.reshape(-1).tolist(), column.dtype, current().print_options)
    if array.ndim == 1:
        return texts
    width = array[0].size
    if not width:
        return ["[]"] * len(places)
    return [f"[{', '.join(texts[at : at + width])}]" for at in range(0, len(texts), width)]


def _texts(column: TextColumn, places: Sequence[int]) -> list[str]:
    return [_cut(column.labels[code]) for code in column.codes[places].tolist()] if places else []


def _cut(text: str) -> str:
    """A text on one line, with what would steer a terminal escaped, and its end cut where it is long."""
    from tcalc.show.text import escape_control

    shown = escape_control(text, keep="")
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"


def text_width(text: str) -> int:
    """The cells that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
