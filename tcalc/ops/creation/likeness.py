"""Tensors of one value in the shape, dtype and place of another tensor."""

from __future__ import annotations

from tcalc.engine.backend import canonical
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.numbers import checked_number
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.engine.tensor import empty as allocate
from tcalc.ops.creation.filling import checked_size, fill_memory, make, strided, want_gradient
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex
    Ints = Any
    Sizes = Any
    Layout = Any


def like(input: Tensor, dtype: DType | None, device: Device | None, memory_format: Any = None) -> Tensor:
    """Fresh memory in the shape of ``input``, in its order of memory unless another one is asked for."""
    dtype = dtype or input.dtype
    device = canonical(device) if device is not None else input.device
    name = str(memory_format).rpartition(".")[2]
    if name.startswith("channels_last"):
        from tcalc.ops.shape.cloning import channels_last_stride

        stride: tuple[int, ...] | None = channels_last_stride(input.shape, name)
    else:
        stride = preserved_stride(input) if name != "contiguous_format" else None
    if stride is None:
        return allocate(input.shape, dtype, device)
    memory = allocate((input.numel(),), dtype, device)
    return Tensor(memory.storage, dtype, input.shape, stride)


def preserved_stride(input: Tensor) -> tuple[int, ...] | None:
    """The dense strides that keep the order of the input's dimensions in memory; None where they are row-major."""
    if input.stride == contiguous_stride(input.shape):
        return None
    if 0 in input.shape or (input.is_dense() and _no_overlap(input)):
        return input.stride
    order = memory_order(input)
    stride = [0] * input.ndim
    step = 1
    for dim in order:
        stride[dim] = step
        step *= max(input.shape[dim], 1)
    return tuple(stride)


def _no_overlap(input: Tensor) -> bool:
    return all(step or size < 2 for step, size in zip(input.stride, input.shape, strict=True))


def memory_order(input: Tensor) -> list[int]:
    """Dimensions from the innermost in memory to the outermost; ties and expanded ones keep their places."""
    order = list(range(input.ndim - 1, -1, -1))
    for position in range(1, len(order)):
        at = position
        for before in range(position - 1, -1, -1):
            decision = _compare_strides(input, order[before], order[at])
            if decision > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif decision < 0:
                break
    return order


def _compare_strides(input: Tensor, first: int, second: int) -> int:
    """Whether ``first`` belongs outside ``second`` (1), inside (-1), or nothing can be said (0)."""
    stride, other = input.stride[first], input.stride[second]
    if stride == 0 or other == 0:
        return 0
    if stride != other:
        return -1 if stride < other else 1
    return 1 if input.shape[first] > input.shape[second] else 0


@op(method=False)
def zeros_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros in the shape, dtype and place of ``input``.

    >>> zeros_like(tensor([1, 2]))
    tensor([0, 0])
    """
    return want_gradient(fill_memory(like(input, dtype, device, memory_format), 0), requires_grad)


@op(method=False)
def ones_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones in the shape, dtype and place of ``input``.

    >>> ones_like(tensor([[1.5, 2.5]]))
    tensor([[1., 1.]])
    """
    return want_gradient(fill_memory(like(input, dtype, device, memory_format), 1), requires_grad)


@op(method=False)
def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """``fill_value`` in the shape, dtype and place of ``input``.

    >>> full_like(tensor([1., 2.]), 9)
    tensor([9., 9.])
    """
    number = checked_number(fill_value, dtype or input.dtype)
    return want_gradient(fill_memory(like(input, dtype, device, memory_format), number), requires_grad)


@op(method=False)
def empty_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Uninitialised memory in the shape, dtype and place of ``input``.

    >>> empty_like(tensor([[1, 2], [3, 4]])).shape
    torch.Size([2, 2])
    """
    return want_gradient(like(input, dtype, device, memory_format), requires_grad)


# ---------------------------------------------------------------- methods that take dtype and device from a tensor


def _new(
    input: Tensor,
    size: Sequence[int],
    value: complex | None,
    name: str,
    dtype: DType | None,
    device: Device | None,
    requires_grad: bool,
) -> Tensor:
    return make(size, value, name, None, dtype or input.dtype, device or input.device, requires_grad)


@op(namespace="torch.Tensor")
def new_zeros(
    input: Tensor,
    *size: Ints,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Layout = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Zeros of the given size, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_zeros(3)
    tensor([0, 0, 0])
    """
    return _new(input, size, 0, "new_zeros", dtype, device, requires_grad)


@op(namespace="torch.Tensor")
def new_ones(
    input: Tensor,
    *size: Ints,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Layout = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Ones of the given size, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_ones((1, 2))
    tensor([[1, 1]])
    """
    return _new(input, size, 1, "ones", dtype, device, requires_grad)


@op(namespace="torch.Tensor")
def new_empty(
    input: Tensor,
    *size: Ints,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Layout = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Uninitialised memory, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_empty(2, 3).shape
    torch.Size([2, 3])
    """
    return _new(input, size, None, "empty", dtype, device, requires_grad)


@op(namespace="torch.Tensor")
def new_full(
    input: Tensor,
    size: Sizes,
    fill_value: Number,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Layout = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """``fill_value`` in the given size, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_full((2,), 5)
    tensor([5, 5])
    """
    return _new(input, size, fill_value, "full", dtype, device, requires_grad)


@op(namespace="torch.Tensor")
def new_empty_strided(
    input: Tensor,
    size: Ints,
    stride: Ints,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Layout = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Uninitialised memory of a size and strides, as ``input`` is.

    The dtype and the device are those of ``input``.

    >>> tensor([1, 2]).new_empty_strided((2, 2), (1, 2)).stride()
    (1, 2)
    """
    dtype = dtype or input.dtype
    made = strided(checked_size(size, "empty_strided", dtype), stride, dtype, device or input.device)
    return want_gradient(made, requires_grad)
