"""The names of Python's ``random``: its own generator, one a session, with CPython's numbers."""

from __future__ import annotations

import math
import random

from tcalc.engine.state import current
from tcalc.errors import index_error, type_error, value_error
from tcalc.interp import guards
from tcalc.interp.indexing import get_item, set_item
from tcalc.interp.iteration import collected
from tcalc.interp.python_builtins import BUILTINS
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_DISTRIBUTIONS = (
    "random uniform triangular gauss normalvariate lognormvariate expovariate vonmisesvariate gammavariate betavariate "
    "paretovariate weibullvariate binomialvariate randrange randint getstate setstate"
)


class Chance:
    """A generator of Python's random numbers (``random.Random(seed)``)."""

    __slots__ = ("_source",)
    printed_type = "random.Random"
    public = (
        *[name for name in _DISTRIBUTIONS.split() if hasattr(random.Random, name)], "choice", "choices", "getrandbits",
        "sample", "seed", "shuffle",
    )  # fmt: skip

    def __init__(self, seed: Any = None) -> None:
        self._source = random.Random()
        if seed is not None:
            self.seed(seed)

    def __getattr__(self, name: str) -> Callable:
        """A method that is Python's own."""
        if name not in self.public:
            raise AttributeError(name)
        found: Callable = getattr(self._source, name)
        return found

    def __repr__(self) -> str:
        return f"<random.Random object at {id(self):#x}>"

    def seed(self, a: Any = None, version: int = 2) -> None:
        if type(a).__module__ == "numpy" and hasattr(a, "item"):
            a = a.item()
        if a is not None and not isinstance(a, (int, float, str)):
            raise type_error("The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")
        self._source.seed(a, version)

    def getrandbits(self, k: int, /) -> int:
        guards.check_bits(k, f"getrandbits({guards.shown(k)})")
        return self._source.getrandbits(k)

    def choice(self, seq: Any) -> Any:
        size = _length(seq)
        if not size:
            raise index_error("Cannot choose from an empty sequence")
        return get_item(seq, self._source._randbelow(size))  # type: ignore[attr-defined]

    def choices(self, population: Any, weights: Any = None, *, cum_weights: Any = None, k: int = 1) -> list[Any]:
        guards.allocate(max(k, 0) * guards.ITEM_BYTES, f"a list of {k} items")
        size = _length(population)
        if not size and k > 0:
            get_item(population, 0)  # which is the error
        places = self._source.choices(
            range(size),
            None if weights is None else _numbers(weights),
            cum_weights=None if cum_weights is None else _numbers(cum_weights),
            k=k,
        )
        return [get_item(population, place) for place in places]

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        if isinstance(population, (set, frozenset, dict)):
            raise type_error("Population must be a sequence.  For dicts or sets, use sorted(d).")
        size = _length(population)
        if counts is not None:
            every = collected(counts)
            guards.allocate(min(sum(every), max(k, 0)) * guards.ITEM_BYTES, f"a list of {k} items")
            places = self._source.sample(range(size), k, counts=every)
        else:
            guards.allocate(min(max(k, 0), size) * guards.ITEM_BYTES, f"a list of {k} items")
            places = self._source.sample(range(size), k)
        return [get_item(population, place) for place in places]

    def shuffle(self, x: Any) -> None:
        for place in guards.counted(range(_length(x) - 1, 0, -1)):
            other = self._source._randbelow(place + 1)  # type: ignore[attr-defined]
            first, second = get_item(x, place), get_item(x, other)
            set_item(x, place, second)
            set_item(x, other, first)


def _length(values: Any) -> int:
    return int(BUILTINS["len"].invoke([values], {}))


def _numbers(values: Any) -> list[float]:
    weights = [float(value) for value in collected(values)]
    if not all(map(math.isfinite, weights)):
        raise value_error("Total of weights must be finite")
    return weights


def _generator() -> Chance:
    state = current()
    if state.python_random is None:
        state.python_random = Chance()
    found: Chance = state.python_random  # type: ignore[assignment]
    return found


def _of_session(name: str) -> Callable:
    """A function that is the method of the session's generator."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(_generator(), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


NAMES: dict[str, Any] = {
    **{name: Builtin(_of_session(name), name, "random") for name in Chance.public},
    "Random": Builtin(Chance, "Random", "random"),
}
