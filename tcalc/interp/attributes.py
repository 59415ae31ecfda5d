"""``value.name``: looked up in tables, never with a bare ``getattr`` on a Python object."""

from __future__ import annotations

from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.interp import library
from tcalc.interp.literals import TensorLiteral, is_numeric, to_tensor
from tcalc.interp.method_tables import CLASS_METHODS, FIELDS, METHODS
from tcalc.interp.type_names import type_name
from tcalc.interp.values import BoundMethod, BoundRecord, Builtin, Namespace, attribute_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def get_attribute(value: Any, name: str) -> Any:
    """The attribute's value; AttributeError in Python's words where there is none."""
    kind = type(value)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(value, name)
    if kind in METHODS:
        return _from_tables(value, kind, name)
    if isinstance(value, Namespace):
        return _of_namespace(value, name)
    if kind.__module__ == "numpy" or kind.__module__.startswith("numpy."):
        from tcalc.interp import numpy_values

        return numpy_values.get_attribute(value, name)
    if isinstance(value, TcalcError):
        return _of_exception(value, name)
    return _of_other(value, name)


def set_attribute(value: Any, name: str, item: Any) -> None:
    """``value.name = item``."""
    if type(value) is Tensor:
        found = library.registry().attributes.get(name)
        if found is not None and found.write is not None:
            found.write(value, item)
            return
        if found is not None or name in library.registry().methods:
            message = f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable"
            raise TcalcError(message, "AttributeError")
        raise no_attribute(value, name, _tensor_names())
    if type(value).__module__.startswith("numpy"):
        from tcalc.interp import numpy_values

        if numpy_values.set_attribute(value, name, item):
            return
    if kind_writes(value, name):
        setattr(value, name, item)
        return
    if hasattr(type(value), "set_public"):
        value.set_public(name, item)
        return
    if not has_attribute(value, name):
        raise TcalcError(f"'{type_name(value)}' object has no attribute '{name}'", "AttributeError")
    message = f"'{type_name(value)}' object attribute '{name}' is read-only"
    raise TcalcError(message, "AttributeError")


def kind_writes(value: Any, name: str) -> bool:
    """Whether a value of an outer layer lets this attribute be set (``public_writable``)."""
    return name in getattr(type(value), "public_writable", ())


def no_attribute(value: Any, name: str, names: Iterable[str]) -> TcalcError:
    return attribute_error(f"'{type_name(value)}' object has no attribute '{name}'", name, names)


def has_attribute(value: Any, name: str) -> bool:
    try:
        get_attribute(value, name)
    except TcalcError as fault:
        if fault.kind != "AttributeError":
            raise
        return False
    return True


def names_of(value: Any) -> list[str]:
    """The attributes that a value has, for completion."""
    kind = type(value)
    if kind is Tensor:
        return _tensor_names()
    if isinstance(value, Namespace):
        return sorted(value.names())
    if kind in _FURTHER_NAMES:
        return [*_FURTHER_NAMES[kind], *(METHODS[tuple] if isinstance(value, tuple) else ())]
    if kind is NamedResult:
        return [*value.fields, *METHODS[tuple]]
    if hasattr(kind, "public_names"):
        return list(value.public_names())
    for base in (kind, list, tuple, str, dict):
        if base in METHODS and isinstance(value, base):
            return [*METHODS[base], *FIELDS.get(base, ())]
    if kind.__module__.startswith("numpy"):
        from tcalc.interp import numpy_values

        return numpy_values.names_of(value)
    return list(getattr(kind, "public", ()))


def _tensor_names() -> list[str]:
    registry = library.registry()
    return [*registry.attributes, *registry.methods]


def _of_tensor(value: Any, name: str) -> Any:
    registry = library.registry()
    attribute = registry.attributes.get(name)
    if attribute is not None:
        try:
            return attribute(value)
        except Exception as fault:
            from tcalc.interp.faults import internal

            raise internal(fault) from fault
    method = library.method(name)
    if method is not None:
        return BoundRecord(method, value)
    from tcalc.engine.table import table_of

    table = table_of(value)
    if table is None:
        raise _no_tensor_attribute(value, name)
    # The tensor was read from a table: its columns, the table itself, and what only tables have.
    if name == "table" and not table.has(name):
        return table
    if table.has(name) or name in table.public:
        return _callable(table.find_public(name), name)
    raise no_attribute(value, name, [*_tensor_names(), *table.public_names()])


def _no_tensor_attribute(value: Tensor, name: str) -> TcalcError:
    """The AttributeError, with the reason where PyTorch's tensors have the name."""
    from tcalc.interp.absences import reason

    fault = no_attribute(value, name, _tensor_names())
    fault.hint = reason(f"Tensor.{name}") or fault.hint
    return fault


def _of_list(value: list[Any], name: str) -> Any:
    """A list's own methods first; then, where it is one of numbers, the tensor's."""
    method = METHODS[list].get(name)
    if method is not None:
        return BoundMethod(method, value, name)
    registry = library.registry()
    if not name.startswith("_") and (name in registry.attributes or name in registry.methods) and is_numeric(value):
        if name in registry.attributes:
            return _of_tensor(to_tensor(value), name)
        # The method sees the literal itself, so that its numbers keep their precision until it decides.
        return BoundRecord(library.method(name), value if type(value) is TensorLiteral else to_tensor(value))
    raise no_attribute(value, name, [*METHODS[list], *(_tensor_names() if is_numeric(value) else ())])


def _from_tables(value: Any, kind: type, name: str) -> Any:
    method = METHODS[kind].get(name)
    if method is not None:
        return BoundMethod(method, value, name)
    if name in FIELDS.get(kind, ()):
        return getattr(value, name)  # a name of the allow-list
    fault = no_attribute(value, name, [*METHODS[kind], *FIELDS.get(kind, ())])
    if isinstance(value, dict) and name in value:
        fault.hint = f"it has the key '{name}': write ['{name}']"
    raise fault


def _of_size(value: Size, name: str) -> Any:
    if name == "numel":
        return BoundMethod(Size.numel, value, name)
    return _of_tuple(value, name)


def _of_result(value: NamedResult, name: str) -> Any:
    if name in value.fields:
        return value[value.fields.index(name)]
    return _of_tuple(value, name, value.fields)


def _of_tuple(value: tuple, name: str, more: Iterable[str] = ()) -> Any:
    method = METHODS[tuple].get(name)
    if method is None:
        raise no_attribute(value, name, [*METHODS[tuple], *more])
    return BoundMethod(method, value, name)


# The names of values that readers of their own look up, for completion.
_FURTHER_NAMES: dict[type, tuple[str, ...]] = {
    Size: ("numel",),
    DType: ("is_floating_point", "is_complex", "is_signed", "itemsize", "to_real", "to_complex"),
    Device: ("type", "index"),
}
_DTYPE_FIELDS = ("is_floating_point", "is_complex", "is_signed", "itemsize")


def _of_dtype(value: DType, name: str) -> Any:
    if name in _DTYPE_FIELDS:
        return getattr(value, name)
    if name in ("to_real", "to_complex"):
        return BoundMethod(getattr(DType, name), value, name)
    raise no_attribute(value, name, [*_DTYPE_FIELDS, "to_real", "to_complex"])


def _of_device(value: Device, name: str) -> Any:
    if name in ("type", "index"):
        return getattr(value, name)
    raise no_attribute(value, name, ["type", "index"])


_READERS: dict[type, Callable[[Any, str], Any]] = {
    Tensor: _of_tensor,
    list: _of_list,
    TensorLiteral: _of_list,
    Size: _of_size,
    NamedResult: _of_result,
    DType: _of_dtype,
    Device: _of_device,
}


def _of_namespace(value: Namespace, name: str) -> Any:
    try:
        return value.find(name)
    except KeyError:
        if name == "__name__":
            return value.path
        message = f"module '{value.path}' has no attribute '{name}'"
        why = value.absent(name)
        if why is not None:
            raise TcalcError(message, "AttributeError", hint=why) from None
        raise attribute_error(message, name, value.names()) from None


def _of_exception(value: TcalcError, name: str) -> Any:
    if name == "args":
        return tuple(value.values)
    if name == "value" and value.kind == "StopIteration":
        return value.values[0] if value.values else None
    raise no_attribute(value, name, ["args"])


def _of_other(value: Any, name: str) -> Any:
    """Functions, types, and values of outer layers.

    These list what may be reached in ``public``; those with names of their own, such as a table's columns, have
    ``find_public(name)``.
    """
    from tcalc.interp.type_tokens import TypeToken

    if isinstance(value, TypeToken):
        return _of_type(value, name)
    if type(value).__name__ == "Bundle":
        from tcalc.interp import bundles

        return bundles.get_attribute(value, name)
    kind = type(value)
    public = getattr(kind, "public", ())
    if hasattr(kind, "find_public"):
        library.registry()  # a group's columns have the methods of tensors
        return _callable(value.find_public(name), name)
    if name in public:
        return _callable(getattr(value, name), name)
    if hasattr(value, "invoke"):
        if name in ("__name__", "__qualname__"):
            return value.name
        if name == "__doc__":
            return _doc(value)
    raise no_attribute(value, name, public)


def _callable(found: Any, name: str) -> Any:
    """A function of an outer layer as a program calls it; any other value as it is."""
    return Builtin(found, name) if callable(found) and not hasattr(found, "invoke") else found


def _doc(value: Any) -> Any:
    code = getattr(value, "code", None)
    return code.doc if code is not None else getattr(value, "doc", None)


def _of_type(value: Any, name: str) -> Any:
    if name in ("__name__", "__qualname__"):
        return value.name
    if name == "__module__":
        return value.printed.rpartition(".")[0] or "builtins"
    found = CLASS_METHODS.get(value.printed, {}).get(name)
    if found is None and value.python_type in METHODS:
        found = METHODS[value.python_type].get(name)
    if name in getattr(value, "public", ()):
        return _callable(getattr(value, name), name)
    if found is not None:
        return Builtin(found, name, f"builtins.{value.printed}" if "." not in value.printed else "")
    if value.python_type is Tensor and name in library.registry().methods:
        return library.method(name)
    raise attribute_error(
        f"type object '{value.name}' has no attribute '{name}'", name, METHODS.get(value.python_type, ())
    )
