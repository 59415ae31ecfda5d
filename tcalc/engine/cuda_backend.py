"""CuPy behind the face of a :class:`~tcalc.engine.backend.Backend`; loaded once a program names CUDA."""

from __future__ import annotations

from tcalc.engine import complex_half, cuda, cupy_gaps, dtypes, float8
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

    def make_current(self) -> None:
        self._device.use()

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
        with self.guard():
            return self.xp.asnumpy(_plain(array)).view(array.dtype)

    def from_host(self, array: Array) -> Array:
        with self.guard():
            return self.xp.asarray(_plain(array)).view(array.dtype)

    def received(self, array: Array, source: Backend) -> Array:
        """A copy of another backend's array; one of another GPU does not go by way of the host."""
        if not isinstance(source, CudaBackend):
            return super().received(array, source)
        with source.guard():
            dense = source.xp.ascontiguousarray(_plain(array))  # CuPy copies nothing else to another GPU
        source.synchronize()  # the GPUs do not wait for each other
        with self.guard():
            return self.xp.asarray(dense).view(array.dtype)

    # -- float8 and complex32, which CuPy stores and can look at, and no more: bytes are moved, float32 computes

    def movable(self, array: Array) -> Array:
        return array.view(f"u{array.dtype.itemsize}") if _is_carried(array) else array

    def finished(self, result: Any, dtype: DType) -> Array:
        if dtype.is_carried and result.dtype == f"u{dtype.itemsize}":
            return result.view(dtype.numpy)
        return super().finished(result, dtype)

    def assign(self, target: Array, values: Any) -> None:
        with self.guard():
            if not _is_carried(target):
                target[...] = values
                return
            if isinstance(values, (int, float, complex)):
                dtype = dtypes.from_numpy(target.dtype)
                values = self.cast(self.xp.asarray(values, dtype.computed_as.numpy), dtype)
            self.movable(target)[...] = self.movable(values)

    def _computable(self, array: Array) -> Array:
        if _is_float8(array):
            return float8.decode(self.xp, self.movable(array), dtypes.from_numpy(array.dtype))
        return super()._computable(array)

    def _converted(self, array: Array, dtype: DType) -> Array:
        array = self._computable(array)
        if not dtype.is_float8:
            return super()._converted(array, dtype)
        if array.dtype.kind == "c":
            array = array.real
        wide = self._reduced(array, dtype).astype(self.xp.float32)
        return float8.encode(self.xp, wide, dtype).view(dtype.numpy)

    def assign_at(self, target: Array, key: Any, values: Array) -> None:
        cupy_gaps.assign(self._cupy, self.movable(target), key, self.movable(values))

    def synchronize(self) -> None:
        with self.guard():
            self._device.synchronize()


def _is_float8(array: Array) -> bool:
    return array.dtype.itemsize == 1 and array.dtype.kind in "fV"


def _is_carried(array: Array) -> bool:
    return _is_float8(array) or complex_half.is_stored(array)


def _plain(array: Array) -> Array:
    """An array of a type that NumPy does not have itself, as whole numbers of its size."""
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind == "V" or _is_float8(array) else array
