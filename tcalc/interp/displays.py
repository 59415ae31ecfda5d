"""Tuples, lists, sets, dicts and f-strings, as closures."""

from __future__ import annotations

from tcalc.errors import TcalcError, type_error
from tcalc.interp import text
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.faults import fail
from tcalc.interp.guards import check_growth, check_key, check_keys
from tcalc.interp.iteration import collected
from tcalc.interp.literals import from_display
from tcalc.interp.operations import is_bundle
from tcalc.interp.type_names import type_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


def sequence(elements: list[nodes.Expression], scope: Scope) -> Run:
    """The values of a display or the arguments of a call as a list, with ``*`` unpacked."""
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
                result += _starred(value)
                check_growth(len(result))
            except Exception as fault:
                return fail(fault, unit, element.span)
        return result

    return run


def _starred(value: Any) -> list[Any]:
    try:
        return collected(value)
    except TcalcError as fault:
        if fault.span is None and fault.message == f"'{type_name(value)}' object is not iterable":
            raise type_error(f"Value after * must be an iterable, not {type_name(value)}") from None
        raise


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
            check_keys(found)
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
                    check_key(key)
                    result[key] = value
            except Exception as fault:
                return fail(fault, unit, place.span)
        return result

    return run


def _mapping(value: Any) -> dict[Any, Any]:
    if is_bundle(value):
        return dict(value.items())
    if not isinstance(value, dict):
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
