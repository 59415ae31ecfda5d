"""What ``for`` runs over. Everything is iterated lazily."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp import guards
from tcalc.interp.type_names import SHOWN, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Classes of ours that have no items, whatever Python could make of their methods.
_NOT_ITERABLE = frozenset(SHOWN) - {
    "TensorLiteral", "Size", "Map", "Filter", "Items", "Values", "defaultdict", "OrderedDict", "Deque",
    "array",
}  # fmt: skip


def iterate(value: Any) -> Iterator[Any]:
    """``iter(value)``, refused at once where Python or PyTorch refuses."""
    if type(value) is Tensor and not value.shape:
        raise type_error("iteration over a 0-d tensor")
    if type(value).__name__ in _NOT_ITERABLE or not hasattr(type(value), "__iter__"):
        raise type_error(f"'{type_name(value)}' object is not iterable")
    return iter(value)


def collected(values: Any) -> list[Any]:
    """``list(values)``, with memory asked for; what Python holds already, and a range, tells its length first."""
    return guards.collect(values if type(values) in _SIZED else iterate(values))


_SIZED = frozenset((list, tuple, dict, set, frozenset, str, bytes, bytearray, range))
