"""Assignment: the closure that stores a value where a target says."""

from __future__ import annotations

from tcalc.errors import TcalcError, value_error
from tcalc.interp.attributes import set_attribute
from tcalc.interp.compiler import compile_node
from tcalc.interp.faults import fail, located
from tcalc.interp.indexing import delete_item, set_item
from tcalc.interp.iteration import collected, iterate
from tcalc.interp.type_names import type_name
from tcalc.interp.variables import delete_name, store_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope
    from tcalc.interp.variables import Store


def assign(target: nodes.Node, scope: Scope) -> Store:
    """A function of the frame and the value."""
    if isinstance(target, nodes.Name):
        return store_name(target.id, scope)
    if isinstance(target, nodes.Subscript):
        return _assign_item(target, scope)
    if isinstance(target, nodes.Attribute):
        return _assign_attribute(target, scope)
    if isinstance(target, (nodes.Tuple, nodes.List)):
        return _assign_several(target, scope)
    raise AssertionError(f"no target: {target!r}")


def _assign_item(target: nodes.Subscript, scope: Scope) -> Store:
    value_of, index_of = compile_node(target.value, scope), compile_node(target.index, scope)
    unit = scope.unit

    def store(frame: Any, item: Any) -> None:
        value = value_of(frame)
        index = index_of(frame)
        try:
            set_item(value, index, item)
        except Exception as fault:
            fail(fault, unit, target.index.span, [(target.value, value)])

    return store


def _assign_attribute(target: nodes.Attribute, scope: Scope) -> Store:
    value_of = compile_node(target.value, scope)
    unit = scope.unit

    def store(frame: Any, item: Any) -> None:
        value = value_of(frame)
        try:
            set_attribute(value, target.attr, item)
        except Exception as fault:
            fail(fault, unit, target.attr_span, [(target.value, value)])

    return store


def _assign_several(target: nodes.Tuple | nodes.List, scope: Scope) -> Store:
    star = next((at for at, part in enumerate(target.elts) if isinstance(part, nodes.Starred)), None)
    stores = [assign(part.value if isinstance(part, nodes.Starred) else part, scope) for part in target.elts]
    unit, count = scope.unit, len(stores)

    def store(frame: Any, value: Any) -> None:
        try:
            items = _unpack(value, count) if star is None else _unpack_starred(value, count, star)
        except Exception as fault:
            fail(fault, unit, target.span)
        for store_part, item in zip(stores, items, strict=True):
            store_part(frame, item)

    return store


def _unpack(value: Any, count: int) -> Sequence[Any]:
    if type(value) is tuple and len(value) == count:
        return value
    items = _taken(value, count + 1)
    if len(items) > count:
        raise value_error(f"too many values to unpack (expected {count})")
    if len(items) < count:
        raise value_error(f"not enough values to unpack (expected {count}, got {len(items)})")
    return items


def _taken(value: Any, most: int) -> list[Any]:
    """At most ``most`` items of an iterable."""
    from itertools import islice

    return list(islice(_unpackable(value), most))


def _unpackable(value: Any) -> Any:
    """The items of a value; Python has words of its own where there are none to unpack."""
    try:
        return iterate(value)
    except TcalcError as fault:
        if "0-d tensor" in fault.message:
            raise
        raise TypeError(f"cannot unpack non-iterable {type_name(value)} object") from None


def _unpack_starred(value: Any, count: int, star: int) -> list[Any]:
    _unpackable(value)
    items = collected(value)
    after = count - star - 1
    if len(items) < count - 1:
        raise value_error(f"not enough values to unpack (expected at least {count - 1}, got {len(items)})")
    middle = items[star : len(items) - after]
    return [*items[:star], middle, *items[len(items) - after :]]


def delete(target: nodes.Node, scope: Scope) -> Run:
    """A function of the frame that unbinds or removes the target."""
    if isinstance(target, nodes.Name):
        return delete_name(target.id, target.span, scope)
    if isinstance(target, nodes.Subscript):
        return _delete_item(target, scope)
    if isinstance(target, nodes.Attribute):
        return _delete_attribute(target, scope)
    parts = [delete(part, scope) for part in target.elts]  # type: ignore[attr-defined]

    def run(frame: Any) -> None:
        for part in parts:
            part(frame)

    return run


def _delete_item(target: nodes.Subscript, scope: Scope) -> Run:
    value_of, index_of = compile_node(target.value, scope), compile_node(target.index, scope)
    unit = scope.unit

    def run(frame: Any) -> None:
        value = value_of(frame)
        index = index_of(frame)
        try:
            delete_item(value, index)
        except Exception as fault:
            fail(fault, unit, target.index.span, [(target.value, value)])

    return run


def _delete_attribute(target: nodes.Attribute, scope: Scope) -> Run:
    value_of = compile_node(target.value, scope)
    unit = scope.unit

    def run(frame: Any) -> None:
        value = value_of(frame)
        fault = TypeError(f"attributes of '{type_name(value)}' objects cannot be deleted")
        raise located(fault, unit, target.attr_span)

    return run
