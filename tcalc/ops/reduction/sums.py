"""Reductions: sums, products, means, extremes, over some or all dimensions."""

from __future__ import annotations

from math import prod as product

from tcalc.engine import dtypes
from tcalc.engine.dtypes import COMPLEX, INTEGER, DType
from tcalc.engine.shapes import normalize_dims, reduced_shape
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.out_rules import COMPUTED
from tcalc.ops.reduction.summation import accurate_sum
from tcalc.ops.registry import op
from tcalc.ops.steps import VECTOR, exact, rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]
    Floating = Tensor  # what the binder makes of a list of whole numbers is floating


def summed_dtype(input: Tensor, dtype: DType | None) -> DType:
    """The type a sum or product is in: the one asked for; int64 for integers and bool; else the input's own."""
    if dtype is not None:
        return dtype
    return dtypes.int64 if input.dtype.category <= INTEGER else input.dtype


def reduction(
    input: Tensor, dim: Ints | None, keepdim: bool, dtype: DType, kernel: Any, compute: DType | None = None
) -> Launch:
    """The launch of ``kernel(xp, array, dims)`` over the dimensions of ``dim``; the kernel keeps no dimension."""
    dims = normalize_dims(dim, input.ndim)
    shape = reduced_shape(input.shape, dims, keepdim)

    def run(xp: Any, out: Any, array: Any) -> Any:
        return xp.asarray(kernel(xp, array, dims)).reshape(shape)

    return Launch(run, (input,), shape, dtype, compute=compute)


def spread_back(reduced: Tensor, input: Tensor, dim: Ints | None, keepdim: bool) -> Tensor:
    """A reduction's answer (or its gradient) as a view of the shape that was reduced."""
    dims = normalize_dims(dim, input.ndim)
    kept = reduced if keepdim else reduced.reshape(reduced_shape(input.shape, dims, True))
    return kept.expand(tuple(input.shape))


# ---------------------------------------------------------------- sums and products


@op(
    out=COMPUTED,
    derivative=lambda grad, result, input, dim=None, keepdim=False, dtype=None: (
        spread_back(grad, input, dim, keepdim),
    ),
)
def sum(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Launch:
    """Sum of the elements, or along one or more dimensions.

    Integers and bool are summed as int64.

    >>> sum(tensor([[1, 2], [3, 4]]))
    tensor(10)
    >>> sum(tensor([[1., 2.], [3., 4.]]), dim=0, keepdim=True)
    tensor([[4., 6.]])
    """
    result = summed_dtype(input, dtype)
    return reduction(input, dim, keepdim, result, accurate_sum, result.computed_as)


@op(out=COMPUTED)
def nansum(input: Tensor, dim: Ints | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Launch:
    """Sum in which nan counts as zero.

    >>> nansum(tensor([1., nan, 2.]))
    tensor(3.)
    """
    if input.dtype.category == COMPLEX:
        raise TcalcError("nansum on CPU does not support complex inputs")
    result = summed_dtype(input, dtype)
    return reduction(input, dim, keepdim, result, _nansum, result.computed_as)


def _nansum(xp: Any, array: Any, dims: Ints) -> Any:
    if array.dtype.kind == "f":
        array = xp.where(xp.isnan(array), xp.zeros((), array.dtype), array)
    return accurate_sum(xp, array, dims)


@op(
    out=COMPUTED,
    derivative=lambda grad, result, input, dim=None, keepdim=False, dtype=None: (
        spread_back(grad * result, input, None if dim is None else (dim,), keepdim) / input,
    ),
)
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Launch:
    """Product of the elements, or along a dimension.

    Integers and bool are multiplied as int64.

    >>> prod(tensor([1, 2, 3, 4]))
    tensor(24)
    """
    result = summed_dtype(input, dtype)
    dims = None if dim is None else (dim,)
    step = rounding(result)

    def kernel(xp: Any, array: Any, dims: Ints) -> Any:
        if not dims:
            return array
        count = product(array.shape[at] for at in dims)
        if step is exact or xp.__name__ != "numpy" or not 0 < count < VECTOR:
            return xp.prod(array, axis=dims, dtype=array.dtype)
        rows = xp.moveaxis(array, dims, range(len(dims))).reshape(
            count, *[array.shape[at] for at in _kept(array, dims)]
        )
        total = rows[0]
        for row in rows[1:]:
            total = step(total * row)
        return total

    return reduction(input, dims, keepdim, result, kernel, result.computed_as)


def _kept(array: Any, dims: Ints) -> list[int]:
    return [at for at in range(array.ndim) if at not in dims]


@op(
    out=True,
    derivative=lambda grad, result, input, dim=None, keepdim=False, dtype=None: (
        spread_back(grad, input, dim, keepdim) * (max(result.numel(), 1) / max(input.numel(), 1)),
    ),
)
def mean(input: Floating, dim: Ints | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Launch:
    """Average of the elements, or along one or more dimensions.

    A tensor of integers needs ``dtype=``.

    >>> mean(tensor([[1., 2.], [3., 4.]]))
    tensor(2.5000)
    >>> mean(tensor([[1., 2.], [3., 4.]]), 0)
    tensor([2., 3.])
    """
    result = dtype or input.dtype
    if result.category < dtypes.FLOAT:
        what = "Input" if dtype is None else "Optional"
        raise TcalcError(
            f"mean(): could not infer output dtype. {what} dtype must be either a floating point or complex dtype. "
            f"Got: {result.scalar_name}"
        )
    return reduction(input, dim, keepdim, result, average, result.computed_as)


def average(xp: Any, array: Any, dims: Ints) -> Any:
    """The mean over ``dims``; nan where there is nothing to average."""
    count = 1
    for dim in dims:
        count *= array.shape[dim]
    return accurate_sum(xp, array, dims) / xp.asarray(count, array.dtype)


@op(out=True)
def nanmean(input: Floating, dim: Ints | None = None, keepdim: bool = False, *, dtype: DType | None = None) -> Launch:
    """Average of the elements that are not nan.

    >>> nanmean(tensor([1., nan, 2.]))
    tensor(1.5000)
    """
    if input.dtype.category < dtypes.FLOAT:
        raise TcalcError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.scalar_name}"
        )
    result = dtype or input.dtype
    step = rounding(result)

    def kernel(xp: Any, array: Any, dims: Ints) -> Any:
        missing = xp.isnan(array)
        count = xp.sum(~missing, axis=dims, dtype=xp.int64) if dims else (~missing).astype(xp.int64)
        total = accurate_sum(xp, xp.where(missing, xp.zeros((), array.dtype), array), dims)
        return step(total) / step(count.astype(array.dtype))

    return reduction(input, dim, keepdim, result, kernel, result.computed_as)


# ---------------------------------------------------------------- truth


def _truth_dtype(input: Tensor) -> DType:
    """bool, except that PyTorch answers in uint8 for uint8."""
    return dtypes.uint8 if input.dtype is dtypes.uint8 else dtypes.bool_


def _truth(input: Tensor, dim: Ints | None, keepdim: bool, kernel: Any) -> Launch:
    dtype = _truth_dtype(input)
    if dim == ():  # no dimension at all here, where other reductions take it for every one
        return Launch(lambda xp, out, array: array != 0, (input,), input.shape, dtype)
    return reduction(input, dim, keepdim, dtype, kernel)


@op(out=True, name="all")
def all_(input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Launch:
    """Whether all elements are true (not zero).

    With ``dim``, along one or more dimensions.

    >>> all(tensor([[1, 1], [0, 1]]), dim=1)
    tensor([ True, False])
    """
    return _truth(input, dim, keepdim, _all)


def _all(xp: Any, array: Any, dims: Ints) -> Any:
    return xp.all(array, axis=dims) if dims else array != 0


@op(out=True, name="any")
def any_(input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Launch:
    """Whether any element is true (not zero).

    With ``dim``, along one or more dimensions.

    >>> any(tensor([[0, 1], [0, 0]]), dim=1)
    tensor([ True, False])
    """
    return _truth(input, dim, keepdim, _any)


def _any(xp: Any, array: Any, dims: Ints) -> Any:
    return xp.any(array, axis=dims) if dims else array != 0


@op
def count_nonzero(input: Tensor, dim: Ints | None = None) -> Launch:
    """How many elements are not zero.

    With ``dim``, along one or more dimensions.

    >>> count_nonzero(tensor([[0, 1], [2, 3]]), 0)
    tensor([1, 2])
    """
    return reduction(input, dim, False, dtypes.int64, _count_nonzero, dtypes.bool_)


def _count_nonzero(xp: Any, array: Any, dims: Ints) -> Any:
    return xp.sum(array, axis=dims, dtype=xp.int64) if dims else array
