"""CuPy as kernels see it: NumPy's face, with what CuPy lacks of it composed here, by name.

Kernels are written once, for any array module ``xp``. On a GPU theirs is an :class:`ArrayModule`: CuPy's own functions
but for the names in the tables below. Nothing here takes an element to the host.
"""

from __future__ import annotations

import math
from functools import partial

from tcalc.engine import complex_half
from tcalc.engine.cupy_linalg import LINALG
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tcalc.engine.backend import Array

    Gap = Callable[..., Any]


class Property:
    """A gap that is no function: made once for a module."""

    def __init__(self, make: Gap) -> None:
        self.make = make


class ArrayModule:
    """A module of CuPy's whose gaps are closed by functions that take ``cupy`` first."""

    linalg: ArrayModule
    special: ArrayModule

    def __init__(self, cupy: Any, module: Any, gaps: Mapping[str, Gap | Property]) -> None:
        self.__name__ = module.__name__
        self._cupy = cupy
        self._module = module
        self._gaps = gaps

    def __getattr__(self, name: str) -> Any:
        gap = self._gaps.get(name)
        if gap is None:
            found = getattr(self._module, name)
        elif isinstance(gap, Property):
            found = gap.make(self._cupy)
        else:
            found = partial(gap, self._cupy)

        setattr(self, name, found)  # asked for once
        return found


def array_module(cupy: Any, special: Any) -> ArrayModule:
    """CuPy and its special functions (``xp.special``) without gaps."""
    module = ArrayModule(cupy, cupy, ARRAYS)
    module.linalg = ArrayModule(cupy, cupy.linalg, LINALG)
    module.special = ArrayModule(cupy, special, SPECIAL)
    return module


# ---------------------------------------------------------------- arrays


def asarray(cupy: Any, value: Any, dtype: Any = None) -> Array:
    """Numbers go to the GPU as a kernel's arguments, not through memory."""
    if isinstance(value, (bool, int, float, complex)):
        return cupy.full((), value, dtype or _type_of(cupy, value))
    return cupy.asarray(value, dtype)


def ascontiguousarray(cupy: Any, array: Array) -> Array:
    """Element by element, also of a type that CuPy cannot copy."""
    if array.flags.c_contiguous:
        return array
    bytes_like = array.dtype.name.startswith("float8") or complex_half.is_stored(array)
    dense = cupy.ascontiguousarray(array.view(f"u{array.dtype.itemsize}") if bytes_like else array)
    return dense.view(array.dtype)


def _type_of(cupy: Any, number: complex) -> Any:
    if isinstance(number, bool):
        return cupy.bool_
    if isinstance(number, int):
        return cupy.int64 if number < 1 << 63 else cupy.uint64
    return cupy.float64 if isinstance(number, float) else cupy.complex128


class Ufunc:
    """One of CuPy's ufuncs with the methods that CuPy has not, or not for every element type."""

    def __init__(self, cupy: Any, name: str) -> None:
        self._cupy = cupy
        self._name = name
        self._function = getattr(cupy, name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._function(*args, **options)

    def at(self, target: Array, key: Any, values: Any) -> None:
        """``target[key] = f(target[key], values)`` for one position after the other, as on the CPU."""
        _refuse_long(target)
        if self._name == "add" and target.dtype.kind in "iu" and target.dtype.itemsize >= 4:
            self._function.at(target, key, values)  # atomic, and exact in any order
        else:
            scatter(self._cupy, self._name, target, key, values)

    def reduce(self, array: Array, axis: int = 0, initial: Any = None) -> Array:
        """All elements along an axis as one."""
        axis %= array.ndim
        if initial is not None:
            start = self._cupy.full((*array.shape[:axis], 1, *array.shape[axis + 1 :]), initial, array.dtype)
            array = self._cupy.concatenate((start, array), axis)
        if self._name == "logaddexp":
            return _log_sum_exp(self._cupy, array, axis)
        return getattr(array, _REDUCED_BY[self._name])(axis)


_REDUCED_BY = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}


def _log_sum_exp(cupy: Any, array: Array, axis: int) -> Array:
    largest = array.max(axis, keepdims=True)
    shift = cupy.where(cupy.isfinite(largest), largest, cupy.zeros((), array.dtype))
    return cupy.log(cupy.exp(array - shift).sum(axis)) + shift.squeeze(axis)


def _ufunc(name: str) -> Property:
    return Property(lambda cupy: Ufunc(cupy, name))


def logical(name: str) -> Gap:
    """A logical function that takes complex numbers too: what is not zero is true."""

    def function(cupy: Any, *arrays: Any, out: Any = None) -> Array:
        return getattr(cupy, name)(*map(_truths, arrays), out=out)

    return function


def _truths(array: Array) -> Array:
    return array != 0 if array.dtype.kind == "c" else array


def floor_divide(cupy: Any, first: Array, second: Array) -> Array:
    """Python's floor division; of floats, CuPy's is the rounded quotient, and ``1.0 // 0.1`` would be 10."""
    if not any(operand.dtype.kind == "f" for operand in (first, second)):
        return cupy.floor_divide(first, second)
    rest = cupy.fmod(first, second)
    quotient = (first - rest) / second
    quotient = cupy.where((rest != 0) & ((second < 0) != (rest < 0)), quotient - 1, quotient)
    whole = cupy.floor(quotient)
    whole = cupy.where(quotient - whole > 0.5, whole + 1, whole)
    signed_zero = cupy.copysign(cupy.zeros_like(quotient), first / second)
    return cupy.where(quotient == 0, signed_zero, whole)


# -- positions that may occur several times


def flat_places(cupy: Any, shape: Sequence[int], key: Any) -> Array:
    """Where in the flattened array the elements of ``array[key]`` are; a key is whole dimensions, then positions."""
    parts = key if isinstance(key, tuple) else (key,)
    positions = [part for part in parts if not isinstance(part, slice)]
    first = len(parts) - len(positions)
    after = len(shape) - len(parts)
    steps = [1] * len(shape)
    for dim in range(len(shape) - 2, -1, -1):
        steps[dim] = steps[dim + 1] * shape[dim + 1]
    wide = max((position.ndim for position in positions), default=0)
    places = cupy.zeros((1,) * (first + wide + after), cupy.int64)
    for dim in range(len(shape)):
        if first <= dim < first + len(positions):
            column = positions[dim - first].astype(cupy.int64)
            column = column.reshape((1,) * first + (1,) * (wide - column.ndim) + column.shape + (1,) * after)
        else:
            lead = dim if dim < first else dim - len(positions) + wide
            column = cupy.arange(shape[dim]).reshape((1,) * lead + (-1,) + (1,) * (places.ndim - lead - 1))
        places = places + column * steps[dim]
    return places


def scatter(cupy: Any, name: str, target: Array, key: Any, values: Any) -> None:
    """Fold values into the elements that a key names, always in the same order."""
    from tcalc.engine import cuda_kernels

    if not target.size:
        return
    half = target.dtype.kind not in "biufc" or target.dtype == cupy.float16
    work = cupy.ascontiguousarray(target.astype(cupy.float32) if half else target).reshape(-1)
    places = flat_places(cupy, target.shape, key)
    spread = cupy.broadcast_to(asarray(cupy, values).astype(work.dtype), places.shape)
    places = places.reshape(-1)
    order = cupy.argsort(places)
    cuda_kernels.fold(cupy, name, places[order], order, cupy.ascontiguousarray(spread).reshape(-1), work)
    if half or not target.flags.c_contiguous:
        target[...] = work.reshape(target.shape).astype(target.dtype)


def assign(cupy: Any, target: Array, key: Any, values: Array) -> None:
    """``target[key] = values`` where a position may occur several times: the last of its values stays, as on the CPU.

    CuPy leaves open which one does; here every value that is written to a place is the last one.
    """
    _refuse_long(target)
    places = flat_places(cupy, target.shape, key)
    if not places.size:
        return
    spread = cupy.broadcast_to(values, places.shape).reshape(-1)
    flat = places.reshape(-1)
    last = cupy.zeros(target.size, cupy.int64)
    cupy.maximum.at(last, flat, cupy.arange(flat.size))
    target[key] = spread[last[flat]].reshape(places.shape)


def _refuse_long(target: Array) -> None:
    """CuPy counts the elements that it writes to by position in 32 bits."""
    if target.size >= 1 << 31:
        raise TcalcError(
            f"writing to positions of a CUDA tensor of {target.size} elements: CuPy writes to at most {(1 << 31) - 1}",
            "NotImplementedError",
        )


def put_along_axis(cupy: Any, array: Array, indices: Array, values: Array, axis: int) -> None:
    axis %= array.ndim
    key = []
    for dim, size in enumerate(indices.shape):
        column = (1,) * dim + (-1,) + (1,) * (array.ndim - dim - 1)
        key.append(indices if dim == axis else cupy.arange(size).reshape(column))
    assign(cupy, array, tuple(key), values)


ARRAYS: dict[str, Gap | Property] = {
    "asarray": asarray,
    "ascontiguousarray": ascontiguousarray,
    "put_along_axis": put_along_axis,
    "floor_divide": floor_divide,
    **{name: logical(name) for name in ("logical_and", "logical_or", "logical_xor", "logical_not")},
    **{name: _ufunc(name) for name in ("add", "multiply", "maximum", "minimum", "logaddexp")},
}


# ---------------------------------------------------------------- special functions


def airy(cupy: Any, array: Array) -> tuple[Array]:
    """Airy's Ai, the first of the four that SciPy's function gives, good to nine digits and more."""
    x = array.astype(cupy.float64)
    middle = _airy_series(cupy, cupy.clip(x, -7.0, 1.0))
    right = _airy_integral(cupy, cupy.maximum(x, 1.0))
    left = _airy_wave(cupy, cupy.maximum(-x, 7.0))
    values = cupy.where(x > 1.0, right, cupy.where(x < -7.0, left, middle))
    return (cupy.where(cupy.isnan(x), x, values).astype(array.dtype),)


def _airy_series(cupy: Any, x: Array) -> Array:
    """Maclaurin's series, where its terms stay small."""
    cube = x * x * x
    even, odd = cupy.ones_like(x), x
    values = _AIRY_AT_ZERO * even + _AIRY_SLOPE_AT_ZERO * odd
    for place in range(3, 120, 3):
        even = even * cube / ((place - 1) * place)
        odd = odd * cube / (place * (place + 1))
        values = values + (_AIRY_AT_ZERO * even + _AIRY_SLOPE_AT_ZERO * odd)
    return values


def _airy_integral(cupy: Any, x: Array) -> Array:
    """By the integral of the Bessel function of order a third, which the trapezoidal rule finds to every digit."""
    argument = x * cupy.sqrt(x) * (2 / 3)
    total = cupy.exp(-argument) / 2
    for node in range(1, 30):
        place = node * 0.2
        total = total + cupy.exp(-argument * math.cosh(place)) * math.cosh(place / 3)
    return cupy.where(total == 0, total, cupy.sqrt(x / 3) * total * (0.2 / math.pi))


def _airy_wave(cupy: Any, z: Array) -> Array:
    """The asymptotic expansion of ``Ai(-z)``."""
    argument = z * cupy.sqrt(z) * (2 / 3)
    term = cupy.ones_like(z)
    cosines, sines = term, cupy.zeros_like(z)
    for k in range(1, 20):
        term = term * ((6 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216 * k * (2 * k - 1))) / argument
        if k % 2:
            sines = sines + term * (-1) ** (k // 2)
        else:
            cosines = cosines + term * (-1) ** (k // 2)
    angle = argument - math.pi / 4
    return (cupy.cos(angle) * cosines + cupy.sin(angle) * sines) / (math.sqrt(math.pi) * cupy.sqrt(cupy.sqrt(z)))


_AIRY_AT_ZERO = 1 / (3 ** (2 / 3) * math.gamma(2 / 3))
_AIRY_SLOPE_AT_ZERO = -1 / (3 ** (1 / 3) * math.gamma(1 / 3))

SPECIAL: dict[str, Gap | Property] = {"airy": airy}
