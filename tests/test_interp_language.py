"""Programs of plain Python print in tcalc what they print in CPython, and fail with its words."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import pytest

import tcalc

# Each program, divided from the next by a line of dashes, runs in CPython and in tcalc.
PROGRAMS = Path(__file__).with_name("python_programs.txt").read_text(encoding="utf-8").strip().split("\n---\n")


def in_python(source: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "<program>", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def in_tcalc(source: str) -> str:
    printed: list[str] = []
    session = tcalc.Session(write=printed.append)
    session.set_lists("python")
    session.run(source)
    return "".join(printed)


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_prints_what_it_prints_in_python(source):
    assert in_tcalc(source) == in_python(source)


def test_the_names_of_a_programs_own_functions():
    session = tcalc.Session(write=lambda text: None)
    session.run("def f():\n    def g(): pass\n    return g")
    assert session.run("torch.typename(f), torch.typename(f()), torch.typename(lambda: 1)") == (
        "__main__.f", "__main__.f.<locals>.g", "__main__.<lambda>",
    )  # fmt: skip


def test_a_parameter_is_made_of_a_literal_too():
    assert repr(tcalc.evaluate("nn.Parameter([1., 2.])")) == (
        "Parameter containing:\ntensor([1., 2.], requires_grad=True)"
    )
    assert tcalc.evaluate("nn.Parameter([1., 2.]).detach() * 2").tolist() == [2.0, 4.0]


def test_completion_knows_the_fields_of_a_named_tuple():
    from tcalc.interp.attributes import names_of

    found = names_of(tcalc.evaluate("from collections import namedtuple\nnamedtuple('P', 'loss logits')(1, 2)"))
    assert {"loss", "logits", "_replace", "count"} <= set(found)


def warned(source: str) -> list[str]:
    said: list[str] = []
    session = tcalc.Session(write=lambda text: None)
    session.state.warn = said.append
    session.run("import warnings\nimport torch\n" + source)
    return said


COMPLEX_TO_REAL = "torch.zeros(1)[:] = torch.ones(1, dtype=torch.complex64)"


def test_a_program_warns_and_says_which_warnings_it_wants():
    assert warned("warnings.warn('hello')\nwarnings.warn(UserWarning('w'))\nwarnings.warn(5)") == ["hello", "w", "5"]
    assert warned("warnings.filterwarnings('ignore')\nwarnings.warn('hello')") == []
    assert len(warned(COMPLEX_TO_REAL)) == 1
    assert warned(f"warnings.simplefilter('ignore')\n{COMPLEX_TO_REAL}") == []
    only = "warnings.filterwarnings('ignore', category=FutureWarning)\nwarnings.warn('a', FutureWarning)"
    assert warned(f"{only}\nwarnings.warn('b')") == ["b"]
    assert warned("warnings.filterwarnings('ignore', '.*a')\nwarnings.warn('xa')\nwarnings.warn('b')") == ["b"]
    inside = "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    warnings.warn('in')"
    assert warned(f"{inside}\nwarnings.warn('out')") == ["out"]


def test_a_warning_may_be_an_error():
    with pytest.raises(tcalc.TcalcError, match="boom") as caught:
        warned("warnings.simplefilter('error')\nwarnings.warn('boom', RuntimeWarning)")
    assert caught.value.kind == "RuntimeWarning"
    with pytest.raises(tcalc.TcalcError, match="category must be a Warning subclass"):
        warned("warnings.warn('a', int)")
