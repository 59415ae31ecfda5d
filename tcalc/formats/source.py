"""Where bytes come from: a file, standard input, a decompressor, memory. Every file that is read is opened here.

A reader asks its source for no more than it needs: the first bytes, a stretch, all of them. A stretch of a large
file is mapped, not read: it costs nothing until it is touched, and what is written to it never reaches the file.
"""

from __future__ import annotations

import os

from tcalc.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap

STDIN_NAME = "standard input"

# Smaller stretches are read: a page at a time would be slower, and a file that shrinks later could do no harm.
_MAPPED = 1 << 20
_PIECE = 1 << 20
_COMPRESSED = (b"\x1f", b"B", b"\xfd", b"\x28")  # what compressed data begins with
_FILLED = 1 << 26  # so much at a time, so that a watcher hears of it
_NO_RESERVE = 0x4000  # of Linux, which the mmap module of older versions of Python does not name


def _nobody(count: int) -> None:
    """Nobody watches."""


class Source:
    """Bytes from the front on, as they come. ``name`` is for messages; ``path`` is that of a file, else None.

    This class serves pipes and decompressors (anything with ``read(count)``) and bytes in memory;
    :class:`FileSource` does the same for a regular file without reading what nobody asks for.
    """

    def __init__(
        self,
        read: Callable[[int], bytes] | None,
        name: str,
        path: str | None = None,
        ahead: bytes | bytearray = b"",
    ) -> None:
        self.name = name
        self.path = path
        # Who wants to know how much has come, told the bytes of every piece.
        self.watch: Callable[[int], object] = _nobody
        self._read = read
        self._ahead = bytearray(ahead)
        self._data: bytearray | None = None

    def head(self, count: int) -> bytes:
        """The first ``count`` bytes of what is not yet read, or fewer at the end; they stay unread."""
        if self._data is not None:
            return bytes(self._data[:count])
        while len(self._ahead) < count:
            piece = self._next(count - len(self._ahead))
            if not piece:
                break
            self._ahead += piece
        return bytes(self._ahead[:count])

    def read(self, count: int) -> bytes:
        """At most ``count`` further bytes, as soon as there are some; none at the end."""
        if not self._ahead:
            return self._next(count)
        piece = bytes(self._ahead[:count])
        del self._ahead[:count]
        return piece

    def data(self) -> bytearray:
        """Everything from the front, in memory that a tensor may keep."""
        if self._data is None:
            from tcalc.engine.state import current

            data, self._ahead = self._ahead, bytearray()
            meter = current().meter
            while piece := self._next(_PIECE):
                meter.allocate(len(piece), self.name)
                data += piece
            self._data = data
        return self._data

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data())

    def stretch(self, offset: int, count: int) -> bytearray | mmap | memoryview:
        """``count`` bytes from ``offset`` on, or fewer at the end, to keep and to write to."""
        return memoryview(self.data())[offset : offset + count]

    def part(self, offset: int, count: int) -> bytes | bytearray:
        """A copy of ``count`` bytes from ``offset`` on, or fewer at the end."""
        return self.data()[offset : offset + count]

    def close(self) -> None:
        """Nothing more will be read."""
        self._read = None

    def _next(self, count: int) -> bytes:
        if self._read is None:
            return b""
        try:
            piece = self._read(count)
        except OSError as fault:
            raise DataError(f"{self.name}: {reason(fault)}") from None
        self.watch(len(piece))
        return piece


class FileSource(Source):
    """A regular file, by its descriptor, which it closes unless it is that of standard input."""

    def __init__(self, descriptor: int, name: str, path: str | None = None) -> None:
        super().__init__(None, name, path)
        self.descriptor = descriptor
        self._start = os.lseek(descriptor, 0, os.SEEK_CUR)
        self._position = self._start
        self._size = max(0, os.fstat(descriptor).st_size - self._start)

    @property
    def size(self) -> int:
        return self._size

    def head(self, count: int) -> bytes:
        if self._data is not None:
            return bytes(self._data[:count])
        try:
            return os.pread(self.descriptor, count, self._position)
        except OSError as fault:
            raise DataError(f"{self.name}: {reason(fault)}") from None

    def data(self) -> bytearray:
        if self._data is None:
            data = self._stretch_in_memory(0, self._size)
            if len(data) == self._size:  # it may have grown, or be one of those that say they are empty
                os.lseek(self.descriptor, self._start + len(data), os.SEEK_SET)
                while piece := self._next(_PIECE):
                    data += piece
            self._data = data
        return self._data

    def stretch(self, offset: int, count: int) -> bytearray | mmap | memoryview:
        count = max(0, min(count, self._size - offset))
        if count < _MAPPED:
            return self._stretch_in_memory(offset, count)
        from mmap import ALLOCATIONGRANULARITY, MAP_PRIVATE, PROT_READ, PROT_WRITE, mmap

        begin = self._start + offset
        before = begin % ALLOCATIONGRANULARITY
        # Private: what is written goes to copies of the pages, for which no memory is set aside.
        flags = MAP_PRIVATE | _NO_RESERVE if os.uname().sysname == "Linux" else MAP_PRIVATE
        try:
            mapped = mmap(
                self.descriptor, before + count, flags=flags, prot=PROT_READ | PROT_WRITE, offset=begin - before
            )
        except (OSError, ValueError):
            return self._stretch_in_memory(offset, count)
        return memoryview(mapped)[before:] if before else mapped

    def part(self, offset: int, count: int) -> bytes | bytearray:
        return self._stretch_in_memory(offset, max(0, min(count, self._size - offset)))

    def fill(self, offset: int, view: memoryview) -> int:
        """Read from ``offset`` on into memory that is there; how many bytes there were, fewer only at the end."""
        filled = 0
        try:
            while filled < len(view):
                got = os.preadv(self.descriptor, [view[filled : filled + _FILLED]], self._start + offset + filled)
                if not got:
                    break
                filled += got
                self.watch(got)
        except OSError as fault:
            raise DataError(f"{self.name}: {reason(fault)}") from None
        return filled

    def close(self) -> None:
        if self.descriptor > 0:
            os.close(self.descriptor)
        self.descriptor = -1

    def __del__(self) -> None:
        if getattr(self, "descriptor", -1) > 0:
            self.close()

    def _next(self, count: int) -> bytes:
        try:
            piece = os.read(self.descriptor, count)
        except OSError as fault:
            raise DataError(f"{self.name}: {reason(fault)}") from None
        self._position += len(piece)
        self.watch(len(piece))
        return piece

    def _stretch_in_memory(self, offset: int, count: int) -> bytearray:
        from tcalc.engine.state import current

        current().meter.allocate(count, self.name)
        data = bytearray(count)
        with memoryview(data) as view:
            filled = self.fill(offset, view)
        del data[filled:]
        return data


class Section(Source):
    """A stretch of another source as a source, such as a member of an archive."""

    def __init__(self, whole: Source, offset: int, count: int, name: str) -> None:
        super().__init__(None, name)
        self._whole = whole
        self.offset = offset
        self._size = count

    @property
    def size(self) -> int:
        return self._size

    def head(self, count: int) -> bytes:
        return bytes(self.part(0, count))

    def data(self) -> bytearray:
        if self._data is None:
            self._data = bytearray(self.part(0, self._size))
        return self._data

    def stretch(self, offset: int, count: int) -> bytearray | mmap | memoryview:
        return self._whole.stretch(self.offset + offset, max(0, min(count, self._size - offset)))

    def part(self, offset: int, count: int) -> bytes | bytearray:
        return self._whole.part(self.offset + offset, max(0, min(count, self._size - offset)))

    def close(self) -> None:
        """The whole is somebody else's."""


def in_memory(data: bytes | bytearray, name: str, path: str | None = None) -> Source:
    """Bytes that are there already."""
    return Source(None, name, path, data)


def open_file(path: str) -> Source:
    """A file, a named pipe, a device, for reading."""
    check_allowed(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError as fault:
        raise DataError(f"{path}: {reason(fault)}") from None
    except ValueError:
        raise DataError(f"{path!r}: no file has such a name") from None
    return _unpacked(_from_descriptor(descriptor, path, path))


def check_allowed(path: str) -> None:
    """Refuse a file where the session has none."""
    from tcalc.engine.state import current

    if not current().files_allowed:
        raise DataError(f"{path}: files are out of reach under --sandbox", "PermissionError")


def standard_input() -> Source:
    """Standard input, from where it stands."""
    import sys

    if sys.stdin is None:
        raise DataError(f"{STDIN_NAME} is closed")
    return _unpacked(_from_descriptor(0, STDIN_NAME, None))


def _unpacked(source: Source) -> Source:
    """What a compressed source unpacks to; any other as it is."""
    if source.head(1) not in _COMPRESSED:
        return source
    from tcalc.formats import compressed

    kind = compressed.kind_of(source)
    if kind is None:
        return source
    return Source(compressed.reader(source, kind), source.name, source.path and compressed.inner_path(source.path))


def _from_descriptor(descriptor: int, name: str, path: str | None) -> Source:
    if os.fstat(descriptor).st_mode & 0o170000 == 0o100000:
        return FileSource(descriptor, name, path)
    return _Stream(descriptor, name, path)


class _Stream(Source):
    """A pipe or a device, by its descriptor."""

    def __init__(self, descriptor: int, name: str, path: str | None) -> None:
        super().__init__(lambda count: os.read(descriptor, count), name, path)
        self.descriptor = descriptor

    def close(self) -> None:
        super().close()
        if self.descriptor > 0:
            os.close(self.descriptor)
        self.descriptor = -1

    def __del__(self) -> None:
        if getattr(self, "descriptor", -1) > 0:
            self.close()


def reason(fault: OSError) -> str:
    """The system's words, as a sentence goes on: ``no such file or directory``."""
    words = fault.strerror or str(fault)
    return words[:1].lower() + words[1:]
