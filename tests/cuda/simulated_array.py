"""An array of a simulated GPU: NumPy's elements behind CuPy's face and CuPy's manners.

It offers what the contract offers and no more. It does not mix with NumPy's arrays nor with another device's, answers
with 0-d arrays where NumPy answers with scalars, wraps indices that are out of bounds, and counts what goes between
host and device. What CuPy leaves undefined (a position assigned twice) is a fault here.
"""

from __future__ import annotations

from typing import Any

import contract
import numpy as np
from crossings import Crossing


class Account:
    """What went between the host and the simulated devices, and how often the library was asked to compute."""

    def __init__(self) -> None:
        self.crossings: list[Crossing] = []
        self.calls = 0

    def clear(self) -> None:
        self.crossings.clear()
        self.calls = 0

    def note(self, kind: str) -> None:
        self.crossings.append(Crossing(kind))

    def count(self, kind: str) -> int:
        return sum(crossing.kind == kind for crossing in self.crossings)

    to_host = property(lambda self: self.count("to host"))
    to_device = property(lambda self: self.count("to device"))
    # One number is read: the host waits until it is there.
    synchronizations = property(lambda self: self.count("number"))
    transfers = property(lambda self: self.to_host + self.to_device)


account = Account()


class Devices:
    """How many GPUs there are, which is the current one, and how many ``with`` have made it so."""

    count = 2
    current = 0
    entered = 0


class Memory:
    """A place in a device's memory."""

    def __init__(self, owner: np.ndarray, address: int, device: int) -> None:
        self.owner = owner
        self.ptr = address
        self.device_id = device

    def __add__(self, offset: int) -> Memory:
        return Memory(self.owner, self.ptr + offset, self.device_id)

    def array(self, shape: tuple, dtype: Any, strides: tuple | None) -> np.ndarray:
        if 0 in shape:
            return np.empty(shape, dtype)
        order = sorted(range(self.owner.ndim), key=lambda dim: -self.owner.strides[dim])
        data = self.owner.transpose(order).reshape(-1).view(np.uint8)
        assert np.may_share_memory(data, self.owner), "memory with gaps, or a copy of it"
        return np.ndarray(shape, dtype, data, self.ptr - self.owner.ctypes.data, strides)


class Flags:
    def __init__(self, array: np.ndarray) -> None:
        self.c_contiguous = array.flags.c_contiguous
        self.f_contiguous = array.flags.f_contiguous
        self.owndata = array.base is None


class Array:
    """A simulated ``cupy.ndarray``."""

    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, elements: np.ndarray, device: int, base: Array | None = None) -> None:
        assert type(elements) is np.ndarray, type(elements)
        self._elements = elements
        self._device = device
        self.base = base

    # -- facts

    shape = property(lambda self: self._elements.shape)
    ndim = property(lambda self: self._elements.ndim)
    size = property(lambda self: self._elements.size)
    dtype = property(lambda self: self._elements.dtype)
    itemsize = property(lambda self: self._elements.itemsize)
    nbytes = property(lambda self: self._elements.nbytes)
    strides = property(lambda self: self._elements.strides)
    flags = property(lambda self: Flags(self._elements))

    @property
    def data(self) -> Memory:
        root = self._elements
        while isinstance(root.base, np.ndarray):
            root = root.base
        return Memory(root, self._elements.ctypes.data, self._device)

    @property
    def device(self) -> Any:
        from simulated_cupy import Device

        return Device(self._device)

    @property
    def T(self) -> Array:  # noqa: N802
        return self._viewed(self._elements.T)

    @property
    def real(self) -> Array:
        return self._viewed(self._elements.real) if self.dtype.kind == "c" else self

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Array:
        if self.dtype.kind == "c":
            return self._viewed(self._elements.imag)
        return Array(np.zeros(self.shape, self.dtype), self._device)

    @imag.setter
    def imag(self, value: Any) -> None:
        assert self.dtype.kind == "c"
        self.imag[...] = value

    def _viewed(self, elements: np.ndarray) -> Array:
        shares = np.may_share_memory(elements, self._elements)
        return Array(elements, self._device, (self if self.base is None else self.base) if shares else None)

    def _seen(self, elements: np.ndarray) -> Array:
        """What a method gives that looks at the same memory in another way; where it cannot, a kernel copies."""
        if self.size and not np.may_share_memory(elements, self._elements):
            check_guard("a copy")
            check_device(self)
            check_moves(self, "a copy")
        return self._viewed(elements)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
            "stream": 1,
            "version": 3,
            "strides": None if self.flags.c_contiguous else self.strides,
            "data": (self._elements.ctypes.data, False),
        }

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self._device

    def __dlpack__(self, **options: Any) -> Any:
        return self

    # -- to the host

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> np.ndarray:
        if self.size == 1:
            account.note("number")  # what `.item()` does
        else:
            account.note("to host")
        return np.array(self._elements, order=order)  # type: ignore[call-overload]

    def item(self) -> Any:
        account.note("number")
        return self._elements.item()

    def tolist(self) -> Any:
        account.note("to host")
        return self._elements.tolist()

    def __bool__(self) -> bool:
        return bool(self.item()) if self.size == 1 else bool(self._elements)

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        raise TypeError("only integer scalar arrays can be converted to a scalar index")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` explicitly.")

    def __len__(self) -> int:
        return len(self._elements)

    def __iter__(self) -> Any:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"<simulated array on cuda:{self._device}: {self._elements!r}>"

    # -- elements

    def __getitem__(self, key: Any) -> Array:
        plain = indices(key, self)
        if is_advanced(plain):
            account.calls += 1
            check_guard("advanced indexing")
            check_device(self)
            check_moves(self, "advanced indexing")
            return Array(np.asarray(self._elements[plain]), self._device)
        whole = plain if Ellipsis in plain else (*plain, ...)  # a view, also of a single element
        return self._viewed(self._elements[whole])

    def __setitem__(self, key: Any, value: Any) -> None:
        account.calls += 1
        check_guard("assignment")
        check_device(self)
        check_moves(self, "assignment")
        plain = indices(key, self)
        if isinstance(value, (list, tuple, np.ndarray)):
            raise TypeError(f"a hidden transfer: {type(value)} assigned to a device array")
        if isinstance(value, Array):
            check_device(value)
            check_moves(value, "assignment")
            value = value._elements
        if is_advanced(plain):
            check_once(self._elements, plain, value)
        with np.errstate(all="ignore"):
            self._elements[plain] = value


# Element types that CuPy's kernels do not know; their arrays can be looked at in another shape, and no more.
def is_unknown(dtype: np.dtype) -> bool:
    return dtype.name.startswith("float8") or dtype == "V4"


def check_moves(array: Array, what: str) -> None:
    if is_unknown(array.dtype):
        raise ValueError(f"Unsupported dtype {array.dtype} ({what})")


def check_guard(what: str) -> None:
    """Refuse work that is done outside the guard: its faults would not be told, nor its device be certain."""
    if not Devices.entered:
        raise RuntimeError(f"{what} outside a backend's guard")


def check_device(array: Array) -> None:
    if array._device != Devices.current:
        raise RuntimeError(f"an array of cuda:{array._device} is used while cuda:{Devices.current} is current")


def as_tuple(key: Any) -> tuple:
    return key if isinstance(key, tuple) else (key,)


def is_advanced(key: Any) -> bool:
    return any(isinstance(part, np.ndarray) for part in as_tuple(key))


def _dimensions_taken(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, Array) and part.dtype == bool else 1


def indices(key: Any, array: Array) -> Any:
    """An index for NumPy: positions wrapped as CuPy wraps them; host arrays and lists refused."""
    parts = as_tuple(key)
    if any(isinstance(part, (list, np.ndarray)) for part in parts):
        raise TypeError("a hidden transfer: a list or a NumPy array as an index of a device array")
    taken = sum(map(_dimensions_taken, parts))
    dim = 0
    plain: list[Any] = []
    for part in parts:
        if part is None:
            plain.append(part)
        elif part is Ellipsis:
            plain.append(part)
            dim += array.ndim - taken
        elif isinstance(part, Array):
            check_device(part)
            elements = part._elements
            if elements.dtype == bool:
                dim += elements.ndim
            else:
                size = array.shape[dim] if dim < array.ndim else 1
                elements = elements % size if size else elements
                dim += 1
            plain.append(elements)
        else:
            plain.append(part)
            dim += 1
    return tuple(plain)


def check_once(target: np.ndarray, key: Any, value: Any) -> None:
    """Which of two values for one position is kept, CuPy does not say."""
    positions = np.arange(target.size).reshape(target.shape)[key]
    if len(np.unique(positions)) == positions.size:
        return
    values = np.broadcast_to(np.asarray(value), positions.shape).reshape(-1)
    kept = np.zeros(target.size, values.dtype)
    kept[positions.reshape(-1)] = values
    again = kept[positions.reshape(-1)]
    same = (again == values) | ((again != again) & (values != values))
    if not same.all():
        raise AssertionError("undefined in CuPy: a position is assigned two values at once")


_VIEWS = ("diagonal", "ravel", "reshape", "squeeze", "swapaxes", "transpose", "view")


def _method(name: str) -> Any:
    from simulated_cupy import call_checked, unwrapped

    function = getattr(np.ndarray, name)

    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        contract.check_call("ndarray", name, args, kwargs)
        if name in _VIEWS:
            return self._seen(function(self._elements, *args, **kwargs))
        check_guard(name)
        check_moves(self, name)
        if name in ("view", "astype") and args and not isinstance(args[0], (str, type, np.dtype)):
            raise TypeError(f"{name} to {args[0]!r}")
        return call_checked(
            name, lambda: function(self._elements, *unwrapped(args), **unwrapped(kwargs)), (self, args, kwargs)
        )

    return method


def _operator(name: str, ufunc: str, swapped: bool = False, inplace: bool = False) -> Any:
    def operator(self: Array, *others: Any) -> Any:
        from simulated_cupy import cupy

        if any(isinstance(other, (list, tuple, np.ndarray)) for other in others):
            raise TypeError(f"Unsupported type {type(others[0])}")
        if others and not isinstance(others[0], (Array, int, float, complex, np.generic)):
            return NotImplemented
        operands = (*others, self) if swapped else (self, *others)
        function = getattr(cupy, ufunc)
        return function(*operands, out=self) if inplace else function(*operands)

    operator.__name__ = name
    return operator


_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor",
    "lshift": "left_shift", "rshift": "right_shift", "matmul": "matmul",
}  # fmt: skip
_COMPARED = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
_UNARY = {"neg": "negative", "invert": "invert", "abs": "absolute"}
_METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "conj", "copy", "cumprod", "cumsum", "diagonal",
    "dot", "fill", "flatten", "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round",
    "searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace", "transpose", "var", "view",
)  # fmt: skip


def _sort(self: Array, axis: int = -1, kind: Any = None) -> None:
    check_device(self)
    if kind not in (None, "stable"):
        raise ValueError("kind can only be None or 'stable'")
    if not self.flags.c_contiguous:
        raise NotImplementedError("Sorting non-contiguous array is not supported.")
    self._elements.sort(axis=axis, kind="stable")


def complete() -> None:
    """Give the class its methods and operators, each of which the contract has."""
    for name in _METHODS:
        assert name in contract.ARRAY, name
        setattr(Array, name, _method(name))
    Array.sort = _sort  # type: ignore[attr-defined]
    for name, ufunc in _BINARY.items():
        setattr(Array, f"__{name}__", _operator(name, ufunc))
        setattr(Array, f"__r{name}__", _operator(name, ufunc, swapped=True))
        if f"__i{name}__" in contract.ARRAY:
            setattr(Array, f"__i{name}__", _operator(name, ufunc, inplace=True))
    for name, ufunc in {**_COMPARED, **_UNARY}.items():
        setattr(Array, f"__{name}__", _operator(name, ufunc))
