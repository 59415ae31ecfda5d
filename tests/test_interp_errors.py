"""Faults as a user sees them: the line, the carets, the operands, the proposals."""

from __future__ import annotations

import pytest

import tcalc
from tcalc.errors import Label, Span, TcalcError, render

RENDERED = r"""
a @ b + 1
error: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x5)
  |  a @ b + 1
  |  - ^ -
  |  |   (2, 5) float32
  |  (2, 3) float32
  = hint: a.T @ b fits
---
a + ones(2)
error: RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1
  |  a + ones(2)
  |  - ^ -------
  |  |   (2,) float32
  |  (2, 3) float32
  = hint: a + ones(2)[:, None] fits
---
x = 1
y = a + b * 2
error: RuntimeError: The size of tensor a (3) must match the size of tensor b (5) at non-singleton dimension 1
  2 |  y = a + b * 2
    |      - ^ -----
    |      |   (2, 5) float32
    |      (2, 3) float32
---
a.vie(3)
error: AttributeError: 'Tensor' object has no attribute 'vie'
  |  a.vie(3)
  |    ^^^
  = hint: did you mean view?
---
[1, 2].meen()
error: AttributeError: 'list' object has no attribute 'meen'
  |  [1, 2].meen()
  |         ^^^^
  = hint: did you mean mean?
---
torch.flaot32
error: AttributeError: module 'torch' has no attribute 'flaot32'
  |  torch.flaot32
  |        ^^^^^^^
  = hint: did you mean float32?
---
zeroes(2)
error: NameError: name 'zeroes' is not defined
  |  zeroes(2)
  |  ^^^^^^
  = hint: did you mean zeros?
---
open('file')
error: NameError: name 'open' is not defined
  |  open('file')
  |  ^^^^
  = hint: open() of Python is not part of tcalc's language
---
import socket
error: ModuleNotFoundError: No module named 'socket'
  |  import socket
  |         ^^^^^^
  = hint: tcalc has torch, numpy, einops, and modules of Python's that help("import") names
---
from torch import zeroes
error: ImportError: cannot import name 'zeroes' from 'torch'
  |  from torch import zeroes
  |                    ^^^^^^
  = hint: did you mean zeros?
---
1 / 0
error: ZeroDivisionError: division by zero
  |  1 / 0
  |    ^
---
{}['key']
error: KeyError: 'key'
  |  {}['key']
  |     ^^^^^
---
{'apple': 1}['aple']
error: KeyError: 'aple'
  |  {'apple': 1}['aple']
  |               ^^^^^^
  = hint: did you mean 'apple'?
---
{'model': {'bias': 1}}['model.bias']
error: KeyError: 'model.bias'
  |  {'model': {'bias': 1}}['model.bias']
  |                         ^^^^^^^^^^^^
  = hint: it is in there: write ['model']['bias']
---
tensor([[1, 2], [3]])
error: ValueError: expected sequence of length 2 at dim 1 (got 1)
  |  tensor([[1, 2], [3]])
  |                  ^^^
---
for v in 3: pass
error: TypeError: 'int' object is not iterable
  |  for v in 3: pass
  |           ^
---
raise ValueError
error: ValueError
  |  raise ValueError
  |  ^^^^^^^^^^^^^^^^
---
assert a.sum() == 7, 'no'
error: AssertionError: no
  |  assert a.sum() == 7, 'no'
  |         ^^^^^^^^^^^^
---
def f(first, second=2): return first
f(1, secnd=3)
error: TypeError: f() got an unexpected keyword argument 'secnd'
  2 |  f(1, secnd=3)
    |  ^
  = hint: did you mean second=?
---
f(
error: SyntaxError: '(' was never closed
  |  f(
  |   ^
---
日本 = 1; 日本 + 'a'
error: TypeError: unsupported operand type(s) for +: 'int' and 'str'
  |  日本 = 1; 日本 + 'a'
  |                 ^
---
if a: pass
error: RuntimeError: Boolean value of Tensor with more than one value is ambiguous
  |  if a: pass
  |     ^
---
x, y = a[0]
error: ValueError: too many values to unpack (expected 2)
  |  x, y = a[0]
  |  ^^^^
"""


def fault_of(source: str) -> TcalcError:
    session = tcalc.Session(write=lambda text: None)
    session.run("a = ones(2, 3)\nb = ones(2, 5)")
    with pytest.raises(TcalcError) as caught:
        session.run(source)
    return caught.value


@pytest.mark.parametrize("case", RENDERED.strip().split("\n---\n"))
def test_a_fault_is_drawn(case):
    source, drawing = case.split("\nerror: ")
    assert render(fault_of(source)) == "error: " + drawing


@pytest.mark.parametrize(
    ("left", "right", "hint"),
    [
        ((2, 3), (2, 5), "left.T @ right fits"),
        ((2, 3), (5, 3), "left @ right.T fits"),
        ((2, 3), (4, 2), "left.T @ right.T fits"),
        ((2, 3), (4, 5), None),
        ((2, 3), (2,), "left.T @ right fits"),
        ((3,), (2, 3), "left @ right.T fits"),
    ],
)
def test_a_hint_is_given_only_where_it_fits(left, right, hint):
    session = tcalc.Session()
    session.run(f"left = ones{left}\nright = ones{right}")
    with pytest.raises(TcalcError) as caught:
        session.run("left @ right")
    assert caught.value.hint == hint
    if hint is not None:
        session.run(hint.removesuffix(" fits"))


def test_a_long_line_is_shown_around_the_place():
    drawing = render(fault_of("'" + "x" * 500 + "' + 1 + '" + "y" * 500 + "'"))
    assert max(map(len, drawing.splitlines()[1:])) < 330
    assert " ..." in drawing


def test_a_named_source_of_several_lines_tells_its_line():
    error = TcalcError("wrong", "ValueError", span=Span(8, 9))
    error.source, error.source_name = "first\nx = y\n", "script.py"
    assert render(error) == "error: ValueError: wrong\n  --> script.py:2:3\n  2 |  x = y\n    |    ^"


def test_a_label_on_the_place_itself_is_left_out():
    error = TcalcError("wrong", span=Span(0, 1))
    error.source = "x"
    error.labels = [Label(Span(0, 1), "again")]
    assert "again" not in render(error)


def test_operands_that_fit_get_no_hint_about_shapes():
    with pytest.raises(TcalcError) as caught:
        tcalc.Session().run("left = ones(2, 2)\nleft @ tensor([1, 2])")
    assert caught.value.hint is None


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("ones(2).backward()", "AttributeError", "gradients"),
        ("ones(2).register_hook(print)", "AttributeError", "gradients"),
        ("torch.autograd.grad(1, 2)", "AttributeError", "gradients"),
        ("torch.func.jacrev", "AttributeError", "gradients"),
        ("from torch.autograd import Function", "ImportError", "gradients"),
        ("vmap(abs)", "NameError", "stack([f(row) for row in x])"),
        ("import torch.optim as optim", "ModuleNotFoundError", "training loops"),
        ("from torch.utils.data import DataLoader", "ModuleNotFoundError", "x.split(32)"),
        ("torch.utils.data", "AttributeError", "x.split(32)"),
        ("torch.cuda.amp.autocast()", "AttributeError", "dtype of the operands"),
        ("nn.Linear(2, 3)", "AttributeError", "F.linear"),
        ("nn.CrossEntropyLoss()", "AttributeError", "F.cross_entropy"),
        ("nn.MSELoss()", "AttributeError", "F.mse_loss"),
        ("from torch.nn import Module", "ImportError", "a model is a function"),
        ("import matplotlib.pyplot as plt", "ModuleNotFoundError", "plot"),
        ("import socket", "ModuleNotFoundError", "tcalc has torch, numpy"),
        ("import pickle", "ModuleNotFoundError", "load(path)"),
        ("from dataclasses import dataclass", "ModuleNotFoundError", "namedtuple"),
        ("import os.path", "ModuleNotFoundError", "no files but by load"),
        ("{'b': 1}.b", "AttributeError", "write ['b']"),
        ("bundle({'layer.weight': ones(2)}).layer", "AttributeError", 'write ["layer.*"]'),
    ],
)
def test_a_hint_says_why_something_is_not_here(source: str, kind: str, words: str) -> None:
    with pytest.raises(TcalcError) as caught:
        tcalc.Session(write=lambda text: None).run(source)
    assert caught.value.kind == kind
    assert caught.value.hint is not None
    assert words in caught.value.hint


@pytest.mark.parametrize("source", ["torch.qwerty", "ones(2).qwerty", "{'b': 1}.c", "torch.nn.functional.qwerty"])
def test_where_nothing_is_known_no_reason_is_made_up(source: str) -> None:
    with pytest.raises(TcalcError) as caught:
        tcalc.Session(write=lambda text: None).run(source)
    assert caught.value.hint is None
