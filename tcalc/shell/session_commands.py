"""Commands that act on the session as a whole: time, load, save, reset."""

from __future__ import annotations

from tcalc.errors import DataError, UsageError
from tcalc.shell.commands import command, no_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.shell.repl import Shell


@command("EXPR")
def time(shell: Shell, argument: str) -> None:
    """How long an expression takes: the best of several rounds."""
    from tcalc.shell.timing import measure

    if not argument:
        raise UsageError(":time wants an expression, such as :time a @ b")
    shell.say(str(measure(shell.session, argument)))


@command("FILE", "file")
def load(shell: Shell, argument: str) -> None:
    """Run a script in this session."""
    from tcalc.cli.program import read_script
    from tcalc.shell.repl import Typed

    if not argument:
        raise UsageError(":load wants the name of a script")
    path = _path(argument)
    shell.evaluate(Typed(read_script(path), "last"), path)


@command("FILE", "file")
def save(shell: Shell, argument: str) -> None:
    """Write what succeeded as a Python script for PyTorch."""
    import os

    from tcalc.formats.writing import write_file
    from tcalc.shell.saving.script import script_of

    if not argument:
        raise UsageError(":save wants the name of a script, such as :save session.py")
    path = _path(argument)
    if os.path.isdir(path):
        raise DataError(f"{argument}: is a directory")
    if os.path.exists(path) and not shell.confirm(f"{argument} exists; write over it?"):
        shell.say("nothing written")
        return
    text, left_out = script_of(shell.session, shell.log)
    write_file(path, [text.encode("utf-8", "replace")])
    count = len(shell.log.entries)
    entries = "1 entry" if count == 1 else f"{count} entries"
    more = f"; {left_out} could not be said in PyTorch's words, and stand as comments" if left_out else ""
    shell.say(f"{argument}: {entries}{more}")


@command()
def reset(shell: Shell, argument: str) -> None:
    """Forget every variable and value; settings stay."""
    no_argument(argument, "reset")
    shell.session.variables.clear()
    shell.outputs.clear()
    shell.log.clear()
    shell.say("forgotten")


def _path(argument: str) -> str:
    """A file name as it is typed: quotes around it are none of it, and ``~`` is the home folder."""
    from os.path import expanduser

    if len(argument) > 1 and argument[0] == argument[-1] and argument[0] in "'\"":
        argument = argument[1:-1]
    return expanduser(argument)
