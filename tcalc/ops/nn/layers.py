"""Layers of ``torch.nn.functional`` that look up or mix rows: linear maps, embeddings."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.destination import check_expandable
from tcalc.ops.dispatch import Launch, computing
from tcalc.ops.linalg.matmul import check_matrices, matmul, product
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]

NN = "torch.nn.functional"


# ---------------------------------------------------------------- linear maps


@op(
    namespace=NN,
    derivative=lambda grad, result, input, weight, bias=None: (grad @ weight, grad.mT @ input, grad),
)
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """``input @ weight.T + bias``: each row through a linear map.

    >>> F.linear(tensor([1., 2.]), tensor([[1., 0.], [0., 1.], [1., 1.]]), tensor([0., 0., 10.]))
    tensor([ 1.,  2., 13.])
    """
    if weight.ndim == 1:
        answer = matmul(input, weight)
        return answer if bias is None else answer + bias
    if not (input.ndim and weight.ndim):
        raise TcalcError(
            f"both arguments to linear need to be at least 1D, but they are {input.ndim}D and {weight.ndim}D"
        )
    if weight.ndim > 2:
        raise TcalcError(f"t() expects a tensor with <= 2 dimensions, but self is {weight.ndim}D")
    rows = 1
    for size in input.shape[:-1]:
        rows *= size
    check_matrices((rows, *input.shape[-1:]), weight.shape[::-1], (input.dtype, weight.dtype))
    shape = (*input.shape[:-1], weight.shape[0])
    if bias is not None:
        check_expandable(bias.shape, (rows, weight.shape[0]) if input.ndim < 3 else shape)
        if bias.dtype is not weight.dtype:
            raise TcalcError(
                f"self and mat2 must have the same dtype, but got {bias.dtype.scalar_name} and "
                f"{weight.dtype.scalar_name}"
            )

    def kernel(xp: Any, out: Any, array: Any, weights: Any, *biases: Any) -> Any:
        answer = product(xp, None if biases else out, array, weights.T)
        return answer + biases[0] if biases else answer

    operands = [input, weight, *([bias] if bias is not None else [])]
    return Launch(kernel, operands, shape, input.dtype, compute=input.dtype.computed_as)


@op(method=False, aliases=("nn.functional.bilinear",))
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Launch:
    """``input1 @ weight[k] @ input2 + bias[k]`` for each k.

    >>> bilinear(tensor([1., 2.]), tensor([3., 4.]), ones(1, 2, 2))
    tensor([21.])
    """
    if input1.ndim != input2.ndim:
        raise TcalcError(f"bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}")
    normalize_dim(-1, input1.ndim)
    for at in (1, 2):
        normalize_dim(at, weight.ndim)
    if not input1.ndim:
        raise index_error("Dimension specified as -1 but tensor has no dimensions")
    for dim, (size, other) in enumerate(zip(input1.shape[:-1], input2.shape[:-1], strict=True)):
        if size != other:
            raise TcalcError(f"bilinear(): input batch dimensions do not match at dim {dim}: got {size} and {other}")
    for number, tensor in ((1, input1), (2, input2)):
        if tensor.shape[-1] != weight.shape[number]:
            raise TcalcError(
                f"bilinear(): input{number} size does not match weight size: got {tensor.shape[-1]} but expected "
                f"{weight.shape[number]}"
            )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise TcalcError(
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected {weight.shape[0]}"
        )

    def kernel(xp: Any, out: Any, first: Any, second: Any, weights: Any, *biases: Any) -> Any:
        answer = xp.einsum("...i,kij,...j->...k", first, weights, second, optimize=True)
        return answer + biases[0] if biases else answer

    shape = (*input1.shape[:-1], weight.shape[0])
    operands = [input1, input2, weight, *([bias] if bias is not None else [])]
    return Launch(kernel, operands, shape, input1.dtype, compute=input1.dtype.computed_as)


# ---------------------------------------------------------------- tables


def check_indices(indices: Tensor, who: str) -> None:
    if indices.dtype not in (dtypes.int64, dtypes.int32):
        raise TcalcError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{indices.dtype.scalar_name}Tensor instead (while checking arguments for {who})"
        )


def _lookup(xp: Any, out: Any, indices: Any, table: Any) -> Any:
    if indices.size and ((indices < 0) | (indices >= table.shape[0])).any():
        raise index_error("index out of range in self")
    return table[indices]


def _embedding(input: Tensor, weight: Tensor) -> Launch:
    if weight.ndim != 2:
        raise TcalcError("'weight' must be 2-D")
    check_indices(input, "embedding")
    return Launch(_lookup, (input, weight), (*input.shape, weight.shape[1]), weight.dtype)


@op(namespace=NN)
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Launch:
    """The rows of a table that the indices name.

    >>> F.embedding(tensor([1, 0]), tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    if padding_idx is not None and not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise TcalcError("Padding_idx must be within num_embeddings", "AssertionError")
    if max_norm is not None:
        renormalize_rows(input, weight, max_norm, norm_type)
    return _embedding(input, weight)


def renormalize_rows(indices: Tensor, weight: Tensor, most: float, order: float) -> None:
    """Shrink the rows that are looked up to a largest norm, in place, as PyTorch does."""
    rows = indices.reshape(-1).unique()
    looked_up = weight[rows]  # type: ignore[index]
    lengths = looked_up.norm(order, -1, True)
    weight[rows] = looked_up * (most / (lengths + 1e-7)).clamp(max=1)


@op(name="embedding", method=False)
def torch_embedding(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Launch:
    """The rows of a table that the indices name.

    >>> torch.embedding(tensor([[1., 2.], [3., 4.]]), tensor([1]))
    tensor([[3., 4.]])
    """
    return _embedding(indices, weight)


@op(namespace=NN)
def one_hot(tensor: Tensor, num_classes: int = -1) -> Launch:
    """Each class as a row of zeros with a one at its place.

    >>> F.one_hot(tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype is not dtypes.int64:
        raise TcalcError("one_hot is only applicable to index tensor of type LongTensor.")
    if tensor.is_meta and num_classes > 0:
        pass  # which classes there are is not known, but the shape is
    elif not tensor.numel():
        if num_classes <= 0:
            raise TcalcError("Can not infer total number of classes from empty tensor.")
    else:
        with computing(tensor):
            least, largest = int(tensor.array.min()), int(tensor.array.max())
        if least < 0:
            raise TcalcError("Class values must be non-negative.")
        if num_classes == -1:
            num_classes = largest + 1
        elif num_classes <= largest:
            raise TcalcError("Class values must be smaller than num_classes.")

    def kernel(xp: Any, out: Any, classes: Any) -> Any:
        return (classes[..., None] == xp.arange(num_classes)).astype(xp.int64)

    return Launch(kernel, (tensor,), (*tensor.shape, num_classes), dtypes.int64)
