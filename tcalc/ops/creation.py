"""Tensors from data, constants and ranges."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical, numpy
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, share, wrap
from tcalc.engine.tensor import empty as empty_tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]


def chosen_device(device: Device | None) -> Device:
    """The device that a creation function works on when none is named."""
    if device is None:
        name = current().default_device
        device = devices.parse(name) if name else devices.cpu
    return canonical(device)


@op
def tensor(
    data: Any, *, dtype: DType | None = None, device: Device | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor made of numbers, nested lists, a NumPy array or another tensor; the data is copied.

    Floats give the default dtype, integers int64, and the element type of an array or tensor is kept.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> tensor([1, 2], dtype=torch.float64)
    tensor([1., 2.], dtype=torch.float64)
    """
    array, inferred = host_data(data)
    target = dtype or inferred
    cast = backend_for(devices.cpu).cast(array, target)
    if cast is array or cast.base is not None:
        cast = cast.copy()
    made = on_device(wrap(cast, dtype=target), chosen_device(device))
    made.requires_grad = requires_grad
    return made


def on_device(made: Tensor, device: Device) -> Tensor:
    """A fresh CPU tensor, moved where it is wanted."""
    if device.type == "cpu":
        return made
    if device.type == "meta":
        return empty_tensor(made.shape, made.dtype, device)
    return wrap(backend_for(device).from_host(made.array), device, made.dtype)


def host_data(data: Any) -> tuple[Any, DType]:
    """Data as a NumPy array that keeps every digit, and the dtype that PyTorch would infer."""
    np = numpy()
    if isinstance(data, Tensor):
        return data.host_array(), data.dtype
    if isinstance(data, (np.ndarray, np.generic)):
        return np.asarray(data), dtypes.from_numpy(data.dtype)
    flat: list[Any] = []
    shape = list_shape(data, flat)
    if not flat:
        return np.empty(shape, np.float32), current().default_dtype
    if any(isinstance(value, Tensor) for value in flat):
        flat = [value.scalar() if isinstance(value, Tensor) else value for value in flat]
    inferred = _inferred(flat)
    try:
        array = np.array(flat, _widest(inferred)).reshape(shape)
    except OverflowError:
        raise TcalcError("Overflow when unpacking long long") from None
    return array, inferred


def list_shape(data: Any, flat: list[Any], path: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The shape of nested lists, whose leaves are appended to ``flat``; ragged rows are an error with their path."""
    if not isinstance(data, (list, tuple, range)):
        if type(data).__module__ == "numpy":
            data = data.item() if not data.ndim else data
        if not isinstance(data, (int, float, complex)) and not (isinstance(data, Tensor) and data.numel() == 1):
            raise _unusable(data, path)
        flat.append(data)
        return ()
    if not data:
        return (0,)
    shape: tuple[int, ...] | None = None
    for position, item in enumerate(data):
        found = list_shape(item, flat, (*path, position))
        if shape is None:
            shape = found
        elif found != shape:
            raise _ragged(shape, found, (*path, position))
    assert shape is not None
    return (len(data), *shape)


def _unusable(data: Any, path: tuple[int, ...]) -> TcalcError:
    from tcalc.ops.binding import type_name

    if not path:
        return TcalcError(f"Could not infer dtype of {type_name(data)}")
    if isinstance(data, str):
        return TcalcError(f"too many dimensions '{type_name(data)}'", "ValueError")
    return TcalcError(f"Could not infer dtype of {type_name(data)}")


def _ragged(expected: tuple[int, ...], found: tuple[int, ...], path: tuple[int, ...]) -> TcalcError:
    dim = len(path)
    if not expected:
        error = TcalcError("only number elements can stand beside numbers in a tensor, found a sequence", "TypeError")
    elif not found:
        error = TcalcError(f"expected sequence of length {expected[0]} at dim {dim} (got a number)", "TypeError")
    else:
        deeper = next((i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), 0)
        error = value_error(
            f"expected sequence of length {expected[deeper]} at dim {dim + deeper} (got {found[deeper]})"
        )
    error.path = path
    return error


def _inferred(flat: list[Any]) -> DType:
    kinds = {type(value) for value in flat}
    if complex in kinds:
        return current().default_dtype.to_complex()
    if float in kinds:
        return current().default_dtype
    return dtypes.int64 if int in kinds else dtypes.bool_


def _widest(dtype: DType) -> Any:
    """Numbers keep full precision until the dtype they are wanted in is known."""
    np = numpy()
    return {dtypes.BOOL: np.bool_, dtypes.INTEGER: np.int64, dtypes.FLOAT: np.float64}.get(
        dtype.category, np.complex128
    )


__all__ = ["chosen_device", "host_data", "list_shape", "on_device", "share", "tensor"]
