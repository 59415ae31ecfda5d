"""Text to bytes and back, in the encodings that are asked for here: a name is looked up in a list, never imported."""

from __future__ import annotations

from tcalc.errors import TcalcError, type_error
from tcalc.interp import guards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ENCODINGS = frozenset(
    (
        *("utf-8", "utf8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *("ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso-8859-15", "cp1252"),
    )
)
_ERRORS = frozenset(("strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass"))
_MOST_BYTES = 10  # that a character becomes, as \\U0001F600 by backslashreplace


def encode(text: str, /, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """``text.encode()``."""
    _check(encoding, errors, "encode")
    guards.allocate(len(text) if text.isascii() else _MOST_BYTES * len(text), "the bytes")
    return text.encode(encoding, errors)


def decode(data: Any, /, encoding: str = "utf-8", errors: str = "strict") -> str:
    """``data.decode()``."""
    _check(encoding, errors, "decode")
    guards.allocate(4 * len(data), "the text")
    return str(data, encoding, errors)


def _check(encoding: Any, errors: Any, name: str) -> None:
    for argument, value in (("encoding", encoding), ("errors", errors)):
        if not isinstance(value, str):
            raise type_error(f"{name}() argument '{argument}' must be str, not {type(value).__name__}")
    if encoding.lower().replace("_", "-").replace(" ", "-") not in _ENCODINGS:
        raise TcalcError(f"unknown encoding: {encoding}", "LookupError", hint="there are utf-8, ascii, latin-1, utf-16")
    if errors not in _ERRORS:
        raise TcalcError(f"unknown error handler name '{errors}'", "LookupError")
