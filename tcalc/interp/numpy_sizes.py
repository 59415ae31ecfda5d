"""The memory that NumPy's functions would take, asked for before they run."""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import numpy
from tcalc.interp import guards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

np = numpy()
_ITEM = 8


def check_size(name: str, args: list, kwargs: dict[str, Any]) -> None:
    """Refuse a call whose answer has no room."""
    estimate = _ESTIMATES.get(name)
    if estimate is None:
        return
    try:
        count = estimate(args, kwargs)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, ZeroDivisionError, OverflowError):
        return  # the function itself says what is wrong with its arguments
    guards.allocate(int(count) * _ITEM, f"an array of {int(count)} elements")


def _argument(args: list, kwargs: dict[str, Any], position: int, name: str, default: Any = None) -> Any:
    return args[position] if len(args) > position else kwargs.get(name, default)


def _count(shape: Any) -> int:
    return prod(int(size) for size in shape) if isinstance(shape, (list, tuple, np.ndarray)) else int(shape)


def _shape_at(position: int, name: str) -> Callable[[list, dict], int]:
    def estimate(args: list, kwargs: dict[str, Any]) -> int:
        shape = _argument(args, kwargs, position, name)
        return 0 if shape is None else _count(shape)

    return estimate


def _dimensions(args: list, kwargs: dict[str, Any]) -> int:
    return prod(int(size) for size in args)


def _square(args: list, kwargs: dict[str, Any]) -> int:
    rows = int(_argument(args, kwargs, 0, "N"))
    columns = _argument(args, kwargs, 1, "M")
    return rows * (rows if columns is None else int(columns))


def _arange(args: list, kwargs: dict[str, Any]) -> int:
    numbers = [float(arg) for arg in args[:3]]
    start, stop = (0.0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else float(kwargs.get("step", 1))
    return max(0, int((stop - start) / step))


def _number(args: list, kwargs: dict[str, Any]) -> int:
    return int(_argument(args, kwargs, 2, "num", 50))


def _tile(args: list, kwargs: dict[str, Any]) -> int:
    return np.size(args[0]) * _count(_argument(args, kwargs, 1, "reps"))


def _repeat(args: list, kwargs: dict[str, Any]) -> int:
    times = np.asarray(_argument(args, kwargs, 1, "repeats"))
    return np.size(args[0]) * int(times) if times.ndim == 0 else int(times.sum())


def _outer(args: list, kwargs: dict[str, Any]) -> int:
    return np.size(args[0]) * np.size(args[1])


def _mesh(args: list, kwargs: dict[str, Any]) -> int:
    return len(args) * prod(np.size(arg) for arg in args)


def _pad(args: list, kwargs: dict[str, Any]) -> int:
    width = int(np.max(np.asarray(args[1])))
    return prod(size + 2 * width for size in np.shape(args[0]))


_ESTIMATES: dict[str, Callable[[list, dict], int]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "full"), _shape_at(0, "shape")),
    **dict.fromkeys(("random", "random_sample", "standard_normal", "standard_exponential"), _shape_at(0, "size")),
    **dict.fromkeys(("rand", "randn"), _dimensions),
    **dict.fromkeys(("choice", "exponential", "poisson", "chisquare", "geometric", "rayleigh"), _shape_at(1, "size")),
    **dict.fromkeys(
        ("normal", "uniform", "randint", "integers", "beta", "binomial", "gamma", "gumbel", "laplace", "logistic",
         "lognormal"),
        _shape_at(2, "size"),
    ),
    "permutation": lambda args, kwargs: int(args[0]) if np.ndim(args[0]) == 0 else 0,
    **dict.fromkeys(("eye", "identity", "tri"), _square),
    "arange": _arange,
    **dict.fromkeys(("linspace", "logspace", "geomspace"), _number),
    "tile": _tile,
    "repeat": _repeat,
    **dict.fromkeys(("outer", "kron"), _outer),
    "meshgrid": _mesh,
    "indices": lambda args, kwargs: len(args[0]) * _count(args[0]),
    "pad": _pad,
    "resize": lambda args, kwargs: _count(args[1]),
    "reshape": lambda args, kwargs: 0,
}  # fmt: skip
