"""Statements of one line that bind nothing, as closures. A statement returns None, or how it leaves its block."""

from __future__ import annotations

from tcalc.errors import AssertionFailed
from tcalc.interp import text
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import located
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
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


@compiles(nodes.Pass, nodes.Global, nodes.Nonlocal)
def pass_(node: nodes.Statement, scope: Scope) -> Run:
    """Nothing happens here: where a declared name lives was decided when its function was compiled."""
    return lambda frame: None


@compiles(nodes.Assert)
def assert_(node: nodes.Assert, scope: Scope) -> Run:
    from tcalc.interp.conditions import condition

    test = condition(node.test, scope)
    message_of = compile_node(node.msg, scope) if node.msg is not None else None
    unit = scope.unit

    def run(frame: Any) -> None:
        if not test(frame):
            values = () if message_of is None else (message_of(frame),)
            message = text.str_of(values[0]) if values else ""
            raise located(AssertionFailed(message, values=values), unit, node.test.span)

    return run
