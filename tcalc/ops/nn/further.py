"""Old names, names in two places, and short combinations of other functions."""

from __future__ import annotations

from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, share
from tcalc.errors import TcalcError
from tcalc.ops.linalg.norms import matrix_norm, vector_norm
from tcalc.ops.nn.normalization import instance_norm as nn_instance_norm
from tcalc.ops.registry import methods, namespaces, op, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = Any

NN = "torch.nn.functional"


# ---------------------------------------------------------------- the same function under another name


def _again(path: str, name: str, record: Any) -> None:
    place(path, name, record)


_again("torch", "is_signed", methods["is_signed"].record)
for _name, _known in (("sigmoid", "sigmoid"), ("tanh", "tanh"), ("hardshrink", "hardshrink")):
    _again(NN, _name, namespaces["torch"][_known])
_again(NN, "native_channel_shuffle", namespaces["torch"]["native_channel_shuffle"])


# ---------------------------------------------------------------- norms


@op(method=False, out=True)
def frobenius_norm(input: Tensor, dim: Ints, keepdim: bool = False) -> Any:
    """The root of the sum of squares over some dimensions.

    >>> frobenius_norm(tensor([[3., 4.]]), 1)
    tensor([5.])
    """
    current().warn(
        "at::frobenius_norm is deprecated and it is just left for JIT compatibility. It will be removed in a future "
        "PyTorch release. Please use `linalg.vector_norm(A, 2., dim, keepdim)` instead"
    )
    return vector_norm(input, 2, tuple(dim) or None, keepdim)


@op(method=False, out=True)
def nuclear_norm(input: Tensor, dim: Ints = (-2, -1), keepdim: bool = False) -> Any:
    """The sum of the singular values of matrices.

    >>> nuclear_norm(tensor([[3., 0.], [0., 4.]]))
    tensor(7.)
    """
    current().warn(
        "at::nuclear_norm is deprecated and it is just left for JIT compatibility. It will be removed in a future "
        "PyTorch release. Please use `linalg.matrix_norm(A, 'nuc', dim, keepdim)` instead"
    )
    return matrix_norm(input, "nuc", dim, keepdim)


@op(method=False)
def norm_except_dim(v: Tensor, pow: int = 2, dim: int = 0) -> Any:
    """The norm over all dimensions but one, which keeps its place.

    Over all of them where ``dim`` is -1.

    >>> norm_except_dim(tensor([[3., 4.], [6., 8.]]))
    tensor([[ 5.],
            [10.]])
    """
    if dim == -1:
        return vector_norm(v, pow)
    kept = normalize_dim(dim, v.ndim)
    others = tuple(other for other in range(v.ndim) if other != kept)
    if not others:
        return v.abs()
    return vector_norm(v, pow, others, True)


@op(method=False)
def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    """``F.instance_norm`` as PyTorch's own library calls it.

    >>> instance_norm(tensor([[[1., 3.]]]), None, None, None, None, True, 0.1, 1e-5, False)
    tensor([[[-1.0000,  1.0000]]])
    """
    return nn_instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


@op(method=False, aliases=("nn.functional.conv_tbc",))
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Any:
    """A convolution over time, with time as the first dimension.

    The input is (time, batch, channel), the weights are (width, channel in, channel out).

    >>> conv_tbc(ones(3, 1, 1), ones(2, 1, 1), zeros(1)).flatten()
    tensor([2., 2.])
    """
    for name, tensor in (("Input", input), ("Weight", weight)):
        if tensor.ndim != 3:
            raise TcalcError(f"{name} must have 3 dims: time, batch, in_channel")
    return (
        namespaces[NN]["conv1d"](input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, (1,), (pad,))
        .permute(2, 0, 1)
        .contiguous()
    )


# ---------------------------------------------------------------- shapes and memory


@op(namespace="torch.Tensor")
def sum_to_size(input: Tensor, *size: Ints) -> Any:
    """The sum over dimensions that leaves a tensor of ``size``.

    It is the reverse of broadcasting ``size`` to the shape of this tensor.

    >>> ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    lead = input.ndim - len(size)
    fits = lead >= 0 and all(
        wanted in (1, have) for wanted, have in zip(size, input.shape[max(lead, 0) :], strict=False)
    )
    if not fits:
        raise TcalcError(f"size {{{list(size)}}} is not expandable to size {{{list(input.shape)}}}.")
    dims = [*range(lead), *[lead + at for at, wanted in enumerate(size) if wanted == 1 != input.shape[lead + at]]]
    answer = input.sum(tuple(dims), True) if dims else input
    return answer.view(tuple(size)) if lead else answer


@op(aliases=("utils.dlpack.from_dlpack",))
def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor over the memory of an array or of another tensor.

    >>> from_dlpack(np.array([1, 2]))
    tensor([1, 2])
    """
    if isinstance(ext_tensor, Tensor):
        return ext_tensor.as_view(ext_tensor.shape, ext_tensor.stride)
    if type(ext_tensor).__module__ == "numpy" and hasattr(ext_tensor, "flags"):
        return share(ext_tensor)
    raise TcalcError("from_dlpack takes an array or a tensor", "TypeError")
