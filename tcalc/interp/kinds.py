"""The classes of exceptions by name, and which is a kind of which."""

from __future__ import annotations

import builtins

# Exceptions that a program can name, raise and catch.
PYTHON_KINDS = (
    "BaseException", "Exception", "ArithmeticError", "FloatingPointError", "OverflowError", "ZeroDivisionError",
    "AssertionError", "AttributeError", "BufferError", "EOFError", "ImportError", "ModuleNotFoundError", "LookupError",
    "IndexError", "KeyError", "MemoryError", "NameError", "UnboundLocalError", "OSError", "FileNotFoundError",
    "PermissionError", "TimeoutError", "RuntimeError", "NotImplementedError", "RecursionError", "StopIteration",
    "SyntaxError", "IndentationError", "TypeError", "ValueError", "UnicodeError", "Warning", "UserWarning",
    "DeprecationWarning", "RuntimeWarning", "FutureWarning", "KeyboardInterrupt",
)  # fmt: skip
NAMED = frozenset(PYTHON_KINDS)

# Kinds that are no builtins of Python: what they print as, and what they are a kind of.
PRINTED = {
    "_LinAlgError": "torch._C._LinAlgError",
    "OutOfMemoryError": "torch.OutOfMemoryError",
    "EinopsError": "einops.EinopsError",
}
_PARENTS: dict[str, tuple[str, ...]] = {
    "_LinAlgError": ("RuntimeError",),
    "OutOfMemoryError": ("RuntimeError",),
    "AcceleratorError": ("RuntimeError",),
    "EinopsError": ("RuntimeError",),
    "IOError": ("OSError",),
    "LinAlgError": ("ValueError",),
}


def register(python_class: type[BaseException]) -> str:
    """The kind of a Python exception; a library's own class is remembered with its parents."""
    name = python_class.__name__
    if not hasattr(builtins, name) and name not in _PARENTS:
        _PARENTS[name] = tuple(base.__name__ for base in python_class.__mro__[1:-1])
    return name


def is_kind(kind: str, wanted: str) -> bool:
    """Whether an exception of ``kind`` is caught by ``except wanted``."""
    if kind == wanted or wanted == "BaseException":
        return True
    parents = _PARENTS.get(kind)
    if parents is not None:
        return any(is_kind(parent, wanted) for parent in parents)
    have, want = getattr(builtins, kind, None), getattr(builtins, wanted, None)
    if isinstance(have, type) and isinstance(want, type):
        return issubclass(have, want)
    return wanted in ("Exception", "BaseException")
