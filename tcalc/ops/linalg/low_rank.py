"""The largest singular values and principal components of a matrix, found by random projection."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, value_error
from tcalc.ops.linalg.eigen import eigh
from tcalc.ops.linalg.factorizations import cholesky, qr, svd
from tcalc.ops.linalg.triangles import solve_triangular
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


@op(method=False)
def lobpcg(
    A: Tensor,  # noqa: N803
    k: int | None = None,
    B: Tensor | None = None,  # noqa: N803
    X: Tensor | None = None,  # noqa: N803
    n: int | None = None,
    iK: Tensor | None = None,  # noqa: N803
    niter: int | None = None,
    tol: float | None = None,
    largest: bool | None = None,
    method: str | None = None,
    tracker: None = None,
    ortho_iparams: Any = None,
    ortho_fparams: Any = None,
    ortho_bparams: Any = None,
) -> tuple[Tensor, Tensor]:
    """The ``k`` largest eigenvalues of a symmetric matrix, and their vectors.

    Of ``A x = c B x``, where ``B`` is given; ``largest=False`` asks for the smallest. They come from the whole
    decomposition, so that what guides PyTorch's iterations (``X``, ``iK``, ``niter``, ``tol``, …) changes nothing.

    >>> lobpcg(diag(tensor([3., 9., 5., 1.])))[0]
    tensor([9.])
    """
    if A.ndim < 2:
        raise index_error("tuple index out of range")
    rows, columns = A.shape[-2:]
    if rows != columns:
        raise TcalcError(f"A must be square, got shape {A.shape}", "AssertionError")
    if X is not None and not X.shape:
        raise index_error("tuple index out of range")
    count = (1 if X is None else X.shape[-1]) if k is None else k
    if rows < 3 * count:
        raise value_error(
            f"LOBPCG algorithm is not applicable when the number of A rows (={rows}) is smaller than 3 x the number "
            f"of requested eigenpairs (={count})"
        )
    if B is None:
        values, vectors = eigh(A)
    else:
        factor = cholesky(B)
        halved = solve_triangular(factor, A, upper=False)
        values, vectors = eigh(solve_triangular(factor, halved.mH, upper=False).mH)
        vectors = solve_triangular(factor.mH, vectors, upper=True)
    if largest is False:
        return values[..., :count], vectors[..., :count]
    return values.flip(-1)[..., :count], vectors.flip(-1)[..., :count]
