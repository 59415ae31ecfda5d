"""Losses that are surprises: minus the logarithm of how likely a target was."""

from __future__ import annotations

from math import log as log_of
from math import pi

from tcalc.engine.dtypes import COMPLEX, FLOAT
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.losses import NN, finished, loss, old_reduction
from tcalc.ops.nn.smooth import logsigmoid
from tcalc.ops.pointwise.arithmetic import mul, rsub, sub
from tcalc.ops.pointwise.combining import xlogy
from tcalc.ops.pointwise.maths import exp, log
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@op(namespace=NN)
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
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
    if weight is not None:
        _check_spread(weight, target)
    if target.dtype is not input.dtype:
        raise TcalcError(f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}")
    if input.dtype.category != FLOAT:
        raise refusal("binary_cross_entropy", input.dtype)

    step = rounding(input.dtype)

    def kernel(xp: Any, chances: Any, wanted: Any, *weights: Any) -> Any:
        # PyTorch meets the first element that is no chance, of either.
        for name, numbers in (("input", chances), ("target", wanted)):
            if not bool(((numbers >= 0) & (numbers <= 1)).all()):
                raise TcalcError(f"all elements of {name} should be between 0 and 1")
        # PyTorch cuts logarithms off at -100, so that a certain and wrong answer costs 100 and not infinity.
        yes = xp.maximum(step(xp.log(chances)), -100)
        no = xp.maximum(step(xp.log1p(-chances)), -100)
        losses = step(step(wanted - 1) * no) - step(wanted * yes)
        return step(losses) * weights[0] if weights else losses

    operands = [input, target, *([weight] if weight is not None else [])]
    reduction = old_reduction(size_average, reduce, reduction)
    return loss(operands, kernel, reduction, input.dtype, input.shape)


def _check_spread(weight: Tensor, target: Tensor) -> None:
    """The weights of an element each, or as many as broadcast to them."""
    if not target.ndim:
        return
    wanted = [1] * (weight.ndim - target.ndim) + list(target.shape)
    for at in range(1, weight.ndim + 1):
        if weight.shape[-at] not in (1, wanted[-at]):
            raise TcalcError(
                f"Attempting to broadcast a dimension of length {weight.shape[-at]} at -{at}! Mismatching argument at "
                f"index 1 had {Size(weight.shape)}; but expected shape should be broadcastable to {wanted}"
            )


def _logits_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, pos_weight: Tensor | None, reduction: str
) -> Any:
    if tuple(input.shape) != tuple(target.shape):
        raise value_error(f"Target size ({Size(target.shape)}) must be the same as input size ({Size(input.shape)})")
    surprise = logsigmoid(input)
    if pos_weight is not None:
        surprise = surprise.mul_(mul(sub(pos_weight, 1), target).add_(1))
    losses = rsub(target, 1).mul_(input).sub_(surprise)
    if weight is not None:
        losses = losses.mul_(weight)
    return finished(losses, reduction)


@op(namespace=NN)
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Any:
    """The surprise at each yes or no, given the logit of yes.

    >>> F.binary_cross_entropy_with_logits(tensor([0.5, 0.1]), tensor([1., 0.]))
    tensor(0.6092)
    """
    return _logits_loss(input, target, weight, pos_weight, old_reduction(size_average, reduce, reduction))


def _divergence(input: Tensor, target: Tensor, reduction: str, log_target: bool) -> Any:
    for operand in (input, target):
        if operand.dtype.category < FLOAT:
            raise TcalcError("kl_div: Integral inputs not supported.")
        if operand.dtype.category == COMPLEX:
            raise TcalcError("kl_div: Complex inputs not supported.")
    if log_target:
        losses = mul(exp(target), sub(target, input))
    else:
        losses = sub(xlogy(target, target), mul(target, input))
    if reduction != "batchmean":
        return finished(losses, reduction)
    total = losses.sum()
    return total / input.shape[0] if input.shape else total


@op(namespace=NN)
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
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
    if reduction != "batchmean":
        reduction = old_reduction(size_average, reduce, reduction)
    return _divergence(input, target, reduction, log_target)


def _by_number(reduction: int) -> str:
    """The reduction of PyTorch's own library: 1 the mean, 2 the sum, anything else none."""
    return {1: "mean", 2: "sum"}.get(reduction, "none")


@op(name="kl_div", method=False)
def torch_kl_div(input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False) -> Any:
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
) -> Any:
    """The surprise at each yes or no, given the logit of yes.

    >>> binary_cross_entropy_with_logits(tensor([0.5, 0.1]), tensor([1., 0.]), None, None, 1)
    tensor(0.6092)
    """
    return _logits_loss(input, target, weight, pos_weight, _by_number(reduction))


@op(namespace=NN)
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The surprise at counts, given the (logarithm of the) rate.

    >>> F.poisson_nll_loss(tensor([1., 2.]), tensor([3., 4.]))
    tensor(-0.4463)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    if log_input:
        losses = sub(exp(input), mul(target, input))
    else:
        losses = sub(input, mul(target, log(input.add(eps))))
    if full:
        stirling = sub(mul(target, log(target)), target).add(log(mul(target, 2 * pi)).mul(0.5))
        losses = losses.add_(stirling.masked_fill(target.le(1), 0))
    return finished(losses, reduction)


@op(namespace=NN)
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """The surprise at values, given their mean and variance.

    >>> F.gaussian_nll_loss(tensor([1., 2.]), tensor([3., 4.]), tensor([1., 2.]))
    tensor(1.6733)
    """
    if not isinstance(var, Tensor):
        if var < 0:
            raise value_error("var has negative entry/entries")
        var = input.new_ones(input.shape).mul(var)
    spread: Any = var
    if tuple(spread.shape) != tuple(input.shape):
        if tuple(input.shape[:-1]) == tuple(spread.shape):
            spread = spread.unsqueeze(-1)
        elif not (tuple(input.shape[:-1]) == tuple(spread.shape[:-1]) and spread.shape[-1] == 1):
            raise value_error("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise value_error(f"{reduction} is not valid")
    if spread.device.type != "meta" and bool((spread < 0).any()):
        raise value_error("var has negative entry/entries")
    spread = spread.clone().clamp_(min=eps)
    losses = log(spread).add(sub(input, target).square().div(spread)).mul(0.5)
    if full:
        losses = losses.add_(0.5 * log_of(2 * pi))
    return finished(losses, reduction)
