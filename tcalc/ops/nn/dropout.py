"""Dropout: elements, or whole channels, set to zero by chance, and the others scaled up to make up for it."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT, bool_, int64
from tcalc.engine.tensor import Tensor, empty
from tcalc.errors import TcalcError, value_error
from tcalc.ops import destination
from tcalc.ops.creation.likeness import like
from tcalc.ops.pointwise.arithmetic import add, mul
from tcalc.ops.random import distributions
from tcalc.ops.random.distributions import draw_bernoulli
from tcalc.ops.random.uniform import chosen_generator, scatter
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

NN = "torch.nn.functional"
# What the scaled exponential unit gives for minus infinity, negated: the value that alpha dropout leaves.
_ALPHA = 1.7580993408473766


def dropout_factors(target: Tensor, chance: float) -> Tensor:
    """``target`` filled with 0 (with that chance) and ``1 / (1 - chance)``."""
    kept: Tensor = draw_bernoulli(target, chosen_generator(None, target), 1 - chance)
    _need_fractions(target.dtype)
    factors: Tensor = mul(kept, 1 / (1 - chance) if chance < 1 else 0)
    return factors


def _need_fractions(dtype: DType) -> None:
    if dtype.category < FLOAT:
        raise TcalcError(f"result type Float can't be cast to the desired output type {dtype.scalar_name}")


def masked_dropout(input: Tensor, chance: float) -> tuple[Tensor, Tensor]:
    """What dropout leaves, and the mask of what was kept."""
    mask = like(input, bool_, None)
    keep = 1 - chance
    distributions.check_chance(keep)
    if input.device.type == "cuda" and input.dtype.category == FLOAT:
        keep = float(input.dtype.computed_as.numpy.type(keep))
        _draw_mask(mask, input, keep)
    else:
        draw_bernoulli(mask, chosen_generator(None, input), keep)
    return mul(mul(input, mask), 1 / keep if keep else 0.0), mask


def _draw_mask(mask: Tensor, input: Tensor, chance: float) -> None:
    """The mask of a GPU: a thread has the elements that it reads at once, up to 16 bytes where they lie so."""
    source: Any = chosen_generator(None, input)
    vector = 16 // input.dtype.itemsize if input.is_dense() else 1
    while vector > 1 and (input.numel() % vector or input.offset % vector):
        vector //= 2
    if vector > 1 or input.is_contiguous():
        scatter(mask, lambda count: source.kept(count, chance, input.dtype, vector))
        return
    with mask.storage.backend.guard():
        mask.array[...] = source.kept(mask.numel(), chance, input.dtype, 1).reshape(tuple(mask.shape))


def check_chance(p: float) -> None:
    """The refusal of the functions of ``torch``, which are not those of nn."""
    if not 0 <= p <= 1:
        raise TcalcError(f"dropout probability has to be between 0 and 1, but got {p:g}")


def _check(p: float, name: str = "dropout") -> None:
    if not 0 <= p <= 1:
        raise value_error(f"dropout probability has to be between 0 and 1, but got {p}")


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, shape: Sequence[int] | None = None) -> Tensor:
    """The input times random factors of ``shape``, which is its own unless whole channels are dropped."""
    if not training or p == 0 or not input.numel():
        return input
    if p == 1:
        answer: Tensor = mul(input, False)
    elif shape is None and not inplace and input.device.type == "cuda" and input.dtype.category == FLOAT:
        answer = masked_dropout(input, p)[0]
    else:
        # Factors lie in memory as the input does: the generator fills them in that order.
        fresh = like(input, None, None) if shape is None else empty(shape, input.dtype, input.device)
        answer = mul(input, dropout_factors(fresh, p))
    if inplace:
        destination.write(input, answer)
        return input
    return answer


@op(namespace=NN)
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element set to zero with the chance ``p``, in training.

    The others are divided by ``1 - p``.

    >>> F.dropout(tensor([1., 2.]), training=False)
    tensor([1., 2.])
    """
    _check(p)
    return _dropped(input, p, training, inplace)


@op(name="dropout", method=False)
def torch_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Each element set to zero with the chance ``p`` where ``train`` is true.

    >>> dropout(tensor([1., 2.]), 0.5, False)
    tensor([1., 2.])
    """
    check_chance(p)
    return _dropped(input, p, train, False)


def _channel_shape(input: Tensor) -> list[int]:
    """One factor for each channel of each example."""
    if input.ndim < 2:
        raise TcalcError("Feature dropout requires at least 2 dimensions in the input")
    return [*input.shape[:2], *[1] * (input.ndim - 2)]


def _register_channels(dims: int) -> None:
    def function(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        _check(p)
        if dims == 1 and input.ndim not in (2, 3):
            raise TcalcError(
                f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d exists "
                "to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an "
                "optional batch dimension (i.e. 2D or 3D inputs)."
            )
        if not training or p in (0, 1) or not input.numel():
            return _dropped(input, p, training, inplace)
        if dims == 2 or input.ndim in (0, dims + 2):
            return _dropped(input, p, training, inplace, _channel_shape(input))
        # Without a batch the first dimension is the channels'.
        return _dropped(input, p, training, inplace, [input.shape[0], *[1] * (input.ndim - 1)])

    function.__name__ = f"dropout{dims}d"
    function.__doc__ = (
        f"Whole channels of {dims}-d data set to zero with the chance ``p``, in training.\n\n"
        f"    >>> F.dropout{dims}d(ones({', '.join(['1'] * (dims + 2))}), training=False).sum()\n    tensor(1.)\n    "
    )
    op(function, namespace=NN)


for _dims in (1, 2, 3):
    _register_channels(_dims)


def _alpha_dropped(input: Tensor, p: float, training: bool, inplace: bool, channels: bool) -> Tensor:
    """Dropout that keeps mean and variance of what a scaled exponential unit gives."""
    _check(p)
    if not training or p == 0 or not input.numel():
        return input
    if p == 1:
        answer: Tensor = mul(input, False)
    else:
        shape = _channel_shape(input) if channels else input.shape
        fresh = empty(shape, input.dtype, input.device)
        kept: Tensor = draw_bernoulli(fresh, chosen_generator(None, input), 1 - p)
        _need_fractions(int64 if input.dtype is bool_ else input.dtype)  # a bool less one is a whole number
        scale = 1 / ((_ALPHA * _ALPHA * p + 1) * (1 - p)) ** 0.5
        shift: Any = add(mul(add(kept, -1), _ALPHA * scale), _ALPHA * scale * p)
        answer = add(mul(input, mul(kept, scale)), shift)
    if inplace:
        destination.write(input, answer)
        return input
    return answer


@op(namespace=NN)
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout that keeps the mean and variance of self-normalising networks.

    >>> F.alpha_dropout(tensor([1., 2.]))
    tensor([1., 2.])
    """
    return _alpha_dropped(input, p, training, inplace, channels=False)


@op(namespace=NN)
def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """``alpha_dropout`` of whole channels.

    >>> F.feature_alpha_dropout(ones(1, 2))
    tensor([[1., 1.]])
    """
    return _alpha_dropped(input, p, training, inplace, channels=True)
