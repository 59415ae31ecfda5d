"""The one door to the writers: a value in, bytes out; and files that are written whole or not at all."""

from __future__ import annotations

import os

from tcalc.errors import DataError
from tcalc.formats import table
from tcalc.formats.values import as_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO


class WriteOptions:
    """How numbers are written as text: see :class:`tcalc.formats.digits.Digits`."""

    __slots__ = ("precision", "sci")

    def __init__(self, precision: int | None = None, sci: str = "auto") -> None:
        self.precision = precision
        self.sci = sci


def encode(value: object, format: str, options: WriteOptions | None = None) -> Iterator[bytes | memoryview]:
    """The pieces of a file of that format with a value in it; DataError where the format cannot hold it."""
    writer = table.module(table.BY_NAME[format].writer)
    return writer.write(as_list(value), format, options or WriteOptions())


def is_special(path: str) -> bool:
    """Whether something that is no regular file is there, such as ``/dev/null`` or a named pipe."""
    return os.path.exists(path) and not os.path.isfile(path)


def write_file(path: str, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file whole or not at all."""
    file = WholeFile(path)
    try:
        for piece in pieces:
            file.write(piece)
        file.keep()
    finally:
        file.discard()


class WholeFile:
    """A file that is written beside its place and moved there when all of it is written, or never.

    Until then it has no name where the system lets a file have none, so that whatever ends the process leaves nothing
    behind. The permissions of a file that is replaced are kept; a symbolic link goes on pointing. What is no regular
    file, such as ``/dev/null`` or a named pipe, is written to as it stands.
    """

    def __init__(self, path: str) -> None:
        import errno

        from tcalc.formats.source import check_allowed

        check_allowed(path)
        self._path = path
        self._beside: str | None = None
        self._file: BinaryIO | None = None
        with self._faults():
            if path.endswith("/"):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            self._target = None if is_special(path) else os.path.realpath(path)
            if self._target is None:
                self._file = open(path, "wb")  # noqa: SIM115 - closed by keep and discard
                return
            if os.path.exists(self._target) and not os.access(self._target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._file = open(self._descriptor(), "wb", 1 << 16)  # noqa: SIM115

    def write(self, data: bytes | memoryview) -> None:
        """Write some more."""
        assert self._file is not None
        with self._faults():
            self._file.write(data)

    def flush(self) -> None:
        """Hand to the system what has been written."""
        assert self._file is not None
        with self._faults():
            self._file.flush()

    def keep(self) -> None:
        """All is written: put the file in its place."""
        file, target = self._file, self._target
        assert file is not None
        with self._faults():
            file.flush()
            if target is not None:
                _copy_permissions(target, file.fileno())
                if self._beside is None:
                    self._beside = _name_beside(target)
                    # Python follows the link to the nameless file only where a folder is given, which /proc ignores.
                    descriptor = file.fileno()
                    os.link(f"/proc/self/fd/{descriptor}", self._beside, src_dir_fd=descriptor, follow_symlinks=True)
                os.replace(self._beside, target)
                self._beside = None
            self._file = None
            file.close()

    def discard(self) -> None:
        """Leave everything as it was; after :meth:`keep`, nothing is left to do."""
        file, self._file = self._file, None
        beside, self._beside = self._beside, None
        for undo in ((lambda: os.unlink(beside)) if beside is not None else None, file.close if file else None):
            try:
                if undo is not None:
                    undo()
            except OSError:
                pass  # it was not there yet, or what it still held is not wanted

    def _descriptor(self) -> int:
        """A new file in the target's folder, without a name where that is possible."""
        assert self._target is not None
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and os.path.exists("/proc/self/fd"):
            try:
                return os.open(os.path.dirname(self._target), os.O_WRONLY | os.O_CLOEXEC | nameless, 0o666)
            except OSError:
                pass  # not every file system can; a real fault comes again below
        self._beside = _name_beside(self._target)
        return os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)

    def _faults(self) -> _Faults:
        return _Faults(self._path)


class _Faults:
    """The system's complaints as faults of writing a path."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, OSError):
            from tcalc.formats.source import reason

            if isinstance(fault, BrokenPipeError):
                return
            raise DataError(f"cannot write {self._path}: {reason(fault)}") from None
        if isinstance(fault, ValueError):
            raise DataError(f"cannot write {self._path!r}: no file has such a name") from None


def _name_beside(target: str) -> str:
    """A name in the same folder that nobody has."""
    return os.path.join(os.path.dirname(target), f".tcalc-{os.urandom(6).hex()}.part")


def _copy_permissions(target: str, descriptor: int) -> None:
    """Give the new file the mode, and where that is allowed the owner, of the one that it replaces."""
    try:
        before = os.stat(target)
    except FileNotFoundError:
        return
    now = os.fstat(descriptor)
    if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        from contextlib import suppress

        with suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, before.st_mode & 0o7777)
