"""Commands that show what there is: variables, history, the commands themselves."""

from __future__ import annotations

from tcalc.engine.state import human_bytes
from tcalc.errors import UsageError
from tcalc.shell import commands
from tcalc.shell.commands import command, no_argument
from tcalc.show.faults import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tcalc.shell.repl import Shell

_SHOWN_ENTRIES = 30
_HEADS = ("name", "shape", "dtype", "device", "bytes")


@command()
def vars_(shell: Shell, argument: str) -> None:
    """The variables: name, shape, dtype, device, bytes."""
    no_argument(argument, "vars")
    with shell.session.entered():
        rows = [(name, *_facts(value)) for name, value in shell.session.variables.items()]
        rows += [(name, "", "not read yet", "", "") for name in shell.session.suppliers if name not in _names(rows)]
    if not rows:
        shell.say("no variables yet")
        return
    shell.page("".join(line + "\n" for line in _table(_HEADS, rows)))


def _names(rows: Iterable[Sequence[str]]) -> set[str]:
    return {row[0] for row in rows}


def _facts(value: Any) -> tuple[str, str, str, str]:
    """Shape, dtype, device and bytes; of what has none, its type and how it prints."""
    from tcalc.engine.bundle import Bundle
    from tcalc.engine.table import Table
    from tcalc.engine.tensor import Tensor
    from tcalc.interp.text import repr_of
    from tcalc.interp.type_names import type_name

    if isinstance(value, Tensor):
        nbytes = value.numel() * value.dtype.itemsize
        return str(tuple(value.shape)), value.dtype.name, str(value.device), human_bytes(nbytes)
    if type_name(value) == "numpy.ndarray":
        return str(value.shape), str(value.dtype), "numpy", human_bytes(value.nbytes)
    if isinstance(value, Table):
        return f"{len(value)} rows", "table", "", f"{len(value.names)} columns"
    if isinstance(value, Bundle):
        return f"{len(value)} tensors", "bundle", "", human_bytes(value.nbytes)
    size = f"{len(value)} items" if isinstance(value, (list, tuple, dict, set)) else ""
    shown = "" if size or hasattr(value, "invoke") else repr_of(value)
    return size, type_name(value), "", shown if len(shown) <= 40 and "\n" not in shown else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns side by side, each as wide as it must be."""
    cells = [list(heads), *([clean(cell).replace("\n", "\\n") for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


@command("[N|TEXT]")
def history(shell: Shell, argument: str) -> None:
    """The last entries, N of them, or those with a text in them."""
    entries = shell.reader.history() if shell.reader is not None else []
    if argument.isascii() and argument.isdigit():
        entries = entries[len(entries) - min(int(argument), len(entries)) :]
    elif argument:
        entries = [entry for entry in entries if argument.lower() in entry.lower()]
        if not entries:
            shell.say(f"no entry has {argument!r} in it")
    else:
        entries = entries[-_SHOWN_ENTRIES:]
    shell.page("".join(clean(entry) + "\n" for entry in entries))


@command("[NAME]", lambda: commands.COMMANDS)
def help_(shell: Shell, argument: str) -> None:
    """The commands of the shell; of one, what it does; of anything else, its page."""
    known = commands.all_commands()
    name = argument.lstrip(":")
    if argument and (argument.startswith(":") or name in known):
        found = commands.find(name)
        shell.say(f"{found.usage}\n  {found.summary}")
        return
    if argument:
        from tcalc.shell.asking import answer

        answer(shell, argument)
        return
    width = max(len(found.usage) for found in known.values())
    lines = [f"{found.usage:<{width}}  {found.summary}" for found in known.values()]
    shell.page("".join(line + "\n" for line in (*lines, "", *_KEYS)))


_KEYS = (
    "?                        what there is; ?sum and sum? the page about a name, ?word a search",
    "_  __  _3                the last value, the one before it, the value of entry 3 (its number is below the line)",
    "Tab                      complete; Right takes the grey proposal, Up and Ctrl-R search what was entered",
    "Alt-Enter                another line (in vi mode: Escape, o); Ctrl-X Ctrl-E opens the editor",
    "F4                       switches between emacs and vi keys",
    "Ctrl-C                   gives up the line or stops the statement; Ctrl-D leaves",
)


@command("[STATUS]")
def quit_(shell: Shell, argument: str) -> None:
    """Leave; so do exit, quit() and Ctrl-D."""
    from tcalc.shell.repl import Leave

    if argument and not (argument.isascii() and argument.isdigit()):
        raise UsageError(f":quit takes an exit status, not {argument}")
    raise Leave(int(argument) % 256 if argument else shell.status)
