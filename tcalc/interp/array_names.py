"""The names of Python's ``array``: its own arrays of one type of number, whose memory ``torch.frombuffer`` shares."""

from __future__ import annotations

import array

from tcalc.errors import type_error
from tcalc.interp import guards, type_tokens
from tcalc.interp.iteration import collected
from tcalc.interp.method_tables import FIELDS, METHODS, native
from tcalc.interp.type_tokens import TypeToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BYTES = (bytes, bytearray)


def _array(*given: Any, **keywords: Any) -> array.array:
    if keywords:
        raise type_error("array.array() takes no keyword arguments")
    if not 1 <= len(given) <= 2:
        bound = "at least 1 argument" if not given else "at most 2 arguments"
        raise type_error(f"array() takes {bound} ({len(given)} given)")
    typecode, *initial = given
    return array.array(typecode, *map(_items, initial))


def _items(values: Any) -> Any:
    """What an array is made of: an iterator could go on for ever, so that its items are collected first."""
    return values if isinstance(values, (str, list, tuple, array.array, *_BYTES)) else collected(values)


def _append(items: array.array, value: Any, /) -> None:
    items.append(value)
    guards.check_growth(len(items))


def _extend(items: array.array, values: Any, /) -> None:
    items.extend(_items(values))


_NATIVE = "byteswap count frombytes fromlist index insert pop remove reverse tobytes tolist"

METHODS[array.array] = {
    **native(array.array, _NATIVE),
    "append": _append,
    "extend": _extend,
}
FIELDS[array.array] = ("typecode", "itemsize")

ARRAY = TypeToken("array.array", array.array, _array)
type_tokens.register(ARRAY)

NAMES: dict[str, Any] = {"array": ARRAY, "ArrayType": ARRAY, "typecodes": array.typecodes}
