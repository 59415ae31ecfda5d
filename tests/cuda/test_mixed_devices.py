"""Tensors on two devices: refused in PyTorch's words by everything that would have to compute with both.

And tensors on one device while CUDA works on another: the device of the operands is the one that computes.
GPU code simulated, not executed.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from conformance import answers, functions
from simulated_array import Devices
from simulation import simulated

import tcalc

_TWO = "Expected all tensors to be on the same device, but found at least two devices"
_OWN_WORDS = re.compile(
    "expected self and mask to be on the same device|indices should be either on cpu or on the same device"
    "|expected input and grid to be on same device"
)
# What looks at shapes and types only, copies from one device to the other, or takes positions from the host.
_EITHER = re.compile(
    r"broadcast_tensors|\w+_scatter|is_same_size|meshgrid|new_tensor|\w+_as|is_set_to|to|bernoulli_|copy_"
    r"|index_put_?|masked_select|embedding_renorm_"
)
_OTHER = re.compile(r"map2?_|native_batch_norm")


def _programs(each: int) -> Iterator[tuple[str, str, list[str]]]:
    """Some recorded calls that PyTorch answers, of every function, with the names of their operands."""
    for name, recorded in answers.recorded().items():
        found = []
        for source, expected in recorded:
            names = dict.fromkeys(match.group() for match in functions._OPERAND.finditer(source))
            if names and "error" not in expected and "device" not in source:
                found.append((name.rpartition(".")[2], source, list(names)))
        yield from found[:: max(1, len(found) // each)][:each]


def _fault(source: str, names: list[str], devices: list[str]) -> tcalc.TcalcError | None:
    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.run("import torch\n" + functions.definitions(source))
    for name, device in zip(names, devices, strict=True):
        session.run(f"{name} = {name}.to('{device}')")
    Devices.current = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session.run(source)
    except tcalc.TcalcError as fault:
        return fault
    return None


@pytest.mark.parametrize("devices", [("cuda:0", "cuda:1"), ("cuda:1", "cpu"), ("cpu", "cuda:1")])
def test_operands_on_two_devices_are_refused(devices) -> None:
    accepted, count = [], 0
    with simulated():
        for name, source, names in _programs(3):
            if len(names) < 2 or _OTHER.fullmatch(name) or re.search(r"_[pidns]?z\w?\b", source):
                continue  # tensors without dimensions mix
            count += 1
            fault = _fault(source, names, [devices[0], *[devices[1]] * (len(names) - 1)])
            told = fault is not None and (_TWO in str(fault) or _OWN_WORDS.search(str(fault)))
            if not (told or (fault is None and _EITHER.fullmatch(name))):
                accepted.append(f"{source}: {fault!r}")
    assert count > 300
    assert not accepted, f"{len(accepted)} of {count}\n" + "\n".join(accepted[:20])


def test_the_device_of_the_operands_computes() -> None:
    """Each call begins with another device current, as after work there: nothing may rely on it."""
    faults, count = [], 0
    with simulated():
        for _, source, names in _programs(3):
            count += 1
            fault = _fault(source, names, ["cuda:1"] * len(names))
            if isinstance(fault, tcalc.InternalError):
                faults.append(f"{source}: {fault}")
    assert count > 2000
    assert not faults, f"{len(faults)} of {count}\n" + "\n".join(faults[:20])
