"""PyTorch's text on a terminal, in colour.

Whether there is colour is decided by the caller alone: Rich's own reading of the environment is switched off,
and without colour Rich is not even loaded. The text is never wrapped, and characters that would steer
the terminal are escaped before they reach it.
"""

from __future__ import annotations

import re
import sys

from tcalc.engine.state import PrintOptions, current
from tcalc.engine.tensor import Tensor
from tcalc.show.facts import facts_line, full_digits, is_large
from tcalc.show.text import escape_control, repr_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import Console
    from rich.text import Text

# Colouring longer texts than this takes longer than anybody reads.
LONGEST_COLOURED = 200_000

# One pass over a value's text: the first alternative that matches takes it.
_TOKENS = re.compile(
    r"""
      (?P<suffix>  \b(?: dtype=torch\.\w+ | device='[^']*' | size=\([\d,\ ]*\) | requires_grad=True | grad_fn=<\w+> ) )
    | (?P<text>    '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" )
    | (?P<odd>     [+-]? \b(?: nan | inf )j?\b )
    | (?P<true>    \bTrue\b )
    | (?P<false>   \bFalse\b )
    | (?P<name>    [^\W\d][\w.]* )
    | (?P<dots>    \.\.\. )
    | (?P<number>  [+-]? \d[\d_]* (?:\.\d*)? (?:e[+-]?\d+)? j? )
    """,
    re.VERBOSE,
)
# Names of the terminal's own sixteen colours, so that its theme decides what they look like.
_STYLES = {
    "suffix": "dim",
    "text": "green",
    "odd": "bold magenta",
    "true": "green",
    "false": "red",
    "dots": "dim",
    "number": "cyan",
}

# A line of a page that begins with a name: a parameter, a function of a list.
_ENTRY = re.compile(r"  (\S+(?: \(\d+\))?)(?=  +\S)")
_NARROWEST = 20  # characters: on narrower terminals lines break all the same

# A line of an error block that only points: gutter, carets and bars.
_POINTERS = re.compile(r"\s*\|[ ^|\-]*[\^\-][ ^|\-]*")
_GUTTER = re.compile(r"\s*(?:-->|\||=)")
_HEADING = re.compile(r"(?P<label>error|warning|internal error):(?: [\w.]*[A-Z]\w*:)?")


def print_pretty(value: object, *, color: bool, file: TextIO | None = None, width: int | None = None) -> None:
    """Write a value as an echo shows it, with a dim line of facts under a large tensor or a rounded number.

    ``width`` is that of a terminal: lines of tensors break there, and what is read best in rows and columns is shown
    so. Without colour everything is the plain text.
    """
    file = file or sys.stdout
    with _lines_of(width):
        if color and width is not None and _drawn_as_grid(value, width, file):
            return
        text = repr_text(value)
    if isinstance(value, Tensor) and width is not None:
        text = _narrowed(value, text, width)
    _emit(text, _note(value, text), color, file)


def _narrowed(tensor: Tensor, text: str, width: int) -> str:
    """The text with shorter lines, where they are too long: whole floats are a point longer than PyTorch reckons."""
    asked = width
    for _ in range(4):
        excess = max(map(len, text.split("\n"))) - width
        if excess <= 0 or asked <= _NARROWEST:
            break
        asked -= excess
        with _lines_of(asked):
            text = repr_text(tensor)
    return text


def _drawn_as_grid(value: object, width: int, file: TextIO) -> bool:
    """Show a table, a bundle or the like in rows and columns; False for any other value."""
    if isinstance(value, (Tensor, int, float, str)):
        return False
    from tcalc.show.grids import grid_of, rich_table

    grid = grid_of(value, width)
    if grid is None:
        return False
    console = _console(file)
    console.width = width
    console.print(rich_table(grid, width))
    return True


class _lines_of:  # noqa: N801 - a context manager reads like a verb
    """Let tensors break their lines at this width, where the program has not chosen another."""

    __slots__ = ("_before", "_options", "_width")

    def __init__(self, width: int | None) -> None:
        self._width = width

    def __enter__(self) -> None:
        self._options = current().print_options
        self._before = self._options.linewidth
        if self._width is not None and self._before == PrintOptions().linewidth:
            self._options.linewidth = max(self._width, _NARROWEST)

    def __exit__(self, *exc_info: object) -> None:
        self._options.linewidth = self._before


def page_text(text: str) -> str:
    """A page of help for a terminal: its head and headings bold, prompts and code marked."""
    from io import StringIO

    from rich.text import Text

    coloured = Text(escape_control(text))
    start = 0
    heading = ""
    for line in coloured.plain.split("\n"):
        bare = line.lstrip(" ")
        indent = start + len(line) - len(bare)
        if bare.startswith((">>> ", "... ")):
            coloured.stylize("green", indent, indent + 3)
        elif line and bare == line:
            head = re.split(r"   | {2}(?=\S)", line, maxsplit=1)[0]
            coloured.stylize("bold", start, start + len(head))
            heading = line
        elif heading != "See also" and (match := _ENTRY.match(line)):
            coloured.stylize("cyan", start + match.start(1), start + match.end(1))
        start += len(line) + 1
    file = StringIO()
    _console(file).print(coloured, soft_wrap=True, end="")
    return file.getvalue()


def print_error(block: str, *, color: bool, file: TextIO | None = None) -> None:
    """Write a rendered error or warning, by default to stderr."""
    file = file or sys.stderr
    block = escape_control(block.rstrip("\n"))
    if not color:
        file.write(block + "\n")
        return
    console = _console(file)
    console.print(colour_error(block), soft_wrap=True)


def _note(value: object, text: str) -> str | None:
    if not isinstance(value, Tensor):
        return None
    return facts_line(value) if is_large(value) else full_digits(value, text)


def _emit(text: str, note: str | None, color: bool, file: TextIO) -> None:
    text = escape_control(text)
    lines = [text] if note is None else [text, note]
    if not color:
        file.write("".join(line + "\n" for line in lines))
        return
    console = _console(file)
    if len(text) > LONGEST_COLOURED:
        file.write(text + "\n")
    else:
        console.print(colour_value(text), soft_wrap=True)
    if note is not None:
        from rich.text import Text

        console.print(Text(note, style="dim"), soft_wrap=True)


def _console(file: TextIO) -> Console:
    """A console that writes the terminal's own colours and asks nobody whether it should."""
    from rich.console import Console

    return Console(
        file=file,
        force_terminal=True,
        force_jupyter=False,
        no_color=False,
        color_system="standard",
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        _environ={},
    )


def console_for(file: TextIO, color: bool) -> Console:
    """A console for tables, as wide as the terminal."""
    from shutil import get_terminal_size

    from rich.console import Console

    return Console(
        file=file,
        force_terminal=True,
        force_jupyter=False,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        width=get_terminal_size().columns,
        _environ={},
    )


def colour_value(text: str) -> Text:
    """The text of a value with its numbers, its odd numbers and its suffixes marked."""
    from rich.text import Text

    coloured = Text(text)
    for token in _TOKENS.finditer(text):
        style = _STYLES.get(token.lastgroup or "")
        if style is not None:
            coloured.stylize(style, *token.span())
    return coloured


def colour_error(block: str) -> Text:
    """An error block with its heading, carets, operands and hint marked; the source line stays plain."""
    from rich.text import Text

    coloured = Text(block)
    start = 0
    below_pointers = False
    for line in block.split("\n"):
        below_pointers = _colour_error_line(coloured, line, start, below_pointers)
        start += len(line) + 1
    return coloured


def _colour_error_line(coloured: Text, line: str, start: int, below_pointers: bool) -> bool:
    """Mark one line; answers whether the next one may name the operands that bars point at."""
    heading = _HEADING.match(line)
    if heading is not None:
        colour = "yellow" if heading["label"] == "warning" else "red"
        coloured.stylize(f"bold {colour}", start, start + len(heading["label"]) + 1)
        coloured.stylize("bold", start + len(heading["label"]) + 1, start + heading.end())
        return False
    gutter = _GUTTER.match(line)
    if gutter is None:
        return False
    coloured.stylize("blue", start, start + gutter.end())
    rest = "" if gutter[0].endswith("|") else "green" if gutter[0].endswith("=") else "blue"
    if rest:
        coloured.stylize(rest, start + gutter.end(), start + len(line))
        return False
    is_pointing = _POINTERS.fullmatch(line) is not None
    if is_pointing or below_pointers:
        coloured.stylize("blue", start + gutter.end(), start + len(line))
        for position, character in enumerate(line):
            if is_pointing and character == "^":
                coloured.stylize("bold red", start + position, start + position + 1)
    return is_pointing or below_pointers
