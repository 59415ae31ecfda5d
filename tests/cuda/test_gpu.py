"""On a real GPU: ``pytest -m gpu``. Only the probe may skip, and it says which stage is missing.

``TCALC_REQUIRE_GPU=1`` turns that skip into a failure.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import test_docs
import test_functions
import transcripts
from conformance import answers

import tcalc
from tcalc.engine import cuda, cuda_random_kernels
from tcalc.interp.text import repr_of

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module", autouse=True)
def gpu():
    stage = cuda.diagnose()
    if stage is not None:
        words = f"no GPU here, stage {stage.name}: {stage.fault} (GPU code simulated, not executed)"
        if os.environ.get("TCALC_REQUIRE_GPU") == "1":
            pytest.fail(words)
        pytest.skip(words)


def test_the_doctor_is_content() -> None:
    from tcalc.cli.doctor import doctor

    printed: list[str] = []
    assert doctor(printed.append) == 0, "".join(printed)


def test_operations_answer_as_on_the_cpu() -> None:
    from programs import outcome
    from test_simulated_ops import _OTHER_ON_CUDA

    unexpected, count = [], 0
    for name, programs in answers.recorded().items():
        for source, expected in programs[:: max(1, len(programs) // 25)]:
            if not _OTHER_ON_CUDA.search(source):
                count += 1
                found = outcome(source, expected, "cuda:0").difference
                if found and not test_functions.reason(source, found):
                    unexpected.append(f"{name}: {source}\n   {found}")
    assert not unexpected, f"{len(unexpected)} of {count}\n" + "\n".join(unexpected[:40])


def test_examples() -> None:
    from programs import without_device
    from test_simulated_ops import _CPU_ONLY

    different = []
    for record in test_docs.WITH_EXAMPLES:
        if _CPU_ONLY.search(record.doc) or _CPU_ONLY.search(record.qualified_name):
            continue
        printed: list[str] = []
        session = tcalc.Session(write=printed.append)
        session.state.default_device = "cuda:0"
        for step in transcripts.parse_docstring(record.doc):
            found = transcripts.run_step(session, printed, step.source)
            if without_device(found) != without_device(step.expected):
                different.append(f"{record.qualified_name}: {step.source}\n{found}")
    assert not different, f"{len(different)}\n" + "\n".join(different[:40])


def test_random_numbers_are_those_of_pytorch() -> None:
    from test_device_random import SEEN

    session = tcalc.Session(write=lambda text: None)
    for source, printed in SEEN.items():
        if "cuda:1" not in source:
            session.run("g = torch.manual_seed(0)")
            assert repr_of(session.run(source)) == printed


def test_kernels_of_random_numbers_do_what_their_references_do() -> None:
    import numpy as np
    from kernel_references import REFERENCES

    from tcalc.engine.cuda_random import CudaGenerator

    xp = cuda.libraries().cupy
    for name, _ in cuda_random_kernels.structures():
        if name.startswith("draw"):
            _, distribution, dtype = name.split("_")
            generator = CudaGenerator(7)
            found = xp.asnumpy(generator._draw(distribution, dtype, 1000, 0.3, 0.7))
            wanted = np.zeros(1000, dtype)
            REFERENCES["draw"](name, 7, 0, 1024, 0, 0.3, 0.7, wanted, 1000)
            exact = distribution in ("bits", "standard")
            np.testing.assert_allclose(found, wanted, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-5)


def test_large_products_are_right() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run("a = torch.randn(512, 512); b = torch.randn(512, 512); g = (a.cuda() @ b.cuda()).cpu()")
    assert session.run("torch.allclose(g, a @ b, rtol=1e-3, atol=1e-3)")


def test_batches_are_factorised_and_solved_as_on_the_cpu() -> None:
    import numpy as np
    from test_linear_algebra import PROGRAMS, answer, operands

    different = []
    for batch, size in (((), 5), ((), 40), ((3,), 7), ((2, 1), 33), ((0,), 3), ((2,), 0)):
        given = operands(batch, size, "float64")
        for source in PROGRAMS:
            for found, wanted in zip(answer(source, given, "cuda"), answer(source, given, "cpu"), strict=True):
                if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=1e-6, atol=1e-7):
                    different.append(f"{source} {batch} {size}")
    assert not different, "\n".join(different)


def test_empty_operands_launch_nothing() -> None:
    from test_devices import NOTHING

    session = tcalc.Session(write=lambda text: None)
    session.state.default_device = "cuda:0"
    session.run("n = torch.zeros(0, dtype=torch.int64); f = torch.zeros(0)")
    for source in NOTHING:
        session.run(source)
    session.run("torch.cuda.synchronize()")


def test_scattering_is_the_same_every_time() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run("i = torch.randint(0, 50, (100000,), device='cuda'); v = torch.randn(100000, device='cuda')")
    session.run("a = torch.zeros(50, device='cuda').scatter_add(0, i, v)")
    session.run("c = torch.zeros(50).scatter_add(0, i.cpu(), v.cpu())")
    for _ in range(5):
        assert session.run("torch.equal(a, torch.zeros(50, device='cuda').scatter_add(0, i, v))")
    assert session.run("torch.equal(a.cpu(), c)")


def test_memory_that_is_not_there_is_an_error_and_no_more() -> None:
    session = tcalc.Session(write=lambda text: None)
    with pytest.raises(tcalc.TcalcError, match="CUDA out of memory"):
        session.run("torch.zeros(2**45, device='cuda')")
    assert session.run("torch.ones(3, device='cuda').sum().item()") == 3
