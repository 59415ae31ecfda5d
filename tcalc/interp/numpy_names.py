"""The ``np`` namespace: an allow-list of NumPy's functions."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.interp.numpy_sizes import check_size
from tcalc.interp.numpy_values import numpy_type, run, unwrap
from tcalc.interp.values import Builtin, Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

np = numpy()

_TOP = """
abs absolute acos acosh add all allclose amax amin angle any append arange arccos arccosh arcsin arcsinh arctan arctan2
arctanh argmax argmin argpartition argsort argwhere around array array2string array_equal array_equiv array_repr
array_split array_str asarray ascontiguousarray asin asinh astype atan atan2 atanh atleast_1d atleast_2d atleast_3d
average bartlett bincount bitwise_and bitwise_invert bitwise_not bitwise_or bitwise_xor blackman block broadcast_arrays
broadcast_shapes broadcast_to can_cast cbrt ceil clip column_stack common_type compress concat concatenate conj
conjugate convolve copy copysign copyto corrcoef correlate cos cosh count_nonzero cov cross cumprod cumsum
cumulative_prod cumulative_sum deg2rad degrees delete diag diag_indices diagflat diagonal diff digitize divide divmod
dot dsplit dstack ediff1d einsum empty empty_like equal exp exp2 expand_dims expm1 extract eye fabs fill_diagonal
flatnonzero flip fliplr flipud float_power floor floor_divide fmax fmin fmod frexp full full_like gcd geomspace
gradient greater greater_equal hamming hanning heaviside histogram histogram2d histogram_bin_edges hsplit hstack hypot
i0 identity imag indices inner insert interp intersect1d invert isclose iscomplex iscomplexobj isdtype isfinite isin
isinf isnan isneginf isposinf isreal isrealobj isscalar kaiser kron lcm ldexp left_shift less less_equal lexsort
linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logspace mask_indices
matmul matrix_transpose max maximum mean median meshgrid min minimum mod modf moveaxis multiply nan_to_num nanargmax
nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar
ndim negative nextafter nonzero not_equal ones ones_like outer packbits pad partition percentile permute_dims place
poly polyadd polyder polydiv polyfit polyint polymul polysub polyval positive pow power prod promote_types ptp put
put_along_axis putmask quantile rad2deg radians ravel ravel_multi_index real real_if_close reciprocal remainder repeat
reshape resize result_type right_shift rint roll rollaxis roots rot90 round searchsorted select setdiff1d setxor1d
shape sign signbit sin sinc sinh size sort sort_complex spacing split sqrt square squeeze stack std subtract sum
swapaxes take take_along_axis tan tanh tensordot tile trace transpose trapezoid tri tril tril_indices trim_zeros triu
triu_indices true_divide trunc union1d unique unique_counts unique_values unpackbits unravel_index unstack unwrap
vander var vdot vecdot vsplit vstack where zeros zeros_like
"""
_TYPES = """
ndarray bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 intp float16 float32 float64 longdouble complex64
complex128 half single double generic number integer floating inexact complexfloating signedinteger unsignedinteger
str_ int_ uint byte short long longlong ubyte ushort finfo iinfo
"""
_CONSTANTS = ("pi", "e", "inf", "nan", "newaxis", "euler_gamma", "__version__")

_LINALG = """
cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power matrix_rank
matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals tensorinv tensorsolve trace vecdot vector_norm
"""
_FFT = (
    "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 irfftn rfft rfft2 rfftfreq rfftn"
)
_RANDOM = """
beta binomial chisquare choice default_rng exponential gamma geometric gumbel laplace logistic lognormal
multivariate_normal normal permutation poisson rand randint randn random random_sample ranf rayleigh sample seed shuffle
standard_exponential standard_normal triangular uniform weibull RandomState
"""

FUNCTIONS: dict[str, frozenset[str]] = {
    "numpy": frozenset(_TOP.split()),
    "numpy.linalg": frozenset(_LINALG.split()),
    "numpy.fft": frozenset(_FFT.split()),
    "numpy.random": frozenset(_RANDOM.split()),
}


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
        yield from FUNCTIONS[self.path]
        if self.path == "numpy":
            yield from (*_TYPES.split(), *_CONSTANTS, "linalg", "fft", "random", "dtype")


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
        if f"numpy.{name}" in FUNCTIONS:
            return module(f"numpy.{name}")
    if (path, name) == ("numpy.linalg", "LinAlgError"):
        return exception_type(name)
    if name not in FUNCTIONS[path]:
        raise KeyError(name)
    source = np if path == "numpy" else getattr(np, path.rpartition(".")[2])
    if not hasattr(source, name):
        raise KeyError(name)  # of another version of NumPy
    return Builtin(_guarded(getattr(source, name), name), name, path)


def _guarded(function: Callable, name: str) -> Callable:
    def call(*args: Any, **kwargs: Any) -> Any:
        check_size(name, [unwrap(arg) for arg in args], kwargs)
        return run(function, args, kwargs)

    return call


def _dtype(kind: Any) -> Any:
    return run(np.dtype, [kind], {})
