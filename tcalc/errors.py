"""Faults as values: where, what kind, what message, and how they are drawn.

Every fault of a program or of its data is a :class:`TcalcError`. Its ``kind`` is the name of the
Python class that PyTorch would raise (``"RuntimeError"``, ``"IndexError"``, …), because programs
catch by that name and people search for the words. The inner layers raise with a message only;
the evaluator adds the place (:class:`Span`) and the operands.
"""

from __future__ import annotations


class Span:
    """A stretch of source text, as offsets in characters: ``source[start:end]``."""

    # A plain class: ``typing`` and ``dataclasses`` would cost a scalar one-liner milliseconds of start-up.
    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        return f"Span({self.start}, {self.end})"


class Label:
    """A secondary place in the source with a few words about it, such as an operand's shape."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class TcalcError(Exception):
    """A fault of the program or its data. ``str()`` is the message alone.

    ``kind`` names the Python exception class; ``values`` are what the program passed when it raised
    the exception itself (``e.args``).
    """

    default_kind = "RuntimeError"
    catchable = True

    def __init__(
        self,
        message: str,
        kind: str | None = None,
        *,
        span: Span | None = None,
        hint: str | None = None,
        values: tuple | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or self.default_kind
        self.span = span
        self.hint = hint
        self.values = (message,) if values is None else values
        self.labels: list[Label] = []
        self.path: tuple[int, ...] | None = None  # where in a nested list the fault is
        self.source: str | None = None
        self.source_name: str | None = None

    def __str__(self) -> str:
        return self.message


class TcalcSyntaxError(TcalcError):
    """The text is no program of the language. ``incomplete`` says that more text could mend it."""

    default_kind = "SyntaxError"

    def __init__(
        self, message: str, span: Span, *, hint: str | None = None, incomplete: bool = False, kind: str | None = None
    ) -> None:
        super().__init__(message, kind, span=span, hint=hint)
        self.incomplete = incomplete


class LimitError(TcalcError):
    """A bound on size, depth, steps or time was met. A program cannot catch it."""

    default_kind = "MemoryError"
    catchable = False


class UsageError(TcalcError):
    """The command line itself is wrong (exit status 2)."""

    default_kind = "UsageError"


class DataError(TcalcError):
    """A file or stream could not be read or written (exit status 4)."""

    default_kind = "OSError"


class InternalError(TcalcError):
    """A fault of tcalc itself, never dressed as the user's (exit status 70)."""

    default_kind = "InternalError"
    catchable = False


def type_error(message: str, *, hint: str | None = None) -> TcalcError:
    return TcalcError(message, "TypeError", hint=hint)


def value_error(message: str, *, hint: str | None = None) -> TcalcError:
    return TcalcError(message, "ValueError", hint=hint)


def index_error(message: str, *, hint: str | None = None) -> TcalcError:
    return TcalcError(message, "IndexError", hint=hint)


def not_implemented(message: str, *, hint: str | None = None) -> TcalcError:
    return TcalcError(message, "NotImplementedError", hint=hint)
