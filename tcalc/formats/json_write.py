"""JSON and JSON lines out: numbers in the fewest digits that read back equal.

JSON has no nan: it is written as null, which reads back as nan. Infinity is written as 1e999, a number of JSON that is
read as infinity again. JSON lines hold a row, a record or an item a line.
"""

from __future__ import annotations

import json
from collections.abc import MappingView

from tcalc.engine import complex_half
from tcalc.errors import DataError
from tcalc.formats.decode import encoded
from tcalc.formats.digits import Digits
from tcalc.formats.values import array_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.formats.writing import WriteOptions

_LONG = 1 << 16  # elements that are put together at a time
_CHUNK = 1 << 14  # rows of a table that are put together at a time
_WORDS = {"nan": "null", "inf": "1e999", "-inf": "-1e999", "True": "true", "False": "false"}
_DEEPEST = 100


def write(value: object, format: str, options: WriteOptions) -> Iterator[bytes]:
    """A value as one text of JSON, or as lines."""
    writer = _Writer(Digits(options.precision, options.sci))
    if format == "jsonl":
        for line in writer.lines(value):
            yield encoded(line + "\n")
        return
    for piece in writer.pieces(value, 0):
        yield encoded(piece)
    yield b"\n"


class _Writer:
    def __init__(self, digits: Digits) -> None:
        self._digits = digits

    def lines(self, value: Any) -> Iterator[str]:
        """One line a row of a tensor, a record of a table, an item of a list; anything else is one line."""
        from tcalc.engine.table import Table

        array = array_of(value)
        if isinstance(value, Table):
            yield from self._records(value)
        elif array is not None and array.ndim:
            for row in array:
                yield self._array(row)
        elif type(value) in (list, tuple) or _is_texts(value):
            for item in value:
                yield "".join(self.pieces(item, 1))
        else:
            yield "".join(self.pieces(value, 0))

    def pieces(self, value: Any, depth: int) -> Iterator[str]:
        """The text of a value, a piece at a time."""
        from tcalc.engine.bundle import Bundle
        from tcalc.engine.table import Table

        if depth > _DEEPEST:
            raise DataError(f"json: the result is nested more than {_DEEPEST} levels deep")
        array = array_of(value)
        if value is None:
            yield "null"
        elif isinstance(value, str):
            yield _text(value)
        elif isinstance(value, (bool, int, float, complex)):
            yield self._number(self._digits.scalar(value), isinstance(value, complex))
        elif array is not None:
            yield from self._rows(array)
        elif isinstance(value, Table):
            yield from _enclosed(self._records(value), "[", ",\n ", "]")
        elif isinstance(value, tuple) and hasattr(value, "fields"):
            yield from self._object(list(zip(value.fields, value, strict=True)), depth)
        elif isinstance(value, (dict, Bundle)):
            yield from self._object(value.items(), depth)
        elif isinstance(value, (list, tuple, range, MappingView)) or _is_texts(value):
            yield from _enclosed(("".join(self.pieces(item, depth + 1)) for item in value), "[", ", ", "]")
        elif isinstance(value, (set, frozenset)):
            raise DataError("json has no sets", hint="make it a list: sorted(...)")
        elif hasattr(type(value), "__next__"):
            raise DataError(f"json has no {type(value).__name__}", hint="make it a list: list(...)")
        else:
            yield _text(str(value))

    def _object(self, pairs: Any, depth: int) -> Iterator[str]:
        items = (f"{_text(_key(key))}: {''.join(self.pieces(item, depth + 1))}" for key, item in pairs)
        return _enclosed(items, "{", ", ", "}")

    def _number(self, text: str, is_complex: bool = False) -> str:
        if is_complex:
            raise _no_complex()
        return _WORDS.get(text, text)

    def _rows(self, array: Any) -> Iterator[str]:
        """An array, a row after another."""
        if array.size > _LONG:
            yield from self._spread(array)
        elif array.ndim < 2:
            yield self._array(array)
        else:
            yield from _enclosed(map(self._array, array), "[", ",\n " if array.size > 20 else ", ", "]")

    def _spread(self, array: Any, between: str = ",\n ") -> Iterator[str]:
        """A large array in pieces of its rows: an expanded view may be larger than the memory."""
        if array.ndim == 1:
            parts = (array[start : start + _LONG] for start in range(0, len(array), _LONG))
            yield from _enclosed((", ".join(self._cells(part)) for part in parts), "[", ", ", "]")
        elif array[0].size > _LONG:
            for position, row in enumerate(array):
                yield between if position else "["
                yield from self._spread(row, ", ")
            yield "]"
        else:
            yield from _enclosed(map(self._array, array), "[", between, "]")

    def _array(self, array: Any) -> str:
        if array.ndim > 1:
            return "[" + ", ".join(self._array(row) for row in array) + "]"
        cells = self._cells(array.reshape(-1))
        return cells[0] if not array.ndim else "[" + ", ".join(cells) + "]"

    def _cells(self, array: Any) -> list[str]:
        """The elements of a 1-D array as numbers of JSON."""
        if array.dtype.kind == "c" or complex_half.is_stored(array):
            raise _no_complex()
        cells = self._digits.array(array)
        if array.dtype.kind in "iu":
            return cells
        return [_WORDS.get(cell, cell) for cell in cells]

    def _records(self, table: Any) -> Iterator[str]:
        """The rows of a table, each an object."""
        from tcalc.engine.text_column import TextColumn

        names = [_text(name) for name in table.names]
        columns = table.values()
        for start in range(0, table.rows, _CHUNK):
            parts = []
            for column in columns:
                if isinstance(column, TextColumn):
                    parts.append([_text(cell) for cell in column.take(slice(start, start + _CHUNK))])
                else:
                    array = column.host_array()[start : start + _CHUNK]
                    parts.append(self._cells(array) if array.ndim == 1 else [self._array(row) for row in array])
            for row in zip(*parts, strict=True):
                yield "{" + ", ".join(f"{name}: {cell}" for name, cell in zip(names, row, strict=True)) + "}"


def _enclosed(items: Iterator[str], start: str, between: str, end: str) -> Iterator[str]:
    yield start
    separator = ""
    for item in items:
        yield separator + item
        separator = between
    yield end


def _is_texts(value: Any) -> bool:
    from tcalc.engine.text_column import TextColumn

    return isinstance(value, TextColumn)


def _key(key: Any) -> str:
    """A key of a dictionary as a text: JSON has no other."""
    return key if isinstance(key, str) else str(key)


def _text(text: str) -> str:
    """A text of JSON. What does not print is escaped, and cannot steer a terminal."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _no_complex() -> DataError:
    return DataError("json has no complex numbers", hint="write the parts: torch.view_as_real(x)")
