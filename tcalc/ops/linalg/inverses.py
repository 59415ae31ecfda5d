"""Determinants, inverses and powers of square matrices."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import COMPLEX, FLOAT
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg import kernels
from tcalc.ops.linalg.kernels import (
    adjoint,
    batch_prefix,
    check_floating,
    check_square,
    determinant,
    failing_call,
    identity_like,
    linalg_error,
    lu_factor,
    solve_factored,
)
from tcalc.ops.linalg.matmul import matmul
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]

_SINGULAR = (
    "The diagonal element {} is zero, the inversion could not be completed because the input matrix is singular."
)


# ---------------------------------------------------------------- determinants


def _det_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    return determinant(xp, matrices)


@op(
    aliases=("linalg.det",),
    out=True,
    derivative=lambda grad, result, input: ((grad * result)[..., None, None] * inv(input).mH,),
)
def det(input: Tensor) -> Launch:
    """The determinant of each matrix.

    >>> det(tensor([[2., 0.], [1., 3.]]))
    tensor(6.)
    """
    check_square(input, "linalg.det")
    check_floating(input, "linalg.det", "lu_cpu")
    return Launch(_det_kernel, (input,), input.shape[:-2], input.dtype)


def _slogdet_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    sign, logarithm = xp.linalg.slogdet(matrices)
    return sign, logarithm


def _slogdet(input: Tensor, type_name: str) -> Launch:
    check_square(input, "linalg.slogdet")
    check_floating(input, "linalg.slogdet")
    outputs = [Spec(input.shape[:-2], input.dtype), Spec(input.shape[:-2], input.dtype.to_real())]
    return Launch(_slogdet_kernel, (input,), outputs=outputs, type_name=type_name, fields=("sign", "logabsdet"))


@op(out=True)
def slogdet(input: Tensor) -> Launch:
    """The sign of the determinant, and the logarithm of its absolute value.

    >>> slogdet(tensor([[-1., 0.], [0., 1.]])).sign
    tensor(-1.)
    """
    return _slogdet(input, "slogdet")


@op(namespace="torch.linalg", name="slogdet", out=True)
def linalg_slogdet(input: Tensor) -> Launch:
    """The sign of the determinant, and the logarithm of its absolute value.

    >>> linalg.slogdet(tensor([[-1., 0.], [0., 1.]])).logabsdet
    tensor(0.)
    """
    return _slogdet(input, "linalg_slogdet")


def _logdet_kernel(xp: Any, out: Any, matrices: Any) -> Any:
    sign, logarithm = xp.linalg.slogdet(matrices)
    return xp.log(sign) + logarithm


@op(derivative=lambda grad, result, input: (grad[..., None, None] * inv(input).mH,))
def logdet(input: Tensor) -> Launch:
    """The logarithm of the determinant; nan where that is negative.

    >>> logdet(tensor([[1., 0.], [0., 1.]]))
    tensor(0.)
    """
    check_square(input, "logdet")
    check_floating(input, "logdet")
    return Launch(_logdet_kernel, (input,), input.shape[:-2], input.dtype)


# ---------------------------------------------------------------- inverses


def inverse_and_info(xp: Any, matrices: Any) -> tuple[Any, Any]:
    """The inverses, and LAPACK's code for each: 0, or the first zero on the diagonal of U."""
    answer = failing_call(xp.linalg.inv, matrices)
    if answer is not None:
        return answer, xp.zeros(matrices.shape[:-2], xp.int32)
    packed, pivots, info = lu_factor(xp, matrices)
    return solve_factored(xp, packed, pivots, identity_like(xp, matrices)), info


def _raising_inverse(who: str) -> Any:
    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        answer, info = inverse_and_info(xp, matrices)
        if info.any():
            prefix, code = batch_prefix(info)
            raise linalg_error(f"{who}: {prefix}{_SINGULAR.format(code)}")
        return answer

    return kernel


@op(
    aliases=("linalg.inv",),
    out=True,
    name="inverse",
    derivative=lambda grad, result, input: (-matmul(result.mH, matmul(grad, result.mH)),),
)
def inv(input: Tensor) -> Launch:
    """The inverse of each square matrix.

    >>> inverse(tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    check_square(input, "linalg.inv")
    check_floating(input, "linalg.inv")
    return Launch(_raising_inverse("linalg.inv"), (input,), input.shape, input.dtype, columns=True)


@op(namespace="torch.linalg", out=True)
def inv_ex(input: Tensor, *, check_errors: bool = False) -> Launch:
    """The inverse of each square matrix, and a code where there is none.

    The code is 0 where there is one.

    >>> linalg.inv_ex(tensor([[2.]])).info
    tensor(0, dtype=torch.int32)
    """
    check_square(input, "linalg.inv")
    check_floating(input, "linalg.inv")

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        answer, info = inverse_and_info(xp, matrices)
        if check_errors and info.any():
            prefix, code = batch_prefix(info)
            raise linalg_error(f"linalg.inv_ex: {prefix}{_SINGULAR.format(code)}")
        return answer, info

    outputs = [Spec(input.shape, input.dtype), Spec(input.shape[:-2], dtypes.int32)]
    return Launch(
        kernel, (input,), outputs=outputs, type_name="linalg_inv_ex", fields=("inverse", "info"), columns=True
    )


def cutoff(xp: Any, values: Any, atol: Any, rtol: Any, longest: int) -> Any:
    """Below this a singular value counts as zero: one bound for each matrix.

    The relative bound defaults to the precision of the type, unless an absolute one was asked for.
    """
    absolute = 0.0 if atol is None else _bound(xp, atol)
    if rtol is None:
        epsilon = float(xp.finfo(values.dtype).eps) * longest
        rtol = xp.where(xp.asarray(absolute) > 0, 0.0, epsilon) if atol is not None else epsilon
    largest = xp.maximum.reduce(values, axis=-1, initial=0)
    return xp.maximum(absolute, _bound(xp, rtol) * largest)


def _bound(xp: Any, bound: Any) -> Any:
    return bound.array if isinstance(bound, Tensor) else bound


def _pinv(input: Tensor, atol: Any, rtol: Any, hermitian: bool) -> Launch:
    if input.ndim < 2 or input.dtype.category < FLOAT or input.dtype.is_reduced:
        raise TcalcError(
            f"linalg.pinv({input.dtype.scalar_name}{{{list(input.shape)}}}): expected a tensor with 2 or more "
            f"dimensions "
            "of float, double, cfloat or cdouble types"
        )
    if hermitian:
        check_square(input, "linalg.eigh")
    for name, bound in (("atol", atol), ("rtol", rtol)):
        if isinstance(bound, Tensor) and bound.dtype.category == COMPLEX:
            kind = bound.dtype.scalar_name
            raise TcalcError(f"torch.linalg.pinv: {name} tensor of complex type is not supported. Got {kind}")
    longest = max(input.shape[-2:])

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        if not matrices.size:
            return xp.zeros(shape, matrices.dtype)
        if hermitian:
            values, left = kernels.eigh(xp, matrices)
            right, sizes = left, xp.abs(values)
        else:
            left, values, right_adjoint = kernels.svd(xp, matrices, full_matrices=False)
            right, sizes = adjoint(right_adjoint), values
        kept = sizes > cutoff(xp, sizes, atol, rtol, longest)[..., None]
        inverted = xp.where(kept, 1 / xp.where(kept, values, 1), 0).astype(values.dtype)
        return xp.matmul(right * inverted[..., None, :], adjoint(left))

    bounds = [(*bound.shape, 1) for bound in (atol, rtol) if isinstance(bound, Tensor) and input.numel()]
    batch = broadcast((*input.shape[:-2], 1), *bounds)[:-1]
    shape = (*batch, input.shape[-1], input.shape[-2])
    return Launch(kernel, (input,), shape, input.dtype)


@op(out=True)
def pinverse(input: Tensor, rcond: Number = 1e-15) -> Launch:
    """The pseudo-inverse.

    Singular values below ``rcond`` times the largest count as zero.

    >>> pinverse(tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    return _pinv(input, None, rcond, False)


@op(namespace="torch.linalg", out=True)
def pinv(
    input: Tensor,
    rcond: Number | Tensor | None = None,
    hermitian: bool = False,
    *,
    atol: Number | Tensor | None = None,
    rtol: Number | Tensor | None = None,
) -> Launch:
    """The pseudo-inverse.

    Singular values up to ``max(atol, rtol * largest)`` count as zero.

    >>> linalg.pinv(tensor([[2., 0.], [0., 0.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.0000]])
    """
    return _pinv(input, atol, rcond if rcond is not None else rtol, hermitian)


@op(aliases=("linalg.matrix_power",), out=True)
def matrix_power(input: Tensor, n: int) -> Tensor:
    """The product of ``n`` factors of a square matrix.

    A negative power is the inverse's.

    >>> matrix_power(tensor([[1, 1], [0, 1]]), 3)
    tensor([[1, 3],
            [0, 1]])
    """
    check_square(input, "linalg.matrix_power")
    if n == 0:
        return _identity(input)
    if n < 0:
        input, n = inv(input), -n
    if n == 1:
        return input.clone(memory_format="contiguous_format")
    if n == 3:  # the order of PyTorch, which shows in few digits
        return matmul(matmul(input, input), input)
    result: Tensor | None = None
    while n:
        if n & 1:
            result = input if result is None else matmul(result, input)
        n >>= 1
        if n:
            input = matmul(input, input)
    assert result is not None
    return result


def _identity(input: Tensor) -> Tensor:
    from tcalc.ops.dispatch import execute

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        return identity_like(xp, matrices).copy()

    made: Tensor = execute(Launch(kernel, (input,), input.shape, input.dtype), matrix_power)
    return made
