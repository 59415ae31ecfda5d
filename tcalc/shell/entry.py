"""What is typed, as text: when Enter runs it, how the next line begins, and what kind of entry it is."""

from __future__ import annotations

import re

from tcalc.errors import TcalcError, TcalcSyntaxError

INDENT = "    "
_LEAVES = re.compile(r"\s*(?:return|break|continue|pass|raise)\b")
_QUIT = re.compile(r"(?:exit|quit)(?:\(\s*(\d{0,3})\s*\))?\s*;?")


def is_command(text: str) -> bool:
    """Whether an entry is for the shell itself: ``:vars``, ``?sum``, ``sum?``."""
    bare = text.strip()
    return bare.startswith((":", "?")) or is_question(bare)


def is_question(text: str) -> bool:
    """``name?``: a dotted name with a question mark after it, and nothing else."""
    name = text.strip().rstrip("?")
    return text.strip().endswith("?") and all(part.isidentifier() for part in name.split("."))


def quit_status(text: str) -> str | None:
    """For ``exit``, ``quit()`` and ``exit(3)``: the status that is asked for, empty where none is; otherwise None."""
    found = _QUIT.fullmatch(text.strip())
    return None if found is None else found[1] or ""


def syntax_fault(text: str) -> TcalcSyntaxError | None:
    """Why a text is no program, or None where it is one."""
    from tcalc.syntax.parser import parse

    try:
        parse(text)
    except TcalcSyntaxError as error:
        return error
    except TcalcError:
        return None  # a program beyond some limit: running it says so
    return None


def is_complete(text: str, pasted: bool = False) -> bool:
    """Whether Enter runs the text: it is a program, or no further line could make it one.

    A typed block is complete when an empty line follows it, as in Python's shell; a pasted one was written already.
    """
    if is_command(text):
        return True
    fault = syntax_fault(text)
    if fault is not None:
        return not fault.incomplete
    last = text.rsplit("\n", 1)[-1]
    return pasted or "\n" not in text or not last.strip() or not _in_block(text)


def _in_block(text: str) -> bool:
    """Whether the last line belongs to an indented block that could go on."""
    return text.rsplit("\n", 1)[-1][:1].isspace() or text.lstrip().startswith("@")


def next_indent(text: str) -> str:
    """The blanks that the next line starts with.

    Those of the last one; four more after a colon, and four fewer after what leaves a block. Within brackets, those
    of the line that opened them and four more.
    """
    last = text.rsplit("\n", 1)[-1]
    blanks = last[: len(last) - len(last.lstrip())]
    opened = _open_bracket(text)
    if opened is not None:
        line = text[text.rfind("\n", 0, opened) + 1 : opened + 1]
        return line[: len(line) - len(line.lstrip())] + INDENT
    if last.split("#")[0].rstrip().endswith(":"):
        return blanks + INDENT
    return blanks.removesuffix(INDENT) if _LEAVES.match(last) else blanks


def _open_bracket(text: str) -> int | None:
    """Where the innermost bracket is that is still open."""
    from tcalc.syntax.lexer import tokens

    opened: list[int] = []
    for token in tokens(text, tolerant=True):
        if token.type in ("(", "[", "{"):
            opened.append(token.start)
        elif token.type in (")", "]", "}") and opened:
            opened.pop()
    return opened[-1] if opened else None
