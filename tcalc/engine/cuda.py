"""What stands between a program and a GPU: the diagnosis, and the guard around CUDA work.

``import cupy`` succeeds without a driver and then fails with one misleading text whatever is missing, so
the stages are probed by hand, cheaply, and only once a program has named CUDA.
"""

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


class Missing:
    """The first stage that failed, in words, and the command or action that mends it."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy


def _driver_version() -> int | Missing:
    """CUDA's driver version (12040 is 12.4), or what keeps it from answering."""
    import ctypes

    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return Missing("there is no NVIDIA driver (libcuda.so.1)", "install the NVIDIA driver of this machine's GPU")
    code = driver.cuInit(0)
    if code != 0:
        return Missing(f"the NVIDIA driver does not start (cuInit answered {code})", "check the driver with nvidia-smi")
    count = ctypes.c_int()
    if driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0:
        return Missing("the NVIDIA driver finds no GPU", "check with nvidia-smi, and CUDA_VISIBLE_DEVICES")
    version = ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    return version.value


def diagnose() -> Missing | None:
    """None where CUDA can be used, else the first thing that is missing."""
    from importlib.util import find_spec

    version = _driver_version()
    if find_spec("cupy") is None:
        extra = "cuda13" if isinstance(version, int) and version >= 13000 else "cuda12"
        return Missing("CuPy is not installed", f"pip install 'tcalc[{extra}]'")
    return version if isinstance(version, Missing) else None


def is_available() -> bool:
    return diagnose() is None


def require() -> None:
    """Raise PyTorch's error, with the reason and the remedy, where CUDA cannot be used."""
    missing = diagnose()
    if missing is not None:
        raise TcalcError(
            f"Torch not compiled with CUDA enabled: {missing.reason}", "AssertionError", hint=missing.remedy
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


@cache
def libraries() -> Libraries:
    return Libraries()


@cache
def array_module() -> ArrayModule:
    """What kernels get as ``xp``."""
    from tcalc.engine import cupy_gaps

    found = libraries()
    return cupy_gaps.array_module(found.cupy, found.special)


@contextmanager
def guard(device: Any) -> Iterator[None]:
    """The current device, and CuPy's linear algebra told to report singular matrices."""
    with device, libraries().cupyx.errstate(linalg="raise"):
        yield


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
