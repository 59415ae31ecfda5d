"""Conversions: to another dtype or device, to NumPy, to Python."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.backend import backend_for, canonical
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import CONJUGATE, Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.creation.likeness import like
from tcalc.ops.dispatch import computing
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NO_INVALID = "to() received an invalid combination of arguments"

# A number of Python's own, and its place in a list.
_LIST_ITEM_BYTES = 40


def converted(
    source: Tensor, dtype: DType | None, device: Device | None, copy: bool = False, memory_format: Any = None
) -> Tensor:
    """``source`` in another dtype or on another device; itself where neither changes and no copy is asked for."""
    target = canonical(device) if device is not None else source.device
    from tcalc.ops.shape.cloning import lies_as

    dtype = dtype or source.dtype
    if dtype is source.dtype and target == source.device and not copy and lies_as(source, memory_format):
        return source
    if source.is_meta and target.type != "meta":
        raise TcalcError("Cannot copy out of meta tensor; no data!", "NotImplementedError")
    if source.dtype.is_complex and not dtype.is_complex and dtype.category != dtypes.BOOL:
        current().warn("Casting complex values to real discards the imaginary part")
    made = like(source, dtype, target, memory_format)
    if not made.is_meta:
        _transfer(source, made)
    made.requires_grad = source.requires_grad and current().grad_enabled and dtype.category >= dtypes.FLOAT
    return made


def _transfer(source: Tensor, target: Tensor) -> None:
    """Copy the elements into fresh memory, cast on the device that they come from."""
    with computing(source) as backend:
        array = backend.cast(source.array, target.dtype)
    with computing(target) as own:
        if source.device != target.device:
            array = own.received(array, backend)
        own.assign(target.array, array)


@op(namespace="torch.Tensor")
def to(
    input: Tensor,
    target: Any = None,
    *rest: Any,
    dtype: DType | None = None,
    device: Device | None = None,
    other: Tensor | None = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """``input`` in another dtype, on another device, or as another is.

    Itself where nothing changes.

    >>> tensor([1.7, -1.7]).to(torch.int64)
    tensor([ 1, -1])
    """
    given = [target, *rest]
    if isinstance(given[0], DType):
        dtype, flags = given[0], given[1:]
    elif isinstance(given[0], Tensor):
        other, flags = given[0], given[1:]
    else:
        device, flags = (device if given[0] is None else _device(given[0])), given[1:]
        if flags and (flags[0] is None or not isinstance(flags[0], bool)):
            dtype, flags = flags[0] or dtype, flags[1:]
    if len(flags) > 2 or any(not isinstance(flag, bool) for flag in flags) or not _is_dtype_or_none(dtype):
        raise type_error(f"{_NO_INVALID} - got ({', '.join(_type_name(value) for value in given)})")
    if len(flags) > 1:
        copy = flags[1]
    if other is not None:
        dtype, device = other.dtype, other.device
    return converted(input, dtype, device, copy, memory_format)


def _is_dtype_or_none(value: Any) -> bool:
    return value is None or isinstance(value, DType)


def _device(value: Any) -> Device:
    if isinstance(value, (Device, str)) or type(value) is int:
        return devices.parse(value)
    raise type_error(f"{_NO_INVALID} - got ({_type_name(value)})")


def _type_name(value: Any) -> str:
    from tcalc.ops.binding import type_name

    return type_name(value)


# ---------------------------------------------------------------- one method a dtype

_METHODS = {
    "bool": dtypes.bool_, "byte": dtypes.uint8, "char": dtypes.int8, "short": dtypes.int16, "int": dtypes.int32,
    "long": dtypes.int64, "half": dtypes.float16, "bfloat16": dtypes.bfloat16, "float": dtypes.float32,
    "double": dtypes.float64, "cfloat": dtypes.complex64, "cdouble": dtypes.complex128, "chalf": dtypes.complex32,
}  # fmt: skip


def _dtype_method(name: str, dtype: DType) -> None:
    def method(input: Tensor, *, memory_format: Any = None) -> Tensor:
        return converted(input, dtype, None, memory_format=memory_format)

    method.__name__ = name
    method.__doc__ = f"""``input`` as {dtype!r}; itself where it is that already.

    >>> tensor([0, 1]).{name}().dtype
    {dtype!r}
    """
    op(method, namespace="torch.Tensor")


for _name, _dtype in _METHODS.items():
    _dtype_method(_name, _dtype)


LEGACY_NAMES = {dtype: f"{dtype.scalar_name}Tensor" for dtype in dtypes.ALL}
BY_LEGACY_NAME = {f"torch.{name}": dtype for dtype, name in LEGACY_NAMES.items()}


@op(name="type", namespace="torch.Tensor")
def type_(input: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type.

    With ``dtype`` (a dtype or such a name), the tensor converted to it; a name
    says the device too: ``torch.cuda.FloatTensor`` is on a GPU.

    >>> tensor([1]).type()
    'torch.LongTensor'
    >>> tensor([1]).type(torch.float32)
    tensor([1.])
    """
    if dtype is None:
        module = "torch" if input.device.type == "cpu" else f"torch.{input.device.type}"
        return f"{module}.{LEGACY_NAMES[input.dtype]}"
    wanted = getattr(dtype, "dtype", dtype)
    kind: Any = getattr(dtype, "device_type", None)
    if isinstance(wanted, str):
        name = wanted.replace("torch.cuda.", "torch.", 1)
        if name not in BY_LEGACY_NAME:
            raise value_error(f"invalid type: '{wanted}'")
        kind = "cpu" if name == wanted else "cuda"
        wanted = BY_LEGACY_NAME[name]
    if not isinstance(wanted, DType):
        from tcalc.ops.binding import to_dtype

        wanted = to_dtype(wanted)
    if not isinstance(wanted, DType):
        raise type_error("dtype must be a type, str, or dtype object")
    stays = kind is None or kind == input.device.type
    return converted(input, wanted, None if stays else devices.Device(kind))


@op(namespace="torch.Tensor")
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """``input`` in the dtype of ``other``, on its device.

    >>> tensor([1, 2]).type_as(tensor([0.5]))
    tensor([1., 2.])
    """
    return converted(input, other.dtype, other.device)


@op(namespace="torch.Tensor")
def cpu(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """``input`` on the CPU; itself where it is there already.

    >>> tensor([1, 2]).cpu()
    tensor([1, 2])
    """
    return converted(input, None, devices.cpu, memory_format=memory_format)


@op(namespace="torch.Tensor")
def cuda(input: Tensor, device: Device | None = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """``input`` on a CUDA device; needs CuPy and a GPU."""
    target = devices.Device("cuda") if device is None else device
    if target.type != "cuda":
        raise TcalcError(f"Invalid device, must be cuda device but got {target}")
    return converted(input, None, target, memory_format=memory_format)


# ---------------------------------------------------------------- NumPy and Python


@op(namespace="torch.Tensor")
def numpy(input: Tensor, *, force: bool = False) -> Any:
    """The tensor as a NumPy array over the same memory.

    ``force=True`` detaches and copies where that is needed.

    >>> tensor([[1, 2]]).numpy()
    array([[1, 2]])
    """
    if not force:
        _check_numpy(input)
    if input.dtype.numpy_name.startswith(("bfloat", "float8", "complex32")):
        raise type_error(f"Got unsupported ScalarType {input.dtype.scalar_name}")
    return input.host_array().view()  # an array of its own, whose shape and flags are not the tensor's


def _check_numpy(input: Tensor) -> None:
    if input.device.type != "cpu":
        raise type_error(
            f"can't convert {input.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
            "memory first."
        )
    if input.requires_grad:
        raise TcalcError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if input.lazy:
        bit, resolve = ("conjugate", "resolve_conj") if input.lazy == CONJUGATE else ("negative", "resolve_neg")
        raise TcalcError(
            f"Can't call numpy() on Tensor that has {bit} bit set. Use tensor.{resolve}().numpy() instead."
        )


@op(namespace="torch.Tensor")
def item(input: Tensor) -> Any:
    """The only element as a Python number.

    >>> tensor([2.5]).item()
    2.5
    """
    if input.is_meta and input.numel() == 1:
        raise TcalcError("Tensor.item() cannot be called on meta tensors")
    return input.scalar()


@op(namespace="torch.Tensor")
def tolist(input: Tensor) -> Any:
    """The elements as nested Python lists; a Python number for a 0-d tensor.

    >>> tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    current().meter.allocate(input.numel() * _LIST_ITEM_BYTES, "the list")
    array = input.host_array()
    if input.dtype.is_reduced:
        array = backend_for(devices.cpu).cast(array, input.dtype.computed_as)
    return array.tolist()
