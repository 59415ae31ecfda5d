"""``torch.nn.utils``: sequences of different lengths in one tensor, and parameters as one vector."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.conversions import listed, type_name
from tcalc.ops.creation.filling import full
from tcalc.ops.indexing.items import getitem
from tcalc.ops.indexing.writes import copy_
from tcalc.ops.registry import op
from tcalc.ops.shape.cloning import look_at
from tcalc.ops.shape.joining import cat
from tcalc.ops.shape.splitting import unbind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIDES = ("left", "right")


@op(namespace="torch.nn.utils.rnn")
def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Tensors of different lengths in one tensor, filled up with a value.

    Of shapes (L, *), it is (L, B, *) with the longest length, or (B, L, *) with ``batch_first``. The dtype is that of
    the first.

    >>> torch.nn.utils.rnn.pad_sequence([tensor([1, 2, 3]), tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    parts = _tensors(sequences)
    if padding_side not in _SIDES:
        raise TcalcError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    longest = max(part.shape[0] for part in parts)
    first = parts[0]
    shape = (len(parts), longest, *first.shape[1:])
    padded = full(shape, padding_value, dtype=first.dtype, device=first.device)
    for row, part in zip(unbind(padded), parts, strict=True):
        length = part.shape[0]
        copy_(row[:length] if padding_side == "right" else row[longest - length :], part)
    return padded if batch_first else padded.transpose(0, 1).contiguous()


def _tensors(sequences: Any) -> list[Tensor]:
    """The sequences, of which each has a length."""
    if isinstance(sequences, Tensor):
        sequences = list(unbind(sequences))
    if not isinstance(sequences, (list, tuple)):
        raise TcalcError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    if not sequences:
        raise TcalcError("received an empty list of sequences")
    for part in sequences:
        if not isinstance(part, Tensor):
            raise type_error(
                "pad_sequence(): argument 'sequences' (position 1) must be tuple of Tensors, not "
                f"{type_name(sequences)}"
            )
        if not part.shape:
            raise TcalcError("ArrayRef: invalid slice, N = 1; size = 0")
    return list(sequences)


@op(namespace="torch.nn.utils.rnn")
def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences in a padded tensor, each in its own length.

    >>> torch.nn.utils.rnn.unpad_sequence(tensor([[1, 2, 3], [4, 0, 0]]), tensor([3, 1]), batch_first=True)
    [tensor([1, 2, 3]), tensor([4])]
    """
    if not lengths.shape:
        raise type_error("iteration over a 0-d tensor")
    rows = unbind(padded_sequences, 0 if batch_first else 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=False)]


def _parts(values: Any) -> list[Tensor]:
    """The tensors in anything that has items."""
    parts = listed(values)
    for part in parts:
        if not isinstance(part, Tensor):
            raise TcalcError(f"'{type_name(part)}' object has no attribute 'device'", "AttributeError")
    return parts


@op(namespace="torch.nn.utils")
def parameters_to_vector(parameters: Any) -> Tensor:
    """The elements of all the tensors, in one vector.

    >>> torch.nn.utils.parameters_to_vector([ones(1, 2), zeros(2)])
    tensor([1., 1., 0., 0.])
    """
    parts = _parts(parameters)
    if not parts:
        raise value_error("torch.cat(): expected a non-empty list of Tensors")
    return cat([part.reshape(-1) for part in parts])


@op(namespace="torch.nn.utils")
def vector_to_parameters(vec: Any, parameters: Any) -> None:
    """Make tensors views of the stretches of a vector, in order.

    >>> w = zeros(2)
    >>> torch.nn.utils.vector_to_parameters(tensor([1., 2.]), [w])
    >>> w
    tensor([1., 2.])
    """
    if not isinstance(vec, Tensor):
        raise type_error(f"expected torch.Tensor, but got: {type_name(vec)}")
    start = 0
    for part in _parts(parameters):
        stop = start + part.numel()
        look_at(part, getitem(vec, slice(start, stop)).view(part.shape))
        start = stop
