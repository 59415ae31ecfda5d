"""Binary formats hold every bit: round trips over element types, shapes, values and layouts, and the real libraries."""

from __future__ import annotations

import io
import os

import ml_dtypes  # noqa: F401 - NumPy learns the names of its types
import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import tcalc
from tcalc.engine.tensor import share
from tcalc.errors import DataError
from tcalc.formats.reading import read
from tcalc.formats.source import in_memory, open_file
from tcalc.formats.writing import encode, write_file

NUMPY = "bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 float32 float64 complex64 complex128".split()
ML = "bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz".split()
HELD = {"npy": NUMPY, "npz": NUMPY, "safetensors": [*NUMPY[:-1], *ML], "pt": NUMPY + ML}


@st.composite
def arrays(draw, dtypes):
    """Arrays of any bits: -0.0, infinities, every nan, subnormals, the ends of the integers; in any layout."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    count = int(np.prod(shape, dtype=int)) * dtype.itemsize
    raw = np.frombuffer(draw(st.binary(min_size=count, max_size=count)), np.uint8)
    array = (raw % 2 == 1 if dtype.kind == "b" else raw.view(dtype)).reshape(shape).copy()
    layout = draw(st.sampled_from(["rows", "columns", "transposed", "steps"]))
    if layout == "columns":
        return np.asfortranarray(array)
    if layout == "transposed":
        return array.T
    return array[::2] if layout == "steps" and array.ndim else array


def same_bits(first, second):
    return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()


def written(value, format):
    return b"".join(encode(value, format))


def back(value, format):
    return read(in_memory(written(value, format), f"f.{format}", f"f.{format}")).x


@settings(max_examples=150, deadline=None)
@given(arrays(HELD["npy"]))
def test_npy_goes_round(array):
    assert same_bits(back(share(array), "npy").host_array(), array)


@pytest.mark.parametrize("format", ["npz", "safetensors", "pt"])
def test_bundles_go_round(format):
    @settings(max_examples=100, deadline=None)
    @given(st.dictionaries(st.text(max_size=5).filter(storable), arrays(HELD[format]), max_size=4))
    def check(values):
        found = back({name: share(array) for name, array in values.items()}, format)
        assert list(found) == list(values)
        for name, array in values.items():
            assert same_bits(found[name].host_array(), array)

    check()


def storable(name):
    """Zip archives cut names at a NUL, and take no lone surrogates; this is what tcalc itself says too."""
    return "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


@pytest.mark.parametrize("format", ["safetensors", "pt"])
def test_metadata_and_order_are_kept(format):
    session = tcalc.Session(write=lambda text: None)
    w = session.run("bundle({'b': ones(1).half(), 'a': ones(2), 'c': ones(3).to(torch.uint8)})")
    w.metadata = {"format": "pt", "é\n": "\x1b"}
    found = back(w, format)
    assert list(found) == ["b", "a", "c"]
    assert found.metadata == (w.metadata if format == "safetensors" else {})


# ---------------------------------------------------------------- the real libraries


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), arrays(NUMPY), min_size=1))
def test_numpy_reads_our_npz_and_we_read_numpys(values):
    with np.load(io.BytesIO(written({n: share(a) for n, a in values.items()}, "npz")), allow_pickle=False) as found:
        assert found.files == list(values)
        assert all(same_bits(found[name], array) for name, array in values.items())
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, **values)
        found = read(in_memory(file.getvalue(), "f")).x
        assert list(found) == list(values)
        assert all(same_bits(found[name].host_array(), array) for name, array in values.items())


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), arrays(NUMPY[:-1]), min_size=1))
def test_the_library_reads_our_safetensors_and_we_read_its(values):
    found = safetensors.numpy.load(written({name: share(array) for name, array in values.items()}, "safetensors"))
    assert all(same_bits(found[name], array) for name, array in values.items())
    theirs = safetensors.numpy.save({name: np.ascontiguousarray(a).reshape(a.shape) for name, a in values.items()})
    found = read(in_memory(theirs, "f")).x
    assert all(same_bits(found[name].host_array(), array) for name, array in values.items())


@pytest.mark.parametrize("dtype", ML[:3])
def test_small_floats_are_the_librarys_own(dtype):
    array = np.array([0, -0.0, 1.5, -2, np.inf if dtype != "float8_e4m3fn" else 448], dtype)
    ours = written({"x": share(array)}, "safetensors")
    ((name, found),) = safetensors.deserialize(ours)
    assert name == "x" and bytes(found["data"]) == array.tobytes() and found["shape"] == [5]
    names = {"bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}
    assert found["dtype"] == names[dtype]


# ---------------------------------------------------------------- what is not there


@pytest.mark.parametrize(
    ("format", "dtype"),
    [
        (format, dtype)
        for format, dtypes in HELD.items()
        if format != "npy"
        for dtype in NUMPY + ML
        if dtype not in dtypes
    ],
)
def test_a_type_that_a_format_lacks_is_told_before_anything_is_written(format, dtype, tmp_path):
    path = tmp_path / f"x.{format}"
    path.write_bytes(b"before")
    with pytest.raises(DataError, match=f"no element type for {dtype}"):
        write_file(str(path), encode({"good": share(np.ones(1)), "x": share(np.ones(1, dtype))}, format))
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("format", "value", "words"),
    [
        ("npz", {"a\0b": 1}, "no names with a zero byte"), ("npz", {"\ud800": 1}, "half a character"),
        ("safetensors", {"\ud800": 1}, "half a character"), ("safetensors", {1: 1}, "1 is no text"),
        ("safetensors", {"__metadata__": 1}, "for itself"), ("npz", {"a": "text"}, "what 'a' names is none"),
        ("npy", np.array(["a"]), "the array holds text"), ("npy", {"a": 1}, "numbers of one shape"),
    ],
)  # fmt: skip
def test_what_a_format_cannot_hold_is_told(format, value, words):
    with pytest.raises(DataError, match=words):
        encode(value, format)


# ---------------------------------------------------------------- files that are mapped


LARGE = np.arange(600_000, dtype=np.float32)


@pytest.mark.parametrize("format", list(HELD))
def test_a_large_tensor_is_mapped_and_the_file_is_never_written(format, tmp_path):
    path = str(tmp_path / f"x.{format}")
    bundle = {"odd": share(np.ones(3, np.uint8)), "x": share(LARGE)}
    write_file(path, encode(share(LARGE) if format == "npy" else bundle, format))
    before = open(path, "rb").read()  # noqa: SIM115
    value = read(open_file(path)).x
    tensor = value if format == "npy" else value["x"]
    assert path in mapped_files()
    tensor.host_array()[:] = -1
    assert open(path, "rb").read() == before  # noqa: SIM115
    again = read(open_file(path)).x
    assert np.array_equal((again if format == "npy" else again["x"]).host_array(), LARGE)


def mapped_files():
    with open("/proc/self/maps", encoding="utf-8") as file:
        return {line.split(maxsplit=5)[-1].strip() for line in file}


def test_a_tensor_that_is_not_touched_is_not_read(tmp_path):
    """Two gigabytes of zeros that take no place: only the header and one small tensor are ever read."""
    path = tmp_path / "big.safetensors"
    small = np.arange(4, dtype=np.float32)
    sparse_safetensors(path, small, 1 << 31)
    before = bytes_read()
    found = read(open_file(str(path))).x
    assert found["small"].host_array().tolist() == [0, 1, 2, 3]
    assert tuple(found["big"].shape) == (1 << 29,)
    assert bytes_read() - before < 1 << 16


def sparse_safetensors(path, small, nbytes):
    header = (
        f'{{"small":{{"dtype":"F32","shape":[{small.size}],"data_offsets":[0,{small.nbytes}]}},'
        f'"big":{{"dtype":"F32","shape":[{nbytes // 4}],"data_offsets":[{small.nbytes},{small.nbytes + nbytes}]}}}}'
    ).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header + small.tobytes())
        file.truncate(8 + len(header) + small.nbytes + nbytes)


def bytes_read():
    with open("/proc/self/io", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("rchar")).split()[1])
