"""An error as people read it: the message, the line of source, carets under the place, operands and a hint."""

from __future__ import annotations

from tcalc.errors import DataError, InternalError, Label, Span, TcalcError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WIDTH = 100  # of the line of source; a longer one is cut around the place


def fault_text(error: TcalcError) -> str:
    """The caret block of an error, ending a line; `pretty` colours it."""
    lines = [_headline(error)]
    if error.source is not None and error.span is not None:
        place, drawing = _drawing(error.source, error.span, error.labels)
        named = error.source_name is not None and not error.source_name.startswith("<")
        if named or "\n" in error.source.strip("\n"):
            lines.append(f"  --> {clean(error.source_name or '') if named else 'line'}{place}")
        lines += [f"  |  {line}".rstrip() for line in drawing]
    if error.hint:
        lines.append(f"  = hint: {clean(error.hint)}")
    return "\n".join(lines) + "\n"


def _headline(error: TcalcError) -> str:
    """The class and the message; a fault of the command line or of a file has no class that helps."""
    message = clean(error.message)
    if isinstance(error, InternalError):
        return f"internal error: {message}"
    if isinstance(error, (UsageError, DataError)):
        return f"error: {message}"
    return f"error: {error.kind}: {message}" if message else f"error: {error.kind}"


def clean(text: str) -> str:
    """Text without characters that would steer the terminal."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\x{ord(character):02x}" for character in text
    )


def _drawing(source: str, span: Span, labels: list[Label]) -> tuple[str, list[str]]:
    """The place as ``:line:column``, and the line of source with what stands under it."""
    start = min(span.start, len(source))
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", start)
    end = len(source) if end < 0 else end
    place = f":{source.count(chr(10), 0, begin) + 1}:{start - begin + 1}"
    line, shift = _window(source[begin:end], start - begin, min(span.end, end) - begin)
    column = _columns(line)
    near = [
        label
        for label in labels
        if begin <= label.span.start and label.span.end <= end and 0 <= label.span.start - begin - shift < len(line)
    ]
    marks = [" "] * (column(len(line)) + 1)
    for label in near:
        _underline(marks, column, label.span.start - begin - shift, label.span.end - begin - shift, "-")
    _underline(marks, column, start - begin - shift, min(span.end, end) - begin - shift, "^")
    shown = "".join(character if character.isprintable() else " " for character in line)
    notes = sorted((column(label.span.start - begin - shift), clean(label.text)) for label in near)
    return place, [shown, "".join(marks).rstrip(), *_notes(notes)]


def _window(line: str, start: int, end: int) -> tuple[str, int]:
    """The part of a long line around the place, and how many characters were cut before it."""
    if len(line) <= _WIDTH:
        return line, 0
    first = max(0, min(start - _WIDTH // 3, len(line) - _WIDTH))
    part = line[first : first + _WIDTH]
    if first:
        part = "…" + part[1:]
    if first + _WIDTH < len(line):
        part = part[:-1] + "…"
    return part, first


def _columns(line: str) -> Callable[[int], int]:
    """From characters to columns of the screen, where some characters take two and some none."""
    if line.isascii():
        return lambda index: max(0, min(index, len(line)))
    from unicodedata import combining, east_asian_width

    places = [0]
    for character in line:
        width = 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        places.append(places[-1] + width)
    return lambda index: places[max(0, min(index, len(line)))]


def _underline(marks: list[str], column: Callable[[int], int], start: int, end: int, mark: str) -> None:
    first = column(start)
    for place in range(first, min(max(column(end), first + 1), len(marks))):
        marks[place] = mark


def _notes(notes: list[tuple[int, str]]) -> list[str]:
    """What the labels say, the rightmost first, with a line down from each of the others."""
    lines = []
    while notes:
        column, text = notes.pop()
        stems = [" "] * column
        for other, _ in notes:
            if other < column:
                stems[other] = "|"
        lines.append("".join(stems) + text)
    return lines
