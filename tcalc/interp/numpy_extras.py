"""What NumPy has beside plain functions of arrays: functions that call back, iterators, things to index, contexts.

``FUNCTIONS`` are called like NumPy's own; ``VALUES`` are there as they are. Each is the program's side of the function
or object of its name.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import numpy
from tcalc.engine.contexts import StateContext
from tcalc.engine.state import current
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.interp import guards
from tcalc.interp.iteration import collected
from tcalc.interp.numpy_values import NumpyType, run, unwrap
from tcalc.interp.text import str_of
from tcalc.interp.type_names import type_name
from tcalc.interp.values import Callable_, callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

np = numpy()


# ---------------------------------------------------------------- functions that call back


def _native(function: Any) -> Callable:
    """A function of the program as NumPy calls it."""
    if isinstance(function, NumpyType):
        return function.python_type
    called = callback(function)
    return lambda *args: unwrap(called(*args))


class Vectorized(Callable_):
    """What ``np.vectorize(function)`` is."""

    __slots__ = ("function", "options")
    name = "vectorize"

    def __init__(self, function: Any, options: dict[str, Any]) -> None:
        self.function = function
        self.options = options

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        return run(np.vectorize(_native(self.function), **self.options), args, kwargs)

    def __repr__(self) -> str:
        return f"<numpy.vectorize object at {id(self):#x}>"


def _vectorize(pyfunc: Any, otypes: Any = None, doc: str | None = None, excluded: Any = None) -> Vectorized:
    callback(pyfunc)
    options = {"otypes": otypes, "excluded": excluded}
    return Vectorized(pyfunc, {name: unwrap(value) for name, value in options.items() if value is not None})


def _apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any) -> Any:
    return run(lambda *rest: np.apply_along_axis(_native(func1d), *rest), [axis, arr, *args], {})


def _apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    return run(lambda *rest: np.apply_over_axes(_native(func), *rest), [a, axes], {})


def _fromfunction(function: Any, shape: Any, *, dtype: Any = float) -> Any:
    sizes = [int(size) for size in collected(shape)]
    guards.allocate(prod(sizes) * len(sizes) * 8, f"the indices of {prod(sizes)} elements")
    return run(lambda *rest: np.fromfunction(_native(function), *rest[:1], dtype=rest[1]), [tuple(sizes), dtype], {})


def _fromiter(iter: Any, dtype: Any, count: int = -1) -> Any:
    items = collected(iter)
    return run(np.fromiter, [items, dtype, count], {})


def _frombuffer(buffer: Any, dtype: Any = float, count: int = -1, offset: int = 0) -> Any:
    if not isinstance(buffer, (bytes, bytearray, memoryview)) and type(buffer).__module__ not in ("array", "numpy"):
        raise type_error(f"a bytes-like object is required, not '{type_name(buffer)}'")
    return run(lambda *rest: np.frombuffer(buffer, *rest), [dtype, count, offset], {})


def _piecewise(x: Any, condlist: Any, funclist: Any) -> Any:
    parts = [_native(part) if hasattr(part, "invoke") else unwrap(part) for part in collected(funclist)]
    return run(lambda *rest: np.piecewise(*rest, parts), [x, condlist], {})


# ---------------------------------------------------------------- iterators


def _ndenumerate(arr: Any) -> Iterator[tuple]:
    return iter(guards.counted(np.ndenumerate(unwrap(arr))))


def _ndindex(*shape: Any) -> Iterator[tuple]:
    return iter(guards.counted(np.ndindex(*[unwrap(size) for size in shape])))


_ITERATION_FLAGS = frozenset(
    ("multi_index", "c_index", "f_index", "external_loop", "zerosize_ok", "common_dtype", "reduce_ok",
     "copy_if_overlap", "ranged", "grow_inner", "buffered")
)  # fmt: skip


def _nditer(op: Any, flags: Any = None, op_flags: Any = None, op_dtypes: Any = None, order: str = "K") -> Any:
    unknown = [flag for flag in flags or () if flag not in _ITERATION_FLAGS]
    if unknown:
        raise value_error(f'Unexpected iterator global flag "{unknown[0]}"')
    options = {"flags": flags, "op_flags": op_flags, "op_dtypes": op_dtypes, "order": order}
    given = {name: value for name, value in options.items() if value is not None}
    return run(np.nditer, [op], given)


# ---------------------------------------------------------------- things to index


class Indexed:
    """An object whose brackets make something: ``np.mgrid[0:3]``, ``np.r_[1, 2]``, ``np.s_[::2]``."""

    __slots__ = ("name", "source")
    public = ("getitem",)

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = getattr(np, name)

    def getitem(self, index: Any) -> Any:
        if self.name not in ("s_", "index_exp"):
            self._check(index if isinstance(index, tuple) else (index,))
        return run(lambda key: self.source[key], [index], {})

    def _check(self, parts: tuple) -> None:
        counts = [_steps(unwrap(part)) for part in parts if isinstance(part, slice)]
        count = prod(counts) if self.name == "mgrid" else sum(counts)
        copies = max(len(counts), 1) if self.name == "mgrid" else 1
        guards.allocate(count * copies * 8, f"an array of {count * copies} elements")

    def __repr__(self) -> str:
        return f"<numpy.{self.name}>"


def _steps(part: slice) -> int:
    """How many numbers a slice with numbers for its ends stands for."""
    start, step = part.start or 0, 1 if part.step is None else part.step
    if isinstance(step, complex):
        return int(abs(step))
    try:
        return max(0, int((part.stop - start) / step) + 1)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0  # NumPy says what is wrong with it


# ---------------------------------------------------------------- memory seen in another way


def _as_strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True) -> Any:
    """``as_strided`` that never leaves the array's own memory."""
    array = np.asarray(unwrap(x))
    shape = array.shape if shape is None else tuple(int(size) for size in collected(shape))
    strides = array.strides if strides is None else tuple(int(step) for step in collected(strides))
    if len(shape) != len(strides):
        raise value_error("mismatch in length of strides and shape")
    if prod(shape):
        reach = [(size - 1) * step for size, step in zip(shape, strides, strict=True)]
        low, high = np.lib.array_utils.byte_bounds(_owner(array))
        start = array.__array_interface__["data"][0]
        first = start + sum(step for step in reach if step < 0)
        last = start + sum(step for step in reach if step > 0) + array.itemsize
        if first < low or last > high:
            raise value_error("as_strided: the strides reach beyond the memory of the array")
    return run(lambda: np.lib.stride_tricks.as_strided(array, shape, strides, writeable=writeable), [], {})


def _owner(array: Any) -> Any:
    """The array whose memory a view is of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


# ---------------------------------------------------------------- how errors and printing go

_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
_WAYS = ("ignore", "warn", "raise", "print")


def _geterr() -> dict[str, str]:
    return {**_ERRORS, **current().numpy_errors}


def _changed_errors(all: Any, given: dict[str, Any]) -> dict[str, str]:
    ways = {**_geterr(), **(dict.fromkeys(_ERRORS, all) if all is not None else {})}
    ways.update({name: way for name, way in given.items() if way is not None})
    for name, way in ways.items():
        if name not in _ERRORS:
            raise type_error(f"seterr() got an unexpected keyword argument '{name}'")
        if way not in _WAYS:
            raise value_error(f"invalid error mode '{way}': one of {', '.join(_WAYS)}")
    return ways


def _seterr(all: Any = None, **ways: Any) -> dict[str, str]:
    before = _geterr()
    current().numpy_errors = _changed_errors(all, ways)
    return before


def _errstate(*, all: Any = None, **ways: Any) -> StateContext:
    return StateContext("numpy.errstate", numpy_errors=_changed_errors(all, ways))


def _changed_printing(options: dict[str, Any]) -> dict[str, Any]:
    formatter = options.get("formatter")
    if isinstance(formatter, dict):
        wrapped = {kind: _shown_by(function) for kind, function in formatter.items()}
        options = {**options, "formatter": wrapped}
    changed = {**current().numpy_print, **{name: unwrap_plain(value) for name, value in options.items()}}
    try:
        with np.printoptions(**changed):
            np.array_repr(np.zeros(1))
    except (TypeError, ValueError) as fault:
        raise TcalcError(str(fault), type(fault).__name__) from None
    return changed


def unwrap_plain(value: Any) -> Any:
    return value if isinstance(value, dict) else unwrap(value)


def _shown_by(function: Any) -> Callable:
    called = callback(function)
    return lambda value: str_of(called(value))


def _set_printoptions(
    precision: Any = None, threshold: Any = None, edgeitems: Any = None, linewidth: Any = None, suppress: Any = None,
    nanstr: Any = None, infstr: Any = None, formatter: Any = None, sign: Any = None, floatmode: Any = None,
) -> None:  # fmt: skip
    given = {name: value for name, value in locals().items() if value is not None}
    current().numpy_print = _changed_printing(given)


def _printoptions(*, override_repr: Any = None, **options: Any) -> StateContext:
    return StateContext("contextlib._GeneratorContextManager", numpy_print=_changed_printing(options))


def _get_printoptions() -> dict[str, Any]:
    with np.printoptions(**current().numpy_print):
        return {name: value for name, value in np.get_printoptions().items() if name != "formatter"}


FUNCTIONS: dict[str, dict[str, Callable]] = {
    "numpy": {
        "apply_along_axis": _apply_along_axis, "apply_over_axes": _apply_over_axes, "errstate": _errstate,
        "frombuffer": _frombuffer, "fromfunction": _fromfunction, "fromiter": _fromiter,
        "get_printoptions": _get_printoptions, "geterr": _geterr, "ndenumerate": _ndenumerate, "ndindex": _ndindex,
        "nditer": _nditer,
        "piecewise": _piecewise, "printoptions": _printoptions, "set_printoptions": _set_printoptions,
        "seterr": _seterr, "vectorize": _vectorize,
    },
    "numpy.lib.stride_tricks": {"as_strided": _as_strided},
}  # fmt: skip
INDEXED = ("c_", "index_exp", "mgrid", "ogrid", "r_", "s_")
