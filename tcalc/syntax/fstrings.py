"""The text of f-strings, as the lexer meets it: what stands between the quotes and the replacement fields."""

from __future__ import annotations

from tcalc.syntax.literals import unescape
from tcalc.syntax.tokens import FSTRING_END, FSTRING_FIELD, FSTRING_MIDDLE, FSTRING_START, Bracket, FString

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.errors import TcalcSyntaxError
    from tcalc.syntax.lexer import Lexer

MAX_FSTRINGS = 100
# Fields within format specs within fields: ``f"{a:{b:{c}}}"`` is CPython's own limit.
MAX_FIELDS = 3

# The characters at which a literal's text may end, by its quote.
STOPS = {
    "'": frozenset("\\{}\0'\r\n"),
    '"': frozenset('\\{}\0"\r\n'),
    "'''": frozenset("\\{}\0'"),
    '"""': frozenset('\\{}\0"'),
}


def begin_fstring(lexer: Lexer, start: int, quote: str, raw: bool, position: int) -> int:
    """The literal's opening, and its text up to the first field."""
    if len(lexer.fstrings) >= MAX_FSTRINGS:
        raise lexer.fault(f"too many nested f-strings (the limit is {MAX_FSTRINGS})", start, position)
    fstring = FString(quote, raw, start)
    lexer.fstrings.append(fstring)
    lexer.emit(FSTRING_START, None, start, position)
    return scan_text(lexer, fstring, position, in_spec=False)


def scan_text(lexer: Lexer, fstring: FString, position: int, in_spec: bool) -> int:
    """Read text up to a replacement field or the end of the text, and that too; the position after it.

    In a format spec braces are not doubled, and a ``}`` ends the spec.
    """
    source = lexer.source
    stops = STOPS[fstring.quote]
    first = position
    while True:
        while source[position] not in stops:
            position += 1
        character = source[position]
        if character == "\\":
            position = _after_backslash(lexer, fstring, position)
        elif character in "{}" and source[position + 1] == character and not in_spec:
            _emit_text(lexer, fstring, first, position + 1)
            first = position = position + 2
        elif character in "{}" or source.startswith(fstring.quote, position):
            _emit_text(lexer, fstring, first, position)
            return _end_text(lexer, fstring, position, in_spec)
        elif character in "\r\n" or position >= lexer.length:
            raise _unterminated(lexer, fstring, position, in_spec)
        else:
            position += 1  # a quote within a triple-quoted string


def _after_backslash(lexer: Lexer, fstring: FString, position: int) -> int:
    """A backslash takes the next character with it, except that a brace keeps its meaning."""
    source = lexer.source
    following = source[position + 1]
    if following in "{}" or position + 1 >= lexer.length:
        return position + 1
    if following == "N" and source[position + 2] == "{" and not fstring.raw:
        close = source.find("}", position)
        return close + 1 if close >= 0 else position + 2
    return lexer.after_newline(position + 1)


def _emit_text(lexer: Lexer, fstring: FString, first: int, end: int) -> None:
    if first == end:
        return
    text = lexer.source[first:end]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lexer.emit(FSTRING_MIDDLE, text if fstring.raw else unescape(text, first), first, end)


def _end_text(lexer: Lexer, fstring: FString, position: int, in_spec: bool) -> int:
    """What stops the text: a field begins, the spec's field ends, or the literal does."""
    character = lexer.source[position]
    if character == "{":
        if fstring.fields >= MAX_FIELDS:
            raise lexer.fault("f-string: expressions nested too deeply", position, position + 1)
        fstring.fields += 1
        return lexer.push(Bracket("{", position, fstring), FSTRING_FIELD)
    if character == "}":
        if not in_spec:
            raise lexer.fault("f-string: single '}' is not allowed", position, position + 1)
        return lexer.close_bracket(position)
    if in_spec:
        raise lexer.fault("f-string: expecting '}', or format specs", position, position + len(fstring.quote))
    lexer.fstrings.pop()
    end = position + len(fstring.quote)
    lexer.emit(FSTRING_END, None, position, end)
    return end


def field_closed(lexer: Lexer, fstring: FString, position: int) -> int:
    """After a field the text goes on: that of the format spec around it, or the literal's own."""
    fstring.fields -= 1
    return scan_text(lexer, fstring, position, in_spec=fstring.fields > 0)


def _unterminated(lexer: Lexer, fstring: FString, position: int, in_spec: bool) -> TcalcSyntaxError:
    lexer.fstrings.pop()
    lexer.resume = position
    line = lexer.source.count("\n", 0, fstring.start) + 1
    opening = lexer.source.index(fstring.quote, fstring.start) + len(fstring.quote)
    if len(fstring.quote) == 3:
        message = f"unterminated triple-quoted f-string literal (it begins on line {line})"
        return lexer.fault(message, fstring.start, opening, incomplete=True)
    if in_spec:
        return lexer.fault("f-string: expecting '}', or format specs", position, position + 1)
    return lexer.fault(f"unterminated f-string literal (line {line})", fstring.start, position)
