"""What tcalc's own kernels do, in NumPy: the simulated device runs these where a GPU would run the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def fold(name: str, places: Any, order: Any, values: Any, target: Any, count: int) -> None:
    operation = getattr(np, name.split("_")[1])
    with np.errstate(all="ignore"):
        operation.at(target, places, values[order])


REFERENCES: dict[str, Callable[..., None]] = {"fold": fold}
