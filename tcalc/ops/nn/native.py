"""Normalisations that also answer with what they counted, as PyTorch's own library calls them."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec, execute
from tcalc.ops.nn import normalization as norms
from tcalc.ops.nn.moments import Moments, kept_dtype
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

    Ints = tuple[int, ...]


def _moments(input: Tensor, shape: Sequence[int], arrange: Callable, eps: float, kept: DType) -> tuple[Tensor, Tensor]:
    """The mean and ``1 / sqrt(variance + eps)`` over the last dimension of what ``arrange`` makes of the array."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = arrange(xp, array)
        mean = rows.mean(-1, keepdims=True)
        variance = xp.square(rows - mean).mean(-1)
        scale = 1 / xp.sqrt(variance + array.dtype.type(eps))
        return mean.reshape(shape), scale.reshape(shape)

    if input.dtype.category != FLOAT:
        raise TcalcError(f"mean(): could not infer output dtype. Got: {input.dtype.scalar_name}")
    outputs = [Spec(shape, kept)] * 2
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
    kept = kept_dtype(input, weight, bias)
    mean, scale = _moments(input, shape, lambda xp, array: array.reshape(*rows, -1), eps, kept)
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
    kept = kept_dtype(input, weight, bias)
    mean, scale = _moments(input, (N, group), lambda xp, array: array.reshape(N, group, -1), eps, kept)
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
    if training and not input.numel():
        raise TcalcError(f"input tensor must have at least one element, but got input_sizes = {list(input.shape)}")
    answer = norms.torch_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)
    if not training:
        return answer, input.new_empty((0,)), input.new_empty((0,))
    channels, dims = input.shape[1], (0, *range(2, input.ndim))
    kept = kept_dtype(input, weight, bias, running_mean, running_var)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        moments = Moments(xp, array, dims, kept)
        return moments.kept_mean().reshape(channels), moments.scale(xp, eps).reshape(channels)

    launch = Launch(kernel, (input,), outputs=[Spec((channels,), kept)] * 2, compute=input.dtype.computed_as)
    return (answer, *execute(launch, native_batch_norm))
