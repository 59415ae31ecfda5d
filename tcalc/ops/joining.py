"""Joining tensors."""

from __future__ import annotations

from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import normalize_dim
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.registry import op
from tcalc.ops.shape import unsqueeze

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Tensors = Any


@op(out=True, aliases=("concat", "concatenate"), method=False)
def cat(tensors: Tensors, dim: int = 0) -> Launch:
    """The tensors joined along an existing dimension; dtypes are promoted.

    >>> cat([tensor([1, 2]), tensor([3])])
    tensor([1, 2, 3])
    >>> cat((tensor([[1.], [2.]]), tensor([[3], [4]])), dim=1)
    tensor([[1., 3.],
            [2., 4.]])
    """
    if not tensors:
        raise TcalcError("torch.cat(): expected a non-empty list of Tensors", "ValueError")
    for position, tensor in enumerate(tensors):
        if not tensor.shape:
            raise TcalcError(f"zero-dimensional tensor (at position {position}) cannot be concatenated")
    # A tensor of shape (0,) joins anything, as it always has in PyTorch.
    parts = [tensor for tensor in tensors if tuple(tensor.shape) != (0,)]
    dtype = result_type(*tensors)
    if not parts:
        normalize_dim(dim, 1)
        return Launch(_joined(0), tensors, (0,), dtype, compute=dtype)
    first = parts[0].shape
    dim = normalize_dim(dim, len(first))
    total = 0
    for position, part in enumerate(tensors):
        if tuple(part.shape) == (0,):
            continue
        _check_joinable(first, part.shape, dim, position)
        total += part.shape[dim]
    return Launch(_joined(dim), parts, (*first[:dim], total, *first[dim + 1 :]), dtype, compute=dtype)


def _check_joinable(first: Sequence[int], shape: Sequence[int], dim: int, position: int) -> None:
    if len(first) != len(shape):
        raise TcalcError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
    for at, (size, other) in enumerate(zip(first, shape, strict=True)):
        if at != dim and size != other:
            raise TcalcError(
                f"Sizes of tensors must match except in dimension {dim}. Expected size {size} but got size {other} for "
                f"tensor number {position} in the list."
            )


def _joined(dim: int) -> Any:
    return lambda xp, out, *arrays: xp.concatenate(arrays, axis=dim)


@op(out=True, method=False)
def stack(tensors: Tensors, dim: int = 0) -> Launch:
    """The tensors, all of one shape, joined along a new dimension.

    >>> stack([tensor([1, 2]), tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    if not tensors:
        raise TcalcError("stack expects a non-empty TensorList")
    dim = normalize_dim(dim, tensors[0].ndim + 1)
    first = tensors[0].shape
    for position, tensor in enumerate(tensors):
        if tensor.shape != first:
            raise TcalcError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 "
                f"and {list(tensor.shape)} at "
                f"entry {position}"
            )
    return cat.meta([unsqueeze(tensor, dim) for tensor in tensors], dim)
