"""The one dispatcher: every computation on tensors goes through :func:`execute`.

It checks that the operands are on one device (0-d CPU tensors mix), asks for the memory before taking it,
casts the operands to the type they are computed in, runs the kernel under the backend's guard, rounds
back once and wraps the answer. ``destination.py`` runs the same kernels into memory that is there already, for ``out=``
and in-place forms.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from math import prod

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical
from tcalc.engine.results import NamedResult
from tcalc.engine.storage import Storage, contiguous_stride
from tcalc.engine.tensor import Tensor, wrap
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tcalc.engine.backend import Array, Backend
    from tcalc.engine.devices import Device
    from tcalc.engine.dtypes import DType
    from tcalc.ops.out_rules import OutRule
    from tcalc.ops.registry import Record

    Kernel = Callable[..., Any]


class Spec:
    """The shape and dtype of one answer."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Sequence[int], dtype: DType) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * self.dtype.itemsize


class Launch:
    """What a primitive asks the dispatcher to run.

    ``kernel(xp, out, *arrays)`` gets the operands as arrays (Python numbers as 0-d arrays), cast to
    ``compute`` where that is given. ``out`` is an array of the answer's shape and dtype to write into, or None;
    the kernel returns the answer, which is ``out`` when it wrote there. Several answers are a tuple of
    arrays, and then ``out`` is always None. ``pointwise`` says that each element of the answer depends only on
    the same element of the operands, so that ``out`` may be an operand. ``updates`` says that the answer is the first
    operand with some elements changed: the kernel changes it in place where ``out`` is that very operand, else a copy.
    ``columns`` says that matrices lie in memory column by column, as LAPACK leaves them, and ``ordered`` that the
    answers keep the memory order of the first operand. ``out_rule`` says what dtype ``out=`` may have, where that
    depends on the arguments; else it is the record's.
    """

    __slots__ = (
        "columns",
        "compute",
        "device",
        "fields",
        "kernel",
        "operands",
        "ordered",
        "out_rule",
        "outputs",
        "pointwise",
        "type_name",
        "updates",
    )

    def __init__(
        self,
        kernel: Kernel,
        operands: Sequence[Any],
        shape: Sequence[int] | None = None,
        dtype: DType | None = None,
        *,
        compute: DType | None = None,
        outputs: Sequence[Spec] = (),
        type_name: str = "",
        fields: Sequence[str] = (),
        device: Device | None = None,
        pointwise: bool = False,
        updates: bool = False,
        columns: bool = False,
        ordered: bool = False,
        out_rule: OutRule | None = None,
    ) -> None:
        self.kernel = kernel
        self.operands = operands
        self.outputs: Sequence[Spec] = outputs
        if shape is not None and dtype is not None:
            self.outputs = (Spec(shape, dtype),)
        self.compute = compute
        self.type_name = type_name
        self.fields = fields
        self.device = device
        self.pointwise = pointwise
        self.updates = updates
        self.columns = columns
        self.ordered = ordered
        self.out_rule = out_rule

    @property
    def single(self) -> bool:
        return len(self.outputs) == 1 and not self.fields

    @property
    def shape(self) -> tuple[int, ...]:
        return self.outputs[0].shape

    @property
    def dtype(self) -> DType:
        return self.outputs[0].dtype


def common_device(operands: Sequence[Any], record_name: str = "") -> Device:
    """The device to compute on; PyTorch's error where the operands are on two."""
    found: Device | None = None
    zero_dim: Device | None = None
    for operand in operands:
        if isinstance(operand, Tensor):
            device = operand.storage.device
            if not operand.shape and device.type == "cpu":
                zero_dim = device
            elif found is None:
                found = device
            elif found is not device and found != device:
                raise two_devices(found, device)
    return found or zero_dim or devices.cpu


def two_devices(first: Device, second: Device) -> TcalcError:
    return TcalcError(
        f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}!"
    )


@contextmanager
def computing(*operands: Tensor | None) -> Iterator[Backend]:
    """The backend of tensors for work outside of a launch: they must be on one device, which is the current one."""
    found: Device | None = None
    for operand in operands:
        if operand is not None and found not in (None, operand.device):
            raise two_devices(found, operand.device)
        found = found if operand is None else operand.device
    backend = backend_for(found or devices.cpu)
    try:
        with backend.guard():
            yield backend
    except MemoryError as fault:
        raise backend.out_of_memory(fault) from fault


def execute(launch: Launch, record: Record) -> Any:
    """Run a launch into fresh memory."""
    device = launch.device or common_device(launch.operands)
    if device.type == "meta":
        return _named(launch, [_meta(spec, launch) for spec in launch.outputs])
    device = canonical(device)
    backend = backend_for(device)
    for spec in launch.outputs:
        backend.reserve(spec.nbytes, f"the result of {record.name}")
    check_kernel(record, launch, device)
    results = compute(launch, device, None)
    answers = []
    for spec, result in zip(launch.outputs, results, strict=True):
        array = backend.finished(result, spec.dtype)
        if array.shape != spec.shape:
            raise AssertionError(f"{record.name} said shape {spec.shape} and computed {array.shape}")
        if _is_operand(backend, array, launch.operands):
            with backend.guard():
                array = array.copy()
        stride = stride_of(launch, spec)
        if stride is None and not array.flags.c_contiguous:
            array = backend.xp.ascontiguousarray(array)
        answers.append(wrap(array, device, spec.dtype) if stride is None else _laid_out(array, stride, device, spec))
    return _named(launch, answers)


def check_kernel(record: Record, launch: Launch, device: Device) -> None:
    """Refuse what PyTorch has no kernel for although it has the dtype: most of complex32, but on CUDA."""
    if device.type != "cpu":
        return
    for typed in (*launch.outputs, *launch.operands):
        if getattr(typed, "dtype", None) is dtypes.complex32:
            from tcalc.ops.half_complex import check_kernel

            check_kernel(record.name, launch)
            return


def stride_of(launch: Launch, spec: Spec) -> tuple[int, ...] | None:
    """The strides of an answer that PyTorch does not lay row by row, else None."""
    if launch.pointwise:
        return _stride_like_operands(launch, spec.shape)
    if launch.ordered and not _is_row_major(launch.operands[0]):
        from tcalc.ops.shape.strides import dense_stride

        return dense_stride(spec.shape, launch.operands[0].stride)
    if launch.columns and _holds_matrices(launch, spec):
        rows, columns = spec.shape[-2:]
        stride = contiguous_stride((*spec.shape[:-2], columns, rows))
        return (*stride[:-2], stride[-1], stride[-2])
    return None


def _holds_matrices(launch: Launch, spec: Spec) -> bool:
    """Whether an answer is matrices; others beside them are a vector to each."""
    dims = max(len(output.shape) for output in launch.outputs)
    return dims == len(spec.shape) > 1 and spec.dtype.category >= dtypes.FLOAT


def _stride_like_operands(launch: Launch, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The strides that PyTorch gives an answer whose operands do not all lie row by row; None where they do."""
    if len(shape) < 2 or all(_is_row_major(operand) for operand in launch.operands if type(operand) is Tensor):
        return None
    from tcalc.ops.shape.strides import pointwise_stride

    return pointwise_stride(shape, launch.operands, launch.compute)


def _is_row_major(tensor: Tensor) -> bool:
    """Whether no dimension lies outside one before it; those of size 1 count, as they do in PyTorch."""
    stride = tensor.stride
    if len(stride) == 2:
        return stride[0] > stride[1] > 0
    return all(outer > inner > 0 for outer, inner in pairwise(stride))


def _laid_out(array: Array, stride: tuple[int, ...], device: Device, spec: Spec) -> Tensor:
    """A fresh answer with its elements in the order of ``stride``."""
    from tcalc.ops.shape.strides import in_memory_order

    backend = backend_for(device)
    with backend.guard():
        answer = wrap(in_memory_order(backend.xp, array, stride), device, spec.dtype)
    if answer.stride != stride:  # of dimensions of size 1, which NumPy does not care for
        answer.set_geometry(answer.storage, spec.shape, stride, 0)
    return answer


def _is_operand(backend: Backend, array: Array, operands: Sequence[Any]) -> bool:
    """Whether a kernel handed back an operand's own memory, or a part of it, instead of an answer."""
    tensors = [operand for operand in operands if isinstance(operand, Tensor)]
    if array.base is None:
        return any(array is operand._array for operand in tensors)
    for operand in tensors:
        device = operand.storage.device
        if (device is backend.device or device == backend.device) and backend.xp.may_share_memory(array, operand.array):
            return True
    return False


def _meta(spec: Spec, launch: Launch) -> Tensor:
    storage = Storage(None, devices.meta, spec.nbytes)
    stride = stride_of(launch, spec)
    return Tensor(storage, spec.dtype, spec.shape, stride or contiguous_stride(spec.shape))


def _named(launch: Launch, answers: list[Tensor]) -> Any:
    if launch.single:
        return answers[0]
    if launch.fields:
        return NamedResult(launch.type_name, launch.fields, answers)
    return tuple(answers)


def compute(launch: Launch, device: Device, out: Array | None) -> tuple[Array, ...]:
    backend = backend_for(device)
    arrays = [operand_array(operand, launch, device) for operand in launch.operands]
    try:
        with backend.guard():
            result = launch.kernel(backend.library_for(arrays), out, *arrays)
    except MemoryError as fault:
        if out is not None or not backend.free_unused():  # a kernel that has begun to write is not run twice
            raise backend.out_of_memory(fault) from fault
        result = _second_try(backend, launch, arrays)
    return (result,) if len(launch.outputs) == 1 and not isinstance(result, tuple) else result


def _second_try(backend: Backend, launch: Launch, arrays: Sequence[Array]) -> Any:
    try:
        with backend.guard():
            return launch.kernel(backend.library_for(arrays), None, *arrays)
    except MemoryError as fault:
        raise backend.out_of_memory(fault) from fault


def operand_array(operand: Any, launch: Launch, device: Device) -> Array:
    """An operand as an array on ``device``, in the type it is computed in."""
    backend = backend_for(device)
    if not isinstance(operand, Tensor):
        return backend.movable(number_array(operand, launch.compute or launch.dtype, device))
    array = operand.array
    if operand.storage.device != device:  # only a 0-d CPU tensor gets here
        array = backend.from_host(array)
    if launch.compute is not None and launch.compute is not operand.dtype:
        array = backend.cast(array, launch.compute)
    return backend.movable(array)


def number_array(number: Any, dtype: DType, device: Device = devices.cpu) -> Array:
    """A Python number as a 0-d array; integers wrap into the type."""
    backend = backend_for(device)
    xp = backend.xp
    if isinstance(number, int) and dtype.category == dtypes.INTEGER:
        check_long(number)
        bits = 8 * dtype.itemsize
        number &= (1 << bits) - 1
        if dtype.is_signed and number >> (bits - 1):
            number -= 1 << bits
    elif isinstance(number, complex) and dtype.category < dtypes.COMPLEX:
        raise TcalcError(f"value cannot be converted to type {dtype.scalar_name.lower()} without overflow")
    elif isinstance(number, float) and dtype.category == dtypes.INTEGER:
        return backend.cast(xp.asarray(number), dtype)
    if dtype is dtypes.complex32:
        with backend.guard():
            return backend.cast(xp.asarray(number, xp.complex64), dtype)
    if dtype.itemsize < 8 or device.type != "cpu":  # a number beyond the type is an infinity, and no warning
        with backend.guard():
            return xp.asarray(number, dtype.numpy)
    return xp.asarray(number, dtype.numpy)


def check_long(number: int) -> None:
    """Refuse an integer that fits neither of the types of 64 bits."""
    if number >= 1 << 64:
        raise TcalcError("int too big to convert", "OverflowError")
    if number < -(1 << 63):
        raise TcalcError("can't convert negative int to unsigned", "OverflowError")
