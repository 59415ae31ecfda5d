"""The one door to the writers: a value in, bytes out; and files that are written whole or not at all."""

from __future__ import annotations

import os

from tcalc.errors import DataError
from tcalc.formats import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class WriteOptions:
    """How numbers are written as text: see :class:`tcalc.formats.digits.Digits`."""

    __slots__ = ("precision", "sci")

    def __init__(self, precision: int | None = None, sci: str = "auto") -> None:
        self.precision = precision
        self.sci = sci


def encode(value: object, format: str, options: WriteOptions | None = None) -> Iterator[bytes]:
    """The pieces of a file of that format with a value in it; DataError where the format cannot hold it."""
    return table.module(table.BY_NAME[format].writer).write(value, format, options or WriteOptions())


def is_special(path: str) -> bool:
    """Whether something that is no regular file is there, such as ``/dev/null`` or a named pipe."""
    return os.path.exists(path) and not os.path.isfile(path)


def write_file(path: str, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    import errno

    from tcalc.formats.source import reason

    try:
        if path.endswith("/"):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if is_special(path):
            _write_pieces(path, pieces)
            return
        target = os.path.realpath(path)
        beside = f"{target}.{os.getpid()}.part"
        try:
            _write_pieces(beside, pieces, like=target)
            os.replace(beside, target)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
    except OSError as fault:
        raise DataError(f"cannot write {path}: {reason(fault)}") from None


def _write_pieces(path: str, pieces: Iterable[bytes], like: str | None = None) -> None:
    with open(path, "wb") as file:
        if like is not None and os.path.exists(like):
            os.chmod(path, os.stat(like).st_mode & 0o7777)
        file.writelines(pieces)
