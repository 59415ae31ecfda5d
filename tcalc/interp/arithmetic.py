"""Constants and operators, as closures."""

from __future__ import annotations

from tcalc.errors import TcalcError
from tcalc.interp import operations
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail, located
from tcalc.interp.guards import LARGEST, SMALLEST, check_product
from tcalc.interp.operations import NUMBERS, QUICK
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.Constant)
def constant_(node: nodes.Constant, scope: Scope) -> Run:
    value = node.value
    return lambda frame: value


@compiles(nodes.BinOp)
def binary(node: nodes.BinOp, scope: Scope) -> Run:
    folded = _folded(node)
    if folded is not None:
        return lambda frame: folded
    left = compile_node(node.left, scope)
    right, constant = right_operand(node.right, scope)
    unit, row = scope.unit, node.op
    arithmetic = QUICK[row.name]
    is_product = row.name == "mul"
    operate = operations.binary

    def run(frame: Any) -> Any:
        first = left(frame)
        second = constant if right is None else right(frame)
        try:
            kind, other = type(first), type(second)
            if (kind is int or kind is float) and (other is int or other is float):
                result = arithmetic(first, second)
                if is_product and not SMALLEST < result < LARGEST:
                    check_product(result)
                return result
            return operate(row, first, second)
        except Exception as fault:
            operands = ((node.left, first), (node.right, second))
            error = located(fault, unit, node.op_span, operands)
            _add_hint(error, row, operands)
            return fail(error, unit, node.op_span)

    return run


def _folded(node: nodes.BinOp) -> Any:
    """The value of an operation on two literal numbers, as in ``10**6``; None where it is better left to run."""
    first, second = node.left, node.right
    if not (isinstance(first, nodes.Constant) and isinstance(second, nodes.Constant)):
        return None
    if type(first.value) not in NUMBERS or type(second.value) not in NUMBERS:
        return None
    try:
        return QUICK[node.op.name](first.value, second.value)
    except (ArithmeticError, TypeError, ValueError, TcalcError):
        return None  # it fails again when it runs, with its place


def right_operand(node: nodes.Expression, scope: Scope) -> tuple[Run | None, Any]:
    """The closure of a right operand; for a constant None and its value, which saves a call at every turn."""
    if isinstance(node, nodes.Constant):
        return None, node.value
    return compile_node(node, scope), None


@compiles(nodes.UnaryOp)
def unary(node: nodes.UnaryOp, scope: Scope) -> Run:
    operand = compile_node(node.operand, scope)
    unit, name = scope.unit, node.op.name
    operate = _negate_truth if name == "not" else operations.unary

    def run(frame: Any) -> Any:
        value = operand(frame)
        try:
            return operate(name, value)
        except Exception as fault:
            return fail(fault, unit, node.op_span, [(node.operand, value)])

    return run


def _negate_truth(name: str, value: Any) -> bool:
    return not value


def _add_hint(error: Any, row: Any, operands: Any) -> None:
    from tcalc.interp.hints import add_hint

    add_hint(error, row, operands)
