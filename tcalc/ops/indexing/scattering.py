"""Writing to positions: scatter, index_add, index_copy and their relatives.

Each function is a launch that changes some elements of its first operand, which is a copy of it or, in
place, the operand itself.
"""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.numbers import checked_number, integer_limits
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, not_implemented
from tcalc.ops.binding import Misfit
from tcalc.ops.dispatch import Launch
from tcalc.ops.indexing.advanced import add_at
from tcalc.ops.indexing.choosing import at_least_1d, check_index_dtype, check_positions, flat_positions
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.engine.backend import Array, Backend
    from tcalc.engine.dtypes import DType

    Number = complex

# reduce= words -> what they do to an element
_REDUCTIONS = {
    "sum": "add", "prod": "multiply", "mean": "mean", "amax": "maximum", "amin": "minimum", "max": "maximum",
    "min": "minimum",
}  # fmt: skip


def _update(input: Tensor, operands: Sequence[Any], change: Callable[..., None], order: str = "C") -> Launch:
    """A launch that answers with ``input`` after ``change(backend, target, *arrays)``."""
    device = input.device

    def kernel(xp: Any, out: Any, array: Array, *arrays: Array) -> Array:
        target = out if out is array else xp.array(array, order=order)
        change(backend_for(device), at_least_1d(target), *arrays)
        return target

    return Launch(kernel, (input, *operands), input.shape, input.dtype, updates=True)


# ---------------------------------------------------------------- scatter


@op(inplace=True, out=True)
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Tensor | Number | None = None, *, value: Number | None = None,
    reduce: str | None = None,
) -> Launch:  # fmt: skip
    """``input`` with elements written to positions of a dimension.

    For ``dim`` 0: ``out[index[i][j]][j] = src[i][j]``.

    ``reduce`` may be ``"add"`` or ``"multiply"``.

    >>> scatter(zeros(2, 3), 1, tensor([[0], [2]]), 5.)
    tensor([[5., 0., 0.],
            [0., 0., 5.]])
    """
    written = src if src is not None else value
    if written is None:
        raise Misfit
    if reduce not in (None, "add", "multiply"):
        raise TcalcError("reduce argument must be either add or multiply.")
    if reduce is not None and isinstance(written, Tensor):
        current().warn(
            "The reduce argument of torch.scatter with Tensor src is deprecated and will be "
            "removed in a future PyTorch "
            "release. Use torch.scatter_reduce instead for more reduction options."
        )
    return _scattered(input, dim, index, written, reduce, True)


@op(inplace=True, out=True)
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Launch:
    """``input`` with elements added at positions.

    A position may occur several times.

    >>> scatter_add(zeros(3), 0, tensor([0, 0, 2]), tensor([1., 2., 3.]))
    tensor([3., 0., 3.])
    """
    return _scattered(input, dim, index, src, "add", True)


@op(inplace=True, out=True)
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Launch:
    """``input`` with elements combined at positions of a dimension.

    By ``"sum"``, ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``.

    >>> scatter_reduce(zeros(2), 0, tensor([0, 0, 1]), tensor([1., 3., 5.]), "mean", include_self=False)
    tensor([2., 5.])
    """
    if reduce not in _REDUCTIONS:
        raise TcalcError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    launch = _scattered(input, dim, index, src, _REDUCTIONS[reduce], include_self)
    _refuse_complex_order(input, reduce, f"scatter_gather_tensor_cpu_reduce_{reduce}")
    return launch


def _refuse_complex_order(input: Tensor, reduce: str, name: str) -> None:
    if input.dtype.is_complex and _REDUCTIONS[reduce] in ("maximum", "minimum"):
        raise not_implemented(f"\"{name}\" not implemented for '{input.dtype.scalar_name}'")


def _scattered(
    input: Tensor, dim: int, index: Tensor, written: Tensor | Number, reduction: str | None, include_self: bool
) -> Launch:
    dim = normalize_dim(dim, input.ndim)
    if isinstance(written, Tensor):
        if index.numel() and index.dtype.category != dtypes.INTEGER:
            check_index_dtype(index, "scatter")
        if written.dtype is not input.dtype:
            raise TcalcError("scatter(): Expected self.dtype to be equal to src.dtype")
        operands: list[Any] = [index, written]
    else:
        operands = [index, checked_number(written, input.dtype)]
    if index.numel():
        check_index_dtype(index, "scatter")
        _check_scatter_shapes(input, dim, index, written)
    dtype = input.dtype

    def change(backend: Backend, target: Array, positions: Array, values: Array) -> None:
        if not positions.size:
            return
        positions = at_least_1d(positions)
        check_positions(positions, target.shape[dim], dim)
        if isinstance(written, Tensor):
            values = at_least_1d(values)[tuple([slice(size) for size in positions.shape])]
        else:
            values = backend.xp.broadcast_to(values, positions.shape)
        key = _grid(backend.xp, positions, dim)
        if reduction is None:
            backend.assign_at(target, key, values)
        else:
            _combine(backend, target, key, values, dtype, reduction, include_self, dim)

    return _update(input, operands, change)


def _check_scatter_shapes(input: Tensor, dim: int, index: Tensor, written: Any) -> None:
    if max(input.ndim, 1) != max(index.ndim, 1):
        raise TcalcError("Index tensor must have the same number of dimensions as self tensor")
    pairs = enumerate(zip(index.shape, input.shape, strict=False))
    too_large = any(at != dim and size > most for at, (size, most) in pairs)
    limits = f"no larger than self {list(input.shape)} apart from dimension {dim}"
    words = f"Expected index {list(index.shape)} to be {limits}"
    if isinstance(written, Tensor):
        fits = all(size <= most for size, most in zip(index.shape, written.shape, strict=False))
        if 0 < written.ndim < index.ndim and fits and not too_large:
            normalize_dim(written.ndim, written.ndim)  # looks for a size that src has not
        if max(written.ndim, 1) != max(index.ndim, 1):
            raise TcalcError("Index tensor must have the same number of dimensions as src tensor")
        if too_large or any(size > most for size, most in zip(index.shape, written.shape, strict=False)):
            raise TcalcError(f"{words} and to be no larger size than src {list(written.shape)}")
    elif too_large:
        raise TcalcError(words)


def _grid(xp: Any, positions: Array, dim: int) -> tuple[Array, ...]:
    """The index that puts element (i, j, …) at its position along ``dim`` and at (i, j, …) otherwise."""
    key = []
    for at, size in enumerate(positions.shape):
        if at == dim:
            key.append(positions)
        else:
            column = [1] * positions.ndim
            column[at] = size
            key.append(xp.arange(size).reshape(column))
    return tuple(key)


# ---------------------------------------------------------------- combining


def _combine(
    backend: Backend, target: Array, key: Any, values: Array, dtype: DType, reduction: str, include_self: bool, dim: int
) -> None:
    """``target[key] = reduction(target[key], values)`` where a position may occur several times."""
    xp = backend.xp
    count = None
    if reduction == "mean":
        count = (xp.ones if include_self else xp.zeros)(target.shape, xp.int64)
        xp.add.at(count, key, xp.ones((), xp.int64))
    if not include_self:
        target[key] = _neutral(reduction, dtype)
    if reduction in ("add", "mean"):
        add_at(backend, target, key, values, dtype)
    elif reduction == "multiply":
        _multiply_at(backend, target, key, values, dtype)
    else:
        getattr(xp, reduction).at(target, key, values)
    if count is not None:
        _divide(backend, target, xp.maximum(count, 1), dtype)


def _neutral(reduction: str, dtype: DType) -> Any:
    """What leaves the other operand of a reduction as it is."""
    if reduction == "multiply":
        return 1
    if reduction not in ("maximum", "minimum"):
        return 0
    if dtype.category == dtypes.BOOL:
        return reduction == "minimum"
    if dtype.category == dtypes.INTEGER:
        lowest, largest = integer_limits(dtype)
        return lowest if reduction == "maximum" else largest
    return float("-inf") if reduction == "maximum" else float("inf")


def _multiply_at(backend: Backend, target: Array, key: Any, values: Array, dtype: DType) -> None:
    target, values = backend.finished(target, dtype), backend.finished(values, dtype)
    wide = backend.cast(target, dtype.computed_as)
    backend.xp.multiply.at(wide, key, backend.cast(values, dtype.computed_as))
    if wide is not target:
        backend.assign(target, backend.cast(wide, dtype))


def _divide(backend: Backend, target: Array, count: Array, dtype: DType) -> None:
    if dtype.category <= dtypes.INTEGER:
        target[...] = backend.xp.floor_divide(target, count).astype(target.dtype)
    else:
        wide = dtype.computed_as
        target[...] = backend.cast(backend.cast(target, wide) / backend.cast(count, wide), dtype)


# ---------------------------------------------------------------- slices at positions


@op(inplace=True, out=True)
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Launch:
    """``input`` with slices of ``source`` added at positions.

    The slices, times ``alpha``, are those of a dimension.

    >>> index_add(zeros(3), 0, tensor([0, 0]), tensor([1., 2.]))
    tensor([3., 0., 0.])
    """
    dim = normalize_dim(dim, input.ndim)
    _check_source("index_add_", input, dim, index, source)
    dtype = input.dtype

    def change(backend: Backend, target: Array, positions: Array, values: Array) -> None:
        if not target.size:
            return
        positions, values = at_least_1d(positions), at_least_1d(values)
        check_positions(positions, target.shape[dim], dim)
        if alpha != 1:
            values = _scaled(backend, values, alpha, dtype)
        add_at(backend, target, (*(slice(None),) * dim, positions), values, dtype)

    return _update(input, (index, source), change)


def _scaled(backend: Backend, values: Array, alpha: complex, dtype: DType) -> Array:
    wide = dtype.computed_as
    factor = backend.xp.asarray(checked_number(alpha, dtype), wide.numpy)
    return backend.cast(backend.cast(values, wide) * factor, dtype)


def _check_source(name: str, input: Tensor, dim: int, index: Tensor, source: Tensor) -> None:
    """Whether ``source`` has one slice for each position and slices of the tensor's shape."""
    if index.ndim > 1:
        raise index_error(
            f"{name}(): Index is supposed to be a vector, but got dim: {index.ndim} with type: "
            f"{index.dtype.scalar_name} and size: {list(index.shape)}"
        )
    if index.dtype not in (dtypes.int64, dtypes.int32):
        raise TcalcError(f"{name}(): Expected dtype int32/int64 for index but got: {index.dtype.scalar_name}")
    if source.dtype is not input.dtype:
        raise TcalcError(
            f"{name}(): self ({input.dtype.scalar_name}) and source ({source.dtype.scalar_name}) must have the same "
            "scalar type"
        )
    length = source.shape[dim] if dim < source.ndim else 1
    if index.numel() != length:
        raise TcalcError(
            f"{name}(): Number of indices ({index.numel()}) should be equal to source.size(dim): "
            f"({length}), for dim: {dim}"
        )
    have = [size for at, size in enumerate(input.shape) if at != dim]
    given = [size for at, size in enumerate(source.shape) if at != dim]
    if have != given:
        raise TcalcError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(input.shape)} source.shape = {list(source.shape)}"
        )


@op(inplace=True, out=True)
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Launch:
    """``input`` with slices of ``source`` written to positions of a dimension.

    >>> index_copy(zeros(3), 0, tensor([2]), tensor([5.]))
    tensor([0., 0., 5.])
    """
    dim = normalize_dim(dim, input.ndim)
    _check_index_copy(input, dim, index, source)

    def change(backend: Backend, target: Array, positions: Array, values: Array) -> None:
        positions, values = at_least_1d(positions), at_least_1d(values)
        words = "index_copy_(): index {index} is out of bounds for dimension {dim} with size {size}"
        check_positions(positions, target.shape[dim], dim, words, "IndexError")
        backend.assign_at(target, (*(slice(None),) * dim, positions), values)

    return _update(input, (index, source), change)


def _check_index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> None:
    name = "index_copy_()"
    if index.ndim > 1:
        raise index_error(f"{name}: Index should have dimension 1 or 0 (got {index.ndim})")
    count = index.numel()
    if not source.shape and count != 1:
        raise index_error(f"{name}: When source is scalar, index should have one element (got {count})")
    if source.shape and input.shape and source.ndim != input.ndim:
        raise index_error(
            f"{name}: When source and destination are not scalars, their dimensionality must "
            "match. Source dimensionality "
            f"({source.ndim}), destination dimensionality ({input.ndim})"
        )
    if index.dtype is not dtypes.int64:
        raise TcalcError(f"{name}: Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if source.dtype is not input.dtype:
        raise TcalcError(
            f"{name}: self and source expected to have the same dtype, but got (self) {input.dtype.scalar_name} and "
            f"(source) {source.dtype.scalar_name}"
        )
    have = [size for at, size in enumerate(input.shape) if at != dim]
    given = [size for at, size in enumerate(source.shape) if at != dim]
    if have != given:
        raise TcalcError(
            f"{name}: Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{' '.join(map(str, have))} at dimension {dim} and source slice shape: {' '.join(map(str, given))} at "
            "dimension 0."
        )
    if source.shape and count != source.shape[dim]:
        raise index_error(
            f"{name}: Number of indices ({count}) should be equal to source.size(dim) ({source.shape[dim]})"
        )


@op(inplace=True, out=True)
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Launch:
    """``input`` with slices combined at positions of a dimension.

    By ``"prod"``, ``"mean"``, ``"amax"`` or ``"amin"``.

    >>> index_reduce(ones(2), 0, tensor([0, 0]), tensor([2., 3.]), "prod")
    tensor([6., 1.])
    """
    dim = normalize_dim(dim, input.ndim)
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise TcalcError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    _refuse_complex_order(input, reduce, "index_reduce_func")
    _check_source("index_reduce_", input, dim, index, source)
    dtype = input.dtype

    def change(backend: Backend, target: Array, positions: Array, values: Array) -> None:
        positions, values = at_least_1d(positions), at_least_1d(values)
        check_positions(positions, target.shape[dim], dim, "index out of range in self", "IndexError")
        column = [1] * target.ndim
        column[dim] = positions.size
        wide = backend.xp.broadcast_to(positions.reshape(column), values.shape)
        key = _grid(backend.xp, wide, dim)
        _combine(backend, target, key, values, dtype, _REDUCTIONS[reduce], include_self, dim)

    return _update(input, (index, source), change)


@op(inplace=True)
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Launch:
    """``input`` with elements written at flat positions.

    Or added to what is there; positions are those of the flattened tensor.

    >>> put(zeros(2, 2), tensor([1, -1]), tensor([5., 6.]))
    tensor([[0., 5.],
            [0., 6.]])
    """
    if index.dtype is not dtypes.int64:
        raise TcalcError(f"put_(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if source.dtype is not input.dtype:
        raise TcalcError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{input.dtype.scalar_name} and "
            f"source.dtype = {source.dtype.scalar_name}"
        )
    if source.numel() != index.numel():
        raise index_error(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.numel()}, index.numel() = {index.numel()}"
        )
    if index.numel() and not input.numel():
        raise index_error("put_(): Tried to put elements into an empty tensor")
    dtype = input.dtype

    def change(backend: Backend, target: Array, positions: Array, values: Array) -> None:
        flat = flat_positions(backend.xp, positions.reshape(-1), target.size)
        key = backend.xp.unravel_index(flat, target.shape)
        if accumulate:
            add_at(backend, target, key, values.reshape(-1), dtype)
        else:
            backend.assign_at(target, key, values.reshape(-1))

    return _update(input, (index, source), change, "K" if input.is_dense() else "C")
