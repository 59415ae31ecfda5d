#!/usr/bin/env python3
"""Record what PyTorch prints for the programs of programs.py: python record_programs.py FAMILY OUT.json

Needs a real PyTorch. Each program becomes [source, what it printed, its error or null].
"""

import contextlib
import io
import json
import sys
import warnings

import numpy as np
import torch
from programs import FAMILIES

warnings.filterwarnings("ignore")


def run(source: str) -> list:
    """One program in a namespace of its own, after the same seed."""
    out, error = io.StringIO(), None
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float32)
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(source, "<program>", "exec"), {"torch": torch, "np": np})
    except Exception as fault:
        error = f"{type(fault).__name__}: {fault}".split("\n")[0]
    return [source, out.getvalue(), error]


if __name__ == "__main__":
    family, path = sys.argv[1:]
    programs = list(dict.fromkeys(FAMILIES[family]()))
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(run(source)) for source in programs) + "\n]\n")
    print(f"{len(programs)} programs -> {path}")
