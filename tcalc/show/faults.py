"""An error as people read it on their screen."""

from __future__ import annotations

from tcalc.errors import DataError, InternalError, TcalcError, UsageError, render


def fault_text(error: TcalcError) -> str:
    """The caret block of an error, ending a line; `pretty` colours it.

    A fault of the command line or of a file has no class that would help anybody.
    """
    block = render(error)
    written = f"error: {error.kind}: "
    if isinstance(error, InternalError):
        block = "internal error: " + block.removeprefix(written)
    elif isinstance(error, (UsageError, DataError)):
        block = "error: " + block.removeprefix(written)
    return clean(block) + "\n"


def clean(text: str) -> str:
    """Text without characters that would steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\x{_code(character):02x}"
        for character in text
    )


def _code(character: str) -> int:
    """The number that is shown for a character; of one that stands for a byte in a file's name, the byte."""
    code = ord(character)
    return code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
