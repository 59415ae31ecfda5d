"""Running sums, products and extremes; differences of neighbours and areas under curves."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER, DType
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.out_rules import COMPUTED, SCALAR_TYPE
from tcalc.ops.pointwise.combining import log_add_exp
from tcalc.ops.reduction.sums import summed_dtype
from tcalc.ops.registry import namespaces, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Number = complex

# ---------------------------------------------------------------- scans


def scan(xp: Any, combine: Callable[[Any, Any], Any], array: Any, axis: int) -> Any:
    """``combine`` over all elements up to each, in a number of steps that is the logarithm of the size."""
    rows = xp.moveaxis(array, axis, -1).copy()
    reach = 1
    while reach < rows.shape[-1]:
        rows[..., reach:] = combine(rows[..., :-reach].copy(), rows[..., reach:])
        reach *= 2
    return xp.moveaxis(rows, -1, axis)


def running(xp: Any, name: str, array: Any, axis: int) -> Any:
    """``ufunc.accumulate`` where the array library has it (CuPy does not)."""
    function = getattr(xp, name)
    if xp.__name__ == "numpy":
        return function.accumulate(array, axis=axis)
    return scan(xp, function, array, axis)


def _precise(dtype: DType) -> DType:
    """The type a running sum is kept in: each step rounds, so PyTorch adds float32 in float64."""
    return {dtypes.float32: dtypes.float64, dtypes.complex64: dtypes.complex128}.get(
        dtype.computed_as, dtype.computed_as
    )


def _cumulated(input: Tensor, dim: int, dtype: DType | None, name: str) -> Launch:
    position = normalize_dim(dim, input.ndim)
    result = summed_dtype(input, dtype)
    if result.category == BOOL:
        raise refusal(f"{name}_out_cpu", result)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return getattr(xp, name)(array, axis=position) if array.ndim else array

    # A conversion that was asked for comes first and rounds; what is added is the converted element.
    source = input if dtype is None or dtype is input.dtype else input.to(dtype)
    return Launch(kernel, (source,), input.shape, result, compute=_precise(result))


@op(
    inplace=True,
    out=COMPUTED,
    derivative=lambda grad, result, input, dim, dtype=None: (grad.flip(dim).cumsum(dim).flip(dim), None),
)
def cumsum(input: Tensor, dim: int, *, dtype: DType | None = None) -> Launch:
    """The sum of each element and those before it along a dimension.

    >>> cumsum(tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    return _cumulated(input, dim, dtype, "cumsum")


@op(inplace=True, out=COMPUTED)
def cumprod(input: Tensor, dim: int, *, dtype: DType | None = None) -> Launch:
    """The product of each element and those before it along a dimension.

    >>> cumprod(tensor([1, 2, 3, 4]), 0)
    tensor([ 1,  2,  6, 24])
    """
    return _cumulated(input, dim, dtype, "cumprod")


def _running_extreme(name: str, input: Tensor, dim: int) -> Launch:
    position = normalize_dim(dim, input.ndim)
    if input.dtype.category == COMPLEX:
        raise refusal(f"{name}_cpu", input.dtype)
    shape = tuple(input.shape)
    function = "maximum" if name == "cummax" else "minimum"

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = xp.moveaxis(array.reshape(shape or (1,)), position, -1)
        values = running(xp, function, rows, -1)
        reached = rows == values
        if array.dtype.kind == "f":
            reached |= xp.isnan(rows)
        indices = running(xp, "maximum", xp.where(reached, xp.arange(rows.shape[-1]), 0), -1)
        return tuple([xp.moveaxis(found, -1, position).reshape(shape) for found in (values, indices)])

    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    compute = input.dtype.computed_as
    return Launch(kernel, (input,), compute=compute, outputs=outputs, type_name=name, fields=("values", "indices"))


@op(out=SCALAR_TYPE)
def cummax(input: Tensor, dim: int) -> Launch:
    """The largest element so far along a dimension, and its (last) index.

    >>> cummax(tensor([1, 3, 2]), 0)
    torch.return_types.cummax(
    values=tensor([1, 3, 3]),
    indices=tensor([0, 1, 1]))
    """
    return _running_extreme("cummax", input, dim)


@op(out=SCALAR_TYPE)
def cummin(input: Tensor, dim: int) -> Launch:
    """The smallest element so far along a dimension, and its (last) index.

    >>> cummin(tensor([3, 1, 2]), 0)
    torch.return_types.cummin(
    values=tensor([3, 1, 1]),
    indices=tensor([0, 1, 1]))
    """
    return _running_extreme("cummin", input, dim)


@op(out=SCALAR_TYPE)
def logcumsumexp(input: Tensor, dim: int) -> Launch:
    """``log(cumsum(exp(input), dim))``, without overflow.

    >>> logcumsumexp(tensor([0., 0., 0.]), 0)
    tensor([0.0000, 0.6931, 1.0986])
    """
    position = normalize_dim(dim, input.ndim)
    if input.dtype.category <= INTEGER:
        raise refusal("logcumsumexp_out_cpu", input.dtype)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if not array.ndim:
            return array
        if array.dtype.kind == "c":
            return _in_order(xp, array, position)
        return scan(xp, lambda first, second: log_add_exp(xp, first, second), array, position)

    return Launch(kernel, (input,), input.shape, input.dtype, compute=_precise(input.dtype))


def _in_order(xp: Any, array: Any, axis: int) -> Any:
    """The running sum of complex exponentials, whose phase counts turns and so depends on the order."""
    rows = xp.moveaxis(array, axis, 0).copy()
    for place in range(1, rows.shape[0]):
        rows[place] = log_add_exp(xp, rows[place - 1], rows[place])
    return xp.moveaxis(rows, 0, axis)


# ---------------------------------------------------------------- differences


@op(out=True)
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Differences of neighbours along a dimension, ``n`` times over.

    >>> diff(tensor([1, 4, 9, 16]))
    tensor([3, 5, 7])
    """
    if not input.ndim:
        raise TcalcError("diff expects input to be at least one-dimensional")
    position = normalize_dim(dim, input.ndim)
    if n < 0:
        raise TcalcError(f"order must be non-negative but got {n}")
    for part in (prepend, append):
        if part is not None:
            _check_beside(input, part, position)
    parts = [part for part in (prepend, input, append) if part is not None]
    whole = input if len(parts) == 1 else namespaces["torch"]["cat"](parts, position)
    if not n:
        return whole.clone()
    for _ in range(min(n, whole.shape[position])):
        before, after = _neighbours(whole, position)
        whole = after.logical_xor(before) if whole.dtype.category == dtypes.BOOL else after - before
    return whole


def _check_beside(input: Tensor, part: Tensor, position: int) -> None:
    if part.ndim != input.ndim:
        raise TcalcError("diff expects prepend or append to be the same dimension as input")
    for at, (size, own) in enumerate(zip(part.shape, input.shape, strict=True)):
        if at != position and size != own:
            raise TcalcError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the "
                f"differencing dimension; input.size({at}) = {own}, but got tensor.size({at}) = {size}"
            )


# ---------------------------------------------------------------- areas


@op(aliases=("trapz",))
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Number = 1, dim: int = -1) -> Tensor:
    """The area under a curve by the trapezoidal rule.

    ``x`` gives the places, ``dx`` their distance.

    >>> trapezoid(tensor([1., 5., 10.]))
    tensor(10.5000)
    """
    return _areas(y, x, dx, dim, cumulative=False)


@op
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Number = 1, dim: int = -1) -> Tensor:
    """The running area under a curve by the trapezoidal rule.

    >>> cumulative_trapezoid(tensor([1., 5., 10.]))
    tensor([ 3.0000, 10.5000])
    """
    return _areas(y, x, dx, dim, cumulative=True)


def _areas(y: Tensor, x: Tensor | None, dx: Number, dim: int, cumulative: bool) -> Tensor:
    """Sums of neighbours times their distances, each step in the dtype of its operands, in PyTorch's order."""
    if not y.ndim:
        raise index_error(f"Dimension specified as {dim} but tensor has no dimensions")
    position = normalize_dim(dim, y.ndim)
    name = "cumulative_trapezoid" if cumulative else "trapezoid"
    for tensor in (y, x):
        if tensor is not None and tensor.dtype.category == dtypes.BOOL:
            what = "`y`" if x is None else "`x` or `y`"
            raise TcalcError(f"{name}: received a bool input for {what}, but bool is not supported")
    if isinstance(dx, (complex, bool)):
        raise TcalcError(f"{name}: Currently, we only support dx as a real number.")
    if not y.shape[position] and not cumulative:
        return y.new_zeros([size for at, size in enumerate(y.shape) if at != position])
    before, after = _neighbours(y, position)
    if x is not None:
        start, end = _neighbours(x.reshape(_shape_of_places(y, x, position, cumulative)), position)
        areas = (before + after) * (end - start)
        return (areas.cumsum(position) if cumulative else areas.sum(position)) / 2
    if cumulative:
        return ((before + after) * (dx / 2)).cumsum(position)
    ends = y.select(position, 0) + y.select(position, -1)
    return (y.sum(position) - ends * 0.5) * dx


def _neighbours(input: Tensor, dim: int) -> tuple[Any, Any]:
    """Each element along a dimension but the last one, and the one after it."""
    pairs = max(input.shape[dim] - 1, 0)
    return input.narrow(dim, 0, pairs), input.narrow(dim, input.shape[dim] - pairs, pairs)


def _shape_of_places(y: Tensor, x: Tensor, position: int, cumulative: bool) -> tuple[int, ...]:
    """Places in as many dimensions as the heights; a vector lies along the dimension that is summed."""
    if x.ndim != 1:
        return (*[1] * (y.ndim - x.ndim), *x.shape)
    if x.shape[0] != y.shape[position]:
        name = "cumulative_trapezoid" if cumulative else "trapezoid"
        raise TcalcError(f"{name}: There must be one `x` value for each sample point")
    return tuple(x.shape[0] if at == position else 1 for at in range(y.ndim))
