"""Comprehensions and generator expressions. Each runs in a frame of its own, as in Python."""

from __future__ import annotations

from tcalc.errors import TcalcError
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.conditions import condition
from tcalc.interp.faults import fail
from tcalc.interp.guards import check_growth, check_key
from tcalc.interp.iteration import iterate
from tcalc.interp.scope import COMPREHENSION, UNBOUND, Scope, target_names
from tcalc.interp.targets import assign
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.interp.compiler import Run


class _Loops:
    """The ``for … if …`` parts, compiled: ``iterate_first`` in the outer frame, the rest in the own one."""

    def __init__(self, generators: list[nodes.Comprehension], scope: Scope) -> None:
        self.scope = Scope(scope.unit, COMPREHENSION, scope)
        for part in generators:
            for name in target_names(part.target):
                self.scope.add(name)
        self.iterate_first = _iterator(generators[0].iter, scope)
        self.parts = [
            (
                None if position == 0 else _iterator(part.iter, self.scope),
                assign(part.target, self.scope),
                [condition(test, self.scope) for test in part.ifs],
            )
            for position, part in enumerate(generators)
        ]
        self.step = scope.unit.session.meter.step
        self.unit = scope.unit
        self.place = generators[0].iter.span

    def frame(self, outer: Any) -> list[Any]:
        return [outer, None, *([UNBOUND] * len(self.scope.slots))]

    def turns(self, frame: Any, values: Any, position: int = 0) -> Iterator[None]:
        """Bind the targets for each turn of the nested loops."""
        _, store, tests = self.parts[position]
        innermost = position == len(self.parts) - 1
        step = self.step
        for value in values:
            step()
            store(frame, value)
            for test in tests:
                if not test(frame):
                    break
            else:
                if innermost:
                    yield None
                else:
                    iterate_next = self.parts[position + 1][0]
                    assert iterate_next is not None
                    yield from self.turns(frame, iterate_next(frame), position + 1)


def _iterator(node: nodes.Expression, scope: Scope) -> Run:
    value_of = compile_node(node, scope)
    unit = scope.unit

    def run(frame: Any) -> Any:
        value = value_of(frame)
        try:
            return iterate(value)
        except Exception as fault:
            return fail(fault, unit, node.span, [(node, value)])

    return run


def _values(loops: _Loops, element: Run, outer: Any) -> Iterator[Any]:
    """The element for each turn. Faults of the values' own iteration are placed at the first ``in``."""
    first = loops.iterate_first(outer)
    return _produce(loops, element, loops.frame(outer), first)


def _produce(loops: _Loops, element: Run, frame: Any, first: Any) -> Iterator[Any]:
    try:
        for _ in loops.turns(frame, first):
            yield element(frame)
    except Exception as fault:
        fail(fault, loops.unit, loops.place)


def _checked(keys: Iterator[Any]) -> Iterator[Any]:
    for key in keys:
        check_key(key)
        yield key


@compiles(nodes.ListComp)
def list_comprehension(node: nodes.ListComp, scope: Scope) -> Run:
    loops = _Loops(node.generators, scope)
    element = compile_node(node.elt, loops.scope)

    def run(frame: Any) -> list[Any]:
        result = []
        for value in _values(loops, element, frame):
            result.append(value)
            if not len(result) & 0xFFFF:
                check_growth(len(result))
        return result

    return run


@compiles(nodes.SetComp)
def set_comprehension(node: nodes.SetComp, scope: Scope) -> Run:
    loops = _Loops(node.generators, scope)
    element = compile_node(node.elt, loops.scope)
    unit = scope.unit

    def run(frame: Any) -> set[Any]:
        try:
            return set(_checked(_values(loops, element, frame)))
        except Exception as fault:
            return fail(fault, unit, node.elt.span)

    return run


@compiles(nodes.DictComp)
def dict_comprehension(node: nodes.DictComp, scope: Scope) -> Run:
    loops = _Loops(node.generators, scope)
    key, value = compile_node(node.key, loops.scope), compile_node(node.value, loops.scope)
    unit = scope.unit

    def run(frame: Any) -> dict[Any, Any]:
        try:
            return dict(_checked(_values(loops, lambda inner: (key(inner), value(inner)), frame)))
        except Exception as fault:
            return fail(fault, unit, node.key.span)

    return run


@compiles(nodes.GeneratorExp)
def generator(node: nodes.GeneratorExp, scope: Scope) -> Run:
    loops = _Loops(node.generators, scope)
    element = compile_node(node.elt, loops.scope)

    def genexpr(frame: Any, first: Any) -> Iterator[Any]:
        try:
            yield from _produce(loops, element, frame, first)
        except TcalcError as fault:
            if fault.kind == "StopIteration":
                raise TcalcError("generator raised StopIteration", "RuntimeError", span=fault.span) from fault
            raise

    genexpr.__name__ = genexpr.__qualname__ = "<genexpr>"
    return lambda frame: genexpr(loops.frame(frame), loops.iterate_first(frame))
