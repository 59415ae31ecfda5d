"""The ghost of the answer: what it says is what the program gives, and it touches nothing."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest
from golden_programs import GOLDEN, cells
from prompt_toolkit.application import Application
from prompt_toolkit.output import DummyOutput

from tcalc.errors import TcalcError
from tcalc.interp.session import Session
from tcalc.shell.background import Loader
from tcalc.shell.foresight.ghost import Ghost, answer_to, described, tip_at
from tcalc.shell.prompt import redraw_soon
from tcalc.syntax import nodes
from tcalc.syntax.parser import parse


@pytest.fixture
def session():
    found = Session(write=pytest.fail)
    found.run(
        "a = rand(2, 3); b = rand(3, 5); m = a > 0.5; w = {'k': a}; pair = [a, b]; row = [1, 2, 3]; dev = 'cuda'\n"
        "def square(x): return x * x\n"
        "scale = ones(5); scaled = lambda v, by=scale: square(v) * by\n"
        "def powers(x, n=3):\n    total = zeros(2, 3)\n    for i in range(n):\n        total = total + x ** i\n"
        "    return total.double()\n"
        "def printing(x): print(x); return x\n"
        "def endless(x):\n    while True: x = x + 1\n"
        "def outer():\n    return lambda x: x\ninner = outer()"
    )
    found.builtins["_"] = found.variables["a"]
    return found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a @ b", "(2, 5) float32"),
        ("y = a @ b", "y: (2, 5) float32"),
        ("a.sum(1", "(2,) float32"),
        ("a.double().std(0)", "(3,) float64"),
        ("zeros(10**9, 10**9)", "(1000000000, 1000000000) float32"),
        ("a.max(1)", "values (2,) float32, indices (2,) int64"),
        ("w['k'] * 2", "(2, 3) float32"),
        ("pair[0].T", "(3, 2) float32"),
        ("row * 2", "(3,) int64"),
        ("[[1, 2], [3, 4]] @ [5, 6]", "(2,) int64"),
        ("_ + 1", "(2, 3) float32"),
        ("a += 1", "a: (2, 3) float32"),
        ("c = a[0]; c.sum()", "() float32"),
        ("[x.sum() for x in a]", "() float32, () float32"),
        ("a.to('cuda') @ b.cuda()", "(2, 5) float32"),
        ("zeros(3, device=dev)", "(3,) float32"),
        ("F.softmax(a, dim=1)", "(2, 3) float32"),
        ("2 ** 10 / 4", "= 256.0"),
        ("square(a)", "(2, 3) float32"),
        ("powers(a) + 1", "(2, 3) float64"),
        ("scaled(b)", "(3, 5) float32"),
        ("len(a)", "= 2"),
        ("a.shape", "torch.Size([2, 3])"),
        ("a @ a", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"),
        ("a.view(7)", "RuntimeError: shape '[7]' is invalid for input of size 6"),
        ("a[0, 5]", "IndexError: index 5 is out of bounds for dimension 1 with size 3"),
    ],
)
def test_what_it_says(session, line, told):
    assert answer_to(session, line).text == told


@pytest.mark.parametrize(
    "line",
    [
        *("", ":vars", "?sum", "a +", "x = = 2", "unknown", "unknown + a", "a.nothing()", "sum", "lambda x: x"),
        *("a[m]", "nonzero(a)", "a.unique()", "a.sum().item()", "a.tolist()", "f'{a}'", "a.device", "a.is_cuda"),
        *("print(a)", "save(a, 'file')", "load('file')", "help(sum)", "np.ones(3)", "a.numpy()", "id(a)", "exit()"),
        *("manual_seed(0)", "torch.cuda.is_available()", "cuda.is_available()", "getattr(a, 'device')"),
        *("while True: pass", "[i for i in range(10 ** 9)]", "sorted(range(10 ** 8))", "9 ** 9 ** 9", "'a' * 10 ** 9"),
        *("import torch", "def f(): pass", "del a", "printing(a)", "endless(a)", "inner(a)", "a if a.sum() > 0 else b"),
    ],
)
def test_when_it_is_silent(session, line):
    assert answer_to(session, line) is None


def test_a_bundle_is_not_read(session):
    from tcalc.engine.bundle import Bundle, Entry

    def read():
        raise AssertionError("read while somebody types")

    session.variables["file"] = Bundle({"layer.weight": Entry("float16", (4, 3), 24, read)})
    assert answer_to(session, "file['layer.weight'].T").text == "(3, 4) float16"
    assert answer_to(session, "file['nothing']") is None


def test_it_touches_nothing(session):
    session.run("torch.manual_seed(0); before = a.clone(); stream = torch.get_rng_state()")
    lines = "a.add_(1)|a += 1|a[0] = 5|a.zero_().sum()|row.append(4)|w.clear()|rand(3)|pair[0].mul_(0)|x = 1"
    for line in lines.split("|"):
        answer_to(session, line)
    assert session.run("torch.equal(a, before) and torch.equal(torch.get_rng_state(), stream)") is True
    assert session.run("row == [1, 2, 3] and len(w) == 1") is True
    assert "x" not in session.variables


# What only the elements say, which are not looked at while somebody types.
VALUES_DECIDE = re.compile("invalid multinomial distribution")


def test_it_agrees_with_every_golden_program():
    told = 0
    for path in sorted(GOLDEN.glob("*.txt")):
        session = Session(write=len)
        for source in cells(path.read_text(encoding="utf-8")):
            told += _compared(session, source)
    assert told > 50


def _compared(session, source):
    try:
        statements = parse(source).body
    except TcalcError:
        return 0
    told = 0
    for statement in statements:
        text = source[statement.span.start : statement.span.end]
        answer = answer_to(session, text)
        try:
            value = session.run(text)
        except TcalcError as error:
            told_fault = f"{error.kind}: {' '.join(error.message.split())}"
            assert answer is None or answer.text == told_fault or VALUES_DECIDE.search(told_fault), text
            continue
        if answer is not None and isinstance(statement, nodes.Expr):
            with session.entered():
                assert answer.text == described(session.shown_value(value)), text
            told += 1
        elif answer is not None:
            name, _, shape = answer.text.partition(": ")
            with session.entered():
                assert shape == described(session.shown_value(session.variables[name])), text
            told += 1
    return told


def test_the_thread_answers_about_the_last_text(session):
    loader = Loader()
    loader.needed.set()
    answered = threading.Event()
    ghost = Ghost(session, loader, answered.set)
    for text in ("a", "a @", "a @ b"):
        ghost.ask(text, text)
    while ghost.answer is None:
        assert answered.wait(30)
    assert ghost.answer.text in ("(2, 3) float32", "(2, 5) float32")
    ghost.ask("", "")
    assert ghost.answer is None


@pytest.mark.parametrize(
    ("typed", "name", "current"),
    [
        ("sum(a, ", "sum", "dim=None"),
        ("a.sum(", "sum", "dim=None"),
        ("a.sum(1, ", "sum", "keepdim=False"),
        ("(a @ b).sum(keepdim=", "sum", "keepdim=False"),
        ("torch.zeros(2, 3", "zeros", "*size"),
        ("square(", "square", "x"),
        ("zeros([2, ", "zeros", "*size"),
        ("print(a.sum(0), ", "print", None),
    ],
)
def test_the_call_at_the_cursor(session, typed, name, current):
    tip = tip_at(session, typed)
    assert tip.signature.name == name
    if current is not None:
        assert tip.signature.parameters[tip.current] == current


def test_a_redraw_may_be_asked_for_while_the_prompt_ends():
    asked = []

    class Ending(Application):
        """Its loop is gone as soon as somebody has looked at it."""

        @property
        def loop(self):
            found, self.kept = self.__dict__.get("kept"), None
            asked.append(found)
            return found

        @loop.setter
        def loop(self, value):
            self.kept = value

    app = Ending(output=DummyOutput())
    redraw_soon(app)
    app.loop = loop = asyncio.new_event_loop()
    app._is_running = True
    redraw_soon(app)
    loop.call_soon(loop.stop)
    loop.run_forever()
    app.loop = loop
    loop.close()
    redraw_soon(app)
    assert asked[0] is None and asked[1] is loop and asked[-1] is loop
