"""What the names of types build when they are called."""

from __future__ import annotations

from tcalc.engine.devices import Device, cpu, parse
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp import guards, library
from tcalc.interp.encodings import decode, encode
from tcalc.interp.iteration import collected
from tcalc.interp.operations import is_bundle, is_numpy
from tcalc.interp.type_names import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.dtypes import DType


def text(*given: Any, **options: Any) -> str:
    """``str(value)``, or ``str(bytes, encoding, errors)``."""
    if options or len(given) > 1:
        return _decoded(*given, **options)
    value = given[0] if given else ""
    from tcalc.interp.text import str_of

    return str_of(value)


def _decoded(object: Any = b"", encoding: str = "utf-8", errors: str = "strict") -> str:
    if isinstance(object, (bytes, bytearray, memoryview)):
        return decode(object, encoding, errors)
    if isinstance(object, str):
        raise type_error("decoding str is not supported")
    raise type_error(f"decoding to str: need a bytes-like object, {type_name(object)} found")


def bytes_of(source: Any = b"", encoding: Any = None, errors: Any = None) -> bytes:
    return bytes(_byte_source(source, encoding, errors, "bytes"))


def bytearray_of(source: Any = b"", encoding: Any = None, errors: Any = None) -> bytearray:
    return bytearray(_byte_source(source, encoding, errors, "bytearray"))


def _byte_source(source: Any, encoding: Any, errors: Any, kind: str) -> Any:
    """What Python's own class makes its bytes of, with memory asked for."""
    if isinstance(source, str):
        if encoding is None:
            raise type_error("string argument without an encoding")
        return encode(source, encoding, errors or "strict")
    if encoding is not None or errors is not None:
        raise type_error(f"{'encoding' if encoding is not None else 'errors'} without a string argument")
    if isinstance(source, int) or (hasattr(source, "__index__") and not getattr(source, "shape", None)):
        guards.allocate(max(0, source.__index__()), "the bytes")
        return source.__index__()
    if isinstance(source, (bytes, bytearray, memoryview)) or is_numpy(source) or type(source).__module__ == "array":
        return source
    if not hasattr(type(source), "__iter__"):
        raise type_error(f"cannot convert '{type_name(source)}' object to {kind}")
    return collected(source)


def list_of(values: Any = (), /) -> list[Any]:
    return collected(values)


def tuple_of(values: Any = (), /) -> tuple[Any, ...]:
    return values if type(values) is tuple else tuple(collected(values))


def set_of(values: Any = (), /) -> set[Any]:
    return set(_keys(values))


def frozenset_of(values: Any = (), /) -> frozenset[Any]:
    return frozenset(_keys(values))


def dict_of(values: Any = (), /, **items: Any) -> dict[Any, Any]:
    if isinstance(values, dict):
        return {**values, **items}
    if is_bundle(values):
        return {**dict(values.items()), **items}
    return dict(_keys(values), **items)


def _keys(values: Any) -> list[Any]:
    found = collected(values)
    guards.check_keys(found)
    return found


def size(sizes: Any = (), /) -> Size:
    numbers = tuple_of(sizes)
    for position, number in enumerate(numbers):
        if not hasattr(number, "__index__"):
            raise type_error(f"torch.Size() takes an iterable of 'int' (item {position} is '{type_name(number)}')")
    return Size(number.__index__() for number in numbers)


def device(type: Any, index: int | None = None) -> Device:
    if isinstance(type, str) and index is not None:
        if ":" in type:
            from tcalc.errors import TcalcError

            raise TcalcError(f"type (string) must not include an index because index was passed explicitly: {type}")
        return Device(parse(type).type, index)
    if not isinstance(type, (str, int, Device)):
        raise type_error(f"device(): argument 'type' (position 1) must be str, not {type_name(type)}")
    return parse(type)


def default_tensor(*args: Any) -> Tensor:
    """``torch.Tensor(…)``: sizes, or values in the default element type."""
    from tcalc.engine.state import current

    return legacy_tensor(current().default_dtype, list(args))


# What holds the elements of a tensor of the older kind; anything else is a size.
_ELEMENTS = (list, tuple, bytearray, memoryview)


def legacy_tensor(dtype: DType, args: list[Any], device: Device = cpu) -> Tensor:
    """``torch.FloatTensor(2, 3)`` is uninitialised, ``torch.FloatTensor([1, 2])`` holds the values."""
    from tcalc.engine.tensor import empty

    if len(args) == 1 and type(args[0]) is Tensor and args[0].dtype is dtype:
        return args[0].as_view(args[0].shape, args[0].stride)
    if len(args) == 1 and (isinstance(args[0], _ELEMENTS) or type(args[0]).__module__ in ("numpy", "array")):
        if isinstance(args[0], Size):
            return empty(args[0], dtype, device)
        made: Tensor = library.apply("tensor", args[0], dtype=dtype, device=device)
        return made
    for arg in args:
        if type(arg) is not int:
            raise type_error(f"new(): invalid data type '{type_name(arg)}'")
    return empty(args or [0], dtype, device)
