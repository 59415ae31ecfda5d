"""NumPy's ``.npz``: an archive of ``.npy`` files, read one by one when they are touched."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.bundle import Bundle, Entry
from tcalc.errors import DataError
from tcalc.formats import npy
from tcalc.formats.archive import Archive, packed
from tcalc.formats.loaded import Loaded, data_error, quoted
from tcalc.formats.source import Section
from tcalc.formats.values import named_tensors, one_array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source
    from tcalc.formats.writing import WriteOptions

_ENDING = ".npy"


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The bundle in a ``.npz`` file."""
    archive = Archive(source)
    entries: dict[str, Entry] = {}
    for member in archive.members:
        name = member.removesuffix(_ENDING)
        if name == member:
            raise data_error(source.name, f"the member {quoted(member)} of the archive is no .npy file")
        entries[name] = _entry(archive, member)
    return Loaded(Bundle(entries), format)


def _entry(archive: Archive, member: str) -> Entry:
    source = archive.open(member)
    header = npy.Header(source)
    header.check_size(source.size)
    name = dtypes.from_numpy(header.dtype.newbyteorder("=")).name
    return Entry(
        name, header.shape, header.nbytes, lambda: header.tensor(archive.open(member)),
        is_mapped=isinstance(source, Section) and not (source.offset + header.start) % header.dtype.alignment,
    )  # fmt: skip


def write(value: Any, format: str, options: WriteOptions) -> Iterator[bytes]:
    """A bundle or a dictionary of tensors as a ``.npz`` file; one tensor is ``arr_0``, as ``np.savez`` calls it."""
    return written({"arr_0": value} if one_array(value) is not None else value, format)


def written(value: Any, format: str = "npz", compressed: bool = False) -> Iterator[bytes]:
    """The pieces of the archive, once every tensor in it is known to fit."""
    bundle = named_tensors(value, format)
    for name, entry in bundle.entries().items():
        if "\0" in name:
            raise DataError(f".npz has no names with a zero byte in them, as {quoted(name)} has")
        if entry.dtype_name.startswith(("bfloat", "float8", "complex32")) or entry.dtype_name not in dtypes.BY_NAME:
            raise DataError(
                f".npz has no element type for {entry.dtype_name} (the tensor {quoted(name)})",
                hint="convert first, for example with .float()",
            )
    members = ((name + _ENDING, npy.pieces(bundle.glance(name).host_array())) for name in bundle)
    return packed(members, compressed, alignment=0 if compressed else npy.ALIGNMENT)
