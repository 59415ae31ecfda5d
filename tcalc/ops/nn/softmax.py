"""The softmax family, and attention, which is made of it."""

from __future__ import annotations

from functools import partial
from math import prod

from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, DType
from tcalc.engine.shapes import broadcast, normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor, empty
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.linalg.matmul import product
from tcalc.ops.out_rules import EXPECTED
from tcalc.ops.pointwise.arithmetic import mul
from tcalc.ops.reduction import cascade
from tcalc.ops.registry import op
from tcalc.ops.steps import VECTOR, exact, rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

NN = "torch.nn.functional"


# ---------------------------------------------------------------- kernels


def _shifted(xp: Any, array: Any, axis: int) -> Any:
    """Less the largest, so that no exponential overflows; rows without a finite largest become nan, as in PyTorch."""
    return array - array.max(axis, keepdims=True) if array.shape[axis] else array


def softmax_array(xp: Any, array: Any, axis: int, step: Callable = exact) -> Any:
    """``step`` is what becomes of the exponentials after they were summed, where they are too few for a vector."""
    powers = xp.exp(_shifted(xp, array, axis))
    if xp.__name__ == "numpy" and axis in (-1, array.ndim - 1) and powers.size < cascade.MOST:
        # Of few numbers the last digit is PyTorch's: along the fastest dimension it multiplies.
        return powers * (1 / cascade.lane_sum(powers))
    total = powers.sum(axis, keepdims=True, dtype=powers.dtype)
    few = xp.__name__ == "numpy" and prod(array.shape[axis:][1:]) < VECTOR
    return (step(powers) if few else powers) / total


def log_softmax_array(xp: Any, array: Any, axis: int, step: Callable = exact) -> Any:
    """``step`` is what becomes of the sum, and of its logarithm."""
    shifted = _shifted(xp, array, axis)
    return shifted - step(xp.log(step(xp.exp(shifted).sum(axis, keepdims=True, dtype=shifted.dtype))))


def _launch(input: Tensor, dim: int, dtype: DType | None, logarithm: bool) -> Launch:
    at = normalize_dim(dim, input.ndim)
    wanted = dtype or input.dtype
    is_last = at == max(input.ndim, 1) - 1
    if wanted.category != FLOAT:
        name = "log_softmax" if logarithm else "softmax"
        raise refusal(f"{name}_{'lastdim_' if is_last else ''}kernel_impl", wanted)
    # PyTorch keeps the sums of a logarithm's rows in the dtype itself, and the exponentials of columns.
    step = rounding(wanted) if is_last is logarithm else exact
    function = partial(log_softmax_array if logarithm else softmax_array, step=step)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if not array.ndim:
            return function(xp, array.reshape(1), 0).reshape(())
        return function(xp, array, at)

    return Launch(kernel, (input,), input.shape, wanted, compute=wanted.computed_as)


def _implicit_dim(name: str, ndim: int) -> int:
    """The dimension that old programs leave out."""
    current().warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument."
    )
    return 0 if ndim in (0, 1, 3) else 1


# ---------------------------------------------------------------- records


def _softmax_grad(grad: Any, result: Any, input: Any, dim: int, *rest: Any) -> tuple:
    return (result * (grad - (grad * result).sum(dim, keepdim=True)),)


def _log_softmax_grad(grad: Any, result: Any, input: Any, dim: int, *rest: Any) -> tuple:
    return (grad - result.exp() * grad.sum(dim, keepdim=True),)


@op(aliases=("special.softmax",), derivative=_softmax_grad, out=EXPECTED)
def softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Launch:
    """Exponentials along ``dim``, scaled so that they add up to one.

    >>> softmax(tensor([1., 2., 3.]), 0)
    tensor([0.0900, 0.2447, 0.6652])
    """
    return _launch(input, dim, dtype, logarithm=False)


@op(aliases=("special.log_softmax",), derivative=_log_softmax_grad, out=EXPECTED)
def log_softmax(input: Tensor, dim: int, dtype: DType | None = None) -> Launch:
    """The logarithm of ``softmax``, exact where that underflows.

    >>> log_softmax(tensor([1., 2., 3.]), 0)
    tensor([-2.4076, -1.4076, -0.4076])
    """
    return _launch(input, dim, dtype, logarithm=True)


@op(namespace=NN, name="softmax")
def nn_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Launch:
    """Exponentials along ``dim``, scaled so that they add up to one.

    >>> F.softmax(tensor([1., 2., 3.]), dim=0)
    tensor([0.0900, 0.2447, 0.6652])
    """
    return _launch(input, _implicit_dim("softmax", input.ndim) if dim is None else dim, dtype, logarithm=False)


@op(namespace=NN, name="log_softmax")
def nn_log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Launch:
    """The logarithm of ``softmax``, exact where that underflows.

    >>> F.log_softmax(tensor([1., 2., 3.]), dim=0)
    tensor([-2.4076, -1.4076, -0.4076])
    """
    return _launch(input, _implicit_dim("log_softmax", input.ndim) if dim is None else dim, dtype, logarithm=True)


@op(namespace=NN)
def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Launch:
    """``softmax`` of the negative: the smallest get the most.

    >>> F.softmin(tensor([1., 2., 3.]), dim=0)
    tensor([0.6652, 0.2447, 0.0900])
    """
    dim = _implicit_dim("softmin", input.ndim) if dim is None else dim
    return _launch(-input, dim, dtype, logarithm=False)  # type: ignore[operator]


@op(namespace=NN)
def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """``softmax`` of the logits with Gumbel noise: a soft (or ``hard``) random choice.

    >>> F.gumbel_softmax(tensor([5., 5.])).shape
    torch.Size([2])
    """
    noise = -empty(logits.shape, logits.dtype, logits.device).exponential_().log()
    soft: Tensor = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    chosen = soft.argmax(dim, keepdim=True)
    made: Tensor = mul(soft, 0)
    made.scatter_(dim, chosen, 1.0)
    return made - soft + soft  # type: ignore[operator]  # whose gradient is the soft one's


# ---------------------------------------------------------------- attention


@op(namespace=NN)
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """Attention: ``softmax(query @ key.mT * scale) @ value``.

    ``attn_mask`` says (bool) or weighs (float) what may be seen.

    >>> F.scaled_dot_product_attention(zeros(1, 2), ones(2, 2), tensor([[1., 2.], [3., 4.]]))
    tensor([[2., 3.]])
    """
    _check_attention(query, key, value, attn_mask, is_causal)
    factor = 1 / query.shape[-1] ** 0.5 if scale is None else scale
    if enable_gqa:
        key, value = _heads_for(query, key, value)
    batch = broadcast(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    shape = (*batch, query.shape[-2], value.shape[-1])
    weights_shape = (*broadcast(query.shape[:-2], key.shape[:-2]), query.shape[-2], key.shape[-2])
    if attn_mask is not None:
        broadcast(weights_shape, attn_mask.shape)
    dropped = _attention_dropout(query, weights_shape, dropout_p)
    operands = [query, key, value, *([attn_mask] if attn_mask is not None else [])]

    def kernel(xp: Any, out: Any, queries: Any, keys: Any, values: Any, *masks: Any) -> Any:
        scores = product(xp, None, queries, keys.swapaxes(-1, -2)) * queries.dtype.type(factor)
        allowed = None
        if is_causal:
            allowed = xp.tril(xp.ones(scores.shape[-2:], bool))
        elif masks and attn_mask is not None and attn_mask.dtype.category == BOOL:
            allowed = masks[0] != 0
        elif masks:
            scores = scores + masks[0]
        if allowed is not None:
            scores = xp.where(allowed, scores, -xp.inf)
        weights = softmax_array(xp, scores, -1)
        if allowed is not None:
            weights = xp.where(xp.any(xp.isfinite(scores), axis=-1, keepdims=True), weights, 0)
        if dropped is not None:
            weights = weights * dropped.array
        return product(xp, None, weights.astype(values.dtype, copy=False), values)

    return Launch(kernel, operands, shape, query.dtype, compute=query.dtype.computed_as)


def _heads_for(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """The keys and values of grouped queries, repeated for each head of a group."""
    wanted, keys, values = (tensor.shape[normalize_dim(-3, tensor.ndim)] for tensor in (query, key, value))
    if keys == values == 0:  # nobody to look at, and nothing seen
        shapes = [(*tensor.shape[:-3], wanted, *tensor.shape[-2:]) for tensor in (key, value)]
        return key.new_zeros(shapes[0]), value.new_zeros(shapes[1])
    if not (keys and values) or wanted % keys or wanted % values:
        raise TcalcError("Number of heads in key and value must divide the number of heads in ")
    return key.repeat_interleave(wanted // keys, -3), value.repeat_interleave(wanted // values, -3)


def _attention_dropout(query: Tensor, shape: tuple[int, ...], chance: float) -> Tensor | None:
    if not chance:
        return None
    from tcalc.ops.nn.dropout import dropout_factors

    return dropout_factors(empty(shape, query.dtype.computed_as, query.device), chance)


def _check_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, is_causal: bool) -> None:
    if not query.dtype is key.dtype is value.dtype:
        names = f"query.dtype: {_c(query)} key.dtype: {_c(key)} and value.dtype: {_c(value)}"
        raise TcalcError(f"Expected query, key, and value to have the same dtype, but got {names} instead.")
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise TcalcError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {query.ndim} "
            f"key.dim: "
            f"{key.ndim} and value.dim: {value.ndim} instead."
        )
    if mask is not None and is_causal:
        raise TcalcError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if query.dtype.category == COMPLEX or query.dtype.category < FLOAT:
        raise refusal("softmax_lastdim_kernel_impl", query.dtype)
    if query.ndim == key.ndim == 2:
        _check_product(query.shape, (key.shape[1], key.shape[0]))
        if value.ndim == 2:
            _check_product((query.shape[0], key.shape[0]), value.shape)
    if query.shape[-1] != key.shape[-1]:
        batch = 1
        for size in query.shape[:-2]:
            batch *= size
        raise TcalcError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {query.shape[-1]}] but got: "
            f"[{batch}, "
            f"{key.shape[-1]}]."
        )


def _check_product(first: Sequence[int], second: Sequence[int]) -> None:
    if first[1] != second[0]:
        sizes = f"{first[0]}x{first[1]} and {second[0]}x{second[1]}"
        raise TcalcError(f"mat1 and mat2 shapes cannot be multiplied ({sizes})")


def _c(tensor: Tensor) -> str:
    from tcalc.ops.linalg.matmul import c_name

    return c_name(tensor.dtype)
