"""Refusals before memory is taken: what Python itself would try to build, however large."""

from __future__ import annotations

from itertools import islice
from math import log2

from tcalc.engine.state import current, human_bytes
from tcalc.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

# Bits that nobody need ask about; what is allowed at most is the meter's to say.
_FEW_BITS = 1 << 12
# A product within these bounds needs no closer look.
LARGEST = 1 << 256
SMALLEST = -LARGEST

# Bytes that one item of a Python list or tuple is reckoned to take, the item included.
ITEM_BYTES = 40
POINTER_BYTES = 8
_CHUNK = 1 << 16
# Sequences shorter than this are handed to Python's own loops, which cannot be interrupted.
_SHORT = 1 << 20
_DEEPEST_KEY = 1000
_HELD = frozenset((list, tuple, dict, set, frozenset, str, bytes, bytearray))


def allocate(nbytes: int, what: str) -> None:
    """Refuse a value of that size when the memory is not there."""
    current().meter.allocate(nbytes, what)


def check_bits(bits: int, what: str) -> None:
    """Refuse an integer of more bits than any program can use."""
    most = current().meter.max_bits
    if bits > most:
        raise LimitError(
            f"{what} is too large: it would have about {bits * 30103 // 100000} digits ({human_bytes(bits // 8)}), "
            f"the limit is {most * 30103 // 100000} digits"
        )


def multiply(first: Any, second: Any) -> Any:
    """The product of two numbers."""
    product = first * second
    check_product(product)
    return product


def check_product(product: Any) -> None:
    """Refuse a product of more bits than any program can use: the next one could take all memory."""
    if type(product) is int:
        check_bits(product.bit_length(), "the product")


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` of two numbers."""
    if type(exponent) is int and exponent > 1 and type(base) is int and base.bit_length() * exponent > _FEW_BITS:
        bits = 0 if -2 < base < 2 else int(log2(abs(base)) * min(exponent, 1 << 62))
        check_bits(bits, f"{shown(base)} ** {shown(exponent)}")
    return base**exponent


def shift_left(value: Any, count: Any) -> Any:
    """``value << count`` of two integers."""
    if type(count) is int and count > 64 and isinstance(value, int) and value:
        check_bits(value.bit_length() + count, f"{shown(value)} << {shown(count)}")
    return value << count


def shown(number: int) -> str:
    """An integer for a message, shortened when it is long."""
    if number.bit_length() <= 128:
        return str(number)
    return f"(an integer of {number.bit_length()} bits)"


def repeat(sequence: Any, count: Any) -> Any:
    """``sequence * count`` for Python's sequences."""
    size = len(sequence) * int(count)
    if size > _CHUNK:
        allocate(size * item_bytes(sequence), f"a {type(sequence).__name__} of {size} items")
    return sequence * count


def concatenate(first: Any, second: Any) -> Any:
    """``first + second`` for Python's sequences."""
    size = len(first) + len(second)
    if size > _SHORT:
        allocate(size * item_bytes(first), f"a {type(first).__name__} of {size} items")
    return first + second


def item_bytes(sequence: Any) -> int:
    """What one more item takes where it is only pointed at, or less than that in text and bytes."""
    return 1 if isinstance(sequence, (str, bytes, bytearray)) else POINTER_BYTES


def check_key(key: Any) -> None:
    """Refuse a tower of tuples as a key: Python hashes one level within another until the machine's stack is full."""
    if not isinstance(key, tuple):
        return
    level: list[Any] = [key]
    for _ in range(_DEEPEST_KEY):
        level = [item for part in level for item in part if isinstance(item, tuple)]
        if not level:
            return
    raise RecursionError


def check_keys(values: Any) -> None:
    """The same for everything that a container is about to become a key of another."""
    if isinstance(values, (list, tuple)):
        for value in values:
            check_key(value)


def counted(values: Iterable[Any]) -> Iterable[Any]:
    """``values``, for a loop of Python's own that could otherwise run on uninterrupted and uncounted."""
    if type(values) in _HELD or (type(values) is range and len(values) < _SHORT):
        return values
    return _stepping([values])


def _stepping(held: list[Iterable[Any]]) -> Iterator[Any]:
    # The values come in a list: Python takes a tower of lists apart without recursion, and one of iterators with.
    step = current().meter.step
    for value in held[0]:
        step()
        yield value


def collect(values: Iterable[Any]) -> list[Any]:
    """A list of what there is, growing only as far as memory allows."""
    meter = current().meter
    if type(values) in _HELD:
        meter.allocate(len(values) * POINTER_BYTES, f"a list of {len(values)} items")  # type: ignore[arg-type]
        return list(values)
    if type(values) is range:
        meter.allocate(len(values) * ITEM_BYTES, f"a list of {len(values)} items")
    iterator = iter(values)
    result: list[Any] = []
    while True:
        chunk = list(islice(iterator, _CHUNK))
        result += chunk
        if len(chunk) < _CHUNK:
            return result
        meter.steps += _CHUNK - 1
        meter.step()
        meter.allocate(len(result) * ITEM_BYTES, f"a list of more than {len(result)} items")


def round_whole(value: int, digits: int) -> int:
    """``round(value, digits)`` of an integer: Python builds the power of ten, however far beyond the value it is."""
    return 0 if digits < -value.bit_length() else round(value, digits)


def check_growth(size: int) -> None:
    """Called when a list has grown by one; asks about memory now and then."""
    if size & 0xFFFFF == 0 and size:
        allocate(size * ITEM_BYTES, f"a list of {size} items")


def step() -> None:
    """Count one turn of a loop that runs inside a builtin."""
    current().meter.step()
