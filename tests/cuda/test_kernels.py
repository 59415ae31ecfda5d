"""tcalc's own kernels: compiled for several generations of GPUs, which needs no GPU; and what they compute."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from simulated_cupy import Device, cupy, cupyx
from simulation import simulated

from tcalc.engine import cuda_kernels, cupy_gaps, dtypes, float8

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")


def nvrtc():
    """NVRTC and the folder of CuPy's headers; skips, and says why, where they are missing."""
    try:
        import cupy as real
        from cupy_backends.cuda.libs import nvrtc as found

        found.getVersion()
    except Exception as fault:
        pytest.skip(f"the kernels are not compiled here: {type(fault).__name__}: {fault}")
    return found, Path(real.__file__).parent / "_core" / "include"


def compiled(found, headers: Path, source: str, architecture: str) -> str:
    """What NVRTC makes of a source; its log is the error."""
    program = found.createProgram(source, "kernel.cu", (), ())
    try:
        found.compileProgram(program, (f"--gpu-architecture={architecture}", "--std=c++17", *_includes(headers)))
        return found.getCUBIN(program)
    except Exception:
        raise AssertionError(found.getProgramLog(program)) from None


def _includes(headers: Path) -> list[str]:
    from cupy import _environment

    toolkit = Path(_environment.get_cuda_path() or "/usr/local/cuda") / "include"
    return [f"-I{headers}", f"-I{toolkit}", *(f"-I{folder}" for folder in headers.glob("cupy/_cccl/*"))]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_kernel_compiles(architecture) -> None:
    found, headers = nvrtc()
    for name, source in cuda_kernels.structures():
        assert compiled(found, headers, source, architecture), name


_NUMBERS = (
    "bool", "unsigned char", "signed char", "short", "int", "long long", "unsigned short", "unsigned int",
    "unsigned long long", "float16", "float", "double",
)  # fmt: skip


def test_conversions_of_bfloat16_compile() -> None:
    """CuPy's own class of bfloat16 takes and gives every type that tcalc converts it to and from."""
    found, headers = nvrtc()
    both = [f"void f{at}(const {t}* x, bfloat16* y) {{ y[0] = x[0]; }}\n" for at, t in enumerate(_NUMBERS)]
    both += [f"void g{at}(const bfloat16* x, {t}* y) {{ y[0] = x[0]; }}\n" for at, t in enumerate(_NUMBERS)]
    names = ("complex", "carray", "float16", "bfloat16")
    source = "".join(f"#include <cupy/{name}.cuh>\n" for name in names)
    source += "".join(f'extern "C" __global__ {one}' for one in both)
    assert compiled(found, headers, source, "sm_80")


def test_a_fault_in_a_kernel_does_not_compile() -> None:
    found, headers = nvrtc()
    with pytest.raises(AssertionError, match="error"):
        compiled(found, headers, 'extern "C" __global__ void f(float* x) { x[0] = nothing; }', "sm_80")


def test_there_is_a_kernel_for_each_structure() -> None:
    names = [name for name, _ in cuda_kernels.structures()]
    assert len(names) == len(set(names)) == (4 * 13 - 4) + (2 + 7 * 2) + 4 + 1
    assert all(f"void {name}(" in source for name, source in cuda_kernels.structures())


# ---------------------------------------------------------------- what surrounds them, on the simulated device


@pytest.fixture
def device():
    with simulated(), Device(0):
        yield


def on_device(values):
    return cupy.asarray(np.asarray(values))


KEYS = {
    "positions": ((5,), (np.array([0, 3, 3, 4]),)),
    "rows": ((4, 3), (np.array([2, 0, 2]),)),
    "columns": ((3, 4), (slice(None), np.array([1, 1, 0]))),
    "pairs": ((3, 4), (np.array([[0], [2]]), np.array([1, 1, 3]))),
    "the middle of three": ((2, 3, 4), (slice(None), np.array([2, 0, 2]))),
    "the last of three": ((2, 3, 4), (slice(None), slice(None), np.array([[1, 2], [1, 0]]))),
}


@pytest.mark.parametrize("what", KEYS)
def test_places_of_a_key(device, what) -> None:
    shape, key = KEYS[what]
    wanted = np.arange(np.prod(shape)).reshape(shape)[key]
    found = cupy_gaps.flat_places(cupy, shape, tuple(k if isinstance(k, slice) else on_device(k) for k in key))
    assert found.get().reshape(wanted.shape).tolist() == wanted.tolist()


@pytest.mark.parametrize("what", KEYS)
@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "minimum"])
def test_folding_is_numpys(device, what, name) -> None:
    shape, key = KEYS[what]
    chance = np.random.default_rng(1)
    target, values = chance.normal(size=shape), chance.normal(size=np.empty(shape)[key].shape)
    found = on_device(target)
    xp = cupy_gaps.array_module(cupy, cupyx.scipy.special)
    getattr(xp, name).at(found, tuple(k if isinstance(k, slice) else on_device(k) for k in key), on_device(values))
    getattr(np, name).at(target, key, values)
    np.testing.assert_allclose(found.get(), target, rtol=1e-14)


@pytest.mark.parametrize("what", KEYS)
def test_the_last_value_stays(device, what) -> None:
    shape, key = KEYS[what]
    target, values = np.zeros(shape), np.arange(1.0, 1 + np.empty(shape)[key].size).reshape(np.empty(shape)[key].shape)
    found = on_device(target)
    parts = tuple(k if isinstance(k, slice) else on_device(k) for k in key)
    cupy_gaps.assign(cupy, found, parts, on_device(values))
    target[key] = values
    assert found.get().tolist() == target.tolist()


# ---------------------------------------------------------------- float8


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"])
def test_float8_is_that_of_the_cpu(name) -> None:
    """Every code as a number; every number of half precision, and many others, as a code."""
    dtype = dtypes.by_name(name)
    codes = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(float8.decode(np, codes, dtype), codes.view(dtype.numpy).astype(np.float32))
    chance = np.random.default_rng(5)
    half = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    others = (chance.normal(size=50000) * 10 ** chance.uniform(-9, 6, 50000)).astype(np.float32)
    numbers = np.concatenate([half, others])
    with np.errstate(all="ignore"):
        found, wanted = float8.encode(np, numbers, dtype).view(dtype.numpy), numbers.astype(dtype.numpy)
    np.testing.assert_array_equal(found.astype(np.float32), wanted.astype(np.float32))


def test_floor_division_is_pythons(device) -> None:
    xp = cupy_gaps.array_module(cupy, cupyx.scipy.special)
    chance = np.random.default_rng(6)
    first = np.concatenate([chance.normal(size=500), [1.0, -1.0, 7.0, -7.0, 0.0, -0.0, 5.0]])
    second = np.concatenate([chance.normal(size=500), [0.1, 0.1, 2.0, 2.0, 3.0, 3.0, np.inf]])
    assert cupy.floor_divide(on_device(1.0), on_device(0.1)).get() == 10
    found = xp.floor_divide(on_device(first), on_device(second)).get()
    assert found.tolist() == np.floor_divide(first, second).tolist()
