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
        self._pieces: list[bytes | memoryview] = []
        self._size = 0
        self._failed = False

    def write(self, text: str) -> int:
        """Write text; surrogates that came from file names go out as the bytes that they were."""
        if text.isascii():
            self.write_bytes(text.encode())
        else:
            from tcalc.formats.decode import encoded

            self.write_bytes(encoded(text))
        return len(text)

    def write_bytes(self, data: bytes | memoryview) -> None:
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
            from tcalc.formats.source import reason

            raise DataError(f"cannot write to standard output: {reason(fault)}") from None

    @property
    def is_file(self) -> bool:
        """Whether standard output is a regular file."""
        return not self.is_closed and os.fstat(1).st_mode & 0o170000 == 0o100000

    def isatty(self) -> bool:
        return self.is_terminal


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


def error_is_terminal() -> bool:
    """Whether somebody may be watching standard error."""
    return sys.stderr is not None and _is_terminal(2)


def stdin_state() -> str:
    """``closed``, ``terminal`` or ``open``."""
    if sys.stdin is None:
        return "closed"
    return "terminal" if _is_terminal(0) else "open"


def read_stdin() -> bytearray:
    """All of standard input."""
    from tcalc.formats.source import standard_input

    return standard_input().data()


def read_file(path: str) -> bytearray:
    """All of a file."""
    from tcalc.formats.source import open_file

    return open_file(path).data()
