"""``.safetensors``: a strict reader that looks at the header alone until a tensor is touched, and a writer.

The library of that name reads bfloat16 and float8 only with PyTorch installed, copies every tensor, and wants a
path; it serves in the tests, where each reads what the other writes.
"""

from __future__ import annotations

import json
from math import prod

from tcalc.engine import dtypes
from tcalc.engine.bundle import Bundle, Entry
from tcalc.errors import DataError
from tcalc.formats.arrays import check_shape, tensor_in
from tcalc.formats.loaded import Loaded, data_error, quoted
from tcalc.formats.values import little_endian, named_tensors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.engine.tensor import Tensor
    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source
    from tcalc.formats.writing import WriteOptions

METADATA = "__metadata__"
# The format allows 100 MB; a header of a hundred thousand tensors has a tenth of this.
_MAX_HEADER = 1 << 25
_LENGTH = 8
_DTYPES = {
    "BOOL": dtypes.bool_, "U8": dtypes.uint8, "I8": dtypes.int8, "I16": dtypes.int16, "U16": dtypes.uint16,
    "I32": dtypes.int32, "U32": dtypes.uint32, "I64": dtypes.int64, "U64": dtypes.uint64, "F16": dtypes.float16,
    "BF16": dtypes.bfloat16, "F32": dtypes.float32, "F64": dtypes.float64, "C64": dtypes.complex64,
    "F8_E4M3": dtypes.float8_e4m3fn, "F8_E5M2": dtypes.float8_e5m2, "F8_E4M3FNUZ": dtypes.float8_e4m3fnuz,
    "F8_E5M2FNUZ": dtypes.float8_e5m2fnuz,
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The bundle in a ``.safetensors`` file."""
    where = source.name
    fields, start = _header(source)
    metadata = _metadata(fields.pop(METADATA, {}), where)
    spans: dict[str, tuple[int, int]] = {}
    entries = {}
    for name, fact in fields.items():
        entries[name] = _entry(source, start, name, fact, spans)
    _check_spans(spans, source.size - start, where)
    return Loaded(Bundle(entries, metadata), format)


def _header(source: Source) -> tuple[dict[str, Any], int]:
    """The header's dictionary, and where the bytes of the tensors start."""
    where = source.name
    head = source.head(_LENGTH)
    if len(head) < _LENGTH:
        raise data_error(where, "the file is cut short: a .safetensors file starts with eight bytes of length")
    length = int.from_bytes(head, "little")
    if length > _MAX_HEADER:
        raise data_error(where, f"the header claims to be {length} bytes long; at most {_MAX_HEADER} are read")
    start = _LENGTH + length
    if source.size < start:
        raise data_error(
            where, f"the file is cut short: it ends within its header of {length} bytes, or is no .safetensors file"
        )
    text = source.head(start)[_LENGTH:]
    try:
        fields = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_int=_whole, parse_constant=_refused)
    except (ValueError, RecursionError) as fault:
        reason = str(fault) if isinstance(fault, _TwiceError) else "it is no JSON"
        raise data_error(where, f"the header is damaged: {reason}") from None
    if not isinstance(fields, dict):
        raise data_error(where, "the header is damaged: it is no JSON object")
    return fields, start


class _TwiceError(ValueError):
    """A name that stands in the header more than once."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(f"{quoted(name)} stands there twice")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > 19:
        raise ValueError
    return int(digits)


def _refused(name: str) -> None:
    raise ValueError


def _metadata(found: Any, where: str) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise data_error(where, f"the header is damaged: {METADATA} is no dictionary of texts")
    return found


def _entry(source: Source, start: int, name: str, fact: Any, spans: dict[str, tuple[int, int]]) -> Entry:
    """One tensor of the header, checked against itself; ``spans`` gets the place of its bytes."""
    where = source.name
    if not isinstance(fact, dict) or set(fact) != {"dtype", "shape", "data_offsets"}:
        raise data_error(where, f"the tensor {quoted(name)} lacks one of dtype, shape and data_offsets")
    kind, shape, offsets = fact["dtype"], fact["shape"], fact["data_offsets"]
    if not isinstance(kind, str) or not _are_sizes(shape) or not (_are_sizes(offsets) and len(offsets) == 2):
        raise data_error(where, f"the header is damaged at the tensor {quoted(name)}")
    if len(shape) > 64:
        raise data_error(where, f"the tensor {quoted(name)} has {len(shape)} dimensions; a tensor has at most 64")
    begin, end = offsets
    nbytes = end - begin
    spans[name] = begin, end
    dtype = _DTYPES.get(kind)
    if nbytes < 0 or (dtype is not None and nbytes != prod(shape) * dtype.itemsize):
        raise data_error(
            where, f"the tensor {quoted(name)} of shape {tuple(shape)} and type {kind} cannot have {nbytes} bytes"
        )

    check_shape(
        shape if not nbytes else (), 1 if dtype is None else dtype.itemsize, where, f"the tensor {quoted(name)}"
    )

    def load() -> Tensor:
        if dtype is None:
            raise data_error(where, f"the tensor {quoted(name)} is of type {quoted(kind)}, which tcalc does not have")
        return tensor_in(source, start + begin, dtype, shape, f"the tensor {quoted(name)}")

    return Entry(dtype.name if dtype is not None else kind, tuple(shape), nbytes, load)


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _check_spans(spans: dict[str, tuple[int, int]], size: int, where: str) -> None:
    """The tensors lie one after another, without overlaps or gaps, and fill the file."""
    position = 0
    for name, (begin, end) in sorted(spans.items(), key=lambda item: item[1]):
        if begin < position:
            raise data_error(where, f"the bytes of the tensor {quoted(name)} overlap those of another")
        if begin > position:
            raise data_error(where, f"{begin - position} bytes before the tensor {quoted(name)} belong to no tensor")
        position = end
    if position > size:
        raise data_error(
            where, f"the file is cut short: its header promises {position} bytes of tensors, there are {size}"
        )
    if position < size:
        raise data_error(where, f"{size - position} bytes follow the {position} that the header promises")


def write(value: Any, format: str, options: WriteOptions) -> Iterator[bytes | memoryview]:
    """A bundle, or a dictionary of tensors, as a ``.safetensors`` file. Aligned tensors come first."""
    bundle = named_tensors(value, format)
    fields: dict[str, Any] = {METADATA: bundle.metadata} if bundle.metadata else {}
    order = sorted(bundle, key=lambda name: -_itemsize(bundle, name))
    place: dict[str, tuple[int, int]] = {}
    position = 0
    for name in order:
        nbytes = bundle.entries()[name].nbytes
        place[name] = position, position + nbytes
        position += nbytes
    for name, entry in bundle.entries().items():
        if name == METADATA:
            raise DataError(f"{format} keeps the name {METADATA} for itself, and a tensor has it")
        fields[name] = {
            "dtype": _type_name(entry, name), "shape": list(entry.shape), "data_offsets": list(place[name])
        }  # fmt: skip
    header = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    header += b" " * (-len(header) % 8)
    if len(header) > _MAX_HEADER:
        raise DataError(f"{format} allows no header of {len(header)} bytes")
    return _pieces(header, bundle, order)


def _pieces(header: bytes, bundle: Bundle, order: list[str]) -> Iterator[bytes | memoryview]:
    yield len(header).to_bytes(_LENGTH, "little") + header
    for name in order:
        yield from little_endian(bundle.glance(name))


def _itemsize(bundle: Bundle, name: str) -> int:
    entry = bundle.entries()[name]
    return dtypes.by_name(entry.dtype_name).itemsize if entry.dtype_name in dtypes.BY_NAME else 0


def _type_name(entry: Entry, name: str) -> str:
    found = dtypes.BY_NAME.get(entry.dtype_name)
    if found not in _NAMES:
        raise DataError(
            f".safetensors has no element type for {entry.dtype_name} (the tensor {quoted(name)})",
            hint="torch.view_as_real() makes two floats of a complex number" if "complex" in entry.dtype_name else None,
        )
    return _NAMES[found]
