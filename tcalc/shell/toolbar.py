"""The line below the prompt: what is wrong, what a call wants, what the line would give; the mode at its right."""

from __future__ import annotations

from prompt_toolkit.application.current import get_app
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import fragment_list_width
from prompt_toolkit.key_binding.vi_state import InputMode

from tcalc.shell import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from tcalc.shell.foresight.ghost import Ghost, Tip
    from tcalc.shell.prompt import Editing
    from tcalc.shell.repl import Shell


# For somebody who has not entered anything yet.
_WELCOME = "? help   :help commands   Tab completes   Ctrl-D leaves"


class Toolbar:
    """Called by prompt_toolkit at every drawing; it only looks at what others have found out."""

    def __init__(self, shell: Shell, editing: Editing, ghost: Ghost) -> None:
        self._shell = shell
        self._ghost = ghost
        self._editing = editing

    def __call__(self) -> StyleAndTextTuples:
        width = terminal.size()[0] - 1
        right: StyleAndTextTuples = [("class:note", self._status())]
        left = _cut(self._message(), width - fragment_list_width(right) - 2)
        gap = width - fragment_list_width(left) - fragment_list_width(right)
        return [*left, ("", " " * max(gap, 1)), *right] if gap > 0 else left

    def _message(self) -> StyleAndTextTuples:
        fault = self._editing.fault
        if fault is not None:
            return [("class:wrong", f"{fault.kind}: {fault.message}"), ("class:note", "  (Enter again reports it)")]
        if not self._shell.outputs.entry and not get_app().current_buffer.text:
            return [("class:note", _WELCOME)]
        tip, answer = self._ghost.tip, self._ghost.answer
        parts = _call(tip) if tip is not None else []
        if answer is not None:
            parts += [("", "   ")] if parts else []
            parts.append(("class:wrong" if answer.is_error else "class:ghost", answer.text))
        return parts

    def _status(self) -> str:
        """The number of the entry being typed, and the editing mode."""
        return f"[{self._shell.outputs.entry + 1}] {_mode()}"


def _mode() -> str:
    app = get_app()
    if app.editing_mode == EditingMode.EMACS:
        return "emacs"
    return "vi" if app.vi_state.input_mode == InputMode.INSERT else "vi (command)"


def _call(tip: Tip) -> StyleAndTextTuples:
    """The signature with the current parameter marked."""
    parts: StyleAndTextTuples = [("class:tip", f"{tip.signature.name}(")]
    for position, parameter in enumerate(tip.signature.parameters):
        if position:
            parts.append(("class:tip", ", "))
        parts.append(("class:tip.current" if position == tip.current else "class:tip", parameter))
    return [*parts, ("class:tip", ")")]


def _cut(parts: StyleAndTextTuples, width: int) -> StyleAndTextTuples:
    """As much as fits; what is cut off ends in a sign that says so."""
    if fragment_list_width(parts) <= width:
        return parts
    kept: StyleAndTextTuples = []
    room = max(width - 1, 0)
    for part in parts:
        style, text = part[0], part[1]
        kept.append((style, text[:room]))
        room -= len(text)
        if room <= 0:
            break
    return [*kept, ("class:note", "…")] if width > 0 else []
