"""Reductions of the segments of a dimension, given their lengths or where they begin."""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex

_INFINITY = float("inf")
# name -> what an empty segment gives, and how elements are combined.
_REDUCTIONS = {
    "sum": (0.0, "add"), "mean": (0.0, "add"), "prod": (1.0, "multiply"), "max": (-_INFINITY, "maximum"),
    "min": (_INFINITY, "minimum"),
}  # fmt: skip


@op(method=False)
def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: Number | None = None,
) -> Launch:
    """The sum, mean, max, min or product of each segment along ``axis``.

    ``lengths`` says how long the segments are, or ``offsets`` where each begins and the last one ends.

    >>> segment_reduce(tensor([1., 2., 3., 4.]), "sum", lengths=tensor([1, 3]))
    tensor([1., 9.])
    """
    if reduce not in _REDUCTIONS:
        raise TcalcError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    parts = lengths if lengths is not None else offsets
    if parts is None:
        raise TcalcError("segment_reduce(): Either lengths or offsets must be defined.")
    axis = axis + data.ndim if axis < 0 else axis
    name = "lengths" if lengths is not None else "offsets"
    if axis != parts.ndim - 1:
        raise TcalcError(f"segment_reduce(): Expected axis to be the last dimension of {name} but got {axis}.")
    if data.dtype.category != FLOAT:
        raise refusal("_segment_reduce_cpu", data.dtype)
    if lengths is not None and not lengths.is_meta and not unsafe:
        _check_lengths(lengths, data.shape[axis])
    given = lengths is not None
    count = parts.shape[-1] - (0 if given else 1)
    shape = (*data.shape[:axis], count, *data.shape[axis + 1 :])

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return _reduced(xp, array, _borders(xp, parts.array, given), axis, reduce, initial)

    return Launch(kernel, (data,), shape, data.dtype, compute=data.dtype.computed_as)


def _check_lengths(lengths: Tensor, size: int) -> None:
    with lengths.storage.backend.guard():
        array = lengths.array
        negative, uneven = bool((array < 0).any()), bool((array.sum(-1) != size).any())
    if negative:
        raise TcalcError("lengths contains negative value!")
    if uneven:
        raise TcalcError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
            "!unsafe."
        )


def _borders(xp: Any, parts: Any, are_lengths: bool) -> Any:
    """Where the segments begin, and the end of the last one, along the last dimension."""
    if not are_lengths:
        return parts
    widths = [(0, 0)] * (parts.ndim - 1) + [(1, 0)]
    return xp.pad(xp.cumsum(parts, -1), widths)


def _reduced(xp: Any, array: Any, borders: Any, axis: int, reduce: str, initial: Any) -> Any:
    start, combine = _REDUCTIONS[reduce]
    lead, (size, *tail) = array.shape[:axis], array.shape[axis:]
    count = borders.shape[-1] - 1
    borders = borders.reshape(prod(lead), count + 1)
    places = segment_of_each(xp, borders, size)
    start = start if initial is None else initial
    answer = folded(xp, combine, array.reshape(prod(lead), size, *tail), places, count, start)
    if reduce == "mean":
        lengths = (borders[:, 1:] - borders[:, :-1]).reshape(len(borders), count, *[1] * len(tail))
        divisors = lengths if initial is None else xp.maximum(lengths, 1)
        answer = answer / divisors.astype(array.dtype)
    return answer.reshape(*lead, count, *tail)


def segment_of_each(xp: Any, borders: Any, size: int) -> Any:
    """Which segment of its row each of ``size`` places is in, or one after the last where it is in none.

    ``borders`` (rows, segments + 1) says where the segments begin, and where the last one ends.
    """
    marks = xp.zeros((len(borders), size + 1), xp.int64)
    rows = xp.arange(len(borders))[:, None]
    xp.add.at(marks, (rows, xp.clip(borders, 0, size)), xp.ones(borders.shape, xp.int64))
    begun = xp.cumsum(marks[:, :size], -1)
    return xp.where(begun == 0, borders.shape[1], begun) - 1


def folded(xp: Any, combine: str, values: Any, places: Any, count: int, start: Any) -> Any:
    """Values (rows, places, …) combined by the segments of each row, which begin with ``start``."""
    rows, _, *tail = values.shape
    width = prod(tail)
    slots = (xp.arange(rows)[:, None] * (count + 1) + places)[..., None] * width + xp.arange(width)
    answer = xp.full(rows * (count + 1) * width, start, values.dtype)
    getattr(xp, combine).at(answer, slots.reshape(-1), values.reshape(-1))  # flat, which NumPy does four times as fast
    return answer.reshape(rows, count + 1, *tail)[:, :count]
