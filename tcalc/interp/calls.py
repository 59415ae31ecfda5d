"""Calls of functions and methods, as closures."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.interp import library, records
from tcalc.interp.attributes import get_attribute
from tcalc.interp.compiler import compile_node, compiles
from tcalc.interp.displays import sequence
from tcalc.interp.faults import fail
from tcalc.interp.functions import Function
from tcalc.interp.operations import is_bundle
from tcalc.interp.type_names import type_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.Call)
def call(node: nodes.Call, scope: Scope) -> Run:
    if isinstance(node.func, nodes.Attribute):
        return _method_call(node, node.func, scope)
    function_of = compile_node(node.func, scope)
    arguments = sequence(node.args, scope)
    is_single = len(node.args) == 1 and not isinstance(node.args[0], nodes.Starred)
    single = compile_node(node.args[0], scope) if is_single else None
    keywords = _keywords(node, scope)
    unit, place = scope.unit, node.func.span

    def run(frame: Any) -> Any:
        function = function_of(frame)
        args = arguments(frame) if single is None else [single(frame)]
        kwargs = {} if keywords is None else keywords(frame, function)
        try:
            if type(function) is Function:
                return function.run(args, kwargs)
            return call_value(function, args, kwargs)
        except Exception as fault:
            return fail(fault, unit, place, _operands(node, args))

    return run


def _method_call(node: nodes.Call, func: nodes.Attribute, scope: Scope) -> Run:
    """``receiver.name(…)``: a tensor's method is called without making a bound one first."""
    receiver_of = compile_node(func.value, scope)
    arguments = sequence(node.args, scope)
    keywords = _keywords(node, scope)
    unit, place, name = scope.unit, func.attr_span, func.attr

    def run(frame: Any) -> Any:
        receiver = receiver_of(frame)
        method = function = None
        try:
            if type(receiver) is Tensor:
                method = library.method(name)
            if method is None:
                function = get_attribute(receiver, name)
        except Exception as fault:
            return fail(fault, unit, place)
        args = arguments(frame)
        kwargs = {} if keywords is None else keywords(frame, method or function)
        try:
            if method is not None:
                return records.invoke(method, [receiver, *args], kwargs)
            return call_value(function, args, kwargs)
        except Exception as fault:
            return fail(fault, unit, place, [(func.value, receiver), *_operands(node, args)])

    return run


def call_value(function: Any, args: list, kwargs: dict[str, Any]) -> Any:
    """Call any value of the language."""
    if type(function).__name__ in ("Record", "Method"):
        return records.invoke(function, args, kwargs)
    invoke = getattr(function, "invoke", None)
    if invoke is None:
        raise type_error(f"'{type_name(function)}' object is not callable")
    return invoke(args, kwargs)


def _keywords(node: nodes.Call, scope: Scope) -> Callable[[Any, Any], dict[str, Any]] | None:
    """The keyword arguments as a dict; None where the call has none. The function is asked for its name in errors."""
    if not node.keywords:
        return None
    pairs = [(keyword, compile_node(keyword.value, scope)) for keyword in node.keywords]
    unit = scope.unit

    def run(frame: Any, function: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for keyword, value_of in pairs:
            value = value_of(frame)
            try:
                if keyword.arg is None:
                    _merge(result, value, function)
                elif keyword.arg in result:
                    raise _given_twice(function, keyword.arg)
                else:
                    result[keyword.arg] = value
            except Exception as fault:
                return fail(fault, unit, keyword.span)
        return result

    return run


def _merge(result: dict[str, Any], mapping: Any, function: Any) -> None:
    if is_bundle(mapping):
        mapping = dict(mapping.items())
    if not isinstance(mapping, dict):
        raise type_error(f"{_called(function)}() argument after ** must be a mapping, not {type_name(mapping)}")
    for key, value in mapping.items():
        if type(key) is not str:
            raise type_error("keywords must be strings")
        if key in result:
            raise _given_twice(function, key)
        result[key] = value


def _given_twice(function: Any, keyword: str) -> TcalcError:
    return type_error(f"{_called(function)}() got multiple values for keyword argument '{keyword}'")


def _called(function: Any) -> str:
    """The name of a function in these messages of Python's, which tell the module too."""
    if type(function) is Function:
        return f"__main__.{function.code.qualified_name}"
    return str(getattr(function, "name", type_name(function)))


def _operands(node: nodes.Call, args: list) -> list[tuple[nodes.Node, Any]]:
    """The arguments with their places, where each stands for itself."""
    if any(isinstance(arg, nodes.Starred) for arg in node.args):
        return []
    return list(zip(node.args, args, strict=False))
