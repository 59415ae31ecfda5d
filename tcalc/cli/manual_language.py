"""``man/tcalc-language.7`` from the topics of help and the operator table."""

from __future__ import annotations

from tcalc.show import man
from tcalc.show.help import language
from tcalc.show.help.language import Topic
from tcalc.show.help.operators import associates, levels, written

DATE = "November 25, 2026"
NAME = "tcalc-language"

DESCRIPTION = """
A tcalc program is a Python program with the same tree: the language is a subset of Python and never a dialect. Its
functions are those of PyTorch, its results those that PyTorch computes and prints. What is described here is also shown
by help("for") and the like; the functions are in tcalc-functions(7).
"""

OPERATORS = """
From the loosest to the tightest. Operators of one level bind alike. Where an operator has an in-place form, as + has
+=, it writes into the tensor on its left.
"""


def render() -> str:
    """The page."""
    parts = [("DESCRIPTION", man.paragraphs(DESCRIPTION))]
    for title, topics in language.SECTIONS:
        body = [line for topic in topics for line in _topic(topic)]
        parts.append((title, body))
        if title == "EXPRESSIONS":
            parts.append(("OPERATORS", [*man.paragraphs(OPERATORS), *_operators()]))
    parts.append(("SEE ALSO", [".Xr tcalc 1 ,", ".Xr tcalc-functions 7"]))
    return man.page(NAME, 7, DATE, "the language of the tensor calculator tcalc", parts)


def _topic(topic: Topic) -> list[str]:
    """A topic as a subsection: prose in sentences, examples as they are typed and answered."""
    lines = [f".Ss {man.escape(topic.name)}", *man.sentences(topic.summary)]
    is_first = True
    for paragraph in topic.text.split("\n\n"):
        if paragraph.startswith(">>>"):
            lines += man.example(paragraph.split("\n"))
        elif paragraph:
            lines += [*([] if is_first else [".Pp"]), *man.paragraphs(paragraph)]
        is_first = False
    return lines


def _operators() -> list[str]:
    """An entry a level: how its operators are written, what they mean, how they associate."""
    lines = [".Bl -tag -width Ds"]
    for rows in levels():
        lines.append(f".It {man.tag('   '.join(written(row) for row in rows))}")
        meanings = "; ".join(row.help.replace(";", ",").replace(":", ",") for row in rows)
        lines += man.sentences(f"{meanings[:1].upper()}{meanings[1:]}.")
        said = associates(rows[0])
        lines += man.sentences(f"It {said}." if said.split()[0].isalpha() and len(said.split()[0]) > 3 else f"{said}.")
    return [*lines, ".El"]
