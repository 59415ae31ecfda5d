"""From a program's data (numbers, nested lists, arrays, tensors) to an array and the dtype PyTorch infers."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, numpy
from tcalc.engine.dtypes import DType
from tcalc.engine.numbers import integer_limits
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PYTHON_NUMBERS = frozenset((bool, int, float, complex))


def host_data(data: Any, dtype: DType | None = None) -> tuple[Any, DType]:
    """Data as a NumPy array, and its dtype: ``dtype`` or the one that PyTorch would infer.

    The array of numbers in lists is of that dtype already; that of an array or tensor is the data's own
    memory, to be cast by the caller. Numbers keep every digit until their dtype is known.
    """
    if isinstance(data, Tensor):
        return data.host_array(), dtype or data.dtype
    if is_array(data):
        return numpy().asarray(data), dtype or dtypes.from_numpy(data.dtype)
    flat: list[Any] = []
    shape = list_shape(data, flat)
    if not flat:
        target = dtype or current().default_dtype
        return numpy().empty(shape, target.numpy), target
    target = dtype or inferred(flat)
    return numbers_array(flat, target).reshape(shape), target


def is_array(value: Any) -> bool:
    """Whether the value is NumPy's own: an array or a scalar that knows its element type."""
    return type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "ndim")


# ---------------------------------------------------------------- shapes of nested lists


def list_shape(data: Any, flat: list[Any]) -> tuple[int, ...]:
    """The shape of nested lists, whose leaves are appended to ``flat``.

    The first row of each depth decides; a row that differs is an error with its place (``path`` within ``data``).
    """
    shape = _first_shape(data)
    if 0 not in shape:
        try:
            _collect(data, shape, 0, flat, ())
        except TcalcError as fault:
            fault.data = data
            raise
    return shape


_SEQUENCES = (list, tuple, range, bytearray, memoryview)
# Python's array.array and collections.deque, by name: their modules may never have been loaded.
_FURTHER_SEQUENCES = ("array", "Deque")


def is_sequence(value: Any) -> bool:
    """Whether the value counts as a list of numbers or of further sequences; text and bytes do not."""
    return isinstance(value, _SEQUENCES) or type(value).__name__ in _FURTHER_SEQUENCES


def _length(data: Any) -> int | None:
    """The length of what counts as a sequence, None for a leaf."""
    if is_sequence(data):
        return len(data)
    return len(data) if is_array(data) and data.ndim else None


def _first_shape(data: Any) -> tuple[int, ...]:
    shape: list[int] = []
    length = _length(data)
    while length is not None:
        shape.append(length)
        if not length:
            break
        data = next(iter(data))
        length = _length(data)
    if isinstance(data, str):
        if shape:
            raise value_error("too many dimensions 'str'")
        raise type_error("new(): invalid data type 'str'")
    return tuple(shape)


def _collect(data: Any, shape: tuple[int, ...], dim: int, flat: list[Any], path: tuple[int, ...]) -> None:
    """Append the leaves under ``data``, which must have the shape's lengths from ``dim`` on."""
    if dim == len(shape):
        flat.append(_leaf(data, path))
        return
    length = _length(data)
    if length is None:
        _leaf(data, path)
        raise _placed(type_error("not a sequence"), path)
    if length != shape[dim]:
        message = f"expected sequence of length {shape[dim]} at dim {dim} (got {length})"
        raise _placed(value_error(message), path)
    if dim + 1 == len(shape) and not is_array(data) and _PYTHON_NUMBERS.issuperset(map(type, data)):
        flat.extend(data)
        return
    for position, item in enumerate(data):
        _collect(item, shape, dim + 1, flat, (*path, position))


def _leaf(data: Any, path: tuple[int, ...]) -> Any:
    """A number, or a tensor or array of one element; everything else is an error."""
    if isinstance(data, (int, float, complex)):
        return data
    if isinstance(data, Tensor) or is_array(data):
        count = data.numel() if isinstance(data, Tensor) else data.size
        if count != 1:
            raise _placed(value_error("only one element tensors can be converted to Python scalars"), path)
        return data
    if isinstance(data, (list, tuple)):
        raise _placed(type_error(f"'{type(data).__name__}' object cannot be interpreted as an integer"), path)
    if isinstance(data, (str, bytes)):
        raise _placed(type_error(f"new(): invalid data type '{type(data).__name__}'"), path)
    from tcalc.ops.binding import type_name

    raise _placed(TcalcError(f"Could not infer dtype of {type_name(data)}"), path)


def _placed(error: TcalcError, path: tuple[int, ...]) -> TcalcError:
    if path:
        error.path = path
    return error


# ---------------------------------------------------------------- numbers


def inferred(flat: list[Any]) -> DType:
    """The dtype of numbers: promoted over their kinds; elements of arrays and tensors bring their own."""
    kinds = set(map(type, flat))
    default = current().default_dtype
    if not _PYTHON_NUMBERS.issuperset(kinds):
        found = _dtype_of(flat[0], default)
        for value in flat[1:]:
            found = dtypes.promote(found, _dtype_of(value, default))
        return found
    if complex in kinds:
        return default.to_complex()
    if float in kinds:
        return default
    return dtypes.int64 if int in kinds else dtypes.bool_


def _dtype_of(value: Any, default: DType) -> DType:
    if isinstance(value, Tensor):
        return value.dtype
    return dtypes.from_numpy(value.dtype) if is_array(value) else dtypes.scalar_dtype(value, default)


def numbers_array(flat: list[Any], dtype: DType) -> Any:
    """Numbers as a 1-D array of ``dtype``, refused where an integer type does not hold them."""
    np = numpy()
    if not _PYTHON_NUMBERS.issuperset(map(type, flat)):
        flat = [
            value.scalar() if isinstance(value, Tensor) else value.item() if is_array(value) else value
            for value in flat
        ]
    if dtype.category == dtypes.INTEGER:
        return _integers(flat, dtype)
    if dtype.category == dtypes.BOOL:
        return np.array([bool(value) for value in flat], np.bool_)
    if dtype.category == dtypes.FLOAT and complex in map(type, flat):
        raise type_error("must be real number, not complex")
    wide = np.array(flat, np.complex128 if dtype.category == dtypes.COMPLEX else np.float64)
    backend = backend_for(devices.cpu)
    with backend.guard():
        return backend.cast(wide, dtype)


def _integers(flat: list[Any], dtype: DType) -> Any:
    """Whole numbers; a negative one wraps into an unsigned type when its magnitude fits."""
    lowest, largest = integer_limits(dtype)
    lowest = lowest if dtype.is_signed else -largest
    whole = flat
    if not _WHOLE.issuperset(map(type, flat)):
        whole = [_whole(value, dtype) for value in flat]
    for value in (min(whole), max(whole)):
        if not lowest <= value <= largest:
            raise _does_not_fit(flat[whole.index(value)], dtype)
    if not dtype.is_signed:
        whole = [value & largest for value in whole]
    return numpy().array(whole, dtype.numpy)


_WHOLE = frozenset((int, bool))


def _whole(value: Any, dtype: DType) -> int:
    if isinstance(value, complex):
        raise type_error("must be real number, not complex")
    if not -9.3e18 < value < 1.9e19:  # nan, too, and far beyond every integer type
        raise _does_not_fit(value, dtype)
    return int(value)


def _does_not_fit(value: Any, dtype: DType) -> TcalcError:
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63 and dtype is not dtypes.uint64:
        return value_error("Overflow when unpacking long long")
    return TcalcError(f"value cannot be converted to type {dtype.name} without overflow")
