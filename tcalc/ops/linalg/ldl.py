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
from tcalc.ops.linalg.kernels import check_square
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Below this share of the largest element beside it a diagonal element is no good pivot.
_GOOD = (1 + 17**0.5) / 8


def _size(xp: Any, values: Any) -> Any:
    """LAPACK's cheap absolute value: of complex numbers the sum of both parts'."""
    return xp.abs(values.real) + xp.abs(values.imag) if values.dtype.kind == "c" else xp.abs(values)


class _Factor:
    """One matrix, factorised in place: the lower triangle becomes L and D."""

    __slots__ = ("hermitian", "info", "matrix", "pivots", "xp")

    def __init__(self, xp: Any, matrix: Any, hermitian: bool) -> None:
        self.xp = xp
        self.hermitian = hermitian and matrix.dtype.kind == "c"
        self.matrix = xp.tril(matrix)
        if self.hermitian:
            self._make_diagonal_real()
        count = matrix.shape[0]
        self.pivots = xp.zeros(count, xp.int32)
        self.info = 0
        at = 0
        while at < count:
            current().meter.step()
            at += self._step(at)

    def _make_diagonal_real(self) -> None:
        places = self.xp.arange(self.matrix.shape[0])
        self.matrix[places, places] = self.matrix[places, places].real

    def _step(self, at: int) -> int:
        """Eliminate one column, or two; how many."""
        chosen, width = self._pivot(at)
        last = at + width - 1
        if chosen != last:
            self._exchange(at, last, chosen, width)
        if width == 1:
            self._eliminate_one(at)
            self.pivots[at] = chosen + 1
        else:
            self._eliminate_two(at)
            self.pivots[at : at + 2] = -(chosen + 1)
        return width

    def _pivot(self, at: int) -> tuple[int, int]:
        xp, matrix = self.xp, self.matrix
        diagonal = float(_size(xp, matrix[at, at]))
        below = _size(xp, matrix[at + 1 :, at])
        largest = float(below.max()) if below.size else 0.0
        if max(diagonal, largest) == 0 or diagonal != diagonal:
            self.info = self.info or at + 1
            return at, 1
        if diagonal >= _GOOD * largest:
            return at, 1
        row = at + 1 + int(below.argmax())
        beside = xp.concatenate((_size(xp, matrix[row, at:row]), _size(xp, matrix[row + 1 :, row])))
        widest = float(beside.max())
        if diagonal >= _GOOD * largest * (largest / widest):
            return at, 1
        return (row, 1) if float(_size(xp, matrix[row, row])) >= _GOOD * widest else (row, 2)

    def _exchange(self, at: int, first: int, second: int, width: int) -> None:
        """Swap two rows and columns of the part that is left, of which there is a lower triangle."""
        matrix = self.matrix
        flip = (lambda values: values.conj()) if self.hermitian else (lambda values: values)
        _exchange(matrix[second + 1 :].T, first, second)
        between = matrix[first + 1 : second, first].copy()
        matrix[first + 1 : second, first] = flip(matrix[second, first + 1 : second])
        matrix[second, first + 1 : second] = flip(between)
        if self.hermitian:
            matrix[second, first] = matrix[second, first].conj()
        matrix[first, first], matrix[second, second] = matrix[second, second].copy(), matrix[first, first].copy()
        if width == 2:
            _exchange(matrix[:, at], at + 1, second)

    def _eliminate_one(self, at: int) -> None:
        matrix = self.matrix
        if matrix[at, at] == 0:
            return
        column = matrix[at + 1 :, at].copy()
        scaled = column / matrix[at, at]
        self._subtract(at + 1, self.xp.outer(scaled, column.conj() if self.hermitian else column))
        matrix[at + 1 :, at] = scaled

    def _eliminate_two(self, at: int) -> None:
        xp, matrix = self.xp, self.matrix
        if at + 2 >= matrix.shape[0]:
            return
        corner = self._corner(at)
        columns = matrix[at + 2 :, at : at + 2].copy()
        scaled = columns @ xp.linalg.inv(corner)
        other = columns.conj() if self.hermitian else columns
        self._subtract(at + 2, scaled @ other.T)
        matrix[at + 2 :, at : at + 2] = scaled

    def _corner(self, at: int) -> Any:
        """A two by two block of D, as a whole matrix."""
        corner = self.matrix[at : at + 2, at : at + 2].copy()
        corner[0, 1] = corner[1, 0].conj() if self.hermitian else corner[1, 0]
        return corner

    def _subtract(self, start: int, update: Any) -> None:
        self.matrix[start:, start:] -= self.xp.tril(update)
        if self.hermitian:
            self._make_diagonal_real()


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
        count = array.shape[-1]
        done = [_Factor(xp, matrix, hermitian) for matrix in array.reshape(prod(batch), count, count)]
        info = xp.zeros(len(done), xp.int32)
        for place, one in enumerate(done):
            info[place] = one.info
        info = info.reshape(batch)
        if check_errors and info.any():
            raise TcalcError(
                f"torch.linalg.{name}: The factorization could not be completed: D[{int(info.max())},"
                f"{int(info.max())}] is zero, and solving with it would divide by zero"
            )
        packed = xp.empty((prod(batch), count, count), array.dtype)
        pivots = xp.empty((prod(batch), count), xp.int32)
        for place, one in enumerate(done):
            packed[place], pivots[place] = one.matrix, one.pivots
        answers = packed.reshape(array.shape), pivots.reshape(array.shape[:-1]), info
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


def _exchange(rows: Any, first: int, second: int) -> None:
    kept = rows[first].copy()
    rows[first] = rows[second]
    rows[second] = kept


def _unpacked(xp: Any, packed: Any, pivots: Any, hermitian: bool) -> tuple[Any, Any, Any]:
    """L, D and the order of rows, of one matrix: ``A[order][:, order] == L @ D @ L.T``."""
    count = packed.shape[0]
    lower = xp.tril(packed, -1) + xp.eye(count, dtype=packed.dtype)
    blocks = xp.diag(xp.diag(packed)).astype(packed.dtype)
    order = xp.arange(count)
    at = 0
    while at < count:
        chosen = int(pivots[at])
        width = 1 if chosen > 0 else 2
        last, other = at + width - 1, abs(chosen) - 1
        if width == 2:
            blocks[at + 1, at] = packed[at + 1, at]
            blocks[at, at + 1] = packed[at + 1, at].conj() if hermitian else packed[at + 1, at]
            lower[at + 1, at] = 0
        # The columns that were done before the exchange were left as they stood.
        _exchange(lower[:, :at], last, other)
        _exchange(order, last, other)
        at += width
    return lower, blocks, order


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
    if B.ndim < 2:
        normalize_dim(-2, B.ndim)
    if LD.shape[-1] != B.shape[-2]:
        raise TcalcError(
            f"torch.linalg.ldl_solve: Incompatible shapes of A and B for the equation AX = B ({LD.shape[-2]}x"
            f"{LD.shape[-1]} and {B.shape[-2]}x{B.shape[-1]})"
        )
    if LD.dtype is not B.dtype:
        raise TcalcError(
            f"torch.linalg.ldl_solve: Expected LD and B to have the same dtype, but got {LD.dtype.scalar_name} and "
            f"{B.dtype.scalar_name}"
        )
    flip = hermitian and LD.dtype.is_complex
    batch = broadcast(LD.shape[:-2], B.shape[:-2])
    count, columns = B.shape[-2:]

    def kernel(xp: Any, out: Any, packed: Any, exchanged: Any, right: Any) -> Any:
        every = xp.broadcast_to(packed, (*batch, count, count)).reshape(prod(batch), count, count)
        orders = xp.broadcast_to(exchanged, (*batch, count)).reshape(prod(batch), count)
        sides = xp.broadcast_to(right, (*batch, count, columns)).reshape(prod(batch), count, columns)
        answer = xp.empty(sides.shape, right.dtype)
        for place in range(prod(batch)):
            current().meter.step()
            lower, blocks, order = _unpacked(xp, every[place], orders[place], flip)
            upper = lower.conj().T if flip else lower.T
            inner = xp.linalg.solve(blocks, xp.linalg.solve(lower, sides[place][order]))
            answer[place][order] = xp.linalg.solve(upper, inner)
        return answer.reshape(*batch, count, columns)

    return Launch(kernel, (LD, pivots, B), (*batch, count, columns), B.dtype, columns=True)
