"""Linear algebra on a GPU: CuPy's functions with the gaps between them and NumPy's closed, and what it has beside them.

CuPy's functions take batches, but not everywhere of every shape, and cuSOLVER may not end well on what is not finite.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager

from tcalc.engine import cuda, cuda_kernels
from tcalc.engine.backend import numpy
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.engine.backend import Array


def solve(cupy: Any, matrices: Array, right: Array) -> Array:
    """``matrices^-1 @ right``, whose batches broadcast; CuPy wants them alike."""
    batch = cupy.broadcast_shapes(matrices.shape[:-2], right.shape[:-2])
    matrices = cupy.broadcast_to(matrices, batch + matrices.shape[-2:])
    right = cupy.broadcast_to(right, batch + right.shape[-2:])
    if not right.size:
        cupy.linalg.inv(matrices)  # which says whether a solution there would be
        return cupy.empty(right.shape, right.dtype)
    return cupy.linalg.solve(matrices, right)


def solve_triangular(cupy: Any, triangle: Array, right: Array, upper: bool, unit: bool) -> Array:
    """``triangle^-1 @ right``; the batches are alike."""
    if not right.size:
        return cupy.empty(right.shape, right.dtype)
    solver = cuda.libraries().linalg.solve_triangular
    return solver(triangle, right, lower=not upper, unit_diagonal=unit)


def lu_factor(cupy: Any, matrix: Array) -> tuple[Array, Array]:
    """L and U of one matrix, packed, and the exchanged rows, counted from 0; a singular one is factorised too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packed, exchanges = cuda.libraries().linalg.lu_factor(matrix, check_finite=False)
    return packed, exchanges


def row_order(cupy: Any, pivots: Array, rows: int) -> Array:
    """The order of rows that each sequence of exchanges (batch, steps), counted from 1, leads to."""
    order = cupy.broadcast_to(cupy.arange(rows), (len(pivots), rows)).copy()
    if pivots.size:
        cuda_kernels.exchange(cupy, cupy.ascontiguousarray(pivots.astype(cupy.int64)), order)
    return order


def _refuse_infinite(cupy: Any, matrices: Array) -> None:
    if not cupy.isfinite(matrices).all():
        raise numpy().linalg.LinAlgError("the matrix is not finite")


def svd(cupy: Any, matrices: Array, **options: Any) -> Any:
    _refuse_infinite(cupy, matrices)
    return cupy.linalg.svd(matrices, **options)


def symmetric(name: str) -> Callable[..., Any]:
    """A function of symmetric matrices, of which one triangle is read."""

    def function(cupy: Any, matrices: Array, triangle: str = "L") -> Any:
        _refuse_infinite(cupy, cupy.tril(matrices) if triangle == "L" else cupy.triu(matrices))
        return getattr(cupy.linalg, name)(matrices, triangle)

    return function


def eig(cupy: Any, matrices: Array) -> tuple[Array, Array]:
    with _general_eigenvalues():
        values, vectors = cupy.linalg.eig(matrices)
    return values, vectors


def eigvals(cupy: Any, matrices: Array) -> Array:
    with _general_eigenvalues():
        return cupy.linalg.eigvals(matrices)


@contextmanager
def _general_eigenvalues() -> Iterator[None]:
    """Older CUDA toolkits have no solver for matrices that are not symmetric."""
    try:
        yield
    except RuntimeError as fault:
        if "not available" not in str(fault):
            raise
        raise TcalcError(
            "linalg.eig: this CUDA toolkit has no eigenvalues of general matrices: use .cpu()", "NotImplementedError"
        ) from None


LINALG: dict[str, Callable[..., Any]] = {
    "solve": solve,
    "solve_triangular": solve_triangular,
    "lu_factor": lu_factor,
    "row_order": row_order,
    "svd": svd,
    "eig": eig,
    "eigvals": eigvals,
    **{name: symmetric(name) for name in ("eigh", "eigvalsh")},
}
