"""``--sandbox``: for programs of people one does not know. Standard input and output, one thread, and limits.

The language itself reaches nothing but what tcalc registers. This is the second wall, which would hold if there were
a hole in the first: Python's audit events refuse files, processes and sockets, and the operating system bounds time
and memory. Nothing of it can be undone from within the process.
"""

from __future__ import annotations

import os
import sys

from tcalc.errors import LimitError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tcalc.cli.inputs import Input
    from tcalc.cli.invocation import Invocation

SECONDS = 30
MEMORY = 1 << 30  # unless --max-memory says otherwise
_FILE_SIZE = 1 << 30
# What the interpreter, NumPy and their libraries map beyond what they use.
_MAPPED = 2 << 30

# Events of Python's that nothing in tcalc has a reason for while a program runs.
_REFUSED = (
    "ctypes.dlopen", "ftplib.", "mmap.", "os.chmod", "os.chown", "os.exec", "os.fork", "os.kill", "os.link", "os.mkdir",
    "os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "os.spawn", "os.symlink", "os.system",
    "os.truncate", "os.utime", "pty.", "resource.", "shutil.", "signal.pthread_kill", "socket.",
    "sqlite3.", "subprocess.", "tempfile.", "urllib.", "webbrowser.",
)  # fmt: skip
# Files that the accounts of memory read.
_ACCOUNTS = ("/proc/meminfo", "/proc/self/statm")


def check_options(invocation: Invocation) -> None:
    """No option may name a file, and there is no shell."""
    for kind, text in invocation.program:
        if kind != "expr" and text != "-":
            raise UsageError(f"--sandbox reads no files, and {text!r} is one", hint="-f - reads a script from a pipe")
    if invocation.to is not None and ("." in invocation.to or "/" in invocation.to):
        raise UsageError(f"--sandbox writes no files, and {invocation.to!r} is one")
    if invocation.interactive:
        raise UsageError("--sandbox has no shell")
    if invocation.device not in (None, "cpu"):
        raise UsageError("--sandbox computes on the cpu")


def check_inputs(inputs: Iterable[Input]) -> None:
    """Only standard input is read."""
    for item in inputs:
        if item.path != "-":
            raise UsageError(f"--sandbox reads standard input only, and {item.path!r} is a file")


def enter(max_memory: int | None) -> None:
    """Close the walls around this process. There is no way back."""
    import signal

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    _use_one_processor()
    signal.signal(signal.SIGXCPU, _out_of_time)
    _limit(max_memory or MEMORY)
    _refuse(_readable_folders())


def _use_one_processor() -> None:
    """Whoever asks how many threads are worth while is told one."""
    if hasattr(os, "sched_setaffinity"):  # a system without it still has the limits
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _out_of_time(number: int, frame: object) -> None:
    raise LimitError(f"the program was stopped after {SECONDS} seconds", "TimeoutError")


def _limit(max_memory: int) -> None:
    """The operating system's own bounds, each where the system has it."""
    import resource

    limits: dict[str, tuple[int, int]] = {
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_CPU": (SECONDS, SECONDS + 2),
        "RLIMIT_AS": (max_memory + _MAPPED, max_memory + _MAPPED),
        "RLIMIT_NPROC": (0, 0),
        "RLIMIT_FSIZE": (_file_size(), _file_size()),
    }
    for name, wanted in limits.items():
        number = getattr(resource, name, None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted[0], hard), min(wanted[1], hard)
        try:
            resource.setrlimit(number, wanted)
        except (ValueError, OSError):
            continue  # this system does not bound it


def _file_size() -> int:
    """How much may be written to files: nothing, unless standard output or error is one."""
    for descriptor in (1, 2):
        try:
            if os.fstat(descriptor).st_mode & 0o170000 == 0o100000:
                return os.fstat(descriptor).st_size + _FILE_SIZE
        except OSError:
            continue  # it is closed
    return 0


def _readable_folders() -> tuple[str, ...]:
    """Where modules are: they are loaded when a program first needs them."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = {here, sys.prefix, sys.base_prefix, *filter(None, sys.path)}
    return tuple(os.path.join(os.path.abspath(folder), "") for folder in folders if folder != "/")


def _refuse(folders: tuple[str, ...]) -> None:
    """From now on, audit events that reach out of the process raise."""
    reading = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)

    def may_open(path: Any, mode: Any, flags: Any) -> bool:
        if isinstance(path, int):
            return True  # a descriptor that is open already
        name = os.path.abspath(os.fsdecode(path))
        writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & ~reading)
        return not writes and (name in _ACCOUNTS or name.startswith(folders))

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not may_open(*arguments):
                raise PermissionError(f"--sandbox: {arguments[0]!r} is out of reach")
        elif event.startswith(_REFUSED) and not (event == "ctypes.dlopen" and arguments[0] is None):
            raise PermissionError(f"--sandbox: {event} is out of reach")

    sys.addaudithook(hook)
