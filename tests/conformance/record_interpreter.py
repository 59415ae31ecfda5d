#!/usr/bin/env python3
"""Record what Python with PyTorch echoes for the lines of `interpreter_programs.txt`. Needs a real PyTorch.

    python tests/conformance/record_interpreter.py

Every line is typed into a shell of its own, after PREAMBLE.
"""

import contextlib
import io
import json
import math
import warnings
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
PREAMBLE = """
t = torch.arange(3.)
i = torch.arange(3)
m = torch.ones(2, 2)
a = np.arange(3.)
ai = np.arange(3)
f32 = np.arange(3, dtype=np.float32)
"""


def answer(source: str) -> tuple[str, str | None]:
    """What is printed and echoed, and the error."""
    scope = {"torch": torch, "np": np, "math": math, "__name__": "__main__"}
    exec(PREAMBLE, scope)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(source + "\n", "<line>", "single"), scope)
        except Exception as fault:
            return printed.getvalue(), f"{type(fault).__name__}: {fault}"
    return printed.getvalue(), None


def main() -> None:
    warnings.filterwarnings("ignore")
    lines = (HERE / "interpreter_programs.txt").read_text().splitlines()
    records = {"preamble": PREAMBLE, "records": [[line, *answer(line)] for line in lines]}
    (HERE / "interpreter.json").write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
