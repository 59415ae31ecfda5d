"""The names of Python's ``functools`` and ``operator``: functions made of functions, and operators as functions."""

from __future__ import annotations

import functools
from operator import index, truth

from tcalc.errors import type_error, value_error
from tcalc.interp import comparisons, guards, operations
from tcalc.interp.attributes import get_attribute
from tcalc.interp.indexing import delete_item, get_item, set_item
from tcalc.interp.iteration import iterate
from tcalc.interp.type_names import type_name
from tcalc.interp.values import Builtin, Callable_, call, callback
from tcalc.syntax.operators import INFIX_OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MISSING: Any = object()


# ---------------------------------------------------------------- functools


def _reduce(function: Any, iterable: Any, initial: Any = _MISSING, /) -> Any:
    combine = callback(function)
    values = iter(guards.counted(iterate(iterable)))
    total = next(values, _MISSING) if initial is _MISSING else initial
    if total is _MISSING:
        raise type_error("reduce() of empty iterable with no initial value")
    for value in values:
        total = combine(total, value)
    return total


class Partial(Callable_):
    """A function with some of its arguments given (``functools.partial``)."""

    __slots__ = ("args", "func", "keywords")
    printed_type = "functools.partial"
    public = ("func", "args", "keywords")
    doc = "A function with some of its arguments given."

    def __init__(self, func: Any, args: tuple, keywords: dict[str, Any]) -> None:
        self.func = func
        self.args = args
        self.keywords = keywords

    @property
    def name(self) -> str:
        return str(getattr(self.func, "name", "partial"))

    @property
    def signature(self) -> str:
        """The call with its parameters: those of the function."""
        return str(getattr(self.func, "signature", f"{self.name}(…)"))

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        return call(self.func, [*self.args, *args], {**self.keywords, **kwargs})

    def __repr__(self) -> str:
        given = [repr(value) for value in self.args] + [f"{name}={value!r}" for name, value in self.keywords.items()]
        return f"functools.partial({', '.join([repr(self.func), *given])})"


def _partial(func: Any, /, *args: Any, **keywords: Any) -> Partial:
    if not hasattr(func, "invoke"):
        raise type_error("the first argument must be callable")
    return Partial(func, args, keywords)


def _cmp_to_key(mycmp: Any) -> Any:
    return Builtin(functools.cmp_to_key(callback(mycmp)), "cmp_to_key")


FUNCTOOLS: dict[str, Any] = {
    "cmp_to_key": Builtin(_cmp_to_key, "cmp_to_key", "functools"),
    "partial": Builtin(_partial, "partial", "functools"),
    "reduce": Builtin(_reduce, "reduce", "functools"),
}


# ---------------------------------------------------------------- operator


def _infix(symbol: str) -> Callable:
    """An operator as a function of its two operands."""
    row = INFIX_OPERATORS[symbol]
    apply = comparisons.compare if row.name in comparisons.NATIVE else operations.binary

    def operate(a: Any, b: Any, /) -> Any:
        return apply(row, a, b)

    return operate


def _augmented(symbol: str) -> Callable:
    row = INFIX_OPERATORS[symbol]

    def operate(a: Any, b: Any, /) -> Any:
        return operations.augmented(row, a, b)

    return operate


def _prefix(name: str) -> Callable:
    def operate(a: Any, /) -> Any:
        return operations.unary(name, a)

    return operate


def _of_each(read: Callable, wanted: tuple) -> Any:
    """A function of a value: what is read with the one thing wanted, or the tuple of several."""

    def get(value: Any, /) -> Any:
        found = tuple(read(value, one) for one in wanted)
        return found[0] if len(found) == 1 else found

    return Builtin(get, "getter")


def _itemgetter(item: Any, /, *items: Any) -> Any:
    return _of_each(get_item, (item, *items))


def _attrgetter(attr: Any, /, *attrs: Any) -> Any:
    for name in (attr, *attrs):
        if not isinstance(name, str):
            raise type_error("attribute name must be a string")

    def read(value: Any, dotted: str) -> Any:
        for name in dotted.split("."):
            value = get_attribute(value, name)
        return value

    return _of_each(read, (attr, *attrs))


def _methodcaller(name: Any, /, *args: Any, **kwargs: Any) -> Any:
    if not isinstance(name, str):
        raise type_error("method name must be a string")
    return Builtin(lambda value, /: call(get_attribute(value, name), list(args), kwargs), "methodcaller")


def _contains(a: Any, b: Any, /) -> Any:
    return comparisons.contains(a, b)


def _places(a: Any, b: Any) -> Iterator[int]:
    """Where a value is in an iterable."""
    values = enumerate(guards.counted(iterate(a)))
    return (place for place, value in values if value is b or bool(comparisons.equal(value, b)))


def _count_of(a: Any, b: Any, /) -> int:
    return sum(1 for _ in _places(a, b))


def _index_of(a: Any, b: Any, /) -> int:
    found = next(_places(a, b), None)
    if found is None:
        raise value_error("sequence.index(x): x not in sequence")
    return found


def _index(a: Any, /) -> int:
    if not hasattr(a, "__index__"):
        raise type_error(f"'{type_name(a)}' object cannot be interpreted as an integer")
    return index(a)


_SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and_": "&", "or_": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "concat": "+",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "is_": "is", "is_not": "is not",
}  # fmt: skip
_IN_PLACE = {"iadd": "+", "isub": "-", "imul": "*", "itruediv": "/", "ifloordiv": "//", "imod": "%", "ipow": "**"}
_PREFIXES = {"neg": "neg", "pos": "positive", "invert": "bitwise_not", "inv": "bitwise_not"}

_OPERATOR: dict[str, Callable] = {
    **{name: _infix(symbol) for name, symbol in _SYMBOLS.items()},
    **{name: _augmented(symbol) for name, symbol in _IN_PLACE.items()},
    **{name: _prefix(name_of_operation) for name, name_of_operation in _PREFIXES.items()},
    "abs": lambda a, /: _builtin("abs", a),
    "attrgetter": _attrgetter, "contains": _contains, "countOf": _count_of, "delitem": delete_item,
    "getitem": get_item, "index": _index,
    "indexOf": _index_of,
    "itemgetter": _itemgetter, "methodcaller": _methodcaller, "not_": lambda a, /: not a, "setitem": set_item,
    "truth": truth,
}  # fmt: skip
OPERATOR: dict[str, Any] = {name: Builtin(function, name, "operator") for name, function in _OPERATOR.items()}


def _builtin(name: str, value: Any) -> Any:
    from tcalc.interp.python_builtins import BUILTINS

    return BUILTINS[name].invoke([value], {})
