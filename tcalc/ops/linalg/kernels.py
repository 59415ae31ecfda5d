"""Factorisations and solvers over batches of matrices, in the array library's own terms, and the checks before them.

What NumPy has is NumPy's (LAPACK's order and signs); here is what it lacks, written for any array library, and
the words for matrices that cannot be factorised.
"""

from __future__ import annotations

from math import isfinite, prod

from tcalc.engine.backend import numpy
from tcalc.engine.dtypes import FLOAT
from tcalc.errors import TcalcError
from tcalc.ops.elementwise import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.tensor import Tensor

# Columns that the LU factorisation works on before it updates the rest with one matrix product.
_PANEL = 32


# ---------------------------------------------------------------- checks


def check_matrix(input: Tensor, who: str, name: str = "A") -> None:
    if input.ndim < 2:
        raise TcalcError(f"{who}: The input tensor {name} must have at least 2 dimensions.")


def check_square(input: Tensor, who: str) -> None:
    """PyTorch's words for what is no batch of square matrices; ``who`` is the function."""
    check_matrix(input, who)
    rows, columns = input.shape[-2:]
    if rows != columns:
        raise TcalcError(f"{who}: A must be batches of square matrices, but they are {rows} by {columns} matrices")


def check_floating(input: Tensor, who: str, kernel: str = "") -> None:
    """Refuse integers, and half precision: in the words of the kernel where it is the one that refuses."""
    if input.dtype.category < FLOAT:
        raise TcalcError(f"{who}: Expected a floating point or complex tensor as input. Got {input.dtype.scalar_name}")
    if input.dtype.is_reduced:
        if kernel:
            raise refusal(kernel, input.dtype)
        raise TcalcError(f"{who}: Low precision dtypes not supported. Got {input.dtype.scalar_name}")


def check_computable(input: Tensor, kernel: str) -> None:
    """Refuse everything but single and double precision as PyTorch's kernel does."""
    if input.dtype.category < FLOAT or input.dtype.is_reduced:
        raise refusal(kernel, input.dtype)


def linalg_error(message: str) -> TcalcError:
    return TcalcError(message, "_LinAlgError")


def batch_prefix(info: Any) -> tuple[str, int]:
    """Where the first failure of a batch is, in PyTorch's words, and its code; ``info`` is an integer array."""
    flat = info.reshape(-1)
    position = int(flat.astype(bool).argmax())
    prefix = f"(Batch element {position}): " if info.ndim else ""
    return prefix, int(flat[position])


def failing_call(function: Callable, *arrays: Any, **options: Any) -> Any:
    """The function's answer, or None where the library says that the matrix cannot be factorised."""
    try:
        return function(*arrays, **options)
    except numpy().linalg.LinAlgError:
        return None


def svd(xp: Any, matrices: Any, **options: Any) -> Any:
    """The library's singular value decomposition; what it cannot decompose is PyTorch's error."""
    return _converging(xp, "linalg.svd", "singular values", xp.linalg.svd, matrices, **options)


def eigh(xp: Any, matrices: Any, *options: Any) -> Any:
    """The same for eigenvalues and eigenvectors of symmetric matrices."""
    return _converging(xp, "linalg.eigh", "eigenvalues", xp.linalg.eigh, matrices, *options)


def eigvalsh(xp: Any, matrices: Any, *options: Any) -> Any:
    """The same for their eigenvalues alone."""
    return _converging(xp, "linalg.eigh", "eigenvalues", xp.linalg.eigvalsh, matrices, *options)


def _converging(xp: Any, who: str, values: str, function: Callable, matrices: Any, *args: Any, **options: Any) -> Any:
    answer = failing_call(function, matrices, *args, **options)
    if answer is not None:
        return answer
    bad = (~xp.isfinite(matrices)).any((-2, -1))
    prefix, _ = batch_prefix(bad.astype(int))
    why = "contained non-finite values." if bad.any() else f"is ill-conditioned or has too many repeated {values}."
    raise linalg_error(f"{who}: {prefix}The algorithm failed to converge because the input matrix {why}")


# ---------------------------------------------------------------- transposes and parts


def transposed(array: Any) -> Any:
    return array.swapaxes(-1, -2)


def adjoint(array: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return array.swapaxes(-1, -2).conj()


def identity_like(xp: Any, array: Any) -> Any:
    """An identity matrix for each matrix of a batch."""
    return xp.broadcast_to(xp.eye(array.shape[-1], dtype=array.dtype), array.shape)


# ---------------------------------------------------------------- LU


def lu_factor(xp: Any, matrices: Any) -> tuple[Any, Any, Any]:
    """L and U packed in one matrix, pivots counted from 1, and the first zero pivot (or 0), as LAPACK gives them."""
    rows, columns = matrices.shape[-2:]
    batch = matrices.shape[:-2]
    work = xp.array(matrices.reshape(prod(batch), rows, columns))
    count = min(rows, columns)
    library = getattr(xp.linalg, "lu_factor", None)
    if library is not None and count and 0 < len(work) <= max(1, count // _PANEL):
        factors = [library(work[place]) for place in range(len(work))]
        work = xp.stack([packed for packed, _ in factors])
        pivots = xp.stack([exchanges for _, exchanges in factors]) + 1
    else:
        pivots = _eliminated(xp, work, count)
    zeros = xp.diagonal(work, axis1=1, axis2=2) == 0
    first = zeros.argmax(-1) + 1 if count else xp.zeros(len(work), xp.int64)
    info = xp.where(zeros.any(-1), first, 0).astype(xp.int32)
    return work.reshape(matrices.shape), pivots.astype(xp.int32).reshape((*batch, count)), info.reshape(batch)


def _eliminated(xp: Any, work: Any, count: int) -> Any:
    """Factorise all matrices of a batch in place, column by column; their pivots."""
    pivots = xp.zeros((len(work), count), xp.int64)
    for start in range(0, count, _PANEL):
        stop = min(start + _PANEL, count)
        for column in range(start, stop):
            _eliminate(xp, work, pivots, column, stop)
        _update_rest(xp, work, start, stop)
    return pivots


def _eliminate(xp: Any, work: Any, pivots: Any, column: int, stop: int) -> None:
    """Bring the largest element of a column to the diagonal and clear what is below it within the panel."""
    below = work[:, column:, column]
    size = xp.abs(below) if below.dtype.kind != "c" else xp.abs(below.real) + xp.abs(below.imag)
    chosen = size.argmax(1) + column
    pivots[:, column] = chosen + 1
    batch = xp.arange(work.shape[0])
    swapped = work[batch, chosen].copy()
    work[batch, chosen] = work[:, column]
    work[:, column] = swapped
    pivot = work[:, column, column]
    work[:, column + 1 :, column] /= xp.where(pivot == 0, 1, pivot)[:, None]
    work[:, column + 1 :, column + 1 : stop] -= (
        work[:, column + 1 :, column, None] * work[:, None, column, column + 1 : stop]
    )


def _update_rest(xp: Any, work: Any, start: int, stop: int) -> None:
    """Carry a finished panel over to the columns on its right."""
    for row in range(start + 1, stop):
        work[:, row, stop:] -= xp.matmul(work[:, row, None, start:row], work[:, start:row, stop:])[:, 0]
    work[:, stop:, stop:] -= xp.matmul(work[:, stop:, start:stop], work[:, start:stop, stop:])


def permutation(xp: Any, pivots: Any, rows: int) -> Any:
    """The order of rows that a sequence of exchanges leads to."""
    shape = (*pivots.shape[:-1], rows)
    exchanges = pivots.reshape(prod(shape[:-1]), pivots.shape[-1])
    library = getattr(xp.linalg, "row_order", None)
    if library is not None:
        return library(exchanges, rows).reshape(shape)
    order = xp.tile(xp.arange(rows), (len(exchanges), 1))
    batch = xp.arange(len(exchanges))
    for step in range(exchanges.shape[1]):
        other = exchanges[:, step] - 1
        taken = order[batch, other].copy()
        order[batch, other] = order[:, step]
        order[:, step] = taken
    return order.reshape(shape)


def determinant(xp: Any, matrices: Any) -> Any:
    """The product of U's diagonal, and of the signs of the exchanges: CuPy's own is a sum of logarithms."""
    if xp.__name__ == "numpy":
        return xp.linalg.det(matrices)
    packed, pivots, _ = lu_factor(xp, matrices)
    exchanges = (pivots != xp.arange(1, pivots.shape[-1] + 1)).sum(-1)
    signs = (1 - 2 * (exchanges % 2)).astype(packed.dtype)
    return signs * xp.diagonal(packed, axis1=-2, axis2=-1).prod(-1)


def permutation_matrix(xp: Any, pivots: Any, rows: int, dtype: Any) -> Any:
    """P with ``A = P @ L @ U``."""
    order = permutation(xp, pivots, rows)
    return (order[..., None, :] == xp.arange(rows)[:, None]).astype(dtype)


def lower_and_upper(xp: Any, packed: Any) -> tuple[Any, Any]:
    """L with a diagonal of ones, and U, out of a packed factorisation."""
    count = min(packed.shape[-2:])
    lower = xp.tril(packed[..., :, :count], -1) + xp.eye(packed.shape[-2], count, dtype=packed.dtype)
    return lower, xp.triu(packed[..., :count, :])


# ---------------------------------------------------------------- triangles


def solve_triangle(xp: Any, triangle: Any, right: Any, upper: bool, unit: bool = False) -> Any:
    """``triangle^-1 @ right`` by substitution; a zero on the diagonal gives infinities and nan, as BLAS does."""
    size = triangle.shape[-1]
    batch = numpy().broadcast_shapes(triangle.shape[:-2], right.shape[:-2])
    answer = xp.array(xp.broadcast_to(right, batch + right.shape[-2:]))
    library = getattr(xp.linalg, "solve_triangular", None)
    if library is not None:
        return library(xp.broadcast_to(triangle, batch + triangle.shape[-2:]), answer, upper, unit)
    for step in range(size):
        row = size - 1 - step if upper else step
        known = slice(row + 1, size) if upper else slice(0, row)
        if step:
            answer[..., row, :] -= xp.matmul(triangle[..., row, None, known], answer[..., known, :])[..., 0, :]
        if not unit:
            answer[..., row, :] /= triangle[..., row, row, None]
    return answer


def solve_factored(xp: Any, packed: Any, pivots: Any, right: Any) -> Any:
    """``A^-1 @ right`` for an A that is already factorised."""
    order = permutation(xp, pivots, packed.shape[-1])
    batch = numpy().broadcast_shapes(packed.shape[:-2], right.shape[:-2])
    right = xp.broadcast_to(right, batch + right.shape[-2:])
    order = xp.broadcast_to(order[..., None], (*batch, packed.shape[-1], right.shape[-1]))
    exchanged = xp.take_along_axis(right, order, -2)
    return solve_triangle(xp, packed, solve_triangle(xp, packed, exchanged, False, unit=True), True)


# ---------------------------------------------------------------- the exponential of a matrix

# The numerator of the Padé approximant of degree 13, which is good to double precision for norms up to 5.37.
_PADE = (
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
)  # fmt: skip
_PADE_RADIUS = 5.371920351148152


def exponential(xp: Any, matrices: Any) -> Any:
    """``e`` to the power of each matrix: scaled down, approximated in double precision, squared back."""
    wide = matrices.astype(xp.complex128 if matrices.dtype.kind == "c" else xp.float64)
    if not wide.size:
        return wide
    largest = float(xp.abs(wide).sum(-2).max())
    if not isfinite(largest):
        return _exponential_of_finite(xp, wide)
    squarings = 0
    while largest > _PADE_RADIUS and squarings < 1100:
        largest /= 2
        squarings += 1
    scaled = wide / 2.0**squarings
    answer = _pade(xp, scaled)
    for _ in range(squarings):
        answer = xp.matmul(answer, answer)
    return answer


def _exponential_of_finite(xp: Any, matrices: Any) -> Any:
    """The exponentials of those matrices of a batch that are finite; the others are nan all over."""
    sizes = xp.abs(matrices).sum((-2, -1))
    finite = xp.isfinite(sizes)
    answer = xp.full_like(matrices, xp.nan)
    if finite.any():
        answer[finite] = exponential(xp, matrices[finite])
    return answer


def _pade(xp: Any, matrices: Any) -> Any:
    identity = identity_like(xp, matrices)
    square = xp.matmul(matrices, matrices)
    odd, even = _PADE[1] * identity, _PADE[0] * identity
    power = identity
    for degree in range(2, 14, 2):
        power = xp.matmul(power, square)
        even = even + _PADE[degree] * power
        odd = odd + _PADE[degree + 1] * power
    odd = xp.matmul(matrices, odd)
    return xp.linalg.solve(even - odd, even + odd)


# ---------------------------------------------------------------- reflections


def _reflections(xp: Any, vectors: Any, tau: Any) -> tuple[Any, Any]:
    """V and the inverse of an upper triangle T, with ``I - V @ T @ V^H`` the product of all reflections.

    A reflection is ``I - tau * v @ v^H``, and its v is kept below a diagonal, where it is 1.
    """
    columns = xp.arange(tau.shape[-1])
    below = xp.arange(vectors.shape[-2])[:, None] - columns
    real = tau[..., None, :] != 0  # a tau of 0 is no reflection
    kept = xp.where(below > 0, vectors[..., : len(columns)], below == 0)
    kept = xp.where(real, kept, 0).astype(vectors.dtype)
    inverses = 1 / xp.where(tau == 0, 1, tau)  # infinite for a tau that is nearly 0
    triangle = xp.triu(xp.matmul(adjoint(kept), kept), 1)
    return kept, xp.where(xp.eye(len(columns), dtype=bool), inverses[..., None], triangle).astype(vectors.dtype)


def reflections_product(xp: Any, vectors: Any, tau: Any) -> Any:
    """The first columns of the product of Householder reflections that are kept below a diagonal."""
    rows, columns = vectors.shape[-2:]
    kept, triangle = _reflections(xp, vectors, tau)
    first = adjoint(kept)[..., :columns]
    return xp.eye(rows, columns, dtype=vectors.dtype) - xp.matmul(kept, solve_triangle(xp, triangle, first, True))


def apply_reflections(xp: Any, vectors: Any, tau: Any, target: Any, transpose: bool) -> Any:
    """The product of all reflections (or its adjoint) times ``target``."""
    kept, triangle = _reflections(xp, vectors, tau)
    inner = xp.matmul(adjoint(kept), target)
    if transpose:
        return target - xp.matmul(kept, solve_triangle(xp, adjoint(triangle), inner, False))
    return target - xp.matmul(kept, solve_triangle(xp, triangle, inner, True))
