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
        self.data: object = None  # the nested list that does not fit, and
        self.path: tuple[int, ...] | None = None  # where in it the fault is
        self.source: str | None = None
        self.source_name: str | None = None
        self.place: str | None = None  # where in its data a program was

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(map(repr, self.values))})"


class TcalcSyntaxError(TcalcError):
    """The text is no program of the language. ``incomplete`` says that more text could mend it."""

    default_kind = "SyntaxError"

    def __init__(
        self, message: str, span: Span, *, hint: str | None = None, incomplete: bool = False, kind: str | None = None
    ) -> None:
        super().__init__(message, kind, span=span, hint=hint)
        self.incomplete = incomplete


class AssertionFailed(TcalcError):  # noqa: N818 - the name says what happened
    """An ``assert`` of the program does not hold (exit status 1)."""

    default_kind = "AssertionError"


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


# ---------------------------------------------------------------- drawing

_WINDOW = 100  # characters of a long line that are shown around the place


def render(error: TcalcError) -> str:
    """The fault as plain text: kind and message, the source line with carets and labels, the hint.

    ::

        error: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x5)
          |  a @ b + 1
          |  - ^ -
          |  |   (2, 5) float32
          |  (2, 3) float32
          = hint: a.T @ b fits
    """
    first, *more = f"error: {error.kind}{': ' if error.message else ''}{error.message}".split("\n")
    lines = [first, *more]
    if error.span is not None and error.source is not None:
        lines += _place(error, error.source, error.span)
    if error.place:
        lines.append(f"  = at {error.place}")
    if error.hint:
        lines.append(f"  = hint: {error.hint}")
    return "\n".join(lines)


def _place(error: TcalcError, source: str, span: Span) -> list[str]:
    """The line of the source with its marks; of a text of several lines, its number too."""
    start = min(span.start, len(source))
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", start)
    end = len(source) if end < 0 else end
    several = "\n" in source.strip("\n")
    gutter = f"{source.count(chr(10), 0, begin) + 1} |" if several else "|"
    name = error.source_name
    lines = []
    if several and name and not name.startswith("<"):
        lines.append(f"  --> {name}:{source.count(chr(10), 0, begin) + 1}:{start - begin + 1}")
    first, last = _window(begin, end, start, span.end)
    text = source[first:last].rstrip("\r").replace("\t", " ")
    dots = "... " if first > begin else ""
    lines.append(f"  {gutter}  {dots}{text}{' ...' if last < end else ''}")
    margin = f"  {' ' * (len(gutter) - 1)}|  {' ' * len(dots)}"
    labels = [label for label in error.labels if first <= label.span.start < last and _apart(label.span, span)]
    return lines + [(margin + row).rstrip() for row in _marks(text, first, span, labels)]


def _window(begin: int, end: int, start: int, stop: int) -> tuple[int, int]:
    """The part of a long line that is shown."""
    if end - begin <= 2 * _WINDOW:
        return begin, end
    return max(begin, start - _WINDOW), min(end, max(stop, start) + _WINDOW, start + 2 * _WINDOW)


def _apart(label: Span, span: Span) -> bool:
    return label.end <= span.start or span.end <= label.start


def _marks(text: str, first: int, span: Span, labels: list[Label]) -> list[str]:
    """A row of carets and dashes, then the labels' texts, the rightmost first, each hanging from its dash."""

    def column(position: int) -> int:
        return _width(text[: max(0, min(position - first, len(text)))])

    length = max(column(span.end), column(span.start) + 1, *(column(label.span.end) for label in labels), 0)
    marks = [" "] * length
    for label in labels:
        for at in range(column(label.span.start), column(label.span.end)):
            marks[at] = "-"
    for at in range(column(span.start), max(column(span.end), column(span.start) + 1)):
        marks[at] = "^"
    rows = ["".join(marks)]
    pending = sorted(labels, key=lambda label: label.span.start)
    while pending:
        label = pending.pop()
        row = ""
        for other in pending:
            row = row.ljust(column(other.span.start)) + "|"
        rows.append(row.ljust(column(label.span.start)) + label.text)
    return rows


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
