"""Grids, products and combinations of vectors; positions in a grid."""

from __future__ import annotations

from math import comb, prod

from tcalc.engine import dtypes
from tcalc.engine.backend import numpy
from tcalc.engine.state import current
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.creation.tensors import on_device, tensor
from tcalc.ops.dispatch import Launch
from tcalc.ops.indexing.items import getitem
from tcalc.ops.pointwise.arithmetic import floor_divide, remainder
from tcalc.ops.registry import op
from tcalc.ops.session.convert import to
from tcalc.ops.shape.broadcasting import expand
from tcalc.ops.shape.cloning import clone
from tcalc.ops.shape.joining import as_tensor_argument, common_dtype, stack
from tcalc.ops.shape.reshaping import reshape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]


def _tensors(given: Sequence[Any], name: str) -> list[Tensor]:
    """Tensors written one by one or as one sequence of tensors."""
    if len(given) == 1 and isinstance(given[0], (list, tuple)) and any(isinstance(item, Tensor) for item in given[0]):
        given = given[0]
    return [as_tensor_argument(item, name) for item in given]


@op(method=False)
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """A grid's coordinates: one view for each vector, all in the grid's shape.

    ``indexing`` is ``"ij"`` (rows first) or ``"xy"`` (columns first, as for plots).

    >>> meshgrid(tensor([1, 2]), tensor([3, 4]), indexing="ij")
    (tensor([[1, 1],
            [2, 2]]), tensor([[3, 4],
            [3, 4]]))
    """
    vectors = _tensors(tensors, "meshgrid")
    if not vectors:
        raise TcalcError("meshgrid expects a non-empty TensorList")
    for vector in vectors:
        if vector.dtype is not vectors[0].dtype:
            raise TcalcError("meshgrid expects all tensors to have the same dtype")
    for vector in vectors:
        if vector.ndim > 1:
            raise TcalcError(
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {vector.ndim}D tensor"
            )
    if indexing not in ("ij", "xy"):
        raise TcalcError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swapped = indexing == "xy" and len(vectors) >= 2
    if swapped:
        vectors[0], vectors[1] = vectors[1], vectors[0]
    grids = _grids(vectors)
    if swapped:
        grids[0], grids[1] = grids[1], grids[0]
    return tuple(grids)


def _grids(vectors: Sequence[Tensor]) -> list[Tensor]:
    shape = [vector.numel() for vector in vectors]
    grids = []
    for dim, vector in enumerate(vectors):
        column = [1] * len(vectors)
        column[dim] = shape[dim]
        grids.append(expand(reshape(vector, *column), *shape))
    return grids


@op(method=False)
def cartesian_prod(*tensors: Any) -> Tensor:
    """All ways to take one element of each vector, one a row.

    >>> cartesian_prod(tensor([1, 2]), tensor([3, 4]))
    tensor([[1, 3],
            [1, 4],
            [2, 3],
            [2, 4]])
    """
    vectors = _tensors(tensors, "cartesian_prod")
    for vector in vectors:
        _check_vector(vector)
    if len(vectors) == 1:
        return vectors[0]
    columns = [clone(grid, memory_format="contiguous_format") for grid in meshgrid(*vectors)]
    return stack([reshape(column, -1) for column in columns], 1)


def _check_vector(vector: Tensor) -> None:
    if vector.ndim != 1:
        raise TcalcError(f"Expect a 1D vector, but got shape {list(vector.shape)}")


@op(method=False)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All ways to choose ``r`` elements of a vector, one a row.

    >>> combinations(tensor([1, 2, 3]))
    tensor([[1, 2],
            [1, 3],
            [2, 3]])
    """
    from itertools import combinations as distinct
    from itertools import combinations_with_replacement as repeated

    _check_vector(input)
    if r < 0:
        raise TcalcError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return getitem(input, slice(0, 0))
    choose = repeated if with_replacement else distinct
    size = input.numel()
    rows = comb(size + r - 1, r) if with_replacement and size else comb(size, r)
    current().meter.allocate(rows * r * dtypes.int64.itemsize, "the result of combinations")
    positions = (position for row in choose(range(size), r) for position in row)
    found = wrap(numpy().fromiter(positions, "int64", count=rows * r), dtype=dtypes.int64)
    return getitem(input, on_device(reshape(found, rows, r), input.device))


@op(method=False)
def block_diag(*tensors: Any) -> Launch:
    """A matrix of zeros with the given matrices on its diagonal.

    Dtypes are promoted.

    >>> block_diag(tensor([[1, 2]]), tensor([3]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    blocks = _tensors(tensors, "block_diag")
    for position, block in enumerate(blocks):
        if block.ndim > 2:
            raise TcalcError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {position} has {block.ndim} "
                "dimensions"
            )
    if not blocks:
        blocks = [reshape(tensor([]), 1, 0)]
    matrices = [_as_block(block) for block in blocks]
    shape = (sum(block.shape[0] for block in matrices), sum(block.shape[1] for block in matrices))
    dtype = common_dtype(blocks)
    return Launch(_placed(shape), matrices, shape, dtype, compute=dtype)


def _as_block(block: Tensor) -> Tensor:
    """A number or vector as a matrix of one row."""
    return block if block.ndim == 2 else reshape(block, 1, block.numel())


def _placed(shape: tuple[int, int]) -> Any:
    def kernel(xp: Any, out: Any, *blocks: Any) -> Any:
        result = xp.zeros(shape, blocks[0].dtype)
        row = column = 0
        for block in blocks:
            result[row : row + block.shape[0], column : column + block.shape[1]] = block
            row += block.shape[0]
            column += block.shape[1]
        return result

    return kernel


@op(method=False)
def unravel_index(indices: Tensor, shape: Ints) -> tuple[Tensor, ...]:
    """Positions in a flattened tensor as coordinates in its shape.

    >>> unravel_index(tensor([4, 5]), (2, 3))
    (tensor([1, 1]), tensor([1, 2]))
    """
    if indices.dtype.category > dtypes.INTEGER or indices.dtype.category == dtypes.BOOL:
        raise type_error(f"expected 'indices' to be integer dtype, but got {indices.dtype!r}")
    if any(size < 0 for size in shape):
        raise value_error(f"'shape' cannot have negative values, but got {tuple(shape)}")
    if not prod(shape) and indices.numel():
        raise value_error(f"cannot unravel indices into the empty shape {tuple(shape)}")
    positions = to(indices, dtypes.int64)
    coordinates = []
    for step, size in zip(contiguous_stride(shape), shape, strict=True):
        coordinates.append(remainder(floor_divide(positions, step), size))
    return tuple(coordinates)
