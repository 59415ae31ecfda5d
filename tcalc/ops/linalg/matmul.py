"""Products of matrices and vectors: PyTorch's rank rules and checks over one kernel that multiplies.

The kernel is NumPy's (or CuPy's) own, except that integers, which no BLAS multiplies, go through float64 where
every intermediate sum is provably exact there.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import BOOL, INTEGER
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.out_rules import DOT, EXPECTED, c_name
from tcalc.ops.pointwise.arithmetic import mul
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

# Below this many multiplications the integer loop is faster than the way through float64.
_SMALL_PRODUCT = 4096
_EXACT_IN_DOUBLE = 1 << 53


# ---------------------------------------------------------------- kernels


def product(xp: Any, out: Any, first: Any, second: Any) -> Any:
    """``xp.matmul`` for every element type, exact for integers."""
    if first.dtype.kind in "iu":
        return _integer_product(xp, first, second)
    if first.dtype.kind == "c" and xp.__name__ == "numpy":
        return _complex_product(xp, out, first, second)
    if first.ndim > 1 and first.size > _SMALL_PRODUCT:
        first, second = _friendly(xp, first), _friendly(xp, second)
    return xp.matmul(first, second, out=out)


def _complex_product(xp: Any, out: Any, first: Any, second: Any) -> Any:
    """Four real products, so that ``A @ A.mH`` is Hermitian to the last bit, as PyTorch's is."""
    real, imag = xp.ascontiguousarray(first.real), xp.ascontiguousarray(first.imag)
    other_real, other_imag = xp.ascontiguousarray(second.real), xp.ascontiguousarray(second.imag)
    upper = xp.matmul(real, other_real) - xp.matmul(imag, other_imag)
    answer = xp.empty(xp.shape(upper), first.dtype) if out is None else out
    answer.real = upper
    answer.imag = xp.matmul(real, other_imag) + xp.matmul(imag, other_real)
    return answer


def _friendly(xp: Any, array: Any) -> Any:
    """The array in an order that BLAS takes: otherwise the product runs element by element."""
    itemsize = array.dtype.itemsize
    if array.ndim < 2 or itemsize in array.strides[-2:]:
        return array
    return xp.ascontiguousarray(array)


def _integer_product(xp: Any, first: Any, second: Any) -> Any:
    depth = first.shape[-1]
    rows = first.size // depth if depth else 0
    if rows * second.size < _SMALL_PRODUCT:
        return xp.matmul(first, second)
    if _largest(first) * _largest(second) * depth < _EXACT_IN_DOUBLE:
        result = xp.matmul(first.astype(xp.float64), second.astype(xp.float64))
        return result.astype(xp.int64).astype(first.dtype, copy=False)
    return xp.matmul(first, second)


def _largest(array: Any) -> int:
    return max(int(array.max()), -int(array.min())) if array.size else 0


def _conjugate_product(xp: Any, out: Any, first: Any, second: Any) -> Any:
    return product(xp, out, xp.conj(first), second)


# ---------------------------------------------------------------- checks


def refuse_uncountable(dtype: DType, words: str) -> None:
    """No products of bool, float8 or the wide unsigned integers."""
    wide_unsigned = dtype.category == INTEGER and not dtype.is_signed and dtype.itemsize > 1
    if dtype.category == BOOL or wide_unsigned or dtype.is_float8:
        raise refusal(words, dtype)


def _sizes(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def check_matrices(first: Sequence[int], second: Sequence[int], dtypes: tuple[DType, DType]) -> None:
    """A matrix times a matrix: shapes, then dtypes, then whether the type can be multiplied."""
    if first[-1] != second[0]:
        raise TcalcError(f"mat1 and mat2 shapes cannot be multiplied ({_sizes(first)} and {_sizes(second)})")
    if dtypes[0] is not dtypes[1]:
        raise TcalcError(
            f"expected m1 and m2 to have the same dtype, but got: {c_name(dtypes[0])} != {c_name(dtypes[1])}"
        )
    refuse_uncountable(dtypes[0], "addmm_impl_cpu_")


def check_matrix_vector(
    added: int, matrix: Sequence[int], vector: Sequence[int], dtypes: tuple[DType, DType, DType]
) -> None:
    """A matrix times a vector; ``added`` is the length of what is added to it."""
    if matrix[1] != vector[0] or added not in (matrix[0], 1):
        raise TcalcError(f"size mismatch, got input ({added}), mat ({_sizes(matrix)}), vec ({vector[0]})")
    if not dtypes[0] is dtypes[1] is dtypes[2]:
        found = f"{dtypes[0].scalar_name}, {dtypes[1].scalar_name}, and {dtypes[2].scalar_name}"
        raise TcalcError(f"addmv input tensors must have the same dtype, but got {found}")
    refuse_uncountable(dtypes[0], "addmv_impl_cpu")


def check_batches(first: Sequence[int], second: Sequence[int], dtypes: tuple[DType, DType]) -> None:
    """A batch of matrices times another."""
    if second[0] != first[0] or second[1] != first[2]:
        raise TcalcError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{first[0]}, {first[2]}] but got: "
            f"[{second[0]}, {second[1]}]."
        )
    if dtypes[0] is not dtypes[1]:
        raise TcalcError(f"expected scalar type {dtypes[0].scalar_name} but found {dtypes[1].scalar_name}")
    refuse_uncountable(dtypes[0], "bmm")


def _check_dot(first: Tensor, second: Tensor) -> None:
    if first.ndim != 1 or second.ndim != 1:
        raise TcalcError(f"1D tensors expected, but got {first.ndim}D and {second.ndim}D tensors")
    if first.dtype is not second.dtype:
        raise TcalcError(
            f"dot : expected both vectors to have same dtype, but found {first.dtype.scalar_name} and "
            f"{second.dtype.scalar_name}"
        )
    if first.shape != second.shape:
        count, other = first.shape[0], second.shape[0]
        raise TcalcError(
            f"inconsistent tensor size, expected tensor [{count}] and src [{other}] to have the same number of "
            f"elements, but got {count} and {other} elements respectively"
        )
    refuse_uncountable(first.dtype, "dot")


def _launch(first: Tensor, second: Tensor, shape: Sequence[int], kernel: Any = product) -> Launch:
    return Launch(kernel, (first, second), shape, first.dtype, compute=first.dtype.computed_as)


# ---------------------------------------------------------------- records


def _matrix_grads(grad: Tensor, result: Tensor, input: Tensor, other: Tensor) -> tuple:
    return matmul(grad, other.mH), matmul(input.mH, grad)


@op(out=EXPECTED, aliases=("linalg.matmul",))
def matmul(input: Tensor, other: Tensor) -> Launch:
    """The matrix product (``@``).

    Of vectors, matrices, and batches of them that broadcast.

    >>> matmul(tensor([[1, 2], [3, 4]]), tensor([5, 6]))
    tensor([17, 39])
    >>> matmul(tensor([1, 2]), tensor([3, 4]))
    tensor(11)
    """
    ranks = input.ndim, other.ndim
    if ranks == (2, 2):
        return mm.function(input, other)
    if ranks == (1, 1):
        return dot.function(input, other)
    if ranks == (2, 1):
        return mv.function(input, other)
    if 0 in ranks:
        raise TcalcError(f"both arguments to matmul need to be at least 1D, but they are {ranks[0]}D and {ranks[1]}D")
    if ranks == (1, 2):
        check_matrices((1, *input.shape), other.shape, (input.dtype, other.dtype))
        return _launch(input, other, (other.shape[1],))
    return _batched(input, other)


def _batched(input: Tensor, other: Tensor) -> Launch:
    if other.ndim <= 2 and _folds(input):
        return _folded(input, other)
    first = input.shape if input.ndim > 1 else (1, *input.shape)
    second = other.shape if other.ndim > 1 else (*other.shape, 1)
    batch = broadcast(first[:-2], second[:-2])
    count = 1
    for size in batch:
        count *= size
    check_batches((count, *first[-2:]), (count, *second[-2:]), (input.dtype, other.dtype))
    rows = first[-2:-1] if input.ndim > 1 else ()
    columns = second[-1:] if other.ndim > 1 else ()
    return _launch(input, other, (*batch, *rows, *columns))


def _folds(input: Tensor) -> bool:
    """Whether the leading dimensions are one in memory: then PyTorch multiplies one tall matrix."""
    shape, stride = input.shape, input.stride
    return all(stride[dim] == stride[dim + 1] * shape[dim + 1] for dim in range(input.ndim - 2))


def _folded(input: Tensor, other: Tensor) -> Launch:
    rows = 1
    for size in input.shape[:-1]:
        rows *= size
    tall = (rows, input.shape[-1])
    if other.ndim == 1:
        check_matrix_vector(rows, tall, other.shape, (other.dtype, input.dtype, other.dtype))
    else:
        check_matrices(tall, other.shape, (input.dtype, other.dtype))
    return _launch(input, other, (*input.shape[:-1], *other.shape[1:]))


@op(out=EXPECTED, derivative=_matrix_grads)
def mm(input: Tensor, mat2: Tensor) -> Launch:
    """The product of two matrices.

    >>> mm(tensor([[1, 2], [3, 4]]), tensor([[0, 1], [1, 0]]))
    tensor([[2, 1],
            [4, 3]])
    """
    if input.ndim != 2:
        raise TcalcError("self must be a matrix")
    if mat2.ndim != 2:
        raise TcalcError("mat2 must be a matrix")
    check_matrices(input.shape, mat2.shape, (input.dtype, mat2.dtype))
    return _launch(input, mat2, (input.shape[0], mat2.shape[1]))


@op(out=EXPECTED, derivative=_matrix_grads)
def bmm(input: Tensor, mat2: Tensor) -> Launch:
    """The products of two batches of matrices.

    Shapes (b, n, m) and (b, m, p) give (b, n, p).

    >>> bmm(tensor([[[1, 2]], [[3, 4]]]), tensor([[[1], [1]], [[2], [2]]]))
    tensor([[[ 3]],
    <BLANKLINE>
            [[14]]])
    """
    if input.ndim != 3:
        raise TcalcError("batch1 must be a 3D tensor")
    if mat2.ndim != 3:
        raise TcalcError("batch2 must be a 3D tensor")
    check_batches(input.shape, mat2.shape, (input.dtype, mat2.dtype))
    return _launch(input, mat2, (*input.shape[:2], mat2.shape[2]))


@op(out=EXPECTED, derivative=lambda grad, result, input, vec: (outer(grad, vec), mv(input.mH, grad)))
def mv(input: Tensor, vec: Tensor) -> Launch:
    """The product of a matrix and a vector.

    >>> mv(tensor([[1, 2], [3, 4]]), tensor([1, 1]))
    tensor([3, 7])
    """
    if input.ndim != 2 or vec.ndim != 1:
        raise TcalcError(f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}")
    check_matrix_vector(input.shape[0], input.shape, vec.shape, (vec.dtype, input.dtype, vec.dtype))
    return _launch(input, vec, (input.shape[0],))


@op(out=DOT, derivative=lambda grad, result, input, tensor: (grad * tensor, grad * input))
def dot(input: Tensor, tensor: Tensor) -> Launch:
    """The dot product of two vectors.

    >>> dot(tensor([2, 3]), tensor([2, 1]))
    tensor(7)
    """
    _check_dot(input, tensor)
    return _launch(input, tensor, ())


@op(out=True)
def vdot(input: Tensor, other: Tensor) -> Launch:
    """The dot product of two vectors, the first one conjugated.

    >>> vdot(tensor([1 + 2j]), tensor([1 + 2j]))
    tensor(5.+0.j)
    """
    _check_dot(input, other)
    return _launch(input, other, (), _conjugate_product if input.dtype.is_complex else product)


def _inner_kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
    depth = first.shape[-1]
    rows, columns = prod(first.shape[:-1]), prod(second.shape[:-1])
    answer = product(xp, None, first.reshape(rows, depth), second.reshape(columns, depth).T)
    return answer.reshape(first.shape[:-1] + second.shape[:-1])


@op(out=True)
def inner(input: Tensor, other: Tensor) -> Any:
    """The sum of products over the last dimension of both.

    >>> inner(tensor([[1, 2], [3, 4]]), tensor([1, 10]))
    tensor([21, 43])
    """
    if not input.shape or not other.shape:
        return mul(input, other)
    if input.dtype is not other.dtype:
        raise TcalcError("both inputs should have same dtype")
    if input.shape[-1] != other.shape[-1]:
        raise TcalcError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(input.shape)} and "
            f"{list(other.shape)}"
        )
    refuse_uncountable(input.dtype, "dot" if input.ndim == other.ndim == 1 else "addmm_impl_cpu_")
    return _launch(input, other, (*input.shape[:-1], *other.shape[:-1]), _inner_kernel)


def _outer_kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
    return xp.multiply(first[:, None], second, out=out)


@op(
    out=True,
    aliases=("ger",),
    derivative=lambda grad, result, input, vec2: (mv(grad, vec2), mv(grad.mH, input)),
)
def outer(input: Tensor, vec2: Tensor) -> Launch:
    """All products of an element of one vector and one of another.

    >>> outer(tensor([1, 2]), tensor([1, 10, 100]))
    tensor([[  1,  10, 100],
            [  2,  20, 200]])
    """
    if input.ndim != 1:
        raise TcalcError(f"outer: Expected 1-D argument self, but got {input.ndim}-D")
    if vec2.ndim != 1:
        raise TcalcError(f"outer: Expected 1-D argument vec2, but got {vec2.ndim}-D")
    dtype = result_type(input, vec2)
    shape = (input.shape[0], vec2.shape[0])
    return Launch(_outer_kernel, (input, vec2), shape, dtype, compute=dtype.computed_as)
