"""The names of Python's small modules that programs about numbers use: ``bisect copy heapq statistics string time``."""

from __future__ import annotations

import bisect
import heapq
import string
import time

from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp import guards, library
from tcalc.interp.iteration import collected, iterate
from tcalc.interp.literals import TensorLiteral
from tcalc.interp.operations import is_numpy, is_python_array, is_sequence
from tcalc.interp.values import Builtin, callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def _builtins(path: str, functions: dict[str, Callable]) -> dict[str, Any]:
    return {name: Builtin(function, name, path) for name, function in functions.items()}


# ---------------------------------------------------------------- copies


def _copy(x: Any) -> Any:
    """Another value with the same items."""
    if type(x) is Tensor:
        return _in_role(x.as_view(x.shape, x.stride), x)
    if isinstance(x, TensorLiteral):
        return TensorLiteral(x)
    if is_python_array(x):
        return x[:]
    return x.copy() if is_sequence(x, (list, dict, set, bytearray)) or is_numpy(x) else x


def _in_role(copy: Tensor, of: Tensor) -> Tensor:
    """A copy of a parameter is one, and requires gradients as it does."""
    copy.role, copy.requires_grad = of.role, of.requires_grad
    return copy


def _deepcopy(x: Any) -> Any:
    """Another value that shares nothing that can be changed; what appears twice is one copy."""
    return _deep(x, {})


def _deep(value: Any, known: dict[int, Any]) -> Any:
    found = known.get(id(value))
    if found is not None:
        return found
    made: Any
    if type(value) is Tensor:
        made = _in_role(library.apply("clone", value), value)
    elif isinstance(value, (list, dict)) or type(value).__name__ == "Deque":
        made = known[id(value)] = _copy(value)
        for place in list(value) if isinstance(value, dict) else range(len(value)):
            made[place] = _deep(value[place], known)
    elif type(value) is tuple or (isinstance(value, tuple) and hasattr(type(value), "names")):
        items = type(value)(_deep(item, known) for item in value)
        same = all(mine is theirs for mine, theirs in zip(items, value, strict=True))
        made = value if same else items
    else:
        made = _copy(value)
    known[id(value)] = made
    return made


# ---------------------------------------------------------------- sorted lists and heaps


def _keyed(function: Callable) -> Callable:
    """A function of Python's whose ``key`` is a function of the program."""

    def call(*args: Any, key: Any = None, **kwargs: Any) -> Any:
        return function(*args, key=None if key is None else callback(key), **kwargs)

    return call


def _chosen(function: Callable) -> Callable:
    """``nlargest`` or ``nsmallest``."""

    def call(n: int, iterable: Any, key: Any = None) -> Any:
        return function(n, collected(iterable), key=None if key is None else callback(key))

    return call


def _merge(*iterables: Any, key: Any = None, reverse: Any = False) -> Iterator[Any]:
    values = [guards.counted(iterate(iterable)) for iterable in iterables]
    return heapq.merge(*values, key=None if key is None else callback(key), reverse=bool(reverse))


# ---------------------------------------------------------------- statistics


def _statistic(name: str) -> Callable:
    """A function of Python's ``statistics``, over numbers."""

    def call(data: Any, *args: Any, **kwargs: Any) -> Any:
        import statistics

        numbers = [value.item() if type(value) is Tensor or is_numpy(value) else value for value in collected(data)]
        if name not in ("mode", "multimode") and not all(isinstance(number, (int, float)) for number in numbers):
            raise type_error(f"statistics.{name}() takes numbers")
        return getattr(statistics, name)(numbers, *args, **kwargs)

    return call


_STATISTICS = (
    "fmean geometric_mean harmonic_mean mean median median_high median_low mode multimode pstdev pvariance quantiles "
    "stdev variance"
)


def _capwords(s: str, sep: Any = None) -> str:
    guards.allocate(32 * len(s), "the words of the text")
    return string.capwords(s, sep)


NAMES: dict[str, dict[str, Any]] = {
    "bisect": _builtins(
        "bisect",
        {
            name: _keyed(getattr(bisect, name))
            for name in ("bisect", "bisect_left", "bisect_right", "insort", "insort_left", "insort_right")
        },
    ),
    "copy": _builtins("copy", {"copy": _copy, "deepcopy": _deepcopy}),
    "heapq": _builtins(
        "heapq",
        {
            **{name: getattr(heapq, name) for name in ("heapify", "heappop", "heappush", "heappushpop", "heapreplace")},
            "merge": _merge,
            "nlargest": _chosen(heapq.nlargest),
            "nsmallest": _chosen(heapq.nsmallest),
        },
    ),
    "statistics": _builtins("statistics", {name: _statistic(name) for name in _STATISTICS.split()}),
    "string": {
        "capwords": Builtin(_capwords, "capwords", "string"),
        **{
            name: getattr(string, name)
            for name in (
                "ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "octdigits", "printable",
                "punctuation", "whitespace",
            )
        },
    },
    "time": _builtins(
        "time",
        {
            name: getattr(time, name)
            for name in (
                "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns",
                "time", "time_ns",
            )
        },
    ),
}  # fmt: skip
