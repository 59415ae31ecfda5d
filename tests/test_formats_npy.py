"""``.npy``: what NumPy writes is read, what is damaged is refused, what is written NumPy reads."""

from __future__ import annotations

import contextlib
import io

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tcalc
from tcalc.engine.tensor import share
from tcalc.errors import DataError
from tcalc.formats import npy
from tcalc.formats.loaded import TextOptions
from tcalc.formats.source import in_memory
from tcalc.formats.writing import encode

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def saved(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), **options)
    return file.getvalue()


def read(data):
    return npy.read(in_memory(data, "f"), "npy", TextOptions()).x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (2, 0, 3), (2, 1, 2, 2)])
def test_every_element_type_byte_order_and_shape(dtype, order, shape):
    array = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 7).astype(np.dtype(order + dtype))
    tensor = read(saved(array))
    assert tensor.host_array().dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(tensor.host_array(), array)
    assert tuple(tensor.shape) == shape


def test_fortran_order_keeps_its_strides():
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    tensor = read(saved(array))
    assert tensor.stride == (1, 2)
    assert np.array_equal(tensor.host_array(), array)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions(version):
    assert read(saved(np.arange(3), version=version)).host_array().tolist() == [0, 1, 2]


def test_the_result_can_be_written_to():
    tensor = read(saved(np.arange(3)))
    tensor.host_array()[0] = 7
    assert tensor.host_array().tolist() == [7, 1, 2]


def header(descr="'<f8'", order="False", shape="(2,)", extra=""):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {extra}}}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


GOOD = header() + bytes(16)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not start"),
        (b"1 2 3\n", "does not start"),
        (b"\x93NUMPY", "cut short"),
        (b"\x93NUMPY\x01\x00\xff", "cut short"),
        (b"\x93NUMPY\x09\x00\x10\x00" + bytes(20), "version 9.0"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(20), "claims"),
        (GOOD[:60], "cut short"),
        (GOOD[:-1], "promises 16 bytes of numbers, there are 15"),
        (GOOD + b"\0", "1 bytes follow"),
        (header("'|O'") + bytes(16), "Python objects"),
        (header("'<U3'") + bytes(24), "text"),
        (header("'|S3'") + bytes(6), "bytes"),
        (header("'|V2'") + bytes(4), "raw bytes"),
        (header("'<M8[ns]'") + bytes(16), "dates"),
        (header("[('a', '<f8')]") + bytes(16), "named fields"),
        (header("'<f16'") + bytes(32), "'<f16'"),
        (header("'<i3'") + bytes(6), "'<i3'"),
        (header(shape="(-1,)") + bytes(16), "damaged"),
        (header(shape="(2.5,)") + bytes(16), "damaged"),
        (header(shape="2") + bytes(16), "damaged"),
        (header(order="1") + bytes(16), "damaged"),
        (header(shape="(99999999999999999999999,)"), "damaged"),
        (header(shape="(0, 9223372036854775807, 9)"), "larger than any array"),
        (header(shape="(1000000000000, 1000000000)"), "promises 8000000000000000000000 bytes"),
        (header(shape="(" + "1, " * 70 + ")") + bytes(8), "70 dimensions"),
        (header(extra="'more': True,") + bytes(16), "lacks"),
        (header(extra="'shape': (2,),") + bytes(16), "damaged"),
        (header("__import__('os').system('true')") + bytes(16), "damaged"),
    ],
)
def test_damaged_files_are_refused(data, words):
    with pytest.raises(DataError, match=r"^f: ") as caught:
        read(data)
    assert words in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_no_byte_of_the_header_makes_it_crash(position, byte):
    data = bytearray(GOOD)
    data[position] = byte
    with contextlib.suppress(DataError):
        read(data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 3), max_size=4), st.booleans())
def test_numpy_reads_what_is_written(dtype, shape, fortran):
    array = np.ones(shape, dtype)
    if fortran:
        array = np.asfortranarray(array)
    back = np.load(io.BytesIO(b"".join(npy.pieces(array))), allow_pickle=False)
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


def test_strided_tensors_are_written_in_order():
    array = np.arange(12).reshape(3, 4)[::2, ::3]
    assert np.array_equal(np.load(io.BytesIO(b"".join(encode(share(array), "npy")))), array)


def test_bfloat16_has_no_npy():
    with pytest.raises(DataError, match="bfloat16"):
        encode(share(np.ones(2, ml_dtypes.bfloat16)), "npy")


def test_complex32_has_no_npy():
    with pytest.raises(DataError, match="no element type for complex32"):
        encode(tcalc.evaluate("torch.ones(2, dtype=torch.complex32)"), "npy")
