"""The largest singular values and principal components of a matrix, found by random projection."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import index_error, value_error
from tcalc.ops.linalg.factorizations import qr, svd
from tcalc.ops.pointwise.arithmetic import sub
from tcalc.ops.random.uniform import randn
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _basis(matrix: Tensor, rank: int, iterations: int) -> Any:
    """Orthonormal columns that nearly span what the matrix can reach."""
    chance = randn(matrix.shape[-1], rank, dtype=matrix.dtype, device=matrix.device)
    columns = qr(matrix @ chance)[0]
    for _ in range(iterations):
        columns = qr(matrix.mH @ columns)[0]
        columns = qr(matrix @ columns)[0]
    return columns


def _decompose(matrix: Tensor, rank: int, iterations: int) -> tuple[Tensor, Tensor, Tensor]:
    wide = matrix.shape[-2] < matrix.shape[-1]
    tall = matrix.mH if wide else matrix
    columns = _basis(tall, rank, iterations)
    left, values, right = svd(columns.mH @ tall)
    left = columns @ left
    return (right, values, left) if wide else (left, values, right)


def _check_matrix(matrix: Tensor) -> None:
    if matrix.ndim < 2:
        raise index_error("tuple index out of range")


@op(method=False)
def svd_lowrank(
    A: Tensor,  # noqa: N803 - PyTorch's names
    q: int | None = 6,
    niter: int | None = 2,
    M: Tensor | None = None,  # noqa: N803
) -> tuple[Tensor, Tensor, Tensor]:
    """A few of the largest singular values, by random projection.

    ``U, S, V`` of nearly the ``q`` largest of ``A - M``.

    >>> manual_seed(0);
    >>> svd_lowrank(diag(tensor([3., 2., 1.])), q=3)[1]
    tensor([3.0000, 2.0000, 1.0000])
    """
    matrix = A if M is None else sub(A, M)
    _check_matrix(matrix)
    return _decompose(matrix, 6 if q is None else q, 2 if niter is None else niter)


@op(method=False)
def pca_lowrank(
    A: Tensor,  # noqa: N803
    q: int | None = None,
    center: bool = True,
    niter: int = 2,
) -> tuple[Tensor, Tensor, Tensor]:
    """The principal components of rows of observations.

    ``U, S, V`` of the centred matrix.

    >>> manual_seed(0);
    >>> pca_lowrank(tensor([[1., 0.], [3., 0.]]), q=1)[1]
    tensor([1.4142])
    """
    _check_matrix(A)
    rows, columns = A.shape[-2:]
    rank = min(6, rows, columns) if q is None else q
    if not 0 <= rank <= min(rows, columns):
        raise value_error(
            f"q(={rank}) must be non-negative integer and not greater than min(m, n)={min(rows, columns)}"
        )
    if niter < 0:
        raise value_error(f"niter(={niter}) must be non-negative integer")
    return _decompose(A - A.mean(-2, True) if center else A, rank, niter)
