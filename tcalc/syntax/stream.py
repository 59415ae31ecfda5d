"""The parser's place in the tokens, what it has tested for, and the errors it makes of that."""

from __future__ import annotations

from tcalc.errors import Span, TcalcSyntaxError
from tcalc.syntax.lexer import tokens
from tcalc.syntax.tokens import (
    BYTES,
    DEDENT,
    END,
    ERROR,
    FSTRING_END,
    FSTRING_FIELD,
    FSTRING_MIDDLE,
    FSTRING_START,
    INDENT,
    KEYWORDS,
    NAME,
    NEWLINE,
    NUMBER,
    STRING,
    Token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# What a type of token is called in a message; the others are called by their text.
DESCRIPTIONS = {
    NAME: "a name",
    NUMBER: "a number",
    STRING: "a string",
    BYTES: "a bytes literal",
    FSTRING_START: "a string",
    FSTRING_MIDDLE: "f-string text",
    FSTRING_FIELD: "'{'",
    FSTRING_END: "the end of the f-string",
    NEWLINE: "the end of the line",
    INDENT: "an indented line",
    DEDENT: "the end of the block",
    END: "the end of the input",
}

# The first tokens of an expression that cannot go on the one before: where one of them surprises, a comma may lack.
OPERAND_STARTS = frozenset((NAME, NUMBER, STRING, BYTES, FSTRING_START, "True", "False", "None", "lambda", "{", "..."))


CLOSING = frozenset(")]}")


class TokenStream:
    """A cursor over the tokens of a source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.position = 0
        self.token = self.tokens[0]
        self.last_end = 0  # where the token before the current one ends: the end of what has been read
        self.expected: list[str] = []  # what was asked of the current token, in vain

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        self.token = self.tokens[self.position]
        self.last_end = token.end
        if self.expected:
            self.expected = []
        return token

    def rewind(self, position: int) -> None:
        """Go back to a token, to read it in another way."""
        self.position = position
        self.token = self.tokens[position]
        self.last_end = self.tokens[position - 1].end if position else 0
        self.expected = []

    def following(self) -> Token:
        """The token after the current one."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def at(self, type: str) -> bool:
        """Whether the current token is of a type; what is asked in vain is remembered for the error message."""
        if self.token.type == type:
            return True
        self.expected.append(type)
        return False

    def take(self, type: str) -> bool:
        """Go over the current token if it is of a type."""
        if self.at(type):
            self.advance()
            return True
        return False

    def expect(self, type: str) -> Token:
        if not self.at(type):
            self.unexpected()
        return self.advance()

    def name(self) -> Token:
        return self.expect(NAME)

    def span(self, start: int) -> Span:
        """From ``start`` to the end of what has been read."""
        return Span(start, self.last_end)

    # Errors

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        raise TcalcSyntaxError(message, span, hint=hint)

    def fail_here(self, message: str, hint: str | None = None, kind: str | None = None) -> NoReturn:
        """A fault at the current token; a lexical fault that stands there is told instead."""
        token = self.token
        if token.type == ERROR:
            assert isinstance(token.value, TcalcSyntaxError)
            raise token.value
        raise TcalcSyntaxError(message, self.token_span(), hint=hint, kind=kind, incomplete=self.at_end_of_input())

    def unexpected(self, *wanted: str) -> NoReturn:
        """The current token fits nothing that was tested for."""
        self.unclosed()
        expected = wanted or tuple(dict.fromkeys(describe(type) for type in self.expected))
        message = f"invalid syntax: expected {alternatives(expected)}, found {self.found()}"
        self.fail_here(message, self.advice())

    def unclosed(self) -> None:
        """An open bracket swallows the lines that follow it: blame the bracket, not the line where it shows."""
        last = len(self.tokens) - 1
        while last and self.tokens[last].type in (NEWLINE, DEDENT, END):
            last -= 1
        end = self.tokens[last]
        if end.type != ERROR or end.start != len(self.source) or self.token is end:
            return
        fault = end.value
        assert isinstance(fault, TcalcSyntaxError)
        if fault.span is None or fault.span.start >= self.token.start or not fault.message.endswith("never closed"):
            return
        if self.source.find("\n", fault.span.start, self.token.start) >= 0:
            raise TcalcSyntaxError(fault.message, fault.span)

    def advice(self) -> str | None:
        if self.token.type == "=":
            return "'=' assigns; '==' compares"
        if "," in self.expected and self.token.type in OPERAND_STARTS and not CLOSING.isdisjoint(self.expected):
            return "perhaps a comma is missing"
        return None

    def found(self) -> str:
        token = self.token
        if token.type == NEWLINE or token.type not in DESCRIPTIONS:
            return describe(token.type)
        if token.type in (NAME, NUMBER):
            return f"'{self.source[token.start : min(token.end, token.start + 40)]}'"
        return DESCRIPTIONS[token.type]

    def token_span(self) -> Span:
        """The current token's; of the tokens without text, the place where they are missed."""
        token = self.token
        if token.type == NEWLINE and token.start < len(self.source):
            return Span(token.start, token.start + 1)
        if token.type in (END, DEDENT, NEWLINE):
            return Span(min(token.start, len(self.source)), min(token.start, len(self.source)))
        return Span(token.start, max(token.end, min(token.start + 1, len(self.source))))

    def at_end_of_input(self) -> bool:
        """Whether nothing but the ends of blocks is left: more text could go on here."""
        position = self.position
        while self.tokens[position].type == DEDENT:
            position += 1
        return self.tokens[position].type == END


def describe(type: str) -> str:
    if type in DESCRIPTIONS:
        return DESCRIPTIONS[type]
    return f"keyword '{type}'" if type in KEYWORDS else f"'{type}'"


def alternatives(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
