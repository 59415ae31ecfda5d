"""Colour for what is typed, by the language's own lexer; the terminal's theme decides what the colours look like."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from tcalc.syntax import tokens as kinds
from tcalc.syntax.lexer import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from tcalc.errors import Span

    Stretch = tuple[int, int, str]

# Only colours of the terminal's own palette that are read on light and on dark ground.
STYLE = Style.from_dict(
    {
        "keyword": "bold ansiblue",
        "number": "ansicyan",
        "string": "ansigreen",
        "comment": "italic dim",
        "constant": "ansimagenta",
        "command": "bold ansimagenta",
        "fault": "ansired underline bold",
        "prompt": "bold",
        "more": "dim",
        "auto-suggestion": "dim",
        "matching-bracket.cursor": "bold underline",
        "matching-bracket.other": "bold underline",
        "bottom-toolbar": "noreverse",
        "note": "dim",
        "ghost": "ansicyan",
        "tip": "",
        "tip.current": "bold underline",
        "wrong": "ansired",
        "completion-menu": "noreverse bg:default",
        "completion-menu.completion": "noreverse bg:default",
        "completion-menu.completion.current": "reverse",
        "completion-menu.meta.completion": "noreverse dim bg:default",
        "completion-menu.meta.completion.current": "reverse dim",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "reverse",
    }
)

_CONSTANTS = frozenset(("True", "False", "None"))
_STYLE_OF = {
    kinds.NUMBER: "class:number",
    kinds.STRING: "class:string",
    kinds.BYTES: "class:string",
    kinds.FSTRING_START: "class:string",
    kinds.FSTRING_MIDDLE: "class:string",
    kinds.FSTRING_END: "class:string",
    kinds.COMMENT: "class:comment",
}


def stretches(source: str) -> list[Stretch]:
    """Where the text has a style of its own: (start, end, style), in order."""
    if source.lstrip().startswith((":", "?")):
        start = len(source) - len(source.lstrip())
        word = len(source[start:].split(None, 1)[0])
        return [(start, start + word, "class:command")]
    found: list[Stretch] = []
    for token in tokens(source, tolerant=True):
        style = _STYLE_OF.get(token.type)
        if style is None and token.type in _CONSTANTS:
            style = "class:constant"
        elif style is None and token.type in kinds.KEYWORDS:
            style = "class:keyword"
        elif token.type == kinds.ERROR and source[token.start : token.start + 1] in ("'", '"'):
            style = "class:string"  # it is being typed
        if style is not None and token.end > token.start:
            found.append((token.start, token.end, style))
    return found


def fragments(source: str, fault: Span | None = None) -> list[StyleAndTextTuples]:
    """The lines of a text, each as (style, text) pairs; ``fault`` is underlined."""
    styles = [""] * len(source)
    for start, end, style in stretches(source):
        styles[start:end] = [style] * (end - start)
    if fault is not None:
        for position in range(fault.start, min(max(fault.end, fault.start + 1), len(source))):
            styles[position] += " class:fault"
    lines: list[StyleAndTextTuples] = []
    start = 0
    for line in source.split("\n"):
        run = groupby(zip(styles[start : start + len(line)], line, strict=True), key=itemgetter(0))
        lines.append([(style, "".join(letter for _, letter in letters)) for style, letters in run])
        start += len(line) + 1
    return lines


class SourceLexer(Lexer):
    """The language's lexer for prompt_toolkit. ``fault`` says what to underline, or None."""

    def __init__(self, fault: Callable[[], Span | None]) -> None:
        self._fault = fault

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = fragments(document.text, self._fault())
        return lambda number: lines[number] if number < len(lines) else []

    def invalidation_hash(self) -> Hashable:
        return self._fault()
