"""The terminal: what it can do, and how it is got back when standard input was data."""

from __future__ import annotations

import os
import shutil
import sys

from tcalc.errors import UsageError

_DUMB = ("", "dumb", "unknown")


def is_dumb() -> bool:
    """Whether the terminal understands no control sequences: only plain lines may be written."""
    return os.environ.get("TERM", "").lower() in _DUMB


def size() -> tuple[int, int]:
    """Columns and rows, now."""
    columns, rows = shutil.get_terminal_size()
    return max(columns, 1), max(rows, 1)


def check_terminal() -> None:
    """UsageError where there is no terminal to talk to, be standard input one or not."""
    os.close(_open())


def reopen_stdin() -> None:
    """Make the terminal standard input, after data came in there."""
    descriptor = _open()
    os.dup2(descriptor, 0)
    os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115


def _open() -> int:
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        raise UsageError("the shell needs a terminal, and standard input is none") from None
