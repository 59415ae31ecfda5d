"""The names of Python's ``warnings``: what a program warns of, and which warnings it wants to see, its own and tcalc's.

The filters stand between the session's warnings and whoever shows them.
"""

from __future__ import annotations

from tcalc.engine.contexts import RestoringContext
from tcalc.engine.state import current
from tcalc.errors import TcalcError, type_error
from tcalc.interp import kinds
from tcalc.interp.text import str_of
from tcalc.interp.type_names import type_name
from tcalc.interp.type_tokens import ExceptionType
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ACTIONS = ("error", "ignore", "always", "default", "module", "once")


class Filters:
    """A session's filters, the newest first, before the function that shows a warning."""

    __slots__ = ("rules", "show")

    def __init__(self, show: Callable[[str], None]) -> None:
        self.show = show
        self.rules: list[tuple[str, str, str]] = []  # action, pattern of the message, kind

    def __call__(self, message: str, kind: str = "UserWarning") -> None:
        action = next((action for action, pattern, wanted in self.rules if _fits(message, kind, pattern, wanted)), "")
        if action == "error":
            raise TcalcError(message, kind)
        if action != "ignore":
            self.show(message)


def _fits(message: str, kind: str, pattern: str, wanted: str) -> bool:
    if not kinds.is_kind(kind, wanted):
        return False
    if not pattern:
        return True
    import re

    return re.match(pattern, message, re.IGNORECASE) is not None


def _filters() -> Filters:
    state = current()
    if not isinstance(state.warn, Filters):
        state.warn = Filters(state.warn)
    return state.warn


def _warn(message: Any, category: Any = None, stacklevel: int = 1, source: Any = None) -> None:
    kind = "UserWarning" if category is None else _kind(category)
    if isinstance(message, TcalcError):
        kind = message.kind
    _filters()(str_of(message), kind)


def _kind(category: Any) -> str:
    if not isinstance(category, ExceptionType) or not kinds.is_kind(category.kind, "Warning"):
        raise type_error(f"category must be a Warning subclass, not '{type_name(category)}'")
    return category.kind


def _filter(
    action: str, message: str = "", category: Any = None, module: str = "", lineno: int = 0, append: Any = False
) -> None:
    if action not in _ACTIONS:
        raise TcalcError(f"invalid action: {action!r}", "AssertionError")
    rules = _filters().rules
    rules.insert(len(rules) if append else 0, (action, message, "Warning" if category is None else _kind(category)))


def _simple_filter(action: str, category: Any = None, lineno: int = 0, append: Any = False) -> None:
    _filter(action, "", category, append=append)


def _reset() -> None:
    _filters().rules.clear()


def _catch(*, record: Any = False, action: Any = None, category: Any = None) -> RestoringContext:
    if record:
        raise type_error("catch_warnings(record=True) is not part of tcalc")
    return RestoringContext("warnings.catch_warnings", lambda: list(_filters().rules), _restore)


def _restore(rules: Any) -> None:
    _filters().rules = rules


_FUNCTIONS: dict[str, Callable] = {
    "catch_warnings": _catch, "filterwarnings": _filter, "resetwarnings": _reset, "simplefilter": _simple_filter,
    "warn": _warn,
}  # fmt: skip
NAMES: dict[str, Any] = {name: Builtin(function, name, "warnings") for name, function in _FUNCTIONS.items()}
