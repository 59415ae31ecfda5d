"""The prompt at a terminal that understands no control sequences: lines as they come, and nothing but text."""

from __future__ import annotations

import sys

from tcalc.cli.streams import write_error
from tcalc.shell.entry import is_complete, program
from tcalc.shell.history import shared_history
from tcalc.shell.paste import cleaned
from tcalc.shell.repl import Typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.shell.repl import Shell

PROMPT, MORE = ">>> ", "... "


class PlainPrompt:
    """Reads entries line by line."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._history = shared_history(shell)

    @property
    def rows(self) -> int:
        return 1

    def history(self) -> list[str]:
        return self._history.everything()

    def read(self) -> Typed:
        lines = [self._line(PROMPT)]
        while not is_complete("\n".join(lines)):
            try:
                lines.append(self._line(MORE))
            except EOFError:  # ends the block, not the shell
                break
        text = "\n".join(lines)
        self._history.append_string(text.strip("\n"))
        return Typed(program(cleaned(text).source), "all")

    def _line(self, prompt: str) -> str:
        try:
            if self._shell.output.is_terminal:
                self._shell.output.write(prompt)
            else:
                write_error(prompt)
            self._shell.loader.start()
            data = sys.stdin.buffer.readline()
        except KeyboardInterrupt:
            write_error("\n")
            raise
        if not data:
            write_error("\n")
            raise EOFError
        return data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
