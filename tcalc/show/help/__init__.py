"""Help in words: a page for everything that a program can name, an overview, and a search.

Here is only text. Functions are described by their records, operators by their table, the language by
`language`; names of a program are looked up by the session, and the layers above add shelves of their own topics
(options, the shell's commands) to the session. A page of one function loads no other family.
"""

from __future__ import annotations

from tcalc.show.help import index
from tcalc.show.help.index import FAMILIES, Entry
from tcalc.show.help.language import Topic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MOST_FOUND = 30
_LONGEST_NAME = 40


def page(name: str, session: Any = None) -> str | None:
    """The page about a name, operator, word of the language, option or command; None where there is none.

    ``session`` gives variables, Python's builtins, NumPy's functions, and the topics of outer layers.
    """
    from tcalc.show.help import pages

    lines = pages.find(_asked(name), session)
    return None if lines is None else "\n".join(lines).rstrip() + "\n"


def page_of(value: Any, session: Any = None) -> str:
    """The page about a value of the language: a function, a type, a namespace, a tensor."""
    from tcalc.show.help import pages

    return "\n".join(pages.about(value, session)).rstrip() + "\n"


def _asked(name: str) -> str:
    """What is asked for, without the brackets of a call and the question marks around it."""
    name = name.strip().strip("?").strip()
    if name in ("()", "("):
        return name
    head, bracket, _ = name.partition("(")
    return head if bracket and head.replace(".", "").replace("_", "").isalnum() else name


def suggestion(name: str, session: Any = None) -> str | None:
    """The name that was probably meant by one that has no page."""
    from tcalc.spelling import closest

    last = _asked(name).rpartition(".")[2]
    return closest(last, [*dict.fromkeys(entry.name for entry in index.entries().values()), *_words(session)])


def not_found(name: str, session: Any = None) -> str:
    """What to say where there is no page: the nearest name, and how to search."""
    name = _asked(name)
    name = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    guess = suggestion(name, session)
    meant = f"; did you mean {guess}?" if guess else ""
    return f"no help for {name!r}{meant}\nsearch({name!r}) looks for words, help() gives an overview\n"


def signature(name: str) -> str:
    """The call of a function of torch, as ``sum(input, dim=None, …)``; empty where the name is none."""
    entry = index.find(name)
    return "" if entry is None else entry.signature


def summary(name: str, session: Any = None) -> str:
    """One line about a name: a function, a word of the language, a topic of an outer layer; empty where unknown."""
    entry = None if name in getattr(session, "own_names", ()) else index.find(name)
    if entry is not None:
        return entry.summary
    for topic in every_topic(session):
        if topic.name == name:
            return topic.summary
    if session is not None:
        from tcalc.show.help import pages

        return pages.summary_of(name, session)
    return ""


def every_topic(session: Any = None) -> Iterator[Topic]:
    """The topics of the language, of tcalc's own functions, and of the layers above."""
    from tcalc.show.help import language

    yield from language.topics()
    for shelf in getattr(session, "shelves", ()):
        yield from shelf()


def search(words: str, session: Any = None) -> list[tuple[str, str]]:
    """(name, summary) of what has the words in its name or summary, the best first; near names where nothing has."""
    return _nearest(words, session)[1]


def _nearest(words: str, session: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """What was searched, which are near words where nothing has those that were asked for; and what was found."""
    wanted = words.lower().replace("_", " ").split()
    found = _with_words(wanted, session) if wanted else []
    if wanted and not found:
        wanted = _corrected(wanted, session)
        found = _with_words(wanted, session)
    return wanted, found


def _with_words(wanted: list[str], session: Any) -> list[tuple[str, str]]:
    found = []
    for name, text, further in _searched(session):
        rank = _rank(wanted, name.lower(), f"{text} {further}".lower())
        if rank is not None:
            found.append((rank, len(name), name, text))
    unique = {(name, text): None for _, _, name, text in sorted(found)}
    return list(unique)[:_MOST_FOUND]


def _searched(session: Any) -> Iterator[tuple[str, str, str]]:
    """Name, summary, and further words that lead there."""
    by_function: dict[tuple[str, str], Entry] = {}
    for entry in index.entries().values():
        if entry.signature:
            by_function.setdefault((entry.name, entry.summary), entry)
    yield from ((entry.written, entry.summary, "") for entry in by_function.values())
    yield from ((topic.name, topic.summary, " ".join(topic.words)) for topic in every_topic(session))
    known = getattr(session, "summaries", None)
    if known is not None:
        yield from ((name, summary, "") for name, summary in known())


def _rank(wanted: list[str], name: str, text: str) -> int | None:
    """How well all the words fit: 0 is the name itself, larger is worse; None where one is missing."""
    last = name.rpartition(".")[2]
    worst = 0
    for word in wanted:
        if last == word or name == word:
            rank = 0
        elif last.startswith(word):
            rank = 1
        elif word in last:
            rank = 2
        elif f" {word}" in f" {text}":
            rank = 3
        elif word in text:
            rank = 4
        else:
            return None
        worst = max(worst, rank)
    return worst


def _corrected(wanted: list[str], session: Any) -> list[str]:
    """The words with those that occur nowhere replaced by the nearest that do."""
    from tcalc.spelling import closest

    known: dict[str, None] = {}
    for name, text, further in _searched(session):
        for part in (*name.lower().replace(".", " ").split(), *text.lower().split(), *further.split()):
            known[part.strip(".,;:()`'\"")] = None
    return [word if any(word in other for other in known) else closest(word, known) or word for word in wanted]


def search_text(words: str, session: Any = None) -> str:
    """What ``search("word")`` prints."""
    wanted, found = _nearest(words, session)
    if not found:
        return f"nothing found for {words!r}; help() gives an overview\n"
    width = min(max(len(name) for name, _ in found), 30)
    is_other = wanted != words.lower().replace("_", " ").split()
    note = f"nothing found for {words!r}; what has {' '.join(wanted)!r}:\n" if is_other else ""
    return note + "".join(f"{name:<{width}}  {_clipped(text, 78 - width)}\n" for name, text in found)


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;:") + "…"


def _words(session: Any) -> list[str]:
    words = [word for topic in every_topic(session) for word in (topic.name, *topic.words)]
    return [*words, *FAMILIES]


def overview(session: Any = None) -> str:
    """What there is, by family."""
    from tcalc.show.help import pages

    return "\n".join(pages.overview_lines(session)) + "\n"
