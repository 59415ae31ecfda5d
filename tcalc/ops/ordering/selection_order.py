"""Which of several equal elements a selection or an unstable sort names first.

``topk``, ``kthvalue`` and ``mode`` name one index of a value that may occur often, and ``sort`` orders the indices of
equal elements. PyTorch's choice on the CPU follows from the algorithms it runs: those of the C++ standard library that
it is built with, and quickselect with a median of three. They are replayed here on ranks, and only for rows in which
equal elements leave a choice.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

REPLAYED = 60_000  # elements: beyond, equal elements keep their order
INSERTION = 16  # a range this short is sorted by insertion, which keeps the order of equal elements


class Items:
    """The places of a row in the order of a running algorithm; compared by rank."""

    __slots__ = ("places", "rank")

    def __init__(self, rank: Sequence[int]) -> None:
        self.rank = rank
        self.places = list(range(len(rank)))

    def before(self, first: int, second: int) -> bool:
        return self.rank[self.places[first]] < self.rank[self.places[second]]

    def swap(self, first: int, second: int) -> None:
        places = self.places
        places[first], places[second] = places[second], places[first]

    def sort_stably(self, first: int, last: int) -> None:
        self.places[first:last] = sorted(self.places[first:last], key=self.rank.__getitem__)


def nth_element(items: Items, nth: int) -> None:
    """Put the element of rank ``nth`` in its place, smaller ones before it and larger ones behind."""
    first, last = 0, len(items.places)
    depth = 2 * (last.bit_length() - 1)
    while last - first > 3:
        if depth == 0:
            _heap_select(items, first, nth + 1, last)
            items.swap(first, nth)
            return
        depth -= 1
        cut = _partition(items, first, last)
        if cut <= nth:
            first = cut
        else:
            last = cut
    items.sort_stably(first, last)


def sort(items: Items, first: int, last: int) -> None:
    """Sort a range; equal elements may change places."""
    if last - first > 1:
        _introsort(items, first, last, 2 * ((last - first).bit_length() - 1))
        items.sort_stably(first, last)


def _introsort(items: Items, first: int, last: int, depth: int) -> None:
    while last - first > INSERTION:
        if depth == 0:
            partial_sort(items, first, last, last)
            return
        depth -= 1
        cut = _partition(items, first, last)
        _introsort(items, cut, last, depth)
        last = cut


def _partition(items: Items, first: int, last: int) -> int:
    """Split around the median of three, which is moved to the front."""
    _median_to_front(items, first, first + 1, first + (last - first) // 2, last - 1)
    left, right = first + 1, last
    while True:
        while items.before(left, first):
            left += 1
        right -= 1
        while items.before(first, right):
            right -= 1
        if left >= right:
            return left
        items.swap(left, right)
        left += 1


def _median_to_front(items: Items, front: int, a: int, b: int, c: int) -> None:
    if items.before(a, b):
        median = b if items.before(b, c) else c if items.before(a, c) else a
    else:
        median = a if items.before(a, c) else c if items.before(b, c) else b
    items.swap(front, median)


def partial_sort(items: Items, first: int, middle: int, last: int) -> None:
    """Sort the smallest elements of a range into its beginning, by a heap."""
    _heap_select(items, first, middle, last)
    for end in range(middle - 1, first, -1):
        place = items.places[end]
        items.places[end] = items.places[first]
        _sift(items, first, 0, end - first, place)


def _heap_select(items: Items, first: int, middle: int, last: int) -> None:
    length = middle - first
    for parent in range((length - 2) // 2, -1, -1):
        _sift(items, first, parent, length, items.places[first + parent])
    for position in range(middle, last):
        if items.before(position, first):
            place = items.places[position]
            items.places[position] = items.places[first]
            _sift(items, first, 0, length, place)


def _sift(items: Items, first: int, hole: int, length: int, place: int) -> None:
    """Sink a hole to the bottom of the heap, then let ``place`` rise from there."""
    places, rank = items.places, items.rank
    top = hole
    child = hole
    while child < (length - 1) // 2:
        child = 2 * child + 2
        if items.before(first + child, first + child - 1):
            child -= 1
        places[first + hole] = places[first + child]
        hole = child
    if length % 2 == 0 and child == (length - 2) // 2:
        child = 2 * child + 1
        places[first + hole] = places[first + child]
        hole = child
    while hole > top:
        parent = (hole - 1) // 2
        if rank[places[first + parent]] >= rank[place]:
            break
        places[first + hole] = places[first + parent]
        hole = parent
    places[first + hole] = place


def quickselect(items: Items, nth: int) -> None:
    """Hoare's selection with a median of three, as ``kthvalue`` runs it."""
    left, right = 0, len(items.places) - 1
    while right > left + 1:
        _order_three(items, left, right)
        low, high = left + 1, right
        while True:
            low += 1
            while items.before(low, left):
                low += 1
            high -= 1
            while items.before(left, high):
                high -= 1
            if high < low:
                break
            items.swap(low, high)
        items.swap(left, high)
        if high <= nth:
            left = low
        if high >= nth:
            right = high - 1
    if right == left + 1 and items.before(right, left):
        items.swap(left, right)


def _order_three(items: Items, left: int, right: int) -> None:
    """The median of the first, middle and last element to the front, the smallest behind it, the largest last."""
    items.swap(left + (right - left) // 2, left + 1)
    for low, high in ((left + 1, right), (left, right), (left + 1, left)):
        if items.before(high, low):
            items.swap(low, high)


# ---------------------------------------------------------------- what the operations ask


def top(rank: Sequence[int], count: int, in_order: bool) -> list[int]:
    """The places that ``topk`` names; the largest has rank 0."""
    items = Items(rank)
    if count * 64 <= len(rank):
        partial_sort(items, 0, count, len(rank))
    else:
        nth_element(items, count - 1)
        if in_order:
            sort(items, 0, count - 1)
    return items.places[:count]


def whole(rank: Sequence[int]) -> list[int]:
    """The places in the order of an unstable sort."""
    items = Items(rank)
    sort(items, 0, len(rank))
    return items.places


def kth(rank: Sequence[int], nth: int) -> list[int]:
    items = Items(rank)
    quickselect(items, nth)
    return [items.places[nth]]


def choose_among_equals(
    xp: Any,
    array: Any,
    order: Any,
    first: int,
    last: int,
    replay: Callable[[Sequence[int]], list[int]],
    always: bool = False,
) -> Any:
    """``order[..., first:last]`` of rows sorted by ``order``, with PyTorch's choice among equal elements.

    ``always`` replays rows without a choice too, for the order in which an algorithm leaves them.
    """
    chosen = order[..., first:last].copy()
    if xp.__name__ != "numpy" or array.size > REPLAYED or first == last:
        return chosen
    ordered = xp.take_along_axis(array, order, -1)
    same = ordered[..., 1:] == ordered[..., :-1]
    if array.dtype.kind == "f":
        missing = xp.isnan(ordered)
        same |= missing[..., 1:] & missing[..., :-1]
    # A choice exists where a wanted element equals a neighbour, wanted or not.
    open_rows = same[..., max(first - 1, 0) : last].any(axis=-1) | always
    ranks = xp.zeros(order.shape, xp.int64)
    xp.put_along_axis(ranks, order, xp.cumsum(_first_zero(xp, ~same, order.shape), axis=-1), -1)
    for row in zip(*xp.nonzero(xp.atleast_1d(open_rows)), strict=True):
        place = row if array.ndim > 1 else ()
        chosen[place] = replay(ranks[place].tolist())
    return chosen


def _first_zero(xp: Any, steps: Any, shape: tuple[int, ...]) -> Any:
    """Steps between neighbours as a row that begins with no step."""
    full = xp.zeros(shape, xp.int64)
    full[..., 1:] = steps
    return full
