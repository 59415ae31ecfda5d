"""Joining tensors."""

from __future__ import annotations

from tcalc.engine.dtypes import promote
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops import binding
from tcalc.ops.dispatch import Launch
from tcalc.ops.out_rules import JOINED
from tcalc.ops.registry import op
from tcalc.ops.shape.reshaping import reshape, unsqueeze

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

    Tensors = Any


@op(out=JOINED, aliases=("concat", "concatenate"), method=False)
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
    dtype = common_dtype(tensors)
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


def common_dtype(tensors: Sequence[Tensor]) -> DType:
    """The dtype that all tensors promote to, whatever their dimensions."""
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = promote(dtype, tensor.dtype)
    return dtype


def _joined(dim: int) -> Any:
    def kernel(xp: Any, out: Any, *arrays: Any) -> Any:
        if out is not None:
            return xp.concatenate(arrays, axis=dim, out=out)
        return xp.ascontiguousarray(xp.concatenate(arrays, axis=dim))

    return kernel


@op(out=JOINED, method=False)
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


@op(out=JOINED, method=False)
def hstack(tensors: Tensors) -> Launch:
    """The tensors side by side: along dimension 1, or 0 for vectors.

    >>> hstack([tensor([1, 2]), tensor([3])])
    tensor([1, 2, 3])
    """
    parts = _at_least("hstack", tensors, atleast_1d)
    return cat.meta(parts, 0 if parts[0].ndim == 1 else 1)


@op(out=JOINED, method=False, aliases=("row_stack",))
def vstack(tensors: Tensors) -> Launch:
    """The tensors below each other; vectors are rows.

    >>> vstack([tensor([1, 2]), tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
    """
    return cat.meta(_at_least("vstack", tensors, atleast_2d), 0)


@op(out=JOINED, method=False)
def dstack(tensors: Tensors) -> Launch:
    """The tensors behind each other, along dimension 2.

    >>> dstack([tensor([1, 2]), tensor([3, 4])])
    tensor([[[1, 3],
             [2, 4]]])
    """
    return cat.meta(_at_least("dstack", tensors, atleast_3d), 2)


@op(out=True, method=False)
def column_stack(tensors: Tensors) -> Launch:
    """The tensors side by side; vectors are columns.

    >>> column_stack([tensor([1, 2]), tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    columns = [reshape(part, part.numel(), 1) if part.ndim <= 1 else part for part in tensors]
    return hstack.meta(_at_least("column_stack", columns, atleast_2d))


def _at_least(name: str, tensors: Sequence[Tensor], raised: Any) -> list[Tensor]:
    if not tensors:
        raise TcalcError(f"{name} expects a non-empty TensorList")
    return [raised(tensor) for tensor in tensors]


@op(method=False)
def atleast_1d(*tensors: Any) -> Tensor | tuple[Tensor, ...]:
    """A 0-d tensor as one of one dimension.

    Others as they are. Several tensors give a tuple.

    >>> atleast_1d(tensor(5))
    tensor([5])
    """
    return _each(tensors, 1, lambda tensor: reshape(tensor, 1) if not tensor.shape else tensor)


@op(method=False)
def atleast_2d(*tensors: Any) -> Tensor | tuple[Tensor, ...]:
    """A number or vector as a matrix of one row.

    Others as they are. Several tensors give a tuple.

    >>> atleast_2d(tensor([1, 2]))
    tensor([[1, 2]])
    """
    return _each(tensors, 2, lambda tensor: reshape(tensor, 1, 1) if not tensor.shape else unsqueeze(tensor, 0))


@op(method=False)
def atleast_3d(*tensors: Any) -> Tensor | tuple[Tensor, ...]:
    """A number, vector or matrix with three dimensions at least.

    Those that are added have size 1. Several tensors give a tuple.

    >>> atleast_3d(tensor([1, 2])).shape
    torch.Size([1, 2, 1])
    """
    return _each(tensors, 3, _third_dimension)


def _third_dimension(tensor: Tensor) -> Tensor:
    if not tensor.shape:
        return reshape(tensor, 1, 1, 1)
    return unsqueeze(unsqueeze(tensor, 0), -1) if tensor.ndim == 1 else unsqueeze(tensor, -1)


def _each(tensors: Sequence[Any], ndim: int, raised: Any) -> Tensor | tuple[Tensor, ...]:
    """One tensor answers with one, several or a sequence of them with a tuple."""
    sequence = len(tensors) != 1
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) and _is_sequence_of_tensors(tensors[0]):
        tensors, sequence = tensors[0], True
    converted = [as_tensor_argument(tensor, f"atleast_{ndim}d") for tensor in tensors]
    answers = [tensor if tensor.ndim >= ndim else raised(tensor) for tensor in converted]
    return tuple(answers) if sequence else answers[0]


def _is_sequence_of_tensors(values: Sequence[Any]) -> bool:
    """Whether these are operands, 0-d ones too, and not the numbers of one tensor."""
    return any(isinstance(value, Tensor) for value in values) or not binding.holds_numbers(values)


def as_tensor_argument(value: Any, name: str) -> Tensor:
    """A variadic argument as a tensor."""
    converted = binding.to_tensor(value)
    if not isinstance(converted, Tensor):
        raise type_error(f"{name}(): argument 'tensors' must be Tensor, not {binding.type_name(value)}")
    return converted
