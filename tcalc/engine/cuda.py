"""CUDA for the engine: whether it can be used, CuPy's modules, the guard around its work, and its figures."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache

from tcalc.engine.state import human_bytes
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.engine.cupy_gaps import ArrayModule
    from tcalc.engine.devices import Device
    from tcalc.engine.diagnosis import Stage


def diagnose() -> Stage | None:
    """None where CUDA can be used, else the first thing that is missing. What works is asked once."""
    from tcalc.engine.diagnosis import Machine, first_fault

    if not _works:
        stage = first_fault(Machine())
        if stage is not None:
            return stage
        _works.append(True)
    return None


_works: list[bool] = []


def is_available() -> bool:
    return diagnose() is None


def require() -> None:
    """Raise PyTorch's error, with the reason and the remedy, where CUDA cannot be used."""
    missing = diagnose()
    if missing is not None:
        raise TcalcError(
            f"Torch not compiled with CUDA enabled: {missing.fault}", "AssertionError", hint=missing.remedy
        )


class Libraries:
    """CuPy's modules that tcalc computes with. The one seam through which the tests put another library."""

    def __init__(self) -> None:
        import cupy
        import cupyx
        import cupyx.scipy.special

        self.cupy = cupy
        self.cupyx = cupyx
        self.special = cupyx.scipy.special

    @property
    def linalg(self) -> Any:
        """What CuPy has of SciPy's linear algebra, which takes a third of a second to load."""
        import cupyx.scipy.linalg

        return cupyx.scipy.linalg


@cache
def libraries() -> Libraries:
    """CuPy, imported; an installation that is broken is told in its own words."""
    try:
        return Libraries()
    except Exception as fault:  # an ImportError, or what a damaged file raises
        raise TcalcError(
            f"Torch not compiled with CUDA enabled: CuPy cannot be loaded: {fault}",
            "AssertionError",
            hint="tcalc --doctor says what is missing",
        ) from fault


# Where CuPy's own classes of faults live: of the driver, of a library, of the compiler.
_CUDA_FAULTS = ("cupy_backends.", "cupy.cuda.")


# How CUDA and its libraries say that there is no memory for what CuPy's pool does not hold: plans, handles, workspaces.
_NO_MEMORY = re.compile("cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|ALLOC_FAILED")


@cache
def array_module() -> ArrayModule:
    """What kernels get as ``xp``."""
    from tcalc.engine import cupy_gaps

    found = libraries()
    return cupy_gaps.array_module(found.cupy, found.special)


@contextmanager
def guard(device: Any) -> Iterator[None]:
    """The current device, singular matrices reported by CuPy, and CUDA's faults in PyTorch's class."""
    try:
        with device, libraries().cupyx.errstate(linalg="raise"):
            yield
    except MemoryError:
        raise
    except Exception as fault:
        if not type(fault).__module__.startswith(_CUDA_FAULTS):
            raise
        if _NO_MEMORY.search(str(fault)):
            raise MemoryError(str(fault)) from fault
        raise TcalcError(f"CUDA error: {fault}", "AcceleratorError") from fault


# ---------------------------------------------------------------- memory


def check_room(cupy: Any, device: Device, nbytes: int) -> None:
    """Refuse a request for more memory than the current GPU and its pool have free."""
    free, _ = cupy.cuda.runtime.memGetInfo()
    if nbytes > free + cupy.get_default_memory_pool().free_bytes():
        raise out_of_memory(cupy, device, nbytes)


def out_of_memory(cupy: Any, device: Device, nbytes: int | None) -> TcalcError:
    """PyTorch's error with the figures of the current GPU."""
    free, total = cupy.cuda.runtime.memGetInfo()
    pool = cupy.get_default_memory_pool()
    wanted = "" if nbytes is None else f" Tried to allocate {human_bytes(nbytes)}."
    return TcalcError(
        f"CUDA out of memory.{wanted} GPU {device.index} has a total capacity of {human_bytes(total)} of which "
        f"{human_bytes(free)} is free. {human_bytes(pool.used_bytes())} is allocated by tensors, and "
        f"{human_bytes(pool.free_bytes())} is reserved but unallocated.",
        "OutOfMemoryError",
    )


def wanted_bytes(fault: MemoryError) -> int | None:
    """How much CuPy asked for, which only its message says."""
    found = re.search(r"allocating ([\d,]+) bytes", str(fault))
    return int(found[1].replace(",", "")) if found else None


# ---------------------------------------------------------------- figures


class Properties:
    """What is known of a GPU, named as PyTorch names it."""

    public = (
        "L2_cache_size", "major", "max_threads_per_multi_processor", "minor", "multi_processor_count", "name",
        "total_memory", "warp_size",
    )  # fmt: skip

    def __init__(self, found: dict[str, Any]) -> None:
        name = found["name"]
        self.name = name.decode() if isinstance(name, bytes) else str(name)
        self.major = int(found["major"])
        self.minor = int(found["minor"])
        self.total_memory = int(found["totalGlobalMem"])
        self.multi_processor_count = int(found["multiProcessorCount"])
        self.max_threads_per_multi_processor = int(found["maxThreadsPerMultiProcessor"])
        self.warp_size = int(found["warpSize"])
        self.L2_cache_size = int(found["l2CacheSize"])

    @property
    def line(self) -> str:
        return f"{self.name} (compute capability {self.major}.{self.minor}, {human_bytes(self.total_memory)})"

    def __repr__(self) -> str:
        return (
            f"_CudaDeviceProperties(name='{self.name}', major={self.major}, minor={self.minor}, "
            f"total_memory={self.total_memory // (1 << 20)}MB, multi_processor_count={self.multi_processor_count}, "
            f"L2_cache_size={self.L2_cache_size // (1 << 20)}MB)"
        )


def properties(index: int) -> Properties:
    return Properties(libraries().cupy.cuda.runtime.getDeviceProperties(index))


def memory_line(backend: Any) -> str:
    """A GPU's name and its memory, for people."""
    with backend.guard():
        cupy = libraries().cupy
        free, total = cupy.cuda.runtime.memGetInfo()
        pool = cupy.get_default_memory_pool()
        used, held = pool.used_bytes(), pool.total_bytes()
    return (
        f"{properties(backend.device.index).name}: {human_bytes(used)} in tensors, {human_bytes(held)} held, "
        f"{human_bytes(free)} of {human_bytes(total)} free"
    )


class Event:
    """A mark in a GPU's stream of work (``torch.cuda.Event``)."""

    public = ("elapsed_time", "query", "record", "synchronize")

    def __init__(self, backend: Any, timing: bool = True) -> None:
        self._backend = backend
        self._timing = timing
        self._recorded = False
        with backend.guard():
            self._event = libraries().cupy.cuda.Event(disable_timing=not timing)

    def record(self) -> None:
        """Set the mark after all that has been asked of the GPU so far."""
        with self._backend.guard():
            self._event.record()
        self._recorded = True

    def synchronize(self) -> None:
        """Wait until the GPU has come to the mark."""
        with self._backend.guard():
            self._event.synchronize()

    def query(self) -> bool:
        """Whether the GPU has come to the mark."""
        return bool(self._event.done)

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this mark to a later one."""
        if not isinstance(end_event, Event) or not (self._timing and end_event._timing):
            raise TcalcError("Both events must be created with argument 'enable_timing=True'.", "ValueError")
        if not (self._recorded and end_event._recorded):
            raise TcalcError("Both events must be recorded before calculating elapsed time.", "ValueError")
        end_event.synchronize()
        return float(libraries().cupy.cuda.get_elapsed_time(self._event, end_event._event))


def measure_matmul(cupy: Any, size: int = 2048, rounds: int = 10) -> tuple[float, float]:
    """Operations a second of a float32 matrix product, and its error against row sums in float64."""
    places = cupy.arange(size * size, dtype=cupy.float64).reshape(size, size)
    first, second = cupy.sin(places).astype(cupy.float32), cupy.cos(places).astype(cupy.float32)
    product = cupy.matmul(first, second)
    wanted = cupy.matmul(first.astype(cupy.float64), second.astype(cupy.float64).sum(1))
    error = float(cupy.abs(product.astype(cupy.float64).sum(1) - wanted).max() / size)
    begun, ended = cupy.cuda.Event(), cupy.cuda.Event()
    begun.record()
    for _ in range(rounds):
        cupy.matmul(first, second)
    ended.record()
    ended.synchronize()
    seconds = cupy.cuda.get_elapsed_time(begun, ended) / 1000
    return 2 * size**3 * rounds / max(seconds, 1e-9), error
