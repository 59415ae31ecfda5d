#!/usr/bin/env python3
"""Record PyTorch's type promotion: python record_promotion.py promotion.json

Needs a real PyTorch. For every pair of dtypes: promote_types; and result_type over tensors with dimensions,
0-d tensors and Python numbers, and the dtypes that the five OPERATORS answer with, or the error.
"""

import json
import sys

import torch

NAMES = (
    "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64 "
    "complex128 float8_e4m3fn float8_e5m2"
).split()
NUMBERS = {"bool": True, "int": 2, "float": 1.5, "complex": 1j}
OPERATORS = (torch.add, torch.div, torch.lt, torch.mul, torch.sub)


def answer(function):
    """The dtype's name, or the error's class and text."""
    try:
        found = function()
    except Exception as error:
        return f"{type(error).__name__}: {error}".split("\n")[0]
    return str(found).removeprefix("torch.")


def operand(name: str, rank: str) -> torch.Tensor:
    return torch.ones((1,) if rank == "dim" else (), dtype=getattr(torch, name))


def record() -> dict:
    promote, result, operators = {}, {}, {}
    for first in NAMES:
        for second in NAMES:
            key = f"{first} {second}"
            promote[key] = answer(lambda: torch.promote_types(getattr(torch, first), getattr(torch, second)))
            for ranks in ("dim dim", "dim zero", "zero dim", "zero zero"):
                a, b = (operand(n, r) for n, r in zip((first, second), ranks.split(), strict=True))
                result[f"{key} {ranks}"] = answer(lambda: torch.result_type(a, b))
                if "float8" in key:
                    continue
                operators[f"{key} {ranks}"] = [answer(lambda: f(a, b).dtype) for f in OPERATORS]
        for kind, number in NUMBERS.items():
            for rank in ("dim", "zero"):
                a = operand(first, rank)
                result[f"{first} {kind} {rank} number"] = answer(lambda: torch.result_type(a, number))
                if "float8" in first:
                    continue
                operators[f"{first} {kind} {rank} number"] = [answer(lambda: f(a, number).dtype) for f in OPERATORS]
    return {"promote_types": promote, "result_type": result, "operators": operators}


if __name__ == "__main__":
    with open(sys.argv[1], "w") as file:
        json.dump(record(), file, indent=0, sort_keys=True)
        file.write("\n")
