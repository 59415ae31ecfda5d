"""The names of Python's ``math``."""

from __future__ import annotations

import math

from tcalc.interp import guards
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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


def _chosen(function: Callable) -> Callable:
    """``comb`` and ``perm``: at most ``n ** k``."""

    def choose(n: Any, k: Any = None, /) -> int:
        count = n if k is None else k
        if isinstance(n, int) and isinstance(count, int) and n > 1000 and count > 0:
            bits = min(count, n) * n.bit_length()
            guards.check_bits(bits, f"{function.__name__}({guards.shown(n)}, {guards.shown(count)})")
        return int(function(n, count) if function is math.comb or k is not None else function(n))

    return choose


def _prod(values: Any, /, *, start: Any = 1) -> Any:
    for value in guards.counted(values):
        start = guards.multiply(start, value)
    return start


NAMES: dict[str, Any] = {
    "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "tau": math.tau,
    **{name: Builtin(getattr(math, name), name, "math") for name in _FUNCTIONS.split()},
    "factorial": Builtin(_factorial, "factorial", "math"),
    "comb": Builtin(_chosen(math.comb), "comb", "math"),
    "perm": Builtin(_chosen(math.perm), "perm", "math"),
    "prod": Builtin(_prod, "prod", "math"),
}  # fmt: skip
