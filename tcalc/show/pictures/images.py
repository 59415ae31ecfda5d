"""Matrices and images as coloured half blocks: two pixels a character, above each other."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.show.pictures.characters import shades
from tcalc.show.screen import INDEXED, TRUE_COLOR, Screen
from tcalc.show.text import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.backend import Array

np = numpy()

# Anchors of a scale from dark blue over green to yellow, whose brightness rises evenly.
_SCALE = np.array(
    [(38, 12, 82), (50, 56, 132), (38, 96, 140), (28, 132, 140), (48, 166, 126), (116, 196, 84), (250, 228, 50)], float
)
_MISSING = (200, 40, 40)
_SMALL = 32  # pixels: smaller pictures are enlarged
_END = "\x1b[0m"
_CUBE = np.array([0, 95, 135, 175, 215, 255])


def heatmap(matrix: Array, screen: Screen, title: str, limits: tuple[float, float] | None) -> str:
    """A matrix in colours, and the scale below it. nan is red, in ASCII a question mark."""
    heading = f"{escape_control(title, '')}\n" if title else ""
    if not matrix.size:
        return heading + "(an empty matrix)\n"
    finite = matrix[np.isfinite(matrix)]
    low, high = limits or ((float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0))
    levels = _fitted(_levels(matrix, low, high), screen, 2 + bool(title), enlarge=True)
    picture = _half_blocks(_scale_colors(levels), screen) if _has_blocks(screen) else _characters(levels, screen)
    return heading + picture + _legend(low, high, screen) + "\n"


def image(pixels: Array, screen: Screen, title: str) -> str:
    """An image of (height, width, 3) levels from 0 to 1; grey where there is no colour."""
    heading = f"{escape_control(title, '')}\n" if title else ""
    if not pixels.size:
        return heading + "(an empty image)\n"
    fitted = _fitted(pixels, screen, int(bool(title)), enlarge=max(pixels.shape[:2]) <= _SMALL // 2)
    if _has_blocks(screen):
        colors = np.where(np.isnan(fitted), np.array(_MISSING) / 255, np.clip(fitted, 0, 1)) * 255
        return heading + _half_blocks(colors, screen)
    return heading + _characters(fitted @ np.array([0.299, 0.587, 0.114]), screen)


def _has_blocks(screen: Screen) -> bool:
    """Whether half blocks in colours can be shown."""
    return screen.unicode and screen.colors >= INDEXED


def _levels(matrix: Array, low: float, high: float) -> Array:
    """Places on the scale from 0 to 1; infinities are at its ends."""
    with np.errstate(all="ignore"):
        span = high / 2 - low / 2
        levels = (matrix / 2 - low / 2) / span if span > 0 else np.where(np.isfinite(matrix), 0.5, matrix)
    infinite = np.isinf(levels)
    return np.where(infinite, np.sign(levels) > 0, np.clip(levels, 0, 1))


def _fitted(pixels: Array, screen: Screen, lines_taken: int, enlarge: bool) -> Array:
    """The picture in the size that the screen has room for: means of its pixels, or each one several times."""
    height, width = pixels.shape[:2]
    most_high, most_wide = 2 * max(4, screen.height - lines_taken), screen.width
    if height <= most_high and width <= most_wide:
        times = min(most_high // height, most_wide // width, max(1, _SMALL // max(height, width))) if enlarge else 1
        if times > 1 and not _has_blocks(screen):
            times -= times % 2  # a character is two pixels high
        return pixels.repeat(times, 0).repeat(times, 1)
    factor = max(height / most_high, width / most_wide)
    return _averaged(_averaged(pixels, max(1, int(height / factor)), 0), max(1, int(width / factor)), 1)


def _averaged(pixels: Array, count: int, axis: int) -> Array:
    """``count`` means along an axis, over what is no nan."""
    size = pixels.shape[axis]
    if count >= size:
        return pixels
    starts = np.linspace(0, size, count, endpoint=False).astype(np.int64)
    known = ~np.isnan(pixels)
    sums = np.add.reduceat(np.where(known, pixels, 0), starts, axis)
    with np.errstate(all="ignore"):
        return sums / np.add.reduceat(known.astype(np.int64), starts, axis)


def _scale_colors(levels: Array) -> Array:
    """The colours (…, 3) of places on the scale."""
    places = np.linspace(0, 1, len(_SCALE))
    known = np.nan_to_num(levels)
    colors = np.stack([np.interp(known, places, _SCALE[:, channel]) for channel in range(3)], -1)
    return np.where(np.isnan(levels)[..., None], np.array(_MISSING, float), colors)


def _half_blocks(colors: Array, screen: Screen) -> str:
    """Rows of ``▀``: the upper pixel is the letter's colour, the lower one the ground's."""
    codes = _color_codes(np.rint(colors).astype(np.int64), screen.colors)
    lines = []
    for row in range(0, len(codes), 2):
        below: list[str | None] = [*codes[row + 1]] if row + 1 < len(codes) else [None] * len(codes[row])
        lines.append(_half_block_line(codes[row], below))
    return "".join(lines)


def _half_block_line(above: list[str], below: list[str | None]) -> str:
    parts: list[str] = []
    last: tuple[str, str | None] = ("", None)
    for pair in zip(above, below, strict=True):
        if pair != last:
            ground = "49" if pair[1] is None else f"48;{pair[1]}"
            parts.append(f"\x1b[38;{pair[0]};{ground}m")
            last = pair
        parts.append("▀")
    return "".join(parts) + _END + "\n"


def _color_codes(colors: Array, depth: int) -> list[list[str]]:
    """The numbers that follow 38; or 48; for each pixel: 24 bits, or the nearest of the 256 colours."""
    if depth >= TRUE_COLOR:
        return [[f"2;{red};{green};{blue}" for red, green, blue in row] for row in colors.tolist()]
    cube = np.abs(colors[..., None] - _CUBE).argmin(-1)
    numbers = 16 + 36 * cube[..., 0] + 6 * cube[..., 1] + cube[..., 2]
    return [[f"5;{number}" for number in row] for row in numbers.tolist()]


def _characters(levels: Array, screen: Screen) -> str:
    """Rows of characters from light to dark, each for two pixels above each other; nan is a question mark."""
    if len(levels) > 1:
        levels = _averaged(levels, (len(levels) + 1) // 2, 0)
    scale = shades(screen)
    places = np.clip(np.nan_to_num(levels * len(scale), nan=0), 0, len(scale) - 1).astype(np.int64)
    marks = np.where(np.isnan(levels), "?", np.array(list(scale))[places])
    return "".join("".join(row).rstrip() + "\n" for row in marks.tolist())


def _legend(low: float, high: float, screen: Screen) -> str:
    """``-1.5 ▀▀▀▀▀▀▀▀ 2``: the scale between its ends."""
    steps = np.linspace(0, 1, 16)
    if _has_blocks(screen):
        codes = _color_codes(np.rint(_scale_colors(steps[None])).astype(np.int64), screen.colors)[0]
        bar = "".join(f"\x1b[38;{code}m█" for code in codes) + _END
    else:
        scale = shades(screen)
        bar = "".join(scale[min(int(step * len(scale)), len(scale) - 1)] for step in steps)
    return f"{low:.4g} {bar} {high:.4g}"
