"""Files that lie: one clear error each, exit status 4, and no more memory than the file is worth."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcalc.errors import DataError, TcalcError
from tcalc.formats.reading import read
from tcalc.formats.source import in_memory


def refused(data, format=None, options=None):
    with pytest.raises(DataError) as caught:
        value = read(in_memory(data, "f", f"f.{format}"), format, options).x
        for tensor in value.values():
            tensor.host_array()
    assert "\n" not in caught.value.message and caught.value.message.startswith("f")
    return caught.value.message


# ---------------------------------------------------------------- safetensors


def safe(fields, body=b"", length=None):
    header = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return (len(header) if length is None else length).to_bytes(8, "little") + header + body


def fact(begin=0, end=8, shape=(2,), dtype="F32", **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end], **more}


GOOD = safe({"a": fact(), "b": fact(8, 12, (1,))}, bytes(12))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut short"), (b"\x01\0\0", "cut short"), (GOOD[:40], "within its header"),
        (GOOD[:-1], "promises 12 bytes of tensors, there are 11"), (GOOD + b"\0", "1 bytes follow"),
        (safe({"a": fact()}, bytes(8), 1 << 40), "claims to be 1099511627776 bytes"),
        (safe({"a": fact()}, bytes(8), 100_000_000), "claims to be 100000000 bytes"),
        (safe(b"[1]"), "no JSON object"), (safe(b"{"), "no JSON"), (safe(b'{"a": NaN}'), "no JSON"),
        (safe(b"\xff\xfe{}"), "no JSON"), (safe(b"[" * 100_000), "no JSON"),
        (safe(b'{"a":' * 100_000), "no JSON"), (safe(b'{"a": ' + b"9" * 5000 + b"}"), "no JSON"),
        (safe(b'{"a": 1, "a": 2}'), "'a' stands there twice"),
        (safe({"a": 1}), "lacks one of"), (safe({"a": {"dtype": "F32"}}), "lacks one of"),
        (safe({"a": fact(extra=1)}, bytes(8)), "lacks one of"),
        (safe({"a": fact(shape=(3,))}, bytes(8)), "cannot have 8 bytes"),
        (safe({"a": fact(8, 0)}, bytes(8)), "cannot have -8 bytes"),
        (safe({"a": fact(shape=(-2,))}, bytes(8)), "damaged at the tensor 'a'"),
        (safe({"a": fact(shape=(2.0,))}, bytes(8)), "damaged at"),
        (safe({"a": fact(shape=(True,))}, bytes(8)), "damaged at"),
        (safe({"a": fact(shape=(1 << 62, 1 << 62))}, bytes(8)), "cannot have"),
        (safe({"a": fact(0, 0, (0, 1 << 62, 1 << 62))}), "larger than any array"),
        (safe({"a": fact(shape=(1,) * 65)}, bytes(8)), "65 dimensions"),
        (safe({"a": fact(dtype=5)}, bytes(8)), "damaged at"), (safe({"a": fact(dtype="F4")}, bytes(8)), "of type 'F4'"),
        (safe({"a": fact(0, 8), "b": fact(4, 12)}, bytes(12)), "overlap"),
        (safe({"a": fact(0, 8), "b": fact(0, 8)}, bytes(8)), "overlap"),
        (safe({"a": fact(0, 8), "b": fact(9, 17)}, bytes(17)), "1 bytes before the tensor 'b' belong to no tensor"),
        (safe({"__metadata__": {"a": 1}}), "no dictionary of texts"), (safe({"__metadata__": []}), "no dictionary"),
    ],
)  # fmt: skip
def test_safetensors_that_lie(data, words):
    assert words in refused(data, "safetensors")


def test_safetensors_cut_at_every_byte():
    for length in range(len(GOOD)):
        refused(GOOD[:length], "safetensors")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 13), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_change_of_the_header_makes_it_crash(changes):
    data = bytearray(GOOD)
    for position, byte in changes:
        data[position] = byte
    try:
        for tensor in read(in_memory(data, "f"), "safetensors").x.values():
            tensor.host_array()
    except DataError:
        pass


def test_an_unknown_element_type_is_listed_and_refused_only_when_it_is_touched():
    data = safe({"scale": fact(0, 4, (4,), "F8_E8M0"), "w": fact(4, 12)}, bytes(12))
    found = read(in_memory(data, "f")).x
    assert found.entries()["scale"].dtype_name == "F8_E8M0"
    assert found["w"].host_array().tolist() == [0, 0]
    with pytest.raises(DataError, match="of type 'F8_E8M0', which tcalc does not have"):
        found["scale"]


def test_a_byte_that_is_no_bool_is_true():
    found = read(in_memory(safe({"a": fact(0, 3, (3,), "BOOL")}, b"\x00\x02\xff"), "f")).x
    assert found["a"].host_array().view(np.uint8).tolist() == [0, 1, 1]


# ---------------------------------------------------------------- npz


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def archive(*members, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array))
    return file.getvalue()


def patched(data, signature, offset, value, width=4):
    """The data with a field of its last record of that kind overwritten."""
    at = data.rindex(signature) + offset
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


DIRECTORY, END = b"PK\x01\x02", b"PK\x05\x06"
ONE = archive(("a.npy", npy(np.arange(4))))
DEFLATED = archive(("a.npy", npy(np.zeros(1000))), method=zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ONE[:-30], "no readable directory"), (b"PK\x03\x04" + bytes(40), "no readable directory"),
        (b"nothing", "no zip archive"), (archive(("a.txt", b"1")), "'a.txt' of the archive is no .npy file"),
        (archive(("a.npy", npy(np.arange(4))[:-1])), "promises 32 bytes of numbers, there are 31"),
        (archive(("a.npy", b"x")), "no .npy file"),
        (patched(ONE, DIRECTORY, 24, 1 << 30), "two different sizes"),
        (patched(ONE, DIRECTORY, 42, 5), "not where the directory says"),
        (patched(DEFLATED, DIRECTORY, 24, 1 << 31), "claims to unpack"),
        (patched(DEFLATED, DIRECTORY, 24, 8100), "there are 7972"),
        (patched(DEFLATED, DIRECTORY, 16, 1), "damaged"),
        (patched(ONE, DIRECTORY, 8, 1, 2), "encrypted"), (patched(ONE, DIRECTORY, 10, 14, 2), "LZMA"),
        (patched(ONE, DIRECTORY, 10, 99, 2), "method 99"),
        (patched(ONE, END, 16, 1 << 31), "overlaps"),
    ],
)  # fmt: skip
def test_npz_that_lie(data, words):
    assert words in refused(data, "npz")


def test_npz_cut_anywhere():
    data = npz(a=np.arange(10), b=np.ones((2, 3)))
    for length in range(0, len(data), 3):
        refused(data[:length], "npz")


def test_npz_with_python_objects():
    file = io.BytesIO()
    np.savez(file, a=np.array([print], dtype=object))
    assert "Python objects" in refused(file.getvalue(), "npz")


def test_two_members_of_one_name():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = archive(("a.npy", npy([1])), ("a.npy", npy([2])))
    assert "two members of the archive are called 'a.npy'" in refused(data, "npz")


def test_members_that_overlap():
    """A bomb without nesting: many entries of the directory for the same bytes."""
    data = archive(("a.npy", npy([1])), ("b.npy", npy([2])))
    first = struct.unpack("<I", data[data.index(DIRECTORY) + 42 : data.index(DIRECTORY) + 46])[0]
    assert "overlaps another" in refused(patched(data, DIRECTORY, 42, first), "npz")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DEFLATED) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_change_of_an_archive_makes_it_crash(changes):
    data = bytearray(DEFLATED)
    for position, byte in changes:
        data[position] = byte
    try:
        for tensor in read(in_memory(data, "f"), "npz").x.values():
            tensor.host_array()
    except TcalcError as fault:
        assert fault.kind != "InternalError"


# ---------------------------------------------------------------- as processes, with little memory

BOUND = 700 << 20


def bounded(folder, *arguments):
    from conftest import Command

    return subprocess.run(
        [sys.executable, "-m", "tcalc", *arguments], capture_output=True, text=True, cwd=folder, timeout=60,
        env=Command(folder).environment | {"OPENBLAS_NUM_THREADS": "1"}, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BOUND, BOUND)),
    )  # fmt: skip


FILES = {
    "long.safetensors": lambda: (100_000_000).to_bytes(8, "little") + b'{"a":' + b" " * 100_000_000,
    "huge.safetensors": lambda: safe({"a": fact(0, 1 << 60, (1 << 58,))}, bytes(8)),
    "huge.npy": lambda: npy(np.zeros(0)).replace(b"(0,)", b"(99999999999,)")[:128],
    "claims.npz": lambda: patched(DEFLATED, DIRECTORY, 24, 0xFFFFFFF0),
    "deep.safetensors": lambda: safe(b"[" * 30_000_000),
    "evil.safetensors": lambda: safe({"\x1b]0;owned\x07\n\u202e": fact(shape=(3,))}, bytes(8)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_process_ends_with_one_error_and_little_memory(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name]())
    for line in ([name], ["x.sum()", name], ["-e", f"load('{name}')"]):
        done = bounded(tmp_path, *line)
        assert (done.returncode, done.stdout) == (4, ""), done.stderr
        assert done.stderr.count("error:") == 1 and done.stderr.startswith(f"error: {name}")
        assert done.stderr.replace("\n", "").isprintable()
        assert len(done.stderr) < 1000 and "not enough memory" not in done.stderr


def test_a_bomb_is_listed_and_not_unpacked(tmp_path):
    """It is no lie: four gigabytes of zeros in a small file, for which memory is asked before they are unpacked."""
    header = npy(np.zeros(0))[:10] + b"{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000,), }"
    header = header.ljust(127) + b"\n"
    body = zipped_zeros(header, 4_000_000_000)
    (tmp_path / "bomb.npz").write_bytes(body)
    done = bounded(tmp_path, "bomb.npz")
    assert done.returncode == 0 and "4,000,000,000 parameters" in done.stdout
    done = bounded(tmp_path, "--max-memory", "500M", "x['a'].sum()", "bomb.npz")
    assert done.returncode in (4, 5) and "not enough memory" in done.stderr
    done = bounded(tmp_path, "x['a'].sum()", "bomb.npz")
    assert done.returncode in (4, 5) and "not enough memory" in done.stderr


def zipped_zeros(header, count):
    """An archive whose member unpacks to a header and ``count`` zeros, made of one deflated block repeated."""
    import zlib

    pieces, crc, size = [], zlib.crc32(header), len(header) + count
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces.append(packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH))
    block = bytes(1 << 22)
    fresh = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = fresh.compress(block) + fresh.flush(zlib.Z_FULL_FLUSH)
    whole, rest = divmod(count, len(block))
    pieces.append(packed * whole)
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces.append(last.compress(bytes(rest)) + last.flush())
    data = b"".join(pieces)
    name = b"a.npy"
    common = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
    local = b"PK\x03\x04" + common + name
    directory = b"PK\x01\x02" + struct.pack("<H", 45) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local) + len(data), 0)
    return local + data + directory + end
