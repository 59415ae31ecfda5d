"""Columns from cells, piece by piece: numbers in the narrowest type that holds them, or text."""

from __future__ import annotations

import numpy as np

from tcalc.engine.text_column import TextColumn, recoded
from tcalc.formats.cells import MISSING, Numbers, is_number, is_whole, number
from tcalc.formats.loaded import Place, data_error, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_LONG = 20  # so many characters may be a whole number beyond uint64, which is read as a float


class ColumnReader:
    """Reads one column. Its first cell that is not missing decides whether it is numbers or text.

    With ``na`` "drop" or "error" a written nan is a missing cell too. With "drop" the rows of missing cells will go,
    so that they do not make floats of whole numbers.
    """

    def __init__(self, index: int, name: str | None, where: str, decimal: str, na: str | None = None) -> None:
        self.index = index
        self.name = name
        self.first_missing: tuple[int, str] | None = None  # its line and its text
        self._where = where
        self._decimal = decimal
        self._na = na
        self._rows = 0
        self._is_text: bool | None = None
        self._places: dict[str, int] = {}
        self._codes: list[Any] = []
        self._pieces: list[Any] = []
        self._missing: list[int] = []
        self._negative_zeros: list[int] = []
        self._has_point = self._is_wide = False

    def add(self, texts: Sequence[str], lines: Sequence[int]) -> None:
        """Further cells, with the lines where they stand."""
        if self._is_text is None:
            first = next((text for text in texts if text not in MISSING), None)
            self._is_text = None if first is None else not is_number(first, self._decimal)
        if self._is_text is not False:  # as long as nobody knows, a missing cell may be a text
            places = self._places
            self._codes.append(np.array([places.setdefault(text, len(places)) for text in texts], np.int32))
        if not self._is_text:
            self._pieces.append(self._numbers(texts, lines))
        self._rows += len(texts)

    def _numbers(self, texts: Sequence[str], lines: Sequence[int]) -> Any:
        """The cells as an array, or as a list where some are beyond int64; zero for what is missing."""
        values: list[Any] = []
        for row, text in enumerate(texts):
            value = number(text, self._decimal)
            if value is None or (value != value and self._na in ("drop", "error")):
                if value is None and text not in MISSING:
                    raise self._fault(text, lines[row])
                self._has_point = self._has_point or value is not None
                self._missing.append(self._rows + row)
                self.first_missing = self.first_missing or (lines[row], text)
                value = None
            elif type(value) is float:
                is_wide = len(text) >= _LONG and is_whole(text)
                self._is_wide, self._has_point = self._is_wide or is_wide, self._has_point or not is_wide
            elif type(value) is int and not value and text.startswith("-"):
                self._negative_zeros.append(self._rows + row)
            values.append(value)
        return _as_array(values)

    def _fault(self, text: str, line: int) -> Exception:
        hint = "--columns can leave the column out" if self.name is not None else None
        place = Place(self._where, line, self.index + 1, self.name)
        return data_error(place, f"{quoted(text)} is not a number", hint=hint)

    @property
    def is_blank(self) -> bool:
        """Whether every cell is empty."""
        return self._is_text is None and self._places.keys() <= {""}

    def finish(self) -> Numbers | TextColumn:
        """The column."""
        if self._is_text:
            return TextColumn.coded(*recoded(self._places, np.concatenate(self._codes)))
        pieces = self._pieces
        arrays = [piece for piece in pieces if not isinstance(piece, list)]
        kinds = {array.dtype.kind for array in arrays}
        is_float = self._has_point or self._is_wide or (bool(self._missing) and self._na != "drop")
        if "c" in kinds:
            return self._as(np.complex128)
        if is_float or not pieces:
            return self._as(np.float64, self._is_wide or len(arrays) < len(pieces))
        if len(arrays) < len(pieces):
            is_signed = any(min(piece) < 0 for piece in pieces if len(piece))
            return self._as(np.float64, True) if is_signed else self._as(np.uint64)
        return self._as(np.bool_ if kinds == {"b"} and self._is_text is not None else np.int64)

    def _as(self, dtype: Any, rounded: bool = False) -> Numbers:
        array: Any = np.concatenate([np.asarray(piece, dtype) for piece in self._pieces] or [np.empty(0, dtype)])
        if array.dtype.kind in "fc":
            array[self._negative_zeros] = -0.0
            array[self._missing] = np.nan
        return Numbers(array, self._missing, rounded and not self._has_point)


def _as_array(values: list[Any]) -> Any:
    """The array of the narrowest of bool, int64, float64 and complex128; the list where an integer is beyond int64.

    None becomes a zero.
    """
    kinds = set(map(type, values))
    if type(None) in kinds:
        values = [False if value is None else value for value in values]
    if complex in kinds:
        return np.array(values, np.complex128)
    if float in kinds:
        return np.array(values, np.float64)
    if int not in kinds:
        return np.array(values, np.bool_)
    try:
        return np.array(values, np.int64)
    except OverflowError:
        return values
