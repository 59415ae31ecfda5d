"""Chance: after ``manual_seed`` the numbers are PyTorch's (recorded by conformance/record_random.py)."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import tcalc
from tcalc.engine.dtypes import by_name

HERE = Path(__file__).parent / "conformance"


def _recorder():
    spec = importlib.util.spec_from_file_location("record_random", HERE / "record_random.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = _recorder()
RESULTS = json.loads((HERE / "random.json").read_text())["results"]
CASES: dict[str, list] = {}
for _case, _result in zip(RECORDER.cases(), RESULTS, strict=True):
    CASES.setdefault(_case[0], []).append((_case, _result))


def _run(program: str, seed: int, size: int):
    session = tcalc.Session()
    session.variables["n"] = size
    result = session.run(f"import torch\ntorch.manual_seed({seed})\n{program}")
    following = session.run("torch.randint(0, 2**20, (1,)).item()")
    return result, following


@pytest.mark.parametrize("program", CASES)
def test_streams_are_those_of_pytorch(program):
    for (_, seed, size, exact), (dtype, shape, kept, following) in CASES[program]:
        result, next_number = _run(program, seed, size)
        where = f"seed {seed}, size {size}"
        assert (result.dtype.name, list(result.shape)) == (dtype, shape), where
        assert next_number == following, f"{where}: another number of outputs was used"
        array = np.ascontiguousarray(result.array)
        if exact:
            assert RECORDER.digest(array.tobytes()) == kept, f"{where}: {array}"
        else:
            wanted = np.frombuffer(base64.b64decode(kept), by_name(dtype).numpy).reshape(shape)
            _assert_close(array, wanted, where)


def _assert_close(array, wanted, where):
    if array.dtype.kind == "c":
        array, wanted = array.view(array.real.dtype), wanted.view(array.real.dtype)
    wide = np.float64 if array.dtype == np.float64 else np.float32
    array, wanted = array.astype(wide), wanted.astype(wide)
    # Near a zero of the cosine one rounding of the angle is many units in the last place of the number.
    epsilon = {"float64": 2e-15, "float32": 1e-6}[array.dtype.name]
    error = np.abs(array - wanted) / np.maximum(np.abs(wanted), 1)
    assert error.size == 0 or error.max() <= epsilon, f"{where}: {error.max()}"


def test_infinitely_many_are_counted_at_once():
    session = tcalc.Session()
    session.run("import torch\ninf = torch.tensor([float('inf')])")
    assert session.run("torch.binomial(inf, torch.tensor([0.3])).item()") == float("inf")
    # As int64, in which PyTorch counts, it is the machine's own answer.
    assert session.run("torch.poisson(inf).item()") == -(2.0**63)
