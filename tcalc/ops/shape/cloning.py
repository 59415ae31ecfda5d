"""The same shape in other memory, or outside of gradients: clone, contiguous, detach."""

from __future__ import annotations

from tcalc.engine import writing
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops import binding
from tcalc.ops.registry import attribute, op
from tcalc.ops.shape.strides import allocate, dense_stride, is_dense

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any  # of a variadic parameter each element is one
    Tensors = Any


@op(derivative=lambda grad, result, input, memory_format=None: (grad,))
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with memory of its own, in the memory order of ``input``.

    >>> clone(tensor([1, 2]))
    tensor([1, 2])
    """
    stride = _format_stride(input, memory_format)
    copy = allocate(input.shape, stride, input.dtype, input.device)
    if not input.is_meta:
        writing.store(copy, input.array)
        copy.storage.version = 0
    return copy


def _format_stride(input: Tensor, memory_format: Any) -> tuple[int, ...]:
    name = str(memory_format).rpartition(".")[2]
    if name in ("None", "preserve_format"):
        if is_dense(input.shape, input.stride):
            return input.stride
        return dense_stride(input.shape, input.stride)
    if name == "contiguous_format":
        return contiguous_stride(input.shape)
    return channels_last_stride(input.shape, name)


def channels_last_stride(shape: Sequence[int], name: str) -> tuple[int, ...]:
    """Strides in which the second dimension (an image's channels) is the innermost."""
    ndim = {"channels_last": 4, "channels_last_3d": 5}.get(name)
    if ndim is None or len(shape) != ndim:
        raise TcalcError(f"required rank {ndim or 4} tensor to use {name} format")
    order = [0, *range(2, ndim), 1]
    inner = contiguous_stride([shape[dim] for dim in order])
    return tuple(inner[order.index(dim)] for dim in range(ndim))


def lies_as(input: Tensor, memory_format: Any) -> bool:
    """Whether a conversion to a memory format finds nothing to move."""
    name = str(memory_format).rpartition(".")[2]
    if name in ("None", "preserve_format"):
        return True
    if name != "contiguous_format":
        return tuple(input.stride) == channels_last_stride(input.shape, name)
    last = {4: "channels_last", 5: "channels_last_3d"}.get(input.ndim)
    return last is None or input.is_contiguous() or tuple(input.stride) != channels_last_stride(input.shape, last)


@op(namespace="torch.Tensor", derivative=lambda grad, result, input, memory_format=None: (grad,))
def contiguous(input: Tensor, *, memory_format: Any = "contiguous_format") -> Tensor:
    """The tensor with its elements row by row: itself, or a copy.

    >>> tensor([[1, 2], [3, 4]]).T.contiguous().stride()
    (2, 1)
    """
    name = str(memory_format).rpartition(".")[2]
    if name in ("contiguous_format", "preserve_format"):
        return input if input.is_contiguous() or name == "preserve_format" else clone(input, memory_format=name)
    if tuple(input.stride) == channels_last_stride(input.shape, name):
        return input
    return clone(input, memory_format=name)


@op
def detach(input: Tensor) -> Tensor:
    """A view that takes no part in gradients.

    >>> detach(tensor([1., 2.]))
    tensor([1., 2.])
    """
    view = input.as_view(input.shape, input.stride)
    view.requires_grad = False
    return view


@attribute
def data(input: Tensor) -> Tensor:
    """The same memory, outside of gradients.

    >>> ones(2, requires_grad=True).data
    tensor([1., 1.])
    """
    same = Tensor(input.storage, input.dtype, input.shape, input.stride, input.offset)
    same.lazy = input.lazy
    return same


@data.setter
def set_data(input: Tensor, value: Tensor) -> None:
    """``x.data = y``: look at the memory of ``y`` from now on."""
    if not isinstance(value, Tensor):
        raise type_error(f"Variable data has to be a tensor, but got {binding.type_name(value)}")
    look_at(input, value)


def look_at(input: Tensor, value: Tensor) -> None:
    """Make a tensor a view of another one's memory."""
    input.set_geometry(value.storage, value.shape, value.stride, value.offset)
    input.dtype = value.dtype
    input.lazy = value.lazy
