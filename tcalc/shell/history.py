"""What was typed, kept in a file that several shells share."""

from __future__ import annotations

import os
from datetime import datetime

from prompt_toolkit.history import History

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tcalc.shell.repl import Shell

# The part of a long file that is read at the start.
_READ_BYTES = 4 << 20


def history_path() -> str | None:
    """The file of the history, in the folder that XDG has for state; None where it cannot be made."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    if not os.path.isabs(base):  # no home folder is known
        return None
    folder = os.path.join(base, "tcalc")
    path = os.path.join(folder, "history")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except (OSError, ValueError):
        return None
    return path


def shared_history(shell: Shell) -> SharedHistory:
    """The history as the configuration wants it."""
    size = shell.config.history_size if shell.config is not None else None
    return SharedHistory(None if size == 0 else history_path(), size)


class SharedHistory(History):
    """The history in a file. Each entry is appended in one write, so that shells side by side lose nothing.

    An entry that starts with a space is remembered nowhere. Where the file cannot be read or written any more, the
    history goes on in memory. The format is prompt_toolkit's: a comment with the time, then lines after a ``+``.
    """

    def __init__(self, path: str | None, size: int | None = None) -> None:
        self.path = path
        self._size = size  # entries that are read, the newest; all where it is None
        self.entered: list[str] = []  # in this shell, oldest first
        super().__init__()

    def load_history_strings(self) -> Iterable[str]:
        """What the file holds, newest first; an entry that repeats the one before it is told once."""
        if self.path is None:
            return []
        entries: list[str] = []
        for entry in _entries(_tail(self.path)):
            if not entries or entries[-1] != entry:
                entries.append(entry)
        entries.reverse()
        return entries[: self._size]

    def everything(self) -> list[str]:
        """What is remembered, oldest first: the file's entries, which may be newer than this shell, or this shell's."""
        return list(reversed(list(self.load_history_strings()))) if self.path is not None else list(self.entered)

    def append_string(self, string: str) -> None:
        """Remember an entry."""
        if string[:1].isspace() or not string.strip():
            return
        self.entered.append(string)
        if not self._loaded_strings or self._loaded_strings[0] != string:
            self._loaded_strings.insert(0, string)
        self.store_string(string)

    def store_string(self, string: str) -> None:
        if self.path is None:
            return
        lines = "".join(f"+{line}\n" for line in string.split("\n"))
        data = f"\n# {datetime.now()}\n{lines}".encode("utf-8", "replace")
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError:
            self.path = None


def _tail(path: str) -> str:
    """The end of the file, from a whole line on."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _READ_BYTES))
            data = file.read()
    except OSError:
        return ""
    if size > _READ_BYTES:
        data = data.partition(b"\n#")[2]
    return data.decode("utf-8", "replace")


def _entries(text: str) -> Iterable[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith("+"):
            lines.append(line[1:])
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)
