"""Runs recorded programs on the simulated device and says how the answers differ from the recorded ones."""

from __future__ import annotations

import re
import warnings

from conformance import answers
from conformance.functions import definitions
from crossings import Crossing, fault
from simulation import account

import tcalc
from tcalc.engine.tensor import Tensor

# Not the device that CUDA works on of itself: what is made on that by mistake is found out.
DEVICE = "cuda:1"


class Outcome:
    """How what a program gave on the device differs from the record, and what crossed where nothing should."""

    def __init__(self, difference: str | None, crossings: list[Crossing]) -> None:
        self.difference = difference
        self.crossings = [str(crossing) for crossing in crossings if fault(crossing)]


def outcome(source: str, expected: dict, device: str = DEVICE) -> Outcome:
    """Run a program whose operands, and whatever it creates, are on the device."""
    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.state.default_device = device
    account.clear()
    try:
        session.run(definitions(source))
        operands = {name: value for name, value in session.variables.items() if isinstance(value, Tensor)}
        account.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            value = session.run(source)
    except tcalc.InternalError as fault:
        return Outcome(f"INTERNAL {fault}: {fault.__cause__!r}", account.crossings)
    except tcalc.TcalcError as fault:
        return Outcome(_refusal(fault, expected), account.crossings)
    crossings = list(account.crossings)
    if "error" in expected:
        return Outcome(f"answered {answers.shown(value)} for {expected['error']}: {expected['words']}", crossings)
    strays = [tensor for tensor in tensors_in(value) if str(tensor.device) != device]
    if strays and "device" not in expected:
        return Outcome(f"an answer on {strays[0].device}", crossings)
    if "manual_seed" in source:  # a GPU has numbers of its own: test_device_random.py knows them
        expected = _without_values(expected)
    return Outcome(answers.value_difference(expected, value, operands, source), crossings)


def _without_values(expected: dict) -> dict:
    """What was recorded of an answer, but its elements."""
    if "shape" in expected:
        return {name: content for name, content in expected.items() if name != "values"}
    return {
        kind: [_without_values(part) for part in content] if isinstance(content, list) else content
        for kind, content in expected.items()
    }


def _refusal(fault: tcalc.TcalcError, expected: dict) -> str | None:
    if "error" not in expected:
        return f"refused: {fault.kind}: {fault}"
    if expected["error"] != fault.kind:
        return f"class {fault.kind}: {fault}\n      for {expected['error']}: {expected['words']}"
    return None


def tensors_in(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    return [tensor for item in value for tensor in tensors_in(item)] if isinstance(value, (list, tuple)) else []


def without_device(text: str) -> str:
    """A printed answer without the device that its tensors name, nor the line breaks and quotes that it moves."""
    bare = re.sub(r",\s*device='cuda:[01]'", "", text).replace("torch.cuda.", "torch.").replace('"', "'")
    return re.sub(r"\s+", " ", bare).strip()
