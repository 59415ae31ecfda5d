"""Products of matrices added to something: ``addmm`` and its relatives."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops import destination
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg.matmul import check_batches, check_matrix_vector, product, refuse_uncountable
from tcalc.ops.out_rules import EXPECTED, c_name
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType
    from tcalc.ops.registry import Record

    Number = complex


def _weight(factor: Any, dtype: DType) -> Any:
    """``alpha`` or ``beta`` in the result's type: for integers its whole part counts."""
    if isinstance(factor, complex) and dtype.category < COMPLEX:
        raise TcalcError(f"value cannot be converted to type {c_name(dtype)} without overflow")
    if isinstance(factor, int) and not -(2**63) <= factor < 2**64:
        raise TcalcError("int too big to convert", "OverflowError")
    return int(factor) if dtype.category <= INTEGER else factor


def _weighted_sum(xp: Any, added: Any, multiplied: Any, beta: Any, alpha: Any) -> Any:
    """``beta * added + alpha * multiplied``; what is added is not read at all when ``beta`` is 0."""
    if alpha != 1:
        multiplied = multiplied * xp.asarray(alpha).astype(multiplied.dtype)
    if beta == 0:
        return multiplied
    if beta != 1:
        added = added * xp.asarray(beta).astype(multiplied.dtype)
    return added + multiplied


def _launch(
    multiply: Any, input: Tensor, first: Tensor, second: Tensor, shape: Sequence[int], beta: Number, alpha: Number
) -> Launch:
    dtype = first.dtype
    beta, alpha = _weight(beta, dtype), _weight(alpha, dtype)

    def kernel(xp: Any, out: Any, added: Any, first: Any, second: Any) -> Any:
        return _weighted_sum(xp, added, multiply(xp, None, first, second), beta, alpha)

    return Launch(kernel, (input, first, second), shape, dtype, compute=dtype.computed_as)


@op(out=EXPECTED)
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Launch:
    """``beta * input + alpha * (mat1 @ mat2)``.

    >>> addmm(tensor([10, 20]), tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 1]]))
    tensor([[11, 22],
            [13, 24]])
    """
    for name, matrix in (("mat1", mat1), ("mat2", mat2)):
        if matrix.ndim != 2:
            raise TcalcError(f"{name} must be a matrix, got {matrix.ndim}-D tensor")
    if mat1.shape[1] != mat2.shape[0]:
        sizes = f"{mat1.shape[0]}x{mat1.shape[1]} and {mat2.shape[0]}x{mat2.shape[1]}"
        raise TcalcError(f"mat1 and mat2 shapes cannot be multiplied ({sizes})")
    shape = (mat1.shape[0], mat2.shape[1])
    _check_expandable(input, shape)
    _check_same_dtype("mat1 and mat2", mat1, mat2)
    _check_same_dtype("self and mat2", input, mat2)
    refuse_uncountable(mat1.dtype, "addmm_impl_cpu_")
    return _launch(product, input, mat1, mat2, shape, beta, alpha)


def _check_same_dtype(names: str, first: Tensor, second: Tensor) -> None:
    if first.dtype is not second.dtype:
        raise TcalcError(
            f"{names} must have the same dtype, but got {first.dtype.scalar_name} and {second.dtype.scalar_name}"
        )


def _check_expandable(input: Tensor, shape: Sequence[int]) -> None:
    if input.ndim > len(shape):
        raise TcalcError(
            f"expand(torch.{input.dtype.scalar_name}Tensor{{{list(input.shape)}}}, size={list(shape)}): the number of "
            f"sizes provided ({len(shape)}) must be greater or equal to the number of dimensions in the tensor "
            f"({input.ndim})"
        )
    destination.check_expandable(input.shape, shape)


@op(out=EXPECTED)
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Launch:
    """``beta * input + alpha * (mat @ vec)``.

    >>> addmv(tensor([10, 20]), tensor([[1, 2], [3, 4]]), tensor([1, 1]))
    tensor([13, 27])
    """
    if mat.ndim != 2 or vec.ndim != 1 or input.ndim > 1:
        raise TcalcError(f"vector + matrix @ vector expected, got {input.ndim}, {mat.ndim}, {vec.ndim}")
    added = input.shape[0] if input.shape else 1
    check_matrix_vector(added, mat.shape, vec.shape, (input.dtype, mat.dtype, vec.dtype))
    launch = _launch(product, input, mat, vec, (mat.shape[0],), beta, alpha)
    if mat.dtype.is_reduced and (beta, alpha) != (1, 1):
        launch.kernel = _vector_sum(mat.dtype, beta, alpha)
    return launch


def _vector_sum(dtype: DType, beta: Any, alpha: Any) -> Callable:
    """``addmv`` of half precision: what is added is weighted and stored first."""
    step = rounding(dtype)

    def kernel(xp: Any, out: Any, added: Any, matrix: Any, vector: Any) -> Any:
        products = product(xp, None, matrix, vector) * step(xp.asarray(alpha).astype(vector.dtype))
        return products if beta == 0 else products + step(added * step(xp.asarray(beta).astype(vector.dtype)))

    return kernel


@op(out=True)
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Launch:
    """``beta * input + alpha * outer(vec1, vec2)``.

    >>> addr(zeros(2, 2), tensor([1., 2.]), tensor([3., 4.]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    for name, vector in (("vec1", vec1), ("vec2", vec2)):
        if vector.ndim != 1:
            raise TcalcError(f"addr: Expected 1-D argument {name}, but got {vector.ndim}-D")
    shape = (vec1.shape[0], vec2.shape[0])
    _check_expandable(input, shape)
    dtype = result_type(input, vec1, vec2)
    for name, factor in (("beta", beta), ("alpha", alpha)):
        if dtype.category <= INTEGER and not isinstance(factor, int):
            raise TcalcError(f"For integral input tensors, argument {name} must not be a floating point number.")
    if dtype.category == BOOL:
        return _launch_logical(input, vec1, vec2, shape, bool(beta), bool(alpha))
    beta, alpha = _weight(beta, dtype), _weight(alpha, dtype)
    step = rounding(dtype)

    def kernel(xp: Any, out: Any, added: Any, first: Any, second: Any) -> Any:
        column = first[:, None]
        if alpha != 1:
            column = step(column * step(xp.asarray(alpha).astype(first.dtype)))
        products = step(column * second)
        if beta == 0:
            return products
        if beta != 1:
            added = step(added * step(xp.asarray(beta).astype(first.dtype)))
        return added + products

    return Launch(kernel, (input, vec1, vec2), shape, dtype, compute=dtype.computed_as)


def _launch_logical(input: Tensor, vec1: Tensor, vec2: Tensor, shape: Sequence[int], beta: bool, alpha: bool) -> Launch:
    def kernel(xp: Any, out: Any, added: Any, first: Any, second: Any) -> Any:
        return (added & beta) | (first[:, None] & second & alpha)

    return Launch(kernel, (input, vec1, vec2), shape, input.dtype)


def _summed_product(xp: Any, out: Any, first: Any, second: Any) -> Any:
    """The sum of the products of two batches: one product of long matrices."""
    batches, rows, depth = first.shape
    wide = first.transpose(1, 0, 2).reshape(rows, batches * depth)
    return product(xp, None, wide, second.reshape(batches * depth, second.shape[2]))


@op(out=True)
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Launch | Tensor:
    """``beta * input`` plus ``alpha`` times a sum of matrix products.

    The products are those of two batches of matrices.

    >>> addbmm(zeros(1, 1), ones(3, 1, 2), ones(3, 2, 1))
    tensor([[6.]])
    """
    normalize_dim(2, batch2.ndim)
    normalize_dim(1, batch1.ndim)
    shape = (batch1.shape[1], batch2.shape[2])
    _check_expandable(input, shape)
    for name, batch in (("batch1", batch1), ("batch2", batch2)):
        if batch.ndim != 3:
            raise TcalcError(f"{name} must be a 3D tensor")
    if batch1.shape[0] != batch2.shape[0]:
        raise TcalcError(
            f"batch1 and batch2 must have same number of batches, got {batch1.shape[0]} and {batch2.shape[0]}"
        )
    if batch1.shape[2] != batch2.shape[1]:
        first, second = "x".join(map(str, batch1.shape[1:])), "x".join(map(str, batch2.shape[1:]))
        raise TcalcError(f"Incompatible matrix sizes for bmm ({first} and {second})")
    _check_same_dtype("mat1 and mat2", batch1, batch2)
    _check_same_dtype("self and mat2", input, batch2)
    refuse_uncountable(batch1.dtype, "addmm_impl_cpu_")
    if batch1.dtype.itemsize == 2 and batch1.shape[0]:
        return _summed_in_turn(input, batch1, batch2, beta, alpha)
    return _launch(_summed_product, input, batch1, batch2, shape, beta, alpha)


def _summed_in_turn(input: Tensor, batch1: Tensor, batch2: Tensor, beta: Number, alpha: Number) -> Tensor:
    """Product after product, each sum rounded, as PyTorch does: it shows in the few digits of half precision."""
    for first, second in zip(batch1.unbind(), batch2.unbind(), strict=True):
        input, beta = addmm(input, first, second, beta=beta, alpha=alpha), 1
    return input


@op(out=EXPECTED)
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Launch:
    """``beta * input + alpha * bmm(batch1, batch2)``.

    >>> baddbmm(tensor(1.), ones(2, 1, 2), ones(2, 2, 1))
    tensor([[[3.]],
    <BLANKLINE>
            [[3.]]])
    """
    normalize_dim(2, batch2.ndim)
    shape = (*batch1.shape[:2], batch2.shape[2])
    _check_expandable(input, shape)
    for name, batch in (("batch1", batch1), ("batch2", batch2)):
        if batch.ndim != 3:
            raise TcalcError(f"{name} must be a 3D tensor")
    if input.dtype is not batch1.dtype:
        names = [c_name(tensor.dtype) for tensor in (input, batch1, batch2)]
        raise TcalcError(
            f"Input dtypes must be the same, got: input {names[0]}, batch1: {names[1]}, batch2: {names[2]}"
        )
    check_batches(batch1.shape, batch2.shape, (batch1.dtype, batch2.dtype))
    return _launch(product, input, batch1, batch2, shape, beta, alpha)


# ---------------------------------------------------------------- in place


def _bad_call(input: Tensor, shape: Sequence[int]) -> TcalcError:
    return TcalcError(
        f"Bad in-place call: input tensor size {list(input.shape)} and output tensor size {list(shape)} should match"
    )


def _bad_outer(input: Tensor, shape: Sequence[int]) -> TcalcError:
    if input.ndim != 2:
        return TcalcError(f"2D tensor expected, got {input.ndim}D tensor for input")
    return TcalcError(f"size mismatch, input: {list(input.shape)}, v1: [{shape[0]}], v2: [{shape[1]}]")


def _also_inplace(record: Record, example: str, complaint: Callable = _bad_call) -> None:
    """The method that writes the sum into the tensor it is added to, which must have the product's shape."""

    def function(input: Tensor, first: Tensor, second: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
        launch = record.function(input, first, second, beta=beta, alpha=alpha)
        if tuple(input.shape) != launch.shape:
            raise complaint(input, launch.shape)
        return destination.finish_inplace(launch, input, record)

    function.__name__ = record.name + "_"
    function.__doc__ = f"In-place form of ``{record.name}``.\n\n>>> {example}\n"
    op(function, namespace="torch.Tensor")


_also_inplace(addmm, "ones(1, 1).addmm_(ones(1, 2), ones(2, 1))\ntensor([[3.]])")
_also_inplace(addmv, "ones(1).addmv_(ones(1, 2), ones(2))\ntensor([3.])")
_also_inplace(addbmm, "ones(1, 1).addbmm_(ones(3, 1, 2), ones(3, 2, 1))\ntensor([[7.]])")
_also_inplace(baddbmm, "ones(1, 1, 1).baddbmm_(ones(1, 1, 2), ones(1, 2, 1))\ntensor([[[3.]]])")
_also_inplace(addr, "ones(1, 2).addr_(ones(1), tensor([1., 2.]))\ntensor([[2., 3.]])", _bad_outer)
