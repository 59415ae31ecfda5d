"""``:save``: the session as a script. What PyTorch prints for such scripts was compared once; here tcalc runs them."""

from __future__ import annotations

import pytest
from screen import Screen

from tcalc.errors import TcalcError
from tcalc.interp.session import Session
from tcalc.shell.outputs import Outputs
from tcalc.shell.saving.log import Log
from tcalc.shell.saving.script import script_of


def script(*lines, setup=""):
    """The script of a session that entered these lines, and what the session printed."""
    printed = []
    session = Session(write=printed.append)
    if setup:
        session.run(setup)
    log, outputs = Log(session), Outputs(session.builtins)
    for line in lines:
        last = outputs.last
        outputs.begin()
        entry = log.begin(line, "all", outputs.entry, last)
        try:
            value = session.run(line, echo="all")
        except TcalcError:
            continue
        outputs.keep(value)
        log.succeeded(entry, value)
    return script_of(session, log)[0], "".join(printed)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zeros(2, 3)", "print(torch.zeros(2, 3))"),
        ("[1, 2, 3] * 2", "print(torch.tensor([1, 2, 3]) * 2)"),
        ("[[1, 2], [3, 4]] @ [5, 6]", "print(torch.tensor([[1, 2], [3, 4]]) @ torch.tensor([5, 6]))"),
        ("[[1, 2], [3, 4]].T", "print(torch.tensor([[1, 2], [3, 4]]).T)"),
        ("[1, 2].mean()", "print(torch.tensor([1, 2], dtype=torch.float32).mean())"),
        ("median([1, 2, 3])", "print(torch.median(torch.tensor([1, 2, 3])))"),
        ("std([1, 2, 4])", "print(torch.std(torch.tensor([1, 2, 4], dtype=torch.float32)))"),
        ("x @ [[1], [2], [3]]", "print(x @ torch.tensor([[1], [2], [3]], dtype=torch.float32))"),
        ("d + [0.1, 0.2]", "print(d + torch.tensor([0.1, 0.2], dtype=torch.float64))"),
        ("x.double().sum(1) + [0.1, 0.2]", "print(x.double().sum(1) + torch.tensor([0.1, 0.2], dtype=torch.float64))"),
        ("x[[0, 1]]", "print(x[[0, 1]])"),
        ("x.view([3, 2])", "print(x.view([3, 2]))"),
        ("zeros([2, 3])", "print(torch.zeros([2, 3]))"),
        ("cat([x, x])", "print(torch.cat([x, x]))"),
        ("sum(x)", "print(torch.sum(x))"),
        ("sum([1, 2])", "print(sum([1, 2]))"),
        ("sum([1, 2], dim=0)", "print(torch.sum(torch.tensor([1, 2]), dim=0))"),
        ("max(2, 3)", "print(max(2, 3))"),
        ("abs([-1, 2])", "print(torch.abs(torch.tensor([-1, 2])))"),
        ("sorted([3, 1, 2])", "print(repr(sorted([3, 1, 2])))"),
        ("len([1, 2])", "print(len([1, 2]))"),
        ("sin(pi / 4)", "print(math.sin(math.pi / 4))"),
        ("sigmoid(0.5)", "print(torch.sigmoid(torch.tensor(0.5, dtype=torch.float64)).item())"),
        ("linalg.norm(x)", "print(torch.linalg.norm(x))"),
        ("F.relu(x)", "print(F.relu(x))"),
        ("zeros(2, dtype=float64)", "print(torch.zeros(2, dtype=torch.float64))"),
        ("for i in [1, 2]: print(i)", "for i in [1, 2]: print(i)"),
        ("for i in range(2): print(complex(i, 1))", "for i in range(2): print(complex(i, 1))"),
        ("y = range(0, 3, 1)", "y = range(0, 3, 1)"),
        ("[i * 2 for i in [1, 2]]", "print(repr([i * 2 for i in [1, 2]]))"),
        ("def f(sum, n=1): return sum + ones(n)", "def f(sum, n=1): return sum + torch.ones(n)"),
        ("g = lambda v: relu(v)", "g = lambda v: torch.relu(v)"),
        ("'a' + 'b'", "print(repr('a' + 'b'))"),
        ("y = [1, 2]", "y = torch.tensor([1, 2])"),
        ("y = x.sum();", "y = x.sum()"),
        ("x.sum();", "x.sum()"),
        ("manual_seed(3)", "torch.manual_seed(3)"),
        ("help(sum)", "# only in tcalc: help(sum)"),
        ("[3, 1].sort()", "[3, 1].sort()"),
    ],
)
def test_a_line_in_pytorchs_words(line, said):
    text, _ = script(line, setup="x = arange(6.).reshape(2, 3); d = ones(2, dtype=torch.float64)")
    assert said in text.splitlines()


def test_a_script_prints_what_the_session_showed():
    text, printed = script(
        "torch.manual_seed(0)" + ";", "x = rand(2, 3)", "x.mean(0)", "_ * 2", "_3 + [1, 2, 3]", "w = [[1, 2], [3, 4]]",
        "w @ [1, 1]", "sqrt(2) * e", "1 / 0", "a, b = [1, 2], [3, 4]", "a + b", "'text'", "x.shape",
        "def f(n): return ones(n) * n", "f(3)", "x[0] = 0", "x", "(a, 1)", "float32", "where(x > 0.5, x, 0)",
    )  # fmt: skip
    assert text.startswith("import torch\nimport math\n")
    assert "1 / 0" not in text
    said = []
    Session(write=said.append).run(text)
    wanted = printed.replace("([1, 2], 1)", "(tensor([1, 2]), 1)")
    assert "".join(said) == wanted


def test_once_torch_is_imported_brackets_are_lists():
    text, _ = script("import torch", "a = [0] * 3", "a", "torch.tensor([1, 2])")
    assert text == "import torch\n\na = [0] * 3\nprint(repr(a))\nprint(torch.tensor([1, 2]))\n"


def test_settings_and_what_was_there_before():
    text, _ = script("torch.set_printoptions(precision=2)", "x / 3", setup="x = tensor([1., nan])")
    assert "x = torch.tensor([1.0, float('nan')], dtype=torch.float32)" in text
    said = []
    Session(write=said.append).run(text)
    assert said == ["tensor([0.33,  nan])\n"]


def test_saving_asks_before_it_overwrites(tcalc):
    with Screen(tcalc) as screen:
        screen.prompt().enter("a = [1, 2] * 2")
        screen.enter(":save first.py", "first.py: 1 entry\n")
        screen.enter("a.sum()", "6")
        screen.enter(":save session.py", "session.py: 2 entries")
        screen.type(":save session.py\r").wait("write over it?").type("n\r").wait("nothing written").prompt()
        asked = ":save session.py\nsession.py exists; write over it? [y/N]"
        screen.type(":save session.py\r").wait(lambda screen: screen.text.count(asked) == 2)
        screen.type("\x04").wait(f"{asked}\nnothing written").prompt()
        screen.enter(":save no/such/folder.py", "no such file")
        screen.enter(":save", "wants the name")
    saved = (tcalc.folder / "session.py").read_text()
    assert saved == "import torch\n\na = torch.tensor([1, 2]) * 2\nprint(a.sum())\n"
    assert tcalc("-f", "session.py").stdout == "tensor(6)\n"
