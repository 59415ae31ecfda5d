"""Paddings and the functions that move values between channels and places."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]
    Number = complex

NN = "torch.nn.functional"
_PADDED_RANKS = {2: (2, 3), 4: (3, 4), 6: (4, 5)}


# ---------------------------------------------------------------- padding


@op(namespace=NN)
def pad(input: Tensor, pad: Ints, mode: str = "constant", value: Number | None = None) -> Launch:
    """More (or fewer) values at both ends of dimensions.

    ``pad`` has two numbers a dimension, the last one first; negative ones take away.

    ``mode`` is ``"constant"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

    >>> F.pad(tensor([1, 2, 3]), (1, 2))
    tensor([0, 1, 2, 3, 0, 0])
    >>> F.pad(tensor([[1, 2, 3]]), (2, 0), mode="reflect")
    tensor([[3, 2, 1, 2, 3]])
    """
    if len(pad) % 2:
        raise TcalcError("Padding length must be divisible by 2")
    if len(pad) > 2 * input.ndim:
        raise TcalcError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(pad)} and input of dimension {input.ndim}"
        )
    widths = [(0, 0)] * (input.ndim - len(pad) // 2)
    widths += [(pad[at], pad[at + 1]) for at in range(len(pad) - 2, -2, -2)]
    if mode == "constant":
        return _padded_constant(input, widths, 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise TcalcError(f"Unrecognised padding mode {mode}", "NotImplementedError")
    if value not in (None, 0):
        raise TcalcError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if input.ndim not in _PADDED_RANKS.get(len(pad), ()):
        raise TcalcError(
            f"Padding size {len(pad)} is not supported for {input.ndim}D input tensor.", "NotImplementedError"
        )
    _check_copied(input, widths, mode, len(pad) // 2)
    return _padded_from_itself(input, widths, mode)


def _check_copied(input: Tensor, widths: Sequence[tuple[int, int]], mode: str, count: int) -> None:
    """Refuse inputs without values to copy, and answers without any."""
    shape = _padded_shape(input, widths)
    sizes = list(zip("DHW"[-count:], input.shape[-count:], shape[-count:], strict=True))
    if mode == "circular":
        if min(shape[-count:]) < 0:
            raise TcalcError("Negative padding value is resulting in an empty dimension")
        return
    if 0 in input.shape[int(input.ndim == count + 2) :]:
        raise TcalcError(
            f"Expected {count + 1}D or {count + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(input.shape)}"
        )
    if all(after < 1 for _, _, after in sizes):
        before = [f"{name}: {size}" for name, size, _ in sizes]
        after = [f"{name}: {size}" for name, _, size in sizes]
        raise TcalcError(f"input ({', '.join(before)}) is too small. Calculated output {' '.join(after)}")
    if min(shape) < 0:
        raise TcalcError(f"Trying to create tensor with negative dimension {min(shape)}: {shape}")


def _padded_shape(input: Tensor, widths: Sequence[tuple[int, int]]) -> list[int]:
    return [size + before + after for size, (before, after) in zip(input.shape, widths, strict=True)]


def _padded_constant(input: Tensor, widths: Sequence[tuple[int, int]], value: Any) -> Launch:
    shape = _padded_shape(input, widths)
    if any(size < 0 for size in shape):
        raise TcalcError("narrow(): length must be non-negative.")

    def kernel(xp: Any, out: Any, array: Any, filling: Any) -> Any:
        answer = xp.empty(shape, array.dtype)
        answer[...] = filling
        target, source = [], []
        for size, (before, after) in zip(array.shape, widths, strict=True):
            source.append(slice(max(0, -before), size - max(0, -after)))
            target.append(slice(max(0, before), max(0, before) + size - max(0, -before) - max(0, -after)))
        answer[tuple(target)] = array[tuple(source)]
        return answer

    return Launch(kernel, (input, value), shape, input.dtype)


def _padded_from_itself(input: Tensor, widths: Sequence[tuple[int, int]], mode: str) -> Launch:
    """Padded with the input's own values: the index of each place of the answer, a dimension at a time."""
    for dim, (before, after) in enumerate(widths):
        size = input.shape[dim]
        if mode == "reflect" and max(before, after) >= size and (before, after) != (0, 0):
            raise TcalcError(
                f"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
                f"({before}, "
                f"{after}) at dimension {dim} of input {list(input.shape)}"
            )
        if mode == "circular" and max(before, after) > size:
            raise TcalcError("Padding value causes wrapping around more than once.")
    shape = _padded_shape(input, widths)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        for dim, (before, after) in enumerate(widths):
            if before or after:
                size = array.shape[dim]
                array = xp.take(array, _source_places(xp, size, before, after, mode), dim)
        return array.copy()

    return Launch(kernel, (input,), shape, input.dtype)


def _source_places(xp: Any, size: int, before: int, after: int, mode: str) -> Any:
    places = xp.arange(-before, size + after)
    if mode == "replicate":
        return xp.clip(places, 0, size - 1)
    if mode == "circular":  # around what negative widths leave
        start, end = max(0, -before), size - max(0, -after)
        return (places - start) % max(end - start, 1) + start
    folded = xp.abs(places)
    return xp.where(folded >= size, 2 * (size - 1) - folded, folded)


@op(method=False)
def constant_pad_nd(input: Tensor, pad: Ints, value: Number = 0) -> Launch:
    """More values at both ends of the last dimensions, the last one first.

    >>> constant_pad_nd(tensor([1, 2]), (1, 0), 9)
    tensor([9, 1, 2])
    """
    if len(pad) % 2:
        raise TcalcError(f"Length of pad must be even but instead it equals {len(pad)}")
    if len(pad) // 2 > input.ndim:
        raise TcalcError(
            "Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(pad)} while the input has {input.ndim} dimensions."
        )
    widths = [(0, 0)] * (input.ndim - len(pad) // 2)
    widths += [(pad[at], pad[at + 1]) for at in range(len(pad) - 2, -2, -2)]
    return _padded_constant(input, widths, value)


# ---------------------------------------------------------------- channels and places


def _rearranged(input: Tensor, inner: Sequence[int], order: Sequence[int], outer: Sequence[int]) -> Launch:
    """Reshaped, transposed, reshaped; the leading dimensions stay."""
    lead = tuple(input.shape[: input.ndim - 3])
    count = len(lead)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        axes = [*range(count), *[count + place for place in order]]
        return xp.ascontiguousarray(array.reshape(*lead, *inner).transpose(axes)).reshape(*lead, *outer)

    return Launch(kernel, (input,), (*lead, *outer), input.dtype)


@op(method=False, aliases=("nn.functional.pixel_shuffle",))
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Launch:
    """Channels spread out into a larger picture.

    (C r^2, H, W) gives (C, H r, W r).

    >>> pixel_shuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2)
    tensor([[[1, 2],
             [3, 4]]])
    """
    if input.ndim < 3:
        raise TcalcError(
            f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)"
        )
    if upscale_factor <= 0:
        raise TcalcError(f"pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}")
    factor = upscale_factor
    channels, height, width = input.shape[-3:]
    if channels % (factor * factor):
        raise TcalcError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            "but "
            f"input.size(-3)={channels} is not divisible by {factor * factor}"
        )
    fewer = channels // (factor * factor)
    inner = (fewer, factor, factor, height, width)
    return _rearranged(input, inner, (0, 3, 1, 4, 2), (fewer, height * factor, width * factor))


@op(method=False, aliases=("nn.functional.pixel_unshuffle",))
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Launch:
    """The inverse of ``pixel_shuffle``: (C, H r, W r) gives (C r^2, H, W).

    >>> pixel_unshuffle(tensor([[[1, 2], [3, 4]]]), 2).shape
    torch.Size([4, 1, 1])
    """
    if input.ndim < 3:
        raise TcalcError(
            f"pixel_unshuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)"
        )
    factor = downscale_factor
    if factor <= 0:
        raise TcalcError(f"pixel_unshuffle expects a positive downscale_factor, but got {factor}")
    channels, height, width = input.shape[-3:]
    for name, place, size in (("height", -2, height), ("width", -1, width)):
        if size % factor:
            raise TcalcError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({place})={size} is not "
                f"divisible by {factor}"
            )
    inner = (channels, height // factor, factor, width // factor, factor)
    return _rearranged(input, inner, (0, 2, 4, 1, 3), (channels * factor * factor, height // factor, width // factor))


@op(method=False, aliases=("nn.functional.channel_shuffle", "native_channel_shuffle"))
def channel_shuffle(input: Tensor, groups: int) -> Launch:
    """Channels dealt out from ``groups`` piles in turn.

    >>> channel_shuffle(arange(4.).reshape(1, 4, 1, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    if input.ndim <= 2:
        raise TcalcError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}")
    if groups <= 0:
        raise TcalcError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if input.shape[1] % groups:
        raise TcalcError(
            f"Number of channels must be divisible by groups. Got {input.shape[1]} channels and {groups} groups."
        )
    shape = tuple(input.shape)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if not array.size:
            return array.copy()
        piles = array.reshape(shape[0], groups, shape[1] // groups, -1)
        return xp.ascontiguousarray(piles.swapaxes(1, 2)).reshape(shape)

    return Launch(kernel, (input,), shape, input.dtype)
