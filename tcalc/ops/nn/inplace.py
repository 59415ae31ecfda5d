"""Activation functions that write into their first argument."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.ops.destination import finish_inplace
from tcalc.ops.nn import activations as plain
from tcalc.ops.nn.activations import NN
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.random import Generator

    Number = complex


@op(method=False, aliases=("nn.functional.relu_",))
def relu_(input: Tensor) -> Tensor:
    """Each element, or zero where it is negative, written into ``input``.

    >>> relu_(tensor([1., -2.]))
    tensor([1., 0.])
    """
    return finish_inplace(plain.relu.function(input), input, plain.relu)


@op(method=False, aliases=("nn.functional.threshold_",))
def threshold_(input: Tensor, threshold: Number, value: Number) -> Tensor:
    """``value`` written where an element is not above ``threshold``.

    >>> threshold_(tensor([1., 3.]), 2, 0)
    tensor([0., 3.])
    """
    return finish_inplace(plain.torch_threshold.function(input, threshold, value), input, plain.torch_threshold)


@op(method=False, aliases=("nn.functional.selu_",))
def selu_(input: Tensor) -> Tensor:
    """The scaled exponential unit, written into ``input``.

    >>> selu_(tensor([1., -1.]))
    tensor([ 1.0507, -1.1113])
    """
    return finish_inplace(plain.selu.function(input), input, plain.selu)


@op(method=False, aliases=("nn.functional.celu_",))
def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """The continuous exponential unit, written into ``input``.

    >>> celu_(tensor([1., -1.]))
    tensor([ 1.0000, -0.6321])
    """
    return finish_inplace(plain.celu.function(input, alpha), input, plain.celu)


@op(method=False, aliases=("nn.functional.rrelu_",))
def rrelu_(
    input: Tensor,
    lower: float = 0.125,
    upper: float = 0.3333333333333333,
    training: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    """The leaky unit with a random slope, written into ``input``.

    >>> rrelu_(tensor([1., -1.]))
    tensor([ 1.0000, -0.2292])
    """
    slopes = plain.rrelu.function(input, lower, upper, training, generator=generator)
    return finish_inplace(slopes, input, plain.rrelu)


@op(namespace=NN)
def elu_(input: Tensor, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
    """The exponential unit, written into ``input``.

    ``scale`` multiplies every result, ``input_scale`` what the exponential is taken of.

    >>> F.elu_(tensor([1., -1.]))
    tensor([ 1.0000, -0.6321])
    """
    return finish_inplace(plain.scaled_elu(input, alpha, scale, input_scale), input, plain.elu)


@op(namespace=NN)
def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """The leaky unit, written into ``input``.

    >>> F.leaky_relu_(tensor([1., -2.]))
    tensor([ 1.0000, -0.0200])
    """
    return finish_inplace(plain.leaky_relu.function(input, negative_slope), input, plain.leaky_relu)


@op(namespace=NN)
def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Each element, kept between two bounds, written into ``input``.

    >>> F.hardtanh_(tensor([-3., 0.5]))
    tensor([-1.0000,  0.5000])
    """
    return finish_inplace(plain.hardtanh.function(input, min_val, max_val), input, plain.hardtanh)
