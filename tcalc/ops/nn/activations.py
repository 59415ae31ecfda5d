"""Activation functions that are made of straight lines, and the exponential units."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, DType
from tcalc.engine.tensor import Tensor
from tcalc.engine.type_info import FloatInfo
from tcalc.errors import TcalcError, value_error
from tcalc.ops import destination
from tcalc.ops.dispatch import Launch, number_array
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import Record, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Number = complex
    Floating = Tensor

NN = "torch.nn.functional"
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


# ---------------------------------------------------------------- the frame


def pointwise(input: Tensor, kernel: Callable, dtype: DType | None = None) -> Launch:
    """The launch of ``kernel(xp, array)`` on each element, in the type that arithmetic runs in."""
    dtype = dtype or input.dtype

    def run(xp: Any, out: Any, array: Any) -> Any:
        return kernel(xp, array)

    return Launch(run, (input,), input.shape, dtype, compute=dtype.computed_as, pointwise=True)


def need_floating(input: Tensor, kernel: str, with_complex: bool = False) -> None:
    """Refuse every dtype that PyTorch's kernel of that name has no code for."""
    category = input.dtype.category
    if category == FLOAT or (with_complex and category == COMPLEX):
        return
    raise refusal(kernel, input.dtype)


def finished(launch: Launch, input: Tensor, inplace: bool, record: Record) -> Any:
    """The answer, written into ``input`` where the call says ``inplace=True``."""
    return destination.finish_inplace(launch, input, record) if inplace else launch


# ---------------------------------------------------------------- cut off at zero


def _relu(xp: Any, array: Any) -> Any:
    return xp.maximum(array, xp.zeros((), array.dtype))


@op(inplace=True, derivative=lambda grad, result, input: (grad * (result > 0),))
def relu(input: Tensor) -> Launch:
    """Each element, or zero where it is negative.

    >>> relu(tensor([1., -2.]))
    tensor([1., 0.])
    """
    if input.dtype.category == BOOL:
        raise TcalcError("Boolean inputs not supported for relu")
    if input.dtype.category == COMPLEX:
        raise TcalcError("clamp is not supported for complex types", "NotImplementedError")
    return pointwise(input, _relu)


@op(namespace=NN, name="relu")
def nn_relu(input: Tensor, inplace: bool = False) -> Any:
    """Each element, or zero where it is negative.

    >>> F.relu(tensor([1., -2.]))
    tensor([1., 0.])
    """
    return finished(relu.function(input), input, inplace, relu)


@op(namespace=NN)
def relu6(input: Tensor, inplace: bool = False) -> Any:
    """Each element, kept between 0 and 6.

    >>> F.relu6(tensor([-1., 3., 9.]))
    tensor([0., 3., 6.])
    """
    return finished(_clipped(input, 0, 6), input, inplace, relu6)


def _clipped(input: Tensor, low: float, high: float) -> Launch:
    if input.dtype.category == BOOL:
        raise TcalcError("Bool inputs not supported for hardtanh")
    if input.dtype.category == COMPLEX:
        raise TcalcError("clamp is not supported for complex types", "NotImplementedError")
    dtype = input.dtype.computed_as

    def kernel(xp: Any, array: Any) -> Any:
        bounds = xp.asarray(low).astype(dtype.numpy), xp.asarray(high).astype(dtype.numpy)
        return xp.minimum(xp.maximum(array, bounds[0]), bounds[1])

    return pointwise(input, kernel)


@op(namespace=NN)
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """Each element, kept between two bounds.

    >>> F.hardtanh(tensor([-3., 0.5, 3.]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min_val > max_val:
        raise value_error("min_val cannot be greater than max_val")
    if input.dtype.category == INTEGER and not input.dtype.is_signed and (min_val < 0 or max_val < 0):
        raise TcalcError("cannot do hardtanh on an unsigned type with negative limits")
    return finished(_clipped(input, min_val, max_val), input, inplace, hardtanh)


@op(method=False, out=True)
def threshold(input: Tensor, threshold: Number, value: Number) -> Launch:
    """Each element that is above ``threshold``, and ``value`` for the others.

    >>> threshold(tensor([1., 3.]), 2, 0)
    tensor([0., 3.])
    """
    if input.dtype.category in (BOOL, COMPLEX):
        raise refusal("threshold_cpu", input.dtype)
    dtype = input.dtype.computed_as

    def kernel(xp: Any, array: Any) -> Any:
        bound, other = (number_array(number, dtype, input.device) for number in (threshold, value))
        return xp.where(array <= bound, other, array)

    return pointwise(input, kernel)


@op(namespace=NN, name="threshold")
def nn_threshold(input: Tensor, threshold: Number, value: Number, inplace: bool = False) -> Any:
    """Each element that is above ``threshold``, and ``value`` for the others.

    >>> F.threshold(tensor([1., 3.]), 2, 0)
    tensor([0., 3.])
    """
    return finished(torch_threshold.function(input, threshold, value), input, inplace, torch_threshold)


torch_threshold = threshold


@op(out=True, derivative=lambda grad, result, input, lambd=0.5: (grad * (result != 0), None))
def hardshrink(input: Tensor, lambd: float = 0.5) -> Launch:
    """Each element, or zero between ``-lambd`` and ``lambd``.

    >>> hardshrink(tensor([-1., 0.2, 2.]))
    tensor([-1.,  0.,  2.])
    """
    need_floating(input, "hardshrink_cpu")
    return pointwise(input, lambda xp, x: xp.where((x >= -lambd) & (x <= lambd), xp.zeros((), x.dtype), x))


@op(namespace=NN, out=True)
def softshrink(input: Tensor, lambd: float = 0.5) -> Launch:
    """Each element brought nearer to zero by ``lambd``.

    >>> F.softshrink(tensor([-1., 0.2, 2.]))
    tensor([-0.5000,  0.0000,  1.5000])
    """
    need_floating(input, "softshrink_check")
    if not lambd >= 0:
        largest = FloatInfo(input.dtype).max
        raise TcalcError(
            f"lambda must be in range [0, {largest:g}] for input dtype {input.dtype.scalar_name}, but found {lambd:g}"
        )

    def kernel(xp: Any, x: Any) -> Any:
        return xp.where(x > lambd, x - lambd, xp.where(x < -lambd, x + lambd, x * 0))

    return pointwise(input, kernel)


# ---------------------------------------------------------------- exponential and leaky units


def _elu_kernel(alpha: float, scale: float = 1.0, input_scale: float = 1.0) -> Callable:
    def kernel(xp: Any, x: Any) -> Any:
        number = x.dtype.type
        negative = number(alpha * scale) * xp.expm1(x * number(input_scale))
        return xp.where(x <= 0, negative, x * number(scale))

    return kernel


def scaled_elu(input: Tensor, alpha: float, scale: float = 1.0, input_scale: float = 1.0) -> Launch:
    """The launch of the exponential unit with all its factors."""
    need_floating(input, "elu_cpu")
    return pointwise(input, _elu_kernel(alpha, scale, input_scale))


@op(namespace=NN)
def elu(input: Floating, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Each element, or ``alpha * (exp(input) - 1)`` where it is negative.

    >>> F.elu(tensor([1., -1.]))
    tensor([ 1.0000, -0.6321])
    """
    return finished(scaled_elu(input, alpha), input, inplace, elu)


@op(method=False)
def selu(input: Floating) -> Launch:
    """The scaled exponential unit.

    It keeps the mean and variance of its inputs.

    >>> selu(tensor([1., -1.]))
    tensor([ 1.0507, -1.1113])
    """
    return scaled_elu(input, _SELU_ALPHA, _SELU_SCALE)


@op(namespace=NN, name="selu")
def nn_selu(input: Floating, inplace: bool = False) -> Any:
    """The scaled exponential unit.

    It keeps the mean and variance of its inputs.

    >>> F.selu(tensor([1., -1.]))
    tensor([ 1.0507, -1.1113])
    """
    return finished(selu.function(input), input, inplace, selu)


@op(method=False)
def celu(input: Floating, alpha: float = 1.0) -> Launch:
    """Each element, or ``alpha * (exp(input / alpha) - 1)`` where it is negative.

    >>> celu(tensor([1., -1.]), alpha=2.)
    tensor([ 1.0000, -0.7869])
    """
    if alpha == 0:
        raise TcalcError("ZeroDivisionError: alpha cannot be 0 for CELU")
    need_floating(input, "elu_cpu")
    return pointwise(input, _elu_kernel(alpha, 1.0, 1.0 / alpha))


@op(namespace=NN, name="celu")
def nn_celu(input: Floating, alpha: float = 1.0, inplace: bool = False) -> Any:
    """Each element, or ``alpha * (exp(input / alpha) - 1)`` where it is negative.

    >>> F.celu(tensor([1., -1.]))
    tensor([ 1.0000, -0.6321])
    """
    return finished(celu.function(input, alpha), input, inplace, celu)


@op(namespace=NN)
def leaky_relu(input: Floating, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """Each element, or ``negative_slope`` times it where it is negative.

    >>> F.leaky_relu(tensor([1., -2.]))
    tensor([ 1.0000, -0.0200])
    """
    need_floating(input, "leaky_relu_cpu")
    launch = pointwise(input, lambda xp, x: xp.where(x > 0, x, x * x.dtype.type(negative_slope)))
    return finished(launch, input, inplace, leaky_relu)


@op(aliases=("nn.functional.prelu",))
def prelu(input: Tensor, weight: Tensor) -> Launch:
    """Each element, or ``weight`` times it where it is negative.

    One weight, or one for each channel.

    >>> prelu(tensor([1., -2.]), tensor([0.5]))
    tensor([ 1., -1.])
    """
    if input.dtype is not weight.dtype:
        raise TcalcError(
            f"prelu: Type promoting not supported. Got {input.dtype.scalar_name} and {weight.dtype.scalar_name}"
        )
    count = weight.numel()
    if count != 1 and not input.ndim:
        raise TcalcError("Not allow zero-dim input tensor.")
    channels = input.shape[1] if input.ndim > 1 else 1
    if count != 1 and count != channels:
        raise TcalcError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {count} and channel "
            f"size = "
            f"{channels}."
        )
    if weight.ndim > 1:
        raise TcalcError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    shape = [count if dim == 1 else 1 for dim in range(input.ndim)] if input.ndim > 1 else [1] * input.ndim

    def kernel(xp: Any, out: Any, array: Any, slopes: Any) -> Any:
        return xp.where(array > 0, array, array * slopes.reshape(shape))

    return Launch(kernel, (input, weight), input.shape, input.dtype, compute=input.dtype.computed_as)


@op(method=False)
def rrelu(
    input: Tensor,
    lower: float = 0.125,
    upper: float = 0.3333333333333333,
    training: bool = False,
    *,
    generator: Generator | None = None,  # type: ignore[name-defined]  # noqa: F821
) -> Any:
    """Each element, or a random slope times it where it is negative.

    The slope is random in training, else the middle.

    >>> rrelu(tensor([1., -1.]))
    tensor([ 1.0000, -0.2292])
    """
    if lower > upper:
        raise TcalcError("Lower bound should be less than or equal to the upper bound")
    need_floating(input, "rrelu_with_noise_out_cpu" if training else "leaky_relu_cpu")
    if not training:
        slope = (lower + upper) / 2
        return pointwise(input, lambda xp, x: xp.where(x <= 0, x * x.dtype.type(slope), x))
    from tcalc.ops.random.uniform import chosen_generator

    if input.device.type == "cpu" and (input.dtype is dtypes.float16 or input.dtype.is_float8):
        raise TcalcError(
            f"\"rrelu_with_noise_out_cpu\" not implemented for '{input.dtype.scalar_name}'", "NotImplementedError"
        )
    source = chosen_generator(generator, input)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        negative = array <= 0
        return xp.where(negative, array * source.slopes(negative, input.dtype, lower, upper).astype(array.dtype), array)

    return Launch(kernel, (input,), input.shape, input.dtype, compute=input.dtype.computed_as)


@op(namespace=NN, name="rrelu")
def nn_rrelu(
    input: Tensor, lower: float = 0.125, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> Any:
    """Each element, or a random slope times it where it is negative.

    The slope is random in training, else the middle.

    >>> F.rrelu(tensor([1., -1.]))
    tensor([ 1.0000, -0.2292])
    """
    return finished(rrelu.function(input, lower, upper, training), input, inplace, rrelu)
