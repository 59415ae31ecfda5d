"""Order: sorting, the k largest, the k-th smallest, searching sorted sequences. nan comes after everything."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.ordering import selection_order
from tcalc.ops.out_rules import EXPECTED
from tcalc.ops.reduction.extremes import by_rows, check_not_empty, selection, with_axis
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Number = complex


RADIX_SORTED = 32768  # integers


def stable_order(xp: Any, array: Any, axis: int, descending: bool = False) -> Any:
    """Indices that sort an array; equal elements keep their order, and nan counts as the largest."""
    if not descending:
        return xp.argsort(array, axis=axis, kind="stable")
    flipped = xp.argsort(xp.flip(array, axis), axis=axis, kind="stable")
    return array.shape[axis] - 1 - xp.flip(flipped, axis)


# ---------------------------------------------------------------- sorting


@op(out=EXPECTED)
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> Launch:
    """The elements in order along a dimension, and the indices they had.

    ``stable`` keeps equal elements in order.

    >>> sort(tensor([3, 1, 2]))
    torch.return_types.sort(
    values=tensor([1, 2, 3]),
    indices=tensor([1, 2, 0]))
    """
    position = normalize_dim(dim, input.ndim)
    if input.dtype.category == COMPLEX:
        raise TcalcError(" Sort does not support complex dtypes on CPU")
    shape = tuple(input.shape)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        array = with_axis(array)
        order = stable_order(xp, array, position, descending)
        if not stable and _has_choice(input, array.shape[position], descending):
            order = _unstable_order(xp, array, order, position)
        return xp.take_along_axis(array, order, position).reshape(shape), order.reshape(shape)

    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    compute = input.dtype.computed_as
    fields = ("values", "indices")
    return Launch(kernel, (input,), compute=compute, outputs=outputs, type_name="sort", fields=fields, ordered=True)


def _has_choice(input: Tensor, length: int, descending: bool) -> bool:
    """Whether PyTorch's sort could change the order of equal elements; a radix sort of many integers does not."""
    radix = input.dtype.category == INTEGER and not descending and input.numel() >= RADIX_SORTED
    return length > selection_order.INSERTION and not radix


def _unstable_order(xp: Any, array: Any, order: Any, axis: int) -> Any:
    rows, places = xp.moveaxis(array, axis, -1), xp.moveaxis(order, axis, -1)
    chosen = selection_order.choose_among_equals(xp, rows, places, 0, array.shape[axis], selection_order.whole)
    return xp.moveaxis(chosen, -1, axis)


@op(out=True)
def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices that put the elements in order along a dimension.

    >>> argsort(tensor([3, 1, 2]), descending=True)
    tensor([0, 2, 1])
    """
    return sort(input, dim, descending, stable=stable)[1]


@op(out=True)
def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dimension.

    >>> msort(tensor([[3, 1], [2, 4]]))
    tensor([[2, 1],
            [3, 4]])
    """
    return sort(input, 0)[0]


# ---------------------------------------------------------------- selecting


@op(out=EXPECTED)
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Launch:
    """The ``k`` largest (or smallest) elements, and their indices.

    Along a dimension.

    >>> topk(tensor([3, 1, 2]), 2)
    torch.return_types.topk(
    values=tensor([3, 2]),
    indices=tensor([0, 2]))
    """
    position = normalize_dim(dim, input.ndim)
    size = input.shape[position] if input.ndim else 1
    if not 0 <= k <= size:
        raise TcalcError("selected index k out of range")
    if input.dtype.category in (BOOL, COMPLEX):
        raise TcalcError(
            "topk does not support bool dtypes on CPU"
            if input.dtype.category == BOOL
            else " topk does not support complex dtypes on CPU"
        )
    shape = list(input.shape)
    if shape:
        shape[position] = k

    def replay(rank: Sequence[int]) -> list[int]:
        return selection_order.top(rank, k, sorted)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = by_rows(xp, array, position)
        order = stable_order(xp, rows, -1, largest)
        chosen = selection_order.choose_among_equals(xp, rows, order, 0, k, replay, always=not sorted)
        values = xp.take_along_axis(rows, chosen, -1)
        back = [xp.moveaxis(found, -1, position).reshape(shape) for found in (values, chosen)]
        return tuple(back)

    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    compute = input.dtype.computed_as
    return Launch(kernel, (input,), compute=compute, outputs=outputs, type_name="topk", fields=("values", "indices"))


@op(out=True)
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Launch:
    """The ``k``-th smallest element along a dimension, and its index.

    1 is the smallest.

    >>> kthvalue(tensor([30, 10, 20]), 2)
    torch.return_types.kthvalue(
    values=tensor(20),
    indices=tensor(2))
    """
    position = normalize_dim(dim, input.ndim)
    check_not_empty("kthvalue", input, (position,))
    if not 1 <= k <= (input.shape[position] if input.ndim else 1):
        raise TcalcError(f"kthvalue(): selected number k out of range for dimension {position}")
    if input.dtype.category in (BOOL, COMPLEX):
        raise refusal("kthvalue_cpu", input.dtype)

    def choose(xp: Any, rows: Any) -> Any:
        order = stable_order(xp, rows, -1)
        return selection_order.choose_among_equals(
            xp, rows, order, k - 1, k, lambda rank: selection_order.kth(rank, k - 1)
        )

    return selection("kthvalue", input, position, keepdim, choose)


# ---------------------------------------------------------------- searching


@op(out=True)
def searchsorted(
    sorted_sequence: Tensor, input: Tensor | Number, *, out_int32: bool = False, right: bool = False,
    side: str | None = None, sorter: Tensor | None = None,
) -> Launch:  # fmt: skip
    """Where values would be inserted to keep a sequence sorted.

    The sequence is the last dimension.

    >>> searchsorted(tensor([1, 3, 5]), tensor([0, 3, 6]))
    tensor([0, 1, 3])
    >>> searchsorted(tensor([1, 3, 5]), tensor([0, 3, 6]), right=True)
    tensor([0, 2, 3])
    """
    if side not in (None, "left", "right"):
        raise TcalcError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise TcalcError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    _check_search(sorted_sequence, input, sorter)
    operands = (sorted_sequence, input) if sorter is None else (sorted_sequence, input, sorter)
    shape = input.shape if isinstance(input, Tensor) else ()
    where = "right" if right or side == "right" else "left"

    def kernel(xp: Any, out: Any, boundaries: Any, values: Any, order: Any = None) -> Any:
        if order is not None:
            boundaries = xp.take_along_axis(boundaries, order.astype(xp.int64), -1)
        return _search(xp, boundaries, values, where)

    compute = result_type(sorted_sequence, input).computed_as
    return Launch(kernel, operands, shape, dtypes.int32 if out_int32 else dtypes.int64, compute=compute)


def _search(xp: Any, boundaries: Any, values: Any, side: str) -> Any:
    ordered = boundaries.dtype.kind != "f" or not (xp.isnan(boundaries).any() or xp.isnan(values).any())
    if boundaries.ndim == 1 and ordered:
        return xp.searchsorted(boundaries, values, side=side)
    return bisect(xp, boundaries, values, side)


def bisect(xp: Any, boundaries: Any, values: Any, side: str) -> Any:
    """Binary search in every row at once; a comparison with nan goes to the right, as in PyTorch."""
    size = boundaries.shape[-1]
    low, high = xp.zeros(values.shape, xp.int64), xp.full(values.shape, size, xp.int64)
    for _ in range(size.bit_length()):
        middle = xp.minimum((low + high) // 2, size - 1)
        found = boundaries[middle] if boundaries.ndim == 1 else xp.take_along_axis(boundaries, middle, -1)
        goes_right = ~(found >= values if side == "left" else found > values) & (low < high)
        low, high = xp.where(goes_right, middle + 1, low), xp.where(goes_right, high, xp.minimum(middle, high))
    return low


def _check_search(boundaries: Tensor, input: Any, sorter: Tensor | None) -> None:
    name = "torch.searchsorted():"
    if not boundaries.ndim:
        raise TcalcError(f"{name} boundaries tensor should have positive dimension, but got 0 dimension")
    if boundaries.ndim != 1 and not (isinstance(input, Tensor) and input.ndim):
        raise TcalcError(
            f"{name} input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries "
            f"tensor dim({boundaries.ndim}) and input value's dim(0) numel(1)"
        )
    if boundaries.ndim != 1 and boundaries.shape[:-1] != input.shape[:-1]:
        raise TcalcError(
            f"{name} boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and "
            f"input value tensor must match, but we got boundaries tensor {list(boundaries.shape)} and input value "
            f"tensor {list(input.shape)}"
        )
    if boundaries.dtype.category == COMPLEX:
        raise refusal("searchsorted_out_cpu", boundaries.dtype)
    if sorter is not None:
        _check_sorter(name, boundaries, sorter)


def _check_sorter(name: str, boundaries: Tensor, sorter: Tensor) -> None:
    if sorter.shape != boundaries.shape:
        raise TcalcError(
            f"{name} boundary and sorter must have the same size, but got boundary tensor {list(boundaries.shape)}and "
            f"got sorter tensor {list(sorter.shape)}"
        )
    if sorter.dtype is not dtypes.int64:
        raise TcalcError(f"{name} sorter must be a tensor of long dtype but got dtype {sorter.dtype.scalar_name}")
    if not sorter.is_meta and sorter.numel():
        with sorter.storage.backend.guard():
            inside = int(sorter.array.min()) >= 0 and int(sorter.array.max()) < boundaries.shape[-1]
        if not inside:
            raise TcalcError(f"{name} sorter index out of range")


@op(out=True, method=False)
def bucketize(input: Tensor | Number, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The bucket that each value falls into, between sorted boundaries.

    >>> bucketize(tensor([0, 3, 6]), tensor([1, 3, 5]))
    tensor([0, 1, 3])
    """
    if boundaries.ndim != 1:
        raise TcalcError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
