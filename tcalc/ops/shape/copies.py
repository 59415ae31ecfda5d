"""Copies with elements repeated, turned round, moved or masked by triangles."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.shapes import normalize_dim, normalize_dims
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.tensor import empty as empty_tensor
from tcalc.errors import TcalcError, index_error, not_implemented
from tcalc.ops.creation.filling import want_gradient
from tcalc.ops.creation.tensors import chosen_device, on_device
from tcalc.ops.dispatch import Launch
from tcalc.ops.out_rules import EXPECTED
from tcalc.ops.registry import op
from tcalc.ops.shape.broadcasting import expand
from tcalc.ops.shape.cloning import clone, contiguous
from tcalc.ops.shape.reshaping import reshape, unsqueeze
from tcalc.ops.shape.strides import allocate, dense_stride
from tcalc.ops.shape.transposing import transpose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = Any
    Layout = Any
    Number = complex


# ---------------------------------------------------------------- repeated


@op(namespace="torch.Tensor")
def repeat(input: Tensor, *repeats: Ints) -> Launch:
    """The tensor several times along each dimension, copied.

    Further counts in front add dimensions.

    >>> tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    if len(repeats) < input.ndim:
        raise TcalcError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    padded = (*(1,) * (len(repeats) - input.ndim), *input.shape)
    shape = tuple(size * count for size, count in zip(padded, repeats, strict=True))
    for size, count in zip(shape, repeats, strict=True):
        if count < 0:
            raise TcalcError(f"Trying to create tensor with negative dimension {size}: {list(shape)}")
    # Each dimension as a pair (count, size), so that one broadcast copy repeats them all.
    pairs = tuple(number for pair in zip((1,) * len(padded), padded, strict=True) for number in pair)
    counted = tuple(number for pair in zip(repeats, padded, strict=True) for number in pair)
    return Launch(
        lambda xp, out, array: _broadcast_copy(xp, array.reshape(pairs), counted, shape), (input,), shape, input.dtype
    )


def _broadcast_copy(xp: Any, array: Any, wide: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    result = xp.empty(wide, array.dtype)
    result[...] = array
    return result.reshape(shape)


@op
def tile(input: Tensor, *dims: Ints) -> Tensor:
    """The tensor several times along each dimension, copied.

    Missing counts in front are 1.

    >>> tile(tensor([[1, 2]]), (2,))
    tensor([[1, 2, 1, 2]])
    """
    return repeat(input, *(1,) * (input.ndim - len(dims)), *dims)


@op
def repeat_interleave(
    input: Tensor, repeats: Tensor | int | None = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element (or each slice of a dimension) several times in a row.

    With one argument the counts themselves: position ``i`` as often as ``input[i]`` says.

    >>> repeat_interleave(tensor([1, 2]), 2)
    tensor([1, 1, 2, 2])
    >>> repeat_interleave(tensor([[1, 2], [3, 4]]), tensor([1, 2]), dim=0)
    tensor([[1, 2],
            [3, 4],
            [3, 4]])
    """
    if repeats is None:
        return _repeated_positions(input, output_size)
    if dim is None:
        input, dim = reshape(contiguous(input), -1), 0
    elif not input.shape:
        input = reshape(input, 1)
    if isinstance(repeats, Tensor):
        return _repeated_by_counts(input, repeats, dim, output_size)
    dim = normalize_dim(dim, input.ndim)
    return _repeated_evenly(input, repeats, dim)


def _repeated_by_counts(input: Tensor, counts: Tensor, dim: int, output_size: int | None) -> Tensor:
    from tcalc.ops.indexing.choosing import index_select

    given, dim = dim, normalize_dim(dim, input.ndim)
    if counts.ndim > 1:
        raise TcalcError("repeats must be 0-dim or 1-dim tensor")
    if counts.numel() == 1:
        counts = expand(reshape(counts, 1), input.shape[dim])
    if counts.shape[0] != input.shape[dim]:
        raise TcalcError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {counts.shape[0]} and "
            f"input.size({given}) = {input.shape[dim]}"
        )
    return index_select(input, dim, _repeated_positions(counts, output_size))


def _repeated_evenly(input: Tensor, repeats: int, dim: int) -> Tensor:
    if repeats < 0:
        raise TcalcError("Repeats must be non-negative")
    shape = list(input.shape)
    wide = expand(unsqueeze(input, dim + 1), *shape[: dim + 1], repeats, *shape[dim + 1 :])
    shape[dim] *= repeats
    return reshape(clone(wide, memory_format="contiguous_format"), *shape)


def _repeated_positions(counts: Tensor, output_size: int | None) -> Tensor:
    if counts.ndim != 1:
        raise TcalcError("repeat_interleave only accept 1D vector as repeat")
    if counts.dtype not in (dtypes.int64, dtypes.int32):
        raise not_implemented(f"\"repeat_interleave_cpu\" not implemented for '{counts.dtype.scalar_name}'")
    if counts.is_meta:
        if output_size is None:
            raise TcalcError("cannot repeat_interleave a meta tensor without output_size")
        return empty_tensor((output_size,), counts.dtype, counts.device)
    backend = backend_for(counts.device)
    with backend.guard():
        array = counts.array
        if array.size and int(array.min()) < 0:
            raise TcalcError("repeats can not be negative")
        total = int(array.sum()) if array.size else 0
        if output_size is not None and output_size != total:
            raise TcalcError("allocated size does not match required size")
        current().meter.allocate(total * 8)
        ends = backend.xp.cumsum(array)
        positions = backend.xp.searchsorted(ends, backend.xp.arange(total), side="right")
        positions = positions.astype(counts.dtype.numpy)
    return wrap(positions, counts.device, counts.dtype)


# ---------------------------------------------------------------- turned and moved


@op(derivative=lambda grad, result, input, *dims: (flip(grad, *dims),))
def flip(input: Tensor, *dims: Ints) -> Tensor:
    """A copy with dimensions in reverse order.

    >>> flip(tensor([[1, 2], [3, 4]]), (0,))
    tensor([[3, 4],
            [1, 2]])
    """
    reversed_dims = normalize_dims(dims, input.ndim) if dims else ()
    result = allocate(input.shape, dense_stride(input.shape, input.stride), input.dtype, input.device)
    if not input.is_meta:
        key = tuple([slice(None, None, -1) if dim in reversed_dims else slice(None) for dim in range(input.ndim)])
        result.storage.backend.assign(result.array, input.array[key])
    return result


@op
def fliplr(input: Tensor) -> Tensor:
    """A copy with the second dimension in reverse order.

    >>> fliplr(tensor([[1, 2], [3, 4]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if input.ndim < 2:
        raise TcalcError("Input must be >= 2-d.")
    return flip(input, 1)


@op
def flipud(input: Tensor) -> Tensor:
    """A copy with the first dimension in reverse order.

    >>> flipud(tensor([1, 2]))
    tensor([2, 1])
    """
    if input.ndim < 1:
        raise TcalcError("Input must be >= 1-d.")
    return flip(input, 0)


@op
def roll(input: Tensor, shifts: Ints, dims: Ints = ()) -> Tensor | Launch:
    """A copy with elements moved along dimensions, round the end.

    Without ``dims`` the elements move in the flattened tensor.

    >>> roll(tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
    """
    if not shifts:
        raise TcalcError("`shifts` required")
    if not dims and len(shifts) == 1:
        flat = roll(reshape(contiguous(input), -1), shifts, (0,))
        return reshape(flat, *input.shape)
    if len(shifts) != len(dims):
        raise TcalcError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    if not input.shape:
        raise index_error(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    axes = tuple(normalize_dim(dim, input.ndim) for dim in dims)
    moved = tuple(shifts)
    return Launch(
        lambda xp, out, array: xp.ascontiguousarray(xp.roll(array, moved, axes)), (input,), input.shape, input.dtype
    )


@op
def rot90(input: Tensor, k: int = 1, dims: Ints = (0, 1)) -> Tensor:
    """A copy turned by ``k`` times 90 degrees.

    In the plane of two dimensions, from the first to the second.

    >>> rot90(tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
    """
    if input.ndim < 2:
        raise TcalcError(f"expected total dims >= 2, but got total dims = {input.ndim}")
    if len(dims) != 2:
        raise TcalcError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    first, second = dims
    if first == second or abs(first - second) == input.ndim:
        raise TcalcError(f"expected rotation dims to be different, but got dim0 = {first} and dim1 = {second}")
    first, second = normalize_dim(first, input.ndim), normalize_dim(second, input.ndim)
    turns = k % 4
    if turns == 1:
        return transpose(flip(input, second), first, second)
    if turns == 2:
        return flip(input, first, second)
    if turns == 3:
        return transpose(flip(input, first), first, second)
    return clone(input, memory_format="contiguous_format")


# ---------------------------------------------------------------- triangles


def _triangle(name: str, input: Tensor, diagonal: int) -> Launch:
    if input.ndim < 2:
        raise TcalcError(f"{name}: input tensor must have at least 2 dimensions")
    rows, columns = input.shape[-2:]

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        distance = xp.arange(columns)[None, :] - xp.arange(rows)[:, None]
        kept = distance <= diagonal if name == "tril" else distance >= diagonal
        result = xp.zeros(array.shape, array.dtype) if out is None else out
        result[...] = xp.where(kept, array, xp.zeros((), array.dtype))
        return result

    return Launch(kernel, (input,), input.shape, input.dtype)


@op(inplace=True, out=EXPECTED, derivative=lambda grad, result, input, diagonal=0: (tril(grad, diagonal),))
def tril(input: Tensor, diagonal: int = 0) -> Launch:
    """The lower triangle of each matrix, zeros above ``diagonal``.

    >>> tril(tensor([[1, 2], [3, 4]]))
    tensor([[1, 0],
            [3, 4]])
    """
    return _triangle("tril", input, diagonal)


@op(inplace=True, out=EXPECTED, derivative=lambda grad, result, input, diagonal=0: (triu(grad, diagonal),))
def triu(input: Tensor, diagonal: int = 0) -> Launch:
    """The upper triangle of each matrix, zeros below ``diagonal``.

    >>> triu(tensor([[1, 2], [3, 4]]))
    tensor([[1, 2],
            [0, 4]])
    """
    return _triangle("triu", input, diagonal)


def _triangle_indices(name: str, row: int, col: int, offset: int, dtype: DType | None, device: Device | None) -> Tensor:
    for what, size in (("row", row), ("col", col)):
        if size < 0:
            raise TcalcError(f"{what} must be non-negative, got{size}")
    dtype = dtype or dtypes.int64
    if dtype.category != dtypes.INTEGER:
        raise not_implemented(f"\"{name}\" not implemented for '{dtype.scalar_name}'")
    device = chosen_device(device)
    place = devices.cpu if device.type == "meta" else canonical(device)
    backend = backend_for(place)
    current().meter.allocate(max(row, 1) * max(col, 1) * 17, f"the result of {name}")
    with backend.guard():
        xp = backend.xp
        distance = xp.arange(col)[None, :] - xp.arange(row)[:, None]
        found = xp.nonzero(distance <= offset if name == "tril_indices" else distance >= offset)
        made = wrap(xp.stack(found).astype(dtype.numpy), place, dtype)
    return on_device(made, device) if device.type == "meta" else made


@op(method=False)
def tril_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Rows and columns of the elements of a lower triangle.

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return want_gradient(_triangle_indices("tril_indices", row, col, offset, dtype, device), requires_grad)


@op(method=False)
def triu_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Rows and columns of the elements of an upper triangle.

    >>> triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return want_gradient(_triangle_indices("triu_indices", row, col, offset, dtype, device), requires_grad)
