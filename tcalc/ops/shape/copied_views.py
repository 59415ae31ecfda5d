"""``NAME_copy``: what a view function shows, in memory of its own."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.ops.binding import Signature
from tcalc.ops.registry import Record, op
from tcalc.ops.shape import broadcasting, cloning, splitting, transposing, views
from tcalc.ops.shape import reshaping as shape
from tcalc.ops.shape.cloning import clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A view function, the arguments of an example, and what it gives.
VIEWS: tuple[tuple[Record, str, str], ...] = (
    (broadcasting.expand, "tensor([1, 2]), (2, 2)", "tensor([[1, 2],\n        [1, 2]])"),
    (cloning.detach, "tensor([1, 2])", "tensor([1, 2])"),
    (shape.squeeze, "tensor([[1, 2]])", "tensor([1, 2])"),
    (shape.unsqueeze, "tensor([1, 2]), 0", "tensor([[1, 2]])"),
    (shape.view, "arange(4), (2, 2)", "tensor([[0, 1],\n        [2, 3]])"),
    (splitting.split, "arange(4), 2", "(tensor([0, 1]), tensor([2, 3]))"),
    (splitting.split_with_sizes, "arange(4), [1, 3]", "(tensor([0]), tensor([1, 2, 3]))"),
    (splitting.unbind, "tensor([[1, 2], [3, 4]])", "(tensor([1, 2]), tensor([3, 4]))"),
    (transposing.permute, "tensor([[1, 2], [3, 4]]), (1, 0)", "tensor([[1, 3],\n        [2, 4]])"),
    (transposing.t, "tensor([[1, 2], [3, 4]])", "tensor([[1, 3],\n        [2, 4]])"),
    (transposing.transpose, "tensor([[1, 2], [3, 4]]), 0, 1", "tensor([[1, 3],\n        [2, 4]])"),
    (views.as_strided, "arange(4), (3, 2), (1, 1)", "tensor([[0, 1],\n        [1, 2],\n        [2, 3]])"),
    (views.diagonal, "tensor([[1, 2], [3, 4]])", "tensor([1, 4])"),
    (views.select, "tensor([[1, 2], [3, 4]]), 0, 1", "tensor([3, 4])"),
    (views.unfold, "arange(4), 0, 2, 1", "tensor([[0, 1],\n        [1, 2],\n        [2, 3]])"),
    (views.view_as_complex, "tensor([[1., 2.]])", "tensor([1.+2.j])"),
    (views.view_as_real, "tensor([1 + 2j])", "tensor([[1., 2.]])"),
)


def _copied(answer: Any) -> Any:
    if isinstance(answer, tuple):
        return tuple([_copied(item) for item in answer])
    return clone(answer, memory_format="contiguous_format")


def _register(viewed: Record, example: str, answer: str) -> Record:
    """The record of ``NAME_copy``, with the parameters of the view function."""

    def function(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        return _copied(viewed.function(input, *args, **kwargs))

    function.__name__ = f"{viewed.name}_copy"
    function.__doc__ = (
        f"As ``{viewed.name}``, but a copy instead of a view.\n\n>>> {function.__name__}({example})\n{answer}\n"
    )
    record: Record = op(function, method=False, out=True)
    record._signature = Signature(viewed.function, record.name)
    return record


for _row in VIEWS:
    _register(*_row)


@op(method=False, out=True)
def alias_copy(input: Tensor) -> Tensor:
    """A copy.

    >>> alias_copy(tensor([1, 2]))
    tensor([1, 2])
    """
    return clone(input, memory_format="contiguous_format")


@op(method=False, out=True)
def slice_copy(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    """A copy of a slice of one dimension.

    >>> slice_copy(arange(5), 0, 1, 4, 2)
    tensor([1, 3])
    """
    return clone(views.sliced_checked(input, dim, start, end, step), memory_format="contiguous_format")
