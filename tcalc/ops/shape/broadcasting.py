"""Broadcasting as views: dimensions repeated without copying."""

from __future__ import annotations

from tcalc.engine.shapes import broadcast
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any  # of a variadic parameter each element is one
    Tensors = Any


@op(namespace="torch.Tensor", derivative=lambda grad, result, input, *size, implicit=False: (grad,))
def expand(input: Tensor, *size: Ints, implicit: bool = False) -> Tensor:
    """A view in which dimensions of size 1 are repeated.

    Nothing is copied; -1 keeps a size.

    >>> tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    shape, stride = expanded(input, size)
    return input.as_view(shape, stride)


def expanded(input: Tensor, size: Sequence[int]) -> tuple[list[int], list[int]]:
    """Shape and strides of ``input`` broadcast to ``size``."""
    lead = len(size) - input.ndim
    if lead < 0:
        raise TcalcError(
            f"expand({_legacy_name(input)}{{{list(input.shape)}}}, "
            f"size={list(size)}): the number of sizes "
            f"provided ({len(size)}) must be greater or equal to the number of dimensions in the tensor ({input.ndim})"
        )
    shape, stride = list(size), [0] * len(size)
    for position in range(len(size) - 1, -1, -1):
        dim = position - lead
        if dim >= 0:
            have, step = input.shape[dim], input.stride[dim]
        else:
            have, step = 1, shape[position + 1] * stride[position + 1] if position + 1 < len(size) else 0
            if size[position] == -1:
                raise TcalcError(
                    "The expanded size of the tensor (-1) isn't allowed in a leading, "
                    f"non-existing dimension {position}"
                )
        wanted = have if size[position] == -1 else size[position]
        if wanted != have:
            if have != 1 or wanted < 0:
                raise TcalcError(
                    f"The expanded size of the tensor ({wanted}) must match the existing size "
                    f"({have}) at non-singleton "
                    f"dimension {position}.  Target sizes: {list(size)}.  Tensor sizes: {list(input.shape)}"
                )
            step = 0
        shape[position], stride[position] = wanted, step
    return shape, stride


def _legacy_name(input: Tensor) -> str:
    """What PyTorch's message calls the type; element types younger than its first ones have another form."""
    name = input.dtype.scalar_name
    old = name in ("Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double")
    return f"torch.{name}Tensor" if old else f"CPU{name}Type"


@op(namespace="torch.Tensor")
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """``input`` broadcast to the shape of ``other``.

    >>> tensor([1, 2]).expand_as(zeros(2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expand(input, *other.shape)


@op
def broadcast_to(input: Tensor, *shape: Ints) -> Tensor:
    """``input`` broadcast to a shape, as a view.

    >>> broadcast_to(tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expand(input, *shape)


@op
def broadcast_tensors(*tensors: Tensors) -> tuple[Tensor, ...]:
    """The tensors broadcast to their common shape, as views.

    >>> broadcast_tensors(tensor([1, 2]), tensor([[3], [4]]))
    (tensor([[1, 2],
            [1, 2]]), tensor([[3, 3],
            [4, 4]]))
    """
    if not tensors:
        return ()
    shape = broadcast(*[tensor.shape for tensor in tensors])
    return tuple([expand(tensor, *shape) for tensor in tensors])


def _as_shape(shape: Any) -> tuple[int, ...]:
    sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    if not all(isinstance(size, int) for size in sizes):
        raise TcalcError(f"Input shapes should be of type ints, a tuple of ints, or a list of ints, got {shape}")
    return sizes


@op
def broadcast_shapes(*shapes: Any) -> Size:
    """The common shape of shapes.

    >>> broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    result: list[int] = []
    for position, shape in enumerate([_as_shape(shape) for shape in shapes if shape is not None]):
        result[:0] = [1] * (len(shape) - len(result))
        for dim in range(-1, -len(shape) - 1, -1):
            if shape[dim] not in (1, result[dim]):
                if result[dim] != 1:
                    raise TcalcError(
                        f"Attempting to broadcast a dimension of length {shape[dim]} at {dim}! Mismatching argument at "
                        f"index {position} had {shape}; but expected shape should be broadcastable to {result}"
                    )
                result[dim] = shape[dim]
    return Size(result)
