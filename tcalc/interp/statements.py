"""Statements as closures. Each returns None, or the code by which it leaves its block."""

from __future__ import annotations

from tcalc.errors import TcalcError
from tcalc.interp import operations, text
from tcalc.interp.attributes import get_attribute, set_attribute
from tcalc.interp.compiler import BREAK, CONTINUE, RETURN, compile_block, compile_node, compiles
from tcalc.interp.expressions import condition
from tcalc.interp.faults import fail, located
from tcalc.interp.guards import LARGEST, SMALLEST, check_product
from tcalc.interp.hints import add_hint
from tcalc.interp.indexing import get_item, set_item
from tcalc.interp.iteration import iterate
from tcalc.interp.operations import QUICK
from tcalc.interp.targets import assign, delete
from tcalc.interp.variables import place_of_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.Expr)
def expression(node: nodes.Expr, scope: Scope) -> Run:
    value_of = compile_node(node.value, scope)
    session = scope.unit.session
    if scope.is_module:
        silent = node.silent

        def echoed(frame: Any) -> None:
            session.echo(value_of(frame), silent)

        return echoed

    def run(frame: Any) -> None:
        value_of(frame)

    return run


@compiles(nodes.Pass)
def pass_(node: nodes.Pass, scope: Scope) -> Run:
    return lambda frame: None


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


@compiles(nodes.Assign)
def assignment(node: nodes.Assign, scope: Scope) -> Run:
    value_of = compile_node(node.value, scope)
    stores = [assign(target, scope) for target in node.targets]
    if len(stores) == 1:
        store = stores[0]
        return lambda frame: store(frame, value_of(frame))

    def run(frame: Any) -> None:
        value = value_of(frame)
        for store_one in stores:
            store_one(frame, value)

    return run


@compiles(nodes.AnnAssign)
def annotated(node: nodes.AnnAssign, scope: Scope) -> Run:
    """The annotation means nothing here and is not evaluated."""
    if node.value is None:
        return lambda frame: None
    value_of = compile_node(node.value, scope)
    store = assign(node.target, scope)
    return lambda frame: store(frame, value_of(frame))


@compiles(nodes.AugAssign)
def augmented(node: nodes.AugAssign, scope: Scope) -> Run:
    if isinstance(node.target, nodes.Name):
        return _augment_name(node, scope)
    value_of = compile_node(node.value, scope)
    owner_of, key_of, read, write = _place(node.target, scope)
    unit, row = scope.unit, node.op

    def run(frame: Any) -> None:
        owner = owner_of(frame)
        key = key_of(frame)
        try:
            before = read(owner, key)
        except Exception as fault:
            fail(fault, unit, node.target.span, [(node.target, owner)])
        value = value_of(frame)
        try:
            write(owner, key, operations.augmented(row, before, value))
        except Exception as fault:
            _fail_operation(fault, node, scope, before, value)

    return run


def _place(target: nodes.Expression, scope: Scope) -> tuple[Run, Run, Callable, Callable]:
    """Owner and key of ``owner[key]`` or ``owner.key``, evaluated once, and how to read and write there."""
    if isinstance(target, nodes.Subscript):
        return compile_node(target.value, scope), compile_node(target.index, scope), get_item, set_item
    assert isinstance(target, nodes.Attribute)
    name = target.attr
    return compile_node(target.value, scope), lambda frame: name, get_attribute, set_attribute


def _augment_name(node: nodes.AugAssign, scope: Scope) -> Run:
    read, store = compile_node(node.target, scope), assign(node.target, scope)
    value_of = compile_node(node.value, scope)
    row = node.op
    arithmetic = QUICK[row.name]
    is_product = row.name == "mul"
    operate = operations.augmented

    def run(frame: Any) -> None:
        before = read(frame)
        value = value_of(frame)
        try:
            kind, other = type(before), type(value)
            if (kind is int or kind is float) and (other is int or other is float):
                result = arithmetic(before, value)
                if is_product and not SMALLEST < result < LARGEST:
                    check_product(result)
            else:
                result = operate(row, before, value)
        except Exception as fault:
            _fail_operation(fault, node, scope, before, value)
        store(frame, result)

    return run


def _fail_operation(fault: Exception, node: nodes.AugAssign, scope: Scope, before: Any, value: Any) -> None:
    operands = ((node.target, before), (node.value, value))
    error = located(fault, scope.unit, node.op_span, operands)
    add_hint(error, node.op, operands)
    fail(error, scope.unit, node.op_span)


@compiles(nodes.Delete)
def delete_(node: nodes.Delete, scope: Scope) -> Run:
    parts = [delete(target, scope) for target in node.targets]

    def run(frame: Any) -> None:
        for part in parts:
            part(frame)

    return run


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
    step = meter.step

    def run(frame: Any) -> Any:
        while test(frame):
            if meter.max_steps is None:
                meter.steps += 1
            else:
                step()
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
    step = meter.step

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
                if meter.max_steps is None:
                    meter.steps += 1
                else:
                    step()
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


@compiles(nodes.Assert)
def assert_(node: nodes.Assert, scope: Scope) -> Run:
    test = condition(node.test, scope)
    message_of = compile_node(node.msg, scope) if node.msg is not None else None
    unit = scope.unit

    def run(frame: Any) -> None:
        if not test(frame):
            values = () if message_of is None else (message_of(frame),)
            message = text.str_of(values[0]) if values else ""
            error = TcalcError(message, "AssertionError", values=values)
            raise located(error, unit, node.test.span)

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

    if not isinstance(context, Context):
        raise TypeError(f"'{type_name(context)}' object does not support the context manager protocol")
    return context.__enter__()
