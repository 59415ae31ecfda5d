"""A row of a table: what ``c`` is while rows are read one by one. Its cells are looked at when they are asked for."""

from __future__ import annotations

from tcalc.errors import TcalcError, index_error, type_error
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class TableRow:
    """One row: ``c.price``, ``c["unit price"]``, ``c[0]``; a number is a tensor without dimensions, text a string."""

    public = ("getitem", "items", "names")

    __slots__ = ("_names", "_value_at")

    def __init__(self, names: Sequence[str], value_at: Callable[[int], Any]) -> None:
        self._names = list(names)
        self._value_at = value_at

    @property
    def names(self) -> list[str]:
        return list(self._names)

    def __len__(self) -> int:
        """The number of cells."""
        return len(self._names)

    def has(self, name: str) -> bool:
        return name in self._names

    def cell(self, name: str) -> Any:
        """The value in the column of that name; the error lists the names there are."""
        if name in self._names:
            return self._value_at(self._names.index(name))
        guess = closest(name, self._names)
        hint = f"did you mean {guess!r}?" if guess else f"the columns are {', '.join(map(repr, self._names))}"
        raise TcalcError(f"there is no column {name!r}", "AttributeError", hint=hint)

    def find_public(self, name: str) -> Any:
        """``c.name``: the cell; where no column has the name, what every row has; else the error."""
        if name in self.public and not self.has(name):
            return getattr(self, name)
        return self.cell(name)

    def getitem(self, index: object) -> Any:
        """``c[index]``: a cell by its column's name or position from 0."""
        if isinstance(index, str):
            return self.cell(index)
        if isinstance(index, int) and not isinstance(index, bool):
            count = len(self._names)
            if not -count <= index < count:
                raise index_error(f"column {index} is out of bounds for a row of {count} cells")
            return self._value_at(index % count)
        raise type_error(f"the cells of a row are chosen by name or number, not by {type(index).__name__}")

    def items(self) -> list[tuple[str, Any]]:
        return [(name, self._value_at(index)) for index, name in enumerate(self._names)]

    def __repr__(self) -> str:
        return f"row of a table: {', '.join(map(repr, self._names))}"
