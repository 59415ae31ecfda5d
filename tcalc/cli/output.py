"""Where results go: to the terminal as PyTorch prints them, into pipes and files as the next program reads them."""

from __future__ import annotations

import os

from tcalc.engine.state import current
from tcalc.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.cli.invocation import Invocation
    from tcalc.cli.streams import Output
    from tcalc.formats.row_writing import RowWriter
    from tcalc.formats.writing import WholeFile, WriteOptions


def wants_color(choice: str, is_terminal: bool) -> bool:
    """The option, then ``NO_COLOR``, then ``TERM=dumb``, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal


class Results:
    """Takes the results of a program, one after another, in the format and to the place that ``-o`` says.

    Used in a ``with`` statement: a file is there, whole, after :meth:`finish`, and otherwise as it was.
    """

    def __init__(self, invocation: Invocation, output: Output) -> None:
        self.output = output
        self.invocation = invocation
        self.path, self.format, self.is_binary = _destination(invocation, output)
        self._file: WholeFile | None = None
        self._packer: Any = None  # where the file is compressed
        self._held: list[bytes] = []
        self._rows: RowWriter | None = None
        self._count = 0
        if self.is_binary and self.path is None and output.is_terminal:
            raise UsageError(
                f"{self.format} is binary and standard output is a terminal",
                hint=f"name a file, -o result.{self.format}, or send it through a pipe",
            )

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._file is not None:
            self._file.discard()

    def put(self, value: Any) -> None:
        """Write one result; None is none."""
        if value is None:
            return
        self._count += 1
        if self.is_binary and self._count > 1:
            raise UsageError(f"{self.format} holds one result, and the program has another")
        if self.format == "pretty":
            self._put_pretty(value)
        elif self.format == "repr":
            self._put_repr(value)
        elif type(value) in (bool, int, float) and self.format == "text":
            from tcalc.formats.digits import Digits

            digits = Digits(self.invocation.precision, self.invocation.sci)
            self._put_bytes(digits.scalar(value).encode() + b"\n")
        else:
            from tcalc.formats.writing import encode

            for piece in encode(value, self.format, self._options()):
                self._put_bytes(piece)

    def put_row(self, value: Any) -> None:
        """Write one result of many that are the rows of one whole."""
        if value is None:
            return
        if self.is_binary or self.format in ("pretty", "repr"):
            self.put(value)
            return
        for piece in self._row_writer().pieces(value):
            self._put_bytes(piece)

    def _row_writer(self) -> RowWriter:
        if self._rows is None:
            from tcalc.formats.row_writing import RowWriter

            self._rows = RowWriter(self.format, self._options())
        return self._rows

    def flush(self) -> None:
        """Hand on what there is, before the next row is waited for."""
        if self._file is not None:
            self._file.flush()
        self.output.flush()

    def _options(self) -> WriteOptions:
        from tcalc.formats.writing import WriteOptions

        return WriteOptions(self.invocation.precision, self.invocation.sci)

    def _put_bytes(self, data: bytes | memoryview) -> None:
        if self.path is None and self.is_binary:
            current().meter.allocate(len(data), self.format)
            self._held.append(bytes(data))  # a second result would be too late for a reader of the first
        elif self.path is None:
            self.output.write_bytes(data)
        else:
            file = self._opened()
            file.write(data if self._packer is None else self._packer.compress(data))

    def _opened(self) -> WholeFile:
        if self._file is None:
            from tcalc.formats.compressed import packer
            from tcalc.formats.writing import WholeFile

            assert self.path is not None
            self._packer = packer(self.path)
            self._file = WholeFile(self.path)
        return self._file

    def _put_pretty(self, value: Any) -> None:
        from tcalc.cli.screen import columns
        from tcalc.show.pretty import print_pretty

        color = wants_color(self.invocation.color, self.output.is_terminal and self.path is None)
        file = _Pieces(self._put_bytes) if self.path else self.output
        width = None if self.path or not self.output.is_terminal else columns()
        print_pretty(value, color=color, file=file, width=width)  # type: ignore[arg-type]

    def _put_repr(self, value: Any) -> None:
        from tcalc.formats.decode import encoded
        from tcalc.show.text import repr_text

        self._put_bytes(encoded(repr_text(value) + "\n"))

    def finish(self) -> None:
        """The program has ended well: the file takes its place."""
        if self.invocation.each and self.format == "json":
            self._put_bytes(self._row_writer().end())
        for data in self._held:
            self.output.write_bytes(data)
        if self.path is None:
            return
        if self.is_binary and not self._count:
            raise UsageError(f"the program has no result to write to {self.path}")
        file = self._opened()
        if self._packer is not None:
            file.write(self._packer.flush())
        file.keep()


class _Pieces:
    """A text file of sorts for Rich."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put

    def write(self, text: str) -> int:
        self._put(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _destination(invocation: Invocation, output: Output) -> tuple[str | None, str, bool]:
    """The file, if any, the format, and whether it is binary. Rows of a stream are text on a terminal too."""
    to = invocation.to
    if to is None:
        return None, "pretty" if output.is_terminal and not invocation.each else "text", False
    from tcalc.formats.compressed import inner_path
    from tcalc.formats.sniff import check_format, extension_of
    from tcalc.formats.table import BY_EXTENSION, BY_NAME, WRITABLE

    if "." not in to and "/" not in to:
        format = BY_NAME[check_format(to, WRITABLE, "-o")]
        return None, format.name, format.is_binary
    ending = extension_of(inner_path(to))
    format = BY_EXTENSION.get(ending, BY_NAME["text"])
    if ending and ending not in BY_EXTENSION:
        from tcalc.formats.writing import is_special

        if not is_special(to):
            known = ", ".join("." + name for name in BY_EXTENSION)
            raise UsageError(f"-o {to}: no format ends in .{ending}", hint=f"there are {known}")
    return to, format.name, format.is_binary
