"""Dimensions in another order: transposes and permutations, as views."""

from __future__ import annotations

from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.registry import attribute, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any  # of a variadic parameter each element is one
    Tensors = Any


@op(derivative=lambda grad, result, input, *dims: (permute(grad, *_inverse_order(dims)),))
def permute(input: Tensor, *dims: Ints) -> Tensor:
    """A view with the dimensions in another order.

    >>> permute(zeros(2, 3, 5), (2, 0, 1)).shape
    torch.Size([5, 2, 3])
    """
    if len(dims) != input.ndim:
        raise TcalcError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(dims)}"
        )
    order = [normalize_dim(dim, input.ndim) for dim in dims]
    if len(set(order)) != len(order):
        raise TcalcError("permute(): duplicate dims are not allowed.")
    return input.as_view([input.shape[dim] for dim in order], [input.stride[dim] for dim in order])


def _inverse_order(dims: Sequence[int]) -> list[int]:
    order = [dim % len(dims) for dim in dims]
    return [order.index(position) for position in range(len(order))]


@op(aliases=("swapaxes", "swapdims"), derivative=lambda grad, result, input, dim0, dim1: (transpose(grad, dim0, dim1),))
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged.

    >>> transpose(tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    shape, stride = exchanged(input, dim0, dim1)
    return input.as_view(shape, stride)


def exchanged(input: Tensor, dim0: int, dim1: int) -> tuple[list[int], list[int]]:
    first = normalize_dim(dim0, input.ndim)
    second = normalize_dim(dim1, input.ndim)
    shape, stride = list(input.shape), list(input.stride)
    if shape:
        shape[first], shape[second] = shape[second], shape[first]
        stride[first], stride[second] = stride[second], stride[first]
    return shape, stride


@op(derivative=lambda grad, result, input: (t(grad),))
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector is itself.

    >>> t(tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    check_matrix("t", input)
    return transpose(input, 0, 1 if input.ndim == 2 else 0)


def check_matrix(name: str, input: Tensor) -> None:
    if input.ndim > 2:
        raise TcalcError(f"{name}() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")


@attribute
def T(input: Tensor) -> Tensor:  # noqa: N802 - PyTorch's name
    """The dimensions in reverse order: a matrix's transpose.

    >>> tensor([[1, 2], [3, 4]]).T
    tensor([[1, 3],
            [2, 4]])
    """
    if input.ndim > 2:
        current().warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
            "deprecated and it will throw "
            "an error in a future release. Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
        )
    return permute(input, *range(input.ndim - 1, -1, -1))


@attribute
def mT(input: Tensor) -> Tensor:  # noqa: N802
    """The last two dimensions exchanged: each matrix of a batch transposed.

    >>> zeros(5, 2, 3).mT.shape
    torch.Size([5, 3, 2])
    """
    return _matrix_transpose(input, "mT")


@attribute
def H(input: Tensor) -> Tensor:  # noqa: N802
    """The conjugate transpose of a matrix.

    >>> tensor([[1 + 2j, 3]]).H
    tensor([[1.-2.j],
            [3.-0.j]])
    """
    if input.ndim not in (0, 2):
        raise TcalcError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {input.ndim}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if input.ndim > 2 else "")
        )
    return adjoint(input)


@attribute
def mH(input: Tensor) -> Tensor:  # noqa: N802
    """The conjugate transpose of each matrix of a batch.

    >>> zeros(5, 2, 3).mH.shape
    torch.Size([5, 3, 2])
    """
    return _conjugated(_matrix_transpose(input, "mH"))


@op
def adjoint(input: Tensor) -> Tensor:
    """The conjugate transpose of a matrix or a batch of them.

    >>> adjoint(tensor([[1 + 2j, 3 - 1j]]))
    tensor([[1.-2.j],
            [3.+1.j]])
    """
    if input.ndim == 1:
        raise TcalcError("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return _conjugated(_matrix_transpose(input, "adjoint()"))


def _matrix_transpose(input: Tensor, name: str) -> Tensor:
    if input.ndim == 1:
        raise TcalcError(f"tensor.{name} is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return transpose(input, -2, -1) if input.shape else input


def _conjugated(input: Tensor) -> Tensor:
    if not input.dtype.is_complex:
        return input
    from tcalc.ops.registry import namespaces

    return namespaces["torch"]["conj"](input)


@op(aliases=("moveaxis",))
def movedim(input: Tensor, source: Ints, destination: Ints) -> Tensor:
    """A view with dimensions moved to other positions.

    Those of ``source`` stand at ``destination``, the others in order.

    >>> movedim(zeros(2, 3, 5), 0, -1).shape
    torch.Size([3, 5, 2])
    """
    if len(source) != len(destination):
        raise TcalcError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should "
            "contain the same number of "
            f"dims as destination ({list(destination)} dims)"
        )
    origins = [normalize_dim(dim, input.ndim) for dim in source]
    targets = [normalize_dim(dim, input.ndim) for dim in destination]
    for name, dims, given in (("source", origins, source), ("destination", targets, destination)):
        if len(set(dims)) != len(dims):
            raise TcalcError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not input.shape:
        return input.as_view((), ())
    moved = dict(zip(targets, origins, strict=True))
    others = iter([dim for dim in range(input.ndim) if dim not in origins])
    order = [moved[position] if position in moved else next(others) for position in range(input.ndim)]
    return permute(input, *order)
