"""One cell, one column at a time: the careful reading of text, which knows the place of every cell."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_WHOLE = re.compile(r"[+-]?[0-9]+")
_REAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FLOAT = re.compile(rf"[+-]?(?:{_REAL}|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])")
_COMPLEX = re.compile(rf"[+-]?{_REAL}[jJ]|[+-]?(?:{_REAL}|inf|nan)[+-](?:{_REAL}|inf|nan)[jJ]")
FLAGS = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}
MISSING = frozenset(
    ("", "NA", "N/A", "n/a", "na", "#N/A", "#NA", "null", "NULL", "Null", "None", "none", "<NA>", "-", "?", "…")
)

_LONGEST_WHOLE = 40  # characters, leading zeros and all: longer ones would take Python a while
_INT64 = range(-(1 << 63), 1 << 63)
_UINT64 = range(1 << 64)


class Numbers:
    """A column of numbers: the array, which cells were missing, and whether wide integers lost digits."""

    __slots__ = ("array", "missing", "rounded")

    def __init__(self, array: Any, missing: list[int], rounded: bool = False) -> None:
        self.array = array
        self.missing = missing
        self.rounded = rounded


def number(cell: str, decimal: str = ".") -> bool | int | float | complex | None:
    """The number that a cell is, or None. Python's own readings of ``1_000`` or of other scripts are not meant.

    A whole number beyond uint64 is a float.
    """
    if decimal == ",":
        cell = cell.replace(".", "x").replace(",", ".")
    if _WHOLE.fullmatch(cell):
        value = int(cell) if len(cell) <= _LONGEST_WHOLE else None
        return value if value in _INT64 or value in _UINT64 else float(cell)
    if _FLOAT.fullmatch(cell):
        return float(cell)
    if cell in FLAGS:
        return FLAGS[cell]
    if _COMPLEX.fullmatch(cell):
        return complex(cell)
    return None


def is_number(cell: str, decimal: str = ".") -> bool:
    return number(cell, decimal) is not None


def is_whole(cell: str) -> bool:
    """Whether a cell is a whole number, of whatever size."""
    return _WHOLE.fullmatch(cell) is not None


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
    try:
        return np.array(values, np.bool_ if kinds == {bool} else np.int64)
    except OverflowError:
        return np.array(values, np.float64 if min(values) < 0 else np.uint64)
