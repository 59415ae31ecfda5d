"""What help says about functions that have no record: Python's, NumPy's, and the program's own."""

from __future__ import annotations

from tcalc.interp.scope import UNBOUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.functions import Function
    from tcalc.interp.values import BoundMethod, Builtin


def doc_of(builtin: Builtin) -> str | None:
    """The text of help about a builtin."""
    if builtin.path:
        doc = _cleaned(getattr(_original(builtin), "__doc__", None))
        return doc and doc.removeprefix(_first_line_call(builtin)).lstrip("\n")
    from tcalc.interp.python_words import WORDS

    return WORDS[builtin.name][1] if builtin.name in WORDS else _cleaned(builtin.function.__doc__)


def signature_of(builtin: Builtin) -> str:
    """The call of a builtin, such as ``sorted(values, *, key=None)``."""
    from tcalc.interp.python_words import WORDS

    if not builtin.path and builtin.name in WORDS:
        return WORDS[builtin.name][0]
    parameters = _parameters(_original(builtin) if builtin.path else builtin.function)
    if parameters is None:
        return _first_line_call(builtin).partition(" -> ")[0] or f"{builtin.name}(…)"
    return builtin.name + parameters


def method_signature(method: BoundMethod) -> str:
    """The call of a method of Python's, without what it is called on."""
    original = getattr(type(method.receiver), method.name, method.function)
    parameters = _parameters(original) or "(…)"
    return method.name + parameters.replace("(self, /, ", "(").replace("(self, ", "(").replace("(self)", "()")


def _first_line_call(builtin: Builtin) -> str:
    """The call that Python's older docstrings start with: ``hypot(*coordinates) -> value``."""
    first: str = (getattr(_original(builtin), "__doc__", None) or "").strip().partition("\n")[0]
    return first if builtin.path and first.startswith(f"{builtin.name}(") else ""


def _original(builtin: Builtin) -> Any:
    """The function of Python's or NumPy's that a builtin stands for."""
    from importlib import import_module

    module, _, kind = builtin.path.partition(".") if builtin.path.startswith("builtins.") else (builtin.path, "", "")
    found = import_module(module)
    return getattr(getattr(found, kind) if kind else found, builtin.name, builtin.function)


def _cleaned(doc: str | None) -> str | None:
    from inspect import cleandoc

    return None if doc is None else cleandoc(doc)


def _parameters(function: Any) -> str | None:
    """The parameters of a Python function, without its annotations; None where Python does not tell."""
    import inspect

    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]
    shown = str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    return shown.replace(", /)", ")").replace("<no value>", "…")


def function_signature(function: Function) -> str:
    """The call of a function that a program defines: ``f(x, eps=1e-12, *rest)``."""
    from tcalc.interp.text import repr_of

    code = function.code
    parts = [
        name if default is UNBOUND else f"{name}={repr_of(default)}"
        for name, default in zip(code.names, function.defaults, strict=True)
    ]
    positional, keyword_only = parts[: code.first_keyword], parts[code.first_keyword :]
    if code.positional_only:
        positional.insert(code.positional_only, "/")
    if code.vararg is not None:
        positional.append("*args")
    elif keyword_only:
        positional.append("*")
    rest = ["**kwargs"] if code.kwarg is not None else []
    return f"{code.name}({', '.join([*positional, *keyword_only, *rest])})"
