"""The prompt at a terminal."""

from __future__ import annotations

import re
import sys

import pexpect
import pytest

from tcalc.shell.entry import is_complete, next_indent

CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07")


@pytest.fixture
def shell(tcalc):
    environment = tcalc.environment | {"NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(
        sys.executable, ["-m", "tcalc"], env=environment, cwd=str(tcalc.folder), encoding="utf-8", timeout=8,
        dimensions=(40, 120),
    )  # fmt: skip
    child.expect(">>>")
    yield child
    child.close(force=True)


def enter(shell, line, expected):
    shell.send(line + "\r")
    shell.expect_exact(expected)


def test_it_evaluates_and_echoes(shell):
    enter(shell, "a = [1, 2] * 21", ">>>")
    enter(shell, "a", "tensor([21, 42])")
    enter(shell, "print(a.sum())", "63")
    shell.send("\x04")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0


def test_an_error_keeps_the_session(shell):
    enter(shell, "a = 7", ">>>")
    enter(shell, "a / 0", "ZeroDivisionError: division by zero")
    enter(shell, "a + 1", "8")


def test_several_lines(shell):
    shell.send("for i in range(2):\r")
    shell.expect_exact("...")
    shell.send("print('turn', i + 40)\r")
    shell.send("\r")
    shell.expect_exact("turn 40")
    shell.expect_exact("turn 41")


def test_an_interrupt_stops_the_statement_and_keeps_the_session(shell):
    enter(shell, "a = 5", ">>>")
    shell.send("while True: pass\r\r")
    shell.expect_exact("pass")
    import time

    time.sleep(1)
    shell.sendintr()
    shell.expect_exact("KeyboardInterrupt")
    enter(shell, "a * 5", "25")


def test_history_is_kept(shell, tcalc):
    enter(shell, "12 + 30", "42")
    shell.send("\x04")
    shell.expect(pexpect.EOF)
    assert "12 + 30" in (tcalc.folder / "state" / "tcalc" / "history").read_text()


def test_interactive_after_an_expression(tcalc):
    environment = tcalc.environment | {"NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(
        sys.executable, ["-m", "tcalc", "-i", "-e", "a = 20"], env=environment, encoding="utf-8", timeout=8
    )
    child.expect(">>>")
    child.send("a + 3\r")
    child.expect_exact("23")
    child.close(force=True)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("1 + 1", True),
        ("", True),
        ("1 +", True),
        ("(1,", False),
        ("f(", False),
        ("[1,\n2]", True),
        ("if x:", False),
        ("if x:\n    y", False),
        ("if x:\n    y\n", True),
        ("'''abc", False),
        ("1 \\", False),
        ("x = = 2", True),
    ],
)
def test_when_enter_runs_the_text(text, complete):
    assert is_complete(text) is complete


def test_the_next_line_is_indented():
    assert next_indent("if x:") == "    "
    assert next_indent("if x:\n    y") == "    "
    assert next_indent("a = 1") == ""
