"""String literals in the tree: adjacent ones joined, f-strings with their fields."""

from __future__ import annotations

from tcalc.errors import Span
from tcalc.syntax import nodes
from tcalc.syntax.displays import DisplayParser
from tcalc.syntax.tokens import BYTES, FSTRING_END, FSTRING_FIELD, FSTRING_MIDDLE, FSTRING_START, NAME, STRING


class StringParser(DisplayParser):
    """Strings and f-strings."""

    def star_expressions(self) -> nodes.Expression:
        raise NotImplementedError

    def operand_string(self, minimum: int) -> nodes.Expression:
        """strings: (STRING | fstring)+ | BYTES+"""
        start = self.token.start
        parts: list[nodes.Expression] = []
        formatted = False
        while True:
            if self.token.type == STRING:
                token = self.advance()
                parts.append(nodes.Constant(token.value, Span(token.start, token.end)))
            elif self.token.type == FSTRING_START:
                formatted = True
                self.fstring(parts)
            else:
                break
        self.unmixed(BYTES)
        if formatted:
            return nodes.JoinedStr(merge_text(parts), self.span(start))
        if len(parts) == 1:
            return parts[0]
        text = "".join(part.value for part in parts)  # type: ignore[attr-defined]
        return nodes.Constant(text, self.span(start))

    def operand_bytes(self, minimum: int) -> nodes.Expression:
        """The bytes of ``strings``."""
        start = self.token.start
        values = []
        while self.token.type == BYTES:
            values.append(self.advance().value)
        self.unmixed(STRING, FSTRING_START)
        return nodes.Constant(b"".join(values), self.span(start))  # type: ignore[arg-type]

    def unmixed(self, *others: str) -> None:
        """Adjacent literals are all text or all bytes."""
        if self.token.type in others:
            self.fail_here("cannot mix bytes and nonbytes literals")

    def fstring(self, parts: list[nodes.Expression]) -> None:
        """fstring: FSTRING_START (FSTRING_MIDDLE | field)* FSTRING_END"""
        self.advance()
        while self.token.type != FSTRING_END:
            self.fstring_part(parts)
        self.advance()

    def fstring_part(self, parts: list[nodes.Expression]) -> None:
        if self.token.type == FSTRING_MIDDLE:
            token = self.advance()
            parts.append(nodes.Constant(token.value, Span(token.start, token.end)))
        elif self.token.type == FSTRING_FIELD:
            self.field(parts)
        else:
            self.unexpected("'}'")

    def field(self, parts: list[nodes.Expression]) -> None:
        """field: '{' star_expressions ['='] ['!' NAME] [':' (FSTRING_MIDDLE | field)*] '}'"""
        first = self.position
        start = self.advance().start
        if self.token.type in ("}", "!", ":", "="):
            self.fail_here(f"f-string: valid expression required before '{self.token.type}'")
        value = self.star_expressions()
        if isinstance(value, nodes.Starred):
            self.fail("can't use starred expression here", value.span)
        conversion = None
        if self.take("="):
            # ``{x = }`` says its own text first, spaces included, and then the value's repr.
            text = self.field_text(first)
            parts.append(nodes.Constant(text, Span(start + 1, self.token.start)))
            conversion = "r" if self.token.type == "}" else None
        if self.at("!"):
            conversion = self.conversion()
        spec = self.format_spec() if self.at(":") else None
        if not self.at("}"):
            self.expected = ["}", "=", "!", ":"]
            self.unexpected()
        self.advance()
        parts.append(nodes.FormattedValue(value, conversion, spec, self.span(start)))

    def field_text(self, first: int) -> str:
        """The source between the field's '{' and the current token, without comments."""
        text = self.source[self.tokens[first].end : self.token.start]
        if "#" not in text:
            return text
        pieces = []
        for before, token in zip(self.tokens[first : self.position], self.tokens[first + 1 :], strict=False):
            lines = self.source[before.end : token.start].splitlines(keepends=True)
            pieces += [without_comment(line) for line in lines]
            if token is not self.token:
                pieces.append(self.source[token.start : token.end])
        return "".join(pieces)

    def conversion(self) -> str:
        """conversion: '!' ('r' | 's' | 'a')"""
        bang = self.advance()
        token = self.token
        if token.type != NAME:
            self.fail_here("f-string: invalid conversion character: expected 's', 'r', or 'a'")
        if token.start != bang.end:
            self.fail_here("f-string: conversion type must come right after the exclamation mark")
        letter = str(token.value)
        if letter not in ("r", "s", "a"):
            self.fail_here(f"f-string: invalid conversion character '{letter}': expected 's', 'r', or 'a'")
        self.advance()
        return letter

    def format_spec(self) -> nodes.JoinedStr:
        """The text after the ':' of a field, with fields of its own."""
        start = self.advance().end
        parts: list[nodes.Expression] = []
        while self.token.type in (FSTRING_MIDDLE, FSTRING_FIELD):
            self.fstring_part(parts)
        return nodes.JoinedStr(merge_text(parts), self.span(start))


def merge_text(parts: list[nodes.Expression]) -> list[nodes.Expression]:
    """Neighbouring text as one constant, and none that is empty."""
    merged: list[nodes.Expression] = []
    run: list[nodes.Constant] = []
    for part in [*parts, None]:
        if isinstance(part, nodes.Constant):
            run.append(part)
            continue
        text = "".join(str(constant.value) for constant in run)
        if text:
            merged.append(nodes.Constant(text, Span(run[0].span.start, run[-1].span.end)))
        run = []
        if part is not None:
            merged.append(part)
    return merged


def without_comment(line: str) -> str:
    """A line's blanks, and the newline after its comment."""
    blanks, mark, comment = line.partition("#")
    return blanks + comment[len(comment.rstrip("\r\n")) :] if mark else line
