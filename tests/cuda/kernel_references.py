"""What tcalc's own kernels do, in NumPy: the simulated device runs these where a GPU would run the kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def fold(name: str, places: Any, order: Any, values: Any, target: Any, count: int) -> None:
    operation = getattr(np, name.split("_")[1])
    with np.errstate(all="ignore"):
        operation.at(target, places, values[order])


# ---------------------------------------------------------------- Philox


def philox(seed: Any, place: Any, stream: Any) -> list[np.ndarray]:
    """The four words at a place of a stream, for arrays of places and streams."""
    word = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    place, stream = np.broadcast_arrays(np.asarray(place, np.uint64), np.asarray(stream, np.uint64))
    a, b, c, d = place & word, place >> half, stream & word, stream >> half
    first, second = int(seed) & 0xFFFFFFFF, int(seed) >> 32
    for _ in range(10):
        left, right = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        a, b, c, d = (
            (right >> half) ^ b ^ np.uint64(first), right & word, (left >> half) ^ d ^ np.uint64(second), left & word
        )  # fmt: skip
        first, second = (first + 0x9E3779B9) & 0xFFFFFFFF, (second + 0xBB67AE85) & 0xFFFFFFFF
    return [values.astype(np.uint32) for values in (a, b, c, d)]


def stream_of(seed: Any, offset: Any, stream: int) -> Iterator[int]:
    """The words of one stream, one after the other."""
    place = int(offset) // 4
    while True:
        yield from (int(word) for word in philox(seed, place, stream))
        place += 1


def uniform(low: np.ndarray, high: np.ndarray | None = None) -> np.ndarray:
    if high is None:
        return (low.astype(np.float32) * np.float32(2**-32)) + np.float32(2**-33)
    return (low ^ (high.astype(np.uint64) << np.uint64(21))).astype(np.float64) * 2.0**-53 + 2.0**-54


def normal32(radius: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scale = np.float32(2**-32) * np.float32(6.2831855)
    angle = fused(angle.astype(np.float32), scale, scale / np.float32(2))
    length = np.sqrt(np.float32(-2) * np.log(uniform(radius)))
    return np.sin(angle) * length, np.cos(angle) * length


def normal64(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    angle = 2 * np.pi * uniform(c, d)
    length = np.sqrt(-2 * np.log(uniform(a, b)))
    return np.sin(angle) * length, np.cos(angle) * length


def fused(factor: Any, other: Any, term: Any) -> Any:
    """A product and a sum, rounded once: for float32 by way of float64."""
    return (factor.astype(np.float64) * other + term).astype(factor.dtype)


def inner(values: np.ndarray) -> np.ndarray:
    if values.dtype == np.float64:
        return values
    return np.clip(values, np.float32(2**-23), np.float32(1 - 2**-23))


def negative_log(values: np.ndarray) -> np.ndarray:
    half_step = np.finfo(values.dtype).eps / 2
    return np.where(values >= 1 - half_step, -half_step, np.log(values)).astype(values.dtype)


def standard(four: list[np.ndarray], wide: bool) -> list[np.ndarray]:
    return [uniform(*four[:2]), uniform(*four[2:])] if wide else [uniform(word) for word in four]


def gaussian(four: list[np.ndarray], wide: bool) -> list[np.ndarray]:
    return list(normal64(*four)) if wide else [*normal32(*four[:2]), *normal32(*four[2:])]


def bits(four: list[np.ndarray], wide: bool) -> list[np.ndarray]:
    if not wide:
        return four
    a, b, c, d = [words.astype(np.uint64) for words in four]
    return [a << np.uint64(32) | b, c << np.uint64(32) | d]


DISTRIBUTIONS: dict[str, tuple[Callable, Callable]] = {
    "bits": (bits, lambda x, a, b: x),
    "standard": (standard, lambda x, a, b: x),
    "uniform": (standard, lambda x, a, b: fused(x, b, a)),
    "exponential": (standard, lambda x, a, b: -1 / a * negative_log(x)),
    "geometric": (standard, lambda x, a, b: np.ceil(np.log(x) / np.log1p(-a))),
    "cauchy": (standard, lambda x, a, b: fused(np.tan(x.dtype.type(np.pi) * (inner(x) - x.dtype.type(0.5))), b, a)),
    "normal": (gaussian, lambda x, a, b: fused(x, b, a)),
    "lognormal": (gaussian, lambda x, a, b: np.exp(fused(x, b, a))),
}


def draw(
    name: str, seed: Any, offset: Any, threads: int, vector: int, first: float, second: float, numbers: Any, count: int
) -> None:
    source, formula = DISTRIBUTIONS[name.split("_")[1]]
    wide = numbers.dtype.itemsize == 8
    each = 2 if wide else 4
    element = np.arange(count)
    if vector:
        thread = element // vector % threads
        place = element // vector // threads * ((vector + 3) // 4) + element % vector // 4
        component = element % vector % 4
    else:
        thread, place, component = element % threads, element // (threads * each), element // threads % each
    with np.errstate(all="ignore"):
        values = np.choose(component, source(philox(seed, int(offset) // 4 + place, thread), wide))
        number = numbers.dtype.type if numbers.dtype.kind == "f" else float
        numbers[...] = formula(values, number(first), number(second))


# ---------------------------------------------------------------- one stream an element


def shuffle(name: str, seed: Any, offset: Any, keys: Any, values: Any, count: int) -> None:
    ends = [*(np.flatnonzero(keys[1:] != keys[:-1]) + 1), count]
    start = 0
    for end in ends:
        words = stream_of(seed, offset, start)
        for place in range(int(end) - 1 - start, 0, -1):
            other = next(words) % (place + 1)
            values[[start + place, start + other]] = values[[start + other, start + place]]
        start = int(end)


def poisson(name: str, seed: Any, offset: Any, rates: Any, numbers: Any, count: int) -> None:
    for element in range(count):
        numbers[element] = _events(stream_of(seed, offset, element), float(rates[element]))


def _events(words: Iterator[int], rate: float) -> float:
    def drawn() -> np.float32:
        return np.float32(uniform(np.uint32(next(words))))

    if rate < 64:
        events, product = -1, np.exp(np.float32(rate))
        while True:
            events += 1
            product *= drawn()
            if not product > 1:
                return events
    if rate > 4000:
        four = [np.uint32(next(words)) for _ in range(4)]
        events = math.sqrt(rate) * float(normal64(*four)[0]) + rate + 0.5
        return math.floor(np.fmin(np.fmax(events, 0.0), 2.0**32 - 1))
    spread = 0.931 + 2.53 * math.sqrt(rate)
    slope = -0.059 + 0.02483 * spread
    inverse_alpha, limit = 1.1239 + 1.1328 / (spread - 3.4), 0.9277 - 3.6224 / (spread - 2)
    while True:
        place, height = float(drawn()) - 0.5, float(drawn())
        room = 0.5 - abs(place)
        events = math.floor((2 * slope / room + spread) * place + rate + 0.43) if room else -1
        if room >= 0.07 and height <= limit:
            return events
        if events < 0 or (room < 0.013 and height > room):
            continue
        density = math.log(height * inverse_alpha / (slope / (room * room) + spread))
        if density <= -rate + events * math.log(rate) - math.lgamma(events + 1):
            return events


def binomial(
    name: str, seed: Any, offset: Any, trials: Any, chances: Any, numbers: Any, count: int, threads: int
) -> None:
    from tcalc.ops.random.binomials import _drawn

    for thread in range(threads):
        words = stream_of(seed, offset, thread)
        for element in range(thread // 128 * 1024 + thread % 128, min(count, thread // 128 * 1024 + 1024), 128):
            trial, chance = float(trials[element]), float(chances[element])
            numbers[element] = _drawn(trial, chance, lambda: (next(words) & 0xFFFFFF) * 2.0**-24)


def exchange(name: str, pivots: Any, order: Any, count: int, steps: int, rows: int) -> None:
    for partners, own in zip(pivots, order, strict=True):
        for step, partner in enumerate(partners):
            own[[step, partner - 1]] = own[[partner - 1, step]]


REFERENCES: dict[str, Callable[..., None]] = {
    "fold": fold, "draw": draw, "shuffle": shuffle, "poisson": poisson, "binomial": binomial, "exchange": exchange,
}  # fmt: skip
