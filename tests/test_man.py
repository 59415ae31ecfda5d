"""The manual is what the code says, and mandoc has nothing to complain about."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest
from conftest import ROOT

from tcalc.cli import manual
from tcalc.cli.options import command
from tcalc.interp.own_names import own_names
from tcalc.show.help import index, language
from tcalc.show.help.operators import written
from tcalc.syntax.operators import OPERATORS

FOLDER = ROOT / "man"
PAGES = manual.pages()


def text_of(name):
    """A page without the marks of roff."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return text.replace("\\-", "-").replace("\\&", "").replace("\\(dq", '"').replace("\\e", "\\")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "run: python -m tcalc.cli.manual"


def test_there_are_no_other_pages():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(PAGES)


def test_every_option_has_help_and_stands_in_the_page():
    text = text_of("tcalc.1")
    for param in command().params:
        if isinstance(param, click.Option):
            assert param.help
            for flag in [*param.opts, *param.secondary_opts]:
                assert f"Fl {flag[1:]}" in text, flag


def test_every_operator_and_topic_stands_in_the_language():
    text = text_of("tcalc-language.7")
    assert all(written(row) in text for row in OPERATORS)
    assert all(f".Ss {topic.name}\n" in text for topic in language.topics())
    # In the order of the table.
    levels = {row.left: written(row) for row in reversed(OPERATORS)}
    places = [text.index(f'.It "{levels[left]}') for left in sorted(levels)]
    assert places == sorted(places)


def test_every_function_stands_among_the_functions():
    words = set(
        text_of("tcalc-functions.7").replace("(", " ").replace(",", " ").replace('"', " ").replace(".\n", " ").split()
    )
    missing = [
        entry.path for entry in index.entries().values()
        if entry.signature and entry.written not in words and not entry.summary.startswith("In-place form of")
    ]  # fmt: skip
    assert not missing
    assert all(name in words for name in own_names())


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_mandoc_is_content(name):
    done = subprocess.run(["mandoc", "-Tlint", str(FOLDER / name)], capture_output=True, text=True, check=False)
    about_the_machine = ("outdated mandoc.db", "referenced manual not found")
    lines = (done.stdout + done.stderr).splitlines()
    assert not [line for line in lines if not any(words in line for words in about_the_machine)]
