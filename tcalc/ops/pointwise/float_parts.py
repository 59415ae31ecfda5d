"""The parts of floating-point numbers: sign, neighbours, mantissa and exponent, nan and infinities."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, DType, can_cast
from tcalc.engine.promotion import floating, result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.destination import finish_inplace
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import FLOATING, SAME, elementwise
from tcalc.ops.out_rules import OutRule
from tcalc.ops.pointwise.combining import only
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex

# ---------------------------------------------------------------- signs and steps


@op(inplace=True, out=True)
def copysign(input: Tensor, other: Tensor | Number) -> Launch:
    """The size of ``input`` with the sign of ``other``.

    >>> copysign(tensor([1., -2.]), -1)
    tensor([-1., -2.])
    """
    return elementwise("copysign", (input, other), FLOATING, refuses=only("copysign", COMPLEX))


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
    refuses = only("nextafter", BOOL, INTEGER, COMPLEX)
    dtype = result_type(input, other)
    if dtype.category != FLOAT or not dtype.is_reduced:
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


@op(out=True)
def ldexp(input: Tensor, other: Tensor) -> Launch:
    """``input * 2**other``.

    >>> ldexp(tensor([1.]), tensor([1, 2, 3]))
    tensor([2., 4., 8.])
    """
    step = rounding(floating(other.dtype))

    def kernel(xp: Any, out: Any, array: Any, exponent: Any) -> Any:
        return xp.multiply(array, step(xp.power(xp.asarray(2, array.dtype), exponent)), out=out)

    return elementwise(kernel, (input, other), FLOATING)


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
    """Mantissa and exponent: ``input == mantissa * 2**exponent``.

    The mantissa is in [0.5, 1).

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


# ---------------------------------------------------------------- special values


@op(inplace=True, out=OutRule("nan_to_num: dtype of out: {out} should be same as input: {result}"))
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Launch:
    """Numbers in the place of nan and infinities.

    0 for nan and the largest numbers of the dtype, or what is given for them.

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
