"""What the tests share: the ``--update`` flag and a way to run the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure():
    """A run in a shell's background is deaf to Ctrl-C, and so would be every command that the tests start and stop."""
    for number, default in [(signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)]:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, default)


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite the golden transcripts with what is printed now")


class Command:
    """Runs ``tcalc`` as a user would, in a folder of its own, with nothing of the caller's environment that shows."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "TERM", "PYTHONUNBUFFERED", "COLUMNS", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
        }
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment |= {"PYTHONPATH": path, "TERM": "xterm", "XDG_STATE_HOME": str(folder / "state")}
        self.environment["XDG_CONFIG_HOME"] = str(folder / "config")

    def __call__(self, *arguments, stdin=b"", text=True, **kwargs):
        """Run with ``stdin`` as bytes or text; the result's streams are text unless told otherwise."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        done = subprocess.run(
            [sys.executable, "-m", "tcalc", *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment,
            timeout=60,
            check=False,
            **kwargs,
        )
        if text:
            done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def shell(self, script, stdin="", **kwargs):
        """Run a line of bash in which ``tcalc`` is the command."""
        function = f'tcalc() {{ "{sys.executable}" -m tcalc "$@"; }}\n'
        return subprocess.run(
            ["bash", "-c", function + script],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment,
            timeout=60,
            check=False,
            text=True,
            **kwargs,
        )


@pytest.fixture
def tcalc(tmp_path):
    return Command(tmp_path)
