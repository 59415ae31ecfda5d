"""Losses: how far predictions are from targets, element by element, then averaged or added up."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL, FLOAT, DType, bfloat16, float16
from tcalc.engine.promotion import floating, result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.reduction.summation import accurate_sum
from tcalc.ops.registry import op
from tcalc.ops.steps import exact, rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

NN = "torch.nn.functional"
_REDUCTIONS = ("none", "mean", "sum")


# ---------------------------------------------------------------- the frame


def check_reduction(reduction: str) -> None:
    if reduction not in _REDUCTIONS:
        raise value_error(f"{reduction} is not a valid value for reduction")


def reduced(xp: Any, losses: Any, reduction: str) -> Any:
    """The losses themselves, their mean or their sum."""
    if reduction == "none":
        return losses
    total = accurate_sum(xp, losses, range(losses.ndim))
    return total if reduction == "sum" else total / xp.asarray(losses.size, total.dtype)


def loss(
    operands: Sequence[Tensor],
    kernel: Callable,
    reduction: str,
    dtype: DType | None = None,
    shape: Sequence[int] | None = None,
    compute: DType | None = None,
) -> Launch:
    """The launch of ``kernel(xp, *arrays)``, which gives a loss for each element, and of its reduction."""
    check_reduction(reduction)
    dtype = dtype or result_type(*operands)
    shape = broadcast(*[operand.shape for operand in operands]) if shape is None else shape
    step = rounding(dtype)

    def run(xp: Any, out: Any, *arrays: Any) -> Any:
        return reduced(xp, step(kernel(xp, *arrays)), reduction)

    compute = compute or dtype.computed_as
    return Launch(run, operands, shape if reduction == "none" else (), dtype, compute=compute)


def old_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The arguments that ``reduction`` replaced still count where they are given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _warn_of_sizes(input: Tensor, target: Tensor) -> None:
    if tuple(input.shape) != tuple(target.shape):
        current().warn(
            f"Using a target size ({Size(target.shape)}) that is different to the input size ({Size(input.shape)}). "
            f"This will "
            "likely lead to incorrect results due to broadcasting. Please ensure they have the same size."
        )


def _refuse(dtype: DType, kernel: str) -> None:
    if dtype.category < FLOAT:
        raise refusal(kernel, dtype)


# ---------------------------------------------------------------- distances


def _regression(
    input: Tensor,
    target: Tensor,
    kernel: Callable,
    reduction: str,
    refuses: str,
    weight: Tensor | None,
    divided_by_weights: bool = True,
    once: DType | None = None,
) -> Launch:
    """A loss of the difference between prediction and target; weights scale it, and may divide the mean.

    ``kernel(xp, step, difference)`` rounds its steps, but in the type of ``once`` not before its end.
    """
    _warn_of_sizes(input, target)
    dtype = result_type(input, target)
    broadcast(input.shape, target.shape)
    if refuses:
        _refuse(dtype, refuses)
    elif dtype.category < FLOAT and reduction == "mean" and weight is None:
        raise TcalcError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{dtype.scalar_name}"
        )
    real = dtype.to_real()
    step = exact if dtype is once else rounding(dtype)

    def losses_of(xp: Any, first: Any, second: Any) -> Any:
        return kernel(xp, step, step(first - second))

    if weight is None:
        return loss([input, target], losses_of, reduction, real, compute=dtype.computed_as)
    check_reduction(reduction)
    if tuple(weight.shape) != tuple(input.shape):
        raise value_error("Weights and input must have the same size.")
    shape = broadcast(input.shape, target.shape)

    def run(xp: Any, out: Any, first: Any, second: Any, weights: Any) -> Any:
        losses = rounding(real)(rounding(real)(losses_of(xp, first, second)) * weights)
        if reduction == "mean" and divided_by_weights:
            return losses.sum() / weights.sum()
        return reduced(xp, losses, reduction)

    answer = shape if reduction == "none" else ()
    if reduction == "mean":
        real = floating(real)
    return Launch(run, (input, target, weight), answer, real, compute=dtype.computed_as)


@op(
    namespace=NN,
    derivative=lambda grad, result, input, target, *rest: (
        grad * 2 * (input - target) / input.numel(),
        grad * 2 * (target - input) / input.numel(),
    ),
)
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Launch:
    """The square of the difference.

    >>> F.mse_loss(tensor([1., 2.]), tensor([2., 4.]))
    tensor(2.5000)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    return _regression(input, target, lambda xp, step, d: d * d, reduction, "mse_cpu", weight)


@op(namespace=NN)
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Launch:
    """The absolute value of the difference.

    >>> F.l1_loss(tensor([1., 2.]), tensor([2., 4.]))
    tensor(1.5000)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    return _regression(input, target, lambda xp, step, d: xp.abs(d), reduction, "", weight)


@op(namespace=NN)
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Launch:
    """The square of a small difference, the value of a large one.

    ``beta`` is where the one becomes the other.

    >>> F.smooth_l1_loss(tensor([1., 2.]), tensor([1.5, 4.]))
    tensor(0.8125)
    """
    if beta < 0:
        raise TcalcError("smooth_l1_loss does not support negative values for beta.")

    def kernel(xp: Any, step: Any, difference: Any) -> Any:
        size = xp.abs(difference)
        if not beta:
            return size
        edge = size.dtype.type(beta)
        return xp.where(size < edge, step(step(size / 2) * size) / edge, size - edge / 2)

    reduction = old_reduction(size_average, reduce, reduction)
    return _regression(input, target, kernel, reduction, "smooth_l1_cpu", None, once=bfloat16)


@op(namespace=NN)
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Launch:
    """Half the square of a small difference, a line for a large one.

    ``delta`` is where the one becomes the other.

    >>> F.huber_loss(tensor([1., 2.]), tensor([1.5, 4.]))
    tensor(0.8125)
    """
    if delta <= 0:
        raise TcalcError("huber_loss does not support non-positive values for delta.")

    def kernel(xp: Any, step: Any, difference: Any) -> Any:
        size = xp.abs(difference)
        edge = size.dtype.type(delta)
        return xp.where(size <= edge, step(size / 2) * size, edge * step(size - edge / 2))

    return _regression(
        input, target, kernel, reduction, "huber_cpu", weight, divided_by_weights=False, once=float16
    )


# ---------------------------------------------------------------- probabilities


@op(namespace=NN)
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Launch:
    """The surprise at each yes or no, given the probability of yes.

    >>> F.binary_cross_entropy(tensor([0.5, 0.1]), tensor([1., 0.]))
    tensor(0.3993)
    """
    if tuple(input.shape) != tuple(target.shape):
        raise value_error(
            f"Using a target size ({Size(target.shape)}) that is different to the input size ({Size(input.shape)}) is "
            "deprecated. Please ensure they have the same size."
        )
    _refuse(input.dtype, "binary_cross_entropy")
    if target.dtype is not input.dtype:
        raise TcalcError(f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}")

    step = rounding(input.dtype)

    def kernel(xp: Any, chances: Any, wanted: Any, *weights: Any) -> Any:
        if chances.size and not bool(((chances >= 0) & (chances <= 1)).all()):
            raise TcalcError("all elements of input should be between 0 and 1")
        # PyTorch cuts logarithms off at -100, so that a certain and wrong answer costs 100 and not infinity.
        yes = xp.maximum(step(xp.log(chances)), -100)
        no = xp.maximum(step(xp.log1p(-chances)), -100)
        losses = step(step(wanted - 1) * no) - step(wanted * yes)
        return step(losses) * weights[0] if weights else losses

    operands = [input, target, *([weight] if weight is not None else [])]
    reduction = old_reduction(size_average, reduce, reduction)
    return loss(operands, kernel, reduction, input.dtype, input.shape)


def _logits_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, pos_weight: Tensor | None, reduction: str
) -> Launch:
    if tuple(input.shape) != tuple(target.shape):
        raise value_error(f"Target size ({Size(target.shape)}) must be the same as input size ({Size(input.shape)})")
    _refuse(input.dtype, "log_sigmoid_cpu")
    dtype = result_type(*[tensor for tensor in (input, target, weight, pos_weight) if tensor is not None])
    step = rounding(dtype)

    def kernel(xp: Any, logits: Any, wanted: Any, *rest: Any) -> Any:
        given = list(rest)
        weights = given.pop(0) if weight is not None else None
        log_sigmoid = step(xp.minimum(logits, 0) - xp.log1p(xp.exp(-xp.abs(logits))))
        if pos_weight is not None:
            log_sigmoid = step(log_sigmoid * step(step(given.pop(0) - 1) * wanted + 1))
        losses = step(step(step(1 - wanted) * logits) - log_sigmoid)
        return losses if weights is None else step(losses * weights)

    operands = [tensor for tensor in (input, target, weight, pos_weight) if tensor is not None]
    return loss(operands, kernel, reduction, dtype)


@op(namespace=NN)
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Launch:
    """The surprise at each yes or no, given the logit of yes.

    >>> F.binary_cross_entropy_with_logits(tensor([0.5, 0.1]), tensor([1., 0.]))
    tensor(0.6092)
    """
    return _logits_loss(input, target, weight, pos_weight, old_reduction(size_average, reduce, reduction))


def _divergence(input: Tensor, target: Tensor, reduction: str, log_target: bool) -> Launch:
    dtype = result_type(input, target)
    step = rounding(dtype)

    def kernel(xp: Any, guess: Any, truth: Any) -> Any:
        if log_target:
            return step(xp.exp(truth)) * step(truth - guess)
        logarithm = step(xp.log(xp.where(truth > 0, truth, 1)))
        entropy = xp.where(truth > 0, truth * logarithm, xp.where(truth == 0, 0, xp.nan))
        return step(entropy) - step(truth * guess)

    if reduction != "batchmean":
        return loss([input, target], kernel, reduction)
    count = input.shape[0] if input.shape else 1

    def run(xp: Any, out: Any, guess: Any, truth: Any) -> Any:
        return step(reduced(xp, step(kernel(xp, guess, truth)), "sum")) / xp.asarray(count, guess.dtype)

    return Launch(run, (input, target), (), dtype, compute=dtype.computed_as)


@op(namespace=NN)
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Launch:
    """The divergence of the distribution ``input`` from ``target``.

    ``input`` holds logarithms.

    >>> F.kl_div(tensor([-1., -2.]), tensor([0.5, 0.5]), reduction="sum")
    tensor(0.8069)
    """
    if reduction == "mean":
        current().warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' "
            "divides only by "
            "the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as "
            "'batchmean' in the next major release."
        )
    return _divergence(input, target, old_reduction(size_average, reduce, reduction), log_target)


def _by_number(reduction: int) -> str:
    """The reduction of PyTorch's own library: 1 the mean, 2 the sum, anything else none."""
    return {1: "mean", 2: "sum"}.get(reduction, "none")


@op(name="kl_div", method=False)
def torch_kl_div(input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False) -> Launch:
    """The divergence of ``input`` from ``target``, not reduced.

    ``input`` holds the logarithms of a distribution.

    >>> torch.kl_div(tensor([-1., -2.]), tensor([0.5, 0.5]))
    tensor([0.1534, 0.6534])
    """
    return _divergence(input, target, _by_number(reduction), log_target)


@op(name="binary_cross_entropy_with_logits", method=False)
def torch_binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: int = 0,
) -> Launch:
    """The surprise at each yes or no, given the logit of yes.

    >>> binary_cross_entropy_with_logits(tensor([0.5, 0.1]), tensor([1., 0.]), None, None, 1)
    tensor(0.6092)
    """
    return _logits_loss(input, target, weight, pos_weight, _by_number(reduction))


def _poisson(input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: str) -> Launch:
    dtype = floating(result_type(input, target))
    step = rounding(dtype)

    def kernel(xp: Any, rate: Any, count: Any) -> Any:
        if log_input:
            losses = step(xp.exp(rate)) - step(count * rate)
        else:
            losses = rate - step(count * step(xp.log(step(rate + rate.dtype.type(eps)))))
        if full:
            safe = xp.where(count > 1, count, 1)
            scaled = step(step(xp.log(step(2 * xp.pi * safe))) / 2)
            stirling = step(step(step(safe * step(xp.log(safe))) - safe) + scaled)
            losses = step(losses) + xp.where(count > 1, stirling, 0).astype(losses.dtype)
        return losses

    return loss([input, target], kernel, reduction, dtype)


@op(namespace=NN)
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Launch:
    """The surprise at counts, given the (logarithm of the) rate.

    >>> F.poisson_nll_loss(tensor([1., 2.]), tensor([3., 4.]))
    tensor(-0.4463)
    """
    return _poisson(input, target, log_input, full, eps, old_reduction(size_average, reduce, reduction))


@op(namespace=NN)
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Launch:
    """The surprise at values, given their mean and variance.

    >>> F.gaussian_nll_loss(tensor([1., 2.]), tensor([3., 4.]), tensor([1., 2.]))
    tensor(1.6733)
    """
    if not isinstance(var, Tensor):
        var = (input * 0) + var  # type: ignore[operator]
    assert isinstance(var, Tensor)
    if tuple(var.shape) != tuple(input.shape):
        if tuple(input.shape[:-1]) == tuple(var.shape):
            var = var.as_view((*var.shape, 1), (*var.stride, 1))
        elif not (tuple(input.shape[:-1]) == tuple(var.shape[:-1]) and var.shape[-1] == 1):
            raise value_error("var is of incorrect size")

    if input.dtype.category == BOOL:
        raise TcalcError("result type Float can't be cast to the desired output type bool")

    step = rounding(result_type(input, target, var))

    def kernel(xp: Any, mean: Any, value: Any, variance: Any) -> Any:
        if bool((variance < 0).any()):
            raise value_error("var has negative entry/entries")
        variance = xp.maximum(variance, step(variance.dtype.type(eps)))
        losses = step(step(xp.log(variance)) + step(step(step(mean - value) ** 2) / variance)) / 2
        return losses + losses.dtype.type(0.9189385332046727) if full else losses

    return loss([input, target, var], kernel, reduction)
