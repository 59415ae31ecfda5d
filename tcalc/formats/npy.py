"""NumPy's ``.npy``: a strict reader of our own, in which no pickle can hide, and a writer."""

from __future__ import annotations

from math import prod

from tcalc.engine import complex_half
from tcalc.engine.bundle import Bundle
from tcalc.engine.tensor import wrap
from tcalc.errors import DataError
from tcalc.formats.arrays import array_over, check_shape, memory_in
from tcalc.formats.loaded import Loaded, data_error
from tcalc.formats.table import NPY_MAGIC
from tcalc.formats.values import in_order, one_array, raw_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.engine.tensor import Tensor
    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source
    from tcalc.formats.writing import WriteOptions

_MAX_HEADER = 1 << 20
_MAX_DIMENSIONS = 64
ALIGNMENT = 64  # of the numbers in a file that we write
_KINDS = {
    "O": "Python objects, which only a pickle could restore", "U": "text", "S": "bytes", "V": "raw bytes or records",
    "M": "dates", "m": "time differences",
}  # fmt: skip


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The tensor in a ``.npy`` file. A large file is mapped: what nobody touches is never read."""
    header = Header(source)
    header.check_size(source.size)
    return Loaded(header.tensor(source), format)


class Header:
    """What the front of a ``.npy`` file says: element type, order and shape, and where the numbers start."""

    __slots__ = ("dtype", "fortran", "nbytes", "shape", "start", "where")

    def __init__(self, source: Source) -> None:
        import numpy as np

        self.where = source.name
        text, self.start = _header_text(source, self.where)
        descr, self.fortran, self.shape = _parse_header(text, self.where)
        self.dtype = np.dtype(descr)
        self.nbytes = prod(self.shape) * self.dtype.itemsize
        if not self.nbytes:
            check_shape(self.shape, self.dtype.itemsize, self.where, "the array")

    def check_size(self, size: int) -> None:
        """The numbers fill the rest of a file of ``size`` bytes."""
        found = size - self.start
        if found < self.nbytes:
            raise data_error(
                self.where,
                f"the file is cut short: its header promises {self.nbytes} bytes of numbers, there are {found}",
            )
        if found > self.nbytes:
            raise data_error(
                self.where, f"{found - self.nbytes} bytes follow the {self.nbytes} that the header promises"
            )

    def tensor(self, source: Source) -> Tensor:
        """The tensor itself."""
        memory = memory_in(source, self.start, self.nbytes, "the tensor")
        array = array_over(memory, self.dtype, prod(self.shape))
        return wrap(array.reshape(self.shape, order="F" if self.fortran else "C"))


def _header_text(source: Source, where: str) -> tuple[str, int]:
    """The header's dictionary as text, and where the numbers start."""
    head = source.head(12)
    if head[:6] != NPY_MAGIC:
        raise data_error(where, "this is no .npy file: it does not start with the signature \\x93NUMPY")
    version = head[6:8]
    width = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}.get(version)
    if len(version) < 2 or len(head) < 8 + (width or 0):
        raise data_error(where, "the file is cut short: it ends within its header")
    if width is None:
        raise data_error(where, f".npy version {version[0]}.{version[1]} is unknown")
    length = int.from_bytes(head[8 : 8 + width], "little")
    start = 8 + width + length
    if length > _MAX_HEADER:
        raise data_error(where, f"the header claims to be {length} bytes long")
    header = source.head(start)[8 + width :]
    if len(header) < length:
        raise data_error(where, "the file is cut short: it ends within its header")
    try:
        return header.decode("utf-8" if version[0] == 3 else "latin-1"), start
    except UnicodeDecodeError:
        raise data_error(where, "the header is not text") from None


def _parse_header(header: str, where: str) -> tuple[str, bool, tuple[int, ...]]:
    """Element type, order and shape of a header: ``{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }``."""
    import re

    fields: dict[str, str] = {}
    value = r"'[^']*'|True|False|\([\d\s,L]*\)|\[.*\]"
    rest = header.strip()
    if not (rest.startswith("{") and rest.endswith("}")):
        raise data_error(where, "the header is no dictionary")
    rest = rest[1:-1].strip()
    while rest:
        match = re.match(rf"'(\w+)'\s*:\s*({value})\s*(,|$)\s*", rest, re.DOTALL)
        if match is None or match[1] in fields:
            raise data_error(where, "the header is damaged")
        fields[match[1]] = match[2]
        rest = rest[match.end() :]
    if set(fields) != {"descr", "fortran_order", "shape"}:
        raise data_error(where, "the header lacks one of descr, fortran_order and shape")
    if fields["fortran_order"] not in ("True", "False") or not fields["shape"].startswith("("):
        raise data_error(where, "the header is damaged")
    return _element_type(fields["descr"], where), fields["fortran_order"] == "True", _shape(fields["shape"], where)


def _element_type(descr: str, where: str) -> str:
    """The dtype string, where it is a number that a tensor can hold."""
    import re

    if descr.startswith("["):
        raise data_error(where, "the file holds records with named fields, which are no tensor")
    name = descr.strip("'")
    match = re.fullmatch(r"[<>=|]?([a-zA-Z?])(\d*)(\[\w+\])?", name)
    if match is None:
        raise data_error(where, "the header is damaged")
    kind, size = match[1], match[2]
    if kind in _KINDS:
        raise data_error(where, f"the file holds {_KINDS[kind]}, not numbers")
    sizes = {"?": ("",), "b": ("1",), "i": tuple("1248"), "u": tuple("1248"), "f": tuple("248"), "c": ("8", "16")}
    if size not in sizes.get(kind, ()):
        raise data_error(where, f"the element type {name!r} is none that a tensor has")
    return name


def _shape(text: str, where: str) -> tuple[int, ...]:
    parts = [part.strip().removesuffix("L") for part in text[1:-1].split(",")]
    if parts[-1] == "":
        parts.pop()
    elif len(parts) == 1:
        raise data_error(where, "the header is damaged")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise data_error(where, "the header is damaged")
    if len(parts) > _MAX_DIMENSIONS:
        raise data_error(where, f"the shape has {len(parts)} dimensions; a tensor has at most {_MAX_DIMENSIONS}")
    return tuple(int(part) for part in parts)


def check_type(array: Any) -> None:
    """DataError where the format has no element type for an array's."""
    if complex_half.is_stored(array):
        raise DataError(".npy has no element type for complex32", hint="convert first, for example with .cfloat()")
    if array.dtype.kind in _KINDS and array.dtype.isbuiltin != 2:
        raise DataError(f".npy files of tcalc hold numbers, and the array holds {_KINDS[array.dtype.kind]}")
    if array.dtype.kind not in "biufc" or array.dtype.itemsize > 16 or array.dtype.isbuiltin == 2:
        raise DataError(
            f".npy has no element type for {array.dtype.name}", hint="convert first, for example with .float()"
        )


def pieces(array: Any) -> Iterator[bytes | memoryview]:
    """A ``.npy`` file that holds a NumPy array; of version 1.0 and row by row, as ``np.save`` writes."""
    check_type(array)
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    shape = "(" + ", ".join(map(str, array.shape)) + (",)" if array.ndim == 1 else ")")
    header = f"{{'descr': '{array.dtype.str}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    padding = -(len(NPY_MAGIC) + 4 + len(header) + 1) % ALIGNMENT
    text = header.encode("latin-1") + b" " * padding + b"\n"
    yield NPY_MAGIC + b"\x01\x00" + len(text).to_bytes(2, "little") + text
    for part in in_order(array.T if fortran else array):
        yield raw_bytes(part)


def write(value: Any, format: str, options: WriteOptions) -> Iterator[bytes | memoryview]:
    """A tensor, an array, a number or a rectangle of numbers as a ``.npy`` file."""
    array = one_array(value)
    if array is None:
        hint = "npz, safetensors and pt hold several" if isinstance(value, (Bundle, dict, tuple, list)) else None
        raise DataError(f"{format} holds numbers of one shape, and the result is none", hint=hint)
    check_type(array)
    return pieces(array)
