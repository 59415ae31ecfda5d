"""The parser: its trees are CPython's, its limits hold, and its faults say what, where and whether more text helps."""

from __future__ import annotations

import gc
import sys

import pytest
from golden_programs import golden_programs
from hypothesis import HealthCheck, given, settings
from program_generator import mutants, programs
from python_sexpr import python_sexpr

from tcalc.errors import TcalcSyntaxError
from tcalc.syntax import nodes
from tcalc.syntax.parser import parse, parse_expression
from tcalc.syntax.sexpr import sexpr

HAS_PEP_701 = sys.version_info >= (3, 12)
MANY = 100_000


def fault_of(source: str) -> TcalcSyntaxError:
    with pytest.raises(TcalcSyntaxError) as caught:
        parse(source)
    return caught.value


def expression(source: str) -> str:
    return sexpr(parse_expression(source))


# Trees


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("1 + 2 * 3", "(+ 1 (* 2 3))"),
        ("1 - 2 - 3", "(- (- 1 2) 3)"),
        ("2 ** 3 ** 2", "(** 2 (** 3 2))"),
        ("-2 ** -x ** 2", "(- (** 2 (- (** x 2))))"),
        ("-x.T @ y", "(@ (- (Attribute x T)) y)"),
        ("~a & b ^ c | d << 1", "(| (^ (& (~ a) b) c) (<< d 1))"),
        ("a < b <= c", "(Compare a [< <=] [b c])"),
        ("(a < b) <= c", "(<= (< a b) c)"),
        ("not a in b", "(not (in a b))"),
        ("a not in b is not c", "(Compare a [not-in is-not] [b c])"),
        ("a or b and not c or d", "(or a (and b (not c)) d)"),
        ("a if b else c if d else e", "(IfExp b a (IfExp d c e))"),
        ("lambda x, y=1: x if y else 0", "(Lambda (Params [] [(Param x _ _) (Param y _ 1)] _ [] _) (IfExp y x 0))"),
        ("(y := 3) + y", "(+ (NamedExpr y 3) y)"),
        ("x[1:, ..., None]", "(Subscript x (Tuple [(Slice 1 _ _) ... None]))"),
        ("f(*a, b=1, **c)", "(Call f [(Starred a)] [(Keyword b 1) (Keyword _ c)])"),
        ("f'{x!r:>{w}}' 'y'", "(JoinedStr [(FormattedValue x r (JoinedStr ['>' (FormattedValue w _ _)])) 'y'])"),
        ("f'{x = }'", "(JoinedStr ['x = ' (FormattedValue x r _)])"),
        ("f'{x = :.2f}'", "(JoinedStr ['x = ' (FormattedValue x _ (JoinedStr ['.2f']))])"),
        ("f'''{(1 # c\n) = }'''", "(JoinedStr ['(1 \\n) = ' (FormattedValue 1 r _)])"),
        ("{**a, 1: 2}", "(Dict [_ 1] [a 2])"),
        ("  \n1,\n", "(Tuple [1])"),
    ],
)
def test_expressions(source: str, tree: str) -> None:
    assert expression(source) == tree


PROGRAMS = [
    "", "# nothing\n", "\n\n", "a;b;", "x = y = 1, *z", "a, *b = [c, d] = e", "(a) = b", "() = []", "[] = ()",
    "a.b[c], d.e = f", "x: int", "(x): int = 1", "x.y: int = *a, b", "x += 1, 2", "x[0] //= y", "x **= 2 ** 3",
    "import a.b.c as d, e", "from a.b import c as d, e", "from a import (b, c,)", "from a import *",
    "del a, b.c, d[0], (e, [f]),", "assert a, b", "raise", "raise A", "raise A from B", "pass",
    "if a: b\nelif c: d\nelif e: f\nelse: g", "if (a := 1): b", "while a: break\nelse: continue_",
    "for a, *b in c, d:\n  continue\nelse:\n  pass", "for a in *b, c: pass", "for (a, b), in c: pass",
    "with a: pass", "with a as b, c: pass", "with (a, b): pass", "with (a as b, c as d,): pass",
    "with (a, b) as c: pass",
    "with (a), b: pass", "with (a).b as c: pass", "with (a) as b: pass", "with (a, *b) as c: pass",
    "with (a := b): pass", "with (a for b in c): pass", "with (): pass", "with (a if b else c) as d, e: pass",
    "with a as (b, c), d as e.f, g as h[0]: pass", "with (yield_) as a: pass", "with (a)(b): pass",
    "try: a\nexcept: b", "try:\n a\nexcept A:\n b\nexcept (B, C) as d:\n e\nelse:\n f\nfinally:\n g",
    "try: a\nfinally: b", "def f(): pass", "def f(a, /, b: int = 1, *c: d, e, f=2, **g) -> h:\n  return a, *b",
    "def f(*, a): return", "def f(a=1, /, b=2, *, c, d=3): pass", "def f(a, b=1, *c, d): pass", "def f(a,): pass",
    "def f():\n  def g():\n    return 1\n  return g", "def f():\n  for a in b:\n    def g(): return\n    break",
    "lambda: 0", "lambda *, a=1, **b: (a, b)", "lambda a, /, *b: lambda c=1: a", "lambda *a: a", "lambda **a: a",
    "(a for b in c if d if e for f in g)", "[a for b, in c]", "{a: b for c in d}", "{a for b in c}",
    "[x for x in (lambda: y) or z if w]", "f(a for b in c)", "f(a)(b)[c].d", "f(a, *b, *c, d=1, *e, **f, g=2, **h,)",
    "f(a := 1, b=(c := 2))", "x[a := 1]", "x[a:=1, b]", "x[*a]", "x[*a or b, 1:2]", "x[::]", "x[:, 1:, :2, ::3]",
    "x[()]", "x[a, ]", "x[lambda: 1:2]", "{(a := 1): 2}", "{a := 1, 2}", "(a := 1, 2)", "[a := 1]", "((a) + (b))",
    "(*a,)", "(*a, b)", "[*a, *b]", "{*a, b}", "a if b else lambda: c", "not not a", "- + ~ a", "a ** -b ** c",
    "(-a) ** b", "-a ** b", "a @ b @ c", "a - b + c", "a << b >> c", "a & b | c ^ d", "a < b > c == d != e",
    "a is not b", "a not in b", "not a is b", "a in (b, c)", "a and b and c or d or e", "(a and b) and c",
    "a and (b and c)", "1if a else 2", "0x1for x in y", "1 .real", "1..real", "1.5.real", "1j.imag", "'a' 'b' r'\\c'",
    "True, False, None, ...", "a = (\n1,\n# c\n2)", "a = b + \\\n  c", "if a:\n\tb\n\tif c:\n\t\td\ne",
    "if a:\n  b\n # odd comment\n  c", "print(1); print(2)  # c", "x = 'é'; é = 1", "ﬁ = 1",
    "match = 1; match.x; type(x)",
    "match (x)", "match[x]", "match * x", "print\n", "type = 1", "_ = case", "a\\\n.b", "x = {1: [2, (3,)], 'a': {4}}",
    "\x0ca = 1", "if a:\n  \x0c  b", "\ufeffa", "a\r\nb\rc",
]  # fmt: skip

FSTRINGS = [
    "f''", "f'' 'a'", "f'a{b}c' 'd' f'{e}'", "f'{a!r}{b!s:>10}{c!a}'", "f'{a:{b}.{c}f}'", "f'{a:{b:{c}}}'",
    "f'{{{a}}}'", "f'{a:}'", "f'{a=}{a = !s}{a =:x}'", "f'{a,}{b, *c}'", "f'{(lambda: 1)()}'", "f'{a if b else c}'",
    "f'{ {1: 2}[1] }'", "f'{a['b']}'", "f'{f'{f'{1}'}'}'", "f'''{\na\n}\n{b}'''", "rf'\\{a}\\n'", "f'\\n\\{a}'",
    "f'\\N{DIGIT ONE}{a}'", "f'{a != b}{a == b}'", "f'{x:=5}{(x := 5)}'", "F\"{a:'}\"", "f'{a\n}'", "f'{a:%H:%M}'",
    "f'{\"a\" \"b\"}'", "f'{[x for x in y if z]!r:>{w}}'", "f'{a:{'x'}}'", "f'{not a}'", "f'{a!r }'",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", PROGRAMS)
def test_trees_are_pythons(source: str) -> None:
    assert sexpr(parse(source)) == python_sexpr(source.removeprefix("\ufeff"))


@pytest.mark.skipif(not HAS_PEP_701, reason="CPython reads f-strings after PEP 701 from 3.12 on")
@pytest.mark.parametrize("source", FSTRINGS)
def test_fstrings_are_pythons(source: str) -> None:
    assert sexpr(parse(source)) == python_sexpr(source)


@pytest.mark.parametrize("source", FSTRINGS)
def test_fstrings_parse_on_every_python(source: str) -> None:
    assert isinstance(parse_expression(source), nodes.JoinedStr)


@pytest.mark.parametrize(("place", "source"), golden_programs())
def test_golden_programs(place: str, source: str) -> None:
    assert sexpr(parse(source)) == python_sexpr(source)


relaxed = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


@relaxed
@given(programs(fstrings=HAS_PEP_701))
def test_generated_programs(source: str) -> None:
    assert sexpr(parse(source)) == python_sexpr(source)


@pytest.mark.filterwarnings("ignore")
@relaxed
@given(mutants(fstrings=HAS_PEP_701))
def test_wounded_programs(source: str) -> None:
    """A subset of Python: what we take Python takes alike; what we refuse Python refuses, or we name the construct."""
    try:
        tree = sexpr(parse(source))
    except TcalcSyntaxError as error:
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(source)
        if "not part of tcalc's language" not in error.message:
            with pytest.raises((SyntaxError, ValueError)):
                compile(source, "", "exec", dont_inherit=True)
    else:
        assert tree == python_sexpr(source)


def test_spans() -> None:
    source = "y = a.bc @ f(x, k=2)[0]  # c"
    assign = parse(source).body[0]
    assert isinstance(assign, nodes.Assign)
    value = assign.value
    assert isinstance(value, nodes.BinOp)
    assert isinstance(value.left, nodes.Attribute)
    assert isinstance(value.right, nodes.Subscript)

    def text(span) -> str:
        return source[span.start : span.end]

    assert text(assign.span) == "y = a.bc @ f(x, k=2)[0]"
    assert text(value.op_span) == "@"
    assert text(value.left.attr_span) == "bc"
    assert text(value.right.value.span) == "f(x, k=2)"
    assert text(value.right.value.keywords[0].span) == "k=2"


def test_a_trailing_semicolon_silences() -> None:
    silent = [statement.silent for statement in parse("a; b;\nc\nd;").body if isinstance(statement, nodes.Expr)]
    assert silent == [False, True, False, True]


# Faults


@pytest.mark.parametrize(
    ("source", "message", "where"),
    [
        ("a b", "invalid syntax: expected an operator or the end of the line, found 'b'", "b"),
        ("f(a b)", "invalid syntax: expected ')' or ',', found 'b'", "b"),
        ("x = ", "invalid syntax: expected an expression, found the end of the line", ""),
        ("1 + not x", "invalid syntax: expected an operand, found keyword 'not'", "not"),
        ("a.1", "invalid syntax: expected an operator or the end of the line, found '.1'", ".1"),
        ("a.class", "invalid syntax: expected a name, found keyword 'class'", "class"),
        ("else: a", "invalid syntax: expected a statement, found keyword 'else'", "else"),
        ("if a b: c", "expected ':', found 'b'", "b"),
        ("if a = 1: b", "invalid syntax. Maybe you meant '==' or ':=' instead of '='?", "="),
        ("a if b", "expected 'else' after 'if' expression, found the end of the line", ""),
        ("print 1", "Missing parentheses in call to 'print'. Did you mean print(...)?", "print"),
        ("  a", "unexpected indent", "a"),
        ("if a:\nb", "expected an indented block after 'if' statement on line 1", "b"),
        ("try: a\nb", "expected 'except' or 'finally' block", "b"),
        ("x = [1,\ny = 2", "'[' was never closed", "["),
        ("1 = a", "cannot assign to literal here. Maybe you meant '==' instead of '='?", "1"),
        ("a + b = c", "cannot assign to expression here. Maybe you meant '==' instead of '='?", "a + b"),
        ("a, f() = c", "cannot assign to function call", "f()"),
        ("None = 1", "cannot assign to None", "None"),
        ("[a for b + c in d]", "cannot assign to expression", "b + c"),
        ("*a = b", "starred assignment target must be in a list or tuple", "*a"),
        ("*a, *b = c", "multiple starred expressions in assignment", "*b"),
        ("*a", "can't use starred expression here", "*a"),
        ("(*a)", "cannot use starred expression here", "*a"),
        ("f() += 1", "'function call' is an illegal expression for augmented assignment", "f()"),
        ("(a, b): c", "only single target (not tuple) can be annotated", "(a, b)"),
        ("del f()", "cannot delete function call", "f()"),
        ("(a.b := 1)", "cannot use assignment expressions with attribute", "a.b"),
        ("f(a=1, b)", "positional argument follows keyword argument", "b"),
        ("f(**a, b)", "positional argument follows keyword argument unpacking", "b"),
        ("f(**a, *b)", "iterable argument unpacking follows keyword argument unpacking", "*b"),
        ("f(a=1, a=2)", "keyword argument repeated: a", "a"),
        ("f(a.b=1)", 'expression cannot contain assignment, perhaps you meant "=="?', "a.b"),
        ("f(a for a in b, c)", "Generator expression must be parenthesized", "a for a in b"),
        ("def f(a, a): pass", "duplicate argument 'a' in function definition", "a"),
        ("def f(a=1, b): pass", "parameter without a default follows parameter with a default", "b"),
        ("def f(*): pass", "named arguments must follow bare *", "*"),
        ("def f(a, /, b, /): pass", "/ may appear only once", "/"),
        ("def f(/, a): pass", "at least one argument must precede /", "/"),
        ("def f(**a, b): pass", "arguments cannot follow var-keyword argument", "b"),
        ("return 1", "'return' outside function", "return"),
        ("if a: break", "'break' outside loop", "break"),
        ("continue", "'continue' not properly in loop", "continue"),
        ("try: a\nexcept: b\nexcept c: d", "default 'except:' must be last", "except"),
        ("def f():\n  from a import *", "import * only allowed at module level", "*"),
        ("from a import b,", "trailing comma not allowed without surrounding parentheses", ""),
        ("b'a' 'b'", "cannot mix bytes and nonbytes literals", "'b'"),
        ("f'a' b'b'", "cannot mix bytes and nonbytes literals", "b'b'"),
        ("f'{}'", "f-string: valid expression required before '}'", "}"),
        ("f'{a!x}'", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'", "x"),
        ("f'{lambda x: 1}'", "f-string: lambda expressions are not allowed without parentheses", "lambda x:"),
        ("f'{a b}'", "invalid syntax: expected '}', '=', '!' or ':', found 'b'", "b"),
    ],
)
def test_faults(source: str, message: str, where: str) -> None:
    fault = fault_of(source)
    assert fault.message == message
    assert fault.span is not None
    assert source[fault.span.start : fault.span.end] == where
    assert not fault.incomplete
    with pytest.raises(SyntaxError):
        compile(source, "", "exec")


@pytest.mark.parametrize(
    "source",
    [
        *("nonlocal a", "def f():\n  nonlocal a", "a = 1\ndef f():\n  nonlocal a", "def f(a):\n  nonlocal a"),
        *("def f(a):\n  global a", "def f():\n  a\n  global a", "def f():\n  a = 1\n  global a", "a = 1; global a"),
        *("a; global a", "def f(a):\n  def g():\n    global a\n    nonlocal a", "def f():\n  a: int\n  global a"),
        *(
            "def f():\n  global a\n  a: int = 1",
            "def f():\n  global a\n  def g():\n    nonlocal a",
        ),
        *("def f():\n  a = 1\n  def g():\n    a += 1\n    nonlocal a", "def f():\n  [a := b for b in c]\n  global a"),
        *("def f():\n  if a:\n    global a", "def f():\n  for a in b: global a"),
        *("def f():\n  def a(): pass\n  global a", "def f():\n  try: b\n  except C as a: pass\n  nonlocal a"),
        *("def f():\n  with b as a: pass\n  global a", "def f(b=a):\n  nonlocal b", "def f(): global f; f: int"),
        *("def f():\n  del a\n  global a", "def f():\n  lambda: 0\n  a, (b, *c) = d\n  global c"),
    ],
)
def test_declarations_fail_in_pythons_words(source: str) -> None:
    fault = fault_of(source)
    with pytest.raises(SyntaxError) as caught:
        compile(source, "", "exec")
    assert fault.message == caught.value.msg
    assert fault.span is not None


@pytest.mark.parametrize(
    "source",
    [
        *("global a", "def f(): global a", "def f():\n  global a\n  global a", "def f(a):\n  def g():\n    nonlocal a"),
        *("def f():\n  def g():\n    def h():\n      nonlocal a\n  a = 1", "def f():\n  global a, b\n  a = b"),
        *("def f():\n  [a for b in c]\n  global a", "def f():\n  lambda a: a\n  global a", "global a\na: int = 1"),
        *("def f():\n  (lambda b: a)\n  global a", "def f(*a, **b):\n  def g(): nonlocal a, b", "def f(): a\nglobal a"),
        *("def f(): a = 1\nglobal a", "def f():\n  def g(): a = 1\n  global a", "global a; a = 1; global b"),
        *("def f():\n  import a\n  global a",),
    ],
)
def test_declarations_that_python_accepts(source: str) -> None:
    compile(source, "", "exec")
    parse(source)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("class A: pass", "'class'"),
        ("@f\ndef g(): pass", "a decorator"),
        ("def f(): yield 1", "'yield'"),
        ("x = yield", "'yield'"),
        ("await x", "'await'"),
        ("async def f(): pass", "'async'"),
        ("[a async for a in b]", "'async'"),
        ("match a:\n  case 1: pass", "'match'"),
        ("match (a):\n  case 1: pass", "'match'"),
        ("type A = int", "a type alias ('type')"),
        ("def f[T](): pass", "a type parameter"),
        ("try: a\nexcept* B: c", "'except*'"),
        ("from . import a", "a relative import"),
    ],
)
def test_constructs_outside_the_language_are_named(source: str, named: str) -> None:
    message = fault_of(source).message
    assert message.startswith(named)
    assert message.endswith("not part of tcalc's language")


@pytest.mark.parametrize(
    "source",
    [
        *("(", "f(1,", "x = [1, 2", "{", "if a:", "if a:\n  if b:\n", "def f():", "try:\n  a\n", "'''a", "a = \\"),
        *("f'''{a", "while a:  # c\n", "for a in b:\n\n", "with a:", "if a: b\nelse:", "(a\n# c\n", "f(x for x in"),
    ],
)
def test_incomplete_programs(source: str) -> None:
    assert fault_of(source).incomplete


@pytest.mark.parametrize("source", ["a b", "x = ", "if a", "(a b", "f(a\nx = 1", "'a", ")", "if a:\nb", "a +\n"])
def test_programs_that_no_text_completes(source: str) -> None:
    assert not fault_of(source).incomplete


# Depth and length


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("(" * MANY, "too many nested parentheses (the limit is 200)"),
        ("[" * MANY + "]" * MANY, "too many nested parentheses (the limit is 200)"),
        ("f(x[{" * MANY, "too many nested parentheses (the limit is 200)"),
        ("-" * MANY + "1", "nested too deeply (the limit is 600 levels)"),
        ("not " * MANY + "1", "nested too deeply (the limit is 600 levels)"),
        ("2 ** " * MANY + "1", "nested too deeply (the limit is 600 levels)"),
        ("lambda: " * MANY + "1", "nested too deeply (the limit is 600 levels)"),
        ("1 if 1 else " * MANY + "1", "nested too deeply (the limit is 600 levels)"),
        ("1 + " * MANY + "1", "too many operators in a row (the limit is 2000)"),
        ("x" + ".a" * MANY, "too many operators in a row (the limit is 2000)"),
        ("x" + "[0]" * MANY, "too many operators in a row (the limit is 2000)"),
        ("x" + "()" * MANY, "too many operators in a row (the limit is 2000)"),
        ("(" * 150 + "1" + ("+1" * 1000 + ")") * 150, "too deep (the limit is 2700 levels"),
        ("for x in " + "(" * 150 + "1" + ("+1" * 1000 + ")") * 150 + ": pass", "too deep (the limit is 2700 levels"),
        ("f'{" * MANY, "too many nested f-strings (the limit is 100)"),
        ("".join(" " * level + "if 1:\n" for level in range(1000)), "too many levels of indentation"),
        ("if 1: 1\n" + "elif 1: 1\n" * MANY, "too many 'elif' branches (the limit is 200)"),
    ],
)
def test_limits(source: str, message: str) -> None:
    assert message in fault_of(source).message


@pytest.mark.parametrize(
    "source",
    [
        "(" * 200 + "1" + ")" * 200,
        "[" * 200 + "]" * 200,
        "f(" * 200 + ")" * 200,
        "{1: " * 200 + "1" + "}" * 200,
        "(1 + 2 * -(" * 100 + "1" + "))" * 100,
        "-" * 500 + "1",
        "f(" + "-" * 500 + "1)",
        "1" + " + 1" * 2000,
        "x" + ".a" * 2000,
        'f"{' * 100 + "1" + '}"' * 100,
        "".join(" " * level + "if 1:\n" for level in range(99)) + " " * 99 + "x",
        "if 1: 1\n" + "elif 1: 1\n" * 200,
        "a or " * MANY + "b",
        "a < " * MANY + "b",
        "a = " * MANY + "b",
        "'a' " * MANY,
        "[" + "-1, " * MANY + "]",
        "f(" + ", ".join(f"a{number}=1" for number in range(20_000)) + ")",
    ],
)
def test_within_the_limits(source: str) -> None:
    """They parse, and can be written out: neither walks the tree by recursion."""
    assert sexpr(parse(source))


def test_the_recursion_limit_is_left_as_it_was() -> None:
    before = sys.getrecursionlimit()
    parse("(1 + 2 * -(" * 100 + "1" + "))" * 100)
    assert fault_of("2 ** " * MANY + "1")
    assert sys.getrecursionlimit() == before


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    parse("a\n" * MANY)
    assert fault_of("a\n" * MANY + "a b")
    assert gc.isenabled()


@pytest.mark.parametrize("source", ["", "a; b", "a = 1", "a\nb", "if a: b", "*a"])
def test_what_is_not_one_expression(source: str) -> None:
    with pytest.raises(TcalcSyntaxError):
        parse_expression(source)
