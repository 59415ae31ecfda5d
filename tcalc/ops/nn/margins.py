"""Losses that want a margin between what is alike and what is not."""

from __future__ import annotations

from tcalc.engine.promotion import floating, result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.indexing.choosing import where
from tcalc.ops.nn.distances import lengths
from tcalc.ops.nn.losses import NN, finished, loss, old_reduction, reduced
from tcalc.ops.pointwise.arithmetic import mul, neg, sub
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@op(namespace=NN)
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """A distance, or what it lacks to a margin, as the target says.

    The distance where the target is 1, what is missing to ``margin`` where it is -1.

    >>> F.hinge_embedding_loss(tensor([1., 2.]), tensor([1., -1.]))
    tensor(0.5000)
    """
    reduction = old_reduction(size_average, reduce, reduction)

    nothing = input.new_zeros(input.shape)
    missing = nothing.clone().fill_(margin).sub_(input).clamp_(min=0)
    losses = where(target.ne(1), missing, nothing).add(where(target.ne(-1), input, nothing))
    return finished(losses, reduction)


@op(namespace=NN)
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """What is missing for the one to rank above the other by ``margin``.

    >>> F.margin_ranking_loss(tensor([1., 2.]), tensor([2., 1.]), tensor([1., -1.]))
    tensor(1.)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise TcalcError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{Size(input1.shape)}, input2: {Size(input2.shape)}, target: {Size(target.shape)} "
        )

    losses = mul(neg(target), sub(input1, input2)).add(margin).clamp(min=0)
    return finished(losses, reduction)


@op(namespace=NN)
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """``log(1 + exp(-target * input))``, for targets of 1 and -1.

    >>> F.soft_margin_loss(tensor([1., 2.]), tensor([1., -1.]))
    tensor(1.2201)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    losses = neg(input).mul_(target).exp_().log1p_()
    return finished(losses, reduction)


@op(namespace=NN)
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Launch:
    """One minus the cosine, or the cosine, as the target says.

    One minus it where the target is 1, what is above ``margin`` where it is -1.

    >>> F.cosine_embedding_loss(tensor([[1., 2.]]), tensor([[2., 1.]]), tensor([1]))
    tensor(0.2000)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    if target.ndim > 1:
        raise TcalcError("0D or 1D target tensor expected, multi-target not supported")
    if not input1.ndim == input2.ndim == target.ndim + 1:
        raise TcalcError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    shape = broadcast(input1.shape, input2.shape)[:-1]

    dtype = floating(result_type(input1, input2))
    step = rounding(dtype)

    def kernel(xp: Any, first: Any, second: Any, sign: Any) -> Any:
        epsilon = step(first.dtype.type(1e-12))
        squares = [step(step(step(array * array).sum(-1)) + epsilon) for array in (first, second)]
        cosine = step(step(step(first * second).sum(-1)) / step(xp.sqrt(step(squares[0] * squares[1]))))
        far = xp.maximum(step(cosine - step(cosine.dtype.type(margin))), 0)
        return xp.where(sign == 1, step(1 - cosine), 0) + xp.where(sign == -1, far, 0)

    answer = broadcast(target.shape, shape)
    return loss([input1, input2, target], kernel, reduction, dtype, answer)


def different_ranks(anchor: Tensor, positive: Tensor, negative: Tensor) -> TcalcError:
    return TcalcError(
        "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
        f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
    )


@op(namespace=NN)
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Launch:
    """What an anchor lacks to be nearer to the positive by ``margin``.

    Nearer than to the negative.

    >>> F.triplet_margin_loss(tensor([[1., 2.]]), tensor([[2., 1.]]), tensor([[1., 1.]]))
    tensor(1.4142)
    """
    if margin <= 0:
        raise value_error(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise different_ranks(anchor, positive, negative)
    shape = broadcast(anchor.shape, positive.shape, negative.shape)
    dtype = floating(result_type(anchor, positive, negative))
    step = rounding(dtype)

    def distance(xp: Any, first: Any, second: Any) -> Any:
        gap = step(step(first - second) + first.dtype.type(eps))
        return step(lengths(xp, gap, p, (gap.ndim - 1,), False))

    def kernel(xp: Any, first: Any, near: Any, far: Any) -> Any:
        apart = distance(xp, first, far)
        if swap:
            apart = xp.minimum(apart, distance(xp, near, far))
        close = distance(xp, first, near)
        return xp.maximum(step(step(close + close.dtype.type(margin)) - apart), 0)

    reduction = old_reduction(size_average, reduce, reduction)

    def run(xp: Any, out: Any, *arrays: Any) -> Any:
        return reduced(xp, kernel(xp, *arrays), reduction)

    answer = shape[:-1] if reduction == "none" else ()
    operands = (anchor, positive, negative)
    return Launch(run, operands, answer, dtype.to_real(), compute=dtype.computed_as)
