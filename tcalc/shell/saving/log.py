"""What was entered and succeeded, with what is needed to say it again: how brackets were read, what names stood for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.session import Session

TENSOR, LITERAL, NUMBER, FUNCTION, OTHER = "tensor", "literal", "number", "function", "other"


class Settings:
    """What a session computes and prints with, as far as a script can say it."""

    __slots__ = ("device", "dtype", "precision")

    def __init__(self, session: Session) -> None:
        state = session.state
        self.dtype = state.default_dtype.name
        self.device = state.default_device
        self.precision = state.print_options.precision


class Entry:
    """One entry: its text and number, and the session as it was then."""

    __slots__ = ("dtypes", "echo", "has_value", "kinds", "last_output", "number", "settings", "tensor_lists", "text")

    def __init__(self, session: Session, text: str, echo: str, number: int, last_output: int | None) -> None:
        self.text = text
        self.has_value = True
        self.echo = echo
        self.number = number
        self.last_output = last_output  # the number that ``_`` stood for
        self.tensor_lists = session.tensor_lists
        self.settings = Settings(session)
        self.kinds: dict[str, str] = {}
        self.dtypes: dict[str, str] = {}
        self.learn(session)

    def learn(self, session: Session) -> None:
        """Note what the variables are that are not known yet: before the entry runs, and those that it made after."""
        for name, value in session.variables.items():
            if name not in self.kinds:
                self.kinds[name] = kind_of(value)
                if self.kinds[name] == TENSOR:
                    self.dtypes[name] = value.dtype.name


def kind_of(value: Any) -> str:
    """What a value is to somebody who writes it down."""
    name = type(value).__name__
    if name == "Tensor":
        return TENSOR
    if name == "TensorLiteral":
        return LITERAL
    if isinstance(value, (bool, int, float, complex)):
        return NUMBER
    return FUNCTION if hasattr(value, "invoke") else OTHER


class Log:
    """The entries of a session that succeeded, oldest first, and the variables that were there before the first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.entries: list[Entry] = []
        self.given: dict[str, Any] = dict(session.variables)

    def begin(self, text: str, echo: str, number: int, last_output: int | None) -> Entry:
        """An entry is about to run."""
        return Entry(self._session, text, echo, number, last_output)

    def succeeded(self, entry: Entry, value: Any) -> None:
        """The entry has run, and its last expression had this value."""
        entry.has_value = value is not None
        entry.learn(self._session)
        self.entries.append(entry)

    def clear(self) -> None:
        """Forget everything, as the session has."""
        self.entries.clear()
        self.given.clear()
