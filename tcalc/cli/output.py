"""Where results go: to the terminal as PyTorch prints them, into pipes and files as the next program reads them."""

from __future__ import annotations

import os

from tcalc.errors import UsageError
from tcalc.formats.sniff import check_format, extension_of
from tcalc.formats.table import BY_EXTENSION, BY_NAME, WRITABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
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
        self.is_binary = BY_NAME[self.format].is_binary
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
        if self.format == "pretty":
            self._put_pretty(value)
        elif self.format == "repr":
            self._put_repr(value)
        else:
            from tcalc.formats.writing import WriteOptions, encode

            options = WriteOptions(self.invocation.precision, self.invocation.sci)
            for piece in encode(value, self.format, options):
                self._put_bytes(piece)

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

    def _put_repr(self, value: Any) -> None:
        from tcalc.formats.decode import encoded
        from tcalc.show.text import repr_text

        self._put_bytes(encoded(repr_text(value) + "\n"))

    def finish(self) -> None:
        """Hand over what was kept for a file, all at once."""
        if self.path is None:
            return
        if self.is_binary and not self._count:
            raise UsageError(f"the program has no result to write to {self.path}")
        from tcalc.formats.writing import write_file

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
    found = BY_EXTENSION.get(ending)
    if found is not None:
        return to, found.name
    if ending:
        from tcalc.formats.writing import is_special

        if not is_special(to):
            known = ", ".join("." + name for name in BY_EXTENSION)
            raise UsageError(f"-o {to}: no format ends in .{ending}", hint=f"there are {known}")
    return to, "text"
