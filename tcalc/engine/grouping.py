"""The rows of a table by the values of its columns, and what is worked out a group."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.engine.state import current, warned_once
from tcalc.engine.table import Summary, Table
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.engine.table import Column


# The methods that answer with one number, and along a dimension with that number for every row.
ALONG_ROWS = frozenset((
    "all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "max", "mean", "median", "min", "nanmean",
    "nanmedian", "nanquantile", "nansum", "prod", "quantile", "std", "sum", "var",
))  # fmt: skip


class Groups:
    """Rows that have the same key together, in the order of the keys.

    ``groups.ms`` is a column a group, ``groups["web1"]`` the table of one group, and a loop gives keys and tables. Any
    method of a tensor that answers with one number (``mean``, ``max``, ``quantile``, …) gives a table of a number a
    group, for one column or, called on the groups themselves, for every column of numbers.
    """

    public = ("getitem", "items", "keys", "size")
    __slots__ = ("_keys", "_names", "_order", "_starts", "_table")

    def __init__(self, table: Table, names: list[str], columns: list[Column]) -> None:
        np = numpy()
        self._table = table
        self._names = names
        codes: Any = None
        for column in columns:
            if isinstance(column, TextColumn):
                own, count = column.codes, len(column.labels)
            else:
                different, own = np.unique(column.host_array(), return_inverse=True)
                count = len(different)
            # Numbered anew after each column, so that they never outgrow an int64.
            codes = own if codes is None else np.unique(codes * count + own, return_inverse=True)[1]
        self._order = np.argsort(codes, kind="stable")
        ordered = codes[self._order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        firsts = self._order[self._starts]
        self._keys: list[Column] = [
            column.take(firsts) if isinstance(column, TextColumn) else wrap(column.host_array()[firsts])
            for column in columns
        ]

    def __len__(self) -> int:
        return len(self._starts)

    def keys(self) -> list[Any]:
        """What the groups have in common: a value each, or a tuple where there are several columns."""
        parts = [key.cells if isinstance(key, TextColumn) else key.host_array().tolist() for key in self._keys]
        return parts[0] if len(parts) == 1 else list(zip(*parts, strict=True))

    def _rows(self) -> Iterator[Any]:
        """Each group's positions in the table."""
        step = current().meter.step
        for rows in numpy().split(self._order, self._starts[1:]) if len(self) else ():
            step()
            yield rows

    def _rows_by_size(self) -> Iterator[tuple[Any, Any]]:
        """The groups of one size: which they are, and their positions in the table, a row a group."""
        np = numpy()
        step = current().meter.step
        sizes = np.diff(self._starts, append=len(self._order))
        for size in np.unique(sizes):
            step()
            chosen = np.flatnonzero(sizes == size)
            yield chosen, self._order[self._starts[chosen, None] + np.arange(size)]

    def items(self) -> list[tuple[Any, Table]]:
        """Every key with the table of its rows."""
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, Table]]:
        for key, rows in zip(self.keys(), self._rows(), strict=True):
            yield key, self._table.take(rows)

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def getitem(self, key: object) -> Table:
        """``groups[key]``: the rows of one group."""
        if isinstance(key, Tensor) and not key.ndim:
            key = key.scalar()
        keys = self.keys()
        if key not in keys:
            raise TcalcError(repr(key), "KeyError")
        place = keys.index(key)
        ends = [*self._starts[1:].tolist(), len(self._order)]
        return self._table.take(self._order[int(self._starts[place]) : ends[place]])

    def size(self) -> Summary:
        """How many rows each group has."""
        counts = numpy().diff(self._starts, append=len(self._order))
        return self._summary({"size": wrap(counts.astype("int64"))})

    def find_public(self, name: str) -> Any:
        """A column of the table, a group each; where none has the name, a method for every column of numbers."""
        if self._table.has(name):
            return GroupedColumn(self, name, self._table.column(name))
        if name in self.public:
            return getattr(self, name)
        if name.startswith("_") or not _is_method(name):
            self._table.column(name)  # which says what there is
        return lambda *args, **kwargs: self._every_column(name, args, kwargs)

    def _every_column(self, name: str, args: Any, kwargs: Any) -> Summary:
        columns = [
            (label, GroupedColumn(self, label, column))
            for label, column in self._table.items()
            if isinstance(column, Tensor) and label not in self._names
        ]
        results = {label: column.values(name, args, kwargs) for label, column in columns}
        if any(isinstance(result, list) for result in results.values()):
            raise TcalcError(f"{name} does not give one number a group", "TypeError")
        return self._summary(results)

    def _summary(self, results: dict[str, Any]) -> Summary:
        keys = dict(zip(self._names, self._keys, strict=True))
        return Summary(
            keys | {label if label not in keys else f"{label}_2": v for label, v in results.items()}, len(keys)
        )

    def __repr__(self) -> str:
        return f"{len(self)} {'group' if len(self) == 1 else 'groups'} by {', '.join(self._names)}"


class GroupedColumn:
    """One column of a table, a piece a group."""

    public = ("first", "getitem", "keys", "last")
    __slots__ = ("_column", "_groups", "_name")

    def __init__(self, groups: Groups, name: str, column: Column) -> None:
        self._groups = groups
        self._name = name
        self._column = column

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[tuple[Any, Column]]:
        return zip(self.keys(), self._parts(), strict=True)

    def keys(self) -> list[Any]:
        return self._groups.keys()

    def getitem(self, key: object) -> Column:
        """The piece of one group."""
        return self._groups.getitem(key).column(self._name)

    def first(self) -> Summary:
        """The first cell of each group."""
        return self._at(self._groups._starts)

    def last(self) -> Summary:
        """The last cell of each group."""
        return self._at(numpy().append(self._groups._starts[1:], len(self._groups._order)) - 1)

    def _at(self, places: Any) -> Summary:
        rows = self._groups._order[places]
        column = self._column
        found = column.take(rows) if isinstance(column, TextColumn) else wrap(column.host_array()[rows])
        return self._groups._summary({self._name: found})

    def find_public(self, name: str) -> Any:
        """A method of the pieces, called on each."""
        if name in self.public:
            return getattr(self, name)
        known = name in TextColumn.public if isinstance(self._column, TextColumn) else _is_method(name)
        if name.startswith("_") or not known:
            what = "text" if isinstance(self._column, TextColumn) else "numbers"
            raise TcalcError(f"a grouped column of {what} has no method '{name}'", "AttributeError")
        return lambda *args, **kwargs: self._apply(name, args, kwargs)

    def _apply(self, name: str, args: Any, kwargs: Any) -> Any:
        results = self.values(name, args, kwargs)
        if isinstance(results, list):
            return dict(zip(self.keys(), results, strict=True))
        return self._groups._summary({self._name: results})

    def values(self, name: str, args: Any, kwargs: Any) -> Column | list[Any]:
        """What a method answers for each group: a column of numbers or texts, or a list of other things."""
        column = self._column
        if name in ALONG_ROWS and isinstance(column, Tensor) and column.ndim == 1 and len(self):
            at_once = self._along_rows(column, name, args, kwargs)
            if at_once is not None:
                return at_once
        with warned_once():
            results = [getattr(part, name)(*args, **kwargs) for part in self._parts()]
        if results and all(isinstance(result, Tensor) and not result.ndim for result in results):
            return wrap(numpy().array([result.host_array() for result in results]))
        if results and all(isinstance(result, str) for result in results):
            return TextColumn(results)
        return results or wrap(numpy().empty(0))

    def _along_rows(self, column: Tensor, name: str, args: Any, kwargs: Any) -> Tensor | None:
        """The numbers of all groups, those of one size computed together; None where the arguments ask for more.

        A file has up to as many groups as rows, but never many sizes of them: n rows make fewer than sqrt(2 n).
        """
        named = {"dim", "axis", "keepdim", "keepdims", "out"} & kwargs.keys()
        if named or (args if "quantile" not in name else len(args) != 1 or isinstance(args[0], Tensor)):
            return None
        elements = column.host_array()
        answer: Any = None
        with warned_once():
            for chosen, rows in self._groups._rows_by_size():
                found = getattr(wrap(elements[rows]), name)(*args, **kwargs, dim=1)
                numbers = found if isinstance(found, Tensor) else found[0]
                if answer is None:
                    answer = numpy().empty(len(self), numbers.host_array().dtype)
                answer[chosen] = numbers.host_array()
        return wrap(answer)

    def _parts(self) -> Iterator[Column]:
        column = self._column
        take = column.take if isinstance(column, TextColumn) else lambda rows: wrap(column.host_array()[rows])
        return (take(rows) for rows in self._groups._rows())

    def __repr__(self) -> str:
        return f"{self._name!r} in {self._groups!r}"


def _is_method(name: str) -> bool:
    """Whether tensors have a method of that name; the outer layers know."""
    probe: Callable[[Tensor, str], Any] | None = Tensor.find_attribute
    if probe is None:
        return False
    try:
        return callable(probe(wrap(numpy().zeros(1)), name))
    except (AttributeError, TcalcError):
        return False
