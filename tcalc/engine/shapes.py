"""Arithmetic on shapes, with PyTorch's errors."""

from __future__ import annotations

from tcalc.errors import TcalcError, index_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The common shape of operands; sizes are aligned at the last dimension."""
    result: list[int] = list(shapes[0])
    for shape in shapes[1:]:
        if tuple(result) == tuple(shape):
            continue
        if len(shape) > len(result):
            result = [1] * (len(shape) - len(result)) + result
        lead = len(result) - len(shape)
        for position in range(len(shape) - 1, -1, -1):
            size = shape[position]
            have = result[lead + position]
            if have == size or size == 1:
                continue
            if have != 1:
                raise TcalcError(
                    f"The size of tensor a ({have}) must match the size of tensor b ({size}) at non-singleton "
                    f"dimension {lead + position}"
                )
            result[lead + position] = size
    return tuple(result)


def normalize_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front; a 0-d tensor accepts 0 and -1."""
    count = max(ndim, 1)
    if not -count <= dim < count:
        raise index_error(f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})")
    return dim + count if dim < 0 else dim


def normalize_dims(dims: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Distinct dimensions counted from the front; None and an empty sequence mean all."""
    if dims is None or (not isinstance(dims, int) and len(dims) == 0):
        return tuple(range(ndim))
    if isinstance(dims, int):
        dims = (dims,)
    found: list[int] = []
    for dim in dims:
        position = normalize_dim(dim, ndim)
        if position in found:
            raise TcalcError(f"dim {position} appears multiple times in the list of dims")
        found.append(position)
    return tuple(found) if ndim else ()


def reduced_shape(shape: Sequence[int], dims: Sequence[int], keepdim: bool) -> tuple[int, ...]:
    """The shape that is left when ``dims`` (normalised) are reduced."""
    if keepdim:
        return tuple(1 if dim in dims else size for dim, size in enumerate(shape))
    return tuple(size for dim, size in enumerate(shape) if dim not in dims)
