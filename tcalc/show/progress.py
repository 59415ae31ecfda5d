"""How far a long reading has come, on standard error, for somebody who watches."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO

DELAY = 1.0  # seconds in which most readings are done
_BETWEEN = 0.1  # seconds between two drawings


class ReadingBar:
    """Called with every number of bytes that came; draws itself now and then, and leaves nothing behind.

    ``total`` is the number of bytes to come, None where nobody knows.
    """

    def __init__(self, name: str, total: int | None, file: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._total = total
        self._file = file
        self._clock = clock
        self._next = clock() + DELAY
        self._done = 0
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, count: int) -> None:
        self._done += count
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _BETWEEN
        if self._bar is None:
            self._start()
        self._bar.update(self._task, completed=self._done)
        self._bar.refresh()

    def stop(self) -> None:
        """Clear what was drawn."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._next = float("inf")

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import TransferSpeedColumn as SpeedColumn

        from tcalc.show.text import escape_control

        console = Console(file=self._file, force_terminal=True, force_jupyter=False, markup=False, emoji=False)
        columns: list[Any] = [TextColumn("{task.description}", markup=False)]
        columns += [BarColumn(), DownloadColumn(), SpeedColumn()] if self._total else [DownloadColumn(), SpeedColumn()]
        columns += [TimeRemainingColumn()] if self._total else []
        self._bar = Progress(
            *columns, console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._task = self._bar.add_task(escape_control(self._name), total=self._total)
        self._bar.start()
