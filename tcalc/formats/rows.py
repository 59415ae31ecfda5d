"""Text a row at a time, as it comes: nothing is waited for, kept, or taken apart before somebody looks at it.

Numbers are int64 until a row has one that is not whole, and float64 from there on; each column of ``c`` by itself. What
a column holds, numbers or text, is decided by the first cell of it that is looked at and not missing.
"""

from __future__ import annotations

from tcalc.engine.row import TableRow
from tcalc.engine.tensor import wrap
from tcalc.errors import DataError, TcalcError
from tcalc.formats import layout as layouts
from tcalc.formats.cells import MISSING, as_array, is_number, number
from tcalc.formats.lines import LineBlock, blocks
from tcalc.formats.loaded import Place, data_error, quoted
from tcalc.formats.text import chosen_columns, unique_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from tcalc.engine.tensor import Tensor
    from tcalc.formats.layout import Layout
    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source

# In a block of these bytes alone, Python reads no number that is none here: no 1_000, no digits of other scripts.
_PLAIN = b"0123456789+-.eE \t\r\n,;|"


class Row:
    """A row: ``line`` is its text, ``number`` that of the line where it starts. ``x()`` and ``c()`` look inside."""

    __slots__ = ("_plain", "_text", "line", "number")

    def __init__(self, text: TextRows, line: str, number: int, plain: bool) -> None:
        self._text = text
        self._plain = plain
        self.line = line
        self.number = number

    @property
    def place(self) -> Place:
        return Place(self._text.where, self.number)

    def x(self) -> Tensor:
        """The row's numbers: of one dimension, or of none where the text has one column."""
        if self._plain:
            found = self._text.plain_numbers(self)
            if found is not None:
                return found
        return self._text.numbers(self)

    def c(self) -> TableRow:
        """The row's cells by the names of the header."""
        return self._text.columns(self)


class Line:
    """A line of any text, of which nobody looks at the numbers."""

    __slots__ = ("line", "number", "where")

    def __init__(self, where: str, line: str, number: int) -> None:
        self.where = where
        self.line = line
        self.number = number

    @property
    def place(self) -> Place:
        return Place(self.where, self.number)

    def x(self) -> Tensor:
        raise NotImplementedError("nobody was to look at the numbers")

    def c(self) -> TableRow:
        raise NotImplementedError("nobody was to look at the cells")


class Lines:
    """Every line of a text, blank ones too."""

    def __init__(self, source: Source) -> None:
        self.notes: list[str] = []
        self._source = source

    def __iter__(self) -> Iterator[Line]:
        for block in blocks(self._source):
            for line_number, line in block.lines():
                yield Line(self._source.name, line, line_number)


class TextRows:
    """The rows of one text. ``columns_used`` and ``line_used`` say what the program looks at besides ``x``."""

    def __init__(self, source: Source, format: str, options: TextOptions, columns_used: bool, line_used: bool) -> None:
        self.where = source.name
        self.missing = 0
        self._source = source
        self._format = format
        self._options = options
        self._columns_used = columns_used
        self._line_used = line_used
        self._layout: Layout | None = None
        self._delimiter: str | None = None
        self._names: list[str] | None = None
        self._chosen: list[int] | None = None
        self._is_text: dict[int, bool] = {}  # what a column holds, once a cell of it was looked at
        self._has_text = False
        self._floats = False  # whether a row had a number that is not whole
        self._float_columns: set[int] = set()
        self._one_column: bool | None = None

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows():
            if self._options.na == "drop" and self._has_gap(row):
                continue
            yield row

    @property
    def notes(self) -> list[str]:
        """What the user should be told at the end."""
        if not self.missing or self._options.na is not None:
            return []
        return [f"{self.where}: {self.missing} missing {'cell is' if self.missing == 1 else 'cells are'} nan"]

    # ------------------------------------------------------------ rows

    def _rows(self) -> Iterator[Row]:
        waiting: list[tuple[int, str]] = []  # the lines of a row whose quoted cell goes on
        for block in self._sniffed():
            plain = self._plain(block)
            for line_number, line in block.lines():
                if waiting:
                    waiting.append((line_number, line))
                elif layouts.is_blank(line, self._delimiter) or layouts.is_comment(line, self._delimiter):
                    continue
                elif '"' in line and self._delimiter is not None:
                    waiting = [(line_number, line)]
                if waiting:
                    line = "\n".join(text for _, text in waiting)
                    if self._is_open(line):
                        continue
                    line_number = waiting[0][0]
                    waiting = []
                if self._layout is not None and self._layout.header and self._names is None:
                    self._names = self._split(line)
                    continue
                yield Row(self, line, line_number, plain)
        if waiting:
            raise data_error(Place(self.where, waiting[0][0]), "a quoted cell is never closed")

    def _plain(self, block: LineBlock) -> bool:
        assert self._layout is not None
        decimal = self._layout.decimal
        return decimal == "." and self._options.columns is None and not block.data.translate(None, _PLAIN)

    def _sniffed(self) -> Iterator[LineBlock]:
        """The blocks; before the first is handed on, the layout is known."""
        waiting: list[LineBlock] = []
        for block in blocks(self._source):
            if self._layout is not None:
                yield block
                continue
            waiting.append(block)
            if _is_enough(waiting):
                self._sniff(waiting)
                yield from waiting
        if self._layout is None:
            self._sniff(waiting)
            yield from waiting

    def _sniff(self, sample: Sequence[LineBlock]) -> None:
        text = "".join(block.text() for block in sample)
        layout = layouts.sniff(text, self._format, self._options, self.where)
        if layout.header and self._options.header is None and self._line_used and not self._columns_used:
            layout.header = _is_rectangle(text, layout.delimiter)
        self._layout = layout
        self._delimiter = layout.delimiter

    def _is_open(self, line: str) -> bool:
        try:
            self._split(line)
        except DataError:
            return True
        return False

    def _split(self, line: str) -> list[str]:
        """The cells of a row."""
        if self._delimiter is None:
            return line.split()
        if '"' in line:
            return next(layouts.rows_of(line, self._delimiter, self.where)).cells
        return [cell.strip() for cell in line.split(self._delimiter)]

    # ------------------------------------------------------------ what is in a row

    def plain_numbers(self, row: Row) -> Tensor | None:
        """The numbers of a row of a plain block; None where it has to be looked at cell by cell."""
        cells: Any = row.line.split(self._delimiter)
        if self._has_text or (self._names is not None and len(cells) != len(self._names)):
            return None
        import numpy as np

        try:
            if not self._floats:
                return self._as_row(np.array([int(cell) for cell in cells], np.int64))
        except (ValueError, OverflowError):
            pass
        try:
            return self._as_row(np.array([float(cell) for cell in cells], np.float64))
        except ValueError:
            return None

    def numbers(self, row: Row) -> Tensor:
        """The numbers of a row, cell by cell."""
        cells = self._cells(row)
        known = set(self._is_text)
        values: list[Any] = []
        texts: list[str] = []
        for index, cell in enumerate(cells):
            value = self._value(row, index, cell)
            if not isinstance(value, str):
                values.append(value)
                texts.append(cell)
        if not values and cells and self._names is None:
            # A line of words among others says nothing about what the columns hold.
            self._is_text = {index: kind for index, kind in self._is_text.items() if index in known}
            raise data_error(Place(self.where, row.number, 1), f"{quoted(cells[0])} is not a number")
        self._has_text = any(self._is_text.values())
        return self._as_row(as_array(values, texts, self._floats))

    def _as_row(self, array: Any) -> Tensor:
        self._floats = array.dtype.kind == "f"
        if self._one_column is None:
            self._one_column = len(array) == 1
        return wrap(array.reshape(()) if self._one_column and len(array) == 1 else array)

    def columns(self, row: Row) -> TableRow:
        if self._names is None:
            hint = "c holds the columns of a table with a header; this input has none"
            raise TcalcError("name 'c' is not defined", "NameError", hint=hint)
        cells = self._cells(row)

        def value_at(index: int) -> Any:
            value = self._value(row, index, cells[index])
            if isinstance(value, str):
                return value
            if isinstance(value, float):
                self._float_columns.add(index)
            return wrap(as_array([value], [cells[index]], index in self._float_columns).reshape(()))

        return TableRow(self._labels(), value_at)

    def _labels(self) -> list[str]:
        assert self._names is not None
        labels = unique_names(self._names)
        return labels if self._chosen is None else [labels[index] for index in self._chosen]

    def _cells(self, row: Row) -> list[str]:
        cells = self._split(row.line)
        names = self._names
        if names is not None and len(cells) != len(names):
            raise data_error(
                row.place, f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'}, where the header has {len(names)}"
            )
        if self._options.columns is not None:
            if self._chosen is None:
                self._chosen = chosen_columns(self._options.columns, names, len(cells))
            return [cells[index] for index in self._chosen if index < len(cells)]
        return cells

    def _value(self, row: Row, index: int, cell: str) -> Any:
        """The number, or the text, in a cell."""
        assert self._layout is not None
        if cell in MISSING and not self._is_text.get(index):
            if self._options.na == "error":
                problem = f"a missing cell ({quoted(cell)})" if cell else "a missing cell"
                raise data_error(self._place(row, index), problem)
            self.missing += 1
            return float("nan")
        found = None if self._is_text.get(index) else number(cell, self._layout.decimal)
        if index not in self._is_text:
            self._is_text[index] = found is None
        if found is None and not self._is_text[index]:
            raise data_error(self._place(row, index), f"{quoted(cell)} is not a number")
        return cell if found is None else found

    def _place(self, row: Row, index: int) -> Place:
        name = self._labels()[index] if self._names is not None else None
        column = index if self._chosen is None else self._chosen[index]
        return Place(self.where, row.number, column + 1, name)

    def _has_gap(self, row: Row) -> bool:
        """Whether a number is missing in the row."""
        gap = False
        for index, cell in enumerate(self._cells(row)):
            if cell not in MISSING and index not in self._is_text:
                assert self._layout is not None
                self._is_text[index] = not is_number(cell, self._layout.decimal)
            gap = gap or (cell in MISSING and not self._is_text.get(index))
        return gap


def _is_enough(sample: Iterable[LineBlock]) -> bool:
    """Whether the layout can be told: from a row with a number in it, or else from two rows."""
    import re

    found = 0
    for block in sample:
        for _, line in block.lines():
            if line and not line.isspace() and not line.startswith("#"):
                found += 1
                if found > 1 or any(is_number(cell) for cell in re.split(r"[\s,;|]+", line)):
                    return True
    return False


def _is_rectangle(text: str, delimiter: str | None) -> bool:
    """Whether the first rows are as long as the one that may be a header."""
    widths = {len(row.cells) for row, _ in zip(layouts.rows_of(text, delimiter, ""), range(50), strict=False)}
    return len(widths) == 1
