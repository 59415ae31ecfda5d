"""What CuPy offers, read from contract.json: names, signatures, and the type loops of its ufuncs."""

from __future__ import annotations

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

_DATA: dict[str, Any] = json.loads((Path(__file__).parent / "contract.json").read_text())

VERSION: str = _DATA["cupy"]
MODULES: dict[str, dict[str, Any]] = _DATA["modules"]
ARRAY: dict[str, Any] = _DATA["ndarray"]
INNER: dict[str, Any] = _DATA["inner"]
# How the contract writes bfloat16, whose character in ml_dtypes is one that NumPy may use otherwise.
_BFLOAT16 = "V"


class Loop:
    """One type loop of a ufunc: the types it takes and the types it gives."""

    __slots__ = ("inputs", "outputs")

    def __init__(self, text: str) -> None:
        inputs, outputs = text.split("->")
        self.inputs = [_dtype(character) for character in inputs]
        self.outputs = [_dtype(character) for character in outputs]


def _dtype(character: str) -> np.dtype:
    if character == _BFLOAT16:
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(character)


@cache
def loops(module: str, name: str) -> tuple[Loop, ...]:
    """The loops of a ufunc, or, with ``module`` ``"inner"``, of the one that a function is made of."""
    entries = INNER if module == "inner" else MODULES[module]
    return tuple(Loop(text) for text in entries[name]["types"])


def loop_for(module: str, name: str, dtypes: list[np.dtype]) -> Loop:
    """The first loop that takes these types, as CuPy chooses it; its TypeError where none does."""
    for loop in loops(module, name):
        if all(np.can_cast(have, want) for have, want in zip(dtypes, loop.inputs, strict=True)):
            return loop
    raise TypeError(f"Wrong type {dtypes} of arguments for {name}")


@cache
def signature(module: str, name: str) -> inspect.Signature | None:
    """The signature of a function or, with ``module`` ``"ndarray"``, of a method; None where CuPy does not say."""
    rows = ARRAY[name] if module == "ndarray" else MODULES[module][name]
    if not isinstance(rows, list):
        return None
    kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found = []
    for row in rows:
        bare = row.strip("*=")
        if row.startswith("**"):
            found.append(inspect.Parameter(bare, inspect.Parameter.VAR_KEYWORD))
        elif row.startswith("*"):
            kind = inspect.Parameter.KEYWORD_ONLY
            if bare:
                found.append(inspect.Parameter(bare, inspect.Parameter.VAR_POSITIONAL))
        else:
            default = None if row.endswith("=") else inspect.Parameter.empty
            found.append(inspect.Parameter(bare, kind, default=default))
    return inspect.Signature(_ordered(found))


def _ordered(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """Parameters after one with a default have one too, as Python wants it."""
    seen = False
    ordered = []
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            seen = seen or parameter.default is not parameter.empty
            if seen and parameter.default is parameter.empty:
                parameter = parameter.replace(default=None)
        ordered.append(parameter)
    return ordered


def check_call(module: str, name: str, args: tuple, kwargs: dict[str, Any]) -> None:
    """Raise the TypeError that CuPy would raise for arguments that its function does not take."""
    found = signature(module, name)
    if found is not None:
        try:
            found.bind(*args, **kwargs)
        except TypeError as fault:
            raise TypeError(f"{module}.{name}(): {fault}") from None
