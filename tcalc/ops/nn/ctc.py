"""Losses over sequences and over classes behind a linear map."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT, INTEGER
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.classes import cross_entropy
from tcalc.ops.nn.layers import linear
from tcalc.ops.nn.losses import NN, check_reduction
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]


def _lengths(lengths: Any) -> list[int]:
    values = lengths.host_array().reshape(-1).tolist() if isinstance(lengths, Tensor) else list(lengths)
    return [int(value) for value in values]


def _alignment_loss(xp: Any, logs: Any, labels: Any, blank: int) -> Any:
    """Minus the logarithm of the chance of all alignments of one sequence (time, classes) with its labels.

    ``chances`` holds, for every prefix of the labels with blanks between them, the chance of all paths so far.
    """
    if labels.size and not (int(labels.min()) >= 0 and int(labels.max()) < logs.shape[-1]):
        raise index_error(f"target labels must be in the range of the {logs.shape[-1]} classes")
    extended = xp.full(2 * len(labels) + 1, blank, xp.int64)
    extended[1::2] = labels
    chances = xp.full(len(extended), -xp.inf)
    if not len(logs):
        return xp.asarray(0.0 if not len(labels) else xp.inf)
    chances[:2] = logs[0][extended[:2]]
    # A blank between two labels may be skipped where they differ.
    skips = xp.zeros(len(extended), bool)
    skips[2:] = (extended[2:] != blank) & (extended[2:] != extended[:-2])
    for row in logs[1:]:
        before = xp.full(len(extended), -xp.inf)
        before[1:] = chances[:-1]
        further = xp.full(len(extended), -xp.inf)
        further[2:] = xp.where(skips[2:], chances[:-2], -xp.inf)
        chances = xp.logaddexp(xp.logaddexp(chances, before), further) + row[extended]
    last = chances[-2:] if len(extended) > 1 else chances
    return -xp.logaddexp.reduce(last) if len(last) > 1 else -last[0]


@op(namespace=NN)
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor | Ints,
    target_lengths: Tensor | Ints,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Launch:
    """The surprise at label sequences, over all their alignments.

    They are aligned with log-probabilities (T, N, C).

    >>> F.ctc_loss(zeros(2, 1, 3).log_softmax(-1), tensor([[1]]), (2,), (1,))
    tensor(1.0986)
    """
    check_reduction(reduction)
    if log_probs.dtype.category != FLOAT or log_probs.dtype.is_reduced:
        raise refusal("ctc_loss_cpu", log_probs.dtype)
    for name, lengths in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        if isinstance(lengths, Tensor) and lengths.dtype.category != INTEGER:
            raise TcalcError(f"{name} must be integral")
    if log_probs.ndim not in (2, 3):
        raise TcalcError(
            f"Expected 3-dimensional tensor, but got {log_probs.ndim}-dimensional tensor for argument #1 'log_probs' "
            "(while checking arguments for ctc_loss_allocate_outputs)"
        )
    batched = log_probs.ndim == 3
    batch = log_probs.shape[1] if batched else 1
    if not 0 <= blank < log_probs.shape[-1]:
        raise TcalcError("blank must be in label range")
    times, counts = _lengths(input_lengths), _lengths(target_lengths)
    for name, values in (("input_lengths", times), ("target_lengths", counts)):
        if len(values) != batch:
            raise TcalcError(f"{name} must be of size batch_size")
    if times and max(times) > log_probs.shape[0]:
        raise TcalcError(
            f"Expected input_lengths to have value at most {log_probs.shape[0]}, but got value {max(times)} (while "
            "checking arguments for ctc_loss_allocate_outputs)"
        )
    shape = (batch,) if batched else ()

    def kernel(xp: Any, out: Any, logs: Any, labels: Any) -> Any:
        rows = logs.reshape(logs.shape[0], batch, -1).astype(xp.float64)
        losses = []
        start = 0
        for number in range(batch):
            if labels.ndim == 1 and batched:
                own = labels[start : start + counts[number]]
                start += counts[number]
            else:
                own = labels.reshape(batch, -1)[number, : counts[number]]
            losses.append(_alignment_loss(xp, rows[: times[number], number], own, blank))
        answer = xp.stack(losses)
        if zero_infinity:
            answer = xp.where(xp.isinf(answer), 0, answer)
        if reduction == "mean":
            return (answer / xp.maximum(xp.asarray(counts), 1)).mean()
        return answer.sum() if reduction == "sum" else answer.reshape(shape)

    return Launch(kernel, (log_probs, targets), shape if reduction == "none" else (), log_probs.dtype)


def _check_linear(input: Tensor, weight: Tensor, bias: Tensor | None, target: Tensor, ignore_index: int | None) -> None:
    if input.ndim not in (1, 2):
        raise TcalcError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if weight.ndim < 2:
        raise TcalcError(f"expected linear_weight with dimensionality at least 2, got {weight.ndim}")
    features, places = weight.shape[-1], tuple(weight.shape[:-1])
    if input.shape[-1] != features:
        raise TcalcError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {features}, respectively"
        )
    if len(places) > 1 and input.ndim == 1:
        raise TcalcError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires batched input, (N, "
            f"{features}), "
            f"got unbatched input with shape {tuple(input.shape)}"
        )
    if bias is not None and tuple(bias.shape) != places:
        raise TcalcError(f"expected linear_bias shape {places}, got {tuple(bias.shape)}")
    if ignore_index is not None and target.dtype.category == FLOAT:
        raise TcalcError("ignore_index cannot be specified when target contains probabilities")


@op(namespace=NN)
def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Any:
    """``cross_entropy`` of ``linear(input, linear_weight, linear_bias)``.

    >>> F.linear_cross_entropy(tensor([[1., 0.]]), tensor([[1., 0.], [0., 1.]]), tensor([0]))
    tensor(0.3133)
    """
    _check_linear(input, linear_weight, linear_bias, target, ignore_index)
    *places, features = linear_weight.shape
    flat = linear_weight.reshape(-1, features)
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    logits = linear(input, flat, bias)
    if len(places) > 1:
        logits = logits.reshape(*input.shape[:-1], *places)
    return cross_entropy.function(
        logits,
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )
