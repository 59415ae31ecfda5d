"""The terminal: what it can do, and how it is got back when standard input was data."""

from __future__ import annotations

import os
import sys

from tcalc.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_DUMB = ("", "dumb", "unknown")


def is_dumb() -> bool:
    """Whether the terminal understands no control sequences: only plain lines may be written."""
    return os.environ.get("TERM", "").lower() in _DUMB


def is_named() -> bool:
    """Whether the environment says what kind of terminal this is; one that nobody names gets no colours."""
    return os.environ.get("TERM", "").lower() not in ("", "unknown")


def size() -> tuple[int, int]:
    """Columns and rows, now. The environment is not asked: what it says is of the time when it was set."""
    for descriptor in (1, 2, 0):
        try:
            columns, rows = os.get_terminal_size(descriptor)
        except (OSError, ValueError):
            continue
        if columns and rows:
            return columns, rows
    return 80, 24


def reader() -> TextIO:
    """Standard input as UTF-8, whatever the locale says."""
    return open(0, encoding="utf-8", errors="surrogateescape", closefd=False)


def writer() -> TextIO:
    """Where the prompt is drawn: standard output, or standard error where that goes elsewhere; UTF-8 as all output."""
    descriptor = 1 if os.isatty(1) else 2
    return open(descriptor, "w", encoding="utf-8", errors="replace", closefd=False)


def check_terminal() -> None:
    """UsageError where there is no terminal to talk to, be standard input one or not."""
    os.close(_open())


def reopen_stdin() -> None:
    """Make the terminal standard input, after data came in there."""
    descriptor = _open()
    os.dup2(descriptor, 0)
    os.close(descriptor)
    sys.stdin = reader()


def _open() -> int:
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        raise UsageError("the shell needs a terminal, and standard input is none") from None
