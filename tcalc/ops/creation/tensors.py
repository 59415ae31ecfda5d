"""Tensors from data, and the few constants with a shape of their own."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, share, wrap
from tcalc.engine.tensor import empty as empty_tensor
from tcalc.errors import TcalcError, not_implemented, type_error, value_error
from tcalc.ops.creation.buffers import frombuffer, is_buffer
from tcalc.ops.creation.data import host_data, is_array
from tcalc.ops.creation.filling import check_out, chosen_device, filled, want_gradient
from tcalc.ops.dispatch import Launch
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]
    Layout = Any


@op
def tensor(
    data: Any,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor made of numbers, nested lists, a NumPy array or another tensor.

    The data is copied.

    Floats give the default dtype, integers int64, and the element type of an array or tensor is kept.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> tensor([1, 2], dtype=torch.float64)
    tensor([1., 2.], dtype=torch.float64)
    """
    return want_gradient(from_data(data, dtype, device), requires_grad)


def from_data(data: Any, dtype: DType | None, device: Device | None) -> Tensor:
    """A fresh tensor with the values of ``data``."""
    if isinstance(data, Tensor):
        return _fresh_copy(data, dtype, device)
    array, target = host_data(data, dtype)
    current().meter.allocate(array.size * target.itemsize, "the tensor")
    backend = backend_for(devices.cpu)
    with backend.guard():
        cast = backend.cast(array, target)
    if is_array(data) and (cast is array or cast.base is not None):
        cast = cast.copy(order="C")
    return on_device(wrap(cast, dtype=target), chosen_device(device))


def _fresh_copy(source: Tensor, dtype: DType | None, device: Device | None) -> Tensor:
    from tcalc.ops.session.convert import converted

    copy = converted(source, dtype, None if device is None else canonical(device), copy=True)
    return copy.as_view(copy.shape, copy.stride) if copy.requires_grad else copy


def on_device(made: Tensor, device: Device) -> Tensor:
    """A fresh CPU tensor, moved where it is wanted."""
    if device.type == "cpu":
        return made
    if device.type == "meta":
        return empty_tensor(made.shape, made.dtype, device)
    return wrap(backend_for(device).from_host(made.array), device, made.dtype)


@op
def as_tensor(data: Any, *, dtype: DType | None = None, device: Device | None = None) -> Tensor:
    """``data`` as a tensor, over the same memory where that is possible.

    >>> as_tensor([1., 2.])
    tensor([1., 2.])
    """
    if isinstance(data, Tensor):
        from tcalc.ops.session.convert import converted

        return converted(data, dtype, device)
    if is_array(data) and data.ndim and _shareable(data, dtype, device):
        return share(data)
    return from_data(data, dtype, device)


def _shareable(array: Any, dtype: DType | None, device: Device | None) -> bool:
    same_type = dtype is None or dtypes.from_numpy(array.dtype) is dtype
    return same_type and chosen_device(device).type == "cpu"


@op
def asarray(
    obj: Any,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """``obj`` as a tensor; ``copy=True`` always copies, ``copy=False`` never.

    Bytes and Python's arrays are memory, whatever the numbers in it were: it is looked at as ``dtype``.

    >>> asarray([1, 2])
    tensor([1, 2])
    """
    if is_buffer(obj):
        obj = frombuffer(obj, dtype=dtype or current().default_dtype)
    if copy:
        return want_gradient(from_data(obj, dtype, device), requires_grad)
    if copy is False:
        _check_alias(obj, dtype)
    made = as_tensor(obj, dtype=dtype, device=device)
    return want_gradient(made, requires_grad)


def _check_alias(obj: Any, dtype: DType | None) -> None:
    if not isinstance(obj, Tensor) and not is_array(obj):
        raise value_error("can't alias arbitrary sequence into a tensor.")
    have = obj.dtype if isinstance(obj, Tensor) else dtypes.from_numpy(obj.dtype)
    if dtype is not None and have is not dtype:
        raise value_error(f"can't alias tensor with dtype '{have.scalar_name}' into dtype '{dtype.scalar_name}'.")


@op
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor over the memory of a NumPy array.

    Each sees what the other writes.

    >>> from_numpy(np.array([1, 2]))
    tensor([1, 2])
    """
    from tcalc.ops.binding import type_name

    if type(ndarray).__name__ != "ndarray" or not is_array(ndarray):
        raise type_error(f"expected np.ndarray (got {type_name(ndarray)})")
    return share(ndarray)


@op
def scalar_tensor(
    s: Number,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A 0-d tensor of the default dtype, or of ``dtype``.

    >>> scalar_tensor(3)
    tensor(3.)
    """
    if dtype is None:
        default = current().default_dtype
        dtype = default.to_complex() if isinstance(s, complex) else default
    return want_gradient(filled((), s, dtype, device, "scalar_tensor"), requires_grad)


@op
def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A matrix with ones on the diagonal and zeros elsewhere.

    It has ``n`` rows and ``m`` columns, or is square where ``m`` is not given.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    m = n if m is None else m
    for letter, size in (("n", n), ("m", m)):
        if size < 0:
            raise TcalcError(f"{letter} must be greater or equal to 0, got {size}")
    if out is not None:
        check_out(out, dtype, device)
        dtype, device = out.dtype, out.device
    dtype = dtype or current().default_dtype
    if dtype is dtypes.complex32:
        raise not_implemented("\"eye\" not implemented for 'ComplexHalf'")
    made = filled((n, m), 0, dtype, device, "eye")
    diagonal = made.as_view((min(n, m),), (m + 1,))
    if not made.is_meta and min(n, m):
        diagonal.storage.backend.assign(diagonal.array, 1)
    if out is not None:
        return into_out(made, out)
    return want_gradient(made, requires_grad)


def into_out(made: Tensor, out: Tensor) -> Tensor:
    """Write a finished tensor into ``out=``, which takes its shape."""
    from tcalc.ops import destination

    return destination.finish_out(made, out, eye)


@op(namespace="torch.Tensor")
def new_tensor(
    input: Tensor, data: Any, *, dtype: DType | None = None, device: Device | None = None, requires_grad: bool = False
) -> Tensor:
    """A copy of ``data`` with the dtype and device of ``input``.

    >>> tensor([1., 2.]).new_tensor([3, 4])
    tensor([3., 4.])
    """
    return want_gradient(from_data(data, dtype or input.dtype, device or input.device), requires_grad)


@op(name="complex", out=True, derivative=lambda grad, result, real, imag: (grad.real, grad.imag))
def complex_tensor(real: Tensor, imag: Tensor) -> Launch:
    """Complex numbers from their real and imaginary parts.

    Both are float32 or float64.

    >>> torch.complex(tensor([1., 2.]), tensor([3., 4.]))
    tensor([1.+3.j, 2.+4.j])
    """
    return _complex_parts(real, imag, "real", "imag", _from_parts)


def _from_parts(xp: Any, out: Any, real: Any, imag: Any) -> Any:
    shape = xp.broadcast_shapes(real.shape, imag.shape)
    answer = xp.empty(shape, xp.complex64 if real.dtype == xp.float32 else xp.complex128) if out is None else out
    answer.real = real
    answer.imag = imag
    return answer


@op(out=True)
def polar(abs: Tensor, angle: Tensor) -> Launch:
    """Complex numbers from their absolute values and angles.

    >>> polar(tensor([2.]), tensor([0.]))
    tensor([2.+0.j])
    """
    return _complex_parts(abs, angle, "abs", "angle", _from_angle)


def _from_angle(xp: Any, out: Any, radius: Any, angle: Any) -> Any:
    return _from_parts(xp, out, radius * xp.cos(angle), radius * xp.sin(angle))


def _complex_parts(first: Tensor, second: Tensor, first_name: str, second_name: str, kernel: Any) -> Launch:
    from tcalc.engine.shapes import broadcast

    for dtype in (first.dtype, second.dtype):
        if dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
            raise TcalcError(
                f"Expected both inputs to be Half, Float or Double tensors but got {first.dtype.scalar_name} and "
                f"{second.dtype.scalar_name}"
            )
    if first.dtype is not second.dtype:
        raise TcalcError(
            f"Expected object of scalar type {first.dtype.scalar_name} but got scalar type "
            f"{second.dtype.scalar_name} for second argument"
        )
    shape = broadcast(first.shape, second.shape)
    return Launch(kernel, (first, second), shape, first.dtype.to_complex(), pointwise=True)
