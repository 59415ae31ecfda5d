"""``tcalc --doctor``: what there is of CUDA on this machine, stage by stage, and what mends what is missing."""

from __future__ import annotations

from tcalc.engine.diagnosis import Machine, examine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def doctor(write: Callable[[str], object], machine: Machine | None = None) -> int:
    """Print each stage as it is reached; 0 where CUDA works, 1 where it does not."""
    last = None
    for stage in examine(machine or Machine()):
        if stage.fault is None:
            write(f"ok       {stage.name + ':':<9} {stage.text}\n")
        else:
            write(f"missing  {stage.name + ':':<9} {stage.fault}\n         {'mend:':<9} {stage.remedy}\n")
        last = stage
    if last is not None and last.fault is not None:
        write("CUDA cannot be used; the CPU can.\n")
        return 1
    write("CUDA works.\n")
    return 0
