"""Assignments and ``del``, as closures."""

from __future__ import annotations

from tcalc.interp import operations
from tcalc.interp.attributes import get_attribute, set_attribute
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail, located
from tcalc.interp.guards import LARGEST, SMALLEST, check_product
from tcalc.interp.hints import add_hint
from tcalc.interp.indexing import get_item, set_item
from tcalc.interp.operations import QUICK
from tcalc.interp.targets import assign, delete
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


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
    if isinstance(fault, TypeError):
        fault = operations.augmented_words(node.op, fault)
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
