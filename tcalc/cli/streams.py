"""Standard input, output and error as bytes: UTF-8 always, whole writes, and clear errors."""

from __future__ import annotations

import os
import sys

from tcalc.errors import DataError

_BUFFER = 1 << 16


class ClosedPipe(BaseException):
    """Nobody reads standard output any more: the end, and no error that a program could catch."""


class Output:
    """Standard output. Text is gathered and written in large pieces; to a terminal, at once."""

    def __init__(self) -> None:
        self.is_closed = sys.stdout is None
        self.is_terminal = not self.is_closed and _is_terminal(1)
        self._pieces: list[bytes] = []
        self._size = 0
        self._failed = False

    def write(self, text: str) -> int:
        """Write text; surrogates that came from file names go out as the bytes that they were."""
        self.write_bytes(text.encode("utf-8", "surrogateescape" if _is_clean(text) else "replace"))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        if not data:
            return
        if self.is_closed:
            raise DataError("standard output is closed")
        self._pieces.append(data)
        self._size += len(data)
        if self.is_terminal or self._size >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        """Hand on everything; after a failure, nothing more is tried."""
        if not self._pieces:
            return
        data = memoryview(b"".join(self._pieces))
        self._pieces.clear()
        self._size = 0
        if self._failed:
            return
        try:
            while data:
                data = data[os.write(1, data) :]
        except BrokenPipeError:
            self._failed = True
            raise ClosedPipe from None
        except OSError as fault:
            self._failed = True
            raise DataError(f"cannot write to standard output: {fault.strerror}") from None

    def isatty(self) -> bool:
        return self.is_terminal


def _is_clean(text: str) -> bool:
    """Whether every lone surrogate stands for a byte, as in the name of a file."""
    if text.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" and not "\udc80" <= character <= "\udcff" for character in text)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def write_error(text: str) -> None:
    """Text on standard error; where that is closed too, there is nobody to tell."""
    if sys.stderr is None:
        return
    data = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:
        return


def stdin_state() -> str:
    """``closed``, ``terminal`` or ``open``."""
    if sys.stdin is None:
        return "closed"
    return "terminal" if _is_terminal(0) else "open"


def read_stdin() -> bytearray:
    """All of standard input."""
    if sys.stdin is None:
        raise DataError("standard input is closed")
    return read_descriptor(0, "standard input")


def read_file(path: str) -> bytearray:
    """All of a file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError as fault:
        raise DataError(f"{path}: {_reason(fault)}") from None
    except ValueError:
        raise DataError(f"{path!r}: no file has such a name") from None
    try:
        return read_descriptor(descriptor, path)
    finally:
        os.close(descriptor)


def read_descriptor(descriptor: int, name: str) -> bytearray:
    """Everything that is left to read, straight into memory that a tensor can keep."""
    from tcalc.engine.state import Meter

    try:
        status = os.fstat(descriptor)
        expected = max(0, status.st_size - os.lseek(descriptor, 0, os.SEEK_CUR)) if _is_regular(status.st_mode) else 0
        Meter().allocate(expected, name)
        data = bytearray(expected)
        filled = _read_into(descriptor, data)
        del data[filled:]
        while filled == expected:
            piece = os.read(descriptor, 1 << 20)
            if not piece:
                break
            data += piece
    except OSError as fault:
        raise DataError(f"{name}: {_reason(fault)}") from None
    return data


def _is_regular(mode: int) -> bool:
    return mode & 0o170000 == 0o100000


def _read_into(descriptor: int, data: bytearray) -> int:
    """Fill the buffer as far as the file goes."""
    filled = 0
    view = memoryview(data)
    while filled < len(data):
        count = os.readv(descriptor, [view[filled:]])
        if not count:
            break
        filled += count
    view.release()
    return filled


def _reason(fault: OSError) -> str:
    """The system's words, as a sentence goes on: ``no such file or directory``."""
    words = fault.strerror or str(fault)
    return words[:1].lower() + words[1:]
