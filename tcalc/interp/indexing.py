"""``value[index]``: reading, writing and deleting."""

from __future__ import annotations

from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp.faults import translate
from tcalc.interp.guards import check_key
from tcalc.interp.iteration import collected
from tcalc.interp.literals import TensorLiteral, is_numeric, to_tensor
from tcalc.interp.operations import is_bundle, is_numpy, is_python_array
from tcalc.interp.type_names import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_READABLE = (str, list, tuple, dict, range, bytes, bytearray, memoryview)
_WRITABLE = (list, dict, bytearray, memoryview)
# A program may miss keys of a large dict again and again, and catch it: nothing is looked for there.
_MANY_KEYS = 100


def get_item(value: Any, index: Any) -> Any:
    """``value[index]``."""
    kind = type(value)
    if kind is Tensor:
        if type(index) is str:
            from tcalc.engine.table import table_of

            table = table_of(value)
            if table is not None:
                return table.column(index)
        from tcalc.ops.indexing.items import getitem

        return getitem(value, index)
    if kind is TensorLiteral or kind is list:
        return _list_item(value, index)
    if isinstance(value, dict):
        check_key(index)
    if isinstance(value, _READABLE) or is_python_array(value):
        try:
            return value[index]
        except KeyError as fault:
            raise _no_key(value, index, fault) from None
    if is_numpy(value) or kind.__module__.startswith("numpy."):
        from tcalc.interp import numpy_values

        return numpy_values.get_item(value, index)
    if "getitem" in getattr(kind, "public", ()):
        return value.getitem(index)
    if hasattr(value, "printed"):
        from tcalc.interp.typing_names import alias

        return alias(value, index)
    raise type_error(f"'{type_name(value)}' object is not subscriptable")


def _no_key(value: Any, index: Any, fault: KeyError) -> Exception:
    """Python's KeyError, with the key that was meant where that can be told."""
    error = translate(fault)
    if not isinstance(index, str) or len(value) > _MANY_KEYS:
        return error
    from tcalc.spelling import closest

    found = closest(index, [key for key in value if isinstance(key, str)])
    outer, _, inner = index.partition(".")
    if found:
        error.hint = f"did you mean {found!r}?"
    elif outer in value and (isinstance(value[outer], dict) or is_bundle(value[outer])) and inner in value[outer]:
        error.hint = f"it is in there: write [{outer!r}][{inner!r}]"
    return error


def _list_item(value: list[Any], index: Any) -> Any:
    """A list's item or slice; where Python has no answer, the tensor's."""
    if isinstance(index, slice):
        part = value[index]
        return TensorLiteral(part) if type(value) is TensorLiteral and part else part
    if isinstance(index, (tuple, list, Tensor)) or index is None or index is Ellipsis:
        # A plain list takes a tensor as Python does, by its __index__; so does a literal, for a 0-d one.
        is_index = type(index) is Tensor and (type(value) is list or (not index.shape and index.dtype.category == 1))
        if not is_index and is_numeric(value):
            return get_item(to_tensor(value), index)
    return value[index]


def set_item(value: Any, index: Any, item: Any) -> None:
    """``value[index] = item``."""
    kind = type(value)
    if kind is Tensor:
        from tcalc.ops.indexing.items import setitem

        setitem(value, index, item)
    elif isinstance(value, _WRITABLE) or is_python_array(value):
        check_key(index)
        value[index] = collected(item) if isinstance(index, slice) and hasattr(item, "__next__") else item
    elif is_numpy(value):
        from tcalc.interp import numpy_values

        numpy_values.set_item(value, index, item)
    elif "setitem" in getattr(kind, "public", ()) or is_bundle(value):
        value.setitem(index, item)
    else:
        raise type_error(f"'{type_name(value)}' object does not support item assignment")


def delete_item(value: Any, index: Any) -> None:
    """``del value[index]``."""
    if type(value) is Tensor:
        raise type_error("Tensor does not support deleting items")
    if is_bundle(value) or "delitem" in getattr(type(value), "public", ()):
        value.delitem(index)
        return
    if not isinstance(value, _WRITABLE) and not is_python_array(value):
        doesnt = "doesn't" if isinstance(index, int) and isinstance(value, (tuple, Size, str, bytes)) else "does not"
        raise type_error(f"'{type_name(value)}' object {doesnt} support item deletion")
    check_key(index)
    del value[index]
