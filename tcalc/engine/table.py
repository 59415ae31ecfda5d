"""The columns of a table with a header: what ``c`` is. Plain data; tensors, and columns of text."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class TextColumn:
    """A column of text: it compares, is indexed by numbers, slices and masks, and lists its different cells."""

    public = ("getitem", "isin", "tolist", "unique")

    __slots__ = ("cells",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, cells: Sequence[str]) -> None:
        self.cells = list(cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __contains__(self, text: object) -> bool:
        return text in self.cells

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return self.equals(other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return self.differs(other)

    def equals(self, other: object) -> Tensor:
        """A mask of the cells that are the text ``other``, or the same as in another column."""
        if isinstance(other, TextColumn):
            if len(other) != len(self):
                raise TcalcError(f"a text column of {len(self)} cells does not compare with one of {len(other)}")
            return _mask([cell == their for cell, their in zip(self.cells, other.cells, strict=True)])
        if not isinstance(other, str):
            raise type_error(f"a text column compares with text, not with {_kind(other)}")
        return _mask([cell == other for cell in self.cells])

    def differs(self, other: object) -> Tensor:
        """The opposite mask of :meth:`equals`."""
        same = self.equals(other)
        return wrap(~same.host_array())

    def isin(self, texts: Sequence[str]) -> Tensor:
        """A mask of the cells that are one of ``texts``."""
        wanted = set(texts)
        return _mask([cell in wanted for cell in self.cells])

    def unique(self) -> list[str]:
        """The different cells, sorted."""
        return sorted(set(self.cells))

    def tolist(self) -> list[str]:
        return list(self.cells)

    def getitem(self, index: object) -> str | TextColumn:
        """``column[index]``: a cell for a number, a column for a slice, a mask or a tensor of positions."""
        if isinstance(index, slice):
            return TextColumn(self.cells[index])
        if isinstance(index, Tensor) and index.ndim:
            return TextColumn([self.cells[position] for position in self._positions(index)])
        if isinstance(index, (int, Tensor)):
            position = int(index)
            if not -len(self) <= position < len(self):
                raise index_error(f"index {position} is out of bounds for a text column of {len(self)} cells")
            return self.cells[position]
        raise type_error(f"a text column is indexed by numbers, slices and masks, not by {_kind(index)}")

    def _positions(self, index: Tensor) -> list[int]:
        array = index.host_array()
        if index.ndim != 1 or array.dtype.kind not in "bui":
            raise index_error("a text column is indexed by one dimension of bools or integers")
        if array.dtype.kind == "b":
            if len(array) != len(self):
                raise index_error(f"a mask of {len(array)} does not fit a text column of {len(self)} cells")
            return array.nonzero()[0].tolist()
        positions = array.tolist()
        for position in positions:
            if not -len(self) <= position < len(self):
                raise index_error(f"index {position} is out of bounds for a text column of {len(self)} cells")
        return positions

    def __repr__(self) -> str:
        shown = self.cells if len(self) <= 10 else [*self.cells[:3], "...", *self.cells[-3:]]
        return f"text column of {len(self)} cells: {', '.join('...' if s == '...' else repr(s) for s in shown)}"


class Table:
    """Named columns of one length, in order: ``c.price``, ``c["unit price"]``, ``c[0]``."""

    public = ("getitem", "names")

    __slots__ = ("_columns", "source")

    def __init__(self, columns: dict[str, Tensor | TextColumn], source: str = "") -> None:
        self._columns = columns
        self.source = source

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def __len__(self) -> int:
        """The number of rows."""
        for column in self._columns.values():
            return len(column)
        return 0

    def has(self, name: str) -> bool:
        return name in self._columns

    def column(self, name: str) -> Tensor | TextColumn:
        """The column of that name; the error lists the names there are."""
        found = self._columns.get(name)
        if found is None:
            guess = closest(name, self._columns)
            hint = f"did you mean {guess!r}?" if guess else f"the columns are {', '.join(map(repr, self._columns))}"
            raise TcalcError(f"there is no column {name!r}", "AttributeError", hint=hint)
        return found

    def getitem(self, index: object) -> Tensor | TextColumn:
        """``c[index]``: a column by name or by position from 0."""
        if isinstance(index, str):
            return self.column(index)
        if isinstance(index, int) and not isinstance(index, bool):
            names = self.names
            if not -len(names) <= index < len(names):
                raise index_error(f"column {index} is out of bounds for a table of {len(names)} columns")
            return self._columns[names[index]]
        raise type_error(f"columns are chosen by name or number, not by {_kind(index)}")

    def items(self) -> list[tuple[str, Tensor | TextColumn]]:
        return list(self._columns.items())

    def __repr__(self) -> str:
        kinds = ", ".join(f"{name!r} {_column_kind(column)}" for name, column in self._columns.items())
        return f"table of {len(self)} {'row' if len(self) == 1 else 'rows'}: {kinds}"


# The table that a tensor of an input with a name of its own was read from; gone with the tensor.
_tables: WeakKeyDictionary[Tensor, Table] = WeakKeyDictionary()


def attach(tensor: Tensor, table: Table) -> None:
    """Let a tensor stand for the table's columns too: ``sales.price`` beside ``sales.mean(0)``."""
    _tables[tensor] = table


def table_of(tensor: Tensor) -> Table | None:
    return _tables.get(tensor)


def _column_kind(column: Tensor | TextColumn) -> str:
    return "text" if isinstance(column, TextColumn) else column.dtype.name


def _kind(value: object) -> str:
    return type(value).__name__


def _mask(flags: list[bool]) -> Tensor:
    from tcalc.engine.backend import numpy

    return wrap(numpy().array(flags, bool))
