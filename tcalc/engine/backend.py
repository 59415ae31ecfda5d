"""The one place that imports numpy; ``cuda_backend.py`` beside it does the same for CuPy.

A :class:`Backend` holds, for one device, the array module ``xp``, the guard around a computation, raw
memory, strided arrays over it, and transfers to and from the host. Backends are made on first use.
"""

from __future__ import annotations

from tcalc.engine import complex_half, devices, dtypes
from tcalc.engine.state import current
from tcalc.errors import LimitError, TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType

    Array = Any


def numpy():
    """The NumPy module, imported on first use."""
    import numpy as np

    return np


def numpy_dtype(name: str):
    """The numpy.dtype of that name, from ml_dtypes where NumPy has none."""
    if name.startswith(("bfloat", "float8")):
        import ml_dtypes

        return numpy().dtype(getattr(ml_dtypes, name))
    return numpy().dtype(complex_half.STORED if name == "complex32" else name)


def special_functions(xp):
    """The module of special functions that belongs to an array module, imported on first use."""
    if xp.__name__ == "cupy":
        return xp.special
    from scipy import special

    return special


class Backend:
    """What the engine needs of an array library on one device."""

    device: Device
    xp: Any

    def empty_bytes(self, nbytes: int) -> Array:
        """Fresh, uninitialised memory as a 1-D uint8 array."""
        return self.xp.empty(nbytes, self.xp.uint8)

    def empty(self, shape: tuple[int, ...], dtype: DType) -> Array:
        return self.xp.empty(shape, dtype.numpy)

    def reserve(self, nbytes: int, what: str = "the result") -> None:
        """Refuse a request for memory that is not there, before any is taken."""
        current().meter.allocate(nbytes, what)

    def out_of_memory(self, fault: MemoryError) -> TcalcError:
        """The error of a computation whose intermediate results do not fit."""
        return LimitError("not enough memory for the operation's intermediate results")

    def free_unused(self) -> bool:
        """Give back memory that is kept for later; whether it is worth to try again."""
        return False

    def library_for(self, arrays: Sequence[Array]) -> Any:
        """The array module that a kernel computes with, given its operands."""
        return self.xp

    def make_current(self) -> None:
        """Let CUDA work on this device from now on."""

    def guard(self) -> AbstractContextManager:
        """Entered around every computation: error state on the CPU, the current device on CUDA."""
        raise NotImplementedError

    def strided(self, buffer: Array, dtype: DType, shape: tuple, stride: tuple, offset: int) -> Array:
        """The array of that geometry over raw memory; strides and offset are in elements."""
        raise NotImplementedError

    def to_host(self, array: Array) -> Array:
        raise NotImplementedError

    def from_host(self, array: Array) -> Array:
        raise NotImplementedError

    def received(self, array: Array, source: Backend) -> Array:
        """A copy of another backend's array."""
        return self.from_host(source.to_host(array))

    def movable(self, array: Array) -> Array:
        """The array in a type whose elements the library can move, where it cannot those of its own."""
        return array

    def finished(self, result: Any, dtype: DType) -> Array:
        """What a kernel computed, or moved, as an array of the answer's type."""
        return self.cast(self.xp.asarray(result), dtype)

    def assign(self, target: Array, values: Any) -> None:
        """``target[...] = values``, which are an array of the same type, or a number."""
        if complex_half.is_stored(target) and isinstance(values, (int, float, complex)):
            values = self.cast(self.xp.asarray(values, self.xp.complex64), dtypes.complex32)
        target[...] = values

    def assign_at(self, target: Array, key: Any, values: Array) -> None:
        """``target[key] = values`` where a position may occur several times: the last of its values stays."""
        target[key] = values

    def synchronize(self) -> None:
        """Wait until what was started on the device is done."""

    def bytes_of(self, array: Array) -> Array:
        """The memory of a dense array, as a 1-D uint8 view in the order of its addresses."""
        if not array.flags.c_contiguous and array.size:
            order = sorted(range(array.ndim), key=lambda dim: -array.strides[dim])
            array = array.transpose(order)
        return array.reshape(-1).view(self.xp.uint8)

    def cast(self, array: Array, dtype: DType) -> Array:
        """``array`` in another element type, converted as PyTorch does; the same array where nothing changes."""
        if array.dtype == dtype.numpy:
            return array
        with self.guard():  # NumPy would warn of what does not fit
            return self._converted(array, dtype)

    def _converted(self, array: Array, dtype: DType) -> Array:
        array = self._computable(array)
        if dtype is dtypes.complex32:
            return complex_half.encode(self.xp, array)
        if array.dtype.kind == "c" and dtype.category < dtypes.COMPLEX:
            array = array != 0 if dtype.category == dtypes.BOOL else array.real
        if dtype.category == dtypes.INTEGER and array.dtype.kind not in "biu":
            array = self._whole(array, dtype)
        elif dtype.is_reduced:
            array = self._reduced(array, dtype)
        return array.astype(dtype.numpy)

    def _computable(self, array: Array) -> Array:
        """The array in a type that the library computes in, where it only carries its own."""
        return complex_half.decode(self.xp, array) if complex_half.is_stored(array) else array

    def _whole(self, array: Array, dtype: DType) -> Array:
        """Floats as int32 or int64, where what does not fit is the machine's own answer; narrower types then wrap."""
        if array.dtype.itemsize < 4:
            array = array.astype(self.xp.float32)
        if dtype is dtypes.uint64:
            return array
        return array.astype(self.xp.int32 if dtype.itemsize < 4 or dtype is dtypes.int32 else self.xp.int64)

    def _reduced(self, array: Array, dtype: DType) -> Array:
        """What half precision and float8 are rounded from: float32, as in PyTorch, even where that rounds twice."""
        if array.dtype.itemsize >= 4 and array.dtype != self.xp.float32:
            array = array.astype(self.xp.float32)
        if dtype is dtypes.float8_e4m3fn:
            # This type has no infinity, and PyTorch stops at its largest value.
            array = self.xp.clip(array.astype(self.xp.float32), -448, 448)
        return array


class CpuBackend(Backend):
    """NumPy."""

    def __init__(self, device: Device) -> None:
        from tcalc.engine import precise

        self.device = device
        self.xp = numpy()
        self._precise = precise
        self._asarray = self.xp.asarray
        self._ndarray = self.xp.ndarray
        self._errstate = self.xp.errstate

    def guard(self) -> AbstractContextManager:
        return self._errstate(all="ignore")

    def library_for(self, arrays: Sequence[Array]) -> Any:
        return self._precise.PRECISE if self._precise.is_for(arrays) else self.xp

    def strided(self, buffer: Array, dtype: DType, shape: tuple, stride: tuple, offset: int) -> Array:
        itemsize = dtype.itemsize
        if 0 in shape:
            return self.xp.empty(shape, dtype.numpy)
        strides = [step * itemsize for step in stride]
        return self._ndarray(shape, dtype.numpy, buffer, offset * itemsize, strides)

    def to_host(self, array: Array) -> Array:
        return self._asarray(array)

    def from_host(self, array: Array) -> Array:
        return self._asarray(array)


class MetaBackend(Backend):
    """Shapes without bytes: anything that would need an element is an error."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def reserve(self, nbytes: int, what: str = "the result") -> None:
        pass

    def guard(self) -> AbstractContextManager:
        from contextlib import nullcontext

        return nullcontext()

    def __getattr__(self, name: str) -> Any:
        raise TcalcError("Cannot copy out of meta tensor; no data!", "NotImplementedError")


def _cuda_backend(device: Device) -> Backend:
    from tcalc.engine.cuda_backend import CudaBackend

    return CudaBackend(device)


_BACKENDS: dict[str, Any] = {"cpu": CpuBackend, "cuda": _cuda_backend, "meta": MetaBackend}
_backends: dict[tuple[str, int | None], Backend] = {}


def backend_for(device: Device) -> Backend:
    """The backend of a device, made on first use; TcalcError says what is missing.

    A GPU becomes the one that CUDA works on: arrays are made where they are used.
    """
    key = (device.type, device.index)
    found = _backends.get(key)
    if found is None:
        found = _backends[key] = _BACKENDS[device.type](device)
    if key[0] == "cuda":
        found.make_current()
    return found


def wait_for_devices() -> None:
    """Wait until every GPU in use has done its work: what went wrong there is told now, not by a later statement."""
    for (kind, _), backend in list(_backends.items()):
        if kind == "cuda":
            backend.synchronize()


def canonical(device: Device) -> Device:
    """The device with its index filled in: ``cuda`` is the current CUDA device, ``cpu:0`` the CPU."""
    if device.type == "cuda":
        index = current().cuda_device if device.index is None else device.index
        return backend_for(devices.Device("cuda", index)).device
    return devices.cpu if device.type == "cpu" else device
