"""complex32, which no array library has: pairs of half precision, moved as bytes and computed in complex64.

Its arrays are of NumPy's ``V4``, four bytes without a meaning, so that a library refuses what it would get wrong.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array

STORED = "V4"


def is_stored(array: Array) -> bool:
    """Whether an array holds elements of complex32."""
    return array.dtype.kind == "V" and array.dtype.itemsize == 4


def decode(xp: Any, array: Array) -> Array:
    """The complex64 numbers that the elements stand for."""
    pairs = xp.ascontiguousarray(array.view(xp.uint32)[..., None]).view(xp.float16)
    return pairs.astype(xp.float32).view(xp.complex64)[..., 0]


def encode(xp: Any, values: Array) -> Array:
    """Numbers as elements, each part rounded from float32 to half precision."""
    wide = xp.ascontiguousarray(values.astype(xp.complex64)[..., None])
    return wide.view(xp.float32).astype(xp.float16).view(STORED)[..., 0]
