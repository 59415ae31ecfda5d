"""The value before a dot or a bracket: a variable itself, or a likeness of what an expression would give."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.session import Session


def value_of(session: Session, source: str) -> Any:
    """The value of a text, or None where nobody can tell without running something."""
    from tcalc.errors import TcalcError
    from tcalc.interp.lookup import lookup
    from tcalc.shell.foresight.copies import Unknown
    from tcalc.shell.foresight.probe import attempt

    source = source.strip()
    if source in session.variables:
        with session.entered():
            return session.shown_value(session.variables[source])
    found = lookup(session, source) if source.replace(".", "").replace("_", "").isalnum() else None
    if found is not None and type(found).__name__ != "Attribute":
        return found
    try:
        trial = attempt(session, source)
    except (Unknown, TcalcError):
        return None
    with trial.session.entered():
        value: Any = trial.session.shown_value(trial.value)
    return value
