"""How programs reach the columns of a table: ``c.price``, ``c["unit price"]``, ``sales.price``.

Importing this teaches the attribute tables about them; nothing does so before there is a table.
"""

from __future__ import annotations

from tcalc.engine.table import Table, table_of
from tcalc.engine.tensor import Tensor
from tcalc.interp import attributes
from tcalc.interp.values import BoundMethod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_read_tensor = attributes._READERS[Tensor]


def _of_table(table: Table, name: str) -> Any:
    """A column; where none has the name, what every table has."""
    if name == "names" and not table.has(name):
        return BoundMethod(lambda table: table.names, table, name)
    return table.column(name)


def _of_tensor(tensor: Tensor, name: str) -> Any:
    """A tensor's own attributes; where it has none of the name, a column of the table that it was read from."""
    table = table_of(tensor)
    if table is not None and table.has(name) and name not in attributes.names_of(tensor):
        return table.column(name)
    return _read_tensor(tensor, name)


attributes._READERS.update({Table: _of_table, Tensor: _of_tensor})
