"""Maths on Python numbers, without NumPy: ``sin(pi / 4)`` is a Python float.

The names are those of the pointwise records. Where ``math`` raises at a pole or outside a function's domain,
the answer is what a tensor's element would be: an infinity or nan.
"""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

INF = math.inf
NAN = math.nan


def _total(name: str, at_pole: Callable[[float], float] | None = None) -> Callable[[Any], Any]:
    """``math.NAME`` for every number: complex through cmath, a pole or overflow as ``at_pole`` says, else nan."""
    real = getattr(math, name)

    def function(value: Any) -> Any:
        if isinstance(value, complex):
            import cmath

            if not hasattr(cmath, name):
                raise TypeError(f"must be real number, not {type(value).__name__}")
            return getattr(cmath, name)(value)
        try:
            return real(value)
        except ValueError:
            return at_pole(value) if at_pole is not None else NAN
        except OverflowError:
            return math.copysign(INF, value) if name == "sinh" else INF

    function.__name__ = name
    return function


def _floating(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A rounding function that leaves integers whole and infinities and nan as they are."""

    def rounded(value: Any) -> Any:
        return value if isinstance(value, int) or not math.isfinite(value) else float(function(value))

    return rounded


def _exp2(value: Any) -> Any:
    try:
        return 2.0**value
    except OverflowError:
        return INF


def _square(value: Any) -> Any:
    return value * value


def _sign(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value != value:
        return value
    return type(value)((value > 0) - (value < 0))


def _reciprocal(value: Any) -> Any:
    return math.copysign(INF, value) if value == 0 else 1 / value


def _rsqrt(value: Any) -> Any:
    return _reciprocal(_sqrt(value))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _relu(value: Any) -> Any:
    return value if value > 0 or value != value else type(value)(0)


def _hypot(first: float, second: float) -> float:
    return math.hypot(first, second)


def _fmod(first: float, second: float) -> float:
    if second == 0 or math.isinf(first):
        return NAN
    return math.fmod(first, second)


def _lgamma(value: float) -> float:
    return INF if value <= 0 and value == int(value) else math.lgamma(value)


_sqrt = _total("sqrt")


def _log_pole(value: float) -> float:
    return -INF if value == 0 else NAN


def _atanh_pole(value: float) -> float:
    return math.copysign(INF, value) if abs(value) == 1 else NAN


SCALAR_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": _total("sin"), "cos": _total("cos"), "tan": _total("tan"),
    "asin": _total("asin"), "acos": _total("acos"), "atan": _total("atan"),
    "sinh": _total("sinh"), "cosh": _total("cosh"), "tanh": _total("tanh"),
    "asinh": _total("asinh"), "acosh": _total("acosh"), "atanh": _total("atanh", _atanh_pole),
    "exp": _total("exp"), "expm1": _total("expm1"), "exp2": _exp2,
    "log": _total("log", _log_pole), "log2": _total("log2", _log_pole), "log10": _total("log10", _log_pole),
    "log1p": _total("log1p", lambda value: -INF if value == -1 else NAN),
    "sqrt": _sqrt, "rsqrt": _rsqrt, "square": _square, "reciprocal": _reciprocal,
    "floor": _floating(math.floor), "ceil": _floating(math.ceil), "trunc": _floating(math.trunc),
    "sign": _sign, "sigmoid": _sigmoid, "relu": _relu, "erf": math.erf, "erfc": math.erfc, "lgamma": _lgamma,
    "deg2rad": math.radians, "rad2deg": math.degrees,
    "hypot": _hypot, "atan2": math.atan2, "fmod": _fmod,
    "isnan": math.isnan, "isinf": math.isinf, "isfinite": math.isfinite,
}  # fmt: skip
for _alias, _name in {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "arctan2": "atan2", "fix": "trunc",
}.items():  # fmt: skip
    SCALAR_FUNCTIONS[_alias] = SCALAR_FUNCTIONS[_name]
