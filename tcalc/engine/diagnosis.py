"""What stands between a program and a GPU, stage by stage: the reason in one line, and the whole of ``--doctor``.

``import cupy`` succeeds without a driver and then fails with one misleading text whatever is missing, so the stages are
probed by hand, cheaply, and only once a program has named CUDA. A stage looks at the machine through a
:class:`Machine`, which the tests replace.
"""

from __future__ import annotations

from tcalc.engine.state import human_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# What cuInit answers, and what helps.
_START_FAULTS = {
    34: ("a stub of the driver is found instead of the driver", "take the toolkit's stubs off LD_LIBRARY_PATH"),
    46: ("the GPU is taken by another process or in exclusive mode", "look at nvidia-smi"),
    100: ("the driver finds no GPU", "look at nvidia-smi and at CUDA_VISIBLE_DEVICES"),
    802: ("the system is not ready yet", "start nvidia-fabricmanager"),
    803: ("the driver and its kernel module are of different versions", "restart the machine"),
    804: ("this GPU cannot run a driver newer than its own", "remove the cuda-compat package"),
    999: ("the driver is in an unknown state", "reload it: sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm"),
}
_WHEELS = ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x")
_NEW_DRIVER = 13000  # the driver's CUDA version from which the wheels for CUDA 13 run


class Stage:
    """One thing that must be there. ``fault`` is None where it is; ``remedy`` says what mends it."""

    __slots__ = ("fault", "name", "remedy", "text")

    def __init__(self, name: str, text: str = "", fault: str | None = None, remedy: str = "") -> None:
        self.name = name
        self.text = text
        self.fault = fault
        self.remedy = remedy


class Machine:
    """What the stages ask of the machine."""

    @property
    def library(self) -> str:
        """What the driver's library is called here."""
        import sys

        return "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"

    def driver(self) -> Any:
        """The driver's library; OSError where there is none."""
        import ctypes

        return ctypes.CDLL(self.library)

    def start(self) -> int:
        code: int = self.driver().cuInit(0)
        return code

    def driver_version(self) -> int:
        """The newest CUDA that the driver runs: 12040 is 12.4."""
        return self._number("cuDriverGetVersion")

    def device_count(self) -> int:
        return self._number("cuDeviceGetCount")

    def _number(self, function: str) -> int:
        import ctypes

        answer = ctypes.c_int()
        if getattr(self.driver(), function)(ctypes.byref(answer)):
            return 0
        return answer.value

    def wheels(self) -> list[str]:
        """The installed packages of CuPy, with their versions."""
        from importlib.metadata import PackageNotFoundError, version

        found = []
        for name in _WHEELS:
            try:
                found.append(f"{name} {version(name)}")
            except PackageNotFoundError:
                continue
        return found

    def has_cupy(self) -> bool:
        from importlib.util import find_spec

        return find_spec("cupy") is not None

    def import_cupy(self) -> None:
        from tcalc.engine import cuda

        cuda.libraries()

    def numpy_version(self) -> str:
        from tcalc.engine.backend import numpy

        return str(numpy().__version__)

    def load(self, library: str) -> None:
        """Load a part of the toolkit as CuPy does; an exception where there is none."""
        from cuda.pathfinder import load_nvidia_dynamic_lib

        load_nvidia_dynamic_lib(library)

    def devices(self) -> list[str]:
        from tcalc.engine import cuda

        return [properties.line for properties in map(cuda.properties, range(self.device_count()))]

    def run_kernel(self) -> None:
        """Compile a kernel, run it and look at what it computed; AssertionError where that is wrong."""
        from tcalc.engine import cuda

        cupy = cuda.libraries().cupy
        numbers = cupy.arange(1000)
        total = int((numbers * numbers).sum())
        if total != 332833500:
            raise AssertionError(f"the sum of squares is {total}, not 332833500")

    def multiply(self) -> tuple[float, float]:
        """A matrix product in float32: how many operations a second, and its relative error."""
        from tcalc.engine import cuda

        return cuda.measure_matmul(cuda.libraries().cupy)

    def memory(self) -> tuple[int, int]:
        from tcalc.engine import cuda

        free, total = cuda.libraries().cupy.cuda.runtime.memGetInfo()
        return int(free), int(total)


# ---------------------------------------------------------------- the stages


def _python(machine: Machine) -> Stage:
    import sys

    return Stage("Python", sys.version.split()[0])


def _numpy(machine: Machine) -> Stage:
    return Stage("NumPy", machine.numpy_version())


def _driver(machine: Machine) -> Stage:
    try:
        machine.driver()
    except OSError:
        return Stage(
            "driver",
            fault=f"there is no NVIDIA driver ({machine.library})",
            remedy="install the driver of this machine's NVIDIA GPU",
        )
    return Stage("driver", machine.library)


def _start(machine: Machine) -> Stage:
    code = machine.start()
    if not code:
        return Stage("start", "cuInit answers 0")
    fault, remedy = _START_FAULTS.get(code, ("the driver does not start", "look at nvidia-smi"))
    return Stage("start", fault=f"{fault} (cuInit answers {code})", remedy=remedy)


def _devices(machine: Machine) -> Stage:
    count = machine.device_count()
    if not count:
        return Stage(
            "devices", fault="the driver finds no GPU", remedy="look at nvidia-smi and at CUDA_VISIBLE_DEVICES"
        )
    return Stage("devices", f"{count} GPU{'s' if count > 1 else ''}")


def _version(machine: Machine) -> Stage:
    version = machine.driver_version()
    if version < 12000:
        return Stage(
            "version",
            fault=f"the driver is too old: it runs CUDA {_dotted(version)}, and CuPy needs 12.0",
            remedy="install a newer NVIDIA driver",
        )
    return Stage("version", f"the driver runs CUDA {_dotted(version)}")


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def extra_for(driver_version: int) -> str:
    """The extra of tcalc whose CuPy a driver can run."""
    return "cuda13" if driver_version >= _NEW_DRIVER else "cuda12"


def _cupy(machine: Machine) -> Stage:
    install = f"pip install 'tcalc[{extra_for(machine.driver_version())}]'"
    if not machine.has_cupy():
        return Stage("CuPy", fault="CuPy is not installed", remedy=install)
    return Stage("CuPy", ", ".join(machine.wheels()) or "found")


def _wheels(machine: Machine) -> Stage:
    wheels = machine.wheels()
    names = [wheel.split()[0] for wheel in wheels]
    version = machine.driver_version()
    install = f"pip install 'tcalc[{extra_for(version)}]'"
    if len(names) > 1:
        return Stage(
            "wheel",
            fault=f"{' and '.join(names)} are both installed, and they overwrite each other",
            remedy=f"pip uninstall -y {' '.join(names)} && {install}",
        )
    if "cupy-cuda13x" in names and version < _NEW_DRIVER:
        return Stage(
            "wheel",
            fault=f"cupy-cuda13x needs a driver for CUDA 13, and this one runs CUDA {_dotted(version)}",
            remedy=f"pip uninstall -y cupy-cuda13x && {install}",
        )
    return Stage("wheel", "fits the driver")


_TOOLKIT = ("NVRTC", "cuBLAS", "cuSOLVER", "cuSPARSE", "cuFFT", "cuRAND")


def _toolkit(machine: Machine) -> Stage:
    missing = [name for name in _TOOLKIT if not _loads(machine, name.lower())]
    if missing:
        return Stage(
            "toolkit",
            fault=f"{', '.join(missing)} of the CUDA toolkit cannot be loaded",
            remedy=f"pip install 'tcalc[{extra_for(machine.driver_version())}]', whose CuPy brings them",
        )
    return Stage("toolkit", ", ".join(_TOOLKIT))


def _loads(machine: Machine, library: str) -> bool:
    try:
        machine.load(library)
    except Exception:  # each way to fail has a class of its own, and all mean the same
        return False
    return True


def _load(machine: Machine) -> Stage:
    machine.import_cupy()
    return Stage("load", "import cupy works")


def _names(machine: Machine) -> Stage:
    return Stage("GPU", "; ".join(machine.devices()))


def _kernel(machine: Machine) -> Stage:
    machine.run_kernel()
    return Stage("kernel", "compiled and ran, and its answer is right")


def _matmul(machine: Machine) -> Stage:
    speed, error = machine.multiply()
    if not error < 1e-4:
        return Stage("matmul", fault=f"the product is wrong by {error:.2g}", remedy=_REPORT)
    return Stage("matmul", f"2048 x 2048 float32 at {speed / 1e12:.3g} TFLOP/s, right to {error:.0e}")


def _memory(machine: Machine) -> Stage:
    free, total = machine.memory()
    return Stage("memory", f"{human_bytes(free)} of {human_bytes(total)} free")


_REPORT = "see whether python -c 'import cupy; print(cupy.arange(3) * 2)' works"


def _first_line(fault: Exception) -> str:
    return str(fault).split("\n")[0]


# What a program needs, cheap to ask; then what only a look at everything is worth.
_NEEDED = (_driver, _start, _devices, _version, _cupy, _wheels)
_STAGES = (_python, _numpy, *_NEEDED, _load, _toolkit, _names, _kernel, _matmul, _memory)


def first_fault(machine: Machine) -> Stage | None:
    """The first thing that is missing for CUDA, None where a program can use it. Loads no CuPy."""
    for stage in _NEEDED:
        found = stage(machine)
        if found.fault is not None:
            return found
    return None


def examine(machine: Machine) -> Iterator[Stage]:
    """Every stage up to the first fault, as it is reached."""
    for stage in _STAGES:
        try:
            found = stage(machine)
        except Exception as fault:  # of CuPy or the driver, which have many classes of them
            name = stage.__name__.strip("_")
            found = Stage(name, fault=f"{type(fault).__name__}: {_first_line(fault)}", remedy=_REPORT)
        yield found
        if found.fault is not None:
            return
