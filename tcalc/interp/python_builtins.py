"""Python's builtins that touch values only. Where ``torch`` has the name too, a tensor gets its."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.interp import guards, lazy, library, operations, text
from tcalc.interp.attributes import get_attribute, has_attribute
from tcalc.interp.iteration import collected, iterate
from tcalc.interp.literals import is_numeric, to_tensor
from tcalc.interp.type_names import type_name
from tcalc.interp.type_tokens import TypeToken, type_of
from tcalc.interp.values import Builtin, callback
from tcalc.syntax.operators import INFIX_OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

BUILTINS: dict[str, Builtin] = {}


def _builtin(function: Callable) -> Callable:
    """Register a function under its name without the underscore that keeps it off Python's own."""
    name = function.__name__.rstrip("_")
    function.__name__ = function.__qualname__ = name  # Python's messages say it
    BUILTINS[name] = Builtin(function, name)
    return function


for _function in (bin, chr, hex, id, oct, ord):
    BUILTINS[_function.__name__] = Builtin(_function, _function.__name__)


# ---------------------------------------------------------------- text


@_builtin
def repr_(value: Any, /) -> str:
    return text.repr_of(value)


@_builtin
def ascii_(value: Any, /) -> str:
    return text.ascii_of(value)


@_builtin
def format_(value: Any, spec: str = "", /) -> str:
    if type(spec) is not str:
        raise type_error(f"format() argument 2 must be str, not {type_name(spec)}")
    return text.format_of(value, spec)


# ---------------------------------------------------------------- types and attributes


@_builtin
def type_(value: Any, /) -> Any:
    return type_of(value)


@_builtin
def isinstance_(value: Any, classes: Any, /) -> bool:
    return any(
        token.holds(value)
        for token in _tokens(classes, "isinstance() arg 2 must be a type, a tuple of types, or a union")
    )


@_builtin
def issubclass_(kind: Any, classes: Any, /) -> bool:
    if not isinstance(kind, TypeToken):
        raise type_error("issubclass() arg 1 must be a class")
    tokens = _tokens(classes, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
    return any(kind.is_subclass_of(token) for token in tokens)


def _tokens(classes: Any, message: str) -> list[TypeToken]:
    found: list[TypeToken] = []
    for item in classes if isinstance(classes, tuple) else (classes,):
        if isinstance(item, tuple):
            found += _tokens(item, message)
        elif isinstance(item, TypeToken):
            found.append(item)
        else:
            raise type_error(message)
    return found


@_builtin
def hash_(value: Any, /) -> int:
    guards.check_key(value)
    return hash(value)


@_builtin
def callable_(value: Any, /) -> bool:
    return hasattr(value, "invoke")


@_builtin
def getattr_(value: Any, name: str, /, *default: Any) -> Any:
    if type(name) is not str:
        raise type_error(f"attribute name must be string, not '{type_name(name)}'")
    if default and not has_attribute(value, name):
        return default[0]
    return get_attribute(value, name)


@_builtin
def hasattr_(value: Any, name: str, /) -> bool:
    if type(name) is not str:
        raise type_error(f"attribute name must be string, not '{type_name(name)}'")
    return has_attribute(value, name)


# ---------------------------------------------------------------- iteration


@_builtin
def len_(value: Any, /) -> int:
    if hasattr(type(value), "__len__"):
        return len(value)
    raise type_error(f"object of type '{type_name(value)}' has no len()")


@_builtin
def iter_(value: Any, /, *sentinel: Any) -> Iterator[Any]:
    if len(sentinel) > 1:
        raise type_error(f"iter expected at most 2 arguments, got {1 + len(sentinel)}")
    if not sentinel:
        return iterate(value)
    if not hasattr(value, "invoke"):
        raise type_error("iter(v, w): v must be callable")
    return lazy.until(callback(value), sentinel[0])


_NO_DEFAULT = object()


@_builtin
def next_(iterator: Any, default: Any = _NO_DEFAULT, /) -> Any:
    if not hasattr(type(iterator), "__next__"):
        raise type_error(f"'{type_name(iterator)}' object is not an iterator")
    for value in iterator:
        return value
    if default is _NO_DEFAULT:
        raise TcalcError("", "StopIteration", values=())
    return default


@_builtin
def zip_(*values: Any, strict: Any = False) -> Iterator[tuple]:
    if not values:
        return zip()
    return zip(*[guards.counted(iterate(value)) for value in values], strict=bool(strict))


@_builtin
def enumerate_(iterable: Any, start: int = 0) -> Iterator[tuple[int, Any]]:
    return enumerate(guards.counted(iterate(iterable)), start)


@_builtin
def map_(*arguments: Any) -> Iterator[Any]:
    function, *values = arguments or (None,)
    if not values:
        raise type_error("map() must have at least two arguments.")
    return lazy.Map(callback(function), [iterate(value) for value in values])


@_builtin
def filter_(function: Any, values: Any, /) -> Iterator[Any]:
    return lazy.Filter(None if function is None else callback(function), iterate(values))


_REVERSIBLE = (range, dict, memoryview)


@_builtin
def reversed_(value: Any, /) -> Any:
    if type(value) is Tensor:
        # PyTorch flips the first dimension; a 0-d tensor is its own reverse.
        return library.apply("flip", value, [0]) if value.shape else value
    if isinstance(value, _REVERSIBLE) or operations.is_numpy(value) or operations.is_sequence(value):
        return reversed(value)
    raise type_error(f"'{type_name(value)}' object is not reversible")


@_builtin
def sorted_(*given: Any, key: Any = None, reverse: Any = False) -> list[Any]:
    if len(given) != 1:
        raise type_error(f"sorted expected 1 argument, got {len(given)}")
    items = collected(given[0])
    items.sort(key=None if key is None else callback(key), reverse=bool(reverse))
    return items


# ---------------------------------------------------------------- sums and extremes


def _is_torch(values: tuple, wanted: str, kwargs: dict[str, Any] | None = None) -> bool:
    """Whether the call is torch's: a tensor among the arguments, or a keyword that Python's function does not have.

    Pasted Python asks for Python's meaning of those that loop.
    """
    from tcalc.interp.session import running

    if kwargs and not TORCH_KEYWORDS.isdisjoint(kwargs):
        return True

    session = running()
    if session is not None and not session.tensor_lists and wanted in _LOOPING:
        return False
    return any(type(value) is Tensor for value in values)


# Python's meaning of these differs from torch's: it loops over the first dimension.
_LOOPING = frozenset(("sum", "min", "max", "any", "all"))
TORCH_KEYWORDS = frozenset(("dim", "axis", "keepdim", "keepdims", "out"))


def _torch(name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
    from tcalc.interp.records import invoke

    return invoke(library.record(name), list(args), kwargs)


@_builtin
def sum_(*args: Any, **kwargs: Any) -> Any:
    if _is_torch(args[:1], "sum", kwargs):
        return _torch("sum", args, kwargs)
    return _python_sum(*args, **kwargs)


def _python_sum(*given: Any, start: Any = 0, **other: Any) -> Any:
    for name in other:
        raise type_error(f"sum() got an unexpected keyword argument '{name}'")
    if not given:
        raise type_error("sum() takes at least 1 positional argument (0 given)")
    if len(given) > 2:
        raise type_error(f"sum() takes at most 2 arguments ({len(given)} given)")
    iterable, start = given if len(given) == 2 else (given[0], start)
    if isinstance(start, str):
        raise type_error("sum() can't sum strings [use ''.join(seq) instead]")
    plus = INFIX_OPERATORS["+"]
    total = start
    values = iterate(iterable)
    if all_numbers(iterable) and type(start) in operations.NUMBERS:
        return sum(iterable, start)
    for value in guards.counted(values):
        total = operations.binary(plus, total, value)
    return total


def all_numbers(values: Any) -> bool:
    """Whether a container holds nothing but Python numbers, so that Python's own loop may run over it."""
    if type(values) is range:
        return len(values) < 1 << 20
    return isinstance(values, (list, tuple)) and all(type(value) in operations.NUMBERS for value in values)


@_builtin
def max_(*args: Any, **kwargs: Any) -> Any:
    return _extreme("max", max, args, kwargs)


@_builtin
def min_(*args: Any, **kwargs: Any) -> Any:
    return _extreme("min", min, args, kwargs)


def _extreme(name: str, python: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
    if _is_torch(args, name, kwargs) and "key" not in kwargs:
        if len(args) == 2 and type(args[0]) is not Tensor:
            args = (library.apply("tensor", args[0]), args[1])  # max(0, x): the larger of each
        return _torch(name, args, kwargs)
    if kwargs.get("key") is not None:
        kwargs = {**kwargs, "key": callback(kwargs["key"])}
    if len(args) == 1:
        args = (guards.counted(iterate(args[0])),)
    return python(*args, **kwargs)


def _as_tensor(value: Any) -> Any:
    return to_tensor(value) if isinstance(value, list) and is_numeric(value) else value


@_builtin
def any_(*args: Any, **kwargs: Any) -> Any:
    if _is_torch(args[:1], "any", kwargs):
        return _torch("any", args, kwargs)
    return _truths("any", any, args, kwargs)


@_builtin
def all_(*args: Any, **kwargs: Any) -> Any:
    if _is_torch(args[:1], "all", kwargs):
        return _torch("all", args, kwargs)
    return _truths("all", all, args, kwargs)


def _truths(name: str, python: Callable, args: tuple, kwargs: dict[str, Any]) -> bool:
    if kwargs:
        raise type_error(f"{name}() takes no keyword arguments")
    if len(args) != 1:
        raise type_error(f"{name}() takes exactly one argument ({len(args)} given)")
    result: bool = python(guards.counted(iterate(args[0])))
    return result


@_builtin
def abs_(*args: Any, **kwargs: Any) -> Any:
    values = tuple(_as_tensor(arg) for arg in args)
    if kwargs or _is_torch(values, "abs"):
        return _torch("abs", values, kwargs)
    return abs(*args)


@_builtin
def round_(*args: Any, **kwargs: Any) -> Any:
    values = tuple(_as_tensor(arg) for arg in args)
    if _is_torch(values[:1], "round"):
        if len(values) == 2:
            kwargs = {**kwargs, "decimals": values[1]}
        return _torch("round", values[:1], kwargs)
    if [type(arg) for arg in args] == [int, int] and not kwargs:
        return guards.round_whole(*args)
    return round(*args, **kwargs)


@_builtin
def pow_(*args: Any, **kwargs: Any) -> Any:
    values = tuple(_as_tensor(arg) for arg in args)
    if _is_torch(values, "pow") or "input" in kwargs:
        return _torch("pow", values, kwargs)
    if len(args) == 2 and not kwargs:
        return operations.binary(INFIX_OPERATORS["**"], *args)
    return pow(*args, **kwargs)


@_builtin
def divmod_(first: Any, second: Any, /) -> Any:
    if type(first) is Tensor or type(second) is Tensor:
        return (
            operations.binary(INFIX_OPERATORS["//"], first, second),
            operations.binary(INFIX_OPERATORS["%"], first, second),
        )
    if operations.is_numpy(first) or operations.is_numpy(second):
        from tcalc.interp import numpy_values

        return numpy_values.operate(divmod, first, second)
    return divmod(first, second)
