"""What a program's argument becomes for a parameter, one function a kind of parameter.

A converter answers with :data:`REFUSED` where the value is none of its kind.
"""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.dtypes import DType
from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

REFUSED = object()


# Classes of these modules are named with it.
_NAMED_WITH_MODULE = ("numpy", "numpy.dtypes", "array", "collections")


def listed(values: Any) -> list:
    """The items of an argument that may be anything which has some."""
    if not hasattr(type(values), "__iter__"):
        raise type_error(f"'{type_name(values)}' object is not iterable")
    return list(values)


def type_name(value: Any) -> str:
    """A value's type as PyTorch's messages name it."""
    if isinstance(value, DType):
        return "torch.dtype"
    if isinstance(value, devices.Device):
        return "torch.device"
    if isinstance(value, list):
        return "list"
    if isinstance(value, Size):
        return "torch.Size"
    if isinstance(value, NamedResult):
        return f"torch.return_types.{value.type_name}"
    if isinstance(value, TcalcError):
        return value.kind
    name = type(value).__name__
    printed = getattr(value, "printed_type", None)
    if isinstance(printed, str):
        return printed
    module = type(value).__module__
    return f"{module}.{name}" if module in _NAMED_WITH_MODULE else name


def to_tensor(value: Any) -> Any:
    """A tensor, or one made of a list of numbers or an array."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (list, tuple)) and holds_numbers(value):
        from tcalc.ops.creation.tensors import tensor

        return tensor(value)
    if type(value).__module__ == "numpy" and value.ndim:
        from tcalc.engine.tensor import share

        return share(value)
    return REFUSED


def _to_floating(value: Any) -> Any:
    """A tensor as it is; a list of numbers as a floating tensor, so that ``[1, 2].mean()`` has an answer.

    So do whole numbers that were read from text, where ``2`` and ``2.0`` are the same number.
    """
    made = to_tensor(value)
    if not isinstance(made, Tensor) or made.dtype.category >= dtypes.FLOAT:
        return made
    from tcalc.engine.state import current

    if isinstance(value, Tensor):
        if not current().whole_numbers_are_floats or made.dtype.category == dtypes.BOOL:
            return made
        from tcalc.ops.session.convert import to

        return to(made, current().default_dtype)
    from tcalc.ops.creation.tensors import tensor

    return tensor(value, dtype=current().default_dtype)


def _to_operand(value: Any) -> Any:
    return REFUSED if isinstance(value, tuple) else to_tensor(value)


def has_refusal(items: Sequence[Any]) -> bool:
    return any(item is REFUSED for item in items)  # not `in`: tensors overload ==


def holds_numbers(value: Any) -> bool:
    """Whether the leaves are numbers or 0-d tensors; a list of larger tensors is no tensor."""
    while isinstance(value, (list, tuple)):
        if not value:
            return True
        value = value[0]
    if isinstance(value, Tensor):
        return not value.shape
    return isinstance(value, (int, float, complex))


def _to_tensors(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return REFUSED
    tensors = [to_tensor(item) for item in value]
    return REFUSED if has_refusal(tensors) else tensors


def to_number(value: Any) -> Any:
    if isinstance(value, (int, float, complex)):
        return value
    if isinstance(value, Tensor):
        return value.scalar() if not value.shape else REFUSED
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    return REFUSED


def _to_mixed(value: Any) -> Any:
    made = to_tensor(value)
    return to_number(value) if made is REFUSED else made


def to_int(value: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return REFUSED
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Tensor):
        return value.scalar() if value.dtype.category == dtypes.INTEGER and value.numel() == 1 else REFUSED
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 and value.dtype.kind in "iu":
        return int(value)
    return REFUSED


def _to_int64(value: Any) -> Any:
    number = to_int(value)
    if type(number) is int and not -(1 << 63) <= number < 1 << 63:
        raise value_error("Overflow when unpacking long long")
    return number


def _to_float(value: Any) -> Any:
    number = to_number(value)
    return number if isinstance(number, (int, float)) else REFUSED


def _to_bool(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, Tensor) and value.dtype.category == dtypes.BOOL and value.numel() == 1:
        return bool(value)
    if type(value).__name__ in ("bool", "bool_") and type(value).__module__ == "numpy":
        return bool(value)
    return REFUSED


def _to_ints(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        items = [_to_int64(item) for item in value]
        return REFUSED if has_refusal(items) else tuple(items)
    single = _to_int64(value)
    return REFUSED if single is REFUSED else (single,)


def _to_sizes(value: Any) -> Any:
    return _to_ints(value) if isinstance(value, (list, tuple)) else REFUSED


def _to_floats(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return REFUSED
    items = [_to_float(item) for item in value]
    return REFUSED if has_refusal(items) else items


_PYTHON_DTYPES = {bool: dtypes.bool_, int: dtypes.int64, float: dtypes.float64, complex: dtypes.complex128}


def to_dtype(value: Any) -> Any:
    if isinstance(value, DType):
        return value
    # Python's own types stand for the element types they fill (torch.zeros(2, dtype=int)).
    python_type = getattr(value, "python_type", value)
    return _PYTHON_DTYPES.get(python_type, REFUSED) if isinstance(python_type, type) else REFUSED


def _to_device(value: Any) -> Any:
    if isinstance(value, (devices.Device, str)) or type(value) is int:
        return devices.parse(value)
    return REFUSED


def _to_layout(value: Any) -> Any:
    """Nothing to decide: every tensor is strided."""
    if value is None or str(value) == "torch.strided":
        return value
    if getattr(value, "printed_type", "") != "torch.layout":
        return REFUSED
    raise TcalcError(f"tensors of the layout {value} are not part of tcalc, only strided ones", "NotImplementedError")


def _to_str(value: Any) -> Any:
    return value if isinstance(value, str) else REFUSED


def _to_none(value: Any) -> Any:
    return None if value is None else REFUSED


def _to_generator(value: Any) -> Any:
    return value if type(value).__name__ in ("Generator", "CudaGenerator") else REFUSED


def _anything(value: Any) -> Any:
    return value


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "Tensor": to_tensor, "Floating": _to_floating, "Operand": _to_operand, "Tensors": _to_tensors,
    "Mixed": _to_mixed, "Number": to_number, "int": _to_int64,
    "float": _to_float, "bool": _to_bool, "Ints": _to_ints, "Sizes": _to_sizes, "Floats": _to_floats, "DType": to_dtype,
    "Device": _to_device, "str": _to_str, "Layout": _to_layout, "None": _to_none, "Generator": _to_generator,
    "Any": _anything,
}  # fmt: skip
ELEMENT_CONVERTERS = {"Ints": to_int, "Tensors": to_tensor}


def as_out(value: Any, name: str) -> Any:
    """The ``out=`` argument: a tensor, or a sequence of them for several answers."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, Tensor) for item in value):
        return value
    raise type_error(f"{name}(): argument 'out' must be Tensor, not {type_name(value)}")
