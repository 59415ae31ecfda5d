"""The prompt at a real terminal: editing, history, colour, completion, and a line of help below."""

from __future__ import annotations

from contextlib import suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import ThreadedCompleter
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.layout.processors import HighlightMatchingBracketProcessor
from prompt_toolkit.output import ColorDepth, create_output

from tcalc.shell import terminal
from tcalc.shell.bindings import bindings
from tcalc.shell.completion.completer import ShellCompleter
from tcalc.shell.entry import program
from tcalc.shell.foresight.ghost import Ghost
from tcalc.shell.highlight import STYLE, SourceLexer
from tcalc.shell.history import shared_history
from tcalc.shell.paste import cleaned
from tcalc.shell.repl import Typed
from tcalc.shell.toolbar import Toolbar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prompt_toolkit.application import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from tcalc.errors import TcalcSyntaxError
    from tcalc.shell.repl import Shell

PROMPT, MORE = ">>> ", "... "
# Rows below which the line of help and the room for a menu would leave nothing for the text.
_LOW = 8


class Editing:
    """What is known about the text being edited, for the key bindings, the colours and the line below."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A new entry begins."""
        self.interrupted = False  # by a Ctrl-C that came after Enter and before the statement
        self.pasted = False  # the text came whole: it runs as a notebook's cell does
        self.transcript = False  # it had prompts: each of its expressions was echoed, and is
        self.notes: list[str] = []
        self.refused: str | None = None  # the text that Enter did not run, and why
        self.fault: TcalcSyntaxError | None = None

    def edited(self) -> None:
        """The text has changed: what was wrong with the old one is of no interest."""
        self.fault = None


class Prompt:
    """Reads entries with prompt_toolkit."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.editing = Editing()
        self._history = shared_history(shell)
        self._ghost = Ghost(shell.session, shell.loader, lambda: redraw_soon(self._session.app))
        self._toolbar = Toolbar(shell, self.editing, self._ghost)
        self._session = self._make_session()

    @property
    def rows(self) -> int:
        rows = terminal.size()[1]
        return 1 + max(_menu_rows(rows) - 1, 0) + (rows >= _LOW)

    def history(self) -> list[str]:
        return self._history.everything()

    def read(self) -> Typed:
        editing = self.editing
        editing.forget()
        self._ghost.ask("", "")
        self._fit()
        text = self._session.prompt()
        self._ghost.ask("", "")
        if editing.interrupted:
            raise KeyboardInterrupt
        if text.lstrip().startswith((">>> ", "In [")):
            text = cleaned(text).source
            editing.transcript = True
        is_cell = "\n" in text.strip() and not editing.transcript
        return Typed(program(text), "last" if is_cell else "all")

    def _make_session(self) -> PromptSession[str]:
        editing, config = self.editing, self._shell.config
        session: PromptSession[str] = PromptSession(
            _prompt_text,
            history=self._history,
            multiline=True,
            lexer=SourceLexer(lambda: editing.fault.span if editing.fault is not None else None),
            completer=ThreadedCompleter(ShellCompleter(self._shell)),
            complete_while_typing=True,
            auto_suggest=AutoSuggestFromHistory(),
            search_ignore_case=True,
            prompt_continuation=_continuation,
            key_bindings=bindings(editing, self._shell.output),
            enable_open_in_editor=True,
            enable_suspend=True,
            tempfile_suffix=".py",
            editing_mode=EditingMode.VI if config and config.editing_mode == "vi" else EditingMode.EMACS,
            input_processors=[HighlightMatchingBracketProcessor(chars="[](){}")],
            style=STYLE,
            include_default_pygments_style=False,
            color_depth=None if self._shell.color else ColorDepth.DEPTH_1_BIT,
            input=create_input(terminal.reader()),
            output=create_output(terminal.writer()),
        )
        # Up goes to the entries that begin as this one does; PromptSession's own switch would turn off the menu.
        session.default_buffer.enable_history_search = Condition(lambda: True)
        session.default_buffer.on_text_changed += lambda buffer: editing.edited()
        session.default_buffer.on_cursor_position_changed += self._moved
        session.app.before_render += lambda app: self._fit()
        session.app.after_render += lambda app: self._shell.loader.start()
        session.app.timeoutlen = 0.3
        session.app.ttimeoutlen = 0.05
        return session

    def _fit(self) -> None:
        """Give the line of help and the menu the room that there is: the window may have another size by now."""
        rows = terminal.size()[1]
        self._session.bottom_toolbar = self._toolbar if rows >= _LOW else None
        self._session.reserve_space_for_menu = _menu_rows(rows)

    def _moved(self, buffer: Buffer) -> None:
        """The cursor is elsewhere, most often because something has been typed."""
        self._ghost.ask(buffer.text, buffer.document.text_before_cursor)


def _menu_rows(rows: int) -> int:
    """The rows that are kept for text and menu on a terminal that has so many."""
    return min(8, rows // 4) if rows >= _LOW else 0


def redraw_soon(app: Application[Any]) -> None:
    """Draw the screen again; for other threads than the application's, which may end at any moment.

    `Application.invalidate` promises that, but reads its loop several times, and fails where that goes in between.
    """
    loop = app.loop
    if loop is not None:
        with suppress(RuntimeError):  # the loop is closed: there is nothing to draw
            loop.call_soon_threadsafe(app.invalidate)


def _prompt_text() -> StyleAndTextTuples:
    return [("class:prompt", PROMPT)]


def _continuation(width: int, line_number: int, is_soft_wrap: int) -> StyleAndTextTuples:
    return [("", " " * width)] if is_soft_wrap else [("class:more", MORE)]
