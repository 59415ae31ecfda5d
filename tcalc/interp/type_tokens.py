"""Types as values: ``type(x)``, ``isinstance(x, list)``, ``int("3")``, ``torch.Tensor``.

A token stands for a class and gives no way into it: it prints, compares, constructs and tells what belongs to it.
"""

from __future__ import annotations

from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Size
from tcalc.engine.tensor import PARAMETER, Tensor
from tcalc.engine.words import Layout, MemoryFormat
from tcalc.errors import TcalcError, type_error
from tcalc.interp import constructors, kinds
from tcalc.interp.faults import translate
from tcalc.interp.literals import TensorLiteral
from tcalc.interp.values import BoundMethod, BoundRecord, Builtin, Callable_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class TypeToken(Callable_):
    """A class of values. ``printed`` is its full name; ``python_type`` the class that ``isinstance`` asks."""

    __slots__ = ("construct", "printed", "python_type")
    printed_type = "type"

    def __init__(self, printed: str, python_type: Any, construct: Callable | None = None) -> None:
        self.printed = printed
        self.python_type = python_type
        self.construct = construct

    @property
    def name(self) -> str:
        return self.printed.rpartition(".")[2]

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the class."""
        return self.printed

    @property
    def doc(self) -> str | None:
        from tcalc.interp.python_words import WORDS

        return WORDS[self.printed][1] if self.printed in WORDS else None

    @property
    def signature(self) -> str:
        """The call that makes a value, for help."""
        from tcalc.interp.python_words import WORDS

        return WORDS[self.printed][0] if self.printed in WORDS else self.printed

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        if self.construct is None:
            raise type_error(f"cannot create '{self.printed}' instances")
        try:
            return self.construct(*args, **kwargs)
        except Exception as fault:
            raise translate(fault) from fault

    def holds(self, value: Any) -> bool:
        """``isinstance(value, self)``."""
        return self.python_type is not None and isinstance(value, self.python_type)

    def is_subclass_of(self, other: TypeToken) -> bool:
        if self is other or other is OBJECT:
            return True
        mine, theirs = self.python_type, other.python_type
        return isinstance(mine, type) and isinstance(theirs, (type, tuple)) and issubclass(mine, theirs)

    def __or__(self, other: Any) -> Any:
        """``int | None``."""
        if other is not None and not isinstance(other, TypeToken):
            return NotImplemented
        from tcalc.interp.typing_names import union

        return union(self, other)

    def __ror__(self, other: Any) -> Any:
        if other is not None:
            return NotImplemented
        from tcalc.interp.typing_names import union

        return union(other, self)

    def __repr__(self) -> str:
        return f"<class '{self.printed}'>"


class TensorType(TypeToken):
    """``torch.FloatTensor`` and its like: the tensors of one element type on the CPU, or on GPUs."""

    __slots__ = ("device_type", "dtype")

    def __init__(self, printed: str, dtype: DType, device_type: str = "cpu") -> None:
        super().__init__(printed, Tensor)
        self.dtype = dtype
        self.device_type = device_type

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        return constructors.legacy_tensor(self.dtype, args, Device(self.device_type))

    def holds(self, value: Any) -> bool:
        return type(value) is Tensor and value.dtype is self.dtype and value.device.type == self.device_type


class ExceptionType(TypeToken):
    """A class of exceptions, by its kind."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        super().__init__(kinds.PRINTED.get(kind, kind), None)
        self.kind = kind

    @property
    def doc(self) -> str | None:
        return "An exception, which raise raises and except catches."

    @property
    def signature(self) -> str:
        return f"{self.kind}(message)"

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        if kwargs:
            raise type_error(f"{self.kind}() takes no keyword arguments")
        return new_exception(self.kind, args)

    def holds(self, value: Any) -> bool:
        return isinstance(value, TcalcError) and kinds.is_kind(value.kind, self.kind)

    def is_subclass_of(self, other: TypeToken) -> bool:
        if isinstance(other, ExceptionType):
            return kinds.is_kind(self.kind, other.kind)
        return other is OBJECT


def new_exception(kind: str, args: list) -> TcalcError:
    """What ``ValueError(args)`` is: its message is what Python's ``str`` would give."""
    from tcalc.interp import text

    if not args:
        message = ""
    elif len(args) > 1:
        message = text.repr_of(tuple(args))
    else:
        message = text.repr_of(args[0]) if kind == "KeyError" else text.str_of(args[0])
    return TcalcError(message, kind, values=tuple(args))


OBJECT = TypeToken("object", object)

PYTHON_TYPES: dict[str, TypeToken] = {
    "int": TypeToken("int", int, int),
    "float": TypeToken("float", float, float),
    "bool": TypeToken("bool", bool, bool),
    "complex": TypeToken("complex", complex, complex),
    "str": TypeToken("str", str, constructors.text),
    "bytes": TypeToken("bytes", bytes, constructors.bytes_of),
    "bytearray": TypeToken("bytearray", bytearray, constructors.bytearray_of),
    "memoryview": TypeToken("memoryview", memoryview, memoryview),
    "list": TypeToken("list", list, constructors.list_of),
    "tuple": TypeToken("tuple", tuple, constructors.tuple_of),
    "dict": TypeToken("dict", dict, constructors.dict_of),
    "set": TypeToken("set", set, constructors.set_of),
    "frozenset": TypeToken("frozenset", frozenset, constructors.frozenset_of),
    "range": TypeToken("range", range, range),
    "slice": TypeToken("slice", slice, slice),
    "object": OBJECT,
}

TORCH_TYPES: dict[str, TypeToken] = {
    "Tensor": TypeToken("torch.Tensor", Tensor, constructors.default_tensor),
    "dtype": TypeToken("torch.dtype", DType),
    "Size": TypeToken("torch.Size", Size, constructors.size),
    "device": TypeToken("torch.device", Device, constructors.device),
    "layout": TypeToken("torch.layout", Layout),
    "memory_format": TypeToken("torch.memory_format", MemoryFormat),
}

# PyTorch's older names: one class a dtype.
_LEGACY = {
    "Half": "float16", "Float": "float32", "Double": "float64", "BFloat16": "bfloat16", "Char": "int8",
    "Short": "int16", "Int": "int32", "Long": "int64", "Byte": "uint8", "Bool": "bool",
}  # fmt: skip


def _legacy_types(module: str, device_type: str) -> dict[str, TypeToken]:
    from tcalc.engine.dtypes import by_name

    return {
        f"{word}Tensor": TensorType(f"{module}.{word}Tensor", by_name(name), device_type)
        for word, name in _LEGACY.items()
    }


TORCH_TYPES.update(_legacy_types("torch", "cpu"))
CUDA_TYPES = _legacy_types("torch.cuda", "cuda")

_exceptions: dict[str, ExceptionType] = {}


def exception_type(kind: str) -> ExceptionType:
    """The token of a kind of exception; one token a kind."""
    found = _exceptions.get(kind)
    if found is None:
        found = _exceptions[kind] = ExceptionType(kind)
    return found


_OF_VALUES = ("Tensor", "dtype", "Size", "device", "layout", "memory_format")
_BY_CLASS: dict[type, TypeToken] = {
    **{token.python_type: token for token in PYTHON_TYPES.values()},
    **{TORCH_TYPES[name].python_type: TORCH_TYPES[name] for name in _OF_VALUES},
    TensorLiteral: PYTHON_TYPES["list"],
}
_BUILTIN_FUNCTION = TypeToken("builtin_function_or_method", (Builtin, BoundMethod, BoundRecord))
_BY_NAME = {
    "Record": _BUILTIN_FUNCTION, "Method": _BUILTIN_FUNCTION, "ScalarFunction": _BUILTIN_FUNCTION,
    "Builtin": _BUILTIN_FUNCTION, "BoundMethod": _BUILTIN_FUNCTION, "BoundRecord": _BUILTIN_FUNCTION,
}  # fmt: skip
TYPE = TypeToken("type", TypeToken)
_results: dict[str, TypeToken] = {}


def type_of(value: Any) -> Any:
    """``type(value)``."""
    kind = type(value)
    if kind is Tensor and value.role == PARAMETER:
        from tcalc.interp.parameters import PARAMETER_TYPE

        return PARAMETER_TYPE
    found = _BY_CLASS.get(kind)
    if found is not None:
        return found
    if isinstance(value, TcalcError):
        return exception_type(value.kind)
    if kind.__module__ == "numpy":
        from tcalc.interp.numpy_values import type_of as numpy_type_of

        return numpy_type_of(value)
    if isinstance(value, NamedResult):
        name = f"torch.return_types.{value.type_name}"
        return _results.setdefault(name, TypeToken(name, NamedResult))
    found = _other_type(value)
    _BY_CLASS[kind] = found
    return found


def register(token: TypeToken) -> None:
    """Make a token the answer of ``type`` for the values of its class."""
    _BY_CLASS[token.python_type] = token


def _other_type(value: Any) -> TypeToken:
    if isinstance(value, TypeToken):
        return TYPE
    if type(value).__name__ in _BY_NAME:
        return _BY_NAME[type(value).__name__]
    return TypeToken(getattr(value, "printed_type", type(value).__name__), type(value))
