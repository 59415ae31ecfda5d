"""Ctrl-C while a statement runs.

Python raises KeyboardInterrupt between two of its own instructions: at once in tcalc's loops, and after the running
operation otherwise. Nothing of Python's runs in the main thread before that, so it is another thread, woken by
the signal itself, that answers somebody who presses Ctrl-C again.
"""

from __future__ import annotations

import os
import signal
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_END = b"\xff"


class Interrupts:
    """``with interrupts:`` around what may be interrupted; ``say`` tells that a second Ctrl-C has been heard."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._before = -1
        self._write = -1
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent may have switched it off

    def __enter__(self) -> None:
        reader, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reader,), daemon=True).start()

    def __exit__(self, *exc_info: object) -> None:
        signal.set_wakeup_fd(self._before)
        try:
            os.write(self._write, _END)
        finally:
            os.close(self._write)

    def _watch(self, reader: int) -> None:
        """Count the signals of one statement."""
        heard = 0
        while True:
            data = os.read(reader, 64)
            if not data or _END in data:
                break
            heard += data.count(bytes((signal.SIGINT,)))
            if heard > 1:
                self._say("stopping as soon as the running operation is done")
                heard = 1
        os.close(reader)
