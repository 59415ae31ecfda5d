"""What a dotted name means to a session, for help and completion: looked up, never computed."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.interp import attributes, library, names
from tcalc.interp.values import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.interp.session import Session


def lookup(session: Session, dotted: str) -> Any:
    """The value of ``x``, ``np.linalg.norm`` or ``x.sum``; None where there is none. No attribute is computed."""
    first, *rest = dotted.split(".")
    if not all(part.isidentifier() for part in (first, *rest)):
        return None
    try:
        value = session.variables[first] if first in session.variables else _named(session, first, bool(rest))
        for part in rest:
            value = _member(value, part)
    except (TcalcError, KeyError):
        return None
    return value


def _named(session: Session, name: str, is_path: bool) -> Any:
    """What a name means; the first of a path may be a module that has to be imported."""
    from tcalc.interp import namespaces

    if is_path and name in namespaces.MODULES:
        return namespaces.module(name)
    return names.find(session, name)


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Namespace):
        return value.find(name)
    if isinstance(value, Tensor) or getattr(value, "python_type", None) is Tensor:
        registry = library.registry()
        return registry.attributes[name] if name in registry.attributes else registry.methods[name]
    return attributes.get_attribute(value, name)


def builtins() -> Iterator[tuple[str, str, str]]:
    """(name, call, summary) of the calculator's own functions, of Python's builtins and of einops."""
    from tcalc.interp import namespaces
    from tcalc.interp.own_names import own_names
    from tcalc.interp.python_words import WORDS

    yield from ((name, function.signature, first_line(function.doc)) for name, function in own_names().items())
    yield from ((name, call, summary) for name, (call, summary) in WORDS.items() if "." not in name)
    einops = [(name, namespaces.module("einops").find(name)) for name in names.EINOPS_NAMES]
    yield from ((name, function.signature, first_line(function.doc)) for name, function in einops)


def summaries(session: Session) -> Iterator[tuple[str, str]]:
    """(name, summary) of what only the interpreter knows: builtins, ``math``, NumPy's functions."""
    from tcalc.interp.math_names import NAMES

    yield from ((name, summary) for name, _, summary in builtins())
    yield from ((f"math.{name}", first_line(getattr(value, "doc", None))) for name, value in NAMES.items())
    numpy = _numpy_names()
    yield from ((f"np.{name}", "NumPy's function") for name in numpy)


def _numpy_names() -> list[str]:
    from tcalc.interp.numpy_names import FUNCTIONS

    return [f"{path}.{name}".removeprefix("numpy.") for path, found in FUNCTIONS.items() for name in sorted(found)]


def first_line(doc: str | None) -> str:
    """The summary of a docstring."""
    return " ".join((doc or "").strip().partition("\n\n")[0].replace("``", "").split())
