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

VIEWS: tuple[Record, ...] = (
    broadcasting.expand, cloning.detach, shape.squeeze, shape.unsqueeze, shape.view, splitting.split,
    splitting.split_with_sizes, splitting.unbind, transposing.permute, transposing.t, transposing.transpose,
    views.as_strided, views.diagonal, views.select, views.unfold, views.view_as_complex, views.view_as_real,
)  # fmt: skip


def _copied(answer: Any) -> Any:
    if isinstance(answer, tuple):
        return tuple([_copied(item) for item in answer])
    return clone(answer, memory_format="contiguous_format")


def _register(viewed: Record) -> Record:
    """The record of ``NAME_copy``, with the parameters of the view function."""

    def function(input: Tensor, *args: Any, **kwargs: Any) -> Any:
        return _copied(viewed.function(input, *args, **kwargs))

    function.__name__ = f"{viewed.name}_copy"
    function.__doc__ = f"As ``{viewed.name}``, but a copy instead of a view.\n"
    record: Record = op(function, method=False, out=True)
    record._signature = Signature(viewed.function, record.name)
    return record


for _view in VIEWS:
    _register(_view)


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
