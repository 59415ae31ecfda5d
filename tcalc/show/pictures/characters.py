"""Characters that pictures are made of, and what stands for them where there is only ASCII."""

from __future__ import annotations

from tcalc.show.screen import Screen

_PLAIN = str.maketrans(
    {**dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"), **dict.fromkeys("─━▔▁", "-"), **dict.fromkeys("│┃▏▕", "|"), "█": "#"}
)
EIGHTHS = " ▁▂▃▄▅▆▇█"
PLAIN_LEVELS = "_.-=+*#%@"
SHADES = " ░▒▓█"
PLAIN_SHADES = " .:-=+*#%@"
BAR_EIGHTHS = " ▏▎▍▌▋▊▉█"


def plain_ascii(text: str) -> str:
    """Frames of lines as frames of ``+``, ``-`` and ``|``; what has no such character becomes ``?``."""
    return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")


def shades(screen: Screen) -> str:
    """Characters from light to dark, for pictures without colour."""
    return SHADES if screen.unicode else PLAIN_SHADES
