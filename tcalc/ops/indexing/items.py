"""``x[index]`` and ``x[index] = value``: from an index as written to views and to indexing by tensors."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.numbers import checked_number
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, empty, share, wrap
from tcalc.errors import index_error, type_error, value_error
from tcalc.ops import destination, dispatch
from tcalc.ops.binding import type_name
from tcalc.ops.creation.data import is_sequence
from tcalc.ops.creation.tensors import on_device, tensor
from tcalc.ops.indexing import advanced as advanced_index
from tcalc.ops.shape.broadcasting import expanded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def getitem(input: Tensor, index: Any) -> Tensor:
    """``input[index]``: a view for integers, slices, ``...`` and None; a copy where tensors index."""
    if type(index) is int:
        return _select(input, 0, index, 0)
    view, indices = _sliced(input, index)
    if indices is not None:
        return advanced_index.read(view, indices)
    return view if view is not input else input.as_view(input.shape, input.stride)


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """``input[index] = value``: broadcast and cast into the chosen elements."""
    values = _as_values(input, value)
    if type(index) is bool and not index:
        return
    if type(index) is bool:
        index = None
    view, indices = (_select(input, 0, index, 0), None) if type(index) is int else _sliced(input, index)
    if indices is None:
        values = _without_leading_ones(values)
        values = values.as_view(*expanded(values, view.shape))
        warn_of_lost_parts(values, view)
        destination.write(view, values)
    else:
        advanced_index.write(view, indices, _without_leading_ones(values))


def _as_values(input: Tensor, value: Any) -> Tensor:
    """What is assigned, as a tensor; a Python number takes the target's dtype."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (bool, int, float, complex)):
        return scalar_tensor(value, input)
    if isinstance(value, (list, tuple, range)) or type(value).__module__ == "numpy":
        made = tensor(value)
        cast = backend_for(made.device).cast(made.array, input.dtype)
        return on_device(wrap(cast, dtype=input.dtype), input.device)
    raise type_error(f"can't assign a {type_name(value)} to a {tensor_type_name(input)}")


def warn_of_lost_parts(source: Tensor, target: Tensor) -> None:
    """PyTorch's warning where complex numbers are written to a real tensor."""
    if source.dtype.is_complex and not target.dtype.is_complex:
        current().warn("Casting complex values to real discards the imaginary part")


def tensor_type_name(input: Tensor) -> str:
    """A tensor's type as PyTorch's older messages name it: ``torch.FloatTensor``."""
    return f"torch.{'cuda.' if input.device.type == 'cuda' else ''}{input.dtype.scalar_name}Tensor"


def scalar_tensor(value: complex, like: Tensor) -> Tensor:
    """A Python number as a 0-d tensor of the dtype and device of ``like``; PyTorch's error where it does not fit."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        raise value_error("Overflow when unpacking long long")
    number = checked_number(value, like.dtype)
    if like.is_meta:
        return empty((), like.dtype, like.device)
    return wrap(dispatch.number_array(number, like.dtype, like.device), like.device, like.dtype)


def _without_leading_ones(values: Tensor) -> Tensor:
    """Values may have further dimensions of size 1 in front."""
    skip = 0
    while skip < values.ndim and values.shape[skip] == 1:
        skip += 1
    return values.as_view(values.shape[skip:], values.stride[skip:]) if skip else values


# ---------------------------------------------------------------- the parts of an index


def _sliced(input: Tensor, index: Any) -> tuple[Tensor, list[Tensor | None] | None]:
    """The view that the basic parts of an index choose, and the tensors that then index it."""
    if isinstance(index, slice) and not input.shape:
        raise index_error("slice() cannot be applied to a 0-dim tensor.")
    items = index if type(index) is tuple else _as_items(index)
    items = [_as_tensor(item, input) for item in items]
    given = sum(_dimensions(item) for item in items)
    if given > input.ndim:
        raise index_error(f"too many indices for tensor of dimension {input.ndim}")
    view = input
    dim = 0
    indices: dict[int, Tensor] = {}
    for position, item in enumerate(items):  # errors count by the items, whatever each of them covers
        if isinstance(item, Tensor):
            if item.shape or item.dtype.category > dtypes.INTEGER:
                indices[dim] = item
                dim += _dimensions(item)
                continue
            if item.dtype not in (dtypes.bool_, dtypes.uint8):
                item = item.scalar()
            else:
                item = bool(item.scalar())
        if item is Ellipsis:
            dim += input.ndim - given
            continue
        if item is None:
            view = _unsqueeze(view, dim)
            dim += 1
        elif isinstance(item, bool):
            view = _unsqueeze(view, dim)
            indices[dim] = _flag(item, input)
            dim += 1
        elif isinstance(item, slice):
            view = _slice(view, dim, item)
            dim += 1
        else:
            view = _select(view, dim, item, position)
    return view, _in_order(indices) if indices else None


def _in_order(indices: dict[int, Tensor]) -> list[Tensor | None]:
    """Tensor indices by dimension, None where there is none; a mask stands for all of its dimensions."""
    found: list[Tensor | None] = []
    dim = 0
    while dim <= max(indices):
        index = indices.get(dim)
        found.append(index)
        dim += 1 if index is None else _dimensions(index)
    return found


def _as_items(index: Any) -> Sequence[Any]:
    """An index that is no tuple as one; a list with slices, None or sequences in it stands for a tuple."""
    if isinstance(index, list) and len(index) < 32 and any(_is_structural(item) for item in index):
        return index
    return (index,)


def _is_structural(item: Any) -> bool:
    return item is None or item is Ellipsis or isinstance(item, (slice, list, tuple, range, Tensor)) or _is_array(item)


def _is_array(item: Any) -> bool:
    return type(item).__module__ == "numpy" and getattr(item, "ndim", 0) > 0


def _as_tensor(item: Any, input: Tensor) -> Any:
    """An item as one of: Tensor, int, bool, slice, Ellipsis, None."""
    if item is None or item is Ellipsis or isinstance(item, (int, slice, Tensor)):
        return item
    if is_sequence(item):
        return _sequence_index(list(item), input)
    if type(item).__module__ == "numpy":
        if getattr(item, "ndim", 0):
            return on_device(share(item), input.device)
        return _numpy_scalar(item)
    if isinstance(item, (str, bytes)):
        raise type_error(f"new(): invalid data type '{type_name(item)}'")
    raise index_error(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type_name(item)})"
    )


def _sequence_index(items: list, input: Tensor) -> Tensor:
    """A list as positions, or as a mask when it holds bools."""
    made = tensor(items)
    if made.numel() == 0 or made.dtype.category >= dtypes.FLOAT:
        cast = backend_for(made.device).cast(made.array, dtypes.int64)
        made = wrap(cast, dtype=dtypes.int64)
    return on_device(made, input.device)


def _numpy_scalar(item: Any) -> Any:
    if item.dtype.kind == "b":
        return bool(item)
    if item.dtype.kind in "iu":
        return int(item)
    raise index_error(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type_name(item)})"
    )


def _dimensions(item: Any) -> int:
    """How many dimensions of the tensor an item uses up."""
    if isinstance(item, Tensor):
        return item.ndim if item.dtype in (dtypes.bool_, dtypes.uint8) else 1
    return 0 if item is None or item is Ellipsis or isinstance(item, bool) else 1


def _flag(value: bool, input: Tensor) -> Tensor:
    """The index that keeps (True) or drops (False) a new dimension of size 1."""
    return on_device(tensor([0] if value else [], dtype=dtypes.int64), input.device)


# ---------------------------------------------------------------- views


def _select(input: Tensor, dim: int, index: int, real_dim: int) -> Tensor:
    shape, stride = input.shape, input.stride
    if not shape and index == 0:
        raise index_error(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` "
            "in C++ to convert a 0-dim "
            "tensor to a number"
        )
    size = shape[dim] if shape else 0
    if not -size <= index < size:
        raise index_error(f"index {index} is out of bounds for dimension {real_dim} with size {size}")
    offset = input.offset + (index + size if index < 0 else index) * stride[dim]
    return input.as_view(shape[:dim] + shape[dim + 1 :], stride[:dim] + stride[dim + 1 :], offset)


def _unsqueeze(input: Tensor, dim: int) -> Tensor:
    shape, stride = input.shape, input.stride
    step = shape[dim] * stride[dim] if dim < len(shape) else 1
    return input.as_view((*shape[:dim], 1, *shape[dim:]), (*stride[:dim], step, *stride[dim:]))


def _slice(input: Tensor, dim: int, part: slice) -> Tensor:
    step = 1 if part.step is None else _slice_index(part.step)
    if step == 0:
        raise value_error("slice step cannot be zero")
    if step < 0:
        raise value_error("step must be greater than zero")
    start = None if part.start is None else _slice_index(part.start)
    stop = None if part.stop is None else _slice_index(part.stop)
    return sliced(input, dim, start, stop, step)


def _slice_index(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Tensor) or type(value).__module__ == "numpy":
        return value.__index__()
    raise type_error("slice indices must be integers or None or have an __index__ method")


def sliced(input: Tensor, dim: int, start: int | None, stop: int | None, step: int) -> Tensor:
    """The view of a slice of one dimension; bounds are clamped as Python's slices are."""
    size = input.shape[dim]
    first = _clamped(start, size, 0)
    last = max(_clamped(stop, size, size), first)
    length = (last - first + step - 1) // step
    stride = input.stride
    return input.as_view(
        (*input.shape[:dim], length, *input.shape[dim + 1 :]),
        (*stride[:dim], stride[dim] * step, *stride[dim + 1 :]),
        input.offset + first * stride[dim],
    )


def _clamped(bound: int | None, size: int, default: int) -> int:
    if bound is None:
        return default
    return max(bound + size, 0) if bound < 0 else min(bound, size)
