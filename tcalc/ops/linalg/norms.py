"""Norms of vectors and matrices, and what is read off singular values: condition and rank."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import COMPLEX, FLOAT, DType
from tcalc.engine.shapes import broadcast, normalize_dim, normalize_dims, reduced_shape
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg import kernels
from tcalc.ops.linalg.factorizations import check_svd, singular_values
from tcalc.ops.linalg.inverses import cutoff, inverse_and_info
from tcalc.ops.linalg.kernels import check_floating, check_square
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]

_INFINITY = float("inf")


# ---------------------------------------------------------------- vectors


def vector_kernel(order: float, dims: tuple[int, ...], keepdim: bool) -> Callable:
    """The norm of that order over some dimensions."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        sizes = xp.abs(array)
        options = {"axis": dims, "keepdims": keepdim}
        if order == _INFINITY:
            return sizes.max(**options)
        if order == -_INFINITY:
            return sizes.min(**options)
        if order == 0:
            return (sizes != 0).astype(sizes.dtype).sum(**options)
        if order == 1:
            return sizes.sum(**options)
        if order == 2:
            return _euclidean(xp, sizes, options)
        return (sizes**order).sum(**options) ** (1 / order)

    return kernel


def _euclidean(xp: Any, sizes: Any, options: dict) -> Any:
    """The root of the sum of squares; squares of single precision are summed in double, so none overflows."""
    if sizes.dtype.itemsize < 8:
        return xp.sqrt(xp.square(sizes, dtype=xp.float64).sum(**options)).astype(sizes.dtype)
    return xp.sqrt(xp.square(sizes).sum(**options))


def norm_dtype(input: Tensor, dtype: DType | None, who: str) -> DType:
    """The type that a norm is computed in, after PyTorch's checks of ``dtype=``."""
    own = input.dtype
    if dtype is None:
        if own.category < FLOAT:
            raise TcalcError(f"{who}: Expected a floating point or complex tensor as input. Got {own.scalar_name}")
        return own
    if dtype.category < FLOAT:
        raise TcalcError(f"{who}: dtype should be floating point or complex, but got {dtype.scalar_name}")
    if (own.category == COMPLEX) != (dtype.category == COMPLEX):
        kind = "complex" if own.category == COMPLEX else "real"
        raise TcalcError(f"{who}: dtype should be {kind} for {kind} inputs, but got {dtype.scalar_name}")
    if own.category >= FLOAT and dtypes.promote(own, dtype) is not dtype:
        raise TcalcError(
            f"{who}: the dtype of the input ({own.scalar_name}) should be convertible without narrowing to the "
            f"specified "
            f"dtype ({dtype.scalar_name})"
        )
    return dtype


def vector_norm_launch(
    input: Tensor, order: float, dim: int | Sequence[int] | None, keepdim: bool, dtype: DType | None
) -> Launch:
    """The norm of ``input`` as one vector, or of the vectors along ``dim``."""
    computed = norm_dtype(input, dtype, "linalg.vector_norm")
    dims = normalize_dims(dim, input.ndim)
    if dim is None or not dims:
        _refuse_empty(input, order)
    else:
        refuse_no_elements(input.shape, order, dims)
    shape = reduced_shape(input.shape, dims, keepdim)
    kernel = vector_kernel(order, dims, keepdim)
    return Launch(kernel, (input,), shape, computed.to_real(), compute=computed.computed_as)


def _needs_elements(order: float) -> bool:
    """A largest or smallest element needs elements."""
    return order < 0 or order == _INFINITY


def _refuse_empty(input: Tensor, order: float) -> None:
    if _needs_elements(order) and not input.numel():
        raise TcalcError(
            f"linalg.vector_norm cannot compute the {order:g} norm on an empty tensor because the operation does not "
            f"have an "
            "identity"
        )


def refuse_no_elements(shape: Sequence[int], order: float, dims: Sequence[int]) -> None:
    """Refuse a norm that needs elements along dimensions that have none."""
    for at in dims if _needs_elements(order) else ():
        if shape[at] == 0:
            raise TcalcError(
                f"linalg.vector_norm cannot compute the {order:g} norm on the dimension {at}because this dimension is "
                f"empty and "
                "the operation does not have an identity"
            )


@op(namespace="torch.linalg", out=True)
def vector_norm(
    x: Tensor, ord: float = 2, dim: Ints | None = None, keepdim: bool = False, *, dtype: DType | None = None
) -> Launch:
    """The norm of the whole tensor as one vector, or of the vectors along ``dim``.

    >>> linalg.vector_norm(tensor([3., 4.]))
    tensor(5.)
    >>> linalg.vector_norm(tensor([[3., -4.], [1., 1.]]), ord=inf, dim=1)
    tensor([4., 1.])
    """
    return vector_norm_launch(x, ord, dim, keepdim, dtype)


# ---------------------------------------------------------------- matrices


def _matrix_dims(dim: Sequence[int], ndim: int) -> tuple[int, int]:
    if len(dim) != 2:
        raise TcalcError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    rows, columns = normalize_dim(dim[0], ndim), normalize_dim(dim[1], ndim)
    if rows == columns:
        raise TcalcError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    return rows, columns


def _matrix_kernel(order: Any, rows: int, columns: int, keepdim: bool) -> Callable:
    def kernel(xp: Any, out: Any, array: Any) -> Any:
        matrices = xp.moveaxis(array, (rows, columns), (-2, -1))
        if order in ("nuc", 2, -2):
            values = kernels.svd(xp, matrices, compute_uv=False)
        else:
            values = xp.abs(matrices).sum(-2 if abs(order) == 1 else -1)
        if order == "nuc":
            answer = values.sum(-1)
        elif order > 0:
            answer = xp.maximum.reduce(values, axis=-1, initial=0)
        else:
            answer = xp.minimum.reduce(values, axis=-1, initial=_INFINITY)
        return xp.expand_dims(answer, tuple(sorted((rows, columns)))) if keepdim else answer

    return kernel


def matrix_norm_launch(input: Tensor, order: Any, dim: Sequence[int], keepdim: bool, dtype: DType | None) -> Launch:
    """The norm of the matrices in two dimensions."""
    if input.ndim < 2:
        raise TcalcError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    if input.dtype.category < FLOAT and dtype is None:
        raise TcalcError(
            f"linalg.matrix_norm: Expected a floating point or complex tensor as input. Got {input.dtype.scalar_name}"
        )
    supported = ("fro", "nuc") if isinstance(order, str) else (1, -1, 2, -2, _INFINITY, -_INFINITY)
    if order not in supported:
        shown = order if isinstance(order, str) else f"{order:g}"
        raise TcalcError(f"linalg.matrix_norm: Order {shown} not supported.")
    rows, columns = _matrix_dims(dim, input.ndim)
    if order == "fro":
        return vector_norm_launch(input, 2, (rows, columns), keepdim, dtype)
    if order in ("nuc", 2, -2):
        check_floating(input, "linalg.matrix_norm")
    computed = norm_dtype(input, dtype, "linalg.matrix_norm")
    shape = reduced_shape(input.shape, (rows, columns), keepdim)
    kernel = _matrix_kernel(order, rows, columns, keepdim)
    return Launch(kernel, (input,), shape, computed.to_real(), compute=computed.computed_as)


@op(namespace="torch.linalg", out=True)
def matrix_norm(
    input: Tensor,
    ord: float | str = "fro",
    dim: Ints = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Launch:
    """The norm of each matrix: ``"fro"``, ``"nuc"``, 1, -1, 2, -2, ``inf`` or ``-inf``.

    >>> linalg.matrix_norm(tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    >>> linalg.matrix_norm(tensor([[3., 0.], [1., 4.]]), ord=1)
    tensor(4.)
    """
    return matrix_norm_launch(input, ord, dim, keepdim, dtype)


@op(namespace="torch.linalg", out=True)
def norm(
    input: Tensor,
    ord: float | str | None = None,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Launch:
    """The norm of vectors or matrices, as ``ord`` and ``dim`` say.

    Without them that of all elements.

    >>> linalg.norm(tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    >>> linalg.norm(tensor([[3., 4.], [6., 8.]]), dim=1)
    tensor([ 5., 10.])
    """
    if dim is not None and len(dim) not in (1, 2):
        raise TcalcError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    if isinstance(ord, str):
        return matrix_norm_launch(input, ord, (-2, -1) if dim is None else dim, keepdim, dtype)
    if dim is None and ord is not None and input.ndim not in (1, 2):
        raise TcalcError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {input.ndim}D."
        )
    if ord is not None and ((dim is not None and len(dim) == 2) or (dim is None and input.ndim == 2)):
        return matrix_norm_launch(input, ord, (0, 1) if dim is None else dim, keepdim, dtype)
    return vector_norm_launch(input, 2 if ord is None else ord, dim, keepdim, dtype)


# ---------------------------------------------------------------- condition and rank


@op(namespace="torch.linalg", out=True)
def cond(input: Tensor, p: float | str | None = None) -> Any:
    """The condition number of each matrix.

    It tells how much a solution may change when the matrix does.

    >>> linalg.cond(tensor([[2., 0.], [0., 1.]]))
    tensor(2.)
    """
    if input.ndim < 2:
        raise TcalcError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if p is None or (not isinstance(p, str) and abs(p) == 2):
        check_svd(input)
        return _cond_of_values(input, p == -2)
    if p not in ("fro", "nuc", 1, -1, _INFINITY, -_INFINITY):
        raise TcalcError(f"linalg.cond got an invalid norm type: {p if isinstance(p, str) else format(p, 'g')}")
    check_square(input, f"linalg.cond(ord={p if isinstance(p, str) else format(p, 'g')})")
    check_floating(input, "linalg.inv")
    return _cond_of_norms(input, p)


def _cond_of_values(input: Tensor, smallest_first: bool) -> Launch:
    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        if not matrices.size:
            return xp.zeros(shape)
        values = singular_values(xp, None, matrices)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if smallest_first else largest / smallest

    shape = input.shape[:-2]
    return Launch(kernel, (input,), shape, input.dtype.to_real())


def _cond_of_norms(input: Tensor, order: Any) -> Launch:
    """The norm of a matrix times that of its inverse; infinite where there is none."""
    measure = vector_kernel(2, (-2, -1), False) if order == "fro" else _matrix_kernel(order, -2, -1, False)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        if not matrices.size:
            return xp.zeros(shape)
        inverse, info = inverse_and_info(xp, matrices)
        inverse = xp.where(info[..., None, None] != 0, _INFINITY, inverse)
        answer = measure(xp, None, matrices) * measure(xp, None, inverse)
        return xp.where(xp.isnan(answer), _INFINITY, answer)

    shape = input.shape[:-2]
    return Launch(kernel, (input,), shape, input.dtype.to_real())


@op(namespace="torch.linalg", out=True)
def matrix_rank(
    input: Tensor,
    tol: Number | Tensor | None = None,
    hermitian: bool = False,
    *,
    atol: Number | Tensor | None = None,
    rtol: Number | Tensor | None = None,
) -> Launch:
    """How many singular values are larger than ``max(atol, rtol * largest)``.

    >>> linalg.matrix_rank(tensor([[1., 2.], [2., 4.]]))
    tensor(1)
    """
    if input.ndim < 2:
        raise TcalcError("torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.")
    if input.dtype.category < FLOAT or input.dtype.is_reduced:
        raise TcalcError("This function doesn't handle types other than float and double")
    if tol is not None:
        atol, rtol = tol, 0.0
    if hermitian:
        check_square(input, "linalg.eigh")
    longest = max(input.shape[-2:])

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        values = xp.abs(kernels.eigvalsh(xp, matrices)) if hermitian else singular_values(xp, None, matrices)
        bound = xp.asarray(cutoff(xp, values, atol, rtol, longest))
        return (values > bound[..., None]).sum(-1)

    bounds = [bound.shape for bound in (atol, rtol) if isinstance(bound, Tensor)]
    shape = broadcast(input.shape[:-2], *bounds)
    return Launch(kernel, (input,), shape, dtypes.int64)
