"""Text with numbers in it: white space, CSV and TSV. Read in bulk where it is plain, cell by cell where it is not.

Whole numbers are int64, any other float64; whole numbers beyond int64 are float64 too, with a note, because
PyTorch computes hardly anything on uint64. One column is a 1-D tensor, several are a 2-D one. Columns of text
are no part of it, only of the table that a header makes.
"""

from __future__ import annotations

from itertools import chain, islice

from tcalc.engine.table import Table, side_by_side, unique_names
from tcalc.engine.tensor import wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError, UsageError
from tcalc.formats import blocks
from tcalc.formats import layout as layouts
from tcalc.formats.cells import Numbers
from tcalc.formats.columns import ColumnReader
from tcalc.formats.decode import UTF8_MARK, decoded, without_mark
from tcalc.formats.layout import Layout, Row
from tcalc.formats.loaded import Loaded, Place, TextOptions, data_error, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tcalc.formats.blocks import RowBlock
    from tcalc.formats.source import Source

_HEAD = 1 << 17
_PIECE = 1 << 14  # rows that are read cell by cell at a time


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The tensor, and with a header the table, in a text."""
    return _read_large_file(source, format, options) or parse(source.data(), source.name, format, options)


def parse(data: bytes | bytearray, where: str, format: str, options: TextOptions) -> Loaded:
    """What the bytes of a text say."""
    data = without_mark(data, where)
    layout = layouts.sniff(_head(data, where), format, options, where)
    for quickly in (_read_large, _read_bulk):
        loaded = quickly(data, where, format, layout, options)
        if loaded is not None:
            return loaded
    return _read_cells(data, where, format, layout, options)


def _head(data: bytes | bytearray, where: str) -> str:
    """The first whole lines, for sniffing."""
    if len(data) <= _HEAD:
        return decoded(data, where)
    end = data.rfind(b"\n", 0, _HEAD) + 1
    return decoded(data[: end or len(data)], where)


# ---------------------------------------------------------------- in bulk


def _read_large_file(source: Source, format: str, options: TextOptions) -> Loaded | None:
    """A large file, block by block: it is never in memory as a whole."""
    from tcalc.formats import large
    from tcalc.formats.source import FileSource

    if not isinstance(source, FileSource) or source.size < large.SMALLEST:
        return None
    head = source.head(_HEAD)
    mark = len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0
    head = head[mark : head.rfind(b"\n") + 1]
    try:
        layout = layouts.sniff(decoded(head, source.name), format, options, source.name)
    except DataError:
        return None
    return _in_blocks(
        head, lambda start: blocks.of_file(source, mark + start), source.size, source.name, format, layout, options
    )


def _read_large(
    data: bytes | bytearray, where: str, format: str, layout: Layout, options: TextOptions
) -> Loaded | None:
    from tcalc.formats import large

    if len(data) < large.SMALLEST:
        return None
    head = bytes(data[:_HEAD])
    head = head[: head.rfind(b"\n") + 1]
    return _in_blocks(head, lambda start: blocks.of_memory(data, start), len(data), where, format, layout, options)


def _in_blocks(
    head: bytes,
    blocks_from: Callable[[int], Iterator[RowBlock]],
    size: int,
    where: str,
    format: str,
    layout: Layout,
    options: TextOptions,
) -> Loaded | None:
    """Large text by pyarrow; None where the careful reading has to look."""
    from tcalc.formats import large

    start, names = _bulk_header(head, where, layout)
    if start is None or (options.columns is not None and names is None):
        return None
    chosen = chosen_columns(options.columns, names, len(names)) if options.columns and names else None
    try:
        plan = large.Plan(head[start:], layout, names, chosen)
        as_matrix = not chosen and options.na != "drop" and (names is None or not options.wants_table)
        result = large.read(plan, lambda: blocks_from(start), size, as_matrix, options.na)
    except large.Doubt:
        return None
    if options.na == "error" and result.missing_cells:
        return None  # the careful reading knows where
    if result.is_matrix:
        matrix = result.matrix
        if not matrix.shape[1]:
            return None
        notes = [] if options.na == "nan" else _missing_note(result.missing_cells, where)
        return Loaded(wrap(matrix.reshape(-1) if matrix.shape[1] == 1 else matrix), format, None, notes)
    found = result.columns()
    if names is None and not any(isinstance(column, Numbers) for column in found.values()):
        return None
    places = list(found) if chosen is None else chosen
    labels = [names[index] for index in places] if names is not None else None
    return _assembled([found[index] for index in places], labels, where, format, options)


def _missing_note(count: int, where: str) -> list[str]:
    return [f"{where}: {count} missing {'cell is' if count == 1 else 'cells are'} nan"] if count else []


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
        line = bytes(data[position:end]).rstrip(b"\r\n")
        if line.strip() and not (line.startswith(b"#") and layouts.is_comment(decoded(line, where), layout.delimiter)):
            if not layout.header:
                return position, None
            if line.count(b'"') % 2 or b"\r" in line:
                return None, None
            try:
                row = next(layouts.rows_of(decoded(line, where), layout.delimiter, where), None)
            except DataError:
                return None, None  # the careful reading says in which line it is
            return (end, row.cells) if row is not None else (None, None)
        position = end
    return None, None


# ---------------------------------------------------------------- cell by cell


def _read_cells(data: bytes | bytearray, where: str, format: str, layout: Layout, options: TextOptions) -> Loaded:
    rows = _rows(data, layout, where)
    names = next(rows, None) if layout.header else None
    first = names or next(rows, None)
    if first is None:
        return _assembled([], [] if names else None, where, format, options)
    width = len(first.cells)
    labels = names.cells if names is not None else None
    chosen = range(width) if options.columns is None else chosen_columns(options.columns, labels, width)
    readers = {
        index: ColumnReader(index, labels[index] if labels else None, where, layout.decimal, options.na)
        for index in dict.fromkeys(chosen)
    }
    following = rows if names is not None else chain([first], rows)
    while piece := list(islice(following, _PIECE)):
        _check_lengths(piece, first, where)
        lines = [row.line for row in piece]
        for index, reader in readers.items():
            reader.add([row.cells[index] for row in piece], lines)
    if options.columns is None and width > 1 and not (labels and labels[-1]) and readers[width - 1].is_blank:
        del readers[width - 1]  # what a delimiter at every line's end leaves
    columns = {index: reader.finish() for index, reader in readers.items()}
    if options.na == "error":
        _refuse_missing(readers.values(), where)
    if names is None and not any(isinstance(column, Numbers) for column in columns.values()):
        index = next(iter(columns))
        hint = "--header says that the first row names the columns" if options.header is None else None
        place = Place(where, first.line, index + 1)
        raise data_error(place, f"{quoted(first.cells[index])} is not a number", hint=hint)
    places = [index for index in chosen if index in columns]
    shown = [labels[index] for index in places] if labels is not None else None
    return _assembled([columns[index] for index in places], shown, where, format, options)


def _rows(data: bytes | bytearray, layout: Layout, where: str) -> Iterator[Row]:
    """All rows; of long texts a block after another, so that few are in memory at a time."""
    if layout.delimiter is not None and data.find(b'"') >= 0:
        yield from layouts.rows_of(decoded(data, where), layout.delimiter, where)
        return
    before = 0
    for block in blocks.of_memory(data, 0):
        piece = data[block.start : block.end] if len(data) > block.end - block.start else data
        for row in layouts.rows_of(decoded(piece, where, line=before), layout.delimiter, where):
            row.line += before
            yield row
        before += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")


def _assembled(
    values: list[Numbers | TextColumn], labels: list[str] | None, where: str, format: str, options: TextOptions
) -> Loaded:
    """Columns that were read one by one, as what a program gets."""
    notes = _settle_missing(values, where, options)
    table = None
    if labels is not None:
        table = Table(
            {label: _column_value(value) for label, value in zip(unique_names(labels), values, strict=True)}, where
        )
    arrays = [value.array for value in values if isinstance(value, Numbers)]
    texts = [value for value in values if isinstance(value, TextColumn)]
    rows = len(arrays[0]) if arrays else len(texts[0]) if texts else 0
    return Loaded(lambda: wrap(_joined(arrays, rows, copy=table is not None)), format, table, notes)


def _check_lengths(rows: Iterable[Row], first: Row, where: str) -> None:
    """Every row has as many cells as the first."""
    width = len(first.cells)
    for row in rows:
        count = len(row.cells)
        if count != width:
            raise data_error(
                Place(where, row.line),
                f"{count} {'cell' if count == 1 else 'cells'}, where line {first.line} has {width}",
            )


def _settle_missing(values: list[Numbers | TextColumn], where: str, options: TextOptions) -> list[str]:
    """Drop rows with missing cells where ``--na`` says so; otherwise a note that counts the cells."""
    notes = []
    columns = [value for value in values if isinstance(value, Numbers)]
    count = sum(len(column.missing) for column in columns)
    if count and options.na == "drop":
        _drop_rows({row for column in columns for row in column.missing}, values)
    elif options.na is None:
        notes += _missing_note(count, where)
    if any(column.rounded for column in columns):
        notes.append(f"{where}: whole numbers beyond 64 bits, or of both signs, were read as float64")
    return notes


def _refuse_missing(readers: Iterable[ColumnReader], where: str) -> None:
    """The first missing cell is an error."""
    holes = [(reader.first_missing, reader) for reader in readers if reader.first_missing is not None]
    if holes:
        (line, text), reader = min(holes, key=lambda hole: (hole[0][0], hole[1].index))
        place = Place(where, line, reader.index + 1, reader.name)
        raise data_error(place, f"a missing cell ({quoted(text)})" if text else "a missing cell")


def _drop_rows(rows: set[int], values: list[Numbers | TextColumn]) -> None:
    import numpy as np

    kept = np.ones(len(next(value.array for value in values if isinstance(value, Numbers))), bool)
    kept[list(rows)] = False
    for index, value in enumerate(values):
        if isinstance(value, TextColumn):
            values[index] = value.take(kept)
        else:
            values[index] = Numbers(value.array[kept], [], value.rounded)


def _column_value(value: Numbers | TextColumn) -> Any:
    return value if isinstance(value, TextColumn) else wrap(value.array)


def _joined(arrays: list[Any], rows: int, copy: bool) -> Any:
    """The columns side by side, in the type that holds them all; one column alone is 1-D."""
    import numpy as np

    if not arrays and not rows:
        return np.empty(0)
    if len(arrays) == 1:
        return arrays[0].copy() if copy else arrays[0]
    return side_by_side(arrays, rows)


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
        layout = layouts.sniff(_head(clean, ""), "text", TextOptions(), "")
        if layout.header:
            return False
        loaded = parse(clean, "", "text", TextOptions())
        first = next(layouts.rows_of(_head(clean, ""), layout.delimiter, ""), None)
    except DataError:
        return False
    if first is None:
        return False  # comments, which are a program that does nothing
    columns = 1 if loaded.x.ndim == 1 else loaded.x.shape[1]
    return loaded.x.numel() > 0 and columns == len(first.cells)
