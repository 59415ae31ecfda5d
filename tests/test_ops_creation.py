"""Creation and conversion, held to what PyTorch answered (conformance/record_creation.py)."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import tcalc
from tcalc.errors import LimitError, TcalcError

HERE = Path(__file__).parent / "conformance"


def _recorder():
    spec = importlib.util.spec_from_file_location("record_creation", HERE / "record_creation.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = _recorder()
ANSWERS = json.loads((HERE / "creation.json").read_text())
START = f"import torch\nimport numpy as np\nvalues = {RECORDER.VALUES}\ntorch.manual_seed(0)"


@pytest.fixture
def session():
    return tcalc.Session()


@pytest.mark.parametrize(("program", "answer"), list(zip(RECORDER.programs(), ANSWERS, strict=True)))
def test_answers_are_those_of_pytorch(session, program, answer):
    kind, wanted = answer
    session.run(START)
    if not kind:
        assert session.run(f"repr(({program}))") == wanted
        return
    with pytest.raises(TcalcError) as caught:
        session.run(program)
    assert caught.value.kind == kind
    assert not wanted or caught.value.message == wanted


def test_from_numpy_and_numpy_share_memory(session):
    array = np.arange(4.0)
    session.variables["array"] = array
    session.run("x = torch.from_numpy(array)\nx[0] = 7\ny = x.numpy()\ny[1] = 8")
    assert array.tolist() == [7, 8, 2, 3]
    session.run("z = torch.tensor(array)\nz[2] = 9\nw = torch.as_tensor(array)\nw[3] = 5")
    assert array.tolist() == [7, 8, 2, 5]


def test_to_is_the_tensor_itself_where_nothing_changes(session):
    assert session.run("x = torch.ones(2)\nx.to(torch.float32) is x and x.float() is x and x.cpu() is x") is True
    assert session.run("x.to(torch.float32, copy=True) is x") is False


def test_to_keeps_the_order_of_memory(session):
    assert session.run("torch.ones(2, 3).t().to(torch.float64).stride()") == (1, 3)
    assert session.run("torch.ones(2, 3, 4).permute(2, 0, 1)[::2].double().stride()") == (1, 6, 2)


def test_memory_is_refused_before_it_is_taken(session):
    with pytest.raises(LimitError, match=r"zeros needs 3\.469 EiB, .* are free"):
        session.run("try:\n    zeros(10**9, 10**9)\nexcept Exception:\n    pass")


@pytest.mark.parametrize(
    "call",
    [
        "zeros(2, 3{})", "full((2,), 7{})", "arange(5{})", "arange(0, 1, 0.1{})", "linspace(0, 1, 7{})", "eye(2, 3{})",
        "rand(2, 3{})", "randint(5, (2, 2){})", "randperm(4{})", "tensor([[1], [2]]{})", "logspace(0, 1, 3{})",
    ],
)  # fmt: skip
def test_meta_says_what_is_computed(session, call):
    real = session.run(f"torch.{call.format('')}")
    on_meta = call.format(', device="meta"')
    meta = session.run(f"torch.{on_meta}")
    assert (meta.dtype, meta.shape, meta.stride) == (real.dtype, real.shape, real.stride)
    assert meta.is_meta


def test_modes_end_with_their_block(session):
    session.run("with torch.no_grad():\n    inside = torch.is_grad_enabled()\nafter = torch.is_grad_enabled()")
    assert (session.variables["inside"], session.variables["after"]) == (False, True)
    session.run("with torch.device('meta'):\n    inside = torch.zeros(2).device\nafter = torch.zeros(2).device")
    assert (str(session.variables["inside"]), str(session.variables["after"])) == ("meta", "cpu")
    with pytest.raises(TcalcError):
        session.run("with torch.inference_mode():\n    torch.zeros(2, -1)")
    assert session.run("torch.is_grad_enabled() and not torch.is_inference_mode_enabled()") is True


def test_default_dtype_decides_floats(session):
    session.run("torch.set_default_dtype(torch.float64)")
    assert str(session.run("torch.tensor([1.5]).dtype")) == "torch.float64"
    assert str(session.run("torch.tensor([1j]).dtype")) == "torch.complex128"
    assert str(session.run("torch.zeros(2).dtype")) == "torch.float64"
    assert session.run("torch.tensor([0.1]).item()") == 0.1


def test_out_takes_shape_and_keeps_dtype(session):
    session.run("x = torch.empty(0, dtype=torch.int64)\ny = torch.arange(4, out=x)")
    assert session.run("y is x and x.tolist() == [0, 1, 2, 3]") is True
    session.run("x = torch.zeros(2, 2)\ntorch.arange(4, out=x)")
    assert session.run("x.tolist()") == [[0, 1], [2, 3]]
    with pytest.raises(TcalcError, match="dtype Float does not match dtype of out parameter"):
        session.run("torch.ones(2, out=torch.empty(2, dtype=torch.int64), dtype=torch.float32)")


def test_a_ragged_list_says_where(session):
    with pytest.raises(TcalcError, match="expected sequence of length 2 at dim 1") as caught:
        session.run("torch.tensor([[1, 2], [3, 4], [5]])")
    assert caught.value.path == (2,)


def test_an_error_in_the_middle_of_a_write_changes_nothing(session):
    session.run("x = torch.zeros(3)")
    with pytest.raises(TcalcError):
        session.run("x.uniform_(3, 1)")
    assert session.run("x.tolist()") == [0, 0, 0]


def test_generators_are_streams_of_their_own(session):
    session.run("torch.manual_seed(0)\na = torch.rand(2)\ng = torch.Generator().manual_seed(5)\ntorch.manual_seed(0)")
    session.run("torch.rand(3, generator=g)")
    assert session.run("torch.equal(torch.rand(2), a)") is True


def test_states_come_back_whole(session):
    session.run("torch.randn(3)\nstate = torch.get_rng_state()\na = torch.randn(3)\ntorch.set_rng_state(state)")
    assert session.run("torch.equal(torch.randn(3), a)") is True
    session.run(
        "torch.set_rng_state(state)\nwith torch.random.fork_rng():\n    torch.manual_seed(3)\n    torch.rand(9)"
    )
    assert session.run("torch.equal(torch.randn(3), a)") is True
