"""Programs of plain Python print in tcalc what they print in CPython, and fail with its words."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import pytest

import tcalc

# Each program, divided from the next by a line of dashes, runs in CPython and in tcalc.
PROGRAMS = Path(__file__).with_name("python_programs.txt").read_text(encoding="utf-8").strip().split("\n---\n")


def in_python(source: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, "<program>", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def in_tcalc(source: str) -> str:
    printed: list[str] = []
    session = tcalc.Session(write=printed.append)
    session.set_lists("python")
    session.run(source)
    return "".join(printed)


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_prints_what_it_prints_in_python(source):
    assert in_tcalc(source) == in_python(source)
