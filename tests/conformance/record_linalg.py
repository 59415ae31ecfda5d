"""Record what PyTorch answers to linalg_programs.txt and nn_programs.txt: run with a Python that has PyTorch."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

HERE = Path(__file__).parent
START = """
import torch
import torch.nn.functional as F
A = torch.tensor([[1., 2, 3], [4, 5, 7]])
B = torch.tensor([[1., 0], [2, 1], [1, 3]])
S = torch.tensor([[2., 1], [1, 3]])
v = torch.tensor([1., 2, 3])
w = torch.tensor([3., 1, 2])
p = torch.tensor([1., 2])
q = torch.tensor([1.5, 4])
logits = torch.tensor([[1., 2, 3], [1, 1, 0.5]])
classes = torch.tensor([0, 2])
picture = torch.arange(16.).reshape(1, 1, 4, 4)
"""


def programs(name: str) -> list[str]:
    return (HERE / f"{name}_programs.txt").read_text().splitlines()


def main() -> None:
    import torch

    warnings.simplefilter("ignore")
    for name in ("linalg", "nn"):
        recorded = []
        for program in programs(name):
            names: dict = {}
            exec(START, names)
            torch.manual_seed(0)
            try:
                answer = ["", repr(eval(program, names))]
            except Exception as fault:
                answer = [type(fault).__name__, str(fault).split("\n")[0]]
            recorded.append(answer)
        lines = ",\n".join(json.dumps(answer) for answer in recorded)
        (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
