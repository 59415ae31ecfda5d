"""Sums of few elements in the order in which PyTorch adds them on the CPU, so that the last digit is the same.

PyTorch adds in registers of 32 bytes, four side by side, and keeps a partial sum for every sixteen terms, for every
sixteen of these, and so on. What a register's width does not divide is added one by one. Which way a tensor is taken
follows from its strides: its dimensions are put in the order of memory, the summed ones first. From ``MOST`` elements
on, PyTorch shares the work among threads, in an order that depends on the machine.
"""

from __future__ import annotations

from tcalc.engine.backend import numpy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

np = numpy()

MOST = 32768
WAYS = 4  # registers, or columns, that are filled side by side
GROUP = 16  # terms of a partial sum
LEVELS = 4  # partial sums of partial sums
_REGISTER = 32  # bytes
_SMALL = 512  # elements of which the partial sums on the way cost nothing


class _Axis:
    """Neighbouring dimensions that are one in memory: the fastest dimension comes first."""

    __slots__ = ("dims", "is_summed", "size", "step")

    def __init__(self, dim: int, size: int, step: int, is_summed: bool) -> None:
        self.dims = [dim]
        self.size = size
        self.step = step
        self.is_summed = is_summed


def ordered_sum(array: Any, dims: Sequence[int]) -> Any | None:
    """The sum of a NumPy array over ``dims``; None where an order is not known."""
    if len(dims) == array.ndim and array.flags.c_contiguous and array.size:
        return _of_columns(array.reshape(-1, 1, 1), 1, 0).reshape(())
    axes = _axes(array, dims)
    if any(axis.step <= 0 for axis in axes) or not array.size:
        return None
    shape = [size for dim, size in enumerate(array.shape) if dim not in dims]
    if not axes or not axes[0].is_summed:
        return (array + array.dtype.type(0)).reshape(shape)
    first, rows = axes[:1], [axis for axis in axes[1:] if axis.is_summed]
    columns = [axis for axis in axes if not axis.is_summed]
    # Either rows whose sums are added to each other, or columns beside each other; the other dimensions are all alike.
    beside, alike = (rows, columns) if rows else (columns[:1], columns[1:])
    order = [dim for part in (first, beside, alike) for axis in reversed(part) for dim in reversed(axis.dims)]
    order += [dim for dim in range(array.ndim) if dim not in order]
    table = array.transpose(order).reshape(first[0].size, _count(beside), _count(alike))
    second = axes[1].step if len(axes) > 1 else 0
    sums = _of_columns(table, first[0].step // array.itemsize, second // array.itemsize)
    # What is kept lies from the slowest dimension to the fastest, which is the one of the columns.
    return (_one_by_one(sums) if rows else sums.T).reshape(shape)


def _axes(array: Any, dims: Sequence[int]) -> list[_Axis]:
    """The dimensions in PyTorch's order: the summed ones by their steps, the others from the last to the first."""
    every = [
        _Axis(dim, array.shape[dim], array.strides[dim], dim in dims)
        for dim in reversed(range(array.ndim))
        if array.shape[dim] > 1
    ]
    summed = sorted((axis for axis in every if axis.is_summed), key=lambda axis: axis.step)
    merged: list[_Axis] = []
    for axis in [*summed, *(axis for axis in every if not axis.is_summed)]:
        last = merged[-1] if merged else None
        if last is not None and last.is_summed == axis.is_summed and last.size * last.step == axis.step:
            last.size *= axis.size
            last.dims += axis.dims
        else:
            merged.append(axis)
    return merged


def _count(axes: list[_Axis]) -> int:
    count = 1
    for axis in axes:
        count *= axis.size
    return count


def _of_columns(table: Any, step: int, beside: int) -> Any:
    """The sum of each column of a table ``[terms, columns, alike]``.

    ``step`` and ``beside`` are the elements from a term to the next and from a column to the next in memory.
    """
    terms, columns, alike = table.shape
    lanes = _REGISTER // table.itemsize
    if step == 1 and terms >= lanes:
        return _in_registers(table.reshape(terms, columns * alike), lanes).reshape(columns, alike)
    if beside == 1 and columns >= lanes:
        together = columns // (WAYS * lanes) * (WAYS * lanes)
    elif step < beside:
        together = 0
    else:
        together = columns // WAYS * WAYS
    if not together:
        return _four_ways(table.reshape(terms, columns * alike)).reshape(columns, alike)
    left = table[:, :together].reshape(terms, together * alike)
    right = table[:, together:].reshape(terms, (columns - together) * alike)
    return np.concatenate([_levels(left), _four_ways(right)]).reshape(columns, alike)


def _in_registers(terms: Any, lanes: int) -> Any:
    """Sums of rows that lie in order: in registers, then what is left over, then the lanes of the register."""
    count, width = len(terms) // lanes, terms.shape[1]
    register = _four_ways(terms[: count * lanes].reshape(count, lanes * width)).reshape(lanes, width)
    return _one_by_one(np.concatenate([terms[count * lanes :], register]))


def _four_ways(terms: Any) -> Any:
    """Sums over the first dimension, of every fourth term each; what is left over goes to the first of the four."""
    count, width = len(terms) // WAYS, terms.shape[1]
    if not count:
        return _one_by_one(terms)
    ways = _levels(terms[: count * WAYS].reshape(count, WAYS * width)).reshape(WAYS, width)
    if count * WAYS == len(terms):
        return _one_by_one(ways)
    return _one_by_one(np.concatenate([ways[:1], terms[count * WAYS :], ways[1:]]))


def _levels(terms: Any) -> Any:
    """Sums over the first dimension by groups, groups of groups, and so on."""
    parts, width = [], terms.shape[1]
    for _ in range(LEVELS - 1):
        if len(terms) < GROUP:
            break
        whole = len(terms) // GROUP * GROUP
        if whole < len(terms):
            parts.append(_one_by_one(terms[whole:]))
        terms = _one_by_one(terms[:whole].reshape(whole // GROUP, GROUP, width).swapaxes(0, 1))
    parts.append(_one_by_one(terms))
    return parts[0] if len(parts) == 1 else _one_by_one(np.stack(parts))


def _one_by_one(terms: Any) -> Any:
    """The sum over the first dimension, from zero and the first term to the last."""
    if not len(terms):
        return np.zeros(terms.shape[1:], terms.dtype)
    zero = terms.dtype.type(0)
    if terms.size < _SMALL:
        return np.add.accumulate(terms, 0)[-1] + zero
    total = terms[0] + zero
    for term in terms[1:]:
        total += term
    return total


def lane_sum(terms: Any) -> Any:
    """The sum along the last dimension, which is kept, in the lanes of one register of 64 bytes, added pair by pair."""
    lanes = 2 * _REGISTER // terms.itemsize
    length = terms.shape[-1]
    if length < lanes:
        return _one_by_one(np.moveaxis(terms, -1, 0))[..., None]
    whole = length // lanes * lanes
    register = _one_by_one(np.moveaxis(terms[..., :whole].reshape(*terms.shape[:-1], -1, lanes), -2, 0)).copy()
    register[..., : length - whole] += terms[..., whole:]
    while register.shape[-1] > 1:
        half = register.shape[-1] // 2
        register = register[..., :half] + register[..., half:]
    return register
