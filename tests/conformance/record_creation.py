"""Record what PyTorch answers to creation_programs.txt: run with a Python that has PyTorch."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

HERE = Path(__file__).parent
VALUES = "torch.tensor([float('nan'), float('inf'), -float('inf'), 300.7, -1.5, 3e10, -3e10, 1e20, -1e20, 0.5, 464.0])"


def programs() -> list[str]:
    return (HERE / "creation_programs.txt").read_text().splitlines()


def main() -> None:
    import numpy as np
    import torch

    warnings.simplefilter("ignore")
    recorded = []
    names = {"torch": torch, "np": np, "values": eval(VALUES, {"torch": torch})}
    for program in programs():
        torch.manual_seed(0)
        try:
            answer = ["", repr(eval(program, names))]
        except Exception as fault:
            message = str(fault)
            # PyTorch lists every overload here; tcalc says what is wrong.
            answer = [type(fault).__name__, "" if "invalid combination" in message else message]
        recorded.append(answer)
    lines = ",\n".join(json.dumps(answer) for answer in recorded)
    (HERE / "creation.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
