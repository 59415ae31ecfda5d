"""The bytes that tensors share, and the sizes and strides by which a tensor looks at them."""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import backend_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tcalc.engine.backend import Array, Backend
    from tcalc.engine.devices import Device


class Size(tuple):
    """The sizes of a tensor's dimensions; a tuple that prints as ``torch.Size([2, 3])``."""

    __slots__ = ()

    printed_type = "torch.Size"

    def numel(self) -> int:
        return prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, index):
        item = tuple.__getitem__(self, index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other):
        return Size(tuple.__add__(tuple(other), self))

    def __mul__(self, count):
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__


class Storage:
    """The bytes that tensors share, on one device, and a counter of the writes to them.

    ``owner`` is a dense array that holds them, or None on the meta device, where only ``nbytes`` is known.
    ``generation`` counts how often the memory was replaced, which outdates the arrays derived from it.
    """

    __slots__ = ("_buffer", "_owner", "backend", "device", "generation", "nbytes", "version")

    def __init__(self, owner: Array, device: Device, nbytes: int, backend: Backend | None = None) -> None:
        self._owner = owner
        self._buffer: Array = None
        self.device = device
        self.backend: Backend = backend or backend_for(device)
        self.nbytes = nbytes
        self.version = 0
        self.generation = 0

    @property
    def buffer(self) -> Array:
        """The bytes as a 1-D uint8 array; made on first use, because most results are never viewed."""
        if self._buffer is None and self._owner is not None:
            self._buffer = self.backend.bytes_of(self._owner)
        return self._buffer

    def resize(self, nbytes: int) -> None:
        """Grow or shrink in place, keeping the bytes that fit; every tensor over it sees the new memory."""
        if self._owner is not None:
            self.backend.reserve(nbytes)
            fresh = self.backend.empty_bytes(nbytes)
            kept = min(nbytes, self.nbytes)
            with self.backend.guard():
                fresh[:kept] = self.buffer[:kept]
            self._owner = self._buffer = fresh
            self.generation += 1
        self.nbytes = nbytes


def contiguous_stride(shape: Sequence[int]) -> tuple[int, ...]:
    """Row-major strides, with an empty dimension counted as one, as PyTorch does."""
    stride = []
    step = 1
    for size in reversed(shape):
        stride.append(step)
        if size > 1:
            step *= size
    stride.reverse()
    return tuple(stride)
