"""Arithmetic: the operators on numbers and bits, with PyTorch's rules for integers, signs and bool."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, float16
from tcalc.engine.promotion import result_type
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.elementwise import EITHER, FLOATING, REAL, SAME, SECOND, binary, elementwise, unary
from tcalc.ops.out_rules import COMPLEX_MODULUS, FOUND, MODULUS
from tcalc.ops.registry import op
from tcalc.ops.steps import narrowed, rest_in_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.ops.dispatch import Launch

    Number = complex
    Mixed = Any

_NO_BOOL_MASK = " If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."


@op(inplace=True, out=True, derivative=lambda grad, result, input, other, alpha=1: (grad, grad * alpha))
def add(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1) -> Launch:
    """Sum of two tensors, or of a tensor and a number.

    ``other`` may be scaled by ``alpha``.

    >>> add(tensor([1, 2]), tensor([10, 20]))
    tensor([11, 22])
    >>> add(tensor([1., 2.]), tensor([1., 1.]), alpha=10)
    tensor([11., 12.])
    """
    return _sum(input, other, alpha, "add", _plus_product)


@op(
    inplace=True,
    out=True,
    aliases=("subtract",),
    derivative=lambda grad, result, input, other, alpha=1: (grad, -grad * alpha),
)
def sub(input: Tensor | Number, other: Tensor | Number, *, alpha: Number = 1) -> Launch:
    """Difference of two tensors, or of a tensor and a number.

    ``other`` may be scaled by ``alpha``.

    >>> sub(tensor([5, 7]), 2)
    tensor([3, 5])
    """
    refuse_bool_subtraction(input, other)
    return _sum(input, other, alpha, "subtract", _minus_product)


@op(method=False)
def rsub(input: Tensor, other: Tensor | Number, *, alpha: Number = 1) -> Tensor:
    """``other - alpha * input``.

    >>> rsub(tensor([1, 2]), 10)
    tensor([9, 8])
    """
    return sub(other, input, alpha=alpha)


def _sum(input: Any, other: Any, alpha: Number, kernel: str, of_product: Callable) -> Launch:
    """The launch of a sum, or of one with ``alpha * other`` after PyTorch's checks of ``alpha``."""
    if type(alpha) is int and alpha == 1:
        return elementwise(kernel, (input, other), SAME)
    dtype = result_type(input, other)
    if isinstance(alpha, bool) and dtype.category != BOOL:
        raise TcalcError("Boolean alpha only supported for Boolean results.")
    if dtype.category <= INTEGER and isinstance(alpha, float):
        raise TcalcError("For integral input tensors, argument alpha must not be a floating point number.")
    if dtype.category != COMPLEX and isinstance(alpha, complex):
        raise TcalcError("For non-complex input tensors, argument alpha must not be a complex number.")
    if dtype.is_reduced:
        return elementwise(_sum_in_steps(kernel, narrowed(alpha, dtype)), (input, other), SAME, stepwise=True)
    if dtype.category == FLOAT:
        return elementwise(of_product, (input, other, alpha), SAME)
    factor = bool(alpha) if dtype.category == BOOL else alpha
    return elementwise(kernel, (input, mul(other, factor) if isinstance(other, Tensor) else other * factor), SAME)


def _plus_product(xp: Any, out: Any, first: Any, second: Any, factor: Any) -> Any:
    """The product is not rounded before it is added, as in the processor's own instruction for both."""
    wide = xp.float64 if first.dtype == xp.float32 else first.dtype
    total = first.astype(wide) + second.astype(wide) * factor.astype(wide)
    return total.astype(first.dtype, copy=False)


def _minus_product(xp: Any, out: Any, first: Any, second: Any, factor: Any) -> Any:
    return _plus_product(xp, out, first, second, -factor)


def _sum_in_steps(name: str, alpha: Number) -> Any:
    def kernel(xp: Any, out: Any, step: Any, first: Any, second: Any) -> Any:
        shape = xp.broadcast_shapes(first.shape, second.shape)
        product = xp.broadcast_to(second, shape) * xp.asarray(alpha).astype(second.dtype)
        return getattr(xp, name)(first, rest_in_steps(xp, step, product), out=out)

    return kernel


def refuse_bool_subtraction(input: Any, other: Any) -> None:
    """Raise PyTorch's refusal where an operand of a difference is bool."""
    first, second = _is_bool(input), _is_bool(other)
    if first and second:
        raise TcalcError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    if first or second:
        raise TcalcError("Subtraction, the `-` operator, with a bool tensor is not supported." + _NO_BOOL_MASK)


def _is_bool(value: Any) -> bool:
    return value.dtype.category == BOOL if isinstance(value, Tensor) else isinstance(value, bool)


mul = binary(
    "mul",
    "multiply",
    "Product of two tensors, element by element, or of a tensor and a number.",
    """>>> mul(tensor([1, 2, 3]), 2)
    tensor([2, 4, 6])""",
    aliases=("multiply",),
    derivative=lambda grad, result, input, other: (grad * other, grad * input),
    factor=1,
)


@op(
    inplace=True,
    out=True,
    aliases=("divide",),
    derivative=lambda grad, result, input, other: (grad / other, -grad * result / other),
)
def div(input: Tensor | Number, other: Tensor | Number, *, rounding_mode: str | None = None) -> Launch:
    """Quotient, element by element.

    Integers give the default float. ``rounding_mode`` is ``None``, ``"trunc"`` or ``"floor"``.

    >>> div(tensor([7, -7]), 2)
    tensor([ 3.5000, -3.5000])
    >>> div(tensor([7, -7]), 2, rounding_mode="floor")
    tensor([ 3, -4])
    """
    if rounding_mode is None:
        return elementwise("true_divide", (input, other), FLOATING, factor=1)
    if rounding_mode not in ("trunc", "floor"):
        raise TcalcError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    kernel = _floor_divide if rounding_mode == "floor" else _truncated_divide
    name = f"div_{rounding_mode}_cpu"
    return elementwise(kernel, (input, other), SAME, refuses={BOOL: name, COMPLEX: name}, factor=1)


@op(inplace=True, out=True)
def true_divide(input: Tensor | Number, other: Tensor | Number) -> Tensor:
    """Quotient; integers give the default float.

    >>> true_divide(tensor([1, 2]), 4)
    tensor([0.2500, 0.5000])
    """
    return div(input, other)


def _check_integer_divisor(xp: Any, divisor: Any) -> None:
    """Integers cannot be divided by zero; PyTorch says so in one word."""
    if divisor.dtype.kind in "iub" and not xp.all(divisor):
        raise TcalcError("ZeroDivisionError")


def _floor_divide(xp: Any, out: Any, dividend: Any, divisor: Any) -> Any:
    _check_integer_divisor(xp, divisor)
    if dividend.dtype.kind != "f":
        return xp.floor_divide(dividend, divisor)
    # Python's floor division, except that dividing by zero is the quotient (an infinity or nan), as in PyTorch.
    quotient = xp.floor_divide(dividend, divisor)
    return xp.where(divisor == 0, dividend / divisor, quotient)


def _truncated_divide(xp: Any, out: Any, dividend: Any, divisor: Any) -> Any:
    _check_integer_divisor(xp, divisor)
    if dividend.dtype.kind == "f":
        return xp.trunc(xp.true_divide(dividend, divisor), out=out)
    quotient = xp.floor_divide(dividend, divisor)
    inexact = (quotient < 0) & (quotient * divisor != dividend)
    return quotient + inexact.astype(quotient.dtype)


floor_divide = binary(
    "floor_divide",
    _floor_divide,
    "Quotient rounded down (``//``).",
    """>>> floor_divide(tensor([7, -7]), 2)
    tensor([ 3, -4])""",
    refuses={BOOL: "div_floor_cpu", COMPLEX: "div_floor_cpu"},
    factor=1,
)


def _remainder(xp: Any, out: Any, dividend: Any, divisor: Any) -> Any:
    _check_integer_divisor(xp, divisor)
    if dividend.dtype.kind != "f":
        return xp.remainder(dividend, divisor)
    # What C++ leaves with the dividend's sign moves to the divisor's; a zero keeps its own, unlike in Python.
    rest = xp.fmod(dividend, divisor)
    return xp.where((rest != 0) & ((divisor < 0) != (rest < 0)), rest + divisor, rest)


def _fmod(xp: Any, out: Any, dividend: Any, divisor: Any) -> Any:
    if dividend.size:
        _check_integer_divisor(xp, divisor)
    return xp.fmod(dividend, divisor, out=out)


remainder = binary(
    "remainder",
    _remainder,
    "Remainder with the sign of the divisor (``%``).",
    """>>> remainder(tensor([7, -7]), 3)
    tensor([1, 2])""",
    refuses={BOOL: "remainder_cpu", COMPLEX: "remainder_cpu"},
    derivative=lambda grad, result, input, other: (grad, -grad * floor_divide(input, other)),
    numbers=EITHER,
)
fmod = binary(
    "fmod",
    _fmod,
    "Remainder with the sign of the dividend.",
    """>>> fmod(tensor([7, -7]), 3)
    tensor([ 1, -1])""",
    refuses={BOOL: "fmod_cpu", COMPLEX: "fmod_cpu"},
    derivative=lambda grad, result, input, other: (grad, None),
    numbers=SECOND,
)


@op(
    inplace=True,
    out=True,
    derivative=lambda grad, result, input, exponent: (grad * exponent * input ** (exponent - 1), None),
)
def pow(input: Mixed, exponent: Mixed) -> Launch:
    """``input`` to the power of ``exponent`` (``**``), element by element.

    >>> pow(tensor([1, 2, 3]), 2)
    tensor([1, 4, 9])
    >>> pow(2, tensor([1., 0.5]))
    tensor([2.0000, 1.4142])
    """
    dtype = result_type(input, exponent)
    if dtype.category == INTEGER and isinstance(exponent, int) and exponent < 0:
        raise TcalcError("Integers to negative integer powers are not allowed.")
    is_short = type(exponent) in (int, float) and exponent in _SHORT_POWERS
    if is_short and dtype.category >= FLOAT and dtype is not float16:
        return _SHORT_POWERS[exponent](input if input.dtype is dtype else input.to(dtype))
    launch = elementwise(_power, (input, exponent), SAME, refuses={BOOL: "pow"})
    launch.pointwise = isinstance(input, Tensor)  # the powers of a number lie row by row, whatever the exponents do
    return launch


def _maths() -> Any:
    from tcalc.ops.pointwise import maths

    return maths


# Exponents for which PyTorch has a shorter way, rounding after each step of it (but for float16).
_SHORT_POWERS: dict[float, Callable[[Tensor], Launch]] = {
    -2: lambda input: _maths().reciprocal.meta(mul(input, input)),
    -1: lambda input: _maths().reciprocal.meta(input),
    -0.5: lambda input: _maths().rsqrt.meta(input),
    0.5: lambda input: _maths().sqrt.meta(input),
    2: lambda input: mul.meta(input, input),
    3: lambda input: mul.meta(mul(input, input), input),
}


def _power(xp: Any, out: Any, base: Any, exponent: Any) -> Any:
    if base.dtype.kind in "iu" and exponent.dtype.kind == "i" and xp.any(exponent < 0):
        # PyTorch's integer power: 1/x rounded towards zero, which is 0 but for bases of 1 and -1.
        whole = xp.power(base, xp.maximum(exponent, 0))
        sign = xp.where(exponent % 2 == 0, 1, base).astype(base.dtype)
        return xp.where(exponent < 0, xp.where(xp.abs(base) == 1, sign, 0).astype(base.dtype), whole)
    return xp.power(base, exponent, out=out)


neg = unary(
    "neg",
    "negative",
    "The negative of each element (unary ``-``).",
    """>>> neg(tensor([1, -2]))
    tensor([-1,  2])""",
    result=SAME,
    refuses={BOOL: "RuntimeError: Negation, the `-` operator, on a bool tensor is not supported." + _NO_BOOL_MASK},
    aliases=("negative",),
    derivative=lambda grad, result, input: (-grad,),
    out=FOUND,
)


@op
def positive(input: Tensor) -> Tensor:
    """The tensor itself (unary ``+``); bool is refused.

    >>> positive(tensor([1, -2]))
    tensor([ 1, -2])
    """
    if input.dtype.category == BOOL:
        raise TcalcError("The `+` operator, on a bool tensor is not supported.")
    return input


@op(
    inplace=True,
    out=MODULUS,
    aliases=("absolute",),
    derivative=lambda grad, result, input: (grad * (input / result),),
)
def abs(input: Tensor) -> Launch:
    """The absolute value of each element; the modulus of a complex one.

    >>> abs(tensor([-1, 2]))
    tensor([1, 2])
    """
    launch = elementwise("absolute", (input,), REAL, refuses={BOOL: "abs_cpu"})
    if input.dtype.category == COMPLEX:
        launch.out_rule = COMPLEX_MODULUS
    return launch


_BITS = {FLOAT: "{}_cpu", COMPLEX: "{}_cpu"}


def _bits(name: str) -> dict[int, str]:
    return {category: words.format(name) for category, words in _BITS.items()}


bitwise_and = binary(
    "bitwise_and",
    "bitwise_and",
    "Bits set in both operands (``&``); logical *and* of bool.",
    """>>> bitwise_and(tensor([6, 5]), 3)
    tensor([2, 1])""",
    refuses=_bits("bitwise_and"),
    numbers=EITHER,
)
bitwise_or = binary(
    "bitwise_or",
    "bitwise_or",
    "Bits set in either operand (``|``); logical *or* of bool.",
    """>>> bitwise_or(tensor([6, 5]), 3)
    tensor([7, 7])""",
    refuses=_bits("bitwise_or"),
    numbers=EITHER,
)
bitwise_xor = binary(
    "bitwise_xor",
    "bitwise_xor",
    "Bits set in one of the operands (``^``); logical *exclusive or* of bool.",
    """>>> bitwise_xor(tensor([6, 5]), 3)
    tensor([5, 6])""",
    refuses=_bits("bitwise_xor"),
    numbers=EITHER,
)
bitwise_not = unary(
    "bitwise_not",
    "invert",
    "Every bit turned round (``~``); logical *not* of bool.",
    """>>> bitwise_not(tensor([0, 5]))
    tensor([-1, -6])""",
    result=SAME,
    refuses={FLOAT: "bitwise_not_cpu", COMPLEX: "bitwise_not_cpu"},
    out=FOUND,
)


def _shifted(xp: Any, value: Any, bits: Any, function: Any, beyond: Any) -> Any:
    """A shift by at least the type's width is what C++ leaves open and PyTorch defines."""
    width = 8 * value.dtype.itemsize
    outside = (bits < 0) | (bits >= width)
    return xp.where(outside, beyond, function(value, xp.where(outside, 0, bits).astype(value.dtype)))


def _left_shift(xp: Any, out: Any, value: Any, bits: Any) -> Any:
    return _shifted(xp, value, bits, xp.left_shift, xp.zeros((), value.dtype))


def _right_shift(xp: Any, out: Any, value: Any, bits: Any) -> Any:
    return _shifted(xp, value, bits, xp.right_shift, xp.where(value < 0, -1, 0).astype(value.dtype))


bitwise_left_shift = binary(
    "bitwise_left_shift",
    _left_shift,
    "``input * 2 ** other`` for integers (``<<``).",
    """>>> bitwise_left_shift(tensor([1, 2]), 3)
    tensor([ 8, 16])""",
    refuses={BOOL: "lshift_cpu", FLOAT: "lshift_cpu", COMPLEX: "lshift_cpu"},
    numbers=EITHER,
)
bitwise_right_shift = binary(
    "bitwise_right_shift",
    _right_shift,
    "``input // 2 ** other`` for integers (``>>``).",
    """>>> bitwise_right_shift(tensor([8, -8]), 2)
    tensor([ 2, -2])""",
    refuses={BOOL: "rshift_cpu", FLOAT: "rshift_cpu", COMPLEX: "rshift_cpu"},
    numbers=EITHER,
)
