"""A program's text to its closures."""

from __future__ import annotations

from tcalc.interp.compiler import Unit, compile_tree
from tcalc.interp.scope import MODULE, Scope
from tcalc.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.interp.compiler import Run
    from tcalc.interp.session import Session
    from tcalc.syntax import nodes


class Program:
    """A compiled text: each statement with its closure, and the last statement."""

    __slots__ = ("final", "name", "source", "statements")

    def __init__(self, source: str, name: str, statements: list[tuple[nodes.Statement, Run]]) -> None:
        self.source = source
        self.name = name
        self.statements = statements
        self.final = statements[-1][0] if statements else None


def compile_program(session: Session, source: str, name: str, tree: nodes.Module | None = None) -> Program:
    """A program's statements with their closures. The whole text is compiled before any of it runs."""
    tree = tree or parse(source)
    scope = Scope(Unit(session, source, name), MODULE)
    return Program(source, name, [(statement, compile_tree(statement, scope)) for statement in tree.body])
