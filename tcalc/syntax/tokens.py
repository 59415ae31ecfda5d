"""What the lexer makes: tokens, and the records it keeps while brackets and f-strings are open."""

from __future__ import annotations

NAME = "NAME"
NUMBER = "NUMBER"
STRING = "STRING"
BYTES = "BYTES"
FSTRING_START = "FSTRING_START"
FSTRING_MIDDLE = "FSTRING_MIDDLE"
FSTRING_FIELD = "FSTRING_FIELD"  # the ``{`` of a replacement field, which no set or dict display may be mistaken for
FSTRING_END = "FSTRING_END"
NEWLINE = "NEWLINE"
INDENT = "INDENT"
DEDENT = "DEDENT"
COMMENT = "COMMENT"
ERROR = "ERROR"
END = "END"

KEYWORDS = frozenset(
    (
        *("False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del"),
        *("elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda"),
        *("nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"),
    )
)


class Token:
    """A piece of the source. ``value``: a name, a number, a string's text or bytes, or the fault of an ``ERROR``.

    The type of an operator, a bracket or a keyword is its own text.
    """

    __slots__ = ("end", "start", "type", "value")

    def __init__(self, type: str, value: object, start: int, end: int) -> None:
        self.type = type
        self.value = value
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Token({self.type!r}, {self.value!r}, {self.start}, {self.end})"


class FString:
    """An f-string that is being read; ``fields`` counts its open replacement fields."""

    __slots__ = ("fields", "quote", "raw", "start")

    def __init__(self, quote: str, raw: bool, start: int) -> None:
        self.quote = quote
        self.raw = raw
        self.start = start
        self.fields = 0


class Bracket:
    """An open bracket; ``fstring`` is set when it is the ``{`` of a replacement field."""

    __slots__ = ("fstring", "position", "symbol")

    def __init__(self, symbol: str, position: int, fstring: FString | None = None) -> None:
        self.symbol = symbol
        self.position = position
        self.fstring = fstring
