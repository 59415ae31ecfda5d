"""Every function over dtypes and odd shapes against what PyTorch was recorded to answer, without PyTorch.

``tests/conformance/record_functions.py`` makes the record. An error must be of PyTorch's class; other words of it are
counted, not refused. What differs otherwise is in ``tests/conformance/function_differences.txt``, with its reason. The
same programs also run on operands without memory (``device="meta"``), and with nonsense for arguments.
"""

from __future__ import annotations

import random
import re
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conformance import answers
from conformance.functions import definitions

import tcalc


def _differences() -> list[tuple[str, str, str]]:
    """The table of differences: a pattern of the program, one of the difference, and the reason."""
    blocks = (Path(__file__).parent / "conformance" / "function_differences.txt").read_text().split("\n\n")
    rows = []
    for block in blocks:
        why, *patterns = block.strip().split("\n")
        if not why.startswith("#"):
            given = dict(pattern.strip().split(": ", 1) for pattern in patterns)
            rows.append((given.get("program", ""), given["differs"], why))
    return rows


DIFFERENCES = _differences()


def reason(source: str, found: str) -> str | None:
    """Why a difference is meant, or None."""
    for program, difference, why in DIFFERENCES:
        if re.search(program, source) and re.search(difference, found, re.DOTALL):
            return why
    return None


@pytest.fixture(scope="module")
def recorded():
    return answers.recorded()


def test_functions_answer_as_pytorch_does(recorded) -> None:
    unexpected, counts = [], Counter()
    for name, programs in recorded.items():
        for source, expected in programs:
            found = answers.difference(source, expected)
            if found is None or found.startswith("words "):
                counts["equal" if found is None else "other words"] += 1
            elif reason(source, found):
                counts["meant"] += 1
            else:
                unexpected.append(f"{name}: {source}\n   {found}")
    assert not unexpected, f"{len(unexpected)} differences, {dict(counts)}\n" + "\n".join(unexpected[:20])
    assert counts["other words"] * 25 < counts["equal"], counts
    assert counts["meant"] * 12 < counts["equal"], counts


# ---------------------------------------------------------------- without memory

# What a function that looks at the numbers says of operands that have none.
_NEEDS_DATA = re.compile("meta|no data|data-dependent|same device|nonzero|two devices|Cannot copy out", re.IGNORECASE)


def _on_meta(source: str) -> str:
    made = definitions(source)
    names = re.findall(r"^(\w+) = ", made, re.MULTILINE)
    return made + "".join(f"{name} = {name}.to('meta')\n" for name in names)


def meta_difference(source: str, expected: dict) -> str | None:
    """How the answer for operands on the meta device differs from the recorded one in shape or dtype."""
    try:
        value, _ = answers.run(source, _on_meta(source))
    except tcalc.InternalError as fault:
        return f"INTERNAL {fault}"
    except tcalc.TcalcError as fault:
        return None if _NEEDS_DATA.search(str(fault)) else f"refused: {fault.kind}: {fault}"
    shape, dtype = list(value.shape), str(value.dtype).removeprefix("torch.")
    dtype = answers.SHORT.get(dtype, dtype)
    if (dtype, shape) != (expected["dtype"], expected["shape"]):
        return f"{dtype} {shape} for {expected['dtype']} {expected['shape']}"
    return None


def test_shapes_are_known_without_memory(recorded) -> None:
    """Of every program with one tensor for an answer that tcalc has, on operands that have a shape only."""
    unexpected, count = [], 0
    for programs in recorded.values():
        for source, expected in programs:
            if (
                "shape" not in expected
                or "\n" in source
                or not definitions(source)
                or re.search("device=|as_strided", source)
            ):
                continue
            if answers.difference(source, expected) is None:
                count += 1
                found = meta_difference(source, expected)
                if found:
                    unexpected.append(f"{source}\n   {found}")
    assert not unexpected, f"{len(unexpected)} of {count}\n" + "\n".join(unexpected[:20])
    assert count > 9000


# ---------------------------------------------------------------- nonsense

_NONSENSE = (
    "None",
    "'a'",
    "''",
    "2**70",
    "-1",
    "0",
    "1",
    "2.5",
    "-2**62",
    "2**62",
    "float('nan')",
    "float('inf')",
    "1j",
    "True",
    "[]",
    "[[]]",
    "[1, 'a']",
    "[[1], [2, 3]]",
    "()",
    "(1, None)",
    "(-1, -1)",
    "(2**40, 2**40)",
    "{}",
    "{'a': 1}",
    "torch.float32",
    "torch.device('cpu')",
    "'meta'",
    "f32_23",
    "i64_3",
    "b_z",
    "c64_22",
    "f32_0",
    "bf16_213",
    "slice(1)",
    "range(3)",
    "torch.Size([2])",
    "[f32_23, 1]",
    "[f32_3, i64_3]",
    "(f32_3, None)",
    "torch.sum",
    "lambda x: x",
    "[None]",
    "'mean'",
    "i64_i2",
    "-5",
    "7",
    "(1, 1)",
    "f32_d33",
    "10**5",
)
# Polynomials of a degree without bound are made step by step; steps are counted, and Ctrl-C works.
_ENDLESS = re.compile(r"polynomial|mvlgamma|multigammaln|matrix_power")


def _with_nonsense(chance: random.Random, source: str) -> str:
    """A recorded call with some arguments replaced."""
    match = re.match(r"(?s)((?:.*\n)?(?:[\w.]+))\((.*)\)$", source)
    if match is None:
        return source
    from conformance.functions import arguments_of

    arguments = arguments_of(f"f({match[2]})")
    for at, argument in enumerate(arguments):
        if chance.random() < 0.5:
            keyword = re.match(r"\w+=", argument)
            arguments[at] = (keyword[0] if keyword else "") + chance.choice(_NONSENSE)
    return f"{match[1]}({', '.join(arguments)})"


def test_nonsense_is_refused_in_python_classes(recorded) -> None:
    """Whatever the arguments are, the answer is a value or a fault of the program's, soon and within its memory."""
    chance = random.Random(20261)
    found = []
    for programs in recorded.values():
        for source, _ in chance.sample(programs, min(8, len(programs))):
            nonsense = _with_nonsense(chance, source)
            if _ENDLESS.search(nonsense):
                continue
            fault = outcome(nonsense)
            if fault:
                found.append(f"{nonsense}\n   {fault}")
    assert not found, f"{len(found)}\n" + "\n".join(found[:20])


def outcome(source: str, device: str | None = None) -> str | None:
    """None for a value or a fault of the program's; else what tcalc did instead."""

    def stop(*_: object) -> None:
        raise TimeoutError("no answer in 10 seconds")

    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.meter.max_memory = 1 << 30
    session.state.default_device = device
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session.run(definitions(source) + source)
    except tcalc.InternalError as fault:
        return f"INTERNAL {fault}"
    except tcalc.TcalcError:
        return None
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return None
