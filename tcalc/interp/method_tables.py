"""The attributes of Python's own values that programs may use: an allow-list a type, nothing else exists."""

from __future__ import annotations

from tcalc.interp import formatting, guards
from tcalc.interp.encodings import decode, encode
from tcalc.interp.iteration import collected
from tcalc.interp.values import callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


# What a part of a text of its own takes, and the separator beside it: an object of fifty bytes for two characters.
_PART_BYTES = 32


def native(kind: type, names: str) -> dict[str, Callable]:
    """The methods of these names that are Python's own."""
    return {name: getattr(kind, name) for name in names.split()}


def _padded(method: Callable) -> Callable:
    """A method whose first argument is the width of its answer."""

    def pad(text: str, *arguments: Any) -> str:
        if arguments and isinstance(arguments[0], int):
            guards.allocate(arguments[0], "the padded text")
        result: str = method(text, *arguments)
        return result

    return pad


def _replace(text: Any, old: Any, new: Any, count: int = -1, /) -> Any:
    kinds = (str,) if isinstance(text, str) else (bytes, bytearray)
    if isinstance(old, kinds) and isinstance(new, kinds) and len(new) > len(old):
        guards.allocate(text.count(old) * len(new), "the replaced text")
    return text.replace(old, new, count)


def _join(separator: Any, values: Any, /) -> Any:
    parts = collected(values)
    size = sum(len(part) for part in parts if isinstance(part, (str, bytes, bytearray)))
    guards.allocate(size + len(separator) * len(parts), "the joined text")
    return separator.join(parts)


def _splitting(method: Callable) -> Callable:
    """A method that takes a text apart: at worst, into as many parts as it has characters."""

    def split(text: str, *args: Any, **kwargs: Any) -> list[str]:
        guards.allocate(len(text) * _PART_BYTES, "the parts of the text")
        parts: list[str] = method(text, *args, **kwargs)
        return parts

    return split


def _expandtabs(text: Any, tabsize: int = 8) -> Any:
    tab = "\t" if isinstance(text, str) else b"\t"
    guards.allocate(text.count(tab) * tabsize, "the expanded text")
    return text.expandtabs(tabsize)


def _keyed(method: Callable) -> Callable:
    """A method of a dict or set, with what it may hash looked at first."""

    def call(container: Any, *args: Any, **kwargs: Any) -> Any:
        for arg in args:
            guards.check_key(arg)
            guards.check_keys(arg)
        return method(container, *args, **kwargs)

    return call


def native_keyed(kind: type, names: str) -> dict[str, Callable]:
    """Methods of a kind of dict or set."""
    return {name: _keyed(method) for name, method in native(kind, names).items()}


def _append(items: list, value: Any, /) -> None:
    items.append(value)
    guards.check_growth(len(items))


def _extend(items: list, values: Any, /) -> None:
    items.extend(collected(values))


def _sort(items: list, /, *, key: Any = None, reverse: Any = False) -> None:
    items.sort(key=None if key is None else callback(key), reverse=bool(reverse))


def _counting(name: str) -> Callable:
    """``count`` or ``index`` of a range, which Python looks through one by one for anything but a whole number."""
    method = getattr(range, name)

    def search(values: range, wanted: Any, /) -> Any:
        whole = isinstance(wanted, float) and wanted.is_integer()
        if not whole and not isinstance(wanted, int):
            return method(range(0), wanted) if isinstance(wanted, (float, complex, str)) else method(values, wanted)
        return method(values, int(wanted))

    search.__name__ = search.__qualname__ = name
    return search


def _fromkeys(keys: Any, value: Any = None, /) -> dict:
    found = collected(keys)
    guards.check_keys(found)
    return dict.fromkeys(found, value)


def _of_bytes(kind: type) -> dict[str, Callable]:
    """The methods that bytes and bytearrays share."""
    return {
        **native(kind, _BYTES),
        **{name: _padded(getattr(kind, name)) for name in ("center", "ljust", "rjust", "zfill")},
        **{name: _splitting(getattr(kind, name)) for name in ("rsplit", "split", "splitlines")},
        "decode": decode,
        "expandtabs": _expandtabs,
        "fromhex": lambda receiver, text, /: kind.fromhex(text),  # type: ignore[attr-defined]
        "join": _join,
        "replace": _replace,
    }


def _extend_bytes(items: bytearray, values: Any, /) -> None:
    items.extend(values if isinstance(values, (bytes, bytearray, memoryview)) else collected(values))


def _to_bytes(value: int, length: int = 1, byteorder: str = "big", *, signed: bool = False) -> bytes:
    guards.allocate(length, "the bytes")
    return value.to_bytes(length, byteorder, signed=signed)  # type: ignore[arg-type]


def _from_bytes(values: Any, byteorder: str = "big", *, signed: bool = False) -> int:
    data = values if isinstance(values, (bytes, bytearray, memoryview)) else bytes(collected(values))
    guards.check_bits(8 * len(data), "the integer")
    return int.from_bytes(data, byteorder, signed=signed)  # type: ignore[arg-type]


_TEXT = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit isidentifier islower "
    "isnumeric isprintable isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind "
    "rindex rpartition rstrip startswith strip swapcase title translate upper"
)
_BYTES = (
    "capitalize count endswith find hex index isalnum isalpha isascii isdigit islower isspace istitle isupper lower "
    "lstrip partition removeprefix removesuffix rfind rindex rpartition rstrip startswith strip swapcase title "
    "translate upper"
)
_SET = "copy difference intersection isdisjoint issubset issuperset symmetric_difference union"

METHODS: dict[type, dict[str, Callable]] = {
    str: {
        **native(str, _TEXT),
        "maketrans": lambda receiver, *arguments: str.maketrans(*arguments),
        **{name: _padded(getattr(str, name)) for name in ("center", "ljust", "rjust", "zfill")},
        **{name: _splitting(getattr(str, name)) for name in ("rsplit", "split", "splitlines")},
        "encode": encode,
        "expandtabs": _expandtabs,
        "format": formatting.format_method,
        "format_map": formatting.format_map,
        "join": _join,
        "replace": _replace,
    },
    list: {
        **native(list, "clear copy count index insert pop remove reverse"),
        "append": _append,
        "extend": _extend,
        "sort": _sort,
    },
    bytes: _of_bytes(bytes),
    bytearray: {
        **_of_bytes(bytearray),
        **native(bytearray, "append clear copy insert pop remove reverse"),
        "extend": _extend_bytes,
    },
    memoryview: native(memoryview, "cast hex release tobytes tolist toreadonly"),
    tuple: native(tuple, "count index"),
    dict: {
        **native_keyed(dict, "clear copy get items keys pop popitem setdefault update values"),
        "fromkeys": lambda receiver, *arguments: _fromkeys(*arguments),
    },
    set: native_keyed(
        set,
        _SET + " add clear difference_update discard intersection_update pop remove symmetric_difference_update update",
    ),
    frozenset: native_keyed(frozenset, _SET),
    int: {**native(int, "as_integer_ratio bit_count bit_length conjugate"), "to_bytes": _to_bytes},
    float: native(float, "as_integer_ratio conjugate hex is_integer"),
    complex: native(complex, "conjugate"),
    range: {name: _counting(name) for name in ("count", "index")},
    slice: native(slice, "indices"),
}
METHODS[bool] = METHODS[int]

# Values that are there without a call.
FIELDS: dict[type, tuple[str, ...]] = {
    int: ("real", "imag", "numerator", "denominator"),
    bool: ("real", "imag", "numerator", "denominator"),
    float: ("real", "imag"),
    complex: ("real", "imag"),
    range: ("start", "stop", "step"),
    slice: ("start", "stop", "step"),
    memoryview: (
        "c_contiguous", "contiguous", "f_contiguous", "format", "itemsize", "nbytes", "ndim", "readonly", "shape",
        "strides",
    ),
}  # fmt: skip

# What can be reached on a type itself: dict.fromkeys, and every method with its receiver as the first argument.
CLASS_METHODS: dict[str, dict[str, Callable]] = {
    "dict": {"fromkeys": _fromkeys},
    "float": {"fromhex": float.fromhex},
    "int": {"from_bytes": _from_bytes},
    "bytes": {"fromhex": bytes.fromhex, "maketrans": bytes.maketrans},
    "bytearray": {"fromhex": bytearray.fromhex, "maketrans": bytearray.maketrans},
    "str": {"maketrans": str.maketrans},
}
