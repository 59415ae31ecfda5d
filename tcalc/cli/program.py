"""What is to be run: the expressions and scripts of the command line, or its first argument."""

from __future__ import annotations

import os

from tcalc.cli.invocation import EXPR, Invocation
from tcalc.cli.streams import read_file, read_stdin
from tcalc.errors import TcalcError, TcalcSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

UNNAMED = "<input>"


class Part:
    """One text of the program: its kind (an expression or a script), its source, and what errors call it."""

    __slots__ = ("kind", "name", "source")

    def __init__(self, kind: str, source: str, name: str = UNNAMED) -> None:
        self.kind = kind
        self.source = source
        self.name = name


def read_program(invocation: Invocation) -> tuple[list[Part], list[str]]:
    """The program's parts in order, and the arguments that are inputs."""
    if invocation.program:
        parts = [
            Part(EXPR, _asked(text)) if kind == EXPR else Part(kind, read_script(text), text)
            for kind, text in invocation.program
        ]
        return parts, invocation.arguments
    if not invocation.arguments:
        return [], []
    first, *rest = invocation.arguments
    first = _asked(first)
    # There are no rows without an expression: --each takes any first argument that is no file for it.
    if not os.path.exists(first) if invocation.each else _first_is_expression(first, rest):
        return [Part(EXPR, first)], rest
    return [], invocation.arguments


def _asked(text: str) -> str:
    """``?sum`` and ``sum?`` ask for help, as they do in the shell; any other text is itself."""
    bare = text.strip()
    name = bare.strip("?").strip()
    is_name = name.replace(".", "").replace("_", "").isalnum()
    asks = bare.startswith("?") or (bare.endswith("?") and is_name)
    return f"help({name!r})" if asks and not os.path.exists(text) else text


def _has_meaning(name: str) -> bool:
    """Whether a name means something to every program: a function, a constant."""
    from tcalc.interp import names
    from tcalc.interp.session import Session

    try:
        names.find(Session(), name)
    except TcalcError:
        return False
    return True


def read_script(path: str) -> str:
    """The text of a script; ``-`` is standard input."""
    from tcalc.formats.decode import decoded, without_mark

    data = read_stdin() if path == "-" else read_file(path)
    return decoded(without_mark(data, path), path)


def _first_is_expression(first: str, rest: Sequence[str]) -> bool:
    from tcalc.cli.inputs import input_names, is_expression, parse_input

    def is_known(name: str) -> bool:
        if name in ("x", "c", "xs", "files", "x1", "c1"):
            return True
        if any(name in names for names in input_names([parse_input(argument) for argument in rest])):
            return True
        return _has_meaning(name)

    return is_expression(first, is_known)


def free_names_of(program: Iterable[Part]) -> dict[str, Any]:
    """What the parts, one after another, read without having set it."""
    from tcalc.syntax.free_names import free_names
    from tcalc.syntax.parser import parse

    trees = []
    for part in program:
        try:
            trees.append(parse(part.source))
        except TcalcSyntaxError as error:
            error.source = error.source if error.source is not None else part.source
            error.source_name = error.source_name or part.name
            raise
    return free_names(trees)
