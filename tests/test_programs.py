"""Programs of our own against what PyTorch was recorded to print (tests/conformance/record_programs.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tcalc

RECORDS = Path(__file__).parent / "conformance"


def run(source: str, device: str | None = None) -> tuple[str, str | None]:
    """What a program prints, and its error as ``Kind: first line``."""
    printed: list[str] = []
    session = tcalc.Session(write=printed.append)
    session.state.default_device = device
    try:
        session.run("import torch\nimport numpy as np\ntorch.manual_seed(0)")
        session.run(source)
    except tcalc.InternalError:
        raise
    except tcalc.TcalcError as error:
        return "".join(printed), f"{error.kind}: {error}".split("\n")[0]
    return "".join(printed), None


def differences(family: str) -> list[str]:
    recorded = json.loads((RECORDS / f"{family}.json").read_text())
    found = []
    for source, printed, error in recorded:
        answer = run(source)
        if answer != (printed, error):
            found.append(f"{source}\n-- expected: {printed}{error or ''}\n-- found: {answer[0]}{answer[1] or ''}\n")
    return found


@pytest.mark.parametrize("family", ["aliasing", "indexing", "errors", "mixed", "indexed"])
def test_programs_print_what_pytorch_prints(family: str) -> None:
    found = differences(family)
    assert not found, f"{len(found)} programs differ\n" + "\n".join(found[:10])
