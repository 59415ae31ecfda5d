"""What the names of types build when they are called."""

from __future__ import annotations

from tcalc.engine.devices import Device, parse
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp import guards, library
from tcalc.interp.iteration import collected
from tcalc.interp.operations import is_bundle
from tcalc.interp.type_names import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.dtypes import DType


def text(value: Any = "", /) -> str:
    from tcalc.interp.text import str_of

    return str_of(value)


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


def legacy_tensor(dtype: DType, args: list[Any]) -> Tensor:
    """``torch.FloatTensor(2, 3)`` is uninitialised, ``torch.FloatTensor([1, 2])`` holds the values."""
    from tcalc.engine.tensor import empty

    if len(args) == 1 and type(args[0]) is Tensor and args[0].dtype is dtype:
        return args[0].as_view(args[0].shape, args[0].stride)
    if len(args) == 1 and (isinstance(args[0], (list, tuple)) or type(args[0]).__module__ == "numpy"):
        if isinstance(args[0], Size):
            return empty(args[0], dtype)
        made: Tensor = library.apply("tensor", args[0], dtype=dtype)
        return made
    for arg in args:
        if type(arg) is not int:
            raise type_error(f"new(): invalid data type '{type_name(arg)}'")
    return empty(args or [0], dtype)
