"""Writing ``.pt`` files that ``torch.load`` reads, ``weights_only`` or not: an archive with a pickle and the storages.

The pickle is written opcode by opcode: Python's own pickler would have to import what it refers to.
"""

from __future__ import annotations

import struct

from tcalc.engine.bundle import Bundle
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.storage import Size
from tcalc.engine.tensor import CONJUGATE, NEGATIVE, Tensor
from tcalc.errors import DataError, TcalcError
from tcalc.formats.archive import packed
from tcalc.formats.torch_zip import STORAGES, UNTYPED
from tcalc.formats.values import as_tensor, raw_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tcalc.engine.storage import Storage

_ALIGNMENT = 64
_FOLDER = "archive"
_STORAGE_OF = {dtype: name for name, dtype in STORAGES.items()}
_DEEPEST = 400


def written(value: Any, format: str) -> Iterator[bytes]:
    """The pieces of the file, once every value in it is known to fit."""
    pickler = Pickler(format)
    data = pickler.dump(value)
    return packed(_members(data, pickler.storages), alignment=_ALIGNMENT)


def _members(data: bytes, storages: Iterable[Storage]) -> Iterator[tuple[str, Iterable[bytes | memoryview]]]:
    yield f"{_FOLDER}/data.pkl", [data]
    yield f"{_FOLDER}/byteorder", [b"little"]
    for key, storage in enumerate(storages):
        yield f"{_FOLDER}/data/{key}", _storage_bytes(storage)
    yield f"{_FOLDER}/version", [b"3\n"]


def _storage_bytes(storage: Storage) -> list[memoryview]:
    host = storage.backend.to_host(storage.buffer)
    return [raw_bytes(host)] if storage.nbytes else []


class Pickler:
    """Writes one value as a pickle of protocol 2. ``storages`` are those of its tensors, in the order of their keys."""

    def __init__(self, format: str) -> None:
        self.format = format
        self.storages: list[Storage] = []
        self._keys: dict[int, int] = {}
        self._dtypes: dict[int, DType] = {}
        self._out = bytearray()
        self._memo: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no id is used twice
        self._depth = 0

    def dump(self, value: Any) -> bytes:
        self._out += b"\x80\x02"
        self._save(value)
        self._out += b"."
        return bytes(self._out)

    def _save(self, value: Any) -> None:
        if id(value) in self._memo and not isinstance(value, (int, float, complex, str)):
            self._out += b"j" + struct.pack("<I", self._memo[id(value)])
            return
        self._depth += 1
        if self._depth > _DEEPEST:
            raise DataError(f"{self.format} holds no containers that are nested more than {_DEEPEST} deep")
        self._writer(value)(value)
        self._depth -= 1

    def _writer(self, value: Any) -> Callable[[Any], None]:
        if value is None or isinstance(value, bool):
            return self._constant
        for kind, write in self._kinds():
            if isinstance(value, kind):
                return write
        if as_tensor(value) is not None:
            return self._array
        raise DataError(f"{self.format} holds tensors, numbers, texts and containers of them, not {value!r:.60}")

    def _kinds(self) -> tuple[tuple[type, Callable[[Any], None]], ...]:
        """How each kind of value is written; one that is another's kind too comes before it."""
        return (
            (Tensor, self._tensor), (int, self._int), (float, self._float), (complex, self._complex),
            (str, self._text), (bytes, self._bytes), (dict, self._dict), (Bundle, self._bundle), (list, self._list),
            (Size, self._size), (tuple, self._tuple), (set, self._set), (frozenset, self._set), (DType, self._dtype),
            (Device, self._device),
        )  # fmt: skip

    def _remember(self, value: Any) -> None:
        self._memo[id(value)] = len(self._memo)
        self._kept.append(value)
        self._out += b"r" + struct.pack("<I", self._memo[id(value)])

    def _global(self, module: str, name: str) -> None:
        self._out += f"c{module}\n{name}\n".encode("ascii")

    # -- scalars

    def _constant(self, value: Any) -> None:
        self._out += {None: b"N", True: b"\x88", False: b"\x89"}[value]

    def _int(self, value: int) -> None:
        if -(1 << 31) <= value < 1 << 31:
            self._out += b"J" + struct.pack("<i", value)
            return
        count = value.bit_length() // 8 + 1
        data = value.to_bytes(count, "little", signed=True)
        self._out += b"\x8a" + bytes([count]) if count < 256 else b"\x8b" + struct.pack("<i", count)
        self._out += data

    def _float(self, value: float) -> None:
        self._out += b"G" + struct.pack(">d", value)

    def _complex(self, value: complex) -> None:
        self._global("__builtin__", "complex")
        self._float(value.real)
        self._float(value.imag)
        self._out += b"\x86R"

    def _text(self, value: str) -> None:
        data = value.encode("utf-8", "surrogatepass")
        self._out += b"X" + struct.pack("<I", len(data)) + data

    def _bytes(self, value: bytes) -> None:
        self._global("_codecs", "encode")
        self._text(value.decode("latin-1"))
        self._text("latin1")
        self._out += b"\x86R"

    def _dtype(self, value: DType) -> None:
        self._global("torch", value.name)

    def _device(self, value: Device) -> None:
        self._global("torch", "device")
        self._tuple((value.type,) if value.index is None else (value.type, value.index))
        self._out += b"R"

    # -- containers

    def _dict(self, value: dict[Any, Any]) -> None:
        self._out += b"}"
        self._remember(value)
        self._pairs(value.items())

    def _bundle(self, value: Bundle) -> None:
        """A state dictionary."""
        self._global("collections", "OrderedDict")
        self._out += b")R"
        self._remember(value)
        self._pairs(value.items())

    def _pairs(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        self._out += b"("
        for key, item in pairs:
            self._save(key)
            self._save(item)
        self._out += b"u"

    def _list(self, value: list[Any]) -> None:
        self._out += b"]"
        self._remember(value)
        self._out += b"("
        for item in value:
            self._save(item)
        self._out += b"e"

    def _tuple(self, value: tuple[Any, ...]) -> None:
        self._out += b"("
        for item in value:
            self._save(item)
        self._out += b"t"

    def _size(self, value: Size) -> None:
        self._global("torch", "Size")
        self._tuple((tuple(value),))
        self._out += b"R"

    def _set(self, value: set[Any]) -> None:
        self._global("__builtin__", "set")
        self._tuple((list(value),))
        self._out += b"R"

    # -- tensors

    def _array(self, value: Any) -> None:
        tensor = as_tensor(value)
        assert tensor is not None
        self._kept.append(tensor)
        self._tensor(tensor)

    def _tensor(self, tensor: Tensor) -> None:
        if tensor.is_meta:
            self._meta_tensor(tensor)
        else:
            self._view(tensor)
        self._remember(tensor)

    def _view(self, tensor: Tensor) -> None:
        typed = tensor.dtype in _STORAGE_OF
        if tensor.requires_grad:
            self._global("torch._utils", "_rebuild_parameter")
        self._global("torch._utils", "_rebuild_tensor_v2" if typed else "_rebuild_tensor_v3")
        self._out += b"("
        self._storage(tensor, typed)
        self._save(tensor.offset)
        self._tuple(tuple(tensor.shape))
        self._tuple(tuple(tensor.stride))
        self._constant(False)
        self._no_hooks()
        if not typed:
            self._dtype(tensor.dtype)
        if tensor.lazy:
            self._dict({{CONJUGATE: "conj", NEGATIVE: "neg"}[tensor.lazy]: True})
        self._out += b"tR"
        if tensor.requires_grad:
            self._constant(True)
            self._no_hooks()
            self._out += b"\x87R"

    def _meta_tensor(self, tensor: Tensor) -> None:
        self._global("torch._utils", "_rebuild_meta_tensor_no_storage")
        self._out += b"("
        self._dtype(tensor.dtype)
        self._tuple(tuple(tensor.shape))
        self._tuple(tuple(tensor.stride))
        self._constant(tensor.requires_grad)
        self._out += b"tR"

    def _no_hooks(self) -> None:
        self._global("collections", "OrderedDict")
        self._out += b")R"

    def _storage(self, tensor: Tensor, typed: bool) -> None:
        """The id of a storage: its type, its key, its place and how many elements it has."""
        storage = tensor.storage
        key = self._keys.setdefault(id(storage), len(self._keys))
        if key == len(self.storages):
            self.storages.append(storage)
            self._dtypes[key] = tensor.dtype
        elif self._dtypes[key] is not tensor.dtype:
            raise TcalcError("Cannot save multiple tensors or storages that view the same data as different types")
        self._out += b"("
        self._text("storage")
        if typed:
            self._global("torch", _STORAGE_OF[tensor.dtype])
        else:
            self._global("torch.storage", UNTYPED)
        self._text(str(key))
        self._text("cpu")
        self._int(storage.nbytes // tensor.dtype.itemsize if typed else storage.nbytes)
        self._out += b"tQ"
