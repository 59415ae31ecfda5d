"""Sums that keep their digits: the error grows with the logarithm of the count, in whatever order memory lies."""

from __future__ import annotations

from tcalc.ops.reduction import cascade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

SLABS = 8  # partial sums a level: few enough that adding them in order costs no digits
FEW = 64  # terms that may be added in order; SLABS squared, so that what is left of a fold fits into a slab


def accurate_sum(xp: Any, array: Any, dims: Sequence[int]) -> Any:
    """The sum over ``dims`` in the array's own type.

    Few floats are added in PyTorch's own order, see ``cascade``. NumPy adds pairwise along the fastest axis only, and
    one after the other along every other: a column of a million float32 loses three digits. So the slower axes are
    summed level by level in slabs.
    """
    if not dims:
        return array
    dtype = array.dtype
    inexact = dtype.kind in "fc"
    if xp.__name__ == "numpy" and dtype.char in "fd" and array.size < cascade.MOST:
        answer = cascade.ordered_sum(array, dims)
        if answer is not None:
            return answer
    if not inexact or xp.__name__ != "numpy" or _is_plain(array, dims):
        return xp.sum(array, axis=tuple(dims), dtype=dtype)
    # The slowest axis first: what is left is smaller and lies in order.
    for dim in sorted(dims, key=lambda dim: -abs(array.strides[dim])):
        array = _sum_axis(xp, array, dim)
    return array.reshape([size for dim, size in enumerate(array.shape) if dim not in dims])


def _is_plain(array: Any, dims: Sequence[int]) -> bool:
    """Whether NumPy's own sum is pairwise throughout, or too short for its order to matter."""
    count = 1
    for dim in dims:
        count *= array.shape[dim]
    if count <= FEW:
        return True
    return len(dims) == array.ndim and (array.flags.c_contiguous or array.flags.f_contiguous)


def _sum_axis(xp: Any, array: Any, axis: int) -> Any:
    """The sum along one axis, which is kept with size 1."""
    steps = [abs(step) for step, size in zip(array.strides, array.shape, strict=True) if size > 1]
    fastest = min(steps, default=0)
    if abs(array.strides[axis]) == fastest:
        return xp.sum(array, axis=axis, dtype=array.dtype, keepdims=True)
    while array.shape[axis] > FEW:
        array = _fold(xp, array, axis)
    return xp.sum(array, axis=axis, dtype=array.dtype, keepdims=True)


def _fold(xp: Any, array: Any, axis: int) -> Any:
    """Add ``SLABS`` slabs of the axis to each other; what does not divide is added to the first rows."""
    size = array.shape[axis]
    height = size // SLABS
    lead, trail = (slice(None),) * axis, array.shape[axis + 1 :]
    whole = array[(*lead, slice(0, height * SLABS))].reshape((*array.shape[:axis], SLABS, height, *trail))
    folded = xp.sum(whole, axis=axis, dtype=array.dtype)
    rest = size - height * SLABS
    if rest:
        folded[(*lead, slice(0, rest))] += array[(*lead, slice(height * SLABS, size))]
    return folded
