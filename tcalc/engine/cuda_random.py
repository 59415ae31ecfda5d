"""The random numbers of a GPU, made there as PyTorch makes them for the same seed and the same kind of GPU.

What that rests on: the published words of Philox, numbers of PyTorch's that people have printed (both in the tests),
and how its launches are laid out. The two have not been compared on a GPU.

PyTorch gives every thread of a launch a stream of its own, so a number depends on how many threads there are: on the
number of multiprocessors, for tensors with more elements than threads run at once. :class:`CudaGenerator` has only a
seed and an offset, the place in all of those streams. A tensor of more than 2 GiB, which PyTorch fills piece by piece,
is filled at once here and gets other numbers.
"""

from __future__ import annotations

import math
from functools import cache

from tcalc.engine import cuda, cuda_kernels, cuda_random_kernels, dtypes
from tcalc.engine.devices import Device
from tcalc.engine.random import Generator, fresh_seed, word
from tcalc.engine.state import current
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType

_BLOCK = 256  # threads in a block of PyTorch's
_WORDS = 4  # what a stream gives at once, and what an offset counts
_STATE_BYTES = 16


def generator_of(index: int) -> CudaGenerator:
    """The session's generator of one GPU: it starts from the seed that was last given to all."""
    state = current()
    found = state.cuda_generators.get(index)
    if found is None:
        seed = fresh_seed() if state.cuda_seed is None else state.cuda_seed
        found = state.cuda_generators[index] = CudaGenerator(seed, Device("cuda", index))
    return found


def _cupy() -> Any:
    return cuda.libraries().cupy


@cache
def threads_at_once(index: int) -> int:
    """How many threads in blocks of 256 a GPU runs at the same time."""
    found = cuda.properties(index)
    return int(found.multi_processor_count * (found.max_threads_per_multi_processor // _BLOCK) * _BLOCK)


def layout(count: int, each: int = _WORDS) -> tuple[int, int]:
    """Over how many threads PyTorch spreads ``count`` elements, and by how much it moves the offset on.

    A thread takes ``each`` elements at one place of its stream; an offset counts words, of which a place has four.
    """
    threads = min(math.ceil(count / _BLOCK) * _BLOCK, threads_at_once(_cupy().cuda.runtime.getDevice()))
    return threads, math.ceil(count / (threads * each)) * _WORDS


class CudaGenerator(Generator):
    """The streams of random numbers of one GPU. What is drawn is drawn on the current one."""

    # -- seed and state

    def _start(self) -> None:
        self._offset = 0

    def get_offset(self) -> int:
        """How far the streams have been used, in words."""
        return self._offset

    def set_offset(self, offset: int) -> Generator:
        """Go to another place of the streams; it is a multiple of 4."""
        offset = word(offset, "manual_offset")
        if offset % _WORDS:
            raise TcalcError("offset must be a multiple of 4")
        self._offset = offset
        return self

    def graphsafe_get_state(self) -> Generator:
        """Another generator that stands for the same place; here a copy of it."""
        return self.clone_state()

    def graphsafe_set_state(self, state: Generator) -> Generator:
        """Go to the place of another generator."""
        if not isinstance(state, CudaGenerator):
            raise TcalcError("Expected a CUDA Generator")
        self.restore(state.copy_state())
        return self

    def copy_state(self) -> tuple:
        return (self._seed, self._offset)

    def restore(self, state: tuple) -> None:
        self._seed, self._offset = state

    def _state_bytes(self) -> Array:
        from tcalc.engine.backend import numpy

        np = numpy()
        return np.array([self._seed, self._offset], np.uint64).view(np.uint8)

    def _set_state_bytes(self, record: Array) -> None:
        from tcalc.engine.backend import numpy

        np = numpy()
        if record.size not in (_STATE_BYTES // 2, _STATE_BYTES):
            raise TcalcError("RNG state is wrong size")
        words = np.ascontiguousarray(record).view(np.uint64)
        self._seed = int(words[0])
        self.set_offset(int(words[1]) if words.size > 1 else 0)

    def _run(self, kernel: tuple[str, str], words: int, threads: int, arguments: tuple) -> None:
        """Launch a kernel from here in the streams; the next one begins behind the words that this may use."""
        if threads:
            xp = _cupy()
            stream = xp.uint64(self._seed), xp.uint64(self._offset)
            cuda_kernels.launch(xp, *kernel, threads, (*stream, *arguments))
            self._offset = (self._offset + math.ceil(words / _WORDS) * _WORDS) % (1 << 64)

    # -- outputs

    def _draw(
        self,
        distribution: str,
        dtype: str,
        count: int,
        first: float = 0.0,
        second: float = 0.0,
        *,
        vector: int = 0,
        launch: tuple[int, int] | None = None,
    ) -> Array:
        """``count`` numbers in PyTorch's own layout, unless a ``launch`` (threads, offset) says another."""
        xp = _cupy()
        numbers = xp.empty(count, dtype)
        if not count:
            return numbers
        threads, words = launch or layout(count, 2 if numbers.dtype.itemsize == 8 else _WORDS)
        arguments = (threads, vector, float(first), float(second), numbers, count)
        self._run(cuda_random_kernels.draw_source(distribution, dtype), words, count, arguments)
        return numbers

    def raw32(self, count: int) -> Array:
        return self._draw("bits", "uint32", count)

    def raw64(self, count: int) -> Array:
        return self._draw("bits", "uint64", count)

    # -- distributions

    def uniform(self, count: int, dtype: DType, low: float = 0.0, high: float = 1.0) -> Array:
        number = dtype.numpy.type
        start, end = number(low), number(high)
        numbers = self._draw("uniform", _made_in(dtype), count, start, end - start)
        # The upper end is drawn and the lower one is not: they change places, once rounded.
        rounded = numbers.astype(dtype.numpy).astype(numbers.dtype) if dtype.is_reduced else numbers
        return _cupy().where(rounded == float(end), numbers.dtype.type(start), numbers)

    def normal(self, count: int, dtype: DType, mean: float = 0.0, std: float = 1.0, contiguous: bool = True) -> Array:
        return self._draw("normal", _made_in(dtype), count, mean, std)

    def exponential(self, count: int, dtype: DType, rate: float = 1.0) -> Array:
        return self._draw("exponential", _made_in(dtype), count, rate)

    def geometric(self, count: int, dtype: DType, chance: float) -> Array:
        return self._draw("geometric", _made_in(dtype), count, chance)

    def cauchy(self, count: int, dtype: DType, median: float, sigma: float) -> Array:
        return self._draw("cauchy", _made_in(dtype), count, median, sigma)

    def log_normal(self, count: int, dtype: DType, mean: float, std: float) -> Array:
        return self._draw("lognormal", _made_in(dtype), count, mean, std)

    def successes(self, count: int, dtype: DType, chance: float) -> Array:
        numbers = self._draw("standard", _made_in(dtype), count)
        return numbers < numbers.dtype.type(chance)

    def trials(self, chances: Array, dtype: DType) -> Array:
        """Four elements that lie together belong to one thread, of which there are as many as it takes."""
        count = int(chances.size)
        numbers = self._draw("standard", "float32", count, vector=_WORDS, launch=(math.ceil(count / _WORDS) or 1, 10))
        return numbers <= chances

    def slopes(self, negative: Array, dtype: DType, lower: float, upper: float) -> Array:
        """Every element gets a number, negative or not."""
        numbers = self._draw("standard", _made_in(dtype), int(negative.size))
        slopes = numbers.astype(dtype.numpy).astype("float64") * (upper - lower) + lower
        return slopes.astype(dtype.numpy).astype(numbers.dtype).reshape(negative.shape)

    def kept(self, count: int, chance: float, dtype: DType, vector: int) -> Array:
        """Which elements dropout keeps; ``vector`` of them at a time are read, and belong to one thread."""
        numbers = self._draw("standard", "float32", count, vector=vector if vector > 1 else 0, launch=layout(count))
        return numbers.astype(_made_in(dtype)) < chance

    def samples(self, rows: int, count: int) -> Array:
        """``count`` uniform numbers for each of so many rows: a thread for each, in blocks of 128.

        A launch has at most 65535 rows; the next ones are at the following places of the same streams.
        """
        width = math.ceil(count / 128) * 128
        launch = (min(rows, 65535) * width, math.ceil(rows / 65535) * _WORDS)
        return self._draw("standard", "float32", rows * width, vector=1, launch=launch).reshape(rows, width)[:, :count]

    def events(self, rates: Array) -> Array:
        """Numbers of events (Poisson), in float64."""
        xp = _cupy()
        rates = xp.ascontiguousarray(rates.astype(xp.float64))
        numbers = xp.empty(rates.size, xp.float64)
        self._run(cuda_random_kernels.poisson_source(), 20, numbers.size, (rates, numbers, numbers.size))
        return numbers

    def binomial(self, trials: Array, chances: Array, dtype: DType) -> Array:
        """Numbers of successes: a thread has every 128th of 1024 elements."""
        xp = _cupy()
        name = _made_in(dtype)
        trials, chances = [xp.ascontiguousarray(values.astype(name)) for values in (trials, chances)]
        numbers = xp.empty(trials.size, name)
        threads = math.ceil(numbers.size / 1024) * 128
        arguments = (trials, chances, numbers, numbers.size, threads)
        self._run(cuda_random_kernels.binomial_source(name), 42, threads, arguments)
        return numbers

    def permutation(self, count: int) -> Array:
        """The numbers below ``count`` in the order of random keys; where keys are equal they are shuffled."""
        xp = _cupy()
        if not count:
            return xp.empty(0, xp.int64)
        # As many bits as make it unlikely (0.1) that any two keys are equal.
        bits = min(64, math.ceil(math.log2(count - (6 * count * count + 1) / (12 * math.log(0.9)))))
        width = 32 if bits <= 32 else 64
        lowest = -(1 << (width - 1))
        keys = self.integers(count, lowest, -lowest - 1)
        if bits < width:
            keys = keys & ((1 << bits) - 1)
        order = xp.argsort(keys, kind="stable")
        arguments = (keys[order].view(xp.uint64), order, count)
        self._run(cuda_random_kernels.shuffle_source(), count, count, arguments)
        return order


def _made_in(dtype: DType) -> str:
    """The type in which numbers of a dtype are computed."""
    return "float64" if dtype is dtypes.float64 else "float32"
