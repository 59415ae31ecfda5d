"""Arithmetic on strides: when a shape can be a view, and how fresh memory is laid out."""

from __future__ import annotations

from math import prod

from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor, empty
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType


def inferred_size(wanted: Sequence[int], count: int) -> tuple[int, ...]:
    """``wanted`` with its one -1 replaced, so that it holds ``count`` elements."""
    unknown = -1
    known = 1
    for position, size in enumerate(wanted):
        if size == -1:
            if unknown >= 0:
                raise TcalcError("only one dimension can be inferred")
            unknown = position
        elif size < 0:
            raise TcalcError(f"invalid shape dimension {size} at index {position} of shape {list(wanted)}")
        else:
            known *= size
    if unknown < 0:
        fits = known == count
    else:
        fits = known > 0 and count % known == 0
        if known == 0 and count == 0:
            raise TcalcError(
                f"cannot reshape tensor of 0 elements into shape {list(wanted)} because the "
                "unspecified dimension size -1 "
                "can be any value and is ambiguous"
            )
    if not fits:
        raise TcalcError(f"shape '{list(wanted)}' is invalid for input of size {count}")
    if unknown < 0:
        return tuple(wanted)
    return (*wanted[:unknown], count // known, *wanted[unknown + 1 :])


def view_stride(shape: Sequence[int], stride: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...] | None:
    """The strides that show the same elements, in the same order, in shape ``wanted``; None where a copy is needed."""
    if prod(shape) == 0:
        return tuple(stride) if tuple(shape) == tuple(wanted) else contiguous_stride(wanted)
    found: list[int] = []
    remaining = list(wanted)
    for count, step in _runs(shape, stride):
        # Cut each run of evenly spaced elements into wanted dimensions, the innermost first.
        taken = 1
        while remaining and (taken < count or remaining[-1] == 1):
            found.append(taken * step)
            taken *= remaining.pop()
        if taken != count:
            return None
    if not shape:
        found += [1] * len(remaining)
        remaining.clear()
    return None if remaining else tuple(reversed(found))


def _runs(shape: Sequence[int], stride: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring dimensions joined where they are evenly spaced: (elements, step), the innermost first."""
    runs: list[tuple[int, int]] = []
    count, step = 1, stride[-1] if stride else 1
    for dim in range(len(shape) - 1, -1, -1):
        count *= shape[dim]
        outer = dim - 1
        if outer >= 0 and shape[outer] != 1 and stride[outer] != count * step:
            runs.append((count, step))
            count, step = 1, stride[outer]
    if shape:
        runs.append((count, step))
    return runs


def dense_stride(shape: Sequence[int], stride: Sequence[int]) -> tuple[int, ...]:
    """The strides of a copy that keeps the memory order of its source (``torch.preserve_format``)."""
    if is_dense(shape, stride):
        return tuple(stride)
    return iterated_stride(shape, (stride,))


def is_dense(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether the elements fill their extent of memory, each address once."""
    if 0 in shape:
        return True
    step = 1
    for distance, size in sorted((st, si) for st, si in zip(stride, shape, strict=True) if si != 1):
        if distance != step:
            return False
        step *= size
    return True


def iterated_stride(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The strides of a fresh result: dimensions in the memory order of the operands, the first operand deciding.

    Each operand's strides are given for the result's shape, with 0 where it is broadcast.
    """
    order = memory_order(shape, strides)
    if all(dim == len(shape) - 1 - at for at, dim in enumerate(order)):
        return contiguous_stride(shape)
    found = [1] * len(shape)
    step = 1
    for dim in order:
        found[dim] = step
        step *= shape[dim]  # an empty dimension leaves strides of 0, as in PyTorch
    return tuple(found)


def pointwise_stride(shape: tuple[int, ...], operands: Sequence[Any], compute: DType | None) -> tuple[int, ...]:
    """The strides of a fresh result that is computed element by element from operands broadcast to ``shape``.

    Operands of one shape that agree on their order pass it on. Others decide together, dimension by dimension; those
    that are computed in another type count as the copies that PyTorch makes of them.
    """
    tensors = [operand for operand in operands if isinstance(operand, Tensor)]
    strides = [_computed_stride(tensor, compute) for tensor in tensors]
    if len(tensors) == len(operands) and all(tensor.shape == shape for tensor in tensors):
        contiguous = contiguous_stride(shape)
        for order in (contiguous, _channels_last(shape)):
            if order is not None and all(_same_order(shape, stride, order) for stride in strides):
                return order
        if all(stride == strides[0] for stride in strides) and is_dense(shape, strides[0]):
            return strides[0]
    return iterated_stride(
        shape, [_broadcast(tensor.shape, stride, shape) for tensor, stride in zip(tensors, strides, strict=True)]
    )


def _computed_stride(tensor: Tensor, compute: DType | None) -> tuple[int, ...]:
    if compute is None or tensor.dtype.computed_as is compute.computed_as:
        return tensor.stride
    return dense_stride(tensor.shape, tensor.stride)


def _same_order(shape: Sequence[int], stride: Sequence[int], wanted: Sequence[int]) -> bool:
    """Whether two strides are the same but for dimensions of size 1, where they do not matter."""
    return 0 in shape or all(have == want or size == 1 for size, have, want in zip(shape, stride, wanted, strict=True))


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...] | None:
    if len(shape) != 4:
        return None
    batch, row, column, channel = contiguous_stride([shape[dim] for dim in (0, 2, 3, 1)])
    return batch, channel, row, column


def _broadcast(own: Sequence[int], stride: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Strides for a shape that a tensor is broadcast to: 0 where it repeats itself."""
    lead = len(shape) - len(own)
    steps = [
        0 if size == 1 and wanted != 1 else step for size, step, wanted in zip(own, stride, shape[lead:], strict=True)
    ]
    return (*[0] * lead, *steps)


def memory_order(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> list[int]:
    """The dimensions from the innermost to the outermost in the memory of the operands."""
    order = list(range(len(shape) - 1, -1, -1))
    for start in range(1, len(order)):
        at = start
        for before in range(start - 1, -1, -1):
            comparison = _compare(order[before], order[at], shape, strides)
            if comparison > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif comparison < 0:
                break
    return order


def _compare(first: int, second: int, shape: Sequence[int], strides: Sequence[Sequence[int]]) -> int:
    """Whether ``first`` belongs outside ``second`` (1), inside it (-1), or the operands do not say (0)."""
    for stride in strides:
        if stride[first] == 0 or stride[second] == 0:
            continue
        if stride[first] != stride[second]:
            return 1 if stride[first] > stride[second] else -1
        if shape[first] > shape[second]:
            return 1
    return 0


def in_memory_order(xp: Any, array: Array, stride: Sequence[int]) -> Array:
    """The array itself where its elements lie in the order of dense strides, else a copy in that order."""
    have = array.strides
    outer_first = sorted(range(array.ndim), key=lambda dim: -stride[dim])
    spread = [have[dim] for dim in outer_first if array.shape[dim] != 1]
    if spread == sorted(spread, reverse=True) or not array.size:
        return array
    fresh = xp.empty([array.shape[dim] for dim in outer_first], array.dtype)
    fresh = fresh.transpose(sorted(range(array.ndim), key=outer_first.__getitem__))
    fresh[...] = array
    return fresh


def allocate(shape: Sequence[int], stride: Sequence[int], dtype: DType, device: Device) -> Tensor:
    """An uninitialised tensor with dense strides in any order."""
    made = empty(shape, dtype, device)
    if made.stride != tuple(stride):
        made.set_geometry(made.storage, shape, stride, 0)
    return made


def required_elements(shape: Sequence[int], stride: Sequence[int], offset: int) -> int:
    """How many elements of storage a geometry reaches."""
    if 0 in shape:
        return 0
    return offset + 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def check_in_storage(tensor: Tensor, shape: Sequence[int], stride: Sequence[int], offset: int) -> None:
    """Refuse a geometry that leaves the tensor's storage."""
    itemsize = tensor.dtype.itemsize
    needed = required_elements(shape, stride, offset) * itemsize
    if needed > tensor.storage.nbytes:
        raise TcalcError(
            f"setStorage: sizes {list(shape)}, strides {list(stride)}, storage offset "
            f"{offset}, and itemsize {itemsize} "
            f"requiring a storage size of {needed} are out of bounds for storage of size {tensor.storage.nbytes}"
        )
