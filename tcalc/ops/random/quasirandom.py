"""Sobol's sequences: points that fill a cube evenly, without chance or shuffled by it."""

from __future__ import annotations

from functools import cache

from tcalc.engine import dtypes
from tcalc.engine.backend import numpy
from tcalc.engine.random import Generator
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, value_error
from tcalc.ops import destination
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType

_BITS = 30
_DIMENSIONS = 21201


@cache
def _numbers() -> tuple[Array, Array]:
    """The primitive polynomials and first direction numbers of Joe and Kuo (2008), which come with SciPy."""
    from importlib.util import find_spec

    found = find_spec("scipy")
    folder = ((found and found.submodule_search_locations) or [""])[0]
    try:
        with numpy().load(f"{folder}/stats/_sobol_direction_numbers.npz") as file:
            return file["poly"], file["vinit"]
    except (OSError, KeyError) as fault:
        raise TcalcError("this SciPy has no direction numbers for Sobol's sequences") from fault


def _directions(dimension: int) -> Array:
    """A row of 30 direction numbers for each dimension, by the recurrence of Bratley and Fox (1988)."""
    np = numpy()
    polynomials, first = _numbers()
    rows = np.ones((dimension, _BITS), np.int64)
    for row, polynomial, given in zip(rows[1:], polynomials[1:dimension].tolist(), first[1:dimension], strict=True):
        degree = polynomial.bit_length() - 1
        numbers = given[:degree].tolist()
        for place in range(degree, _BITS):
            number = numbers[place - degree]
            for back in range(1, degree + 1):
                if polynomial >> (degree - back) & 1:
                    number ^= numbers[place - back] << back
            numbers.append(number)
        row[:] = numbers
    return rows << np.arange(_BITS - 1, -1, -1)


def _shuffled(directions: Array, matrices: Array) -> Array:
    """The direction numbers, as vectors of bits, times a random lower triangular matrix for each dimension."""
    np = numpy()
    places = np.arange(_BITS - 1, -1, -1)
    matrices[:, range(_BITS), range(_BITS)] = 1
    bits = directions[:, :, None] >> places & 1
    product = np.einsum("dpk,djk->djp", matrices, bits) & 1
    shuffled: Array = (product << places).sum(-1)
    return shuffled


class SobolEngine:
    """A place in a Sobol sequence of points in the unit cube."""

    MAXBIT = _BITS
    MAXDIM = _DIMENSIONS
    public = (
        "MAXBIT", "MAXDIM", "dimension", "draw", "draw_base2", "fast_forward", "num_generated", "reset", "scramble",
        "seed",
    )  # fmt: skip

    def __init__(self, dimension: int, scramble: bool = False, seed: int | None = None) -> None:
        np = numpy()
        self.dimension = dimension
        self.scramble = scramble
        self.seed = seed
        self.num_generated = 0
        self._shift = np.zeros(dimension, np.int64)
        self._state = _directions(dimension)
        if scramble:
            source = current().generator if seed is None else Generator().manual_seed(seed)
            current().meter.allocate(dimension * _BITS * _BITS * 16, "the matrices of a scrambled sequence")
            shifts = source.integers(dimension * _BITS, 0, 2).reshape(dimension, _BITS)
            self._shift = (shifts << np.arange(_BITS)).sum(1)
            matrices = source.integers(dimension * _BITS * _BITS, 0, 2).reshape(dimension, _BITS, _BITS)
            self._state = _shuffled(self._state, np.tril(matrices))

    def __repr__(self) -> str:
        said = [f"dimension={self.dimension}"]
        said += ["scramble=True"] if self.scramble else []
        said += [f"seed={self.seed}"] if self.seed is not None else []
        return f"SobolEngine({', '.join(said)})"

    def draw(self, n: int = 1, out: Tensor | None = None, dtype: DType | None = None) -> Tensor:
        """The next ``n`` points, a row each."""
        np = numpy()
        dtype = dtype or current().default_dtype
        if dtype not in (dtypes.float32, dtypes.float64) and (n > 1 or self.num_generated):
            raise TcalcError(f"\"_sobol_engine_draw\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")
        if n < 1:
            raise TcalcError(f"Trying to create tensor with negative dimension {n - 1}: [{n - 1}, {self.dimension}]")
        if self.num_generated + n > 1 << _BITS:
            raise TcalcError(f"a Sobol sequence of {_BITS} bits has {1 << _BITS} points")
        current().meter.allocate(2 * n * self.dimension * 8, "the points")
        steps = np.arange(self.num_generated, self.num_generated + n - 1)
        changed = np.log2(~steps & (steps + 1)).astype(np.int64)  # the lowest bit that is 0, of each number
        rows = np.concatenate((self._point()[None], self._state.T[changed]))
        points = np.bitwise_xor.accumulate(rows, 0) * 2.0**-_BITS
        if not self.num_generated:  # PyTorch keeps the first point in the default dtype
            points[0] = points[0].astype(current().default_dtype.numpy)
        self.num_generated += n
        answer = wrap(points.astype(dtype.numpy))
        if out is None:
            return answer
        destination.resize_out(out, tuple(answer.shape))
        destination.write(out, answer)
        return out

    def _point(self) -> Array:
        """The point that comes next: of each bit of its number in Gray's code, a direction number."""
        np = numpy()
        code = self.num_generated ^ self.num_generated >> 1
        chosen = [bit for bit in range(_BITS) if code >> bit & 1]
        point: Array = self._shift ^ np.bitwise_xor.reduce(self._state[:, chosen], 1)
        return point

    def draw_base2(self, m: int, out: Tensor | None = None, dtype: DType | None = None) -> Tensor:
        """The next ``2**m`` points, where that makes a power of two in all."""
        total = self.num_generated + 2**m
        if total & (total - 1):
            raise value_error(
                f"The balance properties of Sobol' points require n to be a power of 2. {self.num_generated} points "
                f"have been previously generated, then: n={self.num_generated}+2**{m}={total}. If you still want to do "
                "this, please use 'SobolEngine.draw()' instead."
            )
        return self.draw(2**m, out, dtype)

    def reset(self) -> SobolEngine:
        """Go back to the first point."""
        self.num_generated = 0
        return self

    def fast_forward(self, n: int) -> SobolEngine:
        """Go on by ``n`` points."""
        self.num_generated += n
        return self


@op(namespace="torch.quasirandom", name="SobolEngine")
def new_sobol_engine(dimension: int, scramble: bool = False, seed: int | None = None) -> Any:
    """A Sobol sequence, whose points fill a cube evenly.

    ``draw(n)`` gives the next points. With ``scramble`` they are shuffled by the random numbers of ``seed``.

    >>> torch.quasirandom.SobolEngine(dimension=3).draw(3)
    tensor([[0.0000, 0.0000, 0.0000],
            [0.5000, 0.5000, 0.5000],
            [0.7500, 0.2500, 0.2500]])
    """
    if not 1 <= dimension <= _DIMENSIONS:
        raise value_error(f"Supported range of dimensionality for SobolEngine is [1, {_DIMENSIONS}]")
    return SobolEngine(dimension, scramble, seed)
