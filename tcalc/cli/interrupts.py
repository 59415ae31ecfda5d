"""Ctrl-C during a command, in the middle of one long operation.

Python raises KeyboardInterrupt between two of its own instructions, so a product of large matrices would go on to its
end. Another thread, woken by the signal itself, gives the main one a moment and then ends the process. Files are
whole or nothing, so there is nothing to tidy.
"""

from __future__ import annotations

# The C modules: `signal` and `threading` would cost a scalar one-liner a tenth of its time.
import _signal  # type: ignore[import-not-found]
import _thread
import os
import time

_PATIENCE = 1.0
_INTERRUPTED = 130
_END = 0xFF

_writer: int | None = None


def watch() -> None:
    """Begin to watch for Ctrl-C."""
    global _writer
    try:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        _signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    except (OSError, ValueError):  # no descriptors left, or not the main thread: Python's own way has to do
        return
    _writer = writer
    _thread.start_new_thread(_leave_late, (reader,))


def ignore() -> None:
    """Stop watching: the shell has its own way."""
    global _writer
    if _writer is not None:
        _signal.set_wakeup_fd(-1)
        os.write(_writer, bytes((_END,)))
        os.close(_writer)
        _writer = None


def _leave_late(reader: int) -> None:
    while True:
        heard = os.read(reader, 64)
        if not heard or _END in heard:
            break
        if _signal.SIGINT in heard:
            time.sleep(_PATIENCE)
            os._exit(_INTERRUPTED)
    os.close(reader)
