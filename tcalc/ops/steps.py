"""Functions that PyTorch makes of several operations: half precision is rounded after each of them, not at the end."""

from __future__ import annotations

from functools import cache

from tcalc.engine import devices
from tcalc.engine.backend import backend_for
from tcalc.engine.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType


VECTOR = 64  # elements of half precision that PyTorch computes at a time, rounding at the end


def exact(array: Array) -> Array:
    """The step of a type that is computed in itself."""
    return array


@cache
def rounding(dtype: DType) -> Callable[[Array], Array]:
    """What becomes of an intermediate result that is stored as ``dtype``, in the type that is computed in."""
    if not dtype.is_floating_point or not dtype.is_reduced:
        return exact
    return lambda array: array.astype(dtype.numpy).astype(dtype.computed_as.numpy)


def rest_in_steps(xp: Any, step: Callable[[Array], Array], array: Array) -> Array:
    """A fresh intermediate result whose last elements are rounded, those left over from PyTorch's vectors on the CPU.

    On CUDA every element is computed at once and rounded at the end.
    """
    if step is exact or xp.__name__ != "numpy" or not array.size % VECTOR:
        return array
    flat = array.reshape(-1)
    start = array.size // VECTOR * VECTOR
    flat[start:] = step(flat[start:])
    return flat.reshape(array.shape)


def stepwise(kernel: Callable, dtype: DType) -> Callable:
    """``kernel(xp, out, step, *arrays)`` as a launch's kernel; ``step`` is the :func:`rounding` of ``dtype``."""
    step = rounding(dtype)

    def run(xp: Any, out: Any, *arrays: Any) -> Any:
        return kernel(xp, out, step, *arrays)

    return run


def narrowed(operand: Any, dtype: DType) -> Any:
    """A tensor or a Python number in half precision, where PyTorch takes it there before it computes."""
    if isinstance(operand, Tensor):
        from tcalc.ops.session.convert import converted

        return operand if operand.dtype is dtype else converted(operand, dtype, None)
    from tcalc.ops.dispatch import number_array

    backend, wide = backend_for(devices.cpu), dtype.computed_as
    return backend.cast(backend.cast(number_array(operand, wide), dtype), wide).item()
