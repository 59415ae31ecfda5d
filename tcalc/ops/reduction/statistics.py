"""Spread and order statistics: variance, median, mode, quantiles, histograms."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX
from tcalc.engine.shapes import normalize_dim, normalize_dims, reduced_shape
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.ordering import selection_order
from tcalc.ops.ordering.sorting import stable_order
from tcalc.ops.pointwise.combining import lerp_arrays
from tcalc.ops.reduction import cascade
from tcalc.ops.reduction.cumulative import running
from tcalc.ops.reduction.extremes import by_rows, check_not_empty, selection
from tcalc.ops.reduction.summation import accurate_sum
from tcalc.ops.reduction.sums import average
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]
    Floating = Tensor  # what the binder makes of a list of whole numbers is floating

# ---------------------------------------------------------------- variance


@op(out=True)
def var(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Variance.

    ``correction`` (1 by default, 0 for ``unbiased=False``) is taken from the count.

    >>> var(tensor([1., 2., 3., 4.]))
    tensor(1.6667)
    >>> var(tensor([1., 2., 3., 4.]), correction=0)
    tensor(1.2500)
    """
    return _spread("var", input, dim, unbiased, keepdim, correction, with_mean=False)


@op(out=True)
def std(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Standard deviation.

    ``correction`` (1 by default, 0 for ``unbiased=False``) is taken from the count.

    >>> std(tensor([1., 2., 3., 4.]))
    tensor(1.2910)
    """
    return _spread("std", input, dim, unbiased, keepdim, correction, with_mean=False)


@op(method=False)
def var_mean(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Variance and mean.

    >>> var_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("var_mean", input, dim, unbiased, keepdim, correction, with_mean=True)


@op(method=False)
def std_mean(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Standard deviation and mean.

    >>> std_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("std_mean", input, dim, unbiased, keepdim, correction, with_mean=True)


def _spread(
    name: str, input: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: Any, with_mean: bool
) -> Launch:
    if isinstance(dim, bool):  # std(unbiased)
        dim, unbiased = None, dim
    if input.dtype.category < dtypes.FLOAT:
        raise TcalcError(f"{name} only support floating point and complex dtypes" if with_mean
                         else "std and var only support floating point and complex dtypes")  # fmt: skip
    if correction is None:
        correction = 1 if unbiased else 0
    dims = normalize_dims(dim, input.ndim)
    shape = reduced_shape(input.shape, dims, keepdim)
    count = 1
    for position in dims:
        count *= input.shape[position]
    divisor = _degrees_of_freedom(name, count, correction, shape)
    root = name.startswith("std")

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        center = xp.asarray(average(xp, array, dims))
        kept = reduced_shape(array.shape, dims, True)
        squares = _precise_squares if _is_small(xp, array) else _squared_deviations
        spread = squares(xp, array, center.reshape(kept), dims) / divisor
        spread = xp.asarray(xp.sqrt(spread) if root else spread).reshape(shape)
        if array.dtype.kind == "f":
            spread = spread.astype(array.dtype, copy=False)
        return (spread, center.reshape(shape)) if with_mean else spread

    outputs = [Spec(shape, input.dtype.to_real())]
    if with_mean:
        outputs.append(Spec(shape, input.dtype))
    return Launch(kernel, (input,), compute=input.dtype.computed_as, outputs=outputs)


def _degrees_of_freedom(name: str, count: int, correction: float, shape: Ints) -> float:
    freedom = count - correction
    if freedom <= 0 and 0 not in shape:
        current().warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            "(input numel divided by output numel)."
        )
    return max(float(freedom), 0.0)


def _is_small(xp: Any, array: Any) -> bool:
    """Whether the last digit is worth its while, and PyTorch's can be had."""
    return xp.__name__ == "numpy" and array.dtype.char in "fd" and array.size < cascade.MOST


def _precise_squares(xp: Any, array: Any, center: Any, dims: Ints) -> Any:
    """The sum of squared deviations in float64, one after the other, as PyTorch has it."""
    deviation = array.astype(xp.float64) - center.astype(xp.float64)
    kept = [dim for dim in range(array.ndim) if dim not in dims]
    squares = (deviation * deviation).transpose(*kept, *sorted(dims))
    squares = squares.reshape(*squares.shape[: len(kept)], array.size // max(center.size, 1))
    return xp.add.accumulate(squares, -1)[..., -1] if array.size else xp.zeros(squares.shape[:-1])


def _squared_deviations(xp: Any, array: Any, center: Any, dims: Ints) -> Any:
    deviation = array - center
    if array.dtype.kind == "c":
        deviation = deviation.real**2 + deviation.imag**2
    else:
        deviation = deviation * deviation
    return accurate_sum(xp, deviation, dims)


# ---------------------------------------------------------------- median and mode


@op(out=True)
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Launch:
    """The middle element, the lower of two.

    Of all, or along a dimension with its index; nan where there is a nan.

    >>> median(tensor([3, 1, 2]))
    tensor(2)
    >>> median(tensor([[3, 1, 2], [9, 8, 7]]), dim=1)
    torch.return_types.median(
    values=tensor([2, 8]),
    indices=tensor([2, 1]))
    """
    return _middle("median", input, dim, keepdim, skip_nan=False)


@op(out=True)
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Launch:
    """The middle of the elements that are not nan.

    The lower of two; of all, or along a dimension with its index.

    >>> nanmedian(tensor([3., nan, 1.]))
    tensor(1.)
    """
    return _middle("nanmedian", input, dim, keepdim, skip_nan=True)


def _middle(name: str, input: Tensor, dim: int | None, keepdim: bool, skip_nan: bool) -> Launch:
    if input.dtype.category in (BOOL, COMPLEX):
        raise refusal("median_cpu", input.dtype)

    def choose(xp: Any, rows: Any) -> Any:
        return _median_places(xp, rows, skip_nan)

    if dim is not None:
        position = normalize_dim(dim, input.ndim)
        check_not_empty("median", input, (position,))
        return selection(name, input, position, keepdim, choose)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        flat = array.reshape(-1)
        if not flat.size:
            return xp.asarray(_middle_of_nothing(xp, flat.dtype), flat.dtype)
        return flat[_median_places(xp, flat, skip_nan)[0]]

    return Launch(kernel, (input,), (), input.dtype, compute=input.dtype.computed_as)


def _middle_of_nothing(xp: Any, dtype: Any) -> Any:
    """nan, or what a processor makes of it in the type."""
    if dtype.kind == "f":
        return xp.nan
    return xp.iinfo(dtype).min if dtype.itemsize >= 4 else 0


def _median_places(xp: Any, rows: Any, skip_nan: bool) -> Any:
    """One place a row, along the last axis, which is kept."""
    order = stable_order(xp, rows, -1)
    size = rows.shape[-1]
    if rows.dtype.kind != "f":
        return order[..., (size - 1) // 2 : (size - 1) // 2 + 1]
    missing = xp.isnan(rows).sum(axis=-1, keepdims=True)
    if skip_nan:
        wanted = xp.maximum(size - missing - 1, 0) // 2
    else:  # the first nan, which the sort has put behind the numbers
        wanted = xp.where(missing > 0, size - missing, (size - 1) // 2)
    return xp.take_along_axis(order, wanted, -1)


@op(out=True)
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Launch:
    """The most frequent element along a dimension, and its index.

    The smallest of several.

    >>> mode(tensor([3, 1, 3, 2]))
    torch.return_types.mode(
    values=tensor(3),
    indices=tensor(2))
    """
    position = normalize_dim(dim, input.ndim)
    check_not_empty("mode", input, (position,))
    if input.dtype.category == COMPLEX:
        raise refusal("mode_cpu", input.dtype)
    return selection("mode", input, position, keepdim, _last_most_frequent)


def _last_most_frequent(xp: Any, rows: Any) -> Any:
    order = stable_order(xp, rows, -1)
    # The last of a run in PyTorch's sort, which is not stable.
    order = selection_order.choose_among_equals(xp, rows, order, 0, rows.shape[-1], selection_order.whole)
    ordered = xp.take_along_axis(rows, order, -1)
    positions = xp.arange(rows.shape[-1])
    begins = xp.concatenate([xp.ones_like(ordered[..., :1], bool), ordered[..., 1:] != ordered[..., :-1]], axis=-1)
    start = running(xp, "maximum", xp.where(begins, positions, 0), -1)
    # The longest run is where the distance to its start first reaches its maximum.
    last = xp.expand_dims(xp.argmax(positions - start, axis=-1), -1)
    return xp.take_along_axis(order, last, -1)


# ---------------------------------------------------------------- quantiles

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


@op(out=True)
def quantile(
    input: Floating, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Launch:
    """The value below which the fraction ``q`` of the elements lies.

    ``q`` is a number or a tensor of them.

    >>> quantile(tensor([1., 2., 3., 4.]), 0.5)
    tensor(2.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


@op(out=True)
def nanquantile(
    input: Floating, q: Tensor | float, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Launch:
    """The quantile of the elements that are not nan.

    >>> nanquantile(tensor([1., nan, 3.]), 0.5)
    tensor(2.)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(name: str, input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Launch:
    _check_quantile(input, q, interpolation)
    whole = dim is None
    position = 0 if dim is None else normalize_dim(dim, input.ndim)
    dims = normalize_dims(None if whole else (position,), input.ndim)
    kept = reduced_shape(input.shape, dims, keepdim)
    lead = tuple(q.shape) if isinstance(q, Tensor) else ()
    fractions = q if isinstance(q, Tensor) else float(q)

    def kernel(xp: Any, out: Any, array: Any, wanted: Any) -> Any:
        rows = array.reshape(-1) if whole else by_rows(xp, array, position)
        found = _quantiles_of_rows(xp, rows, wanted.reshape(-1), name == "nanquantile", interpolation)
        return xp.moveaxis(found, -1, 0).reshape(lead + kept)

    return Launch(kernel, (input, fractions), lead + kept, input.dtype, compute=input.dtype)


def _check_quantile(input: Tensor, q: Any, interpolation: str) -> None:
    if not input.numel():
        raise TcalcError("quantile() input tensor must be non-empty")
    if isinstance(q, Tensor) and q.ndim > 1:
        raise TcalcError("quantile() q must be a scalar or 1D tensor")
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise TcalcError("quantile() input tensor must be either float or double dtype")
    if isinstance(q, Tensor) and q.dtype is not input.dtype:
        raise TcalcError("quantile() q tensor must be same dtype as the input tensor")
    if interpolation not in INTERPOLATIONS:
        raise TcalcError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if not isinstance(q, Tensor):
        if not 0 <= q <= 1:
            raise TcalcError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    elif not q.is_meta:
        with q.storage.backend.guard():
            inside = bool(((q.array >= 0) & (q.array <= 1)).all())
        if not inside:
            raise TcalcError("quantile() q values must be in the range [0, 1]")


def _quantiles_of_rows(xp: Any, rows: Any, fractions: Any, skip_nan: bool, interpolation: str) -> Any:
    """The quantiles of each row, along the last axis."""
    ordered = xp.sort(rows, axis=-1)
    missing = xp.isnan(rows).sum(axis=-1, keepdims=True)
    size = rows.shape[-1]
    last = xp.maximum(size - 1 - missing, 0) if skip_nan else xp.full_like(missing, size - 1)
    place = fractions * last.astype(rows.dtype)
    if not skip_nan:
        place = xp.where(missing > 0, xp.asarray(size - 1, rows.dtype), place)
    if interpolation in ("lower", "higher", "nearest"):
        to_whole = {"lower": xp.floor, "higher": xp.ceil, "nearest": xp.rint}[interpolation]
        return xp.take_along_axis(ordered, to_whole(place).astype(xp.int64), -1)
    below = xp.floor(place)
    weight = xp.full_like(place, 0.5) if interpolation == "midpoint" else place - below
    low = xp.take_along_axis(ordered, below.astype(xp.int64), -1)
    high = xp.take_along_axis(ordered, xp.ceil(place).astype(xp.int64), -1)
    return lerp_arrays(xp, low, high, weight)
