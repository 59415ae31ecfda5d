"""What stands between a program and a GPU: the diagnosis, and the guard around CUDA work.

``import cupy`` succeeds without a driver and then fails with one misleading text whatever is missing, so
the stages are probed by hand, cheaply, and only once a program has named CUDA.
"""

from __future__ import annotations

from contextlib import contextmanager

from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


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


@contextmanager
def guard(device: Any) -> Iterator[None]:
    """The current device, and CuPy's linear algebra told to report singular matrices."""
    import cupyx

    with device, cupyx.errstate(linalg="raise"):
        yield
