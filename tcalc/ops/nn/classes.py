"""Losses of choosing one of several classes."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT
from tcalc.engine.promotion import result_type
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.losses import NN, check_reduction, finished, old_reduction
from tcalc.ops.nn.smooth import logsigmoid
from tcalc.ops.nn.softmax import log_softmax, log_softmax_array
from tcalc.ops.pointwise.arithmetic import add, mul, neg, rsub
from tcalc.ops.registry import op
from tcalc.ops.steps import exact, rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


# ---------------------------------------------------------------- given the class


def _check_classes(input: Tensor, target: Tensor) -> None:
    """Shapes and dtypes of scores (N, C, …) and classes (N, …)."""
    if input.ndim > 2:
        _check_places(input, target)
    elif target.ndim > 1:
        raise TcalcError("0D or 1D target tensor expected, multi-target not supported")
    if target.dtype not in (dtypes.int64, dtypes.uint8):
        raise TcalcError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
    if input.ndim == target.ndim == 1 and target.shape[0] != 1:
        raise value_error(f"For 1D input, 1D target must have size 1, but got target size: {target.shape[0]}")


def _check_places(input: Tensor, target: Tensor) -> None:
    if input.ndim == 3 and tuple(target.shape) != (input.shape[0], input.shape[2]):
        wanted = [input.shape[0], input.shape[2]]
        raise TcalcError(f"Expected target size {wanted}, got {list(target.shape)}")
    if input.ndim == 4 and target.ndim != 3:
        raise TcalcError(
            f"only batches of spatial targets supported (3D tensors) but got targets of size: : {list(target.shape)}"
        )
    if (input.shape[0], *input.shape[2:]) != tuple(target.shape):
        if input.ndim == 4:
            raise TcalcError(f"size mismatch (got input: {list(input.shape)} , target: {list(target.shape)}")
        wanted = [input.shape[0], *input.shape[2:]]
        raise TcalcError(f"Expected target size {wanted}, got {list(target.shape)}")


def _check_batch(input: Tensor, target: Tensor) -> None:
    if input.ndim < 1:
        raise value_error(f"Expected 1 or more dimensions (got {input.ndim})")
    if input.ndim > 1 and (not target.ndim or input.shape[0] != target.shape[0]):
        found = target.shape[0] if target.ndim else 0
        raise value_error(f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({found}).")


def _check_weight(input: Tensor, weight: Tensor | None, prefix: str = "") -> None:
    classes = input.shape[0] if input.ndim == 1 else input.shape[1]
    if weight is not None and tuple(weight.shape) != (classes,):
        if input.ndim > 2 and not prefix:
            raise TcalcError("weight tensor should be defined either for all or no classes")
        raise TcalcError(
            f"{prefix}weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )


def _check_weight_dtype(input: Tensor, weight: Tensor | None) -> None:
    if weight is not None and weight.dtype is not input.dtype:
        raise TcalcError(f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}")


def _chosen(xp: Any, scores: Any, classes: Any, ignored: int) -> tuple[Any, Any, Any]:
    """The score of each target class, the classes themselves (0 where ignored), and what counts."""
    counted = classes != ignored
    safe = xp.where(counted, classes, 0)
    outside = (safe < 0) | (safe >= scores.shape[1])
    if bool(outside.any()):
        raise index_error(f"Target {int(safe[outside].reshape(-1)[0])} is out of bounds.")
    picked = xp.take_along_axis(scores, xp.expand_dims(safe, 1).astype(xp.int64), 1)
    return picked.squeeze(1), safe, counted


def _class_losses(
    xp: Any, step: Any, logs: Any, classes: Any, weights: Any, ignored: int, smoothing: float, reduction: str
) -> Any:
    """The losses of log-probabilities (N, C, …) at classes (N, …), reduced."""
    picked, safe, counted = _chosen(xp, logs, classes, ignored)
    scale = counted.astype(logs.dtype) if weights is None else xp.where(counted, weights[safe], 0)
    losses = xp.where(counted, step(-picked * scale), 0)
    total = step(scale.sum()) if weights is None else _cascaded(scale, step)
    answer = losses if reduction == "none" else _cascaded(losses, step)
    answer = answer / total if reduction == "mean" else answer
    if smoothing:
        factors = 1 if weights is None else weights.reshape((1, -1) + (1,) * (logs.ndim - 2))
        spread = xp.where(counted, step(-step(logs * factors).sum(1)), 0)
        smooth = spread if reduction == "none" else step(spread.sum())
        smooth = step(smooth / step(scale.sum())) if reduction == "mean" else smooth
        answer = step((1 - smoothing) * step(answer)) + step(smooth * (smoothing / logs.shape[1]))
    return answer


_GROUP = 16  # losses that PyTorch adds up before it adds the sums


def _cascaded(values: Any, step: Any) -> Any:
    """The sum of all elements: of sums of groups, and of groups of groups, each stored after every addition.

    The first element stands aside until the end. What is left of the groups is added from the bottom up.
    """
    if step is exact or not values.size:
        return values.sum()
    row = values.reshape(-1)
    first, row = row[0], row[1:]
    total = row[:0].sum()
    while row.size:
        whole = row.size // _GROUP * _GROUP
        total = step(total + _added(row[whole:], step))
        row = _added(row[:whole].reshape(-1, _GROUP).T, step)
    return step(total + first)


def _added(terms: Any, step: Any) -> Any:
    """One row of terms after the other."""
    total = terms[:0].sum(0)
    for term in terms:
        total = step(total + term)
    return total


def _class_launch(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignored: int,
    reduction: str,
    smoothing: float = 0.0,
    logarithm: bool = False,
) -> Launch:
    classes_shape = tuple(target.shape)
    single = input.ndim == 1
    compute = input.dtype.computed_as.numpy
    step = rounding(input.dtype)
    in_rows = step if input.ndim <= 2 else exact

    def kernel(xp: Any, out: Any, scores: Any, classes: Any, *weights: Any) -> Any:
        scores = scores.astype(compute, copy=False)
        scores = scores[None] if single else scores
        logs = step(log_softmax_array(xp, scores, 1, in_rows)) if logarithm else scores
        scale = weights[0].astype(compute, copy=False) if weights else None
        classes = classes.astype(xp.int64).reshape((1,) if single else classes_shape)
        answer = _class_losses(xp, step, logs, classes, scale, ignored, smoothing, reduction)
        return answer.reshape(classes_shape) if reduction == "none" else answer

    operands = [input, target, *([weight] if weight is not None else [])]
    return Launch(kernel, operands, classes_shape if reduction == "none" else (), input.dtype)


@op(namespace=NN)
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Launch:
    """Minus the log-probability of the target class.

    ``input`` holds log-probabilities (N, C, …).

    >>> F.nll_loss(tensor([[-1., -2., -3.]]), tensor([1]))
    tensor(2.)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    _check_batch(input, target)
    _check_classes(input, target)
    _check_weight(input, weight)
    if input.dtype.category != FLOAT:
        raise refusal("nll_loss_out_frame" if input.ndim <= 2 else "nll_loss2d_forward_out_frame", input.dtype)
    _check_weight_dtype(input, weight)
    return _class_launch(input, target, weight, ignore_index, reduction)


@op(namespace=NN)
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Launch:
    """The surprise at the target class, given logits (N, C, …).

    Or at probabilities of classes.

    >>> F.cross_entropy(tensor([[1., 2., 3.]]), tensor([2]))
    tensor(0.4076)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    label_smoothing = max(label_smoothing, 0)  # PyTorch takes a negative one for none
    if tuple(input.shape) == tuple(target.shape):
        return _probability_loss(input, target, weight, ignore_index, reduction, label_smoothing)
    _check_smoothing(label_smoothing)
    log_softmax.meta(input, 0 if input.ndim == 1 else 1, None)
    _check_batch(input, target)
    _check_classes(input, target)
    _check_weight(input, weight)
    _check_weight_dtype(input, weight)
    return _class_launch(input, target, weight, ignore_index, reduction, label_smoothing, logarithm=True)


def _check_smoothing(smoothing: float) -> None:
    if smoothing > 1:
        raise TcalcError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing:g}")


def _probability_loss(
    input: Tensor, target: Tensor, weight: Tensor | None, ignored: int, reduction: str, smoothing: float
) -> Launch:
    if target.dtype.category != FLOAT:
        raise TcalcError(
            f"Expected floating point type for target with class probabilities, got {target.dtype.scalar_name}"
        )
    if ignored >= 0:
        raise TcalcError("ignore_index is not supported for floating point target")
    _check_smoothing(smoothing)
    axis = 0 if input.ndim == 1 else 1
    log_softmax.meta(input, axis, None)
    _check_weight(input, weight, "cross_entropy: ")
    classes = input.shape[axis]
    shape = [size for dim, size in enumerate(input.shape) if dim != axis]
    examples = max(1, input.numel() // classes) if classes else 1

    step = rounding(input.dtype)
    in_rows = step if axis == input.ndim - 1 else exact

    def kernel(xp: Any, out: Any, logits: Any, wanted: Any, *weights: Any) -> Any:
        if smoothing:
            wanted = step(step(wanted * (1 - smoothing)) + step(wanted.dtype.type(smoothing / classes)))
        losses = step(step(log_softmax_array(xp, logits, axis, in_rows)) * wanted)
        if weights:
            losses = step(losses * weights[0].reshape([classes if dim == axis else 1 for dim in range(logits.ndim)]))
        if reduction == "none":
            return -losses.sum(axis)
        return -step(losses.sum()) / examples if reduction == "mean" else -losses.sum()

    operands = [input, target, *([weight] if weight is not None else [])]
    answer = shape if reduction == "none" else ()
    dtype = result_type(*operands)
    return Launch(kernel, operands, answer, dtype, compute=dtype.computed_as)


# ---------------------------------------------------------------- margins between classes


def _rows(shape: Sequence[int]) -> tuple[int, int]:
    return (shape[0], shape[1]) if len(shape) == 2 else (1, shape[0] if shape else 1)


def _per_row(input: Tensor, target: Tensor, kernel: Any, reduction: str, weight: Tensor | None = None) -> Launch:
    """A loss a row: ``kernel(xp, scores (N, C), target, *weights)`` gives N of them."""
    check_reduction(reduction)
    count, classes = _rows(input.shape)
    shape = (count,) if input.ndim == 2 else ()
    compute = input.dtype.computed_as.numpy

    def run(xp: Any, out: Any, scores: Any, wanted: Any, *weights: Any) -> Any:
        scores = scores.astype(compute, copy=False).reshape(count, classes)
        losses = kernel(xp, scores, wanted, *[array.astype(compute, copy=False) for array in weights])
        if reduction == "none":
            return losses.reshape(shape)
        return losses.mean() if reduction == "mean" else losses.sum()

    operands = [input, target, *([weight] if weight is not None else [])]
    return Launch(run, operands, shape if reduction == "none" else (), input.dtype)


def _check_margin_operands(input: Tensor, target: Tensor, weight: Tensor | None, count: int, classes: int) -> None:
    if weight is not None and weight.ndim != 1:
        raise value_error("weight must be one-dimensional")
    if input.ndim > 2 or not classes:
        raise TcalcError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}"
        )
    if target.ndim > 1 or target.numel() != count:
        raise TcalcError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            "size). "
            f"Expected target size [{count}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.shape[0] != classes:
        raise TcalcError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    _refuse_small(input, "multi_margin_loss_cpu_kernel")
    if target.dtype is not dtypes.int64:
        raise TcalcError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    _check_weight_dtype(input, weight)


def _refuse_small(input: Tensor, kernel: str) -> None:
    """PyTorch has some kernels for float32 and float64 only."""
    if input.dtype not in (dtypes.float32, dtypes.float64):
        raise refusal(kernel, input.dtype)


@op(namespace=NN)
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Launch:
    """What every other class lacks to be ``margin`` below the target class.

    >>> F.multi_margin_loss(tensor([[1., 2., 3.]]), tensor([1]))
    tensor(0.6667)
    """
    reduction = old_reduction(size_average, reduce, reduction)
    if p not in (1, 2):
        raise value_error("only p == 1 and p == 2 supported")
    count, classes = _rows(input.shape)
    _check_margin_operands(input, target, weight, count, classes)

    def kernel(xp: Any, scores: Any, wanted: Any, *weights: Any) -> Any:
        wanted = wanted.reshape(-1)
        if wanted.size and not bool(((wanted >= 0) & (wanted < classes)).all()):
            raise TcalcError("target out of range")
        own = xp.take_along_axis(scores, wanted[:, None], 1)
        missing = xp.maximum(margin - own + scores, 0) ** p
        if weights:
            missing = missing * weights[0][wanted][:, None]
        others = xp.arange(classes) != wanted[:, None]
        return (missing * others).sum(1) / classes

    return _per_row(input, target, kernel, reduction, weight)


@op(namespace=NN)
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Launch:
    """What other classes lack to be 1 below the target classes.

    The target classes of a row end at the first -1.

    >>> F.multilabel_margin_loss(tensor([[1., 2., 3.]]), tensor([[1, -1, 0]]))
    tensor(0.6667)
    """
    count, classes = _rows(input.shape)
    if input.ndim > 2 or not classes:
        raise TcalcError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}"
        )
    if tuple(target.shape) != tuple(input.shape):
        raise TcalcError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    _refuse_small(input, "multilabel_margin_loss_forward_out_frame")
    if target.dtype is not dtypes.int64:
        raise TcalcError(f"expected scalar type Long but found {target.dtype.scalar_name}")

    def kernel(xp: Any, scores: Any, wanted: Any) -> Any:
        wanted = wanted.reshape(count, classes)
        listed = xp.cumsum(wanted < 0, 1) == 0
        safe = xp.where(listed, wanted, 0)
        if bool((wanted < -1).any() or (safe >= classes).any()):
            raise TcalcError("argument #2 'target' is out of range")
        is_target = ((safe[:, :, None] == xp.arange(classes)) & listed[:, :, None]).any(1)
        own = xp.take_along_axis(scores, safe, 1)
        missing = xp.maximum(1 - own[:, :, None] + scores[:, None, :], 0)
        return (missing * listed[:, :, None] * ~is_target[:, None, :]).sum((1, 2)) / classes

    return _per_row(input, target, kernel, old_reduction(size_average, reduce, reduction))


@op(namespace=NN)
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The surprise at several yes or no answers at once.

    It is averaged over the classes.

    >>> F.multilabel_soft_margin_loss(tensor([[1., 2., 3.]]), tensor([[1., 0., 0.]]))
    tensor(1.8296)
    """
    if reduction not in ("none", "mean", "sum"):
        raise value_error(f"{reduction} is not valid")
    reduction = old_reduction(size_average, reduce, reduction)
    if not input.ndim:
        raise index_error("Dimension specified as -1 but tensor has no dimensions")
    surprise = add(mul(target, logsigmoid(input)), mul(rsub(target, 1), logsigmoid(neg(input)))).neg()
    if weight is not None:
        surprise = surprise.mul(weight)
    losses = surprise.sum(-1).div(input.shape[-1])
    return finished(losses, reduction)
