"""Lengths of vectors and distances between them."""

from __future__ import annotations

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.promotion import floating, result_type
from tcalc.engine.shapes import broadcast, normalize_dim, normalize_dims, reduced_shape
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg.norms import norm_dtype
from tcalc.ops.pointwise.arithmetic import refuse_bool_subtraction
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]

NN = "torch.nn.functional"


@op(namespace=NN, out=True)
def normalize(input: Tensor, p: float = 2.0, dim: Ints | None = (1,), eps: float = 1e-12) -> Launch:
    """Vectors along ``dim`` divided by their length; None is all dimensions.

    >>> F.normalize(tensor([3., 4.]), dim=0)
    tensor([0.6000, 0.8000])
    """
    norm_dtype(input, None, "linalg.vector_norm")
    dims = normalize_dims(dim, input.ndim)
    step = rounding(input.dtype)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return array / xp.maximum(step(lengths(xp, array, p, dims, True)), step(array.real.dtype.type(eps)))

    return Launch(kernel, (input,), input.shape, input.dtype, compute=input.dtype.computed_as)


def lengths(xp: Any, array: Any, order: float, dims: tuple[int, ...], keepdim: bool) -> Any:
    """The norm of that order over some dimensions of an array."""
    from tcalc.ops.linalg.norms import refuse_no_elements, vector_kernel

    if not array.ndim:  # a number counts as a vector of one element
        return vector_kernel(order, (0,), False)(xp, None, array.reshape(1))
    refuse_no_elements(array.shape, order, dims)
    return vector_kernel(order, dims, keepdim)(xp, None, array)


@op(method=False, aliases=("nn.functional.cosine_similarity",))
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Launch:
    """The cosine of the angle between vectors along ``dim``.

    >>> cosine_similarity(tensor([[1., 2.]]), tensor([[2., 1.]]))
    tensor([0.8000])
    """
    dtype = result_type(x1, x2)
    if dtype.category != FLOAT:
        raise TcalcError(f"expected common dtype to be floating point, yet common dtype is {dtype.scalar_name}")
    shape = broadcast(x1.shape, x2.shape)
    at = normalize_dim(dim, len(shape))
    step = rounding(dtype)

    def scaled(xp: Any, array: Any) -> Any:
        array = xp.broadcast_to(array, shape)
        return step(array / xp.maximum(step(lengths(xp, array, 2, (at,), True)), step(array.dtype.type(eps))))

    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        products = step(scaled(xp, first) * scaled(xp, second))
        return products.sum(at) if shape else products

    return Launch(kernel, (x1, x2), reduced_shape(shape, (at,), False), dtype, compute=dtype.computed_as)


@op(method=False, aliases=("nn.functional.pairwise_distance",))
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2, eps: float = 1e-6, keepdim: bool = False) -> Launch:
    """The distance between vectors along the last dimension.

    >>> pairwise_distance(tensor([[0., 0.]]), tensor([[3., 4.]]))
    tensor([5.0000])
    """
    refuse_bool_subtraction(x1, x2)
    dtype = floating(result_type(x1, x2))
    shape = broadcast(x1.shape, x2.shape)
    at = len(shape) - 1
    step = rounding(dtype)

    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        gap = step(step(first - second) + first.real.dtype.type(eps))
        return lengths(xp, gap, p, (at,), keepdim)

    answer = reduced_shape(shape, (at,), keepdim)
    return Launch(kernel, (x1, x2), answer, dtype.to_real(), compute=dtype.computed_as)


def _distances(xp: Any, first: Any, second: Any, order: float) -> Any:
    """Every distance between two lists of points, as many points at a time as fit a small buffer."""
    shape = (*broadcast(first.shape[:-2], second.shape[:-2]), first.shape[-2], second.shape[-2])
    answer = xp.zeros(shape, first.dtype)
    if not answer.size or not first.shape[-1]:
        return answer
    step = max(1, (1 << 20) // max(1, answer.size // shape[-2] * first.shape[-1]))
    for start in range(0, shape[-2], step):
        rows = first[..., start : start + step, None, :] - second[..., None, :, :]
        answer[..., start : start + step, :] = lengths(xp, rows, order, (rows.ndim - 1,), False)
    return answer


@op(method=False)
def cdist(
    x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary"
) -> Launch:
    """The distance between each row of ``x1`` and each row of ``x2``.

    >>> cdist(tensor([[0., 0.]]), tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    _check_cdist(x1, x2, p, compute_mode)
    shape = (*broadcast(x1.shape[:-2], x2.shape[:-2]), x1.shape[-2], x2.shape[-2])

    def kernel(xp: Any, out: Any, first: Any, second: Any) -> Any:
        return _distances(xp, first, second, p)

    return Launch(kernel, (x1, x2), shape, x1.dtype, compute=x1.dtype.computed_as)


def _check_cdist(x1: Tensor, x2: Tensor, p: float, mode: str | None) -> None:
    modes = ("use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist", None)
    if mode not in modes:
        raise value_error(f"{mode} is not a valid value for compute_mode")
    for name, tensor in (("X1", x1), ("X2", x2)):
        if tensor.ndim < 2:
            raise TcalcError(f"cdist only supports at least 2D tensors, {name} got: {tensor.ndim}D")
    for name, tensor in (("X1", x1), ("X2", x2)):
        if tensor.dtype.category != FLOAT:
            raise TcalcError(f"cdist only supports floating-point dtypes, {name} got: {tensor.dtype.scalar_name}")
    if x1.shape[-1] != x2.shape[-1]:
        raise TcalcError(f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}")
    if not p >= 0:
        raise TcalcError("cdist only supports non-negative p values")
    if x1.dtype is not x2.dtype:
        raise TcalcError(f"expected scalar type {x1.dtype.scalar_name} but found {x2.dtype.scalar_name}")


@op(method=False, aliases=("nn.functional.pdist",))
def pdist(input: Tensor, p: float = 2) -> Launch:
    """The distance between each two rows, without their order.

    >>> pdist(tensor([[0.], [1.], [3.]]))
    tensor([1., 3., 2.])
    """
    if input.ndim != 2:
        raise TcalcError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if input.dtype.category != FLOAT:
        raise TcalcError("pdist only supports floating-point dtypes")
    if not p >= 0:
        raise TcalcError("pdist only supports non-negative p values")
    count = input.shape[0]

    def kernel(xp: Any, out: Any, points: Any) -> Any:
        first, second = xp.triu_indices(count, 1)
        if not points.shape[1]:
            return xp.zeros(len(first), points.dtype)
        return lengths(xp, points[first] - points[second], p, (1,), False)

    return Launch(kernel, (input,), (count * (count - 1) // 2,), input.dtype, compute=input.dtype.computed_as)
