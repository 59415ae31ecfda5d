"""What ``--doctor`` and ``.to("cuda")`` say of each thing that may be missing, on machines that are made up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import tcalc
from tcalc.cli.doctor import doctor
from tcalc.engine import cuda, diagnosis

GOLDEN = Path(__file__).parent / "doctor.txt"


class Fake:
    """A machine where everything works; each case below takes something away."""

    library = "libcuda.so.1"

    def driver(self):
        return object()

    def start(self):
        return 0

    def driver_version(self):
        return 12080

    def device_count(self):
        return 1

    def wheels(self):
        return ["cupy-cuda12x 14.2.0"]

    def has_cupy(self):
        return True

    def import_cupy(self):
        pass

    def numpy_version(self):
        return "2.4.6"

    def load(self, library):
        pass

    def devices(self):
        return ["NVIDIA H100 (compute capability 9.0, 79.1 GiB)"]

    def run_kernel(self):
        pass

    def multiply(self):
        return 5.1e13, 3e-7

    def memory(self):
        return 70 << 30, 79 << 30


def raising(fault):
    def function(self, *arguments):
        raise fault

    return function


def answering(value):
    return lambda self, *arguments: value


def without(*libraries):
    def load(self, library):
        if library in libraries:
            raise ImportError(library)

    return load


CASES = {
    "everything works": {},
    "no driver": {"driver": raising(OSError("libcuda.so.1: cannot open shared object file"))},
    "no GPU": {"start": answering(100)},
    "a driver that does not fit its kernel module": {"start": answering(803)},
    "a driver in an unknown state": {"start": answering(999)},
    "a stub of the driver": {"start": answering(34)},
    "an answer that nobody knows": {"start": answering(7)},
    "GPUs that are hidden": {"device_count": answering(0)},
    "an old driver": {"driver_version": answering(11040)},
    "no CuPy": {"has_cupy": answering(False)},
    "no CuPy, with a driver for CUDA 13": {"has_cupy": answering(False), "driver_version": answering(13000)},
    "the wheel for a newer driver": {"wheels": answering(["cupy-cuda13x 14.2.0"])},
    "two wheels": {"wheels": answering(["cupy-cuda12x 14.2.0", "cupy-cuda13x 14.2.0"])},
    "a CuPy that does not load": {
        "import_cupy": raising(ImportError("libcudart.so.12: cannot open shared object file"))
    },
    "no NVRTC": {"load": without("nvrtc")},
    "no cuBLAS and no cuFFT": {"load": without("cublas", "cufft")},
    "a kernel that does not run": {
        "run_kernel": raising(RuntimeError("CUDA_ERROR_NO_BINARY_FOR_GPU: no kernel image"))
    },
    "a product that is wrong": {"multiply": answering((5e13, 0.25))},
}


def report(case):
    machine = type("Machine", (Fake,), CASES[case])()
    printed = []
    status = doctor(printed.append, machine)
    text = "".join(printed).replace(sys.version.split()[0], "3.11.0", 1)
    stage = diagnosis.first_fault(machine)
    reason = "" if stage is None else f"in one line: {stage.fault}; hint: {stage.remedy}\n"
    return f"== {case}\n{text}{reason}exit status {status}\n"


def test_the_words_for_each_missing_thing(request) -> None:
    found = "\n".join(map(report, CASES))
    if request.config.getoption("--update"):
        GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()


def test_to_cuda_says_the_reason_and_the_remedy(monkeypatch) -> None:
    machine = type("Machine", (Fake,), CASES["no CuPy"])
    monkeypatch.setattr(diagnosis, "Machine", machine)
    assert not cuda.is_available()
    with pytest.raises(tcalc.TcalcError) as caught:
        tcalc.evaluate("torch.zeros(2).to('cuda')")
    assert caught.value.kind == "AssertionError"
    assert str(caught.value) == "Torch not compiled with CUDA enabled: CuPy is not installed"
    assert caught.value.hint == "pip install 'tcalc[cuda12]'"


def test_the_command_looks_at_this_machine() -> None:
    from conftest import Command

    done = Command(Path("."))("--doctor")
    assert done.returncode == (0 if cuda.is_available() else 1), done.stdout + done.stderr
    assert done.stdout.startswith("ok       Python:")
    assert done.stdout.endswith(("CUDA works.\n", "CUDA cannot be used; the CPU can.\n"))


def test_a_tensor_on_the_cpu_loads_no_line_of_cuda(tmp_path) -> None:
    from test_startup import loaded

    for line in (("-e", "2**10/3"), ("-e", "[[1, 2], [3, 4]] @ [5, 6]"), ("torch.zeros(2).sum()",)):
        modules = loaded(tmp_path, *line)
        assert not [name for name in modules if "cuda" in name or "cupy" in name or "diagnosis" in name]


def test_asking_for_cuda_loads_no_cupy() -> None:
    import subprocess

    program = "import sys\nfrom tcalc.engine import cuda\ncuda.is_available()\nassert 'cupy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
