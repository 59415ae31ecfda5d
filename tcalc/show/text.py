"""Every value's text, as Python with PyTorch would print it; pure strings, no screen."""

from __future__ import annotations

from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.results import NamedResult
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.table import Table
from tcalc.engine.tensor import PARAMETER, Tensor
from tcalc.errors import TcalcError
from tcalc.show.tensors import tensor_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _table_text(table: Table) -> str:
    from tcalc.show.tables import table_text

    return table_text(table)


# From here on tensors and tables print themselves, inside Python's own containers too.
Tensor.format = tensor_text
Table.format = _table_text

# Characters that would steer a terminal, or turn the direction of the text around them.
_STEERING = frozenset(
    [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
)


def repr_text(value: object) -> str:
    """What an echo shows: ``repr(value)``."""
    return _guarded(repr, value)


def str_text(value: object) -> str:
    """What ``print`` shows: ``str(value)``."""
    return _guarded(str, value)


def format_value(value: Any, spec: str) -> str:
    """What ``f"{value:spec}"`` shows. A tensor without dimensions is formatted as its number."""
    if isinstance(value, Tensor) and not value.shape and not value.is_meta and value.role != PARAMETER:
        value = value.scalar()
    elif spec and isinstance(value, Tensor) and value.role == PARAMETER:
        raise TcalcError("unsupported format string passed to Parameter.__format__", "TypeError")
    elif spec and isinstance(value, (DType, Size, Device, NamedResult)):
        raise TcalcError(f"unsupported format string passed to {_torch_name(value)}.__format__", "TypeError")
    _check_widths(spec)
    return _guarded(format, value, spec)


def _torch_name(value: DType | Size | Device | NamedResult) -> str:
    """The class that PyTorch's messages name."""
    if isinstance(value, NamedResult):
        return f"torch.return_types.{value.type_name}"
    return "torch." + ("dtype" if isinstance(value, DType) else "Size" if isinstance(value, Size) else "device")


def _guarded(write: Any, *args: Any) -> str:
    """Python's own faults while it writes become faults of the program."""
    options = current().numpy_print
    try:
        if options:
            import numpy

            with numpy.printoptions(**options):  # type: ignore[arg-type]
                return str(write(*args))
        text: str = write(*args)
    except RecursionError:
        raise TcalcError(
            "maximum recursion depth exceeded while getting the repr of an object", "RecursionError"
        ) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise TcalcError(str(error), type(error).__name__) from None
    return text


def _check_widths(spec: str) -> None:
    """Refuse a width or precision that memory has no room for (``f"{1:>99999999999}"``)."""
    digits = "".join(character if character.isdecimal() else " " for character in spec)
    for number in digits.split():
        if len(number) > 18:
            raise TcalcError("Too many decimal digits in format string", "ValueError")
        current().meter.allocate(int(number), "the formatted text")


def escape_control(text: str, keep: str = "\n\t") -> str:
    """``text`` with the characters that would steer a terminal as ``\\x1b`` and the like, save those in ``keep``."""
    bare = text
    for character in keep:
        bare = bare.replace(character, "")
    if bare.isprintable():
        return text
    return "".join(_escaped(character) if _steers(character, keep) else character for character in text)


def _steers(character: str, keep: str) -> bool:
    code = ord(character)
    return character not in keep and (code in _STEERING or 0xD800 <= code < 0xE000)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
