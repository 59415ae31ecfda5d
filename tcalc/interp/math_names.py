"""The names of Python's ``math``."""

from __future__ import annotations

import math

from tcalc.interp import guards
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FUNCTIONS = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist erf erfc exp exp2 expm1 fabs "
    "floor fmod frexp fsum gamma gcd hypot isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 "
    "modf nextafter pow radians remainder sin sinh sqrt tan tanh trunc ulp"
)


def _factorial(value: Any, /) -> int:
    if isinstance(value, int) and value > 1000:
        guards.check_bits(int(value * math.log2(value)), f"factorial({guards.shown(value)})")
    return math.factorial(value)


def _check_ways(name: str, n: Any, k: Any) -> None:
    """``comb`` and ``perm`` have at most ``n ** k`` for an answer."""
    if isinstance(n, int) and isinstance(k, int) and n > 1000 and k > 0:
        guards.check_bits(min(k, n) * n.bit_length(), f"{name}({guards.shown(n)}, {guards.shown(k)})")


def _comb(n: Any, k: Any, /) -> int:
    _check_ways("comb", n, k)
    return math.comb(n, k)


def _perm(n: Any, k: Any = None, /) -> int:
    _check_ways("perm", n, n if k is None else k)
    return math.perm(n, k)


def _prod(values: Any, /, *, start: Any = 1) -> Any:
    for value in guards.counted(values):
        start = guards.multiply(start, value)
    return start


_prod.__qualname__ = "prod"  # Python's messages say it

NAMES: dict[str, Any] = {
    "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "tau": math.tau,
    **{name: Builtin(getattr(math, name), name, "math") for name in _FUNCTIONS.split()},
    "factorial": Builtin(_factorial, "factorial", "math"),
    "comb": Builtin(_comb, "comb", "math"),
    "perm": Builtin(_perm, "perm", "math"),
    "prod": Builtin(_prod, "prod", "math"),
}  # fmt: skip
