"""Factorisations of matrices: Cholesky, QR, singular values."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg import kernels
from tcalc.ops.linalg.kernels import (
    adjoint,
    apply_reflections,
    batch_prefix,
    check_computable,
    check_floating,
    check_matrix,
    check_square,
    failing_call,
    linalg_error,
    reflections_product,
    transposed,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# ---------------------------------------------------------------- Cholesky


def _cholesky(xp: Any, matrices: Any, upper: bool) -> tuple[Any, Any]:
    """The factors, and for each matrix 0 or the order of the first minor that is not positive."""
    lower = adjoint(matrices) if upper else matrices
    factor = failing_call(xp.linalg.cholesky, lower)
    info = xp.zeros(matrices.shape[:-2], xp.int32)
    if factor is None:
        factor, info = _partial_cholesky(xp, lower)
    return adjoint(factor) if upper else factor, info


def _partial_cholesky(xp: Any, matrices: Any) -> tuple[Any, Any]:
    """Column by column, each matrix as far as it goes."""
    size = matrices.shape[-1]
    work = xp.array(xp.tril(matrices).reshape(-1, size, size))
    info = xp.zeros(work.shape[0], xp.int32)
    for column in range(size):
        known = work[:, column:, :column]
        rest = work[:, column:, column] - xp.matmul(known, known[:, 0].conj()[:, :, None])[:, :, 0]
        pivot = rest[:, 0].real
        info[...] = xp.where((info == 0) & ~(pivot > 0), column + 1, info)
        going = info == 0
        rest = rest / xp.sqrt(xp.where(going, pivot, 1))[:, None]
        work[:, column:, column] = xp.where(going[:, None], rest, work[:, column:, column])
    return work.reshape(matrices.shape), info.reshape(matrices.shape[:-2])


def _cholesky_launch(input: Tensor, upper: bool, who: str) -> Launch:
    check_square(input, who)
    check_floating(input, who, "cholesky_cpu")

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        factor, info = _cholesky(xp, matrices, upper)
        if info.any():
            raise _not_positive(who, info)
        return factor

    return Launch(kernel, (input,), input.shape, input.dtype, columns=True)


def _not_positive(who: str, info: Any) -> TcalcError:
    prefix, code = batch_prefix(info)
    return linalg_error(
        f"{who}: {prefix}The factorization could not be completed because the input is not positive-definite (the "
        f"leading "
        f"minor of order {code} is not positive-definite)."
    )


@op(out=True)
def cholesky(input: Tensor, upper: bool = False) -> Launch:
    """The triangular factor of a positive-definite matrix.

    >>> cholesky(tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return _cholesky_launch(input, upper, "cholesky")


@op(namespace="torch.linalg", name="cholesky", out=True)
def linalg_cholesky(input: Tensor, *, upper: bool = False) -> Launch:
    """The triangular factor of a positive-definite matrix.

    Lower L with ``A = L L^H``, or upper.

    >>> linalg.cholesky(tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    return _cholesky_launch(input, upper, "linalg.cholesky")


@op(namespace="torch.linalg", out=True)
def cholesky_ex(input: Tensor, *, upper: bool = False, check_errors: bool = False) -> Launch:
    """The triangular factor, and a code where there is none.

    The code is not 0 where a matrix is not positive-definite.

    >>> linalg.cholesky_ex(tensor([[4.]])).info
    tensor(0, dtype=torch.int32)
    """
    check_square(input, "linalg.cholesky")
    check_floating(input, "linalg.cholesky", "cholesky_cpu")

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        factor, info = _cholesky(xp, matrices, upper)
        if check_errors and info.any():
            raise _not_positive("linalg.cholesky_ex", info)
        return factor, info

    outputs = [Spec(input.shape, input.dtype), Spec(input.shape[:-2], dtypes.int32)]
    return Launch(kernel, (input,), outputs=outputs, type_name="linalg_cholesky_ex", fields=("L", "info"), columns=True)


# ---------------------------------------------------------------- QR


def _qr(input: Tensor, mode: str, type_name: str) -> Launch:
    check_matrix(input, "linalg.qr")
    check_floating(input, "linalg.qr", "geqrf_cpu")
    rows, columns = input.shape[-2:]
    inner = rows if mode == "complete" else min(rows, columns)
    batch = input.shape[:-2]

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        if mode == "r":
            return xp.zeros((0,)), xp.linalg.qr(matrices, mode="r")
        q, r = xp.linalg.qr(matrices, mode=mode)
        return q, r

    q_shape = (0,) if mode == "r" else (*batch, rows, inner)
    outputs = [Spec(q_shape, input.dtype), Spec((*batch, inner, columns), input.dtype)]
    return Launch(kernel, (input,), outputs=outputs, type_name=type_name, fields=("Q", "R"), columns=True)


@op(out=True)
def qr(input: Tensor, some: bool = True) -> Launch:
    """A matrix as Q, whose columns are orthonormal, times an upper triangle R.

    >>> qr(tensor([[3., 1.], [4., 2.]])).R
    tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    """
    current().warn(
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.\nThe "
        "boolean "
        "parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould be "
        "replaced "
        "with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"
    )
    return _qr(input, "reduced" if some else "complete", "qr")


@op(namespace="torch.linalg", name="qr", out=True)
def linalg_qr(input: Tensor, mode: str = "reduced") -> Launch:
    """A matrix as Q, whose columns are orthonormal, times an upper triangle R.

    >>> linalg.qr(tensor([[3., 1.], [4., 2.]])).R
    tensor([[-5.0000, -2.2000],
            [ 0.0000,  0.4000]])
    """
    if mode not in ("reduced", "r", "complete"):
        raise TcalcError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    return _qr(input, mode, "linalg_qr")


@op(out=True)
def geqrf(input: Tensor) -> Launch:
    """LAPACK's own form of a QR factorisation.

    R, and below it the reflections that make Q.

    >>> geqrf(tensor([[3.], [4.]])).tau
    tensor([1.6000])
    """
    if input.ndim < 2:
        raise TcalcError("torch.geqrf: input must have at least 2 dimensions.")
    check_computable(input, "geqrf_cpu")

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        reflections, tau = xp.linalg.qr(matrices, mode="raw")
        return transposed(reflections), tau

    count = min(input.shape[-2:])
    outputs = [Spec(input.shape, input.dtype), Spec((*input.shape[:-2], count), input.dtype)]
    return Launch(kernel, (input,), outputs=outputs, type_name="geqrf", fields=("a", "tau"), columns=True)


def _check_reflections(input: Tensor, tau: Tensor, who: str) -> None:
    if input.ndim < 2:
        raise TcalcError(f"{who}: input must have at least 2 dimensions.")
    if input.shape[-2] < input.shape[-1]:
        raise TcalcError(f"{who}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if not tau.ndim:
        raise index_error("Dimension specified as -1 but tensor has no dimensions")
    if input.shape[-1] < tau.shape[-1]:
        raise TcalcError(f"{who}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    _check_factors(input, tau, who)
    if input.dtype is not tau.dtype:
        raise TcalcError(
            f"{who}: tau dtype {tau.dtype.scalar_name} does not match input dtype {input.dtype.scalar_name}"
        )


def _check_factors(input: Tensor, tau: Tensor, who: str) -> None:
    if tau.ndim != input.ndim - 1:
        raise TcalcError(
            f"{who}: Expected tau to have one dimension less than input, but got tau.ndim equal to {tau.ndim} and "
            f"input.ndim is equal to {input.ndim}"
        )
    if tau.shape[:-1] != input.shape[:-2]:
        raise TcalcError(
            f"{who}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {list(tau.shape[:-1])}"
        )


@op(aliases=("linalg.householder_product",), out=True)
def orgqr(input: Tensor, tau: Tensor) -> Launch:
    """Columns of the product of Householder reflections.

    The first ones, of reflections as ``geqrf`` gives them.

    >>> orgqr(tensor([[-5.], [0.5]]), tensor([1.6]))
    tensor([[-0.6000],
            [-0.8000]])
    """
    _check_reflections(input, tau, "torch.linalg.householder_product")
    check_computable(input, "orgqr_cpu")
    return Launch(_orgqr_kernel, (input, tau), input.shape, input.dtype, columns=True)


def _orgqr_kernel(xp: Any, out: Any, vectors: Any, tau: Any) -> Any:
    return reflections_product(xp, vectors, tau)


def _check_ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool) -> None:
    for name, tensor in (("input", input), ("other", other)):
        if tensor.ndim < 2:
            raise TcalcError(f"torch.ormqr: {name} must have at least 2 dimensions.")
    side = -2 if left else -1
    if not tau.ndim or tau.shape[-1] != min(other.shape[side], input.shape[-1]):
        raise TcalcError(f"torch.ormqr: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])")
    if input.shape[-2] != other.shape[side]:
        raise TcalcError(f"torch.ormqr: other.shape[{side}] must be equal to input.shape[-2]")
    _check_factors(input, tau, "torch.ormqr")
    for name, tensor in (("tau", tau), ("other", other)):
        if tensor.dtype is not input.dtype:
            raise TcalcError(
                f"torch.ormqr: Expected input and {name} to have the same dtype, but input has dtype"
                f"{input.dtype.scalar_name} and {name} has dtype {tensor.dtype.scalar_name}"
            )


@op(out=True)
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Launch:
    """The product of Householder reflections and a matrix.

    All of Q, or its adjoint, from the left or the right.

    >>> ormqr(tensor([[-5.], [0.5]]), tensor([1.6]), tensor([[1.], [0.]]))
    tensor([[-0.6000],
            [-0.8000]])
    """
    _check_ormqr(input, tau, other, left)
    check_computable(input, "ormqr_cpu")

    def kernel(xp: Any, out: Any, vectors: Any, factors: Any, target: Any) -> Any:
        if left:
            return apply_reflections(xp, vectors, factors, target, transpose)
        return adjoint(apply_reflections(xp, vectors, factors, adjoint(target), not transpose))

    return Launch(kernel, (input, tau, other), other.shape, input.dtype, columns=True)


# ---------------------------------------------------------------- singular values


def _svd_kernel(full: bool) -> Any:
    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        left, values, right = kernels.svd(xp, matrices, full_matrices=full)
        return left, values, right

    return kernel


def _svd_outputs(input: Tensor, full: bool) -> list[Spec]:
    rows, columns = input.shape[-2:]
    count, batch = min(rows, columns), input.shape[:-2]
    return [
        Spec((*batch, rows, rows if full else count), input.dtype),
        Spec((*batch, count), input.dtype.to_real()),
        Spec((*batch, columns if full else count, columns), input.dtype),
    ]


def check_svd(input: Tensor) -> None:
    check_matrix(input, "linalg.svd")
    check_floating(input, "linalg.svd", "linalg_svd_cpu")


@op(namespace="torch.linalg", name="svd", out=True)
def linalg_svd(input: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Launch:
    """A matrix as ``U @ diag(S) @ Vh``.

    Orthonormal columns, singular values in descending order, orthonormal rows.

    >>> linalg.svd(tensor([[0., 2.], [1., 0.]])).S
    tensor([2., 1.])
    """
    _refuse_driver(driver)
    check_svd(input)
    return Launch(
        _svd_kernel(full_matrices),
        (input,),
        outputs=_svd_outputs(input, full_matrices),
        type_name="linalg_svd",
        fields=("U", "S", "Vh"),
        columns=True,
    )


def _refuse_driver(driver: str | None) -> None:
    if driver is not None:
        raise TcalcError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )


@op(out=True)
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Launch:
    """A matrix as ``U @ diag(S) @ V.mH``.

    The singular values are in descending order.

    >>> svd(tensor([[0., 2.], [1., 0.]])).S
    tensor([2., 1.])
    """
    if input.ndim < 2:
        raise TcalcError(
            f"linalg.svd: input should have at least 2 dimensions, but has {input.ndim} dimensions instead"
        )
    check_svd(input)
    full = not some or not compute_uv
    left, values, right = _svd_outputs(input, full)
    right = Spec((*right.shape[:-2], right.shape[-1], right.shape[-2]), right.dtype)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        if not compute_uv:
            sizes = kernels.svd(xp, matrices, compute_uv=False)
            return xp.zeros(left.shape, matrices.dtype), sizes, xp.zeros(right.shape, matrices.dtype)
        u, sizes, v_adjoint = kernels.svd(xp, matrices, full_matrices=full)
        return u, sizes, adjoint(v_adjoint)

    return Launch(kernel, (input,), outputs=[left, values, right], type_name="svd", fields=("U", "S", "V"))


def singular_values(xp: Any, out: Any, matrices: Any) -> Any:
    return kernels.svd(xp, matrices, compute_uv=False)


@op(namespace="torch.linalg", out=True)
def svdvals(input: Tensor, *, driver: str | None = None) -> Launch:
    """The singular values, in descending order.

    >>> linalg.svdvals(tensor([[0., 2.], [1., 0.]]))
    tensor([2., 1.])
    """
    check_svd(input)
    return Launch(singular_values, (input,), (*input.shape[:-2], min(input.shape[-2:])), input.dtype.to_real())
