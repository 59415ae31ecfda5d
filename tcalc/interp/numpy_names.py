"""The ``np`` namespace: an allow-list of NumPy's functions."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.engine.storage import Size
from tcalc.interp import library
from tcalc.interp.numpy_sizes import check_size
from tcalc.interp.numpy_values import arguments, call, has_tensor, numpy_type, run, tensors_of, unwrap
from tcalc.interp.values import Builtin, Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

np = numpy()

_TOP = """
abs absolute acos acosh add all allclose amax amin angle any append arange arccos arccosh arcsin arcsinh arctan arctan2
arctanh argmax argmin argpartition argsort argwhere around array array2string array_equal array_equiv array_repr
array_split array_str asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asin asinh astype atan
atan2 atanh atleast_1d atleast_2d atleast_3d average bartlett base_repr binary_repr bincount bitwise_and bitwise_count
bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman block
broadcast_arrays broadcast_shapes broadcast_to can_cast cbrt ceil choose clip column_stack common_type compress concat
concatenate conj conjugate convolve copy copysign copyto corrcoef correlate cos cosh count_nonzero cov cross cumprod
cumsum cumulative_prod cumulative_sum deg2rad degrees delete diag diag_indices diag_indices_from diagflat diagonal diff
digitize divide divmod dot dsplit dstack ediff1d einsum einsum_path empty empty_like equal exp exp2 expand_dims expm1
extract eye fabs fill_diagonal fix flatnonzero flip fliplr flipud float_power floor floor_divide fmax fmin fmod
format_float_positional format_float_scientific frexp from_dlpack full full_like gcd geomspace gradient greater
greater_equal hamming hanning heaviside histogram histogram2d histogram_bin_edges histogramdd hsplit hstack hypot i0
identity imag indices inner insert interp intersect1d invert isclose iscomplex iscomplexobj isdtype isfinite isfortran
isin isinf isnan isneginf isposinf isreal isrealobj isscalar issubdtype iterable ix_ kaiser kron lcm ldexp left_shift
less less_equal lexsort linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or
logical_xor logspace mask_indices matmul matrix_transpose matvec max maximum may_share_memory mean median meshgrid min
min_scalar_type minimum mintypecode mod modf moveaxis multiply nan_to_num nanargmax nanargmin nancumprod nancumsum
nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar ndim negative nextafter nonzero
not_equal ones ones_like outer packbits pad partition percentile permute_dims place poly polyadd polyder polydiv
polyfit polyint polymul polysub polyval positive pow power prod promote_types ptp put put_along_axis putmask quantile
rad2deg radians ravel ravel_multi_index real real_if_close reciprocal remainder repeat require reshape resize
result_type right_shift rint roll rollaxis roots rot90 round searchsorted select setdiff1d setxor1d shape shares_memory
sign signbit sin sinc sinh size sort sort_complex spacing split sqrt square squeeze stack std subtract sum swapaxes
take take_along_axis tan tanh tensordot tile trace transpose trapezoid tri tril tril_indices tril_indices_from
trim_zeros triu triu_indices triu_indices_from true_divide trunc typename union1d unique unique_all unique_counts
unique_inverse unique_values unpackbits unravel_index unstack unwrap vander var vdot vecdot vecmat vsplit vstack where
zeros zeros_like
"""
_TYPES = """
bool bool_ byte cdouble character clongdouble complex128 complex256 complex64 complexfloating csingle double finfo
flexible float128 float16 float32 float64 floating generic half iinfo inexact int16 int32 int64 int8 int_ intc integer
intp long longdouble longlong ndarray number short signedinteger single str_ ubyte ufunc uint uint16 uint32 uint64
uint8 uintc uintp ulong ulonglong unsignedinteger ushort
"""
_CONSTANTS = ("pi", "e", "inf", "nan", "newaxis", "euler_gamma", "True_", "False_", "little_endian", "__version__")
_FILES = ("load", "save", "savez", "savez_compressed", "savetxt", "loadtxt", "genfromtxt", "fromfile")

_LINALG = """
cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power matrix_rank
matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals tensordot tensorinv tensorsolve trace vecdot
vector_norm
"""
_FFT = (
    "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 irfftn rfft rfft2 rfftfreq rfftn"
)
_RANDOM = """
Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64 SeedSequence beta binomial chisquare choice default_rng
dirichlet exponential f gamma geometric get_state gumbel hypergeometric laplace logistic lognormal logseries
multinomial multivariate_normal negative_binomial noncentral_chisquare noncentral_f normal pareto permutation poisson
power rand randint randn random random_integers random_sample ranf rayleigh sample seed set_state shuffle
standard_cauchy standard_exponential standard_gamma standard_normal standard_t triangular uniform vonmises wald weibull
zipf
"""

_EMATH = "arccos arcsin arctanh log log10 log2 logn power sqrt"
_TESTING = """
assert_allclose assert_almost_equal assert_approx_equal assert_array_almost_equal assert_array_equal assert_array_less
assert_equal
"""
_STRIDES = "broadcast_arrays broadcast_shapes broadcast_to sliding_window_view"

FUNCTIONS: dict[str, frozenset[str]] = {
    "numpy": frozenset(_TOP.split()),
    "numpy.linalg": frozenset(_LINALG.split()),
    "numpy.fft": frozenset(_FFT.split()),
    "numpy.random": frozenset(_RANDOM.split()),
    "numpy.emath": frozenset(_EMATH.split()),
    "numpy.testing": frozenset(_TESTING.split()),
    "numpy.lib.stride_tricks": frozenset(_STRIDES.split()),
}
# Namespaces that hold only others.
HOLDERS = {"numpy.lib": ("stride_tricks",)}

# What NumPy has and a program may look for, and why it is not here.
_NOT_HERE = {
    "files are read by load() and written by save()": "fromregex memmap",
    "dates are not part of tcalc": (
        "busday_count busday_offset datetime64 datetime_as_string datetime_data is_busday isnat timedelta64"
    ),
    "arrays of Python objects are not part of tcalc": "frompyfunc object_",
    "arrays of records are not part of tcalc": "rec recarray record void",
    "use arrays of two dimensions and @": "asmatrix bmat matrix",
    "arrays of bytes are not part of tcalc; np.frombuffer takes numbers from them": "bytes_ fromstring",
    "use np.polyfit, np.polyval, np.roots and their like": "poly1d polynomial",
    "use the methods of Python's strings": "char strings",
    "use nan and the functions whose names begin with nan": "ma",
}


# What NumPy hands to the value's own method where it has one, or takes apart by its slices: a tensor's give tensors.
_PASSED_ON = """
argmax argmin argpartition argsort around array_split choose clip compress cumprod cumsum dsplit fix hsplit nonzero
permute_dims ptp real repeat reshape round searchsorted shape split squeeze swapaxes take transpose vsplit
""".split()  # noqa: SIM905 - names as everywhere here


class NumpyNamespace(Namespace):
    """``np`` or a namespace in it."""

    __slots__ = ("_found",)

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._found: dict[str, Any] = {}

    def find(self, name: str) -> Any:
        if name not in self._found:
            self._found[name] = _find(self.path, name)
        return self._found[name]

    def names(self) -> Iterable[str]:
        from tcalc.interp import numpy_extras

        yield from FUNCTIONS.get(self.path, ())
        yield from numpy_extras.FUNCTIONS.get(self.path, ())
        yield from HOLDERS.get(self.path, ())
        if self.path == "numpy":
            yield from (*_TYPES.split(), *_CONSTANTS, *numpy_extras.INDEXED, *_SPACES, *_FILES, "dtype")

    def absent(self, name: str) -> str | None:
        if self.path != "numpy":
            return None
        return next((why for why, names in _NOT_HERE.items() if name in names.split()), None)


_SPACES = ("linalg", "fft", "random", "emath", "testing", "lib")


def _find(path: str, name: str) -> Any:
    from tcalc.interp.namespaces import module
    from tcalc.interp.type_tokens import exception_type

    if path == "numpy":
        if name in _CONSTANTS:
            return getattr(np, name)
        if name in _TYPES.split():
            return numpy_type(getattr(np, name))
        if name == "dtype":
            return Builtin(_dtype, "dtype")
        if name in _FILES:
            from tcalc.interp import numpy_files

            return Builtin(numpy_files.FUNCTIONS[name], name)
    if (path == "numpy" and name in _SPACES) or name in HOLDERS.get(path, ()):
        return module(f"{path}.{name}")
    if (path, name) == ("numpy.linalg", "LinAlgError"):
        return exception_type(name)
    extra = _extra(path, name)
    if extra is not None:
        return extra
    if name not in FUNCTIONS.get(path, ()):
        raise KeyError(name)
    source = _source(path)
    if not hasattr(source, name):
        raise KeyError(name)  # of another version of NumPy
    function = getattr(source, name)
    if isinstance(function, np.ufunc):
        from tcalc.interp.numpy_ufuncs import Ufunc

        return Ufunc(function, source.__name__)
    return Builtin(_guarded(function, name), name, source.__name__)


def _extra(path: str, name: str) -> Any:
    """A function or an object of ``numpy_extras``, or None."""
    from tcalc.interp import numpy_extras

    function = numpy_extras.FUNCTIONS.get(path, {}).get(name)
    if function is not None:
        return Builtin(function, name, path)
    return numpy_extras.Indexed(name) if path == "numpy" and name in numpy_extras.INDEXED else None


def _source(path: str) -> Any:
    """The module of NumPy's that an allow-list is of."""
    found: Any = np
    for name in path.split(".")[1:]:
        found = getattr(found, name)
    return found


def _guarded(function: Callable, name: str) -> Callable:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        given = arguments(name, args)
        named = {keyword: unwrap(value) for keyword, value in kwargs.items()}
        check_size(name, given, named)
        return call(function, given, named)

    return _answering_tensors(guarded, name) if name in _PASSED_ON else guarded


def _answering_tensors(function: Callable, name: str) -> Callable:
    def call_it(*args: Any, **kwargs: Any) -> Any:
        if not has_tensor([*args, *kwargs.values()]):
            return function(*args, **kwargs)
        if name == "nonzero":
            return library.apply("nonzero", *args, **kwargs)
        answer = function(*args, **kwargs)
        return Size(answer) if name == "shape" else tensors_of(answer)

    return call_it


def _dtype(kind: Any) -> Any:
    return run(np.dtype, [kind], {})
