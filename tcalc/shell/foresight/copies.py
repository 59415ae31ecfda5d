"""A session's values as they look without their data: tensors on the ``meta`` device, containers copied."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.bundle import Bundle
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Size, Storage, contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.interp.literals import TensorLiteral
from tcalc.interp.type_tokens import TypeToken
from tcalc.interp.values import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.bundle import Entry

_AS_THEY_ARE = (int, float, complex, str, bytes, type(None), type(...), Size, DType, range, slice, TypeToken, Namespace)
# Items of all containers together.
_MOST_ITEMS = 5000


class Unknown(Exception):  # noqa: N818 - the answer is that there is none
    """A value that has no likeness without data, or a text that nobody can tell about."""


class Copies:
    """Copies of one moment: what was one value, or shared one storage, is one and shares one among the copies."""

    def __init__(self) -> None:
        self._values: dict[int, Any] = {}
        self._storages: dict[int, Storage] = {}
        self._kept: list[Any] = []  # as long as the copies: an id belongs to one value only while it lives
        self._items = 0

    def of(self, value: Any) -> Any:
        """The copy of a value; :class:`Unknown` where there is none."""
        found = self._values.get(id(value))
        if found is None:
            found = self._copied(value)
            self._values[id(value)] = found
            self._kept.append(value)
        return found

    def _copied(self, value: Any) -> Any:
        if type(value) is Tensor:
            return self._tensor(value)
        if isinstance(value, Device):
            return devices.meta
        if type(value) is str and is_device(value):
            return "meta"
        if isinstance(value, _AS_THEY_ARE) or type(value).__name__ in ("Record", "Method", "ScalarFunction"):
            return value
        if isinstance(value, Bundle):
            return Bundle({name: self._entry(entry) for name, entry in value.entries().items()})
        return self._container(value)

    def _entry(self, entry: Entry) -> Tensor:
        """A tensor of a bundle, from what the file says of it: it is not read."""
        dtype = dtypes.BY_NAME.get(entry.dtype_name)
        self._items += 1
        if dtype is None or self._items > _MOST_ITEMS:
            raise Unknown
        shape = tuple(entry.shape)
        return Tensor(Storage(None, devices.meta, entry.nbytes), dtype, shape, contiguous_stride(shape))

    def _container(self, value: Any) -> Any:
        if type(value) not in (list, tuple, set, frozenset, dict, TensorLiteral, NamedResult):
            raise Unknown
        self._items += len(value)
        if self._items > _MOST_ITEMS:
            raise Unknown
        if type(value) is dict:
            return {self.of(key): self.of(item) for key, item in value.items()}
        items = [self.of(item) for item in value]
        if type(value) is TensorLiteral:
            return TensorLiteral(items, value.origin)
        if type(value) is NamedResult:
            return NamedResult(value.type_name, value.fields, items)
        return type(value)(items)

    def _tensor(self, value: Tensor) -> Tensor:
        storage = self._storages.get(id(value.storage))
        if storage is None:
            storage = Storage(None, devices.meta, value.storage.nbytes)
            self._storages[id(value.storage)] = storage
        copy = Tensor(storage, value.dtype, value.shape, value.stride, value.offset)
        copy.lazy = value.lazy
        return copy


def is_device(text: str) -> bool:
    """Whether a text names a device that computes."""
    kind, _, index = text.partition(":")
    return kind in ("cpu", "cuda") and (index.isdigit() or ":" not in text)
