"""Text with numbers in it: white space, CSV and TSV. Read in bulk where it is plain, cell by cell where it is not.

Whole numbers are int64, any other float64; whole numbers beyond int64 are float64 too, with a note, because
PyTorch computes hardly anything on uint64. One column is a 1-D tensor, several are a 2-D one. Columns of text
are no part of it, only of the table that a header makes.
"""

from __future__ import annotations

from tcalc.engine.table import Table, unique_names
from tcalc.engine.tensor import wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError, UsageError
from tcalc.formats import layout as layouts
from tcalc.formats.cells import Cells, Numbers, read_column
from tcalc.formats.decode import decoded, without_mark
from tcalc.formats.layout import Layout, Row
from tcalc.formats.loaded import Loaded, Place, TextOptions, data_error, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.formats.source import Source

_HEAD = 1 << 17


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The tensor, and with a header the table, in a text."""
    where = source.name
    data = without_mark(source.data(), where)
    layout = layouts.sniff(_head(data, where), format, options, where)
    return _read_bulk(data, where, format, layout, options) or _read_cells(data, where, format, layout, options)


def _head(data: bytes | bytearray, where: str) -> str:
    """The first whole lines, for sniffing."""
    if len(data) <= _HEAD:
        return decoded(data, where)
    end = data.rfind(b"\n", 0, _HEAD) + 1
    return decoded(data[: end or len(data)], where)


# ---------------------------------------------------------------- in bulk


def _read_bulk(data: bytes | bytearray, where: str, format: str, layout: Layout, options: TextOptions) -> Loaded | None:
    from tcalc.formats import bulk

    if layout.delimiter is not None and not layout.delimiter.isascii():
        return None
    head_end, names = _bulk_header(data, where, layout)
    if head_end is None:
        return None
    block = bulk.read(data[head_end:] if head_end else data, layout)
    if block is None or (names is not None and len(names) != len(block.whole)):
        return None
    array, whole = block.array, block.whole
    if options.columns is not None:
        chosen = chosen_columns(options.columns, names, len(whole))
        array, whole = array[:, chosen], [whole[index] for index in chosen]
        names = [names[index] for index in chosen] if names else None
    table = None
    if names is not None:
        columns: dict[str, Any] = {}
        for index, name in enumerate(unique_names(names)):
            column = array[:, index]
            columns[name] = wrap(column.astype("int64") if whole[index] else column.astype("float64"))
        table = Table(columns, where)
    if all(whole) and array.dtype.kind == "f":
        array = array.astype("int64")
    return Loaded(wrap(array.reshape(-1) if array.shape[1] == 1 else array), format, table)


def _bulk_header(data: bytes | bytearray, where: str, layout: Layout) -> tuple[int | None, list[str] | None]:
    """Where the body starts and the names before it; None where the careful reading has to find them."""
    position = 0
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end + 1
        line = bytes(data[position:end]).strip()
        if line and not (line.startswith(b"#") and layouts.is_comment(decoded(line, where), layout.delimiter)):
            if not layout.header:
                return position, None
            if b'"' in line or b"\r" in line:
                return None, None
            row = next(layouts.rows_of(decoded(line, where), layout.delimiter, where), None)
            return (end, row.cells) if row is not None else (None, None)
        position = end
    return None, None


# ---------------------------------------------------------------- cell by cell


def _read_cells(data: bytes | bytearray, where: str, format: str, layout: Layout, options: TextOptions) -> Loaded:
    rows = list(layouts.rows_of(decoded(data, where), layout.delimiter, where))
    names = rows.pop(0) if layout.header and rows else None
    _check_lengths(rows, names, where)
    width = len((names or rows[0]).cells) if names or rows else 0
    columns = _cut(rows, names.cells if names else None, width)
    if options.columns is not None:
        chosen = chosen_columns(options.columns, names.cells if names else None, width)
        by_index = {column.index: column for column in columns}
        columns = [by_index[index] for index in chosen if index in by_index]
    values = [read_column(column, where, layout.decimal) for column in columns]
    notes = _handle_missing(columns, values, where, options)
    table = None
    if names is not None:
        labels = unique_names([column.name or "" for column in columns])
        table = Table({label: _column_value(value) for label, value in zip(labels, values, strict=True)}, where)
    numeric = [value.array for value in values if isinstance(value, Numbers)]
    if columns and not numeric and table is None:
        row = rows[0]
        place = Place(where, row.line, columns[0].index + 1)
        raise data_error(place, f"{quoted(row.cells[columns[0].index])} is not a number")
    return Loaded(wrap(_joined(numeric, len(rows))), format, table, notes)


def _check_lengths(rows: Sequence[Row], names: Row | None, where: str) -> None:
    """Every row has as many cells as the first."""
    first = names or (rows[0] if rows else None)
    for row in rows:
        if first is not None and len(row.cells) != len(first.cells):
            count = len(row.cells)
            raise data_error(
                Place(where, row.line),
                f"{count} {'cell' if count == 1 else 'cells'}, where line {first.line} has {len(first.cells)}",
            )


def _cut(rows: Sequence[Row], names: list[str] | None, width: int) -> list[Cells]:
    """The rows as columns. A last column without name and cells is what a delimiter at every line's end leaves."""
    lines = [row.line for row in rows]
    columns = []
    for index in range(width):
        texts = [row.cells[index] for row in rows]
        name = names[index] if names else None
        if index and index == width - 1 and not name and not any(texts):
            break
        columns.append(Cells(index, name, texts, lines))
    return columns


def _handle_missing(
    columns: Sequence[Cells], values: list[Numbers | TextColumn], where: str, options: TextOptions
) -> list[str]:
    """What ``--na`` says about missing cells; otherwise a note that counts them."""
    notes = []
    holes = [(value, column) for value, column in zip(values, columns, strict=True) if isinstance(value, Numbers)]
    count = sum(len(value.missing) for value, _ in holes)
    if count and options.na == "error":
        row, column = min(((value.missing[0], column) for value, column in holes if value.missing), key=_place_in_file)
        text = column.texts[row]
        place = Place(where, column.lines[row], column.index + 1, column.name)
        raise data_error(place, f"a missing cell ({quoted(text)})" if text else "a missing cell")
    if count and options.na == "drop":
        _drop_rows({row for value, _ in holes for row in value.missing}, values)
    elif count and options.na is None:
        notes.append(f"{where}: {count} missing {'cell is' if count == 1 else 'cells are'} nan")
    if any(value.rounded for value, _ in holes):
        notes.append(f"{where}: whole numbers beyond int64 were read as float64")
    return notes


def _place_in_file(hole: tuple[int, Cells]) -> tuple[int, int]:
    return hole[0], hole[1].index


def _drop_rows(rows: set[int], values: list[Numbers | TextColumn]) -> None:
    import numpy as np

    for index, value in enumerate(values):
        if isinstance(value, TextColumn):
            values[index] = TextColumn([cell for row, cell in enumerate(value.cells) if row not in rows])
        else:
            array = np.delete(value.array, sorted(rows))
            if value.whole and len(array):
                array = array.astype(np.int64)  # only the missing cells had made it one of floats
            values[index] = Numbers(array, [], value.rounded, value.whole)


def _column_value(value: Numbers | TextColumn) -> Any:
    return value if isinstance(value, TextColumn) else wrap(value.array)


def _joined(arrays: list[Any], rows: int) -> Any:
    """The columns side by side, in the type that holds them all; one column alone is 1-D."""
    import numpy as np

    if not arrays:
        return np.empty(0 if not rows else (rows, 0), np.float64)
    if len(arrays) == 1:
        return arrays[0]
    kinds = {array.dtype.kind for array in arrays}
    dtype = np.complex128 if "c" in kinds else np.float64 if "f" in kinds else np.bool_ if kinds == {"b"} else np.int64
    joined: Any = np.empty((len(arrays[0]), len(arrays)), dtype)
    for index, array in enumerate(arrays):
        joined[:, index] = array
    return joined


# ---------------------------------------------------------------- columns by name


def chosen_columns(wanted: str, names: list[str] | None, width: int) -> list[int]:
    """The positions that ``--columns`` lists: names, numbers from 1 and ranges such as ``2-4``."""
    labels = unique_names(names) if names else []
    chosen: list[int] = []
    for part in (piece.strip() for piece in wanted.split(",")):
        first, dash, last = part.partition("-")
        if part in labels:
            chosen.append(labels.index(part))
        elif part.isdigit():
            chosen.append(int(part) - 1)
        elif dash and first.isdigit() and last.isdigit() and int(first) <= int(last):
            chosen.extend(range(int(first) - 1, int(last)))
        else:
            there = ", ".join(labels) if labels else f"numbers from 1 to {width}"
            raise UsageError(f"--columns: there is no column {part!r}", hint=f"there are {there}")
    for index in chosen:
        if not 0 <= index < width:
            raise UsageError(f"--columns: there is no column {index + 1}, only {width}")
    return chosen


def is_only_numbers(data: bytes | bytearray) -> bool:
    """Whether a stream is data rather than a program: it reads as a table, and every cell of it is a number."""
    try:
        if not data.strip():
            return False
        clean = without_mark(data, "")
        options = TextOptions()
        layout = layouts.sniff(_head(clean, ""), "text", options, "")
        if layout.header:
            return False
        if _read_bulk(clean, "", "text", layout, options) is not None:
            return True
        loaded = _read_cells(clean, "", "text", layout, options)
        rows = layouts.rows_of(decoded(clean, ""), layout.delimiter, "")
        width = len(next(rows).cells)
        columns = 1 if loaded.x.ndim == 1 else loaded.x.shape[1]
        return loaded.x.numel() > 0 and columns == width
    except DataError:
        return False
