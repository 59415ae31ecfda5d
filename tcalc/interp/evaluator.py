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


def compile_program(session: Session, source: str, name: str) -> list[tuple[nodes.Statement, Run]]:
    """The statements of a program with their closures. The whole text is compiled before any of it runs."""
    tree = parse(source)
    scope = Scope(Unit(session, source, name), MODULE)
    return [(statement, compile_tree(statement, scope)) for statement in tree.body]
