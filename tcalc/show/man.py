"""Manual pages in mdoc. Here is only how a page is written; what it says comes from the code that it describes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_LINE = 70  # characters of source; escapes make it longer, and mandoc complains from 80 on


def escape(text: str) -> str:
    """Text that roff takes literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("()", "\\&()")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def option_tag(flags: Sequence[str], metavar: str | None) -> str:
    """The head of an option's entry: ``-e EXPR, --expr EXPR``."""
    parts = []
    for flag in flags:
        part = f"Fl {escape(flag.removeprefix('-'))}" if flag.removeprefix("-") else "Fl"
        parts.append(f"{part} Ar {metavar}" if metavar else part)
    return " , ".join(parts)


def tag(text: str) -> str:
    """The head of an entry as it is typed, in which nothing is a macro."""
    quoted = escape(text).replace('"', "\\(dq")
    return f'"\\&{quoted}"'


def page(name: str, section: int, date: str, summary: str, parts: Iterable[tuple[str, list[str]]]) -> str:
    """A whole page: its head, then (title, lines of mdoc) for each part."""
    lines = [f".Dd {date}", f".Dt {name.upper()} {section}", ".Os", ".Sh NAME", f".Nm {name}", f".Nd {escape(summary)}"]
    for title, body in parts:
        lines.append(f".Sh {title}")
        lines += body
    return "\n".join(lines) + "\n"


def paragraphs(text: str) -> list[str]:
    """Paragraphs of prose, a sentence a line, as mdoc wants it."""
    lines: list[str] = []
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            lines.append(".Pp")
        lines += sentences(" ".join(paragraph.split()))
    return lines


def sentences(text: str) -> list[str]:
    """A sentence a line; a long one goes on in the next."""
    from textwrap import wrap

    lines = text.replace(". ", ".\n").replace("; ", ";\n").split("\n")
    return [escape(part) for line in lines for part in wrap(line, _LINE, break_on_hyphens=False)]


def tagged(entries: Iterable[tuple[str, str]], width: str = "Ds") -> list[str]:
    """A list of tags with a text each."""
    lines = [f".Bl -tag -width {width}"]
    for tag, text in entries:
        lines.append(f".It {tag}")
        lines += sentences(text)
    return [*lines, ".El"]


def example(lines: Iterable[str]) -> list[str]:
    """Lines as they are typed."""
    return [".Bd -literal -offset indent", *(escape(line) for line in lines), ".Ed"]
