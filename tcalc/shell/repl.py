"""The interactive shell: reads an entry, runs it, shows what came of it, until the end of input."""

from __future__ import annotations

import sys

from tcalc.cli.report import report
from tcalc.cli.streams import write_error
from tcalc.errors import InternalError, LimitError, TcalcError
from tcalc.shell import entry, terminal
from tcalc.shell.background import Loader
from tcalc.shell.foresight.running import running_programs
from tcalc.shell.interrupts import Interrupts
from tcalc.shell.outputs import Outputs
from tcalc.shell.saving.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from tcalc.cli.streams import Output
    from tcalc.config import Config
    from tcalc.interp.session import Session
    from tcalc.show.screen import Screen

    class Reader(Protocol):
        """Where entries come from: `prompt.Prompt`, or `plain.PlainPrompt` at a terminal that can do nothing."""

        @property
        def rows(self) -> int:
            """The rows that an empty prompt takes, with all that is below it."""

        def read(self) -> Typed:
            """The next entry; EOFError at the end, KeyboardInterrupt when it is given up."""

        def history(self) -> list[str]:
            """Everything that was entered, oldest first, as far as it is remembered."""


class Typed:
    """An entry: its text, and whether every expression in it is echoed or the last alone (a notebook's cell)."""

    __slots__ = ("echo", "text")

    def __init__(self, text: str, echo: str = "all") -> None:
        self.text = text
        self.echo = echo


class Leave(Exception):  # noqa: N818 - no fault, but somebody's wish
    """The shell is left, with this exit status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def _command_topics() -> Any:
    from tcalc.shell.commands import topics

    return topics()


class Shell:
    """A session at a terminal. ``status`` is the exit status of the last entry, and the shell's own in the end."""

    def __init__(
        self, session: Session, output: Output, color: bool, debug: bool = False, config: Config | None = None
    ) -> None:
        self.config = config
        self.session = session
        self.output = output
        self.color = color and terminal.is_named()
        self.debug = debug
        self.status = 0
        self.loader = Loader()
        self.outputs = Outputs(session.builtins)
        self.log = Log(session)
        self.reader: Reader | None = None
        self._ends_line = True  # whether what was printed last ended its line
        session.write = self._write
        session.display = self.show
        self._whole_screen = session.screen
        session.screen = self.screen
        session.shelves.append(_command_topics)

    def run(self) -> int:
        """The loop. Ctrl-C gives up the line or the running statement, Ctrl-D at an empty line ends it."""
        self._interrupts = Interrupts(self._answer)
        self.reader = reader = self._open_reader()
        while True:
            try:
                self._end_line()
                typed = reader.read()
                if typed.text.strip():
                    self.execute(typed)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return self.status
            except Leave as leave:
                return leave.status

    def execute(self, typed: Typed) -> None:
        """Run one entry, and say what went wrong; the session goes on."""
        self.loader.wait()
        asked = self._quit_status(typed.text)
        if asked is not None:
            raise Leave(int(asked) % 256 if asked else self.status)
        self.attempt(lambda: self._command(typed.text) if entry.is_command(typed.text) else self.evaluate(typed))

    def _quit_status(self, text: str) -> str | None:
        name = text.strip()[:4]
        return None if name in self.session.variables else entry.quit_status(text)

    def evaluate(self, typed: Typed, name: str = "<input>") -> None:
        """Run a program in the session, and remember its value under its number."""
        from tcalc.engine.backend import wait_for_devices

        last = self.outputs.last
        self.outputs.begin()
        entry = self.log.begin(typed.text, typed.echo, self.outputs.entry, last)
        value = self.session.run(typed.text, echo=typed.echo, name=name)
        wait_for_devices()
        self.outputs.keep(value)
        self.log.succeeded(entry, value)

    def _command(self, text: str) -> None:
        from tcalc.shell.commands import run

        run(self, text)

    def attempt(self, work: Callable[[], Any]) -> None:
        """Do something that may fail or be interrupted: the one border where the session survives it."""
        try:
            with self._interrupts, running_programs:
                work()
            self.output.flush()
            self.status = 0
            return
        except KeyboardInterrupt:
            fault = TcalcError("", "KeyboardInterrupt")
        except TcalcError as error:
            fault = error
        except MemoryError:
            fault = LimitError("not enough memory")
        except RecursionError:
            fault = TcalcError("maximum recursion depth exceeded", "RecursionError")
        except (Leave, EOFError):
            raise
        except Exception as error:
            fault = InternalError(f"{type(error).__name__}: {error}", hint="please report it")
            fault.__cause__ = error
        self._report(fault)

    def show(self, value: object) -> None:
        """Echo a value."""
        from tcalc.show.pretty import print_pretty

        if value is not None:
            self.outputs.keep(value)
            self._end_line()
            print_pretty(
                self.session.shown_value(value),
                color=self.color,
                file=self.output,  # type: ignore[arg-type]
                width=terminal.size()[0],
            )

    def screen(self) -> Screen:
        """What pictures are drawn on: as much as the next prompt, with its menu, leaves to be seen."""
        found = self._whole_screen()
        if self.reader is not None and self.output.is_terminal:
            found.lines -= self.reader.rows - 1  # a picture itself leaves one for a prompt
        return found

    def _write(self, text: str) -> int:
        """What the program prints."""
        if text:
            self._ends_line = text.endswith("\n")
        return self.output.write(text)

    def _end_line(self) -> None:
        """The prompt would be drawn over a line that was printed without its end."""
        if not self._ends_line:
            self._write("\n")

    def confirm(self, question: str) -> bool:
        """Ask a question that is answered with y or n; no answer is no."""
        self.output.write(f"{question} [y/N] ")
        answer = sys.stdin.readline() if sys.stdin is not None else ""
        if not answer.endswith("\n"):
            self.output.write("\n")
        return answer.strip().lower() in ("y", "yes")

    def say(self, text: str) -> None:
        """Write a line of the shell's own."""
        self.output.write(text + "\n")

    def page(self, text: str) -> None:
        """Show a text of any length."""
        from tcalc.shell.pager import page

        painted = None
        if self.color:
            from tcalc.show.pretty import page_text

            painted = page_text(text)
        page(text, self.output, painted)

    def _report(self, error: TcalcError) -> None:
        self._end_line()
        self.output.flush()
        self.status = report(error, "always" if self.color else "never", self.debug)

    def _answer(self, note: str) -> None:
        write_error(f"\r{note}\n")

    def _open_reader(self) -> Reader:
        """The prompt that this terminal is good for."""
        if terminal.is_dumb():
            from tcalc.shell.plain import PlainPrompt

            return PlainPrompt(self)
        from tcalc.shell.prompt import Prompt

        return Prompt(self)
