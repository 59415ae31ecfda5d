"""Views of a part of a tensor (rows, diagonals, windows, real parts), and copies with such a part replaced."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import NEGATIVE, Tensor, empty
from tcalc.errors import TcalcError, index_error
from tcalc.ops import destination
from tcalc.ops.indexing.items import sliced
from tcalc.ops.out_rules import EXPECTED
from tcalc.ops.registry import attribute, op
from tcalc.ops.shape.cloning import clone, contiguous
from tcalc.ops.shape.reshaping import reshape
from tcalc.ops.shape.strides import check_in_storage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]


# ---------------------------------------------------------------- one dimension


@op
def narrow(input: Tensor, dim: int, start: Tensor | int, length: int) -> Tensor:
    """A view of ``length`` elements of one dimension, from ``start`` on.

    >>> narrow(arange(6), 0, 2, 3)
    tensor([2, 3, 4])
    """
    if not input.shape:
        raise TcalcError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise TcalcError("narrow(): length must be non-negative.")
    dim = normalize_dim(dim, input.ndim)
    size = input.shape[dim]
    if isinstance(start, Tensor) and (start.shape or start.dtype.category != dtypes.INTEGER):
        raise TcalcError("start must be an 0-dim integral Tensor.")
    first = int(start)
    if not -size <= first <= size:
        raise index_error(f"start out of range (expected to be in range of [{-size}, {size}], but got {first})")
    first += size if first < 0 else 0
    if first + length > size:
        raise TcalcError(f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return sliced(input, dim, first, first + length, 1)


@op(out=True)
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A copy of ``length`` elements of one dimension, from ``start`` on.

    >>> narrow_copy(arange(6), 0, 2, 3)
    tensor([2, 3, 4])
    """
    if length < 0 and input.ndim:
        size = input.shape[normalize_dim(dim, input.ndim)]
        raise TcalcError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return clone(narrow(input, dim, start, length), memory_format="contiguous_format")


@op
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The view at one position of a dimension, which is dropped.

    >>> select(tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    if not input.shape:
        raise index_error("select() cannot be applied to a 0-dim tensor.")
    dim = normalize_dim(dim, input.ndim)
    size = input.shape[dim]
    if not -size <= index < size:
        raise index_error(
            f"select(): index {index} out of range for tensor of size {list(input.shape)} at dimension {dim}"
        )
    offset = input.offset + (index % size) * input.stride[dim]
    return input.as_view(_without(input.shape, dim), _without(input.stride, dim), offset)


def _without(items: Sequence[int], *dims: int) -> tuple[int, ...]:
    return tuple(item for dim, item in enumerate(items) if dim not in dims)


@op(namespace="torch.Tensor")
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of ``size`` along a dimension.

    They are ``step`` apart; a window is the last dimension.

    >>> arange(5).unfold(0, 3, 1)
    tensor([[0, 1, 2],
            [1, 2, 3],
            [2, 3, 4]])
    """
    dim = normalize_dim(dimension, input.ndim)
    length = input.shape[dim] if input.shape else 1
    if size < 0:
        raise TcalcError(f"size is {size} but must be >= 0")
    if size > length:
        raise TcalcError(f"maximum size for tensor at dimension {dim} is {length} but size is {size}")
    if step <= 0:
        raise TcalcError(f"step is {step} but must be > 0")
    if not input.shape:
        return input.as_view((size,), (1,))
    shape, stride = list(input.shape), list(input.stride)
    shape[dim] = (length - size) // step + 1
    stride[dim] *= step
    return input.as_view([*shape, size], [*stride, input.stride[dim]])


# ---------------------------------------------------------------- diagonals


@op
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of a diagonal of dimensions ``dim1`` and ``dim2``.

    It becomes the last dimension.

    >>> diagonal(tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    first, second = normalize_dim(dim1, input.ndim), normalize_dim(dim2, input.ndim)
    if first == second:
        raise TcalcError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    rows, columns = input.shape[first], input.shape[second]
    length = max(min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns), 0)
    start = input.offset
    if length:
        start += offset * input.stride[second] if offset >= 0 else -offset * input.stride[first]
    return input.as_view(
        (*_without(input.shape, first, second), length),
        (*_without(input.stride, first, second), input.stride[first] + input.stride[second]),
        start,
    )


@op(namespace="torch.linalg", name="diagonal")
def linalg_diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:  # noqa: N803
    """A view of the diagonal of the last two dimensions.

    >>> linalg.diagonal(tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    answer: Tensor = diagonal(A, offset, dim1, dim2)
    return answer


@op(out=EXPECTED)
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or a matrix with this diagonal.

    It is a copy.

    >>> diag(tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    >>> diag(tensor([[1, 2], [3, 4]]), 1)
    tensor([2])
    """
    if input.ndim not in (1, 2):
        raise TcalcError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    return clone(_diagonal(input, diagonal), memory_format="contiguous_format")


_diagonal = diagonal  # a parameter of diag and diagflat has the same name


@op
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices of zeros with the last dimension of ``input`` on a diagonal.

    >>> diag_embed(tensor([1, 2]), 1)
    tensor([[0, 1, 0],
            [0, 0, 2],
            [0, 0, 0]])
    """
    first, second = normalize_dim(dim1, input.ndim + 1), normalize_dim(dim2, input.ndim + 1)
    if first == second:
        raise TcalcError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    if not input.shape:
        raise index_error("Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    side = input.shape[-1] + abs(offset)
    shape = list(input.shape[:-1])
    for dim in sorted((first, second)):
        shape.insert(dim, side)
    result = zeros_of(shape, input)
    destination.write(_diagonal(result, offset, first, second), input)
    return result


def zeros_of(shape: Sequence[int], like: Tensor) -> Tensor:
    """Zeros with the dtype and device of another tensor."""
    result = empty(shape, like.dtype, like.device)
    if not result.is_meta:
        result.storage.backend.assign(result.array, 0)
    return result


@op
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements of ``input`` on a diagonal.

    >>> diagflat(tensor([[1, 2]]))
    tensor([[1, 0],
            [0, 2]])
    """
    return diag_embed(reshape(contiguous(input), -1), offset)


# ---------------------------------------------------------------- any geometry


@op
def as_strided(input: Tensor, size: Ints, stride: Ints, storage_offset: int | None = None) -> Tensor:
    """A view of the whole storage of ``input`` with any sizes, strides and offset.

    >>> as_strided(arange(6), (2, 3), (1, 2))
    tensor([[0, 2, 4],
            [1, 3, 5]])
    """
    offset = input.offset if storage_offset is None else storage_offset
    check_geometry(input, size, stride, offset)
    return input.as_view(size, stride, offset)


def check_geometry(input: Tensor, size: Sequence[int], stride: Sequence[int], offset: int) -> None:
    """Whether sizes, strides and an offset lie within a tensor's storage."""
    if len(size) != len(stride):
        raise TcalcError("mismatch in length of strides and shape")
    if any(step < 0 for step in stride):
        raise TcalcError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}")
    if any(length < 0 for length in size):
        raise TcalcError(f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}")
    if offset < 0:
        raise TcalcError(f"Tensor: invalid storage offset {offset}")
    check_in_storage(input, size, stride, offset)


# ---------------------------------------------------------------- complex numbers


@op(method=False)
def view_as_real(input: Tensor) -> Tensor:
    """A view of real and imaginary parts, in a last dimension.

    The last dimension has size 2.

    >>> view_as_real(tensor([1 + 2j]))
    tensor([[1., 2.]])
    """
    if not input.dtype.is_complex:
        raise TcalcError("view_as_real is only supported for complex tensors")
    if input.lazy:
        raise TcalcError(
            "view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate tensor so you can "
            "view it as real, use self.resolve_conj(); however, be warned that the resulting tensor will NOT alias "
            "the original."
        )
    stride = (*(2 * step for step in input.stride), 1)
    return input.as_view((*input.shape, 2), stride, 2 * input.offset, input.dtype.to_real())


@op(method=False)
def view_as_complex(input: Tensor) -> Tensor:
    """Pairs of real numbers as a view of complex numbers.

    They lie in the last dimension.

    >>> view_as_complex(tensor([[1., 2.]]))
    tensor([1.+2.j])
    """
    if input.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise TcalcError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{input.dtype.scalar_name}"
        )
    if not input.shape:
        raise TcalcError("Input tensor must have one or more dimensions")
    if input.shape[-1] != 2:
        raise TcalcError("Tensor must have a last dimension of size 2")
    if input.stride[-1] != 1:
        raise TcalcError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for step in input.stride[:-1]):
        raise TcalcError("Tensor must have a stride divisible by 2 for all but last dimension")
    if input.offset % 2:
        raise TcalcError("Tensor must have a storage_offset divisible by 2")
    stride = [step // 2 for step in input.stride[:-1]]
    return input.as_view(input.shape[:-1], stride, input.offset // 2, input.dtype.to_complex())


def _part(input: Tensor, which: int) -> Tensor:
    stride = [2 * step for step in input.stride]
    view = input.as_view(input.shape, stride, 2 * input.offset + which, input.dtype.to_real())
    if which and input.lazy:
        view.lazy = NEGATIVE
    return view


def real(input: Tensor) -> Tensor:
    """The real part of each element, as a view; a real tensor is itself.

    >>> real(tensor([1 + 2j]))
    tensor([1.])
    """
    return _part(input, 0) if input.dtype.is_complex else input


def imag(input: Tensor) -> Tensor:
    """The imaginary part of each element, as a view.

    >>> imag(tensor([1 + 2j]))
    tensor([2.])
    """
    if not input.dtype.is_complex:
        raise TcalcError("imag is not implemented for tensors with non-complex dtypes.")
    return _part(input, 1)


for _function in (real, imag):
    # torch.real(x) is a function, x.real an attribute that can be assigned.
    op(_function, method=False)
    attribute(_function).setter(lambda input, value, part=_function: _assign(part(input), value))  # type: ignore[misc]


def _assign(view: Tensor, value: Any) -> None:
    from tcalc.ops.indexing.items import setitem

    setitem(view, Ellipsis, value)


# ---------------------------------------------------------------- copies with a part replaced


@op
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of ``input`` with one position of a dimension replaced.

    >>> select_scatter(zeros(2, 2), ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    copy = clone(input)
    return _replaced(copy, select(copy, dim, index), src)


@op(out=True)
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of ``input`` with a slice of a dimension replaced.

    >>> slice_scatter(zeros(4), ones(2), 0, 1, 3)
    tensor([0., 1., 1., 0.])
    """
    copy = clone(input)
    return _replaced(copy, sliced_checked(copy, dim, start, end, step), src)


def sliced_checked(input: Tensor, dim: int, start: int | None, end: int | None, step: int) -> Tensor:
    """The view of a slice of one dimension, after PyTorch's checks."""
    if not input.shape:
        raise index_error("slice() cannot be applied to a 0-dim tensor.")
    if step <= 0:
        raise TcalcError("slice step must be positive")
    return sliced(input, normalize_dim(dim, input.ndim), start, end, step)


@op
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of ``input`` with a diagonal replaced.

    >>> diagonal_scatter(zeros(2, 2), ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    copy = clone(input)
    return _replaced(copy, diagonal(copy, offset, dim1, dim2), src)


@op
def as_strided_scatter(
    input: Tensor, src: Tensor, size: Ints, stride: Ints, storage_offset: int | None = None
) -> Tensor:
    """A copy of ``input`` with the elements of a geometry replaced.

    >>> as_strided_scatter(zeros(4), ones(2), (2,), (2,))
    tensor([1., 0., 1., 0.])
    """
    copy = clone(input)
    return _replaced(copy, as_strided(copy, size, stride, storage_offset), src)


def _replaced(copy: Tensor, part: Tensor, src: Tensor) -> Tensor:
    if tuple(src.shape) != tuple(part.shape):
        raise TcalcError(
            f"expected src to have a size equal to the slice of self. src size = {list(src.shape)}, "
            f"slice size = {list(part.shape)}"
        )
    destination.write(part, src)
    return copy
