"""Which slot of which frame a name lives in, decided once, before anything runs."""

from __future__ import annotations

from tcalc.syntax import nodes
from tcalc.syntax.free_names import declarations_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tcalc.interp.compiler import Unit

FIRST_SLOT = 2  # after the enclosing frame and the returned value

MODULE, FUNCTION, COMPREHENSION = "module", "function", "comprehension"


class Unbound:
    """What a slot holds before its variable is assigned."""

    __slots__ = ()


UNBOUND = Unbound()


class Scope:
    """The variables of a function or comprehension; those of the module are the session's."""

    __slots__ = ("globals", "kind", "parent", "qualified_name", "slots", "unit")

    def __init__(self, unit: Unit, kind: str, parent: Scope | None = None, name: str = "") -> None:
        outer = parent.qualified_name if parent is not None else ""
        self.qualified_name: str = f"{outer}.<locals>.{name}" if outer and name else outer or name
        self.unit = unit
        self.kind = kind
        self.parent = parent
        self.slots: dict[str, int] = {}
        self.globals: set[str] = set()  # the names that ``global`` declares here

    @property
    def is_module(self) -> bool:
        return self.kind == MODULE

    def add(self, name: str) -> int:
        return self.slots.setdefault(name, len(self.slots) + FIRST_SLOT)

    def find(self, name: str) -> tuple[int, int] | None:
        """How many frames out the name lives, and its slot there; None for a variable of the session."""
        depth = 0
        scope: Scope | None = self
        while scope is not None and scope.kind != MODULE:
            if name in scope.globals:
                return None
            slot = scope.slots.get(name)
            if slot is not None:
                return depth, slot
            depth += 1
            scope = scope.parent
        return None

    def bind(self, body: list[nodes.Statement]) -> None:
        """Give a slot to every name that a function's body binds, unless it is declared to live elsewhere."""
        elsewhere: set[str] = set()
        for declaration in declarations_within(body):
            elsewhere.update(declaration.names)
            if isinstance(declaration, nodes.Global):
                self.globals.update(declaration.names)
        for name in bound_names(body):
            if name not in elsewhere:
                self.add(name)


def bound_names(items: Iterable[Any]) -> Iterator[str]:
    """The names that a function's body binds, without those of the functions within it."""
    for item in items:
        if isinstance(item, list):
            yield from bound_names(item)
        elif isinstance(item, nodes.Node):
            yield from _bound_by(item)


def _bound_by(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, (nodes.Assign, nodes.Delete)):
        for target in node.targets:
            yield from target_names(target)
    elif isinstance(node, (nodes.AnnAssign, nodes.AugAssign, nodes.For, nodes.NamedExpr)):
        yield from target_names(node.target)
    elif isinstance(node, nodes.WithItem) and node.optional_vars is not None:
        yield from target_names(node.optional_vars)
    elif isinstance(node, nodes.FunctionDef):
        yield node.name
        return
    elif isinstance(node, nodes.ExceptHandler) and node.name is not None:
        yield node.name
    elif isinstance(node, (nodes.Import, nodes.ImportFrom)):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, nodes.Lambda):
        return
    yield from bound_names(getattr(node, field) for field in node.fields)


def target_names(target: nodes.Node) -> Iterator[str]:
    """The names that an assignment to ``target`` binds."""
    if isinstance(target, nodes.Name):
        yield target.id
    elif isinstance(target, (nodes.Tuple, nodes.List)):
        for part in target.elts:
            yield from target_names(part)
    elif isinstance(target, nodes.Starred):
        yield from target_names(target.value)
