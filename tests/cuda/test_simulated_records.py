"""Every recorded suite on a simulated GPU: what PyTorch answered, and nothing that crosses but in the five places.

GPU code simulated, not executed. The recorded functions are in ``test_simulated_ops.py``.
"""

from __future__ import annotations

import re
import sys
from itertools import islice
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import records
import test_promotion
import test_show_recorded
from conformance import answers
from conformance.functions import definitions
from crossings import fault
from programs import tensors_in, without_device
from simulation import account, simulated

import tcalc
from tcalc.engine import devices, dtypes, state
from tcalc.engine.tensor import Tensor
from tcalc.ops import registry
from tcalc.ops.session.convert import converted
from tcalc.ops.session.settings import set_printoptions


@pytest.fixture(autouse=True)
def device():
    with simulated():
        yield


# ---------------------------------------------------------------- programs

CHUNKS = {"creation": 1, "linalg": 1, "further": 1, "interpreter": 1, "families": 6}
PARTS = [(suite, part, count) for suite, count in CHUNKS.items() for part in range(count)]


@pytest.mark.parametrize(("suite", "part", "count"), PARTS, ids=[f"{suite}-{part}" for suite, part, _ in PARTS])
def test_programs_answer_as_on_the_cpu_and_move_nothing(suite, part, count) -> None:
    print("GPU code simulated, not executed")
    found, programs = [], 0
    for program in islice(records.SUITES[suite](), part, None, count):
        programs += 1
        found += program.faults("cuda:0")
    assert programs >= 13
    assert not found, f"{len(found)} of {programs}\n" + "\n".join(found[:10])


def test_every_suite_is_run() -> None:
    """A new file of records is run here too, or its name is added with a reason."""
    here = {"functions", "random", "promotion", "printing"}
    here |= {program.suite for suite in records.SUITES.values() for program in suite()}
    assert {path.name.split(".")[0] for path in records.CONFORMANCE.glob("*.json*")} == here


def test_reasons_are_needed() -> None:
    """What the table of differences says does happen."""
    programs = {
        "torch.ones(2) + np.ones(2)": "two devices",
        "torch.ones(2).apply_(abs)": "only implemented",
        "torch.rand(2, generator=torch.Generator())": "for generator",
        "torch.ones(2).device": "cuda:0",
        "isinstance(torch.ones(2), torch.FloatTensor)": "False",
        "torch.set_rng_state(torch.zeros(5056, dtype=torch.uint8))": "ByteTensor",
    }
    for source, words in programs.items():
        session = tcalc.Session(write=lambda text: None)
        session.state.default_device = "cuda:0"
        try:
            answer = str(session.run(source))
        except tcalc.TcalcError as error:
            answer = f"{error.kind}: {error}"
        assert words in answer
        assert records.reason(source, answer)


# ---------------------------------------------------------------- the other device

_MAKES_ITS_OWN = re.compile(
    r"torch\.(tensor|zeros|ones|full|empty|arange|eye|rand\w*|linspace|logspace|\w*range|device|scalar_tensor|as_tensor"
    r"|asarray|signal|normal|\w+_window|tri[lu]_indices|from\w+|cartesian_prod|combinations|vander|complex|polar)\("
    r"|device|\[1\.5, 2\.0\]|out=|cpu|windows|\.to\(|numpy|manual_seed|type\(|typename|get_device"
)


def _moved(source: str, device: str) -> str:
    made = definitions(source)
    names = re.findall(r"^(\w+) = ", made, re.MULTILINE)
    return made + "".join(f"{name} = {name}.to('{device}')\n" for name in names)


@pytest.mark.parametrize("part", range(2))
def test_answers_stay_on_the_device_of_their_operands(part) -> None:
    """Operands on the second GPU, while the default device is the CPU and the current GPU the first."""
    strays, count = [], 0
    for programs in list(answers.recorded().values())[part::2]:
        for source, expected in programs[::6]:
            if "error" in expected or _MAKES_ITS_OWN.search(source) or not definitions(source):
                continue
            session = tcalc.Session(write=lambda text: None)
            try:
                session.run(_moved(source, "cuda:1") + "current = torch.ones(2, device='cuda:0').sum()")
                value = session.run(source)
            except tcalc.TcalcError as error:
                if "device" in str(error) or isinstance(error, tcalc.InternalError):
                    strays.append(f"{source}\n   {error.kind}: {error}")
                continue
            count += 1
            strays += [
                f"{source}\n   on {tensor.device}" for tensor in tensors_in(value) if str(tensor.device) != "cuda:1"
            ]
    assert count > 500
    assert not strays, f"{len(strays)} of {count}\n" + "\n".join(strays[:20])


# ---------------------------------------------------------------- records that are no programs


def on_device(value: object) -> object:
    """A value of the printing suite whose tensors lie on the device."""
    if isinstance(value, Tensor):
        moved = value if value.is_meta else converted(value, None, devices.parse("cuda:0"))
        moved.requires_grad = value.requires_grad
        return moved
    if type(value) in (list, tuple):
        return type(value)(on_device(item) for item in value)
    return {key: on_device(item) for key, item in value.items()} if type(value) is dict else value


def test_printing(monkeypatch) -> None:
    build = test_show_recorded.build
    monkeypatch.setattr(test_show_recorded, "build", lambda described: on_device(build(described)))
    for case in test_show_recorded.RECORDS:
        session = state.State()
        session.default_dtype = dtypes.by_name(case.get("default", "float32"))
        with state.activated(session):
            set_printoptions(**case.get("options", {}))
            account.clear()
            texts = test_show_recorded.shown(case)
            assert not [str(found) for found in account.crossings if found.kind == "to host" and fault(found)]
        recorded = {key: case[key] for key in ("repr", "str", "text", "error") if key in case}
        assert {key: without_device(text) for key, text in texts.items()} == {
            key: without_device(text) for key, text in recorded.items()
        }


def test_promotion_on_the_device() -> None:
    registry.load()
    recorded = test_promotion.RECORDED["operators"]
    different = []
    for key, expected in list(recorded.items())[::2]:
        for name, wanted in zip(test_promotion.OPERATORS, expected, strict=True):
            if "complex32" in wanted or "ComplexHalf" in wanted or ("NotImplemented" in wanted and "uint" in key):
                continue
            operands = [
                converted(operand, None, devices.parse("cuda:0")) if isinstance(operand, Tensor) else operand
                for operand in test_promotion.operands(key)
            ]
            found = test_promotion.answer(lambda: registry.namespaces["torch"][name].invoke(operands, {}).dtype)
            if found != wanted:
                different.append(f"{name} {key}: {found} for {wanted}")
    assert not different, "\n".join(different[:10])
