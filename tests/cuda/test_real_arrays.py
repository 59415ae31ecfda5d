"""What tcalc takes for granted of a real CuPy array, on one that lies in the host's memory: no GPU is needed to look.

An array's geometry, its views and its element types are CuPy's own work here; kernels would need a GPU.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from tcalc.engine import dtypes
from tcalc.engine.cuda_backend import CudaBackend
from tcalc.engine.tensor import _is_dense


@pytest.fixture(scope="module")
def cupy():
    try:
        import cupy
    except ImportError as missing:
        pytest.skip(f"CuPy is not installed: {missing}")
    return cupy


@pytest.fixture
def memory(cupy):
    """The bytes 0 to 63, as an array of CuPy's, and the same of NumPy's."""
    host = np.arange(64, dtype=np.uint8)
    unowned = cupy.cuda.UnownedMemory(host.ctypes.data, host.nbytes, host, device_id=0)
    return cupy.ndarray(64, np.uint8, cupy.cuda.MemoryPointer(unowned, 0)), host


@pytest.fixture
def backend(cupy):
    made = CudaBackend.__new__(CudaBackend)
    made.xp = made._cupy = cupy
    return made


def seen(array) -> np.ndarray:
    """A look at the host's memory that an array stands over."""
    import ctypes

    size = 64 - (array.data.ptr - array.data.mem.ptr)
    raw = np.frombuffer((ctypes.c_uint8 * size).from_address(array.data.ptr), np.uint8)
    return np.ndarray(array.shape, array.dtype, raw, 0, array.strides)


GEOMETRIES = [((2, 3), (3, 1), 0), ((3, 2), (1, 3), 1), ((4, 2), (0, 1), 2), ((), (), 5), ((2, 2), (4, 2), 3)]


@pytest.mark.parametrize(("shape", "stride", "offset"), GEOMETRIES)
@pytest.mark.parametrize("name", ["float32", "bfloat16", "float8_e4m3fn", "bool", "complex64", "complex32"])
def test_a_tensor_is_seen_in_memory(backend, memory, name, shape, stride, offset) -> None:
    buffer, host = memory
    dtype = dtypes.by_name(name)
    if (offset + 12) * dtype.itemsize > 64:
        return
    array = backend.strided(buffer, dtype, shape, stride, offset)
    wanted = np.ndarray(shape, dtype.numpy, host, offset * dtype.itemsize, [step * dtype.itemsize for step in stride])
    assert (array.shape, array.dtype, array.strides) == (wanted.shape, wanted.dtype, wanted.strides)
    assert array.flags.c_contiguous == wanted.flags.c_contiguous
    assert array.data.ptr == wanted.ctypes.data
    assert array.base is None
    assert seen(array).tobytes() == wanted.tobytes()


def test_views_share_memory(backend, memory) -> None:
    array = backend.strided(memory[0], dtypes.float32, (2, 3), (3, 1), 0)
    for view in (array.T, array[0], array[:, 1:], array[..., None], array.reshape(-1), array.swapaxes(0, 1)):
        assert view.base is not None
        assert backend.xp.may_share_memory(view, array)
    assert array[0, 1].shape == ()
    assert array.real is array or backend.xp.may_share_memory(array.real, array)


def test_bytes_of_arrays_in_any_order(backend, memory) -> None:
    array = backend.strided(memory[0], dtypes.int16, (2, 3), (1, 2), 4)
    assert _is_dense(array)
    found = backend.bytes_of(array)
    assert (found.dtype, found.shape, found.data.ptr) == (np.uint8, (12,), array.data.ptr)


def test_float8_can_be_looked_at_as_bytes(backend, memory) -> None:
    array = backend.strided(memory[0], dtypes.float8_e5m2, (2, 3), (1, 2), 0)
    moved = backend.movable(array)
    assert (moved.dtype, moved.strides, moved.data.ptr) == (np.uint8, array.strides, array.data.ptr)
    assert backend.finished(moved, dtypes.float8_e5m2).dtype == array.dtype
    assert backend.movable(moved) is moved
