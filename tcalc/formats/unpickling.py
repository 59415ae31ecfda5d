"""A strict reader of pickles: it interprets the stream of opcodes against a closed table and runs nothing.

A pickle is a little program that builds a value. This one may build numbers, texts and containers; what else it
asks for by name (a global) is looked up in the caller's table, and any other name is refused. Python's own library
takes the stream apart (``pickletools``), which runs nothing either.
"""

from __future__ import annotations

import pickletools

from tcalc.errors import DataError
from tcalc.formats.loaded import data_error, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_LARGEST = 1 << 26
# What a dictionary or set may have as keys.
_KEYS = (str, int, float, bool, complex, bytes, type(None))


def key_of(value: Any) -> Any:
    """A key of a dictionary or an item of a set: a number, a text, or a tuple of those."""
    if isinstance(value, _KEYS):
        return value
    if type(value) is not tuple:
        raise ValueError(f"a key of type {type(value).__name__}")
    return tuple([key_of(part) for part in value])


class Global:
    """Something that the pickle asks for by name. ``make`` builds it from arguments, where that is possible."""

    __slots__ = ("make", "name", "value")

    def __init__(self, name: str, make: Callable[..., Any] | None = None, value: Any = None) -> None:
        self.name = name
        self.make = make
        self.value = value


class _Mark:
    """A place on the stack."""

    __slots__ = ()


_MARK = _Mark()


class Unpickler:
    """Builds the value of one pickle. ``globals`` says what names stand for, ``persistent`` what ids stand for."""

    def __init__(self, where: str, globals: Mapping[str, Global], persistent: Callable[[Any], Any]) -> None:
        self.where = where
        self.globals = globals
        self.persistent = persistent
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def load(self, data: bytes | bytearray) -> Any:
        """The value; DataError where the stream is damaged or asks for what is not in the table."""
        if len(data) > _LARGEST:
            raise data_error(self.where, f"the pickle is {len(data)} bytes long; at most {_LARGEST} are read")
        try:
            for opcode, argument, _ in pickletools.genops(bytes(data)):
                if opcode.name == "STOP":
                    return self._pop()
                self._step(opcode.name, argument)
        except DataError:
            raise
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise self.damaged() from None
        raise self.damaged()

    def damaged(self) -> DataError:
        return data_error(self.where, "the pickle is damaged")

    def refused(self, name: str) -> DataError:
        return data_error(
            self.where,
            f"the pickle asks for {quoted(name)}, and tcalc reads nothing but tensors, numbers, texts and containers",
            hint="save a state dictionary: torch.save(model.state_dict(), path)",
        )

    def _step(self, name: str, argument: Any) -> None:
        if name in _IGNORED:
            return
        if name in _CONSTANTS:
            self.stack.append(argument)
            return
        step = _STEPS.get(name)
        if step is None:
            raise data_error(self.where, f"the pickle uses the opcode {name}, which tcalc refuses")
        step(self, argument)

    def _pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise self.damaged()
        return value

    def _top(self) -> Any:
        if self.stack[-1] is _MARK:
            raise self.damaged()
        return self.stack[-1]

    def _marked(self) -> list[Any]:
        """What was put on the stack since the last mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise self.damaged()
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    # -- opcodes

    def _mark(self, argument: Any) -> None:
        self.stack.append(_MARK)

    def _none(self, argument: Any) -> None:
        self.stack.append(None)

    def _true(self, argument: Any) -> None:
        self.stack.append(True)

    def _false(self, argument: Any) -> None:
        self.stack.append(False)

    def _empty_dict(self, argument: Any) -> None:
        self.stack.append({})

    def _empty_list(self, argument: Any) -> None:
        self.stack.append([])

    def _empty_tuple(self, argument: Any) -> None:
        self.stack.append(())

    def _empty_set(self, argument: Any) -> None:
        self.stack.append(set())

    def _tuple(self, argument: Any) -> None:
        self.stack.append(tuple(self._marked()))

    def _tuple_of(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self.stack.append(tuple(reversed(items)))

    def _list(self, argument: Any) -> None:
        self.stack.append(self._marked())

    def _dict(self, argument: Any) -> None:
        items = self._marked()
        self.stack.append({})
        self._set_all(items)

    def _frozenset(self, argument: Any) -> None:
        self.stack.append(frozenset(key_of(item) for item in self._marked()))

    def _append(self, argument: Any) -> None:
        self._extend([self._pop()])

    def _appends(self, argument: Any) -> None:
        self._extend(self._marked())

    def _extend(self, items: list[Any]) -> None:
        target = self._top()
        if type(target) is not list:
            raise self.damaged()
        target.extend(items)

    def _add_items(self, argument: Any) -> None:
        items = [key_of(item) for item in self._marked()]
        target = self._top()
        if type(target) is not set:
            raise self.damaged()
        target.update(items)

    def _set_item(self, argument: Any) -> None:
        value = self._pop()
        self._set_all([self._pop(), value])

    def _set_items(self, argument: Any) -> None:
        self._set_all(self._marked())

    def _set_all(self, items: list[Any]) -> None:
        target = self._top()
        if type(target) is not dict or len(items) % 2:
            raise self.damaged()
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key_of(key)] = value

    def _put(self, argument: Any) -> None:
        self.memo[int(argument)] = self._top()

    def _memoize(self, argument: Any) -> None:
        self.memo[len(self.memo)] = self._top()

    def _get(self, argument: Any) -> None:
        self.stack.append(self.memo[int(argument)])

    def _discard(self, argument: Any) -> None:
        self.stack.pop()

    def _discard_marked(self, argument: Any) -> None:
        self._marked()

    def _global(self, argument: Any) -> None:
        self._push_global(*argument.split(" ", 1))

    def _stack_global(self, argument: Any) -> None:
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise self.damaged()
        self._push_global(module, name)

    def _push_global(self, module: str, name: str) -> None:
        full = f"{_RENAMED.get(module, module)}.{name}"
        found = self.globals.get(full)
        if found is None:
            raise self.refused(f"{module}.{name}")
        self.stack.append(found if found.make is not None else found.value)

    def _reduce(self, argument: Any) -> None:
        arguments, function = self._pop(), self._pop()
        if not isinstance(function, Global) or function.make is None or type(arguments) is not tuple:
            raise self.damaged()
        self.stack.append(function.make(*arguments))

    def _build(self, argument: Any) -> None:
        """Attributes of a value. Those of a dictionary (``_metadata`` of a state dictionary) are of no use here."""
        self._pop()
        if type(self._top()) is not dict:
            raise data_error(self.where, "the pickle sets attributes of a value, which tcalc refuses")

    def _persistent_id(self, argument: Any) -> None:
        self.stack.append(self.persistent(self._pop()))


_RENAMED = {"__builtin__": "builtins"}
_IGNORED = frozenset(("PROTO", "FRAME"))
_CONSTANTS = frozenset(
    ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "UNICODE", "BINUNICODE",
     "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8")
)  # fmt: skip
_STEPS: dict[str, Callable[[Unpickler, Any], None]] = {
    "MARK": Unpickler._mark, "NONE": Unpickler._none, "NEWTRUE": Unpickler._true, "NEWFALSE": Unpickler._false,
    "EMPTY_DICT": Unpickler._empty_dict, "EMPTY_LIST": Unpickler._empty_list, "EMPTY_TUPLE": Unpickler._empty_tuple,
    "EMPTY_SET": Unpickler._empty_set, "TUPLE": Unpickler._tuple, "LIST": Unpickler._list, "DICT": Unpickler._dict,
    "TUPLE1": lambda self, _: self._tuple_of(1), "TUPLE2": lambda self, _: self._tuple_of(2),
    "TUPLE3": lambda self, _: self._tuple_of(3), "FROZENSET": Unpickler._frozenset, "APPEND": Unpickler._append,
    "APPENDS": Unpickler._appends, "ADDITEMS": Unpickler._add_items, "SETITEM": Unpickler._set_item,
    "SETITEMS": Unpickler._set_items, "PUT": Unpickler._put, "BINPUT": Unpickler._put, "LONG_BINPUT": Unpickler._put,
    "MEMOIZE": Unpickler._memoize, "GET": Unpickler._get, "BINGET": Unpickler._get, "LONG_BINGET": Unpickler._get,
    "POP": Unpickler._discard, "POP_MARK": Unpickler._discard_marked, "GLOBAL": Unpickler._global,
    "STACK_GLOBAL": Unpickler._stack_global, "REDUCE": Unpickler._reduce, "NEWOBJ": Unpickler._reduce,
    "BUILD": Unpickler._build, "BINPERSID": Unpickler._persistent_id,
}  # fmt: skip
