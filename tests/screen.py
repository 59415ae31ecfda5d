"""A shell on a terminal that tests can look at: pexpect runs it, pyte is the terminal."""

from __future__ import annotations

import signal
import sys
import time

import pexpect
import pyte

PATIENCE = 60  # seconds; generous, because the machine may be busy


class _Terminal(pyte.Screen):
    """A terminal that answers what it is asked."""

    send = None

    def write_process_input(self, data):
        self.send(data)


class Screen:
    """``tcalc`` on a terminal of ``rows`` and ``columns``."""

    def __init__(self, command, *arguments, rows=24, columns=80, env=(), argv=None):
        self.terminal = _Terminal(columns, rows)
        self.stream = pyte.Stream(self.terminal)
        self.raw = ""
        environment = command.environment | {"PAGER": "cat"} | dict(env)
        argv = argv or [sys.executable, "-m", "tcalc", *arguments]
        self.child = pexpect.spawn(
            argv[0], argv[1:], env={name: value for name, value in environment.items() if value is not None},
            cwd=str(command.folder), encoding="utf-8", codec_errors="replace", dimensions=(rows, columns),
        )  # fmt: skip
        self.child.delaybeforesend = None
        self.terminal.send = self.child.send

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.child.close(force=True)

    @property
    def lines(self):
        """The rows of the screen without the blanks at their ends."""
        return [line.rstrip() for line in self.terminal.display]

    @property
    def text(self):
        return "\n".join(self.lines).strip("\n")

    def read(self, seconds=0.05):
        """Take in what the shell writes within a moment; False at its end."""
        try:
            data = self.child.read_nonblocking(4096, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def wait(self, wanted):
        """Until the screen has a text, or until a condition on this screen holds."""
        holds = wanted if callable(wanted) else lambda screen: wanted in screen.text
        deadline = time.monotonic() + PATIENCE
        while not holds(self):
            assert time.monotonic() < deadline, f"waited for {wanted!r}, the screen shows:\n{self.text}"
            if not self.read() and not holds(self):
                raise AssertionError(f"the shell ended before {wanted!r}, its last screen:\n{self.text}")
        return self

    def prompt(self):
        """Until the last line with text in it, the toolbar aside, is an empty prompt."""
        return self.wait(lambda screen: screen.cursor_line() == ">>>")

    def cursor_line(self):
        return self.lines[self.terminal.cursor.y]

    def type(self, keys):
        self.child.send(keys)
        return self

    def enter(self, line, expected=None):
        """Type a line and run it; wait for what it shows, if anything, and for the next prompt."""
        self.prompt().type(line).wait(lambda screen: screen.cursor_line().startswith(f">>> {line}"))
        self.type("\r").prompt()
        return self if expected is None else self.wait(expected)

    def start(self, line):
        """Type a line and run it; do not wait for its end."""
        self.prompt().type(line).wait(lambda screen: screen.cursor_line().startswith(f">>> {line}"))
        return self.type("\r").wait(lambda screen: screen.cursor_line() == "")

    def quiet(self, seconds=0.3):
        """Until nothing has been written for a moment."""
        seen = -1
        while seen != len(self.raw):
            seen = len(self.raw)
            self.read(seconds)
        return self

    def paste(self, text):
        """As a terminal does that brackets what is pasted."""
        return self.type("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")

    def interrupt(self):
        return self.type("\x03")

    def resize(self, rows, columns):
        self.terminal.resize(rows, columns)
        self.child.setwinsize(rows, columns)
        self.child.kill(signal.SIGWINCH)

    def end(self):
        """Until the shell is gone; its exit status."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, f"the shell does not end:\n{self.text}"
        self.child.close()
        return self.child.exitstatus

    def leave(self):
        """Ctrl-D; the exit status."""
        self.type("\x04")
        return self.end()
