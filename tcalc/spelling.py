"""Did you mean …? One place that measures how far apart two names are."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def distance(first: str, second: str, limit: int) -> int:
    """The Damerau-Levenshtein distance (adjacent letters may swap), or ``limit + 1`` where it is larger."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        above, row = row, [i]
        for j, other in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before = above
    return row[-1]


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` was most likely meant to be, or None where none is near."""
    limit = 1 if len(name) <= 4 else 2
    best, best_distance = None, limit + 1
    for candidate in candidates:
        if len(name) < 2:
            break
        found = distance(name.lower(), candidate.lower(), limit)
        if found < best_distance and found < max(len(name), len(candidate)):
            best, best_distance = candidate, found
    return best
