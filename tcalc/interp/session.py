"""A session: variables, state, and running programs in them."""

from __future__ import annotations

import sys

from tcalc.engine.state import State, activated
from tcalc.errors import TcalcError
from tcalc.interp import text
from tcalc.interp.evaluator import compile_program
from tcalc.interp.faults import translate
from tcalc.interp.literals import TensorLiteral, to_tensor
from tcalc.interp.values import Builtin
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ECHO_NONE, ECHO_LAST, ECHO_ALL = "none", "last", "all"

# Python frames that a program may use: a call of a program's function takes about six.
_RECURSION_LIMIT = 10_000

_running: list[Session] = []


def running() -> Session | None:
    """The session whose program runs now."""
    return _running[-1] if _running else None


class Session:
    """Variables and settings that programs share. ``write`` gets what is printed and echoed."""

    def __init__(self, write: Callable[[str], Any] | None = None) -> None:
        self.write = sys.stdout.write if write is None else write
        self.state = State()
        self._variables: dict[str, Any] = {}
        self.builtins: dict[str, Any] = {"print": Builtin(self._print, "print")}
        self.tensor_lists = True
        self.lists_pinned = False
        self.handling: list[TcalcError] = []  # the exceptions whose handlers run, innermost last
        self._echo_mode = ECHO_NONE
        self._last: Any = None
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
        try:
            with activated(self.state), _room_to_recurse():
                _running.append(self)
                depth, handled = self.meter.depth, len(self.handling)
                try:
                    return self._run(source, echo, name)
                finally:
                    self.meter.depth = depth
                    del self.handling[handled:]
                    _running.pop()
        except TcalcError as error:
            if error.source is None:
                error.source, error.source_name = source, name
            raise
        except Exception as fault:
            raise translate(fault) from fault

    def _run(self, source: str, echo: str, name: str) -> Any:
        program = compile_program(self, source, name)
        final = program[-1][0] if program else None
        self._last = None
        for statement, run in program:
            self._echo_mode = ECHO_LAST if echo == ECHO_LAST and statement is final else echo
            if self._echo_mode == ECHO_LAST and not (statement is final and isinstance(statement, nodes.Expr)):
                self._echo_mode = ECHO_NONE
            run(None)
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


class _room_to_recurse:  # noqa: N801 - a context manager reads like a verb
    """Raise Python's limit on recursion while a program runs, and put it back."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        if self._before < _RECURSION_LIMIT:
            sys.setrecursionlimit(_RECURSION_LIMIT)

    def __exit__(self, *exc_info: object) -> None:
        if sys.getrecursionlimit() == _RECURSION_LIMIT and self._before < _RECURSION_LIMIT:
            sys.setrecursionlimit(self._before)
