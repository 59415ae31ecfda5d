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
from tcalc.formats.sniff import extension_of
from tcalc.formats.source import FileSource
from tcalc.formats.table import BY_EXTENSION, BY_NAME, FORMATS

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


_LONGEST = 1 << 12  # bytes of a line that are looked at to tell what it is


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
    is_text = format is None or not format.is_binary
    is_document = format is not None and format.name == "json" and not uses.line
    if is_text and not is_document and not (uses.numbers or uses.cells):
        return Lines(source)
    if format is None or format.reader == "text":
        return TextRows(source, "text" if format is None else format.name, options, uses.cells, uses.line)
    if format.name == "jsonl":
        from tcalc.formats.json_rows import JsonRows

        return JsonRows(source, options)
    return WholeRows(read(source, format.name, options), source.name)


def _recognised(source: Source, uses: Uses) -> Format | None:
    """The format; None for a stream of text."""
    for format in FORMATS:
        if any(_starts_with(source, signature) for signature in format.signatures):
            return format
    if source.path is not None and extension_of(source.path) in BY_EXTENSION:
        return sniff.recognise(source)
    if source.head(1) in (b"[", b"{"):
        return _kind_of_json(source, uses)
    if isinstance(source, FileSource) and (uses.numbers or uses.cells):
        return sniff.recognise(source)
    return None


def _kind_of_json(source: Source, uses: Uses) -> Format | None:
    """What begins like JSON: values line by line, a document over several, or a text whose lines are of interest."""
    import json

    try:
        value = json.loads(_first_line(source))
    except (ValueError, RecursionError):
        return None if uses.line else BY_NAME["json"]
    holds_rows = isinstance(value, list) and value and isinstance(value[0], (list, dict))
    return BY_NAME["json" if holds_rows else "jsonl"]


def _first_line(source: Source) -> bytes:
    """As much as matters of the first line, which is waited for."""
    count = 1
    while True:
        head = source.head(count)
        if head.endswith(b"\n") or len(head) < count or count >= _LONGEST:
            return head
        count += 1


def _starts_with(source: Source, signature: bytes) -> bool:
    """Whether the source begins so, without waiting for a byte that does not matter."""
    return all(source.head(count) == signature[:count] for count in range(1, len(signature) + 1))


class WholeRows:
    """The rows of a tensor or table that has been read as a whole."""

    def __init__(self, loaded: Loaded, where: str) -> None:
        self.notes = loaded.notes
        self._where = where
        self._table = loaded.table
        self._numbers = loaded.x
        self._count = loaded.table.rows if loaded.table is not None else 0
        if loaded.table is None:
            if not isinstance(loaded.x, Tensor) or not loaded.x.ndim:
                raise data_error(where, "there are no rows in it: it is no table, and no tensor with a dimension")
            self._count = len(loaded.x)

    def __iter__(self) -> Iterator[Row]:
        array = self._numbers.host_array()
        for number in range(self._count):
            yield _WholeRow(array, number, self._table, self._where)


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
