"""What a value's type is called in messages: Python's and PyTorch's names, never tcalc's own classes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# tcalc's class -> the name that Python's own message would show.
SHOWN = {
    "TensorLiteral": "list",
    "Size": "torch.Size",
    "DType": "torch.dtype",
    "Device": "torch.device",
    "Namespace": "module",
    "TorchNamespace": "module",
    "NumpyNamespace": "module",
    "PythonNamespace": "module",
    "TypeToken": "type",
    "NumpyType": "type",
    "ExceptionType": "type",
    "Record": "builtin_function_or_method",
    "Method": "builtin_function_or_method",
    "ScalarFunction": "builtin_function_or_method",
    "Builtin": "builtin_function_or_method",
    "BoundMethod": "builtin_function_or_method",
    "BoundRecord": "builtin_function_or_method",
    "Function": "function",
    "Map": "map",
    "Filter": "filter",
    "Items": "dict_items",
    "Values": "dict_values",
    "defaultdict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Deque": "collections.deque",
    "Partial": "functools.partial",
    "Hint": "typing._GenericAlias",
    "NamedTupleType": "type",
    "RoleToken": "type",
    "array": "array.array",
}


def class_name(value: Any) -> str:
    """The name of the value's Python class; two values of one name from different modules never meet."""
    return type(value).__name__


def type_name(value: Any) -> str:
    """The name of a value's type as an error message of Python or PyTorch shows it."""
    name = class_name(value)
    if name == "NamedResult":
        return f"torch.return_types.{value.type_name}"
    if name == "TcalcError":
        return str(value.kind)
    if name == "Tensor" and value.role == "Parameter":
        return "Parameter"
    if type(value).__module__ == "numpy":
        return f"numpy.{name}"
    return SHOWN.get(name, name)


def pythonic(message: str) -> str:
    """Python's message with the names of tcalc's classes replaced."""
    for name, shown in SHOWN.items():
        if name in message:
            for before, after in (("'", "'"), ('"', '"'), ("but ", " found"), ("type ", " doesn't"), ("not ", "")):
                message = message.replace(f"{before}{name}{after}", f"{before}{shown}{after}")
    return message
