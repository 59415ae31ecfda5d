"""Devices by name. Parsing a device never touches CUDA; asking for its backend may."""

from __future__ import annotations

from tcalc.engine.contexts import Context
from tcalc.engine.state import current
from tcalc.errors import TcalcError

KNOWN_TYPES = ("cpu", "cuda", "meta")
_PYTORCH_TYPES = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, "
    "privateuseone"
)


class Device(Context):
    """``cpu``, ``cuda``, ``cuda:N`` or ``meta`` (shapes without bytes); in a ``with``, the default device."""

    __slots__ = ("_before", "index", "type")

    def __init__(self, type: str, index: int | None = None) -> None:
        self.type = type
        self.index = index
        self._before: list[str | None] = []

    def __enter__(self) -> Device:
        self._before.append(current().default_device)
        current().default_device = str(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        current().default_device = self._before.pop()

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        where = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{where})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


cpu = Device("cpu")
meta = Device("meta")


def parse(value: Device | str | int) -> Device:
    """The device that ``value`` names; ``RuntimeError`` in PyTorch's words otherwise."""
    if isinstance(value, Device):
        return value
    if isinstance(value, int):
        if value < 0:
            raise TcalcError("Device index must not be negative")
        return Device("cuda", value)
    kind, colon, index = value.partition(":")
    if not kind.replace("_", "").isalpha():
        raise TcalcError(f"Invalid device string: '{value}'")
    if kind not in KNOWN_TYPES:
        if kind in _PYTORCH_TYPES.split(", "):
            raise TcalcError(f"tcalc has no {kind} devices: it computes on cpu and cuda")
        raise TcalcError(f"Expected one of {_PYTORCH_TYPES} device type at start of device string: {kind}")
    if not colon:
        return Device(kind)
    if not index.isascii() or not index.isdigit() or (len(index) > 1 and index[0] == "0"):
        raise TcalcError(f"Invalid device string: '{value}'")
    return Device(kind, int(index))
