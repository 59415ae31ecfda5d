"""What is typed, as text: when Enter runs it, how the next line begins, and what kind of entry it is."""

from __future__ import annotations

import re
from textwrap import dedent

from tcalc.errors import Span, TcalcError, TcalcSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.syntax import nodes

INDENT = "    "
_LEAVES = re.compile(r"\s*(?:return|break|continue|pass|raise)\b")
_QUIT = re.compile(r"(?:exit|quit)(?:\(\s*(\d{0,3})\s*\))?\s*;?")


def is_command(text: str) -> bool:
    """Whether an entry is for the shell itself: ``:vars``, ``?sum``, ``sum?``."""
    bare = text.strip()
    return bare.startswith((":", "?")) or is_question(bare) or is_foreign(bare)


def is_foreign(text: str) -> bool:
    """Whether a line is written as another shell wants it: ``%timeit x``, ``!ls``."""
    return text.strip().startswith(("%", "!")) and "\n" not in text.strip()


def is_question(text: str) -> bool:
    """``name?``: a dotted name with a question mark after it, and nothing else."""
    name = text.strip().rstrip("?")
    return text.strip().endswith("?") and all(part.isidentifier() for part in name.split("."))


def quit_status(text: str) -> str | None:
    """For ``exit``, ``quit()`` and ``exit(3)``: the status that is asked for, empty where none is; otherwise None."""
    found = _QUIT.fullmatch(text.strip())
    return None if found is None else found[1] or ""


def program(text: str) -> str:
    """The program in an entry: one that is indented as a whole means the same without."""
    if not text[:1].isspace():
        return text
    return dedent(text.lstrip("\n")) if "\n" in text.strip() else text.lstrip()


def syntax_fault(text: str) -> TcalcSyntaxError | None:
    """Why an entry is no program, or None where it is one."""
    found = _parsed(text)
    if not isinstance(found, TcalcSyntaxError):
        return None
    if found.span is not None and text[:1].isspace():
        moved = len(text) - len(program(text))
        found.span = Span(found.span.start + moved, found.span.end + moved)
    return found


def _parsed(text: str) -> nodes.Module | TcalcError:
    from tcalc.syntax.parser import parse

    try:
        return parse(program(text))
    except TcalcError as error:  # a program beyond some limit is one: running it says what is wrong
        return error


def is_complete(text: str, pasted: bool = False) -> bool:
    """Whether Enter runs the text: it is a program, or no further line could make it one.

    A typed block is complete when an empty line follows it, as in Python's shell; a pasted one was written already.
    """
    if is_command(text):
        return True
    found = _parsed(text)
    if isinstance(found, TcalcError):
        return not getattr(found, "incomplete", False)
    last = text.rsplit("\n", 1)[-1]
    return pasted or "\n" not in text or not last.strip() or not _is_block(found)


def _is_block(tree: nodes.Module) -> bool:
    """Whether the last statement has a body that could go on."""
    return bool(tree.body) and "body" in tree.body[-1].fields


def next_indent(text: str) -> str:
    """The blanks that the next line starts with.

    Those of the last one; four more after a colon, and four fewer after what leaves a block. Within brackets, those
    of the line that opened them and four more.
    """
    from tcalc.syntax import tokens as kinds
    from tcalc.syntax.lexer import tokens

    opened: list[int] = []
    begin = 0  # of the logical line, which may be several lines of text
    last = ""  # the type of its last token
    for token in tokens(text, tolerant=True):
        if token.type in ("(", "[", "{"):
            opened.append(token.start)
        elif token.type in (")", "]", "}") and opened:
            opened.pop()
        if token.type == kinds.NEWLINE and token.end > token.start:
            begin = token.end
        elif token.start < token.end and token.type not in (kinds.COMMENT, kinds.NEWLINE):
            last = token.type
    if opened:
        return _blanks_at(text, opened[-1]) + INDENT
    if not text.rsplit("\n", 1)[-1].strip():
        return text.rsplit("\n", 1)[-1]
    blanks = _blanks_at(text, begin)
    if last == ":":
        return blanks + INDENT
    return blanks.removesuffix(INDENT) if _LEAVES.match(text, begin) else blanks


def _blanks_at(text: str, position: int) -> str:
    """The indentation of the line that has a position."""
    line = text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0]
    return line[: len(line) - len(line.lstrip())]
