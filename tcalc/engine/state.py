"""What a running session decides for the engine: defaults, chance, printing, and the accounts.

One :class:`State` belongs to a session and is current while the session runs; code outside any session
(the Python face) uses a state of its own. The engine asks ``current()`` and never a session.
"""

from __future__ import annotations

import os
from contextvars import ContextVar

from tcalc.engine import dtypes
from tcalc.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.dtypes import DType

# Below this a request is not worth asking the operating system about, unless many of them have come together.
_UNCHECKED_BYTES = 1 << 26
# The same where the program has a limit of its own, which is met by smaller things.
_UNCHECKED_UNDER_LIMIT = 1 << 20
# What small things are to leave free: a machine without memory is of no use to anybody.
_RESERVE_BYTES = 1 << 27
# So many of one loop's warnings are remembered: a stream without end does not fill the memory.
_REMEMBERED_WARNINGS = 1000
# What NumPy and its BLAS may take for themselves where the process is limited.
_LIBRARIES_BYTES = 1 << 29
# Steps between two looks at what is free; values that nobody asks for first (numbers, short lists) add up too.
_STEPS_BETWEEN = 1 << 15


class Meter:
    """Accounts for steps and memory, so that a program can be stopped before it takes the machine."""

    __slots__ = ("_max_steps", "_unchecked", "checkpoint", "depth", "max_bits", "max_depth", "max_memory", "steps")

    def __init__(self, max_steps: int | None = None, max_memory: int | None = None) -> None:
        self.steps = 0
        self.max_steps = max_steps
        self.max_memory = max_memory
        self.depth = 0
        self.max_depth = 900
        # Of an integer: two million decimal digits or so, multiplied in a second and far beyond what anybody reads.
        self.max_bits = 1 << 23
        self._unchecked = 0

    @property
    def max_steps(self) -> int | None:
        """The steps that a program may take."""
        return self._max_steps

    @max_steps.setter
    def max_steps(self, limit: int | None) -> None:
        self._max_steps = limit
        self._set_checkpoint()

    def _set_checkpoint(self) -> None:
        """The step before which nothing needs a look: loops compare with it, and call `review` beyond."""
        self.checkpoint = self.steps + _STEPS_BETWEEN
        if self._max_steps is not None:
            self.checkpoint = min(self.checkpoint, self._max_steps)

    def step(self) -> None:
        """Count one turn of a loop or one call."""
        self.steps += 1
        if self.steps > self.checkpoint:
            self.review()

    def review(self) -> None:
        """Stop a program that has had its steps, or that has all but used up the memory in small pieces."""
        if self._max_steps is not None and self.steps > self._max_steps:
            raise LimitError(f"the program was stopped after {self._max_steps} steps", "TimeoutError")
        self._set_checkpoint()
        self._keep_reserve()

    def _keep_reserve(self) -> None:
        self._unchecked = 0
        if self.max_memory is not None and resident_memory() > self.max_memory:
            raise LimitError(f"not enough memory: the program has used the {human_bytes(self.max_memory)} it may")
        free = free_memory()
        if free < _RESERVE_BYTES:
            raise LimitError(f"not enough memory: the program has used all but {human_bytes(free)}")

    def _free(self) -> int:
        """Bytes that the program may still take: what the machine has, within the program's own limit."""
        if self.max_memory is None:
            return free_memory()
        return min(free_memory(), max(self.max_memory - resident_memory(), 0))

    def allocate(self, nbytes: int, what: str = "the result") -> None:
        """Refuse a request for memory that is not there, before any is taken."""
        unchecked = _UNCHECKED_BYTES if self.max_memory is None else _UNCHECKED_UNDER_LIMIT
        if nbytes <= unchecked:
            self._unchecked += nbytes
            if self._unchecked > unchecked:
                self._keep_reserve()
            return
        free = self._free()
        if nbytes > free:
            raise LimitError(f"not enough memory: {what} needs {human_bytes(nbytes)}, {human_bytes(free)} are free")


def limit_process(max_memory: int) -> None:
    """Have the operating system refuse what no account foresaw: the room that an operation needs for itself.

    NumPy's own libraries take memory when they are loaded, hence the allowance.
    """
    try:
        import resource

        with open("/proc/self/statm", "rb") as file:
            data = int(file.read().split()[5]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        limit = data + max_memory + _LIBRARIES_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    except (ImportError, OSError, ValueError, LookupError):
        return  # not this operating system's way


class PrintOptions:
    """How tensors print (``torch.set_printoptions``)."""

    __slots__ = ("edgeitems", "linewidth", "precision", "sci_mode", "threshold")

    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth: float = 80
        self.sci_mode: bool | None = None


class State:
    """The session's part that the engine reads."""

    def __init__(self) -> None:
        self.default_dtype: DType = dtypes.float32
        self.default_device: str | None = None
        self.cuda_device = 0  # the GPU that `cuda` without a number means
        self.whole_numbers_are_floats = False  # where only floats have an answer, such as the mean
        self.grad_enabled = True
        self.inference_mode = False
        self.warn_always = False  # what a program said; every warning is shown each time anyway
        self.python_random: object = None  # Python's own generator, made when a program first asks it
        self.numpy_errors: dict[str, str] = {}  # what np.seterr was told
        self.numpy_print: dict[str, object] = {}  # what np.set_printoptions was told
        self.files_allowed = True  # whether the program may read and write any
        self.num_threads: int | None = None  # what a program said; nothing here counts by it
        self.print_options = PrintOptions()
        self.meter = Meter()
        self.warn: Callable[[str], None] = _discard
        self._generator: object = None
        self.cuda_generators: dict[int, Any] = {}  # of each GPU that has drawn numbers
        self.cuda_seed: int | None = None  # what GPUs start from that have drawn none yet

    @property
    def generator(self):
        """The default random generator, made on first use: seeding it needs NumPy."""
        if self._generator is None:
            from tcalc.engine.random import Generator, fresh_seed

            self._generator = Generator(fresh_seed())
        return self._generator


def _discard(message: str) -> None:
    """Warnings of code outside a session go nowhere: a library does not write to stderr."""


class warned_once:  # noqa: N801 - a context manager reads like a verb
    """``with warned_once():`` what is done again and again, as for every group, warns of the same thing once."""

    __slots__ = ("_said", "_warn")

    def __enter__(self) -> None:
        self._warn = current().warn
        self._said: set[str] = set()
        current().warn = self._say

    def __exit__(self, *exc_info: object) -> None:
        current().warn = self._warn

    def _say(self, message: str) -> None:
        if message not in self._said:
            if len(self._said) < _REMEMBERED_WARNINGS:
                self._said.add(message)
            self._warn(message)


_outside = State()
_current: ContextVar[State] = ContextVar("tcalc_state", default=_outside)
current = _current.get


class activated:  # noqa: N801 - a context manager reads like a verb
    """``with activated(state):`` makes a session's state the current one."""

    __slots__ = ("_state", "_token")

    def __init__(self, state: State) -> None:
        self._state = state

    def __enter__(self) -> State:
        self._token = _current.set(self._state)
        return self._state

    def __exit__(self, *exc_info: object) -> None:
        _current.reset(self._token)


def free_memory() -> int:
    """Bytes of memory that could be had now; a very large number where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 1 << 40


def resident_memory() -> int:
    """Bytes of memory that this process holds now, without files that are only mapped; 0 where nobody says."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            _, resident, shared = file.read().split()[:3]
            return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def human_bytes(count: int) -> str:
    """A size as people say it: ``1.5 GiB``."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"):
        if size < 1024 or unit == "EiB":
            break
        size /= 1024
    return f"{count} bytes" if unit == "bytes" else f"{size:.4g} {unit}"
