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
    return FACTORIES[type(node)](node, scope)


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
