"""What standard output can show: its size, the colours it was decided to have, and whether it has more than ASCII."""

from __future__ import annotations

import os
from contextlib import suppress

from tcalc.cli.output import wants_color
from tcalc.show.screen import INDEXED, NAMED, NO_COLOR, TRUE_COLOR, Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.cli.streams import Output

_PLAIN_LOCALES = ("C", "POSIX")


def screen(color: str, output: Output) -> Screen:
    """The terminal as it is now; into a pipe or a file, 80 columns and 24 lines."""
    wide, high = _size() if output.is_terminal else (80, 24)
    colors = _depth() if wants_color(color, output.is_terminal) else NO_COLOR
    return Screen(wide, high, colors, has_unicode())


def columns() -> int:
    """How wide the terminal is now."""
    return _size()[0]


def _size() -> tuple[int, int]:
    with suppress(OSError):
        wide, high = os.get_terminal_size(1)
        return wide or 80, high or 24
    return 80, 24


def _depth() -> int:
    """How many colours the terminal says it has."""
    if os.environ.get("COLORTERM") in ("truecolor", "24bit"):
        return TRUE_COLOR
    return INDEXED if "256" in os.environ.get("TERM", "") or os.environ.get("COLORTERM") else NAMED


def has_unicode() -> bool:
    """Whether anybody said that there is only ASCII: a dumb terminal, or the locale of plain C by name."""
    if os.environ.get("TERM") == "dumb":
        return False
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable] not in _PLAIN_LOCALES
    return True
