"""CuPy behind the face of a :class:`~tcalc.engine.backend.Backend`; loaded once a program names CUDA."""

from __future__ import annotations

from tcalc.engine import cuda, cupy_gaps
from tcalc.engine.backend import Backend
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType

# Below this a request is not worth asking the GPU about; CuPy's own refusal is caught all the same.
_UNCHECKED = 1 << 26


class CudaBackend(Backend):
    """CuPy on one GPU."""

    def __init__(self, device: Device) -> None:
        cuda.require()
        self._cupy = cuda.libraries().cupy
        index = device.index or 0
        if index >= self._cupy.cuda.runtime.getDeviceCount():
            raise TcalcError("CUDA error: invalid device ordinal", "AcceleratorError")
        self.device = device
        self.xp = cuda.array_module()
        self._device = self._cupy.cuda.Device(index)

    def guard(self) -> AbstractContextManager:
        return cuda.guard(self._device)

    def reserve(self, nbytes: int, what: str = "the result") -> None:
        if nbytes > _UNCHECKED:
            with self._device:
                cuda.check_room(self._cupy, self.device, nbytes)

    def out_of_memory(self, fault: MemoryError) -> TcalcError:
        with self._device:
            return cuda.out_of_memory(self._cupy, self.device, cuda.wanted_bytes(fault))

    def free_unused(self) -> bool:
        with self._device:
            self._cupy.get_default_memory_pool().free_all_blocks()
        return True

    def empty_bytes(self, nbytes: int) -> Array:
        return self._allocated((nbytes,), self.xp.uint8)

    def empty(self, shape: tuple[int, ...], dtype: DType) -> Array:
        return self._allocated(shape, dtype.numpy)

    def _allocated(self, shape: tuple[int, ...], dtype: Any) -> Array:
        try:
            with self._device:
                return self.xp.empty(shape, dtype)
        except MemoryError:
            self.free_unused()
        try:
            with self._device:
                return self.xp.empty(shape, dtype)
        except MemoryError as fault:
            raise self.out_of_memory(fault) from fault

    def strided(self, buffer: Array, dtype: DType, shape: tuple, stride: tuple, offset: int) -> Array:
        itemsize = dtype.itemsize
        strides = tuple(step * itemsize for step in stride)
        memory = buffer.data + offset * itemsize
        return self.xp.ndarray(shape, dtype.numpy, memory, strides)

    def to_host(self, array: Array) -> Array:
        return self.xp.asnumpy(array)

    def from_host(self, array: Array) -> Array:
        with self._device:
            return self.xp.asarray(array)

    def assign_at(self, target: Array, key: Any, values: Array) -> None:
        cupy_gaps.assign(self._cupy, target, key, values)

    def synchronize(self) -> None:
        self._device.synchronize()
