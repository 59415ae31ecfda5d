"""Systems of linear equations, exact and in the least squares."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT
from tcalc.engine.shapes import broadcast, normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg import kernels
from tcalc.ops.linalg.inverses import cutoff, inv
from tcalc.ops.linalg.kernels import (
    adjoint,
    batch_prefix,
    check_floating,
    check_square,
    failing_call,
    linalg_error,
    lu_factor,
    solve_factored,
    transposed,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]

# ---------------------------------------------------------------- equations


def is_vector(matrix: Tensor, right: Tensor) -> bool:
    """Whether the right side of an equation is a vector, or a batch of them as long as the batch of matrices."""
    return right.ndim == 1 or (matrix.ndim - 1 == right.ndim and tuple(right.shape) == tuple(matrix.shape[:-1]))


def check_equation(who: str, matrix: Sequence[int], right: Sequence[int], left: bool) -> None:
    if len(right) < 2:
        raise TcalcError(f"{who}: The input tensor B must have at least 2 dimensions.")
    fits = matrix[-2] == right[-2] if left else matrix[-1] == right[-1]
    if not fits:
        equation = "AX = B" if left else "XA = B"
        raise TcalcError(
            f"{who}: Incompatible shapes of A and B for the equation {equation} ({matrix[-2]}x{matrix[-1]} and "
            f"{right[-2]}x{right[-1]})"
        )


def _solution(xp: Any, matrices: Any, right: Any) -> tuple[Any, Any]:
    answer = failing_call(xp.linalg.solve, matrices, right)
    if answer is not None:
        return answer, xp.zeros(matrices.shape[:-2], xp.int32)
    packed, pivots, info = lu_factor(xp, matrices)
    return solve_factored(xp, packed, pivots, right), info


def _solve(input: Tensor, other: Tensor, left: bool, checks: str) -> tuple[Any, tuple[int, ...]]:
    """The kernel that answers with the solution and a code, and the solution's shape."""
    check_square(input, "linalg.solve")
    check_floating(input, "linalg.solve", "lu_cpu")
    if input.dtype is not other.dtype:
        raise TcalcError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {input.dtype.scalar_name} "
            f"and B of "
            f"type {other.dtype.scalar_name} instead"
        )
    if not other.ndim:
        raise TcalcError("linalg.solve: The input tensor B must have at least 2 dimensions.")
    vector = is_vector(input, other)
    right = (*other.shape, 1) if vector else tuple(other.shape)
    check_equation("linalg.solve", input.shape, right, left or vector)
    if vector and not left:
        raise TcalcError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case "
            "linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    shape = (*broadcast(input.shape[:-2], right[:-2]), *right[-2:])

    def kernel(xp: Any, out: Any, matrices: Any, sides: Any) -> Any:
        sides = sides.reshape(right)
        if left:
            answer, info = _solution(xp, matrices, sides)
        else:
            answer, info = _solution(xp, transposed(matrices), transposed(sides))
            answer = transposed(answer)
        if checks and info.any():
            prefix, _ = batch_prefix(info)
            raise linalg_error(f"{checks}: {prefix}The solver failed because the input matrix is singular.")
        return answer.reshape(shape[:-1] if vector else shape), info

    return kernel, shape[:-1] if vector else shape


@op(namespace="torch.linalg", out=True)
def solve(input: Tensor, other: Tensor, *, left: bool = True) -> Launch:
    """The solution X of ``A X = B`` (or ``X A = B``) for square matrices.

    >>> linalg.solve(tensor([[2., 0.], [0., 4.]]), tensor([1., 2.]))
    tensor([0.5000, 0.5000])
    """
    kernel, shape = _solve(input, other, left, "torch.linalg.solve")
    return Launch(lambda *args: kernel(*args)[0], (input, other), shape, input.dtype, columns=left)


@op(namespace="torch.linalg", out=True)
def solve_ex(input: Tensor, other: Tensor, *, left: bool = True, check_errors: bool = False) -> Launch:
    """The solution of ``A X = B``, and a code where there is none.

    The code is not 0 where the matrix is singular.

    >>> linalg.solve_ex(tensor([[2.]]), tensor([1.])).info
    tensor(0, dtype=torch.int32)
    """
    kernel, shape = _solve(input, other, left, "torch.linalg.solve_ex" if check_errors else "")
    outputs = [Spec(shape, input.dtype), Spec(input.shape[:-2], dtypes.int32)]
    return Launch(
        kernel, (input, other), outputs=outputs, type_name="linalg_solve_ex", fields=("result", "info"), columns=left
    )


@op(namespace="torch.linalg", out=True)
def tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    """The inverse of a tensor as a linear map.

    It maps its last dimensions to its first ``ind``.

    >>> linalg.tensorinv(tensor([[2.]]), ind=1)
    tensor([[0.5000]])
    """
    if ind <= 0:
        raise TcalcError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    start, end = input.shape[:ind], input.shape[ind:]
    if prod(start) != prod(end):
        raise TcalcError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{prod(end)} != {prod(start)}"
        )
    return inv(input.reshape(prod(end), prod(start))).reshape(*end, *start)


@op(namespace="torch.linalg", out=True)
def tensorsolve(input: Tensor, other: Tensor, dims: Ints | None = None) -> Tensor:
    """The solution X of ``tensordot(A, X, X.ndim) = B``.

    >>> linalg.tensorsolve(tensor([[2.]]), tensor([1.]))
    tensor([0.5000])
    """
    if dims is not None:
        last = [normalize_dim(dim, input.ndim) for dim in dims]
        order = [dim for dim in range(input.ndim) if dim not in last] + last
        input = input.permute(*order)
    shape = input.shape[other.ndim :]
    rows = prod(input.shape[: other.ndim])
    if prod(shape) != rows:
        raise TcalcError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            "prod(self.shape[:other.ndim]), but "
            f"got {prod(shape)} != {rows}"
        )
    return solve(input.reshape(rows, rows), other.reshape(-1)).reshape(shape)


# ---------------------------------------------------------------- least squares

_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


@op(namespace="torch.linalg", out=True)
def lstsq(input: Tensor, b: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Launch:
    """The X that makes ``A X - B`` smallest.

    With the residuals, the rank and the singular values.

    >>> linalg.lstsq(eye(2), tensor([[1.], [3.]])).solution
    tensor([[1.],
            [3.]])
    """
    driver = driver or "gelsy"
    _check_least_squares(input, b, driver)
    vector = is_vector(input, b)
    right = (*b.shape, 1) if vector else tuple(b.shape)
    if input.shape[-2] != right[-2]:
        raise TcalcError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    rows, columns = input.shape[-2:]
    batch = broadcast(input.shape[:-2], right[:-2])
    solution = (*batch, columns) if vector else (*batch, columns, right[-1])
    with_residuals = driver != "gelsy" and rows > columns
    residuals = (*batch, right[-1]) if with_residuals else (0,)
    real = input.dtype.to_real()
    with_values = driver in ("gelsd", "gelss")
    outputs = [
        Spec(solution, input.dtype),
        Spec(residuals, real),
        Spec((0,) if driver == "gels" else input.shape[:-2], dtypes.int64),
        Spec((*input.shape[:-2], min(rows, columns)) if with_values else (0,), real),
    ]

    def kernel(xp: Any, out: Any, matrices: Any, sides: Any) -> Any:
        sides = sides.reshape(right)
        left, values, right_adjoint = kernels.svd(xp, matrices, full_matrices=False)
        kept = values > cutoff(xp, values, None, rcond, max(rows, columns))[..., None]
        if driver == "gels" and not kept.all():
            _raise_rank(kept)
        inverted = xp.where(kept, 1 / xp.where(kept, values, 1), 0).astype(values.dtype)
        answer = xp.matmul(adjoint(right_adjoint), inverted[..., None] * xp.matmul(adjoint(left), sides))
        error = xp.matmul(matrices, answer) - sides if with_residuals else None
        squares = xp.zeros((0,)) if error is None else (xp.abs(error) ** 2).sum(-2)
        rank = xp.zeros((0,)) if driver == "gels" else kept.sum(-1)
        return answer.reshape(solution), squares, rank, values if with_values else xp.zeros((0,))

    fields = ("solution", "residuals", "rank", "singular_values")
    return Launch(kernel, (input, b), outputs=outputs, type_name="linalg_lstsq", fields=fields, columns=True)


def _raise_rank(kept: Any) -> None:
    ranks = kept.sum(-1)
    info = (ranks + 1) * (ranks < kept.shape[-1])
    prefix, code = batch_prefix(info)
    raise linalg_error(
        f"torch.linalg.lstsq: {prefix}The least squares solution could not be computed because the input matrix "
        f"does not "
        f"have full rank (error code: {code})."
    )


def _check_least_squares(input: Tensor, other: Tensor, driver: str) -> None:
    if input.ndim < 2:
        raise TcalcError("torch.linalg.lstsq: input must have at least 2 dimensions.")
    if not other.ndim:
        raise TcalcError("torch.linalg.lstsq: other must have at least 1 dimension.")
    if input.dtype is not other.dtype:
        raise TcalcError(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype "
            f"{input.dtype.scalar_name} and other's dtype {other.dtype.scalar_name}"
        )
    if driver not in _DRIVERS:
        raise TcalcError("torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    if input.dtype.category < FLOAT or input.dtype.is_reduced:
        raise TcalcError("This function doesn't handle types other than float and double")
