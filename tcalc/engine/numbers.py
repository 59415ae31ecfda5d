"""A Python number on its way into an element type, with PyTorch's refusals."""

from __future__ import annotations

import math

from tcalc.engine import dtypes
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.dtypes import DType

# What PyTorch's messages call the C++ type of an element.
_C_NAMES = {
    dtypes.uint8: "uint8_t", dtypes.int8: "int8_t", dtypes.int16: "int16_t", dtypes.int32: "int",
    dtypes.int64: "int64_t", dtypes.uint16: "uint16_t", dtypes.uint32: "uint32_t", dtypes.uint64: "uint64_t",
    dtypes.float16: "c10::Half", dtypes.bfloat16: "c10::BFloat16", dtypes.float32: "float", dtypes.float64: "double",
    dtypes.complex32: "c10::complex<c10::Half>",
    dtypes.complex64: "c10::complex<float>", dtypes.complex128: "c10::complex<double>", dtypes.bool_: "bool",
}  # fmt: skip

# The largest finite value of each floating type (the lowest is its negative).
LARGEST = {
    dtypes.float16: 65504.0, dtypes.bfloat16: 3.3895313892515355e38, dtypes.float32: 3.4028234663852886e38,
    dtypes.float64: 1.7976931348623157e308, dtypes.float8_e4m3fn: 448.0, dtypes.float8_e5m2: 57344.0,
    dtypes.float8_e4m3fnuz: 240.0, dtypes.float8_e5m2fnuz: 57344.0,
}  # fmt: skip


def integer_limits(dtype: DType) -> tuple[int, int]:
    """The smallest and largest value of an integer type."""
    bits = 8 * dtype.itemsize
    if dtype.is_signed:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def checked_number(value: complex, dtype: DType) -> complex:
    """``value`` as a Python number that fits ``dtype``; PyTorch's error where it does not."""
    if isinstance(value, int) and not -(1 << 63) <= value < (1 << 64):
        raise TcalcError("int too big to convert", "OverflowError")
    if dtype.category == dtypes.BOOL:
        return bool(value)
    if isinstance(value, complex) and dtype.category < dtypes.COMPLEX:
        if value.imag:
            raise _overflow(dtype)
        value = value.real
    if dtype.category == dtypes.INTEGER:
        assert not isinstance(value, complex)
        return _checked_integer(value, dtype)
    _check_floating(value, dtype)
    return value


def _checked_integer(value: float, dtype: DType) -> int:
    if not math.isfinite(value):
        raise _overflow(dtype)
    lowest, largest = integer_limits(dtype)
    if not dtype.is_signed:
        # A negative number wraps into an unsigned type as long as its magnitude fits.
        lowest = -largest
    if not lowest <= value <= largest:
        raise _overflow(dtype)
    return int(value) & largest if not dtype.is_signed else int(value)


def _check_floating(value: complex, dtype: DType) -> None:
    limit = LARGEST[dtype.to_real() if dtype.is_complex else dtype]
    parts = (value.real, value.imag) if isinstance(value, complex) else (value,)
    for part in parts:
        if math.isfinite(part) and abs(part) > limit:
            raise _overflow(dtype)


def _overflow(dtype: DType) -> TcalcError:
    name = _C_NAMES.get(dtype, f"c10::{dtype.scalar_name}")
    return TcalcError(f"value cannot be converted to type {name} without overflow")
