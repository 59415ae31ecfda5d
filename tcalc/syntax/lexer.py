"""Text to tokens, by hand: one handler a kind of character, one pass, linear time.

A fault does not stop the world: it becomes an ``ERROR`` token where it stands, and the parser raises it when it gets
there, so that an earlier mistake in the text is told first. Brackets continue lines, indentation makes ``INDENT`` and
``DEDENT``, and an f-string is a run of tokens after PEP 701: ``FSTRING_START``, then ``FSTRING_MIDDLE`` for text and
the tokens of each replacement field between ``FSTRING_FIELD`` and ``}``, then ``FSTRING_END``.
"""

from __future__ import annotations

from tcalc.errors import Span, TcalcSyntaxError
from tcalc.syntax.fstrings import begin_fstring, field_closed, scan_text
from tcalc.syntax.literals import DECIMAL, WORD, scan_number, unescape, unescape_bytes
from tcalc.syntax.operators import SYMBOLS
from tcalc.syntax.tokens import (
    BYTES,
    COMMENT,
    DEDENT,
    END,
    ERROR,
    INDENT,
    KEYWORDS,
    NAME,
    NEWLINE,
    NUMBER,
    STRING,
    Bracket,
    FString,
    Token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STRING_PREFIXES = frozenset(["r", "u", "b", "br", "rb", "f", "fr", "rf"])
CLOSING = {"(": ")", "[": "]", "{": "}"}
TAB_SIZE = 8
MAX_BRACKETS = 200
MAX_INDENTS = 100

# What may begin a symbol of two or three characters.
LONG_SYMBOLS = frozenset(symbol[:2] for symbol in SYMBOLS if len(symbol) > 1)


def tokens(source: str, tolerant: bool = False) -> list[Token]:
    """All tokens of a source. ``tolerant`` goes on after a fault and keeps comments, for a highlighter."""
    return Lexer(source, tolerant).run()


class Lexer:
    def __init__(self, source: str, tolerant: bool = False) -> None:
        self.length = len(source)
        self.source = source + "\0"  # a sentinel, so that looking ahead needs no test for the end
        self.tolerant = tolerant
        self.tokens: list[Token] = []
        self.brackets: list[Bracket] = []
        self.fstrings: list[FString] = []
        self.indents = [0]
        # The same columns with a tab counted as one: where the two disagree, the indentation is inconsistent.
        self.tab_indents = [0]
        self.resume = 0  # where a tolerant lexer goes on after a fault, when that is beyond the fault's span

    def run(self) -> list[Token]:
        position = 1 if self.source.startswith("\ufeff") else 0
        null = self.source.find("\0", 0, self.length)
        if null >= 0 and not self.tolerant:
            position = self.recover(self.invalid_character(null), null)
        position = self.guarded(Lexer.line_start, position)
        source = self.source
        handlers = HANDLERS
        while position < self.length:
            try:
                while position < self.length:
                    position = handlers.get(source[position], Lexer.other)(self, position)
            except TcalcSyntaxError as fault:
                position = self.recover(fault, position)
        self.guarded(Lexer.finish, self.length)
        return self.tokens

    def guarded(self, step: Callable[[Lexer, int], int], position: int) -> int:
        try:
            return step(self, position)
        except TcalcSyntaxError as fault:
            return self.recover(fault, position)

    def recover(self, fault: TcalcSyntaxError, position: int) -> int:
        """Turn a fault into a token; go on after it, or at the end when nobody wants more."""
        assert fault.span is not None
        end = max(fault.span.end, self.resume, min(position + 1, self.length))
        self.emit(ERROR, fault, fault.span.start, end)
        return end if self.tolerant else self.length

    def emit(self, type: str, value: object, start: int, end: int) -> None:
        self.tokens.append(Token(type, value, start, end))

    # Lines

    def line_start(self, position: int) -> int:
        """Measure the indentation of the next line that has something on it; blank lines count for nothing."""
        source = self.source
        while True:
            column, tab_column, position = self.indentation(position)
            following = source[position]
            if following == "#":
                position = self.comment(position)
                following = source[position]
            if following not in "\r\n":
                break
            position = self.after_newline(position)
        if position < self.length:
            self.indent(column, tab_column, position)
        return position

    def indentation(self, position: int) -> tuple[int, int, int]:
        """The column by tabs of eight and by tabs of one, and the position of what follows."""
        source = self.source
        column = tab_column = continued = 0
        while True:
            following = source[position]
            if following == " ":
                column += 1
                tab_column += 1
            elif following == "\t":
                column = (column // TAB_SIZE + 1) * TAB_SIZE
                tab_column += 1
            elif following == "\f":
                column = tab_column = 0
            elif following == "\\":
                continued = continued or column  # the first line of a continued indentation decides
                position = self.continuation(position) - 1
            else:
                return continued or column, continued or tab_column, position
            position += 1

    def indent(self, column: int, tab_column: int, position: int) -> None:
        """``INDENT`` and ``DEDENT`` tokens for a line that begins at ``column``."""
        if column == self.indents[-1]:
            if tab_column != self.tab_indents[-1]:
                raise self.inconsistent(position)
        elif column > self.indents[-1]:
            if tab_column <= self.tab_indents[-1]:
                raise self.inconsistent(position)
            if len(self.indents) >= MAX_INDENTS:
                raise self.fault("too many levels of indentation", position, position + 1, kind="IndentationError")
            self.indents.append(column)
            self.tab_indents.append(tab_column)
            self.emit(INDENT, None, position, position)
        else:
            self.dedent(column, tab_column, position)

    def dedent(self, column: int, tab_column: int, position: int) -> None:
        while column < self.indents[-1]:
            self.indents.pop()
            self.tab_indents.pop()
            self.emit(DEDENT, None, position, position)
        if column != self.indents[-1]:
            raise self.fault(
                "unindent does not match any outer indentation level", position, position + 1, kind="IndentationError"
            )
        if tab_column != self.tab_indents[-1]:
            raise self.inconsistent(position)

    def inconsistent(self, position: int) -> TcalcSyntaxError:
        return self.fault("inconsistent use of tabs and spaces in indentation", position, position + 1, kind="TabError")

    def newline(self, position: int) -> int:
        following = self.after_newline(position)
        if self.brackets:
            return following
        self.emit(NEWLINE, None, position, following)
        return self.line_start(following)

    def after_newline(self, position: int) -> int:
        return position + 2 if self.source.startswith("\r\n", position) else position + 1

    def continuation(self, position: int) -> int:
        """A backslash joins its line with the next."""
        if position + 1 >= self.length:
            raise self.fault("unexpected end of file after a line continuation", position, position + 1, True)
        if self.source[position + 1] not in "\r\n":
            raise self.fault("unexpected character after line continuation character", position, position + 2)
        position = self.after_newline(position + 1)
        if position >= self.length:
            raise self.fault("unexpected end of file after a line continuation", self.length - 1, self.length, True)
        return position

    def blank(self, position: int) -> int:
        return position + 1

    def comment(self, position: int) -> int:
        end = self.line_end(position)
        if self.tolerant:
            self.emit(COMMENT, None, position, end)
        return end

    def line_end(self, position: int) -> int:
        end = self.source.find("\n", position)
        if end < 0:
            end = self.length
        carriage_return = self.source.find("\r", position, end)
        return end if carriage_return < 0 else carriage_return

    def finish(self, position: int) -> int:
        """The tokens after the last character: a missing newline, the open blocks, the end."""
        if self.brackets and not (self.tokens and self.tokens[-1].type == ERROR):
            self.unclosed_bracket()
        if self.tokens and self.tokens[-1].type not in (NEWLINE, DEDENT):
            self.emit(NEWLINE, None, position, position)
        for _ in self.indents[1:]:
            self.emit(DEDENT, None, position, position)
        self.emit(END, None, position, position)
        return position

    def unclosed_bracket(self) -> None:
        bracket = self.brackets[-1]
        fault = self.fault(f"'{bracket.symbol}' was never closed", bracket.position, bracket.position + 1, True)
        self.emit(ERROR, fault, self.length, self.length)

    # Names, numbers, symbols

    def name(self, position: int) -> int:
        source = self.source
        end = position + 1
        while source[end] in WORD:
            end += 1
        following = source[end]
        if following > "\x7f":
            return self.unicode_name(position)
        word = source[position:end]
        if (following == '"' or following == "'") and word.lower() in STRING_PREFIXES:
            return self.string(position, word.lower(), end)
        self.tokens.append(Token(word if word in KEYWORDS else NAME, word, position, end))
        return end

    def unicode_name(self, position: int) -> int:
        source = self.source
        end = position
        while source[end] in WORD or source[end] > "\x7f":
            end += 1
        word = source[position:end]
        if not word.isidentifier():
            valid = next(size for size in range(len(word)) if not word[: size + 1].isidentifier())
            raise self.invalid_character(position + valid)
        import unicodedata  # only for names beyond ASCII

        word = unicodedata.normalize("NFKC", word)
        self.emit(word if word in KEYWORDS else NAME, word, position, end)
        return end

    def other(self, position: int) -> int:
        """A character that begins nothing in ASCII."""
        if self.source[position] > "\x7f":
            return self.unicode_name(position)
        raise self.invalid_character(position)

    def invalid_character(self, position: int) -> TcalcSyntaxError:
        character = self.source[position]
        if character == "\0":
            return self.fault("source code cannot contain null bytes", position, position + 1)
        if not character.isprintable():
            return self.fault(f"invalid non-printable character U+{ord(character):04X}", position, position + 1)
        return self.fault(f"invalid character '{character}' (U+{ord(character):04X})", position, position + 1)

    def number(self, position: int) -> int:
        value, end = scan_number(self.source, position)
        self.tokens.append(Token(NUMBER, value, position, end))
        return end

    def symbol(self, position: int) -> int:
        source = self.source
        text = source[position : position + 2]
        if text in LONG_SYMBOLS and source[position : position + 3] in SYMBOLS:
            text = source[position : position + 3]
        elif text not in SYMBOLS:
            text = source[position]
        end = position + len(text)
        self.tokens.append(Token(text, None, position, end))
        return end

    def dot(self, position: int) -> int:
        return self.number(position) if self.source[position + 1] in DECIMAL else self.symbol(position)

    def bang(self, position: int) -> int:
        """``!`` stands before the ``=`` of ``!=`` or introduces an f-string's conversion."""
        if self.source[position + 1] == "=" or (self.brackets and self.brackets[-1].fstring):
            return self.symbol(position)
        raise self.invalid_character(position)

    def colon(self, position: int) -> int:
        """A colon at the top level of a replacement field begins its format spec."""
        if not self.brackets or self.brackets[-1].fstring is None:
            return self.symbol(position)
        self.emit(":", None, position, position + 1)
        return scan_text(self, self.brackets[-1].fstring, position + 1, in_spec=True)

    # Brackets

    def open_bracket(self, position: int) -> int:
        return self.push(Bracket(self.source[position], position))

    def push(self, bracket: Bracket, type: str | None = None) -> int:
        position = bracket.position
        if len(self.brackets) >= MAX_BRACKETS:
            raise self.fault(f"too many nested parentheses (the limit is {MAX_BRACKETS})", position, position + 1)
        self.brackets.append(bracket)
        self.tokens.append(Token(type or bracket.symbol, None, position, position + 1))
        return position + 1

    def close_bracket(self, position: int) -> int:
        symbol = self.source[position]
        within = "f-string: " if self.fstrings else ""
        if not self.brackets:
            raise self.fault(f"unmatched '{symbol}'", position, position + 1)
        bracket = self.brackets[-1]
        if CLOSING[bracket.symbol] != symbol:
            if bracket.fstring is not None:
                raise self.fault(f"f-string: unmatched '{symbol}'", position, position + 1)
            raise self.fault(self.mismatch(symbol, bracket, within, position), position, position + 1)
        self.brackets.pop()
        self.tokens.append(Token(symbol, None, position, position + 1))
        return position + 1 if bracket.fstring is None else field_closed(self, bracket.fstring, position + 1)

    def mismatch(self, symbol: str, bracket: Bracket, within: str, position: int) -> str:
        line = self.source.count("\n", 0, bracket.position) + 1
        there = f" on line {line}" if self.source.find("\n", bracket.position, position) >= 0 else ""
        return f"{within}closing parenthesis '{symbol}' does not match opening parenthesis '{bracket.symbol}'{there}"

    # Strings

    def quote(self, position: int) -> int:
        return self.string(position, "", position)

    def string(self, start: int, prefix: str, position: int) -> int:
        """A string literal whose quote is at ``position``, its prefix at ``start``."""
        source = self.source
        quote = source[position]
        if source.startswith(quote * 3, position):
            quote *= 3
        if "f" in prefix:
            return begin_fstring(self, start, quote, "r" in prefix, position + len(quote))
        first = position + len(quote)
        end = self.string_end(start, quote, first)
        text = source[first : end - len(quote)]
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        raw = "r" in prefix
        if "b" in prefix:
            if not text.isascii():
                self.resume = end
                raise self.fault("bytes can only contain ASCII literal characters", start, end)
            value = text.encode("ascii") if raw else unescape_bytes(text, first)
            self.tokens.append(Token(BYTES, value, start, end))
        else:
            self.tokens.append(Token(STRING, text if raw else unescape(text, first), start, end))
        return end

    def string_end(self, start: int, quote: str, first: int) -> int:
        """The position after the closing quote. Every search ends where the one before it found something."""
        source = self.source
        position = first
        joined = False  # a backslash at the very end: the string would go on in a next line
        while True:
            close = source.find(quote, position)
            stop = self.length if close < 0 else close
            backslash = source.find("\\", position, stop)
            if len(quote) == 1:
                limit = stop if backslash < 0 else backslash
                if source.find("\n", position, limit) >= 0 or source.find("\r", position, limit) >= 0:
                    raise self.unterminated(start, quote, False)
            if backslash >= 0:
                position = self.after_newline(backslash + 1)
                joined = position >= self.length and source[backslash + 1] in "\r\n\0"
            elif close < 0:
                raise self.unterminated(start, quote, joined)
            else:
                return close + len(quote)

    def unterminated(self, start: int, quote: str, joined: bool) -> TcalcSyntaxError:
        fstring = self.brackets[-1].fstring if self.brackets else None
        if fstring is not None and fstring.quote == quote and self.source.startswith(quote, start):
            self.resume = start + len(quote)
            return self.fault("f-string: expecting '}'", start, start + len(quote))
        line = self.source.count("\n", 0, start) + 1
        if len(quote) == 3:
            self.resume = self.length
            message = f"unterminated triple-quoted string literal (it begins on line {line})"
            return self.fault(message, start, self.source.index(quote, start) + 3, True)
        self.resume = self.line_end(start)
        return self.fault(f"unterminated string literal (line {line})", start, self.resume, joined)

    def fault(
        self, message: str, start: int, end: int, incomplete: bool = False, kind: str | None = None
    ) -> TcalcSyntaxError:
        return TcalcSyntaxError(message, Span(start, min(end, self.length)), incomplete=incomplete, kind=kind)


def _handlers() -> dict[str, Callable[[Lexer, int], int]]:
    """The handler of each ASCII character that begins something."""
    table: dict[str, Callable[[Lexer, int], int]] = dict.fromkeys(WORD, Lexer.name)
    table.update(dict.fromkeys(DECIMAL, Lexer.number))
    table.update((symbol[0], Lexer.symbol) for symbol in SYMBOLS)
    table.update(dict.fromkeys("([{", Lexer.open_bracket))
    table.update(dict.fromkeys(")]}", Lexer.close_bracket))
    table.update(dict.fromkeys(" \t\f", Lexer.blank))
    table.update(dict.fromkeys("\r\n", Lexer.newline))
    table.update(dict.fromkeys("'\"", Lexer.quote))
    table.update({"#": Lexer.comment, "\\": Lexer.continuation})
    table.update({".": Lexer.dot, "!": Lexer.bang, ":": Lexer.colon})
    return table


HANDLERS = _handlers()
