"""Every rule of the command line as a process with real streams: what stdin is, what stdout is, and the environment."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import threading
import time

import pytest

COMMAND = [sys.executable, "-m", "tcalc"]


class Streams:
    """Runs a command with streams of each kind and collects what it wrote."""

    def __init__(self, tcalc):
        self.folder = tcalc.folder
        self.environment = tcalc.environment
        (self.folder / "numbers.txt").write_text("1\n2\n")

    def run(self, arguments, stdin, stdout, **environment):
        """(status, what reached stdout, stderr) of a command; stdout is None where nobody could read it."""
        closing, reader = [], None
        read_end, keywords = self._stdin(stdin, closing)
        out, reader, more = self._stdout(stdout, closing)
        process = subprocess.Popen(
            [*self._without(stdin, stdout), *COMMAND, *arguments],
            stdin=read_end, stdout=out, stderr=subprocess.PIPE, cwd=self.folder,
            env=self.environment | environment, **keywords,
        )  # fmt: skip
        for descriptor in {read_end, out} - {subprocess.DEVNULL, None}:
            os.close(descriptor)
        for act in closing:
            act()
        shown = reader() if reader else None
        error = process.stderr.read().decode()
        status = process.wait(timeout=60)
        process.stderr.close()
        for act in more:
            act()
        return status, shown, error

    def _without(self, stdin, stdout):
        """A shell that closes descriptors before the command starts."""
        closed = ("<&- " if stdin == "closed" else "") + (">&- " if stdout == "closed" else "")
        return ["bash", "-c", f'exec "$@" {closed}', "bash"] if closed else []

    def _stdin(self, kind, closing):
        if kind == "terminal":
            self.master, slave = pty.openpty()
            return slave, {}
        if kind in ("null", "closed"):
            return os.open(os.devnull, os.O_RDONLY), {}
        if kind == "file":
            return os.open(self.folder / "numbers.txt", os.O_RDONLY), {}
        read_end, write_end = os.pipe()

        def feed():
            with os.fdopen(write_end, "wb", 0) as pipe:
                for piece in (b"1\n", b"2\n") if kind == "pipe" else (b"1", b"\n", b"2", b"\n"):
                    if kind == "slow":
                        time.sleep(0.05)
                    try:
                        pipe.write(piece)
                    except BrokenPipeError:
                        return

        closing.append(threading.Thread(target=feed).start)
        os.set_inheritable(write_end, False)
        return read_end, {}

    def _stdout(self, kind, closing):
        if kind == "terminal":
            master, slave = pty.openpty()
            return slave, lambda: _everything(master).replace("\r\n", "\n"), [lambda: os.close(master)]
        if kind == "file":
            path = self.folder / "out"
            return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), None, []
        if kind == "full":
            return os.open("/dev/full", os.O_WRONLY), None, []
        if kind == "closed":
            return os.open(os.devnull, os.O_WRONLY), None, []
        read_end, write_end = os.pipe()
        if kind == "gone":
            os.close(read_end)
            return write_end, None, []
        return write_end, lambda: _everything(read_end), [lambda: os.close(read_end)]


def _everything(descriptor):
    shown = b""
    while True:
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # a terminal whose other side is closed
            break
        if not piece:
            break
        shown += piece
    return shown.decode()


@pytest.fixture
def streams(tcalc):
    return Streams(tcalc)


STDIN = ["terminal", "pipe", "file", "null", "closed", "slow"]
STDOUT = ["terminal", "pipe", "file", "closed", "gone", pytest.param("full", marks=pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="there is no /dev/full"))]  # fmt: skip

# What the sum of the input is for each kind of stdin, or the words and the status of the refusal.
SUMS = {"pipe": "3", "file": "3", "slow": "3", "null": "0.0"}
REFUSALS = {"terminal": (2, "that is a terminal"), "closed": (4, "standard input is closed")}
# Status and words for each kind of stdout that cannot be written to.
FAULTS = {"closed": (4, "standard output is closed"), "gone": (0, ""), "full": (4, "no space left on device")}


def on_stdout(streams, stdout, text):
    """What a result is on that kind of stdout."""
    return f"tensor({text.replace('0.0', '0.')})\n" if stdout == "terminal" else text + "\n"


@pytest.mark.parametrize("stdout", STDOUT)
@pytest.mark.parametrize("stdin", STDIN)
def test_a_program_that_reads_stdin(streams, stdin, stdout):
    status, shown, error = streams.run(["x.sum()"], stdin, stdout, TERM="dumb")
    if stdin in REFUSALS:
        expected, words = REFUSALS[stdin]
        assert (status, words in error) == (expected, True)
        return
    if stdout in FAULTS:
        expected, words = FAULTS[stdout]
        assert status == expected
        assert (words in error) if words else not error
        return
    assert (status, error) == (0, "")
    expected = on_stdout(streams, stdout, SUMS[stdin])
    assert (shown if stdout != "file" else (streams.folder / "out").read_text()) == expected


@pytest.mark.parametrize("stdin", STDIN)
def test_a_program_that_does_not_read_stdin(streams, stdin):
    """It neither waits for it, nor complains about it, nor takes anything from it."""
    assert streams.run(["-e", "x = 2", "-e", "x + 1"], stdin, "pipe") == (0, "3\n", "")
    assert streams.run(["x.sum()", "numbers.txt"], stdin, "pipe") == (0, "3\n", "")


@pytest.mark.parametrize("stdin", STDIN)
def test_rows_of_stdin(streams, stdin):
    status, shown, error = streams.run(["-n", "x * 2"], stdin, "pipe")
    if stdin in REFUSALS:
        assert (status, REFUSALS[stdin][1] in error) == (REFUSALS[stdin][0], True)
    else:
        assert (status, shown, error) == (0, "" if stdin == "null" else "2\n4\n", "")


# ---------------------------------------------------------------- colour


@pytest.mark.parametrize(
    ("environment", "options", "on_terminal", "in_pipe"),
    [
        ({}, [], True, False),
        ({"NO_COLOR": "1"}, [], False, False),
        ({"NO_COLOR": ""}, [], True, False),
        ({"TERM": "dumb"}, [], False, False),
        ({"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, [], True, False),
        ({"COLORTERM": "truecolor", "TTY_COMPATIBLE": "0"}, [], True, False),
        ({}, ["--color", "never"], False, False),
        ({}, ["--color", "always"], True, True),
        ({"NO_COLOR": "1", "TERM": "dumb"}, ["--color", "always"], True, True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False, False),
    ],
    ids=str,
)
def test_colour(streams, environment, options, on_terminal, in_pipe):
    """The option, then NO_COLOR, then TERM, then the terminal; nothing else that a library may listen to."""
    line = [*options, "-o", "pretty", "[1, 2]"]
    assert ("\x1b[" in streams.run(line, "null", "terminal", **environment)[1]) == on_terminal
    assert ("\x1b[" in streams.run(line, "null", "pipe", **environment)[1]) == in_pipe


def test_text_is_never_coloured(streams):
    assert streams.run(["--color", "always", "-o", "text", "[1, 2]"], "null", "terminal")[1] == "1\n2\n"


# ---------------------------------------------------------------- shells


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("tcalc 'arange(10**6)' | head -1; echo ${PIPESTATUS[0]}", "0\n0\n"),
        ("set -o pipefail; tcalc 'arange(10**6)' | head -1 && echo fine", "0\nfine\n"),
        ("set -o pipefail; tcalc '1 +' 2>/dev/null | cat; echo $?", "3\n"),
        ("set -o pipefail; tcalc nosuch.csv 2>/dev/null | cat; echo $?", "4\n"),
        ("set -e; tcalc -t '1 > 2' || echo no; tcalc -t '1 < 2' && echo yes", "no\nyes\n"),
        ("seq 3 | while read -r n; do tcalc \"$n ** 2\"; done", "1\n4\n9\n"),
        ("seq 3 | while read -r n; do tcalc -e 'for i in range(2): pass' -e 'i'; done", "1\n1\n1\n"),
        ("seq 6 | { read -r first; echo $first; tcalc 'x.sum()'; }", "1\n20\n"),
        ("seq 6 > six; { read -r first; echo $first; tcalc 'x.sum()'; } < six", "1\n20\n"),
        ("for f in 1 2; do seq $f > $f.txt; done; tcalc 'stack([x.sum() for x in xs]).sum()' 1.txt 2.txt", "4\n"),
        ("printf '%s\\n' 3 1 2 | tcalc 'x.sort().values' | paste -sd, -", "1,2,3\n"),
        ("seq 4 | xargs -n 2 printf '%s,%s\\n' | tcalc 'x.sum(1)'", "3\n7\n"),
        ("x=$(tcalc 'pi'); tcalc \"$x == pi\"", "True\n"),
        ("tcalc '[[1, 2], [3, 4]]' | tcalc 'x @ x' | tcalc '(x == [[7, 10], [15, 22]]).all()'", "True\n"),
        ("tcalc x < /dev/null; tcalc '1' < /dev/null", "1\n"),
        ("tcalc '[]'; tcalc 'zeros(0)'; tcalc 'zeros(0, 3)'; tcalc 'None'; tcalc '[]' | tcalc 'x.sum()'", "0.0\n"),
        ("tcalc 'x' - <<< '5'; tcalc '-x' - <<< '5' 2>&1 | head -1", "5\nerror: no such option '-x'\n"),
        ("tcalc '(x + y).sum()' y=<(seq 3) < <(seq 3)", "12\n"),
        ("tcalc -f <(echo '40 + 2')", "42\n"),
        ("echo 'print(x.sum().item())' > s.tc; seq 3 | tcalc -f s.tc", "6\n"),
        ("yes 1 | head -100000 | tcalc 'x.sum()'", "100000\n"),
        ("yes 2 | tcalc -n 'x' | head -2; echo ${PIPESTATUS[1]}", "2\n2\n0\n"),
        ("tcalc -e '1' -e '2' | tail -1", "2\n"),
        ("tcalc '1 + 1' 2>&-; tcalc '1 + 1' <&- 2>&-", "2\n2\n"),
        ("seq 3 > n.txt; tcalc 'x.sum()' n.txt -o out.txt >&- 2>&- <&-; cat out.txt n.txt", "6\n1\n2\n3\n"),
    ],
)  # fmt: skip
def test_in_a_shell(tcalc, script, expected):
    done = tcalc.shell(script)
    assert (done.stdout, done.stderr) == (expected, "")


def test_what_is_flushed_comes_at_once(tcalc):
    with started(tcalc, "-e", "print('here', flush=True)\nwhile True: pass") as process:
        assert process.stdout.readline() == b"here\n"


# ---------------------------------------------------------------- signals


@contextlib.contextmanager
def running(*command, **keywords):
    """A process that is gone afterwards, whatever the test found."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, **keywords) as process:
        try:
            yield process
        finally:
            process.kill()


def started(tcalc, *arguments, **keywords):
    return running(*COMMAND, *arguments, stderr=subprocess.PIPE, cwd=tcalc.folder, env=tcalc.environment, **keywords)


@contextlib.contextmanager
def endless_ones():
    with running("yes", "1") as source:
        yield source.stdout


LOOPS = [
    ["-n", "print(x) if i < 40000 else None", "/dev/stdin"],
    ["-e", "for i in range(40000): print(i)\nwhile True: pass"],
]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGHUP, -1)])
@pytest.mark.parametrize("line", LOOPS, ids=["rows", "loop"])
def test_signals(tcalc, line, number, status):
    with endless_ones() as source, started(tcalc, *line, stdin=source) as process:
        assert process.stdout.readline()  # it runs
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (status, b"")


def test_an_ignored_interrupt_stays_ignored(tcalc):
    """As for a job that a script has put into the background."""
    script = (
        "trap '' INT; tcalc -e 'for i in range(200000): pass' -e 'i' & pid=$!; sleep 0.3; kill -INT $pid; wait $pid"
    )
    assert tcalc.shell(script).stdout == "199999\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_ends_it_leaves_the_old_file_and_nothing_else(tcalc, number):
    target = tcalc.folder / "out.txt"
    target.write_text("old\n")
    program = "print(i) if i == 30000 else x"
    with endless_ones() as source, started(tcalc, "-n", program, "-o", "out.txt", stdin=source) as process:
        # What it prints comes when the block of rows is done: results are being written.
        assert process.stdout.readline()
        process.send_signal(number)
        process.communicate(timeout=60)
    assert target.read_text() == "old\n"
    assert os.listdir(tcalc.folder) == ["out.txt"]


# ---------------------------------------------------------------- files


def test_a_file_may_be_input_and_output(tcalc):
    path = tcalc.folder / "a.csv"
    path.write_text("1,2\n3,4\n")
    path.chmod(0o600)
    assert tcalc("x * 2", "a.csv", "-o", "a.csv").returncode == 0
    assert path.read_text() == "2,4\n6,8\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert tcalc("-n", "x * 2", "a.csv", "-o", "a.csv").returncode == 0
    assert path.read_text() == "4,8\n12,16\n"
    done = tcalc("-e", "y = tensor([[1.0, 2.0]])", "-e", "y", "-o", "a.npy")
    assert (done.returncode, done.stderr) == (0, "")
    assert tcalc("x * 2", "a.npy", "-o", "a.npy").returncode == 0
    assert tcalc("x", "a.npy").stdout == "2.0 4.0\n"


def test_a_link_goes_on_pointing(tcalc):
    (tcalc.folder / "there").mkdir()
    (tcalc.folder / "there" / "real.txt").write_text("1\n")
    (tcalc.folder / "link.txt").symlink_to("there/real.txt")
    assert tcalc("-e", "7", "-o", "link.txt").returncode == 0
    assert (tcalc.folder / "link.txt").is_symlink()
    assert (tcalc.folder / "there" / "real.txt").read_text() == "7\n"
    assert os.listdir(tcalc.folder / "there") == ["real.txt"]


def test_a_new_file_has_the_usual_permissions(tcalc):
    tcalc.shell("umask 027; tcalc 1 -o new.txt")
    assert (tcalc.folder / "new.txt").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_old_file(tcalc):
    """The size that a file may have stands for the disk."""
    target = tcalc.folder / "out.txt"
    target.write_text("old\n")
    done = tcalc.shell("ulimit -f 8; tcalc 'arange(10**5)' -o out.txt; echo $?")
    assert done.stdout == "4\n"
    assert done.stderr == "error: cannot write out.txt: file too large\n"
    assert target.read_text() == "old\n"
    assert os.listdir(tcalc.folder) == ["out.txt"]


@pytest.mark.parametrize(
    "name", ["größe.txt", "with space.txt", "-e", "a'b.txt", "*.txt", "x=1.txt", "a:b", "new\nline"]
)
def test_names_of_files(tcalc, name):
    (tcalc.folder / name).write_text("1\n2\n")
    assert tcalc("-e", "x.sum()", f"./{name}").stdout == "3\n"
    assert tcalc("-e", "x.sum()", "--", name).stdout == "3\n"
    assert tcalc("-e", "w.sum()", f"w={name}").stdout == "3\n"
    assert tcalc("-e", "x.sum()", f"./{name}:text").stdout == "3\n"
    assert tcalc("-e", "files", "-e", "x.sum()", "--", name).stdout == f"{name}\n3\n"


def test_a_name_that_is_no_utf8(tcalc):
    name = b"n\xffm.txt"
    (tcalc.folder / os.fsdecode(name)).write_text("1\n2\n")
    done = tcalc("-e", "files", "-e", "x.sum()", os.fsdecode(name), text=False)
    assert (done.stdout, done.stderr) == (name + b"\n3\n", b"")
    assert tcalc("-e", "x", os.fsdecode(b"no\xff")).stderr.startswith("error: no\\xff: no such file")


def test_names_that_functions_have_too(tcalc):
    (tcalc.folder / "a.txt").write_text("1\n2\n")
    assert tcalc("sum + 1", "sum=a.txt").stdout == "2\n3\n"
    assert tcalc("-e", "sum(x)", "x=a.txt").stdout == "3\n"
    assert tcalc("-e", "del sum", "-e", "sum(x)", "sum=a.txt", "a.txt").stdout == "3\n"
    assert tcalc("x1 * x2 + xs[2]", "a.txt", "a.txt", "a.txt").stdout == "2\n6\n"
    done = tcalc("x", "a.txt", "x2=a.txt")
    assert (done.returncode, "never uses the input 'a.txt'" in done.stderr) == (2, True)


def test_every_format_goes_to_a_file_and_comes_back(tcalc):
    from tcalc.formats.table import FORMATS

    (tcalc.folder / "grid.txt").write_text("1.5 2\n3 4\n")
    tried = 0
    for format in FORMATS:
        if format.reader is None or not getattr(format, "writer", None):
            continue
        for ending in format.extensions:
            done = tcalc(
                "{'x': x}" if format.name in ("npz", "safetensors") else "x", "grid.txt", "-o", f"out.{ending}"
            )
            assert (done.returncode, done.stderr) == (0, ""), ending
            tried += 1
    assert tried >= 5
