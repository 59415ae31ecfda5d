"""float8 for an array library that has no such type: between its bytes and float32, in the library's own operations."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType


class Layout:
    """Bits of the fraction, the exponent's bias, the code of an infinity (or None), and the code of nan.

    ``signless`` types have one nan, which stands where the others have a negative zero.
    """

    __slots__ = ("bias", "fraction", "infinity", "nan", "signless")

    def __init__(self, fraction: int, bias: int, infinity: int | None, nan: int, signless: bool = False) -> None:
        self.fraction = fraction
        self.bias = bias
        self.infinity = infinity
        self.nan = nan
        self.signless = signless


_LAYOUTS = {
    "float8_e4m3fn": Layout(3, 7, None, 0x7F),
    "float8_e5m2": Layout(2, 15, 0x7C, 0x7E),
    "float8_e4m3fnuz": Layout(3, 8, None, 0x80, signless=True),
    "float8_e5m2fnuz": Layout(2, 16, None, 0x80, signless=True),
}


def decode(xp: Any, codes: Array, dtype: DType) -> Array:
    """The float32 numbers that bytes of a float8 type stand for."""
    layout = _LAYOUTS[dtype.name]
    bits = codes.astype(xp.int32)
    code = bits & 0x7F
    exponent = code >> layout.fraction
    fraction = code & ((1 << layout.fraction) - 1)
    whole = xp.where(exponent > 0, fraction + (1 << layout.fraction), fraction)
    power = xp.maximum(exponent, 1) - (layout.bias + layout.fraction)
    value = xp.ldexp(whole.astype(xp.float32), power)
    value = xp.where(bits > 0x7F, -value, value)
    if layout.signless:
        return xp.where(bits == layout.nan, xp.nan, value).astype(xp.float32)
    if layout.infinity is None:
        return xp.where(code == layout.nan, xp.nan, value).astype(xp.float32)
    special = xp.where(code > layout.infinity, xp.nan, xp.where(bits > 0x7F, -xp.inf, xp.inf))
    return xp.where(code >= layout.infinity, special, value).astype(xp.float32)


def encode(xp: Any, values: Array, dtype: DType) -> Array:
    """float32 numbers as bytes of a float8 type, rounded to the nearest, ties to even."""
    layout = _LAYOUTS[dtype.name]
    size = xp.abs(values)
    finite = xp.isfinite(size)
    size = xp.where(finite, size, 0).astype(xp.float32)
    exponent = xp.maximum(xp.frexp(size)[1].astype(xp.int32) - 1, 1 - layout.bias)
    whole = xp.rint(xp.ldexp(size, layout.fraction - exponent)).astype(xp.int32)
    # A number that is rounded up to the next power of two carries over into the exponent by itself.
    code = ((exponent + layout.bias) << layout.fraction) + whole - (1 << layout.fraction)
    code = xp.where(size == 0, 0, code)
    beyond = layout.nan if layout.infinity is None else layout.infinity
    largest = 0x7F if layout.signless else beyond - 1
    code = xp.where((code > largest) | ~finite, beyond, code)
    code = xp.where(xp.isnan(values), layout.nan, code)
    negative = xp.signbit(values) & (code != 0) if layout.signless else xp.signbit(values)
    return xp.where(negative, code | 0x80, code).astype(xp.uint8)
