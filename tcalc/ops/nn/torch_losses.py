"""Losses as PyTorch's own library calls them, with numbers for reductions; the triplet loss of any distance."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error, value_error
from tcalc.ops.nn import margins
from tcalc.ops.nn.ctc import ctc_loss as nn_ctc_loss
from tcalc.ops.nn.distances import pairwise_distance
from tcalc.ops.nn.likelihoods import poisson_nll_loss as nn_poisson_nll_loss
from tcalc.ops.pointwise.arithmetic import add, sub
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Sizes = tuple[int, ...]

_REDUCTIONS = ("none", "mean", "sum")
_NONE = 0


def _reduction(number: int) -> str:
    """The reduction that a number stands for; any other number is none, as in PyTorch."""
    return _REDUCTIONS[number] if 0 <= number < len(_REDUCTIONS) else "none"


@op(method=False)
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = _NONE
) -> Any:
    """``F.cosine_embedding_loss`` with its reduction as a number.

    0 is none, 1 the mean, 2 the sum.

    >>> cosine_embedding_loss(tensor([[1., 2.]]), tensor([[2., 1.]]), tensor([1]))
    tensor([0.2000])
    """
    return margins.cosine_embedding_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@op(method=False)
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = _NONE) -> Any:
    """``F.hinge_embedding_loss`` with its reduction as a number.

    >>> hinge_embedding_loss(tensor([1., 2.]), tensor([1., -1.]), 1., 1)
    tensor(0.5000)
    """
    return margins.hinge_embedding_loss(input, target, margin, reduction=_reduction(reduction))


@op(method=False)
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: int = _NONE
) -> Any:
    """``F.margin_ranking_loss`` with its reduction as a number.

    >>> margin_ranking_loss(tensor([1., 2.]), tensor([2., 1.]), tensor([1., -1.]), 0., 1)
    tensor(1.)
    """
    return margins.margin_ranking_loss(input1, input2, target, margin, reduction=_reduction(reduction))


@op(method=False)
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = _NONE,
) -> Any:
    """``F.triplet_margin_loss`` with its reduction as a number.

    >>> triplet_margin_loss(tensor([[1., 2.]]), tensor([[1., 2.]]), tensor([[1., 2.]]))
    tensor([1.])
    """
    return margins.triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction=_reduction(reduction)
    )


@op(method=False)
def poisson_nll_loss(input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int) -> Any:
    """``F.poisson_nll_loss`` with its reduction as a number.

    >>> poisson_nll_loss(tensor([1., 2.]), tensor([3., 4.]), True, False, 1e-8, 1)
    tensor(-0.4463)
    """
    return nn_poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_reduction(reduction))


@op(method=False)
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Sizes | Tensor,
    target_lengths: Sizes | Tensor,
    blank: int = 0,
    reduction: int = _NONE,
    zero_infinity: bool = False,
) -> Any:
    """``F.ctc_loss`` with its reduction as a number.

    >>> torch.ctc_loss(zeros(2, 1, 3).log_softmax(-1), tensor([[1]]), (2,), (1,), 0, 1)
    tensor(1.0986)
    """
    return nn_ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _reduction(reduction), zero_infinity)


@op(namespace="torch.nn.functional")
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Any = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """``triplet_margin_loss`` with any distance.

    >>> F.triplet_margin_with_distance_loss(tensor([[0.]]), tensor([[3.]]), tensor([[1.]]), margin=2.)
    tensor(4.)
    """
    if reduction not in _REDUCTIONS:
        raise value_error(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise value_error(f"margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise margins.different_ranks(anchor, positive, negative)
    distance = pairwise_distance if distance_function is None else distance_function
    if not callable(distance):
        raise type_error(f"'{type(distance).__name__}' object is not callable")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    loss = sub(add(near, margin), far).clamp(min=0)
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()
