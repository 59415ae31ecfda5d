"""The one transcript format: ``>>> expr``, ``... `` lines that go on, and then exactly what is printed.

An error prints as ``Kind: message``, as the last line of a Python traceback does. Output that is itself an empty line,
or that starts like a prompt, cannot be written; nothing else is special. A ``# `` line before the first prompt is
a comment.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field

PROMPT, MORE = ">>> ", "... "
CELL, PRINTS = "======== cell", "-------- prints"


@dataclass
class Step:
    source: str
    expected: str
    line: int
    lines: list[str] = field(default_factory=list)


def parse(text, first_line=1):
    """The steps of a transcript."""
    steps = []
    for number, line in enumerate(text.splitlines(), first_line):
        if line.startswith(PROMPT) or line == PROMPT.strip():
            steps.append(Step(line[len(PROMPT) :], "", number))
        elif steps and not steps[-1].lines and (line.startswith(MORE) or line == MORE.strip()):
            steps[-1].source += "\n" + line[len(MORE) :]
        elif steps:
            steps[-1].lines.append(line)
    for step in steps:
        # An empty line separates steps for the eye; inside an output it is kept.
        while step.lines and not step.lines[-1].strip():
            step.lines.pop()
        step.expected = "".join(line + "\n" for line in step.lines)
    return steps


def parse_docstring(doc):
    """The steps of the examples in a docstring, whatever they are indented by.

    An empty line ends an output; one that belongs to it is written ``<BLANKLINE>``.
    """
    doc = inspect.cleandoc(doc or "")
    steps = []
    indent = ""
    open_ = False
    for number, line in enumerate(doc.splitlines(), 1):
        match = re.match(r"( *)>>> ?", line)
        stripped = line[len(indent) :] if line.startswith(indent) else line
        if match:
            indent = match[1]
            steps.append(Step(line[match.end() :], "", number))
            open_ = True
        elif open_ and not steps[-1].lines and (stripped.startswith(MORE) or stripped == MORE.strip()):
            steps[-1].source += "\n" + stripped[len(MORE) :]
        elif open_ and line.strip() and not stripped.startswith("```"):
            steps[-1].lines.append("" if stripped == "<BLANKLINE>" else stripped)
        else:
            open_ = False
    for step in steps:
        step.expected = "".join(line + "\n" for line in step.lines)
    return steps


def run_step(session, printed, source, echo="all"):
    """What one step prints, errors included."""
    from tcalc.errors import InternalError, TcalcError

    printed.clear()
    try:
        session.run(source, echo=echo)
    except InternalError:
        raise
    except TcalcError as error:
        return "".join(printed) + f"{error.kind}: {error}\n"
    return "".join(printed)


def parse_cells(text):
    """The cells of a notebook: (number, source, what it prints), each exactly as it stands."""
    cells = []
    for part in re.split(rf"^{CELL} ", text, flags=re.MULTILINE)[1:]:
        number, _, rest = part.partition("\n")
        source, mark, expected = rest.partition(PRINTS + "\n")
        assert mark, f"cell {number} does not say what it prints"
        cells.append((number, source, expected))
    return cells


def same_output(expected, got):
    """Exactly the same; only the empty line that separates cells for the eye does not count."""
    return expected.removesuffix("\n") == got.removesuffix("\n") or expected == got + "\n"
