"""Numbers drawn one by one: indices by weight, and counts of events."""

from __future__ import annotations

import math

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.random import Generator
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.tensor import empty as allocate
from tcalc.errors import TcalcError
from tcalc.ops import destination
from tcalc.ops.creation.likeness import like
from tcalc.ops.ordering.sorting import bisect, topk
from tcalc.ops.pointwise.arithmetic import div
from tcalc.ops.random.uniform import chosen_generator, need_floating, scatter
from tcalc.ops.reduction.extremes import argmax
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array


@op
def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Indices drawn by the weights of a vector, or of each row of a matrix.

    With ``replacement``, also repeatedly.

    >>> manual_seed(0);
    >>> multinomial(tensor([0.1, 0.2, 0.7]), 2)
    tensor([2, 1])
    """
    _check_weights(input, num_samples, replacement)
    if out is not None and out.dtype is not dtypes.int64:
        raise TcalcError(f"multinomial expects Long tensor out, got: {out.dtype.scalar_name}")
    shape = (*input.shape[:-1], num_samples)
    if input.is_meta:
        return allocate(shape, dtypes.int64, input.device)
    backend = input.storage.backend
    current().meter.allocate(math.prod(shape) * dtypes.int64.itemsize, "the result of multinomial")
    with backend.guard():
        weights = backend.cast(input.array, input.dtype.computed_as)
        if not weights.shape[-1]:
            raise TcalcError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
            )
        rows = weights.reshape(weights.size // weights.shape[-1], weights.shape[-1])
        _check_rows(backend.xp, rows)
        source = chosen_generator(generator, input)
        if replacement and num_samples > 1:
            drawn = _draw_repeatedly(backend.xp, rows, num_samples, source)
        else:
            return _draw_once(input, num_samples, source, out)
        answer = wrap(backend.xp.ascontiguousarray(drawn.reshape(shape)), input.device)
    return answer if out is None else destination.finish_out(answer, out, multinomial)


def _check_weights(input: Tensor, num_samples: int, replacement: bool) -> None:
    if input.dtype.category != dtypes.FLOAT:
        raise TcalcError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype.scalar_name}")
    if not 0 < input.ndim <= 2:
        raise TcalcError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise TcalcError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > input.shape[-1]:
        raise TcalcError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if input.shape[-1] > 1 << 24:
        raise TcalcError("number of categories cannot exceed 2^24")


def _check_rows(xp: Any, rows: Array) -> None:
    if not bool((xp.isfinite(rows) & (rows >= 0)).all()):
        raise TcalcError("probability tensor contains either `inf`, `nan` or element < 0")
    if rows.size and bool((rows.sum(1) == 0).any()):
        raise TcalcError("invalid multinomial distribution (sum of probabilities <= 0)")


def _draw_once(weights: Tensor, count: int, source: Generator, out: Tensor | None) -> Tensor:
    """The ``count`` largest of weight / exponential: a draw without replacement in one pass."""
    times = like(weights, None, None)
    scores = div(weights, scatter(times, lambda size: source.exponential(size, times.dtype)))
    answer: Tensor = argmax(scores, -1, True) if count == 1 else topk(scores, count)[1]
    return answer if out is None else destination.finish_out(answer, out, multinomial)


def _draw_repeatedly(xp: Any, rows: Array, count: int, source: Generator) -> Array:
    """Where a uniform number falls among the sums of the weights so far."""
    uniforms = source.samples(len(rows), count).astype(xp.float64)
    if not len(rows):
        return xp.empty((0, count), xp.int64)
    on_gpu = source.device.type == "cuda"
    if on_gpu:
        sums = xp.cumsum(rows / rows.sum(1, keepdims=True), 1)
    else:
        sums = xp.cumsum(rows, 1, dtype=rows.dtype)
        sums = sums / sums[:, -1:]
    sums = sums.astype(xp.float64)
    if on_gpu and len(rows) > 1:  # not a kernel a row
        drawn = bisect(xp, sums, uniforms, "left")
    else:
        drawn = xp.stack([xp.searchsorted(steps, row) for steps, row in zip(sums, uniforms, strict=True)])
    # A sum that rounding left below 1 may be below a uniform number, too.
    last = rows.shape[1] - 1 - xp.argmax(rows[:, ::-1] > 0, 1)
    return xp.minimum(drawn, last[:, None])


# ---------------------------------------------------------------- Poisson


@op(method=False)
def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """How many events happen, where ``input`` says how many are expected.

    >>> manual_seed(0);
    >>> poisson(tensor([1., 5., 20.]))
    tensor([ 2.,  6., 19.])
    """
    need_floating(input.dtype, "poisson_cpu")
    made = like(input, None, None)
    if input.is_meta or not input.numel():
        return made
    backend = input.storage.backend
    with backend.guard():
        rates = backend.cast(input.array, input.dtype.computed_as).reshape(-1)
        if not bool((rates >= 0).all()):
            raise TcalcError("invalid Poisson rate, expected rate to be non-negative")
        events = _events(rates, chosen_generator(generator, input))
        values = wrap(backend.cast(events, input.dtype).reshape(input.shape), input.device)
    destination.write(made, values)
    return made


def _events(rates: Array, source: Generator) -> Array:
    if source.device.type == "cuda":
        return source.events(rates)  # type: ignore[attr-defined]
    host = backend_for(devices.cpu)
    with source.one_by_one() as uniform:
        return host.xp.asarray([_poisson_number(rate, uniform) for rate in rates.tolist()], host.xp.float64)


# The first count that is no int64, in which PyTorch counts: what does not fit is the machine's own answer.
_TOO_MANY = 1 << 63


def _poisson_number(rate: float, uniform: Any) -> int:
    if rate == 0:
        return 0
    if rate >= _TOO_MANY:
        return -_TOO_MANY
    return _poisson_by_rejection(rate, uniform) if rate >= 10 else _poisson_by_product(rate, uniform)


def _poisson_by_product(rate: float, uniform: Any) -> int:
    """Count factors until their product falls below exp(-rate)."""
    limit = math.exp(-rate)
    events = 0
    product = 1.0
    while True:
        product *= uniform()
        if product <= limit:
            return events
        events += 1


def _poisson_by_rejection(rate: float, uniform: Any) -> int:
    """Hörmann's transformed rejection, for larger rates (The transformed rejection method, 1993)."""
    spread = 0.931 + 2.53 * math.sqrt(rate)
    slope = -0.059 + 0.02483 * spread
    inverse_alpha = 1.1239 + 1.1328 / (spread - 3.4)
    quick_limit = 0.9277 - 3.6224 / (spread - 2)
    while True:
        place = uniform() - 0.5
        height = uniform()
        room = 0.5 - abs(place)
        events = math.floor((2 * slope / room + spread) * place + rate + 0.43) if room else -1
        if room >= 0.07 and height <= quick_limit:
            return events
        if events < 0 or (room < 0.013 and height > room):
            continue
        density = math.log(height) + math.log(inverse_alpha) - math.log(slope / (room * room) + spread)
        if density <= -rate + events * math.log(rate) - math.lgamma(events + 1):
            return events
