"""The order in which PyTorch's refusals list the keywords of a call.

They come out of an ``std::unordered_map`` of GCC's library: its order follows from the hashes of the names (a
MurmurHash over 64 bits) and from the order in which they were given. Refusals alone need it.
"""

from __future__ import annotations

from collections.abc import Iterable

_MASK = (1 << 64) - 1
_MULTIPLIER = 0xC6A4A793_5BD1E995
_SEED = 0xC70F6907
_BUCKETS = 13  # the least that such a map has; no refused call has more keywords


def listed(keywords: Iterable[str]) -> list[str]:
    """The keywords as the map lists them.

    A new one comes first, except where another one has its bucket: then it comes just before the first of that bucket.
    """
    order: list[tuple[int, str]] = []
    for keyword in keywords:
        bucket = _hash(keyword.encode()) % _BUCKETS
        place = next((at for at, (other, _) in enumerate(order) if other == bucket), 0)
        order.insert(place, (bucket, keyword))
    return [keyword for _, keyword in order]


def _hash(text: bytes) -> int:
    whole = len(text) & ~7
    value = _SEED ^ (len(text) * _MULTIPLIER & _MASK)
    for at in range(0, whole, 8):
        word = int.from_bytes(text[at : at + 8], "little")
        value = (value ^ _times(_mixed(_times(word)))) * _MULTIPLIER & _MASK
    if whole < len(text):
        value = _times(value ^ int.from_bytes(text[whole:], "little"))
    return _mixed(_times(_mixed(value)))


def _times(value: int) -> int:
    return value * _MULTIPLIER & _MASK


def _mixed(value: int) -> int:
    return value ^ value >> 47
