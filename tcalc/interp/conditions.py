"""Comparisons and what asks for a value's truth, as closures."""

from __future__ import annotations

from tcalc.interp import comparisons
from tcalc.interp.arithmetic import right_operand
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.Compare)
def compare(node: nodes.Compare, scope: Scope) -> Run:
    if len(node.ops) == 1:
        return _compare_once(node, scope)
    first = compile_node(node.left, scope)
    links = [
        (row, compile_node(right, scope), span, left_node, right)
        for row, right, span, left_node in zip(
            node.ops, node.comparators, node.op_spans, [node.left, *node.comparators[:-1]], strict=True
        )
    ]
    unit = scope.unit
    last = links[-1]

    def run(frame: Any) -> Any:
        left = first(frame)
        for link in links:
            row, right_of, span, left_node, right_node = link
            right = right_of(frame)
            try:
                answer = comparisons.compare(row, left, right)
                if link is last or not answer:
                    return answer
            except Exception as fault:
                return fail(fault, unit, span, [(left_node, left), (right_node, right)])
            left = right
        return None

    return run


def _compare_once(node: nodes.Compare, scope: Scope) -> Run:
    left = compile_node(node.left, scope)
    right, constant = right_operand(node.comparators[0], scope)
    unit, row, span = scope.unit, node.ops[0], node.op_spans[0]
    native = comparisons.NATIVE.get(row.name)
    compare_values = comparisons.compare

    def run(frame: Any) -> Any:
        first = left(frame)
        second = constant if right is None else right(frame)
        try:
            kind, other = type(first), type(second)
            if native is not None and (kind is int or kind is float) and (other is int or other is float):
                return native(first, second)
            return compare_values(row, first, second)
        except Exception as fault:
            operands = ((node.left, first), (node.comparators[0], second))
            return fail(fault, unit, span, operands)

    return run


@compiles(nodes.BoolOp)
def boolean(node: nodes.BoolOp, scope: Scope) -> Run:
    *firsts, last = [(compile_node(value, scope), value) for value in node.values]
    unit = scope.unit
    stops_at = node.op.name == "or"
    final = last[0]

    def run(frame: Any) -> Any:
        for operand, value_node in firsts:
            value = operand(frame)
            try:
                if bool(value) is stops_at:
                    return value
            except Exception as fault:
                return fail(fault, unit, value_node.span, [(value_node, value)])
        return final(frame)

    return run


def condition(node: nodes.Expression, scope: Scope) -> Run:
    """The truth of an expression, with a fault of its truth placed at the expression."""
    value_of = compile_node(node, scope)
    unit = scope.unit

    def run(frame: Any) -> bool:
        value = value_of(frame)
        if value is True or value is False:
            return value
        try:
            return bool(value)
        except Exception as fault:
            return fail(fault, unit, node.span, [(node, value)])

    return run


@compiles(nodes.IfExp)
def conditional(node: nodes.IfExp, scope: Scope) -> Run:
    test = condition(node.test, scope)
    body, orelse = compile_node(node.body, scope), compile_node(node.orelse, scope)
    return lambda frame: body(frame) if test(frame) else orelse(frame)
