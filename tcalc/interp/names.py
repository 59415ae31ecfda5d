"""What a name means that the program has not bound: Python's builtins, PyTorch's functions, a few constants."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.scalars import SCALAR_FUNCTIONS
from tcalc.errors import TcalcError
from tcalc.interp import kinds, library
from tcalc.interp.values import Callable_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tcalc.interp.session import Session

CONSTANTS: dict[str, Any] = {
    "pi": 3.141592653589793, "e": 2.718281828459045, "inf": float("inf"), "nan": float("nan"), "tau": 6.283185307179586,
    "__name__": "__main__", "Ellipsis": ...,
}  # fmt: skip

# Further words for the element types; float, int, bool and complex are Python's own.
DTYPES = {**{dtype.name: dtype for dtype in dtypes.ALL}, **dtypes.ALIASES}
BARE_DTYPES = {name: dtype for name, dtype in DTYPES.items() if name not in ("float", "int", "bool", "complex")}


class ScalarFunction(Callable_):
    """A function of numbers and tensors: numbers are answered without the operations, which torch's own refuses."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def record(self) -> Any:
        """The operation of the same name."""
        return library.record(self.name)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        if args and not kwargs and all(type(arg) in (int, float, bool, complex) for arg in args):
            try:
                return SCALAR_FUNCTIONS[self.name](*args)
            except TypeError:  # too many numbers, or a complex one: what the operation says
                pass
        from tcalc.interp.records import invoke

        return invoke(library.record(self.name), args, kwargs)

    def __repr__(self) -> str:
        return f"<built-in method {self.name} of type object>"


# The calculator's own functions, whose module is loaded when one of them is used.
OWN_NAMES = frozenset(
    ("bundle", "help", "load", "save", "search", "plot", "scatter", "hist", "heatmap", "imshow", "spark")
)

# Functions of einops that need no import; torch has none of their names.
EINOPS_NAMES = ("rearrange", "reduce", "repeat")

_scalar_functions: dict[str, ScalarFunction] = {}


def scalar_function(name: str) -> ScalarFunction | None:
    """The function of numbers of that name; one value a name."""
    if name not in SCALAR_FUNCTIONS:
        return None
    return _scalar_functions.setdefault(name, ScalarFunction(name))


def find(session: Session, name: str) -> Any:
    """The value of a name that is no variable; NameError with a proposal where there is none."""
    if name in session.suppliers:
        made = session.variables[name] = session.suppliers[name]()
        return made
    known = session.builtins
    if name in known:
        return known[name]
    value = _resolve(name)
    if value is MISSING:
        raise name_error(session, name)
    known[name] = value
    return value


def meaning(session: Session, name: str) -> Any:
    """The value of a name that is no variable, or MISSING; no variable is made for it and no proposal sought."""
    return session.builtins[name] if name in session.builtins else _resolve(name)


class _Missing:
    __slots__ = ()


MISSING = _Missing()


def _resolve(name: str) -> Any:
    from tcalc.interp.python_builtins import BUILTINS
    from tcalc.interp.type_tokens import PYTHON_TYPES, TORCH_TYPES, exception_type

    for table in (BUILTINS, PYTHON_TYPES, CONSTANTS, BARE_DTYPES, TORCH_TYPES):
        if name in table:
            return table[name]
    if name in kinds.NAMED:
        return exception_type(name)
    from tcalc.interp import namespaces

    if name in namespaces.BARE:
        return namespaces.module(namespaces.BARE[name])
    if name.startswith("_"):
        return MISSING
    if name in OWN_NAMES:
        from tcalc.interp.own_names import own_names

        return own_names()[name]
    found = scalar_function(name)
    if found is not None:
        return found
    if name in EINOPS_NAMES:
        return namespaces.module("einops").find(name)
    return namespaces.TORCH.get(name, MISSING)


def known_names(session: Session) -> Iterable[str]:
    """Every name that a program can read now."""
    from tcalc.interp.namespaces import BARE, TORCH
    from tcalc.interp.python_builtins import BUILTINS
    from tcalc.interp.type_tokens import PYTHON_TYPES

    yield from session.variables
    for table in (BUILTINS, PYTHON_TYPES, CONSTANTS, BARE, kinds.NAMED, OWN_NAMES, EINOPS_NAMES):
        yield from table
    yield from TORCH.names()


_NOT_HERE = frozenset(
    ("open", "input", "eval", "exec", "compile", "globals", "locals", "super", "property", "breakpoint")
)


def name_error(session: Session, name: str) -> TcalcError:
    from tcalc.interp.absences import reason
    from tcalc.spelling import closest

    found = closest(name, known_names(session))
    hint = f"did you mean {found}?" if found else None
    why = reason(f"torch.{name}")
    if why is not None:
        hint = why
    if name in _NOT_HERE:
        hint = f"{name}() of Python is not part of tcalc's language"
    return TcalcError(f"name '{name}' is not defined", "NameError", hint=hint)
