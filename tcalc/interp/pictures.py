"""Pictures in the terminal: the calculator's ``plot``, ``scatter``, ``hist``, ``heatmap``, ``imshow`` and ``spark``.

A program's values become arrays of floats here; how they are drawn is the business of ``show.pictures``. All but
``spark`` print through the session that runs, and answer None.
"""

from __future__ import annotations

from math import inf

from tcalc.engine.backend import numpy
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error, value_error
from tcalc.interp import guards, library, operations
from tcalc.interp.iteration import collected
from tcalc.interp.own_names import own, write
from tcalc.interp.type_names import type_name
from tcalc.show.screen import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.show.pictures.plots import Series

np = numpy()

_NUMBERS = frozenset((int, float, bool, complex))
_MOST_BINS = 10_000
_MOST_SERIES = 24


@own
def plot(*values: Any, labels: Any = None, title: str = "", log: Any = False) -> None:
    """Draw curves: ``plot(y)``, ``plot(x, y)``, or several.

    ``y`` is a vector, or a matrix with a curve in each column; a list of vectors, a dict of them by name and a table
    draw one curve each. ``plot(x, y, x2, y2)`` gives each its places. ``labels`` names the curves, ``log`` is True
    for logarithmic values, or the axes: ``"x"``, ``"y"``, ``"xy"``. What is nan or infinite is left out.

    >>> plot([])
    (no finite numbers to draw)
    """
    _draw("plot", values, labels, title, log, lines=True)


@own
def scatter(x: Any = None, y: Any = None, *more: Any, **options: Any) -> Any:
    """Draw points: ``scatter(x, y)``.

    With a dimension and an index it is torch's ``scatter``. The options are those of ``plot``: ``labels``, ``title``,
    ``log``.

    >>> scatter([nan], [1])
    (no finite numbers to draw)
    >>> scatter(zeros(3), 0, tensor([1]), 5.)
    tensor([0., 5., 0.])
    """
    if type(y) is int or not options.keys().isdisjoint(("dim", "index", "src", "input", "out")):
        from tcalc.interp.records import invoke

        given = [value for value in (x, y) if value is not None]
        return invoke(library.record("scatter"), [*given, *more], options)
    for name in options.keys() - {"labels", "title", "log"}:
        raise type_error(f"scatter() got an unexpected keyword argument '{name}'")
    values = [value for value in (x, y) if value is not None]
    if not values:
        raise type_error("scatter() draws points: scatter(x, y)")
    _draw(
        "scatter", (*values, *more), options.get("labels"), options.get("title", ""), options.get("log", False), False
    )
    return None


@own
def hist(values: Any, bins: int = 10, range: Any = None, title: str = "", log: bool = False) -> None:
    """Draw how often values occur: a bar for each of ``bins`` equal intervals.

    ``range`` is the least and the greatest value that is counted, ``log`` makes the bars logarithmic.

    >>> hist([])
    (no finite numbers to draw)
    """
    from tcalc.show.pictures.bars import histogram

    if type(bins) is not int or not 0 < bins <= _MOST_BINS:
        raise value_error(f"bins is a whole number from 1 to {_MOST_BINS}, not {bins!r}")
    array = floats(values, "hist").ravel()
    write(histogram(array, bins, _limits(range, "range"), screen(), _text(title), bool(log)))


@own
def heatmap(matrix: Any, title: str = "", range: Any = None) -> None:
    """Draw a matrix in colours.

    They reach from its least to its greatest element, or over ``range``; nan is red.

    >>> heatmap(zeros(0, 3))
    (an empty matrix)
    """
    from tcalc.show.pictures import images

    array = floats(matrix, "heatmap")
    if array.ndim > 2:
        raise value_error(f"heatmap() draws a matrix, not {array.ndim} dimensions")
    write(images.heatmap(np.atleast_2d(array), screen(), _text(title), _limits(range, "range")))


@own
def imshow(image: Any, title: str = "") -> None:
    """Draw an image.

    Its shape is (height, width), (height, width, 3 or 4) or (3 or 4, height, width), with a batch of one before it
    or without. Whole numbers are levels from 0 to 255, floats from 0 to 1; a grey image outside them is stretched to
    its own least and greatest value.

    >>> imshow(zeros(0, 0))
    (an empty image)
    """
    from tcalc.show.pictures import images

    array = floats(image, "imshow")
    whole = _is_whole(image)
    write(images.image(_as_pixels(array, whole), screen(), _text(title)))


@own
def spark(values: Any, width: Any = None) -> str:
    """The values as a line of small bars, as text.

    nan is a gap; more values than ``width`` are averaged.

    >>> spark([1, 2, 3, 4, 3, 2, 1])
    '▁▃▆█▆▃▁'
    """
    from tcalc.show.pictures.bars import spark

    place = screen()
    if width is not None and (type(width) is not int or width < 1):
        raise value_error(f"width is a positive whole number, not {width!r}")
    return spark(floats(values, "spark").ravel(), width or max(place.columns - 10, 10), place.unicode)


# ---------------------------------------------------------------- a program's values


def screen() -> Screen:
    """What the running session draws on."""
    from tcalc.interp.session import running

    session = running()
    return Screen() if session is None else session.screen()


def floats(value: Any, name: str) -> Array:
    """Numbers of a program as an array of float64."""
    if isinstance(value, Tensor):
        if value.is_meta:
            raise value_error(f"{name}() draws numbers, and a tensor on meta has none")
        array = value.host_array()
    elif operations.is_numpy(value):
        array = np.asarray(value)
    elif type(value) in _NUMBERS:
        array = np.array(complex(value) if type(value) is complex else float(value))
    else:
        array = _listed(value, name)
    if array.dtype.kind == "c":
        raise type_error(f"{name}() draws real numbers; take x.real, x.imag or x.abs()")
    if array.dtype.kind not in "buif" and array.dtype.kind != "V":
        raise type_error(f"{name}() draws numbers, not {type_name(value)}")
    guards.allocate(array.size * 8, "the picture")
    return array.astype(np.float64)


def _listed(value: Any, name: str) -> Array:
    """A list, tuple, range or other sequence of numbers, rows or tensors."""
    if isinstance(value, (str, dict)) or not hasattr(value, "__iter__"):
        raise type_error(f"{name}() draws numbers, not {type_name(value)}")
    items = collected(value)
    if all(type(item) in _NUMBERS for item in items):
        return np.array(items) if complex in map(type, items) else np.array(items, float)
    rows = [floats(item, name) for item in items]
    if len({row.shape for row in rows}) > 1:
        raise value_error(f"{name}() draws rows of one length, and these are of {_lengths(rows)}")
    return np.stack(rows)


def _lengths(rows: list[Array]) -> str:
    different = sorted({len(row) if row.ndim else 0 for row in rows})
    return " and ".join(map(str, different[:3]))


def _is_whole(value: Any) -> bool:
    """Whether the levels of an image are whole numbers."""
    if isinstance(value, Tensor):
        return not (value.dtype.is_floating_point or value.dtype.is_complex or value.dtype.name == "bool")
    array = np.asarray(value) if operations.is_numpy(value) else None
    return array is not None and array.dtype.kind in "ui"


def _text(title: Any) -> str:
    if not isinstance(title, str):
        raise type_error(f"title is a text, not {type_name(title)}")
    return title


def _limits(limits: Any, name: str) -> tuple[float, float] | None:
    if limits is None:
        return None
    ends = floats(limits, name).ravel().tolist()
    if len(ends) != 2 or not -inf < ends[0] < ends[1] < inf:
        raise value_error(f"{name} is the least and the greatest value, such as (0, 1)")
    return ends[0], ends[1]


# ---------------------------------------------------------------- curves


def _draw(name: str, values: tuple, labels: Any, title: Any, log: Any, lines: bool) -> None:
    from tcalc.show.pictures.plots import draw

    axes = log if isinstance(log, str) else {False: "", True: "y"}.get(log) if isinstance(log, bool) else None
    if axes not in ("", "x", "y", "xy", "yx"):
        raise value_error('log is True, False, "x", "y" or "xy"')
    series = _all_series(name, values)
    if len(series) > _MOST_SERIES:
        raise value_error(f"{name}() draws up to {_MOST_SERIES} curves, and these are {len(series)}")
    if labels is not None:
        names = [labels] if isinstance(labels, str) else [str(label) for label in collected(labels)]
        if len(names) != len(series):
            raise value_error(f"{name}() draws {len(series)} curves, and there are {len(names)} labels")
        for one, label in zip(series, names, strict=True):
            one.name = label
    write(draw(series, screen(), lines=lines, title=_text(title), log=axes))


def _all_series(name: str, values: tuple) -> list[Series]:
    if not values:
        raise type_error(f"{name}() draws curves: {name}(y) or {name}(x, y)")
    if len(values) == 1:
        return _of_values(name, None, values[0])
    if len(values) % 2:
        raise type_error(f"{name}() takes y, or x and y, or several pairs of them, not {len(values)} values")
    return [one for x, y in zip(values[::2], values[1::2], strict=True) for one in _of_values(name, x, y)]


def _of_values(name: str, x: Any, y: Any) -> list[Series]:
    """One series, or one for each column, item or entry."""
    from tcalc.show.pictures.plots import Series

    columns = _columns(name, y)
    places = None if x is None else floats(x, name)
    if places is not None and places.ndim > 1:
        raise value_error(f"{name}() takes x in one dimension, not {places.ndim}")
    found = []
    for label, column in columns:
        at = np.arange(len(column), dtype=float) if places is None else np.atleast_1d(places)
        if len(at) != len(column):
            raise value_error(f"{name}(): x has {len(at)} elements and y has {len(column)}")
        found.append(Series(at, column, label))
    return found


def _columns(name: str, y: Any) -> list[tuple[str, Array]]:
    """The curves that a value holds, and what they are called."""
    if isinstance(y, dict):
        return [(str(key), np.atleast_1d(floats(item, name)).ravel()) for key, item in y.items()]
    if type(y).__name__ == "Table":
        return [(key, floats(column, name)) for key, column in y.items() if isinstance(column, Tensor)]
    if isinstance(y, (list, tuple)) and any(isinstance(item, Tensor) and item.ndim for item in y):
        return [("", np.atleast_1d(floats(item, name)).ravel()) for item in y]
    array = np.atleast_1d(floats(y, name))
    if array.ndim > 2:
        raise value_error(f"{name}() draws vectors and matrices, not {array.ndim} dimensions")
    return [("", array)] if array.ndim == 1 else [("", column) for column in array.T]


# ---------------------------------------------------------------- images


def _as_pixels(array: Array, whole: bool) -> Array:
    """Levels from 0 to 1 of shape (height, width, 3)."""
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[-1] not in (1, 3, 4) and array.shape[0] in (1, 3, 4):
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[-1] not in (3, 4)):
        shape = "x".join(map(str, array.shape))
        raise value_error(
            f"imshow() draws (height, width), (height, width, 3 or 4) or (3 or 4, height, width), not {shape}"
        )
    levels = array / 255 if whole else array
    if array.ndim == 3:
        return levels[..., :3] * levels[..., 3:] if array.shape[-1] == 4 else levels
    finite = levels[np.isfinite(levels)]
    if len(finite) and not 0 <= finite.min() <= finite.max() <= 1:
        low, high = finite.min() / 2, finite.max() / 2
        with np.errstate(all="ignore"):
            levels = (levels / 2 - low) / (high - low) if high > low else levels - levels + 0.5
    return np.repeat(levels[..., None], 3, -1)
