"""Branches, loops, ``with`` and what leaves them, as closures."""

from __future__ import annotations

from tcalc.interp.compiler import BREAK, CONTINUE, RETURN, compile_block, compile_node, compiles
from tcalc.interp.conditions import condition
from tcalc.interp.faults import fail
from tcalc.interp.iteration import iterate
from tcalc.interp.targets import assign
from tcalc.interp.variables import place_of_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.If)
def if_(node: nodes.If, scope: Scope) -> Run:
    test = condition(node.test, scope)
    body = compile_block(node.body, scope)
    if not node.orelse:
        return lambda frame: body(frame) if test(frame) else None
    orelse = compile_block(node.orelse, scope)
    return lambda frame: body(frame) if test(frame) else orelse(frame)


@compiles(nodes.While)
def while_(node: nodes.While, scope: Scope) -> Run:
    test = condition(node.test, scope)
    body = compile_block(node.body, scope)
    orelse = compile_block(node.orelse, scope) if node.orelse else None
    meter = scope.unit.session.meter

    def run(frame: Any) -> Any:
        while test(frame):
            meter.steps = steps = meter.steps + 1
            if steps > meter.checkpoint:
                meter.review()
            code = body(frame)
            if code is not None and code != CONTINUE:
                return None if code == BREAK else code
        return orelse(frame) if orelse is not None else None

    return run


@compiles(nodes.For)
def for_(node: nodes.For, scope: Scope) -> Run:
    values_of = compile_node(node.iter, scope)
    body = compile_block(node.body, scope)
    orelse = compile_block(node.orelse, scope) if node.orelse else None
    store = assign(node.target, scope)
    holder_of, key = place_of_name(node.target, scope)
    unit = scope.unit
    meter = unit.session.meter

    def turns(frame: Any) -> Any:
        """The values, with the faults of their own iteration placed at the expression after ``in``."""
        values = values_of(frame)
        try:
            return iterate(values)
        except Exception as fault:
            return fail(fault, unit, node.iter.span, [(node.iter, values)])

    def run(frame: Any) -> Any:
        holder = None if holder_of is None else holder_of(frame)
        try:
            for value in turns(frame):
                meter.steps = steps = meter.steps + 1
                if steps > meter.checkpoint:
                    meter.review()
                if holder is None:
                    store(frame, value)
                else:
                    holder[key] = value
                code = body(frame)
                if code is not None and code != CONTINUE:
                    return None if code == BREAK else code
        except Exception as fault:
            return fail(fault, unit, node.iter.span)
        return orelse(frame) if orelse is not None else None

    return run


@compiles(nodes.Break)
def break_(node: nodes.Break, scope: Scope) -> Run:
    return lambda frame: BREAK


@compiles(nodes.Continue)
def continue_(node: nodes.Continue, scope: Scope) -> Run:
    return lambda frame: CONTINUE


@compiles(nodes.Return)
def return_(node: nodes.Return, scope: Scope) -> Run:
    if node.value is None:

        def leave(frame: Any) -> int:
            frame[1] = None
            return RETURN

        return leave
    value_of = compile_node(node.value, scope)

    def run(frame: Any) -> int:
        frame[1] = value_of(frame)
        return RETURN

    return run


@compiles(nodes.With)
def with_(node: nodes.With, scope: Scope) -> Run:
    body = compile_block(node.body, scope)
    for item in reversed(node.items):
        body = _with_item(item, body, scope)
    return body


def _with_item(item: nodes.WithItem, body: Run, scope: Scope) -> Run:
    context_of = compile_node(item.context_expr, scope)
    store = assign(item.optional_vars, scope) if item.optional_vars is not None else None
    unit = scope.unit

    def run(frame: Any) -> Any:
        context = context_of(frame)
        try:
            entered = _enter(context)
        except Exception as fault:
            return fail(fault, unit, item.context_expr.span)
        try:
            if store is not None:
                store(frame, entered)
            return body(frame)
        finally:
            context.__exit__(None, None, None)

    return run


def _enter(context: Any) -> Any:
    from tcalc.engine.contexts import Context
    from tcalc.interp.type_names import type_name

    if not isinstance(context, Context) and type(context).__name__ != "nditer":
        raise TypeError(f"'{type_name(context)}' object does not support the context manager protocol")
    return context.__enter__()
