"""Tensor literals: lists that a list display wrote down with numbers in them.

A literal is a Python list in every way, and a tensor where Python's list has no answer: in arithmetic, as the
receiver of a tensor's method, or in several dimensions of an index. Its numbers keep their full precision until the
element type is known.
"""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.interp import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType
    from tcalc.interp.compiler import Unit
    from tcalc.syntax import nodes


class TensorLiteral(list):
    """A list display of numbers; ``origin`` is its unit and node, for pointing at a row."""

    __slots__ = ("origin",)

    origin: tuple[Unit, nodes.List] | None

    def __init__(self, values: Any = (), origin: tuple[Unit, nodes.List] | None = None) -> None:
        list.__init__(self, values)
        self.origin = origin


LEAVES = frozenset((int, float, bool, complex, TensorLiteral))
_CATEGORIES = {bool: dtypes.BOOL, int: dtypes.INTEGER, float: dtypes.FLOAT, complex: dtypes.COMPLEX}


def from_display(values: list[Any], origin: tuple[Unit, nodes.List]) -> list[Any]:
    """The list itself, or a literal when there is nothing in it but numbers."""
    for value in values:
        if type(value) not in LEAVES and not (type(value) is Tensor and not value.shape):
            return values
    return TensorLiteral(values, origin) if values else values


def is_numeric(value: Any) -> bool:
    """Whether a list's leaves are all numbers or 0-d tensors, and there is one."""
    return bool(value) and all(
        is_numeric(item) if isinstance(item, list) else type(item) in LEAVES or _is_zero_dim(item) for item in value
    )


def _is_zero_dim(value: Any) -> bool:
    return type(value) is Tensor and not value.shape


def category(value: Any) -> int:
    """The highest category among the leaves."""
    if isinstance(value, list):
        return max((category(item) for item in value), default=dtypes.FLOAT)
    if type(value) is Tensor:
        return value.dtype.category
    return _CATEGORIES.get(type(value), dtypes.FLOAT)


def to_tensor(values: list[Any], dtype: DType | None = None, device: Device | None = None) -> Tensor:
    """The tensor that a list stands for; TcalcError with ``path`` where it is ragged."""
    options = {name: value for name, value in (("dtype", dtype), ("device", device)) if value is not None}
    tensor: Tensor = library.apply("tensor", values, **options)
    return tensor


def to_tensor_like(values: list[Any], other: Tensor) -> Tensor:
    """The tensor that a list stands for beside another: on its GPU, and in a floating operand's precision at once."""
    own = category(values)
    device = other.device if other.device.type == "cuda" else None
    if other.dtype.category < dtypes.FLOAT:
        return to_tensor(values, device=device)
    if own == dtypes.COMPLEX:
        return to_tensor(values, other.dtype.to_complex(), device)
    return to_tensor(values, other.dtype, device)


def pair_to_tensors(first: list[Any], second: list[Any]) -> tuple[Tensor, Tensor]:
    """Two literals as tensors of one element type."""
    highest = max(category(first), category(second))
    if highest < dtypes.FLOAT or category(first) == category(second):
        return to_tensor(first), to_tensor(second)
    default = current().default_dtype
    dtype = default.to_complex() if highest == dtypes.COMPLEX else default
    return to_tensor(first, dtype), to_tensor(second, dtype)


def as_floats(values: Any) -> Any:
    """A literal with its whole numbers as floats, for an operation that wants a floating tensor."""
    if isinstance(values, list):
        return TensorLiteral([as_floats(item) for item in values], getattr(values, "origin", None))
    return float(values) if type(values) is int else values


def is_ragged(values: Any) -> bool:
    """Whether rows of one level differ in length, or are lists and numbers mixed."""
    return _shape(values) is None


def _shape(values: Any) -> tuple[int, ...] | None:
    if not isinstance(values, list):
        return ()
    shapes = {_shape(item) for item in values}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = shapes.pop() if shapes else ()
    return None if inner is None else (len(values), *inner)


def row_at(literal: TensorLiteral, path: tuple[int, ...]) -> nodes.Node | None:
    """The node of the row that ``path`` leads to, as far as displays were written one within another."""
    from tcalc.syntax.nodes import List, Starred

    if literal.origin is None:
        return None
    found: nodes.Node = literal.origin[1]
    for index in path:
        if not isinstance(found, List) or index >= len(found.elts) or isinstance(found.elts[index], Starred):
            break
        found = found.elts[index]
    return found
