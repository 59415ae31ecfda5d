"""Text that does not fit the screen goes through a pager; the rest is written as it is."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

from tcalc.shell import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.cli.streams import Output


def page(text: str, output: Output, painted: str | None = None) -> None:
    """Show a text; nobody is shown a pager for what fits, into a file, or on a terminal that cannot have one.

    ``painted`` is the same text in colour.
    """
    shown = text if painted is None else painted
    if output.is_terminal and not terminal.is_dumb() and not _fits(text):
        command = _command()
        if command and _piped(shown, command):
            return
    output.write(shown)


def _fits(text: str) -> bool:
    columns, rows = terminal.size()
    return sum(1 + max(len(line) - 1, 0) // columns for line in text.split("\n")) < rows


def _command() -> list[str]:
    """The pager: the one that the environment names, else less, else none."""
    try:
        asked = shlex.split(os.environ.get("PAGER", ""))
    except ValueError:
        asked = []
    if asked and shutil.which(asked[0]):
        return asked
    return ["less", "-RX"] if shutil.which("less") else []


def _environment() -> dict[str, str]:
    """What the pager is told: less shows colours only where somebody says so, and leaves the text on the screen."""
    return {"LESS": "-RX"} | dict(os.environ)


def _piped(text: str, command: list[str]) -> bool:
    """Hand the text to the pager and wait for it; False where it cannot be started. Ctrl-C is the pager's."""
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment()) as process:
            while True:
                try:
                    process.communicate(text.encode("utf-8", "backslashreplace"))
                    return True
                except KeyboardInterrupt:
                    continue
                except ValueError:  # its input was closed by the interrupted attempt
                    process.wait()
                    return True
    except OSError:
        return False
