"""Comparisons and tests: what answers with bool, and choices made by it."""

from __future__ import annotations

from tcalc.engine.dtypes import COMPLEX
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.elementwise import NEITHER, PREDICATE, SECOND, binary, elementwise, unary
from tcalc.ops.out_rules import PREDICATES
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.dispatch import Launch

# ---------------------------------------------------------------- order

eq = binary(
    "eq",
    "equal",
    "Whether elements are equal (``==``).",
    """>>> eq(tensor([1, 2]), tensor([1, 3]))
    tensor([ True, False])""",
    result=PREDICATE,
    numbers=SECOND,
)
ne = binary(
    "ne",
    "not_equal",
    "Whether elements differ (``!=``).",
    """>>> ne(tensor([1, 2]), tensor([1, 3]))
    tensor([False,  True])""",
    result=PREDICATE,
    aliases=("not_equal",),
    numbers=SECOND,
)
lt = binary(
    "lt",
    "less",
    "Whether elements are less (``<``).",
    """>>> lt(tensor([1, 2]), 2)
    tensor([ True, False])""",
    result=PREDICATE,
    refuses={COMPLEX: "lt_cpu"},
    aliases=("less",),
    numbers=SECOND,
)
le = binary(
    "le",
    "less_equal",
    "Whether elements are less or equal (``<=``).",
    """>>> le(tensor([1, 2, 3]), 2)
    tensor([ True,  True, False])""",
    result=PREDICATE,
    refuses={COMPLEX: "le_cpu"},
    aliases=("less_equal",),
    numbers=SECOND,
)
gt = binary(
    "gt",
    "greater",
    "Whether elements are greater (``>``).",
    """>>> gt(tensor([1, 3]), 2)
    tensor([False,  True])""",
    result=PREDICATE,
    refuses={COMPLEX: "gt_cpu"},
    aliases=("greater",),
    numbers=SECOND,
)
ge = binary(
    "ge",
    "greater_equal",
    "Whether elements are greater or equal (``>=``).",
    """>>> ge(tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])""",
    result=PREDICATE,
    refuses={COMPLEX: "ge_cpu"},
    aliases=("greater_equal",),
    numbers=SECOND,
)

# ---------------------------------------------------------------- logic

logical_and = binary(
    "logical_and",
    "logical_and",
    "Whether both elements are true (not zero).",
    """>>> logical_and(tensor([0, 1, 2]), tensor([1, 1, 0]))
    tensor([False,  True, False])""",
    result=PREDICATE,
    numbers=NEITHER,
)
logical_or = binary(
    "logical_or",
    "logical_or",
    "Whether either element is true (not zero).",
    """>>> logical_or(tensor([0, 1, 0]), tensor([1, 1, 0]))
    tensor([ True,  True, False])""",
    result=PREDICATE,
    numbers=NEITHER,
)
logical_xor = binary(
    "logical_xor",
    "logical_xor",
    "Whether exactly one of the elements is true (not zero).",
    """>>> logical_xor(tensor([0, 1, 2]), tensor([1, 1, 0]))
    tensor([ True, False,  True])""",
    result=PREDICATE,
    numbers=NEITHER,
)
logical_not = unary(
    "logical_not",
    "logical_not",
    "Whether each element is zero.",
    """>>> logical_not(tensor([0, 1, 2]))
    tensor([ True, False, False])""",
    result=PREDICATE,
)

# ---------------------------------------------------------------- tests of one element


def _test(name: str, of_whole: bool) -> Any:
    """A test that exists for inexact numbers; whole ones answer alike."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return getattr(xp, name)(array) if array.dtype.kind in "fc" else xp.full(array.shape, of_whole)

    return kernel


isnan = unary(
    "isnan",
    _test("isnan", False),
    "Whether elements are nan.",
    """>>> isnan(tensor([1., nan]))
    tensor([False,  True])""",
    result=PREDICATE,
    inplace=False,
)
isinf = unary(
    "isinf",
    _test("isinf", False),
    "Whether elements are infinite.",
    """>>> isinf(tensor([1., inf, -inf]))
    tensor([False,  True,  True])""",
    result=PREDICATE,
    inplace=False,
)
isfinite = unary(
    "isfinite",
    _test("isfinite", True),
    "Whether elements are neither infinite nor nan.",
    """>>> isfinite(tensor([1., inf, nan]))
    tensor([ True, False, False])""",
    result=PREDICATE,
    inplace=False,
)
isposinf = unary(
    "isposinf",
    lambda xp, out, array: array == xp.inf,
    "Whether elements are positive infinity.",
    """>>> isposinf(tensor([inf, -inf]))
    tensor([ True, False])""",
    result=PREDICATE,
    inplace=False,
    refuses={COMPLEX: "RuntimeError: isposinf does not support complex inputs."},
    out=PREDICATES,
)
isneginf = unary(
    "isneginf",
    lambda xp, out, array: array == -xp.inf,
    "Whether elements are negative infinity.",
    """>>> isneginf(tensor([inf, -inf]))
    tensor([False,  True])""",
    result=PREDICATE,
    inplace=False,
    refuses={COMPLEX: "RuntimeError: isneginf does not support complex inputs."},
    out=PREDICATES,
)
isreal = unary(
    "isreal",
    lambda xp, out, array: array.imag == 0,
    "Whether elements have no imaginary part.",
    """>>> isreal(tensor([1+0j, 1j]))
    tensor([ True, False])""",
    result=PREDICATE,
    inplace=False,
)

# ---------------------------------------------------------------- closeness


@op
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Launch:
    """Whether ``|input - other| <= atol + rtol * |other|``.

    Both must have one dtype.

    >>> isclose(tensor([1., 2.]), tensor([1.000001, 2.1]))
    tensor([ True, False])
    """
    if input.dtype is not other.dtype:
        raise TcalcError(f"{input.dtype.scalar_name} did not match {other.dtype.scalar_name}")
    if rtol < 0:
        raise TcalcError(f"rtol must be greater than or equal to zero, but got {_float_text(rtol)}")
    if atol < 0:
        raise TcalcError(f"atol must be greater than or equal to zero, but got {_float_text(atol)}")

    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        return _is_close(xp, first, second, rtol, atol, equal_nan)

    return elementwise(kernel, (input, other), PREDICATE)


def _float_text(value: float) -> str:
    return f"{value:g}"


def _is_close(xp: Any, first: Any, second: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    close = first == second
    if equal_nan and first.dtype.kind in "fc":
        close = close | (xp.isnan(first) & xp.isnan(second))
    if first.dtype.kind == "b" or (rtol == 0 and atol == 0):
        return close
    if first.dtype.kind in "iu":
        first, second = first.astype(xp.float64), second.astype(xp.float64)
    distance = xp.abs(first - second)
    return close | (xp.isfinite(distance) & (distance <= atol + xp.abs(rtol * second)))


@op
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as a Python bool (see ``isclose``).

    >>> allclose(tensor([1., 2.]), tensor([1.000001, 2.]))
    True
    """
    return _all(isclose(input, other, rtol, atol, equal_nan))


@op
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and elements, as a Python bool.

    >>> equal(tensor([1, 2]), tensor([1, 2]))
    True
    """
    if tuple(input.shape) != tuple(other.shape):
        return False
    return _all(eq(input, other))


def _all(found: Tensor) -> bool:
    with found.storage.backend.guard():
        return bool(found.array.all())
