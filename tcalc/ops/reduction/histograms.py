"""Histograms of points in several dimensions."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.results import NamedResult
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]
    Floats = list[float]
    Tensors = list[Tensor]


def _check(input: Tensor, bins: Any, weight: Tensor | None, range: Any) -> list:
    """The bins of each dimension: a count or edges."""
    if input.ndim < 2:
        raise TcalcError("torch.histogramdd: input tensor should have at least 2 dimensions")
    dims = input.shape[-1]
    every = list(bins) * dims if isinstance(bins, tuple) and len(bins) == 1 else list(bins)
    if len(every) != dims:
        raise TcalcError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    if weight is not None and tuple(weight.shape) != tuple(input.shape[:-1]):
        raise TcalcError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            f"excluding its innermost dimension, but got input with shape {list(input.shape)} and weight with shape "
            f"{list(weight.shape)}"
        )
    if range is not None and len(range) != 2 * dims:
        raise TcalcError(
            f"torch.histogramdd: for a {dims}-dimensional histogram range should have {2 * dims} elements, but got "
            f"{len(range)}"
        )
    for dim, one in enumerate(every):
        if isinstance(one, int) and one <= 0:
            raise TcalcError(f"torch.histogram(): bins must be > 0, but got {one} for dimension {dim}")
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise refusal("histogramdd", input.dtype)
    return every


def _bounds(column: Any, dim: int, range: Any) -> tuple[float, float]:
    """What the bins of one dimension cover: the range that is given, or the values'."""
    if range is not None:
        low, high = range[2 * dim], range[2 * dim + 1]
    elif column.size:
        low, high = float(column.min()), float(column.max())
    else:
        low, high = 0.0, 1.0
    if not abs(low) < float("inf") or not abs(high) < float("inf"):
        raise TcalcError(f"torch.histogramdd: dimension {dim}'s range [{low:g}, {high:g}] is not finite")
    if low > high:
        raise TcalcError(f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g}")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


@op(method=False)
def histogramdd(
    input: Tensor,
    bins: Ints | Tensors,
    range: Floats | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """Counts of points in an n-dimensional grid, and its edges.

    The points are (…, n). Or sums of weights, or a density.

    >>> histogramdd(tensor([[0., 1.], [2., 0.]]), bins=[2, 2]).hist
    tensor([[0., 1.],
            [1., 0.]])
    """
    every = _check(input, bins, weight, range)
    xp = input.storage.backend.xp
    points = input.array.reshape(prod(input.shape[:-1]), input.shape[-1])
    edges = []
    for dim, one in enumerate(every):
        if isinstance(one, Tensor):
            edges.append(one.array.astype(points.dtype))
        else:
            current().meter.allocate(one * input.dtype.itemsize, "the bins")
            edges.append(xp.linspace(*_bounds(points[:, dim], dim, range), one + 1).astype(points.dtype))
    counts = _counts(xp, points, edges, None if weight is None else weight.array.reshape(-1))
    if density:
        counts = counts / counts.sum()
        for dim, edge in enumerate(edges):
            shape = [1] * len(edges)
            shape[dim] = -1
            counts = counts / xp.diff(edge).reshape(shape)
    hist = wrap(counts.astype(points.dtype), input.device, input.dtype)
    return NamedResult("histogramdd", ("hist", "bin_edges"), [hist, tuple(
        wrap(xp.array(edge), input.device, input.dtype) for edge in edges
    )])  # fmt: skip


def _counts(xp: Any, points: Any, edges: list, weights: Any) -> Any:
    """How many points (or how much weight) each cell holds; a point on the last edge is in the last cell."""
    sizes = [len(edge) - 1 for edge in edges]
    current().meter.allocate(prod(sizes) * 8, "the histogram")
    inside = xp.ones(points.shape[0], bool)
    cells = xp.zeros(points.shape[0], xp.int64)
    for dim, edge in enumerate(edges):
        column = points[:, dim]
        inside &= (column >= edge[0]) & (column <= edge[-1])
        place = xp.clip(xp.searchsorted(edge, column, side="right") - 1, 0, sizes[dim] - 1)
        cells = cells * sizes[dim] + place
    chosen = None if weights is None else weights[inside].astype(xp.float64)
    return xp.bincount(cells[inside], chosen, prod(sizes)).reshape(sizes).astype(points.dtype)
