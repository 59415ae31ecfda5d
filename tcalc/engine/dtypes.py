"""Element types and PyTorch's type promotion, as data.

``promote`` and ``result_type`` are the only places that decide a result's dtype. NumPy's rules differ
(NumPy has no three ranks of operands, and gives float64 for int64 with float32).
"""

from __future__ import annotations

from tcalc.errors import TcalcError

BOOL, INTEGER, FLOAT, COMPLEX = range(4)


class DType:
    """One element type. ``numpy_name`` is what NumPy, or ml_dtypes for the types NumPy lacks, calls it."""

    __slots__ = ("_numpy", "category", "is_signed", "itemsize", "legacy_name", "name", "numpy_name", "scalar_name")

    def __init__(
        self, name: str, category: int, itemsize: int, scalar_name: str, numpy_name: str | None = None
    ) -> None:
        self.name = name
        self.category = category
        self.itemsize = itemsize
        self.scalar_name = scalar_name
        self.numpy_name = numpy_name or name
        self.is_signed = not (name.startswith("uint") or name == "bool")
        self._numpy: object = None

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return (by_name, (self.name,))

    @property
    def is_floating_point(self) -> bool:
        return self.category == FLOAT

    @property
    def is_complex(self) -> bool:
        return self.category == COMPLEX

    @property
    def is_float8(self) -> bool:
        return self.category == FLOAT and self.itemsize == 1

    @property
    def is_carried(self) -> bool:
        """Stored in a type that not every array library computes in, or writes numbers into."""
        return self.is_float8 or self is complex32

    @property
    def is_reduced(self) -> bool:
        """Stored in fewer bits than it is computed in: half precision, also of complex numbers, and float8."""
        return self.computed_as is not self

    @property
    def numpy(self):
        """The numpy.dtype; ml_dtypes is loaded only for bfloat16 and float8."""
        if self._numpy is None:
            from tcalc.engine.backend import numpy_dtype

            self._numpy = numpy_dtype(self.numpy_name)
        return self._numpy

    @property
    def computed_as(self) -> DType:
        """The type that arithmetic on this one runs in before it is rounded back once."""
        if self.category == FLOAT and self.itemsize < 4:
            return float32
        if self is complex32:
            return complex64
        return self

    def to_complex(self) -> DType:
        if self.is_float8 or self.category < FLOAT:
            raise TcalcError(f"Unknown Complex ScalarType for {self.scalar_name}")
        return _COMPLEX_OF.get(self, self)

    def to_real(self) -> DType:
        return _REAL_OF.get(self, self)


# The scalar name is the one PyTorch's error messages use.
bool_ = DType("bool", BOOL, 1, "Bool")
uint8 = DType("uint8", INTEGER, 1, "Byte")
int8 = DType("int8", INTEGER, 1, "Char")
int16 = DType("int16", INTEGER, 2, "Short")
int32 = DType("int32", INTEGER, 4, "Int")
int64 = DType("int64", INTEGER, 8, "Long")
uint16 = DType("uint16", INTEGER, 2, "UInt16")
uint32 = DType("uint32", INTEGER, 4, "UInt32")
uint64 = DType("uint64", INTEGER, 8, "UInt64")
float16 = DType("float16", FLOAT, 2, "Half")
bfloat16 = DType("bfloat16", FLOAT, 2, "BFloat16")
float32 = DType("float32", FLOAT, 4, "Float")
float64 = DType("float64", FLOAT, 8, "Double")
complex32 = DType("complex32", COMPLEX, 4, "ComplexHalf")
complex64 = DType("complex64", COMPLEX, 8, "ComplexFloat")
complex128 = DType("complex128", COMPLEX, 16, "ComplexDouble")
float8_e4m3fn = DType("float8_e4m3fn", FLOAT, 1, "Float8_e4m3fn")
float8_e5m2 = DType("float8_e5m2", FLOAT, 1, "Float8_e5m2")
float8_e4m3fnuz = DType("float8_e4m3fnuz", FLOAT, 1, "Float8_e4m3fnuz")
float8_e5m2fnuz = DType("float8_e5m2fnuz", FLOAT, 1, "Float8_e5m2fnuz")

ALL = (
    bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, bfloat16, float32, float64,
    complex32, complex64, complex128, float8_e4m3fn, float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz,
)  # fmt: skip
BY_NAME = {dtype.name: dtype for dtype in ALL}

ALIASES = {
    "half": float16, "float": float32, "double": float64, "short": int16, "int": int32, "long": int64,
    "cfloat": complex64, "cdouble": complex128, "chalf": complex32,
}  # fmt: skip

_COMPLEX_OF = {float16: complex32, bfloat16: complex64, float32: complex64, float64: complex128}
_REAL_OF = {complex32: float16, complex64: float32, complex128: float64}


def by_name(name: str) -> DType:
    return BY_NAME[name]


_FROM_NUMPY: dict[object, DType] = {}  # numpy.dtype.name is slow


def from_numpy(numpy_dtype: object) -> DType:
    """The element type of an array, byte order aside; TypeError in PyTorch's words where there is none."""
    found = _FROM_NUMPY.get(numpy_dtype)
    if found is None:
        name = getattr(numpy_dtype, "name", str(numpy_dtype))
        found = _FROM_NUMPY[numpy_dtype] = _known(name)
    return found


def _known(name: str) -> DType:
    found = complex32 if name == "void32" else BY_NAME.get(name)
    if found is None:
        kind = "numpy.object_" if name == "object" else "numpy.str_" if name.startswith("str") else f"numpy.{name}"
        raise TcalcError(
            f"can't convert np.ndarray of type {kind}. The only supported types are: float64, float32, float16, "
            "complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool.",
            "TypeError",
        )
    return found


# The promotion table: a row and a column an element type, in the order of _ORDER. It is symmetric; the
# unsigned types wider than a byte meet only themselves and floats, float8 types only themselves ("." refuses).
_ORDER = "bool u8 i8 i16 i32 i64 u16 u32 u64 f16 bf16 f32 f64 c32 c64 c128"
_TABLE = """
bool  bool u8   i8   i16  i32  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
u8    u8   u8   i16  i16  i32  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
i8    i8   i16  i8   i16  i32  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
i16   i16  i16  i16  i16  i32  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
i32   i32  i32  i32  i32  i32  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
i64   i64  i64  i64  i64  i64  i64  .    .    .    f16  bf16 f32  f64  c32  c64  c128
u16   .    .    .    .    .    .    u16  .    .    f16  bf16 f32  f64  .    .    .
u32   .    .    .    .    .    .    .    u32  .    f16  bf16 f32  f64  .    .    .
u64   .    .    .    .    .    .    .    .    u64  f16  bf16 f32  f64  .    .    .
f16   f16  f16  f16  f16  f16  f16  f16  f16  f16  f16  f32  f32  f64  c32  c64  c128
bf16  bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16 bf16 f32  bf16 f32  f64  c64  c64  c128
f32   f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  f64  c64  c64  c128
f64   f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  c128 c128 c128
c32   c32  c32  c32  c32  c32  c32  .    .    .    c32  c64  c64  c128 c32  c64  c128
c64   c64  c64  c64  c64  c64  c64  .    .    .    c64  c64  c64  c128 c64  c64  c128
c128  c128 c128 c128 c128 c128 c128 .    .    .    c128 c128 c128 c128 c128 c128 c128
"""
_SHORT = dict(zip(_ORDER.split(), ALL, strict=False))


def _read_table() -> dict[tuple[DType, DType], DType]:
    columns = _ORDER.split()
    table = {}
    for line in _TABLE.split("\n")[1:-1]:
        row, *cells = line.split()
        for column, cell in zip(columns, cells, strict=True):
            if cell != ".":
                table[_SHORT[row], _SHORT[column]] = _SHORT[cell]
    return table


_PROMOTED = _read_table()


def promote(first: DType, second: DType) -> DType:
    """The type that holds both, of two operands of the same rank (``torch.promote_types``)."""
    if first is second:
        return first
    found = _PROMOTED.get((first, second))
    if found is None:
        group = "Float8 Types" if first.is_float8 or second.is_float8 else "uint16, uint32, uint64 types"
        raise TcalcError(
            f"Promotion for {group} is not supported, attempted to promote {first.scalar_name} and {second.scalar_name}"
        )
    return found


def combine(higher: DType | None, lower: DType | None) -> DType | None:
    """Promotion between ranks of operands: the lower rank counts only when its category is higher."""
    if higher is None or lower is None:
        return higher or lower
    if higher.category == COMPLEX:
        return higher
    if higher.category == FLOAT:
        return higher.to_complex() if lower.category == COMPLEX else higher
    if lower.category == COMPLEX:
        return lower
    return promote(higher, lower) if higher.category == BOOL or lower.category == FLOAT else higher


def can_cast(source: DType, target: DType) -> bool:
    """Whether a result may be written into ``target``: never down in category (``torch.can_cast``)."""
    return source.category <= target.category


def scalar_dtype(value: object, default: DType) -> DType:
    """The type that a Python number stands for in promotion; floats follow the default dtype."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    return default.to_complex() if isinstance(value, complex) else default
