"""``--each``: once a row, as the rows come."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import numpy as np
import pytest

TABLE = "city,price,qty\nOslo,2.5,4\nRome,4.0,1\nOslo,1.5,2\n"


@pytest.fixture
def files(tcalc):
    """The command, in a folder with some data."""
    (tcalc.folder / "sales.csv").write_text(TABLE)
    (tcalc.folder / "grid.txt").write_text("1 2 3\n4 5 6\n")
    (tcalc.folder / "script").write_text("a = x[1]\na\n")
    np.save(tcalc.folder / "grid.npy", np.arange(6.0).reshape(2, 3))
    return tcalc


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["x.sum()", "grid.txt"], "6\n15\n"),
        (["x * 2", "grid.txt"], "2 4 6\n8 10 12\n"),
        (["x / 2", "grid.txt"], "0.5 1.0 1.5\n2.0 2.5 3.0\n"),
        (["outer(x, x)[:2, :2]", "grid.txt"], "1 2\n2 4\n\n16 20\n20 25\n"),
        (["i, x[0]", "grid.txt"], "0 1\n1 4\n"),
        (["i, x[0]", "grid.txt", "grid.txt"], "0 1\n1 4\n2 1\n3 4\n"),
        (["x.sum()", "grid.npy"], "3.0\n12.0\n"),
        (["c.price * c.qty", "sales.csv"], "10.0\n4.0\n3.0\n"),
        (["c.qty if c.city == 'Oslo' else None", "sales.csv"], "4\n2\n"),
        (["c['price'], c[0]", "sales.csv"], "2.5 Oslo\n4.0 Rome\n1.5 Oslo\n"),
        (["c.names", "sales.csv", "--columns", "2-3"], "price qty\n" * 3),
        (["x", "sales.csv"], "2.5 4.0\n4.0 1.0\n1.5 2.0\n"),
        (["line", "grid.txt"], "1 2 3\n4 5 6\n"),
        (["line if x[1] > 1 else None", "sales.csv"], "Oslo,2.5,4\nOslo,1.5,2\n"),
        (["line.upper()", "sales.csv"], TABLE.upper()),
        (["-o", "csv", "{'what': c.city, 'total': c.price * c.qty}", "sales.csv"],
         "what,total\nOslo,10.0\nRome,4.0\nOslo,3.0\n"),
        (["-o", "csv", "c", "sales.csv"], TABLE),
        (["-o", "csv", "x", "grid.txt"], "1,2,3\n4,5,6\n"),
        (["-o", "tsv", "i, c.city", "sales.csv"], "0\tOslo\n1\tRome\n2\tOslo\n"),
        (["--begin", "t = 0", "--end", "t, i", "t += x[0]", "grid.txt"], "5 2\n"),
        (["--begin", "'first'", "--end", "'last'", "x[2]", "grid.txt"], "first\n3\n6\nlast\n"),
        (["-e", "a = x + 1", "-e", "a[0]", "-e", "a[1]", "grid.txt"], "2\n3\n5\n6\n"),
        (["x.double() @ w", "grid.txt", "w=grid.npy:npy", "--begin", "w = w[1]"], "26.0\n62.0\n"),
        (["x.dtype", "grid.txt"], "torch.int64\n" * 2),
        (["(x / 3).dtype", "grid.txt"], "torch.float64\n" * 2),
        (["--dtype", "float32", "zeros(1).dtype", "grid.txt"], "torch.float32\n" * 2),
        (["--precision", "2", "x.sum() / 7", "grid.txt"], "0.86\n2.14\n"),
        (["zeros(1).dtype", "grid.npy"], "torch.float32\n" * 2),
        (["-f", "script", "grid.txt"], "2\n5\n"),
        (["files", "grid.txt"], "grid.txt\n" * 2),
        (["print(x[0])", "grid.txt"], "tensor(1)\ntensor(4)\n"),
        (["def f(a): return a[0] * 10\nf(x)", "grid.txt"], "10\n40\n"),
        (["x = x * 2; x[0]", "grid.txt"], "2\n8\n"),
    ],
    ids=str,
)  # fmt: skip
def test_rows(files, arguments, expected):
    done = files("-n", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


@pytest.mark.parametrize(
    ("expression", "stdin", "expected"),
    [
        ("x * 2", "1\n2\n3\n", "2\n4\n6\n"),
        ("x.ndim", "1\n2.5\n", "0\n0\n"),
        ("x", "1\n2.5\n-0\n1e3\n", "1\n2.5\n-0.0\n1000.0\n"),
        ("x * 2", "1.5\n2\n", "3.0\n4.0\n"),
        ("c.a, c.b", "a,b\n1.5,1\n2,2\n", "1.5 1\n2.0 2\n"),
        ("x", "9007199254740993\n18446744073709551615\n", "9007199254740993\n1.8446744073709552e+19\n"),
        ("x.sum()", "1 2\n3\n4 5 6\n", "3\n3\n15\n"),
        ("x.sum()", "\n1 2\n\n# a remark\n3 4", "3\n7\n"),
        ("len(line)", "a\n\nbcd", "1\n0\n3\n"),
        ("x.sum() if 'ok' in line else None", "starting up\nok 1 2\nbad\nok 3 4\n", "3\n7\n"),
        ("x", "price\n1\n2\n", "1\n2\n"),
        ("c.price", "price\n1\n2\n", "1\n2\n"),
        ("x.sum()", "1;2,5\n3;4,5\n", "3.5\n7.5\n"),
        ("c.b", 'a,b\n"one\ntwo",3\n"x, ""y""",4\n', "3\n4\n"),
        ("c.a", 'a,b\n"one\ntwo",3\n"x, ""y""",4\n', 'one\ntwo\nx, "y"\n'),
        ("x", "1\r\n2\r\n", "1\n2\n"),
        ("x", b"\xef\xbb\xbf1\n2\n", "1\n2\n"),
        ("x", "1\n2\n".encode("utf-16"), "1\n2\n"),
        ("x", "", ""),
        ("line", "", ""),
        ("1", "a\nb", "1\n1\n"),
    ],
)
def test_text_from_standard_input(tcalc, expression, stdin, expected):
    done = tcalc("-n", expression, stdin=stdin)
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


def test_bytes_that_are_no_utf8_go_through(tcalc):
    done = tcalc("-n", "line if 'caf' in line else None", stdin=b"caf\xe9 1\ntea 2\n", text=False)
    assert (done.stdout, done.stderr) == (b"caf\xe9 1\n", b"")


RECORDS = '{"host": "a", "ms": 1, "user": {"id": 7}}\n\n{"host": "b", "ms": 2.5, "user": {"id": 8}}\n'


@pytest.mark.parametrize(
    ("expression", "stdin", "expected"),
    [
        ("c.host, c.ms * 2", RECORDS, "a 2\nb 5.0\n"),
        ("c['user.id']", RECORDS, "7\n8\n"),
        ("x", RECORDS, "1 7\n2.5 8.0\n"),
        ("len(line)", RECORDS, "41\n0\n43\n"),
        ("x.sum()", "[1, 2]\n[3, 4.5]\n5\n", "3\n7.5\n5.0\n"),
        ("c.a * 2", '[\n {"a": 1},\n {"a": 2}\n]\n', "2\n4\n"),
        ("c.a * 2", '[{"a": 1}, {"a": 2}]\n', "2\n4\n"),
        ("x", "[[1, 2], [3, 4]]\n", "1 2\n3 4\n"),
        ("line if x > 1 else None", "[a] 1\n[b] 2\n", "[b] 2\n"),
    ],
)
def test_json(tcalc, expression, stdin, expected):
    done = tcalc("-n", expression, stdin=stdin)
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


def test_json_out(files):
    assert files("-n", "-o", "jsonl", "{'what': c.city, 'n': c.qty}", "sales.csv").stdout.splitlines() == [
        '{"what": "Oslo", "n": 4}', '{"what": "Rome", "n": 1}', '{"what": "Oslo", "n": 2}',
    ]  # fmt: skip
    assert files("-n", "-o", "jsonl", "c", "sales.csv").stdout.startswith('{"city": "Oslo", "price": 2.5, "qty": 4}\n')
    assert files("-n", "-o", "jsonl", "x", "grid.txt").stdout == "[1, 2, 3]\n[4, 5, 6]\n"


@pytest.mark.parametrize("expression", ["x", "c", "None", "{'n': i, 'q': c.qty}"])
def test_a_document_of_json_is_one(files, expression):
    """`-o json` is one array of all rows, which is there when the last has come."""
    done = files("-n", "-o", "json", expression, "sales.csv")
    expected = {
        "x": [[2.5, 4.0], [4.0, 1.0], [1.5, 2.0]],
        "None": [],
        "{'n': i, 'q': c.qty}": [{"n": k, "q": q} for k, q in enumerate((4, 1, 2))],
    }
    rows = json.loads(done.stdout)
    assert rows == expected.get(expression, rows)
    assert len(rows) == (0 if expression == "None" else 3)
    assert files("-n", "-o", "rows.json", expression, "sales.csv").returncode == 0
    assert json.loads((files.folder / "rows.json").read_text()) == rows


def test_faults_of_json_say_where(tcalc):
    done = tcalc("-n", "c.a", stdin='{"a": 1}\n{"a": [1, [2]]}\n')
    assert (done.stdout, done.returncode) == ("1\n", 4)
    assert "standard input, line 2, column 11" in done.stderr
    done = tcalc("-n", "c.a", stdin='{"a": 1}\n{"a"\n')
    assert (done.stdout, done.returncode) == ("1\n", 4)
    assert "standard input, line 2, column 5: this is no JSON" in done.stderr
    assert "there is no column 'b'" in tcalc("-n", "c.b", stdin='{"b": 1}\n{"a": 1}\n').stderr


@pytest.mark.parametrize("name", ["grid.txt.gz", "renamed"])
def test_what_is_compressed(files, name):
    (files.folder / name).write_bytes(gzip.compress(b"1 2 3\n4 5 6\n"))
    assert files("-n", "x.sum()", name).stdout == "6\n15\n"
    assert files.shell(f"tcalc -n 'x.sum()' < {name}").stdout == "6\n15\n"


def test_missing_cells(tcalc):
    data = "a,b\n1,2\n,4\n5,NA\n"
    done = tcalc("-n", "x", stdin=data)
    assert (done.stdout, done.stderr) == ("1 2\nnan 4.0\n5.0 nan\n", "note: standard input: 2 missing cells are nan\n")
    assert tcalc("-n", "--na", "nan", "x", stdin=data).stderr == ""
    assert tcalc("-n", "--na", "drop", "x", stdin=data).stdout == "1 2\n"
    done = tcalc("-n", "--na", "error", "c.a", stdin=data)
    assert (done.stdout, done.returncode) == ("1\n", 4)
    assert "standard input, line 3, column 1 ('a'): a missing cell" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["(x > 0).all()", "grid.txt"], 0),
        (["x[0] > 1", "grid.txt"], 1),
        (["x[0] > 9", "/dev/null"], 0),
        (["--begin", "n = 0", "--end", "n == 1", "n += int(x[0] > 1)", "grid.txt"], 0),
        (["--begin", "n = 0", "--end", "n == 2", "n += int(x[0] > 1)", "grid.txt"], 1),
    ],
    ids=str,
)
def test_whether_all_are_true(files, arguments, status):
    done = files("-n", "-t", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        (["x + 1"], "1\nfoo\n", 4, ["standard input, line 2, column 1: 'foo' is not a number", "|  x + 1"]),
        (["1 // x.item()"], "1\n0\n", 5, ["ZeroDivisionError", "  = at standard input, line 2\n"]),
        (["c.prise", "sales.csv"], "", 5, ["no column 'prise'", "= at sales.csv, line 2", "did you mean 'price'"]),
        (["c.a"], "1 2\n", 5, ["name 'c' is not defined", "a table with a header"]),
        (["c.a"], "a,b\n1,2\n1,2,3\n", 4, ["standard input, line 3: 3 cells, where the header has 2"]),
        (["c.a"], 'a,b\n1,2\n"1,2\n', 4, ["line 3: a quoted cell is never closed"]),
        (["x +", "grid.txt"], "", 3, ["SyntaxError"]),
        (["x", "nosuch.txt"], "", 4, ["nosuch.txt: no such file"]),
        (["grid.txt"], "", 2, ["--each needs an expression"]),
        ([], "1\n", 2, ["--each needs an expression"]),
        (["-f", "-"], "x\n", 2, ["standard input can be read only once"]),
        (["-i", "x"], "1\n", 2, ["needs a terminal"]),
        (["-o", "npy", "x"], "1\n2\n", 2, ["npy holds one result"]),
        (["x", "w=grid.txt"], "1\n", 2, ["never uses the input 'grid.txt'"]),
        (["-o", "csv", "{str(i): x}"], "1\n2\n", 4, ["this row has the columns 1"]),
        (["line", "grid.npy"], "", 5, ["only rows of text have a line"]),
        (["--end", "x", "1"], "", 5, ["there is no row"]),
    ],
    ids=str,
)
def test_faults_say_where(files, arguments, stdin, status, words):
    done = files("-n", *arguments, stdin=stdin)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_begin_and_end_need_each(tcalc):
    assert "--each" in tcalc("--begin", "a = 1", "1").stderr
    assert tcalc("--end", "a = 1", "1").returncode == 2


def test_what_came_before_a_fault_is_kept(tcalc):
    done = tcalc("-n", "10 // x.item()", stdin="5\n0\n2\n")
    assert (done.stdout, done.returncode) == ("2\n", 5)


def test_results_come_while_the_input_is_open(tcalc):
    """Each line is answered before the next one is written."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "-n", "x * 2", "--end", "'bye'"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=tcalc.environment, cwd=tcalc.folder,
    )  # fmt: skip
    assert running.stdin is not None
    assert running.stdout is not None
    for number in (1, 2, 30):
        running.stdin.write(f"{number}\n".encode())
        running.stdin.flush()
        assert running.stdout.readline() == f"{number * 2}\n".encode()
    running.stdin.close()
    assert running.stdout.read() == b"bye\n"
    assert running.wait(timeout=30) == 0


def test_half_a_line_is_waited_for(tcalc):
    done = tcalc.shell("(printf '1 2 '; sleep 0.2; printf '3\\n4') | tcalc -n 'x.sum()'")
    assert (done.stdout, done.stderr) == ("6\n4\n", "")


def test_a_reader_that_has_enough_ends_it(tcalc):
    done = tcalc.shell("yes 1 | tcalc -n 'x + i' | head -2; echo ${PIPESTATUS[1]}")
    assert (done.stdout, done.stderr) == ("1\n2\n0\n", "")


def test_memory_does_not_grow_with_the_rows(tcalc):
    """A stream of 40 MB is read under a limit that it would not fit in as a whole."""
    done = tcalc.shell("ulimit -v 700000; yes 12345678901234567890123456789 | head -c 40000000 | tcalc -n -t 'line'")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_is_written_as_rows_come_and_kept_only_when_all_went_well(files):
    target = files.folder / "out.csv"
    target.write_text("old\n")
    assert files("-n", "1 // (x[0].item() - 4)", "grid.txt", "-o", "out.csv").returncode == 5
    assert target.read_text() == "old\n"
    assert files("-n", "x", "grid.txt", "-o", "out.csv").returncode == 0
    assert target.read_text() == "1,2,3\n4,5,6\n"
    assert sorted(os.listdir(files.folder)) == ["grid.npy", "grid.txt", "out.csv", "sales.csv", "script"]


def test_every_row_warns_of_the_same_thing_once(tcalc):
    done = tcalc("-n", "x.std()", stdin="1\n2\n3\n")
    assert done.stdout == "nan\nnan\nnan\n"
    assert done.stderr.count("warning: std(): degrees of freedom") == 1
