"""Distinct elements, membership and counting."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, computing
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Mixed = Any


# ---------------------------------------------------------------- distinct elements


@op
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in order, or the distinct slices along ``dim``.

    With their places and counts when asked.

    >>> unique(tensor([3, 1, 3, 2]))
    tensor([1, 2, 3])
    >>> unique(tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    if input.dtype.category == COMPLEX:
        raise refusal("unique", input.dtype)
    return _distinct(input, dim, return_inverse, return_counts, in_order=True)


@op
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements without those that equal the one before.

    Or the slices along ``dim``.

    >>> unique_consecutive(tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    return _distinct(input, dim, return_inverse, return_counts, in_order=False)


def _distinct(input: Tensor, dim: int | None, return_inverse: bool, return_counts: bool, in_order: bool) -> Any:
    with computing(input) as backend:
        return _found(backend.xp, input, dim, return_inverse, return_counts, in_order)


def _found(xp: Any, input: Tensor, dim: int | None, return_inverse: bool, return_counts: bool, in_order: bool) -> Any:
    array = input.array
    if dim is not None:
        dim = normalize_dim(dim, input.ndim)
        if not array.size and any(size == 0 for axis, size in enumerate(input.shape) if axis != dim):
            raise TcalcError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    slices = array.reshape(-1, 1) if dim is None else xp.moveaxis(array.reshape(array.shape or (1,)), dim, 0)
    rows = slices.reshape(slices.shape[0], -1) if slices.size else slices.reshape(slices.shape[0], 0)
    order = _row_order(xp, rows) if in_order else xp.arange(rows.shape[0])
    first, inverse, counts = _runs(xp, rows[order], order)
    if dim is None:
        values = array.reshape(-1)[first]
        inverse = inverse.reshape(input.shape)
    else:
        values = xp.moveaxis(slices[first], 0, dim)
    answers = [wrap(xp.ascontiguousarray(values), input.device, input.dtype)]
    if return_inverse:
        answers.append(wrap(inverse, input.device, dtypes.int64))
    if return_counts:
        answers.append(wrap(counts, input.device, dtypes.int64))
    return answers[0] if len(answers) == 1 else tuple(answers)


def _row_order(xp: Any, rows: Any) -> Any:
    """Indices that sort rows by their first element, then their second, …; equal rows keep their order."""
    if rows.dtype.kind not in "biuf":  # ml_dtypes
        rows = rows.astype(xp.float32)
    if rows.shape[1] == 1:
        return xp.argsort(rows[:, 0], kind="stable")
    if not rows.size:
        return xp.arange(rows.shape[0])
    return xp.lexsort(rows.T[::-1])


def _runs(xp: Any, ordered: Any, order: Any) -> tuple[Any, Any, Any]:
    """Of rows in which equal ones are neighbours: the first of each run, the run of each original row, the lengths."""
    count = ordered.shape[0]
    begins = xp.ones(count, bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    starts = xp.flatnonzero(begins)
    inverse = xp.empty(count, xp.int64)
    inverse[order] = xp.cumsum(begins) - 1
    lengths = xp.diff(xp.concatenate([starts, xp.full(1, count)])).astype(xp.int64)
    return order[starts], inverse, lengths


@op(out=True)
def isin(elements: Mixed, test_elements: Mixed, *, assume_unique: bool = False, invert: bool = False) -> Launch:
    """Whether each element is among the test elements.

    >>> isin(tensor([1, 2, 3]), tensor([2, 5]))
    tensor([False,  True, False])
    """
    for operand in (elements, test_elements):
        if isinstance(operand, Tensor) and operand.dtype.category in (BOOL, COMPLEX):
            raise TcalcError(f"Unsupported input type encountered for isin(): {operand.dtype.scalar_name}")
    shape = elements.shape if isinstance(elements, Tensor) else ()

    def kernel(xp: Any, out: Any, array: Any, wanted: Any) -> Any:
        candidates = xp.sort(wanted.reshape(-1))
        if not candidates.size:
            return xp.full(array.shape, invert)
        places = xp.minimum(xp.searchsorted(candidates, array), candidates.size - 1)
        return (candidates[places] == array) != invert

    compute = result_type(elements, test_elements).computed_as
    return Launch(kernel, (elements, test_elements), shape, dtypes.bool_, compute=compute)


# ---------------------------------------------------------------- counting


@op
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … occurs.

    With ``weights``, the sum of their weights.

    >>> bincount(tensor([1, 1, 3]))
    tensor([0, 2, 0, 1])
    """
    if minlength < 0:
        raise TcalcError("minlength should be >= 0")
    if input.dtype.category != INTEGER:
        raise refusal("bincount_cpu", input.dtype)
    with computing(input, weights) as backend:
        return _counted(backend.xp, input, weights, minlength)


def _counted(xp: Any, input: Tensor, weights: Tensor | None, minlength: int) -> Tensor:
    array = input.array.astype(xp.int64)
    if input.ndim != 1 or (array.size and int(array.min()) < 0):
        raise TcalcError("bincount only supports 1-d non-negative integral inputs.")
    if weights is not None and tuple(weights.shape) != tuple(input.shape):
        raise TcalcError("weights should be 1-d and have the same length as input")
    bins = max(int(array.max()) + 1 if array.size else 0, minlength)
    current().meter.allocate(bins * dtypes.int64.itemsize, "the result of bincount")
    if weights is None:
        return wrap(xp.bincount(array, minlength=minlength).astype(xp.int64), input.device, dtypes.int64)
    dtype = dtypes.float32 if weights.dtype is dtypes.float32 else dtypes.float64
    sums = xp.bincount(array, weights.array.astype(xp.float64), minlength=minlength)
    return wrap(sums.astype(dtype.numpy), input.device, dtype)


def _bounds(array: Any, low: float, high: float) -> tuple[float, float]:
    """The outer edges of a histogram: the data's own where they are not given, 1 further where they meet."""
    if low == high and array.size:
        low, high = float(array.min()), float(array.max())
    if not (abs(low) < float("inf") and abs(high) < float("inf")):
        raise TcalcError(f"torch.histc: range of [{_edge(low)}, {_edge(high)}] is not finite")
    if low > high:
        raise TcalcError("torch.histc: max must be larger than min")
    return (low - 1.0, high + 1.0) if low == high else (low, high)


def _edge(value: float) -> str:
    return "nan" if value != value else f"{value:g}"


@op(out=True)
def histc(input: Tensor, bins: int = 100, min: Number = 0, max: Number = 0) -> Launch:
    """How many elements lie in each of ``bins`` equal intervals.

    They reach from ``min`` to ``max``, or over the data when both are 0.

    >>> histc(tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    if input.dtype.category != FLOAT:
        raise refusal(
            {BOOL: "linspace_cpu", COMPLEX: "aminmax_cpu"}.get(input.dtype.category, "histogram_cpu"), input.dtype
        )
    if bins <= 0:
        raise TcalcError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        low, high = _bounds(array, float(min.real), float(max.real))
        flat = array.reshape(-1)
        # The interval of an element by arithmetic, as PyTorch finds it; the edges themselves are never formed.
        flat = flat[(flat >= low) & (flat <= high)]
        width = array.dtype.type(high) - array.dtype.type(low)
        places = ((flat - array.dtype.type(low)) * bins / width).astype(xp.int64)
        return xp.bincount(xp.minimum(places, bins - 1), minlength=bins).astype(array.dtype)

    return Launch(kernel, (input,), (bins,), input.dtype, compute=input.dtype.computed_as)
