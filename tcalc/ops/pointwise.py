"""Maths on one operand, element by element: roots, exponentials, logarithms, angles. Rows of a table."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER
from tcalc.engine.tensor import Tensor
from tcalc.ops.elementwise import FLOATING_REAL, PREDICATE, SAME, elementwise, unary
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.dispatch import Launch

PI = 3.141592653589793
LN_2 = 0.6931471805599453

# ---------------------------------------------------------------- exponentials and logarithms

exp = unary(
    "exp",
    "exp",
    "e to the power of each element.",
    """>>> exp(tensor([0., 1.]))
    tensor([1.0000, 2.7183])""",
    derivative=lambda grad, result, input: (grad * result,),
)
exp2 = unary(
    "exp2",
    "exp2",
    "2 to the power of each element.",
    """>>> exp2(tensor([0., 3.]))
    tensor([1., 8.])""",
    aliases=("special.exp2",),
    derivative=lambda grad, result, input: (grad * result * LN_2,),
)
expm1 = unary(
    "expm1",
    "expm1",
    "``exp(input) - 1``, exact near zero.",
    """>>> expm1(tensor([0., 1.]))
    tensor([0.0000, 1.7183])""",
    aliases=("special.expm1",),
    derivative=lambda grad, result, input: (grad * (result + 1),),
)
log = unary(
    "log",
    "log",
    "Natural logarithm.",
    """>>> log(tensor([1., 10.]))
    tensor([0.0000, 2.3026])""",
    derivative=lambda grad, result, input: (grad / input,),
)
log2 = unary(
    "log2",
    "log2",
    "Logarithm to base 2.",
    """>>> log2(tensor([1., 8.]))
    tensor([0., 3.])""",
    derivative=lambda grad, result, input: (grad / (input * LN_2),),
)
log10 = unary(
    "log10",
    "log10",
    "Logarithm to base 10.",
    """>>> log10(tensor([1., 1000.]))
    tensor([0., 3.])""",
    derivative=lambda grad, result, input: (grad / (input * 2.302585092994046),),
)
log1p = unary(
    "log1p",
    "log1p",
    "``log(1 + input)``, exact near zero.",
    """>>> log1p(tensor([0., 1.]))
    tensor([0.0000, 0.6931])""",
    aliases=("special.log1p",),
    derivative=lambda grad, result, input: (grad / (input + 1),),
)


def _sigmoid(xp: Any, out: Any, array: Any) -> Any:
    # exp(-|x|) never overflows, and the two halves are each exact where they are used.
    if array.dtype.kind == "c":
        return 1 / (1 + xp.exp(-array))
    small = xp.exp(-xp.abs(array))
    return xp.where(array < 0, small, xp.ones((), array.dtype)) / (1 + small)


sigmoid = unary(
    "sigmoid",
    _sigmoid,
    "The logistic function ``1 / (1 + exp(-input))``.",
    """>>> sigmoid(tensor([0., 2.]))
    tensor([0.5000, 0.8808])""",
    aliases=("special.expit",),
    derivative=lambda grad, result, input: (grad * result * (1 - result),),
)

# ---------------------------------------------------------------- powers and roots


def _reciprocal(xp: Any, out: Any, array: Any) -> Any:
    return xp.true_divide(xp.ones((), array.dtype), array, out=out)


def _rsqrt(xp: Any, out: Any, array: Any) -> Any:
    return xp.true_divide(xp.ones((), array.dtype), xp.sqrt(array), out=out)


def _square(xp: Any, out: Any, array: Any) -> Any:
    return xp.multiply(array, array, out=out)


sqrt = unary(
    "sqrt",
    "sqrt",
    "Square root; nan for negative numbers.",
    """>>> sqrt(tensor([4., 2.]))
    tensor([2.0000, 1.4142])""",
    derivative=lambda grad, result, input: (grad / (2 * result),),
)
rsqrt = unary(
    "rsqrt",
    _rsqrt,
    "One over the square root.",
    """>>> rsqrt(tensor([4., 16.]))
    tensor([0.5000, 0.2500])""",
    derivative=lambda grad, result, input: (-0.5 * grad * result**3,),
)
reciprocal = unary(
    "reciprocal",
    _reciprocal,
    "One over each element.",
    """>>> reciprocal(tensor([4., 0.5]))
    tensor([0.2500, 2.0000])""",
    derivative=lambda grad, result, input: (-grad * result * result,),
)


@op(inplace=True, out=True, derivative=lambda grad, result, input: (2 * grad * input,))
def square(input: Tensor) -> Launch:
    """Each element times itself; bool gives int64.

    >>> square(tensor([3, -4]))
    tensor([ 9, 16])
    """
    if input.dtype.category == BOOL:
        return elementwise(_square_of_bool, (input, 1), SAME)
    return elementwise(_square, (input,), SAME)


def _square_of_bool(xp: Any, out: Any, array: Any, one: Any) -> Any:
    return array


# ---------------------------------------------------------------- trigonometry

sin = unary(
    "sin",
    "sin",
    "Sine of angles in radians.",
    """>>> sin(tensor([0., 1.]))
    tensor([0.0000, 0.8415])""",
    derivative=lambda grad, result, input: (grad * input.cos(),),
)
cos = unary(
    "cos",
    "cos",
    "Cosine of angles in radians.",
    """>>> cos(tensor([0., 1.]))
    tensor([1.0000, 0.5403])""",
    derivative=lambda grad, result, input: (-grad * input.sin(),),
)
tan = unary(
    "tan",
    "tan",
    "Tangent of angles in radians.",
    """>>> tan(tensor([0., 1.]))
    tensor([0.0000, 1.5574])""",
    derivative=lambda grad, result, input: (grad * (1 + result * result),),
)
asin = unary(
    "asin",
    "arcsin",
    "The angle in radians whose sine is given; nan outside of [-1, 1].",
    """>>> asin(tensor([0., 1.]))
    tensor([0.0000, 1.5708])""",
    aliases=("arcsin",),
    derivative=lambda grad, result, input: (grad * rsqrt(1 - input * input),),
)
acos = unary(
    "acos",
    "arccos",
    "The angle in radians whose cosine is given; nan outside of [-1, 1].",
    """>>> acos(tensor([0., 1.]))
    tensor([1.5708, 0.0000])""",
    aliases=("arccos",),
    derivative=lambda grad, result, input: (-grad * rsqrt(1 - input * input),),
)
atan = unary(
    "atan",
    "arctan",
    "The angle in radians whose tangent is given.",
    """>>> atan(tensor([0., 1.]))
    tensor([0.0000, 0.7854])""",
    aliases=("arctan",),
    derivative=lambda grad, result, input: (grad / (1 + input * input),),
)
sinh = unary(
    "sinh",
    "sinh",
    "Hyperbolic sine.",
    """>>> sinh(tensor([0., 1.]))
    tensor([0.0000, 1.1752])""",
    derivative=lambda grad, result, input: (grad * input.cosh(),),
)
cosh = unary(
    "cosh",
    "cosh",
    "Hyperbolic cosine.",
    """>>> cosh(tensor([0., 1.]))
    tensor([1.0000, 1.5431])""",
    derivative=lambda grad, result, input: (grad * input.sinh(),),
)
tanh = unary(
    "tanh",
    "tanh",
    "Hyperbolic tangent.",
    """>>> tanh(tensor([0., 1.]))
    tensor([0.0000, 0.7616])""",
    derivative=lambda grad, result, input: (grad * (1 - result * result),),
)
asinh = unary(
    "asinh",
    "arcsinh",
    "The number whose hyperbolic sine is given.",
    """>>> asinh(tensor([0., 1.]))
    tensor([0.0000, 0.8814])""",
    aliases=("arcsinh",),
    derivative=lambda grad, result, input: (grad * rsqrt(input * input + 1),),
)
acosh = unary(
    "acosh",
    "arccosh",
    "The number whose hyperbolic cosine is given; nan below 1.",
    """>>> acosh(tensor([1., 2.]))
    tensor([0.0000, 1.3170])""",
    aliases=("arccosh",),
    derivative=lambda grad, result, input: (grad * rsqrt(input * input - 1),),
)
atanh = unary(
    "atanh",
    "arctanh",
    "The number whose hyperbolic tangent is given; infinite at 1 and -1.",
    """>>> atanh(tensor([0., 0.5]))
    tensor([0.0000, 0.5493])""",
    aliases=("arctanh",),
    derivative=lambda grad, result, input: (grad / (1 - input * input),),
)


def _sinc(xp: Any, out: Any, array: Any) -> Any:
    angle = array * xp.asarray(PI, array.dtype)
    zero = angle == 0
    return xp.where(zero, xp.ones((), array.dtype), xp.sin(angle) / xp.where(zero, xp.ones((), array.dtype), angle))


sinc = unary(
    "sinc",
    _sinc,
    "``sin(pi * input) / (pi * input)``, and 1 at zero.",
    """>>> sinc(tensor([0., 0.5]))
    tensor([1.0000, 0.6366])""",
    aliases=("special.sinc",),
)


def _deg2rad(xp: Any, out: Any, array: Any) -> Any:
    return xp.multiply(array, xp.asarray(PI / 180, array.dtype), out=out)


def _rad2deg(xp: Any, out: Any, array: Any) -> Any:
    return xp.multiply(array, xp.asarray(180 / PI, array.dtype), out=out)


deg2rad = unary(
    "deg2rad",
    _deg2rad,
    "Degrees as radians.",
    """>>> deg2rad(tensor([180., 90.]))
    tensor([3.1416, 1.5708])""",
    refuses={COMPLEX: "RuntimeError: deg2rad is not supported for complex tensors."},
    derivative=lambda grad, result, input: (grad * (PI / 180),),
)
rad2deg = unary(
    "rad2deg",
    _rad2deg,
    "Radians as degrees.",
    """>>> rad2deg(tensor([0., 1.]))
    tensor([ 0.0000, 57.2958])""",
    refuses={COMPLEX: "RuntimeError: rad2deg is not supported for complex tensors."},
    derivative=lambda grad, result, input: (grad * (180 / PI),),
)


def _angle(xp: Any, out: Any, array: Any) -> Any:
    if array.dtype.kind == "c":
        return xp.arctan2(array.imag, array.real)
    half_turn = xp.where(array < 0, xp.asarray(PI, array.dtype), xp.zeros((), array.dtype))
    return xp.where(xp.isnan(array), array, half_turn)


angle = unary(
    "angle",
    _angle,
    "The angle of each complex element in radians; 0 or pi for a real one.",
    """>>> angle(tensor([-1., 1.]))
    tensor([3.1416, 0.0000])""",
    result=FLOATING_REAL,
    inplace=False,
)

# ---------------------------------------------------------------- rounding and signs


def _rounding(name: str, complex_words: str) -> dict[int, str]:
    return {BOOL: f"{name}_vml_cpu", COMPLEX: complex_words}


def _whole_as_is(name: str) -> Any:
    """A rounding kernel: integers are whole already, and array libraries differ about their type."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return array if array.dtype.kind in "iu" else getattr(xp, name)(array, out=out)

    return kernel


floor = unary(
    "floor",
    _whole_as_is("floor"),
    "The largest whole number that is not greater.",
    """>>> floor(tensor([1.7, -1.2]))
    tensor([ 1., -2.])""",
    result=SAME,
    refuses=_rounding("floor", "floor is not supported for complex inputs"),
    derivative=lambda grad, result, input: (grad * 0,),
)
ceil = unary(
    "ceil",
    _whole_as_is("ceil"),
    "The smallest whole number that is not less.",
    """>>> ceil(tensor([1.2, -1.7]))
    tensor([ 2., -1.])""",
    result=SAME,
    refuses=_rounding("ceil", "ceil is not supported for complex inputs"),
    derivative=lambda grad, result, input: (grad * 0,),
)
trunc = unary(
    "trunc",
    _whole_as_is("trunc"),
    "The whole part, rounded towards zero.",
    """>>> trunc(tensor([1.7, -1.7]))
    tensor([ 1., -1.])""",
    result=SAME,
    refuses=_rounding("trunc", "trunc is not supported for complex inputs"),
    aliases=("fix",),
    derivative=lambda grad, result, input: (grad * 0,),
)


def _frac(xp: Any, out: Any, array: Any) -> Any:
    return xp.subtract(array, xp.trunc(array), out=out)


frac = unary(
    "frac",
    _frac,
    "What is left of each element without its whole part, with its sign.",
    """>>> frac(tensor([1.5, -2.25]))
    tensor([ 0.5000, -0.2500])""",
    result=SAME,
    refuses={BOOL: "frac_cpu", INTEGER: "frac_cpu", COMPLEX: "frac_cpu"},
    derivative=lambda grad, result, input: (grad,),
)


@op(
    overloaded=True,
    inplace=True,
    out=True,
    aliases=("special.round",),
    derivative=lambda grad, result, input, decimals=0: (grad * 0,),
)
def round(input: Tensor, *, decimals: int = 0) -> Launch:
    """The nearest whole number, halves to the even one; or the nearest with that many decimals.

    >>> round(tensor([0.5, 1.5, -2.7]))
    tensor([ 0.,  2., -3.])
    >>> round(tensor([3.14159]), decimals=2)
    tensor([3.1400])
    """
    if not decimals:
        return elementwise(_round, (input,), SAME, refuses=_rounding("round", "round_vml_cpu"))
    refuses = {BOOL: _DECIMALS, INTEGER: _DECIMALS, COMPLEX: _DECIMALS}
    return elementwise(_rounded_to(decimals), (input,), SAME, refuses=refuses)


_round = _whole_as_is("rint")
_DECIMALS = "round_cpu"


def _rounded_to(decimals: int) -> Any:
    def kernel(xp: Any, out: Any, array: Any) -> Any:
        power = xp.asarray(10.0 ** abs(decimals), array.dtype)
        if decimals < 0:
            return xp.rint(array / power) * power
        return xp.rint(array * power) / power

    return kernel


def _sign(xp: Any, out: Any, array: Any) -> Any:
    if array.dtype.kind == "b":
        return array
    # A sign of nan is 0 in PyTorch.
    return (array > 0).astype(array.dtype) - (array < 0).astype(array.dtype)


def _sgn(xp: Any, out: Any, array: Any) -> Any:
    if array.dtype.kind != "c":
        return _sign(xp, out, array)
    size = xp.abs(array)
    zero = size == 0
    return xp.where(zero, xp.zeros((), array.dtype), array / xp.where(zero, xp.ones((), size.dtype), size))


sign = unary(
    "sign",
    _sign,
    "-1, 0 or 1: the sign of each element.",
    """>>> sign(tensor([-3., 0., 7.]))
    tensor([-1.,  0.,  1.])""",
    result=SAME,
    refuses={
        COMPLEX: "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."
    },
    derivative=lambda grad, result, input: (grad * 0,),
)
sgn = unary(
    "sgn",
    _sgn,
    "The sign of each element; a complex one divided by its modulus.",
    """>>> sgn(tensor([3+4j, 0j]))
    tensor([0.6000+0.8000j, 0.0000+0.0000j])""",
    result=SAME,
)


def _signbit(xp: Any, out: Any, array: Any) -> Any:
    if array.dtype.kind == "b":
        return xp.zeros(array.shape, array.dtype)
    return xp.signbit(array) if array.dtype.kind == "f" else array < 0


signbit = unary(
    "signbit",
    _signbit,
    "Whether the sign of each element is negative; true for -0.",
    """>>> signbit(tensor([-0., 1.]))
    tensor([ True, False])""",
    result=PREDICATE,
    refuses={COMPLEX: "signbit is not implemented for complex tensors."},
    inplace=False,
)

conj_physical = unary(
    "conj_physical",
    lambda xp, out, array: xp.conj(array) if array.dtype.kind == "c" else array,
    "The complex conjugate of each element.",
    """>>> conj_physical(tensor([1+2j]))
    tensor([1.-2.j])""",
    result=SAME,
)


@op
def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a tensor that is not complex is returned as it is.

    >>> conj(tensor([1+2j]))
    tensor([1.-2.j])
    """
    return conj_physical(input) if input.dtype.category == COMPLEX else input
