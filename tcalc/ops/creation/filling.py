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
from tcalc.ops.destination import resize_out
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex
    Ints = Any
    Sizes = Any
    Layout = Any

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
        backend = target.storage.backend
        with backend.guard():
            backend.assign(target.array, number)
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
    layout: Layout = None,
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
    layout: Layout = None,
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
    layout: Layout = None,
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
    size: Sizes,
    fill_value: Number,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor whose elements are all ``fill_value``.

    It also decides the dtype where none is given.

    >>> full((2,), 7)
    tensor([7, 7])
    """
    if dtype is None and out is None:
        dtype = number_dtype(fill_value)
        if dtype is dtypes.complex32:  # what half precision as the default gives everywhere else
            dtype = dtypes.complex64
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
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of a size and strides with whatever the memory held.

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
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A dense tensor with its dimensions in any order in memory.

    ``physical_layout`` names them, the outermost first.

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
