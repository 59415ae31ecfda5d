"""``torch.save``, ``torch.load`` and ``torch.from_file``. What they reach goes through :mod:`tcalc.formats.files`."""

from __future__ import annotations

from tcalc.engine import devices
from tcalc.engine.bundle import Bundle, Entry
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.table import Table
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, not_implemented
from tcalc.ops.registry import op
from tcalc.ops.session.convert import converted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Layout = Any


@op
def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: Any = None,
    mmap: Any = None,
) -> Any:
    """What a file of ``torch.save`` holds.

    Tensors, numbers, texts, and containers of them.

    It never runs code from the file, whatever ``weights_only`` says, and every large tensor is mapped. ``load(path)``
    without ``torch.`` reads the other formats too, and gives bundles. OSError where the file cannot be read.
    """
    from tcalc.formats import files, torch_zip

    value = torch_zip.opened(files.opened(files.path_of(f, "torch.load")), torch_zip.TorchFile.plain)
    return on_device(value, map_location) if isinstance(map_location, (str, Device)) else value


def _moved(entry: Entry, target: Device) -> Entry:
    """An entry of a bundle that is read straight to a device, when it is touched."""

    def read() -> Tensor:
        return converted(entry.glance(), None, target)

    return Entry(entry.dtype_name, entry.shape, entry.nbytes, read, is_mapped=False)


def on_device(value: Any, place: str | Device) -> Any:
    """A value with every tensor in it on a device; a file is read straight to it."""
    target = devices.parse(place)

    def move(item: Any) -> Any:
        if isinstance(item, Tensor):
            return converted(item, None, target)
        if isinstance(item, Bundle):
            return Bundle({name: _moved(entry, target) for name, entry in item.entries().items()}, item.metadata)
        if isinstance(item, Table):
            return item.mapped(move)
        if isinstance(item, dict):
            return {key: move(part) for key, part in item.items()}
        return type(item)(map(move, item)) if type(item) in (list, tuple) else item

    return move(value)


@op
def save(
    obj: Any, f: Any, pickle_module: Any = None, pickle_protocol: int = 2, _use_new_zipfile_serialization: bool = True
) -> None:
    """Write tensors and what they come with to a file.

    Numbers, texts and containers, too; ``torch.load`` reads it. It is written whole or not at all.

    Tensors that share their memory share it in the file too. ``save(value, path)`` without ``torch.`` writes the
    format that the path's ending says.
    """
    from tcalc.formats import files
    from tcalc.formats.torch_write import written

    files.saved(files.path_of(f, "torch.save"), written(obj, "pt"))


@op
def from_file(
    filename: str,
    shared: bool | None = False,
    size: int | None = 0,
    *,
    dtype: DType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """Elements of a file of raw numbers, mapped into memory.

    They are the first ``size``; writing to the tensor does not reach the file.
    """
    from tcalc.formats import files
    from tcalc.formats.arrays import tensor_in

    if shared:
        raise not_implemented(
            "from_file(): shared=True would write to the file behind every other reader's back",
            hint="leave it out, and save the tensor when it is done",
        )
    dtype = dtype or current().default_dtype
    count = size or 0
    if count < 0:
        raise TcalcError(f"from_file(): size is negative: {count}")
    tensor = tensor_in(files.opened(files.path_of(filename, "from_file")), 0, dtype, (count,), "the tensor")
    return tensor if device is None else converted(tensor, None, device)
