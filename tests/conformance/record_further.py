"""Record what PyTorch prints for the programs of further, half and odd: run with a Python that has PyTorch.

The odd ones are what random calls of every function found to differ once.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from pathlib import Path

HERE = Path(__file__).parent
MARK = "======== "
FILES = ("further", "half", "odd")


def programs(name: str) -> dict[str, list[str]]:
    """The sections of a file: a title, and lines that run one after the other in one session."""
    sections: dict[str, list[str]] = {}
    for line in (HERE / f"{name}_programs.txt").read_text().splitlines():
        if line.startswith(MARK):
            lines = sections[line.removeprefix(MARK)] = []
        else:
            lines.append(line)
    return sections


def printed(line: str, names: dict) -> str:
    """What a Python shell prints for a line, errors as the last line of a traceback."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            exec(compile(line, "<line>", "single"), names)
        except Exception as fault:
            # PyTorch lists every overload here; tcalc says what is wrong.
            message = "…" if "invalid combination" in str(fault) else str(fault)
            print(f"{type(fault).__name__}: {message}")
    return text.getvalue()


def main() -> None:
    import numpy as np
    import torch

    warnings.simplefilter("ignore")
    for name in FILES:
        recorded = {}
        for title, lines in programs(name).items():
            names = {"torch": torch, "np": np, "F": torch.nn.functional}
            recorded[title] = [printed(line, names) for line in lines]
        text = json.dumps(recorded, indent=0, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
