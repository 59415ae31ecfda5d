"""Histograms over edges of any distance, of numbers and of points in several dimensions."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.results import NamedResult
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError
from tcalc.ops.creation.ranges import linspace
from tcalc.ops.dispatch import computing
from tcalc.ops.elementwise import refusal
from tcalc.ops.out_rules import c_name
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.backend import Backend

    Ints = tuple[int, ...]
    Floats = list[float]
    Tensors = list[Tensor]


def _check(input: Tensor, every: Sequence[Any], weight: Tensor | None, range: Any) -> None:
    """Refuse points, the bins of each dimension (a count or edges) and weights that do not fit each other."""
    if input.ndim < 2:
        raise TcalcError("torch.histogramdd: input tensor should have at least 2 dimensions")
    dims = input.shape[-1]
    for dim, one in enumerate(every):
        if isinstance(one, Tensor):
            _check_edges(input, one, dim)
    if weight is not None:
        _check_weight(input, weight)
    for dim, one in enumerate(every):
        count = one.numel() - 1 if isinstance(one, Tensor) else one
        if count <= 0:
            raise TcalcError(f"torch.histogram(): bins must be > 0, but got {count} for dimension {dim}")
    edges_given = isinstance(every[0], Tensor) if every else False
    if input.dtype.category != dtypes.FLOAT or (input.dtype.is_reduced and not edges_given):
        raise refusal("histogram_cpu" if edges_given else "histogramdd", input.dtype)
    if range is not None and len(range) != 2 * dims:
        raise TcalcError(
            f"torch.histogramdd: for a {dims}-dimensional histogram range should have {2 * dims} elements, but got "
            f"{len(range)}"
        )


def _check_edges(input: Tensor, edges: Tensor, dim: int) -> None:
    if edges.dtype is not input.dtype:
        raise TcalcError(
            "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
            f"{c_name(input.dtype)} and bins for dimension {dim} with dtype {c_name(edges.dtype)}"
        )
    if edges.ndim != 1:
        what = f"one dimension, but got {edges.ndim} dimensions"
    elif not edges.numel():
        what = "at least 1 element, but got 0 elements"
    else:
        return
    raise TcalcError(f"torch.histogramdd: bins tensor should have {what} in the bins tensor for dimension {dim}")


def _check_weight(input: Tensor, weight: Tensor) -> None:
    if weight.dtype is not input.dtype:
        raise TcalcError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
            f"dtype, but got input({c_name(input.dtype)}), and weight({c_name(weight.dtype)})"
        )
    if tuple(weight.shape) != tuple(input.shape[:-1]):
        raise TcalcError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            f"excluding its innermost dimension, but got input with shape {list(input.shape)} and weight with shape "
            f"{list(weight.shape)}"
        )


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
        raise TcalcError(
            f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {dim}"
        )
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _histogram(
    input: Tensor, bins: Sequence[Any], range: Any, weight: Tensor | None, density: bool
) -> tuple[Tensor, list[Tensor]]:
    """The counts in the cells of a grid over the points (…, n), and the edges of each dimension."""
    _check(input, bins, weight, range)
    with computing(input, weight, *[one for one in bins if isinstance(one, Tensor)]) as backend:
        return _computed(backend, input, bins, range, weight, density)


def _computed(
    backend: Backend, input: Tensor, bins: Sequence[Any], range: Any, weight: Tensor | None, density: bool
) -> tuple[Tensor, list[Tensor]]:
    xp = backend.xp
    points = backend.cast(input.array, input.dtype.computed_as or input.dtype)
    points = points.reshape(prod(input.shape[:-1]), input.shape[-1])
    edges = []
    for dim, one in enumerate(bins):
        if isinstance(one, Tensor):
            edges.append(one.array.astype(points.dtype))
        else:
            current().meter.allocate(one * input.dtype.itemsize, "the bins")
            low, high = _bounds(points[:, dim], dim, range)
            edges.append(linspace(low, high, one + 1, dtype=input.dtype, device=input.device).array)
    counts = _counts(xp, points, edges, None if weight is None else weight.array.reshape(-1))
    if density:
        counts = counts / counts.sum()
        for dim, edge in enumerate(edges):
            shape = [1] * len(edges)
            shape[dim] = -1
            counts = counts / xp.diff(edge).reshape(shape)
    wrapped = [
        wrap(backend.cast(xp.array(values), input.dtype), input.device, input.dtype) for values in (counts, *edges)
    ]
    return wrapped[0], wrapped[1:]


@op(out=True)
def histogram(
    input: Tensor,
    bins: Tensor | int = 100,
    *,
    range: Floats | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Any:
    """Counts of the intervals between bin edges, and the edges.

    Or sums of weights, or a density.

    >>> histogram(tensor([1., 2., 1.]), bins=2, range=(0., 4.))
    torch.return_types.histogram(
    hist=tensor([2., 1.]),
    bin_edges=tensor([0., 2., 4.]))
    """
    flat = None if weight is None else weight.reshape(-1)
    hist, edges = _histogram(input.reshape(-1, 1), [bins], range, flat, density)
    return NamedResult("histogram", ("hist", "bin_edges"), [hist, edges[0]])


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
    dims = input.shape[-1] if input.ndim else 0
    every = list(bins) * dims if isinstance(bins, tuple) and len(bins) == 1 else list(bins)
    if input.ndim > 1 and len(every) != dims:
        if isinstance(every[0], Tensor):
            raise TcalcError(
                f"torch.histogramdd: expected {dims} sequences of bin edges for a {dims}-dimensional histogram but got "
                f"{len(every)}"
            )
        raise TcalcError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    hist, edges = _histogram(input, every, range, weight, density)
    return NamedResult("histogramdd", ("hist", "bin_edges"), [hist, tuple(edges)])


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
