"""Writes contract.json: what the installed CuPy offers, read off it without a GPU.

    python tests/cuda/make_contract.py

Run it with a Python that has the newest CuPy (``pip install 'cupy-cuda12x[ctk]'``); the tests need no CuPy. The file
holds every public callable of the modules that tcalc computes with, with its signature, the type loops of every ufunc
and which of ``reduce``, ``accumulate`` and ``at`` it has, and the methods and attributes of an array.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parent / "contract.json"
MODULES = (
    "cupy", "cupy.linalg", "cupy.fft", "cupy.lib.stride_tricks", "cupy.cuda", "cupy.cuda.runtime", "cupyx",
    "cupyx.scipy.special", "cupyx.scipy.linalg",
)  # fmt: skip
# Ufuncs that functions are made of: their loops say which element types the functions take and give.
INNER = {"where": ("cupy._sorting.search", "_where_ufunc")}
# Compiled functions say their signature in the first line of their docstring; types and results stand beside names.
_SIGNATURE = re.compile(r"^[\w.]+\((.*)\)(?: ->.*)?$")


def contract() -> dict[str, Any]:
    import cupy

    return {
        "cupy": cupy.__version__,
        "modules": {name: _module(importlib.import_module(name)) for name in MODULES},
        "inner": {name: _ufunc(getattr(importlib.import_module(path), inner)) for name, (path, inner) in INNER.items()},
        "ndarray": {name: _member(name) for name in sorted(dir(cupy.ndarray)) if _is_wanted(name)},
    }


def _is_wanted(name: str) -> bool:
    operator = name.startswith("__") and name not in ("__class__", "__doc__", "__module__", "__dict__", "__weakref__")
    return operator or not name.startswith("_")


def _module(module: Any) -> dict[str, Any]:
    return {name: _entry(getattr(module, name)) for name in sorted(dir(module)) if not name.startswith("_")}


def _entry(value: Any) -> Any:
    """A ufunc as its loops, a callable as its parameters, anything else as the name of its type."""
    if type(value).__name__ == "ufunc":
        return _ufunc(value)
    if isinstance(value, type):
        return "class"
    if callable(value):
        return _parameters(value)
    return type(value).__name__


def _ufunc(value: Any) -> dict[str, Any]:
    return {"types": _loops(value), "nin": value.nin, "nout": value.nout, "has": _methods(value)}


def _loops(value: Any) -> list[str]:
    """Loops as types by name: a character alone does not tell bfloat16."""
    return [loop.replace("E", "V") for loop in value.types]


def _methods(value: Any) -> list[str]:
    """Which of a ufunc's methods get as far as looking at their operands."""
    found = []
    for method in ("reduce", "accumulate", "at"):
        try:
            getattr(value, method)(*_Probe.arguments(method))
        except NotImplementedError:
            continue
        except _Reached:
            found.append(method)
    return found


class _Reached(Exception):  # noqa: N818 - a signal, no error
    """The ufunc asked its operand to do the work."""


class _Probe:
    """An operand that says when it is asked for anything."""

    @staticmethod
    def arguments(method: str) -> tuple:
        return (_Probe(), 0, 1) if method == "at" else (_Probe(),)

    def __getattr__(self, name: str) -> Any:
        raise _Reached


def _member(name: str) -> Any:
    import cupy

    value = inspect.getattr_static(cupy.ndarray, name)
    return _parameters(value, method=True) if callable(value) else "attribute"


def _parameters(value: Any, method: bool = False) -> Any:
    """``["a", "axis=", "*rest", "**options"]``, in order, ``=`` where there is a default; None where it is unknown."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return _from_docstring(value.__doc__ or "", method)
    found = []
    keyword_only = False
    for parameter in signature.parameters.values():
        keyword_only = _append(found, parameter, keyword_only)
    return found[1:] if method else found


def _append(found: list[str], parameter: inspect.Parameter, keyword_only: bool) -> bool:
    kind = parameter.kind
    if kind is parameter.KEYWORD_ONLY and not keyword_only and not any(name.startswith("*") for name in found):
        found.append("*")
    default = "" if parameter.default is parameter.empty else "="
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(kind, "")
    found.append(f"{stars}{parameter.name}{default}")
    return kind is parameter.KEYWORD_ONLY


def _from_docstring(text: str, method: bool) -> Any:
    match = _SIGNATURE.match(text.split("\n")[0])
    if match is None:
        return None
    found = []
    for part in re.split(r",\s*", match[1]) if match[1] else []:
        name, equals, _ = part.partition("=")
        found.append(name.strip().split(" ")[-1] + equals)
    return found[1:] if method else found


def main() -> None:
    rows = json.dumps(contract(), indent=0, sort_keys=True)
    # One line an entry: a change of CuPy is a readable difference.
    CONTRACT.write_text(re.sub(r"\[[^\[\]]*\]", lambda match: " ".join(match[0].split()), rows) + "\n")


if __name__ == "__main__":
    main()
