"""In which order several operands of ``einsum`` are multiplied: two at a time, the cheapest way first.

The order comes from NumPy's search, which needs the shapes alone: every order of a few operands, the best next step of
many.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import numpy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Labels = Sequence[int]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Up to so many operands every order is looked at; there are 180 orders of five.
_FEW = 5


def steps(inputs: Sequence[Labels], shapes: Sequence[Sequence[int]], answer: Labels) -> list[tuple[int, ...]]:
    """Places in the list of operands: those are taken out, and their product is appended."""
    every = [tuple(range(len(inputs)))]
    labels = sorted({label for labels in inputs for label in labels})
    if len(inputs) < 3 or len(labels) > len(_LETTERS) or not all(map(prod, shapes)):
        return every
    letters = dict(zip(labels, _LETTERS, strict=False))
    sides = [*inputs, answer]
    *left, right = ("".join(letters[label] for label in side) for side in sides)
    np = numpy()
    operands = [np.broadcast_to(0.0, shape) for shape in shapes]  # of these shapes, and of no memory
    search = "optimal" if len(inputs) <= _FEW else "greedy"
    found: list[tuple[int, ...]] = np.einsum_path(f"{','.join(left)}->{right}", *operands, optimize=search)[0][1:]
    return found


def largest_product(inputs: Sequence[Labels], answer: Labels, sizes: dict[int, int], order: list[tuple]) -> int:
    """How many elements the largest product on the way has."""
    largest = 0
    pending = [set(labels) for labels in inputs]
    for places in order:
        group = [pending.pop(place) for place in sorted(places, reverse=True)][::-1]
        joined = group[0]
        for number, labels in enumerate(group[1:], 2):
            later: set[int] = set().union(*group[number:], *pending, answer)
            joined = (joined | labels) & later
            largest = max(largest, prod(sizes[label] for label in joined))
        pending.append(joined)
    return largest
