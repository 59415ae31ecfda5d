"""JSON and JSON lines: nested arrays are tensors, records are tables, objects of arrays are bundles.

Python's own scanner does the work. Only when something is wrong is the text looked at again, for the place.
"""

from __future__ import annotations

import json
import re

import numpy as np

from tcalc.engine.bundle import Bundle
from tcalc.engine.table import Table, unique_names
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError
from tcalc.formats.decode import decoded, without_mark
from tcalc.formats.loaded import Loaded, Place, data_error, quoted
from tcalc.formats.text import chosen_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source

    Path = tuple[str | int, ...]

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_NAN = float("nan")
_LEAST, _BEYOND = -(1 << 63), 1 << 64
_NUMBERS = {int, float, bool, type(None)}
_DEEPEST = 64  # dimensions of a tensor
_KINDS = {str: "a text", dict: "an object", list: "an array", bool: "true or false", type(None): "null"}


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """What a text of JSON holds. Several values one after another are the rows of one."""
    where = source.name
    text = decoded(without_mark(source.data(), where), where)
    values, starts = _values(text, where, format)
    if not values:
        if format == "json":
            raise data_error(where, "there is no JSON in it")
        return Loaded(wrap(np.empty(0)), format)
    if len(values) == 1 and format == "json":
        return Reading(text, where, format, options).loaded(values[0])
    return Reading(text, where, format, options, starts).loaded(values)


def _values(text: str, where: str, format: str) -> tuple[list[Any], list[int]]:
    """The values one after another, and where each starts."""
    values: list[Any] = []
    starts: list[int] = []
    position = _skip(text, 0)
    try:
        while position < len(text):
            starts.append(position)
            value, position = _DECODER.raw_decode(text, position)
            values.append(value)
            after = _skip(text, position)
            if after == position < len(text):
                raise json.JSONDecodeError("another value right behind one", text, position)
            position = after
    except json.JSONDecodeError as fault:
        if format == "jsonl" or values:
            fault = _of_the_line(text, starts[-1], fault)
        place = Place(where, fault.lineno, fault.colno)
        hint = None if len(values) or starts[0] != fault.pos else "say --from text if it is no JSON"
        raise data_error(place, f"this is no JSON: {_lower(fault.msg)}", hint=hint) from None
    except RecursionError:
        raise data_error(Place(where, *_line_and_column(text, starts[-1])), "nested too deeply") from None
    except ValueError:
        raise data_error(Place(where, *_line_and_column(text, starts[-1])), "a number has too many digits") from None
    return values, starts


def _of_the_line(text: str, start: int, fault: json.JSONDecodeError) -> json.JSONDecodeError:
    """What is wrong with the line on which a value starts; the fault itself where the line alone is right."""
    end = text.find("\n", start, fault.pos)
    if end < 0:
        return fault
    try:
        _DECODER.raw_decode(text[:end], start)
    except json.JSONDecodeError as own:
        return own
    return fault


def _skip(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


class Reading:
    """Turns one parsed text into values of the language. ``starts`` are the places of the values of a stream."""

    def __init__(
        self, text: str, where: str, format: str, options: TextOptions, starts: Sequence[int] | None = None
    ) -> None:
        self._text = text
        self._where = where
        self._format = format
        self._options = options
        self._starts = starts
        self.missing = 0

    def loaded(self, value: Any) -> Loaded:
        """The whole text's value."""
        table = None
        if _is_records(value):
            table = self._settled(self._records(value, ()))
            return Loaded(lambda: _numbers_of(table), self._format, table, self._notes())
        if isinstance(value, dict) and value and all(isinstance(item, list) for item in value.values()):
            columns = {name: self.value(item, (name,)) for name, item in value.items()}
            table = self._settled(_as_table(columns, self._where))
            if all(isinstance(column, Tensor) for column in columns.values()):
                shown: dict[str, Any] = columns if table is None else dict(table.items())
                return Loaded(Bundle(shown), self._format, table, self._notes())
            if table is not None:
                return Loaded(lambda: _numbers_of(table), self._format, table, self._notes())
            return Loaded(columns, self._format, None, self._notes())
        converted = self.value(value, ())
        if isinstance(converted, (bool, int, float)):
            converted = wrap(np.array(converted))
        if isinstance(converted, Tensor) and self.missing and self._options.na == "drop" and converted.ndim:
            array = converted.host_array()
            kept = ~np.isnan(array.reshape(len(array), -1)).any(1)
            converted = wrap(array[kept])
        return Loaded(converted, self._format, None, self._notes())

    def _notes(self) -> list[str]:
        count = self.missing
        if not count or self._options.na is not None:
            return []
        return [f"{self._where}: {count} missing {'cell is' if count == 1 else 'cells are'} nan"]

    def _settled(self, table: Table | None) -> Table | None:
        """The columns that were asked for, without the rows that ``--na drop`` drops."""
        if table is None:
            return None
        if self._options.columns is not None:
            chosen = chosen_columns(self._options.columns, table.names, len(table.names))
            table = table.getitem([table.names[index] for index in chosen])
        if self._options.na == "drop" and self.missing:
            kept = np.ones(table.rows, bool)
            for column in table.values():
                if isinstance(column, Tensor) and column.dtype.is_floating_point:
                    kept &= ~np.isnan(column.host_array().reshape(table.rows, -1)).any(1)
            table = table.take(kept)
        return table

    # ------------------------------------------------------------ values

    def value(self, value: Any, path: Path) -> Any:
        """A tensor for numbers, a column for texts, a table for records; other values as Python's."""
        if isinstance(value, list):
            return self._records(value, path) if _is_records(value) else self._array(value, path)
        if isinstance(value, dict):
            return {name: self.value(item, (*path, name)) for name, item in value.items()}
        if type(value) is int and not _LEAST <= value < _BEYOND:
            raise self._fault(path, _beyond(value))
        return value

    def _array(self, values: list[Any], path: Path) -> Any:
        """A tensor, a column of texts, or a list where the items have nothing in common."""
        found = self._column(values, lambda inner: (*path, *inner))
        if found is None:
            return [self.value(item, (*path, index)) for index, item in enumerate(values)]
        return found

    def _column(self, values: list[Any], full: Callable[[Path], Path]) -> Tensor | TextColumn | None:
        """Numbers, or texts with null as the empty one; ``full`` makes a path within them one in the text."""
        kinds = set(map(type, values))
        if kinds <= _NUMBERS or list in kinds:
            array = self._rectangle(values, full)
            return None if array is None else wrap(array)
        if kinds <= {str, type(None)}:
            return TextColumn(["" if value is None else value for value in values])
        return None

    def _rectangle(self, values: list[Any], full: Callable[[Path], Path]) -> Any:
        """The array of nested lists of numbers; None where there are other things than numbers in them."""
        depth = len(_shape_of(values))
        if depth > _DEEPEST:
            raise self._fault(full(()), f"{depth} dimensions; a tensor has at most {_DEEPEST}")
        array: Any = None
        try:
            array = np.array(values)
        except OverflowError:
            pass
        except ValueError:
            if not set(map(type, _leaves(values))) <= _NUMBERS:
                return None
            ragged = _ragged(values, _shape_of(values), ())
            if ragged is not None:
                raise self._fault(full(ragged[0]), ragged[1]) from None
        if array is not None and (array.dtype.kind in "bi" or (array.dtype.kind in "uf" and _is_safe(array))):
            return array
        leaves = _leaves(values)
        if not set(map(type, leaves)) <= _NUMBERS:
            return None
        self._check_sizes(values, leaves, full)
        if None in leaves:
            shape = _shape_of(values)
            ragged = _ragged(values, shape, ())
            if ragged is not None:
                raise self._fault(full(ragged[0]), ragged[1])
            return self._with_gaps(values, leaves, shape, full)
        if array.dtype.kind == "f" and set(map(type, leaves)) == {int}:
            return np.array(leaves, np.uint64).reshape(array.shape)  # NumPy makes floats of int64 beside uint64
        return array

    def _check_sizes(self, values: list[Any], leaves: list[Any], full: Callable[[Path], Path]) -> None:
        """Whole numbers beyond 64 bits, or of both signs beyond int64: no tensor could hold them exactly."""
        whole = [leaf for leaf in leaves if type(leaf) is int]
        if not whole:
            return
        is_mixed = min(whole) < 0 and len(whole) == len(leaves)
        least, beyond = _LEAST, 1 << 63 if is_mixed else _BEYOND
        if min(whole) < least or max(whole) >= beyond:
            odd = next(leaf for leaf in whole if not least <= leaf < beyond)
            raise self._fault(full(_path_to(values, odd)), _beyond(odd))

    def _with_gaps(self, values: list[Any], leaves: list[Any], shape: list[int], full: Callable[[Path], Path]) -> Any:
        """Numbers with nulls among them, which are nan."""
        if self._options.na == "error":
            raise self._fault(full(_path_to(values, None)), "a missing value (null)")
        self.missing += sum(leaf is None for leaf in leaves)
        numbers = [_NAN if leaf is None else leaf for leaf in leaves]
        return np.array(numbers, np.float64).reshape(shape)

    # ------------------------------------------------------------ records

    def _records(self, rows: list[Any], path: Path) -> Table:
        """A table: a column for each key of the objects, in the order in which they first come.

        An object within an object gives a column for each of its own keys: ``user.name``.
        """
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                raise self._fault((*path, index), f"{_kind(row)} among objects")
        flat = [flattened(row) for row in rows]
        keys = list(dict.fromkeys(key for row in flat for key in row))
        columns: dict[str, Any] = {}
        for name, key in zip(unique_names(map(".".join, keys)), keys, strict=True):
            columns[name] = self._record_column([row.get(key) for row in flat], key, path)
        return Table(columns, self._where, len(rows))

    def _record_column(self, values: list[Any], key: tuple[str, ...], path: Path) -> Tensor | TextColumn:
        def full(inner: Path) -> Path:
            return (*path, inner[0], *key, *inner[1:]) if inner else path

        column = self._column(values, full)
        if column is None:
            first = next(value for value in values if value is not None)
            odd = next((row for row, value in enumerate(values) if not _alike(value, first)), 0)
            raise self._fault(full((odd,)), f"{_kind(values[odd])} in a column that began with {_kind(first)}")
        return column

    # ------------------------------------------------------------ complaints

    def _fault(self, path: Path, problem: str) -> DataError:
        return data_error(self._place(path), f"{_spelled(path)}{problem}")

    def _place(self, path: Path) -> Place:
        """Where in the text a value stands."""
        position = _skip(self._text, 0)
        steps = list(path)
        if self._starts is not None and steps and isinstance(steps[0], int):
            position = self._starts[int(steps.pop(0))]
        for step in steps:
            found = _inside(self._text, position, step)
            if found is None:
                break  # a key that the object has not: the object is the place
            position = found
        return Place(self._where, *_line_and_column(self._text, position))


def _is_safe(array: Any) -> bool:
    """Whether no whole number beyond int64 can have become one of these floats or unsigned integers."""
    return not array.size or bool(np.abs(array[np.isfinite(array)]).max(initial=0) < 1 << 63)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def flattened(row: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """The values of a record by the keys that lead to them."""
    result: dict[tuple[str, ...], Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and value:
            result |= {(name, *inner): item for inner, item in flattened(value).items()}
        else:
            result[(name,)] = value if not isinstance(value, dict) else None
    return result


def _as_table(columns: dict[str, Any], where: str) -> Table | None:
    """Columns of one length as a table, where they are that."""
    good = all(
        isinstance(column, TextColumn) or (isinstance(column, Tensor) and column.ndim) for column in columns.values()
    )
    if not good or len({len(column) for column in columns.values()}) != 1:
        return None
    return Table(dict(columns), where)


def _numbers_of(table: Table | None) -> Tensor:
    """The columns of numbers side by side; one column alone is what it is."""
    assert table is not None
    numbers = [column for column in table.values() if isinstance(column, Tensor)]
    return wrap(numbers[0].host_array().copy()) if len(numbers) == 1 else table.x


def _shape_of(values: Any) -> list[int]:
    """The shape that nested lists have if they are a rectangle: that of everything that comes first."""
    shape = []
    while isinstance(values, list):
        shape.append(len(values))
        if not values:
            break
        values = values[0]
    return shape


def _ragged(value: Any, shape: list[int], path: Path) -> tuple[Path, str] | None:
    """Where nested lists leave their rectangle, and how."""
    if not shape:
        return (path, "an array, where the first item is a number") if isinstance(value, list) else None
    if not isinstance(value, list):
        return path, f"{_kind(value)}, where the first item is an array"
    if len(value) != shape[0]:
        count = f"{len(value)} {'item' if len(value) == 1 else 'items'}"
        return path, f"{count}, where the first row has {shape[0]}"
    for index, item in enumerate(value):
        found = _ragged(item, shape[1:], (*path, index))
        if found is not None:
            return found
    return None


def _leaves(values: list[Any]) -> list[Any]:
    """What nested lists hold, in order."""
    while any(isinstance(value, list) for value in values):
        values = [item for value in values for item in (value if isinstance(value, list) else (value,))]
    return values


def _path_to(values: list[Any], wanted: Any) -> Path:
    """The path to the first such value."""
    for index, value in enumerate(values):
        if value is wanted or (value == wanted and type(value) is type(wanted)):
            return (index,)
        if isinstance(value, list):
            found = _path_to(value, wanted)
            if found:
                return (index, *found)
    return ()


def _alike(value: Any, first: Any) -> bool:
    if value is None:
        return True
    if isinstance(first, (int, float)):
        return isinstance(value, (int, float))
    return type(value) is type(first)


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a number")


def _beyond(value: int) -> str:
    return f"{quoted(str(value))[1:-1]} does not fit 64 bits" if abs(value) >> 63 > 1 else f"{value} does not fit int64"


def _spelled(path: Path) -> str:
    """A path as a program would write it: ``[2].ms: ``."""
    if not path:
        return ""
    steps = [f"[{step}]" if isinstance(step, int) else f"[{quoted(step)}]" for step in path]
    return f"{''.join(steps)}: "


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _inside(text: str, position: int, step: str | int) -> int | None:
    """Where an item of the array, or the value of a key of the object, at ``position`` starts."""
    position = _skip(text, position + 1)
    count = 0
    found = None
    while text[position] not in "]}":
        if isinstance(step, str):
            name, position = _DECODER.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
            if name == step:
                found = position  # the last one counts, as for Python
        elif count == step:
            return position
        _, position = _DECODER.raw_decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
        count += 1
    return found
