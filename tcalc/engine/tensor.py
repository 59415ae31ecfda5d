"""Tensors: PyTorch's memory model over raw bytes.

A tensor is a view on a :class:`~tcalc.engine.storage.Storage` with PyTorch's own sizes, strides and offset (in
elements). The array that kernels compute on is derived from them, never the other way round.
"""

from __future__ import annotations

from math import prod

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical
from tcalc.engine.state import current
from tcalc.engine.storage import Size, Storage, contiguous_stride
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tcalc.engine.backend import Array, Backend
    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType


# What a lazy view makes of the elements in the storage.
CONJUGATE = "conjugate"
NEGATIVE = "negative"

# What a tensor is for, where somebody has said it.
PARAMETER = "Parameter"
BUFFER = "Buffer"


class Tensor:
    """An n-dimensional array of one element type on one device.

    ``base`` is the tensor that this one is a view of, or None; together with its own geometry it says how
    the view was made. ``lazy`` says that the elements are the conjugates or the negatives of what the storage
    holds: what ``conj()`` gives is a view. ``role`` is that of a parameter or buffer, which no view and no result of a
    computation has. ``grad_fn``, ``grad`` and ``requires_grad`` are the slots of the gradient
    tape.
    """

    __slots__ = (
        "__weakref__", "_array", "_generation", "base", "dtype", "grad", "grad_fn", "lazy", "offset", "requires_grad",
        "role", "shape", "storage", "stride",
    )  # fmt: skip

    # Set by outer layers when they are loaded: how a method is found and how a tensor prints.
    find_attribute: Callable[[Tensor, str], Any] | None = None
    format: Callable[[Tensor], str] | None = None

    # NumPy leaves a mixed operation to the tensor.
    __array_priority__ = 1000

    def __init__(
        self,
        storage: Storage,
        dtype: DType,
        shape: tuple[int, ...],
        stride: tuple[int, ...],
        offset: int = 0,
        base: Tensor | None = None,
    ) -> None:
        self.storage = storage
        self.dtype = dtype
        self.shape = shape if type(shape) is Size else Size(shape)
        self.stride = stride
        self.offset = offset
        self.base = base
        self.lazy = ""
        self.role = ""
        self.requires_grad = False
        self.grad: Tensor | None = None
        self.grad_fn: object = None
        self._array: Array = None
        self._generation = 0

    # -- facts

    @property
    def device(self) -> Device:
        return self.storage.device

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def numel(self) -> int:
        return prod(self.shape)

    @property
    def is_meta(self) -> bool:
        return self.storage.device.type == "meta"

    def is_contiguous(self) -> bool:
        step = 1
        if 0 in self.shape:
            return True
        for size, stride in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if size != 1:
                if stride != step:
                    return False
                step *= size
        return True

    def is_dense(self) -> bool:
        """Whether every address within the tensor's extent holds exactly one element."""
        step = 1
        if 0 in self.shape:
            return True
        for stride, size in sorted((st, si) for st, si in zip(self.stride, self.shape, strict=True) if si != 1):
            if stride != step:
                return False
            step *= size
        return True

    # -- memory

    @property
    def array(self) -> Array:
        """The elements as an array of the backend, sharing this tensor's memory.

        A lazy view's are worked out at every call; ``put_back`` brings to the storage what was written into them.
        """
        if self.lazy:
            backend = self.storage.backend
            with backend.guard():
                self._array = backend.xp.asarray(self._undone(self._stored_array()))
        elif self._array is None or self._generation != self.storage.generation:
            self._array = self._stored_array()
            self._generation = self.storage.generation
        return self._array

    def put_back(self) -> None:
        """Store what was written into the elements of a lazy view."""
        if self._array is not None:
            backend = self.storage.backend
            with backend.guard():
                backend.assign(self._stored_array(), self._undone(self._array))
            self._array = None

    def _stored_array(self) -> Array:
        """What the storage holds, as an array over its memory."""
        storage = self.storage
        buffer = storage.buffer
        if buffer is None:
            raise TcalcError("Cannot copy out of meta tensor; no data!", "NotImplementedError")
        return storage.backend.strided(buffer, self.dtype, self.shape, self.stride, self.offset)

    def _undone(self, array: Array) -> Array:
        """From elements to what a lazy view's storage holds, and back."""
        backend = self.storage.backend
        wide = backend.cast(array, self.dtype.computed_as)
        undone = backend.xp.conj(wide) if self.lazy == CONJUGATE else backend.xp.negative(wide)
        return backend.cast(backend.xp.asarray(undone), self.dtype)

    def host_array(self) -> Array:
        """The elements as a NumPy array: shared on the CPU, copied from another device."""
        return self.storage.backend.to_host(self.array)

    def as_view(
        self, shape: Sequence[int], stride: Sequence[int], offset: int | None = None, dtype: DType | None = None
    ) -> Tensor:
        """Another tensor over the same storage."""
        view = Tensor(
            self.storage,
            dtype or self.dtype,
            Size(shape),
            tuple(stride),
            self.offset if offset is None else offset,
            self if self.base is None else self.base,
        )
        if dtype is None or dtype is self.dtype:
            view.lazy = self.lazy
        view.requires_grad = self.requires_grad and current().grad_enabled
        return view

    def set_geometry(self, storage: Storage, shape: Sequence[int], stride: Sequence[int], offset: int) -> None:
        """Look at other memory or in another shape from now on (``set_``, ``resize_``, ``t_``, …)."""
        self.storage = storage
        self.shape = Size(shape)
        self.stride = tuple(stride)
        self.offset = offset
        self._array = None

    # -- the Python face

    def __getattr__(self, name: str) -> Any:
        if Tensor.find_attribute is None or name.startswith("__"):
            raise AttributeError(f"'Tensor' object has no attribute '{name}'")
        return Tensor.find_attribute(self, name)

    def __repr__(self) -> str:
        if Tensor.format is None:
            return f"<tensor of shape {tuple(self.shape)}, {self.dtype}>"
        return Tensor.format(self)

    def __dlpack__(self, **options: Any) -> Any:
        from tcalc.engine.exchange import exported

        return exported(self).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        from tcalc.engine.exchange import dlpack_device

        return dlpack_device(self)

    @property
    def __cuda_array_interface__(self) -> Any:
        if self.device.type != "cuda":
            raise AttributeError("a tensor on the CPU has no __cuda_array_interface__")
        from tcalc.engine.exchange import exported

        return exported(self).__cuda_array_interface__

    def __len__(self) -> int:
        if not self.shape:
            raise TcalcError("len() of a 0-d tensor", "TypeError")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise TcalcError("iteration over a 0-d tensor", "TypeError")
        for index in range(self.shape[0]):
            yield self.as_view(self.shape[1:], self.stride[1:], self.offset + index * self.stride[0])

    def __bool__(self) -> bool:
        return bool(self.scalar("Boolean value of Tensor with {} is ambiguous"))

    def __int__(self) -> int:
        return int(self._real_scalar("int64_t"))

    def __float__(self) -> float:
        return float(self._real_scalar("double"))

    def _real_scalar(self, type_name: str) -> Any:
        value = self._only_element()
        if not isinstance(value, complex):
            return value
        if value.imag:
            raise TcalcError(f"value cannot be converted to type {type_name} without overflow")
        return value.real

    def _only_element(self) -> Any:
        if self.numel() != 1:
            raise TcalcError("only one element tensors can be converted to Python scalars", "ValueError")
        return self.scalar()

    def __complex__(self) -> complex:
        return complex(self._only_element())

    def __index__(self) -> int:
        if self.dtype.category > dtypes.INTEGER or self.numel() != 1:
            raise TcalcError("only integer tensors of a single element can be converted to an index", "TypeError")
        return int(self.scalar())

    def scalar(self, ambiguous: str | None = None) -> Any:
        """The only element as a Python number; otherwise PyTorch's error, as ``ambiguous`` words it."""
        count = self.numel()
        if count != 1:
            if ambiguous is not None:
                raise TcalcError(ambiguous.format("no values" if count == 0 else "more than one value"))
            raise TcalcError(f"a Tensor with {count} elements cannot be converted to Scalar")
        array = self.host_array()
        if self.dtype.is_reduced:
            array = backend_for(devices.cpu).cast(array, self.dtype.computed_as)
        return array.reshape(()).item()


def wrap(array: Array, device: Device = devices.cpu, dtype: DType | None = None) -> Tensor:
    """A tensor that owns a fresh array; the array must not be written by anybody else."""
    backend = backend_for(device)
    if not array.flags.c_contiguous and not _is_dense(array):
        array = backend.xp.ascontiguousarray(array)
    return _over(array, Storage(array, device, array.nbytes, backend), dtype or dtypes.from_numpy(array.dtype))


def _over(array: Array, storage: Storage, dtype: DType) -> Tensor:
    """A tensor over the whole of a storage, with an array's geometry."""
    shape = array.shape
    if array.flags.c_contiguous:
        stride = contiguous_stride(shape)
    else:
        itemsize = dtype.itemsize
        stride = tuple([step // itemsize for step in array.strides])
    tensor = Tensor(storage, dtype, Size(shape), stride)
    tensor._array = array
    return tensor


def _is_dense(array: Array) -> bool:
    if array.flags.c_contiguous or not array.size:
        return True
    step = array.dtype.itemsize
    for stride, size in sorted((st, si) for st, si in zip(array.strides, array.shape, strict=True) if si != 1):
        if stride != step:
            return False
        step *= size
    return True


def empty(shape: Sequence[int], dtype: DType, device: Device = devices.cpu, what: str = "the result") -> Tensor:
    """An uninitialised tensor; on the meta device, a shape without bytes."""
    shape = Size(shape)
    nbytes = prod(shape) * dtype.itemsize
    device = canonical(device)
    if device.type == "meta":
        return Tensor(Storage(None, device, nbytes), dtype, shape, contiguous_stride(shape))
    if not nbytes and prod(size or 1 for size in shape) * dtype.itemsize >= 2**63:
        raise TcalcError("Stride calculation overflowed")  # no elements, and strides beyond counting
    backend = backend_for(device)
    backend.reserve(nbytes, what)
    return wrap(backend.empty(shape, dtype), device, dtype)


def share(array: Array) -> Tensor:
    """A tensor over the memory of a NumPy array: both see each other's writes (``torch.from_numpy``)."""
    backend = backend_for(devices.cpu)
    dtype = dtypes.from_numpy(array.dtype)
    if not array.dtype.isnative:
        raise TcalcError(
            "given numpy array has byte order different from the native byte order. "
            "Conversion between byte orders is currently not supported.",
            "ValueError",
        )
    if any(stride < 0 for stride in array.strides):
        raise TcalcError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) ",
            "ValueError",
        )
    itemsize = dtype.itemsize
    if any(stride % itemsize for stride in array.strides):
        raise TcalcError(
            "given numpy array strides not a multiple of the element byte size. "
            "Copy the numpy array to reallocate the memory.",
            "ValueError",
        )
    array = array.view()  # whose shape the program cannot change behind the tensor's back
    owner = array if _is_dense(array) else _extent(array, backend.xp)
    return _over(array, Storage(owner, devices.cpu, owner.nbytes, backend), dtype)


def over_device_memory(array: Array, backend: Backend) -> Tensor:
    """A tensor over a GPU's array; a copy of one with gaps, whose whole memory is not known."""
    dtype = dtypes.from_numpy(array.dtype)
    if not _is_dense(array):
        with backend.guard():
            array = backend.xp.ascontiguousarray(array)
    return _over(array, Storage(array, backend.device, array.nbytes, backend), dtype)


def _extent(array: Array, xp: Any) -> Array:
    """Every byte from the first to the last element of an array with gaps."""
    first = array[(slice(0, 1),) * array.ndim]
    length = array.dtype.itemsize + sum(
        (size - 1) * step for size, step in zip(array.shape, array.strides, strict=True)
    )
    strided = xp.lib.stride_tricks.as_strided
    element = first.reshape(-1).view(xp.uint8)
    return strided(element, (length,), (1,))
