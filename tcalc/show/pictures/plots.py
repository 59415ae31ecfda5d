"""Curves and clouds of points, drawn by uniplot."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.show.pictures.characters import plain_ascii
from tcalc.show.screen import Screen
from tcalc.show.text import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.backend import Array

np = numpy()

# Names of the terminal's own colours that are read on light and dark; its theme decides what they look like.
COLORS = ("blue", "red", "green", "magenta", "cyan", "yellow")
# What tells series apart where there is no colour.
MARKS = ("*", "+", "o", "x", "#", "@")

# From here on a curve is reduced to the least and the greatest value of each of so many stretches.
_LONGEST_CURVE = 200_000
_STRETCHES = 4_000
# Beyond these, differences of floats overflow or vanish: the numbers are scaled.
_LARGEST, _SMALLEST = 1e100, 1e-100


class Series:
    """Points to draw: their places, and a name for the legend."""

    __slots__ = ("name", "x", "y")

    def __init__(self, x: Array, y: Array, name: str = "") -> None:
        self.x = x
        self.y = y
        self.name = name


def draw(series: Sequence[Series], screen: Screen, *, lines: bool, title: str = "", log: str = "") -> str:
    """The picture as text; ``log`` names the axes that are logarithmic: ``"x"``, ``"y"`` or ``"xy"``."""
    kept = [one for one in (_drawable(one, log) for one in series) if _has_points(one)]
    if not kept:
        reason = "no positive numbers" if log and any(map(_has_points, series)) else "no finite numbers"
        return f"{escape_control(title)}: {reason}\n" if title else f"({reason} to draw)\n"
    if lines:
        kept = [_reduced(one) for one in kept]
    units = [_scale(kept, axis) if axis not in log else "" for axis in "xy"]
    text = _rendered(kept, screen, lines, _title(title, units, screen.width), log)
    return plain_ascii(text) if not screen.unicode else text


def _rendered(series: list[Series], screen: Screen, lines: bool, title: str, log: str) -> str:
    from uniplot import plot_to_string

    several = len(series) > 1
    height = max(4, screen.height - 4 - bool(title) - several)
    options: dict[str, Any] = {
        "width": screen.width,
        "line_length_hard_cap": screen.width,
        "height": height,
        "x_gridlines": _zero_line([one.x for one in series], screen.width),
        "y_gridlines": _zero_line([one.y for one in series], height),
        "lines": lines,
        "x_as_log": "x" in log,
        "y_as_log": "y" in log,
        "color": [COLORS[number % len(COLORS)] for number in range(len(series))] if screen.colors else False,
        "character_set": "braille" if screen.unicode else "ascii",
    }
    named = [escape_control(one.name or f"series {number}", "") for number, one in enumerate(series, 1)]
    if several and not screen.colors:
        marks = [MARKS[number % len(MARKS)] for number in range(len(series))]
        options |= {"character_set": "ascii", "force_ascii_characters": marks}
    if title:
        options["title"] = title
    if several or series[0].name:
        options["legend_labels"] = named
    with np.errstate(all="ignore"):
        text = plot_to_string([one.y for one in series], [one.x for one in series], **options)
    drawn = text.split("\n")
    drawn[bool(title) :] = _labels_first(drawn[bool(title) :])
    return "\n".join(line.rstrip() for line in drawn) + "\n"


def _zero_line(places: list[Array], cells: int) -> list[float]:
    """Where an axis has its line at zero: nowhere where that would lie next to the frame, or outside."""
    least, greatest = min(map(np.nanmin, places)), max(map(np.nanmax, places))
    margin = (greatest - least) / cells
    return [0.0] if least + margin < 0 < greatest - margin else []


def _labels_first(lines: list[str]) -> list[str]:
    """The picture with the numbers of the y axis to the left of its frame; uniplot has them at the right."""
    end = next(number for number, line in enumerate(lines) if line.startswith("└"))
    rows = [line.rpartition("│") for line in lines[1:end]]
    width = max(len(label) for _, _, label in rows)
    indent = " " * width
    framed = [f"{label.strip():>{max(width - 1, 0)}} {row}{edge}" for row, edge, label in rows]
    return [indent + lines[0], *framed, *(indent + line for line in lines[end:])]


def _title(title: str, units: list[str], width: int) -> str:
    scaled = [f"{axis} in units of {unit}" for axis, unit in zip("xy", units, strict=True) if unit]
    text = escape_control(", ".join([*([title] if title else []), *scaled]), "")
    return text if len(text) <= width else text[: width - 1] + "…"


def _has_points(series: Series) -> bool:
    return bool(np.isfinite(series.y + series.x).any())


def _drawable(series: Series, log: str) -> Series:
    """The series with nan, which is a gap, for points without a place: infinite ones, on a log axis negative ones."""
    x, y = series.x, series.y
    kept = np.isfinite(x) & np.isfinite(y)
    if "x" in log:
        kept &= x > 0
    if "y" in log:
        kept &= y > 0
    return Series(np.where(kept, x, np.nan), np.where(kept, y, np.nan), series.name)


def _reduced(series: Series) -> Series:
    """A long curve as the extremes of each stretch, which look the same; only where x does not turn back."""
    x, y = series.x, series.y
    if len(x) <= _LONGEST_CURVE or not np.all(np.diff(x) >= 0):
        return series
    starts = np.linspace(0, len(x), _STRETCHES, endpoint=False).astype(np.int64)
    places = np.repeat(x[starts], 2)
    extremes = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], 1).ravel()
    return Series(places, extremes, series.name)


def _scale(series: list[Series], axis: str) -> str:
    """Bring numbers near the ends of floats to where they can be computed with; the answer is the unit."""
    largest = max(float(np.nanmax(np.abs(getattr(one, axis)))) for one in series)
    if largest == 0 or _SMALLEST < largest < _LARGEST:
        return ""
    exponent = int(np.floor(np.log10(largest)))
    for one in series:
        setattr(one, axis, getattr(one, axis) / 10.0 ** max(exponent, -300))
    return f"1e{max(exponent, -300)}"
