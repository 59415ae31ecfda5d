"""From nodes to closures: one factory a kind of node, in a table.

``compile_node(node, scope)`` gives a function of one argument, the frame. An expression's function returns its
value; a statement's returns None, or a code that tells the enclosing block to leave (:data:`BREAK` and the others).

A frame is a list: ``frame[0]`` is the frame of the enclosing scope, ``frame[1]`` the value that ``return`` leaves,
and the rest are the scope's variables. Which slot a name has is known when it is compiled.
"""

from __future__ import annotations

from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.interp.scope import Scope
    from tcalc.interp.session import Session
    from tcalc.syntax.nodes import Node

    Frame = list[Any]
    Run = Callable[[Any], Any]
    Factory = Callable[[Any, Scope], Run]

BREAK, CONTINUE, RETURN = 1, 2, 3

FACTORIES: dict[type, Factory] = {}

# The module that compiles each kind of node. It is imported when a program has the first such node: an expression of
# numbers loads a third of the interpreter.
_HOMES = {
    "arithmetic": "Constant BinOp UnaryOp",
    "conditions": "Compare BoolOp IfExp",
    "access": "Attribute Subscript Slice",
    "displays": "Tuple List Set Dict JoinedStr FormattedValue",
    "variables": "Name NamedExpr",
    "calls": "Call",
    "comprehensions": "ListComp SetComp DictComp GeneratorExp",
    "functions": "Lambda FunctionDef",
    "statements": "Expr Pass Assert Global Nonlocal",
    "assignments": "Assign AnnAssign AugAssign Delete",
    "control": "If While For With Break Continue Return",
    "exceptions": "Try Raise",
    "imports": "Import ImportFrom",
}
_HOME_OF = {kind: home for home, kinds in _HOMES.items() for kind in kinds.split()}


class Unit:
    """A text that is run: what it is called, and the session that it runs in."""

    __slots__ = ("name", "session", "source")

    def __init__(self, session: Session, source: str, name: str) -> None:
        self.session = session
        self.source = source
        self.name = name


def compiles(*kinds: type) -> Callable[[Factory], Factory]:
    """Register the factory of these kinds of nodes."""

    def register(factory: Factory) -> Factory:
        for kind in kinds:
            FACTORIES[kind] = factory
        return factory

    return register


def compile_node(node: Node, scope: Scope) -> Run:
    """The closure of one node."""
    factory = FACTORIES.get(type(node))
    if factory is None:
        from importlib import import_module

        import_module(f"tcalc.interp.{_HOME_OF[type(node).__name__]}")
        factory = FACTORIES[type(node)]
    return factory(node, scope)


def compile_tree(node: Node, scope: Scope) -> Run:
    """The closure of a whole statement; one nested too deep for Python's stack is the program's fault."""
    try:
        return compile_node(node, scope)
    except RecursionError:
        raise TcalcError("too many levels of nesting", "RecursionError", span=node.span) from None


def compile_block(nodes: Sequence[Node], scope: Scope) -> Run:
    """Statements in order, until one of them leaves the block."""
    statements = [compile_node(node, scope) for node in nodes]
    if len(statements) == 1:
        return statements[0]

    def run(frame: Any) -> Any:
        for statement in statements:
            code = statement(frame)
            if code is not None:
                return code
        return None

    return run
