"""Eigenvalues and eigenvectors."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg import kernels
from tcalc.ops.linalg.kernels import (
    check_computable,
    check_floating,
    check_square,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# ---------------------------------------------------------------- eigenvalues


def _check_eig(input: Tensor, who: str) -> None:
    check_square(input, who)
    if input.dtype.category < FLOAT:
        raise TcalcError(f"Unknown Complex ScalarType for {input.dtype.scalar_name}")
    check_floating(input, who, "linalg_eig_out_cpu")


def _refuse_infinite(xp: Any, matrices: Any) -> None:
    if not xp.isfinite(matrices).all():
        raise TcalcError("torch.linalg.eig: input tensor should not contain infs or NaNs.")


def _eig_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    _refuse_infinite(xp, matrices)
    values, vectors = xp.linalg.eig(matrices)
    return values, vectors


def _eigvals_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    _refuse_infinite(xp, matrices)
    return xp.linalg.eigvals(matrices)


@op(namespace="torch.linalg", out=True)
def eig(input: Tensor) -> Launch:
    """The eigenvalues and eigenvectors of each square matrix; complex always.

    >>> linalg.eig(tensor([[0., 1.], [-1., 0.]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])
    """
    _check_eig(input, "linalg.eig")
    dtype = input.dtype.to_complex()
    outputs = [Spec(input.shape[:-1], dtype), Spec(input.shape, dtype)]
    fields = ("eigenvalues", "eigenvectors")
    return Launch(_eig_kernel, (input,), outputs=outputs, type_name="linalg_eig", fields=fields, columns=True)


@op(namespace="torch.linalg", out=True)
def eigvals(input: Tensor) -> Launch:
    """The eigenvalues of each square matrix; complex always.

    >>> linalg.eigvals(tensor([[0., 1.], [-1., 0.]]))
    tensor([0.+1.j, 0.-1.j])
    """
    _check_eig(input, "linalg.eigvals")
    return Launch(_eigvals_kernel, (input,), input.shape[:-1], input.dtype.to_complex())


def _check_symmetric(input: Tensor, triangle: str) -> str:
    check_square(input, "linalg.eigh")
    if triangle.upper() not in ("L", "U"):
        raise TcalcError(f"Expected UPLO argument to be 'L' or 'U', but got {triangle}")
    check_computable(input, "linalg_eigh_cpu")
    return triangle.upper()


@op(namespace="torch.linalg", out=True)
def eigh(input: Tensor, UPLO: str = "L") -> Launch:  # noqa: N803 - PyTorch's name
    """The eigenvalues and eigenvectors of Hermitian matrices.

    Or of symmetric ones; the eigenvalues are in ascending order.

    >>> linalg.eigh(tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    triangle = _check_symmetric(input, UPLO)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        values, vectors = kernels.eigh(xp, matrices, triangle)
        return values, vectors

    outputs = [Spec(input.shape[:-1], input.dtype.to_real()), Spec(input.shape, input.dtype)]
    fields = ("eigenvalues", "eigenvectors")
    return Launch(kernel, (input,), outputs=outputs, type_name="linalg_eigh", fields=fields, columns=True)


@op(namespace="torch.linalg", out=True)
def eigvalsh(input: Tensor, UPLO: str = "L") -> Launch:  # noqa: N803 - PyTorch's name
    """The eigenvalues of symmetric or Hermitian matrices, in ascending order.

    >>> linalg.eigvalsh(tensor([[2., 0.], [0., 1.]]))
    tensor([1., 2.])
    """
    triangle = _check_symmetric(input, UPLO)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        return kernels.eigvalsh(xp, matrices, triangle)

    return Launch(kernel, (input,), input.shape[:-1], input.dtype.to_real())
