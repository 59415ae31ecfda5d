"""Programs of the language, drawn by Hypothesis: text, spelled in every way that the language allows.

Each method writes one construct; ``budget`` says how much more may nest. Operands are joined with operators without
brackets wherever Python allows that, because precedence is what the tests are after.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

NAMES = ("a", "b", "x", "torch", "self_1", "é", "match", "_", "iff", "notes", "print")
NUMBERS = (
    "0",
    "1",
    "12",
    "1_000",
    "0xFf",
    "0b1_0",
    "0o17",
    "1.5",
    "1.",
    ".5",
    "1e-3",
    "2j",
    "1_0.5e+1_0J",
    "00",
    "0_0",
)
STRINGS = ("''", '"a"', "'\\n'", "r'\\d'", "'''a\nb'''", '"""x"y"""', "u'é'", "'\\x41\\u00e9\\N{DIGIT ONE}'", "R'\\''")
BYTES = ("b''", 'B"a"', r"rb'\d'", r"Br'\''", "b'''a\nb'''", r'b"\x41\0"')
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not")
AUGMENTED = ("+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", "<<=", ">>=", "**=")


class Writer:
    """Draws a program piece by piece."""

    def __init__(self, draw: Callable, fstrings: bool) -> None:
        self.draw = draw
        self.fstrings = fstrings
        self.budget = draw(st.integers(3, 14))
        self.in_function = False
        self.in_loop = False

    def choose(self, options: tuple | list):
        return self.draw(st.sampled_from(options))

    def count(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def flip(self) -> bool:
        return self.draw(st.booleans())

    def space(self) -> str:
        return self.choose((" ", " ", "", "  "))

    def several(self, write: Callable[[], str], least: int = 1, most: int = 3, trailing: bool = True) -> str:
        text = f",{self.space()}".join(write() for _ in range(self.count(least, most)))
        return text + "," if text and trailing and self.flip() else text

    # Expressions

    def atom(self) -> str:
        kind = self.count(0, 9)
        if self.budget <= 0 or kind < 4:
            return self.choose(NAMES)
        self.budget -= 1
        if kind == 4:
            return self.choose(NUMBERS)
        if kind == 5:
            return self.choose(("True", "False", "None", "..."))
        if kind == 6:
            return self.string()
        return self.choose((self.group, self.group, self.tuple, self.list, self.dict, self.set, self.comprehension))()

    def string(self) -> str:
        if not self.count(0, 4):
            return " ".join(self.choose(BYTES) for _ in range(self.count(1, 2)))
        pieces = (*STRINGS, "f") if self.fstrings else STRINGS
        return " ".join(
            self.fstring() if piece == "f" else piece
            for piece in (self.choose(pieces) for _ in range(self.count(1, 2)))
        )

    def fstring(self) -> str:
        quote = self.choose(("'", '"', "'''", '"""'))
        parts = "".join(self.choose((self.field, lambda: "text {{}} \\n "))() for _ in range(self.count(0, 3)))
        return self.choose(("f", "F")) + quote + parts + quote

    def field(self) -> str:
        value = self.choose((self.disjunction, self.atom))()
        # What ``=`` repeats is the source's text; CPython 3.12 and 3.13 err in that with escapes, lambdas and comments.
        plain = not any(odd in value for odd in ("\\", "lambda", "#"))
        equals = self.choose(("", "", "=", " = ")) if plain else ""
        conversion = self.choose(("", "", "!r", "!s", "!a"))
        spec = self.choose(("", "", ":", ":>10", ":{a}.{b!r}f"))
        return "{ " + value + equals + conversion + spec + "}"

    def group(self) -> str:
        inner = self.choose((self.expression, self.walrus))()
        return f"({inner})" if self.flip() else f"(\n  {inner} # comment\n)"

    def walrus(self) -> str:
        return f"{self.choose(NAMES)} := {self.expression()}"

    def element(self) -> str:
        return self.choose((self.expression, self.expression, self.expression, self.walrus, self.starred))()

    def starred(self) -> str:
        return "*" + self.arithmetic()

    def tuple(self) -> str:
        return f"({self.element()}, {self.several(self.element, 0)})" if self.flip() else "()"

    def list(self) -> str:
        return f"[{self.several(self.element, 0)}]"

    def set(self) -> str:
        return "{" + self.several(self.element) + "}"

    def dict(self) -> str:
        return "{" + self.several(self.entry, 0) + "}"

    def entry(self) -> str:
        return f"{self.expression()}: {self.expression()}" if self.flip() else f"**{self.arithmetic()}"

    def comprehension(self) -> str:
        opening, closing = self.choose(("()", "[]", "{}"))
        element = f"{self.expression()}: {self.expression()}" if opening == "{" and self.flip() else self.expression()
        return f"{opening}{element}{self.clauses()}{closing}"

    def clauses(self) -> str:
        text = ""
        for _ in range(self.count(1, 2)):
            text += f" for {self.target()} in {self.disjunction()}"
            text += "".join(f" if {self.disjunction()}" for _ in range(self.count(0, 2)))
        return text

    def primary(self) -> str:
        text = self.atom()
        if text[0] in "0123456789." or text.startswith(("True", "None", "False")):
            return text
        for _ in range(self.count(0, 2)):
            if self.budget > 0:
                self.budget -= 1
                text += self.choose((self.attribute, self.call, self.subscript))()
        return text

    def attribute(self) -> str:
        return "." + self.choose(NAMES)

    def call(self) -> str:
        if self.flip() and self.flip():
            return f"({self.expression()}{self.clauses()})"
        positional = [self.element() for _ in range(self.count(0, 2))]
        keywords = [f"{name}={self.expression()}" for name in NAMES[: self.count(0, 2)]]
        unpacked = [f"**{self.expression()}"] if self.flip() else []
        arguments = [*positional, *keywords, *unpacked]
        comma = "," if arguments and self.flip() else ""
        return "(" + ", ".join(arguments) + comma + ")"

    def subscript(self) -> str:
        return f"[{self.several(self.index)}]"

    def index(self) -> str:
        if self.flip():
            return self.element()
        text = self.choose(("", self.expression())) + ":" + self.choose(("", self.expression()))
        return text + self.choose(("", ":", ":" + self.choose(NUMBERS)))

    def arithmetic(self) -> str:
        text = self.unary()
        while self.budget > 0 and self.count(0, 2) == 0:
            self.budget -= 1
            text += f" {self.choose(ARITHMETIC)}{self.space()}{self.unary()}"
        return text

    def unary(self) -> str:
        return "".join(self.choose(("-", "+", "~", "- ")) for _ in range(max(0, self.count(-3, 2)))) + self.primary()

    def disjunction(self) -> str:
        text = self.inversion()
        while self.budget > 0 and self.count(0, 3) == 0:
            self.budget -= 1
            text += f" {self.choose(('and', 'or'))} {self.inversion()}"
        return text

    def inversion(self) -> str:
        text = "not " * max(0, self.count(-4, 2)) + self.arithmetic()
        for _ in range(max(0, self.count(-3, 2))):
            text += f" {self.choose(COMPARISONS)} {self.arithmetic()}"
        return text

    def expression(self) -> str:
        if self.budget <= 0:
            return self.choose(NAMES)
        self.budget -= 1
        kind = self.count(0, 9)
        if kind == 8:
            return f"{self.disjunction()} if {self.disjunction()} else {self.expression()}"
        if kind == 9:
            return f"lambda {self.parameters(annotated=False)}: {self.expression()}"
        return self.disjunction()

    def parameters(self, annotated: bool) -> str:
        names = iter(("p", "q", "r", "s", "t", "u", "v"))

        def declare() -> str:
            return next(names) + (f": {self.expression()}" if annotated and self.flip() else "")

        def default(text: str) -> str:
            return f"{text}={self.expression()}"

        parts = [declare() for _ in range(self.count(0, 2))]
        if parts and self.flip():
            parts.append("/")
        parts += [default(declare()) for _ in range(self.count(0, 1))]
        if self.flip():
            parts.append("*" + declare() if self.flip() else "*")
            if parts[-1] == "*" or self.flip():
                parts.append(declare() if self.flip() else default(declare()))
        if self.flip():
            parts.append("**" + declare())
        return ", ".join(parts) + ("," if parts and parts[-1] != "*" and self.flip() else "")

    def expressions(self) -> str:
        if self.flip():
            return self.expression()
        return f"{self.choose((self.expression, self.starred))()}, {self.several(self.expression, 0)}"

    # Statements

    def target(self) -> str:
        kind = self.count(0, 5)
        if kind == 4:
            return f"{self.choose(NAMES)}, *{self.choose(NAMES)}"
        if kind == 5:
            return self.choose(("(a, b)", "[a, *b]", "(a)", "()", "[]", "a,"))
        return self.single_target()

    def single_target(self) -> str:
        name = self.choose(NAMES)
        return self.choose((name, name, name + self.attribute(), name + self.subscript()))

    def simple(self) -> str:
        choices = [
            self.expressions,
            self.expressions,
            lambda: "".join(f"{self.target()} = " for _ in range(self.count(1, 2))) + self.expressions(),
            lambda: f"{self.single_target()} {self.choose(AUGMENTED)} {self.expressions()}",
            lambda: (
                f"{self.single_target()}: {self.expression()}" + (f" = {self.expressions()}" if self.flip() else "")
            ),
            lambda: self.choose(("import a.b as c, torch", "import torch", "import numpy as np")),
            lambda: self.choose(("from a import *" * (not self.in_function), "from a.b import (c as d, e,)")) or "pass",
            lambda: f"assert {self.expression()}" + (f", {self.expression()}" if self.flip() else ""),
            lambda: f"del {self.single_target()}" + (", (a, [b])," if self.flip() else ""),
            lambda: "raise" + (f" {self.expression()}" + (" from None" if self.flip() else "") if self.flip() else ""),
            lambda: "pass",
            lambda: "global global_1, global_2",
        ]
        if self.in_function:
            choices.append(lambda: "return" + (" " + self.expressions() if self.flip() else ""))
        if self.in_loop:
            choices.append(lambda: self.choose(("break", "continue")))
        return self.choose(choices)()

    def simple_line(self) -> str:
        text = "; ".join(self.simple() for _ in range(self.count(1, 2)))
        return text + self.choose(("", "", ";", " # comment")) + "\n"

    def block(self, indent: str) -> str:
        if self.flip():
            return f": {self.simple_line()}"
        deeper = indent + self.choose(("  ", "    ", "\t"))
        lines = "".join(self.statement(deeper) for _ in range(self.count(1, 2)))
        return ":" + self.choose(("", " # comment")) + "\n" + self.choose(("", "\n", "# comment\n")) + lines

    def statement(self, indent: str) -> str:
        if self.budget <= 0 or self.count(0, 2):
            return indent + self.simple_line()
        self.budget -= 2
        return indent + self.choose((self.if_, self.while_, self.for_, self.with_, self.try_, self.def_))(indent)

    def else_(self, indent: str) -> str:
        return f"{indent}else{self.block(indent)}" if self.flip() else ""

    def if_(self, indent: str) -> str:
        test = self.choose((self.expression, self.walrus))()
        elif_ = f"{indent}elif {self.expression()}{self.block(indent)}" if self.flip() else ""
        return f"if {test}{self.block(indent)}{elif_}{self.else_(indent)}"

    def loop(self, head: str, indent: str) -> str:
        outer, self.in_loop = self.in_loop, True
        body = self.block(indent)
        self.in_loop = outer
        return head + body + self.else_(indent)

    def while_(self, indent: str) -> str:
        return self.loop(f"while {self.expression()}", indent)

    def for_(self, indent: str) -> str:
        return self.loop(f"for {self.target()} in {self.expressions()}", indent)

    def with_(self, indent: str) -> str:
        items = ", ".join(
            self.expression() + (f" as {self.choose(('a', '(a, b)', 'a.b', 'a[0]'))}" if self.flip() else "")
            for _ in range(self.count(1, 2))
        )
        return "with " + (f"({items}{self.choose(('', ','))})" if self.flip() else items) + self.block(indent)

    def try_(self, indent: str) -> str:
        text = f"try{self.block(indent)}"
        handlers = self.count(0, 2)
        for _ in range(handlers):
            text += f"{indent}except {self.expression()}{self.choose(('', ' as e'))}{self.block(indent)}"
        if handlers:
            text += self.else_(indent)
        if not handlers or self.flip():
            text += f"{indent}finally{self.block(indent)}"
        return text

    def def_(self, indent: str) -> str:
        outer = self.in_function, self.in_loop
        head = f"def f({self.parameters(annotated=True)})" + (f" -> {self.expression()}" if self.flip() else "")
        self.in_function, self.in_loop = True, False
        body = self.block(indent)
        self.in_function, self.in_loop = outer
        return head + body


@st.composite
def programs(draw: Callable, fstrings: bool = True) -> str:
    """A program that the language accepts, and Python too."""
    writer = Writer(draw, fstrings)
    return "".join(writer.statement("") for _ in range(writer.count(1, 3)))


PIECES = (
    *("(", ")", "[", "]", "{", "}", ",", ":", ";", "=", ".", "...", "->", ":=", "*", "**", "+", "not", "in", "is"),
    *("if", "else", "for", "lambda", "and", " ", "\n", "\n  ", "\t", "a", "1", "1.", "0", "'", '"', "f'", "'''", "#"),
    *("!", "$", "yield", "class A", "await", "async", "global a", "@", "as", "import", "def", "return", "break", "b''"),
    *("\\\n", "_", "1_", "0x", "'\\x'", "\r\n", "\f", "==", "<>", "/", "*a", "**a", "a=1", "print"),
)


@st.composite
def mutants(draw: Callable, fstrings: bool = True) -> str:
    """A program with a few wounds: pieces cut out, put in, or moved."""
    text = draw(programs(fstrings))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        piece = draw(st.sampled_from(("", *PIECES)))
        text = text[:start] + piece + text[end:]
    return text
