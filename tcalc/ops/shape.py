"""A tensor in another shape: views that rearrange, merge, split, add and drop dimensions."""

from __future__ import annotations

from math import prod

from tcalc.engine import writing
from tcalc.engine.dtypes import DType
from tcalc.engine.shapes import broadcast, normalize_dim, normalize_dims
from tcalc.engine.state import current
from tcalc.engine.tensor import Size, Tensor, contiguous_stride
from tcalc.errors import TcalcError, index_error, type_error
from tcalc.ops import binding
from tcalc.ops.registry import attribute, op
from tcalc.ops.strides import allocate, dense_stride, inferred_size, is_dense, view_stride

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = Any  # of a variadic parameter each element is one
    Tensors = Any


# ---------------------------------------------------------------- view and reshape


@op(namespace="torch.Tensor")
def view(input: Tensor, *size: Any, dtype: DType | None = None) -> Tensor:
    """The same memory in another shape, or read as another element type; never copies.

    >>> arange(6).view(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    >>> tensor([1., 2.]).view(torch.int32)
    tensor([1065353216, 1073741824], dtype=torch.int32)
    """
    if len(size) == 1 and isinstance(size[0], DType):
        dtype = size[0]
    if dtype is not None:
        return _as_dtype(input, dtype)
    shape = inferred_size(_sizes(size, "view"), input.numel())
    stride = view_stride(input.shape, input.stride, shape)
    if stride is None:
        raise TcalcError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead."
        )
    return input.as_view(shape, stride)


def _sizes(given: Sequence[Any], name: str) -> tuple[int, ...]:
    """Sizes written one by one or as one sequence."""
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        given = given[0]
    elif not given:
        raise type_error(f"{name}() received an invalid combination of arguments - got ()")
    sizes = [binding.to_int(size) for size in given]
    for value, size in zip(given, sizes, strict=True):
        if type(size) is not int:
            raise type_error(f"{name}(): argument 'size' must be tuple of ints, not {binding.type_name(value)}")
    return tuple(sizes)


def _as_dtype(input: Tensor, dtype: DType) -> Tensor:
    """The same bytes as elements of another type; the last dimension grows or shrinks."""
    old, new = input.dtype.itemsize, dtype.itemsize
    if old == new:
        return input.as_view(input.shape, input.stride, dtype=dtype)
    words = f"to view {input.dtype.scalar_name} as {dtype.scalar_name} (different element sizes)"
    if not input.shape:
        raise TcalcError(f"self.dim() cannot be 0 {words}")
    if new < old:
        ratio = old // new
        _check_unit_stride(input, words)
        stride = (*(step * ratio for step in input.stride[:-1]), 1)
        return input.as_view((*input.shape[:-1], input.shape[-1] * ratio), stride, input.offset * ratio, dtype)
    ratio = new // old
    _check_divisible("self.size(-1)", input.shape[-1], ratio, words)
    _check_divisible("self.storage_offset()", input.offset, ratio, words)
    _check_unit_stride(input, words)
    for position, step in enumerate(input.stride[:-1]):
        _check_divisible(f"self.stride({position})", step, ratio, words)
    stride = (*(step // ratio for step in input.stride[:-1]), 1)
    return input.as_view((*input.shape[:-1], input.shape[-1] // ratio), stride, input.offset // ratio, dtype)


def _check_unit_stride(input: Tensor, words: str) -> None:
    if input.stride[-1] != 1:
        raise TcalcError(f"self.stride(-1) must be 1 {words}, but got {input.stride[-1]}")


def _check_divisible(what: str, value: int, ratio: int, words: str) -> None:
    if value % ratio:
        raise TcalcError(f"{what} must be divisible by {ratio} {words}, but got {value}")


@op(namespace="torch.Tensor")
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """The same memory in the shape of ``other``.

    >>> arange(4).view_as(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return view(input, other.shape)


@op(derivative=lambda grad, result, input, *shape: (reshape(grad, *input.shape),))
def reshape(input: Tensor, *shape: Ints) -> Tensor:
    """The same elements in another shape: a view where strides allow it, otherwise a copy. One size may be -1.

    >>> reshape(arange(6), (3, 2))
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    wanted = inferred_size(shape, input.numel())
    stride = view_stride(input.shape, input.stride, wanted)
    if stride is not None:
        return input.as_view(wanted, stride)
    copy = clone(input, memory_format="contiguous_format")
    return copy.as_view(wanted, contiguous_stride(wanted))


@op(namespace="torch.Tensor")
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of ``other``.

    >>> arange(4).reshape_as(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return reshape(input, *other.shape)


@op(derivative=lambda grad, result, input, start_dim=0, end_dim=-1: (reshape(grad, *input.shape),))
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions ``start_dim`` to ``end_dim`` merged into one; a view where strides allow it.

    >>> flatten(tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    start = normalize_dim(start_dim, input.ndim)
    end = normalize_dim(end_dim, input.ndim)
    if start > end:
        raise TcalcError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.shape:
        return reshape(input, 1)
    if start == end:
        return input
    merged = prod(input.shape[start : end + 1])
    return reshape(input, *input.shape[:start], merged, *input.shape[end + 1 :])


@op
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension.

    >>> ravel(tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
    """
    return reshape(contiguous(input), -1)


@op
def unflatten(input: Tensor, dim: int, sizes: Ints) -> Tensor:
    """Dimension ``dim`` split into several; one of ``sizes`` may be -1.

    >>> unflatten(arange(4), 0, (2, -1))
    tensor([[0, 1],
            [2, 3]])
    """
    dim = normalize_dim(dim, input.ndim)
    if not sizes:
        raise TcalcError("unflatten: sizes must be non-empty")
    if not input.shape:
        raise index_error("Dimension specified as 0 but tensor has no dimensions")
    try:
        split = inferred_size(sizes, input.shape[dim])
    except TcalcError as fault:
        if fault.message.startswith("shape '"):
            raise TcalcError(
                f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim "
                f"{dim} ({input.shape[dim]}) "
                "in the input tensor"
            ) from None
        raise TcalcError(f"unflatten got an unexpected error:\n{fault.message}") from None
    return view(input, (*input.shape[:dim], *split, *input.shape[dim + 1 :]))


# ---------------------------------------------------------------- order of dimensions


@op(derivative=lambda grad, result, input, *dims: (permute(grad, *_inverse_order(dims)),))
def permute(input: Tensor, *dims: Ints) -> Tensor:
    """A view with the dimensions in another order.

    >>> permute(zeros(2, 3, 5), (2, 0, 1)).shape
    torch.Size([5, 2, 3])
    """
    if len(dims) != input.ndim:
        raise TcalcError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(dims)}"
        )
    order = [normalize_dim(dim, input.ndim) for dim in dims]
    if len(set(order)) != len(order):
        raise TcalcError("permute(): duplicate dims are not allowed.")
    return input.as_view([input.shape[dim] for dim in order], [input.stride[dim] for dim in order])


def _inverse_order(dims: Sequence[int]) -> list[int]:
    order = [dim % len(dims) for dim in dims]
    return [order.index(position) for position in range(len(order))]


@op(aliases=("swapaxes", "swapdims"), derivative=lambda grad, result, input, dim0, dim1: (transpose(grad, dim0, dim1),))
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged.

    >>> transpose(tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    shape, stride = exchanged(input, dim0, dim1)
    return input.as_view(shape, stride)


def exchanged(input: Tensor, dim0: int, dim1: int) -> tuple[list[int], list[int]]:
    first = normalize_dim(dim0, input.ndim)
    second = normalize_dim(dim1, input.ndim)
    shape, stride = list(input.shape), list(input.stride)
    if shape:
        shape[first], shape[second] = shape[second], shape[first]
        stride[first], stride[second] = stride[second], stride[first]
    return shape, stride


@op(derivative=lambda grad, result, input: (t(grad),))
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector is itself.

    >>> t(tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    check_matrix("t", input)
    return transpose(input, 0, 1 if input.ndim == 2 else 0)


def check_matrix(name: str, input: Tensor) -> None:
    if input.ndim > 2:
        raise TcalcError(f"{name}() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")


@attribute
def T(input: Tensor) -> Tensor:  # noqa: N802 - PyTorch's name
    """The dimensions in reverse order: a matrix's transpose."""
    if input.ndim > 2:
        current().warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
            "deprecated and it will throw "
            "an error in a future release. Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
        )
    return permute(input, *range(input.ndim - 1, -1, -1))


@attribute
def mT(input: Tensor) -> Tensor:  # noqa: N802
    """The last two dimensions exchanged: each matrix of a batch transposed."""
    return _matrix_transpose(input, "mT")


@attribute
def H(input: Tensor) -> Tensor:  # noqa: N802
    """The conjugate transpose of a matrix."""
    if input.ndim not in (0, 2):
        raise TcalcError(
            f"tensor.H is only supported on matrices (2-D tensors). Got {input.ndim}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if input.ndim > 2 else "")
        )
    return adjoint(input)


@attribute
def mH(input: Tensor) -> Tensor:  # noqa: N802
    """The conjugate transpose of each matrix of a batch."""
    return _conjugated(_matrix_transpose(input, "mH"))


@op
def adjoint(input: Tensor) -> Tensor:
    """The conjugate transpose of a matrix or a batch of them.

    >>> adjoint(tensor([[1 + 2j, 3 - 1j]]))
    tensor([[1.-2.j],
            [3.+1.j]])
    """
    if input.ndim == 1:
        raise TcalcError("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return _conjugated(_matrix_transpose(input, "adjoint()"))


def _matrix_transpose(input: Tensor, name: str) -> Tensor:
    if input.ndim == 1:
        raise TcalcError(f"tensor.{name} is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return transpose(input, -2, -1) if input.shape else input


def _conjugated(input: Tensor) -> Tensor:
    if not input.dtype.is_complex:
        return input
    from tcalc.ops.registry import namespaces

    return namespaces["torch"]["conj"](input)


@op(aliases=("moveaxis",))
def movedim(input: Tensor, source: Ints, destination: Ints) -> Tensor:
    """A view with the ``source`` dimensions at the ``destination`` positions and the others in order.

    >>> movedim(zeros(2, 3, 5), 0, -1).shape
    torch.Size([3, 5, 2])
    """
    if len(source) != len(destination):
        raise TcalcError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should "
            "contain the same number of "
            f"dims as destination ({list(destination)} dims)"
        )
    origins = [normalize_dim(dim, input.ndim) for dim in source]
    targets = [normalize_dim(dim, input.ndim) for dim in destination]
    for name, dims, given in (("source", origins, source), ("destination", targets, destination)):
        if len(set(dims)) != len(dims):
            raise TcalcError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not input.shape:
        return input.as_view((), ())
    moved = dict(zip(targets, origins, strict=True))
    others = iter([dim for dim in range(input.ndim) if dim not in origins])
    order = [moved[position] if position in moved else next(others) for position in range(input.ndim)]
    return permute(input, *order)


# ---------------------------------------------------------------- broadcasting


@op(namespace="torch.Tensor", derivative=lambda grad, result, input, *size, implicit=False: (grad,))
def expand(input: Tensor, *size: Ints, implicit: bool = False) -> Tensor:
    """A view in which dimensions of size 1 are repeated without copying; -1 keeps a size.

    >>> tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    shape, stride = expanded(input, size)
    return input.as_view(shape, stride)


def expanded(input: Tensor, size: Sequence[int]) -> tuple[list[int], list[int]]:
    """Shape and strides of ``input`` broadcast to ``size``."""
    lead = len(size) - input.ndim
    if lead < 0:
        raise TcalcError(
            f"expand({_legacy_name(input)}{{{list(input.shape)}}}, "
            f"size={list(size)}): the number of sizes "
            f"provided ({len(size)}) must be greater or equal to the number of dimensions in the tensor ({input.ndim})"
        )
    shape, stride = list(size), [0] * len(size)
    for position in range(len(size) - 1, -1, -1):
        dim = position - lead
        if dim >= 0:
            have, step = input.shape[dim], input.stride[dim]
        else:
            have, step = 1, shape[position + 1] * stride[position + 1] if position + 1 < len(size) else 0
            if size[position] == -1:
                raise TcalcError(
                    "The expanded size of the tensor (-1) isn't allowed in a leading, "
                    f"non-existing dimension {position}"
                )
        wanted = have if size[position] == -1 else size[position]
        if wanted != have:
            if have != 1 or wanted < 0:
                raise TcalcError(
                    f"The expanded size of the tensor ({wanted}) must match the existing size "
                    f"({have}) at non-singleton "
                    f"dimension {position}.  Target sizes: {list(size)}.  Tensor sizes: {list(input.shape)}"
                )
            step = 0
        shape[position], stride[position] = wanted, step
    return shape, stride


def _legacy_name(input: Tensor) -> str:
    """What PyTorch's message calls the type; element types younger than its first ones have another form."""
    name = input.dtype.scalar_name
    old = name in ("Byte", "Char", "Short", "Int", "Long", "Half", "Float", "Double")
    return f"torch.{name}Tensor" if old else f"CPU{name}Type"


@op(namespace="torch.Tensor")
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """``input`` broadcast to the shape of ``other``.

    >>> tensor([1, 2]).expand_as(zeros(2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expand(input, *other.shape)


@op
def broadcast_to(input: Tensor, *shape: Ints) -> Tensor:
    """``input`` broadcast to a shape, as a view.

    >>> broadcast_to(tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return expand(input, *shape)


@op
def broadcast_tensors(*tensors: Tensors) -> tuple[Tensor, ...]:
    """The tensors broadcast to their common shape, as views.

    >>> broadcast_tensors(tensor([1, 2]), tensor([[3], [4]]))
    (tensor([[1, 2],
            [1, 2]]), tensor([[3, 3],
            [4, 4]]))
    """
    if not tensors:
        return ()
    shape = broadcast(*[tensor.shape for tensor in tensors])
    return tuple([expand(tensor, *shape) for tensor in tensors])


@op
def broadcast_shapes(*shapes: Any) -> Size:
    """The common shape of shapes.

    >>> broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    result: list[int] = []
    for position, shape in enumerate([(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]):
        result[:0] = [1] * (len(shape) - len(result))
        for dim in range(-1, -len(shape) - 1, -1):
            if shape[dim] not in (1, result[dim]):
                if result[dim] != 1:
                    raise TcalcError(
                        f"Attempting to broadcast a dimension of length {shape[dim]} at {dim}! Mismatching argument at "
                        f"index {position} had {shape}; but expected shape should be broadcastable to {result}"
                    )
                result[dim] = shape[dim]
    return Size(result)


# ---------------------------------------------------------------- dimensions of size one


@op(derivative=lambda grad, result, input, dim=None: (reshape(grad, *input.shape),))
def squeeze(input: Tensor, dim: Ints | None = None) -> Tensor:
    """A view without the dimensions of size 1, or without those of them that ``dim`` names.

    >>> squeeze(zeros(1, 2, 1)).shape
    torch.Size([2])
    """
    return input.as_view(*squeezed(input, dim))


def squeezed(input: Tensor, dim: Sequence[int] | None) -> tuple[list[int], list[int]]:
    named = range(input.ndim) if dim is None else normalize_dims(dim, input.ndim) if dim else ()
    kept = [at for at, size in enumerate(input.shape) if size != 1 or at not in named]
    return [input.shape[at] for at in kept], [input.stride[at] for at in kept]


@op(derivative=lambda grad, result, input, dim: (reshape(grad, *input.shape),))
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a new dimension of size 1 at ``dim``.

    >>> unsqueeze(tensor([1, 2]), 1)
    tensor([[1],
            [2]])
    """
    return input.as_view(*unsqueezed(input, dim))


def unsqueezed(input: Tensor, dim: int) -> tuple[list[int], list[int]]:
    at = normalize_dim(dim, input.ndim + 1)
    shape, stride = list(input.shape), list(input.stride)
    step = shape[at] * stride[at] if at < input.ndim else 1
    shape.insert(at, 1)
    stride.insert(at, step)
    return shape, stride


# ---------------------------------------------------------------- the same shape, other memory


@op(derivative=lambda grad, result, input, memory_format=None: (grad,))
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with memory of its own, in the memory order of ``input``.

    >>> clone(tensor([1, 2]))
    tensor([1, 2])
    """
    stride = _format_stride(input, memory_format)
    copy = allocate(input.shape, stride, input.dtype, input.device)
    if not input.is_meta:
        writing.store(copy, input.array)
        copy.storage.version = 0
    return copy


def _format_stride(input: Tensor, memory_format: Any) -> tuple[int, ...]:
    name = str(memory_format).rpartition(".")[2]
    if name in ("None", "preserve_format"):
        if is_dense(input.shape, input.stride):
            return input.stride
        return dense_stride(input.shape, input.stride)
    if name == "contiguous_format":
        return contiguous_stride(input.shape)
    return channels_last_stride(input.shape, name)


def channels_last_stride(shape: Sequence[int], name: str) -> tuple[int, ...]:
    """Strides in which the second dimension (an image's channels) is the innermost."""
    ndim = {"channels_last": 4, "channels_last_3d": 5}.get(name)
    if ndim is None or len(shape) != ndim:
        raise TcalcError(f"required rank {ndim or 4} tensor to use {name} format")
    order = [0, *range(2, ndim), 1]
    inner = contiguous_stride([shape[dim] for dim in order])
    return tuple(inner[order.index(dim)] for dim in range(ndim))


@op(namespace="torch.Tensor", derivative=lambda grad, result, input, memory_format=None: (grad,))
def contiguous(input: Tensor, *, memory_format: Any = "contiguous_format") -> Tensor:
    """The tensor itself where its elements lie row by row, otherwise such a copy.

    >>> tensor([[1, 2], [3, 4]]).T.contiguous().stride()
    (2, 1)
    """
    name = str(memory_format).rpartition(".")[2]
    if name in ("contiguous_format", "preserve_format"):
        return input if input.is_contiguous() or name == "preserve_format" else clone(input, memory_format=name)
    if tuple(input.stride) == channels_last_stride(input.shape, name):
        return input
    return clone(input, memory_format=name)


@op
def detach(input: Tensor) -> Tensor:
    """A view that takes no part in gradients.

    >>> detach(tensor([1., 2.]))
    tensor([1., 2.])
    """
    view = input.as_view(input.shape, input.stride)
    view.requires_grad = False
    return view


@attribute
def data(input: Tensor) -> Tensor:
    """The same memory, outside of gradients."""
    return Tensor(input.storage, input.dtype, input.shape, input.stride, input.offset)


@data.setter
def set_data(input: Tensor, value: Tensor) -> None:
    """``x.data = y``: look at the memory of ``y`` from now on."""
    if not isinstance(value, Tensor):
        raise type_error(f"Variable data has to be a tensor, but got {binding.type_name(value)}")
    input.set_geometry(value.storage, value.shape, value.stride, value.offset)
    input.dtype = value.dtype
