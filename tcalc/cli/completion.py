"""Completion of the command line in bash, zsh and fish: click's own, over the options that the manual lists."""

from __future__ import annotations

import os

from click.shell_completion import get_completion_class

from tcalc.cli.options import command
from tcalc.errors import UsageError

# The variable through which the shell's function asks for the words; click derives it from the command's name.
VARIABLE = "_TCALC_COMPLETE"


def script(shell: str) -> str:
    """What a shell sources so that it completes ``tcalc``."""
    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"--completion: nothing is known of {shell}")
    return made(command(), {}, "tcalc", VARIABLE).source() + "\n"


def answer() -> str:
    """The words that the shell asks for in the environment."""
    shell, _, what = os.environ.get(VARIABLE, "").partition("_")
    made = get_completion_class(shell)
    if made is None or what != "complete":
        raise UsageError(f"{VARIABLE} is for the functions that --completion prints")
    return made(command(), {}, "tcalc", VARIABLE).complete() + "\n"
