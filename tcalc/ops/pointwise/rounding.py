"""Rounding, signs and conjugates of single elements."""

from __future__ import annotations

from math import inf

from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER
from tcalc.engine.tensor import Tensor
from tcalc.ops.elementwise import PREDICATE, SAME, elementwise, unary
from tcalc.ops.out_rules import FOUND, PREDICATES
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.dispatch import Launch

# ---------------------------------------------------------------- rounding


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
    out=FOUND,
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
    out=FOUND,
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
    out=FOUND,
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
    out=FOUND,
)


@op(
    inplace=True,
    out=FOUND,
    aliases=("special.round",),
    derivative=lambda grad, result, input, decimals=0: (grad * 0,),
)
def round(input: Tensor, *, decimals: int = 0) -> Launch:
    """The nearest whole number, halves to the even one.

    With ``decimals``, the nearest number of that many.

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
        power = xp.asarray(10.0 ** abs(decimals) if abs(decimals) <= 308 else inf, array.dtype)
        if decimals < 0:
            return xp.rint(array / power) * power
        return xp.rint(array * power) / power

    return kernel


# ---------------------------------------------------------------- signs


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
    out=FOUND,
)
sgn = unary(
    "sgn",
    _sgn,
    "The sign of each element; a complex one divided by its modulus.",
    """>>> sgn(tensor([3+4j, 0j]))
    tensor([0.6000+0.8000j, 0.0000+0.0000j])""",
    result=SAME,
    out=FOUND,
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
    out=PREDICATES,
)

conj_physical = unary(
    "conj_physical",
    lambda xp, out, array: xp.conj(array) if array.dtype.kind == "c" else array,
    "The complex conjugate of each element.",
    """>>> conj_physical(tensor([1+2j]))
    tensor([1.-2.j])""",
    result=SAME,
    out=FOUND,
)
