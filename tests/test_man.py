"""The manual is what the code says, and mandoc has nothing to complain about."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest
from conftest import ROOT

from tcalc.cli import manual
from tcalc.cli.options import command

PAGE = ROOT / "man" / "tcalc.1"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == manual.render(), "run: python -m tcalc.cli.manual > man/tcalc.1"


def test_every_option_has_help_and_stands_in_the_page():
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    for param in command().params:
        if isinstance(param, click.Option):
            assert param.help
            for flag in [*param.opts, *param.secondary_opts]:
                assert f"Fl {flag[1:]}" in text, flag


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_is_content():
    done = subprocess.run(["mandoc", "-Tlint", str(PAGE)], capture_output=True, text=True, check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "outdated mandoc.db" not in line]
    assert not complaints
