"""``torch``, ``np``, ``math`` and what is in them."""

from __future__ import annotations

from tcalc.engine.state import current
from tcalc.interp import library
from tcalc.interp.values import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

TORCH_VERSION = "2.13.0"  # the PyTorch whose answers tcalc gives

# Names without an import, and the modules that they mean.
BARE = {
    "torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "F": "torch.nn.functional", "nn": "torch.nn",
    "linalg": "torch.linalg", "fft": "torch.fft", "special": "torch.special", "cuda": "torch.cuda",
}  # fmt: skip
PYTHON_PATHS = (
    "math", "itertools", "random", "array", "einops", "collections", "functools", "operator", "bisect", "copy", "heapq",
    "statistics", "string", "time", "typing", "collections.abc", "warnings",
)  # fmt: skip
NUMPY_PATHS = (
    "numpy", "numpy.linalg", "numpy.fft", "numpy.random", "numpy.emath", "numpy.testing", "numpy.lib",
    "numpy.lib.stride_tricks",
)  # fmt: skip
MODULES = ("torch", "numpy", *PYTHON_PATHS)

# Namespaces that are there whatever is registered in them.
TORCH_PATHS = (
    "torch.nn.functional", "torch.nn.init", "torch.nn.parameter", "torch.linalg", "torch.fft", "torch.special",
    "torch.cuda",
)  # fmt: skip

_CONSTANTS = {
    "__version__": TORCH_VERSION, "pi": 3.141592653589793, "e": 2.718281828459045, "inf": float("inf"),
    "nan": float("nan"), "newaxis": None,
}  # fmt: skip


_PARAMETER_PATHS = ("torch.nn", "torch.nn.parameter")
_PYTHON_RANDOM = ("random", "randint", "choice", "choices", "shuffle", "sample", "uniform", "gauss", "randrange")


class TorchNamespace(Namespace):
    """``torch`` or a namespace in it, over the registry."""

    __slots__ = ("_found",)

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._found: dict[str, Any] = {}

    def find(self, name: str) -> Any:
        found = self._found.get(name, _MISSING)
        if found is _MISSING:
            if name == "default_generator" and self.path in ("torch", "torch.random"):
                return current().generator  # of the session that asks
            found = self._find(name)
            self._found[name] = found
        return found

    def get(self, name: str, default: Any) -> Any:
        try:
            return self.find(name)
        except KeyError:
            return default

    def _find(self, name: str) -> Any:
        if self.path == "torch":
            own = _torch_own(name)
            if own is not _MISSING:
                return own
        elif self.path == "torch.cuda" and name.endswith("Tensor"):
            from tcalc.interp.type_tokens import CUDA_TYPES

            return CUDA_TYPES[name]
        try:
            return library.member(self.path, name)
        except KeyError:
            pass
        path = f"{self.path}.{name}"
        found = module(path)
        if found is not None:
            return found
        if self.path in _PARAMETER_PATHS:
            from tcalc.interp.parameters import NAMES

            if name in NAMES:
                return NAMES[name]
        if path == "torch.linalg.LinAlgError":
            from tcalc.interp.type_tokens import exception_type

            return exception_type("_LinAlgError")
        raise KeyError(name)

    def absent(self, name: str) -> str | None:
        if self.path == "torch.random":
            return f"Python's {name} is there after: import random" if name in _PYTHON_RANDOM else None
        from tcalc.interp.absences import reason

        return reason(f"{self.path}.{name}")

    def names(self) -> Iterable[str]:
        listed = library.registry().namespaces
        yield from listed.get(self.path, {})
        prefix = self.path + "."
        yield from {other[len(prefix) :].partition(".")[0] for other in _torch_paths() if other.startswith(prefix)}
        if self.path == "torch":
            from tcalc.interp.names import DTYPES
            from tcalc.interp.type_tokens import TORCH_TYPES

            yield from (*_CONSTANTS, *DTYPES, *TORCH_TYPES)
        elif self.path in _PARAMETER_PATHS:
            yield from ("Buffer", "Parameter")


class _Missing:
    __slots__ = ()


_MISSING = _Missing()


def _torch_own(name: str) -> Any:
    """The names of ``torch`` that are no operations."""
    from tcalc.interp.names import DTYPES
    from tcalc.interp.type_tokens import TORCH_TYPES, exception_type

    for table in (_CONSTANTS, DTYPES, TORCH_TYPES):
        if name in table:
            return table[name]
    if name == "OutOfMemoryError":
        return exception_type(name)
    return _MISSING


class PythonNamespace(Namespace):
    """A module of Python's, or einops: an allow-list, guarded where an answer has no bound."""

    __slots__ = ()

    def find(self, name: str) -> Any:
        if self.path == "collections" and name == "abc":
            return module("collections.abc")
        return self._table()[name]

    def names(self) -> Iterable[str]:
        return self._table()

    def _table(self) -> dict[str, Any]:
        if self.path == "itertools":
            from tcalc.interp.itertools_names import NAMES
        elif self.path == "random":
            from tcalc.interp.random_names import NAMES
        elif self.path == "array":
            from tcalc.interp.array_names import NAMES
        elif self.path == "einops":
            from tcalc.interp.einops_names import NAMES
        elif self.path == "collections":
            from tcalc.interp.collections_names import NAMES
        elif self.path == "functools":
            from tcalc.interp.functools_names import FUNCTOOLS as NAMES
        elif self.path == "operator":
            from tcalc.interp.functools_names import OPERATOR as NAMES
        elif self.path == "math":
            from tcalc.interp.math_names import NAMES
        elif self.path == "warnings":
            from tcalc.interp.warnings_names import NAMES
        elif self.path == "typing":
            from tcalc.interp.typing_names import NAMES
        elif self.path == "collections.abc":
            from tcalc.interp.typing_names import ABC as NAMES
        else:
            from tcalc.interp import small_modules

            return small_modules.NAMES[self.path]
        return NAMES


TORCH = TorchNamespace("torch")
_modules: dict[str, Namespace | None] = {
    "torch": TORCH, **{path: PythonNamespace(path) for path in PYTHON_PATHS}
}  # fmt: skip


def module(path: str) -> Any:
    """The namespace of that path, or None."""
    if path not in _modules:
        _modules[path] = _make(path)
    return _modules[path]


def _make(path: str) -> Namespace | None:
    root = path.partition(".")[0]
    if root == "numpy":
        if path not in NUMPY_PATHS:
            return None
        from tcalc.interp.numpy_names import NumpyNamespace

        return NumpyNamespace(path)
    if root == "torch" and any(other == path or other.startswith(path + ".") for other in _torch_paths()):
        return TorchNamespace(path)
    return None


def _torch_paths() -> list[str]:
    return [*library.registry().namespaces, *TORCH_PATHS]


def paths() -> list[str]:
    """Every module path there is."""
    return [*_torch_paths(), *NUMPY_PATHS, *PYTHON_PATHS]
