"""Reading, writing and deleting a variable: a slot of a frame, or one of the session's."""

from __future__ import annotations

from tcalc.errors import TcalcError
from tcalc.interp import names
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail, located
from tcalc.interp.scope import UNBOUND
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.errors import Span
    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope

    Store = Callable[[Any, Any], None]


@compiles(nodes.Name)
def read(node: nodes.Name, scope: Scope) -> Run:
    place = scope.find(node.id)
    if place is None:
        return _read_variable(node, scope)
    depth, slot = place
    if depth == 0:
        return _read_slot(node, scope, slot)
    return _read_outer(node, scope, depth, slot)


def _read_variable(node: nodes.Name, scope: Scope) -> Run:
    session = scope.unit.session
    variables = session.variables
    unit, span, name = scope.unit, node.span, node.id

    def run(frame: Any) -> Any:
        if name in variables:
            return variables[name]
        try:
            return names.find(session, name)
        except Exception as fault:
            return fail(fault, unit, span)

    return run


def _read_slot(node: nodes.Name, scope: Scope, slot: int) -> Run:
    unit, span, name = scope.unit, node.span, node.id

    def run(frame: Any) -> Any:
        value = frame[slot]
        if value is UNBOUND:
            raise located(_unbound(name), unit, span)
        return value

    return run


def _read_outer(node: nodes.Name, scope: Scope, depth: int, slot: int) -> Run:
    unit, span, name = scope.unit, node.span, node.id

    def run(frame: Any) -> Any:
        for _ in range(depth):
            frame = frame[0]
        value = frame[slot]
        if value is UNBOUND:
            raise located(_unbound(name, depth), unit, span)
        return value

    return run


def _unbound(name: str, depth: int = 0) -> TcalcError:
    """What Python says of a variable without a value, which is this function's or that of one ``depth`` around it."""
    if depth:
        message = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        return TcalcError(message, "NameError")
    message = f"cannot access local variable '{name}' where it is not associated with a value"
    return TcalcError(message, "UnboundLocalError")


def store_name(name: str, scope: Scope) -> Store:
    """A function that binds ``name`` in a frame."""
    place = scope.find(name)
    if place is None:
        variables = scope.unit.session.variables

        def store_variable(frame: Any, value: Any) -> None:
            variables[name] = value

        return store_variable
    depth, slot = place
    if depth == 0:

        def store_slot(frame: Any, value: Any) -> None:
            frame[slot] = value

        return store_slot

    def store_outer(frame: Any, value: Any) -> None:
        for _ in range(depth):
            frame = frame[0]
        frame[slot] = value

    return store_outer


def place_of_name(target: nodes.Node, scope: Scope) -> tuple[Run | None, Any]:
    """What holds a plain name, the session's variables or the frame itself, and its key there.

    A loop stores its variable so at every turn, without a call.
    """
    place = scope.find(target.id) if isinstance(target, nodes.Name) else (1, 0)
    if place is None:
        variables = scope.unit.session.variables
        return (lambda frame: variables), target.id  # type: ignore[attr-defined]
    depth, slot = place
    if depth == 0:
        return (lambda frame: frame), slot
    return None, None


def delete_name(name: str, span: Span, scope: Scope) -> Run:
    """A function that unbinds ``name``; a builtin of the name is uncovered by it."""
    place = scope.find(name)
    unit = scope.unit
    if place is None:
        variables = unit.session.variables

        def delete_variable(frame: Any) -> None:
            if name not in variables:
                raise located(TcalcError(f"name '{name}' is not defined", "NameError"), unit, span)
            del variables[name]

        return delete_variable
    depth, slot = place

    def delete_slot(frame: Any) -> None:
        for _ in range(depth):
            frame = frame[0]
        if frame[slot] is UNBOUND:
            raise located(_unbound(name, depth), unit, span)
        frame[slot] = UNBOUND

    return delete_slot


def forget(name: str, scope: Scope) -> Run:
    """Unbind a name whether it is bound or not (the end of ``except … as name``)."""
    place = scope.find(name)
    if place is None:
        variables = scope.unit.session.variables

        def forget_variable(frame: Any) -> None:
            variables.pop(name, None)

        return forget_variable
    depth, slot = place

    def run(frame: Any) -> None:
        for _ in range(depth):
            frame = frame[0]
        frame[slot] = UNBOUND

    return run


@compiles(nodes.NamedExpr)
def named(node: nodes.NamedExpr, scope: Scope) -> Run:
    value_of = compile_node(node.value, scope)
    target = node.target.id
    store = store_name(target, scope)

    def run(frame: Any) -> Any:
        value = value_of(frame)
        store(frame, value)
        return value

    return run
