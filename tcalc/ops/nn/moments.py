"""Mean and deviation that batches are normalised by, in the dtype that PyTorch keeps them in."""

from __future__ import annotations

from tcalc.engine import writing
from tcalc.engine.dtypes import bfloat16
from tcalc.engine.tensor import Tensor
from tcalc.ops.dispatch import computing
from tcalc.ops.steps import exact, rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType


def kept_dtype(input: Tensor, *parameters: Tensor | None) -> DType:
    """That of the weights and running statistics where there are some, else the input's."""
    return next((tensor.dtype for tensor in parameters if tensor is not None), input.dtype)


class Moments:
    """The moments of an array over some dimensions, which are kept with size 1.

    bfloat16 is rounded on the way, after the sum of the squares and its division; float16 at the end alone.
    """

    __slots__ = ("_between", "_step", "_total", "count", "mean")

    def __init__(self, xp: Any, array: Array, dims: tuple[int, ...], kept: DType) -> None:
        mean = array.mean(dims, keepdims=True)
        self._step = rounding(kept)
        self._between = self._step if kept is bfloat16 else exact
        centre = self._between(mean) if array.ndim == 2 else mean
        self._total = self._between(xp.square(array - centre).sum(dims, keepdims=True))
        self.count = array.size // mean.size
        self.mean = mean

    def _variance(self, freedom: int) -> Array:
        return self._between(self._total / self._between(self.mean.dtype.type(freedom)))

    def scale(self, xp: Any, eps: float) -> Array:
        """``1 / sqrt(variance + eps)`` as it is kept."""
        return self._step(1 / xp.sqrt(self._variance(self.count) + self.mean.dtype.type(eps)))

    def kept_mean(self) -> Array:
        return self._step(self.mean)

    def applied(self, xp: Any, array: Array, weight: Any, bias: Any, eps: float) -> Array:
        """The array normalised, then scaled and shifted: one product and one sum for each element."""
        factor = self.scale(xp, eps) * weight
        return array * factor + (bias - self.kept_mean() * factor)

    def moved(self, mean: Array, variance: Array, momentum: float) -> tuple[Array, Array]:
        """Running statistics on their way towards these, the variance unbiased."""
        share = self._between(self.mean.dtype.type(momentum))
        rest = self._between(1 - share)
        unbiased = self._variance(max(self.count - 1, 1))
        return (
            self._between(share * self._between(self.mean)) + self._between(rest * mean),
            share * unbiased + self._between(rest * variance),
        )


def update_running(
    input: Tensor,
    mean: Tensor | None,
    variance: Tensor | None,
    dims: tuple[int, ...],
    kept: DType,
    momentum: float,
    collected: Callable[[Array], Array],
) -> None:
    """Move the running statistics of channels towards an input's; ``collected`` makes one of those of its parts."""
    if input.is_meta or not input.numel() or (mean is None and variance is None):
        return
    backend = input.storage.backend
    compute = input.dtype.computed_as
    shape = (1, input.shape[1], *[1] * (input.ndim - 2))
    with computing(input, mean, variance):
        moments = Moments(backend.xp, backend.cast(input.array, compute), dims, kept)
        before = [
            0 if running is None else backend.cast(running.array, compute).reshape(shape)
            for running in (mean, variance)
        ]
        for running, fresh in zip((mean, variance), moments.moved(before[0], before[1], momentum), strict=True):
            if running is not None:
                writing.store(running, collected(rounding(kept)(fresh)).reshape(running.shape))
