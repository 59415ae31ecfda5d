"""Lines of Python with PyTorch and NumPy echo what they were recorded to echo, errors included."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import tcalc

RECORDED = json.loads((Path(__file__).parent / "conformance" / "interpreter.json").read_text())


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


@pytest.mark.parametrize(
    ("source", "printed", "error"), RECORDED["records"], ids=[record[0][:40] for record in RECORDED["records"]]
)
def test_a_line_echoes_what_pytorch_echoes(source, printed, error):
    found: list[str] = []
    fault = None
    session = tcalc.Session(write=found.append)
    session.run("import torch\nimport numpy as np\nimport math\n" + RECORDED["preamble"])
    try:
        session.run(source, echo="all")
    except tcalc.InternalError:
        raise
    except tcalc.TcalcError as raised:
        fault = f"{raised.kind}: {raised}"
    assert without_addresses("".join(found)) == without_addresses(printed)
    assert fault == error


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = np.arange(2.); a += ones(2); a", "array([1., 2.])"),
        ("np.arange(2.) * tensor([2., 3.])", "tensor([0., 3.], dtype=torch.float64)"),
        ("np.sum(ones(3))", "np.float32(3.0)"),
        ("round(tensor([1.5, 2.5]))", "tensor([2., 2.])"),
        ("divmod(tensor([7, 8]), 3)", "(tensor([2, 2]), tensor([1, 2]))"),
        ("max(tensor([1, 5]), tensor([3, 2]))", "tensor([3, 5])"),
        ("max(2, tensor([1, 5]))", "tensor([2, 5])"),
        ("sin(pi / 2), sqrt(2), exp(0)", "(1.0, 1.4142135623730951, 1.0)"),
        ("zeros(2) < [1, 2]", "tensor([True, True])"),
        ("tensor([1, 2]) + [1, 2]", "tensor([2, 4])"),
        ("torch.Tensor.sum(ones(3))", "tensor(3.)"),
        ("list(map(torch.sqrt, [tensor(4.), tensor(9.)]))", "[tensor(2.), tensor(3.)]"),
        ("sorted([3, 1, 2], key=tensor)", "[1, 2, 3]"),
    ],
)
def test_what_pytorch_refuses_and_is_plain_is_answered(source, expected):
    found: list[str] = []
    tcalc.Session(write=found.append).run(source, echo="last")
    assert "".join(found) == expected + "\n"


@pytest.mark.parametrize("call", ["sqrt(2)", "hypot(2, 3)", "atan2(2., 3)", "hypot(2, tensor(1.))", "special.erf(0.5)"])
def test_torchs_functions_refuse_numbers_and_the_calculators_take_them(call):
    """A pasted program gets PyTorch's error, whatever the calculator's function of that name does."""
    session = tcalc.Session(write=[].append)
    with pytest.raises(tcalc.TcalcError, match=r"argument 'input' \(position 1\) must be Tensor, not (int|float)"):
        session.run(f"torch.{call}")
    if "tensor" not in call:
        assert isinstance(session.run(call.removeprefix("special.")), float)


def test_an_array_keeps_its_shape_and_flags_to_itself():
    """The memory is shared with the tensor, and nothing else is."""
    session = tcalc.Session(write=[].append)
    session.run("import torch\nimport numpy as np\nt = torch.arange(6).reshape(2, 3)\na = t.numpy()\nb = t.numpy()")
    session.run("a.shape = (6,)\na.flags.writeable = False\nb[0, 0] = 9\nt += 1")
    assert session.run("t.tolist()") == [[10, 2, 3], [4, 5, 6]]
    session.run("n = np.arange(6)\nu = torch.from_numpy(n)\nn.shape = (2, 3)\nn[1, 2] = 7")
    assert session.run("(u * 2).tolist()") == [0, 2, 4, 6, 8, 14]
    assert session.run("u.numpy() is n") is False
