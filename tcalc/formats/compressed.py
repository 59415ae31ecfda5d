"""Compressed files and streams, unpacked and packed a piece at a time: gzip, bzip2, xz and zstd.

What is read is told by its first bytes, what is written by the ending of its name. Nobody asks for more than a piece,
so that a small file that unpacks to a huge one is stopped where its reader asks for memory.
"""

from __future__ import annotations

from tcalc.formats.loaded import data_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tcalc.formats.source import Source

_SIGNATURES = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # what follows the size in bzip2 data; words may begin with BZh
ENDINGS = ("gz", "bz2", "xz", "zst", "zstd")
_PIECE = 1 << 16


def kind_of(source: Source) -> str | None:
    """What a source is compressed by; no byte is waited for that does not matter."""
    for signature, kind in _SIGNATURES.items():
        if all(source.head(count) == signature[:count] for count in range(1, len(signature) + 1)):
            return kind if kind != "bzip2" or source.head(10)[4:] in _BZIP2_BLOCKS else None
    return None


def reader(source: Source, kind: str) -> Callable[[int], bytes]:
    """A function that reads some of what the source unpacks to, and nothing at the end."""
    return _Zstd(source).read if kind == "zstd" else _Members(source, kind).read


def inner_path(path: str) -> str:
    """The name without the ending that says how it is compressed: it may say what is inside."""
    stem, dot, ending = path.rpartition(".")
    return stem if dot and ending.lower() in ENDINGS else path


def packer(path: str) -> Any:
    """What packs the bytes of a file of that name, by ``compress(data)`` and at last ``flush()``; None for most."""
    ending = path.rpartition(".")[2].lower() if inner_path(path) != path else ""
    if ending == "gz":
        import zlib

        return zlib.compressobj(wbits=31)
    if ending == "bz2":
        import bz2

        return bz2.BZ2Compressor()
    if ending == "xz":
        import lzma

        return lzma.LZMACompressor()
    return _ZstdPacker() if ending else None


def packed(path: str, pieces: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """The bytes of a file, compressed where the ending of its name says so."""
    packing = packer(path)
    if packing is None:
        yield from pieces
        return
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


class _ZstdPacker:
    """zstd by pyarrow, a frame for every megabyte: frames may follow each other."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def compress(self, data: bytes | memoryview) -> bytes:
        self._waiting += data
        return self.flush() if len(self._waiting) >= _PIECE << 4 else b""

    def flush(self) -> bytes:
        import pyarrow as pa

        frame: bytes = pa.compress(bytes(self._waiting), codec="zstd", asbytes=True)
        self._waiting.clear()
        return frame


class _Members:
    """One compressed stream after another, as ``cat a.gz b.gz`` gives them."""

    def __init__(self, source: Source, kind: str) -> None:
        self._source = source
        self._kind = kind
        self._waiting = b""
        self._unpacker: Any = self._new()

    def _new(self) -> Any:
        if self._kind == "gzip":
            import zlib

            return zlib.decompressobj(31)
        if self._kind == "bzip2":
            import bz2

            return bz2.BZ2Decompressor()
        import lzma

        return lzma.LZMADecompressor(lzma.FORMAT_XZ)

    def read(self, count: int) -> bytes:
        """At most ``count`` bytes; none at the end."""
        while True:
            if self._unpacker.eof and not self._begin_next():
                return b""
            piece = self._unpacked(count)
            if piece:
                return piece

    def _begin_next(self) -> bool:
        """Whether another stream follows; zeros that fill a block of a tape do not count."""
        rest = self._unpacker.unused_data.lstrip(b"\0")
        while not rest:
            more = self._source.read(_PIECE)
            if not more:
                return False
            rest = more.lstrip(b"\0")
        self._unpacker, self._waiting = self._new(), rest
        return True

    def _unpacked(self, count: int) -> bytes:
        if not self._waiting and getattr(self._unpacker, "needs_input", True):
            self._waiting = self._source.read(_PIECE)
            if not self._waiting:
                raise data_error(self._source.name, f"the {self._kind} data is cut short")
        try:
            piece: bytes = self._unpacker.decompress(self._waiting, count)
        except Exception as fault:  # each of the libraries has its own
            raise data_error(self._source.name, f"the {self._kind} data is damaged") from fault
        self._waiting = getattr(self._unpacker, "unconsumed_tail", b"")
        return piece


class _Zstd:
    """zstd by pyarrow."""

    def __init__(self, source: Source) -> None:
        import pyarrow as pa

        self._name = source.name
        self._stream = pa.CompressedInputStream(pa.PythonFile(_Readable(source), "r"), "zstd")

    def read(self, count: int) -> bytes:
        """At most ``count`` bytes; none at the end."""
        try:
            piece: bytes = self._stream.read(min(count, _PIECE << 4))
        except OSError as fault:
            problem = "cut short" if "end of" in str(fault).lower() or "truncat" in str(fault).lower() else "damaged"
            raise data_error(self._name, f"the zstd data is {problem}") from None
        return piece


class _Readable:
    """A source as a file object."""

    closed = False

    def __init__(self, source: Source) -> None:
        self._source = source

    def read(self, count: int = -1) -> bytes:
        return self._source.read(_PIECE if count < 0 else count)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._source.close()
