"""The command line: what is the expression, which options do what, which status each end has."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest

from tcalc.cli import options, quick
from tcalc.cli.invocation import EXPR, SCRIPT
from tcalc.errors import UsageError


@pytest.fixture
def files(tcalc):
    """The command, in a folder with some data."""
    folder = tcalc.folder
    (folder / "data.csv").write_text("city,unit price,n\nOslo,1.5,1\nRome,2.5,2\nOslo,,4\n")
    (folder / "plain.txt").write_text("1 2\n3 4\n")
    np.save(folder / "data.npy", np.arange(6.0).reshape(2, 3))
    np.save(folder / "other.npy", np.ones(3))
    return tcalc


# ---------------------------------------------------------------- reading the line

LINES = [
    ["1 + 1"],
    ["-e", "1 + 1"],
    ["--expr", "1", "-e", "2"],
    ["-e", "-3 + 5"],
    ["-3 + 5"],
    ["-3 + 5", "data.csv"],
    ["-x.sum()", "data.csv"],
    ["-(1)"],
    ["-t", "1 < 2"],
    ["-n", "x + i", "data.csv"],
    ["--each", "-t", "-e", "x"],
    ["x + y", "a.npy", "y=b.npy:npy", "-"],
    ["-e", "-e"],
    ["-"],
    [],
]


@pytest.mark.parametrize("line", LINES, ids=str)
def test_both_readers_of_the_line_agree(line):
    short = quick.parse(line)
    assert short is not None
    assert short == options.parse(line)


@pytest.mark.parametrize(
    "line", [["-h"], ["--seed", "3", "1"], ["-e"], ["-ti", "1"], ["--", "-x"], ["-f", "s"]], ids=str
)
def test_anything_else_is_left_to_click(line):
    assert quick.parse(line) is None


def test_expressions_and_scripts_keep_their_order():
    line = ["-e", "1", "-f", "a", "-e", "2", "--file=b", "-e3"]
    assert options.parse(line).program == [(EXPR, "1"), (SCRIPT, "a"), (EXPR, "2"), (SCRIPT, "b"), (EXPR, "3")]


def test_values_of_options_may_begin_with_a_minus():
    asked = options.parse(["--seed", "-3", "-2 * x", "--columns", "-1"])
    assert (asked.seed, asked.arguments, asked.columns) == (-3, ["-2 * x"], "-1")


@pytest.mark.parametrize("line", [["--nope"], ["-z"], ["--seed", "x", "1"], ["-e"], ["--color", "blue", "1"]], ids=str)
def test_wrong_lines_are_usage_errors(line):
    with pytest.raises(UsageError):
        options.parse(line)


# ---------------------------------------------------------------- expressions and inputs


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["1 + 1"], "2\n"),
        (["-3 + 5"], "2\n"),
        (["2**10/3"], "341.3333333333333\n"),
        (["[[1, 2], [3, 4]] @ [5, 6]"], "17\n39\n"),
        (["x.sum(0)", "plain.txt"], "4\n6\n"),
        (["x.sum()", "data.npy"], "15.0\n"),
        (["x1 + x2", "data.npy", "other.npy"], "1.0 2.0 3.0\n4.0 5.0 6.0\n"),
        (["a @ b", "a=data.npy", "b=other.npy"], "3.0\n12.0\n"),
        (["-e", "len(xs), *files", "data.npy", "other.npy"], "2 data.npy other.npy\n"),
        (["x", "plain.txt:text"], "1 2\n3 4\n"),
        (["-e", "a = 3", "-e", "a + 1", "-e", "a * 2"], "4\n6\n"),
        (["-e", "None"], ""),
        (["-e", "'raw'"], "raw\n"),
        (["-e", "1 < 2"], "True\n"),
        (["-e", "zeros(2, 3).shape"], "2 3\n"),
        (["--dtype", "float64", "-e", "zeros(1).dtype"], "torch.float64\n"),
        (["-e", "zeros(1).dtype"], "torch.float32\n"),
        (["-e", "10**5000 // 10**4990"], "10000000000\n"),
        (["-e", "(10**5000).bit_length(), len(str(10**5000))"], "16610 5001\n"),
        (["-e", "10**5000"], f"1{'0' * 5000}\n"),
        (["--precision", "2", "-e", "[1.23456, 2]"], "1.23\n2.00\n"),
        (["--sci", "always", "-e", "[1.5]"], "1.5e+00\n"),
        (["-o", "csv", "-e", "[[1, 2], [3, 4]]"], "1,2\n3,4\n"),
        (["-o", "tsv", "-e", "[[1, 2], [3, 4]]"], "1\t2\n3\t4\n"),
        (["-o", "repr", "-e", "[[1, 2], [3, 4]]"], "tensor([[1, 2],\n        [3, 4]])\n"),
        (["-o", "pretty", "-e", "[1, 2]"], "tensor([1, 2])\n"),
        (["c.n.sum()", "data.csv"], "7\n"),
        (['c["unit price"][0]', "data.csv"], "1.5\n"),
        (["x[0, 0] + c2.n", "plain.txt", "data.csv"], "2\n3\n5\n"),
        (["--columns", "n", "x", "data.csv"], "1\n2\n4\n"),
        (["--na", "drop", "x.sum(0)", "data.csv"], "4.0\n3.0\n"),
    ],
)
def test_results(files, arguments, expected):
    done = files(*arguments)
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr


def test_seed_is_torch_manual_seed(tcalc):
    assert tcalc("--seed", "0", "-o", "repr", "rand(2)").stdout == "tensor([0.4963, 0.7682])\n"


def test_text_numbers_compute_in_float64(files):
    assert files("(x / 3).dtype", "plain.txt").stdout == "torch.float64\n"
    assert files("--dtype", "float32", "(x / 3).dtype", "plain.txt").stdout == "torch.float32\n"
    assert files("zeros(2).dtype, x.dtype", "data.npy").stdout == "torch.float32 torch.float64\n"


def test_text_columns(files):
    assert files('c.n[c.city == "Oslo"]', "data.csv").stdout == "1\n4\n"
    assert files('c.n[c.city != "Oslo"]', "data.csv").stdout == "2\n"
    assert files('"Rome" in c.city', "data.csv").stdout == "True\n"
    assert files("c.city.unique()", "data.csv").stdout == "Oslo\nRome\n"
    assert files("sales.n.sum(), sales.sum(0)[1]", "sales=data.csv").stdout == "7 7.0\n"


def test_a_table_without_numbers_has_no_x(tcalc):
    done = tcalc("x.sum()", stdin="name,city\na,Oslo\n")
    assert done.returncode == 4
    assert done.stderr.startswith("error: standard input: no column holds numbers, so there is no x\n")
    assert tcalc("c.city", stdin="name,city\na,Oslo\n").stdout == "Oslo\n"


def test_missing_cells_are_counted_on_stderr(files):
    done = files("c.n.sum()", "data.csv")
    assert done.stderr == "note: data.csv: 1 missing cell is nan\n"
    assert files("--na", "nan", "c.n.sum()", "data.csv").stderr == ""


def test_a_script_prints_its_last_expression(tcalc):
    (tcalc.folder / "s.tc").write_text("a = 2\na + 1\nprint('hello')\na * 3\n")
    assert tcalc("-f", "s.tc").stdout == "hello\n6\n"
    assert tcalc("-f", "s.tc", "--echo", "all").stdout == "3\nhello\n6\n"
    assert tcalc("-f", "s.tc", "--echo", "none").stdout == "hello\n"
    assert tcalc("-e", "b = 1", "-f", "s.tc", "-e", "a + b").stdout == "hello\n6\n3\n"
    assert tcalc("-f", "-", stdin="1 + 1").stdout == "2\n"


def test_what_is_in_a_file(files):
    assert files("data.npy").stdout == "data.npy: (2, 3) float64, 48 bytes, 0 to 5\n"
    shown = files("data.csv")
    assert shown.stdout.splitlines()[0] == "data.csv: table of 3 rows and 3 columns"
    assert "unit price" in shown.stdout
    assert "text, 2 different" in shown.stdout
    assert files("data.npy", "-o", "text").stdout == "0.0 1.0 2.0\n3.0 4.0 5.0\n"


def test_an_existing_file_is_no_expression(files):
    (files.folder / "pi").write_text("1\n2\n")
    assert files("pi").stdout.startswith("pi: (2,)")


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-t", "1 < 2"], 0, ""),
        (["-t", "1 > 2"], 1, ""),
        (["-t", "(x > 0).all()", "other.npy"], 0, ""),
        (["-t", "x > 0", "data.npy"], 5, "ambiguous"),
        (["-e", "assert 1 == 2, 'no'"], 1, "AssertionError: no"),
        (["--nope"], 2, "error: no such option '--nope'\n  = hint: tcalc --help lists the options"),
        (["--dtyp", "float64", "1"], 2, "error: no such option '--dtyp'\n  = hint: did you mean --dtype?"),
        (["--no-heder", "1"], 2, "hint: did you mean --no-header?"),
        (["1 + 1", "data.npy"], 2, "never uses the input 'data.npy'"),
        (["x", "data.npy", "other.npy"], 2, "never uses the input 'other.npy'"),
        (["-o", "jpeg", "1"], 2, "no format 'jpeg'"),
        (["-o", "out.jpeg", "1"], 2, "no format ends in .jpeg"),
        (["--dtype", "flot32", "1"], 2, "did you mean float32"),
        (["--dtype", "int64", "1"], 2, "floating"),
        (["--device", "cpi", "1"], 2, "did you mean cpu"),
        (["-o", "out.npy", "-e", "1", "-e", "2"], 2, "holds one result"),
        (["-t"], 2, "needs an expression"),
        (["-i"], 2, "needs a terminal"),
        (["-t", "-i", "1"], 2, "exclude each other"),
        (["-t", "-o", "out.txt", "1"], 2, "exclude each other"),
        (["--seed", "9" * 20, "1"], 2, "--seed: 99999999999999999999 is beyond 64 bits"),
        (["-o", "folder/", "1"], 4, "cannot write folder/: is a directory"),
        (["c.a", "plain.txt"], 5, "c holds the columns of a table with a header"),
        (["-e", "-zeros(1).sum"], 5, "unary -: 'builtin_function_or_method'"),
        (["-", "-"], 2, "only once"),
        (["1 +"], 3, "SyntaxError"),
        (["-e", "x = = 1"], 3, "SyntaxError"),
        (["-e", "class A: pass"], 3, "class"),
        (["-f", "deep"], 3, ""),
        (["nosuch.csv"], 4, "nosuch.csv: no such file"),
        (["nosuch"], 4, "tcalc -e 'nosuch'"),
        (["x", "nosuch.csv"], 4, "nosuch.csv: no such file"),
        (["-f", "nosuch"], 4, "no such file"),
        (["."], 4, "directory"),
        (["x", "plain.txt:npy"], 4, "no .npy file"),
        (["-e", "zeros(2, 3) @ zeros(2, 5)"], 5, "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x5)"),
        (["-e", "zros(2)"], 5, "did you mean zeros"),
        (["foo(3)"], 5, "name 'foo' is not defined"),
        (["-e", "zeros(2, dtpe=float32)"], 5, "dtpe"),
        (["-e", "[[1, 2], [3]] * 2.5"], 5, ""),
        (["-e", "zeros(10**9, 10**9)"], 5, ""),
        (["-e", "9**9**9**9"], 5, ""),
        (["-e", "1/0"], 5, "ZeroDivisionError: division by zero"),
        (["-e", "10**500000"], 5, "an integer of about 500000 digits, too long to write"),
        (["-e", "str(10**500000)"], 5, "Exceeds the limit (300000 digits) for integer string conversion\n"),
        (["-e", "print(1, file=2)"], 5, "'file' is an invalid keyword argument for print()"),
    ],
    ids=str,
)
def test_statuses(files, arguments, status, words):
    (files.folder / "deep").write_text("(" * 100_000)
    done = files(*arguments)
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (bool(words) or status > 1)


def test_an_error_is_one_block_with_carets(tcalc):
    done = tcalc("-e", "zeros(2, 3) @ zeros(2, 5)")
    assert done.stderr.splitlines()[:5] == [
        "error: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x5)",
        "  |  zeros(2, 3) @ zeros(2, 5)",
        "  |  ----------- ^ -----------",
        "  |  |             (2, 5) float32",
        "  |  (2, 3) float32",
    ]


def test_an_error_in_a_script_names_its_line(tcalc):
    (tcalc.folder / "s.tc").write_text("a = 1\n\na / 0\n")
    assert "  --> s.tc:3:" in tcalc("-f", "s.tc").stderr


def test_what_was_printed_before_an_error_is_kept(tcalc):
    done = tcalc("-e", "1 + 1", "-e", "1 / 0")
    assert (done.stdout, done.returncode) == ("2\n", 5)


def test_debug_shows_the_traceback(tcalc):
    assert "Traceback" in tcalc("--debug", "-e", "1/0").stderr


def test_a_fault_of_tcalc_is_not_dressed_as_the_users(tcalc):
    broken = "import sys\nfrom tcalc.cli import run\nrun._dispatch = lambda *_: {}['no']\nsys.exit(run.run(['1']))"
    done = subprocess.run(
        [sys.executable, "-c", broken], capture_output=True, text=True, env=tcalc.environment, check=False
    )
    assert done.returncode == 70
    assert done.stderr.startswith("internal error: KeyError")


def test_colour_is_decided_by_the_option_first(tcalc):
    plain = "error: ZeroDivisionError: division by zero"
    assert plain in tcalc("-e", "1/0").stderr
    tcalc.environment["NO_COLOR"] = "1"
    assert "\x1b[" in tcalc("--color", "always", "-e", "1/0").stderr
    assert "\x1b[" in tcalc("--color", "always", "-o", "pretty", "-e", "[1, 2]").stdout
    assert plain in tcalc("--color", "never", "-e", "1/0").stderr


def test_version_and_help(tcalc):
    assert tcalc("-V").stdout.startswith("tcalc 0.")
    shown = tcalc("-h").stdout
    assert shown.startswith("Usage: tcalc [OPTIONS] [EXPR] [INPUT]...")
    assert "--precision N" in shown


# ---------------------------------------------------------------- writing files


def test_npy_goes_to_a_file_and_a_pipe(files):
    assert files("x.T", "data.npy", "-o", "out.npy").returncode == 0
    assert np.array_equal(np.load(files.folder / "out.npy"), np.arange(6.0).reshape(2, 3).T)
    done = files("x.T @ x", "data.npy", "-o", "npy", text=False)
    assert np.load(io.BytesIO(done.stdout)).shape == (3, 3)


def test_a_file_is_written_whole_or_not_at_all(files):
    target = files.folder / "out.csv"
    target.write_text("old\n")
    target.chmod(0o640)
    assert files("-e", "[1, 2]", "-e", "1/0", "-o", "out.csv").returncode == 5
    assert target.read_text() == "old\n"
    assert files("-e", "[1, 2]", "-e", "3", "-o", "out.csv").returncode == 0
    assert target.read_text() == "1\n2\n3\n"
    assert target.stat().st_mode & 0o777 == 0o640
    assert not list(files.folder.glob("*.part"))


def test_a_folder_that_is_not_there(tcalc):
    done = tcalc("-e", "1", "-o", "no/such/out.txt")
    assert (done.returncode, done.stdout) == (4, "")
    assert "no/such/out.txt" in done.stderr


def test_prints_do_not_mix_with_binary_output(tcalc):
    done = tcalc("-e", "print('hello')", "-e", "[1, 2]", "-o", "npy", text=False)
    assert np.load(io.BytesIO(done.stdout)).tolist() == [1, 2]
    assert done.stderr == b"hello\n"


def test_a_result_that_npy_cannot_hold(tcalc):
    done = tcalc("-e", "'text'", "-o", "npy")
    assert done.returncode == 4
    assert tcalc("-e", "x = 1", "-o", "out.npy").returncode == 2
    assert not os.path.exists(tcalc.folder / "out.npy")


def test_memory_is_bounded(tcalc):
    refused = tcalc("--max-memory", "300M", "zeros(10**4, 10**4)")
    assert refused.returncode == 5
    assert "the result of zeros needs 381.5 MiB" in refused.stderr
    assert tcalc("--max-memory", "1G", "ones(10, 10).sum()").stdout == "100.0\n"
    assert tcalc("--max-memory", "lots", "1").returncode == 2
