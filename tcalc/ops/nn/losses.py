"""Losses: how far predictions are from targets, element by element, then averaged or added up."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT, DType, bfloat16, float16
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.pointwise.arithmetic import mul, sub
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


def finished(losses: Tensor, reduction: str) -> Any:
    """The same of a tensor."""
    check_reduction(reduction)
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


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


def old_reduction(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction, checked; the arguments that it replaced still count where they are given."""
    if size_average is None and reduce is None:
        check_reduction(reduction)
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
    dtype: DType | None = None,
    once: DType | None = None,
) -> Launch:
    """A loss of the difference between prediction and target.

    ``kernel(xp, step, difference)`` rounds its steps, but in the type of ``once`` not before its end.
    """
    _warn_of_sizes(input, target)
    computed = result_type(input, target)
    broadcast(input.shape, target.shape)
    _refuse(computed, refuses)
    if computed.is_complex:
        raise refusal(refuses, computed)
    step = exact if computed is once else rounding(computed)

    def losses_of(xp: Any, first: Any, second: Any) -> Any:
        return kernel(xp, step, step(first - second))

    return loss([input, target], losses_of, reduction, dtype or computed, compute=computed.computed_as)


def _check_weight(input: Tensor, weight: Tensor | None) -> None:
    if weight is not None and tuple(weight.shape) != tuple(input.shape):
        raise value_error("Weights and input must have the same size.")


def _weighted(losses: Tensor, weight: Tensor, reduction: str) -> Any:
    """Losses times weights, whose sum divides the mean."""
    weighted = mul(losses, weight)
    return weighted.sum() / weight.sum() if reduction == "mean" else finished(weighted, reduction)


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
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Any:
    """The square of the difference.

    >>> F.mse_loss(tensor([1., 2.]), tensor([2., 4.]))
    tensor(2.5000)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    _check_weight(input, weight)
    if weight is not None:
        _warn_of_sizes(input, target)
        return _weighted(sub(input, target).square(), weight, reduction)
    return _regression(input, target, lambda xp, step, d: d * d, reduction, "mse_cpu")


@op(namespace=NN)
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Any:
    """The absolute value of the difference.

    >>> F.l1_loss(tensor([1., 2.]), tensor([2., 4.]))
    tensor(1.5000)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    _warn_of_sizes(input, target)
    _check_weight(input, weight)
    losses = sub(input, target).abs()
    return finished(losses, reduction) if weight is None else _weighted(losses, weight, reduction)


@op(namespace=NN)
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """The square of a small difference, the value of a large one.

    ``beta`` is where the one becomes the other.

    >>> F.smooth_l1_loss(tensor([1., 2.]), tensor([1.5, 4.]))
    tensor(0.8125)
    """
    if beta < 0:
        raise TcalcError("smooth_l1_loss does not support negative values for beta.")
    if not beta:
        return l1_loss(input, target, size_average, reduce, reduction)

    def kernel(xp: Any, step: Any, difference: Any) -> Any:
        size = xp.abs(difference)
        edge = size.dtype.type(beta)
        return xp.where(size < edge, step(step(size / 2) * size) / edge, size - edge / 2)

    reduction = old_reduction(size_average, reduce, reduction)
    return _regression(input, target, kernel, reduction, "smooth_l1_cpu", once=bfloat16)


@op(namespace=NN)
def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Any:
    """Half the square of a small difference, a line for a large one.

    ``delta`` is where the one becomes the other.

    >>> F.huber_loss(tensor([1., 2.]), tensor([1.5, 4.]))
    tensor(0.8125)
    """
    broadcast(input.shape, target.shape)
    if delta <= 0:
        raise TcalcError("huber_loss does not support non-positive values for delta.")

    def kernel(xp: Any, step: Any, difference: Any) -> Any:
        size = xp.abs(difference)
        edge = size.dtype.type(delta)
        return xp.where(size <= edge, step(size / 2) * size, edge * step(size - edge / 2))

    check_reduction(reduction)
    _check_weight(input, weight)
    if input.dtype.category < result_type(input, target).category:
        found = result_type(input, target).scalar_name
        raise TcalcError(f"result type {found} can't be cast to the desired output type {input.dtype.scalar_name}")
    if weight is None:
        return _regression(input, target, kernel, reduction, "huber_cpu", input.dtype, once=float16)
    return finished(mul(huber_loss(input, target, "none", delta), weight), reduction)
