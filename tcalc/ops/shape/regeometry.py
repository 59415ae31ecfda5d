"""In-place changes of what a tensor looks at: its shape, strides or storage, never the bytes."""

from __future__ import annotations

from math import prod

from tcalc.engine.storage import Storage, contiguous_stride
from tcalc.engine.tensor import Tensor, empty
from tcalc.errors import TcalcError
from tcalc.ops.binding import Misfit
from tcalc.ops.out_rules import c_name
from tcalc.ops.registry import op
from tcalc.ops.shape.cloning import channels_last_stride
from tcalc.ops.shape.metadata import UntypedStorage
from tcalc.ops.shape.reshaping import squeezed, unsqueezed
from tcalc.ops.shape.strides import check_in_storage, required_elements
from tcalc.ops.shape.transposing import check_matrix, exchanged
from tcalc.ops.shape.views import check_geometry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any


def _changed(input: Tensor, shape: Sequence[int], stride: Sequence[int], offset: int | None = None) -> Tensor:
    input.set_geometry(input.storage, shape, stride, input.offset if offset is None else offset)
    input.storage.version += 1
    return input


@op(namespace="torch.Tensor")
def t_(input: Tensor) -> Tensor:
    """Transpose a matrix in place: its bytes stay where they are.

    >>> x = zeros(2, 3)
    >>> x.t_().shape
    torch.Size([3, 2])
    """
    check_matrix("t_", input)
    return _changed(input, *exchanged(input, 0, 1 if input.ndim == 2 else 0))


@op(namespace="torch.Tensor", aliases=("swapaxes_", "swapdims_"))
def transpose_(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Exchange two dimensions in place: the bytes stay where they are.

    >>> x = zeros(2, 3)
    >>> x.transpose_(0, 1).stride()
    (1, 3)
    """
    return _changed(input, *exchanged(input, dim0, dim1))


@op(namespace="torch.Tensor")
def squeeze_(input: Tensor, dim: Ints | None = None) -> Tensor:
    """Drop dimensions of size 1 in place.

    >>> x = zeros(1, 2)
    >>> x.squeeze_().shape
    torch.Size([2])
    """
    return _changed(input, *squeezed(input, dim))


@op(namespace="torch.Tensor")
def unsqueeze_(input: Tensor, dim: int) -> Tensor:
    """Add a dimension of size 1 in place.

    >>> x = zeros(2)
    >>> x.unsqueeze_(0).shape
    torch.Size([1, 2])
    """
    return _changed(input, *unsqueezed(input, dim))


@op
def as_strided_(input: Tensor, size: Ints, stride: Ints, storage_offset: int | None = None) -> Tensor:
    """Look at the whole storage with any sizes, strides and offset, in place.

    >>> x = arange(4)
    >>> x.as_strided_((2,), (2,))
    tensor([0, 2])
    """
    offset = input.offset if storage_offset is None else storage_offset
    check_geometry(input, size, stride, offset)
    return _changed(input, size, stride, offset)


@op
def detach_(input: Tensor) -> Tensor:
    """Take the tensor out of the recording of gradients, in place.

    >>> tensor([1.]).detach_()
    tensor([1.])
    """
    if input.base is not None and input.requires_grad:
        raise TcalcError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
            "training, and gradient_as_bucket_view is set as True, gradients are views of DDP "
            "buckets, and hence detach_() "
            "cannot be called on these gradients. To fix this error, please refer to the "
            "Optimizer.zero_grad() function in "
            "torch/optim/optimizer.py as the solution."
        )
    input.requires_grad = False
    input.grad_fn = None
    return input


@op(namespace="torch.Tensor")
def resize_(input: Tensor, *size: Ints, memory_format: Any = "contiguous_format") -> Tensor:
    """Give the tensor another shape in place.

    Its storage grows where the elements do not fit.

    >>> x = arange(6)
    >>> x.resize_(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    if any(length < 0 for length in size):
        raise TcalcError("numel: integer multiplication overflow")
    if tuple(size) == tuple(input.shape):
        return input
    name = str(memory_format).rpartition(".")[2]
    stride = contiguous_stride(size) if name == "contiguous_format" else channels_last_stride(size, name)
    needed = required_elements(size, stride, input.offset) * input.dtype.itemsize
    if needed > input.storage.nbytes:
        input.storage.resize(needed)
    return _changed(input, size, stride)


@op
def resize_as_(input: Tensor, the_template: Tensor, *, memory_format: Any = "contiguous_format") -> Tensor:
    """Give the tensor the shape of another in place.

    >>> x = arange(4)
    >>> x.resize_as_(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return resize_(input, *the_template.shape, memory_format=memory_format)


@op(namespace="torch.Tensor")
def set_(
    input: Tensor,
    source: Any = None,
    storage_offset: int = 0,
    size: Ints | None = None,
    stride: Ints | None = None,
) -> Tensor:
    """Look at the memory of another tensor or storage from now on, in place.

    >>> x = zeros(3)
    >>> y = arange(4.)
    >>> x.set_(y, 1, (2,), (1,))
    tensor([1., 2.])
    """
    if source is None:
        source = empty((0,), input.dtype, input.device)
    if isinstance(source, UntypedStorage):
        source = source.storage
    if isinstance(source, Storage):
        storage = source
        if size is None:
            size = (storage.nbytes // input.dtype.itemsize,)
    elif not isinstance(source, Tensor):
        raise Misfit
    else:
        storage = source.storage
        _check_same_type(input, source)
        if size is None:
            input.set_geometry(storage, source.shape, source.stride, source.offset)
            return input
    step = contiguous_stride(size) if not stride else tuple(stride)
    trial = Tensor(storage, input.dtype, tuple(size), step, storage_offset)
    if prod(size):
        needed = required_elements(size, step, storage_offset) * input.dtype.itemsize
        if isinstance(source, Storage) and needed > storage.nbytes:
            check_in_storage(trial, size, step, storage_offset)
        elif needed > storage.nbytes:
            storage.resize(needed)
    input.set_geometry(storage, size, step, storage_offset)
    return input


def _check_same_type(input: Tensor, source: Tensor) -> None:
    if input.dtype is not source.dtype:
        raise TcalcError(
            f"Could not set tensor of type {c_name(source.dtype)} to a tensor of type {c_name(input.dtype)}"
        )
