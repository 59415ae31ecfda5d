"""Maths on two or three operands, element by element."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, DType, can_cast
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec, finish_inplace
from tcalc.ops.elementwise import FLOATING, SAME, binary, elementwise, refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex


def _only(name: str, *refused: int) -> dict[int, str]:
    """The refusal of some categories in the name of PyTorch's kernel."""
    return dict.fromkeys(refused, f"{name}_cpu")


# ---------------------------------------------------------------- geometry and logarithms

atan2 = binary(
    "atan2",
    "arctan2",
    "The angle of the point (``other``, ``input``) in radians, in its quadrant.",
    """>>> atan2(tensor([1., -1.]), tensor([1., -1.]))
    tensor([ 0.7854, -2.3562])""",
    result=FLOATING,
    refuses=_only("atan2", COMPLEX),
    aliases=("arctan2",),
    derivative=lambda grad, result, input, other: (
        grad * other / (input * input + other * other),
        -grad * input / (input * input + other * other),
    ),
)
hypot = binary(
    "hypot",
    "hypot",
    "``sqrt(input**2 + other**2)``, without overflow.",
    """>>> hypot(tensor([3.]), tensor([4.]))
    tensor([5.])""",
    refuses=_only("hypot", BOOL, INTEGER, COMPLEX),
    derivative=lambda grad, result, input, other: (grad * input / result, grad * other / result),
)


def log_add_exp(xp: Any, first: Any, second: Any) -> Any:
    """``log(exp(first) + exp(second))``; of complex numbers, around the one with the larger real part."""
    if first.dtype.kind != "c":
        return xp.logaddexp(first, second)
    swap = first.real < second.real
    low, high = xp.where(swap, first, second), xp.where(swap, second, first)
    total = high + xp.log1p(xp.exp(low - high))
    return xp.where(xp.isinf(high.real) & (first == second), first, total)


def _logaddexp(xp: Any, out: Any, first: Any, second: Any) -> Any:
    return log_add_exp(xp, first, second)


logaddexp = binary(
    "logaddexp",
    _logaddexp,
    "``log(exp(input) + exp(other))``, without overflow.",
    """>>> logaddexp(tensor([0., 1000.]), tensor([0., 1000.]))
    tensor([6.9315e-01, 1.0007e+03])""",
    refuses=_only("logaddexp", BOOL, INTEGER),
    inplace=False,
)
logaddexp2 = binary(
    "logaddexp2",
    "logaddexp2",
    "``log2(2**input + 2**other)``, without overflow.",
    """>>> logaddexp2(tensor([0., 3.]), tensor([0., 3.]))
    tensor([1., 4.])""",
    refuses=_only("logaddexp2", BOOL, INTEGER, COMPLEX),
    inplace=False,
)


def _x_log_y(function: str) -> Any:
    """``x * function(y)`` that is 0 where x is 0, and nan where y is nan."""

    def kernel(xp: Any, out: Any, x: Any, y: Any) -> Any:
        product = xp.where(x == 0, xp.zeros((), x.dtype), x * getattr(xp, function)(y))
        return xp.where(xp.isnan(y), y, product)

    return kernel


xlogy = binary(
    "xlogy",
    _x_log_y("log"),
    "``input * log(other)``, which is 0 where ``input`` is 0.",
    """>>> xlogy(tensor([0., 2.]), tensor([0., 1.]))
    tensor([0., 0.])""",
    result=FLOATING,
    refuses=_only("xlogy", COMPLEX),
    aliases=("special.xlogy",),
    overloaded=True,
)
xlog1py = binary(
    "xlog1py",
    _x_log_y("log1p"),
    "``input * log1p(other)``, which is 0 where ``input`` is 0.",
    """>>> special.xlog1py(tensor([0., 2.]), tensor([-1., 0.]))
    tensor([0., 0.])""",
    result=FLOATING,
    refuses=_only("xlog1py", COMPLEX),
    namespace="torch.special",
    inplace=False,
    overloaded=True,
)

# ---------------------------------------------------------------- signs, steps and the bits of floats


@op(overloaded=True, inplace=True, out=True)
def copysign(input: Tensor, other: Tensor | Number) -> Launch:
    """The size of ``input`` with the sign of ``other``.

    >>> copysign(tensor([1., -2.]), -1)
    tensor([-1., -2.])
    """
    return elementwise("copysign", (input, other), FLOATING, refuses=_only("copysign", COMPLEX))


def _heaviside(xp: Any, out: Any, array: Any, values: Any) -> Any:
    above = (array > 0).astype(array.dtype)
    return xp.where(array == 0, values, above)


@op(inplace=True, out=True)
def heaviside(input: Tensor, values: Tensor) -> Launch:
    """0 below zero, 1 above, and ``values`` at zero.

    >>> heaviside(tensor([-1.5, 0., 2.]), tensor([0.5]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    if COMPLEX in (input.dtype.category, values.dtype.category):
        raise TcalcError("heaviside is not yet implemented for complex tensors.")
    if input.dtype is not values.dtype:
        raise TcalcError("heaviside is not yet implemented for tensors with different dtypes.")
    return elementwise(_heaviside, (input, values), SAME)


@op(inplace=True, out=True)
def nextafter(input: Tensor, other: Tensor) -> Launch:
    """The next number that the dtype has, in the direction of ``other``.

    >>> nextafter(tensor([1.]), tensor([2.])) == 1 + torch.finfo(torch.float32).eps
    tensor([True])
    """
    refuses = _only("nextafter", BOOL, INTEGER, COMPLEX)
    dtype = result_type(input, other)
    if not dtype.is_reduced:
        return elementwise("nextafter", (input, other), SAME, refuses=refuses)
    # The neighbour is in the type itself, not in the one it is computed in.
    shape = broadcast(input.shape, other.shape)
    return Launch(_next_in_bits, (input, other), shape, dtype, compute=dtype, pointwise=True)


def _next_in_bits(xp: Any, out: Any, array: Any, towards: Any) -> Any:
    """The neighbour of a half-precision number: its bits as an integer, one up or down."""
    array, towards = xp.broadcast_arrays(array, towards)
    first, second = array.astype(xp.float32), towards.astype(xp.float32)
    bits = array.copy().view(xp.int16)
    away = (second > first) == (first > 0)
    stepped = bits + xp.where(away, 1, -1).astype(xp.int16)
    smallest = xp.where(second > 0, 1, -32767).astype(xp.int16)
    moved = xp.where(first == 0, smallest, stepped)
    moved = xp.where(first == second, towards.copy().view(xp.int16), moved).view(array.dtype)
    invalid = xp.isnan(first) | xp.isnan(second)
    return xp.where(invalid, (first + second).astype(array.dtype), moved)


def _ldexp(xp: Any, out: Any, array: Any, exponent: Any) -> Any:
    return xp.multiply(array, xp.power(xp.asarray(2, array.dtype), exponent), out=out)


@op(out=True)
def ldexp(input: Tensor, other: Tensor) -> Launch:
    """``input * 2**other``.

    >>> ldexp(tensor([1.]), tensor([1, 2, 3]))
    tensor([2., 4., 8.])
    """
    return elementwise(_ldexp, (input, other), FLOATING)


@op(namespace="torch.Tensor")
def ldexp_(input: Tensor, other: Tensor) -> Tensor:
    """In-place form of ``ldexp``.

    >>> tensor([1., 2.]).ldexp_(tensor(3))
    tensor([ 8., 16.])
    """
    launch = ldexp.function(input, other)
    if not can_cast(launch.dtype, input.dtype):
        raise TcalcError(f"ldexp can't be cast to the desired output type {input.dtype.scalar_name}")
    return finish_inplace(launch, input, ldexp)


def _frexp(xp: Any, out: Any, array: Any) -> Any:
    mantissa, exponent = xp.frexp(array)
    return mantissa, xp.where(xp.isfinite(array), exponent, 0)


@op(out=True)
def frexp(input: Tensor) -> Launch:
    """Mantissa and exponent: ``input == mantissa * 2**exponent``, the mantissa in [0.5, 1).

    >>> frexp(tensor([8., 3.]))
    torch.return_types.frexp(
    mantissa=tensor([0.5000, 0.7500]),
    exponent=tensor([4, 2], dtype=torch.int32))
    """
    if input.dtype.category != FLOAT:
        raise TcalcError("torch.frexp() only supports floating-point dtypes")
    outputs = [Spec(input.shape, input.dtype), Spec(input.shape, dtypes.int32)]
    compute = input.dtype.computed_as
    return Launch(
        _frexp, (input,), compute=compute, outputs=outputs, type_name="frexp", fields=("mantissa", "exponent")
    )


# ---------------------------------------------------------------- powers and divisors


def _float_power(xp: Any, out: Any, base: Any, exponent: Any) -> Any:
    return xp.power(base, exponent, out=out)


@op(overloaded=True, out=True)
def float_power(input: Tensor | Number, exponent: Tensor | Number) -> Launch:
    """``input`` to the power of ``exponent``, computed in float64 (or complex128).

    >>> float_power(tensor([2, 3]), -1)
    tensor([0.5000, 0.3333], dtype=torch.float64)
    """
    has_complex = result_type(input, exponent).category == COMPLEX
    dtype = dtypes.complex128 if has_complex else dtypes.float64
    shapes = [operand.shape for operand in (input, exponent) if isinstance(operand, Tensor)]
    return Launch(
        _float_power, (input, exponent), broadcast(*shapes) if shapes else (), dtype, compute=dtype, pointwise=True
    )


@op(namespace="torch.Tensor")
def float_power_(input: Tensor, exponent: Tensor | Number) -> Tensor:
    """In-place form of ``float_power``; the tensor must be float64 (or complex128) already.

    >>> tensor([2, 3], dtype=torch.float64).float_power_(2)
    tensor([4., 9.], dtype=torch.float64)
    """
    launch = float_power.function(input, exponent)
    if launch.dtype is not input.dtype:
        raise TcalcError(
            f"the base given to float_power_ has dtype {input.dtype.scalar_name} but the operation's result requires "
            f"dtype {launch.dtype.scalar_name}"
        )
    return finish_inplace(launch, input, float_power)


gcd = binary(
    "gcd",
    "gcd",
    "Greatest common divisor of integers.",
    """>>> gcd(tensor([12, 9]), tensor([8, 6]))
    tensor([4, 3])""",
    refuses=_only("gcd", BOOL, FLOAT, COMPLEX),
)
lcm = binary(
    "lcm",
    "lcm",
    "Least common multiple of integers.",
    """>>> lcm(tensor([4, 3]), tensor([6, 5]))
    tensor([12, 15])""",
    refuses=_only("lcm", BOOL, FLOAT, COMPLEX),
)

# ---------------------------------------------------------------- three operands


def lerp_arrays(xp: Any, start: Any, end: Any, weight: Any) -> Any:
    """A straight line from ``start`` to ``end``, exact at both ends."""
    nearer_start = xp.abs(weight) < 0.5
    span = end - start
    return xp.where(nearer_start, start + weight * span, end - span * (1 - weight))


def _lerp(xp: Any, out: Any, start: Any, end: Any, weight: Any) -> Any:
    return lerp_arrays(xp, start, end, weight)


@op(
    overloaded=True,
    inplace=True,
    out=True,
    derivative=lambda grad, result, input, end, weight: (grad * (1 - weight), grad * weight, grad * (end - input)),
)
def lerp(input: Tensor, end: Tensor, weight: Tensor | Number) -> Launch:
    """The straight line from ``input`` (weight 0) to ``end`` (weight 1).

    >>> lerp(tensor([0., 10.]), tensor([10., 20.]), 0.5)
    tensor([ 5., 15.])
    """
    operands = [("end", end), ("weight", weight)] if isinstance(weight, Tensor) else [("end", end)]
    for name, operand in operands:
        if operand.dtype is not input.dtype:
            raise TcalcError(
                f"expected dtype {_plain_name(input.dtype)} for `{name}` but got dtype {_plain_name(operand.dtype)}"
            )
    if input.dtype.category <= INTEGER:
        kind = "tensor" if isinstance(weight, Tensor) else "scalar"
        raise refusal(f"lerp_kernel_{kind}", input.dtype)
    return elementwise(_lerp, (input, end, weight), SAME)


_PLAIN_NAMES = {
    "int64": "long int", "int32": "int", "int16": "short int", "int8": "signed char", "uint8": "unsigned char",
    "float32": "float", "float64": "double", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


def _plain_name(dtype: DType) -> str:
    """What C++ calls a type, as some of PyTorch's messages do."""
    return _PLAIN_NAMES.get(dtype.name, dtype.name)


def _addcmul(xp: Any, out: Any, array: Any, first: Any, second: Any, value: Any) -> Any:
    return array + value * first * second


def _addcdiv(xp: Any, out: Any, array: Any, first: Any, second: Any, value: Any) -> Any:
    return array + value * first / second


@op(
    inplace=True,
    out=True,
    derivative=lambda grad, result, input, tensor1, tensor2, value=1: (
        grad,
        grad * tensor2 * value,
        grad * tensor1 * value,
    ),
)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Launch:
    """``input + value * tensor1 * tensor2``.

    >>> addcmul(tensor([1., 1.]), tensor([2., 3.]), tensor([10., 10.]), value=0.5)
    tensor([11., 16.])
    """
    return _three("addcmul_cpu_out", _addcmul, input, tensor1, tensor2, value, {BOOL: "addcmul_cpu_out"})


_INTEGER_ADDCDIV = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true "
    "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
    "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for "
    "float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), "
    "for all dtypes."
)


@op(
    inplace=True,
    out=True,
    derivative=lambda grad, result, input, tensor1, tensor2, value=1: (
        grad,
        grad * value / tensor2,
        -grad * value * tensor1 / (tensor2 * tensor2),
    ),
)
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Launch:
    """``input + value * tensor1 / tensor2``.

    >>> addcdiv(tensor([1., 1.]), tensor([2., 3.]), tensor([4., 4.]))
    tensor([1.5000, 1.7500])
    """
    if tensor1.dtype.category <= INTEGER and tensor2.dtype.category <= INTEGER:
        raise TcalcError(_INTEGER_ADDCDIV)
    return _three("addcdiv", _addcdiv, input, tensor1, tensor2, value, {})


def _three(
    name: str, kernel: Any, input: Tensor, tensor1: Tensor, tensor2: Tensor, value: Number, refuses: dict[int, str]
) -> Launch:
    dtype = result_type(input, tensor1, tensor2)
    if dtype.category in refuses:
        raise refusal(refuses[dtype.category], dtype)
    if dtype.category == INTEGER:
        value = int(value.real)  # PyTorch cuts the factor down to the type
    shape = broadcast(input.shape, tensor1.shape, tensor2.shape)
    operands = (input, tensor1, tensor2, value)
    return Launch(kernel, operands, shape, dtype, compute=dtype.computed_as, pointwise=True)


# ---------------------------------------------------------------- special values


@op(inplace=True, out=True)
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Launch:
    """nan becomes 0 and infinities the largest numbers of the dtype, or what is given for them.

    >>> nan_to_num(tensor([nan, 1., inf]), posinf=9)
    tensor([0., 1., 9.])
    """
    if input.dtype.category <= INTEGER:
        return elementwise(_unchanged, (input,), SAME)
    largest = _largest_finite(input.dtype)
    values = (nan or 0.0, largest if posinf is None else posinf, -largest if neginf is None else neginf)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if array.dtype.kind == "c":
            parts = [_replace(xp, part, *values) for part in (array.real, array.imag)]
            return (parts[0] + 1j * parts[1]).astype(array.dtype)
        return _replace(xp, array, *values)

    return elementwise(kernel, (input,), SAME)


def _unchanged(xp: Any, out: Any, array: Any) -> Any:
    return array


def _replace(xp: Any, array: Any, nan: float, posinf: float, neginf: float) -> Any:
    replaced = xp.where(xp.isnan(array), xp.asarray(nan, array.dtype), array)
    replaced = xp.where(array == xp.inf, xp.asarray(posinf, array.dtype), replaced)
    return xp.where(array == -xp.inf, xp.asarray(neginf, array.dtype), replaced)


_LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}


def _largest_finite(dtype: DType) -> float:
    return _LARGEST.get(dtype.to_real().name, 1.7976931348623157e308)
