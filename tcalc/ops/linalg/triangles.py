"""Equations with matrices that are already factorised or triangular, and functions of whole matrices."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT, INTEGER, float64, int64
from tcalc.engine.shapes import broadcast
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg.equations import check_equation
from tcalc.ops.linalg.kernels import (
    adjoint,
    check_computable,
    check_matrix,
    check_square,
    exponential,
    identity_like,
    solve_factored,
    solve_triangle,
    transposed,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# ---------------------------------------------------------------- triangular systems


@op(namespace="torch.linalg", out=True)
def solve_triangular(
    input: Tensor, other: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Launch:
    """The solution of ``A X = B`` for a triangular A.

    Or of ``X A = B``; the other triangle is not read.

    >>> linalg.solve_triangular(tensor([[2., 1.], [0., 4.]]), tensor([[4.], [4.]]), upper=True)
    tensor([[1.5000],
            [1.0000]])
    """
    who = "linalg.solve_triangular"
    check_matrix(input, who)
    check_matrix(other, who, "B")
    check_square(input, who)
    check_equation(who, input.shape, other.shape, left)
    check_computable(input, "triangular_solve_cpu")
    shape = (*broadcast(input.shape[:-2], other.shape[:-2]), *other.shape[-2:])

    def kernel(xp: Any, out: Any, triangle: Any, right: Any) -> Any:
        if left:
            return solve_triangle(xp, triangle, right, upper, unitriangular)
        flipped = solve_triangle(xp, transposed(triangle), transposed(right), not upper, unitriangular)
        return transposed(flipped)

    return Launch(kernel, (input, other), shape, input.dtype, compute=input.dtype, columns=True)


@op(out=True)
def triangular_solve(
    input: Tensor,
    A: Tensor,  # noqa: N803 - PyTorch's name
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Launch:
    """The solution of ``A X = input`` for a triangular A, and A itself.

    ``transpose`` solves with ``A.mT`` instead, without conjugating.

    >>> triangular_solve(tensor([[4.], [4.]]), tensor([[2., 1.], [0., 4.]])).solution
    tensor([[1.5000],
            [1.0000]])
    """
    current().warn(
        "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed in a future "
        "PyTorch release."
    )
    check_system("triangular_solve", input, A)
    check_computable(input, "triangular_solve_cpu")
    batch = broadcast(input.shape[:-2], A.shape[:-2])

    def kernel(xp: Any, out: Any, right: Any, triangle: Any) -> Any:
        matrix = triangle.swapaxes(-1, -2) if transpose else triangle
        answer = solve_triangle(xp, matrix, right, upper != transpose, unitriangular)
        return answer, xp.array(xp.broadcast_to(triangle, batch + triangle.shape[-2:]))

    outputs = [Spec((*batch, *input.shape[-2:]), input.dtype), Spec((*batch, *A.shape[-2:]), input.dtype)]
    fields = ("solution", "cloned_coefficient")
    return Launch(kernel, (input, A), outputs=outputs, type_name="triangular_solve", fields=fields, columns=True)


def check_system(who: str, right: Tensor, matrix: Tensor) -> None:
    """Refuse shapes and dtypes of a system of equations that do not fit each other."""
    for name, tensor in (("b", right), ("u" if who == "cholesky_solve" else "A", matrix)):
        if tensor.ndim < 2:
            if who == "cholesky_solve":
                words = f"{name} should have at least 2 dimensions, but has"
            else:
                words = f"torch.{who}: Expected {name} to have at least 2 dimensions, but it has"
            raise TcalcError(f"{words} {tensor.ndim} dimensions instead")
    rows, columns = matrix.shape[-2:]
    if rows != columns:
        raise TcalcError(f"A must be batches of square matrices, but they are {rows} by {columns} matrices")
    if right.shape[-2] != rows:
        raise TcalcError(
            f"Incompatible matrix sizes for {who}: each A matrix is {rows} by {columns} but each b matrix is "
            f"{right.shape[-2]} by {right.shape[-1]}"
        )
    if right.dtype is not matrix.dtype:
        raise TcalcError(
            f"Expected b and A to have the same dtype, but found b of type {right.dtype.scalar_name} and A of type "
            f"{matrix.dtype.scalar_name} instead."
        )


def _solve_cholesky(xp: Any, factor: Any, right: Any, upper: bool) -> Any:
    other = adjoint(factor)
    lower, high = (other, factor) if upper else (factor, other)
    return solve_triangle(xp, high, solve_triangle(xp, lower, right, False), True)


@op(out=True)
def cholesky_solve(input: Tensor, L: Tensor, upper: bool = False) -> Launch:  # noqa: N803 - PyTorch's name
    """The solution of ``A X = input``, where ``L`` is the Cholesky factor of A.

    >>> cholesky_solve(tensor([[4.], [8.]]), tensor([[2., 0.], [0., 2.]]))
    tensor([[1.],
            [2.]])
    """
    check_system("cholesky_solve", input, L)
    check_computable(input, "cholesky_solve_cpu")
    shape = (*broadcast(L.shape[:-2], input.shape[:-2]), *input.shape[-2:])

    def kernel(xp: Any, out: Any, right: Any, factor: Any) -> Any:
        return _solve_cholesky(xp, factor, right, upper)

    return Launch(kernel, (input, L), shape, input.dtype, columns=True)


@op(out=True)
def cholesky_inverse(input: Tensor, upper: bool = False) -> Launch:
    """The inverse of the matrix whose Cholesky factor is ``input``.

    >>> cholesky_inverse(tensor([[2.]]))
    tensor([[0.2500]])
    """
    check_square(input, "cholesky_inverse")
    check_computable(input, "cholesky_inverse_out_cpu")

    def kernel(xp: Any, out: Any, factor: Any) -> Any:
        return _solve_cholesky(xp, factor, identity_like(xp, factor), upper)

    return Launch(kernel, (input,), input.shape, input.dtype, columns=True)


# ---------------------------------------------------------------- LU


def _check_factors(packed: Tensor, pivots: Tensor, who: str) -> None:
    check_square(packed, who)
    check_computable(packed, "lu_solve_cpu")
    if pivots.dtype.category != INTEGER or pivots.dtype.itemsize != 4:
        raise TcalcError(f"{who}: pivots should be a Tensor of scalar type torch.int32")
    if pivots.shape[-1:] != packed.shape[-1:]:
        raise TcalcError(f"{who}: Number of pivots per batch should be same as the dimension of the matrix")
    if tuple(pivots.shape) != tuple(packed.shape[:-1]):
        raise TcalcError(
            f"{who}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots.shape)} instead"
        )


@op(namespace="torch.linalg", name="lu_solve", out=True)
def linalg_lu_solve(
    LU: Tensor,  # noqa: N803
    pivots: Tensor,
    B: Tensor,  # noqa: N803
    *,
    left: bool = True,
    adjoint: bool = False,
) -> Launch:
    """The solution of ``A X = B`` (or ``X A = B``) from A's LU factorisation.

    >>> linalg.lu_solve(*linalg.lu_factor(tensor([[2.]])), tensor([[4.]]))
    tensor([[2.]])
    """
    _check_factors(LU, pivots, "linalg.lu_solve")
    check_equation("linalg.lu_solve", LU.shape, B.shape, left)
    return _lu_solve(LU, pivots, B, left, adjoint)


def _lu_solve(packed: Tensor, pivots: Tensor, right: Tensor, left: bool, flipped: bool) -> Launch:
    shape = (*broadcast(packed.shape[:-2], right.shape[:-2]), *right.shape[-2:])

    def kernel(xp: Any, out: Any, factors: Any, exchanges: Any, sides: Any) -> Any:
        _check_pivots(exchanges, factors.shape[-1])
        if left and not flipped:
            return solve_factored(xp, factors, exchanges, sides)
        # The other three systems are this one for the inverse's transposes.
        inverse = solve_factored(xp, factors, exchanges, identity_like(xp, factors))
        inverse = adjoint(inverse) if flipped else inverse
        return xp.matmul(inverse, sides) if left else xp.matmul(sides, inverse)

    return Launch(kernel, (packed, pivots, right), shape, packed.dtype, columns=left)


def _check_pivots(pivots: Any, rows: int) -> None:
    """Rows are exchanged without looking: there must be such rows."""
    low = pivots < 1
    if bool((low | (pivots > rows)).any()):
        bound = "greater or equal to 1" if low.any() else "smaller or equal to LU.size(-2)"
        raise TcalcError(
            f"Pivots given to lu_solve must all be {bound}. Did you properly pass the result of lu_factor?"
        )


@op(out=True)
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Launch:  # noqa: N803 - PyTorch's names
    """The solution of ``A X = input`` from A's LU factorisation.

    >>> lu_solve(tensor([[4.]]), *linalg.lu_factor(tensor([[2.]])))
    tensor([[2.]])
    """
    current().warn(
        "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future PyTorch release."
    )
    _check_factors(LU_data, LU_pivots, "linalg.lu_solve")
    check_equation("linalg.lu_solve", LU_data.shape, input.shape, True)
    return _lu_solve(LU_data, LU_pivots, input, True, False)


# ---------------------------------------------------------------- functions of matrices


def _exponential_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    return exponential(xp, matrices)


@op(aliases=("linalg.matrix_exp",))
def matrix_exp(input: Tensor) -> Launch:
    """``e`` to the power of each square matrix.

    >>> matrix_exp(tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    check_square(input, "linalg.matrix_exp")
    if input.dtype.category < FLOAT:
        raise TcalcError(
            f"linalg.matrix_exp: Expected a floating point or complex tensor as input. Got {input.dtype.scalar_name}"
        )
    return Launch(_exponential_kernel, (input,), input.shape, input.dtype, compute=_wide(input))


def _wide(input: Tensor) -> Any:
    return float64 if input.dtype.category == FLOAT else input.dtype


def _powers_kernel(count: int, descending: bool) -> Any:
    def kernel(xp: Any, out: Any, values: Any) -> Any:
        repeated = xp.repeat(values[..., None], count, -1)
        repeated[..., :1] = 1
        powers = xp.cumprod(repeated, -1, dtype=values.dtype)
        return powers[..., ::-1].copy() if descending else powers

    return kernel


@op(method=False)
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Launch:  # noqa: N803 - PyTorch's name
    """The powers of each element, in columns from the highest to the 0th.

    >>> vander(tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [4, 2, 1],
            [9, 3, 1]])
    """
    if x.ndim != 1:
        raise TcalcError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise TcalcError("N must be non-negative.")
    dtype = int64 if x.dtype.category <= INTEGER else x.dtype
    compute = dtype.computed_as
    return Launch(_powers_kernel(count, not increasing), (x,), (x.shape[0], count), dtype, compute=compute)


@op(namespace="torch.linalg", name="vander")
def linalg_vander(x: Tensor, *, N: int | None = None) -> Launch:  # noqa: N803 - PyTorch's name
    """The powers of each element, in columns from the 0th up.

    >>> linalg.vander(tensor([1, 2, 3]))
    tensor([[1, 1, 1],
            [1, 2, 4],
            [1, 3, 9]])
    """
    count = (x.shape[-1] if x.shape else 1) if N is None else N
    if count <= 1 and (N is not None or not x.shape):
        raise TcalcError("N must be greater than 1.")
    dtype = int64 if x.dtype.category <= INTEGER else x.dtype
    shape = x.shape or (1,)
    powers = _powers_kernel(count, False)

    def kernel(xp: Any, out: Any, values: Any) -> Any:
        return powers(xp, out, values.reshape(shape))

    return Launch(kernel, (x,), (*shape, count), dtype, compute=dtype.computed_as)
