"""The tree as text, for people and tests: ``1 + 2 * 3`` is ``(+ 1 (* 2 3))``.

An operator heads its list by its symbol, every other node by its class's name in CPython; a field that is absent is
``_``, a list of children stands in square brackets. The walk keeps its own stack, because a long chain of operators
makes a tree deeper than Python's recursion reaches.
"""

from __future__ import annotations

from tcalc.syntax import nodes
from tcalc.syntax.operators import Operator


def sexpr(node: nodes.Node) -> str:
    """The s-expression of a tree."""
    pieces: list[str] = []
    pending: list[object] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, Raw):
            pieces.append(item.text)
        elif isinstance(item, (list, tuple)):
            pending.extend(reversed(spaced("[", item, "]")))
        elif isinstance(item, nodes.Name):
            pieces.append(item.id)
        elif isinstance(item, nodes.Constant):
            pieces.append(constant(item.value))
        elif isinstance(item, nodes.Node):
            pending.extend(reversed(spaced("(", _parts(item), ")")))
        else:
            pieces.append(atom(item))
    return "".join(pieces)


class Raw:
    """Text that is part of the answer already."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def spaced(opening: str, items: list | tuple, closing: str) -> list[object]:
    """The items between brackets, with spaces."""
    parts: list[object] = [Raw(opening)]
    for index, item in enumerate(items):
        if index:
            parts.append(Raw(" "))
        parts.append(item)
    parts.append(Raw(closing))
    return parts


def atom(value: object) -> str:
    """A leaf: an operator's symbol, a name, or ``_`` for what is absent."""
    if value is None:
        return "_"
    if isinstance(value, Operator):
        return value.symbol.replace(" ", "-")
    return str(value)


def constant(value: object) -> str:
    """A literal; integers in hexadecimal where int-to-text would meet Python's limit on digits."""
    if value is Ellipsis:
        return "..."
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 2000:
        return hex(value)
    return repr(value)


def _parts(node: nodes.Node) -> list[object]:
    if isinstance(node, nodes.UnaryOp):
        return [node.op, node.operand]
    if isinstance(node, nodes.BinOp):
        return [node.op, node.left, node.right]
    if isinstance(node, nodes.BoolOp):
        return [node.op, *node.values]
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        return [node.ops[0], node.left, node.comparators[0]]
    return [Raw(type(node).__name__), *(getattr(node, field) for field in node.fields)]
