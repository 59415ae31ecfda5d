"""CuPy on two simulated GPUs, held to the contract: the module that the tests plug in where CuPy would be.

A name that CuPy lacks is an AttributeError, a keyword or an element type that it refuses a TypeError. The rest is
NumPy's and SciPy's work.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from math import prod
from time import perf_counter
from typing import Any

import contract
import numpy as np
import scipy.linalg
import scipy.special
from kernel_references import REFERENCES
from simulated_array import (
    Array,
    Devices,
    Memory,
    account,
    check_device,
    check_guard,
    check_moves,
    complete,
    is_unknown,
)

# ---------------------------------------------------------------- in and out


def unwrapped(value: Any) -> Any:
    """Arguments with NumPy's elements for simulated arrays."""
    if isinstance(value, Array):
        return value._elements
    if isinstance(value, (list, tuple)):
        return type(value)(unwrapped(item) for item in value)
    if isinstance(value, dict):
        return {name: unwrapped(item) for name, item in value.items()}
    return value


def arrays_in(value: Any) -> list[Array]:
    if isinstance(value, Array):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [array for item in value for array in arrays_in(item)] if isinstance(value, (list, tuple)) else []


def holds_host_array(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_host_array(item) for item in value)
    return isinstance(value, np.ndarray)


def wrapped(value: Any, sources: list[Array]) -> Any:
    """NumPy's answer as the device's: scalars are 0-d arrays, and an operand written into is that operand."""
    if isinstance(value, np.ndarray):
        for source in sources:
            if value is source._elements:
                return source
        base = next((source for source in sources if np.may_share_memory(value, source._elements)), None)
        value = value.view(np.ndarray)
        return Array(value, Devices.current, None if base is None else base if base.base is None else base.base)
    if isinstance(value, np.generic):
        return Array(np.array(value), Devices.current)
    if isinstance(value, tuple) and type(value) is not tuple:
        return tuple(wrapped(item, sources) for item in value)
    if isinstance(value, (list, tuple)):
        return type(value)(wrapped(item, sources) for item in value)
    return value


def call_checked(name: str, call: Callable[[], Any], operands: Any) -> Any:
    """Run NumPy's function for a call whose operands are on the current device; CuPy warns of nothing."""
    account.calls += name not in _VIEWS
    sources = arrays_in(operands)
    for array in sources:
        check_device(array)
    if holds_host_array(operands):
        raise TypeError(f"Unsupported type <class 'numpy.ndarray'> ({name})")
    with np.errstate(all="ignore"):
        return wrapped(call(), sources)


# ---------------------------------------------------------------- ufuncs


def types_of(operands: tuple) -> list[np.dtype]:
    """The element types of operands, among which Python's numbers take on the arrays'."""
    dtypes = [operand.dtype for operand in operands if hasattr(operand, "dtype")]
    return [
        operand.dtype if hasattr(operand, "dtype") else np.result_type(*(dtypes or [type(operand)]), operand)
        for operand in operands
    ]


def floor_divide(x: Any, y: Any, **options: Any) -> Any:
    """The quotient rounded down, of floats too: 1 // 0.1 is 10."""
    if np.result_type(x, y).kind == "f":
        return np.floor(np.true_divide(x, y), **options)
    return np.floor_divide(x, y, **options)


def remainder(x: Any, y: Any, **options: Any) -> Any:
    if np.result_type(x, y).kind == "f":
        return np.subtract(x, np.floor(np.true_divide(x, y)) * y, **options)
    return np.remainder(x, y, **options)


# What CuPy computes in another way than NumPy does.
_OTHERWISE = {"floor_divide": floor_divide, "remainder": remainder, "mod": remainder}


class Ufunc:
    """A ufunc with CuPy's loops and CuPy's few methods."""

    def __init__(self, module: str, name: str, function: Any) -> None:
        self._module = module
        self.__name__ = name
        self._function = _OTHERWISE.get(name, function)
        self._entry = contract.MODULES[module][name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        check_guard(self.__name__)
        unknown = set(kwargs) - {"out", "dtype", "casting"}
        if unknown:
            raise TypeError(f"Wrong arguments {unknown} ({self.__name__})")
        operands = args[: self._entry["nin"]]
        for operand in operands:
            if not isinstance(operand, (Array, int, float, complex, np.generic)):
                raise TypeError(f"Unsupported type {type(operand)} ({self.__name__})")
        loop = self._loop(operands)
        out = kwargs.get("out")
        given = kwargs.pop("out", None)
        if given is not None:
            kwargs["out"] = unwrapped(given)
        if given is None and "dtype" not in kwargs and len(args) == self._entry["nin"]:
            return call_checked(self.__name__, lambda: self._converted(args, loop, kwargs), (args, out))
        return call_checked(self.__name__, lambda: self._function(*unwrapped(args), **kwargs), (args, out))

    def _loop(self, operands: tuple) -> contract.Loop:
        return contract.loop_for(self._module, self.__name__, types_of(operands))

    def _converted(self, args: tuple, loop: contract.Loop, kwargs: dict[str, Any]) -> Any:
        """NumPy's answer in the type that CuPy's loop gives."""
        answer = self._function(*unwrapped(args), **kwargs)
        if isinstance(answer, tuple):
            return tuple(np.asarray(part).astype(t, copy=False) for part, t in zip(answer, loop.outputs, strict=True))
        return np.asarray(answer).astype(loop.outputs[0], copy=False)

    def outer(self, first: Any, second: Any) -> Any:
        return call_checked(self.__name__, lambda: self._function.outer(*unwrapped((first, second))), (first, second))

    def _method(self, method: str) -> Any:
        if method not in self._entry["has"]:
            raise NotImplementedError(f"`{self.__name__}.{method}` is not supported yet")
        return getattr(self._function, method)

    def reduce(self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        function = self._method("reduce")
        return call_checked(
            self.__name__, lambda: function(*unwrapped((array, axis, dtype, out)), keepdims), (array, out)
        )

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        function = self._method("accumulate")
        return call_checked(self.__name__, lambda: function(*unwrapped((array, axis, dtype, out))), (array, out))

    def at(self, a: Array, indices: Any, b: Any = None) -> None:
        from simulated_array import indices as plain_indices

        function = self._method("at")
        allowed = _SCATTERED[self.__name__]
        if a.dtype.name not in allowed:
            raise TypeError(f"cupy.{self.__name__}.at only supports {', '.join(allowed)} as data type, not {a.dtype}")
        key = plain_indices(indices, a)
        call_checked(self.__name__, lambda: function(a._elements, key, unwrapped(b)), (a, b))


_INTEGERS = ("int32", "int64", "uint32", "uint64")
# The element types of each scattered operation, from CuPy's own refusals.
_SCATTERED = {
    "add": (*_INTEGERS, "float16", "float32", "float64"), "subtract": ("int32", "uint32"),
    "maximum": (*_INTEGERS, "float32", "float64"), "minimum": (*_INTEGERS, "float32", "float64"),
    "bitwise_and": _INTEGERS, "bitwise_or": _INTEGERS, "bitwise_xor": _INTEGERS,
}  # fmt: skip

# ---------------------------------------------------------------- functions

# Functions that only look at memory in another way; the others read the elements.
_VIEWS = {
    "moveaxis", "reshape", "transpose", "expand_dims", "squeeze", "broadcast_to", "swapaxes", "may_share_memory",
    "ravel", "atleast_1d", "atleast_2d", "broadcast_arrays", "asarray", "ascontiguousarray", "ndim", "shape",
}  # fmt: skip
_SORTS = {"sort", "argsort", "lexsort", "argpartition", "partition", "unique", "median", "percentile", "quantile"}
# Functions that take positions and wrap those out of bounds.
_TAKES = {"take", "take_along_axis", "put_along_axis"}
_CREATES_FROM_HOST = {"array", "asarray", "asanyarray", "ascontiguousarray"}


class Function:
    """A function of CuPy's that NumPy computes, once its call has been held to the contract."""

    def __init__(self, module: str, name: str, function: Any) -> None:
        self._module = module
        self.__name__ = name
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.__name__
        contract.check_call(self._module, name, args, kwargs)
        operands = (args, kwargs)
        arrays = arrays_in(operands)
        if name == "asarray" and arrays and arrays[0]._device != Devices.current:
            return self._received(arrays[0])
        if name not in _VIEWS:
            check_guard(name)
            for array in arrays:
                check_moves(array, name)
        if name in _CREATES_FROM_HOST and not isinstance(args[0], Array):
            return self._created(args, kwargs)
        check_kinds(self._module, name, arrays, args, kwargs)
        if name == "where":
            return self._chosen(args)
        if name in _TAKES:
            args = _with_wrapped_positions(name, args, kwargs)
        if self._module.endswith("linalg"):
            return call_checked(
                name, lambda: _ignoring_singular(self._function, unwrapped(args), unwrapped(kwargs)), operands
            )
        return call_checked(name, lambda: self._function(*unwrapped(args), **unwrapped(kwargs)), operands)

    def _chosen(self, args: tuple) -> Any:
        """``where`` in the type of its loop: CuPy has none for bfloat16."""
        loop = contract.loop_for("inner", "where", [np.dtype(bool), *types_of(args[1:])])
        return call_checked("where", lambda: np.where(*unwrapped(args)).astype(loop.outputs[0], copy=False), args)

    def _received(self, array: Array) -> Array:
        """A copy of an array of another device: a transfer."""
        if not (array.flags.c_contiguous or array.flags.f_contiguous):
            raise NotImplementedError("CuPy cannot copy non-contiguous array between devices.")
        account.note("to device")
        return Array(array._elements.copy(), Devices.current)

    def _created(self, args: tuple, kwargs: dict[str, Any]) -> Array:
        """An array from the host's memory: a transfer."""
        check_guard(self.__name__)
        account.note("to device")
        if arrays_in(args):
            raise TypeError("a list of device arrays is stacked by hand, through the host's memory")
        if isinstance(args[0], np.ndarray) and is_unknown(args[0].dtype):
            raise ValueError(f"Unsupported dtype {args[0].dtype}")
        return Array(np.array(self._function(*args, **kwargs)), Devices.current)


def check_kinds(module: str, name: str, arrays: list[Array], args: tuple, kwargs: dict[str, Any]) -> None:
    """CuPy's own refusals that no signature shows."""
    if name in ("sort", "argsort") and kwargs.get("kind") not in (None, "stable"):
        raise ValueError("kind can only be None or 'stable'")
    if name in _SORTS and any(array.dtype.name == "bfloat16" for array in arrays):
        raise NotImplementedError("Sorting arrays with dtype bfloat16 is not supported")
    if name == "lexsort" and (not isinstance(args[0], Array) or args[0].ndim > 2):
        raise NotImplementedError("lexsort takes one array of at most two dimensions")
    if name == "nonzero" and not arrays[0].ndim:
        raise ValueError("Calling nonzero on 0d arrays is not allowed. Use cupy.atleast_1d(scalar).nonzero() instead.")
    if name == "searchsorted" and not isinstance(args[1], Array):
        raise NotImplementedError("Only int or ndarray are supported for a")
    if name in ("searchsorted", "digitize", "repeat", "matmul", "where") and not arrays:
        raise TypeError(f"{name} wants arrays")
    if name == "repeat" and isinstance(args[1], Array):
        raise ValueError("'repeats' should be int or sequence")
    if name == "searchsorted" and args[0].ndim != 1:
        raise ValueError("object too deep for desired array")
    if name == "solve" and args[1].ndim > 1 and args[0].shape[:-1] != args[1].shape[:-1]:
        raise ValueError("a must have (..., M, M) shape and b must have (..., M, K) for multidimensional b")
    if name == "solve" and not args[1].size:
        raise ZeroDivisionError("pointers to matrices without columns")
    if name in ("svd", "eigh", "eigvalsh"):
        _check_finite(name, args)
    if name == "lu_factor" and arrays[0].ndim != 2:
        raise np.linalg.LinAlgError(f"{arrays[0].ndim}-dimensional array given. Array must be two-dimensional")
    if module == "cupy.linalg" and any(array.dtype.name in ("float16", "bfloat16") for array in arrays):
        raise TypeError("float16 is unsupported in linalg")


def _check_finite(name: str, args: tuple) -> None:
    """Whether and when cuSOLVER comes back from what is not finite, CuPy does not say."""
    elements = args[0]._elements
    if name != "svd":
        elements = np.tril(elements) if "U" not in args[1:] else np.triu(elements)
    assert np.isfinite(elements).all(), f"{name} of what is not finite"


def _with_wrapped_positions(name: str, args: tuple, kwargs: dict[str, Any]) -> tuple:
    array, positions, *rest = args
    axis = kwargs.get("axis", rest[-1] if rest else None)
    size = array.size if axis is None else array.shape[axis]
    if isinstance(positions, Array) and size:
        positions = Array(positions._elements % size, positions._device)
    return (array, positions, *rest)


def _ignoring_singular(function: Any, args: Any, kwargs: Any) -> Any:
    """Without ``errstate(linalg="raise")`` a singular matrix gives garbage in silence."""
    try:
        return function(*args, **kwargs)
    except np.linalg.LinAlgError:
        if Errors.linalg == "raise":
            raise
        return np.full_like(args[0], 123)


# ---------------------------------------------------------------- what NumPy has not


# A small GPU: what does not fit is refused before the host's memory is taken.
FREE, TOTAL = 512 << 20, 1 << 30


class OutOfMemoryError(MemoryError):
    def __init__(self, size: int) -> None:
        super().__init__(f"Out of memory allocating {size:,} bytes (allocated so far: 0 bytes).")


class Errors:
    linalg = "ignore"


@contextmanager
def errstate(*, linalg: str) -> Any:
    before, Errors.linalg = Errors.linalg, linalg
    try:
        yield
    finally:
        Errors.linalg = before


class Device:
    """``cupy.cuda.Device``: in a ``with``, the current one."""

    def __init__(self, index: int | None = None) -> None:
        self.id = Devices.current if index is None else index
        self._before: list[int] = []

    def __enter__(self) -> Device:
        self._before.append(Devices.current)
        Devices.current = self.id
        Devices.entered += 1
        return self

    def __exit__(self, *exc_info: object) -> None:
        Devices.current = self._before.pop()
        Devices.entered -= 1

    def use(self) -> None:
        Devices.current = self.id

    def synchronize(self) -> None:
        pass

    mem_info = property(lambda self: (FREE, TOTAL))


class Event:
    """``cupy.cuda.Event``: a moment."""

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False) -> None:
        self.done = True
        self.moment = 0.0

    def record(self, stream: Any = None) -> None:
        self.moment = perf_counter()

    def synchronize(self) -> None:
        pass


def get_elapsed_time(start_event: Event, end_event: Event) -> float:
    return (end_event.moment - start_event.moment) * 1000


class Pool:
    """``cupy.cuda.MemoryPool``: its figures."""

    def used_bytes(self) -> int:
        return 1 << 20

    def total_bytes(self) -> int:
        return 1 << 21

    def free_bytes(self) -> int:
        return 1 << 20

    def free_all_blocks(self, stream: Any = None) -> None:
        pass


def ndarray(
    shape: Any, dtype: Any = float, memptr: Memory | None = None, strides: Any = None, order: str = "C"
) -> Array:
    if memptr is None:
        return Array(np.empty(shape, dtype), Devices.current)
    return Array(memptr.array(tuple(shape), dtype, strides), memptr.device_id)


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True) -> np.ndarray:
    return a.get() if isinstance(a, Array) else np.asarray(a)


def scatter_add(a: Array, slices: Any, value: Any) -> None:
    cupy.add.at(a, slices, value)


def solve_triangular(
    a: Array, b: Array, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, overwrite_b: bool = False,
    check_finite: bool = False,
) -> Array:  # fmt: skip
    """CuPy's takes batches, which are alike, and a zero on a diagonal divides."""
    assert a.size and b.size, "cuBLAS gets no empty matrices"
    if a.shape[:-1] != b.shape[: a.ndim - 1]:
        raise ValueError("incompatible batch count")

    def solved(triangle: np.ndarray, right: np.ndarray) -> np.ndarray:
        (trsm,) = scipy.linalg.get_blas_funcs(("trsm",), (triangle, right))
        answer = np.empty_like(right)
        for place in np.ndindex(*right.shape[:-2]):
            answer[place] = trsm(1, triangle[place], right[place], lower=lower, trans_a=trans, diag=unit_diagonal)
        return answer

    return call_checked("solve_triangular", lambda: solved(a._elements, b._elements), (a, b))


def runtime_properties(device: int) -> dict[str, Any]:
    return {
        "name": b"Simulated GPU", "major": 9, "minor": 0, "totalGlobalMem": TOTAL, "multiProcessorCount": 132,
        "warpSize": 32, "maxThreadsPerBlock": 1024, "maxThreadsPerMultiProcessor": 2048,
        "l2CacheSize": 50 << 20,
    }  # fmt: skip


class RawKernel:
    """A kernel in CUDA's own language, which is not simulated: what runs is its reference in NumPy."""

    def __init__(self, code: str, name: str, options: tuple = ()) -> None:
        assert f"void {name}(" in code, name
        self._name = name
        self._reference = REFERENCES[name.split("_")[0]]

    def __call__(self, grid: tuple, block: tuple, args: tuple) -> None:
        account.calls += 1
        assert 0 < grid[0] < 1 << 31, "a launch of no blocks, or of too many"
        assert 0 < block[0] <= 1024
        for array in arrays_in(args):
            check_device(array)
            assert array.flags.c_contiguous, f"{self._name} reads memory as it lies"
        self._reference(self._name, *unwrapped(args))


def _empty(shape: Any, dtype: Any = float, order: str = "C") -> Array:
    """Memory with whatever was in it before, so that nobody relies on zeros."""
    check_guard("empty")
    count = shape if isinstance(shape, int) else prod(shape)
    if count * np.dtype(dtype).itemsize > FREE:
        raise OutOfMemoryError(count * np.dtype(dtype).itemsize)
    made = np.empty(shape, dtype, order)  # type: ignore[call-overload]
    made.reshape(-1, order="A").view(np.uint8)[...] = 0xAB
    if made.dtype == bool:
        made[...] = True
    return Array(made, Devices.current)


_OWN: dict[str, dict[str, Any]] = {
    "cupy": {
        "ndarray": ndarray, "asnumpy": asnumpy, "empty": _empty, "RawKernel": RawKernel,
        "get_default_memory_pool": lambda: Pool(), "from_dlpack": lambda array: array.__dlpack__(),
    },
    "cupyx": {"errstate": errstate, "scatter_add": scatter_add},
    "cupyx.scipy.linalg": {"solve_triangular": solve_triangular},
    "cupy.cuda": {"Device": Device, "Event": Event, "get_elapsed_time": get_elapsed_time},
    "cupy.cuda.runtime": {
        "getDeviceCount": lambda: Devices.count, "getDeviceProperties": runtime_properties,
        "memGetInfo": lambda: (FREE, TOTAL), "driverGetVersion": lambda: 12090,
        "runtimeGetVersion": lambda: 12090, "getDevice": lambda: Devices.current,
    },
}  # fmt: skip
_ORIGINS = {
    "cupy": np, "cupy.linalg": np.linalg, "cupy.fft": np.fft, "cupy.lib.stride_tricks": np.lib.stride_tricks,
    "cupyx.scipy.special": scipy.special, "cupyx.scipy.linalg": scipy.linalg,
}  # fmt: skip


class Module:
    """A module of CuPy's: the names that the contract has, made when they are asked for."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.__name__ = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        inner = f"{self._path}.{name}"
        if inner in contract.MODULES or inner in ("cupy.lib", "cupyx.scipy"):
            found: Any = Module(inner)
        else:
            entry = contract.MODULES.get(self._path, {}).get(name)
            if entry is None:
                raise AttributeError(f"module '{self._path}' has no attribute '{name}'")
            found = self._made(name, entry)
        setattr(self, name, found)
        return found

    def _made(self, name: str, entry: Any) -> Any:
        own = _OWN.get(self._path, {})
        if name in own:
            return own[name]
        if self._path not in _ORIGINS or not hasattr(_ORIGINS[self._path], name):
            raise NotImplementedError(f"{self._path}.{name} is in CuPy and not in the simulation")
        origin = getattr(_ORIGINS[self._path], name)
        if isinstance(entry, dict):
            return Ufunc(self._path, name, origin)
        return Function(self._path, name, origin) if isinstance(entry, list) else origin


cupy = Module("cupy")
cupyx = Module("cupyx")
complete()
