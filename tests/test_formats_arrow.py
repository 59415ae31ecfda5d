"""Parquet and Arrow: pyarrow's files are read, and pyarrow reads ours; dtypes, gaps, nested columns, damage."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tcalc.engine.table import Table
from tcalc.engine.tensor import wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError, TcalcError
from tcalc.formats.loaded import TextOptions
from tcalc.formats.reading import read
from tcalc.formats.source import in_memory
from tcalc.formats.writing import encode

FORMATS = ("parquet", "arrow")


def packed(table, format, **options):
    """A file as pyarrow writes it."""
    sink = pa.BufferOutputStream()
    if format == "parquet":
        pyarrow.parquet.write_table(table, sink, **options)
    else:
        pyarrow.feather.write_feather(table, sink, **options)
    return sink.getvalue().to_pybytes()


def loaded(data, **options):
    return read(in_memory(data, "f"), None, TextOptions(**options))


def written(value, format):
    return b"".join(map(bytes, encode(value, format)))


def column(table, name):
    found = table.column(name)
    return found.cells if isinstance(found, TextColumn) else found.host_array().tolist()


@pytest.fixture(params=FORMATS)
def format(request):
    return request.param


def test_dtypes_are_kept(format):
    names = [
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "bool",
    ]
    table = pa.table({name: pa.array(np.array([0, 1, 1], name)) for name in names})
    found = loaded(packed(table, format)).table
    assert {name: found.column(name).dtype.name for name in names} == {name: name for name in names}
    assert column(found, "uint64") == [0, 1, 1]
    wide = pa.table({"u": pa.array([2**64 - 1], pa.uint64()), "i": pa.array([-(2**63)])})
    result = loaded(packed(wide, format)).table
    assert (column(result, "u"), column(result, "i")) == ([2**64 - 1], [-(2**63)])


def test_gaps_are_nan_and_counted(format):
    table = pa.table({
        "i": pa.array([1, None, 3], pa.int32()), "f": pa.array([None, 0.5, 1], pa.float32()),
        "b": [True, None, False], "s": ["x", None, "y"],
    })  # fmt: skip
    data = packed(table, format)
    result = loaded(data)
    assert result.notes == ["f: 3 missing cells are nan"]
    assert [result.table.column(name).dtype.name for name in "ifb"] == ["float64", "float32", "float64"]
    assert np.array_equal(result.table.column("i").host_array(), [1, np.nan, 3], equal_nan=True)
    assert column(result.table, "s") == ["x", "", "y"]
    assert tuple(result.x.shape) == (3, 3)
    assert column(loaded(data, na="drop").table, "s") == ["y"]
    with pytest.raises(DataError, match="the column 'i' has 1 missing cell"):
        loaded(data, na="error")


def test_other_types(format):
    table = pa.table({
        "day": [datetime.date(2024, 2, 29)], "dec": [decimal.Decimal("1.25")],
        "cat": pa.array(["p"]).dictionary_encode(),
        "pair": pa.array([[1, 2]]), "none": pa.array([None]),
    })  # fmt: skip
    result = loaded(packed(table, format))
    assert column(result.table, "day") == ["2024-02-29"]
    assert (column(result.table, "dec"), column(result.table, "cat")) == ([1.25], ["p"])
    assert column(result.table, "pair") == [[1, 2]]
    assert "the column 'dec' of decimals was read as float64" in result.notes[0]


def test_nested_columns_are_left_out_or_refused_by_name(format):
    table = pa.table({"n": [1, 2], "who": [{"a": 1}, {"a": 2}], "list": [[1], [2, 3]]})
    data = packed(table, format)
    result = loaded(data)
    assert column(result.table, "n") == [1, 2]
    assert result.notes[0].startswith("f: the column 'who' holds struct<a: int64>")
    with pytest.raises(DataError, match="the column 'who' holds struct"):
        loaded(data, columns="who")
    with pytest.raises(DataError, match="the column 'list' cannot be read: its lists are of different lengths"):
        result.table.column("list")


def test_only_the_columns_that_are_asked_for(format, monkeypatch):
    data = packed(pa.table({"a": [1], "b": [2], "c": [3]}), format)
    result = loaded(data, columns="c,a")
    assert result.table.names == ["c", "a"] and result.x.host_array().tolist() == [[3, 1]]
    assert loaded(data, columns="2").x.host_array().tolist() == [2]
    with pytest.raises(TcalcError, match="there is no column 'z'"):
        loaded(data, columns="z")


def test_names_that_come_twice(format):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    data = packed(table, "arrow") if format == "arrow" else packed(table, "parquet")
    found = loaded(data).table
    assert (found.names, column(found, "a"), column(found, "a_2")) == (["a", "a_2"], [1], [2])


def test_what_no_table_is_refused(format):
    for value, message in (
        ("text", "named columns"), (wrap(np.zeros((1, 1, 1))), "3 dimensions"),
        ({"a": 1j * np.ones(2)}, "no type for complex"),
        ({"a": np.ones(2), "b": np.ones(3)}, "one length"), ({"a": {"b": 1}}, "'a' is none"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            written(value, format)


DTYPES = st.sampled_from(["int8", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64", "bool"])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_tables_go_round(data):
    rows = data.draw(st.integers(1, 5))
    columns = {}
    for name in data.draw(
        st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4, unique=True)
    ):
        if data.draw(st.booleans()):
            columns[name] = TextColumn(
                data.draw(st.lists(st.text(st.characters(codec="utf-8")), min_size=rows, max_size=rows))
            )
        else:
            shape = data.draw(st.sampled_from([(rows,), (rows, 2)]))
            columns[name] = wrap(data.draw(hnp.arrays(data.draw(DTYPES), shape)))
    for format in FORMATS:
        file = written(Table(dict(columns)), format)
        back = loaded(file).table
        assert back.names == list(columns)
        for name, values in columns.items():
            other = back.column(name)
            if isinstance(values, TextColumn):
                assert other.cells == values.cells
            else:
                assert other.dtype == values.dtype
                assert other.host_array().tobytes() == np.ascontiguousarray(values.host_array()).tobytes()
        theirs = (
            pyarrow.parquet.read_table(pa.BufferReader(file))
            if format == "parquet"
            else pyarrow.feather.read_table(pa.BufferReader(file))
        )
        assert theirs.num_rows == rows and theirs.column_names == list(columns)


def test_tensors_go_round(format):
    for array in (np.arange(3), np.arange(6.0).reshape(2, 3)):
        assert np.array_equal(loaded(written(wrap(array), format)).x.host_array(), array)


@pytest.mark.parametrize("options", [{}, {"compression": "zstd"}])
def test_damage_is_one_clear_error(format, options):
    """Cut anywhere, or with bytes changed: an answer or a DataError, never anything else."""
    table = pa.table({"a": list(range(200)), "s": [f"text {i}" for i in range(200)], "l": [[i, i] for i in range(200)]})
    data = packed(table, format, **options)
    random = np.random.default_rng(0)
    cases = [data[:count] for count in range(0, len(data), max(1, len(data) // 60))]
    for _ in range(150):
        changed = bytearray(data)
        for place in random.integers(6, len(data), 3).tolist():
            changed[place] = int(random.integers(256))
        cases.append(bytes(changed))
    for case in cases:
        try:
            result = read(in_memory(case, "f"), format, TextOptions())
            _ = result.x
            for name in result.table.names:
                column(result.table, name)
        except DataError as fault:
            assert str(fault).startswith("f: ")
        except TcalcError as fault:
            assert "memory" in str(fault)


def test_a_negative_length_is_no_arrow_stream():
    with pytest.raises(DataError) as caught:
        loaded(b"\xff" * 8 + b"\0" * 20)
    assert "Arrow" not in str(caught.value)


def test_damage_in_a_file_that_does_not_count_its_gaps():
    """Without statistics a column is read to count what is missing: what is wrong in it is a DataError there too."""
    data = packed(pa.table({"a": list(range(500))}), "parquet", write_statistics=False, compression="zstd")
    assert loaded(data).x.host_array().tolist() == list(range(500))
    faults = 0
    for place in range(8, 300):
        changed = bytearray(data)
        changed[place] ^= 0xFF
        try:
            loaded(bytes(changed))
        except DataError as fault:
            assert str(fault).startswith("f: the column 'a' cannot be read: ")
            faults += 1
    assert faults


def test_processes(tcalc, tmp_path):
    table = pa.table({"host": ["a", "b", "a"], "ms": [1.5, 2, 4]})
    (tmp_path / "log.parquet").write_bytes(packed(table, "parquet"))
    assert tcalc("c.group('host').ms.mean()", "log.parquet").stdout == "a\t2.75\nb\t2.0\n"
    assert tcalc("x.mean()", stdin=packed(table, "arrow")).stdout == "2.5\n"
    assert tcalc("-o", "out.parquet", "c[c.ms > 1.5]", "log.parquet").returncode == 0
    assert tcalc("-o", "csv", "c", "out.parquet").stdout == "host,ms\nb,2.0\na,4.0\n"
    assert tcalc("log.parquet").stdout.startswith("log.parquet: table of 3 rows and 2 columns\n")
    done = tcalc("x", stdin=packed(table, "parquet")[:50])
    assert done.returncode == 4 and "this Parquet file cannot be read" in done.stderr
