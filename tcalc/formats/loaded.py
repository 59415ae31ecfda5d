"""What a reader gives back, and how it complains. Formats turn bytes into tensors and know no screen."""

from __future__ import annotations

from tcalc.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.table import Table


class Loaded:
    """An input: its tensor, bundle or other value; the named columns of a table; what the user should be told.

    ``is_text`` says that the numbers were written out as digits, or are the columns of a table: a program that reads
    them computes in float64 unless it is told otherwise.
    """

    __slots__ = ("_x", "format", "is_text", "notes", "table")

    def __init__(
        self, x: Any | Callable[[], Any], format: str, table: Table | None = None, notes: list[str] | None = None
    ) -> None:
        self._x = x
        self.format = format
        self.table = table
        self.notes = notes or []
        self.is_text = format in ("text", "csv", "tsv", "json", "jsonl", "parquet", "arrow")

    @property
    def x(self) -> Any:
        """The value; the numbers of a table are put side by side when somebody asks."""
        if callable(self._x):
            self._x = self._x()
        return self._x

    def moved(self, move: Callable[[Any], Any]) -> Loaded:
        """The same with every tensor on another device, moved when it is asked for."""
        return Loaded(lambda: move(self.x), self.format, None if self.table is None else move(self.table), self.notes)

    def with_columns(self) -> Any:
        """The value under a name of the user's, which stands for the columns too: ``sales.price``."""
        if self.table is not None:
            from tcalc.engine.table import attach

            attach(self.x, self.table)
        return self.x


class TextOptions:
    """How text is read, where the user said so; None means that it is sniffed.

    ``wants_table`` is False for a program that reads no columns by name: then nobody needs to make them.
    """

    __slots__ = ("columns", "decimal", "delimiter", "header", "na", "wants_table")

    def __init__(
        self,
        delimiter: str | None = None,
        decimal: str | None = None,
        header: bool | None = None,
        columns: str | None = None,
        na: str | None = None,
        wants_table: bool = True,
    ) -> None:
        self.delimiter = delimiter
        self.decimal = decimal
        self.header = header
        self.columns = columns
        self.na = na
        self.wants_table = wants_table


class Place:
    """Where in a file a cell stands; lines and columns count from 1."""

    __slots__ = ("column", "line", "name", "where")

    def __init__(self, where: str, line: int | None = None, column: int | None = None, name: str | None = None) -> None:
        self.where = where
        self.line = line
        self.column = column
        self.name = name

    def __str__(self) -> str:
        text = self.where
        if self.line is not None:
            text += f", line {self.line}"
        if self.column is not None:
            text += f", column {self.column}"
        if self.name:
            text += f" ({self.name!r})"
        return text


def data_error(place: Place | str, message: str, *, hint: str | None = None) -> DataError:
    """The error of an input at a place."""
    return DataError(f"{place}: {message}", hint=hint)


def quoted(cell: str) -> str:
    """A cell for an error message: escaped, and cut where it is long."""
    shown = repr(cell)
    return shown if len(shown) <= 60 else shown[:56] + "..." + shown[0]
