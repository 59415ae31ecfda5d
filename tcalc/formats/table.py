"""The formats that tcalc knows, as data: a new one is a module and a row here."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


class Format:
    """One format.

    ``extensions`` are those of its files; ``signatures`` are the bytes that they start with, and where there are
    none, ``detect`` tells by the first hundred bytes. ``reader`` names the
    module in this package with ``read(source, format, options) -> Loaded``, ``writer`` the one with
    ``write(value, format, options) -> Iterator[bytes]``; None where there is none. A binary format takes one result
    and is kept from terminals.
    """

    __slots__ = ("detect", "extensions", "is_binary", "name", "reader", "signatures", "writer")

    def __init__(
        self,
        name: str,
        extensions: tuple[str, ...] = (),
        signatures: tuple[bytes, ...] = (),
        reader: str | None = None,
        writer: str | None = None,
        is_binary: bool = False,
        detect: Callable[[bytes], bool] | None = None,
    ) -> None:
        self.name = name
        self.extensions = extensions
        self.signatures = signatures
        self.reader = reader
        self.writer = writer
        self.is_binary = is_binary
        self.detect = detect

    def __repr__(self) -> str:
        return f"Format({self.name!r})"


NPY_MAGIC = b"\x93NUMPY"
ZIP_MAGIC = b"PK\x03\x04"


def _first_member(head: bytes) -> bytes:
    """The name of the first file in a zip archive."""
    return head[30 : 30 + int.from_bytes(head[26:28], "little")] if head.startswith(ZIP_MAGIC) else b""


def _is_npz(head: bytes) -> bool:
    return _first_member(head).endswith(b".npy")


def _is_torch(head: bytes) -> bool:
    return b"/" in _first_member(head) and _first_member(head).rpartition(b"/")[2] in (b"data.pkl", b".format_version")


def _is_safetensors(head: bytes) -> bool:
    """A length of eight bytes, and then JSON."""
    return head[8:9] == b"{" and 1 < int.from_bytes(head[:8], "little") < 1 << 32


def _is_arrow_stream(head: bytes) -> bool:
    """A mark of four bytes, and then a length."""
    return head[:4] == b"\xff\xff\xff\xff" and int.from_bytes(head[4:8], "little", signed=True) > 0


FORMATS = (
    Format("text", ("txt", "text", "dat"), reader="text", writer="write_text"),
    Format("csv", ("csv",), reader="text", writer="write_text"),
    Format("tsv", ("tsv", "tab"), reader="text", writer="write_text"),
    Format("json", ("json",), reader="json_read", writer="json_write"),
    Format("jsonl", ("jsonl", "ndjson"), reader="json_read", writer="json_write"),
    Format("npy", ("npy",), (NPY_MAGIC,), "npy", "npy", is_binary=True),
    Format("npz", ("npz",), (), "npz", "npz", is_binary=True, detect=_is_npz),
    Format("safetensors", ("safetensors",), (), "safetensors", "safetensors", is_binary=True, detect=_is_safetensors),
    Format("pt", ("pt", "pth"), (b"\x80\x02\x8a\x0a",), "torch_zip", "torch_zip", is_binary=True, detect=_is_torch),
    Format("parquet", ("parquet", "pq"), (b"PAR1",), "arrow", "arrow", is_binary=True),
    Format("arrow", ("arrow", "feather", "ipc"), (b"ARROW1",), "arrow", "arrow", is_binary=True,
           detect=_is_arrow_stream),
    # These two are for people: the command line writes them with `show`.
    Format("repr"),
    Format("pretty"),
)  # fmt: skip

BY_NAME = {format.name: format for format in FORMATS}
BY_EXTENSION = {extension: format for format in FORMATS for extension in format.extensions}
READABLE = tuple(format.name for format in FORMATS if format.reader is not None)
WRITABLE = tuple(format.name for format in FORMATS)


def module(name: str | None) -> ModuleType:
    """A reader or writer of the table, loaded on first use."""
    path = f"tcalc.formats.{name}"
    __import__(path)  # importlib would be one import more on the way of a scalar one-liner
    return sys.modules[path]
