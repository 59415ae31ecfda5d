"""How long a statement takes: the best of several rounds, each of so many runs that a clock can tell."""

from __future__ import annotations

from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.interp.session import Session

_ROUND = 0.1  # seconds that a round should take
_ROUNDS = 7
_ALL = 3.0  # seconds after which no further round begins


class Measured:
    """Seconds a run took in the best round, runs a round, rounds."""

    __slots__ = ("rounds", "runs", "seconds")

    def __init__(self, seconds: float, runs: int, rounds: int) -> None:
        self.seconds = seconds
        self.runs = runs
        self.rounds = rounds

    def __str__(self) -> str:
        runs = "" if self.runs == 1 else f" of {self.runs} runs each"
        rounds = f"best of {self.rounds} rounds{runs}" if self.rounds > 1 else f"one run{runs}"
        return f"{human_seconds(self.seconds)}, {rounds}"


def measure(session: Session, source: str) -> Measured:
    """Run a program over and over. Work that a device does on its own is waited for."""
    program = session.prepare(source)
    with session.entered():
        return _measured(lambda: session.execute(program))


def _measured(run: Callable[[], Any]) -> Measured:
    started = perf_counter()
    clock = _clock_for(run())  # the first run is no measure: it loads what is needed
    runs = 1
    while True:
        best = _round(run, clock, runs)
        if best >= _ROUND or perf_counter() - started > _ALL:
            break
        runs = max(runs * 2, min(runs * 10, int(runs * _ROUND / max(best, 1e-9))))
    rounds = 1
    while rounds < _ROUNDS and perf_counter() - started < _ALL:
        best = min(best, _round(run, clock, runs))
        rounds += 1
    return Measured(best / runs, runs, rounds)


def _round(run: Callable[[], Any], clock: _Clock, runs: int) -> float:
    clock.start()
    for _ in range(runs):
        run()
    return clock.stop()


class _Clock:
    """The time of the machine."""

    def start(self) -> None:
        self._started = perf_counter()

    def stop(self) -> float:
        return perf_counter() - self._started


class _DeviceClock(_Clock):
    """The time of a GPU, which computes on while Python goes on: between two marks in its stream of work."""

    def __init__(self, backend: Any) -> None:
        from tcalc.engine import cuda

        self._event = lambda: cuda.Event(backend)
        backend.synchronize()

    def start(self) -> None:
        self._begun = self._event()
        self._begun.record()

    def stop(self) -> float:
        ended = self._event()
        ended.record()
        return self._begun.elapsed_time(ended) / 1000


def _clock_for(value: Any) -> _Clock:
    """The clock of the device that an answer is on."""
    from tcalc.engine.tensor import Tensor

    parts = value if isinstance(value, (list, tuple)) else (value,)
    backends = [part.storage.backend for part in parts if isinstance(part, Tensor) and part.device.type == "cuda"]
    return _DeviceClock(backends[0]) if backends else _Clock()


def human_seconds(seconds: float) -> str:
    """``12.3 µs``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
