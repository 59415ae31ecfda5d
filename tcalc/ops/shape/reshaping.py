"""A tensor in another shape: views that merge, split, add and drop dimensions."""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import DType
from tcalc.engine.shapes import normalize_dim, normalize_dims
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.ops import binding
from tcalc.ops.registry import op
from tcalc.ops.shape.cloning import clone, contiguous
from tcalc.ops.shape.strides import inferred_size, view_stride

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any  # of a variadic parameter each element is one
    Tensors = Any


# ---------------------------------------------------------------- view and reshape


@op(namespace="torch.Tensor")
def view(input: Tensor, *size: Any, dtype: DType | None = None) -> Tensor:
    """The same memory in another shape, or read as another element type.

    Never copies.

    >>> arange(6).view(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    >>> tensor([1., 2.]).view(torch.int32)
    tensor([1065353216, 1073741824], dtype=torch.int32)
    """
    if len(size) == 1 and isinstance(size[0], DType):
        dtype = size[0]
    if dtype is not None:
        return _as_dtype(input, dtype)
    shape = inferred_size(_sizes(size, "view"), input.numel())
    stride = view_stride(input.shape, input.stride, shape)
    if stride is None:
        raise TcalcError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return input.as_view(shape, stride)


def _sizes(given: Sequence[Any], name: str) -> tuple[int, ...]:
    """Sizes written one by one or as one sequence."""
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        given = given[0]
    elif not given:
        raise binding.Misfit
    sizes = [binding.to_int(size) for size in given]
    for position, (value, size) in enumerate(zip(given, sizes, strict=True), 1):
        if type(size) is not int:
            if position == 1:
                raise binding.Misfit
            raise type_error(
                f"{name}(): argument 'size' failed to unpack the object at pos {position} with error "
                f'"type must be tuple of ints,but got {binding.type_name(value)}"'
            )
    return tuple(sizes)


def _as_dtype(input: Tensor, dtype: DType) -> Tensor:
    """The same bytes as elements of another type; the last dimension grows or shrinks."""
    if input.lazy and dtype is not input.dtype:
        raise TcalcError(
            f"torch.Tensor.view is not supported for {input.lazy} view tensors when converting to a different dtype."
        )
    old, new = input.dtype.itemsize, dtype.itemsize
    if old == new:
        return input.as_view(input.shape, input.stride, dtype=dtype)
    words = f"to view {input.dtype.scalar_name} as {dtype.scalar_name} (different element sizes)"
    if not input.shape:
        raise TcalcError(f"self.dim() cannot be 0 {words}")
    if new < old:
        ratio = old // new
        _check_unit_stride(input, words)
        stride = (*(step * ratio for step in input.stride[:-1]), 1)
        return input.as_view((*input.shape[:-1], input.shape[-1] * ratio), stride, input.offset * ratio, dtype)
    ratio = new // old
    _check_divisible("self.size(-1)", input.shape[-1], ratio, words)
    _check_divisible("self.storage_offset()", input.offset, ratio, words)
    _check_unit_stride(input, words)
    for position, step in enumerate(input.stride[:-1]):
        _check_divisible(f"self.stride({position})", step, ratio, words)
    stride = (*(step // ratio for step in input.stride[:-1]), 1)
    return input.as_view((*input.shape[:-1], input.shape[-1] // ratio), stride, input.offset // ratio, dtype)


def _check_unit_stride(input: Tensor, words: str) -> None:
    if input.stride[-1] != 1:
        raise TcalcError(f"self.stride(-1) must be 1 {words}, but got {input.stride[-1]}")


def _check_divisible(what: str, value: int, ratio: int, words: str) -> None:
    if value % ratio:
        raise TcalcError(f"{what} must be divisible by {ratio} {words}, but got {value}")


@op(namespace="torch.Tensor")
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """The same memory in the shape of ``other``.

    >>> arange(4).view_as(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return view(input, other.shape)


@op(derivative=lambda grad, result, input, *shape: (reshape(grad, *input.shape),))
def reshape(input: Tensor, *shape: Ints) -> Tensor:
    """The same elements in another shape.

    A view where strides allow it, otherwise a copy. One size may be -1.

    >>> reshape(arange(6), (3, 2))
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    wanted = inferred_size(shape, input.numel())
    stride = view_stride(input.shape, input.stride, wanted)
    if stride is not None:
        return input.as_view(wanted, stride)
    copy = clone(input, memory_format="contiguous_format")
    return copy.as_view(wanted, contiguous_stride(wanted))


@op(namespace="torch.Tensor")
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of ``other``.

    >>> arange(4).reshape_as(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return reshape(input, *other.shape)


@op(derivative=lambda grad, result, input, start_dim=0, end_dim=-1: (reshape(grad, *input.shape),))
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions ``start_dim`` to ``end_dim`` merged into one.

    A view where strides allow it.

    >>> flatten(tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    start = normalize_dim(start_dim, input.ndim)
    end = normalize_dim(end_dim, input.ndim)
    if start > end:
        raise TcalcError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.shape:
        return reshape(input, 1)
    if start == end:
        return input
    merged = prod(input.shape[start : end + 1])
    return reshape(input, *input.shape[:start], merged, *input.shape[end + 1 :])


@op
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension.

    >>> ravel(tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    return reshape(contiguous(input), -1)


@op
def unflatten(input: Tensor, dim: int, sizes: Ints) -> Tensor:
    """Dimension ``dim`` split into several; one of ``sizes`` may be -1.

    >>> unflatten(arange(4), 0, (2, -1))
    tensor([[0, 1],
            [2, 3]])
    """
    dim = normalize_dim(dim, input.ndim)
    if not sizes:
        raise TcalcError("unflatten: sizes must be non-empty")
    if not input.shape:
        raise index_error("Dimension specified as 0 but tensor has no dimensions")
    try:
        split = inferred_size(sizes, input.shape[dim])
    except TcalcError as fault:
        if fault.message.startswith("shape '"):
            raise TcalcError(
                f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim "
                f"{dim} ({input.shape[dim]}) "
                "in the input tensor"
            ) from None
        raise TcalcError(f"unflatten got an unexpected error:\n{fault.message}") from None
    return view(input, (*input.shape[:dim], *split, *input.shape[dim + 1 :]))


# ---------------------------------------------------------------- dimensions of size one


@op(derivative=lambda grad, result, input, dim=None: (reshape(grad, *input.shape),))
def squeeze(input: Tensor, dim: Ints | None = None) -> Tensor:
    """A view without the dimensions of size 1.

    Or without those of them that ``dim`` names.

    >>> squeeze(zeros(1, 2, 1)).shape
    torch.Size([2])
    """
    return input.as_view(*squeezed(input, dim))


def squeezed(input: Tensor, dim: Sequence[int] | None) -> tuple[list[int], list[int]]:
    named = range(input.ndim) if dim is None else normalize_dims(dim, input.ndim) if dim else ()
    kept = [at for at, size in enumerate(input.shape) if size != 1 or at not in named]
    return [input.shape[at] for at in kept], [input.stride[at] for at in kept]


@op(derivative=lambda grad, result, input, dim: (reshape(grad, *input.shape),))
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a new dimension of size 1 at ``dim``.

    >>> unsqueeze(tensor([1, 2]), 1)
    tensor([[1],
            [2]])
    """
    return input.as_view(*unsqueezed(input, dim))


def unsqueezed(input: Tensor, dim: int) -> tuple[list[int], list[int]]:
    at = normalize_dim(dim, input.ndim + 1)
    shape, stride = list(input.shape), list(input.stride)
    step = shape[at] * stride[at] if at < input.ndim else 1
    shape.insert(at, 1)
    stride.insert(at, step)
    return shape, stride
