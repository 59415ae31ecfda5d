"""Numbers as text: the fewest digits that read back in their dtype, or as many as ``--precision`` says."""

from __future__ import annotations

from tcalc.engine import complex_half
from tcalc.engine.state import current
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


BYTES_A_NUMBER = 100  # a Python string of some digits, its place in a list and its part of a line


class Digits:
    """How numbers are written: ``precision`` digits after the point (None: the fewest), ``sci`` auto, always, never."""

    __slots__ = ("precision", "sci")

    def __init__(self, precision: int | None = None, sci: str = "auto") -> None:
        self.precision = precision
        self.sci = sci

    def scalar(self, value: bool | int | float | complex) -> str:
        """One Python number."""
        if isinstance(value, float):
            return self._float(value)
        if isinstance(value, complex):
            return self._complex(value)
        try:
            return str(value)
        except ValueError:  # Python has a limit: the time grows with the square of the length
            digits = value.bit_length() * 30103 // 100000
            raise TcalcError(
                f"the result is an integer of about {digits} digits, too long to write", "ValueError"
            ) from None

    def array(self, array: Any) -> list[str]:
        """The elements of a 1-D NumPy array; LimitError, before it is taken, where the memory for them is not there."""
        current().meter.allocate(array.size * BYTES_A_NUMBER, "the written text")
        kind = array.dtype.kind
        if kind in "biu":
            return list(map(str, array.tolist()))
        if kind == "c":
            if self.is_plain and array.dtype.itemsize == 8:
                return [str(value).strip("()") for value in array]
            return list(map(self._complex, array.tolist()))
        if complex_half.is_stored(array):
            return self._half_pairs(array)
        if kind != "f" or array.dtype.isbuiltin != 1:
            return self._rare(array)
        if not self.is_plain:
            return list(map(self._float, array.tolist()))
        if array.dtype.itemsize == 8:
            return list(map(repr, array.tolist()))
        return list(map(str, array))  # NumPy's scalars write the shortest digits of their own type

    @property
    def is_plain(self) -> bool:
        return self.precision is None and self.sci == "auto"

    def _float(self, value: float) -> str:
        if value != value or value in (float("inf"), float("-inf")):
            return repr(value)
        if self.sci == "always":
            return f"{value:.{self.precision}e}" if self.precision is not None else _scientific(value)
        if self.precision is not None:
            return f"{value:.{self.precision}f}"
        return _positional(value) if self.sci == "never" else repr(value)

    def _complex(self, value: complex) -> str:
        if self.is_plain:
            return str(value).strip("()")
        imaginary = self._float(value.imag)
        return f"{self._float(value.real)}{'' if imaginary[0] in '+-' else '+'}{imaginary}j"

    def _half_pairs(self, array: Any) -> list[str]:
        """complex32, whose parts NumPy knows how to shorten."""
        import numpy as np

        parts = np.ascontiguousarray(array).view(np.float16)
        numbers = [float(str(part)) for part in parts] if self.is_plain else parts.tolist()
        return [self._complex(complex(*pair)) for pair in zip(numbers[::2], numbers[1::2], strict=True)]

    def _rare(self, array: Any) -> list[str]:
        """bfloat16 and float8, whose scalars NumPy does not know how to shorten; they have few different values."""
        import numpy as np

        codes, inverse = np.unique(array.view(f"u{array.dtype.itemsize}"), return_inverse=True)
        values = codes.view(array.dtype)
        if self.is_plain:
            texts = [_shortest(value, array.dtype.type) for value in values]
        else:
            texts = [self._float(float(value)) for value in values]
        return [texts[index] for index in inverse.tolist()]


def _shortest(value: Any, scalar_type: Any) -> str:
    wide = float(value)
    if wide != wide or wide in (float("inf"), float("-inf")):
        return repr(wide)
    for digits in range(1, 10):
        short = float(f"{wide:.{digits}g}")
        if scalar_type(short) == value:
            return repr(short)
    return repr(wide)


def _scientific(value: float) -> str:
    """The shortest digits with an exponent."""
    digits = 0
    while float(text := f"{value:.{digits}e}") != value:
        digits += 1
    return text


def _positional(value: float) -> str:
    """The shortest digits without an exponent."""
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    shift = int(exponent)
    if shift < 0:
        return f"{sign}0.{'0' * (-shift - len(whole))}{whole}{fraction}"
    return f"{sign}{whole}{fraction}{'0' * (shift - len(fraction))}.0"
