"""A program's own function applied to every element, one by one."""

from __future__ import annotations

from functools import partial

from tcalc.engine import devices
from tcalc.engine.backend import backend_for
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops.binding import type_name
from tcalc.ops.destination import write
from tcalc.ops.registry import Record, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def _apply(input: Tensor, others: Sequence[Tensor], function: Any, name: str) -> Tensor:
    """Write ``function`` of each element, and of the same elements of others, into ``input``."""
    if not callable(function):
        raise type_error(f"{name}(): argument 'callable' must be function, not {type_name(function)}")
    if input.device.type != "cpu":
        raise type_error(f"{name} is only implemented on CPU tensors")
    for other in others:
        if other.dtype is not input.dtype:
            raise type_error(
                f"{name}(): expected all tensors to be of type {input.dtype}, but got one of {other.dtype}"
            )
    if input.requires_grad:
        raise TcalcError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    host = backend_for(devices.cpu)
    columns = [host.xp.broadcast_to(tensor.host_array(), input.shape).reshape(-1) for tensor in (input, *others)]
    called = partial(_with_numbers, function) if isinstance(function, Record) else function
    answers = []
    for row in zip(*[column.tolist() for column in columns], strict=True):
        current().meter.step()
        answer = called(*row)
        answers.append(answer.scalar() if isinstance(answer, Tensor) else answer)
    values: Tensor = input.new_tensor(answers)
    write(input, values.reshape(input.shape))
    return input


def _with_numbers(record: Record, *numbers: Any) -> Any:
    """A function of the language, which binds what a program gives it."""
    return record.invoke(list(numbers), {})


@op(namespace="torch.Tensor")
def apply_(input: Tensor, callable: Any) -> Tensor:
    """Replace each element by what a function gives for it.

    It is slow: one call an element.

    >>> tensor([1., 2.]).apply_(lambda value: value + 1)
    tensor([2., 3.])
    """
    return _apply(input, (), callable, "apply_")


@op(namespace="torch.Tensor")
def map_(input: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Replace each element by a function of it and of that of ``tensor``.

    >>> tensor([1., 2.]).map_(tensor([10., 20.]), lambda a, b: a + b)
    tensor([11., 22.])
    """
    return _apply(input, (tensor,), callable, "map_")


@op(namespace="torch.Tensor")
def map2_(input: Tensor, x: Tensor, y: Tensor, callable: Any) -> Tensor:
    """Replace each element by a function of it and of those of two tensors.

    >>> tensor([1., 2.]).map2_(tensor([10., 20.]), tensor([0., 1.]), lambda a, b, c: a + b * c)
    tensor([ 1., 22.])
    """
    return _apply(input, (x, y), callable, "map2_")
