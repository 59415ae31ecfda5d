"""Tensors of one value: zeros, ones, a number, or memory as it was found."""

from __future__ import annotations

from math import prod

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import canonical
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.numbers import checked_number
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.engine.tensor import empty as allocate
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import resize_out
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex
    Ints = Any

_MOST_BYTES = (1 << 63) - 1


def chosen_device(device: Device | None) -> Device:
    """The device that a creation function works on when none is named."""
    if device is None:
        name = current().default_device
        device = devices.parse(name) if name else devices.cpu
    return canonical(device)


def checked_size(size: Sequence[int], name: str, dtype: DType) -> tuple[int, ...]:
    """A size without negative dimensions whose bytes can be counted, or the error of the function ``name``."""
    for length in size:
        if length < 0:
            if name == "zeros":
                raise TcalcError("zeros: Dimension size must be non-negative.")
            raise TcalcError(f"Trying to create tensor with negative dimension {length}: {list(size)}")
    if prod(size) * dtype.itemsize > _MOST_BYTES:
        raise TcalcError(f"Storage size calculation overflowed with sizes={list(size)}")
    return tuple(size)


def want_gradient(made: Tensor, requires_grad: bool) -> Tensor:
    """``requires_grad=`` of a fresh tensor."""
    if requires_grad:
        if made.dtype.category < dtypes.FLOAT:
            raise TcalcError("Only Tensors of floating point and complex dtype can require gradients")
        made.requires_grad = True
    return made


def check_out(out: Tensor, dtype: DType | None, device: Device | None) -> None:
    """``dtype=`` and ``device=`` beside ``out=`` must be the ones that ``out`` has."""
    if dtype is not None and dtype is not out.dtype:
        raise TcalcError(f"dtype {dtype.scalar_name} does not match dtype of out parameter ({out.dtype.scalar_name})")
    if device is not None and device.type != out.device.type:
        raise TcalcError(f"device type {device.type} does not match device type of out parameter ({out.device.type})")


def filled(shape: Sequence[int], value: complex, dtype: DType, device: Device | None, name: str = "full") -> Tensor:
    """A fresh tensor whose elements are all ``value``."""
    number = checked_number(value, dtype)
    made = allocate(shape, dtype, chosen_device(device), f"the result of {name}")
    return fill_memory(made, number)


def fill_memory(target: Tensor, number: complex) -> Tensor:
    """Write a number that fits into every element."""
    if not target.is_meta and target.numel():
        with target.storage.backend.guard():
            target.array[...] = number
    return target


def make(
    size: Sequence[int],
    value: complex | None,
    name: str,
    out: Tensor | None,
    dtype: DType | None,
    device: Device | None,
    requires_grad: bool,
) -> Tensor:
    """The common body of ``zeros``, ``ones``, ``full`` and ``empty``; no value leaves memory as it was found."""
    if out is not None:
        check_out(out, dtype, device)
        size = checked_size(size, name, out.dtype)
        number = None if value is None else checked_number(value, out.dtype)
        if tuple(out.shape) != size:
            resize_out(out, size)
        if number is not None:
            fill_memory(out, number)
            out.storage.version += 1
        return out
    dtype = dtype or current().default_dtype
    size = checked_size(size, name, dtype)
    if value is None:
        made = allocate(size, dtype, chosen_device(device), f"the result of {name}")
    else:
        made = filled(size, value, dtype, device, name)
    return want_gradient(made, requires_grad)


@op
def zeros(
    *size: Ints,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of zeros.

    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return make(size, 0, "zeros", out, dtype, device, requires_grad)


@op
def ones(
    *size: Ints,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of ones.

    >>> ones(2, dtype=torch.int64)
    tensor([1, 1])
    """
    return make(size, 1, "ones", out, dtype, device, requires_grad)


@op
def empty(
    *size: Ints,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor whose elements are whatever the memory held.

    >>> empty(2, 0).shape
    torch.Size([2, 0])
    """
    return make(size, None, "empty", out, dtype, device, requires_grad)


@op
def full(
    size: Ints,
    fill_value: Number,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor whose elements are all ``fill_value``, which also decides the dtype where none is given.

    >>> full((2,), 7)
    tensor([7, 7])
    """
    if dtype is None and out is None:
        dtype = number_dtype(fill_value)
    return make(size, fill_value, "full", out, dtype, device, requires_grad)


def number_dtype(value: complex) -> DType:
    """The dtype that a Python number gives a tensor made of it."""
    return dtypes.scalar_dtype(value, current().default_dtype)


@op
def empty_strided(
    size: Ints,
    stride: Ints,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of the given size and strides whose elements are whatever the memory held.

    >>> empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    if len(size) != len(stride):
        raise TcalcError(f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})")
    dtype = dtype or current().default_dtype
    size = checked_size(size, "empty_strided", dtype)
    made = strided(size, stride, dtype, chosen_device(device))
    return want_gradient(made, requires_grad)


@op
def empty_permuted(
    size: Ints,
    physical_layout: Ints,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A dense tensor whose dimensions lie in memory in the order of ``physical_layout``, outermost first.

    >>> empty_permuted((2, 3), (1, 0)).stride()
    (1, 2)
    """
    if len(size) != len(physical_layout):
        raise TcalcError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(size)} is not equal to len(physical_layout) = {len(physical_layout)}"
        )
    stride = [0] * len(size)
    step = 1
    for dim in reversed(physical_layout):
        stride[dim] = step
        step *= size[dim]
    return empty_strided(size, tuple(stride), dtype=dtype, device=device, requires_grad=requires_grad)


def strided(size: Sequence[int], stride: Sequence[int], dtype: DType, device: Device) -> Tensor:
    """Fresh memory seen with the given strides."""
    extent = 0 if 0 in size else 1 + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    memory = allocate((extent,), dtype, device)
    return Tensor(memory.storage, dtype, tuple(size), tuple(stride))


# ---------------------------------------------------------------- like another tensor


def like(input: Tensor, dtype: DType | None, device: Device | None, memory_format: Any = None) -> Tensor:
    """Fresh memory in the shape of ``input``, in its order of memory unless a contiguous result is asked for."""
    dtype = dtype or input.dtype
    device = canonical(device) if device is not None else input.device
    stride = preserved_stride(input) if str(memory_format) != "torch.contiguous_format" else None
    if stride is None:
        return allocate(input.shape, dtype, device)
    memory = allocate((input.numel(),), dtype, device)
    return Tensor(memory.storage, dtype, input.shape, stride)


def preserved_stride(input: Tensor) -> tuple[int, ...] | None:
    """The dense strides that keep the order of the input's dimensions in memory; None where they are row-major."""
    if input.is_contiguous():
        return None
    if input.is_dense() and _no_overlap(input):
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
    layout: Any = None,
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
    layout: Any = None,
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
    layout: Any = None,
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
    layout: Any = None,
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
    layout: Any = None,
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
    layout: Any = None,
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
    layout: Any = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Uninitialised memory of the given size, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_empty(2, 3).shape
    torch.Size([2, 3])
    """
    return _new(input, size, None, "empty", dtype, device, requires_grad)


@op(namespace="torch.Tensor")
def new_full(
    input: Tensor,
    size: Ints,
    fill_value: Number,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    layout: Any = None,
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
    layout: Any = None,
    pin_memory: bool | None = None,
) -> Tensor:
    """Uninitialised memory of the given size and strides, with the dtype and device of ``input``.

    >>> tensor([1, 2]).new_empty_strided((2, 2), (1, 2)).stride()
    (1, 2)
    """
    dtype = dtype or input.dtype
    made = strided(checked_size(size, "empty_strided", dtype), stride, dtype, device or input.device)
    return want_gradient(made, requires_grad)
