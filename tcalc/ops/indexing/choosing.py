"""Choosing elements: by condition, by position, by mask."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast, normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, empty, wrap
from tcalc.errors import TcalcError, index_error
from tcalc.ops.binding import Misfit
from tcalc.ops.dispatch import Launch
from tcalc.ops.indexing import advanced as advanced_index
from tcalc.ops.out_rules import CHOSEN, EXPECTED, GATHERED, SAME_SCALAR_TYPE, TAKEN
from tcalc.ops.pointwise.arithmetic import remainder
from tcalc.ops.registry import op
from tcalc.ops.shape.broadcasting import expand
from tcalc.ops.shape.reshaping import reshape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex


# ---------------------------------------------------------------- by condition


@op(method=False, out=CHOSEN)
def where(condition: Tensor, input: Tensor | Number | None = None, other: Tensor | Number | None = None) -> Any:
    """Elements of ``input`` where ``condition`` holds, else of ``other``.

    All are broadcast.

    With a condition alone, the positions where it holds, as ``nonzero(condition, as_tuple=True)``.

    >>> where(tensor([True, False]), tensor([1, 2]), 0)
    tensor([1, 0])
    >>> where(tensor([0, 7, 8]))
    (tensor([1, 2]),)
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise Misfit
    return _chosen(condition, input, other)


@op(namespace="torch.Tensor", name="where")
def where_method(input: Tensor, condition: Tensor, other: Tensor | Number) -> Launch:
    """Elements of the tensor where ``condition`` holds and of ``other`` elsewhere.

    >>> tensor([1, 2]).where(tensor([True, False]), 0)
    tensor([1, 0])
    """
    return _chosen(condition, input, other)


def _chosen(condition: Tensor, input: Tensor | Number, other: Tensor | Number) -> Launch:
    from tcalc.ops.session.convert import converted

    if condition.dtype is dtypes.uint8:
        current().warn(
            "where received a uint8 condition tensor. This behavior is deprecated and will be "
            "removed in a future version "
            "of PyTorch. Use a boolean condition instead."
        )
    elif condition.dtype is not dtypes.bool_:
        raise TcalcError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{condition.dtype.scalar_name}"
        )
    dtype = result_type(input, other)
    shapes = [operand.shape for operand in (condition, input, other) if isinstance(operand, Tensor)]

    chosen = [converted(operand, dtype, None) if isinstance(operand, Tensor) else operand for operand in (input, other)]
    return Launch(_where_kernel, (condition, *chosen), broadcast(*shapes), dtype, pointwise=True)


def _where_kernel(xp: Any, out: Any, test: Any, first: Any, second: Any) -> Any:
    return xp.where(test != 0, first, second)


@op(out=True)
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The positions of elements that are not zero.

    One a row, or one tensor a dimension.

    >>> nonzero(tensor([[0, 1], [2, 0]]))
    tensor([[0, 1],
            [1, 0]])
    >>> nonzero(tensor([0, 3, 4]), as_tuple=True)
    (tensor([1, 2]),)
    """
    if as_tuple:
        return tuple(advanced_index.true_positions(input if input.shape else reshape(input, 1)))
    found = advanced_index.true_positions(input if input.shape else reshape(input, 1))
    if not input.shape:
        return empty((found[0].numel(), 0), dtypes.int64, input.device)
    backend = backend_for(input.device)
    with backend.guard():
        columns = backend.xp.stack([positions.array for positions in found])
    result = wrap(columns, input.device, dtypes.int64)
    result.set_geometry(result.storage, (columns.shape[1], input.ndim), (1, columns.shape[1]), 0)
    return result


@op
def argwhere(input: Tensor) -> Tensor:
    """The positions of elements that are not zero, one a row.

    >>> argwhere(tensor([0, 3, 4]))
    tensor([[1],
            [2]])
    """
    return nonzero(input)


@op(out=True)
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The first ``size`` positions of elements that are not zero.

    Rows of ``fill_value`` make up the number.

    >>> nonzero_static(tensor([0, 3, 4]), size=3)
    tensor([[ 1],
            [ 2],
            [-1]])
    """
    if size < 0:
        raise TcalcError("nonzero_static: 'size' must be an non-negative integer")
    result = empty((size, input.ndim), dtypes.int64, input.device)
    if input.is_meta:
        return result
    found = nonzero(input)
    rows = min(size, found.shape[0])
    with result.storage.backend.guard():
        result.array[rows:] = fill_value
        result.array[:rows] = found.array[:rows]
    return result


# ---------------------------------------------------------------- by position


def check_index_dtype(index: Tensor, name: str) -> None:
    """Refuse positions that are no int32 or int64."""
    if index.dtype not in (dtypes.int64, dtypes.int32):
        raise TcalcError(f"{name}(): Expected dtype int32/int64 for index")


def check_positions(positions: Any, size: int, dim: int, words: str = "", kind: str = "RuntimeError") -> None:
    """Refuse positions outside ``0 <= position < size``; these functions do not count from the end."""
    if not positions.size:
        return
    outside = (positions < 0) | (positions >= size)
    if outside.any():
        first = int(positions[outside].reshape(-1)[0])
        message = words or "index {index} is out of bounds for dimension {dim} with size {size}"
        raise TcalcError(message.format(index=first, dim=dim, size=size), kind)


def at_least_1d(array: Any) -> Any:
    return array.reshape(1) if not array.ndim else array


@op(out=GATHERED)
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Launch:
    """Elements along a dimension by positions.

    For ``dim`` 0: ``out[i][j] = input[index[i][j]][j]``.

    >>> gather(tensor([[1, 2], [3, 4]]), 1, tensor([[0, 0], [1, 0]]))
    tensor([[1, 1],
            [4, 3]])
    """
    dim = normalize_dim(dim, input.ndim)
    if index.numel():
        check_index_dtype(index, "gather")
        if max(input.ndim, 1) != max(index.ndim, 1):
            raise TcalcError("Index tensor must have the same number of dimensions as input tensor")
        for at, (size, most) in enumerate(zip(index.shape, input.shape, strict=False)):
            if at != dim and size > most:
                raise TcalcError(
                    f"Size does not match at dimension {at} expected index {list(index.shape)} "
                    "to be no larger than self "
                    f"{list(input.shape)} apart from dimension {dim}"
                )
    shape = index.shape

    def kernel(xp: Any, out: Any, array: Any, positions: Any) -> Any:
        if not positions.size:
            return xp.empty(shape, array.dtype)
        array, positions = at_least_1d(array), at_least_1d(positions)
        check_positions(positions, array.shape[dim], dim)
        part = array[within(positions.shape, dim)]
        return xp.take_along_axis(part, positions, axis=dim).reshape(shape)

    return Launch(kernel, (input, index), shape, input.dtype)


def within(shape: Sequence[int], dim: int) -> tuple[slice, ...]:
    """The part of a larger array that positions of ``shape`` along ``dim`` run over."""
    return tuple([slice(None) if at == dim else slice(size) for at, size in enumerate(shape)])


@op(out=TAKEN)
def take(input: Tensor, index: Tensor) -> Launch:
    """Elements by their positions in the flattened tensor.

    In the shape of ``index``.

    >>> take(tensor([[1, 2], [3, 4]]), tensor([0, -1]))
    tensor([1, 4])
    """
    if index.dtype is not dtypes.int64:
        raise TcalcError(f"take(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if not input.numel() and index.numel():
        raise index_error("take(): tried to take from an empty tensor")

    def kernel(xp: Any, out: Any, array: Any, positions: Any) -> Any:
        return array.reshape(-1)[flat_positions(xp, positions, array.size)]

    return Launch(kernel, (input, index), index.shape, input.dtype)


def flat_positions(xp: Any, positions: Any, count: int) -> Any:
    """Positions in a flattened tensor, counted from the front, after their check."""
    outside = (positions < -count) | (positions >= count)
    if outside.any():
        first = int(at_least_1d(positions)[at_least_1d(outside)][0])
        raise index_error(f"out of range: tried to access index {first} on a tensor of {count} elements.")
    return xp.where(positions < 0, positions + count, positions)


@op(out=EXPECTED)
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Any:
    """Elements along a dimension by positions, as ``argsort`` gives them.

    Shapes are broadcast.

    >>> take_along_dim(tensor([[10, 30, 20]]), tensor([[1]]), dim=1)
    tensor([[30]])
    """
    if indices.dtype is not dtypes.int64:
        raise TcalcError(f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype.scalar_name}")
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1))
    if input.ndim != indices.ndim:
        raise TcalcError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    if not input.ndim:
        raise index_error(f"Dimension specified as {dim} but tensor has no dimensions")
    dim = normalize_dim(dim, input.ndim)
    others = broadcast(_with_size(input.shape, dim, 1), _with_size(indices.shape, dim, 1))
    wide = expand(input, *_with_size(others, dim, input.shape[dim]))
    wrapped = _wrapped(indices, input.shape[dim])
    return gather(wide, dim, expand(wrapped, *_with_size(others, dim, indices.shape[dim])))


def _wrapped(indices: Tensor, size: int) -> Tensor:
    """Positions modulo the size, which is what this function alone makes of positions outside."""
    return remainder(indices, size) if size else indices


def _with_size(shape: Sequence[int], dim: int, size: int) -> tuple[int, ...]:
    return (*shape[:dim], size, *shape[dim + 1 :])


# PyTorch says it in other words along dimension 1.
_SELECTED_OUTSIDE = ("index out of range in self", "IndexError")
_SELECTED_OUTSIDE_ROWS = ("INDICES element is out of DATA bounds, id={index} axis_dim={size}", "RuntimeError")


@op(out=SAME_SCALAR_TYPE)
def index_select(input: Tensor, dim: int, index: Tensor) -> Launch:
    """The slices of a dimension at the given positions.

    >>> index_select(tensor([[1, 2, 3]]), 1, tensor([0, 2]))
    tensor([[1, 3]])
    """
    dim = normalize_dim(dim, input.ndim)
    if index.ndim > 1:
        raise index_error("index_select(): Index is supposed to be a vector")
    if index.dtype not in (dtypes.int64, dtypes.int32):
        raise TcalcError("index_select(): Expected dtype int32 or int64 for index")
    count = index.numel()
    if not input.shape:
        if count != 1:
            raise TcalcError(f"index_select(): Index to scalar can have only 1 value, got {count} value(s)")
        shape: tuple[int, ...] = ()
    else:
        shape = _with_size(input.shape, dim, count)
        if count and not input.shape[dim]:
            raise TcalcError("index_select(): self indexing axis dim should be positive")

    def kernel(xp: Any, out: Any, array: Any, positions: Any) -> Any:
        array, positions = at_least_1d(array), at_least_1d(positions)
        words, kind = _SELECTED_OUTSIDE_ROWS if dim == 1 else _SELECTED_OUTSIDE
        check_positions(positions, array.shape[dim], dim, words, kind)
        return xp.ascontiguousarray(xp.take(array, positions, axis=dim)).reshape(shape)

    return Launch(kernel, (input, index), shape, input.dtype)


@op(out=SAME_SCALAR_TYPE)
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where ``mask`` holds, in one dimension; shapes are broadcast.

    >>> masked_select(tensor([1, 2, 3]), tensor([True, False, True]))
    tensor([1, 3])
    """
    if mask.dtype is not dtypes.bool_:
        raise TcalcError("masked_select: expected BoolTensor for mask")
    # The mask stands first: PyTorch names its size before the tensor's.
    shape = broadcast(mask.shape, input.shape)
    if not shape:
        return masked_select(reshape(input, 1), mask)
    return advanced_index.read(expand(input, *shape), [expand(mask, *shape)])
