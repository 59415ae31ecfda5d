"""Norms of vectors, sums of exponentials, distances: reductions that are more than a sum."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import COMPLEX, FLOAT, INTEGER, DType
from tcalc.engine.promotion import floating
from tcalc.engine.shapes import normalize_dims
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.linalg.norms import norm_dtype, vector_norm_launch
from tcalc.ops.out_rules import EXPECTED
from tcalc.ops.pointwise.arithmetic import mul, sub
from tcalc.ops.pointwise.comparisons import lt
from tcalc.ops.reduction.summation import accurate_sum
from tcalc.ops.reduction.sums import reduction, spread_back
from tcalc.ops.registry import namespaces, op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.dispatch import Launch

    Number = complex
    Ints = tuple[int, ...]
    Floating = Tensor  # what the binder makes of a list of whole numbers is floating


@op(out=True)
def norm(
    input: Floating, p: Number | str | None = "fro", dim: Ints | None = None, keepdim: bool = False,
    *, dtype: DType | None = None,
) -> Any:  # fmt: skip
    """Norm of all elements, or along dimensions.

    ``p`` is a number, ``inf``, ``"fro"`` or ``"nuc"``.

    >>> norm(tensor([3., 4.]))
    tensor(5.)
    >>> norm(tensor([3., 4.]), 1)
    tensor(7.)
    """
    if isinstance(p, str) and p != "fro":
        if p != "nuc":
            raise TcalcError(f"linalg.matrix_norm: Order {p} not supported.")
        matrix_dims = dim or (-2, -1)
        return namespaces["torch.linalg"]["matrix_norm"](input, "nuc", matrix_dims, keepdim, dtype=dtype)
    if input.dtype.category <= INTEGER:  # unlike linalg.vector_norm, whatever dtype= says
        norm_dtype(input, None, "linalg.vector_norm")
    order = 2.0 if p is None or isinstance(p, str) else float(p.real)
    return vector_norm_launch(input, order, dim, keepdim, dtype)


@op(
    out=True,
    aliases=("special.logsumexp",),
    derivative=lambda grad, result, input, dim, keepdim=False: (
        mul(spread_back(grad, input, dim, keepdim), sub(input, spread_back(result, input, dim, keepdim)).exp()),
    ),
)
def logsumexp(input: Floating, dim: Ints, keepdim: bool = False) -> Launch:
    """``log(sum(exp(input)))`` over dimensions, without overflow.

    >>> logsumexp(tensor([10., 10.]), 0)
    tensor(10.6931)
    """
    dtype = floating(input.dtype)
    # Complex phases cancel: what is left of the sum needs the digits.
    compute = dtypes.complex128 if dtype.category == COMPLEX else dtype.computed_as
    step = rounding(dtype)
    return reduction(input, dim, keepdim, dtype, lambda xp, array, dims: _logsumexp(xp, step, array, dims), compute)


def _logsumexp(xp: Any, step: Any, array: Any, dims: Ints) -> Any:
    if not array.size:
        return xp.log(accurate_sum(xp, array, dims))
    real = array.real
    highest = xp.max(real, axis=dims, keepdims=True) if dims else real
    highest = xp.where(xp.isfinite(highest), highest, xp.zeros((), real.dtype))
    total = step(accurate_sum(xp, step(xp.exp(step(array - highest))), dims))
    return step(xp.log(total)) + highest.reshape(total.shape)


@op
def dist(input: Tensor, other: Tensor, p: Number = 2) -> Tensor:
    """The norm of the difference of two tensors.

    >>> dist(tensor([1., 2.]), tensor([4., 6.]))
    tensor(5.)
    """
    return norm(sub(input, other), p)


@op(inplace=True, out=EXPECTED)
def renorm(input: Tensor, p: Number, dim: int, maxnorm: Number) -> Tensor:
    """Each slice along ``dim`` scaled down to norm ``maxnorm``.

    Where its ``p``-norm is larger.

    >>> renorm(tensor([[3., 4.], [0.3, 0.4]]), 2, 0, 1)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    if input.ndim < 2:
        raise TcalcError(f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions")
    for name, number in (("p", p), ("maxnorm", maxnorm)):
        if isinstance(number, complex):
            raise TcalcError(f"renorm: {name} must be real-valued")
    assert not isinstance(p, complex) and not isinstance(maxnorm, complex)
    if p <= 0:
        raise TcalcError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise TcalcError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    kept = normalize_dims((dim,), input.ndim)
    others = tuple([position for position in range(input.ndim) if position not in kept])
    sizes: Any = norm(input, p, others, True)
    return namespaces["torch"]["where"](sizes > maxnorm, mul(input, maxnorm / (sizes + 1e-7)), input)


# ---------------------------------------------------------------- covariance


@op
def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """Covariance of variables (rows) over their observations (columns).

    >>> cov(tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise TcalcError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions"
        )
    if input.dtype.category == dtypes.BOOL:
        raise TcalcError("cov(): bool dtype is not supported for input")
    observed = mul(input, 1.0) if input.dtype.category <= INTEGER else input
    variables: Any = observed.reshape((1, -1) if input.ndim < 2 else tuple(input.shape))
    weights: Any = _cov_weights(variables, fweights, aweights)
    count = variables.shape[1]
    if weights is None:
        centered = variables - variables.mean(1, True)
        divisor = max(count - correction, 0)
        product = centered @ centered.conj().T / float(divisor)
    else:
        total = weights.sum()
        if not total.is_meta and not bool(total != 0):
            raise TcalcError("cov(): weights sum to zero, can't be normalized")
        centered = variables - (variables * weights).sum(1, True) / total
        freedom = total - correction
        if aweights is not None:
            spread = (weights * aweights).sum() / total
            freedom = total - correction * spread
        product = (centered * weights) @ centered.conj().T / freedom.clamp(min=0)
    return product.squeeze()


def _cov_weights(variables: Tensor, fweights: Tensor | None, aweights: Tensor | None) -> Tensor | None:
    for name, weights, category in (("fweights", fweights, INTEGER), ("aweights", aweights, FLOAT)):
        if weights is None:
            continue
        if weights.ndim > 1:
            raise TcalcError(
                f"cov(): expected {name} to have one or fewer dimensions but got {name} with {weights.ndim} dimensions"
            )
        if weights.dtype.category != category:
            kind = "integral" if category == INTEGER else "floating point"
            raise TcalcError(
                f"cov(): expected {name} to have {kind} dtype but got {name} with {weights.dtype.scalar_name} dtype"
            )
        if weights.numel() != variables.shape[1]:
            raise TcalcError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but got "
                f"{weights.numel()} != {variables.shape[1]}"
            )
        if not weights.is_meta and bool(lt(weights, 0).any()):
            raise TcalcError(f"cov(): {name} cannot be negative")
    if fweights is not None and aweights is not None:
        return mul(fweights, aweights)
    return fweights if fweights is not None else aweights


@op
def corrcoef(input: Tensor) -> Tensor:
    """Correlation of variables (rows) over their observations (columns).

    >>> corrcoef(tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.ndim > 2:
        raise TcalcError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions"
        )
    covariance: Any = cov(input)
    if not covariance.ndim:
        return covariance / covariance
    spread = covariance.diagonal().real.sqrt() if covariance.dtype.category == COMPLEX else covariance.diagonal().sqrt()
    scaled = covariance / spread.reshape(-1, 1) / spread.reshape(1, -1)
    return scaled if scaled.dtype.category == COMPLEX else scaled.clamp(-1, 1)
