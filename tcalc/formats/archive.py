"""Zip archives, as ``.npz`` and ``.pt`` are: members by name, each as a source, and a writer.

Python's own library reads the directory and unpacks; nothing that the directory claims is taken on trust.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from tcalc.errors import DataError
from tcalc.formats.loaded import data_error, quoted
from tcalc.formats.source import Section, Source
from tcalc.formats.table import ZIP_MAGIC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_LOCAL_HEADER = 30
# A byte of deflated data makes at most this many.
_MOST_PER_BYTE = 1032
_ENCRYPTED = 0x1
_PIECE = 1 << 24  # bytes of a member that are written at a time
_METHODS = {12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz"}
# The clock has no place in a file of numbers: the same values make the same bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


class Archive:
    """An archive over a source. ``members`` are the names in the order of the directory."""

    def __init__(self, source: Source) -> None:
        self.source = source
        where = source.name
        if not source.head(2) == b"PK":
            raise data_error(where, "this is no zip archive: it does not start with the signature PK")
        try:
            self._zip = zipfile.ZipFile(_Handle(source))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, OSError) as fault:
            reason = (
                str(fault).lower() if isinstance(fault, NotImplementedError) else "the file is cut short or damaged"
            )
            raise data_error(where, f"the zip archive has no readable directory: {reason}") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if info.filename in self._members:
                raise data_error(where, f"two members of the archive are called {quoted(info.filename)}")
            self._members[info.filename] = info
            self._check(info)
        self._check_places(infos)

    @property
    def members(self) -> list[str]:
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def is_stored(self, name: str) -> bool:
        """Whether a member is there as it is, so that it can be mapped."""
        return self._members[name].compress_type == zipfile.ZIP_STORED

    def open(self, name: str) -> Source:
        """A member as a source."""
        info = self._members[name]
        label = f"{self.source.name}, {quoted(name)}"
        if self.is_stored(name):
            return Section(self.source, self._start(info), info.file_size, label)
        return _Packed(self._zip, info, label)

    def _fault(self, info: zipfile.ZipInfo, message: str) -> DataError:
        return data_error(self.source.name, f"the member {quoted(info.filename)} of the archive {message}")

    def _check(self, info: zipfile.ZipInfo) -> None:
        """What the directory says of one member is possible."""
        if info.flag_bits & _ENCRYPTED:
            raise self._fault(info, "is encrypted")
        if info.compress_type == zipfile.ZIP_STORED:
            if info.file_size != info.compress_size:
                raise self._fault(info, "has two different sizes")
        elif info.compress_type != zipfile.ZIP_DEFLATED:
            method = _METHODS.get(info.compress_type, f"method {info.compress_type}")
            raise self._fault(info, f"is compressed by {method}, which tcalc does not read")
        elif info.file_size > info.compress_size * _MOST_PER_BYTE + 1024:
            raise self._fault(info, f"claims to unpack {info.compress_size} bytes to {info.file_size}")

    def _check_places(self, infos: Iterable[zipfile.ZipInfo]) -> None:
        """The members lie apart, within the file: one stretch of bytes is one member's."""
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise self._fault(info, "overlaps another")
            end = info.header_offset + _LOCAL_HEADER + info.compress_size
        if end > self.source.size:
            raise data_error(self.source.name, "the file is cut short: the members of the archive do not fit into it")

    def _start(self, info: zipfile.ZipInfo) -> int:
        """Where the bytes of a member start, after its own header."""
        header = self.source.part(info.header_offset, _LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or bytes(header[:4]) != ZIP_MAGIC:
            raise self._fault(info, "is not where the directory says")
        name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        start = info.header_offset + _LOCAL_HEADER + name + extra
        if start + info.compress_size > self.source.size:
            raise self._fault(info, "is cut short")
        return start


class _Packed(Source):
    """A deflated member, unpacked from the front on; it never gives more bytes than the directory promised."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
        super().__init__(self._unpack, name)
        self._archive = archive
        self._info = info
        self._stream: Any = None

    @property
    def size(self) -> int:
        return self._info.file_size

    def data(self) -> bytearray:
        from tcalc.engine.state import current

        current().meter.allocate(self._info.file_size, self.name)
        found = super().data()
        if len(found) != self._info.file_size:
            raise data_error(self.name, "the member is cut short")
        return found

    def _unpack(self, count: int) -> bytes:
        try:
            if self._stream is None:
                self._stream = self._archive.open(self._info)
            piece: bytes = self._stream.read(count)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
            raise data_error(self.name, "the member of the archive is damaged") from None
        return piece


class _Handle(io.RawIOBase):
    """A source as the file that Python's library wants."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            raise OSError("a place before the front")  # as files do; the library expects it
        self._position = base + offset
        return self._position

    def read(self, count: int | None = -1) -> bytes:
        left = max(0, self._source.size - self._position)
        count = left if count is None or count < 0 else min(count, left)
        piece = bytes(self._source.part(self._position, count))
        self._position += len(piece)
        return piece


def packed(
    members: Iterable[tuple[str, Iterable[bytes | memoryview]]], compressed: bool = False, alignment: int = 0
) -> Iterator[bytes]:
    """The pieces of an archive; with an ``alignment``, the bytes of stored members start at multiples of it."""
    sink = _Sink()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(sink, "w", method, allowZip64=True) as archive:
        for name, pieces in members:
            info = zipfile.ZipInfo(name, _NO_DATE)
            info.compress_type = method
            parts = list(pieces)
            size = sum(len(part) for part in parts)
            if alignment:
                info.extra = _padding(sink.position, name, size, alignment)
            info.file_size = size
            with archive.open(info, "w", force_zip64=size >= zipfile.ZIP64_LIMIT >> 1) as member:
                for part in parts:
                    for start in range(0, len(part), _PIECE):
                        member.write(memoryview(part)[start : start + _PIECE])
                        yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()


def _padding(position: int, name: str, size: int, alignment: int) -> bytes:
    """An extra field, of a kind that readers skip, that brings a member's bytes to their place."""
    zip64 = 20 if size >= zipfile.ZIP64_LIMIT >> 1 else 0
    start = position + _LOCAL_HEADER + len(name.encode()) + zip64 + 4
    count = -start % alignment
    return b"FB" + count.to_bytes(2, "little") + b"Z" * count


class _Sink(io.RawIOBase):
    """Where Python's library writes to: pieces that are taken away before the next ones come. It cannot go back."""

    def __init__(self) -> None:
        self.position = 0
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self.position

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.position += len(piece)
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> list[bytes]:
        pieces, self._pieces = self._pieces, []
        return pieces
