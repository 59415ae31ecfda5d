"""Calling an operation of the registry from a program."""

from __future__ import annotations

from tcalc.engine.dtypes import INTEGER
from tcalc.errors import InternalError, TcalcError
from tcalc.interp import library
from tcalc.interp.literals import TensorLiteral, as_floats, category
from tcalc.interp.operations import is_bundle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Words by which PyTorch refuses whole numbers where it wants floats.
_WANTS_FLOATS = ("Long", "long long", "dtype", "floating")


def invoke(record: Any, args: list, kwargs: dict[str, Any]) -> Any:
    """The record's answer. What is no fault of the program's is tcalc's."""
    try:
        return library.invoke(record, args, dict(kwargs))
    except TcalcError as fault:
        if any(is_bundle(arg) for arg in (*args, *kwargs.values())):
            from tcalc.interp import bundles

            return bundles.call_each(record, args, kwargs)
        if any(type(arg) is TensorLiteral for arg in args) and any(word in fault.message for word in _WANTS_FLOATS):
            return _with_floats(record, args, kwargs, fault)
        raise


def _with_floats(record: Any, args: list, kwargs: dict[str, Any], fault: TcalcError) -> Any:
    """Once more with the literals' whole numbers as floats: ``[1, 2, 3].mean()`` is plain enough."""
    floating = [as_floats(arg) if type(arg) is TensorLiteral and category(arg) <= INTEGER else arg for arg in args]
    try:
        return library.invoke(record, floating, dict(kwargs))
    except InternalError:
        raise
    except TcalcError:
        raise fault from None
