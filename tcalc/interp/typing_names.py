"""The names of Python's ``typing`` and ``collections.abc``, and what ``list[int]`` and ``int | None`` are.

A program says them in annotations, which nothing evaluates; where one is evaluated it prints as Python's, and those
that stand for classes tell what belongs to them.
"""

from __future__ import annotations

import collections.abc
from collections import OrderedDict, deque

from tcalc.errors import LimitError, type_error
from tcalc.interp.type_tokens import PYTHON_TYPES, TypeToken
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# One annotation within another doubles its text.
_LONGEST = 100_000


def _written(item: Any) -> str:
    """An annotation as it stands within another."""
    if isinstance(item, Hint):
        return repr(item)
    if isinstance(item, TypeToken):
        return item.printed
    if item is Ellipsis:
        return "..."
    if isinstance(item, list):
        return f"[{', '.join(map(_written, item))}]"
    if isinstance(item, str):
        return f"ForwardRef({item!r})"
    return repr(item)


def _bracketed(printed: str, items: list[str]) -> str:
    if sum(map(len, items)) > _LONGEST:
        raise LimitError(f"an annotation has at most {_LONGEST} characters")
    return f"{printed}[{', '.join(items) or '()'}]"


class Hint(TypeToken):
    """A name for annotations: ``List``, ``List[int]``, ``int | None``; ``members`` are the classes it stands for."""

    __slots__ = ("members",)
    printed_type = "typing._GenericAlias"

    def __init__(self, printed: str, members: tuple[TypeToken, ...] = (), origin: TypeToken | None = None) -> None:
        super().__init__(printed, None, None if origin is None else origin.construct)
        self.members = members

    def __repr__(self) -> str:
        return self.printed

    def holds(self, value: Any) -> bool:
        if not self.members:
            raise type_error("Subscripted generics cannot be used with class and instance checks")
        return any(member.holds(value) for member in self.members)

    def of(self, index: Any) -> Hint:
        """``Hint[index]``."""
        items = index if isinstance(index, tuple) else (index,)
        if self.printed == "typing.Literal":
            return Hint(_bracketed(self.printed, list(map(repr, items))))
        if self.printed in ("typing.Optional", "typing.Union"):
            return self._union(items)
        return Hint(_bracketed(self.printed, list(map(_written, items))))

    def _union(self, items: tuple) -> Hint:
        plain = [item for item in items if item is not None]
        tokens = (*plain, None) if self.printed == "typing.Optional" or len(plain) < len(items) else items
        members = union(*tokens).members if all(isinstance(item, TypeToken) for item in plain) else ()
        if self.printed == "typing.Optional" or len(plain) == 1 < len(items):
            return Hint(_bracketed("typing.Optional", list(map(_written, plain))), members)
        names = ["NoneType" if item is None else _written(item) for item in items]
        return Hint(_bracketed(self.printed, names), members)


class NoneToken(TypeToken):
    """The class of None, within ``int | None``."""

    __slots__ = ()

    def holds(self, value: Any) -> bool:
        return value is None


NONE_TYPE = NoneToken("None", None)


def union(*items: Any) -> Hint:
    """``int | None``: a class that holds what any of the others holds."""
    members: list[TypeToken] = []
    for item in items:
        token = NONE_TYPE if item is None else item
        for member in token.members if isinstance(token, Hint) and " | " in token.printed else (token,):
            if member not in members:
                members.append(member)
    return Hint(" | ".join(member.printed for member in members), tuple(members))


_GENERIC = ("list", "dict", "tuple", "set", "frozenset", "type")


def alias(token: TypeToken, index: Any) -> Hint:
    """``list[int]``."""
    if isinstance(token, Hint):
        return token.of(index)
    if token.printed not in _GENERIC and not token.printed.startswith("collections."):
        raise type_error(f"type '{token.printed}' is not subscriptable")
    items = index if isinstance(index, tuple) else (index,)
    written = [repr(item) if isinstance(item, str) else _written(item) for item in items]
    return Hint(_bracketed(token.printed, written), origin=token)


def _cast(typ: Any, val: Any) -> Any:
    return val


def _type_var(name: str, *constraints: Any, **options: Any) -> Hint:
    return Hint(f"~{name}")


_ABSTRACT = (
    "Callable Collection Container Hashable Iterable Iterator Mapping MutableMapping MutableSequence MutableSet "
    "Reversible Sequence Set Sized"
)
ABC: dict[str, Any] = {
    name: TypeToken(f"collections.abc.{name}", getattr(collections.abc, name)) for name in _ABSTRACT.split()
}

_CLASSES = {
    "Deque": TypeToken("collections.deque", deque), "Dict": PYTHON_TYPES["dict"],
    "FrozenSet": PYTHON_TYPES["frozenset"], "List": PYTHON_TYPES["list"],
    "OrderedDict": TypeToken("collections.OrderedDict", OrderedDict),
    "Set": PYTHON_TYPES["set"], "Tuple": PYTHON_TYPES["tuple"], "Type": TypeToken("type", TypeToken),
    **{name: ABC[name] for name in _ABSTRACT.split() if name != "Set"},
}  # fmt: skip
_WORDS = "Annotated Any AnyStr ClassVar Counter DefaultDict Final Generator Literal NoReturn Never Optional Self Union"

NAMES: dict[str, Any] = {
    **{name: Hint(f"typing.{name}", (token,)) for name, token in _CLASSES.items()},
    **{name: Hint(f"typing.{name}") for name in _WORDS.split()},
    "TYPE_CHECKING": False,
    "Text": PYTHON_TYPES["str"],
    "TypeVar": Builtin(_type_var, "TypeVar", "typing"),
    "cast": Builtin(_cast, "cast", "typing"),
}
