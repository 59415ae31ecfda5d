"""The fast reading of plain numbers: whole blocks at a time, and only where nothing can go wrong.

It answers with an array that is what the careful reading would give, or with None wherever there is any doubt
(a character that no number has, rows of different lengths, an empty cell, an integer that may not fit), and
then the careful reading finds the right answer or the right complaint.
"""

from __future__ import annotations

import warnings

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.formats.layout import Layout

_PLAIN = b"0123456789+-.eE\n\r"
_SAFE_DIGITS = 15  # so many characters of a whole number are exact in a float64, and fit an int64


class Rectangle:
    """A rectangle of numbers, and which of its columns were written without point or exponent."""

    __slots__ = ("array", "whole")

    def __init__(self, array: Any, whole: list[bool]) -> None:
        self.array = array
        self.whole = whole


def read(body: bytes | bytearray, layout: Layout) -> Rectangle | None:
    """The numbers in the lines of ``body``, or None where the careful reading has to look."""
    spaces = b" \t" if layout.delimiter is None else layout.delimiter.encode()
    if len(spaces) > 2 or body.count(b"\r") != body.count(b"\r\n"):
        return None
    if layout.decimal == ",":
        if b"." in body:
            return None
        body = body.replace(b",", b".")
    if bytes(body).translate(None, _PLAIN + spaces) or not _signs_lead(body):
        return None
    if layout.delimiter is not None:
        body = _without_last_delimiters(body, spaces)
    shape = _measure(body, layout.delimiter)
    if shape is None:
        return None
    starts, lengths, columns = shape
    pointed = _pointed_columns(body, starts, columns)
    all_whole = not pointed.any()
    if (
        not pointed.all()
        and int(lengths.max()) > (18 if all_whole else _SAFE_DIGITS)
        and (all_whole or _longest_whole(lengths, pointed, columns) > _SAFE_DIGITS)
    ):
        return None
    array = _parse(body, layout.delimiter, np.int64 if all_whole else np.float64)
    if array is None or array.size != starts.size:
        return None
    array = array.reshape(-1, columns)
    if not all_whole and not pointed.all():
        array[:, ~pointed] += 0.0  # a whole -0 is 0
    return Rectangle(array, [not flag for flag in pointed.tolist()])


def _without_last_delimiters(body: bytes | bytearray, delimiter: bytes) -> bytes | bytearray:
    """The lines without a delimiter at their ends, where every line has one: then the column after it is none."""
    end = body.find(b"\n")
    first = bytes(body if end < 0 else body[:end]).rstrip()
    if not first.endswith(delimiter) or delimiter.isspace():
        return body
    body = body.replace(b"\r\n", b"\n").removesuffix(b"\n")
    if body.count(delimiter + b"\n") != body.count(b"\n") or not body.endswith(delimiter):
        return body
    return body.replace(delimiter + b"\n", b"\n").removesuffix(delimiter)


def _signs_lead(body: bytes | bytearray) -> bool:
    """Whether a digit or a point follows every sign: NumPy reads a lone sign as 0."""
    if b"-" not in body and b"+" not in body:
        return True
    text = np.frombuffer(body, np.uint8)
    signs = np.flatnonzero((text == ord("-")) | (text == ord("+")))
    if signs[-1] + 1 == text.size:
        return False
    after = text[signs + 1]
    return bool((((after >= ord("0")) & (after <= ord("9"))) | (after == ord("."))).all())


def _measure(body: bytes | bytearray, delimiter: str | None) -> tuple[Any, Any, int] | None:
    """Where every cell starts, how long it is, and the number of columns; None unless every row has as many."""
    text = np.frombuffer(body, np.uint8)
    inside = text > 32
    if delimiter is not None:
        inside &= text != ord(delimiter)
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    if not starts.size:
        return None
    newlines = np.flatnonzero(text == 10)
    rows_of_cells = np.searchsorted(newlines, starts)
    columns = int(np.searchsorted(rows_of_cells, rows_of_cells[0], side="right"))
    if starts.size % columns:
        return None
    grid = rows_of_cells.reshape(-1, columns)
    if (grid[:, 0] != grid[:, -1]).any() or (grid[1:, 0] == grid[:-1, 0]).any():
        return None
    if delimiter is not None:
        # Between neighbours in a row exactly one delimiter: then there is no empty cell and none at an end.
        marks = int(np.count_nonzero(text == ord(delimiter)))
        if marks != starts.size - len(grid):
            return None
    return starts, ends - starts, columns


def _pointed_columns(body: bytes | bytearray, starts: Any, columns: int) -> Any:
    """For each column, whether a cell of it has a point or an exponent."""
    pointed = np.zeros(columns, bool)
    text = np.frombuffer(body, np.uint8)
    for mark in (b".", b"e", b"E"):
        if mark in body:
            cells = np.searchsorted(starts, np.flatnonzero(text == mark[0]), side="right") - 1
            pointed[np.unique(cells % columns)] = True
    return pointed


def _longest_whole(lengths: Any, pointed: Any, columns: int) -> int:
    return int(lengths.reshape(-1, columns)[:, ~pointed].max())


def _parse(body: bytes | bytearray, delimiter: str | None, dtype: Any) -> Any:
    """The numbers in a row; None where one is malformed (``1-2``, ``1.2.3``), which the count or NumPy tells."""
    text = bytes(body)
    if delimiter is not None and not delimiter.isspace():
        text = text.replace(delimiter.encode(), b" ")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return np.fromstring(text, dtype, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
