"""Maths on one operand, element by element: roots, exponentials, logarithms, angles. Rows of a table."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL, COMPLEX
from tcalc.engine.tensor import Tensor
from tcalc.ops.elementwise import FLOATING_REAL, SAME, elementwise, unary
from tcalc.ops.registry import op
from tcalc.ops.steps import rest_in_steps

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


def _log10(xp: Any, out: Any, array: Any) -> Any:
    # In single precision some array libraries miss the powers of ten by a digit.
    if array.dtype != xp.float32:
        return xp.log10(array, out=out)
    return xp.log10(array, dtype=xp.float64).astype(array.dtype)


log10 = unary(
    "log10",
    _log10,
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
    # Where exp overflows the answer is zero, as PyTorch has it.
    return 1 / (1 + xp.exp(-array))


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


def _rsqrt(xp: Any, out: Any, step: Any, array: Any) -> Any:
    root = xp.sqrt(array)
    return xp.true_divide(xp.ones((), array.dtype), rest_in_steps(xp, step, root), out=out)


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
    stepwise=True,
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
