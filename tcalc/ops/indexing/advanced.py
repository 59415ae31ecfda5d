"""Indexing by tensors: masks made into positions, bounds, the result's shape, reading and writing.

``indices`` is one entry a dimension of the tensor, from the first: a tensor of positions, or None for a
dimension that is taken whole.
"""

from __future__ import annotations

from tcalc.engine import dtypes, writing
from tcalc.engine.backend import backend_for
from tcalc.engine.shapes import broadcast
from tcalc.engine.state import current
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, index_error
from tcalc.ops.destination import check_expandable
from tcalc.ops.dispatch import common_device, two_devices
from tcalc.ops.shape.broadcasting import expand
from tcalc.ops.shape.strides import allocate, iterated_stride, view_stride
from tcalc.ops.shape.transposing import permute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.backend import Array, Backend
    from tcalc.engine.dtypes import DType

    Indices = Sequence[Tensor | None]

_INDEX_DTYPES = (dtypes.int64, dtypes.int32, dtypes.uint8, dtypes.bool_)


class Plan:
    """An index that has been checked: where each tensor index applies and what the result looks like."""

    __slots__ = ("dims", "index_shape", "positions", "shape", "source")

    def __init__(self, input: Tensor, indices: Indices) -> None:
        expanded = _expand_masks(input, indices)
        if len(expanded) > input.ndim:
            raise index_error(f"too many indices for tensor of dimension {input.ndim} (got {len(expanded)})")
        dims = [dim for dim, index in enumerate(expanded) if index is not None]
        found = [index for index in expanded if index is not None]
        common = _common_shape(found)
        if dims and dims[-1] - dims[0] + 1 != len(dims):
            # Indices apart from each other: their dimensions come first in the result.
            order = dims + [dim for dim in range(input.ndim) if dim not in dims]
            input = permute(input, *order)
            dims = list(range(len(dims)))
        self.source = input
        self.dims = dims
        self.positions = [expand(index, *common) if index.shape != common else index for index in found]
        first = dims[0] if dims else 0
        self.shape = (*input.shape[:first], *common, *input.shape[first + len(dims) :])
        self.index_shape = common

    @property
    def first(self) -> int:
        return self.dims[0] if self.dims else 0

    def stride(self) -> tuple[int, ...]:
        """The result's strides, as iterating over source and indices together lays it out."""
        source, first = self.source, self.first
        after = source.ndim - first - len(self.dims)
        walk = (*source.stride[:first], *(0,) * len(self.index_shape), *source.stride[first + len(self.dims) :])
        walks = [tuple(step * source.dtype.itemsize for step in walk)]
        wide = (*(1,) * first, *self.index_shape, *(1,) * after)
        for position in self.positions:
            stride = view_stride(position.shape, position.stride, wide) or contiguous_stride(wide)
            sizes = zip(stride, wide, self.shape, strict=True)
            walks.append(tuple([0 if have == 1 and size != 1 else 8 * step for step, have, size in sizes]))
        if 0 in self.shape and wide == self.shape:
            return contiguous_stride(self.shape)  # nothing is broadcast: PyTorch does not look at the order then
        return iterated_stride(self.shape, walks)

    def key(self, arrays: Sequence[Array]) -> tuple:
        """The index for an array library: whole dimensions, then the positions."""
        return (*(slice(None),) * self.first, *arrays)


def _expand_masks(input: Tensor, indices: Indices) -> list[Tensor | None]:
    """Masks as the positions of their true elements, one tensor a dimension of the mask."""
    expanded: list[Tensor | None] = []
    for index in indices:
        if index is None:
            expanded.append(None)
            continue
        if index.dtype not in _INDEX_DTYPES:
            raise index_error("tensors used as indices must be long, int, byte or bool tensors")
        if index.dtype in (dtypes.bool_, dtypes.uint8):
            if index.dtype is dtypes.uint8:
                current().warn(
                    "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead."
                )
            if not index.shape:
                raise index_error("index_put takes no masks without dimensions; write x[mask] = values")
            _check_mask(input, index, len(expanded))
            expanded += true_positions(index)
        else:
            expanded.append(index)
    return expanded


def _check_mask(input: Tensor, mask: Tensor, at: int) -> None:
    for dim, size in enumerate(mask.shape):
        if at + dim >= input.ndim:
            raise index_error(f"too many indices for tensor of dimension {input.ndim}")
        if size != input.shape[at + dim]:
            raise index_error(
                f"The shape of the mask {list(mask.shape)} at index {dim} does not match the "
                "shape of the indexed tensor "
                f"{list(input.shape)} at index {at + dim}"
            )


def true_positions(mask: Tensor) -> list[Tensor]:
    """One tensor of positions a dimension, in row-major order."""
    if mask.is_meta:
        raise TcalcError("Cannot copy out of meta tensor; no data!", "NotImplementedError")
    backend = backend_for(mask.device)
    with backend.guard():
        # Of a type that is only carried, a negative zero looks like something.
        found = backend.xp.nonzero(backend.cast(mask.array, dtypes.bool_) if mask.dtype.is_carried else mask.array)
    return [wrap(backend.xp.ascontiguousarray(positions), mask.device, dtypes.int64) for positions in found]


def _common_shape(found: Sequence[Tensor]) -> tuple[int, ...]:
    if not found:
        return ()
    try:
        return broadcast(*[index.shape for index in found])
    except TcalcError:
        shapes = ", ".join(str(list(index.shape)) for index in found)
        raise index_error(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None


def wrapped_positions(xp: Any, positions: Array, size: int, dim: int) -> Array:
    """Positions counted from the front, after the check that every one is within ``size``."""
    if positions.size == 0:
        return positions
    if size == 0:
        raise index_error("index is out of bounds for dimension with size 0")
    low, high = int(positions.min()), int(positions.max())
    if low < -size or high >= size:
        outside = positions.reshape(-1)[((positions < -size) | (positions >= size)).reshape(-1)]
        raise index_error(f"index {int(outside[0])} is out of bounds for dimension {dim} with size {size}")
    return xp.where(positions < 0, positions + size, positions) if low < 0 else positions


def _checked_positions(plan: Plan, xp: Any, arrays: Sequence[Array]) -> list[Array]:
    return [
        wrapped_positions(xp, array, plan.source.shape[dim], number)
        for number, (dim, array) in enumerate(zip(plan.dims, arrays, strict=True))
    ]


def read(input: Tensor, indices: Indices) -> Tensor:
    """The chosen elements, copied."""
    plan = Plan(input, indices)
    device = common_device([input])
    result = allocate(plan.shape, plan.stride(), input.dtype, device)
    if input.is_meta:
        return result
    backend = backend_for(device)
    with backend.guard():
        arrays = [_index_array(position, backend) for position in plan.positions]
        positions = _checked_positions(plan, backend.xp, arrays)
        found = backend.movable(plan.source.array)[plan.key(positions)]
        writing.store(result, backend.finished(found, input.dtype))
    result.storage.version = 0
    return result


def _index_array(position: Tensor, backend: Backend) -> Array:
    array = position.array
    if position.device != backend.device:
        if position.device.type != "cpu":
            raise TcalcError(
                f"indices should be either on cpu or on the same device as the indexed tensor ({backend.device})"
            )
        array = backend.from_host(array)
    return array


def write(input: Tensor, indices: Indices, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write (or add) ``values``, broadcast, to the chosen elements."""
    plan = Plan(input, indices)
    if not accumulate and _fills_by_mask(indices, values):
        values = _as_element(values, input)
    _check_values(plan, values)
    writing.check_leaf(input)
    sources = [values, *(index for index in indices if index is not None)]
    writing.check_no_partial_overlap(input, sources)
    if any(step == 0 and size > 1 for step, size in zip(input.stride, input.shape, strict=True)):
        current().warn(
            "Use of index_put_ on expanded tensors is deprecated. Please clone() the tensor before performing this "
            "operation. This also applies to advanced indexing e.g. tensor[indices] = tensor"
        )
    if values.shape and values.device != input.device:
        raise two_devices(input.device, values.device)
    if input.is_meta:
        return input
    backend = backend_for(input.device)
    with backend.guard():
        positions = _checked_positions(plan, backend.xp, [_index_array(p, backend) for p in plan.positions])
        source = values.array
        if values.device != input.device:
            source = backend.received(source, values.storage.backend)
        if values.storage is input.storage:
            source = source.copy()
        target = plan.source.array
        if accumulate:
            add_at(backend, target, plan.key(positions), source, input.dtype)
        else:
            backend.assign_at(target, plan.key(positions), source)
    writing.written(input)
    return input


def _fills_by_mask(indices: Indices, values: Tensor) -> bool:
    """Whether a single value goes where one mask holds: it is then taken as a number, whatever its dtype."""
    given = [index for index in indices if index is not None]
    return values.numel() == 1 and len(given) == 1 and given[0].dtype in (dtypes.bool_, dtypes.uint8)


def _as_element(values: Tensor, like: Tensor) -> Tensor:
    from tcalc.ops.indexing.items import scalar_tensor

    return scalar_tensor(values.scalar(), like)


def _check_values(plan: Plan, values: Tensor) -> None:
    """Whether values can be written where a plan says: PyTorch's refusals in its order."""
    source = plan.source
    empty = any(source.shape[dim] == 0 for dim in plan.dims)
    if empty and 0 not in plan.index_shape:
        raise index_error("index is out of bounds for dimension with size 0")
    _check_broadcastable(values, plan.shape)
    if source.dtype is not values.dtype:
        raise TcalcError(
            "Index put requires the source and destination dtypes match, got "
            f"{source.dtype.scalar_name} for the destination and {values.dtype.scalar_name} for the source."
        )


def _check_broadcastable(values: Tensor, shape: tuple[int, ...]) -> None:
    try:
        check_expandable(values.shape, shape)
    except TcalcError:
        raise TcalcError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to "
            "indexing result of shape "
            f"{list(shape)}"
        ) from None


def add_at(backend: Backend, target: Array, key: Any, values: Array, dtype: DType) -> None:
    """``target[key] += values`` where a position may occur several times; half types add in float32.

    Small and complex types are added as wider or as real ones: CUDA's scattered addition has no others.
    """
    wide = _ADDED_AS.get(dtype)
    if wide is not None:
        target, values = backend.finished(target, dtype), backend.finished(values, dtype)
        summed = backend.cast(target, wide)
        add_at(backend, summed, key, backend.cast(values, wide), wide)
        backend.assign(target, backend.cast(summed, dtype))
    elif dtype.is_complex:
        backend.xp.add.at(target.real, key, values.real)
        backend.xp.add.at(target.imag, key, values.imag)
    else:
        backend.xp.add.at(target, key, values)


_ADDED_AS = {
    dtype: dtype.computed_as if dtype.is_reduced else dtypes.int64
    for dtype in dtypes.ALL
    if dtype.is_reduced or (dtype.category <= dtypes.INTEGER and dtype.itemsize < 4)
}
