"""The Python face: sessions, what they echo, how they fail, and what they leave behind."""

from __future__ import annotations

import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import tcalc
from tcalc.errors import TcalcError


@pytest.fixture
def printed():
    return []


@pytest.fixture
def session(printed):
    return tcalc.Session(write=printed.append)


def test_run_returns_the_last_expression(session):
    assert session.run("1 + 1") == 2
    assert session.run("x = 3") is None
    assert session.run("x\ny = 4") is None
    assert session.run("y = 4\nx * y") == 12
    assert session.run("") is None
    assert session.run("if True:\n    5") is None


@pytest.mark.parametrize(
    ("echo", "expected"),
    [("none", ""), ("last", "3\n"), ("all", "1\n'two'\n0\n1\n3\n")],
)
def test_echo_shows_the_values_that_it_names(session, printed, echo, expected):
    session.run("1\n'two'\nNone\nfor i in range(2): i\n4;\ndef f():\n    5\nf()\n3", echo=echo)
    assert "".join(printed) == expected


def test_a_trailing_semicolon_silences_the_echo(session, printed):
    assert session.run("1 + 1;", echo="last") == 2
    session.run("2;", echo="all")
    assert printed == []


def test_print_goes_through_write(session, printed):
    session.run("print('a', 1, [1.5], sep='|', end='.')\nprint()")
    assert "".join(printed) == "a|1|[1.5].\n"


def test_variables_are_shared_in_both_directions(session):
    array = np.arange(4, dtype=np.float32)
    session.variables["a"] = tcalc.tensor(array)
    session.run("b = a * 2\na[0] = 7")
    assert session.variables["b"].numpy().tolist() == [0, 2, 4, 6]
    assert array[0] == 0  # tensor() copies


@pytest.mark.parametrize("dtype", [np.float64, np.int8, np.bool_, np.complex64, ml_dtypes.bfloat16])
def test_tensor_keeps_the_element_type(dtype):
    tensor = tcalc.tensor(np.ones(3, dtype))
    assert repr(tensor.dtype) == "torch." + np.dtype(dtype).name
    assert tensor.host_array().dtype == dtype
    assert tensor.shape == (3,)


def test_tensor_takes_arrays_of_any_layout():
    array = np.arange(6).reshape(2, 3)
    assert tcalc.tensor(array[:, ::-1]).numpy().tolist() == [[2, 1, 0], [5, 4, 3]]
    assert tcalc.tensor(array.T).shape == (3, 2)
    assert repr(tcalc.tensor([1.5, 2.5])) == "tensor([1.5000, 2.5000])"


def test_a_fault_has_kind_message_place_and_hint(session):
    session.run("a = ones(2, 3)\nb = ones(2, 5)")
    with pytest.raises(TcalcError) as caught:
        session.run("a @ b + 1", name="cell")
    fault = caught.value
    assert (fault.kind, str(fault)) == (
        "RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x5)",
    )  # fmt: skip
    assert (fault.span.start, fault.span.end) == (2, 3)
    assert [label.text for label in fault.labels] == ["(2, 3) float32", "(2, 5) float32"]
    assert fault.hint == "a.T @ b fits"
    assert (fault.source, fault.source_name) == ("a @ b + 1", "cell")


def test_a_fault_in_a_function_is_placed_in_the_text_that_defined_it(session):
    session.run("def f(x):\n    return x.nope", name="first")
    with pytest.raises(TcalcError) as caught:
        session.run("f(1)", name="second")
    assert caught.value.source_name == "first"
    assert caught.value.source[caught.value.span.start : caught.value.span.end] == "nope"


def test_after_a_failing_statement_the_session_is_as_python_leaves_it(session):
    with pytest.raises(TcalcError):
        session.run("x = 1\ny = x / 0\nx = 2")
    assert session.variables["x"] == 1
    assert "y" not in session.variables


def test_a_syntax_error_runs_nothing(session, printed):
    with pytest.raises(TcalcError) as caught:
        session.run("print('early')\n1 +")
    assert caught.value.kind == "SyntaxError"
    assert printed == []
    assert caught.value.source is not None


def test_a_variable_hides_a_function_and_del_uncovers_it(session):
    assert session.run("sum = 3\nsum") == 3
    assert session.run("del sum\nsum([1, 2])") == 3
    with pytest.raises(TcalcError, match="name 'nothing' is not defined"):
        session.run("del nothing")


def test_a_fault_of_tcalc_is_never_dressed_as_the_users(session, monkeypatch):
    from tcalc.interp import library

    record = library.record("add")
    monkeypatch.setattr(type(record), "invoke", lambda *args: {}["a bug"])
    with pytest.raises(tcalc.InternalError) as caught:
        session.run("try:\n    ones(2) + 1\nexcept Exception:\n    pass")
    assert isinstance(caught.value.__cause__, KeyError)


def test_settings_belong_to_the_session():
    first, second = tcalc.Session(write=[].append), tcalc.Session(write=[].append)
    first.run("set_printoptions(precision=2)")
    assert first.run("str(tensor(0.12345))") == "tensor(0.12)"
    assert second.run("str(tensor(0.12345))") == "tensor(0.1235)"


def test_a_session_can_run_within_another(session):
    inner = tcalc.Session(write=[].append)
    inner.variables["outer"] = 1
    assert session.run("1 + 1") == 2
    assert inner.run("outer") == 1


FORBIDDEN = ("numpy", "typing", "dataclasses", "inspect", "enum", "re", "click", "rich", "tcalc.ops", "tcalc.show")


@pytest.mark.parametrize("source", ["2**10/3", "sin(pi / 4)", "[n * n for n in range(5)]", "f'{1.5:.2f}'"])
def test_a_scalar_program_loads_no_more_than_it_needs(source):
    script = f"import sys, tcalc; tcalc.Session().run({source!r}, echo='last'); print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.splitlines()[-1].split())
    assert not [name for name in FORBIDDEN if name in loaded]


def test_importing_the_package_loads_nothing_of_it():
    script = "import sys, tcalc; print([name for name in sys.modules if name.startswith('tcalc.')])"
    answer = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
