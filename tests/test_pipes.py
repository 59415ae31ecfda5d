"""A good citizen of shell pipelines: streams, loops, closed ends, full disks, interrupts."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time

import numpy as np
import pytest


def test_a_million_lines(tcalc):
    done = tcalc.shell("seq 1 1000000 | tcalc 'x.reshape(-1, 4).mean(0)'")
    assert (done.stdout, done.stderr) == ("499999.0\n500000.0\n500001.0\n500002.0\n", "")


def test_npy_through_a_pipe(tcalc):
    array = np.arange(6.0).reshape(3, 2)
    np.save(tcalc.folder / "data.npy", array)
    done = tcalc.shell("tcalc -e 'x.T @ x' data.npy -o npy | tcalc 'x.diagonal()'")
    assert [float(line) for line in done.stdout.split()] == (array.T @ array).diagonal().tolist()


def test_a_result_in_a_variable(tcalc):
    assert tcalc.shell("n=$(tcalc '[1, 2] @ [3, 4]'); echo \"<$n>\"").stdout == "<11>\n"


def test_a_condition(tcalc):
    np.save(tcalc.folder / "data.npy", np.ones(3))
    script = "if tcalc -t '(x {} 0).all()' data.npy; then echo yes; else echo no; fi"
    assert tcalc.shell(script.format(">")).stdout == "yes\n"
    assert tcalc.shell(script.format("<")).stdout == "no\n"


def test_a_loop_keeps_its_stdin(tcalc):
    done = tcalc.shell('printf "1\\n2\\n3\\n" | while read n; do tcalc "$n * 2"; done')
    assert done.stdout == "2\n4\n6\n"


def test_a_program_that_binds_x_leaves_stdin_alone(tcalc):
    done = tcalc.shell("seq 3 | { tcalc -e 'x = 5' -e 'x + 1'; cat; }")
    assert done.stdout == "6\n1\n2\n3\n"


def test_a_closed_pipe_is_quiet(tcalc):
    done = tcalc.shell("set -o pipefail; tcalc 'arange(10**6)' | head -1; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("0\n0\n", "")


def test_a_closed_pipe_is_quiet_for_print_too(tcalc):
    done = tcalc.shell("tcalc -e 'for i in range(10**5): print(i)' | head -1")
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_stdin_closed(tcalc):
    done = tcalc.shell("tcalc 'x + 1' <&-; echo $?; tcalc '1 + 1' <&-; tcalc <&-; echo $?")
    assert done.stdout == "4\n2\n4\n"
    assert done.stderr.count("standard input is closed") == 2


def test_stdout_closed(tcalc):
    done = tcalc.shell("tcalc '1 + 1' >&-; echo $? >&2; tcalc -e 'a = 1' >&-; echo $? >&2")
    assert done.stderr == "error: standard output is closed\n4\n0\n"


def test_both_closed(tcalc):
    done = tcalc.shell("tcalc '1 + 1' >&- 2>&-; s=$?; tcalc '1 +' 2>&-; echo $s $?")
    assert done.stdout == "4 3\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk(tcalc):
    done = tcalc.shell("tcalc '1 + 1' > /dev/full; echo $?; tcalc 'arange(10**5)' > /dev/full; echo $?")
    assert done.stdout == "4\n4\n"
    assert done.stderr == "error: cannot write to standard output: no space left on device\n" * 2
    assert tcalc("-e", "1", "-o", "/dev/full").returncode == 4


def test_special_files_are_written_to_directly(tcalc):
    assert tcalc("-e", "1", "-o", "/dev/null").returncode == 0
    assert tcalc.shell("tcalc -e '[1, 2]' -o /dev/stdout | tcalc 'x.sum()'").stdout == "3\n"


def test_an_empty_stream(tcalc):
    assert tcalc("x.sum()", stdin="").stdout == "0.0\n"
    assert tcalc(stdin="").stdout == ""
    assert tcalc(stdin="").returncode == 0


@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        ("1 + 1\n", "2\n"),
        ("a = 2\na * 3\n", "6\n"),
        ("print('hi')\n", "hi\n"),
        ("1 2\n3 4\n", "standard input: (2, 2) int64, 32 bytes, 1 to 4\n"),
    ],
)
def test_stdin_alone_is_data_or_the_program(tcalc, stdin, expected):
    done = tcalc(stdin=stdin)
    assert (done.stdout, done.stderr) == (expected, "")


def test_npy_on_stdin_alone_is_shown(tcalc):
    np.save(tcalc.folder / "data.npy", np.zeros((2, 2), "f4"))
    assert tcalc.shell("tcalc < data.npy").stdout == "standard input: (2, 2) float32, 16 bytes, 0 to 0\n"


def test_a_faulty_program_on_stdin(tcalc):
    done = tcalc(stdin="1 +\n")
    assert done.returncode == 3
    assert "SyntaxError" in done.stderr


def test_truncated_and_mislabelled_data(tcalc):
    np.save(tcalc.folder / "data.npy", np.zeros(100))
    whole = (tcalc.folder / "data.npy").read_bytes()
    (tcalc.folder / "short.npy").write_bytes(whole[:-1])
    (tcalc.folder / "text.npy").write_text("1 2 3\n")
    (tcalc.folder / "binary.csv").write_bytes(bytes(range(256)))
    (tcalc.folder / "archive.csv").write_bytes(b"PK\x03\x04" + bytes(50))
    for name, words in [
        ("short.npy", "cut short"), ("text.npy", "no .npy file"), ("binary.csv", "neither text"),
        ("archive.csv", "zip archive"),
    ]:  # fmt: skip
        done = tcalc("x.sum()", name)
        assert done.returncode == 4, name
        assert done.stderr.startswith(f"error: {name}: "), done.stderr
        assert words in done.stderr
    done = tcalc("x.sum()", stdin=whole[:-1])
    assert (done.returncode, "standard input: the file is cut short" in done.stderr) == (4, True)


def test_a_missing_permission(tcalc):
    path = tcalc.folder / "secret.csv"
    path.write_text("1\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert tcalc("x", "secret.csv").returncode == 4


def test_text_from_files_does_not_steer_the_terminal(tcalc):
    (tcalc.folder / "evil.csv").write_text("a,b\x1b[31m\n1,2\n3,\x1b]0;x\x07\n")
    done = tcalc("x", "evil.csv")
    assert done.returncode == 4
    assert "\x1b" not in done.stderr
    assert "\x1b" not in tcalc("-o", "pretty", "c.names", "evil.csv", "--columns", "1").stdout


# ---------------------------------------------------------------- interrupts and terminals


def test_an_interrupt_ends_it_quietly(tcalc):
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "-e", "print(1)\nwhile True: pass"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=tcalc.environment, cwd=tcalc.folder,
    )  # fmt: skip
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, b"1\n", b"")


def test_an_interrupt_while_waiting_for_input(tcalc):
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "x.sum()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=tcalc.environment,
    )  # fmt: skip
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, b"", b"")


def test_an_interrupt_ends_one_long_operation(tcalc):
    """A sum of as many elements would take minutes, and Python hears nothing before it is done."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "-e", "zeros(1).expand(10**12).sum()"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=tcalc.environment, cwd=tcalc.folder,
    )  # fmt: skip
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (130, b"")


@pytest.mark.parametrize("delay", [0.03, 0.05, 0.07, 0.1, 0.14])
def test_an_interrupt_while_modules_load(tcalc, delay):
    """At whatever moment after the interpreter itself is up, there is no traceback."""
    program = (
        "import os, signal, sys, threading\n"
        f"threading.Timer({delay}, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "sys.argv = ['tcalc', '-e', 'zeros(3) @ ones(3)\\nwhile True: pass']\n"
        "from tcalc.__main__ import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=tcalc.environment, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (130, "")


def on_terminal(tcalc, *arguments, stdin=None, **environment):
    """Run with standard output on a terminal; the bytes that it showed, and the status."""
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", *arguments],
        stdin=slave if stdin is None else stdin, stdout=slave, stderr=slave,
        env=tcalc.environment | environment, cwd=tcalc.folder,
    )  # fmt: skip
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    return shown.decode().replace("\r\n", "\n"), running.wait(timeout=30)


def test_a_terminal_as_stdin_is_an_immediate_error(tcalc):
    shown, status = on_terminal(tcalc, "x + 1", TERM="dumb")
    assert status == 2
    assert "standard input, and that is a terminal" in shown


def test_a_terminal_gets_pytorch_text(tcalc):
    shown, status = on_terminal(tcalc, "[[1, 2], [3, 4]]", TERM="dumb")
    assert (shown, status) == ("tensor([[1, 2],\n        [3, 4]])\n", 0)


def test_colour_on_a_terminal(tcalc):
    assert "\x1b[" in on_terminal(tcalc, "[1, 2]")[0]
    assert "\x1b[" not in on_terminal(tcalc, "[1, 2]", NO_COLOR="1")[0]
    assert "\x1b[" not in on_terminal(tcalc, "[1, 2]", TERM="dumb")[0]
    assert "\x1b[" not in on_terminal(tcalc, "--color", "never", "[1, 2]")[0]
    assert "\x1b[" in on_terminal(tcalc, "--color", "always", "[1, 2]", NO_COLOR="1")[0]
    assert "\x1b[" in on_terminal(tcalc, "1/0")[0]


def test_binary_is_refused_on_a_terminal(tcalc):
    shown, status = on_terminal(tcalc, "-o", "npy", "[1, 2]", TERM="dumb")
    assert status == 2
    assert "binary" in shown
