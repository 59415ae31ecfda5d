"""The bound on how high a tree may be, so that whoever walks one knows how deep that goes.

Nesting and the length of a chain of operators are bounded where they are read; a chain within a chain within a chain
could still tower up, but not in a statement of few tokens, so that hardly a statement is ever measured.
"""

from __future__ import annotations

from tcalc.errors import Span, TcalcSyntaxError
from tcalc.syntax import nodes

MAX_HEIGHT = 2700  # a chain at its limit in brackets at theirs
BIG_STATEMENT = 2000  # tokens; a tree is never higher than its statement has tokens


def check_height(statement: nodes.Node) -> None:
    """Refuse a statement whose expressions are too high. Blocks are not entered: their statements have been checked."""
    pending = [(statement, 1)]
    while pending:
        node, level = pending.pop()
        if level > MAX_HEIGHT:
            message = f"expression is too deep (the limit is {MAX_HEIGHT} levels of operators and brackets)"
            raise TcalcSyntaxError(message, Span(node.span.start, node.span.end))
        pending.extend((child, level + 1) for child in children(node) if not isinstance(child, nodes.Statement))


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly within a node, in the order of its fields."""
    found = []
    for field in node.fields:
        value = getattr(node, field)
        candidates = value if isinstance(value, list) else (value,)
        found += [child for child in candidates if isinstance(child, nodes.Node)]
    return found
