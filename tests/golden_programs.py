"""The programs of the golden transcripts, for the tests of the syntax: the source alone, without its output."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def golden_programs() -> list[tuple[str, str]]:
    """(where, source) of every program in ``tests/golden/*.txt``."""
    programs = []
    for path in sorted(GOLDEN.glob("*.txt")):
        for number, source in enumerate(cells(path.read_text(encoding="utf-8"))):
            programs.append((f"{path.name}[{number}]", source))
    return programs


def cells(text: str) -> list[str]:
    """The sources of a transcript: cells between rules, or lines after ``>>> `` with ``... `` to go on."""
    if "======== cell" in text:
        parts = text.split("======== cell")[1:]
        return [part.split("\n", 1)[1].split("-------- prints")[0] for part in parts]
    sources: list[list[str]] = []
    reading = False
    for line in text.splitlines():
        if line == ">>>" or line.startswith(">>> "):
            sources.append([line[4:]])
            reading = True
        elif reading and (line == "..." or line.startswith("... ")):
            sources[-1].append(line[4:])
        else:
            reading = False
    return ["\n".join(lines) + "\n" for lines in sources]
