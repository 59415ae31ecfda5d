"""What a tensor knows of itself: sizes, strides, memory."""

from __future__ import annotations

from tcalc.engine.shapes import normalize_dim
from tcalc.engine.storage import Size, Storage
from tcalc.engine.tensor import Tensor
from tcalc.ops.registry import attribute, op
from tcalc.ops.shape.cloning import channels_last_stride
from tcalc.ops.shape.strides import memory_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.devices import Device


@op(namespace="torch.Tensor")
def size(input: Tensor, dim: int | None = None) -> Size | int:
    """The sizes of all dimensions, or of one.

    >>> zeros(2, 3).size()
    torch.Size([2, 3])
    >>> zeros(2, 3).size(1)
    3
    """
    return input.shape if dim is None else input.shape[_existing(dim, input)]


@op(namespace="torch.Tensor")
def stride(input: Tensor, dim: int | None = None) -> tuple[int, ...] | int:
    """How far apart neighbours lie in memory, in elements.

    Along each dimension, or along one.

    >>> zeros(2, 3).stride()
    (3, 1)
    """
    return tuple(input.stride) if dim is None else input.stride[_existing(dim, input)]


def _existing(dim: int, input: Tensor) -> int:
    from tcalc.errors import index_error

    if not input.shape:
        raise index_error(f"Dimension specified as {dim} but tensor has no dimensions")
    return normalize_dim(dim, input.ndim)


@op(namespace="torch.Tensor", aliases=("ndimension",))
def dim(input: Tensor) -> int:
    """The number of dimensions.

    >>> zeros(2, 3).dim()
    2
    """
    return input.ndim


@op
def numel(input: Tensor) -> int:
    """The number of elements.

    >>> numel(zeros(2, 3))
    6
    """
    return input.numel()


@op(namespace="torch.Tensor")
def nelement(input: Tensor) -> int:
    """The number of elements.

    >>> zeros(2, 3).nelement()
    6
    """
    return input.numel()


@op(namespace="torch.Tensor")
def storage_offset(input: Tensor) -> int:
    """Where in its storage the tensor begins, in elements.

    >>> arange(6)[2:].storage_offset()
    2
    """
    return input.offset


@op(namespace="torch.Tensor")
def is_contiguous(input: Tensor, *, memory_format: Any = "contiguous_format") -> bool:
    """Whether the elements lie in memory row by row, without gaps.

    >>> zeros(2, 3).T.is_contiguous()
    False
    """
    name = str(memory_format).rpartition(".")[2]
    if name in ("contiguous_format", "preserve_format"):
        return input.is_contiguous()
    if input.ndim != {"channels_last": 4, "channels_last_3d": 5}.get(name):
        return False
    wanted = channels_last_stride(input.shape, name)
    return all(
        have == want or length == 1 for have, want, length in zip(input.stride, wanted, input.shape, strict=True)
    )


@op(namespace="torch.Tensor")
def dim_order(input: Tensor) -> tuple[int, ...]:
    """The dimensions from the outermost to the innermost in memory.

    >>> zeros(2, 3).T.dim_order()
    (1, 0)
    """
    return tuple(reversed(memory_order(input.shape, [input.stride])))


@op(namespace="torch.Tensor")
def element_size(input: Tensor) -> int:
    """Bytes an element.

    >>> zeros(2).element_size()
    4
    """
    return input.dtype.itemsize


@op(namespace="torch.Tensor")
def data_ptr(input: Tensor) -> int:
    """The address of the first element; 0 for an empty tensor.

    >>> x = zeros(4)
    >>> x[1:].data_ptr() - x.data_ptr()
    4
    """
    if not input.numel() or input.is_meta:
        return 0
    return storage_address(input.storage) + input.offset * input.dtype.itemsize


def storage_address(storage: Storage) -> int:
    """Where a storage's bytes begin; 0 on the meta device."""
    buffer = storage.buffer
    if buffer is None:
        return 0
    address = buffer.data.ptr if storage.device.type == "cuda" else buffer.ctypes.data
    return int(address)


class UntypedStorage:
    """The bytes of a storage as a program sees them."""

    __slots__ = ("storage",)

    printed_type = "torch.storage.UntypedStorage"
    public = ("data_ptr", "device", "is_cuda", "nbytes", "size", "tolist")

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @property
    def device(self) -> Device:
        return self.storage.device

    @property
    def is_cuda(self) -> bool:
        return self.storage.device.type == "cuda"

    def data_ptr(self) -> int:
        return storage_address(self.storage)

    def nbytes(self) -> int:
        return self.storage.nbytes

    def size(self) -> int:
        return self.storage.nbytes

    def tolist(self) -> list[int]:
        found: list[int] = self.storage.backend.to_host(self.storage.buffer).tolist()
        return found

    def __len__(self) -> int:
        return self.storage.nbytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and self.storage is other.storage

    def __hash__(self) -> int:
        return id(self.storage)

    def __repr__(self) -> str:
        lines = [] if self.storage.buffer is None else [f" {byte}" for byte in self.tolist()]
        facts = f"[torch.storage.UntypedStorage(device={self.storage.device}) of size {self.storage.nbytes}]"
        return "\n".join([*lines, facts])


@op(namespace="torch.Tensor")
def untyped_storage(input: Tensor) -> UntypedStorage:
    """The bytes that this tensor and its views share.

    >>> x = zeros(4)
    >>> x.untyped_storage().nbytes()
    16
    >>> x.untyped_storage().data_ptr() == x[1:].untyped_storage().data_ptr()
    True
    """
    return UntypedStorage(input.storage)


@op
def is_storage(obj: Any) -> bool:
    """Whether ``obj`` is the memory of a tensor.

    >>> x = zeros(2)
    >>> is_storage(x), is_storage(x.untyped_storage())
    (False, True)
    """
    return isinstance(obj, UntypedStorage)


@op(namespace="torch.Tensor")
def is_set_to(input: Tensor, tensor: Tensor) -> bool:
    """Whether both tensors look at the same memory in the same way.

    >>> x = zeros(2, 3)
    >>> x.is_set_to(x[:])
    True
    """
    return (
        input.storage is tensor.storage
        and input.offset == tensor.offset
        and tuple(input.shape) == tuple(tensor.shape)
        and tuple(input.stride) == tuple(tensor.stride)
    )


@op
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both tensors have the same shape.

    >>> is_same_size(zeros(2), ones(2))
    True
    """
    return tuple(input.shape) == tuple(other.shape)


@op
def get_device(input: Tensor) -> int:
    """The number of the GPU that holds the tensor, -1 for the CPU.

    >>> get_device(zeros(2))
    -1
    """
    return -1 if input.device.index is None else input.device.index


@attribute
def shape(input: Tensor) -> Size:
    """The sizes of all dimensions.

    >>> zeros(2, 3).shape
    torch.Size([2, 3])
    """
    return input.shape


@attribute
def _base(input: Tensor) -> Tensor | None:
    """The tensor that this one is a view of; None for one with memory of its own.

    >>> x = zeros(2, 3)
    >>> x[0]._base is x, x._base is None
    (True, True)
    """
    return input.base


@attribute
def _version(input: Tensor) -> int:
    """How often the memory has been written to, through this tensor or any other.

    >>> x = zeros(2)
    >>> x[0] = 1; x += 1
    >>> x._version
    2
    """
    return input.storage.version


@op(namespace="torch.Tensor")
def _is_view(input: Tensor) -> bool:
    """Whether the tensor is a view of another.

    >>> zeros(2, 3)[0]._is_view()
    True
    """
    return input.base is not None


@attribute
def ndim(input: Tensor) -> int:
    """The number of dimensions.

    >>> zeros(2, 3).ndim
    2
    """
    return input.ndim


@attribute
def itemsize(input: Tensor) -> int:
    """Bytes an element.

    >>> zeros(2, dtype=float64).itemsize
    8
    """
    return input.dtype.itemsize


@attribute
def nbytes(input: Tensor) -> int:
    """Bytes of all elements.

    >>> zeros(2, 3).nbytes
    24
    """
    return input.numel() * input.dtype.itemsize
