"""JSON lines a row at a time, as they come."""

from __future__ import annotations

import json

from tcalc.engine.row import TableRow
from tcalc.engine.table import unique_names
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import DataError, TcalcError
from tcalc.formats.json_read import Reading, flattened
from tcalc.formats.lines import blocks
from tcalc.formats.loaded import Place, data_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source

_NUMBERS = (bool, int, float)


class JsonRow:
    """A line that holds one value: an array of numbers is ``x``, the members of an object are ``c``."""

    __slots__ = ("_parsed", "_rows", "_value", "line", "number")

    def __init__(self, rows: JsonRows, line: str, number: int) -> None:
        self._rows = rows
        self._parsed = False
        self._value: Any = None
        self.line = line
        self.number = number

    @property
    def place(self) -> Place:
        return Place(self._rows.where, self.number)

    @property
    def value(self) -> Any:
        """What the line says, as Python has it."""
        if not self._parsed:
            try:
                self._value = json.loads(self.line)
            except json.JSONDecodeError as fault:
                problem = f"this is no JSON: {fault.msg[:1].lower()}{fault.msg[1:]}"
                raise data_error(Place(self._rows.where, self.number, fault.colno), problem) from None
            except (RecursionError, ValueError):
                raise data_error(self.place, "nested too deeply, or a number of too many digits") from None
            self._parsed = True
        return self._value

    def x(self) -> Tensor:
        """The numbers: of an array, the number itself, or those among the members of an object."""
        value = self.value
        if isinstance(value, dict):
            value = [item for item in flattened(value).values() if item is None or isinstance(item, _NUMBERS)]
        found = self._rows.converted(self, value)
        if not isinstance(found, Tensor):
            raise data_error(self.place, "there are no numbers of one shape in this row")
        return self._rows.widened(None, found)

    def c(self) -> TableRow:
        """The members of the object; those of an object within it as ``c["user.name"]``."""
        if not isinstance(self.value, dict):
            hint = "c holds the members of an object, and this row is none"
            raise TcalcError("name 'c' is not defined", "NameError", hint=hint)
        members = flattened(self.value)
        paths = list(members)
        names = unique_names(map(".".join, paths))

        def value_at(index: int) -> Any:
            found = self._rows.converted(self, members[paths[index]], paths[index])
            return self._rows.widened(names[index], found) if isinstance(found, Tensor) else found

        return TableRow(names, value_at)


class JsonRows:
    """The rows of a stream of JSON."""

    def __init__(self, source: Source, options: TextOptions) -> None:
        self.where = source.name
        self._source = source
        self._options = options
        self._missing = 0
        self._floats: set[str | None] = set()  # the members, and None for x, that had a number that is not whole

    @property
    def notes(self) -> list[str]:
        if not self._missing or self._options.na is not None:
            return []
        return [f"{self.where}: {self._missing} missing {'cell is' if self._missing == 1 else 'cells are'} nan"]

    def __iter__(self) -> Iterator[JsonRow]:
        for block in blocks(self._source):
            for number, line in block.lines():
                if not line or line.isspace():
                    continue
                row = JsonRow(self, line, number)
                if self._options.na != "drop" or not _has_null(row.value):
                    yield row

    def converted(self, row: JsonRow, value: Any, path: tuple[str, ...] = ()) -> Any:
        """A value of a row, to which the path leads, in the language: a tensor for numbers, text as it is."""
        if value is None or isinstance(value, _NUMBERS):
            return wrap(self._convert(row, [value], path).host_array().reshape(()))
        return self._convert(row, value, path)

    def _convert(self, row: JsonRow, value: Any, path: tuple[str, ...]) -> Any:
        reading = Reading(row.line, self.where, "jsonl", self._options, [0])
        try:
            found = reading.value(value, (0, *path))
        except DataError:
            # Again, with the line in its place, so that the complaint names it.
            before = "\n" * (row.number - 1)
            again = Reading(before + row.line, self.where, "jsonl", self._options, [len(before)])
            found = again.value(value, (0, *path))
        self._missing += reading.missing
        return found

    def widened(self, name: str | None, tensor: Tensor) -> Tensor:
        """Whole numbers as floats, once one of them was not whole."""
        array = tensor.host_array()
        if array.dtype.kind == "f":
            self._floats.add(name)
        elif array.dtype.kind in "iu" and name in self._floats:
            return wrap(array.astype("float64"))
        return tensor


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(_has_null, value)))
