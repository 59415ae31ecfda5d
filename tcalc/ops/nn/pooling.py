"""Poolings of one, two and three dimensions: maxima, means and norms of windows, fixed or adaptive."""

from __future__ import annotations

from itertools import product as every_place
from math import inf, prod

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.adaptive import adaptive_max, adaptive_mean, unpool
from tcalc.ops.nn.pooling_plan import Plan, check_plain, check_rank, no_picture, planned
from tcalc.ops.nn.sliding import padded, windows
from tcalc.ops.pointwise.arithmetic import abs as absolute
from tcalc.ops.pointwise.arithmetic import pow
from tcalc.ops.registry import namespaces, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    Ints = tuple[int, ...]

NN = "torch.nn.functional"


def _lowest(xp: Any, dtype: Any) -> Any:
    return xp.iinfo(dtype).min if dtype.kind in "iu" else -xp.inf


# ---------------------------------------------------------------- maxima


def _window_places(xp: Any, plan: Plan, array: Any, margin: Any) -> Iterator[Any]:
    """For each place of a window, in order, a view of the elements that lie there, one of every window."""
    lead = (slice(None),) * (array.ndim - plan.dims)
    wide = padded(xp, array, plan.padding, plan.margins_after(), margin)
    every = windows(xp, wide, plan.kernel, plan.stride, plan.dilation)
    every = every[(*lead, *[slice(0, count) for count in plan.places])]
    for place in every_place(*map(range, plan.kernel)):
        yield every[(..., *place)]


def _max_kernel(xp: Any, plan: Plan, array: Any) -> Any:
    views = _window_places(xp, plan, array, _lowest(xp, array.dtype))
    best = next(views).copy()
    for values in views:
        xp.maximum(best, values, out=best)
    return best


def _max_and_place_kernel(xp: Any, plan: Plan, array: Any) -> Any:
    """The largest of each window and where it lies in the input, whose last dimensions count as one."""
    starts = [
        (xp.arange(count) * step - margin).reshape(-1, *[1] * after)
        for count, step, margin, after in zip(
            plan.places, plan.stride, plan.padding, reversed(range(plan.dims)), strict=True
        )
    ]
    # Nothing beats the margin where all is -inf: the first element inside is meant then.
    inside = [xp.where(start < 0, start % step, start) for start, step in zip(starts, plan.dilation, strict=True)]
    best: Any = None
    views = _window_places(xp, plan, array, _lowest(xp, array.dtype))
    for place, values in zip(every_place(*map(range, plan.kernel)), views, strict=True):
        if best is None:
            best, places = values.copy(), xp.broadcast_to(_flat(plan, inside), values.shape)
            continue
        within = [start + at * step for start, at, step in zip(starts, place, plan.dilation, strict=True)]
        better = (values > best) | (values != values)  # the last nan wins
        places = xp.where(better, _flat(plan, within), places)
        xp.maximum(best, values, out=best)
    return best, places


def _flat(plan: Plan, places: Sequence[Any]) -> Any:
    """Places in every dimension as places in the input as one row."""
    answer: Any = 0
    for size, place in zip(plan.sizes, places, strict=True):
        answer = answer * size + place
    return answer


def _max_pool(
    input: Tensor,
    dims: int,
    kernel: Ints,
    stride: Ints | None,
    padding: Ints,
    dilation: Ints,
    ceil: bool,
    with_indices: bool,
) -> Launch:
    name = f"max_pool{dims}d"
    plain = dims == 1 and not with_indices  # PyTorch has a kernel of its own for it
    if plain:
        check_plain(input, kernel, stride, padding, dilation, ceil)
    check_rank(input, dims, name)
    if input.dtype.category in (BOOL, COMPLEX) or (plain and input.dtype.category != FLOAT):
        raise refusal("max_pool1d_impl" if dims == 1 else name, input.dtype)
    plan = planned(input, dims, kernel, stride, padding, dilation, ceil, name)
    shape = (*input.shape[:-dims], *plan.places)
    compute = input.dtype.computed_as
    run = _max_and_place_kernel if with_indices else _max_kernel
    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    return Launch(
        lambda xp, out, array: run(xp, plan, array), (input,), outputs=outputs[: 1 + with_indices], compute=compute
    )


# ---------------------------------------------------------------- means


def _mean_kernel(plan: Plan, count_margin: bool, divisor: int | None) -> Any:
    def kernel(xp: Any, out: Any, array: Any) -> Any:
        lead = array.ndim - plan.dims
        views = _window_places(xp, plan, array, 0)
        total = next(views).copy()
        for values in views:
            total += values
        if divisor is not None:
            return _quotient(xp, total, divisor)
        counts = xp.ones((1,) * lead, xp.int64).reshape((1,) * lead + (1,) * plan.dims)
        for dim in range(plan.dims):
            shape = [1] * total.ndim
            shape[lead + dim] = -1
            counts = counts * _window_counts(xp, plan, dim, count_margin).reshape(shape)
        return _quotient(xp, total, counts)

    return kernel


def _window_counts(xp: Any, plan: Plan, dim: int, count_margin: bool) -> Any:
    """How many elements of each window count: those of the margin too, or the input's own."""
    size, margin = plan.sizes[dim], plan.padding[dim]
    starts = xp.arange(plan.places[dim]) * plan.stride[dim] - margin
    ends = xp.minimum(starts + plan.kernel[dim], size + margin)
    if count_margin:
        return ends - starts
    return xp.minimum(ends, size) - xp.maximum(starts, 0)


def _quotient(xp: Any, total: Any, count: Any) -> Any:
    if total.dtype.kind in "iu":
        quotient = xp.abs(total) // xp.abs(count)
        return (xp.sign(total) * xp.sign(count) * quotient).astype(total.dtype)
    return total / xp.asarray(count).astype(total.dtype)


def _avg_pool(
    input: Tensor,
    dims: int,
    kernel: Ints,
    stride: Ints | None,
    padding: Ints,
    ceil: bool,
    count_margin: bool,
    divisor: int | None,
) -> Launch:
    name = f"avg_pool{dims}d"
    if dims == 2 and input.ndim < 3:
        normalize_dim(-3, input.ndim)
    if dims == 2 and input.ndim > 4:
        raise no_picture(list(input.shape))
    check_rank(input, dims, name)
    if divisor == 0:
        raise TcalcError("divisor must be not zero")
    plan = planned(input, dims, kernel, stride, padding, (1,), ceil, name)
    dtype = input.dtype
    taken = (dtypes.int64, dtypes.float32, dtypes.float64, *((dtypes.float16, dtypes.bfloat16) if dims < 3 else ()))
    if dtype not in taken:
        raise refusal("avg_pool2d" if dims < 3 else "avg_pool3d_out_frame", dtype)
    shape = (*input.shape[:-dims], *plan.places)
    return Launch(_mean_kernel(plan, count_margin, divisor), (input,), shape, dtype, compute=dtype.computed_as)


def _lp_pool(input: Tensor, dims: int, order: float, kernel: Ints, stride: Ints | None, ceil: bool) -> Any:
    if dims == 2 and input.ndim < 3:
        normalize_dim(-3, input.ndim)
    if dims != 2:
        check_rank(input, dims, f"avg_pool{dims}d")
    if abs(order) == inf:  # the largest or the smallest absolute value
        largest: Any = namespaces["torch"][f"max_pool{dims}d"]
        sizes: Any = absolute(input)
        if order > 0:
            return largest(sizes, kernel, stride, (0,), (1,), ceil)
        return largest(sizes.neg(), kernel, stride, (0,), (1,), ceil).neg()
    plan = planned(input, dims, kernel, stride, (0,), (1,), ceil, f"avg_pool{dims}d")
    if not order:
        raise TcalcError("float division by zero", "ZeroDivisionError")
    mean = namespaces[NN][f"avg_pool{dims}d"](pow(input, order), kernel, stride, (0,), ceil)
    total: Launch = pow(mean * prod(plan.kernel), 1 / order)
    return total


# ---------------------------------------------------------------- records


def _register(dims: int) -> None:
    def max_pool(
        input: Tensor,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = (0,),
        dilation: Ints = (1,),
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Launch:
        return _max_pool(input, dims, kernel_size, stride, padding, dilation, ceil_mode, return_indices)

    def max_pool_with_indices(
        input: Tensor,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = (0,),
        dilation: Ints = (1,),
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Launch:
        return _max_pool(input, dims, kernel_size, stride, padding, dilation, ceil_mode, True)

    def lp_pool(
        input: Tensor, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: bool = False
    ) -> Any:
        return _lp_pool(input, dims, norm_type, kernel_size, stride, ceil_mode)

    def adaptive_avg_pool(input: Tensor, output_size: Any) -> Launch:
        return adaptive_mean(input, dims, output_size)

    def adaptive_max_pool(input: Tensor, output_size: Any, return_indices: bool = False) -> Launch:
        return adaptive_max(input, dims, output_size, return_indices)

    def adaptive_max_pool_with_indices(input: Tensor, output_size: Any, return_indices: bool = False) -> Launch:
        return adaptive_max(input, dims, output_size, True)

    def max_unpool(
        input: Tensor,
        indices: Tensor,
        kernel_size: Ints,
        stride: Ints | None = None,
        padding: Ints = (0,),
        output_size: Ints | None = None,
    ) -> Launch:
        return unpool(input, indices, dims, kernel_size, stride, padding, output_size)

    shape = ", ".join(["1", *["2"] * dims])
    ones = ", ".join(["1"] * (dims + 1))
    whole = f"torch.Size([{ones}])"
    indices = f"zeros({ones}, dtype=torch.int64)"
    rows: list[tuple[Any, str, str, str, str]] = [
        (max_pool, f"max_pool{dims}d", "The largest of each window", f"(zeros({shape}), 2).shape", whole),
        (max_pool_with_indices, f"max_pool{dims}d_with_indices", "The largest of each window, and where it lies",
         f"(zeros({shape}), 2)[0].shape", whole),
        (lp_pool, f"lp_pool{dims}d", "The norm of each window", f"(zeros({shape}), 2, 2).shape", whole),
        (adaptive_avg_pool, f"adaptive_avg_pool{dims}d", "Means of a number of nearly equal pieces",
         f"(zeros({shape}), 1).shape", whole),
        (adaptive_max_pool, f"adaptive_max_pool{dims}d", "Maxima of a number of nearly equal pieces",
         f"(zeros({shape}), 1).shape", whole),
        (adaptive_max_pool_with_indices, f"adaptive_max_pool{dims}d_with_indices",
         "Maxima of nearly equal pieces, and their places", f"(zeros({shape}), 1)[0].shape", whole),
        (max_unpool, f"max_unpool{dims}d", "Maxima put back where they were, among zeros",
         f"(zeros({ones}), {indices}, 2).shape", f"torch.Size([{shape}])"),
    ]  # fmt: skip
    for function, name, summary, example, answer in rows:
        _register_one(function, name, f"{summary}, over {dims} dimension{'s' if dims > 1 else ''}", example, answer)


def _register_one(function: Any, name: str, summary: str, example: str, answer: str) -> None:
    function.__name__ = name
    function.__doc__ = f"{summary}.\n\n    >>> F.{name}{example}\n    {answer}\n    "
    aliases = (f"nn.functional.{name}",)
    if name in _IN_TORCH:
        op(function, method=False, aliases=aliases)
    else:
        op(function, namespace=NN)


_IN_TORCH = ("max_pool1d", "max_pool2d", "max_pool3d", "max_pool1d_with_indices", "adaptive_avg_pool1d")

for _dims in (1, 2, 3):
    _register(_dims)


@op(method=False, aliases=("nn.functional.avg_pool1d",))
def avg_pool1d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Launch:
    """The mean of each window.

    >>> avg_pool1d(tensor([[1., 3., 5., 7.]]), 2)
    tensor([[2., 6.]])
    """
    return _avg_pool(input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@op(namespace=NN, out=True)
def avg_pool2d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Launch:
    """The mean of each window of a picture.

    >>> F.avg_pool2d(tensor([[[1., 3.], [5., 7.]]]), 2)
    tensor([[[4.]]])
    """
    return _avg_pool(input, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@op(namespace=NN, out=True)
def avg_pool3d(
    input: Tensor,
    kernel_size: Ints,
    stride: Ints | None = None,
    padding: Ints = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Launch:
    """The mean of each window of a volume.

    >>> F.avg_pool3d(ones(1, 2, 2, 2), 2)
    tensor([[[[1.]]]])
    """
    return _avg_pool(input, 3, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@op(name="adaptive_max_pool1d", method=False)
def torch_adaptive_max_pool1d(input: Tensor, output_size: Any) -> Launch:
    """The maxima of nearly equal pieces, and where they lie.

    >>> adaptive_max_pool1d(tensor([[1., 3., 5., 7.]]), 2)[0]
    tensor([[3., 7.]])
    """
    return adaptive_max(input, 1, output_size, True)
