"""Text in: white space, CSV and TSV; the fast reading, the careful one, and their complaints."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tcalc.engine.table import Table
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError, UsageError
from tcalc.formats import text as reader
from tcalc.formats.loaded import TextOptions
from tcalc.formats.sniff import recognise
from tcalc.formats.source import in_memory


def read(data, format="text", **options):
    data = data if isinstance(data, bytes) else data.encode()
    return reader.read(in_memory(data, "f"), format, TextOptions(**options))


def values(data, format="text", **options):
    return read(data, format, **options).x.host_array().tolist()


def complaint(data, format="text", **options):
    with pytest.raises((DataError, UsageError)) as caught:
        read(data, format, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("1\n2\n3\n", [1, 2, 3]),
        ("1 2\n3 4\n", [[1, 2], [3, 4]]),
        ("1 2 3\n", [[1, 2, 3]]),
        ("5", [5]),
        ("  1\t 2 \n\n 3  4", [[1, 2], [3, 4]]),
        ("1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("1, 2\n3, 4\n", [[1, 2], [3, 4]]),
        ("1;2,5\n3;4,5\n", [[1.0, 2.5], [3.0, 4.5]]),
        ("1,5 2,5\n3,5 4,5\n", [[1.5, 2.5], [3.5, 4.5]]),
        ("1|2\n3|4\n", [[1, 2], [3, 4]]),
        ("1\t2\n3\t4\n", [[1, 2], [3, 4]]),
        ("1\r\n2\r\n", [1, 2]),
        ("1\r2\r", [1, 2]),
        ("1e3\n.5\n+2.\n", [1000.0, 0.5, 2.0]),
        ("-1\n-inf\n", [-1.0, -math.inf]),
        ("True False\nFalse True\n", [[True, False], [False, True]]),
        ("1+2j\n3j\n", [1 + 2j, 3j]),
        ("# made by hand\n1 2\n# more\n3 4\n", [[1, 2], [3, 4]]),
        ("# made by hand\n1,2\n# more\n3,4\n", [[1, 2], [3, 4]]),
        ('# made by hand\n"1",2\n# more\n3,4\n', [[1, 2], [3, 4]]),
        ("# a,b\n1,2\n3,4\n", [[1, 2], [3, 4]]),
        ('"1","2"\n"3","4"\n', [[1, 2], [3, 4]]),
        ("1,2,\n3,4,\n", [[1, 2], [3, 4]]),
        ("", []),
    ],
)
def test_numbers(data, expected):
    assert values(data) == expected


def test_byte_order_marks_and_utf16():
    assert values(b"\xef\xbb\xbf1\n2\n") == [1, 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = "\ufeff".encode(encoding)
        loaded = read(mark + "größe,b\r\n1,2\r\n".encode(encoding), "csv")
        assert loaded.table.names == ["größe", "b"]
        assert loaded.x.host_array().tolist() == [[1, 2]]


def test_whole_numbers_are_int64_and_others_float64():
    assert str(read("1\n2\n").x.dtype) == "torch.int64"
    assert str(read("1\n2.0\n").x.dtype) == "torch.float64"
    assert values("9223372036854775807\n-9223372036854775808\n") == [2**63 - 1, -(2**63)]


def test_whole_numbers_beyond_int64_are_uint64_where_they_fit():
    loaded = read("9223372036854775808\n1\n18446744073709551615\n")
    assert loaded.x.host_array().tolist() == [2**63, 1, 2**64 - 1]
    assert str(loaded.x.dtype) == "torch.uint64"
    assert loaded.notes == []


@pytest.mark.parametrize(
    "data", ["18446744073709551616\n1\n", "9223372036854775808\n-1\n", "9223372036854775808\n\n?\n"]
)
def test_whole_numbers_that_fit_no_type_are_float64_and_said_to_be(data):
    loaded = read(data, na="nan")
    assert str(loaded.x.dtype) == "torch.float64"
    assert loaded.notes == ["f: whole numbers beyond 64 bits, or of both signs, were read as float64"]


def test_header_names_the_columns():
    loaded = read('city,unit price,n\nOslo,1.5,1\n"Ber,gen ""x""",2.5,2\n', "csv")
    table = loaded.table
    assert isinstance(table, Table)
    assert table.names == ["city", "unit price", "n"]
    assert isinstance(table.column("city"), TextColumn)
    assert list(table.column("city")) == ["Oslo", 'Ber,gen "x"']
    assert table.column("n").host_array().tolist() == [1, 2]
    assert str(table.column("n").dtype) == "torch.int64"
    assert loaded.x.host_array().tolist() == [[1.5, 1.0], [2.5, 2.0]]


def test_a_column_has_its_own_dtype_on_the_fast_path_too():
    table = read("a,b\n1,2.5\n3,4\n", "csv").table
    assert [str(table.column(name).dtype) for name in "ab"] == ["torch.int64", "torch.float64"]


def test_header_may_be_stated():
    assert values("1,2\n3,4\n", "csv", header=True) == [[3, 4]]
    assert read("1,2\n3,4\n", "csv", header=True).table.names == ["1", "2"]
    assert "'a' is not a number" in complaint("a\n1\n", header=False)
    assert read("a,1\n", "csv", header=False).table is None


def test_names_are_unique():
    assert reader.unique_names(["a", "", "a", "a_2", "a"]) == ["a", "column2", "a_2", "a_2_2", "a_3"]


def test_missing_cells():
    data = "a,b,c\n1,,x\n4,5,y\nNA,6,z\n"
    loaded = read(data, "csv")
    assert np.array_equal(loaded.x.host_array(), [[1, np.nan], [4, 5], [np.nan, 6]], equal_nan=True)
    assert loaded.notes == ["f: 2 missing cells are nan"]
    assert read("1,\n2,3\n", "csv").notes == ["f: 1 missing cell is nan"]
    dropped = read(data, "csv", na="drop")
    assert dropped.x.host_array().tolist() == [[4, 5]]
    assert str(dropped.x.dtype) == "torch.int64"
    assert list(dropped.table.column("c")) == ["y"]
    assert read(data, "csv", na="nan").notes == []
    assert complaint(data, "csv", na="error") == "f, line 2, column 2 ('b'): a missing cell"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("1\nx\n3\n", "f, line 2, column 1: 'x' is not a number"),
        ("1 2\n3 4x\n", "f, line 2, column 2: '4x' is not a number"),
        ("a,b\n1,2\n\n3,four\n", "f, line 4, column 2 ('b'): 'four' is not a number"),
        ("1 2\n3\n", "f, line 2: 1 cell, where line 1 has 2"),
        ("a,b\n1,2\n3,4,5\n", "f, line 3: 3 cells, where line 1 has 2"),
        ("1_000\n2\n", "f, line 1, column 1: '1_000' is not a number"),
        ("0x10\n", "f, line 1, column 1: '0x10' is not a number"),
        ("\u0661\n2\n", "f, line 1, column 1: '\u0661' is not a number"),
        ("1-2\n3\n", "f, line 1, column 1: '1-2' is not a number"),
        ("1\n1.2.3\n", "f, line 2, column 1: '1.2.3' is not a number"),
        ("1\n--2\n", "f, line 2, column 1: '--2' is not a number"),
        ("1\n5e\n", "f, line 2, column 1: '5e' is not a number"),
        ("hello\nworld\n", "f, line 1, column 1: 'hello' is not a number"),
        ('a,b\n1,"2\n', "f, line 2: a quoted cell is never closed"),
        (b"1\n\xe9\n", "f, line 2: the byte 0xe9 is not UTF-8"),
        (b"\xff\xfe1\x00\x00\xd8\n\x00", "f, line 1: the text is not UTF-16"),
    ],
)
def test_complaints_name_the_place(data, expected):
    assert complaint(data) == expected


def test_columns_are_chosen():
    data = "a,b,c,d\n1,2,x,4\n"
    assert values(data, "csv", columns="d,a") == [[4, 1]]
    assert read(data, "csv", columns="d,a").table.names == ["d", "a"]
    assert values("1 2 3 4\n", columns="2-4,1") == [[2, 3, 4, 1]]
    assert values("1 2 3\n1 2 x\n", columns="1-2") == [[1, 2], [1, 2]]
    assert "no column 'e'" in complaint(data, "csv", columns="e")
    assert "no column 7" in complaint("1 2\n", columns="7")


def test_delimiter_and_decimal_are_stated():
    assert values("1:2\n3:4\n", delimiter=":") == [[1, 2], [3, 4]]
    assert values("1,5\n2,5\n", decimal=",") == [1.5, 2.5]
    assert "one character" in complaint("1\n", delimiter="ab")
    assert "same character" in complaint("1\n", delimiter=",", decimal=",")


CELL = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-99, 99).map(str),
    st.floats(allow_nan=False).map(repr),
    st.sampled_from(
        ["1.", ".5", "-0", "+7", "1e5", "1E-3", "5e", "1-2", "1.2.3", "", "nan", "x", "--1", ".", "-", "007"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=3), min_size=1, max_size=5),
    delimiter=st.sampled_from([",", ";", "\t", " "]),
    header=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_fast_reading_agrees_with_the_careful_one(rows, delimiter, header, end):
    """Where the fast reading answers at all, the careful one gives the same tensors and columns."""
    from tcalc.formats import layout as layouts

    data = end.join(delimiter.join(row) for row in rows).encode()
    options = TextOptions(delimiter, ".", header)
    layout = layouts.sniff(data.decode(), "text", options, "f")
    fast = reader._read_bulk(data, "f", "text", layout, options)
    if fast is not None:
        assert_alike(fast, reader._read_cells(data, "f", "text", layout, options))


def assert_alike(fast, slow):
    assert same(fast.x, slow.x)
    assert (fast.table is None) == (slow.table is None)
    if fast.table is not None:
        assert fast.table.names == slow.table.names
        for name, column in fast.table.items():
            assert same(column, slow.table.column(name)), name
    assert fast.notes == slow.notes


LARGE_CELL = st.one_of(
    CELL,
    st.integers(-99, 99).map(str),
    st.sampled_from((
        "NA", "-", "?", "None", "inf", "-inf", "NaN", "-nan", "nan(7)", "Infinity", "0x1f", "+5", "true", "False", "-0",
        "a", " a", "b ", "é", "\x1ca", "\xa0b\u2003", "#", "#3", " 7 ", "1e400", "5e-324", "2+3j", "", "9" * 19,
        '"', '"a"', '"a,b"', '"a""b"', '"3"', '""', '"x', 'x"y', '"a"b', '"a\nb"', '"a\r\nb"', '"a\rb"', ' "a"',
    )),
)  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(data=st.data())
def test_the_large_reading_agrees_with_the_careful_one(data):
    """Columns of one kind each, with now and then a cell of another: whatever pyarrow answers is what we would."""
    from tcalc.formats import blocks, large
    from tcalc.formats import layout as layouts

    kinds = [st.integers(-999, 999).map(str), st.floats().map(repr), st.sampled_from("ab cd éf NA".split()), LARGE_CELL,
             st.integers(-(2**63), 2**63 - 1).map(str), st.sampled_from(["True", "false", "NA"])]  # fmt: skip
    width = data.draw(st.integers(1, 4))
    columns = [data.draw(st.sampled_from(kinds)) for _ in range(width)]
    rows = [
        [data.draw(LARGE_CELL if data.draw(st.integers(0, 15)) == 0 else column) for column in columns]
        for _ in range(data.draw(st.integers(1, 12)))
    ]
    delimiter = data.draw(st.sampled_from([",", ";", "\t", " "]))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(delimiter.join(row) for row in rows).encode() + data.draw(st.sampled_from([b"", b"\n"]))
    header = data.draw(st.booleans())
    decimal = "," if delimiter == ";" and data.draw(st.booleans()) else "."
    options = TextOptions(
        delimiter,
        decimal,
        header,
        na=data.draw(st.sampled_from([None, "nan", "drop"])),
        wants_table=data.draw(st.booleans()),
    )
    layout = layouts.sniff(text.decode(), "text", options, "f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "SMALLEST", 0)
        patch.setattr(blocks, "_FIRST", data.draw(st.integers(8, 64)))
        patch.setattr(blocks, "_BLOCK", 64)
        fast = reader._read_large(text, "f", "text", layout, options)
    if fast is None:
        return
    slow = reader._read_cells(text, "f", "text", layout, options)
    if fast.table is None:
        assert same(fast.x, slow.x)
        assert fast.notes == slow.notes
    else:
        assert_alike(fast, slow)


def same(first, second):
    if isinstance(first, TextColumn) or isinstance(second, TextColumn):
        return first.cells == second.cells and first.labels == second.labels
    a, b = first.host_array(), second.host_array()
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind in "fc":
        return np.array_equal(a, b, equal_nan=True) and np.array_equal(
            np.signbit(a.real)[a == a], np.signbit(b.real)[a == a]
        )
    return a.tobytes() == b.tobytes()


def test_the_fast_reading_is_taken():
    """Plain numbers of every layout do not go cell by cell."""
    from tcalc.formats import layout as layouts

    for data in (b"1\n2\n", b"1 2.5\n3 4\n", b"a,b\n1,2\n", b"1;2,5\r\n3;4\r\n", b"# c\n1\t2\n", b"1,2,\r\n3,4,"):
        options = TextOptions()
        layout = layouts.sniff(data.decode(), "text", options, "f")
        assert reader._read_bulk(data, "f", "text", layout, options) is not None, data


def test_only_numbers_is_data():
    for data in (b"1\n2\n", b"1 2\n3 4\n", b"1.5,2\n", b"nan\n"):
        assert reader.is_only_numbers(data), data
    for data in (b"", b"\n", b"1 + 1\n", b"x = 3\nx * 2\n", b"print(1)\n", b"a,b\n1,2\n", b"Oslo 3\n", b"\xff\x00"):
        assert not reader.is_only_numbers(data), data


def test_text_columns_compare_and_pick():
    table = read("city,n\nOslo,1\nRome,2\nOslo,3\n", "csv").table
    city, n = table.column("city"), table.column("n")
    mask = city.equals("Oslo")
    assert mask.host_array().tolist() == [True, False, True]
    assert city.differs("Oslo").host_array().tolist() == [False, True, False]
    assert city.unique() == ["Oslo", "Rome"]
    assert "Rome" in city
    assert list(city.getitem(mask)) == ["Oslo", "Oslo"]
    assert city.getitem(-1) == "Oslo"
    assert list(city.getitem(slice(1, None))) == ["Rome", "Oslo"]
    assert table.getitem(1) is n
    with pytest.raises(Exception, match="no column 'citty'") as caught:
        table.column("citty")
    assert caught.value.hint == "did you mean 'city'?"


@pytest.mark.parametrize(
    ("data", "path", "what"),
    [
        (b"\xff\xfe\0\0", "a.csv", "UTF-32"),
        ("1,2\n".encode("utf-32"), None, "UTF-32"),
        (b"PK\x03\x04..", "a.zip", "zip"), (b"1,\0", "a.csv", "neither text"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_not_taken_for_one(data, path, what):
    with pytest.raises(DataError, match=what):
        recognise(in_memory(data, "f", path))
    assert recognise(in_memory(data, "f", path), "text").name == "text"
    assert recognise(in_memory(b"[a],[b]\n1,2\n", "f", "a.csv")).name == "csv"


def large_csv(rows=120_000):
    """A few MB in which every row says its number."""
    return "host,n,ms\n" + "".join(f"web{i % 7},{i},{i / 4}\n" for i in range(rows))


@pytest.fixture(scope="module")
def large_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "log.csv"
    path.write_text(large_csv())
    return path


def test_large_files_and_pipes_are_read_alike(tcalc, large_file):
    program = "c.host.unique(), c.n.sum(), c.ms.mean(), x.dtype, tuple(x.shape), c.n.dtype"
    expected = "web0\nweb1\nweb2\nweb3\nweb4\nweb5\nweb6\n\n7199940000\n\n14999.875\n\n"
    from_file = tcalc(program, str(large_file))
    from_pipe = tcalc(program, stdin=large_file.read_bytes())
    assert from_file.stdout.startswith(expected), from_file
    assert from_pipe.stdout == from_file.stdout
    assert tcalc("x.mean(0)", str(large_file)).stdout == "59999.5\n14999.875\n"
    assert tcalc("x.mean(0)", "--columns", "ms", str(large_file)).stdout == "14999.875\n"
    assert tcalc("c.group('host').n.max()", str(large_file)).stdout.startswith("web0\t119994\nweb1\t119995\n")


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (100_001, "web,1,x2\n", "line 100001, column 3 ('ms'): 'x2' is not a number"),
        (90_001, "web,1\n", "line 90001: 2 cells, where line 1 has 3"),
        (110_001, 'web,1,"3\n', "line 110001: a quoted cell is never closed"),
    ],
)
def test_complaints_about_large_files_name_the_place(tcalc, large_file, line, text, message):
    lines = large_file.read_text().splitlines(keepends=True)
    lines[line - 1] = text
    done = tcalc("x.mean(0)", stdin="".join(lines))
    assert done.returncode == 4
    assert message in done.stderr


def test_missing_cells_of_large_files_are_counted_and_handled(tcalc, large_file):
    lines = large_file.read_text().splitlines(keepends=True)
    lines[100_001] = "web,NA,\n"
    data = "".join(lines)
    done = tcalc("c.n[100000], c.n.isnan().sum()", stdin=data)
    assert done.stdout == "nan 1\n" and "2 missing cells are nan" in done.stderr
    assert tcalc("--na", "drop", "c.n.dtype, len(c), len(x)", stdin=data).stdout == "torch.int64 119999 119999\n"
    done = tcalc("--na", "error", "x", stdin=data)
    assert done.returncode == 4 and "line 100002, column 2 ('n'): a missing cell ('NA')" in done.stderr


def test_other_encodings_of_large_files(tcalc, tmp_path):
    for name, data in (("bom", b"\xef\xbb\xbf" + large_csv().encode()), ("utf16", large_csv().encode("utf-16"))):
        (tmp_path / f"{name}.csv").write_bytes(data)
        assert tcalc("c.n.sum(), c.names", f"{name}.csv").stdout == "7199940000\n\nhost\nn\nms\n"


def test_a_column_that_begins_whole_and_goes_on_otherwise(tcalc):
    data = "".join(f"{i}\n" for i in range(400_000)) + "0.5\n"
    assert tcalc("x.dtype, x.sum()", stdin=data).stdout.split() == ["torch.float64", "79999800000.5"]
    data = "".join(f"{2**62 + i}\n" for i in range(200_000))
    assert tcalc("x[-1] - x[0], x.dtype", stdin=data).stdout.split() == ["199999", "torch.int64"]


WORD = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=6)
NAME = st.text("abcxyz ,;\t\"'#é\n|", min_size=1, max_size=5).filter(str.strip)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_tables_go_round(data):
    """Whatever stands in names and texts; blanks around them are all that is lost."""
    from tcalc.engine.tensor import wrap
    from tcalc.formats.reading import read as read_source
    from tcalc.formats.source import in_memory
    from tcalc.formats.writing import encode

    format = data.draw(st.sampled_from(["csv", "tsv"]))
    rows = data.draw(st.integers(1, 4))
    columns = {}
    for name in data.draw(st.lists(NAME, min_size=1, max_size=4, unique_by=str.strip)):
        if data.draw(st.booleans()):
            columns[name] = TextColumn(["t" + data.draw(WORD), *(data.draw(WORD) for _ in range(rows - 1))])
        else:
            dtype = data.draw(st.sampled_from([np.int64, np.float64, np.bool_]))
            columns[name] = wrap(data.draw(hnp.arrays(dtype, rows)))
    written = b"".join(encode(Table(dict(columns)), format))
    back = read_source(in_memory(written, "f"), format, TextOptions(header=True, na="nan")).table
    assert back.names == [name.strip() for name in columns]
    for name, column in columns.items():
        other = back.column(name.strip())
        if isinstance(column, TextColumn):
            assert other.cells == [cell.strip() for cell in column.cells]
        else:
            assert same(column, other)


def test_a_csv_of_one_text_column(tcalc):
    data = "name\nJohn Smith\nAnn\n"
    assert tcalc("--header", "--from", "csv", "c.name.unique()", stdin=data).stdout == "Ann\nJohn Smith\n"
    done = tcalc("--from", "csv", "c", stdin=data)
    assert done.returncode == 4 and "--header says that the first row names the columns" in done.stderr


def test_the_output_of_seq_in_rows(tcalc):
    data = "".join(f"{number}\n" for number in range(1, 400_001))
    assert tcalc("x.reshape(-1, 4).mean(0)", stdin=data).stdout == "199999.0\n200000.0\n200001.0\n200002.0\n"


@settings(max_examples=500, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=60), st.text('0123456789.,;|\t "#\n\r-+eEnaNinf_xA', max_size=60).map(str.encode)
    ),
    format=st.sampled_from(["text", "csv", "tsv"]),
    header=st.sampled_from([None, True, False]),
    na=st.sampled_from([None, "drop", "error"]),
)
def test_any_bytes_are_a_table_or_one_clear_error(data, format, header, na):
    try:
        loaded = read(data, format, header=header, na=na)
        _ = loaded.x, loaded.table and loaded.table.items()
    except DataError as fault:
        assert str(fault).startswith("f")
    reader.is_only_numbers(data)
