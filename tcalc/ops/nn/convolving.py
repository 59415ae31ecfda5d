"""The kernels of convolutions: windows are laid out as columns, chunk by chunk, and multiplied by the weights."""

from __future__ import annotations

from itertools import product as every_place
from math import prod

from tcalc.engine.dtypes import float32
from tcalc.ops.linalg.matmul import product
from tcalc.ops.nn.sliding import padded, windows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

    Sizes = Sequence[int]

# Elements of the columns that are laid out at once: they stay in the processor's cache, and memory stays small.
_CHUNK = 1 << 18
# A small single picture goes another way in PyTorch.
_SMALL_PICTURE = 20480


class Plan:
    """The numbers of a convolution, one for each dimension, checked."""

    __slots__ = ("after", "before", "dilation", "dims", "groups", "output_padding", "stride")

    def __init__(self, dims: int, groups: int) -> None:
        self.dims = dims
        self.groups = groups
        self.stride: tuple[int, ...] = ()
        self.dilation: tuple[int, ...] = ()
        self.before: tuple[int, ...] = ()
        self.after: tuple[int, ...] = ()
        self.output_padding: tuple[int, ...] = (0,) * dims

    def reach(self, kernel: Sizes) -> list[int]:
        """How far a window reaches."""
        return [step * (size - 1) + 1 for step, size in zip(self.dilation, kernel, strict=True)]


class Order:
    """In which order the products of a window are summed, which decides the last bit of a float32.

    ``block`` channels are summed at once, and the sums of the blocks are added up. In a block either the places of the
    window come first and the channels inside, or the other way round; ``backwards`` begins at the window's end. The
    bias is where the first sum starts, or is added to it.
    """

    __slots__ = ("backwards", "bias_first", "block", "places_first")

    def __init__(
        self, block: int, *, places_first: bool = False, bias_first: bool = False, backwards: bool = False
    ) -> None:
        self.block = block
        self.places_first = places_first
        self.bias_first = bias_first
        self.backwards = backwards


def is_small(plan: Plan, shape: Sizes, kernel: Sizes) -> bool:
    """Whether PyTorch takes its plainest kernel: one small picture and no large window."""
    large_window = plan.dims > 1 and min(kernel[-2:]) > 3
    return shape[0] <= 1 and plan.groups == 1 and not large_window and prod(shape[:4]) <= _SMALL_PICTURE


def order_of(plan: Plan, dtype: DType, shape: Sizes, weight: Sizes) -> Order:
    """The order that PyTorch sums in: its kernels hold 16 channels in a register; the plainest takes rows as they lie.

    So the bits are mostly PyTorch's own on a processor with vectors of 512 bits, while BLAS does not cut the depth.
    """
    kernel, channels, outputs = weight[2:], weight[1], weight[0] // plan.groups
    if dtype is not float32 or is_small(plan, shape, kernel):
        return Order(channels)
    if any(width >= reach for width, reach in zip(plan.before, plan.reach(kernel), strict=True)):
        return Order(channels)
    if plan.groups == 1:
        one_place = max(kernel) == 1 and (plan.dims < 3 or max(plan.stride) == 1)
        return Order(channels, bias_first=True) if one_place else Order(16, places_first=True)
    for block in (16, 8, 4):
        if channels % block == outputs % block == 0:
            return Order(block, places_first=True)
    return Order(channels, bias_first=channels == outputs == 1 and plan.dims < 3)


def transposed_order(plan: Plan, dtype: DType, shape: Sizes, weight: Sizes) -> Order | None:
    """The order of a transposed convolution as a plain one over mirrored windows; None where PyTorch spreads values."""
    kernel, channels, outputs = weight[2:], weight[0] // plan.groups, weight[1]
    if max(plan.stride) > 1 or is_small(plan, shape, kernel):
        return None
    if dtype is not float32:
        return Order(channels)
    if plan.groups == 1:
        return Order(channels) if max(kernel) == 1 else Order(16, places_first=True, backwards=True)
    for block in (16, 8, 4):
        if channels % block == outputs % block == 0:
            return Order(block, places_first=True, backwards=True)
    return Order(1, backwards=True) if channels == outputs == 1 and plan.dims < 3 else None


def convolve(xp: Any, plan: Plan, order: Order, array: Any, weight: Any, bias: Any) -> Any:
    """(N, C, …) with (O, C / groups, …): products of matrices over blocks of channels and chunks of places."""
    dims, groups = plan.dims, plan.groups
    outputs, channels = weight.shape[0] // groups, weight.shape[1]
    if xp.__name__ != "numpy":  # the orders are those of PyTorch's kernels for the CPU
        order = Order(channels)
    every = windows(xp, padded(xp, array, plan.before, plan.after), weight.shape[2:], plan.stride, plan.dilation)
    if order.backwards:
        backwards = (..., *[slice(None, None, -1)] * dims)
        every, weight = every[backwards], weight[backwards]
    batch, places = array.shape[0], every.shape[2 : 2 + dims]
    # (groups, window and channels in the order they are summed in, N, places…) and the same with the outputs
    every = _deep_first(order, every.reshape(batch, groups, channels, *every.shape[2:]), dims, (0, *range(3, 3 + dims)))
    weight = _deep_first(order, weight.reshape(groups, outputs, *weight.shape[1:]).swapaxes(0, 1), dims, (0,))
    bias = None if bias is None else bias.reshape(groups, outputs, 1)
    answer = xp.zeros((batch, groups, outputs, *places), array.dtype)
    for first in range(0, channels, order.block):
        block = (slice(None),) * (1 + dims * order.places_first) + (slice(first, first + order.block),)
        start = bias if first == 0 and order.bias_first else None
        factors = _factors(xp, weight[block], start)
        for samples, rows in _chunks(xp, batch, places, factors[..., 0, :].size):
            target = answer[samples, :, :, rows]
            columns = _columns(xp, every[block][(slice(None),) * (2 + dims) + (samples, rows)], dims, start)
            part = product(xp, None, factors, columns)[:, :outputs, : target[:, 0, 0].size]
            if first == 0 and bias is not None and start is None:
                part += bias
            target += xp.moveaxis(part.reshape(groups, outputs, len(target), *target.shape[3:]), 2, 0)
    return answer.reshape(batch, groups * outputs, *places)


def _deep_first(order: Order, array: Any, dims: int, rest: Sizes) -> Any:
    """(…, groups, channels, …, window…) as (groups, window and channels, ``rest``): the depth of a product."""
    window = range(array.ndim - dims, array.ndim)
    return array.transpose(1, *([*window, 2] if order.places_first else [2, *window]), *rest)


def _factors(xp: Any, weight: Any, start: Any) -> Any:
    """(groups, depth…, outputs) as matrices (groups, outputs, depth), two rows at least.

    BLAS sums along the depth in its order, but has other kernels for one row or one column, and for small matrices
    where the depth is not the outer dimension in memory.
    """
    groups, outputs = weight.shape[0], weight.shape[-1]
    depth, extra = prod(weight.shape[1:-1]), int(start is not None)
    factors = xp.zeros((groups, depth + extra, max(outputs, 2)), weight.dtype)
    factors[:, extra:, :outputs] = weight.reshape(groups, depth, outputs)
    if extra:
        factors[:, 0, :outputs] = start[..., 0]
    return factors.transpose(0, 2, 1)


def _columns(xp: Any, seen: Any, dims: int, start: Any) -> Any:
    """(groups, depth…, N, places…) as matrices (groups, depth, N * places), two columns at least."""
    depth, count, extra = prod(seen.shape[1 : 2 + dims]), prod(seen.shape[2 + dims :]), int(start is not None)
    columns = xp.empty((len(seen), depth + extra, max(count, 2)), seen.dtype)
    if extra:
        columns[:, 0] = 1
    if count < 2:
        columns[:, :, count:] = 0
    columns[:, extra:, :count].reshape(seen.shape)[...] = seen
    return columns


def _chunks(xp: Any, batch: int, places: Sizes, depth: int) -> Iterator[tuple[slice, slice]]:
    """Some pictures, or some rows of one, whose columns are of a moderate size."""
    room = (_CHUNK if xp.__name__ == "numpy" else _CHUNK << 6) // max(depth, 1)
    row = max(prod(places[1:]), 1)
    pictures = max(room // max(places[0] * row, 1), 1)
    rows = places[0] if pictures > 1 else max(room // row, 1)
    for sample in range(0, batch, pictures):
        for at in range(0, places[0], rows):
            yield slice(sample, sample + pictures), slice(at, at + rows)


def transpose(xp: Any, plan: Plan, order: Order | None, array: Any, weight: Any, places: Sizes) -> Any:
    """The transposed convolution of (N, C, …) with (C, O / groups, …)."""
    dims, groups, kernel = plan.dims, plan.groups, weight.shape[2:]
    margins = [reach - 1 - width for reach, width in zip(plan.reach(kernel), plan.before, strict=True)]
    if order is None or min(margins) < 0 or any(plan.output_padding):
        return _spread(xp, plan, array, weight, places)
    channels, outputs = weight.shape[0] // groups, weight.shape[1]
    mirrored = weight.reshape(groups, channels, outputs, *kernel).swapaxes(1, 2)
    mirrored = mirrored.reshape(groups * outputs, channels, *kernel)[(..., *[slice(None, None, -1)] * dims)]
    plain = Plan(dims, groups)
    plain.stride, plain.dilation = plan.stride, plan.dilation
    plain.before = plain.after = tuple(margins)
    return convolve(xp, plain, order, array, mirrored, None)


def _spread(xp: Any, plan: Plan, array: Any, weight: Any, places: Sizes) -> Any:
    """Each input value adds its weights to a window of the answer."""
    groups, kernel, sizes = plan.groups, weight.shape[2:], array.shape[2:]
    channels, outputs = array.shape[1] // groups, weight.shape[1]
    extent = [size + 2 * width for size, width in zip(places, plan.before, strict=True)]
    answer = xp.zeros((array.shape[0], groups, outputs, *extent), array.dtype)
    # (groups, window * outputs, channels) times (groups, channels, places)
    factors = xp.moveaxis(weight.reshape(groups, channels, outputs, *kernel), (1, 2), (-1, -2))
    factors = factors.reshape(groups, prod(kernel) * outputs, channels)
    for sample, target in zip(array.reshape(len(array), groups, channels, prod(sizes)), answer, strict=True):
        parts = product(xp, None, factors, sample).reshape(groups, *kernel, outputs, *sizes)
        for offset in every_place(*map(range, kernel)):
            where = tuple(
                slice(place * step, place * step + (size - 1) * stride + 1, stride)
                for place, step, size, stride in zip(offset, plan.dilation, sizes, plan.stride, strict=True)
            )
            target[(slice(None), slice(None), *where)] += parts[(slice(None), *offset)]
    trimmed = tuple(slice(width, width + size) for width, size in zip(plan.before, places, strict=True))
    return answer[(..., *trimmed)].reshape(array.shape[0], groups * outputs, *places)
