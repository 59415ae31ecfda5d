"""Golden transcripts: every file in ``tests/golden`` is run and compared to the byte; ``--update`` rewrites them."""

from __future__ import annotations

import pytest
import transcripts
from conftest import ROOT

import tcalc

FOLDER = ROOT / "tests" / "golden"
FILES = sorted(FOLDER.glob("*.txt"))


def fresh_session():
    printed = []
    return tcalc.Session(write=printed.append), printed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(path, request):
    text = path.read_text(encoding="utf-8")
    update = request.config.getoption("--update")
    (check_notebook if transcripts.CELL in text else check_transcript)(path, text, update)


def check_transcript(path, text, update):
    session, printed = fresh_session()
    steps = transcripts.parse(text)
    assert steps, f"{path.name} has no steps"
    got = [transcripts.run_step(session, printed, step.source) for step in steps]
    if update:
        path.write_text(rewritten(text, steps, got), encoding="utf-8")
        return
    for step, answer in zip(steps, got, strict=True):
        assert answer == step.expected, f"{path.name}, line {step.line}: {step.source}"


def rewritten(text, steps, got):
    """The transcript with other outputs; comments before the first prompt and empty lines between steps stay."""
    lines = text.splitlines(keepends=True)
    pieces = lines[: steps[0].line - 1]
    for index, (step, answer) in enumerate(zip(steps, got, strict=True)):
        end = steps[index + 1].line - 1 if index + 1 < len(steps) else len(lines)
        part = lines[step.line - 1 : end]
        height = step.source.count("\n") + 1
        pieces += [*part[:height], answer, *part[height + len(step.lines) :]]
    return "".join(pieces)


def check_notebook(path, text, update):
    """Cells run as a notebook runs them, after the generator was seeded with 0."""
    session, printed = fresh_session()
    session.run("torch.manual_seed(0)", echo="none")
    cells = transcripts.parse_cells(text)
    assert cells
    pieces = [text[: text.index(transcripts.CELL)]]
    for number, source, expected in cells:
        got = transcripts.run_step(session, printed, source, echo="last")
        pieces.append(f"{transcripts.CELL} {number}\n{source}{transcripts.PRINTS}\n{got}\n")
        if not update:
            assert transcripts.same_output(expected, got), f"cell {number}\nexpected: {expected!r}\n     got: {got!r}"
    if update:
        path.write_text("".join(pieces), encoding="utf-8")


def test_the_tutorial_is_whole():
    """The tutorial has its thirteen cells, the first of which imports torch."""
    cells = transcripts.parse_cells((FOLDER / "tutorial.txt").read_text(encoding="utf-8"))
    assert [number for number, _, _ in cells] == [str(number) for number in range(1, 14)]
    assert cells[0][1] == "import torch\nimport numpy as np\n"


def test_a_wrong_output_is_noticed(tmp_path):
    """The runner can fail."""
    path = tmp_path / "wrong.txt"
    with pytest.raises(AssertionError):
        check_transcript(path, ">>> 1 + 1\n3\n", False)
    with pytest.raises(AssertionError):
        check_notebook(path, "======== cell 1\n1 + 1\n-------- prints\n3\n", False)


def test_update_keeps_comments_and_layout(tmp_path):
    path = tmp_path / "old.txt"
    text = "# sums\n\n>>> 1 + 1\n3\n\n>>> a = 2\n>>> a\n2\n"
    check_transcript(path, text, True)
    assert path.read_text() == text.replace("3", "2")
