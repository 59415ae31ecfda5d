"""Einstein's summation: products of operands, summed over the subscripts that the answer does not name.

An equation is read into one list of labels for each operand and one for the answer (labels are ints; the
dimensions under an ellipsis get labels of their own). Operands are then multiplied two at a time, in the order
that costs least, each pair as one batched matrix product.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import BOOL, INTEGER, int64
from tcalc.engine.promotion import result_type
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg import contraction_order
from tcalc.ops.linalg.matmul import product, refuse_uncountable
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType

    Labels = list[int]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ELLIPSIS = -1


class _Equation:
    """Labels for each operand and for the answer, and the size that each label stands for."""

    __slots__ = ("answer", "inputs", "sizes")

    def __init__(self, inputs: list[Labels], answer: Labels, sizes: dict[int, int]) -> None:
        self.inputs = inputs
        self.answer = answer
        self.sizes = sizes


# ---------------------------------------------------------------- reading


def _read_subscripts(text: str, where: str, offset: int) -> Labels:
    """One operand's part of the equation as labels."""
    labels: Labels = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == ".":
            if _ELLIPSIS in labels:
                raise TcalcError(f"einsum(): found '.' for {where} for which an ellipsis was already found")
            if text[position : position + 3] != "...":
                raise TcalcError(f"einsum(): found '.' for {where} that is not part of any ellipsis{_shown(where)}")
            labels.append(_ELLIPSIS)
            position += 2
        elif letter in _LETTERS:
            labels.append(_LETTERS.index(letter))
        elif letter != " ":
            raise TcalcError(
                f"einsum(): invalid subscript given at index {offset + position} in the equation string, subscripts "
                f"must "
                "be in [a-zA-Z]"
            )
        position += 1
    return labels


def _shown(where: str) -> str:
    return " (...)" if where == "output" else ""


def _read_equation(equation: str) -> tuple[list[Labels], Labels | None]:
    left, arrow, right = equation.partition("->")
    inputs = []
    offset = 0
    for number, part in enumerate(left.split(",")):
        inputs.append(_read_subscripts(part, f"operand {number}", offset))
        offset += len(part) + 1
    answer = _read_subscripts(right, "output", len(left) + 2) if arrow else None
    return inputs, answer


def _read_lists(args: Sequence[Any]) -> tuple[list[Labels], Labels | None, list[Tensor]]:
    """The form with lists of numbers: ``einsum(a, [0, 1], b, [1, 2], [0, 2])``."""
    inputs, operands = [], []
    for position in range(0, len(args) - 1, 2):
        operands.append(args[position])
        inputs.append(_list_labels(args[position + 1]))
    answer = _list_labels(args[-1]) if len(args) % 2 else None
    return inputs, answer, operands


def _list_labels(subscripts: Any) -> Labels:
    if not isinstance(subscripts, (list, tuple)):
        raise type_error(f"'{type(subscripts).__name__}' object is not iterable")
    return [_list_label(item) for item in subscripts]


def _list_label(item: Any) -> int:
    if item is Ellipsis:
        return _ELLIPSIS
    if not isinstance(item, int) or not 0 <= item < len(_LETTERS):
        raise value_error(
            f"einsum(): subscript {item} in the subscripts list is not within the valid range [0, {len(_LETTERS)})"
        )
    return item


# ---------------------------------------------------------------- checking


def _resolve(inputs: list[Labels], answer: Labels | None, operands: Sequence[Tensor]) -> _Equation:
    if len(operands) < len(inputs):
        raise TcalcError("einsum(): fewer operands were provided than specified in the equation")
    if len(operands) > len(inputs):
        raise TcalcError("einsum(): more operands were provided than specified in the equation")
    covered = [
        _covered_dimensions(labels, operand, number)
        for number, (labels, operand) in enumerate(zip(inputs, operands, strict=True))
    ]
    # Labels of the dimensions under an ellipsis are negative, aligned at the last one.
    dots = [-2 - position for position in reversed(range(max(covered, default=0)))]
    full = [_expanded(labels, dots[len(dots) - count :]) for labels, count in zip(inputs, covered, strict=True)]
    sizes = _label_sizes(full, operands)
    return _Equation(full, _answer_labels(answer, inputs, full, dots), sizes)


def _covered_dimensions(labels: Labels, operand: Tensor, number: int) -> int:
    named = len(labels) - (_ELLIPSIS in labels)
    if _ELLIPSIS in labels:
        if named > operand.ndim:
            raise TcalcError(
                f"einsum(): the number of subscripts in the equation ({named}) is more than the number of dimensions "
                f"({operand.ndim}) for operand {number}"
            )
        return operand.ndim - named
    if named != operand.ndim:
        raise TcalcError(
            f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions "
            f"({operand.ndim}) for operand {number} and no ellipsis was given"
        )
    return 0


def _expanded(labels: Labels, dots: Labels) -> Labels:
    if _ELLIPSIS not in labels:
        return labels
    at = labels.index(_ELLIPSIS)
    return labels[:at] + dots + labels[at + 1 :]


def _label_sizes(inputs: list[Labels], operands: Sequence[Tensor]) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for number, (labels, operand) in enumerate(zip(inputs, operands, strict=True)):
        own: dict[int, int] = {}
        for label, size in zip(labels, operand.shape, strict=True):
            if own.setdefault(label, size) != size:
                raise TcalcError(
                    f"einsum(): subscript {_letter(label)} is repeated for operand {number} but the sizes don't match, "
                    f"{size} != {own[label]}"
                )
        for label, size in own.items():
            seen = sizes.get(label, 1)
            if size not in (1, seen) and seen != 1:
                raise _does_not_broadcast(label, size, seen, number, labels)
            sizes[label] = max(seen, size) if size else 0
    return sizes


def _does_not_broadcast(label: int, size: int, seen: int, number: int, labels: Labels) -> TcalcError:
    if label < 0:
        place = [item for item in labels if item < 0].index(label)
        return TcalcError(
            f"einsum(): dimension {place} covered by ellipsis in operand {number}has size {size} which does not "
            f"broadcast "
            f"with previously seen ellipsis with size {seen} for the respective dimension"
        )
    return TcalcError(
        f"einsum(): subscript {_letter(label)} has size {size} for operand {number} which does not broadcast with "
        f"previously "
        f"seen size {seen}"
    )


def _letter(label: int) -> str:
    return _LETTERS[label]


def _answer_labels(answer: Labels | None, inputs: list[Labels], full: list[Labels], dots: Labels) -> Labels:
    seen = [label for labels in full for label in labels]
    if answer is None:
        return dots + sorted({label for label in seen if label >= 0 and seen.count(label) == 1})
    for position, label in enumerate(answer):
        if label == _ELLIPSIS:
            continue
        if label in answer[:position]:
            raise TcalcError(f"einsum(): output subscript {_letter(label)} appears more than once in the output")
        if label not in seen:
            raise TcalcError(
                f"einsum(): output subscript {_letter(label)} does not appear in the equation for any input operand"
            )
    return _expanded(answer, dots)


# ---------------------------------------------------------------- computing


def _diagonal_view(operand: Tensor, labels: Labels) -> tuple[Tensor, Labels]:
    """A repeated label walks the diagonal: a view whose stride is the sum of the repeated ones."""
    distinct = list(dict.fromkeys(labels))
    if len(distinct) == len(labels):
        return operand, labels
    shape = [operand.shape[labels.index(label)] for label in distinct]
    stride = [
        sum(step for other, step in zip(labels, operand.stride, strict=True) if other == label) for label in distinct
    ]
    return operand.as_view(shape, stride), distinct


def _contract(
    xp: Any, first: Any, labels: Labels, second: Any, other_labels: Labels, kept: set[int]
) -> tuple[Any, Labels]:
    """The product of two arrays, summed over the labels that nothing needs later."""
    first, labels, second, other_labels = _prepared(first, labels, second, other_labels, kept)
    shared = [label for label in labels if label in other_labels]
    batch = [label for label in shared if label in kept]
    summed = [label for label in shared if label not in kept]
    rows = [label for label in labels if label not in shared]
    columns = [label for label in other_labels if label not in shared]
    left = first.transpose([labels.index(label) for label in batch + rows + summed])
    right = second.transpose([other_labels.index(label) for label in batch + summed + columns])
    cuts = len(batch), len(batch) + len(rows), len(batch) + len(summed)
    shape = left.shape[: cuts[1]] + right.shape[cuts[2] :]
    if not summed:
        left = left.reshape(left.shape + (1,) * len(columns))
        right = right.reshape(right.shape[: len(batch)] + (1,) * len(rows) + right.shape[len(batch) :])
        return left * right, batch + rows + columns
    depth = prod(left.shape[cuts[1] :])
    left = left.reshape((*left.shape[: cuts[0]], prod(left.shape[cuts[0] : cuts[1]]), depth))
    right = right.reshape((*right.shape[: cuts[0]], depth, prod(right.shape[cuts[2] :])))
    return product(xp, None, left, right).reshape(shape), batch + rows + columns


def _prepared(first: Any, labels: Labels, second: Any, other_labels: Labels, kept: set[int]) -> tuple:
    """Sum what only one of the two has; drop a size of 1 that the other would stretch."""
    for label in set(labels + other_labels):
        mine, theirs = label in labels, label in other_labels
        if mine and theirs:
            size = first.shape[labels.index(label)]
            other_size = second.shape[other_labels.index(label)]
            if size == other_size:
                continue
            if size == 1:
                first, labels = _summed(first, labels, label)
            else:
                second, other_labels = _summed(second, other_labels, label)
            mine, theirs = label in labels, label in other_labels
        if label not in kept and mine:
            first, labels = _summed(first, labels, label)
        elif label not in kept and theirs:
            second, other_labels = _summed(second, other_labels, label)
    return first, labels, second, other_labels


def _summed(array: Any, labels: Labels, label: int) -> tuple[Any, Labels]:
    at = labels.index(label)
    return array.sum(at, dtype=array.dtype), labels[:at] + labels[at + 1 :]


def _multiplied(xp: Any, pending: list[tuple[Any, Labels]], order: list[tuple], answer: Labels) -> tuple[Any, Labels]:
    """The product of all operands, in an order; what only the answer needs is still there."""
    for places in order:
        group = [pending.pop(place) for place in sorted(places, reverse=True)][::-1]
        result, labels = group[0]
        for number, (array, other_labels) in enumerate(group[1:], 2):
            later = {label for _, labels_of in group[number:] + pending for label in labels_of}
            result, labels = _contract(xp, result, labels, array, other_labels, later | set(answer))
        pending.append((result, labels))
    return pending[0]


def _launch(equation: _Equation, operands: Sequence[Tensor], dtype: DType) -> Launch:
    shape = [equation.sizes[label] for label in equation.answer]

    def kernel(xp: Any, out: Any, *arrays: Any) -> Any:
        order = contraction_order.steps(equation.inputs, [array.shape for array in arrays], equation.answer)
        largest = contraction_order.largest_product(equation.inputs, equation.answer, equation.sizes, order)
        current().meter.allocate(largest * dtype.computed_as.itemsize, "a product on the way to the result")
        result, labels = _multiplied(xp, list(zip(arrays, equation.inputs, strict=True)), order, equation.answer)
        for label in [label for label in labels if label not in equation.answer]:
            result, labels = _summed(result, labels, label)
        return result.transpose([labels.index(label) for label in equation.answer])

    return Launch(kernel, operands, shape, dtype, compute=dtype.computed_as)


def _contracts(equation: _Equation) -> bool:
    """Whether some label of two operands is summed: then PyTorch multiplies matrices, and types must match."""
    return any(
        label not in equation.answer and equation.sizes[label] != 1 and sum(label in o for o in equation.inputs) > 1
        for label in equation.sizes
    )


def _result_dtype(equation: _Equation, operands: Sequence[Tensor]) -> DType:
    if len(operands) > 1 and _contracts(equation):
        first = operands[0].dtype
        for operand in operands[1:]:
            if operand.dtype is not first:
                raise TcalcError(f"expected scalar type {first.scalar_name} but found {operand.dtype.scalar_name}")
        refuse_uncountable(first, "bmm")
        return first
    dtype = result_type(*operands)
    sums = any(label not in equation.answer for label in equation.sizes)
    return int64 if sums and dtype.category in (BOOL, INTEGER) else dtype


@op
def einsum(equation: Any, *operands: Any) -> Any:
    """Sums of products in Einstein's notation.

    Subscripts that the answer does not name are summed.

    >>> einsum("ij,j->i", tensor([[1, 2], [3, 4]]), tensor([5, 6]))
    tensor([17, 39])
    >>> einsum("ii", tensor([[1, 2], [3, 4]]))
    tensor(5)
    >>> einsum("i,j", tensor([1, 2]), tensor([1, 10]))
    tensor([[ 1, 10],
            [ 2, 20]])
    """
    from tcalc.ops.binding import to_tensor

    if not operands:
        raise value_error(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts "
            "list"
        )
    if isinstance(equation, str):
        inputs, answer = _read_equation(equation)
        listed = operands[0] if len(operands) == 1 and _is_operand_list(operands[0]) else operands
        tensors = [to_tensor(operand) for operand in listed]
    else:
        inputs, answer, tensors = _read_lists([equation, *operands])
        tensors = [to_tensor(operand) for operand in tensors]
    for position, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise TcalcError(f"einsum(): operand {position} is not a tensor", "TypeError")
    return _evaluate(_resolve(inputs, answer, tensors), tensors)


def _is_operand_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(item, Tensor) for item in value)


def _evaluate(resolved: _Equation, tensors: list[Tensor]) -> Any:
    viewed = []
    for number, tensor in enumerate(tensors):
        view, resolved.inputs[number] = _diagonal_view(tensor, resolved.inputs[number])
        viewed.append(view)
    labels = resolved.inputs[0]
    if len(viewed) == 1 and len(labels) == len(resolved.answer):
        order = [labels.index(label) for label in resolved.answer]
        return viewed[0].as_view([viewed[0].shape[at] for at in order], [viewed[0].stride[at] for at in order])
    return _launch(resolved, viewed, _result_dtype(resolved, viewed))
