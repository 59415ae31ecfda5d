"""Sliding windows over the last dimensions: what convolutions, poolings and unfoldings share."""

from __future__ import annotations

from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.tensor import Tensor


def per_dimension(values: Sequence[int], dims: int, name: str, where: str) -> tuple[int, ...]:
    """One number for every dimension, or one for each."""
    if len(values) == 1:
        return tuple(values) * dims
    if len(values) != dims:
        raise _wrong_count(len(values), dims, name, where)
    return tuple(values)


def _wrong_count(given: int, dims: int, name: str, where: str) -> TcalcError:
    """PyTorch's words differ from function to function."""
    if dims == 1:
        return TcalcError(f"{where}() argument '{name}' should contain one int (got {given})")
    if where == "avg_pool3d":
        must = "must be"
    else:
        must = "must be either" if name == "dilation" else "must either be"
    omitted = "omitted, " if name == "stride" else ""
    return TcalcError(f"{where}: {name} {must} {omitted}a single int, or a tuple of {('two', 'three')[dims - 2]} ints")


def place_of_largest(xp: Any, array: Any, axis: int) -> Any:
    """The first place of the largest element along an axis; of several that are nan the last one, as in PyTorch."""
    places = array.argmax(axis)
    if array.dtype.kind != "f":
        return places
    unknown = array != array
    if xp.__name__ == "numpy" and not unknown.any():  # a GPU would have to be waited for
        return places
    last = array.shape[axis] - 1 - xp.flip(unknown, axis).argmax(axis)
    return xp.where(unknown.any(axis), last, places)


def padded(xp: Any, array: Any, before: Sequence[int], after: Sequence[int], value: Any = 0) -> Any:
    """The array with a margin around its last dimensions."""
    if not any(before) and not any(after):
        return array
    widths = [(0, 0)] * (array.ndim - len(before)) + list(zip(before, after, strict=True))
    return xp.pad(array, widths, constant_values=value)


def windows(xp: Any, array: Any, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Any:
    """A view (…, places…, window…) of every window over the last dimensions."""
    dims = len(kernel)
    lead = array.ndim - dims
    shape, strides = list(array.shape[:lead]), list(array.strides[:lead])
    for dim in range(dims):
        reach = dilation[dim] * (kernel[dim] - 1) + 1
        places = (array.shape[lead + dim] - reach) // stride[dim] + 1
        shape.append(places)
        strides.append(array.strides[lead + dim] * stride[dim] if places > 1 else 0)
    for dim in range(dims):
        shape.append(kernel[dim])
        strides.append(array.strides[lead + dim] * dilation[dim])
    return xp.lib.stride_tricks.as_strided(array, shape, strides)


def with_batch(input: Tensor, dims: int) -> tuple[bool, tuple[int, ...]]:
    """Whether there is a batch dimension, and the shape with one."""
    batched = input.ndim == dims + 2
    return batched, tuple(input.shape) if batched else (1, *input.shape)
