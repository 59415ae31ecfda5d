"""Values that are read best in rows and columns, as tables of Rich's: tables, bundles, dicts of tensors, named results.

What a cell says is decided here and escaped; a table that is too wide leaves out columns in its middle.
"""

from __future__ import annotations

from tcalc.engine.bundle import Bundle, Entry, plural
from tcalc.engine.results import NamedResult
from tcalc.engine.state import human_bytes
from tcalc.engine.table import Table
from tcalc.engine.tensor import Tensor
from tcalc.engine.text_column import TextColumn
from tcalc.show.tables import EDGE_ROWS, MOST_ROWS, column_cells, text_width
from tcalc.show.text import escape_control, repr_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table as RichTable
    from rich.text import Text

_DOTS = "…"
# A dict of tensors whose text is longer is listed; so is what it holds when that is more than a few numbers.
_MOST_LINES = 8
_MOST_NUMBERS = 6
_GAP = 2
_ODD = ("nan", "inf", "-inf")


class Grid:
    """Named columns of cells; ``right`` says which stand to the right, ``note`` what is said below."""

    __slots__ = ("columns", "names", "note", "right", "title")

    def __init__(
        self, names: Sequence[str], columns: Sequence[list[str]], right: Sequence[bool], title: str = "", note: str = ""
    ) -> None:
        self.names = [_one_line(name) for name in names]
        self.columns = [list(column) for column in columns]
        self.right = list(right)
        self.title = title
        self.note = note


def grid_of(value: object, width: int) -> Grid | None:
    """The grid of a value that has one on a screen of this width, else None: its text says it better."""
    if isinstance(value, Table):
        return _of_table(value)
    if isinstance(value, Bundle):
        return _of_tensors(dict(value.entries()), _bundle_note(value))
    if isinstance(value, NamedResult):
        return _of_result(value)
    if isinstance(value, dict) and value and all(isinstance(item, Tensor) for item in value.values()):
        lines = repr_text(value).split("\n")
        if len(lines) > _MOST_LINES or max(map(len, lines)) > width:
            return _of_tensors({str(name): Entry.of(tensor) for name, tensor in value.items()}, "")
    return None


def _of_table(table: Table) -> Grid:
    places, is_long = shown_rows(table.rows)
    items = table.items()
    columns = [column_cells(column, places) for _, column in items]
    if is_long:
        for column in columns:
            column.insert(EDGE_ROWS, _DOTS)
    note = f"{plural(table.rows, 'row')}, {plural(len(items), 'column')}" if is_long or not table.rows else ""
    return Grid(table.names, columns, [not isinstance(column, TextColumn) for _, column in items], note=note)


def shown_rows(rows: int) -> tuple[list[int], bool]:
    """The rows that are shown, and whether some are left out between them."""
    if rows <= MOST_ROWS:
        return list(range(rows)), False
    return [*range(EDGE_ROWS), *range(rows - EDGE_ROWS, rows)], True


def _of_result(result: NamedResult) -> Grid | None:
    """Named results of vectors, side by side."""
    if not all(isinstance(item, Tensor) and item.ndim == 1 and not item.is_meta for item in result):
        return None
    lengths = {len(item) for item in result}
    if len(lengths) != 1 or not 0 < max(lengths) <= MOST_ROWS:
        return None
    rows = list(range(max(lengths)))
    columns = [column_cells(item, rows) for item in result]
    return Grid(result.fields, columns, [True] * len(columns), title=f"torch.return_types.{result.type_name}")


def _of_tensors(entries: dict[str, Entry], note: str) -> Grid:
    rows = [[name, entry.dtype_name, str(tuple(entry.shape)), _contents(entry)] for name, entry in entries.items()]
    places, is_long = shown_rows(len(rows))
    rows = [rows[place] for place in places]
    if is_long:
        rows.insert(EDGE_ROWS, [_DOTS] * 4)
    columns = [[_one_line(row[column]) for row in rows] for column in range(4)]
    names = ["name", "dtype", "shape", "bytes" if all(not entry.is_read for entry in entries.values()) else "values"]
    return Grid(names, columns, [False, False, False, True], note=note)


def _contents(entry: Entry) -> str:
    """What a tensor holds, as far as it is known without reading it: a few numbers, a range, its size in bytes."""
    from tcalc.show.facts import value_range

    if not entry.is_read:
        return human_bytes(entry.nbytes)
    tensor = entry.tensor()
    if tensor.is_meta or not tensor.numel():
        return ""
    if tensor.numel() <= _MOST_NUMBERS and tensor.ndim < 2:
        return ", ".join(
            column_cells(tensor.as_view((tensor.numel(),), tensor.stride or (1,)), [*range(tensor.numel())])
        )
    return ", ".join(value_range(tensor)) or human_bytes(entry.nbytes)


def _bundle_note(bundle: Bundle) -> str:
    return f"{plural(len(bundle), 'tensor')}, {plural(bundle.numel, 'element')}, {human_bytes(bundle.nbytes)}"


def _one_line(text: str) -> str:
    return escape_control(text, keep="")


# ---------------------------------------------------------------- on the screen


def rich_table(grid: Grid, width: int) -> RichTable:
    """The grid as Rich draws it, no wider than ``width``."""
    from rich.box import Box
    from rich.table import Table as RichTable
    from rich.text import Text

    rule = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
    drawn = RichTable(
        title=Text(grid.title, style="dim") if grid.title else None, title_justify="left", box=rule, show_edge=False,
        caption=Text(grid.note, style="dim") if grid.note else None, caption_justify="left", pad_edge=False,
        header_style="bold", border_style="dim", padding=(0, 1, 0, 0),
    )  # fmt: skip
    chosen = _fitting(grid, width)
    for column in chosen:
        name, is_right = (_DOTS, False) if column is None else (grid.names[column], grid.right[column])
        drawn.add_column(Text(name), justify="right" if is_right else "left", no_wrap=True, overflow="ellipsis")
    for row in range(len(grid.columns[0]) if grid.columns else 0):
        drawn.add_row(*(_cell(grid, column, row) for column in chosen))
    return drawn


def _cell(grid: Grid, column: int | None, row: int) -> Text:
    from rich.text import Text

    if column is None:
        return Text(_DOTS, style="dim")
    text = grid.columns[column][row]
    if text == _DOTS:
        return Text(text, style="dim")
    return Text(text, style=("bold magenta" if text in _ODD else "cyan") if grid.right[column] else "")


def _fitting(grid: Grid, width: int) -> list[int | None]:
    """The columns that fit; None stands for those that are left out in the middle."""
    widths = [max(map(text_width, (name, *column))) for name, column in zip(grid.names, grid.columns, strict=True)]
    every: list[int | None] = list(range(len(widths)))
    if sum(widths) + _GAP * (len(widths) - 1) <= width or len(widths) < 3:
        return every
    room = width - 1 - _GAP
    first: list[int] = []
    last: list[int] = []
    at, end = 0, len(widths) - 1
    while at <= end:
        take_first = len(first) <= len(last)
        column = at if take_first else end
        room -= widths[column] + _GAP
        if room < 0 and first:
            break
        (first if take_first else last).append(column)
        at, end = (at + 1, end) if take_first else (at, end - 1)
    return [*first, None, *reversed(last)] if at <= end else every
