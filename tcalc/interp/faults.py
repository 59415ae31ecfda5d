"""Python's exceptions as faults of the program, and the place in the source where they happened."""

from __future__ import annotations

from tcalc.errors import InternalError, Label, LimitError, TcalcError
from tcalc.interp import kinds
from tcalc.interp.type_names import class_name, pythonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    from tcalc.errors import Span
    from tcalc.interp.compiler import Unit
    from tcalc.syntax.nodes import Node

# What an operation on Python's own values raises when the program is at fault. Anything else is ours.
USER_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError, StopIteration, BufferError)


def translate(fault: BaseException) -> TcalcError:
    """The fault as a value of the language: the program's own, a limit, or tcalc's."""
    if isinstance(fault, TcalcError):
        return fault
    if _is_of_dimensions(fault):
        return TcalcError(f"tensors have at most {_MOST_DIMENSIONS} dimensions")
    if isinstance(fault, RecursionError):
        return TcalcError("maximum recursion depth exceeded", "RecursionError")
    if isinstance(fault, MemoryError):
        return LimitError(f"not enough memory: {fault}" if str(fault) else "not enough memory")
    # A container that its own loop changed is the program's doing, and the one RuntimeError of Python's that is.
    if isinstance(fault, USER_FAULTS) or (type(fault) is RuntimeError and "during iteration" in str(fault)):
        kind = kinds.register(type(fault))
        # Python's advice about its limit on digits names what no program can reach.
        message = str(fault).partition("; use sys.set_int_max_str_digits")[0]
        return TcalcError(pythonic(message), kind, values=fault.args)
    return internal(fault)


# NumPy's limit, which every way to make or change a tensor meets sooner or later.
_MOST_DIMENSIONS = 64


def _is_of_dimensions(fault: BaseException) -> bool:
    return type(fault) is ValueError and str(fault).startswith("maximum supported dimension")


def internal(fault: BaseException) -> TcalcError:
    """A Python exception that no program can be blamed for."""
    if isinstance(fault, (TcalcError, RecursionError, MemoryError)) or _is_of_dimensions(fault):
        return translate(fault)
    error = InternalError(f"{type(fault).__name__}: {fault}")
    error.__cause__ = fault
    return error


def located(fault: BaseException, unit: Unit, span: Span, operands: Iterable[tuple[Node, Any]] = ()) -> TcalcError:
    """The fault with its place, unless an inner place is known already; ``operands`` are labelled."""
    error = translate(fault)
    if error.span is None:
        error.span = span
        error.source = unit.source
        error.source_name = unit.name
        for node, value in operands:
            _point_at_row(error, unit, value)
            text = describe(value)
            if text:
                error.labels.append(Label(node.span, text))
    return error


def fail(fault: BaseException, unit: Unit, span: Span, operands: Iterable[tuple[Node, Any]] = ()) -> NoReturn:
    """Raise the fault with its place. ``return fail(…)`` tells a reader that the path ends here."""
    error = located(fault, unit, span, operands)
    if error is fault:
        raise error
    raise error from fault


def describe(value: Any) -> str:
    """Shape and dtype of an operand for a label; empty for what has none."""
    shape = getattr(value, "shape", None) if class_name(value) in ("Tensor", "ndarray") else None
    if shape is None:
        return ""
    return f"{tuple(shape)} {str(value.dtype).removeprefix('torch.')}"


def _point_at_row(error: TcalcError, unit: Unit, value: Any) -> None:
    """Move the place of a ragged literal's fault to the row that differs."""
    if error.path is None or class_name(value) != "TensorLiteral" or value.origin is None:
        return
    from tcalc.interp.literals import is_ragged, row_at

    row = row_at(value, error.path)
    if row is not None and is_ragged(value):
        error.span = row.span
        error.source, error.source_name = value.origin[0].source, value.origin[0].name
