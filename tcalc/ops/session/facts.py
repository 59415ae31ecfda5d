"""What a tensor is: element type, device, its place in the record of gradients; and facts about dtypes."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.promotion import result_type as promoted
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.engine.type_info import FloatInfo, IntegerInfo
from tcalc.errors import TcalcError, type_error
from tcalc.ops.registry import attribute, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex


@attribute
def dtype(input: Tensor) -> DType:
    """The element type.

    >>> tensor([1, 2]).dtype
    torch.int64
    """
    return input.dtype


@attribute
def device(input: Tensor) -> Device:
    """Where the elements are.

    >>> zeros(2).device
    device(type='cpu')
    """
    return input.device


@attribute
def is_cpu(input: Tensor) -> bool:
    """Whether the elements are in the memory of the CPU.

    >>> zeros(2).is_cpu
    True
    """
    return input.device.type == "cpu"


@attribute
def is_cuda(input: Tensor) -> bool:
    """Whether the elements are in the memory of a GPU.

    >>> zeros(2).is_cuda
    False
    """
    return input.device.type == "cuda"


@attribute
def is_meta(input: Tensor) -> bool:
    """Whether the tensor has a shape and no elements.

    >>> zeros(2, device="meta").is_meta
    True
    """
    return input.is_meta


@attribute
def is_sparse(input: Tensor) -> bool:
    """False: every tensor here is dense.

    >>> zeros(2).is_sparse
    False
    """
    return False


@attribute
def is_quantized(input: Tensor) -> bool:
    """False: no tensor here is quantized.

    >>> zeros(2).is_quantized
    False
    """
    return False


# ---------------------------------------------------------------- gradients


@attribute
def requires_grad(input: Tensor) -> bool:
    """Whether computations with the tensor are recorded for gradients.

    >>> ones(2, requires_grad=True).requires_grad
    True
    """
    return input.requires_grad


@requires_grad.setter
def _set_requires_grad(input: Tensor, value: Any) -> None:
    if not isinstance(value, bool):
        raise TcalcError("requires_grad must be a bool")
    requires_grad_(input, value)


@attribute
def grad(input: Tensor) -> Tensor | None:
    """The gradient that ``backward`` has left, or None.

    >>> ones(2).grad is None
    True
    """
    return input.grad


@grad.setter
def _set_grad(input: Tensor, value: Any) -> None:
    if value is not None and not isinstance(value, Tensor):
        from tcalc.ops.binding import type_name

        raise type_error(f"assigned grad expected to be a Tensor or None but got grad of type {type_name(value)}")
    if value is input:
        raise TcalcError("can't assign Variable as its own grad")
    if value is not None and value.shape != input.shape:
        raise TcalcError(
            f"assigned grad has data of a different size: {list(value.shape)} but expected {list(input.shape)}"
        )
    input.grad = value


@attribute
def grad_fn(input: Tensor) -> Any:
    """How the tensor was computed, where that was recorded.

    >>> ones(2).grad_fn is None
    True
    """
    return input.grad_fn


@attribute
def is_leaf(input: Tensor) -> bool:
    """Whether the tensor is where gradients end.

    It was made, not computed from what requires one.

    >>> ones(2).is_leaf
    True
    """
    return input.grad_fn is None


@attribute
def retains_grad(input: Tensor) -> bool:
    """Whether a computed tensor keeps its gradient: ``retain_grad`` was called.

    >>> ones(2).retains_grad
    False
    """
    return False


@op(namespace="torch.Tensor")
def requires_grad_(input: Tensor, requires_grad: bool = True) -> Tensor:
    """Record computations with this tensor for gradients, or stop it.

    >>> tensor([1.]).requires_grad_()
    tensor([1.], requires_grad=True)
    """
    if requires_grad and input.dtype.category < dtypes.FLOAT:
        raise TcalcError("only Tensors of floating point dtype can require gradients")
    if not requires_grad and input.grad_fn is not None:
        raise TcalcError(
            "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
            "subgraph that doesn't require differentiation use var_no_grad = var.detach()."
        )
    input.requires_grad = requires_grad
    return input


@op(namespace="torch.Tensor")
def retain_grad(input: Tensor) -> None:
    """Keep the gradient of a computed tensor, too.

    A tensor that gradients end at keeps it anyway.

    >>> x = ones(2, requires_grad=True)
    >>> x.retain_grad()
    >>> x.retains_grad
    False
    """
    if not input.requires_grad:
        raise TcalcError("can't retain_grad on Tensor that has requires_grad=False")


@op
def is_inference(input: Tensor) -> bool:
    """False: no tensor here is barred from gradients for ever.

    >>> is_inference(ones(2))
    False
    """
    return False


@op(namespace="torch.Tensor")
def is_pinned(input: Tensor, device: Any = None) -> bool:
    """False: memory is never pinned.

    >>> tensor([1]).is_pinned()
    False
    """
    return False


@op(namespace="torch.Tensor")
def is_shared(input: Tensor) -> bool:
    """Whether other processes see the memory: that of a GPU can be shared.

    >>> tensor([1]).is_shared()
    False
    """
    return input.device.type == "cuda"


# ---------------------------------------------------------------- questions about values and dtypes


@op
def is_tensor(obj: Any) -> bool:
    """Whether ``obj`` is a tensor.

    >>> is_tensor(tensor([1])), is_tensor("one")
    (True, False)
    """
    return isinstance(obj, Tensor)


@op
def typename(obj: Any) -> str:
    """The name of a value's type; of a class, a function or a module its own.

    >>> typename(tensor([1.5])), typename(1.5), typename(torch.Tensor)
    ('torch.FloatTensor', 'float', 'torch.Tensor')
    """
    if isinstance(obj, Tensor):
        from tcalc.ops.session.convert import type_

        name: str = type_(obj)
        return name
    dotted = getattr(obj, "dotted_name", None)
    if isinstance(dotted, str):
        return dotted
    from tcalc.ops.binding import type_name

    return type_name(obj)


@op
def is_floating_point(input: Tensor) -> bool:
    """Whether the element type is a floating one.

    >>> is_floating_point(tensor([1.5]))
    True
    """
    return input.dtype.is_floating_point


@op
def is_complex(input: Tensor) -> bool:
    """Whether the element type is complex.

    >>> is_complex(tensor([1.5]))
    False
    """
    return input.dtype.is_complex


@op(namespace="torch.Tensor")
def is_signed(input: Tensor) -> bool:
    """Whether the element type has negative values.

    >>> tensor([1]).is_signed()
    True
    """
    return input.dtype.is_signed


@op
def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not zero.

    >>> is_nonzero(tensor([0.]))
    False
    """
    return bool(input)


@op
def can_cast(from_: DType, to: DType) -> bool:
    """Whether a result of one dtype may be written into another.

    >>> can_cast(torch.float64, torch.float32), can_cast(torch.float32, torch.int64)
    (True, False)
    """
    return dtypes.can_cast(from_, to)


@op
def promote_types(type1: DType, type2: DType) -> DType:
    """The smallest dtype that holds both.

    >>> promote_types(torch.int32, torch.float32)
    torch.float32
    """
    return dtypes.promote(type1, type2)


@op(method=False)
def result_type(tensor1: Tensor | Number, tensor2: Tensor | Number) -> DType:
    """The dtype of an operation on both.

    >>> result_type(tensor([1, 2]), 1.5)
    torch.float32
    """
    return promoted(tensor1, tensor2)


@op
def finfo(type: DType | None = None) -> FloatInfo:
    """The limits of a floating dtype.

    >>> finfo(torch.float16).max
    65504.0
    """
    dtype = type or current().default_dtype
    if dtype.category < dtypes.FLOAT:
        raise type_error("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
    return FloatInfo(dtype)


@op
def iinfo(type: DType) -> IntegerInfo:
    """The limits of an integer dtype.

    >>> iinfo(torch.int8).max
    127
    """
    if type.category >= dtypes.FLOAT:
        raise type_error("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
    if type.category == dtypes.BOOL:
        raise type_error("torch.bool is not supported by torch.iinfo")
    return IntegerInfo(type)
