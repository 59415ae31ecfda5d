"""JSON and JSON lines, in and out: what becomes of each value, what goes round, and where complaints point."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tcalc.engine.bundle import Bundle
from tcalc.engine.table import Table
from tcalc.engine.tensor import Tensor, wrap
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError
from tcalc.formats.loaded import TextOptions
from tcalc.formats.reading import read
from tcalc.formats.source import in_memory
from tcalc.formats.writing import WriteOptions, encode


def loaded(text, format="json", **options):
    data = text if isinstance(text, bytes) else text.encode()
    return read(in_memory(data, "f"), format, TextOptions(**options))


def written(value, format="json", **options):
    return b"".join(encode(value, format, WriteOptions(**options))).decode()


def plain(value):
    if isinstance(value, (Table, Bundle, dict)):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, TextColumn):
        return value.cells
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.host_array().tolist() if isinstance(value, Tensor) else value


@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("[1, 2]", "int64", [1, 2]),
        ("[[1, 2], [3, 4.5]]", "float64", [[1, 2], [3, 4.5]]),
        ("[true, false]", "bool", [True, False]),
        ("[9007199254740993, -9223372036854775808]", "int64", [2**53 + 1, -(2**63)]),
        ("[18446744073709551615]", "uint64", [2**64 - 1]),
        ("[1e999, -1e999, 5e-324, -0.0]", "float64", [math.inf, -math.inf, 5e-324, -0.0]),
        ("[Infinity, -Infinity]", "float64", [math.inf, -math.inf]),
        ("[]", "float64", []),
        ("[[], []]", "float64", [[], []]),
        ("[[[[1]]]]", "int64", [[[[1]]]]),
        ("3.5", "float64", 3.5),
        (b"\xef\xbb\xbf[1]", "int64", [1]),
        ("[1]".encode("utf-16"), "int64", [1]),
    ],
)
def test_numbers(text, dtype, expected):
    x = loaded(text).x
    assert (x.dtype.name, plain(x)) == (dtype, expected)


def test_null_is_nan_and_counted():
    result = loaded("[[1, null], [3, 4]]")
    assert np.array_equal(result.x.host_array(), [[1, np.nan], [3, 4]], equal_nan=True)
    assert result.notes == ["f: 1 missing cell is nan"]
    assert loaded("[1, null]", na="nan").notes == []
    assert plain(loaded("[[1, null], [3, 4]]", na="drop").x) == [[3, 4]]
    with pytest.raises(DataError, match=r"line 2, column 2: \[1\]: a missing value"):
        loaded("[1,\n null]", na="error")


def test_records_are_a_table():
    result = loaded('[{"a": 1, "b": "x", "c": [1, 2]}, {"b": null, "a": 2.5, "c": [3, 4]}]')
    assert plain(result.table) == {"a": [1, 2.5], "b": ["x", ""], "c": [[1, 2], [3, 4]]}
    assert plain(result.x) == [[1, 1, 2], [2.5, 3, 4]]
    nested = loaded('[{"u": {"n": 1, "m": {"k": 2}}}, {"u": {"n": 3}, "v": true}]', na="nan").table
    assert nested.names == ["u.n", "u.m.k", "v"]
    assert plain(loaded('[{"a": 1, "b": 2}]', columns="b").table) == {"b": [2]}
    assert plain(loaded('[{"a": 1, "b": "x"}, {"b": "y"}]', na="drop").table) == {"a": [1], "b": ["x"]}


def test_objects_of_arrays_are_bundles_and_tables():
    result = loaded('{"a": [1, 2], "b": [3, 4.5]}')
    assert isinstance(result.x, Bundle) and plain(result.x) == {"a": [1, 2], "b": [3, 4.5]}
    assert plain(result.table) == {"a": [1, 2], "b": [3, 4.5]}
    assert loaded('{"a": [1, 2], "b": [3]}').table is None
    assert plain(loaded('{"city": ["x", "y"], "n": [1, 2]}').table) == {"city": ["x", "y"], "n": [1, 2]}


def test_other_values_are_python_s():
    config = loaded(
        '{"lr": 0.1, "name": "x", "betas": [0.9, 0.99], "none": null, "mix": [1, "a"], "deep": {"k": [1]}}'
    ).x
    assert plain(config) == {
        "lr": 0.1, "name": "x", "betas": [0.9, 0.99], "none": None, "mix": [1, "a"], "deep": {"k": [1]},
    }  # fmt: skip
    assert isinstance(loaded('["a", "b"]').x, TextColumn)


def test_json_lines():
    assert plain(loaded('{"a": 1}\n\n{"a": 2}\n', "jsonl").table) == {"a": [1, 2]}
    assert plain(loaded('{"a": 1}\r\n{"a": 2}').table) == {"a": [1, 2]}  # as JSON, too: one value after another
    assert plain(loaded("[1, 2]\n[3, 4]\n", "jsonl").x) == [[1, 2], [3, 4]]
    assert plain(loaded("[1, 2]\n", "jsonl").x) == [[1, 2]]
    assert plain(loaded("1\n2\n", "jsonl").x) == [1, 2]
    assert plain(loaded('"a"\n"b"\n', "jsonl").x) == ["a", "b"]
    assert plain(loaded("", "jsonl").x) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f: there is no JSON in it"),
        ("[1, 2,]", "f, line 1, column 7: this is no JSON: expecting value"),
        ("[1\n 2]", "f, line 2, column 2: this is no JSON: expecting ',' delimiter"),
        ("[1] 2]", "f, line 1, column 6: this is no JSON: another value right behind one"),
        ("hello", "f, line 1, column 1: this is no JSON: expecting value"),
        ('{"a": 1', "f, line 1, column 8: this is no JSON: expecting ',' delimiter"),
        ("[[1, 2],\n [3]]", "f, line 2, column 2: [1]: 1 item, where the first row has 2"),
        ("[1, [2]]", "f, line 1, column 5: [1]: an array, where the first item is a number"),
        ("[[1], 2]", "f, line 1, column 7: [1]: a number, where the first item is an array"),
        ("[[[1], [2]], [[3], [4, 5]]]", "f, line 1, column 20: [1][1]: 2 items, where the first row has 1"),
        ('[{"a": 1},\n {"a": "x"}]', "f, line 2, column 8: [1]['a']: a text in a column that began with a number"),
        ('{"a": 1}\n{"a": "x"}', "f, line 2, column 7: [1]['a']: a text in a column that began with a number"),
        ('[{"a": [1]},\n {"a": [1, 2]}]', "f, line 2, column 8: [1]['a']: 2 items, where the first row has 1"),
        ('[{"a": 1}, 2]', "f, line 1, column 12: [1]: a number among objects"),
        ("[1, 36893488147419103232]", "f, line 1, column 5: [1]: 36893488147419103232 does not fit 64 bits"),
        ("[-1, 9223372036854775808]", "f, line 1, column 6: [1]: 9223372036854775808 does not fit int64"),
        ('{"a": 36893488147419103232}', "f, line 1, column 7: ['a']: 36893488147419103232 does not fit 64 bits"),
        ('{"a": 1}\n{"a":\n{"a": 3}\n', "f, line 2, column 6: this is no JSON: expecting value"),  # a line cut short
        ('{"a":\n1}\n{"a": 3\n', "f, line 3, column 8: this is no JSON: expecting ',' delimiter"),
        ("[" * 100_000, "f, line 1, column 1: nested too deeply"),
        (b"[1,\n\xff]", "f, line 2: the byte 0xff is not UTF-8"),
        ("[" * 65 + "]" * 65, "f, line 1, column 1: 65 dimensions; a tensor has at most 64"),
    ],
)  # fmt: skip
def test_complaints_name_the_place(text, message):
    with pytest.raises(DataError) as caught:
        loaded(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null\n"), (True, "true\n"), (3, "3\n"), (0.1, "0.1\n"), ("a\x1b\n", '"a\\u001b\\n"\n'), ("é", '"é"\n'),
        ((1, "a", None), '[1, "a", null]\n'), ({"a": [1, {"b": 2.5}], 3: ()}, '{"a": [1, {"b": 2.5}], "3": []}\n'),
        (math.nan, "null\n"), (-math.inf, "-1e999\n"), (wrap(np.array([np.nan, np.inf])), "[null, 1e999]\n"),
        (wrap(np.array([[1, 2]])), "[[1, 2]]\n"), (wrap(np.array(True)), "true\n"),
        (wrap(np.zeros((2, 0))), "[[], []]\n"),
        (wrap(np.array([0.1, 1e30], np.float32)), "[0.1, 1e+30]\n"),
        (TextColumn(["b", "a"]), '["b", "a"]\n'),
        (Table({"a": wrap(np.array([1, 2])), "t": TextColumn(["x", 'y"'])}),
         '[{"a": 1, "t": "x"},\n {"a": 2, "t": "y\\""}]\n'),
        (Bundle({"w": wrap(np.array([1.5]))}), '{"w": [1.5]}\n'),
    ],
)  # fmt: skip
def test_what_is_written(value, expected):
    assert written(value) == expected
    json.loads(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (wrap(np.array([[1, 2], [3, 4]])), "[1, 2]\n[3, 4]\n"), (wrap(np.array([1, 2])), "1\n2\n"),
        (wrap(np.array(1.5)), "1.5\n"), ([1, "a"], '1\n"a"\n'), ({"a": 1}, '{"a": 1}\n'),
        (Table({"a": wrap(np.array([1, 2]))}), '{"a": 1}\n{"a": 2}\n'), (TextColumn(["x"]), '"x"\n'),
    ],
)  # fmt: skip
def test_what_is_written_as_lines(value, expected):
    assert written(value, "jsonl") == expected


def test_what_json_has_not_is_refused():
    for value, what in ((1 + 2j, "complex"), (wrap(np.array([1j])), "complex"), ({1}, "sets")):
        with pytest.raises(DataError, match=f"json has no {what}"):
            written(value)
    deep: list = []
    for _ in range(2000):
        deep = [deep]
    with pytest.raises(DataError, match="nested more than"):
        written(deep)


def test_precision_applies():
    assert written(wrap(np.array([1 / 3])), precision=2) == "[0.33]\n"


ARRAYS = st.sampled_from([np.float64, np.int64, np.uint64, np.bool_]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
)


@settings(max_examples=300, deadline=None)
@given(array=ARRAYS)
def test_arrays_go_round(array):
    back = loaded(written(wrap(array))).x.host_array()
    expected = array.astype(np.int64) if array.dtype == np.uint64 and array.max() < 2**63 else array
    assert back.dtype == expected.dtype and back.shape == expected.shape
    assert np.array_equal(back, expected, equal_nan=expected.dtype.kind == "f")
    if expected.dtype.kind == "f":
        assert (np.signbit(back) == np.signbit(expected))[expected == expected].all()
    lines = loaded(written(wrap(array), "jsonl"), "jsonl").x.host_array()
    assert np.array_equal(lines, expected, equal_nan=expected.dtype.kind == "f")


@settings(max_examples=200, deadline=None)
@given(array=hnp.arrays(st.sampled_from([np.float32, np.float16]), st.integers(1, 9)))
def test_narrow_floats_read_back_in_their_dtype(array):
    back = loaded(written(wrap(array))).x.host_array().astype(array.dtype)
    assert np.array_equal(back, array, equal_nan=True)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_tables_go_round(data):
    rows = data.draw(st.integers(1, 5))
    columns = {}
    for name in data.draw(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True)):
        if data.draw(st.booleans()):
            columns[name] = TextColumn(data.draw(st.lists(st.text(), min_size=rows, max_size=rows)))
        else:
            columns[name] = wrap(data.draw(hnp.arrays(data.draw(st.sampled_from([np.float64, np.int64])), rows)))
    table = Table(columns)
    for format in ("json", "jsonl"):
        back = loaded(written(table, format), format, na="nan").table
        assert back.names == table.names
        for name, column in table.items():
            other = back.column(name)
            if isinstance(column, TextColumn):
                assert other.cells == column.cells
            else:
                assert np.array_equal(other.host_array(), column.host_array(), equal_nan=True)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet='[]{},:"0123456789.eE+-nultrfasNI \n\\u', max_size=40))
def test_any_text_is_json_or_one_clear_error(text):
    try:
        loaded(text)
    except DataError as fault:
        assert str(fault).startswith("f")


def test_processes(tcalc, tmp_path):
    (tmp_path / "log.jsonl").write_text('{"host": "a", "ms": 1.5}\n{"host": "b", "ms": 2}\n{"host": "a", "ms": 4}\n')
    assert tcalc("c.group('host').ms.mean()", "log.jsonl").stdout == "a\t2.75\nb\t2.0\n"
    assert tcalc("-o", "json", "c.group('host').ms.mean()", "log.jsonl").stdout == (
        '[{"host": "a", "ms": 2.75},\n {"host": "b", "ms": 2.0}]\n'
    )
    assert (
        tcalc("-o", "jsonl", "c[c.ms > 1.5]", "log.jsonl").stdout
        == '{"host": "b", "ms": 2.0}\n{"host": "a", "ms": 4.0}\n'
    )
    assert tcalc("x.sum(0)", stdin="[[1, 2], [3, 4]]").stdout == "4\n6\n"
    assert tcalc("x['b'] / x['a']", stdin='{"a": [2], "b": [1]}').stdout == "0.5\n"
    done = tcalc("x", stdin="[[1, 2],\n [3]]")
    assert done.returncode == 4 and "line 2, column 2" in done.stderr and "Traceback" not in done.stderr
    done = tcalc("-o", "out.json", "x * 2", stdin="[1, 2]")
    assert (done.returncode, (tmp_path / "out.json").read_text()) == (0, "[2, 4]\n")


def test_lines_are_read_as_they_come(tcalc, tmp_path):
    data = '{"host": "a", "u": {"ms": 1.5}, "n": 1}\n\n{"host": "b", "u": {"ms": null}, "n": 2}\n'
    (tmp_path / "log.jsonl").write_text(data)
    for where in ({"stdin": data}, {}):
        files = [] if where else ["log.jsonl"]
        done = tcalc("--each", "c.host, c['u.ms'], i", *files, **where)
        assert done.stdout == "a 1.5 0\nb nan 1\n" and "1 missing cell is nan" in done.stderr
        assert tcalc("--each", "--begin", "s = 0", "--end", "s", "s += c.n", *files, **where).stdout == "3\n"
        assert tcalc("--each", "x", *files, **where).stdout == "1.5 1.0\nnan 2.0\n"
    assert tcalc("--each", "--from", "jsonl", "x.sum()", stdin="[1, 2]\n[3, 4]\n").stdout == "3\n7\n"
    done = tcalc("--each", "c.n", stdin='{"n": 1}\n{"n": }\n')
    assert (done.returncode, done.stdout) == (4, "1\n")
    assert "standard input, line 2, column 7: this is no JSON" in done.stderr
