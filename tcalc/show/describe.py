"""What is in a file, in a few lines: shape, dtype, size and range."""

from __future__ import annotations

from tcalc.engine.state import human_bytes
from tcalc.engine.table import Table, TextColumn
from tcalc.engine.tensor import Tensor
from tcalc.show.faults import clean


def description(name: str, x: Tensor, table: Table | None) -> str:
    """``NAME: (3, 4) float64, 96 bytes, -1.5 … 3.0``; for a table, a line a column below it."""
    if table is None:
        return f"{clean(name)}: {facts(x)}\n"
    rows, columns = len(table), len(table.names)
    lines = [f"{clean(name)}: table of {_count(rows, 'row')} and {_count(columns, 'column')}"]
    width = max((len(clean(label)) for label in table.names), default=0)
    for label, column in table.items():
        lines.append(f"  {clean(label):<{width}}  {_column_facts(column)}")
    return "\n".join(lines) + "\n"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def facts(tensor: Tensor) -> str:
    """Shape, dtype, bytes and range."""
    size = human_bytes(tensor.numel() * tensor.dtype.itemsize)
    return f"{tuple(tensor.shape)} {tensor.dtype.name}, {size}{_range(tensor)}"


def _column_facts(column: Tensor | TextColumn) -> str:
    if isinstance(column, TextColumn):
        return f"text, {len(column.unique())} different"
    return f"{column.dtype.name}{_range(column)}"


def _range(tensor: Tensor) -> str:
    """The least and the greatest number, and how many are nan."""
    if not tensor.numel() or tensor.dtype.is_complex:
        return ""
    array = tensor.host_array()
    if tensor.dtype.is_reduced:
        array = array.astype("float32")
    if array.dtype.kind != "f":
        return f", {array.min().item()} … {array.max().item()}"
    gaps = array != array
    count = int(gaps.sum())
    if count == array.size:
        return ", all nan"
    held = array[~gaps] if count else array
    return f", {held.min().item()} … {held.max().item()}" + (f", {count} nan" if count else "")
