"""Arrays of other libraries as tensors over the same memory, and back: DLPack and ``__cuda_array_interface__``."""

from __future__ import annotations

from tcalc.engine import devices
from tcalc.engine.backend import backend_for, numpy
from tcalc.engine.tensor import Tensor, over_device_memory, share
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# DLPack's numbers of the kinds of devices, as it fixes them.
DLPACK_CPU, DLPACK_CUDA = 1, 2
_HOST_KINDS = (DLPACK_CPU, 3)  # and what CUDA has pinned in the host's memory


def adopt(array: Any) -> Tensor:
    """A tensor over an array of a GPU that shows its memory by ``__cuda_array_interface__``."""
    from tcalc.engine import cuda

    cuda.require()
    return _over(cuda.libraries().cupy.asarray(array))


def from_dlpack(array: Any) -> Tensor:
    """A tensor over the memory of an array of any library that speaks DLPack."""
    kind, _ = array.__dlpack_device__()
    if kind in _HOST_KINDS:
        try:
            shared = numpy().from_dlpack(array)
        except (BufferError, RuntimeError, TypeError, ValueError) as fault:
            raise TcalcError(f"the array cannot be shared by DLPack: {fault}", "BufferError") from None
        return share(shared) if shared.flags.writeable else share(shared.copy())
    if kind == DLPACK_CUDA:
        from tcalc.engine import cuda

        cuda.require()
        return _over(cuda.libraries().cupy.from_dlpack(array))
    raise TcalcError(f"Unsupported device_type: {kind}", "BufferError")


def _over(array: Any) -> Tensor:
    return over_device_memory(array, backend_for(devices.Device("cuda", int(array.device.id))))


def dlpack_device(tensor: Tensor) -> tuple[int, int]:
    if tensor.device.type == "cuda":
        return DLPACK_CUDA, tensor.device.index or 0
    return DLPACK_CPU, 0


def exported(tensor: Tensor) -> Any:
    """The array of a tensor whose memory may be shown to others."""
    if tensor.requires_grad:
        raise TcalcError("Can't export tensors that require gradient, use tensor.detach()", "BufferError")
    if tensor.lazy:
        raise TcalcError(f"Can't export tensors with the {tensor.lazy} bit set", "BufferError")
    return tensor.array
