"""Plugs the simulated CuPy in, through the one seam there is, and runs programs on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import simulated_cupy
from simulated_array import Devices, account

from tcalc.engine import backend, cuda

__all__ = ["account", "simulated"]


@contextmanager
def simulated(devices: int = 2) -> Iterator[None]:
    """Two GPUs, of which the first is current."""
    cupy, cupyx = simulated_cupy.cupy, simulated_cupy.cupyx
    libraries = SimpleNamespace(cupy=cupy, cupyx=cupyx, linalg=cupyx.scipy.linalg, special=cupyx.scipy.special)
    before = cuda.libraries, cuda.diagnose
    cuda.libraries, cuda.diagnose = lambda: libraries, lambda: None  # type: ignore[assignment]
    Devices.count, Devices.current, Devices.entered = devices, 0, 0
    _forget()
    account.clear()
    try:
        yield
    finally:
        cuda.libraries, cuda.diagnose = before
        _forget()


def _forget() -> None:
    cuda.array_module.cache_clear()
    for key in [key for key in backend._backends if key[0] == "cuda"]:
        del backend._backends[key]
