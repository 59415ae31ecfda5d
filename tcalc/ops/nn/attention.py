"""Attention with several heads, all of its parts given as tensors."""

from __future__ import annotations

from tcalc.engine.dtypes import BOOL
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.nn.dropout import dropout
from tcalc.ops.nn.layers import NN, linear
from tcalc.ops.nn.softmax import softmax
from tcalc.ops.registry import op
from tcalc.ops.shape.joining import cat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _assert(condition: bool, message: str) -> None:
    if not condition:
        raise TcalcError(message, "AssertionError")


def _check_shapes(query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None) -> bool:
    """Whether the tensors are batched."""
    for name, tensor in (("key", key), ("value", value)):
        _assert(query.ndim not in (2, 3) or tensor.ndim == query.ndim, _unlike(query, key, value, name))
    if query.ndim not in (2, 3):
        raise TcalcError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor",
            "AssertionError",
        )
    batched = query.ndim == 3
    wanted = 2 if batched else 1
    _assert(
        padding is None or padding.ndim == wanted,
        f"For {'batched (3-D)' if batched else 'unbatched (2-D)'} `query`, expected `key_padding_mask` to be `None` or "
        f"{wanted}-D but found {0 if padding is None else padding.ndim}-D tensor instead",
    )
    _assert(
        mask is None or mask.ndim in (2, 3),
        f"For {'batched (3-D)' if batched else 'unbatched (2-D)'} `query`, expected `attn_mask` to be `None`, 2-D or "
        f"3-D but found {0 if mask is None else mask.ndim}-D tensor instead",
    )
    return batched


def _unlike(query: Tensor, key: Tensor, value: Tensor, name: str) -> str:
    kind = "batched (3-D)" if query.ndim == 3 else "unbatched (2-D)"
    return (
        f"For {kind} `query`, expected `key` and `value` to be {query.ndim}-D but found {key.ndim}-D and "
        f"{value.ndim}-D tensors respectively"
    )


def _as_weights(mask: Tensor | None, name: str, like: Tensor) -> Tensor | None:
    """A mask as numbers to add to the scores: where a bool one is true nothing is seen."""
    if mask is None:
        return None
    if mask.dtype.category == BOOL:
        return like.new_zeros(mask.shape).masked_fill(mask, float("-inf"))
    if not mask.dtype.is_floating_point:
        raise TcalcError(f"only bool and floating types of {name} are supported", "AssertionError")
    return mask


def _projected(
    query: Tensor, key: Tensor, value: Tensor, weights: tuple[Tensor | None, ...] | Tensor, bias: Tensor | None
) -> list[Tensor]:
    """Queries, keys and values through their linear maps."""
    maps = weights.chunk(3) if isinstance(weights, Tensor) else weights
    biases = (None, None, None) if bias is None else bias.chunk(3)
    return [linear(x, *pair) for x, *pair in zip((query, key, value), maps, biases, strict=True)]


def _heads(x: Tensor, batch: int, heads: int) -> Tensor:
    """(steps, batch, features) as (batch, heads, steps, features of a head)."""
    return x.reshape(x.shape[0], batch, heads, -1).permute(1, 2, 0, 3)


def _seen(mask: Tensor | None, padding: Tensor | None, shape: tuple[int, int, int, int], further: int) -> Tensor | None:
    """Both masks as one to add to scores of (batch, heads, queries, keys); ``further`` keys are always seen."""
    batch, heads, queries, keys = shape
    if mask is not None and mask.ndim == 3:
        wanted = (batch * heads, queries, keys - further)
        if tuple(mask.shape) != wanted:
            message = f"The shape of the 3D attn_mask is {mask.shape}, but should be {wanted}."
            raise TcalcError(message)
        mask = mask.reshape(batch, heads, queries, -1)
    elif mask is not None:
        wanted_two = (queries, keys - further)
        if tuple(mask.shape) != wanted_two:
            raise TcalcError(f"The shape of the 2D attn_mask is {mask.shape}, but should be {wanted_two}.")
    if padding is not None:
        for dim, size in enumerate((batch, keys - further)):
            found = padding.shape[dim]
            _assert(found == size, f"Expected key_padded_mask.shape[{dim}] to be {size}, but got {found}")
        padding = padding.reshape(batch, 1, 1, -1)
        mask = padding if mask is None else mask + padding  # type: ignore[operator]
    if mask is not None and further:
        mask = cat([mask, mask.new_zeros((*mask.shape[:-1], further))], -1)
    return mask


@op(namespace=NN)
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention of several heads: the answer, and its weights.

    Over (steps, batch, features).

    ``in_proj_weight`` (3 * features, features) maps queries, keys and values, ``out_proj_weight`` the heads' answer.
    The weights are (batch, queries, keys), averaged over heads, or with a dimension of heads; None without
    ``need_weights``.

    >>> x = tensor([[[1., 0.]], [[0., 1.]]])
    >>> F.multi_head_attention_forward(x, x, x, 2, 1, eye(2).repeat(3, 1), None, None, None, False, 0., eye(2), None)[0]
    tensor([[[0.6698, 0.3302]],
    <BLANKLINE>
            [[0.3302, 0.6698]]])
    """
    batched = _check_shapes(query, key, value, key_padding_mask, attn_mask)
    if is_causal and attn_mask is None:
        raise TcalcError("Need attn_mask if specifying the is_causal hint.")
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    features, batch = query.shape[2], query.shape[1]
    _assert(
        features == embed_dim_to_check, f"was expecting embedding dimension of {embed_dim_to_check}, but got {features}"
    )
    _assert(features % num_heads == 0, f"embed_dim {features} not divisible by num_heads {num_heads}")
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    maps: Any = separate if use_separate_proj_weight else in_proj_weight
    q, k, v = _projected(query, key, value, maps, in_proj_bias)
    further = 0
    if bias_k is not None and bias_v is not None:
        k, v = cat([k, bias_k.repeat(1, batch, 1)]), cat([v, bias_v.repeat(1, batch, 1)])
        further += 1
    q, k, v = (_heads(x, batch, num_heads) for x in (q, k, v))
    if static_k is not None:
        k = static_k.reshape(batch, num_heads, *static_k.shape[1:])
    if static_v is not None:
        v = static_v.reshape(batch, num_heads, *static_v.shape[1:])
    if add_zero_attn:
        k, v = (cat([x, x.new_zeros((batch, num_heads, 1, x.shape[3]))], 2) for x in (k, v))
        further += 1
    scores = (q * q.shape[3] ** -0.5) @ k.mT
    mask = _seen(
        _as_weights(attn_mask, "attn_mask", query),
        _as_weights(key_padding_mask, "key_padding_mask", query),
        scores.shape,
        further,
    )
    weights = softmax(scores if mask is None else scores + mask, -1)
    if training and dropout_p:
        weights = dropout(weights, dropout_p)
    answer = (weights @ v).permute(2, 0, 1, 3).reshape(q.shape[2] * batch, features)
    answer = linear(answer, out_proj_weight, out_proj_bias).view(q.shape[2], batch, -1)
    weights = weights.mean(1) if average_attn_weights else weights
    if not batched:
        answer, weights = answer.squeeze(1), weights.squeeze(0)
    return answer, weights if need_weights else None
