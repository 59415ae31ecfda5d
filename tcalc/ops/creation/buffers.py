"""Tensors over memory that something else holds: bytes, bytearrays, Python's and NumPy's arrays."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, share
from tcalc.errors import TcalcError, value_error
from tcalc.ops.creation.filling import want_gradient
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NOT_WRITABLE = (
    "The given buffer is not writable, and PyTorch does not support non-writable tensors. "
    "Here the tensor holds a copy, and the buffer stays as it is."
)


@op(method=False)
def frombuffer(buffer: Any, *, dtype: DType, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A 1-D tensor over the memory of bytes or of an array.

    ``count`` elements from ``offset`` bytes on, or all there are. Each sees what the other writes; of memory that must
    not be written, such as bytes, the tensor holds a copy.

    >>> frombuffer(bytearray(b"\\x01\\x00\\x02\\x00"), dtype=torch.int16)
    tensor([1, 2], dtype=torch.int16)
    >>> frombuffer(np.array([1, 0], dtype=np.int16), dtype=torch.int32)
    tensor([1], dtype=torch.int32)
    """
    memory = _memory(buffer)
    size = dtype.itemsize
    _check_extent(memory.nbytes, size, count, offset)
    elements = (memory.nbytes - offset) // size if count < 0 else count
    part = memory[offset : offset + elements * size]
    if memory.readonly:
        current().warn(_NOT_WRITABLE)
        current().meter.allocate(part.nbytes, "the copy of the buffer")
        part = bytearray(part)  # type: ignore[assignment]
    return want_gradient(share(numpy().frombuffer(part, dtype.numpy)), requires_grad)


def is_buffer(value: Any) -> bool:
    """Whether a value of the language is memory by Python's buffer protocol; NumPy's arrays aside."""
    return isinstance(value, (bytes, bytearray, memoryview)) or type(value).__module__ == "array"


def _memory(buffer: Any) -> memoryview:
    """The bytes of a buffer."""
    is_array = type(buffer).__module__ == "numpy" and hasattr(buffer, "flags")
    if not is_array and not is_buffer(buffer):
        raise value_error("object does not implement Python buffer protocol.")
    try:
        return memoryview(buffer).cast("B") if memoryview(buffer).nbytes else memoryview(b"")
    except TypeError:  # not in one piece
        raise TcalcError("could not retrieve buffer from object") from None


def _check_extent(length: int, size: int, count: int, offset: int) -> None:
    if not length or not count:
        raise value_error(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise value_error(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1"
        )
    if count < 0 and (length - offset) % size:
        raise value_error(
            f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element "
            f"size ({size})"
        )
    if count > 0 and offset + count * size > length:
        raise value_error(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({length} bytes)"
        )
