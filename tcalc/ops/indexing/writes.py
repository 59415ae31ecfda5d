"""Writing values: fill, copy, by mask, by index, on a diagonal."""

from __future__ import annotations

from tcalc.engine import dtypes, writing
from tcalc.engine.shapes import broadcast, normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.ops import destination
from tcalc.ops.binding import Misfit, to_number, to_tensor, type_name
from tcalc.ops.dispatch import computing
from tcalc.ops.indexing import advanced as advanced_index
from tcalc.ops.indexing.items import scalar_tensor, warn_of_lost_parts
from tcalc.ops.registry import op
from tcalc.ops.shape.broadcasting import expand, expanded
from tcalc.ops.shape.cloning import clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex


# ---------------------------------------------------------------- fill and copy


@op(namespace="torch.Tensor")
def fill_(input: Tensor, value: Any) -> Tensor:
    """Set every element to a number, in place.

    >>> zeros(2).fill_(7)
    tensor([7., 7.])
    """
    return _filled(input, value)


def _filled(input: Tensor, value: Any) -> Tensor:
    writing.check_leaf(input)
    words = "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions."
    single = _fill_value(input, value, words)
    if not input.is_meta:
        writing.store(input, single.array)
    return input


def _fill_value(input: Tensor, value: Any, refusal: str) -> Tensor:
    """A number, or a 0-d tensor, as a 0-d tensor that will be cast to the dtype of ``input``."""
    if isinstance(value, Tensor):
        if value.shape:
            raise TcalcError(refusal.format(value.ndim))
        warn_of_lost_parts(value, input)
        return value if value.device == input.device else scalar_tensor(value.scalar(), input)
    number = to_number(value)
    if not isinstance(number, (int, float, complex)):
        raise Misfit
    return scalar_tensor(number, input)


@op(method=False)
def fill(input: Tensor, value: Any) -> Tensor:
    """A copy with every element set to a number.

    >>> fill(zeros(2), 7)
    tensor([7., 7.])
    """
    return _filled(clone(input), value)


@op(namespace="torch.Tensor")
def zero_(input: Tensor) -> Tensor:
    """Set every element to zero, in place.

    >>> ones(2).zero_()
    tensor([0., 0.])
    """
    return _filled(input, 0)


@op(namespace="torch.Tensor")
def copy_(input: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write the elements of another tensor, broadcast and cast, in place.

    >>> zeros(2, 2).copy_(tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    values = to_tensor(src)
    if not isinstance(values, Tensor):
        number = to_number(src)
        if not isinstance(number, (int, float, complex)):
            raise type_error(f"copy_(): argument 'other' (position 1) must be Tensor, not {type_name(src)}")
        values = scalar_tensor(number, input)
    if values is input:
        return input
    check_written_shape(input, values)
    warn_of_lost_parts(values, input)
    destination.write(input, values)
    return input


def check_written_shape(target: Tensor, *sources: Tensor) -> None:
    """Refuse sources that do not broadcast to the target's shape."""
    shape = broadcast(target.shape, *[source.shape for source in sources])
    if tuple(target.shape) != shape:
        raise TcalcError(f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(shape)}")


@op(namespace="torch.Tensor")
def fill_diagonal_(input: Tensor, fill_value: Number, wrap: bool = False) -> Tensor:
    """Set the diagonal to a number, in place.

    ``wrap`` goes on below a tall matrix's last column.

    >>> zeros(2, 2).fill_diagonal_(7)
    tensor([[7., 0.],
            [0., 7.]])
    """
    if input.ndim < 2:
        raise TcalcError("dimensions must larger than 1")
    if input.ndim > 2 and len(set(input.shape)) > 1:
        raise TcalcError("all dimensions of input must be of equal length")
    length = min(input.shape)
    _filled(input.as_view((length,), (sum(input.stride),)), fill_value)
    rows, columns = input.shape[0], input.shape[1]
    if wrap and input.ndim == 2 and rows > columns + 1:
        _fill_further_diagonals(input, fill_value)
    return input


def _fill_further_diagonals(input: Tensor, fill_value: Number) -> None:
    """Below each diagonal of a tall matrix one row stays empty, then the next begins."""
    rows, columns = input.shape
    for first in range(columns + 1, rows, columns + 1):
        length = min(columns, rows - first)
        part = input.as_view((length,), (sum(input.stride),), input.offset + first * input.stride[0])
        _filled(part, fill_value)


# ---------------------------------------------------------------- by mask


@op
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with a number where ``mask`` holds; shapes are broadcast.

    >>> masked_fill(tensor([1, 2, 3]), tensor([True, False, True]), 0)
    tensor([0, 2, 0])
    """
    _check_mask(mask, "masked_fill_")
    shape = broadcast(mask.shape, input.shape)
    return _fill_masked(clone(expand(input, *shape), memory_format="contiguous_format"), mask, value)


@op(namespace="torch.Tensor")
def masked_fill_(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Write a number where ``mask`` holds, in place.

    >>> tensor([1, 2, 3]).masked_fill_(tensor([True, False, True]), 0)
    tensor([0, 2, 0])
    """
    _check_mask(mask, "masked_fill_")
    _check_single(value)
    check_written_shape(input, mask)
    return _fill_masked(input, mask, value)


def _check_mask(mask: Tensor, name: str) -> None:
    if mask.dtype is not dtypes.bool_:
        dtype = mask.dtype.scalar_name if name == "masked_scatter_" else _C_WORDS.get(mask.dtype, mask.dtype.name)
        raise TcalcError(f"{name} only supports boolean masks, but got mask with dtype {dtype}")


_C_WORDS = {
    dtypes.float32: "float", dtypes.float64: "double", dtypes.int64: "long int", dtypes.int32: "int",
    dtypes.int16: "short int", dtypes.int8: "signed char", dtypes.uint8: "unsigned char",
    dtypes.float16: "c10::Half", dtypes.bfloat16: "c10::BFloat16",
}  # fmt: skip


_SINGLE = "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {} dimension(s)."


def _check_single(value: Any) -> None:
    if isinstance(value, Tensor) and value.shape:
        raise TcalcError(_SINGLE.format(value.ndim))


def _fill_masked(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    if input.device != mask.device:
        raise TcalcError(
            f"expected self and mask to be on the same device, but got mask on {mask.device} and self on {input.device}"
        )
    if isinstance(value, Tensor) and not value.shape:
        value = value.scalar()
    single = _fill_value(input, value, _SINGLE)
    writing.check_leaf(input)
    if input.is_meta:
        return input
    with computing(input, mask) as backend:
        chosen = backend.xp.broadcast_to(mask.array, input.shape)
        array = input.array
        filled = backend.cast(single.array, input.dtype)
        backend.assign(array, backend.xp.where(chosen, backend.movable(filled), backend.movable(array)))
    writing.written(input)
    return input


@op
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy with successive elements of ``source`` where ``mask`` holds.

    Shapes are broadcast.

    >>> masked_scatter(zeros(3), tensor([True, False, True]), tensor([5., 6.]))
    tensor([5., 0., 6.])
    """
    shape = broadcast(mask.shape, input.shape)
    return _scatter_masked(clone(expand(input, *shape), memory_format="contiguous_format"), mask, source)


@op(namespace="torch.Tensor")
def masked_scatter_(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Write successive elements of ``source`` where ``mask`` holds, in place.

    >>> zeros(3).masked_scatter_(tensor([True, False, True]), tensor([5., 6.]))
    tensor([5., 0., 6.])
    """
    return _scatter_masked(input, mask, source)


def _scatter_masked(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    writing.check_leaf(input)
    writing.check_no_internal_overlap(input)
    writing.check_no_partial_overlap(input, (source,))
    if input.dtype is not source.dtype:
        raise TcalcError(
            f"masked_scatter: expected self and source to have same dtypes but got{input.dtype.scalar_name} and "
            f"{source.dtype.scalar_name}"
        )
    _check_mask(mask, "masked_scatter_")
    expanded(mask, input.shape)
    if input.is_meta:
        return input
    with computing(input, mask, source) as backend:
        chosen = backend.xp.broadcast_to(mask.array, input.shape)
        count = int(chosen.sum())
        if count > source.numel():
            raise TcalcError("Number of elements of source < number of ones in mask")
        array = backend.movable(input.array)
        array[chosen] = backend.movable(source.array).reshape(-1)[:count]
    writing.written(input)
    return input


# ---------------------------------------------------------------- by index


@op
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with a number at positions of a dimension.

    >>> index_fill(tensor([[1, 2, 3]]), 1, tensor([0, 2]), 9)
    tensor([[9, 2, 9]])
    """
    return _fill_index(clone(input), dim, index, value)


@op(namespace="torch.Tensor")
def index_fill_(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Write a number at positions of a dimension, in place.

    >>> tensor([1, 2, 3]).index_fill_(0, tensor([0, 2]), 9)
    tensor([9, 2, 9])
    """
    return _fill_index(input, dim, index, value)


def _fill_index(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    dim = normalize_dim(dim, input.ndim)
    if index.dtype is not dtypes.int64:
        raise index_error("index_fill_(): Expected dtype int64 for index.")
    if index.ndim > 1:
        raise TcalcError("Index has to be a vector/scalar")
    if isinstance(value, complex) and not input.dtype.is_complex:
        raise TcalcError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    words = "index_fill_ only supports a 0-dimensional value tensor, but got tensor with {} dimension(s)."
    if isinstance(value, Tensor) and not value.shape:
        value = value.scalar()
    single = _fill_value(input, value, words)
    if not input.shape:
        return _filled(input, value) if index.numel() else input
    if input.is_meta:
        return input
    with computing(input, index) as backend:
        positions = advanced_index.wrapped_positions(backend.xp, index.array.reshape(-1), input.shape[dim], dim)
        array = backend.movable(input.array)
        array[(*(slice(None),) * dim, positions)] = backend.movable(single.array)
    writing.written(input)
    return input


def _index_tuple(indices: Sequence[Any]) -> list[Tensor | None]:
    """The indices of ``index_put``: tensors, or None for a whole dimension."""
    if not isinstance(indices, (list, tuple, Tensor)):
        raise type_error(
            f"index_put(): argument 'indices' (position 2) must be tuple of Tensors, not {type_name(indices)}"
        )
    found: list[Tensor | None] = []
    for position, index in enumerate(indices):
        converted = None if index is None else to_tensor(index)
        if index is not None and not isinstance(converted, Tensor):
            raise type_error(f"expected Tensor as element {position} in argument 1, but got {type_name(index)}")
        found.append(converted)
    return found


@op
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with ``values`` written (or added) at indices.

    As ``x[indices] = values``.

    >>> index_put(zeros(3), (tensor([0, 2]),), tensor(5.))
    tensor([5., 0., 5.])
    """
    return advanced_index.write(clone(input), _index_tuple(indices), values, accumulate)


@op
def index_put_(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write (or add) ``values`` at indices, in place.

    As ``x[indices] = values``.

    >>> x = zeros(3)
    >>> x.index_put_((tensor([0, 0]),), tensor([1., 2.]), accumulate=True)
    tensor([3., 0., 0.])
    """
    return advanced_index.write(input, _index_tuple(indices), values, accumulate)
