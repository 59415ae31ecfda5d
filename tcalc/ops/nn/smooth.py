"""Smooth activation functions, and the gates made of them."""

from __future__ import annotations

from tcalc.engine.backend import special_functions
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.nn.activations import NN, finished, need_floating, pointwise
from tcalc.ops.pointwise.arithmetic import abs, div, sub
from tcalc.ops.pointwise.maths import tanh
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Floating = Tensor


def _sigmoid(xp: Any, x: Any) -> Any:
    """``1 / (1 + exp(-x))`` without overflow."""
    if x.dtype.kind == "c":
        return 1 / (1 + xp.exp(-x))
    small = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, 1 / (1 + small), small / (1 + small))


def _softplus(xp: Any, x: Any) -> Any:
    """``log(1 + exp(x))`` without overflow."""
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


@op(namespace=NN, out=True)
def gelu(input: Floating, *, approximate: str = "none") -> Launch:
    """Each element times the chance that a normal number is below it.

    ``approximate="tanh"`` computes it as many models do.

    >>> F.gelu(tensor([1., -1.]))
    tensor([ 0.8413, -0.1587])
    """
    if approximate not in ("none", "tanh"):
        raise TcalcError("approximate argument must be either none or tanh.")
    need_floating(input, "GeluKernelImpl")

    def exact(xp: Any, x: Any) -> Any:
        return x * special_functions(xp).ndtr(x).astype(x.dtype, copy=False)

    def by_tanh(xp: Any, x: Any) -> Any:
        number = x.dtype.type
        inner = number(0.7978845608028654) * (x + number(0.044715) * x * x * x)
        return number(0.5) * x * (1 + xp.tanh(inner))

    return pointwise(input, by_tanh if approximate == "tanh" else exact)


@op(namespace=NN)
def silu(input: Floating, inplace: bool = False) -> Any:
    """Each element times its sigmoid.

    >>> F.silu(tensor([1., -1.]))
    tensor([ 0.7311, -0.2689])
    """
    need_floating(input, "silu_cpu", with_complex=True)
    return finished(pointwise(input, lambda xp, x: x / (1 + xp.exp(-x))), input, inplace, silu)


@op(namespace=NN)
def mish(input: Floating, inplace: bool = False) -> Any:
    """Each element times the hyperbolic tangent of its softplus.

    >>> F.mish(tensor([1., -1.]))
    tensor([ 0.8651, -0.3034])
    """
    need_floating(input, "mish_cpu")
    return finished(pointwise(input, lambda xp, x: x * xp.tanh(_softplus(xp, x))), input, inplace, mish)


@op(namespace=NN)
def hardsigmoid(input: Floating, inplace: bool = False) -> Any:
    """A sigmoid made of three straight lines.

    >>> F.hardsigmoid(tensor([-4., 0., 1.]))
    tensor([0.0000, 0.5000, 0.6667])
    """
    need_floating(input, "hardsigmoid_cpu")
    return finished(pointwise(input, lambda xp, x: xp.clip(x + 3, 0, 6) / 6), input, inplace, hardsigmoid)


@op(namespace=NN)
def hardswish(input: Floating, inplace: bool = False) -> Any:
    """Each element times its ``hardsigmoid``.

    >>> F.hardswish(tensor([-4., 1., 4.]))
    tensor([-0.0000, 0.6667, 4.0000])
    """
    need_floating(input, "hardswish_cpu")
    return finished(pointwise(input, lambda xp, x: x * xp.clip(x + 3, 0, 6) / 6), input, inplace, hardswish)


@op(namespace=NN, out=True)
def softplus(input: Floating, beta: float = 1, threshold: float = 20) -> Launch:
    """``log(1 + exp(beta * input)) / beta``: smooth, and straight above ``threshold``.

    >>> F.softplus(tensor([0., 30.]))
    tensor([ 0.6931, 30.0000])
    """
    need_floating(input, "softplus_cpu")

    def kernel(xp: Any, x: Any) -> Any:
        scaled = x * x.dtype.type(beta)
        return xp.where(scaled > threshold, x, xp.log1p(xp.exp(xp.minimum(scaled, threshold))) / x.dtype.type(beta))

    return pointwise(input, kernel)


@op(namespace=NN, out=True)
def logsigmoid(input: Floating) -> Launch:
    """The logarithm of the sigmoid, without underflow.

    >>> F.logsigmoid(tensor([0., -100.]))
    tensor([  -0.6931, -100.0000])
    """
    need_floating(input, "log_sigmoid_cpu")
    return pointwise(input, lambda xp, x: xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x))))


@op(namespace=NN)
def tanhshrink(input: Tensor) -> Any:
    """``input - tanh(input)``.

    >>> F.tanhshrink(tensor([1., -1.]))
    tensor([ 0.2384, -0.2384])
    """
    # Two operations in PyTorch, so half precision is rounded twice.
    return sub(input, tanh(input))


@op(namespace=NN)
def softsign(input: Tensor) -> Any:
    """``input / (1 + abs(input))``.

    >>> F.softsign(tensor([1., -3.]))
    tensor([ 0.5000, -0.7500])
    """
    return div(input, abs(input).add(1))


@op(namespace=NN)
def glu(input: Tensor, dim: int = -1) -> Launch:
    """The first half along ``dim``, times the sigmoid of the second.

    >>> F.glu(tensor([1., 2., 0., 0.]))
    tensor([0.5000, 1.0000])
    """
    if not input.shape:
        raise TcalcError("glu does not support scalars because halving size must be even")
    at = normalize_dim(dim, input.ndim)
    size = input.shape[at]
    if size % 2:
        raise TcalcError(f"Halving dimension must be even, but dimension {at} is size {size}")
    need_floating(input, "glu_cpu")
    shape = list(input.shape)
    shape[at] //= 2

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        halves = xp.split(array, 2, at)
        return halves[0] * _sigmoid(xp, halves[1])

    return Launch(kernel, (input,), shape, input.dtype, compute=input.dtype.computed_as)
