"""A column of text: its different cells once, sorted, and for each row which of them it is.

So comparing, choosing, grouping and sorting a million cells is work on small integers, and a column that nobody
looks at is never taken apart at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from tcalc.engine.backend import numpy
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, index_error, type_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any


class TextColumn:
    """Text cells: they compare as texts do, are indexed by numbers, slices and masks, and list their different values.

    ``labels`` are the different texts in order (after a choice of rows, perhaps some that no row has any more) and
    ``codes`` the label's number for each row.
    """

    public = (
        "contains", "endswith", "getitem", "isin", "lengths", "lower", "max", "min", "sort", "startswith", "strip",
        "tolist", "unique", "upper",
    )  # fmt: skip

    __slots__ = ("_codes", "_encode", "_labels", "_length")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, cells: Iterable[str]) -> None:
        kept = list(cells)
        self._length = len(kept)
        self._encode: Callable[[], tuple[list[str], Any]] | None = lambda: encoded(kept)
        self._labels: list[str] = []
        self._codes: Any = None

    @classmethod
    def deferred(cls, length: int, encode: Callable[[], tuple[list[str], Any]]) -> TextColumn:
        """A column whose labels (sorted) and codes are worked out when they are first asked for."""
        column = cls(())
        column._length, column._encode = length, encode
        return column

    @classmethod
    def coded(cls, labels: list[str], codes: Any) -> TextColumn:
        """A column of sorted labels and a code a row."""
        column = cls(())
        column._length, column._encode = len(codes), None
        column._labels, column._codes = labels, codes
        return column

    # -- what it holds

    @property
    def labels(self) -> list[str]:
        self._settle()
        return self._labels

    @property
    def codes(self) -> Any:
        self._settle()
        return self._codes

    def _settle(self) -> None:
        if self._encode is not None:
            self._labels, self._codes = self._encode()
            self._encode = None

    @property
    def cells(self) -> list[str]:
        """Every cell's text."""
        labels = self.labels
        return [labels[code] for code in self.codes.tolist()]

    def tolist(self) -> list[str]:
        return self.cells

    def unique(self) -> list[str]:
        """The different cells, sorted."""
        labels = self.labels
        return [labels[code] for code in numpy().unique(self.codes).tolist()]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        labels = self.labels
        return (labels[code] for code in self.codes.tolist())

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and bool(self.equals(text).host_array().any())

    # -- masks

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return self.equals(other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return self.differs(other)

    def __lt__(self, other: str) -> Tensor:
        return wrap(self._codes_in(other) < bisect_left(self.labels, other))

    def __le__(self, other: str) -> Tensor:
        return wrap(self._codes_in(other) < bisect_right(self.labels, other))

    def __gt__(self, other: str) -> Tensor:
        return wrap(self._codes_in(other) >= bisect_right(self.labels, other))

    def __ge__(self, other: str) -> Tensor:
        return wrap(self._codes_in(other) >= bisect_left(self.labels, other))

    def _codes_in(self, other: object) -> Any:
        if not isinstance(other, str):
            raise type_error(f"a text column compares with text, not with {_kind(other)}")
        return self.codes

    def equals(self, other: object) -> Tensor:
        """A mask of the cells that are the text ``other``, or the same as in another column."""
        if isinstance(other, TextColumn):
            if len(other) != len(self):
                raise TcalcError(f"a text column of {len(self)} cells does not compare with one of {len(other)}")
            mine = {label: code for code, label in enumerate(self.labels)}
            theirs = numpy().array([mine.get(label, -1) for label in other.labels], "int64")
            return wrap(self.codes == theirs[other.codes] if len(other) else numpy().empty(0, bool))
        if not isinstance(other, str):
            raise type_error(f"a text column compares with text, not with {_kind(other)}")
        place = bisect_left(self.labels, other)
        if place == len(self.labels) or self.labels[place] != other:
            place = -1
        return wrap(self.codes == place)

    def differs(self, other: object) -> Tensor:
        """The opposite mask of :meth:`equals`."""
        return wrap(~self.equals(other).host_array())

    def isin(self, texts: Iterable[str]) -> Tensor:
        """A mask of the cells that are one of ``texts``."""
        if isinstance(texts, str):
            raise type_error("isin expects a list of texts, not one text")
        wanted = set(texts)
        return self._where(wanted.__contains__)

    def contains(self, text: str) -> Tensor:
        """A mask of the cells that have ``text`` somewhere."""
        part = _text(text)
        return self._where(lambda label: part in label)

    def startswith(self, text: str) -> Tensor:
        """A mask of the cells that begin with ``text``."""
        part = _text(text)
        return self._where(lambda label: label.startswith(part))

    def endswith(self, text: str) -> Tensor:
        """A mask of the cells that end with ``text``."""
        part = _text(text)
        return self._where(lambda label: label.endswith(part))

    def _where(self, holds: Callable[[str], bool]) -> Tensor:
        return wrap(self._of_labels([holds(label) for label in self.labels], bool))

    def _of_labels(self, values: list[Any], dtype: Any) -> Any:
        """A value a label as an array of a value a row."""
        array = numpy().array(values, dtype)
        return array[self.codes] if len(self) else numpy().empty(0, dtype)

    # -- other columns

    def lengths(self) -> Tensor:
        """The number of characters in each cell."""
        return wrap(self._of_labels([len(label) for label in self.labels], "int64"))

    def lower(self) -> TextColumn:
        """The cells in lower case."""
        return self._mapped(str.lower)

    def upper(self) -> TextColumn:
        """The cells in upper case."""
        return self._mapped(str.upper)

    def strip(self) -> TextColumn:
        """The cells without white space around them."""
        return self._mapped(str.strip)

    def _mapped(self, change: Callable[[str], str]) -> TextColumn:
        changed = [change(label) for label in self.labels]
        labels, codes = encoded(changed)
        return TextColumn.coded(labels, codes[self.codes] if len(self) else codes)

    def sort(self, descending: bool = False) -> TextColumn:
        """The cells in order."""
        codes = numpy().sort(self.codes)
        return TextColumn.coded(self.labels, codes[::-1] if descending else codes)

    def min(self) -> str:
        """The first cell in order."""
        return self.labels[int(self._some_codes("min").min())]

    def max(self) -> str:
        """The last cell in order."""
        return self.labels[int(self._some_codes("max").max())]

    def _some_codes(self, name: str) -> Any:
        if not len(self):
            raise TcalcError(f"{name}() of a text column without cells", "ValueError")
        return self.codes

    # -- rows

    def getitem(self, index: object) -> str | TextColumn:
        """``column[index]``: a cell for a number, a column for a slice, a mask or a tensor of positions."""
        if isinstance(index, Tensor) and not index.ndim:
            index = int(index)
        if isinstance(index, int) and not isinstance(index, bool):
            if not -len(self) <= index < len(self):
                raise index_error(f"index {index} is out of bounds for a text column of {len(self)} cells")
            return self.labels[int(self.codes[index])]
        return self.take(row_choice(index, len(self), "a text column", "cells"))

    def take(self, rows: Any) -> TextColumn:
        """The rows that an index of NumPy's chooses."""
        if self._encode is not None and isinstance(rows, slice) and rows == slice(None):
            return self
        return TextColumn.coded(self.labels, self.codes[rows])

    def __repr__(self) -> str:
        shown: Sequence[str] = list(map(repr, self)) if len(self) <= 10 else self._edges()
        return f"text column of {len(self)} {'cell' if len(self) == 1 else 'cells'}: {', '.join(shown)}"

    def _edges(self) -> list[str]:
        first, last = (
            [repr(self.labels[code]) for code in part.tolist()] for part in (self.codes[:3], self.codes[-3:])
        )
        return [*first, "...", *last]


def row_choice(index: object, rows: int, what: str, units: str) -> Any:
    """A slice, a mask or positions of the language as an index of NumPy's, checked against the number of rows."""
    if isinstance(index, slice):
        return slice(*(None if part is None else int(part) for part in (index.start, index.stop, index.step)))
    if isinstance(index, list):
        array = numpy().array(index if index else [], None if index else "int64")
    elif isinstance(index, Tensor) or hasattr(type(index), "__array_interface__"):
        array = index.host_array() if isinstance(index, Tensor) else index
    else:
        raise type_error(f"{what} is indexed by numbers, slices and masks, not by {_kind(index)}")
    if array.ndim != 1 or array.dtype.kind not in "bui":
        raise index_error(f"{what} is indexed by one dimension of bools or integers")
    if array.dtype.kind == "b":
        if len(array) != rows:
            raise index_error(f"a mask of {len(array)} does not fit {what} of {rows} {units}")
        return array
    if len(array) and not (-rows <= int(array.min()) and int(array.max()) < rows):
        worst = int(array.max()) if int(array.max()) >= rows else int(array.min())
        raise index_error(f"index {worst} is out of bounds for {what} of {rows} {units}")
    return array


def encoded(cells: Sequence[str]) -> tuple[list[str], Any]:
    """The different texts, sorted, and each cell's place among them."""
    places: dict[str, int] = {}
    codes = [places.setdefault(cell, len(places)) for cell in cells]
    return recoded(places, numpy().array(codes, "int32"))


def recoded(places: dict[str, int], codes: Any) -> tuple[list[str], Any]:
    """Codes in the order in which the texts were met, as sorted labels and the codes for these."""
    labels = sorted(places)
    ranks = numpy().empty(len(labels), "int32")
    ranks[[places[label] for label in labels]] = numpy().arange(len(labels))
    return labels, ranks[codes]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise type_error(f"expected text, not {_kind(value)}")
    return value


def _kind(value: object) -> str:
    return type(value).__name__
