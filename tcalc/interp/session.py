"""A session: variables, state, and running programs in them."""

from __future__ import annotations

import sys

from tcalc.engine.state import State, activated
from tcalc.errors import TcalcError
from tcalc.interp import text
from tcalc.interp.evaluator import Program, compile_program
from tcalc.interp.faults import translate
from tcalc.interp.literals import TensorLiteral, to_tensor
from tcalc.interp.values import Builtin
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from tcalc.show.screen import Screen

ECHO_NONE, ECHO_LAST, ECHO_ALL = "none", "last", "all"

# Python frames that a program may use: a call of a program's function takes about six.
_RECURSION_LIMIT = 10_000

_running: list[Session] = []


def running() -> Session | None:
    """The session whose program runs now."""
    return _running[-1] if _running else None


def _nothing() -> None:
    """Nothing is held back."""


class Session:
    """Variables and settings that programs share. ``write`` gets what is printed and echoed."""

    def __init__(self, write: Callable[[str], Any] | None = None) -> None:
        self.write = sys.stdout.write if write is None else write
        # What print(…, flush=True) asks for; an outer layer that holds text back sets its own.
        self.flush: Callable[[], None] = _nothing
        self.state = State()
        self._variables: dict[str, Any] = {}
        self.builtins: dict[str, Any] = {"print": Builtin(self._print, "print")}
        # Variables that are made when they are first read, such as the row of a stream.
        self.suppliers: dict[str, Callable[[], Any]] = {}
        self.tensor_lists = True
        self.lists_pinned = False
        self.handling: list[TcalcError] = []  # the exceptions whose handlers run, innermost last
        self._echo_mode = ECHO_NONE
        self._last: Any = None
        # Functions that give further topics of help: the layers above add theirs.
        self.shelves: list[Callable[[], Any]] = []
        # What pictures are drawn on; an outer layer knows its terminal.
        self.screen: Callable[[], Screen] = _plain_screen
        # How an expression's value is shown; an outer layer may set its own.
        self.display: Callable[[Any], None] = self._display

    @property
    def variables(self) -> dict[str, Any]:
        """The program's variables, by name. Compiled functions hold this very dict."""
        return self._variables

    @property
    def meter(self) -> Any:
        """The accounts of steps and memory."""
        return self.state.meter

    def run(self, source: str, echo: str = ECHO_NONE, name: str = "<input>") -> Any:
        """Run a program. Returns the value of its last statement when that is an expression, else None.

        ``echo`` says which values are shown: ``"last"`` the last statement's, as in a notebook's cell, ``"all"``
        every expression statement's, as in a Python shell, ``"none"`` none.
        """
        with self.entered():
            return self.execute(self.prepare(source, name), echo)

    def prepare(self, source: str, name: str = "<input>", tree: nodes.Module | None = None) -> Program:
        """Compile a program once, to be executed as often as one likes; ``tree`` is its tree where that is known."""
        try:
            with self.entered():
                return compile_program(self, source, name, tree)
        except Exception as fault:
            _fail(fault, source, name)

    def entered(self) -> _Entered:
        """``with session.entered():`` the session is the running one, as :meth:`execute` needs it."""
        return _Entered(self)

    def execute(self, program: Program, echo: str = ECHO_NONE) -> Any:
        """Run a prepared program within :meth:`entered`; the answer is that of :meth:`run`."""
        final = program.final
        self._last = None
        try:
            for statement, run in program.statements:
                self._echo_mode = ECHO_LAST if echo == ECHO_LAST and statement is final else echo
                if self._echo_mode == ECHO_LAST and not (statement is final and isinstance(statement, nodes.Expr)):
                    self._echo_mode = ECHO_NONE
                run(None)
        except Exception as fault:
            _fail(fault, program.source, program.name)
        last, self._last = self._last, None
        return last if isinstance(final, nodes.Expr) else None

    def echo(self, value: Any, silent: bool) -> None:
        """An expression statement of the module has this value."""
        self._last = value
        if value is not None and not silent and self._echo_mode != ECHO_NONE:
            self.display(value)

    def shown_value(self, value: Any) -> Any:
        """What is echoed for a value: a rectangular literal is a tensor."""
        if type(value) is TensorLiteral:
            try:
                return to_tensor(value)
            except TcalcError:
                return value
        return value

    def _display(self, value: Any) -> None:
        self.write(text.repr_of(self.shown_value(value)) + "\n")

    def _print(self, *values: Any, sep: Any = None, end: Any = None, flush: Any = False, **other: Any) -> None:
        for name in other:
            raise TypeError(f"'{name}' is an invalid keyword argument for print()")
        for name, given in (("sep", sep), ("end", end)):
            if given is not None and not isinstance(given, str):
                from tcalc.interp.type_names import type_name

                raise TypeError(f"{name} must be None or a string, not {type_name(given)}")
        separator = " " if sep is None else sep
        self.write(separator.join([text.str_of(value) for value in values]) + ("\n" if end is None else end))
        if flush:
            self.flush()

    def lookup(self, dotted: str) -> Any:
        """What a name such as ``np.linalg.norm`` or ``x.sum`` means, for help and completion; None for nothing."""
        from tcalc.interp.lookup import lookup

        with activated(self.state):
            return lookup(self, dotted)

    def summaries(self) -> Any:
        """(name, summary) of the builtins and functions that are no operations."""
        from tcalc.interp.lookup import summaries

        return summaries(self)

    def type_name(self, value: Any) -> str:
        """The name of a value's type, as messages show it."""
        from tcalc.interp.type_names import type_name

        return type_name(value)

    @property
    def own_names(self) -> list[str]:
        """The names of the calculator's own functions."""
        from tcalc.interp.names import OWN_NAMES

        return sorted(OWN_NAMES)

    def lists_become_python(self) -> None:
        """Brackets are plain lists from now on, unless somebody has said what they are."""
        if not self.lists_pinned:
            self.tensor_lists = False

    def set_lists(self, mode: str) -> None:
        """Say what brackets of numbers are: ``"tensor"`` or ``"python"``."""
        if mode not in ("tensor", "python"):
            raise ValueError(f"lists is 'tensor' or 'python', not {mode!r}")
        self.tensor_lists = mode == "tensor"
        self.lists_pinned = True


def _fail(fault: Exception, source: str, name: str) -> NoReturn:
    """Raise the fault as the program's, with the text that it belongs to unless an inner one is known already."""
    error = translate(fault)
    if error.source is None:
        error.source, error.source_name = source, name
    if error is fault:
        raise error
    raise error from fault


def _plain_screen() -> Screen:
    from tcalc.show.screen import Screen

    return Screen()


class _Entered:
    """Makes a session the running one, with room to recurse, and puts everything back."""

    __slots__ = ("_active", "_depth", "_handled", "_limit", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._active = activated(session.state)

    def __enter__(self) -> None:
        session = self._session
        self._active.__enter__()
        self._limit = sys.getrecursionlimit()
        if self._limit < _RECURSION_LIMIT:
            sys.setrecursionlimit(_RECURSION_LIMIT)
        self._depth, self._handled = session.meter.depth, len(session.handling)
        _running.append(session)

    def __exit__(self, *exc_info: object) -> None:
        session = self._session
        _running.pop()
        session.meter.depth = self._depth
        del session.handling[self._handled :]
        if sys.getrecursionlimit() == _RECURSION_LIMIT and self._limit < _RECURSION_LIMIT:
            sys.setrecursionlimit(self._limit)
        self._active.__exit__(*exc_info)
