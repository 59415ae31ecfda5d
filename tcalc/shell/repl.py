"""The interactive prompt: history, line editing, and statements over several lines."""

from __future__ import annotations

import os

from tcalc.cli.report import report
from tcalc.errors import InternalError, LimitError, TcalcError, TcalcSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from tcalc.cli.streams import Output
    from tcalc.interp.session import Session

PROMPT, MORE = ">>> ", "... "


def history_path() -> str | None:
    """The file of the history, in the folder that XDG has for state; None where it cannot be made."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    folder = os.path.join(base, "tcalc")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, "history")
        with open(path, "a", encoding="utf-8"):
            return path
    except OSError:
        return None


def is_complete(text: str) -> bool:
    """Whether Enter runs the text: it is a program, or no further line could make it one.

    A block is complete when an empty line follows it, as in Python's shell.
    """
    from tcalc.syntax.parser import parse

    try:
        parse(text)
    except TcalcSyntaxError as error:
        return not error.incomplete
    except TcalcError:
        return True
    last = text.rsplit("\n", 1)[-1]
    return "\n" not in text or not last.strip() or not _in_block(text)


def _in_block(text: str) -> bool:
    """Whether the last line belongs to an indented block that could go on."""
    return text.rsplit("\n", 1)[-1][:1].isspace() or text.lstrip().startswith("@")


def next_indent(text: str) -> str:
    """The blanks that the next line starts with: those of the last one, and four more after a colon."""
    last = text.rsplit("\n", 1)[-1]
    blanks = last[: len(last) - len(last.lstrip())]
    return blanks + "    " if last.rstrip().endswith(":") else blanks


class Shell:
    """Reads, runs and echoes until the end of input."""

    def __init__(self, session: Session, output: Output, color: bool) -> None:
        self.session = session
        self.output = output
        self.color = color
        session.display = self._show

    def run(self) -> int:
        """The loop. Ctrl-C gives up the line or the running statement, Ctrl-D at an empty line ends it."""
        prompt = self._prompt()
        while True:
            try:
                text = prompt.prompt(PROMPT)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            if text.strip():
                self.execute(text)

    def execute(self, text: str) -> None:
        """Run one entry, and say what went wrong; the session goes on."""
        try:
            self.session.run(text, echo="all")
        except KeyboardInterrupt:
            self._report(TcalcError("", "KeyboardInterrupt"))
        except TcalcError as error:
            self._report(error)
        except MemoryError:
            self._report(LimitError("not enough memory"))
        except Exception as error:
            fault = InternalError(f"{type(error).__name__}: {error}", hint="please report it")
            fault.__cause__ = error
            self._report(fault)
        self.output.flush()

    def _show(self, value: object) -> None:
        from tcalc.show.pretty import print_pretty

        if value is not None:
            print_pretty(self.session.shown_value(value), color=self.color, file=self.output)  # type: ignore[arg-type]

    def _report(self, error: TcalcError) -> None:
        self.output.flush()
        report(error, "always" if self.color else "never")

    def _prompt(self) -> PromptSession[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory, History, InMemoryHistory

        path = history_path()
        history: History = FileHistory(path) if path else InMemoryHistory()
        return PromptSession(
            history=history,
            multiline=True,
            prompt_continuation=lambda width, line_number, is_soft_wrap: "" if is_soft_wrap else MORE,
            key_bindings=_bindings(),
            enable_open_in_editor=True,
        )


def _bindings() -> KeyBindings:
    """Enter runs what is complete and goes to the next line otherwise."""
    from prompt_toolkit.filters import has_focus
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    @bindings.add("enter", filter=has_focus("DEFAULT_BUFFER"))
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.document.text
        if buffer.document.text_after_cursor.strip() == "" and is_complete(text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n" + next_indent(buffer.document.text_before_cursor))

    return bindings
