"""Functions beyond the large families, held to what PyTorch printed (conformance/record_further.py)."""

from __future__ import annotations

import importlib.util
import json
import math
import re
from pathlib import Path

import pytest
import transcripts

import tcalc

HERE = Path(__file__).parent / "conformance"
NUMBER = re.compile(r"-?(?:\d+\.\d*(?:e[-+]?\d+)?|inf|nan)")


def _recorder():
    spec = importlib.util.spec_from_file_location("record_further", HERE / "record_further.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = _recorder()
PROGRAMS = {title: lines for name in RECORDER.FILES for title, lines in RECORDER.programs(name).items()}
ANSWERS = {
    title: texts for name in RECORDER.FILES for title, texts in json.loads((HERE / f"{name}.json").read_text()).items()
}


def plain(text):
    """The text without the signs and layout that only the last digits of floats decide."""
    return NUMBER.sub("#", re.sub(r"[-+]?\s*(?=\d+\.)|\s+", "", text))


def assert_alike(got, wanted, line):
    """The same text, but for the last digits of floats: libraries differ there."""
    if got == wanted:
        return
    assert plain(got) == plain(wanted), line
    for mine, theirs in zip(NUMBER.findall(got), NUMBER.findall(wanted), strict=True):
        assert mine == theirs or math.isclose(float(mine), float(theirs), rel_tol=2e-4, abs_tol=2e-4), line


@pytest.mark.parametrize("title", PROGRAMS)
def test_prints_what_pytorch_prints(title):
    output = []
    session = tcalc.Session(write=output.append)
    session.run("import torch\nimport numpy as np\nimport torch.nn.functional as F")
    for line, wanted in zip(PROGRAMS[title], ANSWERS[title], strict=True):
        assert_alike(transcripts.run_step(session, output, line), wanted, line)


@pytest.mark.parametrize(
    ("source", "shape"),
    [
        ("torch.stft(m(2, 20), 8, return_complex=True)", (2, 5, 11)),
        ("torch.istft(m(5, 3, dtype=torch.complex64), 8)", (4,)),
        ("F.grid_sample(m(1, 2, 4, 4), m(1, 3, 5, 2), align_corners=True)", (1, 2, 3, 5)),
        ("torch.linalg.ldl_factor(m(2, 3, 3)).LD", (2, 3, 3)),
        ("torch.linalg.ldl_solve(m(3, 3), torch.ones(3, dtype=torch.int32, device='meta'), m(3, 2))", (3, 2)),
        ("torch.native_layer_norm(m(2, 3), (3,), None, None, 1e-5)[1]", (2, 1)),
        ("F.fractional_max_pool2d(m(1, 6, 6), 2, 3, _random_samples=m(1, 1, 2))", (1, 3, 3)),
        ("torch.signal.windows.hann(5, device='meta')", (5,)),
        ("m(2, 2, dtype=torch.complex64).conj()", (2, 2)),
        ("torch.binomial(m(2, 1), m(3))", (2, 3)),
        ("m(4, 3).sum_to_size(1, 3)", (1, 3)),
    ],
)
def test_shapes_without_computing(source, shape):
    session = tcalc.Session(write=lambda text: None)
    session.run("import torch\nimport torch.nn.functional as F")
    session.run("def m(*size, dtype=None): return torch.empty(*size, dtype=dtype, device='meta')")
    answer = session.run(source)
    assert answer.is_meta
    assert tuple(answer.shape) == shape


def test_a_conjugate_view_shares_memory_with_numpy():
    """What NumPy writes is seen through the view, and the other way round."""
    session = tcalc.Session(write=lambda text: None)
    session.run("import torch\nx = torch.tensor([1 + 2j])\na = x.numpy()\ny = x.conj()\nbefore = y.tolist()")
    session.run("a[0] = 5 + 1j\nafter = y.tolist()\ny[0] = 7j\nwritten = a.tolist()")
    assert session.variables["before"] == [1 - 2j]
    assert session.variables["after"] == [5 - 1j]
    assert session.variables["written"] == [-7j]


def test_products_of_itertools_ask_for_memory_first():
    session = tcalc.Session(write=lambda text: None)
    with pytest.raises(tcalc.TcalcError, match="memory"):
        session.run("import itertools\nitertools.product(range(10**12))")
    with pytest.raises(tcalc.TcalcError, match="memory"):
        session.run("itertools.combinations_with_replacement([1], 10**13)")


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("torch.empty(0).tensor_split([None])", "TypeError", "invalid combination"),
        ("torch.empty(0).tensor_split([[0], [1]])", "TypeError", "invalid combination"),
        ("torch.mvlgamma(torch.ones(3), 2**50)", "MemoryError", "memory"),
        ("torch.nn.init.constant(torch.ones(2))", "TypeError", "missing 1 required"),
        ("torch.nn.init.uniform(len)", "TypeError", "must be Tensor"),
        ("torch.random.fork_rng(len)", "TypeError", "not iterable"),
        ("torch.random.fork_rng([1.5])", "TypeError", "but got: float"),
        ("torch.index_put(torch.ones(2), [torch.tensor(True)], torch.ones(()))", "IndexError", "without dimensions"),
        ("torch.addmm(torch.eye(2), torch.eye(2), torch.eye(2), beta=2**70)", "OverflowError", "too big"),
        ("torch.lobpcg(torch.eye(4), tracker=len)", "TypeError", "tracker"),
        ("torch.signal.windows.general_cosine(3, a=[[0], [1]])", "TypeError", "must be numbers"),
        ("torch.nn.utils.rnn.unpad_sequence(torch.ones(2, 2), torch.tensor(3))", "TypeError", "0-d tensor"),
        (
            "torch.rnn_relu(torch.ones(2, 1, 1), torch.zeros(1, 1, 1), [torch.ones(1, 1)] * 2, False, 1, 0.0, False, "
            "False, np.ones(3))",
            "TypeError",
            "as bools",
        ),
        ("torch.sym_sqrt(-1)", "ValueError", "math domain error"),
        ("torch.sym_max(1, 2j)", "TypeError", "not supported"),
    ],
)
def test_refusals_of_odd_arguments(source, kind, words):
    """They are the program's faults, not tcalc's."""
    with pytest.raises(tcalc.TcalcError, match=words) as caught:
        tcalc.Session(write=lambda text: None).run(source)
    assert caught.value.kind == kind
