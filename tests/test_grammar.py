"""`grammar/tcalc.lark` and the parser are the same language; the precedence table is that of the operator table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from golden_programs import golden_programs
from hypothesis import HealthCheck, given, settings
from lark_grammar import accepts
from program_generator import mutants, programs

from tcalc.errors import TcalcSyntaxError
from tcalc.syntax.operators import OPERATORS, precedence_table
from tcalc.syntax.parser import parse

README = Path(__file__).parent.parent / "grammar" / "README.md"
GRAMMAR = README.with_name("tcalc.lark")

# What the grammar cannot say and the parser checks: `grammar/README.md` has the list in words.
CHECKS = re.compile(
    "cannot assign to|cannot delete|illegal expression for augmented|can be annotated|illegal target for annotation"
    "|starred assignment target|multiple starred|outside function|outside loop|not properly in loop"
    "|duplicate argument|keyword argument repeated|parameter without a default|default 'except:' must be last"
    r"|import \* only allowed|lambda expressions are not allowed without|\(unicode error\)|the limit is"
    "|can't use starred expression|cannot use assignment expressions|nonlocal|prior to global|before global"
    "|parameter and global|can't be global"
)

relaxed = settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))


def fault(source: str) -> str | None:
    try:
        parse(source)
    except TcalcSyntaxError as error:
        return error.message
    return None


def disagreement(source: str) -> str | None:
    """What is wrong, if the grammar and the parser do not treat a text alike."""
    message, accepted = fault(source), accepts(source)
    if message is None and not accepted:
        return "the parser accepts and the grammar refuses"
    if message is not None and accepted and not CHECKS.search(message):
        return f"the grammar accepts and the parser refuses: {message}"
    return None


@pytest.mark.parametrize(("place", "source"), golden_programs())
def test_golden_programs(place: str, source: str) -> None:
    assert accepts(source)


@relaxed
@given(programs())
def test_generated_programs_are_accepted_by_both(source: str) -> None:
    assert fault(source) is None
    assert accepts(source)


@relaxed
@given(mutants())
def test_both_judge_wounded_programs_alike(source: str) -> None:
    if re.search(r"^[ \t\f]*\\", source, re.MULTILINE):
        return  # a backslash in the indentation itself: the filter before the grammar does not follow it
    assert disagreement(source) is None


@pytest.mark.parametrize(
    "source",
    [
        *("a b", "a +", "+", "1 + not x", "1 + lambda: 0", "not", "a not b", "a is", "a if b", "lambda x", "a := 1"),
        *("(a", "a)", "(a]", "[1, 2", "{1: 2, 3}", "{1, 2: 3}", "{**a, b}", "x[]", "x[1:2:3:4]", "(*a)"),
        *("*a", "a = *b"),
        *("f(a=1, b)", "f(**a, *b)", "f(**a, b)", "f(a b)", "f(a for a in b, c)", "f(c, a for a in b)", "f(,)"),
        *(
            "012",
            "1__0",
            "0x",
            "1_",
            "1a",
            "1.real",
            "'abc",
            "'''abc",
            "b'a' 'b'",
            "f'{a'",
            "f'}'",
            "f'{}'",
            "f'{a!x}'",
        ),
        *("f'' b''", "b'é'", r"b'\x1'", "bu'a'", "b'a", "b'a\nb'"),
        *("f'{a b}'", "f'{a! r}'", "f'{*a}'", "f'{x:{'", r"'\x1'", "$", "a ? b", "a <> b", "x++", "!a"),
        *("if a", "if a:", "if a:\nb", "if a = 1: b", "else: a", "for a b: c", "for a in: b", "while: a", "try: a"),
        *("try: a\nelse: b", "except: a", "with a as: b", "with: b", "def f: pass", "def (): pass", "def f(a b): pass"),
        *("def f(*): pass", "def f(/, a): pass", "def f(a, /, b, /): pass", "def f(*a, /): pass"),
        *("def f(**a, b): pass",),
        *("def f(*a, *b): pass", "def f(*, **k): pass", "def f(*a=1): pass", "lambda *: 1", "(lambda x: int: 1)"),
        *("class A: pass", "@f\ndef g(): pass", "yield a", "x = yield", "await a", "async def f(): pass", "global"),
        *("nonlocal a.b", "global a,", "global (a)"),
        *("match a:\n case 1: pass", "type A = int", "try: a\nexcept* B: c", "[a async for a in b]"),
        *("import", "import a.", "import a as b.c", "from a import", "from . import a"),
        *("from a import b,", "from a import ()"),
        *("from a import (b as c.d)", "del", "assert", "raise a from", "raise a, b", "a += ", "a += b += c", "a: b: c"),
        *("  a", "if a:\n\tb\n        c", "if a:\n    b\n  c", "a;; b", ";", "pass a", "None.x = = 1"),
        *("a.1", "a.class"),
        *("[x for x in]", "[for x in y]", "{**a for a in b}", "[*a for a in b]", "x = )", "\\", "a \\ b", "a \\"),
    ],
)
def test_both_refuse(source: str) -> None:
    assert fault(source) is not None
    assert not accepts(source)


@pytest.mark.parametrize(
    "source",
    [
        *("1 = a", "f() = 1", "(a + b) = c", "a, 1 = b", "*a = b", "*a, *b = c", "f() += 1", "(a, b) += 1", "1: int"),
        *("(a, b): int", "for f() in a: b", "[a for 1 in b]", "with a as 1: b", "del f()", "del *a, b"),
        *("return", "break"),
        *(
            "lambda x: int: 1",
            "continue",
            "def f(): break",
            "def f(a, a): pass",
            "lambda a, a: 1",
            "f(a=1, a=2)",
            "def f(a=1, b): pass",
        ),
        *("try: a\nexcept: b\nexcept C: d", "def f():\n  from a import *", "f'{lambda x: 1}'", r"'\N{no such}'"),
        *("for a in b: pass\nelse: break", "def f():\n  x = lambda: 1\nreturn 1", "-" * 1000 + "1", "1" + "+1" * 3000),
    ],
)
def test_the_parser_checks_more(source: str) -> None:
    """The listed exceptions are real: the grammar takes each of these, and the parser says why it does not."""
    message = fault(source)
    assert message is not None
    assert CHECKS.search(message), message
    assert accepts(source)


def test_the_precedence_table_is_current() -> None:
    assert precedence_table() in README.read_text(encoding="utf-8")


def test_the_grammar_has_the_operators_of_the_table() -> None:
    """Every symbol of the table stands in the grammar, and every augmented one in its row's form."""
    text = GRAMMAR.read_text(encoding="utf-8")
    for row in OPERATORS:
        for word in row.symbol.split():
            assert (f"/{word}\\b/" if word.isalpha() else f'"{word}"') in text
        if row.inplace:
            assert f'"{row.symbol}="' in text
