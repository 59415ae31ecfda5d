"""``python -m tcalc`` and the ``tcalc`` command."""

from __future__ import annotations

import gc
import os
import sys

# Modules and trees make many objects and no garbage: looking for cycles as often as Python does costs a tensor
# one-liner a tenth of its time.
_COLLECT_EVERY = 50_000


def main() -> int:
    """Read the command line, do what it says and answer with the exit status."""
    try:
        from tcalc.cli.run import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


def command() -> None:
    """The command: run, and leave without taking the interpreter apart, which takes as long as the calculation."""
    gc.set_threshold(_COLLECT_EVERY, 20, 20)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _hold_closed_streams()
    try:
        from tcalc.cli import interrupts

        interrupts.watch()
        status = _flushed(main())
    except KeyboardInterrupt:  # one more, while leaving
        status = 130
    os._exit(status)


def _hold_closed_streams() -> None:
    """Where a standard stream is closed, let no file that is opened later take its number."""
    while os.open(os.devnull, os.O_RDWR) <= 2:
        pass


def _flushed(status: int) -> int:
    """The exit status once everything is written, or 4 where that fails."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            status = status or 4
    return status


if __name__ == "__main__":
    command()
