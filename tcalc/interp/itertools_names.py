"""The names of Python's ``itertools``.

Everything stays lazy; what goes through a program's values counts steps, and what has to be held asks for memory.
"""

from __future__ import annotations

import itertools

from tcalc.errors import type_error, value_error
from tcalc.interp import guards, operations
from tcalc.interp.iteration import collected, iterate
from tcalc.interp.values import Builtin, callback
from tcalc.syntax.operators import INFIX_OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_MISSING: Any = object()


def _steps(values: Any) -> Iterable[Any]:
    """What a program's value gives, each item a step."""
    return guards.counted(iterate(values))


# ---------------------------------------------------------------- without end


def _cycle(values: Any, /) -> Iterator[Any]:
    return _cycled(_steps(values))


def _cycled(values: Iterable[Any]) -> Iterator[Any]:
    kept = []
    for value in values:
        kept.append(value)
        guards.check_growth(len(kept))
        yield value
    while kept:
        for value in kept:
            guards.step()
            yield value


# ---------------------------------------------------------------- one after the other


class _Chain(Builtin):
    """``chain``, which is also where ``chain.from_iterable`` is found."""

    __slots__ = ()
    public = ("from_iterable",)

    @property
    def from_iterable(self) -> Builtin:
        return Builtin(_from_iterable, "from_iterable")


def _chain(*values: Any) -> Iterator[Any]:
    return itertools.chain.from_iterable(map(_steps, values))


def _from_iterable(values: Any, /) -> Iterator[Any]:
    return itertools.chain.from_iterable(map(_steps, _steps(values)))


def _accumulate(values: Any, func: Any = None, *, initial: Any = None) -> Iterator[Any]:
    plus = INFIX_OPERATORS["+"]
    combine = (lambda total, value: operations.binary(plus, total, value)) if func is None else callback(func)
    return itertools.accumulate(_steps(values), combine, initial=initial)


def _islice(values: Any, /, *bounds: Any) -> Iterator[Any]:
    return itertools.islice(_steps(values), *bounds)


def _pairwise(values: Any, /) -> Iterator[tuple]:
    return itertools.pairwise(_steps(values))


def _batched(values: Any, n: int, *, strict: bool = False) -> Iterator[tuple]:
    if n < 1:
        raise value_error("n must be at least one")
    return _batches(iter(_steps(values)), n, strict)


def _batches(values: Iterator[Any], size: int, strict: bool) -> Iterator[tuple]:
    while batch := tuple(guards.collect(itertools.islice(values, size))):
        if strict and len(batch) < size:
            raise value_error("batched(): incomplete batch")
        yield batch


def _zip_longest(*values: Any, fillvalue: Any = None) -> Iterator[tuple]:
    return itertools.zip_longest(*map(_steps, values), fillvalue=fillvalue)


def _tee(values: Any, n: int = 2, /) -> tuple[Iterator[Any], ...]:
    if n < 0:
        raise value_error("n must be >= 0")
    guards.allocate(n * guards.ITEM_BYTES, f"{n} iterators")
    source, kept = iter(_steps(values)), []  # type: ignore[var-annotated]

    def branch() -> Iterator[Any]:
        place = 0
        while True:
            if place == len(kept):
                value = next(source, _MISSING)
                if value is _MISSING:
                    return
                kept.append(value)
                guards.check_growth(len(kept))
            yield kept[place]
            place += 1

    return tuple(branch() for _ in range(n))


# ---------------------------------------------------------------- some of them


def _compress(data: Any, selectors: Any) -> Iterator[Any]:
    return itertools.compress(_steps(data), _steps(selectors))


def _dropwhile(predicate: Any, values: Any, /) -> Iterator[Any]:
    return itertools.dropwhile(callback(predicate), _steps(values))


def _takewhile(predicate: Any, values: Any, /) -> Iterator[Any]:
    return itertools.takewhile(callback(predicate), _steps(values))


def _filterfalse(predicate: Any, values: Any, /) -> Iterator[Any]:
    return itertools.filterfalse(None if predicate is None else callback(predicate), _steps(values))


def _starmap(function: Any, values: Any, /) -> Iterator[Any]:
    return itertools.starmap(callback(function), map(_steps, _steps(values)))


def _groupby(iterable: Any, key: Any = None) -> Iterator[tuple]:
    return itertools.groupby(_steps(iterable), None if key is None else callback(key))


# ---------------------------------------------------------------- selections of several


def _product(*values: Any, repeat: int = 1) -> Iterator[tuple]:
    if repeat < 0:
        raise value_error("repeat argument cannot be negative")
    guards.allocate(repeat * len(values) * guards.ITEM_BYTES, f"a product of {repeat * len(values)} iterables")
    return itertools.product(*map(collected, values), repeat=repeat)


def _permutations(iterable: Any, r: Any = None) -> Iterator[tuple]:
    pool = collected(iterable)
    if r is not None and not isinstance(r, int):
        raise type_error("Expected int as r")
    return itertools.permutations(pool, _length(r, len(pool)))


def _combinations(iterable: Any, r: int) -> Iterator[tuple]:
    pool = collected(iterable)
    return itertools.combinations(pool, _length(r, len(pool)) or 0)


def _length(wanted: int | None, have: int) -> int | None:
    """The length of a selection; beyond the pool there is none, however far beyond."""
    if wanted is not None and wanted < 0:
        raise value_error("r must be non-negative")
    return wanted if wanted is None else min(wanted, have + 1)


def _combinations_with_replacement(iterable: Any, r: int) -> Iterator[tuple]:
    pool = collected(iterable)
    if r < 0:
        raise value_error("r must be non-negative")
    guards.allocate(r * guards.ITEM_BYTES, f"combinations of {r} items")
    return itertools.combinations_with_replacement(pool, r)


_FUNCTIONS: dict[str, Any] = {
    "accumulate": _accumulate, "batched": _batched, "combinations": _combinations,
    "combinations_with_replacement": _combinations_with_replacement, "compress": _compress, "count": itertools.count,
    "cycle": _cycle, "dropwhile": _dropwhile, "filterfalse": _filterfalse, "groupby": _groupby, "islice": _islice,
    "pairwise": _pairwise, "permutations": _permutations, "product": _product, "repeat": itertools.repeat,
    "starmap": _starmap, "takewhile": _takewhile, "tee": _tee, "zip_longest": _zip_longest,
}  # fmt: skip
for _name, _function in _FUNCTIONS.items():
    if _function.__module__ == __name__:
        _function.__name__ = _function.__qualname__ = _name  # Python's messages say it

NAMES: dict[str, Any] = {
    **{name: Builtin(function, name, "itertools") for name, function in _FUNCTIONS.items()},
    "chain": _Chain(_chain, "chain", "itertools"),
}
