"""NumPy with elementary functions that round once: few float32 numbers are computed in float64 and rounded.

NumPy's own functions of float32 are quick and may be off by two units in the last place; PyTorch's are off by less than
one, and almost always rounded right. For few numbers the time is not felt, and the last digit is PyTorch's.
"""

from __future__ import annotations

from tcalc.engine.backend import numpy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

FEW = 1 << 15  # elements
_FUNCTIONS = frozenset((
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "exp", "exp2", "expm1",
    "log", "log10", "log1p", "log2", "power", "sin", "sinh", "tan", "tanh",
))  # fmt: skip


def _rounded_once(function: Any) -> Callable:
    """A universal function that answers float32 for float32, by way of float64."""
    single, double = numpy().dtype("float32"), numpy().dtype("float64")

    def call(*arrays: Any, out: Any = None, **options: Any) -> Any:
        if options or any(getattr(array, "dtype", None) != single for array in arrays):
            return function(*arrays, out=out, **options)
        if out is not None:
            return function(*arrays, out=out, dtype=double, casting="same_kind")
        return function(*arrays, dtype=double).astype(single)

    return call


class Precise:
    """The array module of a computation on few float32 numbers; everything else in it is NumPy's."""

    __name__ = "numpy"

    def __getattr__(self, name: str) -> Any:
        found = getattr(numpy(), name)
        if name in _FUNCTIONS:
            found = _rounded_once(found)
        setattr(self, name, found)  # the next time it is found at once
        return found


PRECISE = Precise()


def is_for(arrays: Sequence[Any]) -> bool:
    """Whether a computation is on few float32 numbers."""
    found = False
    for array in arrays:  # asked before every computation, so no generators
        if array.size >= FEW:
            return False
        if array.dtype.char == "f":
            found = True
    return found
