"""The one path that writes into a tensor: every check before the first byte, then the bytes, then the version."""

from __future__ import annotations

from tcalc.engine.dtypes import can_cast
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.dtypes import DType
    from tcalc.engine.tensor import Tensor

_CLONE = "Please clone() the tensor before performing the operation."


def check_no_internal_overlap(target: Tensor) -> None:
    """Refuse a target whose elements share memory, as after ``expand``."""
    if any(step == 0 and size > 1 for step, size in zip(target.stride, target.shape, strict=True)) and target.numel():
        raise TcalcError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            + _CLONE
        )


def may_overlap_itself(target: Tensor) -> bool:
    """Whether elements may share memory although no stride is 0, as the windows of ``unfold`` do."""
    reach = 0
    for step, size in sorted((st, si) for st, si in zip(target.stride, target.shape, strict=True) if si != 1):
        if size == 0:
            return False
        if step <= reach:
            return True
        reach += step * (size - 1)
    return False


def check_no_partial_overlap(target: Tensor, sources: Iterable[Tensor]) -> None:
    """Refuse a source that shares some, but not exactly all, of the target's memory."""
    for source in sources:
        if source is not target and source.storage is target.storage and _overlap_partly(target, source):
            raise _shared()


def check_apart(target: Tensor, sources: Iterable[Any]) -> None:
    """Refuse a source that shares memory with the target, be it all of it."""
    for source in sources:
        if getattr(source, "storage", None) is target.storage and (
            source is target or source.stride == target.stride or _overlap_partly(target, source)
        ):
            raise _shared()


def _shared() -> TcalcError:
    return TcalcError(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
        "memory location. " + _CLONE
    )


def _overlap_partly(target: Tensor, source: Tensor) -> bool:
    if not target.is_dense() or not source.is_dense() or not target.numel() or not source.numel():
        return False  # too hard to tell cheaply; the kernels cope with overlap
    first, last = _byte_range(target)
    other_first, other_last = _byte_range(source)
    if (first, last) == (other_first, other_last):
        return _steps(target) != _steps(source)
    return first < other_last and other_first < last


def _steps(tensor: Tensor) -> list[tuple[int, int]]:
    """Sizes and strides, but for dimensions of size 1, where a stride takes nobody anywhere."""
    return [(size, step) for size, step in zip(tensor.shape, tensor.stride, strict=True) if size != 1]


def _byte_range(tensor: Tensor) -> tuple[int, int]:
    start = tensor.offset * tensor.dtype.itemsize
    return start, start + tensor.numel() * tensor.dtype.itemsize


def check_castable(result: DType, target: DType) -> None:
    """Refuse to write a result into a tensor of a lower category."""
    if not can_cast(result, target):
        raise TcalcError(
            f"result type {result.scalar_name} can't be cast to the desired output type {target.scalar_name}"
        )


def check_leaf(target: Tensor) -> None:
    """Refuse to write into a leaf that wants a gradient while gradients are recorded."""
    from tcalc.engine.state import current

    if target.requires_grad and target.grad_fn is None and current().grad_enabled:
        what = "a view of a leaf Variable" if target.base is not None else "a leaf Variable"
        raise TcalcError(f"{what} that requires grad is being used in an in-place operation.")


def store(target: Tensor, values: Array) -> None:
    """Copy ``values``, cast and broadcast, into a target that has passed its checks."""
    array = target.array
    backend = target.storage.backend
    with backend.guard():
        backend.assign(array, backend.cast(values, target.dtype))
    written(target)


def written(target: Tensor) -> None:
    """Count a write to the target's storage."""
    if target.lazy:
        target.put_back()
    target.storage.version += 1
