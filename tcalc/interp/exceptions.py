"""``try``, ``raise`` and what may be caught."""

from __future__ import annotations

from tcalc.errors import TcalcError, type_error
from tcalc.interp import kinds
from tcalc.interp.compiler import compile_block, compile_node, compiles
from tcalc.interp.faults import fail, located, translate
from tcalc.interp.type_tokens import ExceptionType
from tcalc.interp.variables import forget, store_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope


@compiles(nodes.Raise)
def raise_(node: nodes.Raise, scope: Scope) -> Run:
    unit = scope.unit
    if node.exc is None:
        handling = unit.session.handling

        def again(frame: Any) -> None:
            if not handling:
                raise located(TcalcError("No active exception to reraise"), unit, node.span)
            raise handling[-1]

        return again
    value_of = compile_node(node.exc, scope)
    cause_of = compile_node(node.cause, scope) if node.cause is not None else None

    def run(frame: Any) -> None:
        value = value_of(frame)
        cause = None if cause_of is None else cause_of(frame)
        try:
            error = _raisable(value)
            cause = None if cause is None else _raisable(cause)
        except Exception as fault:
            fail(fault, unit, node.span)
        raise located(error, unit, node.span) from cause

    return run


def _raisable(value: Any) -> TcalcError:
    if isinstance(value, ExceptionType):
        value = value.invoke([], {})
    if not isinstance(value, TcalcError):
        raise type_error("exceptions must derive from BaseException")
    return value


class Handler:
    """One ``except`` clause, compiled."""

    __slots__ = ("body", "catches", "forget", "store", "unit")

    def __init__(self, node: nodes.ExceptHandler, scope: Scope) -> None:
        self.unit = scope.unit
        self.catches = None if node.type is None else _matcher(node.type, scope)
        self.store = None if node.name is None else store_name(node.name, scope)
        self.forget = None if node.name is None else forget(node.name, scope)
        self.body = compile_block(node.body, scope)

    def run(self, frame: Any, error: TcalcError) -> Any:
        handling = self.unit.session.handling
        handling.append(error)
        if self.store is not None:
            self.store(frame, error)
        try:
            return self.body(frame)
        finally:
            handling.pop()
            if self.forget is not None:
                self.forget(frame)


def _matcher(node: nodes.Expression, scope: Scope) -> Any:
    """Whether an exception belongs to the classes after ``except``."""
    classes_of = compile_node(node, scope)
    unit = scope.unit

    def catches(frame: Any, error: TcalcError) -> bool:
        classes = classes_of(frame)
        listed = classes if isinstance(classes, tuple) else (classes,)
        for item in listed:
            if not isinstance(item, ExceptionType):
                message = "catching classes that do not inherit from BaseException is not allowed"
                raise located(type_error(message), unit, node.span)
        return any(kinds.is_kind(error.kind, item.kind) for item in listed)

    return catches


@compiles(nodes.Try)
def try_(node: nodes.Try, scope: Scope) -> Run:
    run = compile_block(node.body, scope)
    if node.handlers:
        run = _with_handlers(node, run, scope)
    if node.finalbody:
        run = _with_final(compile_block(node.finalbody, scope), run)
    return run


def _with_handlers(node: nodes.Try, body: Run, scope: Scope) -> Run:
    handlers = [Handler(handler, scope) for handler in node.handlers]
    orelse = compile_block(node.orelse, scope) if node.orelse else None

    def run(frame: Any) -> Any:
        try:
            code = body(frame)
        except Exception as fault:
            error = translate(fault)
            if error.catchable:
                for handler in handlers:
                    if handler.catches is None or handler.catches(frame, error):
                        return handler.run(frame, error)
            if error is fault:
                raise
            raise error from fault
        if code is None and orelse is not None:
            return orelse(frame)
        return code

    return run


def _with_final(final: Run, body: Run) -> Run:
    """``finally``. A limit or an interrupt ends the program at once: the block could keep it running for ever."""

    def run(frame: Any) -> Any:
        try:
            code = body(frame)
        except Exception as fault:
            error = translate(fault)
            if not error.catchable:
                raise
            left_by = final(frame)
            if left_by is not None:
                return left_by
            raise
        returned = frame[1] if frame is not None else None
        left_by = final(frame)
        if left_by is not None:
            return left_by
        if frame is not None:
            frame[1] = returned
        return code

    return run
