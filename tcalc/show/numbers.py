"""Numbers as PyTorch writes them: one style for all the elements that a tensor shows.

The style is chosen from the elements that are visible, never from the whole tensor, and from its finite
elements that are not zero. Zeros, nan and inf are then written in it, and padded to its width.
"""

from __future__ import annotations

from math import isfinite

from tcalc.engine import dtypes
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tcalc.engine.dtypes import DType
    from tcalc.engine.state import PrintOptions

# Outside of these, ordinary notation would lose the small numbers or spread the large ones.
LARGEST_PLAIN = 1e8
SMALLEST_PLAIN = 1e-4
WIDEST_RATIO = 1000


class FloatStyle:
    """How the floats of one tensor are written: whole (``1.``), with decimals, or scientific."""

    __slots__ = ("code", "suffix", "width")

    def __init__(self, values: Sequence[float], options: PrintOptions) -> None:
        telling = [value for value in values if value and isfinite(value)]
        # Without any of them there is nothing to measure, not even for a mode that was asked for.
        if not telling:
            self.code, self.suffix, self.width = ".0f", ".", 1
            return
        whole = all(map(float.is_integer, telling))
        scientific = options.sci_mode
        if scientific is None:
            scientific = _needs_exponent(telling, whole)
        self.suffix = ""
        if scientific:
            self.code = f".{_digits(options)}e"
        elif whole:
            self.code, self.suffix = ".0f", "."
        else:
            self.code = f".{_digits(options)}f"
        self.width = max(len(format(value, self.code)) for value in telling) + len(self.suffix)

    def write(self, value: float) -> str:
        """The bare number; the caller pads it."""
        text = format(value, self.code)
        return text + self.suffix if self.suffix and isfinite(value) else text


def _needs_exponent(telling: Sequence[float], whole: bool) -> bool:
    sizes = list(map(abs, telling))
    largest, smallest = max(sizes), min(sizes)
    if largest / smallest > WIDEST_RATIO or largest > LARGEST_PLAIN:
        return True
    return not whole and smallest < SMALLEST_PLAIN


def _digits(options: PrintOptions) -> int:
    """The digits after the point; the option may be anything that a program set it to."""
    digits = options.precision
    if type(digits) is not int:
        raise TcalcError(f"Invalid format specifier '.{digits}f' for object of type 'float'", "ValueError")
    if digits < 0:
        raise TcalcError("Format specifier missing precision", "ValueError")
    return digits


def write_elements(values: list, dtype: DType, options: PrintOptions) -> tuple[list[str], int]:
    """The texts of elements, padded to a common width, and the width that one takes on a line."""
    if dtype.category == dtypes.COMPLEX:
        return _write_complex(values, options)
    if dtype.category == dtypes.FLOAT:
        style = FloatStyle(values, options)
        return [style.write(value).rjust(style.width) for value in values], style.width
    texts = [str(value) for value in values]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts], width


def _write_complex(values: list[complex], options: PrintOptions) -> tuple[list[str], int]:
    """Real and imaginary parts have a style each; the imaginary part is written close, with its sign."""
    real = FloatStyle([value.real for value in values], options)
    imaginary = FloatStyle([value.imag for value in values], options)
    texts = []
    for value in values:
        part = imaginary.write(value.imag)
        sign = "" if part.startswith("-") else "+"
        texts.append(f"{real.write(value.real).rjust(real.width)}{sign}{part}j")
    return texts, real.width + imaginary.width + 1
