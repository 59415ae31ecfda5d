"""Every operation on a simulated GPU: the recorded answers, and nothing that crosses to the host or back.

GPU code simulated, not executed: the array library is held to what the real CuPy offers (contract.json), and NumPy does
its work. ``pytest -m gpu`` runs the real thing where there is a GPU.
"""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import test_docs
import test_functions
import test_programs
import transcripts
from conformance import answers
from programs import DEVICE, outcome, without_device
from simulation import account, simulated

import tcalc


@pytest.fixture(autouse=True)
def device():
    with simulated():
        yield


# What is another answer on a GPU, by intent: names of devices, and tensors that PyTorch wants on the host because they
# say which shapes there will be (`test_devices.py` has what it says of them).
_OTHER_ON_CUDA = re.compile(
    r"get_device\(|\.type\((\)|'torch\.)|typename\(|device=|\.to\((3|'cpu')|\.cpu\(|10\*\*30"
    r"|tensor_split\(.*(torch\.tensor\(|, f32_3\))|torch\.(lstm|gru|rnn_\w+)\(\w+, i64_p2"
)
CHUNKS = 8


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_operations_answer_as_on_the_cpu_and_move_nothing(chunk) -> None:
    print("GPU code simulated, not executed")
    unexpected, moved, count = [], [], 0
    for name, programs in list(answers.recorded().items())[chunk::CHUNKS]:
        for source, expected in programs:
            if _OTHER_ON_CUDA.search(source):
                continue
            count += 1
            found = outcome(source, expected)
            if found.difference and not test_functions.reason(source, found.difference):
                unexpected.append(f"{name}: {source}\n   {found.difference}")
            moved += [f"{name}: {source}\n   {crossing}" for crossing in found.crossings]
    assert count > 25000 / CHUNKS / 2
    assert not unexpected, f"{len(unexpected)} of {count}\n" + "\n".join(unexpected[:20])
    assert not moved, f"{len(moved)} of {count}\n" + "\n".join(moved[:20])


def test_nonsense_is_refused_on_the_device_too() -> None:
    chance = random.Random(7)
    faults = []
    for programs in answers.recorded().values():
        for source, _ in chance.sample(programs, min(3, len(programs))):
            nonsense = test_functions._with_nonsense(chance, source)
            if not test_functions._ENDLESS.search(nonsense):
                fault = test_functions.outcome(nonsense, DEVICE)
                if fault:
                    faults.append(f"{nonsense}\n   {fault}")
    assert not faults, f"{len(faults)}\n" + "\n".join(faults[:20])


# Examples of what is another thing on a GPU: memory shared with NumPy, devices by name, where a tensor lies, chance.
_CPU_ONLY = re.compile(
    r"numpy|manual_seed|rng_state|device|cpu|cuda|data_ptr|\.type\(|typename|storage|set_default_tensor_type|FloatTensor|apply_|map2?_|is_shared"
)


@pytest.mark.parametrize("record", test_docs.WITH_EXAMPLES, ids=lambda record: record.qualified_name)
def test_examples_on_the_device(record) -> None:
    if _CPU_ONLY.search(record.doc) or _CPU_ONLY.search(record.qualified_name):
        return
    printed: list[str] = []
    session = tcalc.Session(write=printed.append)
    session.state.default_device = DEVICE
    for step in transcripts.parse_docstring(record.doc):
        found = transcripts.run_step(session, printed, step.source)
        assert without_device(found) == without_device(step.expected), step.source


@pytest.mark.parametrize("family", ["aliasing", "indexing", "errors", "mixed"])
def test_programs_print_on_the_device_what_pytorch_prints(family) -> None:
    """Programs of several statements: views, writes, errors, what is left after them."""
    different, count = [], 0
    for source, printed, error in json.loads((test_programs.RECORDS / f"{family}.json").read_text()):
        if re.search(r"\bnp\.|numpy\(", source):
            continue
        count += 1
        text, fault = test_programs.run(source, DEVICE)
        kinds = (fault or "").partition(":")[0], (error or "").partition(":")[0]
        if without_device(text) != without_device(printed) or kinds[0] != kinds[1]:
            different.append(f"{source}\n-- expected: {printed}{error or ''}\n-- found: {text}{fault or ''}\n")
    assert count > 400
    assert not different, f"{len(different)} of {count}\n" + "\n".join(different[:10])


def test_nothing_is_moved_by_arithmetic() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run("a = torch.rand(50, 50, device='cuda:0'); b = a.to('cuda:1')")
    account.clear()
    session.run("c = ((a @ a).softmax(1) * 2 + 1).sum(0).sort().values[3:7].cumsum(0)")
    assert (account.transfers, account.synchronizations) == (0, 0)
    session.run("d = b.to('cuda:0')")  # from one GPU to the other, and not by way of the host
    assert (account.to_host, account.to_device) == (0, 1)
