"""Completion: where the cursor is, and what could stand there."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from tcalc.interp.session import Session
from tcalc.shell.background import Loader
from tcalc.shell.completion.candidates import candidates, files
from tcalc.shell.completion.completer import ShellCompleter
from tcalc.shell.completion.place import place_in


@pytest.fixture(scope="module")
def session():
    found = Session()
    found.run(
        "alpha = rand(2, 3); weights = {'layer.bias': alpha, 'layer.weight': alpha}; word = 'text'; numbers = [1, 2]\n"
        "def square(x, exponent=2): return x ** exponent"
    )
    return found


def offered(session, typed):
    return [candidate.text for candidate in candidates(session, place_in(typed))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("alp", "alpha"),
        ("cums", "cumsum"),
        ("scatt", "scatter"),
        ("torch.cums", "cumsum"),
        ("torch.linalg.sv", "svd"),
        ("F.relu6", "relu6"),
        ("np.linspa", "linspace"),
        ("math.sqr", "sqrt"),
        ("alpha.unsq", "unsqueeze"),
        ("alpha.T.su", "sub"),
        ("(alpha @ alpha.T).unsq", "unsqueeze"),
        ("[1, 2].med", "median"),
        ("word.upp", "upper"),
        ("'text'.upp", "upper"),
        ("alpha.shape.num", "numel"),
        ("weights['layer.bias'].unsq", "unsqueeze"),
        ("numbers.unsq", "unsqueeze"),
        ("numbers.appe", "append"),
        ("weights['", "layer.bias"),
        ("weights['layer.w", "layer.weight"),
        ("zeros(2, dt", "dtype="),
        ("zeros(2, dtype=", "float32"),
        ("zeros(2, dtype=in", "int64"),
        ("zeros(2, device=", '"cpu"'),
        ("zeros(2, device='cu", "cuda"),
        ("alpha.to('cu", "cuda"),
        ("alpha.sum(0, keep", "keepdim="),
        ("square(1, exp", "exponent="),
        ("import nump", "numpy"),
        ("import torch.lin", "torch.linalg"),
        ("from torch import cums", "cumsum"),
        ("from torch.linalg import sv", "svd"),
        ("x = 1\nfor i in alp", "alpha"),
        ("for i in rang", "range"),
        (":li", "lists"),
        (":lists ", "tensor"),
        (":device cu", "cuda"),
        ("?cums", "cumsum"),
        ("?torch.linalg.sv", "svd"),
        (":time alpha.unsq", "unsqueeze"),
        (":time alpha.sum(keep", "keepdim="),
        ("if alp", "alpha"),
    ],
)
def test_what_is_offered_first(session, typed, first):
    assert offered(session, typed)[0] == first


@pytest.mark.parametrize("typed", ["1", "1.", "'text", "# alp", "unknown.", "f('alp", "x = 'a' + 'b"])
def test_where_nothing_is_offered(session, typed):
    assert offered(session, typed) == []


def test_a_keyword_is_offered_once(session):
    assert "dim=" not in offered(session, "alpha.sum(dim=0, ")
    assert "dim=" not in offered(session, "alpha.sum(0, ")


def test_calls_and_summaries_stand_beside(session):
    (found,) = candidates(session, place_in("alpha.cumsum"))[:1]
    assert found.shown.startswith("cumsum(dim")
    assert found.summary.startswith("The sum of each element")
    variable = candidates(session, place_in("alpha"))[0]
    assert variable.summary == "(2, 3) float32"


def test_files(tmp_path, monkeypatch, session):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one two.npy").touch()
    (tmp_path / "data.csv").touch()
    (tmp_path / "da\x1b[31mnger").touch()
    assert [found.text for found in files("da")] == ["data/", "data.csv"]
    assert offered(session, "load('data/o") == ["data/one two.npy"]
    assert offered(session, ":load da") == ["data/", "data.csv"]
    assert offered(session, "load('nowhere/") == []


def test_a_menu_asked_for_while_the_shell_loads_comes_when_it_has(session):
    loader, shown, begun = Loader(), [], threading.Event()
    completer = ShellCompleter(SimpleNamespace(session=session, loader=loader))

    def ask():
        begun.set()
        shown.extend(completer.get_completions(Document("weights['layer.w"), CompleteEvent(text_inserted=True)))

    loader._thread = asking = threading.Thread(target=ask)  # as if it had begun to load
    asking.start()
    begun.wait()
    assert not shown
    loader.needed.set()
    asking.join()
    assert [completion.text for completion in shown] == ["layer.weight"]
