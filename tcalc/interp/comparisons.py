"""What ``a < b``, ``a == b`` and ``a in b`` mean for every pair of values."""

from __future__ import annotations

import _operator as python

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.interp import guards, library
from tcalc.interp.literals import TensorLiteral, is_numeric, to_tensor
from tcalc.interp.operations import NUMBERS, REFUSED, is_bundle, is_numpy, tensor_operand
from tcalc.interp.type_names import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.syntax.operators import Operator

NATIVE: dict[str, Callable[[Any, Any], Any]] = {
    "lt": python.lt, "le": python.le, "gt": python.gt, "ge": python.ge, "eq": python.eq, "ne": python.ne,
    "is": python.is_, "is_not": python.is_not,
}  # fmt: skip
_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


def compare(row: Operator, first: Any, second: Any) -> Any:
    """``first OP second`` for one operator of a comparison."""
    name = row.name
    if name in ("is", "is_not"):
        return NATIVE[name](first, second)
    if name == "in":
        return contains(second, first)
    if name == "not_in":
        return not contains(second, first)
    if is_bundle(first) or is_bundle(second):
        from tcalc.interp import bundles

        return bundles.operate(compare, row, first, second)
    if type(first) is Tensor or type(second) is Tensor:
        return _with_tensor(row, first, second)
    if _literal_with_number(first, second):
        return _compare_tensors(name, to_tensor(first), second)
    if _literal_with_number(second, first):
        return _compare_tensors(_SWAPPED[name], to_tensor(second), first)
    if is_numpy(first) or is_numpy(second):
        from tcalc.interp import numpy_values

        return numpy_values.operate(NATIVE[name], first, second)
    try:
        return NATIVE[name](first, second)
    except TypeError:
        if isinstance(first, list) and type(second) in NUMBERS and is_numeric(first):
            return _compare_tensors(name, to_tensor(first), second)
        if isinstance(second, list) and type(first) in NUMBERS and is_numeric(second):
            return _compare_tensors(_SWAPPED[name], to_tensor(second), first)
        raise


def _literal_with_number(first: Any, second: Any) -> bool:
    return type(first) is TensorLiteral and type(second) in NUMBERS


def _compare_tensors(name: str, first: Any, second: Any) -> Any:
    return library.apply(name, first, second)


def _with_tensor(row: Operator, first: Any, second: Any) -> Any:
    if row.name in ("eq", "ne") and (type(first) is list or type(second) is list):
        return row.name == "ne"  # as in PyTorch, where a list is never equal to a tensor
    left = tensor_operand(first, second)
    right = tensor_operand(second, first)
    if left is REFUSED or right is REFUSED:
        if row.name in ("eq", "ne"):
            return row.name == "ne"
        raise type_error(
            f"'{row.symbol}' not supported between instances of '{type_name(first)}' and '{type_name(second)}'"
        )
    if type(left) is not Tensor:
        return _compare_tensors(_SWAPPED[row.name], right, left)
    return _compare_tensors(row.name, left, right)


def contains(container: Any, item: Any) -> bool:
    """``item in container``."""
    if type(container) is Tensor:
        if not isinstance(item, (Tensor, int, float, complex)):
            from tcalc.interp.type_tokens import type_of

            raise TcalcError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type_of(item)!r}."
            )
        return bool(library.apply("any", _compare_tensors("eq", container, item)))
    if isinstance(container, (list, tuple)) or type(container).__name__ == "Deque":
        return _listed(container, item)
    if type(container) is range:
        return _in_range(container, item)
    guards.check_key(item)
    if isinstance(container, (str, dict, set, frozenset)) or is_numpy(container):
        return item in container
    if hasattr(type(container), "__contains__"):
        return item in container
    if not hasattr(type(container), "__iter__"):
        raise type_error(f"argument of type '{type_name(container)}' is not iterable")
    return _listed(guards.counted(container), item)


def _listed(items: Any, item: Any) -> bool:
    if type(item) in _SCALARS and isinstance(items, (list, tuple)) and not any(map(_compares_elementwise, items)):
        return item in items
    return any(element is item or bool(equal(element, item)) for element in items)


_SCALARS = (int, float, str, bool, type(None))


def _compares_elementwise(value: Any) -> bool:
    return type(value) is Tensor or is_numpy(value)


def equal(first: Any, second: Any) -> Any:
    """``first == second``, without an operator in the source."""
    if type(first) is Tensor or type(second) is Tensor:
        left, right = tensor_operand(first, second), tensor_operand(second, first)
        if left is REFUSED or right is REFUSED or isinstance(first, list) or isinstance(second, list):
            return False
        return _compare_tensors("eq", left, right) if type(left) is Tensor else _compare_tensors("eq", right, left)
    return first == second


def _in_range(values: range, item: Any) -> bool:
    """Python counts through a range in search of a float."""
    if type(item) is Tensor:
        item = item.scalar()
    if isinstance(item, float):
        return item.is_integer() and int(item) in values
    if isinstance(item, complex):
        return not item.imag and _in_range(values, item.real)
    return isinstance(item, int) and item in values
