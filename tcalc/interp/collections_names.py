"""The names of Python's ``collections``: dicts that count or have defaults, queues, and tuples with names."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from keyword import iskeyword

from tcalc.errors import TcalcError, type_error, value_error
from tcalc.interp import guards, type_tokens
from tcalc.interp.iteration import collected
from tcalc.interp.method_tables import CLASS_METHODS, FIELDS, METHODS, native_keyed
from tcalc.interp.type_tokens import TypeToken
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def _keys(values: Any) -> list[Any]:
    found = collected(values)
    guards.check_keys(found)
    return found


def _pairs(values: Any) -> Any:
    return values if isinstance(values, dict) else _keys(values)


# ---------------------------------------------------------------- dicts


def _counter(values: Any = (), /, **counts: Any) -> Counter:
    made = Counter(_pairs(values))
    made.update(counts)
    return made


def _defaultdict(default_factory: Any = None, /, values: Any = (), **items: Any) -> defaultdict:
    if default_factory is not None and not hasattr(default_factory, "invoke"):
        raise type_error("first argument must be callable or None")
    return defaultdict(default_factory, _pairs(values), **items)


def _ordered_dict(values: Any = (), /, **items: Any) -> OrderedDict:
    return OrderedDict(_pairs(values), **items)


def _counting(method: Callable) -> Callable:
    """``update`` or ``subtract``: of a dict's counts, or of items counted one by one."""

    def call(counter: Counter, values: Any = (), /, **counts: Any) -> None:
        method(counter, _pairs(values))
        method(counter, counts)

    return call


_DICT = "clear copy get items keys pop popitem setdefault values"
METHODS[Counter] = {
    **native_keyed(Counter, _DICT + " elements most_common total"),
    "subtract": _counting(Counter.subtract),
    "update": _counting(Counter.update),
}
METHODS[defaultdict] = native_keyed(defaultdict, _DICT + " update")
METHODS[OrderedDict] = native_keyed(OrderedDict, _DICT + " move_to_end update")
FIELDS[defaultdict] = ("default_factory",)


def _from_keys(kind: Callable) -> Callable:
    def fromkeys(iterable: Any, value: Any = None, /) -> Any:
        return kind([(key, value) for key in _keys(iterable)])

    return fromkeys


CLASS_METHODS["collections.OrderedDict"] = {"fromkeys": _from_keys(_ordered_dict)}
CLASS_METHODS["collections.defaultdict"] = {"fromkeys": _from_keys(lambda items: _defaultdict(None, items))}


# ---------------------------------------------------------------- queues


class Deque(deque):
    """A queue of two ends; the values of the program are its items."""

    printed_type = "collections.deque"
    public = (
        "append", "appendleft", "clear", "copy", "count", "extend", "extendleft", "index", "insert", "maxlen", "pop",
        "popleft", "remove", "reverse", "rotate", "getitem", "setitem", "delitem",
    )  # fmt: skip

    def __repr__(self) -> str:
        return super().__repr__().replace("Deque", "deque", 1)

    def append(self, value: Any, /) -> None:
        super().append(value)
        guards.check_growth(len(self))

    def appendleft(self, value: Any, /) -> None:
        super().appendleft(value)
        guards.check_growth(len(self))

    def extend(self, values: Any, /) -> None:
        super().extend(collected(values))

    def extendleft(self, values: Any, /) -> None:
        super().extendleft(collected(values))

    def getitem(self, index: Any) -> Any:
        return self[index]

    def setitem(self, index: Any, value: Any) -> None:
        self[index] = value

    def delitem(self, index: Any) -> None:
        del self[index]


def _deque(iterable: Any = (), maxlen: int | None = None) -> Deque:
    return Deque(collected(iterable), maxlen)


# ---------------------------------------------------------------- tuples with names


class NamedTuple(tuple):
    """The values of a class that ``namedtuple`` made; each class has its own ``names`` and ``defaults``."""

    __slots__ = ()
    names: tuple[str, ...] = ()
    defaults: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        items = (f"{name}={value!r}" for name, value in zip(self.names, self, strict=True))
        return f"{type(self).__name__}({', '.join(items)})"

    def find_public(self, name: str) -> Any:
        if name in self.names:
            return self[self.names.index(name)]
        if name == "_fields":
            return self.names
        found = {"_asdict": self._asdict, "_replace": self._replace}.get(name) or getattr(tuple(self), name, None)
        if found is None or name not in ("_asdict", "_replace", "count", "index"):
            raise TcalcError(f"'{type(self).__name__}' object has no attribute '{name}'", "AttributeError")
        return found

    def set_public(self, name: str, item: Any) -> None:
        """Nothing in it can be set."""
        message = "can't set attribute"
        if name not in self.names:
            message = f"'{type(self).__name__}' object has no attribute '{name}'"
        raise TcalcError(message, "AttributeError")

    def public_names(self) -> Iterable[str]:
        return (*self.names, "_asdict", "_fields", "_replace", "count", "index")

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self.names, self, strict=True))

    def _replace(self, **values: Any) -> NamedTuple:
        unknown = [name for name in values if name not in self.names]
        if unknown:
            raise value_error(f"Got unexpected field names: {unknown!r}")
        return type(self)({**self._asdict(), **values}.values())


class NamedTupleType(TypeToken):
    """A class that ``namedtuple`` made."""

    __slots__ = ()
    public = ("_fields", "_field_defaults", "_make")

    @property
    def _fields(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.python_type.names
        return names

    @property
    def _field_defaults(self) -> dict[str, Any]:
        defaults = self.python_type.defaults
        return dict(zip(self._fields[len(self._fields) - len(defaults) :], defaults, strict=True))

    def _make(self, iterable: Any) -> NamedTuple:
        values = collected(iterable)
        if len(values) != len(self._fields):
            raise type_error(f"Expected {len(self._fields)} arguments, got {len(values)}")
        made: NamedTuple = self.python_type(values)
        return made


def _namedtuple(typename: str, field_names: Any, *, rename: bool = False, defaults: Any = None) -> TypeToken:
    given = field_names.replace(",", " ").split() if isinstance(field_names, str) else collected(field_names)
    names = tuple(map(str, given))
    if rename:
        names = tuple(
            f"_{place}" if not _is_field(name) or name in names[:place] else name for place, name in enumerate(names)
        )
    else:
        _check_names(typename, names)
    given_defaults = tuple(collected(defaults)) if defaults is not None else ()
    if len(given_defaults) > len(names):
        raise type_error("Got more default values than field names")
    fields = {"names": names, "defaults": given_defaults, "printed_type": f"__main__.{typename}", "__slots__": ()}
    kind = type(typename, (NamedTuple,), fields)
    token = NamedTupleType(f"__main__.{typename}", kind, _constructor(kind))
    type_tokens.register(token)
    return token


def _is_field(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name) and not name.startswith("_")


def _check_names(typename: str, names: tuple[str, ...]) -> None:
    for name in (typename, *names):
        if not name.isidentifier():
            raise value_error(f"Type names and field names must be valid identifiers: {name!r}")
        if iskeyword(name):
            raise value_error(f"Type names and field names cannot be a keyword: {name!r}")
    for place, name in enumerate(names):
        if name.startswith("_"):
            raise value_error(f"Field names cannot start with an underscore: {name!r}")
        if name in names[:place]:
            raise value_error(f"Encountered duplicate field name: {name!r}")


def _constructor(kind: Any) -> Callable:
    """What makes a value of the class, with Python's words where the arguments do not fit."""
    call = f"{kind.__name__}.__new__()"
    required = len(kind.names) - len(kind.defaults)

    def construct(*args: Any, **kwargs: Any) -> NamedTuple:
        if len(args) > len(kind.names):
            wanted = len(kind.names) + 1
            takes = f"from {required + 1} to {wanted}" if kind.defaults else str(wanted)
            raise type_error(f"{call} takes {takes} positional arguments but {len(args) + 1} were given")
        values = dict(zip(kind.names, args, strict=False))
        for name, value in kwargs.items():
            if name not in kind.names:
                raise type_error(f"{call} got an unexpected keyword argument '{name}'")
            if name in values:
                raise type_error(f"{call} got multiple values for argument '{name}'")
            values[name] = value
        defaults = dict(zip(kind.names[required:], kind.defaults, strict=True))
        missing = [repr(name) for name in kind.names if name not in values and name not in defaults]
        if missing:
            plural = "" if len(missing) == 1 else "s"
            listed = " and ".join([", ".join(missing[:-1])] * (len(missing) > 1) + missing[-1:])
            listed = listed.replace(" and ", ", and ") if len(missing) > 2 else listed
            raise type_error(f"{call} missing {len(missing)} required positional argument{plural}: {listed}")
        found: NamedTuple = kind([values.get(name, defaults.get(name)) for name in kind.names])
        return found

    return construct


NAMES: dict[str, Any] = {
    "Counter": TypeToken("collections.Counter", Counter, _counter),
    "OrderedDict": TypeToken("collections.OrderedDict", OrderedDict, _ordered_dict),
    "defaultdict": TypeToken("collections.defaultdict", defaultdict, _defaultdict),
    "deque": TypeToken("collections.deque", Deque, _deque),
    "namedtuple": Builtin(_namedtuple, "namedtuple", "collections"),
}
for _token in NAMES.values():
    if isinstance(_token, TypeToken):
        type_tokens.register(_token)
