"""Trying a program on copies of a session's variables, within a moment and without effects."""

from __future__ import annotations

from textwrap import dedent
from time import perf_counter

from tcalc.engine.state import Meter
from tcalc.errors import LimitError, TcalcError, TcalcSyntaxError
from tcalc.interp.functions import Function
from tcalc.interp.scope import UNBOUND
from tcalc.interp.session import Session
from tcalc.shell.foresight.copies import Copies, Unknown
from tcalc.shell.foresight.running import running_programs
from tcalc.shell.foresight.safety import check, check_line
from tcalc.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SECONDS = 0.2
_STEPS = 20_000
_LOOK_EVERY = 100
_BYTES = 1 << 20
_BITS = 1 << 14
_LONGEST_TEXT = 5000


class Cancelled:
    """A flag that one thread sets and another looks at."""

    __slots__ = ("is_set",)

    def __init__(self) -> None:
        self.is_set = False


class _ProbeMeter(Meter):
    """Stops a program that takes longer than anybody should wait, or that wants memory at all."""

    __slots__ = ("_cancelled", "_deadline")

    def __init__(self, cancelled: Cancelled) -> None:
        self._cancelled = cancelled
        self._deadline = perf_counter() + _SECONDS
        super().__init__()
        self.max_bits = _BITS
        self.max_depth = 50

    def _set_checkpoint(self) -> None:
        self.checkpoint = self.steps + _LOOK_EVERY

    def review(self) -> None:
        if self._cancelled.is_set or self.steps > _STEPS or perf_counter() > self._deadline:
            raise LimitError("this takes too long to tell", "TimeoutError")
        self._set_checkpoint()

    def allocate(self, nbytes: int, what: str = "the result") -> None:
        if nbytes > _BYTES:
            raise LimitError(f"{what} is too large to tell")


class Trial:
    """What came of a program: the session of copies after it, and its value."""

    __slots__ = ("session", "value")

    def __init__(self, session: Session, value: Any) -> None:
        self.session = session
        self.value = value


def attempt(session: Session, source: str, cancelled: Cancelled | None = None) -> Trial:
    """Run a program on copies.

    :class:`Unknown` where it must not be tried or nobody can tell; the program's own error where it would raise one.
    """
    if len(source) > _LONGEST_TEXT:
        raise Unknown
    with running_programs:
        try:
            return _attempt(session, source, cancelled or Cancelled())
        except TcalcSyntaxError:
            raise Unknown from None
        except TcalcError as error:
            if _comes_of_copying(error):
                raise Unknown from None
            raise


def _attempt(session: Session, source: str, cancelled: Cancelled) -> Trial:
    tree = parse(source)
    copied = _session_like(session, cancelled)
    _copy_names(session, copied, check_line(tree, session))
    program = copied.prepare(source, tree=tree)
    with copied.entered():
        return Trial(copied, copied.execute(program))


def _copy_names(session: Session, copied: Session, wanted: set[str]) -> None:
    """Give a session copies of what the names stand for in another, and of what functions among them read in turn."""
    copies = Copies()
    functions: dict[str, Function] = {}
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name in copied.variables or name in functions:
            continue
        value = (session.variables if name in session.variables else session.builtins)[name]
        if type(value) is Function:
            functions[name] = value
            pending += check(parse(_definition(name, value)), session)
        else:
            copied.variables[name] = copies.of(value)
    for name, function in functions.items():
        _define(copied, name, function, copies, session)


def _define(copied: Session, name: str, function: Function, copies: Copies, session: Session) -> None:
    """Define a program's function anew, so that it computes with the copies."""
    source = _definition(name, function)
    tree = parse(source)
    check(tree, session)
    with copied.entered():
        copied.execute(copied.prepare(source, tree=tree))
    made = copied.variables[name]
    made.defaults = [default if default is UNBOUND else copies.of(default) for default in function.defaults]


def _definition(name: str, function: Function) -> str:
    """The text that defines a function under this name; :class:`Unknown` for one that another function made."""
    unit, span = function.code.origin
    if function.enclosing is not None:
        raise Unknown
    text = dedent(" " * (span.start - unit.source.rfind("\n", 0, span.start) - 1) + unit.source[span.start : span.end])
    if function.name == "<lambda>":
        return f"{name} = ({text})"
    return text if function.name == name else f"{text}\n{name} = {function.name}"


def _session_like(session: Session, cancelled: Cancelled) -> Session:
    """An empty session with the settings of another, whose new tensors have no data."""
    copied = Session(write=len)
    copied.set_lists("tensor" if session.tensor_lists else "python")
    state, own = session.state, copied.state
    own.default_dtype = state.default_dtype
    own.whole_numbers_are_floats = state.whole_numbers_are_floats
    own.inference_mode = state.inference_mode
    own.grad_enabled = False
    own.default_device = "meta"
    own.meter = _ProbeMeter(cancelled)
    return copied


def _comes_of_copying(error: TcalcError) -> bool:
    """Whether an error says that the data is missing, or that time is up, and so nothing about the program."""
    if not error.catchable or error.kind in ("NotImplementedError", "AttributeError"):
        return True
    return "meta" in error.message or "data" in error.message
