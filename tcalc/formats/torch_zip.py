"""``.pt`` and ``.pth``: the zip archives of ``torch.save``, with tensors, numbers, texts and containers in them.

The pickle inside is read by :mod:`tcalc.formats.unpickling`, with the table of names that is here. Tensors that
share a storage share it again, and the bytes of a storage are looked at when one of its tensors is touched.
"""

from __future__ import annotations

from math import prod

from tcalc.engine import devices, dtypes
from tcalc.engine.bundle import Bundle, Entry
from tcalc.engine.storage import Size, Storage
from tcalc.engine.tensor import CONJUGATE, NEGATIVE, Tensor, empty
from tcalc.formats.archive import Archive
from tcalc.formats.arrays import check_shape, memory_in
from tcalc.formats.loaded import Loaded, data_error, quoted
from tcalc.formats.unpickling import Global, Unpickler, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.engine.dtypes import DType
    from tcalc.errors import DataError
    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source
    from tcalc.formats.writing import WriteOptions

UNTYPED = "UntypedStorage"
STORAGES = {
    "FloatStorage": dtypes.float32, "DoubleStorage": dtypes.float64, "HalfStorage": dtypes.float16,
    "BFloat16Storage": dtypes.bfloat16, "LongStorage": dtypes.int64, "IntStorage": dtypes.int32,
    "ShortStorage": dtypes.int16, "CharStorage": dtypes.int8, "ByteStorage": dtypes.uint8,
    "BoolStorage": dtypes.bool_, "ComplexFloatStorage": dtypes.complex64, "ComplexDoubleStorage": dtypes.complex128,
}  # fmt: skip
_TENSOR_CLASSES = ("torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter")
_LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"


class StorageType:
    """The type of a storage: that of its elements, or None where the tensors say it."""

    __slots__ = ("dtype",)

    def __init__(self, dtype: DType | None) -> None:
        self.dtype = dtype


class StoredBytes:
    """A storage as the pickle describes it: the member with its bytes, and the type of its elements."""

    __slots__ = ("dtype", "key", "nbytes")

    def __init__(self, key: str, dtype: DType | None, nbytes: int) -> None:
        self.key = key
        self.dtype = dtype
        self.nbytes = nbytes


class StoredTensor:
    """A tensor as the pickle describes it: a view on a storage that has not been read."""

    __slots__ = ("dtype", "lazy", "offset", "requires_grad", "shape", "storage", "stride")

    def __init__(
        self,
        storage: StoredBytes | None,
        dtype: DType,
        shape: tuple[int, ...],
        stride: tuple[int, ...],
        offset: int = 0,
        requires_grad: bool = False,
        lazy: str = "",
    ) -> None:
        self.storage = storage
        self.dtype = dtype
        self.shape = shape
        self.stride = stride
        self.offset = offset
        self.requires_grad = requires_grad
        self.lazy = lazy

    def extent(self) -> int:
        """How many elements of the storage the tensor reaches."""
        if 0 in self.shape:
            return 0
        return self.offset + sum((size - 1) * step for size, step in zip(self.shape, self.stride, strict=True)) + 1


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """What a ``.pt`` file holds; dictionaries of tensors are bundles."""
    return Loaded(opened(source, TorchFile.bundled), format)


def opened(source: Source, build: Callable[[TorchFile, Any], Any]) -> Any:
    """The value in a file as ``TorchFile.bundled`` or ``TorchFile.plain`` builds it."""
    file = TorchFile(source)
    try:
        return build(file, file.value)
    except RecursionError:
        raise data_error(source.name, "the containers in the file are nested too deeply") from None


class TorchFile:
    """An open ``.pt`` file. ``value`` is what the pickle describes, with every tensor as a :class:`StoredTensor`."""

    def __init__(self, source: Source) -> None:
        self.where = source.name
        head = source.head(len(_LEGACY))
        if head == _LEGACY:
            raise data_error(
                self.where, "this is in the format that PyTorch wrote before version 1.6, which tcalc does not read",
                hint="load it with PyTorch and save it again",
            )  # fmt: skip
        if head[:1] == b"\x80":
            raise data_error(self.where, "this is a bare Python pickle, not a file of torch.save")
        self.archive = Archive(source)
        pickles = [name for name in self.archive.members if name.rpartition("/")[2] == "data.pkl"]
        if len(pickles) != 1:
            what = "TorchScript, a program" if "constants.pkl" in "".join(self.archive.members) else "no data.pkl"
            raise data_error(self.where, f"this is no file of torch.save: it has {what}")
        self._folder = pickles[0][: -len("data.pkl")]
        if f"{self._folder}constants.pkl" in self.archive:
            raise data_error(self.where, "this is a TorchScript program, which tcalc does not read")
        self._swapped = self._is_big_endian()
        self._storages: dict[str, Storage] = {}
        self._made: dict[int, Any] = {}
        data = self.archive.open(pickles[0]).data()
        self.value = Unpickler(self.where, self._globals(), self._persistent).load(data)

    def _is_big_endian(self) -> bool:
        name = f"{self._folder}byteorder"
        return name in self.archive and self.archive.open(name).head(8) == b"big"

    # -- what the pickle may ask for

    def _globals(self) -> dict[str, Global]:
        found = [
            Global("torch._utils._rebuild_tensor", self._tensor),
            Global("torch._utils._rebuild_tensor_v2", self._tensor),
            Global("torch._utils._rebuild_tensor_v3", self._typed_tensor),
            Global("torch._utils._rebuild_parameter", _parameter),
            Global("torch._utils._rebuild_parameter_with_state", _parameter),
            Global("torch._tensor._rebuild_from_type_v2", _of_class),
            *(Global(name, _no_instance) for name in _TENSOR_CLASSES),
            Global("torch._utils._rebuild_meta_tensor_no_storage", _meta_tensor),
            Global("collections.OrderedDict", _dictionary),
            Global("collections.Counter", _dictionary),
            Global("collections.defaultdict", lambda factory=None, items=(): _dictionary(items)),
            Global("builtins.dict", _dictionary),
            Global("torch.Size", lambda sizes=(): Size(_sizes(sizes))),
            Global("torch.device", lambda name, *index: devices.parse(":".join(map(str, (name, *index))))),
            Global("builtins.complex", lambda *parts: complex(*map(_real, parts))),
            Global("builtins.set", lambda items=(): {key_of(item) for item in items}),
            Global("_codecs.encode", _encoded),
            Global(f"torch.storage.{UNTYPED}", value=StorageType(None)),
        ]
        found += [Global(f"torch.{name}", value=StorageType(dtype)) for name, dtype in STORAGES.items()]
        found += [Global(f"torch.{dtype.name}", value=dtype) for dtype in dtypes.ALL]
        return {item.name: item for item in found}

    def _fault(self, message: str) -> DataError:
        return data_error(self.where, message)

    def _persistent(self, identity: Any) -> StoredBytes:
        """The storage of an id: ``("storage", type, key, location, count)``."""
        kind, storage_type, key, _, count = identity
        if kind != "storage" or type(count) is not int or count < 0 or not isinstance(key, str):
            raise ValueError
        if not isinstance(storage_type, StorageType):
            raise ValueError
        member = f"{self._folder}data/{key}"
        if member not in self.archive:
            raise self._fault(f"the storage {quoted(key)} is missing from the archive")
        dtype = storage_type.dtype
        nbytes = count * (dtype.itemsize if dtype is not None else 1)
        found = self.archive.open(member).size
        if found != nbytes:
            raise self._fault(f"the storage {quoted(key)} has {found} bytes, where {nbytes} are promised")
        return StoredBytes(key, dtype, nbytes)

    def _tensor(
        self, storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, hooks: Any = None,
        metadata: Any = None,
    ) -> StoredTensor:  # fmt: skip
        return self._view(storage, storage.dtype, offset, size, stride, requires_grad, metadata)

    def _typed_tensor(
        self, storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, dtype: Any,
        metadata: Any = None,
    ) -> StoredTensor:  # fmt: skip
        return self._view(storage, dtype, offset, size, stride, requires_grad, metadata)

    def _view(
        self, storage: Any, dtype: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, metadata: Any
    ) -> StoredTensor:
        shape, steps = _sizes(size), _sizes(stride)
        if not isinstance(storage, StoredBytes) or not isinstance(dtype, dtypes.DType) or len(shape) != len(steps):
            raise ValueError
        lazy = {(True, False): CONJUGATE, (False, True): NEGATIVE}.get(_lazy_bits(metadata), "")
        tensor = StoredTensor(storage, dtype, shape, steps, _sizes([offset])[0], requires_grad is True, lazy)
        check_shape(shape, dtype.itemsize, self.where, "a tensor")
        if tensor.extent() * dtype.itemsize > storage.nbytes:
            raise self._fault(f"a tensor of shape {shape} reaches beyond its storage of {storage.nbytes} bytes")
        return tensor

    # -- values

    def bundled(self, value: Any) -> Any:
        """The value with dictionaries of tensors as bundles, whose tensors are read when they are touched."""
        if type(value) is dict and value and all(
            type(key) is str and isinstance(item, StoredTensor) for key, item in value.items()
        ):  # fmt: skip
            return Bundle({name: self._entry(item) for name, item in value.items()})
        return self._rebuilt(value, self.bundled, False)

    def plain(self, value: Any) -> Any:
        """The value as ``torch.load`` gives it."""
        return self._rebuilt(value, self.plain, True)

    def _rebuilt(self, value: Any, again: Callable[[Any], Any], with_grad: bool) -> Any:
        if isinstance(value, StoredTensor):
            return self._shared(value, lambda: self.tensor(value, with_grad))
        if isinstance(value, (StoredBytes, StorageType, Global)):
            raise self._fault("the file holds a storage or a type by itself, which is no value of tcalc's")
        if type(value) is dict:
            return self._container(
                value, {}, lambda made: made.update((key, again(item)) for key, item in value.items())
            )
        if type(value) is list:
            return self._container(value, [], lambda made: made.extend(again(item) for item in value))
        if type(value) is tuple:
            return self._shared(value, lambda: tuple([again(item) for item in value]))
        return value

    def _container(self, value: Any, made: Any, fill: Callable[[Any], None]) -> Any:
        """A list or dictionary, known before its items are: one of them may be itself."""
        if id(value) in self._made:
            return self._made[id(value)][0]
        self._made[id(value)] = made, value
        fill(made)
        return made

    def _shared(self, value: Any, make: Callable[[], Any]) -> Any:
        if id(value) not in self._made:
            self._made[id(value)] = make(), value
        return self._made[id(value)][0]

    def _entry(self, stored: StoredTensor) -> Entry:
        return Entry(
            stored.dtype.name,
            stored.shape,
            prod(stored.shape) * stored.dtype.itemsize,
            lambda: self._shared(stored, lambda: self.tensor(stored, False)),
            is_mapped=stored.storage is None or self.archive.is_stored(f"{self._folder}data/{stored.storage.key}"),
        )

    def tensor(self, stored: StoredTensor, with_grad: bool) -> Tensor:
        """The tensor itself, over the storage that it shares with others."""
        if stored.storage is None:
            return empty(stored.shape, stored.dtype, devices.meta)
        storage = self._storage(stored.storage, stored.dtype)
        tensor = Tensor(storage, stored.dtype, Size(stored.shape), stored.stride, stored.offset)
        tensor.lazy = stored.lazy
        tensor.requires_grad = with_grad and stored.requires_grad
        return tensor

    def _storage(self, stored: StoredBytes, dtype: DType) -> Storage:
        if stored.key not in self._storages:
            import numpy as np

            source = self.archive.open(f"{self._folder}data/{stored.key}")
            memory = memory_in(source, 0, stored.nbytes, f"the storage {quoted(stored.key)}")
            owner = np.frombuffer(memory, np.uint8) if stored.nbytes else np.empty(0, np.uint8)
            if self._swapped:
                owner = _swapped(owner, stored.dtype or dtype)
            elif not owner.flags.writeable or owner.ctypes.data % 16:
                owner = owner.copy()
            self._storages[stored.key] = Storage(owner, devices.cpu, stored.nbytes)
        return self._storages[stored.key]


def _swapped(owner: Any, dtype: DType) -> Any:
    """The bytes of a storage from a machine with the other order."""
    width = dtype.itemsize // 2 if dtype.is_complex else dtype.itemsize
    return owner.view(f"u{width}").byteswap().view("u1") if width > 1 else owner.copy()


def _sizes(value: Any) -> tuple[int, ...]:
    found = tuple(value)
    if len(found) > 64 or not all(type(size) is int and 0 <= size < 1 << 62 for size in found):
        raise ValueError
    return found


def _lazy_bits(metadata: Any) -> tuple[bool, bool]:
    if metadata is None:
        return False, False
    if type(metadata) is not dict or not set(metadata) <= {"conj", "neg"}:
        raise ValueError
    return metadata.get("conj") is True, metadata.get("neg") is True


def _parameter(data: Any, requires_grad: Any, hooks: Any = None, state: Any = None) -> StoredTensor:
    if not isinstance(data, StoredTensor):
        raise ValueError
    return StoredTensor(
        data.storage, data.dtype, data.shape, data.stride, data.offset, requires_grad is True, data.lazy
    )


def _no_instance(*arguments: Any) -> None:
    """The classes of tensors are only named, by tensors that have attributes."""
    raise ValueError


def _of_class(function: Any, kind: Any, arguments: Any, state: Any) -> StoredTensor:
    """A tensor with attributes, which are of no use here."""
    if not isinstance(function, Global) or function.make is None or type(arguments) is not tuple:
        raise ValueError
    if not isinstance(kind, Global) or kind.name not in _TENSOR_CLASSES:
        raise ValueError
    tensor = function.make(*arguments)
    if not isinstance(tensor, StoredTensor):
        raise ValueError
    return tensor


def _meta_tensor(dtype: Any, size: Any, stride: Any, requires_grad: Any) -> StoredTensor:
    if not isinstance(dtype, dtypes.DType):
        raise ValueError
    return StoredTensor(None, dtype, _sizes(size), _sizes(stride), requires_grad=requires_grad is True)


def _dictionary(items: Any = ()) -> dict[Any, Any]:
    pairs = items.items() if type(items) is dict else items
    return {key_of(key): value for key, value in pairs}


def _real(part: Any) -> float:
    if not isinstance(part, (int, float)):
        raise ValueError
    return float(part)


def _encoded(text: str, encoding: str) -> bytes:
    """Bytes, as pickles of protocol 2 write them."""
    if encoding not in ("latin1", "latin-1", "utf-8"):
        raise ValueError
    return text.encode(encoding)


def write(value: Any, format: str, options: WriteOptions) -> Iterator[bytes]:
    """A value as a ``.pt`` file."""
    from tcalc.formats.torch_write import written

    return written(value, format)
