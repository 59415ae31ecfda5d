"""The bar of a long reading: only after a while, only for somebody who watches, and gone at the end."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

from tcalc.show.progress import DELAY, ReadingBar


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_nothing_is_shown_of_a_short_reading():
    file, clock = io.StringIO(), Clock()
    bar = ReadingBar("data.csv", 1000, file, clock)
    for _ in range(9):
        clock.now += DELAY / 10
        bar(100)
    bar.stop()
    assert file.getvalue() == ""


def test_a_long_one_shows_name_and_size_and_is_cleared():
    file, clock = io.StringIO(), Clock()
    bar = ReadingBar("da\x1bta.csv", 4_000_000, file, clock)
    clock.now += DELAY
    bar(1_000_000)
    shown = file.getvalue()
    assert "da\\x1bta.csv" in shown
    assert "1.0/4.0 MB" in shown
    bar.stop()
    assert file.getvalue().endswith("\x1b[2K")
    shown = file.getvalue()
    clock.now += 10
    bar(1)
    assert file.getvalue() == shown


def test_drawing_is_throttled():
    file, clock = io.StringIO(), Clock()
    bar = ReadingBar("standard input", None, file, clock)
    clock.now += DELAY
    bar(1)
    before = len(file.getvalue())
    for _ in range(1000):
        bar(1)
    assert len(file.getvalue()) == before
    bar.stop()


def test_a_slow_stream_on_a_terminal(tcalc):
    """The stream goes on until the bar is seen; the result is whole, and the bar is gone from the line."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "x.sum()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=slave, env=tcalc.environment,
    )  # fmt: skip
    os.close(slave)
    os.set_blocking(master, False)
    shown, lines = "", 0
    while "standard input" not in shown and lines < 100_000:
        process.stdin.write(b"1\n")
        process.stdin.flush()
        lines += 1
        try:
            shown += os.read(master, 4096).decode()
        except BlockingIOError:
            process.poll()
            os.sched_yield()
            subprocess.run(["sleep", "0.05"], check=True)
    process.stdin.close()
    assert process.stdout.read() == f"{lines}\n".encode()
    assert process.wait(timeout=60) == 0
    os.set_blocking(master, True)
    try:
        while piece := os.read(master, 4096):
            shown += piece.decode()
    except OSError:
        pass  # the other side is closed
    assert shown.endswith("\x1b[2K")
    os.close(master)


def test_none_where_nobody_watches(tcalc):
    done = tcalc.shell("(echo 1; sleep 1.3; echo 2) | tcalc 'x.sum()'")
    assert (done.stdout, done.stderr) == ("3\n", "")
