"""Normalisations: values brought to mean 0 and variance 1 over a layer, a batch, a group or an instance."""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import FLOAT, bfloat16, float16, float32
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch, execute
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.moments import Moments, kept_dtype, update_running
from tcalc.ops.nn.padding import pad
from tcalc.ops.nn.pooling import avg_pool2d, avg_pool3d
from tcalc.ops.pointwise.arithmetic import div, mul
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

    Ints = tuple[int, ...]

NN = "torch.nn.functional"


def _need_floating(input: Tensor, kernel: str) -> None:
    if input.dtype.category != FLOAT:
        raise refusal(kernel, input.dtype)


def _standardized(xp: Any, array: Any, dims: tuple[int, ...], eps: float) -> Any:
    """``(array - mean) / sqrt(variance + eps)`` over some dimensions."""
    if not array.size:
        return array
    centred = array - array.mean(dims, keepdims=True)
    variance = xp.square(centred).mean(dims, keepdims=True)
    return centred / xp.sqrt(variance + array.dtype.type(eps))


def _standardized_at_once(xp: Any, array: Any, dims: tuple[int, ...], eps: float) -> Any:
    """The same by one product and one sum, which is not rounded between them: so PyTorch does in half precision."""
    if not array.size:
        return array
    mean = array.mean(dims, keepdims=True)
    scale = 1 / xp.sqrt(xp.square(array - mean).mean(dims, keepdims=True) + array.dtype.type(eps))
    shift = -mean * scale
    wide = array.astype(xp.float64) * scale.astype(xp.float64) + shift.astype(xp.float64)
    return wide.astype(array.dtype)


def _scaled(answer: Any, arrays: tuple, weight: Any, bias: Any, shape: Sequence[int]) -> Any:
    """Times the weight and plus the bias, of those that are given."""
    given = list(arrays)
    if weight is not None:
        answer = answer * given.pop(0).reshape(shape)
    if bias is not None:
        answer = answer + given.pop(0).reshape(shape)
    return answer


def _check_mixed(input: Tensor, *others: Tensor | None) -> None:
    """Parameters are of the input's dtype, or float32 where it is of half precision."""
    given = [tensor for tensor in others if tensor is not None]
    if all(tensor.dtype is input.dtype for tensor in given):
        return
    if any(tensor.dtype is not float32 for tensor in given):
        raise TcalcError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    if input.dtype not in (float16, bfloat16):
        raise TcalcError("mixed dtype (CPU): all inputs must share same datatype.")


def _operands(input: Tensor, *others: Tensor | None) -> list[Tensor]:
    return [input, *[tensor for tensor in others if tensor is not None]]


# ---------------------------------------------------------------- layers


def _check_normalized_shape(
    input: Tensor, normalized: Sequence[int], weight: Tensor | None, bias: Tensor | None, star: str
) -> None:
    if not normalized:
        raise TcalcError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tuple(tensor.shape) != tuple(normalized):
            raise TcalcError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(tensor.shape)} and "
                f"normalized_shape = {list(normalized)}"
            )
    if tuple(input.shape[-len(normalized) :]) != tuple(normalized):
        listed = ", ".join(map(str, normalized))
        raise TcalcError(
            f"Given normalized_shape={list(normalized)}, expected input with shape [*{star}{listed}], but got input "
            f"of size"
            f"{list(input.shape)}"
        )


@op(method=False, aliases=("nn.functional.layer_norm",))
def layer_norm(
    input: Tensor,
    normalized_shape: Ints,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Launch:
    """Mean 0 and variance 1 over the last dimensions, then scaled and shifted.

    >>> layer_norm(tensor([[1., 2., 3.]]), (3,))
    tensor([[-1.2247,  0.0000,  1.2247]])
    """
    _check_mixed(input, weight, bias)
    _check_normalized_shape(input, normalized_shape, weight, bias, ", ")
    _need_floating(input, "LayerNormKernelImpl")
    dims = tuple(range(input.ndim - len(normalized_shape), input.ndim))
    standardized = _standardized_at_once if input.dtype.is_reduced else _standardized

    def kernel(xp: Any, out: Any, array: Any, *rest: Any) -> Any:
        return _scaled(standardized(xp, array, dims, eps), rest, weight, bias, normalized_shape)

    operands = _operands(input, weight, bias)
    return Launch(kernel, operands, input.shape, input.dtype, compute=input.dtype.computed_as)


@op(method=False, aliases=("nn.functional.rms_norm",))
def rms_norm(input: Tensor, normalized_shape: Ints, weight: Tensor | None = None, eps: float | None = None) -> Launch:
    """Divided by the root of the mean square, then scaled.

    Over the last dimensions.

    >>> rms_norm(tensor([[3., 4.]]), (2,))
    tensor([[0.8485, 1.1314]])
    """
    if input.ndim < len(normalized_shape):
        raise value_error(f"Input tensor must have at least {len(normalized_shape)} dimensions, but got {input.ndim}")
    _check_normalized_shape(input, normalized_shape, weight, None, "")
    if input.dtype.category < FLOAT:
        raise refusal("rms_norm", input.dtype)
    dims = tuple(range(input.ndim - len(normalized_shape), input.ndim))

    def kernel(xp: Any, out: Any, array: Any, *rest: Any) -> Any:
        epsilon = xp.finfo(array.dtype).eps if eps is None else eps
        mean_square = xp.square(array).mean(dims, keepdims=True) + array.real.dtype.type(epsilon)
        return _scaled(array / xp.sqrt(mean_square), rest, weight, None, normalized_shape)

    operands = _operands(input, weight)
    return Launch(kernel, operands, input.shape, input.dtype, compute=input.dtype.computed_as)


@op(method=False)
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Launch:
    """Mean 0 and variance 1 over groups of channels, then scaled.

    ``weight`` and ``bias`` scale and shift each channel.

    >>> group_norm(tensor([[1., 3., 5., 5.]]), 2)
    tensor([[-1.0000,  1.0000,  0.0000,  0.0000]])
    """
    if input.ndim < 2:
        raise TcalcError(f"Expected at least 2 dimensions for input tensor but received {input.ndim}")
    count, channels = input.shape[:2]
    if num_groups <= 0:
        raise TcalcError(f"Expected num groups to be greater than 0, got {num_groups}")
    if channels % num_groups:
        raise TcalcError(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(input.shape)} and num_groups={num_groups}"
        )
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tuple(tensor.shape) != (channels,):
            shown = [0] if weight is None else list(weight.shape)  # PyTorch shows the weight's shape for both
            raise TcalcError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} "
                f"of shape {shown} and input of shape {list(input.shape)}"
            )
    _check_mixed(input, weight, bias)
    _need_floating(input, "GroupNormKernelImpl")
    per_channel = (1, channels) + (1,) * (input.ndim - 2)

    def kernel(xp: Any, out: Any, array: Any, *rest: Any) -> Any:
        groups = array.reshape(count, num_groups, channels // num_groups * prod(array.shape[2:]))
        return _scaled(_standardized(xp, groups, (2,), eps).reshape(array.shape), rest, weight, bias, per_channel)

    operands = _operands(input, weight, bias)
    return Launch(kernel, operands, input.shape, input.dtype, compute=input.dtype.computed_as)


@op(namespace="torch.nn.functional", name="group_norm")
def nn_group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Launch:
    """As ``torch.group_norm``, for groups of several values only.

    >>> F.group_norm(tensor([[1., 3., 5., 5.]]), 2)
    tensor([[-1.0000,  1.0000,  0.0000,  0.0000]])
    """
    if input.ndim > 1:
        if not num_groups:
            raise TcalcError("integer division or modulo by zero", "ZeroDivisionError")
        count, channels, *places = input.shape
        size = [count * channels // num_groups, num_groups, *places]
        if size[0] * prod(places) == 1:
            raise value_error(f"Expected more than 1 value per channel when training, got input size {size}")
    return group_norm.function(input, num_groups, weight, bias, eps)


# ---------------------------------------------------------------- batches and instances


def _check_channels(input: Tensor, **tensors: Tensor | None) -> None:
    channels = input.shape[1] if input.ndim > 1 else 0
    for name, tensor in tensors.items():
        if tensor is not None and tensor.numel() != channels:
            raise TcalcError(f"{name} should contain {channels} elements not {tensor.numel()}")


def _scaled_nothing(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    answer: Tensor = input.clone()
    if weight is not None:
        answer = answer.mul(weight.select(0, 0))
    return answer if bias is None else answer.add(bias.select(0, 0))


def _batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    if not input.numel():
        return _scaled_nothing(input, weight, bias)
    if not training:
        for name, tensor in (("running_mean", running_mean), ("running_var", running_var)):
            if tensor is None:
                raise TcalcError(f"{name} must be defined in evaluation mode")
    _check_channels(input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    normalize_dim(1, input.ndim)
    if (running_mean is None) != (running_var is None):
        raise value_error("running_mean and running_var must either both be None or neither be None")
    _check_mixed(input, weight, bias, running_mean, running_var)
    _need_floating(input, "batch_norm")
    shape = (1, input.shape[1]) + (1,) * (input.ndim - 2)
    dims = (0, *range(2, input.ndim))
    if training:
        kept = kept_dtype(input, weight, bias, running_mean, running_var)
        update_running(input, running_mean, running_var, dims, kept, momentum, lambda channels: channels)
        return _normalized(input, dims, kept, weight, bias, eps)

    def kernel(xp: Any, out: Any, array: Any, mean: Any, variance: Any, *rest: Any) -> Any:
        root = xp.sqrt(variance.reshape(shape) + array.dtype.type(eps))
        return _scaled((array - mean.reshape(shape)) / root, rest, weight, bias, shape)

    operands = _operands(input, running_mean, running_var, weight, bias)
    return Launch(kernel, operands, input.shape, input.dtype, compute=input.dtype.computed_as)


def _normalized(input: Tensor, dims: tuple[int, ...], kept: DType, weight: Any, bias: Any, eps: float) -> Launch:
    """The launch of a normalisation by the input's own moments."""
    shape = (1, input.shape[1]) + (1,) * (input.ndim - 2)

    def kernel(xp: Any, out: Any, array: Any, *rest: Any) -> Any:
        given = [values.reshape(shape) for values in rest]
        factor = given.pop(0) if weight is not None else array.dtype.type(1)
        shift = given.pop(0) if bias is not None else array.dtype.type(0)
        return Moments(xp, array, dims, kept).applied(xp, array, factor, shift, eps) if array.size else array

    return Launch(kernel, _operands(input, weight, bias), input.shape, input.dtype, compute=input.dtype.computed_as)


@op(namespace=NN)
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 for each channel.

    Those of the batch in training, the running ones otherwise.

    >>> F.batch_norm(tensor([[1.], [3.]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    if training and input.ndim > 1 and input.numel() // max(input.shape[1], 1) == 1:
        raise value_error(f"Expected more than 1 value per channel when training, got input size {Size(input.shape)}")
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@op(name="batch_norm", method=False)
def torch_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = True,
) -> Any:
    """Mean 0 and variance 1 for each channel.

    Those of the batch in training, the running ones otherwise.

    >>> batch_norm(tensor([[1.], [3.]]), None, None, None, None, True, 0.1, 1e-5, True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@op(namespace=NN)
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 for each channel of each example.

    >>> F.instance_norm(tensor([[[1., 3.]]]))
    tensor([[[-1.0000,  1.0000]]])
    """
    places = 1
    for size in input.shape[2:]:
        places *= size
    if use_input_stats and places == 1:
        raise value_error(f"Expected more than 1 spatial element when training, got input size {Size(input.shape)}")
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise TcalcError("Expected running_mean and running_var to be defined when use_input_stats is false")
        return _batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    _check_channels(input, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    _check_mixed(input, weight, bias)
    _need_floating(input, "batch_norm")
    dims = tuple(range(2, input.ndim))
    kept = kept_dtype(input, weight, bias, running_mean, running_var)
    answer = execute(_normalized(input, dims, kept, weight, bias, eps), instance_norm)
    # Each instance's channel moves a copy of the running statistics; their mean is what stays.
    update_running(input, running_mean, running_var, dims, kept, momentum, lambda instances: instances.mean(0))
    return answer


@op(namespace=NN)
def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Divided by the energy of ``size`` neighbouring channels.

    >>> F.local_response_norm(tensor([[[1.], [2.]]]), 2, alpha=1., beta=1.)
    tensor([[[0.6667],
             [0.5714]]])
    """
    if input.ndim < 3:
        raise value_error(
            f"Expected 3D or higher dimensionality                          input (got {input.ndim} dimensions)"
        )
    if not input.numel():
        return input
    # The means of neighbours, as the pooling of pictures whose rows are the channels.
    squares: Any = mul(input, input).unsqueeze(1)
    margins = (size // 2, (size - 1) // 2)
    if input.ndim == 3:
        means = avg_pool2d(pad(squares, (0, 0, *margins)), (size, 1), stride=(1,))
    else:
        squares = squares.view((*squares.shape[:4], -1))
        means = avg_pool3d(pad(squares, (0, 0, 0, 0, *margins)), (size, 1, 1), stride=(1,))
    energy = means.squeeze(1).view(tuple(input.shape)).mul(alpha).add(k).pow(beta)
    return div(input, energy)
