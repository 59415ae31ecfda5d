"""What is loaded for what: a scalar needs no NumPy, a tensor no screen."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
before = set(sys.modules)
sys.argv = ["tcalc", *json.loads(sys.argv[1])]
from tcalc.__main__ import main
status = main()
sys.stderr.write(json.dumps([status, sorted(set(sys.modules) - before)]))
"""


def loaded(folder, *arguments):
    """The modules that a command line loads, over those of a bare Python."""
    from conftest import Command

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)],
        capture_output=True, text=True, check=True, env=Command(folder).environment, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    status, modules = json.loads(done.stderr)
    assert status == 0, done.stderr
    return set(modules)


def families(modules):
    return {name.split(".")[0] for name in modules}


# Modules whose loading a scalar would feel.
HEAVY = {
    "numpy", "scipy", "ml_dtypes", "einops", "cupy", "rich", "prompt_toolkit", "click", "typing", "dataclasses",
    "inspect", "enum", "pathlib", "tempfile", "re", "functools", "collections", "argparse", "ast", "tokenize", "json",
    "csv", "shutil", "subprocess", "logging", "traceback", "contextlib", "importlib.metadata", "tomllib", "uniplot",
}  # fmt: skip


@pytest.mark.parametrize("line", [("-e", "2**10/3"), ("1 + 1",), ("-e", "sqrt(2) * pi"), ("-t", "1 < 2")])
def test_a_scalar_loads_nothing_heavy(tmp_path, line):
    modules = loaded(tmp_path, *line)
    assert not HEAVY & (modules | families(modules)), sorted(HEAVY & (modules | families(modules)))


@pytest.mark.parametrize("line", [("-e", "[[1, 2], [3, 4]] @ [5, 6]"), ("zeros(2, 3)",)])
def test_a_tensor_loads_numpy_and_no_screen(tmp_path, line):
    found = families(loaded(tmp_path, *line))
    assert "numpy" in found
    assert not {"scipy", "ml_dtypes", "einops", "cupy", "rich", "prompt_toolkit", "click", "pyarrow"} & found


def test_reading_text_loads_no_screen(tmp_path):
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    found = families(loaded(tmp_path, "x.sum(0)", str(tmp_path / "data.csv")))
    assert not {"scipy", "ml_dtypes", "rich", "prompt_toolkit", "click"} & found
