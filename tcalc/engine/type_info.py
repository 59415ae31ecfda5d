"""The limits of element types (``torch.finfo``, ``torch.iinfo``)."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.numbers import LARGEST, integer_limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.dtypes import DType

# Digits behind the point of a significand, the smallest normal number's exponent, and decimal digits kept.
_SHAPES = {
    dtypes.float16: (10, -14, 3), dtypes.bfloat16: (7, -126, 2), dtypes.float32: (23, -126, 6),
    dtypes.float64: (52, -1022, 15), dtypes.float8_e4m3fn: (3, -6, 0), dtypes.float8_e5m2: (2, -14, 0),
    dtypes.float8_e4m3fnuz: (3, -7, 0), dtypes.float8_e5m2fnuz: (2, -15, 0),
}  # fmt: skip
# This one states its eps one digit finer than its significand, as PyTorch does.
_EPS = {dtypes.float8_e5m2fnuz: 0.125}


class FloatInfo:
    """The limits of a floating type, or of the parts of a complex one."""

    public = ("bits", "dtype", "eps", "max", "min", "resolution", "smallest_normal", "tiny")
    printed_type = "torch.finfo"
    __slots__ = public

    def __init__(self, dtype: DType) -> None:
        dtype = dtype.to_real()
        digits, lowest_exponent, decimals = _SHAPES[dtype]
        self.bits = 8 * dtype.itemsize
        self.dtype = dtype.name
        self.eps = _EPS.get(dtype, 2.0**-digits)
        self.max = LARGEST[dtype]
        self.min = -self.max
        self.resolution = float(f"1e-{decimals}")
        self.smallest_normal = 2.0**lowest_exponent
        self.tiny = self.smallest_normal

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        limits = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({limits}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FloatInfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)


class IntegerInfo:
    """The limits of an integer type."""

    public = ("bits", "dtype", "max", "min")
    printed_type = "torch.iinfo"
    __slots__ = public

    def __init__(self, dtype: DType) -> None:
        self.bits = 8 * dtype.itemsize
        self.dtype = dtype.name
        self.min, self.max = integer_limits(dtype)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntegerInfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)
