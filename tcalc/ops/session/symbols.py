"""PyTorch's functions of numbers that may stand for unknown sizes; here they are known, and the answer is Python's."""

from __future__ import annotations

import math
from operator import not_

from tcalc.errors import TcalcError, type_error
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = float


@op
def sym_float(a: Number) -> float:
    """A number as a float.

    >>> sym_float(2)
    2.0
    """
    return _plainly(float, a)


@op
def sym_int(a: Number) -> int:
    """A number as an int, its fraction cut off.

    >>> sym_int(-2.7)
    -2
    """
    return _plainly(int, a)


@op
def sym_max(a: Number, b: Number) -> Any:
    """The larger of two numbers, a float where one of them is.

    >>> sym_max(2, 1.5)
    2.0
    """
    return _alike(_plainly(max, a, b), a, b)


@op
def sym_min(a: Number, b: Number) -> Any:
    """The smaller of two numbers, a float where one of them is.

    >>> sym_min(1, 2)
    1
    """
    return _alike(_plainly(min, a, b), a, b)


def _plainly(function: Any, *values: Any) -> Any:
    """What Python answers, or what it says where it refuses."""
    try:
        return function(*values)
    except (TypeError, ValueError, OverflowError) as fault:
        raise TcalcError(str(fault), type(fault).__name__) from None


def _alike(answer: Any, *numbers: Any) -> Any:
    return float(answer) if any(isinstance(number, float) for number in numbers) else answer


@op
def sym_not(a: Any) -> bool:
    """Whether a value is false.

    >>> sym_not(True)
    False
    """
    return _plainly(not_, a)


@op
def sym_ite(b: Any, t: Any, f: Any) -> Any:
    """``t if b else f``.

    >>> sym_ite(True, 1, 2)
    1
    """
    if not isinstance(b, bool):
        raise TcalcError(f"expected SymBool or bool, got {type(b)}", "AssertionError")
    return t if b else f


@op
def sym_sum(args: Any) -> Any:
    """The sum of a sequence of numbers.

    >>> sym_sum([1, 2, 3])
    6
    """
    if not isinstance(args, (list, tuple)) or not all(isinstance(arg, (int, float)) for arg in args):
        raise type_error("sym_sum() takes a sequence of numbers")
    return sum(args)


@op
def sym_sqrt(a: Number) -> float:
    """The square root of a number.

    >>> sym_sqrt(4)
    2.0
    """
    return _plainly(math.sqrt, a)
