"""Colour on a terminal: the same text underneath, whatever the environment says."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from tcalc.engine import devices, dtypes, tensor
from tcalc.show.facts import facts_line
from tcalc.show.pretty import print_error, print_pretty
from tcalc.show.text import repr_text

RECORDS = json.loads((Path(__file__).parent / "conformance" / "printing.json").read_text("ascii"))
ESCAPE = re.compile(r"\x1b\[[\d;]*m")

BLOCK = """error: RuntimeError: mat1 and mat2 [red]shapes[/red] cannot be multiplied (2x3 and 2x5)
  |  a @ b + 1
  |  - ^ -
  |  |   (2, 5) float32
  |  (2, 3) float32
  = hint: a.T @ b fits
"""


def shown(value, color=True):
    file = io.StringIO()
    print_pretty(value, color=color, file=file)
    return file.getvalue()


def of(values, dtype=np.float32):
    return tensor.wrap(np.array(values, dtype))


class Echo:
    """A value with the given text."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def test_the_text_underneath_is_unchanged():
    texts = [case["repr"] for case in RECORDS if "repr" in case]
    assert len(texts) > 600
    for text in texts:
        coloured = shown(Echo(text))
        assert ESCAPE.sub("", coloured) == text + "\n"


def test_numbers_and_suffixes_are_marked():
    assert "\x1b[36m-1.5000\x1b[0m" in shown(of([-1.5, 2]))
    assert "\x1b[1;35mnan\x1b[0m" in shown(of([np.nan, 2]))
    assert "\x1b[1;35m-inf\x1b[0m" in shown(of([-np.inf, 2]))
    assert "\x1b[2mdtype=torch.float64\x1b[0m" in shown(of([1], np.float64))
    assert "float32" in shown(dtypes.float32) and "\x1b" not in shown(dtypes.float32)


def test_nothing_is_wrapped_taken_for_markup_or_sent_raw():
    long = "[bold]" + "word " * 200 + ":smile: \x1b[31m"
    assert ESCAPE.sub("", shown(Echo(long))) == long.replace("\x1b", "\\x1b") + "\n"
    assert shown(Echo("a\x1b]0;title\x07"), color=False) == "a\\x1b]0;title\\x07\n"


def test_a_long_text_is_written_all_the_same():
    text = "[" + "1.5, " * 60_000 + "2]"
    assert shown(Echo(text)) == text + "\n"


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (of(np.pi), "3.1415927"),
        (of(np.pi, np.float64), "3.141592653589793"),
        (of(0.5), None),
        (of(1e-5), None),
        (of(np.nan), None),
        (of(3, np.int64), None),
        (of(2.25, ml_dtypes.bfloat16), None),
        (of([np.pi]), None),
    ],
)
def test_a_rounded_number_has_all_its_digits_below(value, digits):
    lines = shown(value, color=False).split("\n")
    assert lines == [repr_text(value), *([digits] if digits else []), ""]
    if digits:
        assert shown(value).endswith(f"\x1b[2m{digits}\x1b[0m\n")


def test_facts_below_a_large_tensor():
    line = "(20, 10) float32, 800 bytes, 0 to 199"
    assert shown(of(np.arange(200).reshape(20, 10)), color=False).endswith(f")\n{line}\n")
    assert shown(of(np.arange(200).reshape(20, 10))).endswith(f")\n\x1b[2m{line}\x1b[0m\n")
    assert shown(of(np.arange(100)), color=False).endswith(")\n")
    assert facts_line(of([1, np.nan, 3])) == "(3,) float32, 12 bytes, 1 to 3, 1 nan"
    assert facts_line(of([np.nan])) == "(1,) float32, 4 bytes, all nan"
    assert facts_line(of([True, False, True], bool)) == "(3,) bool, 3 bytes, 2 true"
    assert facts_line(of([-3, 7], np.int8)) == "(2,) int8, 2 bytes, -3 to 7"
    assert facts_line(of([1.5, -2], ml_dtypes.bfloat16)) == "(2,) bfloat16, 4 bytes, -2 to 1.5"
    assert facts_line(of([1j], np.complex64)) == "(1,) complex64, 8 bytes"
    assert facts_line(of(np.zeros((0, 3)))) == "(0, 3) float32, 0 bytes"
    assert facts_line(tensor.empty((200,), dtypes.float32, devices.meta)) == "(200,) float32, meta, 800 bytes"


def test_the_range_of_a_huge_tensor_is_not_looked_for():
    assert facts_line(of([2.0]).as_view((10**6, 10**6), (0, 0))).endswith("TiB")


def test_an_error_block_keeps_its_text():
    file = io.StringIO()
    print_error(BLOCK, color=True, file=file)
    coloured = file.getvalue()
    assert ESCAPE.sub("", coloured) == BLOCK
    assert coloured.startswith("\x1b[1;31merror:\x1b[0m")
    source, pointing, first, second, hint = coloured.split("\n")[1:6]
    assert source.endswith("\x1b[0m  a @ b + 1")
    assert "31m^" in pointing
    assert first.startswith("\x1b[34m") and second.startswith("\x1b[34m")
    assert "\x1b[32m hint: a.T @ b fits" in hint
    plain = io.StringIO()
    print_error(BLOCK.rstrip("\n") + "\x1b[2J", color=False, file=plain)
    assert plain.getvalue() == BLOCK.rstrip("\n") + "\\x1b[2J\n"


def test_a_place_and_a_warning_are_marked():
    file = io.StringIO()
    print_error("warning: 3 missing cells\n  --> data.csv:3:1\n", color=True, file=file)
    warning, place = file.getvalue().splitlines()
    assert warning == "\x1b[1;33mwarning:\x1b[0m 3 missing cells"
    assert place.endswith("\x1b[34m data.csv:3:1\x1b[0m")


SCRIPT = """
import sys
import numpy as np
from tcalc.engine.tensor import wrap
from tcalc.show.pretty import print_error, print_pretty
color = sys.argv[1] == "color"
print_pretty(wrap(np.arange(40.0) / 7), color=color)
print_pretty({"a": [1, float("nan")]}, color=color)
print_error("error: ValueError: no\\n  |  x\\n  |  ^\\n", color=color, file=sys.stdout)
print("rich" in sys.modules)
"""


def run(how, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", SCRIPT, how]
    return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"FORCE_COLOR": "1", "COLUMNS": "20"},
        {"TTY_COMPATIBLE": "0", "COLORTERM": "truecolor", "TERM": "xterm-256color"},
        {"JUPYTER_COLUMNS": "30", "LINES": "5"},
    ],
    ids=lambda environment: "+".join(environment),
)
def test_the_environment_decides_nothing(environment):
    coloured = run("color", **environment)
    assert coloured == run("color")
    assert "\x1b[36m0.1429\x1b[0m" in coloured


def test_without_colour_rich_is_not_loaded():
    output = run("plain", FORCE_COLOR="1")
    assert output.endswith("False\n")
    assert "\x1b" not in output
    assert output == ESCAPE.sub("", run("color")).removesuffix("True\n") + "False\n"
