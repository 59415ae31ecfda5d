"""PyTorch's random numbers on the CPU, to the bit where its own arithmetic allows.

A :class:`Generator` is the Mersenne Twister (MT19937) seeded as PyTorch seeds it. Everything is made of its
32-bit outputs: one output gives 24 random bits for float32, two give 53 for float64 (the first one high).
Normal numbers have two rules, as in PyTorch: singly (in pairs of which the second is kept for the next
call) and, for 16 numbers and more in contiguous memory, in blocks of 16. The streams are drawn in bulk.
"""

from __future__ import annotations

import math
from contextlib import contextmanager

from tcalc.engine import dtypes
from tcalc.engine.backend import numpy
from tcalc.engine.normals import BLOCK, block_normals, each, fused
from tcalc.engine.state import current
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType
    from tcalc.engine.tensor import Tensor

# What PyTorch's generators start from before anybody seeds them.
DEFAULT_SEED = 67280421310721
# Integers of a range from here on are made of two outputs.
_WIDE_RANGE = 1 << 28
_WORDS = 624
_BULK = 256
_MANY = 1 << 16
_STATE_BYTES = 5056
_LARGEST_LOG = 709.782712893384  # of a float64


def fresh_seed() -> int:
    """A seed that nobody can foresee."""
    from secrets import randbits

    return randbits(53)


def word(number: Any, what: str) -> int:
    """A seed or an offset in 64 bits; negative ones count from 2**64."""
    if not isinstance(number, int):
        raise TcalcError(f"{what} expected a long, but got {type(number).__name__}")
    if not -(1 << 63) <= number < 1 << 64:
        raise TcalcError("Overflow when unpacking long long", "ValueError")
    return number % (1 << 64)


def seed_gpus(seed: int) -> None:
    """Start the random numbers of ``seed`` on every GPU, those that have not been used yet among them."""
    state = current()
    state.cuda_seed = seed
    for generator in state.cuda_generators.values():
        generator.manual_seed(seed)


def _computed(name: str, values: Array, dtype: DType) -> Array:
    """A function of float64 numbers that are stored as ``dtype``: what is narrower does not see the last bit."""
    return each(getattr(math, name), values) if dtype is dtypes.float64 else getattr(numpy(), name)(values)


class Generator:
    """A stream of random numbers: its seed, its state, and the second half of the last pair of normals."""

    printed_type = "torch._C.Generator"
    # What a program can reach on a generator.
    public = (
        "clone_state", "device", "get_offset", "get_state", "graphsafe_get_state", "graphsafe_set_state",
        "initial_seed", "manual_seed", "seed", "set_offset", "set_state",
    )  # fmt: skip

    def __init__(self, seed: int = DEFAULT_SEED, device: Device | None = None) -> None:
        from tcalc.engine import devices

        self.device = device or devices.cpu
        self.manual_seed(seed)

    def __repr__(self) -> str:
        return f"<torch._C.Generator object at {id(self):#x}>"

    # -- seed and state

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of ``seed``; a negative seed counts from 2**64."""
        self._seed = word(seed, "manual_seed")
        self._start()
        return self

    def _start(self) -> None:
        random = numpy().random
        self._twister = random.MT19937()
        self._twister._legacy_seeding(self._seed & 0xFFFFFFFF)
        self._source = random.Generator(self._twister)
        self._untouched = True
        self._kept: float | None = None

    def seed(self) -> int:
        """Start the stream of a seed that nobody can foresee, and return the seed."""
        self.manual_seed(fresh_seed())
        return self._seed

    def initial_seed(self) -> int:
        return self._seed

    def get_offset(self) -> int:
        """How far a GPU's streams have been used; the CPU's has no such number."""
        raise TcalcError("CPU Generator does not use offset")

    def set_offset(self, offset: int) -> Generator:
        raise TcalcError("CPU Generator does not use offset")

    def graphsafe_get_state(self) -> Generator:
        raise TcalcError("graphsafe_get_state is not supported in this Generator", "NotImplementedError")

    def graphsafe_set_state(self, state: Generator) -> Generator:
        raise TcalcError("graphsafe_set_state is not supported in this Generator", "NotImplementedError")

    def copy_state(self) -> tuple:
        """All there is to come back to this place in the stream."""
        return (self._seed, self._twister.state, self._untouched, self._kept)

    def restore(self, state: tuple) -> None:
        self._seed, self._twister.state, self._untouched, self._kept = state

    def get_state(self) -> Tensor:
        """The state in PyTorch's own layout of 5056 bytes."""
        from tcalc.engine.tensor import wrap

        return wrap(self._state_bytes())

    def set_state(self, state: Tensor) -> Generator:
        """Continue from a state in PyTorch's layout."""
        from tcalc.engine.tensor import Tensor

        if not isinstance(state, Tensor):
            kind = type(state).__name__
            raise TcalcError(f"expected a torch.ByteTensor, but got {kind}", "TypeError")
        if state.dtype is not dtypes.uint8 or state.device.type != "cpu":
            raise TcalcError("RNG state must be a torch.ByteTensor", "TypeError")
        self._set_state_bytes(state.host_array())
        return self

    def clone_state(self) -> Generator:
        """Another generator at the same place of the same stream."""
        copy = type(self)(device=self.device)
        copy.restore(self.copy_state())
        return copy

    def _state_bytes(self) -> Array:
        np = numpy()
        state = self._twister.state["state"]
        following = 0 if self._untouched else int(state["pos"])
        record = np.zeros(_STATE_BYTES, np.uint8)
        record[:8] = np.array([self._seed], np.uint64).view(np.uint8)
        left = 1 if self._untouched else _WORDS + 1 - following
        record[8:16] = np.array([left, 1], np.int32).view(np.uint8)
        record[16:24] = np.array([following], np.uint64).view(np.uint8)
        record[24:5016] = state["key"].astype(np.uint64).view(np.uint8)
        if self._kept is not None:
            record[5024:5032] = np.array([self._kept], np.float64).view(np.uint8)
            record[5040] = 1
        return record

    def _set_state_bytes(self, record: Array) -> None:
        np = numpy()
        if record.size != _STATE_BYTES:
            raise TcalcError(
                f"Expected a CPUGeneratorImplState of size {_STATE_BYTES} but found the input RNG state size to be "
                f"{record.size}"
            )
        record = np.ascontiguousarray(record)
        following = int(record[16:24].view(np.uint64)[0])
        left = int(record[8:12].view(np.int32)[0])
        if not 0 <= following <= _WORDS or not 0 < left <= _WORDS:
            raise TcalcError("Invalid mt19937 state")
        self._seed = int(record[:8].view(np.uint64)[0])
        self._untouched = left == 1 and following == 0
        key = record[24:5016].view(np.uint64).astype(np.uint32)
        position = _WORDS if self._untouched else following
        self._twister.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": position}}
        self._kept = float(record[5024:5032].view(np.float64)[0]) if record[5040] else None

    # -- outputs

    def raw32(self, count: int) -> Array:
        """The next 32-bit outputs."""
        np = numpy()
        if count:
            self._untouched = False
        return self._source.integers(0, 1 << 32, count, np.uint32)

    def raw64(self, count: int) -> Array:
        """The next pairs of outputs as 64-bit numbers, the first output high."""
        np = numpy()
        pairs = self.raw32(2 * count).reshape(count, 2)
        wide = pairs[:, 0].astype(np.uint64)
        wide <<= np.uint64(32)
        wide |= pairs[:, 1]
        return wide

    def uniform24(self, count: int) -> Array:
        """float32 numbers in [0, 1) of 24 random bits, one output each."""
        np = numpy()
        bits = self.raw32(count)
        bits &= np.uint32((1 << 24) - 1)
        numbers = bits.astype(np.float32)
        numbers *= np.float32(2.0**-24)
        return numbers

    def uniform53(self, count: int) -> Array:
        """float64 numbers in [0, 1) of 53 random bits, two outputs each."""
        np = numpy()
        bits = self.raw64(count)
        bits &= np.uint64((1 << 53) - 1)
        numbers = bits.astype(np.float64)
        numbers *= 2.0**-53
        return numbers

    @contextmanager
    def one_by_one(self) -> Iterator[Callable[[], float]]:
        """A function that gives a float64 in [0, 1) a call: drawn in bulk, and what is left over is given back."""
        saved = self.copy_state()
        waiting: list[float] = []
        drawn = 0

        def draw() -> float:
            nonlocal waiting, drawn
            if not waiting:
                waiting = self.uniform53(_BULK)[::-1].tolist()
                drawn += _BULK
            return waiting.pop()

        try:
            yield draw
        finally:
            self.restore(saved)
            self.uniform53(drawn - len(waiting))

    # -- distributions; each gives the numbers that PyTorch would store, in the type it computes them in

    def uniform(self, count: int, dtype: DType, low: float = 0.0, high: float = 1.0) -> Array:
        """Numbers in [low, high); half types are rounded from float32 by the caller."""
        np = numpy()
        numbers = self.uniform53(count) if dtype is dtypes.float64 else self.uniform24(count)
        if (low, high) != (0.0, 1.0):
            number = numbers.dtype.type
            numbers = fused(np, numbers, number(high) - number(low), number(low))
        if dtype.is_reduced:
            # Rounding must not reach the open end of the interval.
            rounded = numbers.astype(dtype.numpy)
            return np.where(rounded.astype(np.float32) == np.float32(high), np.float32(low), numbers)
        return numbers

    def normal(self, count: int, dtype: DType, mean: float = 0.0, std: float = 1.0, contiguous: bool = True) -> Array:
        """Normal numbers for ``count`` elements of memory."""
        if count < BLOCK or not contiguous:
            return self._scaled_normals(count, mean, std)
        if dtype is dtypes.float64:
            return self._block_normals(count, self.uniform53, True, mean, std)
        return self._block_normals(count, self.uniform24, not dtype.is_reduced, mean, std)

    def _scaled_normals(self, count: int, mean: float, std: float) -> Array:
        numbers = self.single_normals(count)
        return numbers if (mean, std) == (0.0, 1.0) else fused(numpy(), numbers, std, mean)

    def single_normals(self, count: int) -> Array:
        """Standard normals in pairs, in float64; the second of the last pair is kept where it is left over."""
        np = numpy()
        numbers = np.empty(count)
        if not count:
            return numbers
        start = 0
        if self._kept is not None:
            numbers[0] = self._kept
            self._kept = None
            start = 1
        pairs = (count - start + 1) // 2
        uniforms = self.uniform53(2 * pairs).reshape(pairs, 2)
        radius = np.sqrt(-2.0 * each(math.log1p, -uniforms[:, 1]))
        angle = 2.0 * np.pi * uniforms[:, 0]
        both = np.stack((radius * np.cos(angle), radius * np.sin(angle)), 1).reshape(-1)
        numbers[start:] = both[: count - start]
        if both.size > count - start:
            self._kept = float(both[-1])
        return numbers

    def _block_normals(self, count: int, uniform: Any, draws_tail: bool, mean: float, std: float) -> Array:
        """Normals in blocks of 16; the last 16 are drawn anew where ``count`` is no multiple of 16.

        For float32 and float64 PyTorch has by then drawn numbers for the elements beyond the last whole
        block (``draws_tail``) and throws them away.
        """
        whole = count // BLOCK * BLOCK
        tail = whole < count
        numbers = uniform(count if draws_tail else whole)
        blocks = block_normals(numbers[:whole].reshape(-1, BLOCK), mean, std).reshape(-1)
        if not tail:
            return blocks
        np = numpy()
        result = np.empty(count, blocks.dtype)
        result[:whole] = blocks
        result[count - BLOCK :] = block_normals(uniform(BLOCK).reshape(1, BLOCK), mean, std)[0]
        return result

    def integers(self, count: int, low: int, high: int) -> Array:
        """Whole numbers in [low, high) as int64; all that there are, where ``high - low`` is 2**64."""
        np = numpy()
        span = high - low
        if span < _WIDE_RANGE:
            numbers = self.raw32(count)
            if span & (span - 1):
                numbers %= np.uint32(span)
            else:
                numbers &= np.uint32(span - 1)
            numbers = numbers.astype(np.int64)
        else:
            wide = self.raw64(count)
            if span == 1 << 64:
                return wide.view(np.int64)
            wide %= np.uint64(span)
            numbers = wide.view(np.int64)
        if low:
            numbers += np.uint64(low % (1 << 64)).astype(np.int64)
        return numbers

    def permutation(self, count: int) -> Array:
        """The numbers below ``count`` in random order: each place is swapped with a later one or itself."""
        np = numpy()
        order = np.arange(count)
        if count > 1:
            steps = self.raw32(count - 1)
            steps %= np.arange(count, 1, -1, dtype=np.uint32)
            places = memoryview(order)  # whose elements are quicker to reach one by one
            for start in range(0, count - 1, _MANY):
                for place, step in enumerate(steps[start : start + _MANY].tolist(), start):
                    other = place + step
                    places[place], places[other] = places[other], places[place]
        return order

    def exponential(self, count: int, dtype: DType, rate: float = 1.0) -> Array:
        return _computed("log1p", -self.uniform53(count), dtype) * (-1.0 / rate)

    def geometric(self, count: int, dtype: DType, chance: float) -> Array:
        np = numpy()
        return np.ceil(np.log(self.uniform53(count)) / math.log1p(-chance))

    def cauchy(self, count: int, dtype: DType, median: float, sigma: float) -> Array:
        return fused(numpy(), _computed("tan", math.pi * (self.uniform53(count) - 0.5), dtype), sigma, median)

    def log_normal(self, count: int, dtype: DType, mean: float, std: float) -> Array:
        np = numpy()
        logarithms = self._scaled_normals(count, mean, std)
        fit = np.minimum(logarithms, _LARGEST_LOG)
        return np.where(logarithms > fit, math.inf, _computed("exp", fit, dtype))

    def successes(self, count: int, dtype: DType, chance: float) -> Array:
        """Whether each of ``count`` trials of one chance succeeds."""
        return self.uniform53(count) < chance

    def trials(self, chances: Array, dtype: DType) -> Array:
        """Whether trials of these chances, given in ``dtype``, succeed."""
        return self.uniform(chances.size, dtype) < chances

    def samples(self, rows: int, count: int) -> Array:
        """``count`` uniform numbers for each of so many rows."""
        return self.uniform53(rows * count).reshape(rows, count)

    def slopes(self, negative: Array, dtype: DType, lower: float, upper: float) -> Array:
        """A number of [lower, upper) for every element that is ``negative``, in order, and none drawn for others."""
        np = numpy()
        slopes = np.ones(negative.shape)
        bound = dtype.computed_as.numpy.type
        low, high = float(bound(lower)), float(bound(upper))
        slopes[negative] = self.uniform53(int(negative.sum())) * (high - low) + low
        return slopes
