"""``map`` and ``filter`` of a program's own functions.

Python's own would do, but a tower of them is a tower of C calls that nothing checks; of these Python's check of its
recursion takes care. Every item is a step.
"""

from __future__ import annotations

from tcalc.interp import guards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


class Map:
    """``map(function, *values)``."""

    __slots__ = ("_function", "_iterators")
    printed_type = "map"

    def __init__(self, function: Callable, iterators: list[Iterator[Any]]) -> None:
        self._function = function
        self._iterators = iterators

    def __iter__(self) -> Map:
        return self

    def __next__(self) -> Any:
        guards.step()
        return self._function(*[next(iterator) for iterator in self._iterators])

    def __repr__(self) -> str:
        return f"<map object at {id(self):#x}>"


def until(function: Callable, sentinel: Any) -> Iterator[Any]:
    """``iter(function, sentinel)``: what the function answers, until it answers with the sentinel."""
    while True:
        guards.step()
        value = function()
        if value == sentinel:
            return
        yield value


class Filter:
    """``filter(function, values)``."""

    __slots__ = ("_function", "_iterator")
    printed_type = "filter"

    def __init__(self, function: Callable | None, iterator: Iterator[Any]) -> None:
        self._function = function
        self._iterator = iterator

    def __iter__(self) -> Filter:
        return self

    def __next__(self) -> Any:
        while True:
            guards.step()
            value = next(self._iterator)
            if value if self._function is None else self._function(value):
                return value

    def __repr__(self) -> str:
        return f"<filter object at {id(self):#x}>"
