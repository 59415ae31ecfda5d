"""Tables: named columns of one length, such as the ``c`` of a CSV file with a header."""

from __future__ import annotations

from weakref import ref

from tcalc.engine.backend import numpy
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn, row_choice
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tcalc.engine.grouping import Groups

    Column = Tensor | TextColumn


class Table:
    """Named columns of one length, in order: ``c.price``, ``c["unit price"]``, ``c[0]``, ``c[c.price > 3]``.

    A column may be given as a function that makes it when it is first asked for. ``headless`` says that written as
    plain text the names are left out, as in ``host<TAB>mean``.
    """

    public = (
        "delitem", "getitem", "setitem", "group", "head", "items", "keys", "names", "rows", "shape", "sort", "tail",
        "values", "x",
    )  # fmt: skip
    headless = False
    # Set by the layer that knows how tables look.
    format: Callable[[Table], str] | None = None

    __slots__ = ("_columns", "_rows", "source")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, columns: dict[str, Column | Callable[[], Column]], source: str = "", rows: int | None = None
    ) -> None:
        self._columns = columns
        self._rows = rows
        self.source = source

    # -- columns

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def keys(self) -> list[str]:
        """The columns' names."""
        return self.names

    def values(self) -> list[Column]:
        """The columns in order."""
        return [self.column(name) for name in self._columns]

    def items(self) -> list[tuple[str, Column]]:
        """Names and columns in order."""
        return [(name, self.column(name)) for name in self._columns]

    def has(self, name: str) -> bool:
        return name in self._columns

    def column(self, name: str) -> Column:
        """The column of that name; the error lists the names there are."""
        found = self._columns.get(name)
        if found is None:
            guess = closest(name, self._columns)
            hint = f"did you mean {guess!r}?" if guess else f"the columns are {', '.join(map(repr, self._columns))}"
            raise TcalcError(f"there is no column {name!r}", "AttributeError", hint=hint)
        if not isinstance(found, (Tensor, TextColumn)):
            found = self._columns[name] = found()
        return found

    def find_public(self, name: str) -> Any:
        """``c.name``: the column; where none has the name, what every table has; else the error."""
        if name in self.public and not self.has(name):
            return getattr(self, name)
        return self.column(name)

    @property
    def x(self) -> Tensor:
        """The columns of numbers side by side, as a 2-D tensor of the dtype that holds them all."""
        arrays = [column.host_array() for column in self.values() if isinstance(column, Tensor)]
        return wrap(side_by_side(arrays, self.rows))

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Table:
        """The same table with every column of numbers changed, when it is first asked for."""

        def deferred(name: str) -> Callable[[], Column]:
            def column() -> Column:
                found = self.column(name)
                return change(found) if isinstance(found, Tensor) else found

            return column

        return Table({name: deferred(name) for name in self._columns}, self.source, self._rows)

    # -- rows

    @property
    def rows(self) -> int:
        """The number of rows."""
        if self._rows is None:
            self._rows = next((len(column) for column in self.values()), 0)
        return self._rows

    @property
    def shape(self) -> Size:
        """Rows and columns."""
        return Size((self.rows, len(self._columns)))

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows, each a dictionary of its cells."""
        for row in range(self.rows):
            yield {name: column.getitem(row) if isinstance(column, TextColumn) else _element(column, row)
                   for name, column in self.items()}  # fmt: skip

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        pairs = zip(self.items(), other.items(), strict=False)
        return self.shape == other.shape and all(a == b and _same(c, d) for (a, c), (b, d) in pairs)

    def getitem(self, index: object) -> Any:
        """``c[index]``: a column by name or position, some columns by a list of names, rows by a mask or a slice."""
        if isinstance(index, str):
            return self.column(index)
        if isinstance(index, int) and not isinstance(index, bool):
            names = self.names
            if not -len(names) <= index < len(names):
                raise index_error(f"column {index} is out of bounds for a table of {len(names)} columns")
            return self.column(names[index])
        if isinstance(index, list) and index and all(isinstance(name, str) for name in index):
            return Table({name: self.column(name) for name in index}, self.source, self.rows)
        if isinstance(index, tuple):
            raise type_error("a table takes one index: rows first, then a column, as in c[c.price > 3].name")
        return self.take(row_choice(index, self.rows, "a table", "rows"))

    def take(self, rows: Any) -> Table:
        """The rows that an index of NumPy's chooses, as a table of its own; what was not made yet is not made now."""
        columns: dict[str, Any] = {name: self._taken(name, rows) for name in self._columns}
        chosen = self.like(columns)
        chosen._rows = len(numpy().empty(self.rows, bool)[rows])
        return chosen

    def _taken(self, name: str, rows: Any) -> Column | Callable[[], Column]:
        def make() -> Column:
            column = self.column(name)
            return column.take(rows) if isinstance(column, TextColumn) else wrap(column.host_array()[rows].copy())

        return make() if isinstance(self._columns[name], (Tensor, TextColumn)) else make

    def like(self, columns: dict[str, Any]) -> Table:
        """A table of other columns that prints as this one does."""
        return Table(columns, self.source)

    def head(self, count: int = 5) -> Table:
        """The first rows."""
        return self.take(slice(0, max(count, 0)))

    def tail(self, count: int = 5) -> Table:
        """The last rows."""
        return self.take(slice(max(self.rows - max(count, 0), 0), None))

    def sort(self, *names: str, descending: bool = False) -> Table:
        """The rows in the order of one or more columns; equal rows keep theirs, nan comes last."""
        if not names:
            raise type_error("sort expects the name of a column")
        keys = [_sort_key(self._key(name), descending) for name in names]
        return self.take(numpy().lexsort(keys[::-1]))

    def group(self, *names: Any) -> Groups:
        """The rows by the values of one or more columns: ``c.group("host").ms.mean()``."""
        from tcalc.engine.grouping import Groups

        if not names:
            raise type_error("group expects the name of a column")
        if len(names) == 1 and self._are_names(names[0]):
            names = tuple(names[0])
        labels = [name if isinstance(name, str) else "group" for name in names]
        if len(set(labels)) < len(labels):
            raise TcalcError("group expects each column once", "ValueError")
        return Groups(self, labels, [self._key(name) for name in names])

    def _are_names(self, key: object) -> bool:
        """Whether these are several columns, as other libraries take them, and no values of one."""
        return isinstance(key, (list, tuple)) and len(key) > 0 and all(isinstance(k, str) and self.has(k) for k in key)

    def _key(self, key: object) -> Column:
        """A column by its name, or the very values of one."""
        column = self.column(key) if isinstance(key, str) else _as_column(key, self.rows)
        if isinstance(column, Tensor) and column.ndim != 1:
            raise type_error("rows are ordered and grouped by columns of one dimension")
        return column

    # -- changing

    def setitem(self, name: object, values: object) -> None:
        """``c["total"] = c.price * c.n``: a column more, or another one in its place."""
        if not isinstance(name, str):
            raise type_error(f"a column is set by its name, not by {type(name).__name__}")
        others = any(other != name for other in self._columns)
        self._columns[name] = _as_column(values, self.rows if others else None)
        if not others:
            self._rows = None

    def delitem(self, name: object) -> None:
        """``del c["total"]``."""
        if not isinstance(name, str):
            raise type_error(f"a column is deleted by its name, not by {type(name).__name__}")
        rows = self.rows
        self.column(name)  # which complains where there is none
        del self._columns[name]
        self._rows = rows if self._columns else 0

    def set_public(self, name: str, values: object) -> None:
        """``c.total = c.price * c.n``."""
        self.setitem(name, values)

    def public_names(self) -> list[str]:
        """What completion offers."""
        return [*self.names, *(name for name in self.public if not name.endswith("item"))]

    def __repr__(self) -> str:
        if Table.format is not None:
            return Table.format(self)
        return f"table of {self.rows} {'row' if self.rows == 1 else 'rows'}: {', '.join(map(repr, self._columns))}"


class Summary(Table):
    """A table of one row a group. A key alone is an index too: ``c.group("host").ms.mean()["web1"]``."""

    headless = True
    __slots__ = ("_key_count",)

    def __iter__(self) -> Iterator[Any]:
        """Keys and results as tuples: ``for host, mean in c.group("host").ms.mean()``, or ``dict(…)`` of it."""
        columns = self.values()
        cells = [column.cells if isinstance(column, TextColumn) else list(column) for column in columns]
        for place, column in enumerate(columns[: self._key_count]):
            if isinstance(column, Tensor):
                cells[place] = column.host_array().tolist()
        return zip(*cells, strict=True)

    def __init__(self, columns: dict[str, Any], key_count: int) -> None:
        super().__init__(columns)
        self._key_count = key_count

    def like(self, columns: dict[str, Any]) -> Table:
        return Summary(columns, self._key_count)

    def getitem(self, index: object) -> Any:
        if isinstance(index, str) and self._key_count == 1 and not self.has(index):
            keys = self.values()[0]
            if isinstance(keys, TextColumn):
                found = keys.equals(index).host_array().nonzero()[0]
                if len(found) and len(self._columns) == 2:
                    value = self.values()[1]
                    row = int(found[0])
                    return value.getitem(row) if isinstance(value, TextColumn) else _element(value, row)
        return super().getitem(index)


def _element(column: Tensor, row: int) -> Tensor:
    return column.as_view(column.shape[1:], column.stride[1:], column.offset + row * column.stride[0])


def _same(first: Column, second: Column) -> bool:
    if isinstance(first, TextColumn) or isinstance(second, TextColumn):
        return isinstance(first, TextColumn) and isinstance(second, TextColumn) and first.cells == second.cells
    return bool((first.host_array() == second.host_array()).all())


def _as_column(values: object, rows: int | None) -> Column:
    """Values of the language as a column: one a row, or one for all."""
    if isinstance(values, str):
        values = TextColumn([values] * (rows or 0))
    elif isinstance(values, (bool, int, float, complex)):
        values = wrap(numpy().full(rows or 0, values))
    elif isinstance(values, (list, tuple)):
        values = _listed(values)
    elif hasattr(type(values), "__array_interface__"):
        values = wrap(numpy().array(values))
    if isinstance(values, Tensor) and not values.ndim:
        values = wrap(numpy().repeat(values.host_array(), rows or 0))
    if not isinstance(values, (Tensor, TextColumn)):
        raise type_error(f"a column is a tensor or texts, not {type(values).__name__}")
    if rows is not None and len(values) != rows:
        raise TcalcError(f"a column of {len(values)} does not fit a table of {rows} rows", "ValueError")
    return values


def _listed(values: list[Any] | tuple[Any, ...]) -> Column:
    if all(isinstance(value, str) for value in values):
        return TextColumn(values)
    plain = [value.scalar() if isinstance(value, Tensor) and not value.ndim else value for value in values]
    if not all(isinstance(value, (bool, int, float, complex)) for value in plain):
        raise type_error("a column is all numbers or all texts")
    return wrap(numpy().array(plain))


def _sort_key(column: Column, descending: bool) -> Any:
    """Numbers that order the rows as the column does; nan is last whichever way."""
    np = numpy()
    if isinstance(column, TextColumn):
        ranks = column.codes
    else:
        array = column.host_array()
        different, ranks = np.unique(array, return_inverse=True)
        if array.dtype.kind in "fc" and descending and len(different) and different[-1] != different[-1]:
            ranks = np.where(np.isnan(array), -1, ranks)
    return -ranks if descending else ranks


def side_by_side(arrays: list[Any], rows: int) -> Any:
    """Columns as one 2-D array of the dtype that holds them all; a column that is 2-D itself brings all of its own."""
    np = numpy()
    if not arrays:
        return np.empty((rows, 0), np.float64)
    widths = [1 if array.ndim == 1 else array.shape[1] for array in arrays]
    dtype = np.result_type(*(array.dtype for array in arrays))
    current().meter.allocate(rows * sum(widths) * dtype.itemsize, "the table")
    joined: Any = np.empty((rows, sum(widths)), dtype)
    start = 0
    for array, width in zip(arrays, widths, strict=True):
        joined[:, start : start + width] = array.reshape(rows, width)
        start += width
    return joined


# The table that a tensor of an input with a name of its own was read from, by the tensor's id; gone with the tensor.
_tables: dict[int, tuple[ref[Tensor], Table]] = {}


def attach(tensor: Tensor, table: Table) -> None:
    """Let a tensor stand for the table's columns too: ``sales.price`` beside ``sales.mean(0)``."""
    key = id(tensor)
    _tables[key] = (ref(tensor, lambda _: _tables.pop(key, None)), table)


def table_of(tensor: Tensor) -> Table | None:
    found = _tables.get(id(tensor))
    return found[1] if found is not None else None


def unique_names(names: Iterable[str]) -> list[str]:
    """The names of a header, each once: an empty one says its position, a second ``a`` is ``a_2``."""
    taken: set[str] = set()
    result = []
    for position, name in enumerate(names, 1):
        base = name or f"column{position}"
        candidate, turn = base, 1
        while candidate in taken:
            turn += 1
            candidate = f"{base}_{turn}"
        taken.add(candidate)
        result.append(candidate)
    return result
