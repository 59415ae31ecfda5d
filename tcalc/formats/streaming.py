"""A source as rows, whatever it holds: lines of text as they come, or the rows of an array that is there as a whole."""

from __future__ import annotations

from tcalc.engine.row import TableRow
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import TcalcError
from tcalc.formats import sniff
from tcalc.formats.loaded import TextOptions, data_error
from tcalc.formats.reading import read
from tcalc.formats.rows import Lines, TextRows
from tcalc.formats.source import FileSource
from tcalc.formats.table import BY_NAME, FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    from tcalc.engine.table import Table
    from tcalc.formats.loaded import Loaded
    from tcalc.formats.source import Source
    from tcalc.formats.table import Format

    class Row(Protocol):
        """What a program may ask about a row; ``place`` is for messages."""

        @property
        def line(self) -> str: ...
        @property
        def place(self) -> object: ...
        def x(self) -> Tensor: ...
        def c(self) -> TableRow: ...

    class Rows(Protocol):
        """The rows of a source, and afterwards what the user should be told about them."""

        @property
        def notes(self) -> list[str]: ...
        def __iter__(self) -> Iterator[Row]: ...


class Uses:
    """What a program looks at in a row: the less, the less is done."""

    __slots__ = ("cells", "line", "numbers")

    def __init__(self, numbers: bool, cells: bool, line: bool) -> None:
        self.numbers = numbers
        self.cells = cells
        self.line = line


def rows_of(source: Source, stated: str | None, options: TextOptions, uses: Uses) -> Rows:
    """The rows of a source. Nothing is read ahead of the first line unless the format takes it."""
    format = BY_NAME[stated] if stated is not None else _recognised(source, uses)
    if format is not None and format.reader != "text":
        return WholeRows(read(source, format.name, options), source.name)
    if not (uses.numbers or uses.cells):
        return Lines(source)
    name = "text" if format is None else format.name
    return TextRows(source, name, options, uses.cells, uses.line)


def _recognised(source: Source, uses: Uses) -> Format | None:
    """The format; None for a stream of text."""
    if isinstance(source, FileSource) and (uses.numbers or uses.cells):
        return sniff.recognise(source)
    for format in FORMATS:
        if any(_starts_with(source, signature) for signature in format.signatures):
            return format
    return None


def _starts_with(source: Source, signature: bytes) -> bool:
    """Whether the source begins so, without waiting for a byte that does not matter."""
    return all(source.head(count) == signature[:count] for count in range(1, len(signature) + 1))


class WholeRows:
    """The rows of a tensor or table that has been read as a whole."""

    def __init__(self, loaded: Loaded, where: str) -> None:
        self.notes = loaded.notes
        self._loaded = loaded
        self._where = where
        if not isinstance(loaded.x, Tensor) or not loaded.x.ndim:
            raise data_error(where, "there are no rows in it: it is no tensor with a dimension")

    def __iter__(self) -> Iterator[Row]:
        array = self._loaded.x.host_array()
        for number in range(len(array)):
            yield _WholeRow(array, number, self._loaded.table, self._where)


class _WholeRow:
    __slots__ = ("_array", "_number", "_table", "_where")

    def __init__(self, array: Any, number: int, table: Table | None, where: str) -> None:
        self._array = array
        self._number = number
        self._table = table
        self._where = where

    @property
    def place(self) -> str:
        return f"{self._where}, row {self._number}"

    @property
    def line(self) -> str:
        raise TcalcError("name 'line' is not defined", "NameError", hint="only rows of text have a line")

    def x(self) -> Tensor:
        return wrap(self._array[self._number, ...])

    def c(self) -> TableRow:
        if self._table is None:
            hint = "c holds the columns of a table with a header; this input has none"
            raise TcalcError("name 'c' is not defined", "NameError", hint=hint)
        columns = [column for _, column in self._table.items()]

        def value_at(index: int) -> Any:
            column = columns[index]
            if isinstance(column, TextColumn):
                return column.getitem(self._number)
            return wrap(column.host_array()[self._number, ...])

        return TableRow(self._table.names, value_at)
