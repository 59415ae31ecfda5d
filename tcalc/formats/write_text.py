"""Values as text for the next program: ``text``, ``csv`` and ``tsv``, a piece at a time.

A row of numbers is a line, a blank line stands between matrices, a scalar is a bare number; nothing is
truncated. What is written as text and is 1-D or 2-D reads back equal.
"""

from __future__ import annotations

from tcalc.errors import DataError
from tcalc.formats.decode import encoded
from tcalc.formats.digits import Digits
from tcalc.formats.values import array_of, rectangle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from tcalc.formats.writing import WriteOptions

_BREAKING = '"\n\r'
_SEPARATING = ",;|\t" + _BREAKING  # in a CSV, what a reader could take for the delimiter too
_CHUNK = 1 << 16  # elements that are turned into text at a time


def write(value: object, format: str, options: WriteOptions) -> Iterator[bytes]:
    """A value in one of these formats."""
    digits = Digits(options.precision, options.sci)
    pieces = text(value, digits) if format == "text" else delimited(value, format, digits)
    for piece in pieces:
        yield encoded(piece)


def _is_scalar(value: object) -> bool:
    """A number, a string, a 0-d tensor, a dtype: what stands on a line beside others."""
    from tcalc.engine.table import Table
    from tcalc.engine.text_column import TextColumn

    array = array_of(value)
    if array is not None:
        return bool(array.ndim == 0)
    return not isinstance(value, (tuple, list, dict, set, Table, TextColumn))


def _columns_of(value: object) -> dict[str, Any] | None:
    """The named columns of a table."""
    from tcalc.engine.table import Table

    return dict(value.items()) if isinstance(value, Table) else None


def text(value: object, digits: Digits) -> Iterator[str]:
    """The pieces of a value's text, each ending a line."""
    if value is None:
        return
    if isinstance(value, (bool, int, float, complex)):
        yield digits.scalar(value) + "\n"
    elif isinstance(value, str):
        yield value + "\n"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{_inline(key, digits)}\t{_inline(item, digits)}\n"
    elif isinstance(value, (tuple, list)):
        yield from _sequence(value, digits)
    else:
        yield from _object(value, digits)


def _object(value: object, digits: Digits) -> Iterator[str]:
    array = array_of(value)
    if array is not None:
        yield from _matrices(array, " ", digits)
        return
    from tcalc.engine.bundle import Bundle
    from tcalc.engine.table import Table
    from tcalc.engine.text_column import TextColumn

    if isinstance(value, Table):
        yield from table(value.items(), "\t", digits, has_head=not value.headless)
    elif isinstance(value, TextColumn):
        yield "".join(cell + "\n" for cell in value.cells)
    elif isinstance(value, Bundle):
        for name, tensor in value.items():
            yield f"{name}\t{_inline(tensor, digits)}\n"
    else:
        yield f"{value}\n"


def _sequence(value: Sequence[Any], digits: Digits) -> Iterator[str]:
    """A tuple of scalars on a line; a list of them as the column it is; anything else in blocks."""
    if isinstance(value, list):
        array = rectangle(value)
        if array is not None:
            yield from _matrices(array, " ", digits)
            return
        if not value:
            return  # as a tensor without elements
    if all(_is_scalar(item) for item in value):
        separator = "\n" if isinstance(value, list) else " "
        yield separator.join(_inline(item, digits) for item in value) + "\n"
        return
    for position, item in enumerate(value):
        if position:
            yield "\n"
        yield from text(item, digits)


def _inline(value: object, digits: Digits) -> str:
    """A value on one line, for a tuple or a dictionary."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float, complex)):
        return digits.scalar(value)
    array = array_of(value)
    if array is not None and array.ndim <= 1:
        return " ".join(digits.array(array.reshape(-1)))
    if array is not None:
        return f"[{', '.join(_nested(row, digits) for row in array)}]"
    if isinstance(value, (list, tuple)):
        return " ".join(_inline(item, digits) for item in value)
    return str(value)


def _nested(array: Any, digits: Digits) -> str:
    if array.ndim == 1:
        return f"[{', '.join(digits.array(array))}]"
    return f"[{', '.join(_nested(row, digits) for row in array)}]"


def _matrices(array: Any, separator: str, digits: Digits) -> Iterator[str]:
    """An array of any rank: its last dimension is a line, and the one before it a matrix."""
    if array.ndim == 0:
        yield digits.array(array.reshape(1))[0] + "\n"
    elif array.ndim == 1:
        yield from _rows(array.reshape(-1, 1), separator, digits)
    elif array.ndim == 2:
        yield from _rows(array, separator, digits)
    else:
        import numpy as np

        for position, index in enumerate(np.ndindex(array.shape[:-2])):
            if position:
                yield "\n"
            yield from _rows(array[index], separator, digits)


def _rows(matrix: Any, separator: str, digits: Digits) -> Iterator[str]:
    height, width = matrix.shape
    if not width:
        return
    if width > _CHUNK:
        for row in matrix:
            yield from _long_row(row, separator, digits)
        return
    step = _CHUNK // width
    for start in range(0, height, step):
        cells = digits.array(matrix[start : start + step].reshape(-1))
        if width > 1:
            cells = [separator.join(cells[at : at + width]) for at in range(0, len(cells), width)]
        cells.append("")
        yield "\n".join(cells)


def _long_row(row: Any, separator: str, digits: Digits) -> Iterator[str]:
    """One line in pieces: an expanded view may be longer than the memory."""
    for start in range(0, len(row), _CHUNK):
        yield (separator if start else "") + separator.join(digits.array(row[start : start + _CHUNK]))
    yield "\n"


# ---------------------------------------------------------------- csv and tsv


def delimited(value: object, format: str, digits: Digits) -> Iterator[str]:
    """A value as CSV or TSV: a tensor of at most two dimensions, or columns with their names."""
    separator = "," if format == "csv" else "\t"
    if value is None:
        return
    columns = _named_columns(value)
    if columns is not None:
        yield from table(columns, separator, digits)
        return
    if isinstance(value, (bool, int, float, complex, str)):
        yield _cell(_inline(value, digits), separator) + "\n"
        return
    array = rectangle(value) if isinstance(value, list) else array_of(value)
    if array is not None and array.ndim <= 2:
        yield from _matrices(array, separator, digits)
    elif array is not None:
        raise DataError(
            f"{format} has rows and columns, and the result has {array.ndim} dimensions",
            hint="reshape it to two, for example with .flatten(1)",
        )
    elif isinstance(value, (tuple, list)) and all(_is_scalar(item) for item in value):
        yield separator.join(_cell(_inline(item, digits), separator) for item in value) + "\n"
    else:
        raise DataError(f"{format} cannot hold this result: it is no tensor, row or table")


def _named_columns(value: object) -> Iterable[tuple[str, Any]] | None:
    """A table, a dictionary or a named tuple of columns of one length."""
    found = _columns_of(value)
    if found is not None:
        return found.items()
    from tcalc.engine.bundle import Bundle

    if isinstance(value, (dict, Bundle)):
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, tuple) and hasattr(value, "fields"):
        pairs = list(zip(value.fields, value, strict=True))
    else:
        return None
    columns = [(name, _as_column(item)) for name, item in pairs]
    lengths = {-1 if column is None else len(column) for _, column in columns}
    return columns if len(lengths) == 1 and -1 not in lengths else None


def _as_column(value: object) -> Any:
    """A column of numbers or texts; None for what is none."""
    from tcalc.engine.text_column import TextColumn

    if isinstance(value, TextColumn):
        return value
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) for item in value):
        return TextColumn(value)
    array = rectangle(value) if isinstance(value, list) else array_of(value)
    return array if array is not None and array.ndim == 1 else None


def table(columns: Iterable[tuple[str, Any]], separator: str, digits: Digits, has_head: bool = True) -> Iterator[str]:
    """Columns of one length, as a rule under their names; one that has rows of its own is several."""
    pairs = [part for name, column in columns for part in _parts(name, column)]
    if has_head:
        yield separator.join(_cell(name, separator, len(pairs) == 1) for name, _ in pairs) + "\n"
    length = len(pairs[0][1]) if pairs else 0
    for start in range(0, length, _CHUNK):
        parts = [_column_text(column, start, separator, digits, len(pairs) == 1) for _, column in pairs]
        yield "".join(separator.join(row) + "\n" for row in zip(*parts, strict=True))


def _parts(name: str, column: Any) -> list[tuple[str, Any]]:
    array = array_of(column)
    if array is None or array.ndim < 2:
        return [(name, column)]
    flat = array.reshape(len(array), -1)
    return [(f"{name}.{index}", flat[:, index]) for index in range(flat.shape[1])]


def _column_text(column: Any, start: int, separator: str, digits: Digits, is_alone: bool) -> list[str]:
    array = array_of(column)
    if array is not None:
        return digits.array(array[start : start + _CHUNK])
    return [_cell(cell, separator, is_alone) for cell in column.take(slice(start, start + _CHUNK))]


def joined(cells: Iterable[Any], separator: str, digits: Digits) -> str:
    """A line of cells."""
    return separator.join(_cell(_inline(cell, digits), separator) for cell in cells) + "\n"


def _cell(text: str, separator: str, is_alone: bool = False) -> str:
    """A cell, in quotes where its text would be taken apart, or taken for a blank line or a comment."""
    marks = _SEPARATING if separator == "," else separator + _BREAKING
    if any(mark in text for mark in marks) or text != text.strip() or (is_alone and (not text or text[0] == "#")):
        return '"' + text.replace('"', '""') + '"'
    return text
