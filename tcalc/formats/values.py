"""The numbers behind a value of the language, as an array that a format can write."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def array_of(value: object) -> Any:
    """The NumPy array behind a tensor or an array of the language; None for any other value."""
    host_array = getattr(type(value), "host_array", None)
    if host_array is not None:
        return host_array(value)
    if hasattr(type(value), "__array_interface__") and hasattr(value, "ndim"):
        return value
    return None


def rectangle(value: list) -> Any:
    """The array of a list whose leaves are numbers in rows of one length."""
    if not value or not all(isinstance(item, (bool, int, float, complex, list)) for item in value):
        return None
    import numpy as np

    try:
        array = np.array(value)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "biufc" else None


def one_array(value: object) -> Any:
    """The array of numbers that a tensor, an array, a number or a rectangular list is; None for any other value."""
    if isinstance(value, (bool, int, float, complex)):
        import numpy as np

        try:
            array = np.array(value)
        except OverflowError:
            return None
        return array if array.dtype.kind in "biufc" else None
    return rectangle(value) if isinstance(value, list) else array_of(value)
