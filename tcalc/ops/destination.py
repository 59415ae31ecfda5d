"""Writing into memory that is there already: ``out=``, in-place forms and ``copy_``.

The dispatcher's kernels run here with an ``out`` of their own where they may; every check passes before the first
byte is written.
"""

from __future__ import annotations

from itertools import product
from math import prod

from tcalc.engine import writing
from tcalc.engine.backend import backend_for
from tcalc.engine.results import NamedResult
from tcalc.engine.state import current
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import (
    Launch,
    check_kernel,
    common_device,
    compute,
    execute,
    operand_array,
    stride_of,
    two_devices,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.devices import Device
    from tcalc.ops.dispatch import Spec
    from tcalc.ops.out_rules import OutRule
    from tcalc.ops.registry import Record


def finish_out(answer: Any, out: Any, record: Record) -> Any:
    """Write an answer (a launch or finished tensors) into ``out=`` tensors; a wrong shape is resized."""
    if isinstance(answer, Launch) and answer.single and isinstance(out, Tensor):
        _write_out(answer, out, record)
        return out
    rule = None
    if isinstance(answer, Launch):
        rule = answer.out_rule
        answer = execute(answer, record)
    if isinstance(answer, Tensor):
        if not isinstance(out, Tensor):
            raise TcalcError(f"{record.name}(): argument 'out' must be Tensor, not {type(out).__name__}", "TypeError")
        _write_out(_copying(answer, rule), out, record)
        return out
    if isinstance(out, Tensor):
        raise TcalcError(f"{record.name}(): argument 'out' must be tuple of Tensors, not Tensor", "TypeError")
    if len(out) != len(answer):
        raise TcalcError(f"expected tuple of {len(answer)} elements but got {len(out)}", "TypeError")
    for value, target in zip(answer, out, strict=True):
        _write_out(_copying(value, rule), target, record)
    # PyTorch's result type has another name here.
    return NamedResult(f"{answer.type_name}_out", answer.fields, out) if isinstance(answer, NamedResult) else tuple(out)


def _copying(value: Tensor, rule: OutRule | None = None) -> Launch:
    """A launch that answers with a finished tensor."""
    return Launch(_copy_kernel, (value,), value.shape, value.dtype, device=value.device, out_rule=rule)


def _copy_kernel(xp: Any, out: Array | None, array: Array) -> Array:
    return array


def _write_out(launch: Launch, out: Tensor, record: Record) -> None:
    spec = launch.outputs[0]
    rule = _rule(launch, record)
    if rule is None:
        writing.check_castable(spec.dtype, out.dtype)
    else:
        rule.check(record.name, spec.dtype, out.dtype)
        if rule.apart:
            writing.check_apart(out, launch.operands)
    device = launch.device or common_device(launch.operands)
    if device != out.device and device.type != "meta":
        raise two_devices(device, out.device)
    if tuple(out.shape) != spec.shape:
        if launch.pointwise and any(operand is out for operand in launch.operands):
            raise _does_not_fit(out, spec)
        if any(isinstance(operand, Tensor) and operand.storage is out.storage for operand in launch.operands):
            launch = _copying(execute(launch, record))
        resize_out(out, spec.shape, stride_of(launch, spec) if launch.pointwise else None)
    _run_into(launch, out, device, record)


def _rule(launch: Launch, record: Record) -> OutRule | None:
    """What is special about the dtype that the answer may be written into."""
    if launch.out_rule is not None:
        return launch.out_rule
    return None if isinstance(record.out, bool) else record.out


def _does_not_fit(target: Tensor, spec: Spec) -> TcalcError:
    return TcalcError(f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(spec.shape)}")


def resize_out(out: Tensor, shape: tuple[int, ...], stride: tuple[int, ...] | None = None) -> None:
    """Give an ``out=`` tensor the answer's shape, with PyTorch's warning where it held elements."""
    if out.numel():
        current().warn(
            f"An output with one or more elements was resized since it had shape {list(out.shape)}, "
            f"which does not match the required output shape {list(shape)}."
        )
    needed = (out.offset + prod(shape)) * out.dtype.itemsize
    if needed > out.storage.nbytes:
        out.storage.resize(needed)
    out.set_geometry(out.storage, shape, stride or contiguous_stride(shape), out.offset)


def finish_inplace(answer: Any, target: Tensor, record: Record) -> Tensor:
    """Write an answer into the tensor it was computed from, which keeps its shape and dtype."""
    launch = answer if isinstance(answer, Launch) else _copying(answer)
    spec = launch.outputs[0]
    if spec.shape != tuple(target.shape):
        raise _does_not_fit(target, spec)
    rule = _rule(launch, record)
    if rule is None:
        writing.check_castable(spec.dtype, target.dtype)
    else:
        rule.check_in_place(record.name, spec.dtype, target.dtype)
    _run_into(launch, target, launch.device or common_device(launch.operands), record)
    return target


def check_writable(target: Tensor) -> None:
    """Refuse a tensor that nothing may be written into, whatever it is."""
    writing.check_leaf(target)
    writing.check_no_internal_overlap(target)


def _run_into(launch: Launch, target: Tensor, device: Device, record: Record) -> None:
    """Run a launch whose answer has the target's shape; nothing is written before every check has passed."""
    check_writable(target)
    sources = [operand for operand in launch.operands if isinstance(operand, Tensor)]
    if launch.pointwise or launch.updates:
        writing.check_no_partial_overlap(target, sources)
    if target.is_meta:
        return
    check_kernel(record, launch, device)
    shares = any(source.storage is target.storage for source in sources)
    in_place = launch.pointwise or (launch.updates and launch.operands[0] is target)
    direct = launch.dtype is target.dtype and launch.compute in (None, target.dtype) and (in_place or not shares)
    direct = direct and not target.lazy and not target.dtype.is_carried
    if launch.pointwise and shares and not target.lazy and writing.may_overlap_itself(target):
        _run_in_order(launch, target, device)
        return
    (result,) = compute(launch, device, target.array if direct else None)
    if target.lazy or result is not target.array:
        if not launch.pointwise and shares:
            with backend_for(device).guard():
                result = result.copy()
        writing.store(target, backend_for(device).finished(result, launch.dtype))
    else:
        writing.written(target)


def _run_in_order(launch: Launch, target: Tensor, device: Device) -> None:
    """Write row after row, each computed from what the rows before it wrote, as PyTorch's loops do.

    This is for targets whose rows share memory (the windows of ``unfold``).
    """
    backend = backend_for(device)
    shape = tuple(target.shape)
    arrays = [backend.xp.broadcast_to(operand_array(operand, launch, device), shape) for operand in launch.operands]
    library = backend.library_for(arrays)
    with backend.guard():
        for outer in product(*map(range, shape[:-1])):
            current().meter.step()
            row = launch.kernel(library, None, *[array[outer] for array in arrays])
            target.array[outer] = backend.cast(backend.xp.asarray(row), target.dtype)
    writing.written(target)


def write(target: Tensor, values: Tensor) -> None:
    """``target[...] = values``: broadcast and cast, after the checks of the write path (``copy_``)."""
    check_writable(target)
    writing.check_no_partial_overlap(target, (values,))
    check_expandable(values.shape, target.shape)
    if target.is_meta or values.is_meta:
        return
    array = values.array
    if values.device != target.device:
        array = target.storage.backend.received(array, values.storage.backend)
    writing.store(target, array)


def check_expandable(shape: Sequence[int], target: Sequence[int]) -> None:
    """Whether values of ``shape`` broadcast to ``target`` without changing it."""
    if len(shape) > len(target):
        if all(size == 1 for size in shape[: len(shape) - len(target)]):
            shape = shape[len(shape) - len(target) :]
        else:
            raise TcalcError(
                f"expand({list(shape)}, size={list(target)}): the number of sizes provided ({len(target)}) "
                f"must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
            )
    lead = len(target) - len(shape)
    for position in range(len(shape) - 1, -1, -1):
        if shape[position] not in (1, target[lead + position]):
            raise TcalcError(
                f"The expanded size of the tensor ({target[lead + position]}) must match the existing size "
                f"({shape[position]}) at non-singleton dimension {lead + position}.  Target sizes: {list(target)}.  "
                f"Tensor sizes: {list(shape)}"
            )
