"""Maths on two or three operands, element by element."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, DType
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.destination import finish_inplace
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import EITHER, FLOATING, NEITHER, SAME, binary, elementwise, refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Mixed = Any


def only(name: str, *refused: int) -> dict[int, str]:
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
    refuses=only("atan2", COMPLEX),
    aliases=("arctan2",),
    derivative=lambda grad, result, input, other: (
        grad * other / (input * input + other * other),
        -grad * input / (input * input + other * other),
    ),
    numbers=NEITHER,
)
hypot = binary(
    "hypot",
    "hypot",
    "``sqrt(input**2 + other**2)``, without overflow.",
    """>>> hypot(tensor([3.]), tensor([4.]))
    tensor([5.])""",
    refuses=only("hypot", BOOL, INTEGER, COMPLEX),
    derivative=lambda grad, result, input, other: (grad * input / result, grad * other / result),
    numbers=NEITHER,
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
    refuses=only("logaddexp", BOOL, INTEGER),
    inplace=False,
    numbers=NEITHER,
)
logaddexp2 = binary(
    "logaddexp2",
    "logaddexp2",
    "``log2(2**input + 2**other)``, without overflow.",
    """>>> logaddexp2(tensor([0., 3.]), tensor([0., 3.]))
    tensor([1., 4.])""",
    refuses=only("logaddexp2", BOOL, INTEGER, COMPLEX),
    inplace=False,
    numbers=NEITHER,
)


def _x_log_y(function: str) -> Any:
    """``x * function(y)`` that is 0 where x is 0, and nan where y is nan."""

    def kernel(xp: Any, out: Any, step: Any, x: Any, y: Any) -> Any:
        product = xp.where(x == 0, xp.zeros((), x.dtype), x * step(getattr(xp, function)(y)))
        return xp.where(xp.isnan(y), y, product)

    return kernel


xlogy = binary(
    "xlogy",
    _x_log_y("log"),
    "``input * log(other)``, which is 0 where ``input`` is 0.",
    """>>> xlogy(tensor([0., 2.]), tensor([0., 1.]))
    tensor([0., 0.])""",
    result=FLOATING,
    refuses=only("xlogy", COMPLEX),
    aliases=("special.xlogy",),
    numbers=EITHER,
    stepwise=True,
)
xlog1py = binary(
    "xlog1py",
    _x_log_y("log1p"),
    "``input * log1p(other)``, which is 0 where ``input`` is 0.",
    """>>> special.xlog1py(tensor([0., 2.]), tensor([-1., 0.]))
    tensor([0., 0.])""",
    result=FLOATING,
    refuses=only("xlog1py", COMPLEX),
    namespace="torch.special",
    inplace=False,
    numbers=EITHER,
    stepwise=True,
)

# ---------------------------------------------------------------- powers and divisors


def _float_power(xp: Any, out: Any, base: Any, exponent: Any) -> Any:
    return xp.power(base, exponent, out=out)


@op(out=True)
def float_power(input: Mixed, exponent: Mixed) -> Launch:
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
    """In-place form of ``float_power``.

    The tensor must be float64 (or complex128) already.

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
    refuses=only("gcd", BOOL, FLOAT, COMPLEX),
    numbers=NEITHER,
)
lcm = binary(
    "lcm",
    "lcm",
    "Least common multiple of integers.",
    """>>> lcm(tensor([4, 3]), tensor([6, 5]))
    tensor([12, 15])""",
    refuses=only("lcm", BOOL, FLOAT, COMPLEX),
    numbers=NEITHER,
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
    return elementwise(_lerp, (input, end, weight), SAME, factor=2)


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
