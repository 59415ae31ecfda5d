"""What is in a file of several tensors: a line each with name, dtype, shape and bytes, and the totals.

Nothing of a tensor is read for it. On a terminal it is a table.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.bundle import Bundle, Entry, plain_name, plural
from tcalc.engine.state import human_bytes
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TextIO

    from tcalc.engine.table import Table

_SCALARS = (str, int, float, complex, bool, type(None), bytes)
_KINDS = {"DType": "dtype", "Device": "device", "NoneType": "none", "Size": "size"}
_WIDEST_VALUE = 40
_DEEPEST = 100


class Row:
    """A tensor, or another value beside the tensors, under its name in the file."""

    __slots__ = ("entry", "name", "value")

    def __init__(self, name: str, entry: Entry | None, value: Any = None) -> None:
        self.name = name
        self.entry = entry
        self.value = value

    def cells(self) -> list[str]:
        if self.entry is None:
            kind = type(self.value).__name__
            return [plain_name(self.name), _KINDS.get(kind, kind), _short(self.value), ""]
        entry = self.entry
        return [plain_name(self.name), plain_name(entry.dtype_name), str(tuple(entry.shape)), human_bytes(entry.nbytes)]


class Listing:
    """The rows of a value, and what they add up to."""

    __slots__ = ("metadata", "rows")

    def __init__(self, value: Any) -> None:
        self.rows = list(_rows(value, "", 0))
        self.metadata = value.metadata if isinstance(value, Bundle) else {}

    def entries(self) -> list[Entry]:
        return [row.entry for row in self.rows if row.entry is not None]

    @property
    def parameters(self) -> int:
        return sum(prod(entry.shape) for entry in self.entries())

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self.entries())

    def totals(self) -> list[str]:
        return [plural(len(self.entries()), "tensor"), plural(self.parameters, "parameter"), human_bytes(self.nbytes)]

    def metadata_lines(self) -> list[str]:
        return [f"{plain_name(key)} = {_short(value)}" for key, value in self.metadata.items()]

    def data(self) -> dict[str, Any]:
        """The same for programs, as JSON has it."""
        tensors = [
            {"name": row.name, "dtype": row.entry.dtype_name, "shape": list(row.entry.shape), "bytes": row.entry.nbytes}
            for row in self.rows
            if row.entry is not None
        ]
        values = {row.name: _plain(row.value) for row in self.rows if row.entry is None}
        found: dict[str, Any] = {"tensors": tensors, "parameters": self.parameters, "bytes": self.nbytes}
        if values:
            found["values"] = values
        if self.metadata:
            found["metadata"] = self.metadata
        return found

    def table(self) -> Table:
        """The tensors as rows: name, dtype, shape as ``2x3``, elements, bytes."""
        from tcalc.engine.backend import numpy
        from tcalc.engine.table import Table
        from tcalc.engine.tensor import wrap
        from tcalc.engine.text_column import TextColumn

        rows = [(row.name, row.entry) for row in self.rows if row.entry is not None]
        return Table(
            {
                "name": TextColumn(name for name, _ in rows),
                "dtype": TextColumn(entry.dtype_name for _, entry in rows),
                "shape": TextColumn("x".join(map(str, entry.shape)) for _, entry in rows),
                "elements": wrap(numpy().array([entry.numel for _, entry in rows], "int64")),
                "bytes": wrap(numpy().array([entry.nbytes for _, entry in rows], "int64")),
            }
        )


def is_listed(value: Any) -> bool:
    """Whether a value is shown as a list of tensors: it is a bundle, or a container with some inside."""
    if isinstance(value, Bundle):
        return True
    return isinstance(value, (dict, list, tuple)) and bool(Listing(value).entries())


def _rows(value: Any, name: str, depth: int) -> Iterator[Row]:
    if depth > _DEEPEST:
        raise TcalcError("the containers in the file are nested too deeply to be shown")
    if isinstance(value, Tensor):
        yield Row(name, Entry.of(value))
    elif isinstance(value, Bundle):
        for key, entry in value.entries().items():
            yield Row(_below(name, key), entry)
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _rows(item, _below(name, str(key)), depth + 1)
    elif isinstance(value, (list, tuple)) and not all(isinstance(item, _SCALARS) for item in value):
        for position, item in enumerate(value):
            yield from _rows(item, f"{name}[{position}]", depth + 1)
    else:
        yield Row(name, None, value)


def _below(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _short(value: Any) -> str:
    """A value that is no tensor, on one line and not long."""
    if isinstance(value, (list, tuple)) and len(value) > 8:
        return f"{len(value):,} items"
    text = plain_name(value if isinstance(value, str) else repr(value))
    return text if len(text) <= _WIDEST_VALUE else text[: _WIDEST_VALUE - 3] + "..."


def _plain(value: Any) -> Any:
    """A value that is no tensor, as JSON can have it."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None), dict)) else repr(value)


def listing_text(name: str, listing: Listing) -> str:
    """The listing as plain text, with a line of totals before it."""
    lines = [f"{plain_name(name)}: {', '.join(listing.totals())}"]
    rows = [row.cells() for row in listing.rows]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
        lines.append(("  " + "  ".join([*cells, row[3].rjust(widths[3])])).rstrip())
    lines += [f"  metadata: {line}" for line in listing.metadata_lines()]
    return "\n".join(lines) + "\n"


def print_listing(name: str, listing: Listing, *, color: bool, file: TextIO) -> None:
    """The listing as a table on a terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from tcalc.show.pretty import console_for

    table = Table(
        title=Text(plain_name(name), style="bold"), title_justify="left", box=box.SIMPLE_HEAD, show_footer=True
    )
    tensors, parameters, nbytes = listing.totals()
    table.add_column("name", footer=tensors, overflow="fold", min_width=len(tensors))
    table.add_column("dtype", style="cyan", no_wrap=True)
    table.add_column("shape", footer=parameters, no_wrap=True)
    table.add_column("bytes", footer=nbytes, justify="right", no_wrap=True)
    for row in listing.rows:
        table.add_row(*(Text(cell) for cell in row.cells()))
    console = console_for(file, color)
    console.print(table)
    for line in listing.metadata_lines():
        console.print(Text(f"metadata: {line}", style="dim"))
