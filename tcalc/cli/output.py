"""Where results go: to the terminal as PyTorch prints them, into pipes and files as the next program reads them."""

from __future__ import annotations

import errno
import os

from tcalc.errors import DataError, UsageError
from tcalc.formats.sniff import BINARY, EXTENSIONS, WRITABLE, check_format, extension_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.cli.invocation import Invocation
    from tcalc.cli.streams import Output


def wants_color(choice: str, is_terminal: bool) -> bool:
    """The option, then ``NO_COLOR``, then ``TERM=dumb``, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal


class Results:
    """Takes the results of a program, one after another, in the format and to the place that ``-o`` says."""

    def __init__(self, invocation: Invocation, output: Output) -> None:
        self.output = output
        self.invocation = invocation
        self.path, self.format = _destination(invocation.to, output)
        self.is_binary = self.format in BINARY
        self._kept: list[bytes] = []
        self._count = 0
        if self.is_binary and self.path is None and output.is_terminal:
            raise UsageError(
                f"{self.format} is binary and standard output is a terminal",
                hint=f"name a file, -o result.{self.format}, or send it through a pipe",
            )

    def put(self, value: Any) -> None:
        """Write one result; None is none."""
        if value is None:
            return
        self._count += 1
        if self.is_binary and self._count > 1:
            raise UsageError(f"{self.format} holds one result, and the program has another")
        if self.is_binary:
            self._put_bytes(_binary(value, self.format))
        elif self.format == "pretty":
            self._put_pretty(value)
        else:
            for piece in self._text(value):
                self._put_bytes(piece.encode("utf-8", "surrogateescape")) if self.path else self.output.write(piece)

    def _put_bytes(self, data: bytes) -> None:
        if self.path is None:
            self.output.write_bytes(data)
        else:
            self._kept.append(data)

    def _put_pretty(self, value: Any) -> None:
        from tcalc.show.pretty import print_pretty

        color = wants_color(self.invocation.color, self.output.is_terminal and self.path is None)
        file = _Pieces(self._put_bytes) if self.path else self.output
        print_pretty(value, color=color, file=file)  # type: ignore[arg-type]

    def _text(self, value: Any) -> Iterator[str]:
        if self.format == "repr":
            from tcalc.show.text import repr_text

            return iter((repr_text(value) + "\n",))
        from tcalc.formats import write_text
        from tcalc.formats.digits import Digits

        digits = Digits(self.invocation.precision, self.invocation.sci)
        if self.format == "text":
            return write_text.text(value, digits)
        return write_text.delimited(value, self.format, digits)

    def finish(self) -> None:
        """Hand over what was kept for a file, all at once."""
        if self.path is None:
            return
        if self.is_binary and not self._count:
            raise UsageError(f"the program has no result to write to {self.path}")
        write_file(self.path, self._kept)


class _Pieces:
    """A text file of sorts for Rich."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put

    def write(self, text: str) -> int:
        self._put(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _destination(to: str | None, output: Output) -> tuple[str | None, str]:
    """The file, if any, and the format."""
    if to is None:
        return None, "pretty" if output.is_terminal else "text"
    if "." not in to and "/" not in to:
        return None, check_format(to, WRITABLE, "-o")
    ending = extension_of(to)
    if ending and ending not in EXTENSIONS and not _is_special(to):
        raise UsageError(
            f"-o {to}: no format ends in .{ending}", hint=f"there are {', '.join('.' + name for name in EXTENSIONS)}"
        )
    return to, EXTENSIONS.get(ending, "text")


def _binary(value: Any, format: str) -> bytes:
    """A tensor, array, number or rectangle of numbers in a binary format."""
    from tcalc.engine.tensor import Tensor
    from tcalc.formats import npy

    if isinstance(value, Tensor):
        return npy.write(value)
    import numpy as np

    if isinstance(value, (bool, int, float, complex, list)):
        try:
            value = np.array(value)
        except (ValueError, OverflowError):
            value = None
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return npy.encode(value)
    raise DataError(f"{format} holds numbers of one shape, and the result is none")


def _is_special(path: str) -> bool:
    """Whether something that is no regular file is there, such as ``/dev/null`` or a named pipe."""
    return os.path.exists(path) and not os.path.isfile(path)


def write_file(path: str, pieces: list[bytes]) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    try:
        if path.endswith("/"):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if _is_special(path):
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
        raise DataError(f"cannot write {path}: {(fault.strerror or str(fault)).lower()}") from None


def _write_pieces(path: str, pieces: list[bytes], like: str | None = None) -> None:
    with open(path, "wb") as file:
        if like is not None and os.path.exists(like):
            os.chmod(path, os.stat(like).st_mode & 0o7777)
        file.writelines(pieces)
