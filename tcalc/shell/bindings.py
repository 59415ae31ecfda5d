"""The keys that do something of the shell's own; all others are prompt_toolkit's, in emacs or vi mode."""

from __future__ import annotations

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import get_app
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, emacs_mode, has_focus, has_selection, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys

from tcalc.shell.entry import INDENT, is_command, is_complete, next_indent, syntax_fault
from tcalc.shell.paste import cleaned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

    from tcalc.cli.streams import Output
    from tcalc.shell.prompt import Editing

_typing = has_focus(DEFAULT_BUFFER)
_inserting = _typing & (emacs_mode | vi_insert_mode)


@Condition
def _menu_is_used() -> bool:
    """Whether somebody has chosen in the menu; one that only popped up takes no keys."""
    state = get_app().current_buffer.complete_state
    return state is not None and state.current_completion is not None


@Condition
def _in_blanks() -> bool:
    """Whether the cursor is in the indentation of a line."""
    return not get_app().current_buffer.document.current_line_before_cursor.strip()


@Condition
def _after_indent() -> bool:
    before = get_app().current_buffer.document.current_line_before_cursor
    return len(before) >= len(INDENT) and not before.strip() and len(before) % len(INDENT) == 0


def bindings(editing: Editing, output: Output) -> KeyBindings:
    """All of them."""
    keys = KeyBindings()
    _add_enter(keys, editing)
    _add_paste(keys, editing, output)
    _add_indentation(keys)
    _add_moves(keys)

    @keys.add("c-c", filter=_typing)
    @keys.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        """Give up the line; one that has been entered a moment ago is interrupted."""
        future = event.app.future
        if future is not None and not future.done():
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")
        else:
            editing.interrupted = True

    @keys.add("f4", filter=_typing)
    def _(event: KeyPressEvent) -> None:
        """Between emacs and vi."""
        is_vi = event.app.editing_mode == EditingMode.VI
        event.app.editing_mode = EditingMode.EMACS if is_vi else EditingMode.VI

    return keys


def _add_enter(keys: KeyBindings, editing: Editing) -> None:
    @keys.add("enter", filter=_inserting & _menu_is_used)
    def _(event: KeyPressEvent) -> None:
        """Take what was chosen in the menu."""
        event.current_buffer.complete_state = None

    @keys.add("enter", filter=_inserting & ~_menu_is_used)
    def _(event: KeyPressEvent) -> None:
        """Run what is complete; show what is wrong; go to the next line otherwise."""
        buffer = event.current_buffer
        text = buffer.text
        is_last = "\n" not in text or not buffer.document.text_after_cursor.strip()
        runs = text == editing.refused or (is_last and is_complete(text, editing.pasted))
        if _next_is_blank(event) and ("\n" in text or not runs):
            buffer.insert_text("\n")  # a paste that came as keys: its own blanks come with it, and the block goes on
        elif runs:
            _accept(buffer, editing)
        else:
            buffer.insert_text("\n" + next_indent(buffer.document.text_before_cursor))

    @keys.add("enter", filter=_typing & ~_inserting)
    def _(event: KeyPressEvent) -> None:
        """In vi's navigation mode: run it if it is complete."""
        if is_complete(event.current_buffer.text, True):
            _accept(event.current_buffer, editing)

    @keys.add("escape", "enter", filter=_typing & emacs_mode)
    def _(event: KeyPressEvent) -> None:
        """Always another line. In vi's insert mode these are two keys, and run it; there ``o`` is another line."""
        event.current_buffer.insert_text("\n" + next_indent(event.current_buffer.document.text_before_cursor))


def _next_is_blank(event: KeyPressEvent) -> bool:
    """Whether a blank is waiting to be read: nobody types one that fast."""
    queue = event.key_processor.input_queue
    return bool(queue) and queue[0].key in (" ", Keys.Tab)


def _accept(buffer: Buffer, editing: Editing) -> None:
    """Run the text. One that is no program stays, with its fault underlined; Enter once more runs it nevertheless."""
    text = buffer.text
    fault = None if is_command(text) or text == editing.refused else syntax_fault(text)
    if fault is None:
        buffer.validate_and_handle()
        return
    editing.refused = text
    editing.fault = fault
    buffer.cancel_completion()
    if fault.span is not None:
        buffer.cursor_position = min(fault.span.start, len(text))


def _add_paste(keys: KeyBindings, editing: Editing, output: Output) -> None:
    @keys.add(Keys.BracketedPaste, filter=_typing)
    def _(event: KeyPressEvent) -> None:
        """Put in the program that was pasted; what was left out of it is told above the prompt."""
        buffer = event.current_buffer
        pasted = cleaned(event.data)
        is_whole = not buffer.text.strip()
        if is_whole:
            buffer.text = ""
        buffer.insert_text(pasted.source)
        editing.pasted = is_whole and "\n" in pasted.source
        editing.transcript = is_whole and pasted.has_prompts
        if pasted.notes:
            text = "".join(f"note: {note}\n" for note in pasted.notes)
            run_in_terminal(lambda: output.write(text))


def _add_indentation(keys: KeyBindings) -> None:
    @keys.add("tab", filter=_inserting & _in_blanks & ~has_selection)
    def _(event: KeyPressEvent) -> None:
        """In the indentation: to the next stop."""
        before = event.current_buffer.document.current_line_before_cursor
        event.current_buffer.insert_text(" " * (len(INDENT) - len(before) % len(INDENT)))

    @keys.add("s-tab", filter=_inserting & _in_blanks)
    @keys.add("backspace", filter=_inserting & _after_indent & ~has_selection)
    def _(event: KeyPressEvent) -> None:
        """In the indentation: a stop back."""
        before = event.current_buffer.document.current_line_before_cursor
        event.current_buffer.delete_before_cursor(count=min(len(INDENT), len(before)))


def _add_moves(keys: KeyBindings) -> None:
    @keys.add("up", filter=_inserting & ~_menu_is_used)
    def _(event: KeyPressEvent) -> None:
        """The line above or the entry before, whatever menu has popped up."""
        event.current_buffer.cancel_completion()
        event.current_buffer.auto_up(count=event.arg)

    @keys.add("down", filter=_inserting & ~_menu_is_used)
    def _(event: KeyPressEvent) -> None:
        """The line below or the entry after."""
        event.current_buffer.cancel_completion()
        event.current_buffer.auto_down(count=event.arg)

    @keys.add("escape", filter=_inserting & _menu_is_used, eager=True)
    def _(event: KeyPressEvent) -> None:
        """Put back what was typed before the menu."""
        event.current_buffer.cancel_completion()
