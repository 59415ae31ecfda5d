"""Pasted text as a program: prompts are taken off, and what they printed, and lines for other shells are left out."""

from __future__ import annotations

import re
from textwrap import dedent

from tcalc.shell.entry import syntax_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# A line's prompt: Python's, or IPython's with its number.
_PROMPT = re.compile(r"\s*(?:>>>(?: |$)|In ?\[[\d ]*\]:(?: |$))")
_MORE = re.compile(r"\s*(?:\.\.\.(?: |$)|\.\.\.+:(?: |$))")
_OUTPUT = re.compile(r"\s*Out ?\[[\d ]*\]:")
# A notebook as a web page: the prompt stands alone on a line above its cell.
_PROMPT_ALONE = re.compile(r"\s*In ?\[[\d ]*\]:\s*")
_FOREIGN = re.compile(r"\s*[!%]")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


class Pasted:
    """A program as it was meant, whether it was a transcript with prompts, and what was left out."""

    __slots__ = ("has_prompts", "notes", "source")

    def __init__(self, source: str, has_prompts: bool, notes: list[str]) -> None:
        self.source = source
        self.has_prompts = has_prompts
        self.notes = notes


def cleaned(text: str) -> Pasted:
    """The program in a pasted text."""
    text = _plain(text)
    lines = dedent(text).split("\n")
    has_prompts = _is_transcript(lines)
    if has_prompts:
        lines = list(_entered(lines))
    source = "\n".join(lines)
    notes: list[str] = []
    if any(_FOREIGN.match(line) for line in lines) and syntax_fault(source) is not None:
        skipped = [line.strip() for line in lines if _FOREIGN.match(line)]
        source = "\n".join(line for line in lines if not _FOREIGN.match(line))
        notes.append(f"skipped {_count(len(skipped))} meant for another shell: {_shortened(', '.join(skipped))}")
    return Pasted(source.strip("\n"), has_prompts, notes)


def _plain(text: str) -> str:
    """The text without colours and control characters, with Unix's line ends."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\u00a0", " ")  # web pages indent with it
    return "".join(character for character in text if character in "\n\t" or ord(character) >= 32)


def _is_transcript(lines: list[str]) -> bool:
    """Whether the text starts with a prompt, or has prompts and would be no program with them."""
    prompted = [line for line in lines if _PROMPT.match(line)]
    if not prompted:
        return False
    first = next(line for line in lines if line.strip())
    return first in prompted or syntax_fault("\n".join(lines)) is not None


def _entered(lines: list[str]) -> Iterator[str]:
    """The lines that were typed, without their prompts."""
    reading = whole_cell = False
    for line in lines:
        if _OUTPUT.match(line):
            reading = whole_cell = False
        elif _PROMPT_ALONE.fullmatch(line):
            reading = whole_cell = True
        elif (prompt := _PROMPT.match(line)) is not None:
            reading, whole_cell = True, False
            yield line[prompt.end() :]
        elif reading and not whole_cell and (prompt := _MORE.match(line)) is not None:
            yield line[prompt.end() :]
        elif whole_cell:
            yield line
        else:
            reading = False


def _count(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
