"""Normalisations and embeddings that also answer with what they counted, as PyTorch's own library calls them."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT, float64
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec, execute
from tcalc.ops.nn import normalization as norms
from tcalc.ops.nn.layers import check_indices, embedding_bag, renormalize_rows
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Ints = tuple[int, ...]


def _moments(input: Tensor, shape: Sequence[int], arrange: Callable, eps: float) -> tuple[Tensor, Tensor]:
    """The mean and ``1 / sqrt(variance + eps)`` over the last dimension of what ``arrange`` makes of the array."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = arrange(xp, array)
        mean = rows.mean(-1, keepdims=True)
        variance = xp.square(rows - mean).mean(-1)
        scale = 1 / xp.sqrt(variance + array.dtype.type(eps))
        return mean.reshape(shape), scale.reshape(shape)

    if input.dtype.category != FLOAT:
        raise TcalcError(f"mean(): could not infer output dtype. Got: {input.dtype.scalar_name}")
    outputs = [Spec(shape, input.dtype)] * 2
    mean, scale = execute(Launch(kernel, (input,), outputs=outputs, compute=input.dtype.computed_as), native_layer_norm)
    return mean, scale


@op(method=False)
def native_layer_norm(
    input: Tensor, normalized_shape: Ints, weight: Tensor | None, bias: Tensor | None, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """``layer_norm`` with the mean and the factor of each row.

    >>> native_layer_norm(tensor([[1., 3.]]), (2,), None, None, 0.)
    (tensor([[-1.,  1.]]), tensor([[2.]]), tensor([[1.]]))
    """
    answer = norms.layer_norm(input, normalized_shape, weight, bias, eps)
    rows = input.shape[: input.ndim - len(normalized_shape)]
    shape = (*rows, *[1] * len(normalized_shape))
    mean, scale = _moments(input, shape, lambda xp, array: array.reshape(*rows, -1), eps)
    return answer, mean, scale


@op(method=False)
def native_group_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    N: int,  # noqa: N803 - PyTorch's names
    C: int,  # noqa: N803
    HxW: int,  # noqa: N803
    group: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """``group_norm`` with the mean and the factor of each group.

    >>> native_group_norm(tensor([[1., 3.]]), None, None, 1, 2, 1, 1, 0.)
    (tensor([[-1.,  1.]]), tensor([[2.]]), tensor([[1.]]))
    """
    if input.numel() != N * C * HxW:
        raise TcalcError(f"Expected {N} * {C} * {HxW} elements, but got input of shape {list(input.shape)}")
    answer = norms.group_norm(input, group, weight, bias, eps)
    mean, scale = _moments(input, (N, group), lambda xp, array: array.reshape(N, group, -1), eps)
    return answer, mean, scale


@op(method=False)
def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """``batch_norm`` with the mean and the factor of each channel.

    They are empty when it is not training.

    >>> native_batch_norm(tensor([[1.], [3.]]), None, None, None, None, True, 0.1, 0.)
    (tensor([[-1.],
            [ 1.]]), tensor([2.]), tensor([1.]))
    """
    answer = norms.torch_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)
    if not training:
        return answer, input.new_empty((0,)), input.new_empty((0,))
    channels = input.shape[1]
    mean, scale = _moments(input, (channels,), lambda xp, array: xp.moveaxis(array, 1, 0).reshape(channels, -1), eps)
    return answer, mean, scale


# ---------------------------------------------------------------- embeddings

_MODES = ("sum", "mean", "max")


@op(name="embedding_bag", method=False)
def native_embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, ...]:
    """``F.embedding_bag`` with all that its gradient needs.

    ``mode`` is 0 sum, 1 mean, 2 max. The answer has each index's bag, the bags' sizes and what was largest, too.

    >>> torch.embedding_bag(tensor([[1., 2.], [3., 4.]]), tensor([0, 1]), tensor([0]))[0]
    tensor([[4., 6.]])
    """
    if weight.ndim != 2:
        raise TcalcError("'weight' must be 2-D")
    if mode not in (0, 1, 2):
        raise TcalcError(f"mode has to be one of sum, mean or max, got {mode}")
    answer = embedding_bag(
        indices, weight, offsets, None, 2.0, False, _MODES[mode], sparse, per_sample_weights, include_last_offset,
        padding_idx,
    )  # fmt: skip
    starts = offsets.tolist()
    ends = [*starts[1:], indices.numel()][: answer.shape[0]]
    bags = list(zip(starts, ends, strict=False))
    counts = [_counted(indices, start, end, padding_idx, weight.shape[0]) for start, end in bags]
    sizes = indices.new_tensor(counts)
    places = indices.new_tensor([bag for bag, (start, end) in enumerate(bags) for _ in range(start, end)])
    if mode == 0:  # PyTorch's fast path counts nothing, and only double precision is not on it
        nothing = indices.new_zeros(len(bags))
        return answer, places if weight.dtype is float64 else indices.new_empty(0), nothing, nothing.clone()
    largest = sizes if mode == 1 else _largest(weight, indices, bags, padding_idx)
    return answer, places, sizes, largest


def _counted(indices: Tensor, start: int, end: int, padding: int | None, rows: int) -> int:
    if padding is None:
        return end - start
    return sum(index != padding % rows for index in indices[start:end].tolist())  # type: ignore[index]


def _largest(weight: Tensor, indices: Tensor, bags: Sequence[tuple[int, int]], padding: int | None) -> Tensor:
    """For each bag and column, the index of the row that has the largest element."""
    answer = indices.new_zeros((len(bags), weight.shape[1]))
    for bag, (start, end) in enumerate(bags):
        chosen = indices[start:end]  # type: ignore[index]
        if padding is not None:
            chosen = chosen[chosen != padding % weight.shape[0]]
        if chosen.numel():
            answer[bag] = chosen[weight[chosen].argmax(0)]  # type: ignore[index]
    return answer


@op(method=False)
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Shrink rows of a table to a largest norm, in place.

    They are those that the indices name.

    >>> embedding_renorm_(tensor([[3., 4.], [6., 8.]]), tensor([0]), 1.0, 2.0)
    tensor([[0.6000, 0.8000],
            [6.0000, 8.0000]])
    """
    check_indices(indices, "embedding_renorm_")
    renormalize_rows(indices, input, max_norm, norm_type)
    return input
