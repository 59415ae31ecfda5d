"""Random numbers of successes: PyTorch's own two ways to draw them, one uniform number after the other."""

from __future__ import annotations

import math

from tcalc.engine.dtypes import FLOAT, float32, float64
from tcalc.engine.random import Generator
from tcalc.engine.shapes import broadcast
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, value_error
from tcalc.ops.creation.filling import empty
from tcalc.ops.creation.tensors import from_data
from tcalc.ops.random.uniform import chosen_generator
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# From so many expected successes on they are drawn by rejection, below by counting gaps.
_MANY = 10


@op(method=False)
def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """How many of ``count`` trials succeed, each with the chance ``prob``.

    >>> manual_seed(0);
    >>> binomial(tensor([10., 10.]), tensor([0., 1.]))
    tensor([ 0., 10.])
    """
    for name, tensor in (("count", count), ("prob", prob)):
        if tensor.dtype.category != FLOAT:
            raise value_error(
                f"binomial only supports floating-point dtypes for {name}, got: {tensor.dtype.scalar_name}"
            )
    if count.dtype is not prob.dtype:
        raise TcalcError(f"Found dtype {prob.dtype.scalar_name} but expected {count.dtype.scalar_name}")
    if count.device.type == "cpu" and count.dtype not in (float32, float64):
        raise TcalcError(f"\"binomial_cpu\" not implemented for '{count.dtype.scalar_name}'", "NotImplementedError")
    shape = broadcast(count.shape, prob.shape)
    if count.is_meta or prob.is_meta:
        return empty(*shape, dtype=count.dtype, device=count.device)
    source = chosen_generator(generator, count)
    if source.device.type == "cuda":
        return _drawn_on_device(count.expand(shape), prob.expand(shape), source)
    trials, chances = [tensor.expand(shape).flatten().tolist() for tensor in (count, prob)]
    with source.one_by_one() as uniform:
        answers = [_drawn(trial, chance, uniform) for trial, chance in zip(trials, chances, strict=True)]
    return from_data(answers, count.dtype, count.device).reshape(shape)


def _drawn_on_device(count: Tensor, prob: Tensor, source: Any) -> Tensor:
    backend = count.storage.backend
    with backend.guard():
        trials, chances = [backend.cast(tensor.array, tensor.dtype.computed_as) for tensor in (count, prob)]
        drawn = source.binomial(trials.reshape(-1), chances.reshape(-1), count.dtype)
        return wrap(backend.cast(drawn, count.dtype).reshape(tuple(count.shape)), count.device)


def _drawn(count: float, chance: float, uniform: Callable[[], float]) -> float:
    if count <= 0 or chance <= 0:
        return 0.0
    if chance >= 1:
        return count
    if chance != chance or count != count:
        return math.nan
    if math.isinf(count):
        return count
    rare = min(chance, 1 - chance)
    draw = _by_rejection if count * rare >= _MANY else _by_gaps
    successes = draw(count, rare, uniform)
    return successes if chance <= 0.5 else count - successes


def _by_gaps(count: float, chance: float, uniform: Callable[[], float]) -> float:
    """The gaps between successes follow a geometric distribution: how many fit."""
    logarithm = math.log1p(-chance)
    place, successes = 0.0, 0.0
    while True:
        current().meter.step()
        drawn = uniform()
        place += math.ceil(math.log(drawn) / logarithm) if drawn else math.inf
        if place > count:
            return successes
        successes += 1


def _by_rejection(count: float, chance: float, uniform: Callable[[], float]) -> float:
    """Hörmann's transformed rejection with squeeze (BTRS)."""
    deviation = math.sqrt(count * chance * (1 - chance))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * chance
    c = count * chance + 0.5
    squeeze = 0.92 - 4.2 / b
    odds = chance / (1 - chance)
    alpha = (2.83 + 5.1 / b) * deviation
    mode = math.floor((count + 1) * chance)
    while True:
        current().meter.step()
        place, height = uniform() - 0.5, uniform()
        edge = 0.5 - abs(place)
        if edge == 0:
            continue
        found = math.floor((2 * a / edge + b) * place + c)
        if not 0 <= found <= count:
            continue
        if edge >= 0.07 and height <= squeeze:
            return float(found)
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (odds * (count - mode + 1)))
            + (count + 1) * math.log((count - mode + 1) / (count - found + 1))
            + (found + 0.5) * math.log(odds * (count - found + 1) / (found + 1))
            + _rest(mode) + _rest(count - mode) - _rest(found) - _rest(count - found)
        )  # fmt: skip
        scaled = height * alpha / (a / (edge * edge) + b)
        if scaled == 0 or math.log(scaled) <= bound:
            return float(found)


def _rest(number: float) -> float:
    """What Stirling's formula leaves of the logarithm of a factorial."""
    if number <= 9:
        return math.lgamma(number + 1) - (
            (number + 0.5) * math.log(number + 1) - number - 1 + math.log(2 * math.pi) / 2
        )
    square = (number + 1) ** 2
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (number + 1)
