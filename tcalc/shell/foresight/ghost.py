"""The ghost of the answer: what the line being typed would give, as ``(2, 5) float32``; and what its call wants."""

from __future__ import annotations

import threading
from time import sleep

from tcalc.errors import TcalcError
from tcalc.shell.entry import is_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.shell.background import Loader
    from tcalc.shell.completion.signatures import Signature
    from tcalc.shell.foresight.probe import Cancelled

# Nobody reads what changes with every key.
_PAUSE = 0.04
_MOST_PARTS = 4
_LONGEST = 60
# Errors that a finished line has and an unfinished one need not: a name that is still being typed is none of them.
_TOLD = ("RuntimeError", "IndexError", "ValueError", "TypeError")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Answer:
    """What is shown: a shape, or what is wrong with the line."""

    __slots__ = ("is_error", "text")

    def __init__(self, text: str, is_error: bool = False) -> None:
        self.text = text
        self.is_error = is_error


class Tip:
    """The call that the cursor is in, and which of its parameters is being typed."""

    __slots__ = ("current", "signature")

    def __init__(self, signature: Signature, current: int | None) -> None:
        self.signature = signature
        self.current = current


class Ghost:
    """Answers about the last text that it was asked about, from a thread of its own."""

    def __init__(self, session: Session, loader: Loader, changed: Callable[[], None]) -> None:
        self._session = session
        self._loader = loader
        self._changed = changed  # called from the thread
        self._wanted = threading.Event()
        self._asked = ("", "")
        self._cancelled: Cancelled | None = None
        self._thread: threading.Thread | None = None
        self.answer: Answer | None = None
        self.tip: Tip | None = None

    def ask(self, text: str, before_cursor: str) -> None:
        """The line is now this text; what is being found out about an older one is given up."""
        self._asked = (text, before_cursor)
        if self._cancelled is not None:
            self._cancelled.is_set = True
        if not text.strip():
            self.answer = self.tip = None
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        self._loader.needed.wait()
        from tcalc.shell.foresight.probe import Cancelled

        while True:
            self._wanted.wait()
            sleep(_PAUSE)
            self._wanted.clear()
            asked, self._cancelled = self._asked, Cancelled()
            answer, tip = self._found(*asked)
            if asked == self._asked:
                self.answer, self.tip = answer, tip
                self._changed()

    def _found(self, text: str, before_cursor: str) -> tuple[Answer | None, Tip | None]:
        try:
            return answer_to(self._session, text, self._cancelled), tip_at(self._session, before_cursor)
        except Exception:  # it is a courtesy, and must never be in anybody's way
            return None, None


def answer_to(session: Session, text: str, cancelled: Cancelled | None = None) -> Answer | None:
    """What is known about a line; None where nothing is."""
    from tcalc.shell.foresight.copies import Unknown
    from tcalc.shell.foresight.probe import attempt

    if not text.strip() or is_command(text):
        return None
    missing = closing(text)
    try:
        trial = attempt(session, text.strip() + missing, cancelled)
        with trial.session.entered():
            told = _told(trial.session, trial.value, text)
    except Unknown:
        return None
    except TcalcError as error:
        if missing or error.kind not in _TOLD:
            return None
        return Answer(f"{error.kind}: {' '.join(error.message.split())}", is_error=True)
    return None if told is None else Answer(told)


def tip_at(session: Session, before_cursor: str) -> Tip | None:
    """The innermost call that is open at the cursor; None where there is none, or nobody knows what it takes."""
    from tcalc.shell.completion.place import place_in
    from tcalc.shell.completion.signatures import of_call

    call = place_in(before_cursor).call
    signature = of_call(session, call) if call is not None else None
    return None if call is None or signature is None else Tip(signature, signature.current(call))


def closing(text: str) -> str:
    """The brackets that a text has still to close."""
    from tcalc.syntax.lexer import tokens

    opened: list[str] = []
    for token in tokens(text, tolerant=True):
        if token.type in _CLOSING:
            opened.append(_CLOSING[token.type])
        elif opened and token.type == opened[-1]:
            opened.pop()
    return "".join(reversed(opened))


def _told(session: Session, value: Any, text: str) -> str | None:
    from tcalc.syntax import nodes
    from tcalc.syntax.parser import parse

    last = parse(text.strip() + closing(text)).body[-1]
    if isinstance(last, nodes.Expr):
        return described(session.shown_value(value))
    target = last.targets[0] if isinstance(last, nodes.Assign) else getattr(last, "target", None)
    if not isinstance(target, nodes.Name):
        return None
    told = described(session.shown_value(session.variables.get(target.id)))
    return told and f"{target.id}: {told}"


def described(value: Any) -> str | None:
    """Shape and dtype of a tensor, the parts of a tuple, a number itself; None for what says nothing."""
    from tcalc.engine.results import NamedResult
    from tcalc.engine.storage import Size
    from tcalc.engine.tensor import Tensor

    if type(value) is Tensor:
        return f"{tuple(value.shape)} {value.dtype.name}"
    if isinstance(value, (bool, int, float, complex)):
        shown = repr(value)
        return f"= {shown}" if len(shown) <= _LONGEST else type(value).__name__
    if isinstance(value, Size):
        return repr(value)
    if isinstance(value, (tuple, list)) and len(value) > 0:
        parts = [described(item) for item in value[:_MOST_PARTS]]
        if None in parts or not any(type(item) is Tensor for item in value):
            return None
        names = value.fields if isinstance(value, NamedResult) else ()
        named = [f"{name} {part}" for name, part in zip(names, parts, strict=False)] or parts
        more = f", … {len(value)} in all" if len(value) > _MOST_PARTS else ""
        return ", ".join(str(part) for part in named) + more
    return None
