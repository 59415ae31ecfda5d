"""Losses over sequences and over classes behind a linear map."""

from __future__ import annotations

from tcalc.engine.backend import backend_for
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
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.devices import Device

    Sizes = tuple[int, ...]


class _Lengths:
    """How long the sequences of a batch are: an array on their device, or numbers that the host knows."""

    def __init__(self, name: str, lengths: Any, batch: int, device: Device) -> None:
        if isinstance(lengths, Tensor) and lengths.dtype.category != INTEGER:
            raise TcalcError(f"{name} must be integral")
        self.tensor = lengths if isinstance(lengths, Tensor) and lengths.device == device else None
        self.numbers: list[int] = []
        if self.tensor is None:
            listed = lengths.host_array().reshape(-1).tolist() if isinstance(lengths, Tensor) else lengths
            self.numbers = [int(value) for value in listed]
        if batch != (len(self.numbers) if self.tensor is None else self.tensor.numel()):
            raise TcalcError(f"{name} must be of size batch_size")

    @property
    def operands(self) -> list[Tensor]:
        return [] if self.tensor is None else [self.tensor]

    def extremes(self) -> tuple[int, int, int]:
        """The shortest and the longest, and all together."""
        if self.tensor is None:
            return min(self.numbers, default=0), max(self.numbers, default=0), sum(self.numbers)
        if self.tensor.is_meta or not self.tensor.numel():
            return 0, 0, 0
        array = self.tensor.array
        with backend_for(self.tensor.device).guard():
            return int(array.min()), int(array.max()), int(array.sum())


def _arrays(xp: Any, times: _Lengths, counts: _Lengths, operands: Sequence[Any]) -> tuple[Any, Any]:
    """Both lengths as arrays; what the host knows goes to the device together."""
    known = [lengths.numbers for lengths in (times, counts) if lengths.tensor is None]
    made = list(xp.asarray(known, xp.int64)) if known else []
    given = [array.reshape(-1).astype(xp.int64) for array in operands]
    first, second = [(made if lengths.tensor is None else given).pop(0) for lengths in (times, counts)]
    return first, second


def _padded(xp: Any, labels: Any, counts: Any, longest: int, blank: int) -> Any:
    """The labels of each sequence (batch, longest) with blanks after them; they may lie one after the other."""
    places = xp.arange(longest)
    if labels.ndim == 1:
        starts = xp.cumsum(counts) - counts
        labels = labels[xp.clip(starts[:, None] + places, 0, max(len(labels) - 1, 0))] if len(labels) else labels[None]
    return xp.where(places < counts[:, None], labels[:, :longest], blank)


def _alignment_losses(xp: Any, logs: Any, labels: Any, times: Any, counts: Any, blank: int) -> Any:
    """Minus the logarithm of the chance of all alignments of each sequence (time, batch, classes) with its labels.

    ``chances`` holds, for every prefix of the labels with blanks between them, the chance of all paths so far.
    """
    batch, longest = labels.shape
    if labels.size and bool(((labels < 0) | (labels >= logs.shape[-1])).any()):
        raise index_error(f"target labels must be in the range of the {logs.shape[-1]} classes")
    extended = xp.full((batch, 2 * longest + 1), blank, xp.int64)
    extended[:, 1::2] = labels
    # A blank between two labels may be skipped where they differ.
    skips = extended[:, 2:] != extended[:, :-2]
    # Two places that no path comes from stand before the first.
    chances = xp.full((batch, extended.shape[1] + 2), -xp.inf)
    chances[:, 2] = 0
    for time in range(len(logs)):
        moved = xp.logaddexp(chances[:, 2:], chances[:, 1:-1])
        if time:
            moved[:, 2:] = xp.logaddexp(moved[:, 2:], xp.where(skips, chances[:, 2:-2], -xp.inf))
        moved = moved + xp.take_along_axis(logs[time], extended, 1)
        chances[:, 2:] = xp.where((time < times)[:, None], moved, chances[:, 2:])
    last = 2 * counts[:, None] + 2
    ends = xp.take_along_axis(chances, xp.concatenate((last - 1, last), 1), 1)
    return -xp.logaddexp(ends[:, 0], ends[:, 1])


@op(namespace=NN)
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Sizes | Tensor,
    target_lengths: Sizes | Tensor,
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
    if log_probs.ndim not in (2, 3):
        raise TcalcError(
            f"Expected 3-dimensional tensor, but got {log_probs.ndim}-dimensional tensor for argument #1 'log_probs' "
            f"{_WHILE}"
        )
    steps, batch, classes = log_probs.shape if log_probs.ndim == 3 else (log_probs.shape[0], 1, log_probs.shape[1])
    if not log_probs.numel():
        raise TcalcError("log_probs tensor must not be empty")
    if not 0 <= blank < classes:
        raise TcalcError("blank must be in label range")
    times = _Lengths("input_lengths", input_lengths, batch, log_probs.device)
    counts = _Lengths("target_lengths", target_lengths, batch, log_probs.device)
    _check_range("input_lengths", times.extremes(), steps)
    longest = _longest_target(targets, counts, batch)
    shape = (batch,) if log_probs.ndim == 3 else ()

    def kernel(xp: Any, out: Any, logs: Any, labels: Any, *lengths: Any) -> Any:
        spans, sizes = _arrays(xp, times, counts, lengths)
        padded = _padded(xp, labels, sizes, longest, blank)
        rows = logs.reshape(steps, batch, classes).astype(xp.float64)
        answer = _alignment_losses(xp, rows, padded, spans, sizes, blank)
        if zero_infinity:
            answer = xp.where(xp.isinf(answer), 0, answer)
        if reduction == "mean":
            return (answer / xp.maximum(sizes, 1)).mean()
        return answer.sum() if reduction == "sum" else answer.reshape(shape)

    operands = [log_probs, targets, *times.operands, *counts.operands]
    return Launch(kernel, operands, shape if reduction == "none" else (), log_probs.dtype)


_WHILE = "(while checking arguments for ctc_loss_allocate_outputs)"


def _check_range(name: str, extremes: tuple[int, int, int], limit: int | None) -> None:
    least, most, _ = extremes
    if least < 0:
        raise TcalcError(f"Expected {name} to have value at least 0, but got value {least} {_WHILE}")
    if limit is not None and most > limit:
        raise TcalcError(f"Expected {name} to have value at most {limit}, but got value {most} {_WHILE}")


def _longest_target(targets: Tensor, counts: _Lengths, batch: int) -> int:
    """How many labels a sequence has at most; PyTorch's errors where the targets are not that long."""
    if targets.ndim not in (1, 2):
        raise TcalcError(
            f"Expected 1 to 2 dimensions, but got {targets.ndim}-dimensional tensor for argument #2 'targets' {_WHILE}"
        )
    extremes = counts.extremes()
    _check_range("target_lengths", extremes, None)
    _, longest, together = extremes
    wanted = batch if targets.ndim == 2 else together
    found = targets.shape[0]
    if found != wanted and not targets.is_meta:
        raise TcalcError(
            f"Expected tensor to have size {wanted} at dimension 0, but got size {found} for argument #2 'targets' "
            f"{_WHILE}"
        )
    if targets.ndim == 2 and targets.shape[1] < longest:
        raise TcalcError(
            f"Expected tensor to have size at least {longest} at dimension 1, but got size {targets.shape[1]} for "
            f"argument #2 'targets' {_WHILE}"
        )
    return longest


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
