"""`grammar/tcalc.lark`, ready to parse: the grammar and the filter that makes blocks of indentation."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from lark import Lark, Token
from lark.exceptions import LarkError

GRAMMAR = Path(__file__).parent.parent / "grammar" / "tcalc.lark"


class IndentationRefused(LarkError):  # noqa: N818 - the name says what happened
    """Indentation that Python refuses."""


class Blocks:
    """Lark's hook between lexer and parser: newlines in brackets go, indentation becomes tokens."""

    always_accept = ("_NEWLINE",)

    def __init__(self) -> None:
        self.end = 0  # the length of the text
        self.columns = [(0, 0)]

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        self.columns = [(0, 0)]
        brackets: list[str] = []
        last = None
        for token in stream:
            if token.type == "_NEWLINE":
                if brackets and brackets[-1] == "text":
                    raise IndentationRefused("a newline in the text of an f-string")
                if brackets:
                    continue
                if last is not None:
                    yield token
                yield from self.line(token)
                last = token
                continue
            self.follow(token, brackets)
            last = token
            yield token
        if last is not None and last.type != "_NEWLINE":
            yield Token("_NEWLINE", "")
        for _ in self.columns[1:]:
            yield Token("_DEDENT", "")

    def follow(self, token: Token, brackets: list[str]) -> None:
        """Keep count of brackets, and of f-strings, within whose text a newline is no token."""
        if token.type in ("LPAR", "LSQB", "LBRACE"):
            brackets.append("bracket")
        elif token.type.endswith("_START"):
            brackets.append("text")
        elif (token.type in ("RPAR", "RSQB", "RBRACE") or token.type.endswith("_END")) and brackets:
            brackets.pop()

    def line(self, newline: Token) -> Iterator[Token]:
        text = newline.replace("\r", "\n")
        column = measure(text[text.rindex("\n") + 1 :])
        if newline.end_pos == self.end:
            return  # blank lines and comments up to the end of the text
        if column[0] > self.columns[-1][0]:
            self.consistent(column[1] > self.columns[-1][1])
            self.columns.append(column)
            yield Token("_INDENT", "")
            return
        while column[0] < self.columns[-1][0]:
            self.columns.pop()
            yield Token("_DEDENT", "")
        if column[0] != self.columns[-1][0]:
            raise IndentationRefused("unindent does not match any outer indentation level")
        self.consistent(column[1] == self.columns[-1][1])

    def consistent(self, condition: bool) -> None:
        if not condition:
            raise IndentationRefused("inconsistent use of tabs and spaces in indentation")


def measure(blanks: str) -> tuple[int, int]:
    """The column with tabs of eight, and with tabs of one."""
    column = narrow = 0
    for blank in blanks:
        if blank == "\f":
            column = narrow = 0
        else:
            column = (column // 8 + 1) * 8 if blank == "\t" else column + 1
            narrow += 1
    return column, narrow


@functools.cache
def _lark() -> tuple[Lark, Blocks]:
    blocks = Blocks()
    return Lark(
        GRAMMAR.read_text(), parser="lalr", lexer="contextual", postlex=blocks, maybe_placeholders=False
    ), blocks


def accepts(source: str) -> bool:
    """Whether the grammar accepts a text."""
    try:
        parse(source)
    except LarkError:
        return False
    return True


def parse(source: str) -> object:
    lark, blocks = _lark()
    text = "\n" + source.removeprefix("\ufeff")  # the first line has an indentation too
    blocks.end = len(text)
    return lark.parse(text)
