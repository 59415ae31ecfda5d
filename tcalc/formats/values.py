"""The numbers behind a value of the language, as arrays and named tensors that a format can write."""

from __future__ import annotations

from collections.abc import MappingView

from tcalc.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.engine.bundle import Bundle
    from tcalc.engine.tensor import Tensor

_PIECE = 1 << 22  # bytes that are put in order at a time


def array_of(value: object) -> Any:
    """The NumPy array behind a tensor or an array of the language; None for any other value."""
    host_array = getattr(type(value), "host_array", None)
    if host_array is not None:
        return host_array(value)
    if hasattr(type(value), "__array_interface__") and hasattr(value, "ndim"):
        return value
    return None


def rectangle(value: list) -> Any:
    """The array of a list whose leaves are numbers in rows of one length."""
    if not value or not all(isinstance(item, (bool, int, float, complex, list)) for item in value):
        return None
    import numpy as np

    try:
        array = np.array(value)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "biufc" else None


def one_array(value: object) -> Any:
    """The array of numbers that a tensor, an array, a number or a rectangular list is; None for any other value."""
    if isinstance(value, (bool, int, float, complex)):
        import numpy as np

        try:
            array = np.array(value)
        except OverflowError:
            return None
        return array if array.dtype.kind in "biufc" else None
    return rectangle(value) if isinstance(value, list) else array_of(value)


def raw_bytes(array: Any) -> memoryview:
    """The bytes of a contiguous array, without a copy."""
    import numpy as np

    return memoryview(array.reshape(-1).view(np.uint8))


def as_list(value: Any) -> Any:
    """The keys, values or items of a dictionary or bundle, a deque and Python's array as a list; else the value."""
    kind = type(value)
    is_sequence = kind.__module__ == "array" or any(base.__name__ == "deque" for base in kind.__mro__)
    return list(value) if is_sequence or issubclass(kind, MappingView) else value


def in_order(array: Any) -> Iterator[Any]:
    """The elements of an array in order, as contiguous arrays: an expanded view may be larger than the memory."""
    import numpy as np

    if array.flags.c_contiguous or array.nbytes <= _PIECE:
        if array.size:
            yield np.ascontiguousarray(array)
    elif array[0].nbytes > _PIECE:
        for part in array:
            yield from in_order(part)
    else:
        step = _PIECE // array[0].nbytes
        for start in range(0, len(array), step):
            yield np.ascontiguousarray(array[start : start + step])


def little_endian(tensor: Tensor) -> Iterator[memoryview]:
    """The elements of a tensor in order, as the bytes that files hold."""
    from tcalc.formats.arrays import swapped

    for part in in_order(tensor.host_array()):
        yield raw_bytes(swapped(part))


def as_tensor(value: object) -> Tensor | None:
    """The tensor of anything with an array of numbers behind it; None for any other value."""
    from tcalc.engine.tensor import Tensor, share, wrap

    if isinstance(value, Tensor):
        return value
    array = one_array(value)
    if array is None or array.dtype.kind not in "biufcV":
        return None
    if not array.dtype.isnative or any(step % array.dtype.itemsize or step < 0 for step in array.strides):
        return wrap(array.astype(array.dtype.newbyteorder("="), order="C"))
    return share(array)


def named_tensors(value: object, format: str) -> Bundle:
    """The bundle that a value is: a bundle, a dictionary or named tuple of tensors and numbers, a table's columns."""
    from tcalc.engine.bundle import Bundle
    from tcalc.engine.table import Table

    if isinstance(value, Bundle):
        return value
    if isinstance(value, (dict, Table)):
        pairs = list(value.items())
    elif isinstance(value, tuple) and hasattr(value, "fields"):
        pairs = list(zip(value.fields, value, strict=True))
    else:
        raise DataError(f"{format} holds tensors by name, and the result has no names", hint="give it one: {'x': ...}")
    tensors = {}
    for name, item in pairs:
        tensor = as_tensor(item)
        if not isinstance(name, str):
            raise DataError(f"{format} holds tensors by name, and {name!r} is no text")
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            raise DataError(f"{format} holds tensors by name, and {name!r} is half a character")
        if tensor is None:
            raise DataError(f"{format} holds tensors by name, and what {name!r} names is none")
        tensors[name] = tensor
    return Bundle(tensors)
