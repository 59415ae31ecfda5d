"""A few words about a tensor that its printed text does not say: size, bytes, range, all its digits."""

from __future__ import annotations

from math import isfinite

from tcalc.engine import dtypes
from tcalc.engine.state import human_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.backend import Array
    from tcalc.engine.tensor import Tensor

# Below this everything is on the screen anyway.
LARGE = 100
# Above this, looking for the range would be felt; element types computed by conversion are slower.
RANGED = 5_000_000
RANGED_REDUCED = 1_000_000


def facts_line(tensor: Tensor) -> str:
    """Shape, dtype, device, bytes, and the range where it is cheap: ``(50, 40) float32, 7.812 KiB, 0 to 1.5``."""
    parts = [f"{tuple(tensor.shape)} {tensor.dtype.name}"]
    if tensor.device.type != "cpu":
        parts.append(str(tensor.device))
    parts.append(human_bytes(tensor.numel() * tensor.dtype.itemsize))
    parts += value_range(tensor)
    return ", ".join(parts)


def is_large(tensor: Tensor) -> bool:
    """Whether facts are worth a line of their own."""
    return tensor.numel() > LARGE and not tensor.is_meta


def full_digits(tensor: Tensor, text: str) -> str | None:
    """The shortest number that reads back as a 0-d float, or None where ``text`` shows that number already."""
    if tensor.shape or tensor.is_meta or tensor.dtype.category != dtypes.FLOAT:
        return None
    digits = _shortest(tensor.host_array())
    value = float(digits)
    shown = text.partition("(")[2].rstrip(")").partition(",")[0]
    return None if not isfinite(value) or float(shown) == value else digits


def value_range(tensor: Tensor) -> list[str]:
    """The least and the greatest element that are numbers, and how many are not."""
    dtype, count = tensor.dtype, tensor.numel()
    limit = RANGED_REDUCED if dtype.is_reduced else RANGED
    if tensor.is_meta or not 0 < count <= limit or dtype.is_complex:
        return []
    backend = tensor.storage.backend
    xp, array = backend.xp, tensor.array
    with backend.guard():
        if dtype.category == dtypes.BOOL:
            return [f"{int(array.sum())} true"]
        if dtype.category == dtypes.INTEGER:
            return [f"{int(array.min())} to {int(array.max())}"]
        if dtype.is_reduced:
            array = backend.cast(array, dtypes.float32)
        missing = int(xp.isnan(array).sum())
        if missing == count:
            return ["all nan"]
        extent = f"{float(xp.nanmin(array)):.6g} to {float(xp.nanmax(array)):.6g}"
    return [extent, f"{missing} nan"] if missing else [extent]


def _shortest(array: Array) -> str:
    """A single element's own digits: as many as its type needs, not as many as a double does."""
    return str(array.reshape(-1)[0])
