"""Sums of products over chosen dimensions: ``tensordot``, ``kron``, chains of matrices."""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import BOOL, FLOAT, INTEGER, int64
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import broadcast, normalize_dim, normalize_dims
from tcalc.engine.state import current
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, type_error, value_error
from tcalc.ops.conversions import type_name
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg.matmul import mm, product, refuse_uncountable
from tcalc.ops.out_rules import c_name
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Tensors = Sequence[Tensor]


@op(out=True, method=False)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Launch:
    """The sum of products over dimensions of two tensors.

    The last ``dims`` of ``a`` with the first of ``b``, or two lists.

    >>> tensordot(tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 1]]), dims=2)
    tensor(5)
    >>> tensordot(tensor([[1, 2], [3, 4]]), tensor([10, 1]), dims=([0], [0]))
    tensor([13, 24])
    """
    first, second = _contracted_dims(a, b, dims)
    if a.dtype is not b.dtype:
        raise TcalcError("both inputs should have same dtype")
    for left, right in zip(first, second, strict=True):
        if a.shape[left] != b.shape[right] and 1 not in (a.shape[left], b.shape[right]):
            raise TcalcError(
                f"contracted dimensions need to match, but first has size {a.shape[left]} in dim "
                f"{_counted_from_end(left, a, dims)} and second has size {b.shape[right]} in dim {right}"
            )
    refuse_uncountable(a.dtype, "addmm_impl_cpu_")
    kept = [dim for dim in range(a.ndim) if dim not in first]
    other_kept = [dim for dim in range(b.ndim) if dim not in second]
    shape = [a.shape[dim] for dim in kept] + [b.shape[dim] for dim in other_kept]

    def kernel(xp: Any, out: Any, left: Any, right: Any) -> Any:
        common = [max(left.shape[one], right.shape[two]) for one, two in zip(first, second, strict=True)]
        left = _broadcast_dims(xp, left, first, common).transpose(*kept, *first)
        right = _broadcast_dims(xp, right, second, common).transpose(*second, *other_kept)
        depth = prod(common)
        answer = product(xp, None, left.reshape(-1, depth), right.reshape(depth, -1)) if depth else None
        return xp.zeros(shape, left.dtype) if answer is None else answer.reshape(shape)

    return Launch(kernel, (a, b), shape, a.dtype, compute=a.dtype.computed_as)


def _counted_from_end(dim: int, input: Tensor, dims: Any) -> int:
    """PyTorch names the dimension as it was asked for, and an int asks from the end."""
    return dim - input.ndim if isinstance(dims, int) else dim


def _broadcast_dims(xp: Any, array: Any, dims: Sequence[int], sizes: Sequence[int]) -> Any:
    """A dimension of size 1 stretches to its partner, as everywhere."""
    shape = list(array.shape)
    for dim, size in zip(dims, sizes, strict=True):
        shape[dim] = size
    return xp.broadcast_to(array, shape)


def _contracted_dims(input: Tensor, other: Tensor, dims: Any) -> tuple[list[int], list[int]]:
    if isinstance(dims, Tensor):
        dims = dims.host_array().tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise TcalcError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(input.ndim, other.ndim):
            raise TcalcError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        return list(range(input.ndim - dims, input.ndim)), list(range(dims))
    if not isinstance(dims, (list, tuple)):
        raise TcalcError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, "
            f"but got dims={dims}"
        )
    if len(dims) != 2:
        words = "too many values to unpack (expected 2)"
        if len(dims) < 2:
            words = f"not enough values to unpack (expected 2, got {len(dims)})"
        raise value_error(words)
    first, second = dims
    first = [first] if isinstance(first, int) else first
    second = [second] if isinstance(second, int) else second
    for name, position, listed in (("dims_self", 3, first), ("dims_other", 4, second)):
        if not isinstance(listed, (list, tuple)) or not all(isinstance(dim, int) for dim in listed):
            raise type_error(
                f"tensordot(): argument '{name}' (position {position}) must be tuple of ints, not {type_name(listed)}"
            )
    if len(first) != len(second):
        raise TcalcError("both dimension lists should have same length")
    if not first:
        return [], []
    return list(normalize_dims(first, input.ndim)), list(normalize_dims(second, other.ndim))


@op(out=True)
def kron(input: Tensor, other: Tensor) -> Launch:
    """The Kronecker product.

    Each element of ``input`` times the whole of ``other``, in blocks.

    >>> kron(tensor([1, 10]), tensor([1, 2]))
    tensor([ 1,  2, 10, 20])
    """
    rank = max(input.ndim, other.ndim)
    first = (1,) * (rank - input.ndim) + tuple(input.shape)
    second = (1,) * (rank - other.ndim) + tuple(other.shape)
    shape = [a * b for a, b in zip(first, second, strict=True)]
    dtype = result_type(input, other)

    def kernel(xp: Any, out: Any, left: Any, right: Any) -> Any:
        outer_shape = [size for pair in zip(first, (1,) * rank, strict=True) for size in pair]
        inner_shape = [size for pair in zip((1,) * rank, second, strict=True) for size in pair]
        return (left.reshape(outer_shape) * right.reshape(inner_shape)).reshape(shape)

    return Launch(kernel, (input, other), shape, dtype, compute=dtype.computed_as)


@op
def chain_matmul(*matrices: Tensors) -> Tensor:
    """The product of several matrices, in the cheapest order.

    >>> chain_matmul(ones(1, 2), ones(2, 3), ones(3, 1))
    tensor([[6.]])
    """
    current().warn(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot "
        "instead, which accepts a list of two or more tensors rather than multiple parameters."
    )
    if not matrices:
        raise TcalcError("chain_matmul(): Expected one or more matrices")
    chain: list[Tensor] = list(matrices)  # type: ignore[arg-type]
    for matrix in chain:
        if matrix.ndim != 2:
            raise TcalcError(f"Tensor dimension is {matrix.ndim}, expected 2 instead.")
    return chain[0] if len(chain) == 1 else _multiply_chain(chain)


@op(namespace="torch.linalg", out=True)
def multi_dot(tensors: Tensors) -> Tensor:
    """The product of several matrices in the cheapest order.

    The first and the last may be vectors.

    >>> linalg.multi_dot([ones(1, 2), ones(2, 3), ones(3)])
    tensor([6.])
    """
    count = len(tensors)
    if count < 2:
        raise TcalcError(f"multi_dot(): expected at least 2 tensors but got {count}")
    _check_chain(tensors)
    chain = list(tensors)
    starts, ends = chain[0].ndim == 1, chain[-1].ndim == 1
    if starts:
        chain[0] = chain[0].as_view((1, *chain[0].shape), (1, *chain[0].stride))
    if ends:
        chain[-1] = chain[-1].as_view((*chain[-1].shape, 1), (*chain[-1].stride, 1))
    for position in range(count - 1):
        first, second = chain[position], chain[position + 1]
        if first.shape[-1] != second.shape[0]:
            shapes = f"{list(tensors[position].shape)} and {list(tensors[position + 1].shape)}"
            raise TcalcError(
                f"multi_dot(): tensors {position} and {position + 1} with shapes {shapes} cannot be multiplied"
            )
    answer = _multiply_chain(chain)
    shape = answer.shape[1 if starts else 0 : 1 if ends else 2]
    return answer.as_view(shape, contiguous_stride(shape))


def _check_chain(tensors: Sequence[Tensor]) -> None:
    last = len(tensors) - 1
    for position, tensor in enumerate(tensors):
        if position in (0, last):
            if tensor.ndim not in (1, 2):
                which = "first" if position == 0 else "last"
                raise TcalcError(f"multi_dot(): the {which} tensor must be 1D or 2D but got {tensor.ndim}D")
        elif tensor.ndim != 2:
            raise TcalcError(f"multi_dot(): tensor {position} must be 2D but got {tensor.ndim}D")
        if tensor.dtype is not tensors[0].dtype:
            raise TcalcError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{c_name(tensors[0].dtype)} and tensor {position} {c_name(tensor.dtype)}"
            )


def _multiply_chain(chain: list[Tensor]) -> Tensor:
    """Multiply in the order that the classic table of cheapest splits gives."""
    sizes = [chain[0].shape[0], *[matrix.shape[1] for matrix in chain]]
    count = len(chain)
    cost = [[0] * count for _ in range(count)]
    split = [[0] * count for _ in range(count)]
    for length in range(1, count):
        for start in range(count - length):
            end = start + length
            cost[start][end], split[start][end] = min(
                (cost[start][k] + cost[k + 1][end] + sizes[start] * sizes[k + 1] * sizes[end + 1], k)
                for k in range(start, end)
            )

    def multiply(start: int, end: int) -> Tensor:
        if start == end:
            return chain[start]
        at = split[start][end]
        answer: Tensor = mm(multiply(start, at), multiply(at + 1, end))
        return answer

    return multiply(0, count - 1)


# ---------------------------------------------------------------- products of vectors along a dimension


def _cross_kernel(dim: int) -> Any:
    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        a, b = xp.moveaxis(first, dim, 0), xp.moveaxis(second, dim, 0)
        parts = [a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3] for i in range(3)]
        return xp.stack(parts, dim)

    return kernel


def _cross(input: Tensor, other: Tensor, dim: int) -> Launch:
    if input.ndim != other.ndim:
        raise TcalcError("linalg.cross: inputs must have the same number of dimensions.")
    if not input.ndim:
        raise index_error(f"Dimension specified as {dim} but tensor has no dimensions")
    at = normalize_dim(dim, input.ndim)
    if input.shape[at] != 3 or other.shape[at] != 3:
        raise TcalcError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[at]} and {other.shape[at]}"
        )
    shape = broadcast(input.shape, other.shape)
    if input.dtype.category == BOOL:
        raise TcalcError("\"cross\" not implemented for 'Bool'", "NotImplementedError")
    if input.dtype is not other.dtype:
        raise TcalcError(f"expected scalar type {input.dtype.scalar_name} but found {other.dtype.scalar_name}")
    # Counted from the end, the dimension is the same for operands that broadcast. PyTorch rounds after every step here.
    return Launch(_cross_kernel(at - input.ndim), (input, other), shape, input.dtype)


@op(out=True)
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Launch:
    """The cross product of vectors of three elements.

    They lie along ``dim``, by default the first dimension of size 3.

    >>> cross(tensor([1, 0, 0]), tensor([0, 1, 0]))
    tensor([0, 0, 1])
    """
    if dim is None:
        if input.ndim != other.ndim:
            raise TcalcError("linalg.cross: inputs must have the same number of dimensions.")
        if 3 not in input.shape:
            raise TcalcError("no dimension of size 3 in input")
        dim = input.shape.index(3)
    return _cross(input, other, dim)


@op(namespace="torch.linalg", name="cross", out=True)
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Launch:
    """The cross product of vectors of three elements, along ``dim``.

    >>> linalg.cross(tensor([1, 0, 0]), tensor([0, 1, 0]))
    tensor([0, 0, 1])
    """
    return _cross(input, other, dim)


@op(namespace="torch.linalg", out=True)
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Launch:
    """The dot products of vectors along ``dim``; those of ``x`` are conjugated.

    >>> linalg.vecdot(tensor([[1., 2.], [3., 4.]]), tensor([1., 1.]))
    tensor([3., 7.])
    """
    if x.dtype.category < FLOAT:
        raise TcalcError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}"
        )
    if x.dtype is not y.dtype:
        raise TcalcError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found x of type {x.dtype.scalar_name} and y "
            f"of type {y.dtype.scalar_name} instead"
        )
    if x.ndim == y.ndim == 1 and x.shape != y.shape:
        raise TcalcError(
            f"inconsistent tensor size, expected tensor [{x.shape[0]}] and src [{y.shape[0]}] to have the same number "
            f"of elements, but got {x.shape[0]} and {y.shape[0]} elements respectively"
        )
    shape = list(broadcast(x.shape, y.shape))
    at = normalize_dim(dim, len(shape))
    del shape[at : at + 1]

    step = rounding(x.dtype)

    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        first = xp.conj(first) if first.dtype.kind == "c" else first
        products = step(first * second)
        return products.sum(at) if products.ndim else products

    return Launch(kernel, (x, y), shape, x.dtype, compute=x.dtype.computed_as)


def _trace_kernel(xp: Any, out: Any, matrix: Any) -> Any:
    return xp.trace(matrix)


@op
def trace(input: Tensor) -> Launch:
    """The sum of the elements on a matrix's diagonal; integers give int64.

    >>> trace(tensor([[1, 2], [3, 4]]))
    tensor(5)
    """
    if input.ndim != 2:
        raise TcalcError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    if input.dtype.category == BOOL:
        raise TcalcError("\"trace\" not implemented for 'Bool'", "NotImplementedError")
    dtype = int64 if input.dtype.category == INTEGER else input.dtype
    return Launch(_trace_kernel, (input,), (), dtype, compute=dtype.computed_as)
