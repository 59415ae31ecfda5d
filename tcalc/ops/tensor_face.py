"""The tensor as Python code sees it: operators, methods and attributes, all from the records."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.ops import registry
from tcalc.syntax.operators import COMPARE, INFIX, OPERATORS, PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Python's name for the method of an operator where it is not the name of CPython's node in lower case.
_SPECIAL = {
    "Mult": "mul", "Div": "truediv", "MatMult": "matmul", "BitOr": "or", "BitXor": "xor", "BitAnd": "and", "LtE": "le",
    "GtE": "ge", "NotEq": "ne", "UAdd": "pos", "USub": "neg",
}  # fmt: skip


def find_attribute(tensor: Tensor, name: str) -> Any:
    """What ``tensor.NAME`` is in Python: an attribute's value or a bound method."""
    if name in registry.attributes:
        return registry.attributes[name](tensor)
    method = registry.methods.get(name)
    if method is None:
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")
    return lambda *args, **kwargs: method.invoke([tensor, *args], kwargs)


def _operator(name: str, swapped: bool) -> Callable:
    functions = registry.namespaces["torch"]

    def call(first: Any, second: Any) -> Any:
        return functions[name].invoke([second, first] if swapped else [first, second], {})

    return call


def _prefix_operator(name: str) -> Callable:
    functions = registry.namespaces["torch"]
    return lambda tensor: functions[name].invoke([tensor], {})


def _get_item(tensor: Tensor, index: Any) -> Tensor:
    from tcalc.ops.indexing.items import getitem

    return getitem(tensor, index)


def _set_item(tensor: Tensor, index: Any, value: Any) -> None:
    from tcalc.ops.indexing.items import setitem

    setitem(tensor, index, value)


def install() -> None:
    """Give :class:`Tensor` Python's operators; each calls the record that the operator table names."""
    functions = registry.namespaces["torch"]
    for row in OPERATORS:
        if row.name not in functions:
            continue
        special = _SPECIAL.get(row.ast_name, row.ast_name.lower())
        if row.kind == PREFIX:
            setattr(Tensor, f"__{special}__", _prefix_operator(row.name))
        elif row.kind in (INFIX, COMPARE):
            setattr(Tensor, f"__{special}__", _operator(row.name, False))
            if row.kind == INFIX:
                setattr(Tensor, f"__r{special}__", _operator(row.name, True))
    setattr(Tensor, "__hash__", object.__hash__)  # noqa: B010 - __eq__ took it away
    setattr(Tensor, "__getitem__", _get_item)  # noqa: B010
    setattr(Tensor, "__setitem__", _set_item)  # noqa: B010
    Tensor.find_attribute = find_attribute


install()
