"""tcalc: a calculator for tensors that speaks PyTorch and needs none.

>>> import tcalc
>>> tcalc.evaluate("[[1, 2], [3, 4]] @ [5, 6]")
tensor([17, 39])
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.errors import InternalError, TcalcError
    from tcalc.interp.face import evaluate, tensor
    from tcalc.interp.session import Session

__version__ = "0.1.0"
__all__ = ["InternalError", "Session", "TcalcError", "evaluate", "tensor"]

# Where each name lives: importing the package alone costs nothing.
_HOMES = {
    "InternalError": "tcalc.errors",
    "TcalcError": "tcalc.errors",
    "Session": "tcalc.interp.session",
    "evaluate": "tcalc.interp.face",
    "tensor": "tcalc.interp.face",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'tcalc' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
