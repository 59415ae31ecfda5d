"""Text out: the fewest digits that read back, rows and blocks, CSV with names."""

from __future__ import annotations

import io
import json
import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Size
from tcalc.engine.table import Table
from tcalc.engine.tensor import share
from tcalc.engine.text_column import TextColumn
from tcalc.errors import DataError, LimitError
from tcalc.formats import text as reader
from tcalc.formats import write_text
from tcalc.formats.digits import Digits
from tcalc.formats.loaded import TextOptions
from tcalc.formats.source import in_memory
from tcalc.formats.writing import encode


def text(value, precision=None, sci="auto"):
    return "".join(write_text.text(value, Digits(precision, sci)))


def csv(value, format="csv"):
    return "".join(write_text.delimited(value, format, Digits()))


def tensor(values, dtype=None):
    return share(np.array(values, dtype))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "True\n"),
        (3, "3\n"),
        (0.1, "0.1\n"),
        (1 + 2j, "1+2j\n"),
        ("raw\ttext", "raw\ttext\n"),
        (tensor(5), "5\n"),
        (tensor(0.1, "f4"), "0.1\n"),
        (tensor([1, 2]), "1\n2\n"),
        (tensor([[1, 2], [3, 4]]), "1 2\n3 4\n"),
        (tensor([[[1, 2]], [[3, 4]]]), "1 2\n\n3 4\n"),
        (tensor([True, False]), "True\nFalse\n"),
        (tensor([2.5, 1e16, math.inf, math.nan], "f4"), "2.5\n1e+16\ninf\nnan\n"),
        (tensor([0.1 + 2j], "c8"), "0.1+2j\n"),
        (tensor([]), ""),
        (tensor(np.empty((2, 0))), ""),
        (np.array([1.5, 2.0]), "1.5\n2.0\n"),
        (Size((2, 3)), "2 3\n"),
        ((1, 2.5, "a"), "1 2.5 a\n"),
        ((tensor(1), tensor(2.5)), "1 2.5\n"),
        ((), "\n"),
        ((tensor([1, 2]), tensor([[3, 4]])), "1\n2\n\n3 4\n"),
        (NamedResult("max", ("values", "indices"), (tensor([1.0]), tensor([0]))), "1.0\n\n0\n"),
        ([1, 2], "1\n2\n"),
        ([[1, 2], [3, 4]], "1 2\n3 4\n"),
        ({"a": 1, "b": tensor([1, 2]), "c": tensor([[1], [2]])}, "a\t1\nb\t1 2\nc\t[[1], [2]]\n"),
        (Table({"a b": tensor([1, 2]), "c": TextColumn(["x", "y\tz"])}), 'a b\tc\n1\tx\n2\t"y\tz"\n'),
        (TextColumn(["x", "y"]), "x\ny\n"),
    ],
)
def test_text(value, expected):
    assert text(value) == expected


def test_precision_and_exponents():
    values = tensor([1.23456, 1e-7, 2e20])
    assert text(values, precision=2) == "1.23\n0.00\n200000000000000000000.00\n"
    assert text(values, precision=2, sci="always") == "1.23e+00\n1.00e-07\n2.00e+20\n"
    assert text(values, sci="always") == "1.23456e+00\n1e-07\n2e+20\n"
    assert text(values, sci="never") == "1.23456\n0.0000001\n200000000000000000000.0\n"
    assert text(tensor([3]), precision=2) == "3\n"
    assert text(tensor([1.25 - 0.5j]), precision=1) == "1.2-0.5j\n"


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_every_reduced_float_reads_back(name):
    dtype = np.dtype(getattr(ml_dtypes, name))
    codes = np.arange(1 << (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    array = codes.view(dtype)
    back = np.array([float(line) for line in text(share(array)).split()]).astype(dtype)
    finite = np.array([float(value) == float(value) for value in array])
    assert np.array_equal(back.view(codes.dtype)[finite], codes[finite])


@settings(max_examples=100, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.int64, np.float64, np.float32, np.float16, np.bool_]),
        st.one_of(st.tuples(st.integers(1, 5)), st.tuples(st.integers(1, 5), st.integers(2, 4))),
    ),
    st.sampled_from(["text", "csv", "tsv"]),
)
def test_one_and_two_dimensions_go_round(array, format):
    written = "".join(
        write_text.text(share(array), Digits())
        if format == "text"
        else write_text.delimited(share(array), format, Digits())
    )
    back = reader.read(in_memory(written.encode(), "f"), format, TextOptions(header=False)).x.host_array()
    assert back.shape == array.shape
    assert np.array_equal(back.astype(array.dtype), array, equal_nan=array.dtype.kind == "f")


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_positional_and_scientific_digits_read_back(value):
    for sci in ("always", "never"):
        written = Digits(None, sci).scalar(value)
        assert float(written) == value
        assert ("e" in written) == (sci == "always")


def test_long_results_come_in_pieces():
    pieces = list(write_text.text(share(np.arange(200_000)), Digits()))
    assert len(pieces) > 2
    assert "".join(pieces) == "".join(f"{number}\n" for number in range(200_000))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3\n"),
        (tensor([1, 2]), "1\n2\n"),
        (tensor([[1, 2], [3, 4]]), "1,2\n3,4\n"),
        ((1, "a,b"), '1,"a,b"\n'),
        (
            NamedResult("max", ("values", "indices"), (tensor([1.5, 2.5]), tensor([0, 1]))),
            "values,indices\n1.5,0\n2.5,1\n",
        ),
        ({"a": tensor([1]), "b": tensor([2])}, "a,b\n1,2\n"),
        (Table({'say "x"': TextColumn(["1\n2"])}), '"say ""x"""\n"1\n2"\n'),
    ],
)
def test_csv(value, expected):
    assert csv(value) == expected


def test_csv_refuses_what_it_cannot_hold():
    with pytest.raises(DataError, match="3 dimensions"):
        csv(tensor([[[1]]]))
    with pytest.raises(DataError, match="cannot hold"):
        csv((tensor([1, 2]), tensor([1])))


LONG_ROW = np.broadcast_to(np.float32(0.5), (2, 10**15))


@pytest.mark.parametrize("format", ["text", "csv", "json", "npy"])
def test_an_expanded_view_larger_than_the_memory_is_written_piece_by_piece(format):
    pieces = encode(share(LONG_ROW), format)
    assert all(len(next(pieces)) < 1 << 23 for _ in range(5))


@pytest.mark.parametrize(("value", "format"), [({"a": share(LONG_ROW[0])}, "text"), (share(LONG_ROW), "jsonl")])
def test_a_line_that_needs_more_memory_than_there_is_is_refused_before_it_is_taken(value, format):
    with pytest.raises(LimitError, match="not enough memory: the written text needs"):
        list(encode(value, format))


def test_a_long_row_is_one_line():
    row = np.arange(200_000).reshape(1, -1)
    numbers = " ".join(map(str, range(200_000)))
    assert text(share(row)) == numbers + "\n"
    assert csv(share(row)) == numbers.replace(" ", ",") + "\n"


@pytest.mark.parametrize("shape", [(200_000,), (2, 100_000), (2, 2, 70_000), (70_000, 2), (2, 40_000, 2)])
def test_large_json_is_what_small_json_is(shape):
    array = np.arange(math.prod(shape)).reshape(shape)
    assert json.loads(b"".join(encode(share(array), "json"))) == array.tolist()


def test_a_large_array_in_another_order_is_written_in_order():
    array = np.arange(3_000_000).reshape(2, 1500, 1000).transpose(1, 0, 2)
    written = b"".join(encode(share(array), "npy"))
    assert (np.load(io.BytesIO(written)) == array).all()


@pytest.mark.parametrize("format", ["text", "csv", "jsonl", "parquet"])
def test_complex32_is_written_in_its_own_digits(format, tcalc, tmp_path):
    """As text, and refused as complex64 is where a format has no complex numbers."""
    made = f"-o{tmp_path / 'x'}.{format}"
    done = tcalc("-e", "torch.tensor([1.2 + 2j, -3e-5j]).chalf()", made)
    if format in ("text", "csv"):
        assert (tmp_path / f"x.{format}").read_text().split() == ["1.2+2j", "-0-3e-05j"]
    else:
        assert done.returncode == 4 and "complex" in done.stderr


def test_queues_and_arrays_are_written_as_lists():
    from array import array
    from collections import deque

    for value in (deque([1, 2]), array("i", [1, 2])):
        assert b"".join(map(bytes, encode(value, "text"))) == b"1\n2\n"
        assert b"".join(map(bytes, encode(value, "json"))) == b"[1, 2]\n"
