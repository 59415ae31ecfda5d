"""Splitting a tensor into views."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.ops import binding
from tcalc.ops.indexing.items import sliced
from tcalc.ops.registry import op
from tcalc.ops.shape.views import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]


@op(aliases=("unsafe_split",))
def split(input: Tensor, split_size_or_sections: int | Ints, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of pieces along a dimension.

    All of one size (the last may be smaller), or of the sizes in a list.

    >>> split(arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    >>> split(arange(5), [1, 4])
    (tensor([0]), tensor([1, 2, 3, 4]))
    """
    if not isinstance(split_size_or_sections, int):
        return split_with_sizes(input, split_size_or_sections, dim)
    piece = split_size_or_sections
    if not input.shape:
        raise TcalcError("split expects at least a 1-dimensional tensor")
    if piece < 0:
        raise TcalcError(f"split expects split_size be non-negative, but got split_size={piece}")
    dim = normalize_dim(dim, input.ndim)
    size = input.shape[dim]
    if piece == 0 and size:
        raise TcalcError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
    starts = range(0, size, piece) if size else (0,)
    return tuple([sliced(input, dim, start, start + piece, 1) for start in starts])


@op(aliases=("unsafe_split_with_sizes",))
def split_with_sizes(input: Tensor, split_sizes: Ints, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of pieces of the given sizes along a dimension.

    >>> split_with_sizes(arange(3), [1, 2])
    (tensor([0]), tensor([1, 2]))
    """
    if not input.shape:
        raise TcalcError("split expects at least a 1-dimensional tensor")
    given, dim = dim, normalize_dim(dim, input.ndim)
    sizes = list(split_sizes)
    if any(size < 0 for size in sizes):
        raise TcalcError(
            f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
        )
    length = input.shape[dim]
    if sum(sizes) != length:
        raise TcalcError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's "
            f"size at dimension {given}), "
            f"but got split_sizes={sizes}"
        )
    pieces = []
    start = 0
    for size in sizes:
        pieces.append(sliced(input, dim, start, start + size, 1))
        start += size
    return tuple(pieces)


@op(aliases=("unsafe_chunk",))
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` views of equal size along a dimension.

    The last may be smaller.

    >>> chunk(arange(5), 3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    if not input.shape:
        raise TcalcError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise TcalcError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input.shape[normalize_dim(dim, input.ndim)]
    if size == 0:
        return split_with_sizes(input, (0,) * chunks, dim)
    return split(input, (size + chunks - 1) // chunks, dim)


@op
def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: int = 0, *, sections: Any = None, indices: Any = None
) -> tuple[Tensor, ...]:
    """Views of nearly equal pieces, or of those between positions.

    >>> tensor_split(arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    >>> tensor_split(arange(5), (1, 3))
    (tensor([0]), tensor([1, 2]), tensor([3, 4]))
    """
    if not input.shape:
        raise TcalcError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    dim = normalize_dim(dim, input.ndim)
    given = [value for value in (indices_or_sections, sections, indices) if value is not None]
    if len(given) != 1:
        raise binding.Misfit
    wanted = _sections(given[0])
    return _equal_pieces(input, wanted, dim) if isinstance(wanted, int) else _between(input, wanted, dim)


def _sections(given: Any) -> int | Sequence[int]:
    """A number of pieces, or the positions between them."""
    if isinstance(given, (list, tuple)):
        if not all(hasattr(position, "__index__") for position in given):
            raise binding.Misfit
        return [position.__index__() for position in given]
    if isinstance(given, int):
        return given
    if not isinstance(given, Tensor):
        raise type_error(
            "tensor_split(): argument 'indices_or_sections' must be int or tuple of ints, not "
            f"{binding.type_name(given)}"
        )
    if given.device.type != "cpu":
        raise TcalcError(f"tensor_split expected tensor_indices_or_sections to be on cpu, but it's on {given.device}")
    if given.dtype is not dtypes.int64:
        raise TcalcError(
            f"tensor_split expected tensor_indices_or_sections to have dtype of long, but got {given.dtype.scalar_name}"
        )
    if given.ndim > 1:
        raise TcalcError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or "
            "one-dimensional tensor, but got "
            f"a tensor with {given.ndim} dims"
        )
    return given.host_array().tolist()


# About what a view takes, apart from the memory that it looks at.
_TENSOR_BYTES = 500


def _equal_pieces(input: Tensor, sections: int, dim: int) -> tuple[Tensor, ...]:
    if sections <= 0:
        raise TcalcError(f"number of sections must be larger than 0, got {sections}")
    current().meter.allocate(sections * _TENSOR_BYTES, f"a tuple of {sections} tensors")
    least, longer = divmod(input.shape[dim], sections)
    starts = [least * piece + min(piece, longer) for piece in range(sections + 1)]
    return tuple([sliced(input, dim, starts[at], starts[at + 1], 1) for at in range(sections)])


def _between(input: Tensor, positions: Sequence[int], dim: int) -> tuple[Tensor, ...]:
    bounds = [0, *positions, input.shape[dim]]
    return tuple([sliced(input, dim, bounds[at], bounds[at + 1], 1) for at in range(len(bounds) - 1)])


@op
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The views at every position of a dimension.

    >>> unbind(tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    if not input.shape:
        raise index_error("Dimension specified as 0 but tensor has no dimensions")
    dim = normalize_dim(dim, input.ndim)
    return tuple([select(input, dim, position) for position in range(input.shape[dim])])


def _split_along(name: str, input: Tensor, given: int | Sequence[int], least: int, dim: int) -> tuple[Tensor, ...]:
    if input.ndim < least:
        raise TcalcError(
            f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with {input.ndim} "
            "dimensions!"
        )
    if isinstance(given, int) and (given == 0 or input.shape[dim] % given):
        raise TcalcError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the "
            f"dimension {input.shape[dim]} is "
            f"not divisible by the split_size {given}!"
        )
    return tensor_split(input, given, dim)


@op
def hsplit(input: Tensor, indices_or_sections: int | Ints) -> tuple[Tensor, ...]:
    """Views of pieces side by side: along dimension 1, or 0 for a vector.

    >>> hsplit(arange(4), 2)
    (tensor([0, 1]), tensor([2, 3]))
    """
    return _split_along("hsplit", input, indices_or_sections, 1, 0 if input.ndim == 1 else 1)


@op
def vsplit(input: Tensor, indices_or_sections: int | Ints) -> tuple[Tensor, ...]:
    """Views of pieces below each other: along dimension 0.

    >>> vsplit(tensor([[1, 2], [3, 4]]), 2)
    (tensor([[1, 2]]), tensor([[3, 4]]))
    """
    return _split_along("vsplit", input, indices_or_sections, 2, 0)


@op
def dsplit(input: Tensor, indices_or_sections: int | Ints) -> tuple[Tensor, ...]:
    """Views of pieces behind each other: along dimension 2.

    >>> dsplit(tensor([[[1, 2]]]), 2)
    (tensor([[[1]]]), tensor([[[2]]]))
    """
    return _split_along("dsplit", input, indices_or_sections, 3, 2)
