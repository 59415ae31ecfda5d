"""What a program reads without having bound it."""

from __future__ import annotations

import pytest

from tcalc.syntax.free_names import free_names
from tcalc.syntax.parser import parse


def free(*sources):
    return set(free_names([parse(source) for source in sources]))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 1", ""),
        ("x + y", "x y"),
        ("x = 1\nx", ""),
        ("x\nx = 1", "x"),
        ("x = x + 1", "x"),
        ("x += 1", "x"),
        ("x[0] = 1", "x"),
        ("x.a = y", "x y"),
        ("(a, *b), [c] = z\na, b, c", "z"),
        ("for x in y: x\nx", "y"),
        ("while x: x = 0", "x"),
        ("if a: x = 1\nelse: x = 2\nx", "a"),
        ("[x for x in y]", "y"),
        ("[x for x in x]", "x"),
        ("[x + z for x in y if w]", "y z w"),
        ("[a for b in c for a in b]", "c"),
        ("{k: v for k, v in d}\nk", "d k"),
        ("lambda x: x + y", "y"),
        ("lambda x=x: x", "x"),
        ("lambda *a, **k: (a, k, q)", "q"),
        ("def f(a, b=c): return a + b + d\n", "c d"),
        ("def f(): return x\nx = 1\nf()", ""),
        ("def f():\n  x = 1\n  return x\n", ""),
        ("def f():\n  return [x for i in range(3)]\n", "x range"),
        ("def f():\n  def g(): return x\n  x = 1\n  return g\n", ""),
        ("def f(): return f()", ""),
        ("(y := 3) + y", ""),
        ("[(y := i) for i in z]\ny", "z"),
        ("import torch\ntorch.ones(2)", ""),
        ("import torch.nn.functional as F\nF", ""),
        ("from torch import ones as o\no", ""),
        ("with a as b: b", "a"),
        ("try: x\nexcept ValueError as e: e", "x ValueError"),
        ("x = 1\ndel x\nx", "x"),
        ("del x[0]", "x"),
        ("f'{x!r:{w}}'", "x w"),
        ("f(a, *b, k=c, **d)", "f a b c d"),
        ("a.x", "a"),
        ("x: int = 3\nx", ""),
        ("a if x else b", "a x b"),
        ("def f():\n  global x\n  x = y\nf()\nx", "y"),
        ("def f():\n  global x\n  return x", "x"),
        ("def f():\n  global x\n  return x\nx = 1", ""),
        ("def f():\n  x = 1\n  def g():\n    nonlocal x\n    x += z\n  return g", "z"),
        ("def f():\n  def g():\n    if a:\n      global x\n      x = 1\nx", "a"),
    ],
)
def test_free_names(source, expected):
    assert free(source) == set(expected.split())


def test_programs_run_one_after_another():
    assert free("a = 1", "a + x") == {"x"}
    assert free("a", "a = 1") == {"a"}
    assert free("def f(): return x", "x = 2", "f()") == set()


def test_the_place_is_the_first_that_reads_it():
    source = "y = 1; x + x"
    span = free_names([parse(source)])["x"]
    assert source[span.start : span.end] == "x"
    assert span.start == 7


def test_a_long_chain_is_no_deep_recursion():
    assert free("x" + " + 1" * 1900) == {"x"}
