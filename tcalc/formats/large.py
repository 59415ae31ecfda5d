"""Large regular text, read by pyarrow on every core: the types of the columns come from the first rows.

As in `bulk`, the answer is what the careful reading would give, or none wherever there is any doubt: rows of different
lengths, a cell that is no number where numbers are, quotes that do not pair, comments between the rows. Then the
careful reading finds the right answer or the right complaint.
"""

from __future__ import annotations

import re

from tcalc.engine.text_column import TextColumn, encoded
from tcalc.errors import DataError
from tcalc.formats import layout as layouts
from tcalc.formats.blocks import CannotCut
from tcalc.formats.cells import FLAGS, MISSING, Numbers, is_whole
from tcalc.formats.columns import ColumnReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tcalc.formats.blocks import RowBlock
    from tcalc.formats.layout import Layout

# From this many bytes on, loading pyarrow pays: below, `bulk` is done sooner.
SMALLEST = 1 << 21

_SAMPLE_BYTES = 1 << 16
_SAMPLE_ROWS = 200
_PIECE = 1 << 20  # what one core takes at a time
_INTEGER, _FLOAT, _FLAG, _TEXT = "int64", "float64", "bool", "string"
_FAULT_OF_AN_INTEGER = re.compile(r"In CSV column #(\d+): .*conversion error to int64: invalid value '(.*)'", re.DOTALL)


class Doubt(Exception):  # noqa: N818 - no error, an answer
    """The careful reading has to look."""


class Plan:
    """How a text is to be read: the kind of every column, and which of them are wanted.

    ``tail`` is the position of a last column without name and cells, which a delimiter at every line's end leaves.
    """

    __slots__ = ("decimal", "delimiter", "is_blank", "kinds", "tail", "wanted")

    def __init__(self, head: bytes, layout: Layout, names: Sequence[str] | None, chosen: Sequence[int] | None) -> None:
        self.is_blank = layout.delimiter is None
        self.delimiter = layout.delimiter or ("\t" if b"\t" in head else " ")
        self.decimal = layout.decimal
        if not self.delimiter.isascii():
            raise Doubt
        rows = _sample(head, layout)
        self.kinds = _kinds(rows, layout.decimal)
        width = len(self.kinds)
        if names is not None and len(names) != width:
            raise Doubt
        self.tail: int | None = None
        if width > 1 and not (names and names[-1]) and not any(cells[-1] for cells in rows):
            self.tail = width - 1
            self.kinds[-1] = _TEXT
        if chosen is not None and self.tail in chosen:
            raise Doubt
        self.wanted = [
            index for index in (range(width) if chosen is None else sorted(set(chosen))) if index != self.tail
        ]

    def read_block(self, block: RowBlock) -> Any:
        """pyarrow's table of a block's columns, under their positions as names."""
        self._check(block)
        columns = [*self.wanted, self.tail] if self.tail is not None else self.wanted
        table = self._convert(block, columns, self.kinds)
        if self.tail is not None and table[str(self.tail)].unique().to_pylist() not in ([], [""]):
            raise Doubt
        return table

    def _convert(self, block: RowBlock, columns: Sequence[int], kinds: Sequence[str]) -> Any:
        import pyarrow as pa
        from pyarrow import csv

        names = [str(index) for index in range(len(kinds))]
        has_quotes = block.has_quotes and not self.is_blank
        parsing = csv.ParseOptions(
            delimiter=self.delimiter,
            quote_char='"' if has_quotes else False,
            newlines_in_values=has_quotes,
        )
        conversion = csv.ConvertOptions(
            column_types={name: pa.type_for_alias(kind) for name, kind in zip(names, kinds, strict=True)},
            include_columns=[str(index) for index in columns],
            null_values=[*MISSING],
            true_values=[text for text, flag in FLAGS.items() if flag],
            false_values=[text for text, flag in FLAGS.items() if not flag],
            decimal_point=self.decimal,
        )
        reading = csv.ReadOptions(column_names=names, block_size=_PIECE)
        return csv.read_csv(pa.BufferReader(pa.py_buffer(block.view())), reading, parsing, conversion)

    def _check(self, block: RowBlock) -> None:
        """What pyarrow would read otherwise than the careful reading does."""
        # One byte is found many times faster than two, and as a rule it is not there.
        if block.has(b"#") and (block.has(b"\n#") or block.has(b"\r#") or block.starts_with(b"#")):
            raise Doubt
        if self.is_blank and not _has_single_blanks(block, self.delimiter.encode()):
            raise Doubt
        if block.has_quotes and not self.is_blank and not _quotes_pair(block, ord(self.delimiter)):
            raise Doubt
        for letter in (b"x", b"X"):
            if block.has(letter) and block.has(b"0" + letter) and self._has_hexadecimal(block):
                raise Doubt

    def _has_hexadecimal(self, block: RowBlock) -> bool:
        """Whether a column of whole numbers has a cell such as 0x1f, which pyarrow takes for a number."""
        import pyarrow.compute as pc

        whole = [index for index in self.wanted if self.kinds[index] == _INTEGER]
        if not whole:
            return False
        table = self._convert(block, whole, [_TEXT] * len(self.kinds))
        return any(pc.any(pc.match_substring(column, "x", ignore_case=True)).as_py() for column in table.columns)


def read(
    plan: Plan, blocks: Callable[[], Iterator[RowBlock]], size: int, as_matrix: bool, na: str | None = None
) -> Result:
    """The wanted columns of a text; Doubt where they may not be what the careful reading says.

    A column that begins with whole numbers and goes on with others makes it begin anew, with that column as floats.
    ``size`` is about how many bytes there are; ``as_matrix`` puts the numbers side by side at once, without the texts;
    ``na`` is as for a ``ColumnReader``.
    """
    import pyarrow as pa

    if as_matrix:
        plan.wanted = [index for index in plan.wanted if plan.kinds[index] != _TEXT]
    while True:
        result = Result(plan, size, as_matrix, na)
        try:
            for block in blocks():
                result.add(plan.read_block(block), block)
        except CannotCut:
            raise Doubt from None
        except pa.ArrowInvalid as fault:
            found = _FAULT_OF_AN_INTEGER.match(str(fault))
            if found is None or is_whole(found[2]):
                raise Doubt from None  # beyond int64: the careful reading has a word about it
            plan.kinds[int(found[1])] = _FLOAT
            continue
        result.finish()
        return result


class Result:
    """The columns, growing block by block in memory that is asked for once."""

    def __init__(self, plan: Plan, size: int, as_matrix: bool, na: str | None) -> None:
        self.rows = 0
        self._na = na
        self._plan = plan
        self._size = size
        self._as_matrix = as_matrix
        self._room = 0
        self._targets: dict[int, Any] = {}
        self._matrix: Any = None
        self._missing: dict[int, list[Any]] = {}
        self._texts: dict[int, list[Any]] = {index: [] for index in plan.wanted if plan.kinds[index] == _TEXT}
        self._negative_zeros: set[int] = set()

    def add(self, table: Any, block: RowBlock) -> None:
        """Take in the columns of one block."""
        end = self.rows + len(table)
        if end > self._room:
            self._grow(end, block.end - block.start)
        for index in self._plan.wanted:
            column = table[str(index)]
            if index in self._texts:
                self._texts[index] += column.chunks
            else:
                self._put(index, column, block)
        self.rows = end

    def _grow(self, rows: int, nbytes: int) -> None:
        """Room for so many rows, and as many more as the rest of the file looks like."""
        import numpy as np

        share = nbytes / max(rows - self.rows, 1)
        self._room = max(rows, self.rows + int((self._size - self.rows * share) / share * 1.05) + 1000)
        old = self._targets
        numbers = [index for index in self._plan.wanted if index not in self._texts]
        dtypes = {index: old[index].dtype if index in old else np.dtype(self._plan.kinds[index]) for index in numbers}
        if self._as_matrix and numbers:
            self._matrix = np.empty((self._room, len(numbers)), np.result_type(*dtypes.values()))
            self._targets = {index: self._matrix[:, place] for place, index in enumerate(numbers)}
        else:
            self._targets = {index: np.empty(self._room, dtypes[index]) for index in numbers}
        for index, values in old.items():
            self._targets[index][: self.rows] = values[: self.rows]

    def _put(self, index: int, column: Any, block: RowBlock) -> None:

        is_whole_column = self._plan.kinds[index] != _FLOAT
        if column.null_count and is_whole_column and self._na != "drop" and self._targets[index].dtype.kind != "f":
            self._make_float(index)
        target = self._targets[index]
        at = self.rows
        for piece in column.chunks:
            end = at + len(piece)
            if piece.null_count:
                holes = piece.is_null().to_numpy(zero_copy_only=False)
                self._note_missing(index, at, holes)
                if target.dtype.kind == "f":
                    piece = piece.cast("float64", safe=False)
                else:
                    piece = piece.fill_null(False if target.dtype.kind == "b" else 0)
            target[at:end] = piece.to_numpy(zero_copy_only=False)
            at = end
        fresh = target[self.rows : at]
        if is_whole_column and not fresh.all() and block.has(b"-0"):
            self._negative_zeros.add(index)
        if not is_whole_column and (self._na in ("drop", "error") or block.has(b"(")):
            self._look_at_nans(index, fresh, column.null_count)

    def _note_missing(self, index: int, at: int, holes: Any) -> None:
        self._missing.setdefault(index, []).append(holes.nonzero()[0] + at)

    def _look_at_nans(self, index: int, fresh: Any, holes: int) -> None:
        """A written nan may be a missing cell too, and pyarrow takes nan(7) for a number."""
        import numpy as np

        if np.count_nonzero(np.isnan(fresh)) > holes:
            raise Doubt

    def _make_float(self, index: int) -> None:
        """Missing cells are nan: from here on the column, or the matrix, is of floats."""
        import numpy as np

        if self._as_matrix:
            places = list(self._targets)
            self._matrix = self._matrix.astype(np.float64)
            self._targets = {key: self._matrix[:, place] for place, key in enumerate(places)}
        else:
            self._targets[index] = self._targets[index].astype(np.float64)

    def finish(self) -> None:
        """The last doubt: beside missing cells, which make floats of whole numbers, -0 keeps its sign."""
        if self._negative_zeros & set(self._missing):
            raise Doubt

    # -- what comes out

    @property
    def is_matrix(self) -> bool:
        return self._as_matrix

    @property
    def matrix(self) -> Any:
        """The numbers side by side."""
        import numpy as np

        return np.empty((self.rows, 0)) if self._matrix is None else self._matrix[: self.rows]

    @property
    def missing_cells(self) -> int:
        return sum(len(part) for parts in self._missing.values() for part in parts)

    def columns(self) -> dict[int, Numbers | TextColumn]:
        """The columns by their positions."""
        import numpy as np

        result: dict[int, Numbers | TextColumn] = {}
        for index in self._plan.wanted:
            if index in self._texts:
                result[index] = _text_column(self._texts[index], self.rows)
                continue
            missing = np.concatenate(self._missing[index]).tolist() if index in self._missing else []
            array = self._targets[index][: self.rows] if index in self._targets else np.empty(0)
            result[index] = Numbers(array, missing)
        return result


def _has_single_blanks(block: RowBlock, blank: bytes) -> bool:
    """Whether cells that stand apart by any white space have one blank between them and none around them."""
    other = b" " if blank == b"\t" else b"\t"
    if block.starts_with(blank) or block.data[block.end - 1 : block.end] == blank:
        return False
    return not any(block.has(part) for part in (other, blank * 2, blank + b"\n", b"\n" + blank, blank + b"\r"))


def _quotes_pair(block: RowBlock, delimiter: int) -> bool:
    """Whether quotes only enclose whole cells, and stand doubled within them."""
    import numpy as np

    text = np.frombuffer(block.view(), np.uint8)
    places = np.flatnonzero(text == ord('"'))
    if len(places) % 2:
        return False
    opening, closing = places[::2], places[1::2]
    edges = np.zeros(256, bool)
    edges[[10, 13, delimiter]] = True
    doubled = closing[:-1] + 1 == opening[1:]
    before = (opening == 0) | edges[text[opening - 1]]
    before[1:] |= doubled
    is_last = closing == len(text) - 1
    after = is_last | edges[text[np.where(is_last, 0, closing + 1)]]
    after[:-1] |= doubled
    return bool(before.all() and after.all())


def _sample(head: bytes, layout: Layout) -> list[list[str]]:
    """The cells of the first rows, all of one length."""
    if len(head) >= _SAMPLE_BYTES:
        head = head[: head.rfind(b"\n", 0, _SAMPLE_BYTES) + 1]
    rows: list[list[str]] = []
    try:
        for row in layouts.rows_of(head.decode(), layout.delimiter, ""):
            rows.append(row.cells)
            if len(rows) == _SAMPLE_ROWS:
                break
    except UnicodeDecodeError:
        raise Doubt from None
    except DataError:
        pass  # a quoted cell may reach beyond the sample
    if not rows or any(len(cells) != len(rows[0]) for cells in rows):
        raise Doubt
    return rows


def _kinds(rows: list[list[str]], decimal: str) -> list[str]:
    """What the first rows say that each column holds."""
    kinds = []
    for index in range(len(rows[0])):
        reader = ColumnReader(index, None, "", decimal, "drop")
        try:
            reader.add([row[index] for row in rows], range(len(rows)))
        except DataError:
            raise Doubt from None
        kinds.append(_kind(reader.finish()))
    return kinds


def _kind(column: Numbers | TextColumn) -> str:
    if isinstance(column, TextColumn):
        return _TEXT
    kind = {"i": _INTEGER, "f": _FLOAT, "b": _FLAG}.get(column.array.dtype.kind)
    if kind is None or column.rounded:
        raise Doubt
    return kind


def _text_column(pieces: list[Any], rows: int) -> TextColumn:
    """A column whose texts are taken apart when a program first looks at them."""

    def encode() -> tuple[list[str], Any]:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        column = pc.utf8_trim_whitespace(pa.chunked_array(pieces, pa.string()))
        coded = column.dictionary_encode().combine_chunks()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.chunk(0) if coded.num_chunks else pa.array([], pa.string()).dictionary_encode()
        order = pc.array_sort_indices(coded.dictionary)
        places = np.empty(len(order), np.int32)
        places[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        labels = coded.dictionary.take(order).to_pylist()
        codes = places[coded.indices.to_numpy()]
        if any("\r" in label for label in labels):  # within a cell, too, a line ends in a line feed
            labels, merged = encoded([label.replace("\r\n", "\n").replace("\r", "\n") for label in labels])
            codes = merged[codes]
        return labels, codes

    return TextColumn.deferred(rows, encode)
