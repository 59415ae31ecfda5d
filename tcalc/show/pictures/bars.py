"""Histograms as rows of bars, and a line of bars for a word's length."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.show.pictures.characters import BAR_EIGHTHS, EIGHTHS, PLAIN_LEVELS
from tcalc.show.screen import Screen
from tcalc.show.text import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.backend import Array

np = numpy()

_COLOR, _END = "\x1b[34m", "\x1b[0m"


def histogram(
    values: Array, bins: int, limits: tuple[float, float] | None, screen: Screen, title: str, log: bool
) -> str:
    """A row a bin: where it begins and ends, a bar, and how many values it has; what it leaves out is counted below."""
    finite = values[np.isfinite(values)]
    heading = f"{escape_control(title, '')}\n" if title else ""
    if not len(finite):
        return heading + "(no finite numbers to draw)\n"
    counts, edges = _counted(finite, bins, limits)
    marks = _edge_texts(edges)
    label_width = max(map(len, marks))
    count_width = len(str(int(counts.max())))
    room = max(5, screen.width - 2 * label_width - count_width - 6)
    lengths = np.log1p(counts) if log else counts.astype(float)
    lengths = lengths * (room / max(lengths.max(), 1e-300))
    rows = [
        f"{marks[row]:>{label_width}} - {marks[row + 1]:>{label_width}} "
        f"{int(count):>{count_width}} {_bar(length, screen)}".rstrip()
        for row, (count, length) in enumerate(zip(counts, lengths, strict=True))
    ]
    return heading + "\n".join(rows) + "\n" + _left_out(values, len(finite), int(counts.sum()))


def _counted(finite: Array, bins: int, limits: tuple[float, float] | None) -> tuple[Array, Array]:
    low, high = limits if limits is not None else (float(finite.min()), float(finite.max()))
    if low == high:
        low, high = low - 0.5, high + 0.5
    if np.isfinite(high - low):
        with np.errstate(all="ignore"):
            counts, edges = np.histogram(finite, bins, (low, high))
        return counts, edges
    counts, edges = np.histogram(finite / 4, bins, (low / 4, high / 4))  # the difference of the ends has no float
    return counts, edges * 4


def _edge_texts(edges: Array) -> list[str]:
    """The edges in as few digits as tell them apart."""
    for digits in range(3, 18):
        texts = [f"{float(edge):.{digits}g}" for edge in edges]
        if len(set(texts)) == len(texts):
            break
    return texts


def _bar(length: float, screen: Screen) -> str:
    if not screen.unicode:
        return "#" * max(round(length), int(length > 0))
    eighths = max(round(length * 8), int(length > 0))
    bar = "█" * (eighths // 8) + BAR_EIGHTHS[eighths % 8].strip()
    return f"{_COLOR}{bar}{_END}" if screen.colors and bar else bar


def _left_out(values: Array, finite: int, counted: int) -> str:
    """A line about what has no place in the picture."""
    parts = []
    nans = int(np.isnan(values).sum())
    for number, what in ((nans, "nan"), (len(values) - finite - nans, "inf"), (finite - counted, "outside")):
        if number:
            parts.append(f"{number} {what}")
    return f"({', '.join(parts)})\n" if parts else ""


def spark(values: Array, width: int, unicode: bool) -> str:
    """The values as one line of bars; means of stretches where there are more than ``width``. nan is a gap."""
    levels = EIGHTHS[1:] if unicode else PLAIN_LEVELS
    if len(values) > width:
        values = _means(values, width)
    finite = values[np.isfinite(values)]
    if not len(finite):
        low, span = 0.0, 1.0
    else:
        low, span = float(finite.min()) / 2, float(finite.max()) / 2 - float(finite.min()) / 2
    with np.errstate(all="ignore"):
        places = (values / 2 - low) / span if span > 0 else np.where(np.isfinite(values), 0.5, values)
        places = np.clip(np.nan_to_num(places, nan=-1, posinf=1, neginf=0), -1, 1)
    return "".join(" " if place < 0 else levels[min(int(place * len(levels)), len(levels) - 1)] for place in places)


def _means(values: Array, width: int) -> Array:
    """The mean of each of ``width`` stretches, over what is no nan."""
    starts = np.linspace(0, len(values), width, endpoint=False).astype(np.int64)
    known = ~np.isnan(values)
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.where(known, values, 0), starts)
        return sums / np.add.reduceat(known.astype(np.int64), starts)
