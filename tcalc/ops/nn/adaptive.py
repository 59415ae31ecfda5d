"""Adaptive poolings, and maxima put back where they were."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.binding import type_name
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.sliding import per_dimension, place_of_largest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]


def _adaptive_sizes(input: Tensor, dims: int, output_size: Any, name: str) -> tuple[int, ...]:
    """The sizes asked for; None leaves a dimension as it is."""
    listed = isinstance(output_size, (list, tuple))
    sizes = list(output_size) if listed else [output_size] * dims
    if listed and dims > 1 and input.ndim <= len(sizes):
        raise value_error(f"Input dimension should be at least {len(sizes) + 1}")
    if input.ndim not in (dims + 1, dims + 2):
        if dims == 1:
            raise TcalcError(
                f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while "
                f"checking "
                f"arguments for {name})"
            )
        got = "got:" if "max" in name else "got"
        raise TcalcError(f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but {got} {list(input.shape)}")
    if len(sizes) != dims:
        if dims == 1:
            raise TcalcError(f"{name}() argument 'output_size' should contain one int (got {len(sizes)})")
        if name.startswith("adaptive_avg"):
            raise TcalcError(f"{name}: output_size must be {dims}")
        raise TcalcError(f"{name}(): internal error: output_size.size() must be {dims}")
    for size in sizes:
        if size is not None and not isinstance(size, int):
            raise type_error(
                f"{name}(): argument 'output_size' (position 2) must be tuple of ints, not {type_name(output_size)}"
            )
    found = tuple(input.shape[dim - dims] if size is None else int(size) for dim, size in enumerate(sizes))
    if min(found) < 0:
        row = [1] if dims == 1 else []  # PyTorch pools one dimension as a picture of one row
        shape = [*input.shape[:-dims], *row, *found]
        if name.startswith("adaptive_avg"):
            function, listed_sizes = (name, found) if dims > 1 else ("adaptive_avg_pool2d", (1, *found))
            shown = ", ".join(map(str, listed_sizes[:2])) + "".join(f",{size}" for size in listed_sizes[2:])
            raise TcalcError(
                f"{function}: elements of output_size must be greater than or equal to 0 but received {{{shown}}}"
            )
        negative = next(size for size in found if size < 0)
        raise TcalcError(f"Trying to create tensor with negative dimension {negative}: {shape}")
    return found


def _pieces(xp: Any, array: Any, axis: int, places: int) -> tuple[Any, Any]:
    """A dimension as two: ``places`` nearly equal pieces, which may overlap, and the elements of each.

    Also how long each piece is. Shorter ones are filled up with their last element.
    """
    size = array.shape[axis]
    count = xp.arange(places)
    starts, ends = count * size // places, -(-(count + 1) * size // places)
    if places and size % places == 0:
        return array.reshape(*array.shape[:axis], places, size // places, *array.shape[axis + 1 :]), ends - starts
    longest = max((-(-(place + 1) * size // places) - place * size // places for place in range(places)), default=1)
    positions = xp.minimum(starts[:, None] + xp.arange(longest), ends[:, None] - 1)
    return xp.take(array, positions, axis), ends - starts


def _refuse_empty(input: Tensor, dims: int, name: str) -> None:
    shape = list(input.shape)
    if name == "adaptive_avg_pool1d":  # PyTorch pools one dimension as a picture of one row
        name, shape = "adaptive_avg_pool2d", [*shape[:-1], 1, shape[-1]]
    for at in range(len(shape) - dims, len(shape)):
        if shape[at] == 0:
            raise TcalcError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                f"{shape} with dimension {at} being empty"
            )


def adaptive_mean(input: Tensor, dims: int, output_size: Any) -> Launch:
    name = f"adaptive_avg_pool{dims}d"
    sizes = _adaptive_sizes(input, dims, output_size, name)
    if any(size != 1 for size in sizes):  # a single piece is a plain mean, also of nothing
        _refuse_empty(input, dims, name)
    if input.dtype.category != FLOAT:
        raise refusal("adaptive_avg_pool2d" if dims < 3 else "adaptive_avg_pool3d_cpu", input.dtype)

    shape = (*input.shape[:-dims], *sizes)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if not array.size:  # the mean of nothing
            return xp.full(shape, xp.nan, array.dtype)
        for dim, places in enumerate(sizes):
            axis = array.ndim - dims + dim
            pieces, lengths = _pieces(xp, array, axis, places)
            inside = xp.arange(pieces.shape[axis + 1]) < lengths[:, None]
            inside = inside.reshape(*inside.shape, *[1] * (pieces.ndim - axis - 2))
            sums = xp.where(inside, pieces, xp.zeros((), pieces.dtype)).sum(axis + 1)
            array = sums / lengths.reshape(-1, *[1] * (sums.ndim - axis - 1)).astype(sums.dtype)
        return array

    return Launch(kernel, (input,), shape, input.dtype, compute=input.dtype.computed_as)


def adaptive_max(input: Tensor, dims: int, output_size: Any, with_indices: bool) -> Launch:
    name = f"adaptive_max_pool{dims}d"
    sizes = _adaptive_sizes(input, dims, output_size, name)
    _refuse_empty(input, dims, name)
    if input.dtype.category != FLOAT:
        raise refusal(f"adaptive_max_pool{max(dims, 2)}d", input.dtype)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        extent = array.shape[-dims:]
        places = xp.broadcast_to(xp.arange(prod(extent)).reshape(extent), array.shape)
        for dim, count in enumerate(sizes):
            axis = array.ndim - dims + dim
            pieces, _ = _pieces(xp, array, axis, count)
            origins, _ = _pieces(xp, places, axis, count)
            chosen = xp.expand_dims(place_of_largest(xp, pieces, axis + 1), axis + 1)
            array = xp.take_along_axis(pieces, chosen, axis + 1).squeeze(axis + 1)
            places = xp.take_along_axis(origins, chosen, axis + 1).squeeze(axis + 1)
        return (array, places) if with_indices else array

    shape = (*input.shape[:-dims], *sizes)
    compute = input.dtype.computed_as
    if not with_indices:
        return Launch(kernel, (input,), shape, input.dtype, compute=compute)
    return Launch(kernel, (input,), outputs=[Spec(shape, input.dtype), Spec(shape, dtypes.int64)], compute=compute)


# ---------------------------------------------------------------- back to the full size


def _check_unpooled(input: Tensor, indices: Tensor, dims: int) -> None:
    """Refuse what nothing can be put back from; one dimension is a picture of one column."""
    pictured = max(dims, 2)
    shape = [*input.shape, 1] if dims == 1 else list(input.shape)
    if indices.dtype is not dtypes.int64:
        found = "" if dims == 3 else f" but got: {indices.dtype.scalar_name}"
        raise TcalcError(f"elements in indices should be type int64{found}")
    if len(shape) not in (pictured + 1, pictured + 2):
        raise TcalcError(
            f"Input to max_unpooling{pictured}d should be a {pictured + 1}d or {pictured + 2}d Tensor, but got a "
            f"tensor with {len(shape)} dimensions."
        )
    for at in range(1, len(shape)):
        if shape[at] == 0:
            raise TcalcError(
                f"max_unpooling{pictured}d_forward_out_cpu(): Expected input to have non-zero size for non-batch "
                f"dimensions, but got {shape} with dimension {at} being empty."
            )


def unpool(
    input: Tensor,
    indices: Tensor,
    dims: int,
    kernel: Ints,
    stride: Ints | None,
    padding: Ints,
    output_size: Ints | None,
) -> Launch:
    windows_of = per_dimension(kernel, dims, "kernel_size", f"max_unpool{dims}d")
    steps = per_dimension(stride, dims, "stride", f"max_unpool{dims}d") if stride else windows_of
    margins = per_dimension(padding, dims, "padding", f"max_unpool{dims}d")
    if output_size is not None and len(output_size) not in (dims, dims + 2):
        raise value_error(
            f"output_size should be a sequence containing {dims} or {dims + 2} elements, but it has a length of "
            f"'{len(output_size)}'"
        )
    _check_unpooled(input, indices, dims)
    if tuple(indices.shape) != tuple(input.shape):
        more = [1] if dims == 1 else []  # PyTorch unpools one dimension as a picture of one column
        raise TcalcError(
            f"Expected shape of indices to be same as that of the input tensor ({[*input.shape, *more]}) but got "
            f"indices "
            f"tensor with shape: {[*indices.shape, *more]}"
        )
    sizes = tuple(
        (input.shape[dim - dims] - 1) * steps[dim] - 2 * margins[dim] + windows_of[dim] for dim in range(dims)
    )
    if output_size is not None:
        asked = tuple(output_size[-dims:])
        for dim in range(dims):
            if not sizes[dim] - steps[dim] < asked[dim] < sizes[dim] + steps[dim]:
                raise value_error(
                    f'invalid output_size "{asked}" (dim {dim} must be between {sizes[dim] - steps[dim]} and '
                    f"{sizes[dim] + steps[dim]})"
                )
        sizes = asked
    for dim, size in enumerate(sizes):
        if size < 0:
            raise value_error(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{dim}]={size}"
            )
    lead = tuple(input.shape[:-dims])

    def run(xp: Any, out: Any, values: Any, places: Any) -> Any:
        flat = xp.zeros((prod(lead), prod(sizes)), values.dtype)
        where = places.reshape(prod(lead), -1)
        if where.size and not (int(where.min()) >= 0 and int(where.max()) < flat.shape[1]):
            extent = "x".join(map(str, [*sizes, 1] if dims == 1 else sizes))
            wrong = where[(where < 0) | (where >= flat.shape[1])]
            raise TcalcError(f"Found an invalid max index: {int(wrong[0])} (output volumes are of size {extent})")
        xp.put_along_axis(flat, where, values.reshape(prod(lead), -1), 1)
        return flat.reshape(*lead, *sizes)

    return Launch(run, (input, indices), (*lead, *sizes), input.dtype)
