"""The LDL factorisation of symmetric and Hermitian matrices, with Bunch and Kaufman's pivots as LAPACK chooses them."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.shapes import broadcast, normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.linalg.kernels import check_floating, check_square, solve_triangle, transposed
from tcalc.ops.linalg.triangles import check_system
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Below this share of the largest element beside it a diagonal element is no good pivot.
_GOOD = (1 + 17**0.5) / 8


def _size(xp: Any, values: Any) -> Any:
    """LAPACK's cheap absolute value: of complex numbers the sum of both parts'."""
    return xp.abs(values.real) + xp.abs(values.imag) if values.dtype.kind == "c" else xp.abs(values)


class _Factors:
    """A batch of matrices, factorised side by side: column by column they become L and D.

    ``rest`` is what is left to factorise of each, whole and symmetric. A block of D that is two by two takes two
    columns; a matrix that is in the second one has nothing to do at this column.
    """

    __slots__ = ("hermitian", "info", "packed", "pivots", "rest", "xp")

    def __init__(self, xp: Any, matrices: Any, hermitian: bool) -> None:
        self.xp = xp
        self.hermitian = hermitian and matrices.dtype.kind == "c"
        lower = xp.tril(matrices, -1)
        diagonal = xp.diagonal(matrices, axis1=1, axis2=2)
        count = matrices.shape[-1]
        whole = lower + transposed(self._flipped(lower))
        self.rest = xp.where(xp.eye(count, dtype=bool), diagonal[:, None], whole)
        self.packed = xp.zeros_like(lower)
        self.pivots = xp.zeros(diagonal.shape, xp.int64)
        self.info = xp.zeros(len(lower), xp.int64)
        waiting = xp.zeros(len(lower), bool)
        for at in range(count):
            current().meter.step()
            waiting = self._step(at, ~waiting)

    def _flipped(self, values: Any) -> Any:
        return values.conj() if self.hermitian else values

    def _step(self, at: int, active: Any) -> Any:
        """Eliminate a column of the active matrices, or two; which of them take two."""
        xp = self.xp
        chosen, wide = self._pivot(at, active)
        places = xp.arange(self.rest.shape[-1])
        last = xp.where(wide, 1, 0)
        self._exchange(places, last, xp.where(active, chosen, last))
        # The rows below the block, which takes one column or two.
        outside, inside = places[1:, None] > last[:, None, None], places[:2] <= last[:, None, None]
        columns = xp.where(outside & inside, self.rest[:, 1:, :2], 0)
        scaled = xp.where(wide[:, None, None], self._by_two(columns), self._by_one(columns))
        scaled = xp.where(active[:, None, None], scaled, 0).astype(self.packed.dtype)
        self._store(at, active, wide, scaled)
        number = chosen + at + 1
        self.pivots[:, at] = xp.where(active, xp.where(wide, -number, number), self.pivots[:, at])
        if at + 1 < self.pivots.shape[1]:
            self.pivots[:, at + 1] = xp.where(wide, -number, self.pivots[:, at + 1])
        if len(places) > 1:
            self.rest = self.rest[:, 1:, 1:] - xp.matmul(scaled, transposed(self._flipped(columns)))
        return wide

    def _pivot(self, at: int, active: Any) -> tuple[Any, Any]:
        """Which row comes to the front of each matrix, and whether it takes two columns."""
        xp = self.xp
        sizes = _size(xp, self.rest)
        batch = xp.arange(len(sizes))
        diagonal, below = sizes[:, 0, 0], sizes[:, 1:, 0]
        if not below.shape[1]:
            largest, row = xp.zeros_like(diagonal), xp.zeros(len(sizes), xp.int64)
        else:
            largest, row = below.max(1), below.argmax(1) + 1
        nothing = ((diagonal == 0) & (largest == 0)) | (diagonal != diagonal)
        self.info = xp.where(active & nothing & (self.info == 0), at + 1, self.info)
        beside = xp.where(xp.arange(sizes.shape[-1]) == row[:, None], 0, sizes[batch, row]).max(1)
        first = nothing | (diagonal >= _GOOD * largest) | (diagonal >= _GOOD * largest * (largest / beside))
        single = first | (sizes[batch, row, row] >= _GOOD * beside)
        return xp.where(first, 0, row), active & ~single

    def _exchange(self, places: Any, first: Any, second: Any) -> None:
        """Swap two rows, and the same two columns, of what is left."""
        xp, one, two = self.xp, first[:, None], second[:, None]
        order = xp.where(places == one, two, xp.where(places == two, one, places))
        rows = xp.take_along_axis(self.rest, order[:, :, None], 1)
        self.rest = xp.take_along_axis(rows, order[:, None, :], 2)

    def _by_one(self, columns: Any) -> Any:
        """The first column over the pivot; one that is zero stands above zeros."""
        xp, pivot = self.xp, self.rest[:, :1, :1]
        pivot = pivot.real if self.hermitian else pivot
        first = columns[..., :1] / xp.where(pivot == 0, 1, pivot)
        return xp.concatenate((first, xp.zeros_like(columns[..., 1:])), 2)

    def _by_two(self, columns: Any) -> Any:
        """Both columns times the inverse of the block in the corner, whose large elements are beside the diagonal."""
        if columns.shape[2] < 2 or not columns.shape[1]:
            return columns
        xp = self.xp
        above, beside, below = self.rest[:, 0, 0], self.rest[:, 1, 0], self.rest[:, 1, 1]
        size = xp.abs(beside) if self.hermitian else beside
        size = xp.where(size == 0, 1, size)
        turn = beside / size
        first, second = below / size, above / size
        determinant = size * (first * second - 1)
        determinant = xp.where(determinant == 0, 1, determinant)[:, None]
        left = (first[:, None] * columns[..., 0] - turn[:, None] * columns[..., 1]) / determinant
        right = (second[:, None] * columns[..., 1] - self._flipped(turn)[:, None] * columns[..., 0]) / determinant
        return xp.stack((left, right), 2)

    def _store(self, at: int, active: Any, wide: Any, scaled: Any) -> None:
        xp, packed, front = self.xp, self.packed, self.rest[:, :2, :2]
        pivot = front[:, 0, 0].real if self.hermitian else front[:, 0, 0]
        packed[:, at, at] = xp.where(active, pivot, packed[:, at, at])
        packed[:, at + 1 :, at] = xp.where(active[:, None], scaled[..., 0], packed[:, at + 1 :, at])
        if at + 1 < packed.shape[1]:
            second = front[:, 1, 1].real if self.hermitian else front[:, 1, 1]
            packed[:, at + 1, at] = xp.where(wide, front[:, 1, 0], packed[:, at + 1, at])
            packed[:, at + 1, at + 1] = xp.where(wide, second, packed[:, at + 1, at + 1])
            packed[:, at + 2 :, at + 1] = xp.where(wide[:, None], scaled[:, 1:, 1], packed[:, at + 2 :, at + 1])


def _factor(input: Tensor, hermitian: bool, check_errors: bool, name: str, with_info: bool) -> Launch:
    check_square(input, "torch.linalg.ldl_factor_ex")
    if input.dtype.category < dtypes.FLOAT:
        raise TcalcError(
            "torch.linalg.ldl_factor_ex: Expected a floating point or complex tensor as input. Got "
            f"{input.dtype.scalar_name}"
        )
    if input.dtype.is_reduced:
        raise refusal("ldl_factor_kernel_cpu", input.dtype)
    batch = input.shape[:-2]

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        done = _Factors(xp, array.reshape(prod(batch), *array.shape[-2:]), hermitian)
        if check_errors and done.info.any():
            first = int(done.info.max())
            raise TcalcError(
                f"torch.linalg.{name}: The factorization could not be completed: D[{first},{first}] is zero, and "
                "solving with it would divide by zero"
            )
        answers = done.packed.reshape(array.shape), done.pivots.reshape(array.shape[:-1]), done.info.reshape(batch)
        return answers if with_info else answers[:2]

    outputs = [Spec(input.shape, input.dtype), Spec(input.shape[:-1], dtypes.int32), Spec(batch, dtypes.int32)]
    fields = ("LD", "pivots", "info") if with_info else ("LD", "pivots")
    return Launch(
        kernel, (input,), outputs=outputs[: len(fields)], type_name=f"linalg_{name}", fields=fields, columns=True
    )


@op(namespace="torch.linalg", out=True)
def ldl_factor(input: Tensor, *, hermitian: bool = False) -> Launch:
    """L and D of ``A = L @ D @ L.T`` in one matrix, and the pivots.

    A is symmetric or Hermitian; they are for ``ldl_solve``.

    >>> linalg.ldl_factor(tensor([[4., 2.], [2., 3.]]))
    torch.return_types.linalg_ldl_factor(
    LD=tensor([[4.0000, 0.0000],
            [0.5000, 2.0000]]),
    pivots=tensor([1, 2], dtype=torch.int32))
    """
    return _factor(input, hermitian, True, "ldl_factor", False)


@op(namespace="torch.linalg", out=True)
def ldl_factor_ex(input: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Launch:
    """``ldl_factor`` with a code for each matrix.

    0, or which diagonal element of D is zero, counted from 1.

    >>> linalg.ldl_factor_ex(tensor([[4., 2.], [2., 3.]])).info
    tensor(0, dtype=torch.int32)
    """
    return _factor(input, hermitian, check_errors, "ldl_factor_ex", True)


# ---------------------------------------------------------------- solving


class _Blocks:
    """What ``ldl_factor`` made of a batch of matrices, taken apart: ``A[order][:, order] == L @ D @ L.T``."""

    __slots__ = ("beside", "diagonal", "firsts", "hermitian", "lower", "order", "seconds", "xp")

    def __init__(self, xp: Any, packed: Any, pivots: Any, hermitian: bool) -> None:
        self.xp = xp
        self.hermitian = hermitian
        count = packed.shape[-1]
        double = pivots < 0
        # Blocks of two follow each other, so every other column of them is a first one.
        self.firsts = double & (xp.cumsum(double.astype(xp.int64), -1) % 2 == 1)
        self.seconds = double & ~self.firsts
        self.diagonal = xp.diagonal(packed, axis1=1, axis2=2)
        self.beside = xp.zeros_like(self.diagonal)
        self.beside[:, :-1] = xp.where(self.firsts[:, :-1], xp.diagonal(packed, -1, 1, 2), 0)
        under = xp.eye(count, k=-1, dtype=packed.dtype)
        self.lower = xp.tril(packed, -1) - self.beside[:, None] * under + xp.eye(count, dtype=packed.dtype)
        self.order = xp.broadcast_to(xp.arange(count), pivots.shape)
        chosen = xp.abs(pivots).astype(xp.int64) - 1
        self._exchange(xp.clip(chosen, 0, max(count - 1, 0)))  # LAPACK would read beyond the matrix

    def _exchange(self, chosen: Any) -> None:
        """Exchange rows as they were exchanged; columns of L that were done by then were left as they stood."""
        xp, places = self.xp, self.xp.arange(chosen.shape[1])
        for at in range(chosen.shape[1]):
            # A block of two exchanges its second row, once.
            other = xp.where(self.firsts[:, at], at, chosen[:, at])[:, None]
            order = xp.where(places == at, other, xp.where(places == other, at, places))
            self.order = xp.take_along_axis(self.order, order, 1)
            done = places < xp.where(self.seconds[:, at], at - 1, at)[:, None]
            moved = xp.take_along_axis(self.lower, order[:, :, None], 1)
            self.lower = xp.where(done[:, None], moved, self.lower)

    def divided(self, right: Any) -> Any:
        """``D^-1 @ right``."""
        xp = self.xp
        flipped = self.beside.conj() if self.hermitian else self.beside
        own = self.diagonal.real if self.hermitian else self.diagonal
        partners = xp.where(self.firsts, _shifted(xp, own, 1), _shifted(xp, own, -1))
        both = own * partners - xp.where(self.firsts, self.beside * flipped, _shifted(xp, self.beside * flipped, -1))
        off = xp.where(self.firsts, flipped, _shifted(xp, self.beside, -1))
        others = xp.where(self.firsts[..., None], _shifted(xp, right, 1), _shifted(xp, right, -1))
        pairs = (partners[..., None] * right - off[..., None] * others) / both[..., None]
        return xp.where((self.firsts | self.seconds)[..., None], pairs, right / own[..., None])


def _rows(xp: Any, matrices: Any, order: Any) -> Any:
    return xp.take_along_axis(matrices, order[..., None], 1)


def _shifted(xp: Any, values: Any, steps: int) -> Any:
    """Each row the one that is so many places further in the second dimension."""
    return xp.roll(values, -steps, 1)


@op(namespace="torch.linalg", out=True)
def ldl_solve(
    LD: Tensor,  # noqa: N803 - PyTorch's names
    pivots: Tensor,
    B: Tensor,  # noqa: N803
    *,
    hermitian: bool = False,
) -> Launch:
    """The solution ``X`` of ``A @ X = B`` from what ``ldl_factor`` made of ``A``.

    >>> LD, pivots = linalg.ldl_factor(tensor([[4., 2.], [2., 3.]]))
    >>> linalg.ldl_solve(LD, pivots, tensor([[8.], [8.]]))
    tensor([[1.],
            [2.]])
    """
    check_square(LD, "torch.linalg.ldl_solve")
    check_floating(LD, "torch.linalg.ldl_solve", "ldl_solve_kernel_cpu")
    if B.ndim < 2:
        normalize_dim(-2, B.ndim)
    if pivots.dtype.category != dtypes.INTEGER:
        raise TcalcError(f"torch.linalg.ldl_solve: Expected pivots to be integers. Got {pivots.dtype.scalar_name}")
    check_system("torch.linalg.ldl_solve", B, LD)
    if tuple(pivots.shape) != tuple(LD.shape[:-1]):
        raise TcalcError(
            "torch.linalg.ldl_solve: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape "
            f"{list(pivots.shape)} instead"
        )
    flip = hermitian and LD.dtype.is_complex
    batch = broadcast(LD.shape[:-2], B.shape[:-2])
    count, columns = B.shape[-2:]

    def kernel(xp: Any, out: Any, packed: Any, exchanged: Any, right: Any) -> Any:
        every = xp.broadcast_to(packed, (*batch, count, count)).reshape(prod(batch), count, count)
        orders = xp.broadcast_to(exchanged, (*batch, count)).reshape(prod(batch), count)
        sides = xp.broadcast_to(right, (*batch, count, columns)).reshape(prod(batch), count, columns)
        parts = _Blocks(xp, every, orders, flip)
        upper = transposed(parts.lower.conj() if flip else parts.lower)
        inner = parts.divided(solve_triangle(xp, parts.lower, _rows(xp, sides, parts.order), False, unit=True))
        answer = _rows(xp, solve_triangle(xp, upper, inner, True, unit=True), xp.argsort(parts.order, -1))
        return answer.reshape(*batch, count, columns)

    return Launch(kernel, (LD, pivots, B), (*batch, count, columns), B.dtype, columns=True)
