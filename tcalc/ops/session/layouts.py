"""What tensors of other layouts have: sparse, quantized, nested. Here every tensor is dense, and these say so.

The questions that programs ask of any tensor have their answers; what only another layout has is refused in PyTorch's
words, and what would make one is not part of tcalc.
"""

from __future__ import annotations

from tcalc.engine.dtypes import DType
from tcalc.engine.tensor import Tensor
from tcalc.engine.words import Layout
from tcalc.errors import TcalcError, type_error
from tcalc.ops import registry
from tcalc.ops.registry import attribute, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LAYOUTS = ("sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged")
for _name in _LAYOUTS:
    registry.place("torch", _name, Layout(f"torch.{_name}"))

# ---------------------------------------------------------------- questions that every tensor answers


def _never(name: str, what: str) -> None:
    def read(input: Tensor) -> bool:
        return False

    read.__name__ = name
    read.__doc__ = f"False: no tensor here is {what}."
    attribute(read)


for _name, _what in {
    "is_sparse_csr": "sparse", "is_mkldnn": "laid out for a library", "is_nested": "a list of tensors",
    "is_mps": "on Apple's GPU", "is_xpu": "on Intel's GPU", "is_xla": "on a TPU", "is_ipu": "on an IPU",
    "is_vulkan": "on Vulkan", "is_maia": "on a Maia accelerator", "is_mtia": "on an MTIA accelerator",
}.items():  # fmt: skip
    _never(_name, _what)


@attribute
def name(input: Tensor) -> None:
    """None: tensors have no names."""
    return


@attribute
def output_nr(input: Tensor) -> int:
    """Which of its function's answers the tensor is, for gradients: 0."""
    return 0


@op(namespace="torch.Tensor")
def sparse_dim(input: Tensor) -> int:
    """How many dimensions are sparse: none.

    >>> ones(2, 3).sparse_dim()
    0
    """
    return 0


@op(namespace="torch.Tensor")
def dense_dim(input: Tensor) -> int:
    """How many dimensions are dense: all.

    >>> ones(2, 3).dense_dim()
    2
    """
    return input.ndim


@op(namespace="torch.Tensor")
def to_dense(input: Tensor, dtype: DType | None = None, *, masked_grad: bool | None = None) -> Tensor:
    """The tensor itself, which is dense.

    >>> tensor([1, 2]).to_dense()
    tensor([1, 2])
    """
    return input if dtype is None else input.to(dtype)


@op
def dequantize(input: Tensor) -> Tensor:
    """The tensor as float32: its elements are no codes of others.

    >>> dequantize(tensor([1, 2]))
    tensor([1., 2.])
    """
    return input.float()


# ---------------------------------------------------------------- what only another layout has

_COORDINATES = "sparse coordinate tensor layout"
_ROWS = "sparse row compressed tensor layout"
_COLUMNS = "sparse column compressed tensor layout"


def _of_another(name: str, layout: str) -> None:
    def function(input: Tensor) -> Tensor:
        raise TcalcError(f"{name} expected {layout} but got Strided")

    function.__name__ = name
    function.__doc__ = f"Only for the {layout.replace(' tensor', '')}; tensors here are dense."
    op(function, namespace="torch.Tensor")


for _name, _layout in {
    "values": "sparse tensor layout", "indices": _COORDINATES, "coalesce": _COORDINATES, "is_coalesced": _COORDINATES,
    "crow_indices": _ROWS, "col_indices": _ROWS, "ccol_indices": _COLUMNS, "row_indices": _COLUMNS,
}.items():  # fmt: skip
    _of_another(_name, _layout)


# ---------------------------------------------------------------- what would make one


def _not_here(name: str, namespace: str, what: str) -> None:
    def function(*arguments: Any, dtype: Any = None, device: Any = None, size: Any = None) -> Tensor:
        raise TcalcError(
            f"{name}() makes {what} tensor, which is not part of tcalc: its tensors are dense", "NotImplementedError"
        )

    function.__name__ = name
    function.__doc__ = f"Makes {what} tensor, which tcalc has not: its tensors are dense."
    op(function, namespace=namespace, method=namespace == "torch.Tensor")


for _name in ("coo", "csr", "csc", "bsr", "bsc", "compressed"):
    _not_here(f"sparse_{_name}_tensor", "torch", "a sparse")
for _name in ("to_sparse", "to_sparse_coo", "to_sparse_csr", "to_sparse_csc", "to_sparse_bsr", "to_sparse_bsc"):
    _not_here(_name, "torch.Tensor", "a sparse")
for _name in ("quantize_per_tensor", "quantize_per_channel", "quantize_per_tensor_dynamic"):
    _not_here(_name, "torch", "a quantized")


# ---------------------------------------------------------------- what PyTorch itself has removed

_REMOVED = {
    "eig": "`torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real tensors "
    "mimicking complex tensors.",
    "symeig": "The default behavior has changed from using the upper triangular portion of the matrix by default to "
    "using the lower triangular portion.",
    "lstsq": "`torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.",
    "solve": "`torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its arguments "
    "reversed and does not return the LU factorization.",
    "matrix_rank": "",
}
_NOW = {"symeig": "eigh", "eig": "eig"}


def _removed(name: str, why: str) -> None:
    now = f"torch.linalg.{_NOW.get(name, name)}"

    def function(input: Tensor, *arguments: Any) -> Tensor:
        space = " " if why else ""
        hint = f"use {now}"
        raise TcalcError(f"This function was deprecated since version 1.9 and is now removed.{space}{why}", hint=hint)

    function.__name__ = name
    function.__doc__ = f"Removed from PyTorch: use ``{now}``."
    op(function, method=name != "matrix_rank")


for _name, _why in _REMOVED.items():
    _removed(_name, _why)


# ---------------------------------------------------------------- memory, as PyTorch names it


@op(namespace="torch.Tensor")
def pin_memory(input: Tensor, device: Any = None) -> Tensor:
    """A copy, where there is a GPU that it could be sent to."""
    from tcalc.engine import cuda
    from tcalc.ops.shape.cloning import clone

    if not cuda.is_available():
        raise TcalcError("Cannot access accelerator device when none is available.")
    if input.device.type != "cpu":
        raise TcalcError(f"cannot pin '{input.type()}' only dense CPU tensors can be pinned")
    return clone(input)


@op(namespace="torch.Tensor")
def share_memory_(input: Tensor) -> Tensor:
    """The tensor itself: no other process is there to see it.

    >>> ones(2).share_memory_()
    tensor([1., 1.])
    """
    return input


@op(namespace="torch.Tensor")
def const_data_ptr(input: Tensor) -> int:
    """The address of the first element, as ``data_ptr``.

    >>> ones(2).const_data_ptr() > 0
    True
    """
    return input.data_ptr()


@op(namespace="torch.Tensor")
def resize(input: Tensor, *size: Any) -> Tensor:
    """A view of another shape with as many elements (better: ``view``).

    >>> tensor([1, 2]).resize(2, 1)
    tensor([[1],
            [2]])
    """
    shape = size[0] if len(size) == 1 and isinstance(size[0], (list, tuple)) else size
    if any(type(length) is not int for length in shape):
        raise type_error("resize(): argument 'size' must be tuple of ints")
    count = 1
    for length in shape:
        count *= length
    if count != input.numel():
        shown = ["x".join(map(str, sizes)) for sizes in (shape, input.shape)]
        raise TcalcError(
            f"requested resize to {shown[0]} ({count} elements in total), but the given tensor has a size of "
            f"{shown[1]} ({input.numel()} elements). autograd's resize can only change the shape of a given tensor, "
            "while preserving the number of elements. "
        )
    return input.contiguous().view(*shape)


@op(namespace="torch.Tensor")
def resize_as(input: Tensor, tensor: Tensor) -> Tensor:
    """A view in the shape of another tensor.

    Both have as many elements; ``view_as`` says it better.

    >>> arange(4).resize_as(zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return resize(input, *tensor.shape)


@op(namespace="torch.Tensor")
def new(input: Tensor, *arguments: Any) -> Tensor:
    """A tensor of the same dtype and device, of a shape or of numbers.

    ``new_empty`` and ``new_tensor`` say it better.

    >>> tensor([0.5]).new([1, 2])
    tensor([1., 2.])
    """
    if len(arguments) == 1 and isinstance(arguments[0], (list, tuple)) and type(arguments[0]).__name__ != "Size":
        return input.new_tensor(arguments[0])
    shape = arguments or (0,)
    return input.new_empty(*shape)
