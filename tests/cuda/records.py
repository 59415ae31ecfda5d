"""The recorded suites as programs for a device: what each runs, and what PyTorch was recorded to print.

The recorded functions, whose answers are compared value by value, are in ``programs.py``; random numbers, type
promotion and printing, which are no programs, in ``test_simulated_records.py``.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import transcripts
from crossings import fault
from programs import without_device
from simulation import account

import tcalc

CONFORMANCE = Path(__file__).parent.parent / "conformance"
IMPORTS = "import torch\nimport numpy as np\nimport math\nimport torch.nn.functional as F\n"
_DRAWS = re.compile(
    r"rand|rrelu|init\.|normal|bernoulli|multinomial|poisson|dropout|exponential_|uniform_|binomial|fractional|cauchy_|geometric_|gumbel"
)
_NUMBER = re.compile(r"-?(?:\d+\.\d*(?:e[-+]?\d+)?|inf|nan)")


# What PyTorch itself answers otherwise for a tensor of a GPU: why, and patterns of the program and of what was expected
# and found.
OTHER_ON_CUDA = (
    (
        "an array of NumPy's cannot share a GPU's memory",
        r"numpy\(|np\.|\b(a|ai|f32)\b",
        r"TypeError: can't convert cuda:|two devices, (cuda:\d and cpu|cpu and cuda:\d)!",
    ),
    (
        "functions of Python's see the host's numbers",
        r"\.(apply_|map_|map2_)\(",
        r"TypeError: \w+ is only implemented on CPU",
    ),
    ("half precision has more kernels there", "", "not implemented for '(Complex)?Half'"),
    ("a GPU's solvers take no values that are not finite", r"linalg", "contained non-finite values"),
    ("a generator is of one device", r"torch\.Generator\(", "Expected a 'cuda' device type for generator"),
    (
        "which device it is",
        r"\.device\b|\.cpu\(|get_device\(|get_default_device",
        r"cuda|\(\d, False, True\)|True, False\)",
    ),
    ("the names of tensors by type are the CPU's", r"torch\.\w+Tensor\b", r"False"),
    (
        "the state of the random numbers is the host's",
        r"set_rng_state",
        r"TypeError: RNG state must be a torch.ByteTensor",
    ),
)


class Program:
    """Lines that run one after the other in one session, each with what it prints; errors are its last line."""

    __slots__ = ("echo", "lines", "setup", "suite")

    def __init__(self, suite: str, setup: str, lines: list[tuple[str, str]], echo: str = "none") -> None:
        self.suite = suite
        self.echo = echo
        self.setup = setup
        self.lines = lines

    def faults(self, device: str) -> Iterator[str]:
        """How the lines' answers differ on a device, and what crossed where nothing should."""
        printed: list[str] = []
        session = tcalc.Session(write=printed.append)
        session.state.default_device = device
        session.run(self.setup)
        drawn = False
        for source, expected in self.lines:
            drawn = drawn or bool(_DRAWS.search(source))
            account.clear()
            found = transcripts.run_step(session, printed, source, self.echo)
            crossings = [str(crossing) for crossing in account.crossings if fault(crossing)]
            same = words_of(found) == words_of(expected) if drawn else alike(found, expected)
            if not (same or reason(source, f"{expected} -> {found}")):
                yield f"{self.suite}: {source}\n-- expected: {expected}-- found: {found}"
            for crossing in crossings:
                yield f"{self.suite}: {source}\n-- crossed {crossing}\n"


def reason(source: str, outcome: str) -> str | None:
    for why, program, answer in OTHER_ON_CUDA:
        if re.search(program, source) and re.search(answer, outcome):
            return why
    return None


def alike(found: str, expected: str) -> bool:
    """The same text, but for the device, the last digits of floats, and the words of an error."""
    found, expected = without_device(found), without_device(expected)
    if found == expected:
        return True
    error = re.compile(r"\b(\w+(?:Error|Exception|Warning)):.*")
    found, expected = error.sub(r"\1", found), error.sub(r"\1", expected)
    mine, theirs = _NUMBER.findall(found), _NUMBER.findall(expected)
    if _without_numbers(found) != _without_numbers(expected) or len(mine) != len(theirs):
        return False
    close = 2e-2 if "bfloat16" in expected else 2e-3 if "float16" in expected else 2e-4
    pairs = zip(mine, theirs, strict=True)
    return all(a == b or math.isclose(float(a), float(b), rel_tol=close, abs_tol=close) for a, b in pairs)


def words_of(text: str) -> list[str]:
    """What is there beside numbers: tensors, their dtypes and shapes, errors. A GPU draws random numbers of its own."""
    text = re.sub(r"size=\([^)]*\),?|\b(True|False)\b|0x\w+", "", without_device(text))
    return re.findall(r"\b[A-Za-z_]\w*", re.sub(r"(Error): .*", r"\1", text))


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("#", re.sub(r"[-+]?\s*(?=\d+\.)|\s+|0x[0-9a-f]+", "", text))


# ---------------------------------------------------------------- the suites


def _recorder(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CONFORMANCE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _load(name: str) -> list | dict:
    return json.loads((CONFORMANCE / f"{name}.json").read_text())


def _expressions(suite: str, setup: str, programs: list[str], answers: list) -> Iterator[Program]:
    """Expressions with their ``repr``, or the class and the words of their error."""
    for source, (kind, words) in zip(programs, answers, strict=True):
        yield Program(suite, setup, [(f"print(repr(({source})))", f"{kind}: {words}\n" if kind else f"{words}\n")])


def creation() -> Iterator[Program]:
    recorder = _recorder("record_creation")
    setup = f"{IMPORTS}values = {recorder.VALUES}\ntorch.manual_seed(0)"
    yield from _expressions("creation", setup, recorder.programs(), _load("creation"))


def linalg_and_nn() -> Iterator[Program]:
    recorder = _recorder("record_linalg")
    for suite in ("linalg", "nn"):
        setup = f"{recorder.START}torch.manual_seed(0)"
        yield from _expressions(suite, setup, recorder.programs(suite), _load(suite))


def further() -> Iterator[Program]:
    recorder = _recorder("record_further")
    for suite in recorder.FILES:
        recorded = _load(suite)
        for title, lines in recorder.programs(suite).items():
            yield Program(suite, IMPORTS, list(zip(lines, recorded[title], strict=True)), "all")


def interpreter() -> Iterator[Program]:
    recorded = _load("interpreter")
    for source, printed, error in recorded["records"]:
        expected = printed + (f"{error}\n" if error else "")
        yield Program("interpreter", IMPORTS + recorded["preamble"], [(source, expected)], "all")


def families() -> Iterator[Program]:
    """Programs of several statements: views, writes, errors, what is left after them."""
    for family in ("aliasing", "indexing", "indexed", "errors", "mixed"):
        for source, printed, error in _load(family):
            setup = f"{IMPORTS}torch.manual_seed(0)"
            yield Program(family, setup, [(source, printed + (f"{error}\n" if error else ""))])


SUITES = {
    "creation": creation,
    "linalg": linalg_and_nn,
    "further": further,
    "interpreter": interpreter,
    "families": families,
}
