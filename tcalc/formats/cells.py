"""One cell, one column at a time: the careful reading of text, which knows the place of every cell."""

from __future__ import annotations

import re

from tcalc.engine.text_column import TextColumn
from tcalc.formats.loaded import Place, data_error, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_WHOLE = re.compile(r"[+-]?[0-9]+")
_REAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FLOAT = re.compile(rf"[+-]?(?:{_REAL}|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])")
_COMPLEX = re.compile(rf"[+-]?{_REAL}[jJ]|[+-]?(?:{_REAL}|inf|nan)[+-](?:{_REAL}|inf|nan)[jJ]")
_FLAGS = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}
MISSING = frozenset(("", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "<NA>"))

_INT64 = range(-(1 << 63), 1 << 63)


class Cells:
    """A column as it stands in the file: its text, and the line of each cell."""

    __slots__ = ("index", "lines", "name", "texts")

    def __init__(self, index: int, name: str | None, texts: Sequence[str], lines: Sequence[int]) -> None:
        self.index = index
        self.name = name
        self.texts = texts
        self.lines = lines


class Numbers:
    """A column of numbers: the array, which cells were missing, and whether wide integers lost digits.

    ``whole`` says that every cell that is not missing was written as an int64.
    """

    __slots__ = ("array", "missing", "rounded", "whole")

    def __init__(self, array: Any, missing: list[int], rounded: bool, whole: bool) -> None:
        self.array = array
        self.whole = whole
        self.missing = missing
        self.rounded = rounded


def number(cell: str, decimal: str = ".") -> bool | int | float | complex | None:
    """The number that a cell is, or None. Python's own readings of ``1_000`` or of other scripts are not meant.

    A whole number beyond int64 is a float.
    """
    if decimal == ",":
        cell = cell.replace(".", "x").replace(",", ".")
    if _WHOLE.fullmatch(cell):
        value = int(cell) if len(cell) <= 20 else 0
        return value if len(cell) <= 20 and value in _INT64 else float(cell)
    if _FLOAT.fullmatch(cell):
        return float(cell)
    if cell in _FLAGS:
        return _FLAGS[cell]
    if _COMPLEX.fullmatch(cell):
        return complex(cell)
    return None


def is_number(cell: str, decimal: str = ".") -> bool:
    return number(cell, decimal) is not None


def read_column(cells: Cells, where: str, decimal: str) -> Numbers | TextColumn:
    """The column's values. Its first cell that is not missing decides whether it is numbers or text."""
    first = next((text for text in cells.texts if text not in MISSING), None)
    if first is not None and not is_number(first, decimal):
        return TextColumn(cells.texts)
    values: list[Any] = []
    missing: list[int] = []
    rounded = pointed = False
    for row, text in enumerate(cells.texts):
        value = number(text, decimal)
        if value is None:
            if text not in MISSING:
                place = Place(where, cells.lines[row], cells.index + 1, cells.name)
                raise data_error(place, f"{quoted(text)} is not a number")
            missing.append(row)
            value = float("nan")
        elif type(value) is float:
            whole_number = len(text) >= 19 and _WHOLE.fullmatch(text)
            rounded, pointed = rounded or bool(whole_number), pointed or not whole_number
        values.append(value)
    gaps = set(missing)
    whole = all(type(value) is int for row, value in enumerate(values) if row not in gaps)
    return Numbers(as_array(values, cells.texts), missing, rounded and not pointed, whole)


def _signed(value: Any, text: str) -> Any:
    """Among floats, ``-0`` keeps its sign."""
    return -0.0 if value == 0 and type(value) is int and text.startswith("-") else value


def as_array(values: list[Any], texts: Sequence[str], floats: bool = False) -> Any:
    """The array of the narrowest of bool, int64, float64 and complex128 that holds every value of these cells.

    ``floats`` says that it is to be no narrower than float64.
    """
    import numpy as np

    kinds = set(map(type, values))
    if floats:
        kinds.add(float)
    if float in kinds:
        values = [_signed(value, text) for value, text in zip(values, texts, strict=True)]
    if complex in kinds:
        return np.array(values, np.complex128)
    if float in kinds or not kinds:
        return np.array(values, np.float64)
    return np.array(values, np.bool_ if kinds == {bool} else np.int64)
