"""Text to tree: `parse` for a program, `parse_expression` for one expression.

The parser is a hand-written Pratt parser, layer on layer: `stream.py` (tokens and errors), `displays.py`, `calls.py`
and `strings.py`, `expressions.py` (binding powers), `statements.py` and `compound.py`. It never asks anybody what a
name means.
"""

from __future__ import annotations

import gc
import sys

from tcalc.syntax import nodes
from tcalc.syntax.compound import StatementParser
from tcalc.syntax.height import check_height
from tcalc.syntax.tokens import DEDENT, END, INDENT, NEWLINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Tree = TypeVar("Tree")

# Python frames that a program at the limits of nesting needs: blocks, each level of an expression, and f-strings.
FRAMES = 6000

# From this length on, in characters, Python's collector of cycles rests while a text is parsed. A tree has no cycles;
# looking through its growing mass again and again is what would make a long text cost more a line than a short one.
LONG_TEXT = 20_000


def parse(source: str) -> nodes.Module:
    """The tree of a program; a :class:`~tcalc.errors.TcalcSyntaxError` where it is none."""
    return _without_collector(_module, source)


def parse_expression(source: str) -> nodes.Expression:
    """The tree of a text that is one expression; blanks and newlines around it do no harm."""
    return _without_collector(_expression, source)


def _module(source: str) -> nodes.Module:
    return StatementParser(source).module()


def _expression(source: str) -> nodes.Expression:
    parser = StatementParser(source)
    indented = parser.token.type == INDENT
    if indented:
        parser.advance()
    node = parser.value_expressions()
    parser.expect(NEWLINE)
    if indented and parser.token.type == DEDENT:
        parser.advance()
    if parser.token.type != END:
        parser.unexpected("the end of the expression")
    check_height(node)
    return node


def _without_collector(parse: Callable[[str], Tree], source: str) -> Tree:
    if len(source) < LONG_TEXT or not gc.isenabled():
        return _with_room(parse, source)
    gc.disable()
    try:
        return _with_room(parse, source)
    finally:
        gc.enable()


def _with_room(parse: Callable[[str], Tree], source: str) -> Tree:
    """Parse; where Python's own stack is too short for what the limits allow, once more with a longer one.

    The limit on recursion is the whole process's, so that it is touched only for texts nested as no person writes.
    """
    try:
        return parse(source)
    except RecursionError:
        pass
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + FRAMES)
    try:
        return parse(source)
    finally:
        sys.setrecursionlimit(limit)
