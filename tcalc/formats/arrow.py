"""Parquet and Arrow files (Feather among them) as tables, by pyarrow; a column is read when somebody looks at it.

Numbers keep their dtypes. Where some are missing they are nan, and whole ones float64. Decimals are float64; dates and
times are text. A column of lists of one length has rows of its own. What else is nested is left out.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tcalc.engine import complex_half
from tcalc.engine.state import current
from tcalc.engine.table import Table, side_by_side, unique_names
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError
from tcalc.formats.loaded import Loaded, data_error, quoted
from tcalc.formats.text import chosen_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tcalc.formats.loaded import TextOptions
    from tcalc.formats.source import Source
    from tcalc.formats.writing import WriteOptions

_FAULTS = (pa.ArrowException, OSError, ValueError, KeyError, IndexError)
_NAMES = {"parquet": "Parquet", "arrow": "Arrow"}


def read(source: Source, format: str, options: TextOptions) -> Loaded:
    """The table in a file, of which the schema alone is read."""
    where = source.name
    file = _opened(source, format)
    schema = file.schema
    labels = unique_names(schema.names)
    wanted = range(len(labels))
    if options.columns is not None:
        wanted = chosen_columns(options.columns, labels, len(labels))  # type: ignore[assignment]
    notes = []
    columns: dict[str, Callable[[], Any]] = {}
    numbers = []
    for index in wanted:
        kind = schema.field(index).type
        problem = _problem(kind)
        if problem is not None:
            if options.columns is not None:
                raise data_error(where, f"the column {quoted(labels[index])} {problem}")
            notes.append(f"{where}: the column {quoted(labels[index])} {problem}: it is left out")
            continue
        if pa.types.is_decimal(kind):
            notes.append(f"{where}: the column {quoted(labels[index])} of decimals was read as float64")
        columns[labels[index]] = _maker(file, index, labels[index], where)
        if _is_numeric(kind):
            numbers.append((labels[index], index))
    table = Table(dict(columns), where, file.rows)
    missing = {name: _missing(file, index, name, where) for name, index in numbers}
    count = sum(missing.values())
    if count and options.na == "error":
        name = next(name for name, holes in missing.items() if holes)
        raise data_error(where, f"the column {quoted(name)} has {missing[name]} missing {_cells(missing[name])}")
    if count and options.na == "drop":
        table = _without_gaps(table, [name for name, holes in missing.items() if holes])
    elif count and options.na is None:
        notes.append(f"{where}: {count} missing {_cells(count)} {'is' if count == 1 else 'are'} nan")
    names = [name for name, _ in numbers]
    return Loaded(lambda: _numbers_of(table, names), format, table, notes)


def _missing(file: Any, index: int, name: str, where: str) -> int:
    """How many of a column's values are missing; the column itself is read where the file does not say."""
    try:
        count: int = file.missing(index)
    except _FAULTS as fault:
        raise _no_column(where, name, fault) from None
    return count


def _cells(count: int) -> str:
    return "cell" if count == 1 else "cells"


def _numbers_of(table: Table, names: list[str]) -> Tensor:
    arrays = [table.column(name).host_array() for name in names]  # type: ignore[union-attr]
    return wrap(arrays[0].copy() if len(arrays) == 1 else side_by_side(arrays, table.rows))


def _without_gaps(table: Table, names: list[str]) -> Table:
    kept = np.ones(table.rows, bool)
    for name in names:
        kept &= ~np.isnan(table.column(name).host_array().reshape(table.rows, -1)).any(1)  # type: ignore[union-attr]
    return table.take(kept)


# ---------------------------------------------------------------- files


class _Parquet:
    """A Parquet file whose columns are read one by one."""

    def __init__(self, buffer: Any) -> None:
        from pyarrow import parquet

        self._file = parquet.ParquetFile(pa.BufferReader(buffer))
        self.schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows

    def column(self, index: int) -> Any:
        name = self.schema.names[index]
        same = [place for place, other in enumerate(self.schema.names) if other == name]
        return self._file.read(columns=[name]).column(same.index(index))

    def missing(self, index: int) -> int:
        """How many values are missing, where the file says so."""
        name = self.schema.names[index]
        metadata = self._file.metadata
        places = [place for place in range(metadata.num_columns) if metadata.schema.column(place).path == name]
        count = 0
        for group in range(metadata.num_row_groups if places else 0):
            statistics = metadata.row_group(group).column(places[0]).statistics
            if statistics is not None and statistics.has_null_count:
                count += statistics.null_count
            else:
                return int(self.column(index).null_count)
        return count


class _Arrow:
    """A file or stream of Arrow's record batches; their bytes are looked at in place."""

    def __init__(self, buffer: Any) -> None:
        if buffer[:6].to_pybytes() == b"ARROW1":
            self._table = pa.ipc.open_file(buffer).read_all()
        else:
            self._table = pa.ipc.open_stream(buffer).read_all()
        self.schema = self._table.schema
        self.rows: int = self._table.num_rows

    def column(self, index: int) -> Any:
        return self._table.column(index)

    def missing(self, index: int) -> int:
        return int(self._table.column(index).null_count)


def _opened(source: Source, format: str) -> Any:
    try:
        buffer = pa.py_buffer(source.stretch(0, source.size))
        return _Parquet(buffer) if format == "parquet" else _Arrow(buffer)
    except _FAULTS as fault:
        raise _no_file(source.name, format, fault) from None


def _no_file(where: str, format: str, fault: BaseException) -> DataError:
    if isinstance(fault, DataError):
        return fault
    reason = str(fault).strip().split("\n")[0].rstrip(".")
    return data_error(where, f"this {_NAMES[format]} file cannot be read: {reason[:1].lower()}{reason[1:200]}")


# ---------------------------------------------------------------- columns


def _maker(file: Any, index: int, name: str, where: str) -> Callable[[], Tensor | TextColumn]:
    """A function that reads a column."""

    def make() -> Tensor | TextColumn:
        kind = file.schema.field(index).type
        width = 8 if not pa.types.is_primitive(kind) else max(kind.bit_width // 8, 1)
        current().meter.allocate(file.rows * width, f"the column {quoted(name)}")
        try:
            column = file.column(index)
            column.validate(full=True)  # neither the offsets in a file nor its texts are to be trusted
            return _column(column)
        except _FAULTS as fault:
            raise _no_column(where, name, fault) from None

    return make


def _no_column(where: str, name: str, fault: BaseException) -> DataError:
    reason = str(fault).strip().split("\n")[0].rstrip(".")
    return data_error(where, f"the column {quoted(name)} cannot be read: {reason[:200]}")


def _value_type(kind: Any) -> Any:
    """The type of a column's cells: what a dictionary stands for, what an extension stores."""
    while True:
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        elif isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        else:
            return kind


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_number(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _is_numeric(kind: Any) -> bool:
    """Whether a column belongs to the numbers of the table."""
    kind = _value_type(kind)
    if _is_list(kind):
        return _is_number(_value_type(kind.value_type))
    return _is_number(kind) or bool(pa.types.is_decimal(kind) or pa.types.is_null(kind))


def _problem(kind: Any) -> str | None:
    """Why a column of this type is none of ours."""
    kind = _value_type(kind)
    types = pa.types
    if _is_numeric(kind) or types.is_temporal(kind) or types.is_string(kind) or types.is_large_string(kind):
        return None
    if types.is_string_view(kind):
        return None
    return f"holds {kind}, which is neither numbers nor text"


def _column(column: Any) -> Tensor | TextColumn:
    kind = _value_type(column.type)
    if column.type != kind:
        column = (
            column.cast(kind)
            if pa.types.is_dictionary(column.type)
            else pa.chunked_array([chunk.storage for chunk in column.chunks], kind)
        )
    if _is_list(kind):
        return wrap(_rows_of_lists(column))
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64(), safe=False)
    if _is_numeric(kind):
        return wrap(_numbers(column))
    return _texts(column.cast(pa.large_string()))


def _numbers(column: Any) -> Any:
    """A column of numbers as one array; missing ones are nan."""
    if column.null_count and not pa.types.is_floating(column.type):
        column = column.cast(pa.float64(), safe=False)
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    pieces = [piece.to_numpy(zero_copy_only=False) for piece in column.chunks]
    if not pieces:
        return np.empty(0, column.type.to_pandas_dtype())
    # A copy: what a program writes must not reach memory that pyarrow, or the file, shares.
    return np.concatenate(pieces) if len(pieces) > 1 else pieces[0].copy()


def _rows_of_lists(column: Any) -> Any:
    """Lists of one length as the rows of a 2-D array."""
    import pyarrow.compute as pc

    lengths = pc.unique(pc.list_value_length(column)).to_pylist()
    if len(lengths) > 1 or lengths == [None]:
        raise ValueError("its lists are of different lengths")
    values = _numbers(pa.chunked_array([pc.list_flatten(chunk) for chunk in column.chunks], column.type.value_type))
    return values.reshape(len(column), lengths[0] if lengths else 0)


def _texts(column: Any) -> TextColumn:
    """A column of texts, a missing one empty, taken apart when a program first looks at it."""

    def encode() -> tuple[list[str], Any]:
        import pyarrow.compute as pc

        coded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
        order = pc.array_sort_indices(coded.dictionary)
        places = np.empty(len(order), np.int32)
        places[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        return coded.dictionary.take(order).to_pylist(), places[coded.indices.to_numpy()]

    return TextColumn.deferred(len(column), encode)


# ---------------------------------------------------------------- out


def write(value: object, format: str, options: WriteOptions) -> Iterator[bytes | memoryview]:
    """A table, named columns, or a tensor of one or two dimensions, as a file."""
    pairs = _columns_of(value, format)
    try:
        table = pa.table([_out(column, name, format) for name, column in pairs], [name for name, _ in pairs])
    except pa.ArrowInvalid:
        raise DataError(f"{format} holds columns of one length, and these differ") from None
    sink = pa.BufferOutputStream()
    if format == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, sink)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    yield memoryview(sink.getvalue())


def _columns_of(value: object, format: str) -> list[tuple[str, Any]]:
    from tcalc.engine.bundle import Bundle
    from tcalc.formats.values import one_array

    if isinstance(value, (Table, Bundle, dict)):
        return [(str(name), column) for name, column in value.items()]
    if isinstance(value, tuple) and hasattr(value, "fields"):
        return list(zip(value.fields, value, strict=True))
    if isinstance(value, TextColumn):
        return [("x", value)]
    array = one_array(value)
    if array is None or array.ndim > 2:
        what = "is no table" if array is None else f"has {array.ndim} dimensions"
        raise DataError(f"{format} holds named columns, and the result {what}", hint="name them: {'x': ...}")
    if array.ndim < 2:
        return [("x", array.reshape(-1))]
    return [(f"x{index}", array[:, index]) for index in range(array.shape[1])]


def _out(column: Any, name: str, format: str) -> Any:
    """A column as pyarrow has it."""
    from tcalc.formats.values import one_array

    if isinstance(column, TextColumn):
        return pa.array(column.labels, pa.string()).take(pa.array(column.codes))
    if isinstance(column, (list, tuple)) and all(isinstance(item, str) for item in column):
        return pa.array(column, pa.string())
    array = one_array(column)
    if array is None or array.ndim not in (1, 2):
        raise DataError(f"{format} holds columns of numbers or texts, and {name!r} is none")
    if array.dtype.kind not in "biuf":
        found = "complex32" if complex_half.is_stored(array) else array.dtype.name
        raise DataError(f"{format} has no type for {found}", hint="convert it first, for example with .float()")
    if not array.flags.c_contiguous:
        current().meter.allocate(array.nbytes, f"the column {quoted(name)}")
    if array.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(array).reshape(-1)), array.shape[1])
    return pa.array(np.ascontiguousarray(array))
