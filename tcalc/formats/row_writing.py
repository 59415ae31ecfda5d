"""Results as the rows of one whole, one after another as they come: what ``--each`` writes.

A tensor of one dimension is a line here, where it would be a column of lines as a result of its own; a dictionary is
a row of CSV or TSV under the names of the first.
"""

from __future__ import annotations

from tcalc.engine.row import TableRow
from tcalc.errors import DataError
from tcalc.formats import write_text
from tcalc.formats.decode import encoded
from tcalc.formats.digits import Digits
from tcalc.formats.values import array_of, as_list, rectangle
from tcalc.formats.writing import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.formats.writing import WriteOptions


class RowWriter:
    """Writes values in a format that can be written a piece at a time."""

    def __init__(self, format: str, options: WriteOptions) -> None:
        self._format = format
        self._options = options
        self._digits = Digits(options.precision, options.sci)
        self._separator = {"text": " ", "csv": ",", "tsv": "\t"}.get(format, "")
        self._names: list[str] | None = None
        self._matrices = 0
        self._count = 0

    def pieces(self, value: Any) -> Iterator[bytes | memoryview]:
        """The bytes of one result."""
        value = as_list(value)
        if not self._separator:
            yield self._json(dict(value.items()) if isinstance(value, TableRow) else value)
        elif isinstance(value, TableRow) or (isinstance(value, dict) and self._format != "text"):
            yield encoded(self._named(dict(value.items())))
        else:
            array = rectangle(value) if isinstance(value, list) else array_of(value)
            if array is None:
                row = tuple(value) if isinstance(value, list) else value
                yield from encode(row, self._format, self._options)
            else:
                yield from self._numbers(array)

    def end(self) -> bytes:
        """What stands after the last row."""
        if self._format != "json":
            return b""
        return b"\n]\n" if self._count else b"[]\n"

    def _json(self, value: Any) -> bytes:
        """A line of JSON lines, or an item of the one array that a document is."""
        text = b"".join(encode(value, "json", self._options))
        if self._format == "jsonl":
            return text
        self._count += 1
        return (b"[\n" if self._count == 1 else b",\n") + text.rstrip(b"\n")

    def _numbers(self, array: Any) -> Iterator[bytes | memoryview]:
        if array.ndim < 2:
            cells = self._digits.array(array.reshape(-1))
            if cells:
                yield (self._separator.join(cells) + "\n").encode()
            return
        if self._matrices and self._format == "text":
            yield b"\n"
        self._matrices += 1
        yield from encode(array, self._format, self._options)

    def _named(self, cells: dict[str, Any]) -> str:
        """A row under the names of the first one."""
        separator = "\t" if self._format == "text" else self._separator
        names = list(map(str, cells))
        head = ""
        if self._names is None:
            self._names = names
            head = write_text.joined(names, separator, self._digits)
        if names != self._names:
            raise DataError(f"{self._format}: this row has the columns {', '.join(names)}, the first one had others")
        return head + write_text.joined(cells.values(), separator, self._digits)
