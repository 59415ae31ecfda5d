"""Values that only the interpreter knows: functions, methods and namespaces.

Everything a program can call has ``invoke(args, kwargs)``; a value without it is not callable. ``__call__`` is for
Python's own functions that call back (``sorted(key=…)``).
"""

from __future__ import annotations

from tcalc.errors import TcalcError, type_error
from tcalc.interp.faults import translate
from tcalc.interp.type_names import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


class Callable_:  # noqa: N801 - the plain name belongs to the typing of functions
    """Anything with ``invoke``."""

    __slots__ = ()
    printed_type = "builtin_function_or_method"

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.invoke(list(args), kwargs)


class Builtin(Callable_):
    """A Python function that programs may call by name; ``path`` is the module of Python's or NumPy's that has it."""

    __slots__ = ("function", "name", "path")

    def __init__(self, function: Callable, name: str, path: str = "") -> None:
        self.function = function
        self.name = name
        self.path = path

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the function."""
        return f"{self.path}.{self.name}".removeprefix("builtins.").removeprefix(".")

    @property
    def doc(self) -> str | None:
        """What help says: the words of its module, of Python's builtins, or the function's own."""
        from tcalc.interp import documented

        return documented.doc_of(self)

    @property
    def signature(self) -> str:
        """The call with its parameters."""
        from tcalc.interp import documented

        return documented.signature_of(self)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        try:
            return self.function(*args, **kwargs)
        except TypeError as fault:
            counted = wrong_count(self.function, args, kwargs, self.name, self.path)
            raise counted or translate(fault) from fault
        except Exception as fault:
            raise translate(fault) from fault

    def __repr__(self) -> str:
        return f"<built-in function {self.name}>"


class BoundMethod(Callable_):
    """A function of an allow-list, with the value that it was looked up on."""

    __slots__ = ("function", "name", "receiver")

    def __init__(self, function: Callable, receiver: Any, name: str) -> None:
        self.function = function
        self.receiver = receiver
        self.name = name

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the method."""
        return f"{type_name(self.receiver)}.{self.name}"

    @property
    def doc(self) -> str | None:
        """Python's own words about the method."""
        doc: str | None = getattr(getattr(type(self.receiver), self.name, self.function), "__doc__", None)
        return doc

    @property
    def signature(self) -> str:
        """The call with its parameters."""
        from tcalc.interp import documented

        return documented.method_signature(self)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        try:
            return self.function(self.receiver, *args, **kwargs)
        except TypeError as fault:
            counted = wrong_count(self.function, args, kwargs, self.name, type_name(self.receiver), receivers=1)
            raise counted or translate(fault) from fault
        except Exception as fault:
            raise translate(fault) from fault

    def __repr__(self) -> str:
        return f"<built-in method {self.name} of {type_name(self.receiver)} object at {id(self.receiver):#x}>"


class BoundRecord(Callable_):
    """A tensor's method, looked up and not yet called."""

    __slots__ = ("receiver", "record")

    def __init__(self, record: Any, receiver: Any) -> None:
        self.record = record
        self.receiver = receiver

    @property
    def name(self) -> str:
        return str(self.record.name)

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the method."""
        return f"Tensor.{self.name}"

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        from tcalc.interp.records import invoke

        return invoke(self.record, [self.receiver, *args], kwargs)

    def __repr__(self) -> str:
        return f"<built-in method {self.name} of Tensor object at {id(self.receiver):#x}>"


class Namespace:
    """A name with names in it, such as ``torch`` or ``np``. ``find`` raises KeyError for a name it has not."""

    __slots__ = ("path",)
    printed_type = "module"

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the module."""
        return self.path

    def find(self, name: str) -> Any:
        raise NotImplementedError

    def names(self) -> Iterable[str]:
        """All names, for completion and for "did you mean"."""
        raise NotImplementedError

    def absent(self, name: str) -> str | None:
        """Why a name that the real module has is not here, where there is something to say."""
        return None

    def __repr__(self) -> str:
        return f"<module '{self.path}'>"


def wrong_count(
    function: Callable, args: list, kwargs: dict[str, Any], name: str, owner: str, *, receivers: int = 0
) -> TcalcError | None:
    """The fault where that is the number of arguments, in the words of Python's own functions; else None.

    Functions written in C count their arguments in words of their own; ours, for those, take them by position.
    """
    code = getattr(function, "__code__", None)
    if code is None or code.co_posonlyargcount < code.co_argcount or code.co_kwonlyargcount or not code.co_argcount:
        return None
    whole_name = f"{owner}.{name}" if owner else name
    if kwargs:
        return type_error(f"{whole_name}() takes no keyword arguments")
    most = code.co_argcount - receivers
    least = most - len(function.__defaults__ or ())
    given = len(args)
    if least <= given and (given <= most or code.co_flags & _TAKES_MORE):
        return None
    if least == most == 1 and not code.co_flags & _TAKES_MORE:
        return type_error(f"{whole_name}() takes exactly one argument ({given} given)")
    bound, count = ("at least ", least) if given < least else ("at most ", most)
    if least == most and not code.co_flags & _TAKES_MORE:
        bound = ""
    return type_error(f"{name} expected {bound}{count} argument{'' if count == 1 else 's'}, got {given}")


_TAKES_MORE = 0x04  # *args


def call(function: Any, args: list, kwargs: dict[str, Any]) -> Any:
    """Call a value of the language."""
    invoke = getattr(function, "invoke", None)
    if invoke is None:
        raise type_error(f"'{type_name(function)}' object is not callable")
    return invoke(args, kwargs)


def callback(function: Any) -> Callable:
    """A value of the language as a Python callable, for Python's own functions that call back."""
    invoke = getattr(function, "invoke", None)
    if invoke is None:
        raise type_error(f"'{type_name(function)}' object is not callable")
    return lambda *args: invoke(list(args), {})


def attribute_error(message: str, wanted: str, names: Iterable[str]) -> TcalcError:
    """An AttributeError that proposes the nearest name there is."""
    from tcalc.spelling import closest

    found = closest(wanted, [name for name in names if not name.startswith("_")])
    return TcalcError(message, "AttributeError", hint=f"did you mean {found}?" if found else None)
