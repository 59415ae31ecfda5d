"""Bags of rows of a table: their sums, means and maxima, and which element of a bag was the largest."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.dtypes import FLOAT, float64
from tcalc.engine.promotion import result_type
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, not_implemented, value_error
from tcalc.ops.dispatch import Launch, Spec, execute
from tcalc.ops.nn.layers import NN, check_indices, renormalize_rows
from tcalc.ops.reduction.segments import folded, segment_of_each
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODES = ("sum", "mean", "max")


class _Bags:
    """What the bags of a call are, checked: ``weight`` has a row an index, ``offsets`` says where each bag begins."""

    def __init__(
        self,
        input: Tensor,
        weight: Tensor,
        offsets: Tensor | None,
        factors: Tensor | None,
        mode: str,
        include_last_offset: bool,
        padding: int | None,
    ) -> None:
        check_indices(input, "embedding_bag")
        for name, tensor in (("input", input), ("offsets", offsets)):
            limit = "1D or 2D" if name == "input" else "1D"
            if tensor is not None and not 1 <= tensor.ndim <= (2 if name == "input" else 1):
                raise TcalcError(f"{name} has to be a {limit} Tensor, but got Tensor of dimension {tensor.ndim}")
        self.input, self.weight, self.offsets, self.factors = input, weight, offsets, factors
        self.mode, self.padding = mode, _row_of_padding(padding, weight.shape[0])
        self.ends = include_last_offset and offsets is not None
        if self.factors is not None and self.factors.numel() != input.numel():
            same = "per_sample_weights.value().numel() == indices.numel()"
            raise TcalcError(f"Expected {same} to be true, but got false.")
        if offsets is None:
            self.count = input.shape[0]
        else:
            if self.ends and not offsets.shape[0]:
                raise TcalcError("include_last_offset: number of offset should be at least 1")
            self.count = offsets.shape[0] - self.ends
            _check_offsets(offsets, input.numel())

    @property
    def operands(self) -> list[Tensor]:
        return [tensor for tensor in (self.input, self.weight, self.offsets, self.factors) if tensor is not None]

    def rows(self, xp: Any, indices: Any, table: Any, *others: Any) -> tuple[Any, Any, Any]:
        """The rows of all bags in the type they are computed in, the bag of each, and how many count in each bag."""
        flat = indices.reshape(-1)
        self._check_range(flat, len(table))
        rows = table[flat].astype(self.weight.dtype.computed_as.numpy)
        if self.factors is not None:
            rows = rows * others[-1].reshape(-1, 1).astype(rows.dtype)
        bags = self.places(xp, indices, table, *others)
        kept = bags if self.padding is None else xp.where(flat == self.padding, self.count, bags)
        counts = folded(xp, "add", xp.ones((1, flat.size), xp.int64), kept[None], self.count, 0)[0]
        return rows, kept, counts

    def places(self, xp: Any, indices: Any, table: Any, *others: Any) -> Any:
        """The bag of each index."""
        if self.offsets is None:
            borders = xp.arange(self.count + 1) * indices.shape[1]
        else:
            borders = others[0].astype(xp.int64)
            if not self.ends:
                borders = xp.concatenate((borders, xp.full(1, indices.size, xp.int64)))
        return segment_of_each(xp, borders[None], indices.size)[0]

    def _check_range(self, indices: Any, rows: int) -> None:
        outside = (indices < 0) | (indices >= rows)
        if not outside.any():
            return
        place = int(outside.argmax())
        wrong = int(indices[place])
        if self.mode != "max" and self.padding is None and self.weight.dtype is not float64:
            raise TcalcError(f"Index {place} of input takes value {wrong} which is not in the valid range [0, {rows})")
        raise TcalcError(f"embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {wrong}")

    def reduced(self, xp: Any, rows: Any, bags: Any, counts: Any) -> Any:
        """One row a bag; zeros for a bag without any."""
        combine, start = ("maximum", -xp.inf) if self.mode == "max" else ("add", 0)
        answer = folded(xp, combine, rows[None], bags[None], self.count, start)[0]
        if self.mode == "max":
            return xp.where(counts[:, None] == 0, xp.zeros((), rows.dtype), answer)
        return answer / xp.maximum(counts, 1)[:, None].astype(rows.dtype) if self.mode == "mean" else answer


def _row_of_padding(padding: int | None, rows: int) -> int | None:
    """Which row is not looked up: negative numbers count from the end."""
    if padding is None:
        return None
    if not -rows <= padding < rows:
        raise TcalcError(
            f"padding_idx must be within the number of embeddings, -{rows} through {rows - 1}, but got {padding}"
        )
    return padding % rows


def _check_offsets(offsets: Tensor, length: int) -> None:
    if offsets.is_meta or not offsets.shape[0]:
        return
    array = offsets.array
    with backend_for(offsets.device).guard():
        fits = bool((array[0] == 0) & (array[-1] <= length))
    if fits:
        return
    first, last = int(array[0]), int(array[-1])
    if first:
        raise TcalcError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, "
            f"got {first}"
        )
    raise TcalcError(f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of {last}")


@op(namespace=NN)
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Launch:
    """Sums, means or maxima of bags of rows of a table.

    >>> F.embedding_bag(tensor([0, 1, 1]), tensor([[1., 2.], [3., 4.]]), tensor([0, 2]))
    tensor([[2., 3.],
            [3., 4.]])
    """
    if weight.dtype is dtypes.int64 and input.dtype.category == FLOAT:
        current().warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` "
            "is deprecated, "
            "and should now be `embedding_bag(input, weight, ...)`."
        )
        input, weight = weight, input
    _check_weights(per_sample_weights, input, mode)
    if mode not in _MODES:
        raise value_error("mode has to be one of sum, mean or max")
    _check_layout(input, weight, offsets)
    if max_norm is not None:
        renormalize_rows(input, weight, max_norm, norm_type)
    bags = _Bags(input, weight, offsets, per_sample_weights, mode, include_last_offset, padding_idx)

    def kernel(xp: Any, out: Any, *arrays: Any) -> Any:
        return bags.reduced(xp, *bags.rows(xp, *arrays))

    return Launch(kernel, bags.operands, (bags.count, weight.shape[1]), weight.dtype)


def _check_layout(input: Tensor, weight: Tensor, offsets: Tensor | None) -> None:
    """Bags are the rows of a matrix, or the stretches of a vector that offsets name."""
    if input.ndim == 2:
        if offsets is not None:
            raise value_error(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
                "sequences. However, found offsets of type <class 'torch.Tensor'>"
            )
    elif input.ndim == 1:
        if offsets is None:
            raise value_error("offsets has to be a 1D Tensor but got None")
        if offsets.ndim != 1:
            raise value_error("offsets has to be a 1D Tensor")
    else:
        raise value_error(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if weight.ndim != 2:
        raise value_error(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim == 2 and not input.shape[1]:
        raise TcalcError("step must be nonzero")


def _check_weights(weights: Tensor | None, input: Tensor, mode: str) -> None:
    if weights is None:
        return
    if weights.shape != input.shape:
        raise value_error(
            f"embedding_bag: If per_sample_weights ({weights.shape}) is not None, then it must have the same shape as "
            f"the input ({input.shape})"
        )
    if mode != "sum":
        raise not_implemented(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}'). Please open a feature request on GitHub."
        )


@op(name="embedding_bag", method=False)
def native_embedding_bag(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[Tensor, ...]:
    """``F.embedding_bag`` with all that its gradient needs.

    ``mode`` is 0 sum, 1 mean, 2 max. The answer has each index's bag, the bags' sizes and what was largest, too.

    >>> torch.embedding_bag(tensor([[1., 2.], [3., 4.]]), tensor([0, 1]), tensor([0]))[0]
    tensor([[4., 6.]])
    """
    if weight.ndim != 2:
        raise TcalcError("'weight' must be 2-D")
    if mode not in (0, 1, 2):
        raise TcalcError(f"mode has to be one of sum, mean or max, got {mode}")
    bags = _Bags(indices, weight, offsets, per_sample_weights, _MODES[mode], include_last_offset, padding_idx)

    def kernel(xp: Any, out: Any, *arrays: Any) -> Any:
        rows, kept, counts = bags.rows(xp, *arrays)
        answer = bags.reduced(xp, rows, kept, counts)
        places = bags.places(xp, *arrays)
        if mode == 0:  # PyTorch counts nothing for sums
            nothing = xp.zeros(shapes[1], xp.int64)
            return answer, places[: shapes[0][0]], nothing, nothing.copy()
        largest = counts.copy() if mode == 1 else _largest(xp, arrays[0].reshape(-1), rows, kept, answer)
        return answer, places, counts, largest

    # Sums have a fast path in PyTorch, which does not say the bags; double precision and padding are not on it.
    quick = mode == 0 and weight.dtype is not float64 and padding_idx is None
    size = 0 if quick else indices.numel()
    counted = bags.count if mode else offsets.shape[0]
    shapes = [(size,), (counted,), (bags.count, weight.shape[1]) if mode == 2 else (counted,)]
    dtype = result_type(indices, offsets)
    outputs = [Spec((bags.count, weight.shape[1]), weight.dtype), *[Spec(shape, dtype) for shape in shapes]]
    answers: tuple[Tensor, ...] = execute(Launch(kernel, bags.operands, outputs=outputs), native_embedding_bag)
    return answers


def _largest(xp: Any, indices: Any, rows: Any, bags: Any, maxima: Any) -> Any:
    """For each bag and column, the index of the first row that has the largest element; 0 for an empty bag."""
    padded = xp.concatenate((maxima, maxima[:1] if len(maxima) else xp.zeros((1, rows.shape[1]), rows.dtype)))
    found = padded[bags]
    same = (rows == found) | (rows != rows)
    places = xp.where(same, xp.arange(len(indices))[:, None], len(indices))
    first = folded(xp, "minimum", places[None], bags[None], len(maxima), len(indices))[0]
    chosen = xp.concatenate((indices, xp.zeros(1, indices.dtype)))
    return chosen[first]


@op(method=False)
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Shrink rows of a table to a largest norm, in place.

    They are those that the indices name.

    >>> embedding_renorm_(tensor([[3., 4.], [6., 8.]]), tensor([0]), 1.0, 2.0)
    tensor([[0.6000, 0.8000],
            [6.0000, 8.0000]])
    """
    check_indices(indices, "embedding_renorm_")
    renormalize_rows(indices, input, max_norm, norm_type)
    return input
