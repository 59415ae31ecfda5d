"""The lexer: spellings, lines, brackets, strings, faults; and that it is linear and never loses a place."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcalc.errors import TcalcSyntaxError
from tcalc.syntax.lexer import tokens
from tcalc.syntax.parser import parse


def types(source: str) -> list[str]:
    return [token.type for token in tokens(source)]


def fault_of(source: str) -> TcalcSyntaxError:
    with pytest.raises(TcalcSyntaxError) as caught:
        parse(source)
    return caught.value


def only_value(source: str) -> object:
    """The value of a source that is one token."""
    first, *rest = tokens(source)
    assert [token.type for token in rest] == ["NEWLINE", "END"], first
    return first.value


@pytest.mark.parametrize(
    "text",
    "0 00 0_0 7 1_000 12345678901234567890123456789 0xff 0XFf_f 0x_1 0b101 0B1_0 0o17 0O1_7 1. .5 1.5 1_0.0_1 1e3 1E-3 "
    "1.e+1_0 .5e1 0e0 1e400 2j 1.5J 1e3j 012j 09.5 0_7e1 1_0j".split(),
)
def test_numbers_are_pythons(text: str) -> None:
    value, expected = only_value(text), ast.literal_eval(text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("012", "leading zeros in decimal integer literals are not permitted"),
        ("1__0", "invalid decimal literal"),
        ("1_", "invalid decimal literal"),
        ("1_000_.5", "invalid decimal literal"),
        ("1a", "invalid decimal literal"),
        ("1.5a", "invalid decimal literal"),
        ("1.real", "invalid decimal literal"),
        ("1e+", "invalid decimal literal"),
        ("1e_1", "invalid decimal literal"),
        ("0x", "invalid hexadecimal literal"),
        ("0xg", "invalid hexadecimal literal"),
        ("0x1__0", "invalid hexadecimal literal"),
        ("0b2", "invalid digit '2' in binary literal"),
        ("0b12", "invalid digit '2' in binary literal"),
        ("0o8", "invalid digit '8' in octal literal"),
        ("2jx", "invalid imaginary literal"),
    ],
)
def test_numbers_that_are_none(text: str, message: str) -> None:
    assert message in fault_of(text).message
    with pytest.raises(SyntaxError):
        compile(text, "", "eval")


def test_a_keyword_may_touch_a_number() -> None:
    assert types("1if x else 2")[:3] == ["NUMBER", "if", "NAME"]
    assert types("0x1for")[:2] == ["NUMBER", "or"]


def test_long_integers_are_exact_and_bounded() -> None:
    digits = "1234567890" * 1_000
    value = only_value(digits)
    assert isinstance(value, int)
    assert value % 10**20 == int(digits[-20:])
    assert value // 10**9_700 == int(digits[:300])
    assert "limit of 100000 digits" in fault_of("9" * 100_001).message
    assert "limit of 100000 digits" in fault_of("0x" + "f" * 100_001).message


@pytest.mark.parametrize(
    "text",
    [
        "''",
        '"a"',
        "'''a\nb'''",
        '"""a"b""c"""',
        r"'\n\t\\\'\"\a\b\f\v\r'",
        r"'\x41\u00e9\U0001F600\N{DIGIT ONE}\N{latin small letter e with acute}'",
        r"'\0\7\12\101\1011'",
        r"r'\n\''",
        r"R'\''",
        "u'é'",
        "U'a'",
        "'a\\\nb'",
        r"'\q\ '",
        "'\\ud800'",
        '"\'"',
        "b''",
        r"""B'a\'"\x41\xff\0\7\12\101\1011\777'""",
        r"""b'\n\t\\\'\"\a\b\f\v\r\q\N{x}\u1234'""",
        "b'''a\nb'c'''",
        'rb"""\\x1"""',
        r"Br'\n\''",
        "bR'a\\\nb'",
        "b'a\\\nb'",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_strings_are_pythons(text: str) -> None:
    assert only_value(text) == ast.literal_eval(text)


def test_line_ends_in_strings_are_normalised() -> None:
    assert only_value("'''a\r\nb\rc'''") == "a\nb\nc"
    assert only_value("'a\\\r\nb'") == "ab"


@pytest.mark.parametrize(
    ("text", "message", "incomplete"),
    [
        ("'abc", "unterminated string literal", False),
        ("'abc\n'", "unterminated string literal", False),
        ("'abc\\", "unterminated string literal", True),
        ("'abc\\\n", "unterminated string literal", True),
        ("'abc\\\\", "unterminated string literal", False),
        ("'''abc", "unterminated triple-quoted string literal", True),
        ("'''abc'", "unterminated triple-quoted string literal", True),
        (r"'\x4'", "truncated \\xXX escape", False),
        (r"'\u12'", "truncated \\uXXXX escape", False),
        (r"'\U00110000'", "illegal Unicode character", False),
        (r"'\N{no such name}'", "unknown Unicode character name", False),
        (r"'\N'", "malformed \\N character escape", False),
        ("b'é'", "bytes can only contain ASCII literal characters", False),
        ("b'''a", "unterminated triple-quoted string literal", True),
        (r"b'a\x1'", r"(value error) invalid \x escape at position 1", False),
        ("f'{a'", "f-string: expecting '}'", False),
        ("f'{a:x'", "f-string: expecting '}', or format specs", False),
        ("f'}'", "f-string: single '}' is not allowed", False),
        ("f'abc", "unterminated f-string literal", False),
        ("f'''abc", "unterminated triple-quoted f-string literal", True),
        ("f'''{a", "'{' was never closed", True),
        ("f'{a:{b:{c:{d}}}}'", "f-string: expressions nested too deeply", False),
        ("x \\", "unexpected end of file after a line continuation", True),
        ("x \\\n", "unexpected end of file after a line continuation", True),
        ("x \\ y", "unexpected character after line continuation character", False),
        ("(1,", "'(' was never closed", True),
        ("x = [1, (2,\n", "'(' was never closed", True),
        (")", "unmatched ')'", False),
        ("(]", "closing parenthesis ']' does not match opening parenthesis '('", False),
        ("(\n\n]", "does not match opening parenthesis '(' on line 1", False),
        ("$", "invalid character '$' (U+0024)", False),
        ("a€", "invalid character '€' (U+20AC)", False),
        ("a\u00a0b", "invalid non-printable character U+00A0", False),
        ("a\0b", "source code cannot contain null bytes", False),
        ("if a:\n\tb\n        c", "inconsistent use of tabs and spaces in indentation", False),
        ("if a:\n    b\n  c", "unindent does not match any outer indentation level", False),
    ],
)
def test_faults(text: str, message: str, incomplete: bool) -> None:
    fault = fault_of(text)
    assert message in fault.message
    assert fault.incomplete is incomplete
    assert fault.span is not None
    assert 0 <= fault.span.start <= fault.span.end <= len(text)


def test_names() -> None:
    assert only_value("ﬁ") == "fi"  # NFKC, as Python
    assert only_value("é_1") == "é_1"
    assert types("𝐢𝐟 x")[0] == "if"
    assert types("match type _ if")[:4] == ["NAME", "NAME", "NAME", "if"]


def test_symbols_are_the_longest() -> None:
    assert types("a**=b//c<<=d->e:=f...g!=h")[1:-3:2] == ["**=", "//", "<<=", "->", ":=", "...", "!="]
    assert types("x<-1")[1:3] == ["<", "-"]


def test_lines_and_blocks() -> None:
    assert types("if a:\n  b\n\n  # c\n  d\ne") == (
        "if NAME : NEWLINE INDENT NAME NEWLINE NAME NEWLINE DEDENT NAME NEWLINE END".split()
    )
    assert types("a\r\nb\rc\n") == "NAME NEWLINE NAME NEWLINE NAME NEWLINE END".split()
    assert types("(a\n  b\n)") == "( NAME NAME ) NEWLINE END".split()
    assert types("a + \\\n  b") == "NAME + NAME NEWLINE END".split()
    assert types("\ufeffa") == "NAME NEWLINE END".split()
    assert types("if a:\n\tb\n        \n\tc")[-4:] == ["NAME", "NEWLINE", "DEDENT", "END"]
    assert types("if a:\n  \f  b\nc")[4] == "INDENT"
    assert types("") == ["END"]
    assert types("  # only a comment\n\n") == ["END"]


def test_fstrings_are_runs_of_tokens() -> None:
    assert (
        types("f'a{x!r:>{w}}b'")[:-2]
        == (
            "FSTRING_START FSTRING_MIDDLE FSTRING_FIELD NAME ! NAME : FSTRING_MIDDLE FSTRING_FIELD NAME } } "
            "FSTRING_MIDDLE FSTRING_END"
        ).split()
    )
    assert types("f'{x:=5}'")[3:5] == [":", "FSTRING_MIDDLE"]
    assert types("f'{(x:=5)}'")[4] == ":="
    assert types("f'{a['b']}{f'{f'{1}'}'}'")[-2:] == ["NEWLINE", "END"]
    values = [token.value for token in tokens(r"rf'\{a}{{\N{b}'") if token.type == "FSTRING_MIDDLE"]
    assert values == ["\\", "{", "\\N"]


def test_tolerant_tokens_go_on() -> None:
    source = "a = 'b\n# comment\nc = 012 + $ 'd' \\ e)\nf'{x' '''"
    found = [token.type for token in tokens(source, tolerant=True)]
    assert found.count("ERROR") >= 5
    assert "COMMENT" in found
    assert "STRING" in found
    assert found[-1] == "END"


@settings(deadline=None)
@given(st.text(alphabet="ab1.'\"\\{}()[]:!=#f\n \t\rNx€é\0$", max_size=40), st.booleans())
def test_any_text_has_tokens_in_order(source: str, tolerant: bool) -> None:
    position = 0
    found = tokens(source, tolerant)
    for token in found:
        assert token.start <= token.end <= len(source)
        if token.type not in ("ERROR", "INDENT", "DEDENT"):
            assert token.start >= position
            position = token.start
    assert found[-1].type == "END"


@settings(deadline=None)
@given(st.text(alphabet="ab1_.'\"\\()[]:=+-*<># \n", max_size=30))
def test_tokens_are_those_of_python(source: str) -> None:
    """Where Python's own tokenizer has no complaint, the texts of all tokens agree."""
    ours = tokens(source)
    if any(token.type == "ERROR" for token in ours):
        return
    try:
        python = [
            token
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE)
        ]
    except (tokenize.TokenError, SyntaxError):
        return
    texts = [source[token.start : token.end] for token in ours if token.type not in ("NEWLINE", "INDENT", "DEDENT")]
    if not any(token.type == tokenize.ERRORTOKEN for token in python):
        assert texts == [token.string for token in python]


def test_kinds_are_pythons() -> None:
    assert fault_of("if a:\n\tb\n        c").kind == "TabError"
    assert fault_of("if a:\n    b\n  c").kind == "IndentationError"
    assert fault_of("1__0").kind == "SyntaxError"


def test_the_first_mistake_is_told() -> None:
    assert "found 'b'" in fault_of("a b\n$").message
