"""Expressions that are neither calls nor comprehensions, as closures."""

from __future__ import annotations

from tcalc.interp import comparisons, operations, text
from tcalc.interp.attributes import get_attribute
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail, located
from tcalc.interp.guards import LARGEST, SMALLEST, check_growth, check_product, counted
from tcalc.interp.hints import add_hint
from tcalc.interp.indexing import get_item
from tcalc.interp.literals import from_display
from tcalc.interp.operations import NUMBERS, QUICK
from tcalc.interp.variables import store_name
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
    right, constant = _right_operand(node.right, scope)
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
            add_hint(error, row, operands)
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
    except Exception:
        return None  # it fails again when it runs, with its place


def _right_operand(node: nodes.Expression, scope: Scope) -> tuple[Run | None, Any]:
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
    right, constant = _right_operand(node.comparators[0], scope)
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


@compiles(nodes.Attribute)
def attribute(node: nodes.Attribute, scope: Scope) -> Run:
    value_of = compile_node(node.value, scope)
    unit, name = scope.unit, node.attr

    def run(frame: Any) -> Any:
        value = value_of(frame)
        try:
            return get_attribute(value, name)
        except Exception as fault:
            return fail(fault, unit, node.attr_span)

    return run


@compiles(nodes.Subscript)
def subscript(node: nodes.Subscript, scope: Scope) -> Run:
    value_of, index_of = compile_node(node.value, scope), compile_node(node.index, scope)
    unit = scope.unit

    def run(frame: Any) -> Any:
        value = value_of(frame)
        index = index_of(frame)
        try:
            return get_item(value, index)
        except Exception as fault:
            return fail(fault, unit, node.index.span, [(node.value, value)])

    return run


@compiles(nodes.Slice)
def slice_(node: nodes.Slice, scope: Scope) -> Run:
    lower, upper, step = (
        compile_node(part, scope) if part is not None else _nothing for part in (node.lower, node.upper, node.step)
    )
    return lambda frame: slice(lower(frame), upper(frame), step(frame))


def _nothing(frame: Any) -> None:
    return None


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


def sequence(elements: list[nodes.Expression], scope: Scope) -> Run:
    """The values of a display as a list, with ``*`` unpacked."""
    if not any(isinstance(element, nodes.Starred) for element in elements):
        return _plain_sequence([compile_node(element, scope) for element in elements])
    parts = [
        (compile_node(element.value if isinstance(element, nodes.Starred) else element, scope), element)
        for element in elements
    ]
    unit = scope.unit

    def run(frame: Any) -> list[Any]:
        result: list[Any] = []
        for value_of, element in parts:
            value = value_of(frame)
            if not isinstance(element, nodes.Starred):
                result.append(value)
                continue
            try:
                for item in counted(value):
                    result.append(item)
                    check_growth(len(result))
            except Exception as fault:
                return fail(fault, unit, element.span)
        return result

    return run


def _plain_sequence(values: list[Run]) -> Run:
    """The usual short ones without a loop: a comprehension is a call of its own."""
    if not values:
        return lambda frame: []
    if len(values) == 1:
        (first,) = values
        return lambda frame: [first(frame)]
    if len(values) == 2:
        first, second = values
        return lambda frame: [first(frame), second(frame)]
    return lambda frame: [value(frame) for value in values]


@compiles(nodes.Tuple)
def tuple_(node: nodes.Tuple, scope: Scope) -> Run:
    values = sequence(node.elts, scope)
    return lambda frame: tuple(values(frame))


@compiles(nodes.List)
def list_(node: nodes.List, scope: Scope) -> Run:
    values = sequence(node.elts, scope)
    session = scope.unit.session
    origin = (scope.unit, node)

    def run(frame: Any) -> list[Any]:
        found: list[Any] = values(frame)
        return from_display(found, origin) if session.tensor_lists else found

    return run


@compiles(nodes.Set)
def set_(node: nodes.Set, scope: Scope) -> Run:
    values = sequence(node.elts, scope)
    unit = scope.unit

    def run(frame: Any) -> set[Any]:
        found = values(frame)
        try:
            return set(found)
        except Exception as fault:
            return fail(fault, unit, node.span)

    return run


@compiles(nodes.Dict)
def dict_(node: nodes.Dict, scope: Scope) -> Run:
    items = [
        (None if key is None else compile_node(key, scope), compile_node(value, scope), key or value)
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    unit = scope.unit

    def run(frame: Any) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key_of, value_of, place in items:
            key = None if key_of is None else key_of(frame)
            value = value_of(frame)
            try:
                if key_of is None:
                    result.update(_mapping(value))
                else:
                    result[key] = value
            except Exception as fault:
                return fail(fault, unit, place.span)
        return result

    return run


def _mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        from tcalc.interp.type_names import type_name

        raise TypeError(f"'{type_name(value)}' object is not a mapping")
    return value


@compiles(nodes.JoinedStr)
def joined(node: nodes.JoinedStr, scope: Scope) -> Run:
    parts = [compile_node(part, scope) for part in node.values]
    return lambda frame: "".join([part(frame) for part in parts])


@compiles(nodes.FormattedValue)
def formatted(node: nodes.FormattedValue, scope: Scope) -> Run:
    value_of = compile_node(node.value, scope)
    spec_of = _empty if node.format_spec is None else compile_node(node.format_spec, scope)
    unit, conversion = scope.unit, node.conversion

    def run(frame: Any) -> str:
        value = value_of(frame)
        spec = spec_of(frame)
        try:
            return text.format_of(text.converted(value, conversion), spec)
        except Exception as fault:
            return fail(fault, unit, node.value.span, [(node.value, value)])

    return run


def _empty(frame: Any) -> str:
    return ""
