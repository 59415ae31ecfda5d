"""Normal numbers in blocks of 16 as PyTorch's vector code computes them, to the bit.

That code takes its logarithm, sine and cosine from the Cephes library's polynomials in float32, with fused
multiply-adds (one rounding for a product and a sum). A fused multiply-add of float32 numbers is a product and a
sum in float64, rounded to float32 at the end.
"""

from __future__ import annotations

import math

from tcalc.engine.backend import numpy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.backend import Array

BLOCK = 16
_AT_ONCE = 1 << 15
_ROWS_AT_ONCE = 2048  # so that intermediate results stay in the cache

_LOG = (
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
_LOG2_LOW, _LOG2_HIGH = -2.12194440e-4, 0.693359375  # their sum is log(2)
_COS = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_SIN = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_QUARTER_PI = (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)  # their sum is -pi / 4


def block_normals(uniforms: Array, mean: float, std: float) -> Array:
    """Normals from rows of 16 uniforms in [0, 1): the first eight of a row give radii, the others angles."""
    np = numpy()
    if uniforms.dtype != np.float32:
        return _plain(np, uniforms, mean, std)
    normals = np.empty(uniforms.shape, np.float32)
    for start in range(0, len(uniforms), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        normals[rows] = _rounded_as_vectors(np, uniforms[rows])
    if (mean, std) != (0.0, 1.0):
        normals = _fused(np, normals, np.float32(std), np.float32(mean))
    return normals


def _plain(np: Any, uniforms: Array, mean: float, std: float) -> Array:
    half = BLOCK // 2
    radius = np.sqrt(-2.0 * each(math.log, 1.0 - uniforms[:, :half]))
    angle = 2.0 * math.pi * uniforms[:, half:]
    normals = np.concatenate((radius * np.cos(angle), radius * np.sin(angle)), 1)
    return normals if (mean, std) == (0.0, 1.0) else fused(np, normals, std, mean)


def each(function: Callable[[float], float], values: Array) -> Array:
    """A function of the C library for every float64, as PyTorch takes it: NumPy's own may round differently.

    NumPy's sine and cosine of float64 are the C library's.
    """
    np = numpy()
    flat = values.reshape(-1)
    answer = np.empty(flat.size)
    for start in range(0, flat.size, _AT_ONCE):  # as Python's numbers they take four times the room
        part = flat[start : start + _AT_ONCE]
        answer[start : start + part.size] = list(map(function, part.tolist()))
    return answer.reshape(values.shape)


def fused(np: Any, factor: Array, other: Any, term: Any) -> Array:
    """``factor * other + term``, rounded once."""
    if factor.dtype == np.float32:
        return _fused(np, factor, other, term)
    flat = factor.reshape(-1)
    answer = np.empty(flat.size)
    for start in range(0, flat.size, _AT_ONCE):  # so that intermediate results stay in the cache
        answer[start : start + _AT_ONCE] = _fused_wide(np, flat[start : start + _AT_ONCE], other, term)
    return answer.reshape(factor.shape)


def _fused_wide(np: Any, factor: Array, other: float, term: float) -> Array:
    # The product and the sum with what rounding took from each (Dekker's and Knuth's error-free transformations).
    product = factor * other
    first, second = _halves(factor), _halves(np.float64(other))
    lost = ((first[0] * second[0] - product) + first[0] * second[1] + first[1] * second[0]) + first[1] * second[1]
    total = product + term
    back = total - product
    return total + (((product - (total - back)) + (term - back)) + lost)


def _halves(value: Any) -> tuple[Any, Any]:
    """A float64 as the sum of two numbers of half as many bits."""
    wide = value * 134217729.0  # 2**27 + 1
    high = wide - (wide - value)
    return high, value - high


def _rounded_as_vectors(np: Any, uniforms: Array) -> Array:
    radius = np.sqrt(np.float32(-2) * _log(np, np.float32(1) - uniforms[:, : BLOCK // 2]))
    sine, cosine = _sine_and_cosine(np, np.float32(2 * math.pi) * uniforms[:, BLOCK // 2 :])
    return np.concatenate((radius * cosine, radius * sine), 1)


def _fused(np: Any, factor: Array, other: Any, term: Any) -> Array:
    """``factor * other + term``, rounded once."""
    product = factor.astype(np.float64)
    product *= other
    product += term
    return product.astype(np.float32)


def _polynomial(np: Any, coefficients: tuple[float, ...], place: Array) -> Array:
    wide = place.astype(np.float64)
    value = np.full(place.shape, np.float32(coefficients[0]), np.float32)
    for coefficient in coefficients[1:]:
        value = _fused(np, value, wide, np.float32(coefficient))
    return value


def _log(np: Any, values: Array) -> Array:
    """The logarithm of float32 numbers in (0, 1]."""
    bits = np.ascontiguousarray(values).view(np.int32)
    exponent = ((bits >> 23) - 126).astype(np.float32)
    mantissa = ((bits & 0x007FFFFF) | 0x3F000000).view(np.float32)
    small = mantissa < np.float32(math.sqrt(0.5))
    exponent -= small
    place = mantissa - np.float32(1) + np.where(small, mantissa, np.float32(0))
    square = place * place
    value = _polynomial(np, _LOG, place) * place
    value = _fused(np, value, square, exponent * np.float32(_LOG2_LOW))
    value = _fused(np, square, -0.5, value)
    return _fused(np, exponent, _LOG2_HIGH, place + value)


def _sine_and_cosine(np: Any, angles: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 angles that are not negative."""
    octant = (angles * np.float32(4 / math.pi)).astype(np.int32)
    octant = (octant + 1) & ~1
    place = angles
    for part in _QUARTER_PI:
        place = _fused(np, octant.astype(np.float32), np.float32(part), place)
    square = place * place
    cosine = _polynomial(np, _COS, square) * square
    cosine = _fused(np, cosine, square, -(square * np.float32(0.5))) + np.float32(1)
    sine = _fused(np, _polynomial(np, _SIN, square) * square, place, place)
    swapped = (octant & 2) != 0
    sign = np.where(octant & 4, np.float32(-1), np.float32(1))
    other_sign = np.where((octant - 2) & 4, np.float32(1), np.float32(-1))
    return np.where(swapped, cosine, sine) * sign, np.where(swapped, sine, cosine) * other_sign
