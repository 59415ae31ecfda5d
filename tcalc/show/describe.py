"""What is in a file, in a few lines: shape, dtype, size and range."""

from __future__ import annotations

from tcalc.engine.table import Table
from tcalc.engine.tensor import Tensor
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError
from tcalc.show.facts import facts_line
from tcalc.show.faults import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def description(name: str, x: Any, table: Table | None) -> str:
    """``NAME: (3, 4) float64, 96 bytes, -1.5 to 3.0``; for a table or several tensors, a line each below it."""
    if table is None and not isinstance(x, Tensor):
        from tcalc.show.listing import Listing, is_listed, listing_text

        return listing_text(name, Listing(x)) if is_listed(x) else f"{clean(name)}: {clean(repr(x))}\n"
    if table is None:
        return f"{clean(name)}: {facts_line(x)}\n"
    rows, columns = len(table), len(table.names)
    lines = [f"{clean(name)}: table of {_count(rows, 'row')} and {_count(columns, 'column')}"]
    width = max((len(clean(label)) for label in table.names), default=0)
    lines += [f"  {clean(label):<{width}}  {_column_facts(table, label)}" for label in table.names]
    return "\n".join(lines) + "\n"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _column_facts(table: Table, name: str) -> str:
    try:
        column = table.column(name)
    except DataError as fault:  # one column that cannot be read hides none of the others
        return clean(fault.message)
    if isinstance(column, TextColumn):
        return f"text, {len(column.unique())} different"
    return facts_line(column)
