"""Attributes, items and slices, as closures."""

from __future__ import annotations

from tcalc.interp.attributes import get_attribute
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail
from tcalc.interp.indexing import get_item
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


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
