"""``repr``, ``str`` and ``format`` of every value. Python's scalars need no help; the rest is `show`'s business."""

from __future__ import annotations

from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN = frozenset((int, float, bool, complex, str, bytes, type(None)))


def _is_python(value: Any) -> bool:
    """Whether Python's own ``repr`` is all there is to say: scalars, and sequences of nothing else."""
    kind = type(value)
    return kind in _PLAIN or (kind in (list, tuple) and all(type(item) in _PLAIN for item in value))


def repr_of(value: Any) -> str:
    """What an echo shows."""
    if _is_python(value):
        return repr(value)
    from tcalc.show.text import repr_text

    return repr_text(value)


def str_of(value: Any) -> str:
    """What ``print`` shows."""
    if type(value) is str:
        return value
    if _is_python(value):
        return str(value)
    if isinstance(value, TcalcError):
        return exception_text(value)
    from tcalc.show.text import str_text

    return str_text(value)


def format_of(value: Any, spec: str) -> str:
    """What ``f"{value:spec}"`` shows."""
    if not spec and type(value) in _PLAIN:
        return str(value)
    if isinstance(value, TcalcError):
        value = exception_text(value)
    if type(value) in _PLAIN and len(spec) < 5:
        return format(value, spec)
    from tcalc.show.text import format_value

    return format_value(value, spec)


def converted(value: Any, conversion: str | None) -> Any:
    """A value after ``!r``, ``!s`` or ``!a``."""
    if conversion is None:
        return value
    if conversion == "s":
        return str_of(value)
    if conversion == "r":
        return repr_of(value)
    return ascii_of(value)


def ascii_of(value: Any) -> str:
    """``ascii(value)``: the repr with everything beyond ASCII escaped."""
    return repr_of(value).encode("ascii", "backslashreplace").decode("ascii")


def exception_text(error: TcalcError) -> str:
    """``str(error)`` of a caught exception; a KeyError shows its key as Python does."""
    return error.message
