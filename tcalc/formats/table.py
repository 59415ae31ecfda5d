"""The formats that tcalc knows, as data: a new one is a module and a row here."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class Format:
    """One format.

    ``extensions`` are those of its files; ``signatures`` are the bytes that they start with. ``reader`` names the
    module in this package with ``read(source, format, options) -> Loaded``, ``writer`` the one with
    ``write(value, format, options) -> Iterator[bytes]``; None where there is none. A binary format takes one result
    and is kept from terminals.
    """

    __slots__ = ("extensions", "is_binary", "name", "reader", "signatures", "writer")

    def __init__(
        self,
        name: str,
        extensions: tuple[str, ...] = (),
        signatures: tuple[bytes, ...] = (),
        reader: str | None = None,
        writer: str | None = None,
        is_binary: bool = False,
    ) -> None:
        self.name = name
        self.extensions = extensions
        self.signatures = signatures
        self.reader = reader
        self.writer = writer
        self.is_binary = is_binary

    def __repr__(self) -> str:
        return f"Format({self.name!r})"


NPY_MAGIC = b"\x93NUMPY"

FORMATS = (
    Format("text", ("txt", "text", "dat"), reader="text", writer="write_text"),
    Format("csv", ("csv",), reader="text", writer="write_text"),
    Format("tsv", ("tsv", "tab"), reader="text", writer="write_text"),
    Format("npy", ("npy",), (NPY_MAGIC,), "npy", "npy", is_binary=True),
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
