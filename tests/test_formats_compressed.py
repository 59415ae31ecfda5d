"""Compressed text is read as text; what is cut, damaged or too large is one clear error."""

from __future__ import annotations

import bz2
import gzip
import lzma
import subprocess
import sys

import pyarrow
import pytest

TEXT = "a,b\n" + "".join(f"{i},{i / 4}\n" for i in range(5000))
EXPECTED = "2499.5\n624.875\n"


def zstd(data):
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}


@pytest.fixture(params=PACKERS)
def ending(request):
    return request.param


def test_files_and_pipes(tcalc, tmp_path, ending):
    data = PACKERS[ending](TEXT.encode())
    (tmp_path / f"data.csv.{ending}").write_bytes(data)
    (tmp_path / "unnamed").write_bytes(data)
    assert tcalc("x.mean(0)", f"data.csv.{ending}").stdout == EXPECTED
    assert tcalc("x.mean(0)", "unnamed").stdout == EXPECTED
    assert tcalc("x.mean(0)", stdin=data).stdout == EXPECTED
    assert tcalc("load('unnamed').mean(0)").stdout == EXPECTED
    done = tcalc("--each", "--begin", "s = 0", "--end", "s", "s += c.a", f"data.csv.{ending}")
    assert done.stdout == "12497500\n"


def test_members_one_after_another(tcalc, ending):
    pack = PACKERS[ending]
    assert tcalc("x.sum()", stdin=pack(b"1\n2\n") + pack(b"3\n")).stdout == "6\n"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_what_is_cut_short(tcalc, ending, part):
    data = PACKERS[ending](TEXT.encode())
    done = tcalc("x.mean(0)", stdin=data[: int(len(data) * part)])
    assert (done.returncode, done.stdout) == (4, "")
    assert "cut short" in done.stderr and "Traceback" not in done.stderr


def test_what_is_damaged(tcalc, ending):
    data = bytearray(PACKERS[ending](TEXT.encode()))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    done = tcalc("x.mean(0)", stdin=bytes(data))
    assert done.returncode == 4
    assert done.stderr.startswith("error: standard input") and "Traceback" not in done.stderr


def test_zeros_behind_gzip_are_padding(tcalc):
    assert tcalc("x.sum()", stdin=gzip.compress(b"1\n2\n") + bytes(512)).stdout == "3\n"
    assert tcalc("x.sum()", stdin=gzip.compress(b"1\n2\n") + b"rubbish").returncode == 4


def test_words_that_begin_like_a_signature(tcalc):
    assert tcalc("c.BZh9.sum()", stdin="BZh9,b\n1,2\n3,4\n").stdout == "4\n"


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory by /usr/bin/time")
def test_a_bomb_is_stopped_within_its_bounds(tcalc, tmp_path):
    zeros = gzip.compress(b"1" * (1 << 24), 9)
    (tmp_path / "bomb.gz").write_bytes(zeros * 100)
    done = tcalc("--max-memory", "300M", "x", "bomb.gz")
    assert done.returncode == 4
    assert "bomb.gz: not enough memory" in done.stderr


def test_another_program_reads_while_it_is_unpacked(tcalc):
    """A stream is unpacked as it comes: the first rows are out before the input ends."""
    packer = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "--each", "x * 2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=tcalc.environment,
    )  # fmt: skip
    import zlib

    stream = zlib.compressobj(wbits=31)
    packer.stdin.write(stream.compress(b"1\n2\n") + stream.flush(zlib.Z_SYNC_FLUSH))
    packer.stdin.flush()
    assert packer.stdout.readline() == b"2\n"
    packer.stdin.write(stream.flush())
    packer.stdin.close()
    assert packer.stdout.read() == b"4\n"
    assert packer.wait(60) == 0


UNPACKERS = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress, "zst": None}


def test_written_by_the_ending(tcalc, tmp_path, ending):
    assert tcalc("-o", f"x.csv.{ending}", "c", stdin=TEXT).stdout == ""
    data = (tmp_path / f"x.csv.{ending}").read_bytes()
    if ending == "zst":
        assert pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd").read().startswith(b"a,b\n0,0.0\n")
    else:
        assert UNPACKERS[ending](data).startswith(b"a,b\n0,0.0\n")
    assert len(data) < len(TEXT) / 2
    assert tcalc("x.mean(0)", f"x.csv.{ending}").stdout == EXPECTED


def test_rows_and_saved_values_are_written_by_the_ending(tcalc, tmp_path, ending):
    tcalc("-n", "-o", f"rows.jsonl.{ending}", "x * 2", stdin="1\n2\n")
    assert tcalc("x.sum()", f"rows.jsonl.{ending}").stdout == "6\n"
    tcalc(f"save(arange(3.), 'a.npy.{ending}'); np.savetxt('a.txt.{ending}', arange(4.))")
    assert (tmp_path / f"a.npy.{ending}").read_bytes()[:1] != b"\x93"
    assert tcalc("x1.sum(), x2.sum()", f"a.npy.{ending}", f"a.txt.{ending}").stdout == "3.0 6.0\n"


def test_an_empty_result_and_an_unknown_inner_ending(tcalc, tmp_path):
    tcalc("-o", "none.csv.gz", "None")
    assert gzip.decompress((tmp_path / "none.csv.gz").read_bytes()) == b""
    done = tcalc("-o", "x.xls.gz", "1")
    assert done.returncode == 2 and "no format ends in .xls" in done.stderr


def test_a_failed_run_leaves_the_compressed_file_whole(tcalc, tmp_path):
    tcalc("-o", "x.csv.gz", "ones(3)")
    before = (tmp_path / "x.csv.gz").read_bytes()
    assert tcalc("-n", "-o", "x.csv.gz", "1 / (x - 2).item()", stdin="1\n2\n").returncode == 5
    assert (tmp_path / "x.csv.gz").read_bytes() == before
