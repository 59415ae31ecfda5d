"""Fractional max pooling: maxima of windows whose places are partly random."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import refusal
from tcalc.ops.random.uniform import rand
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]

NN = "torch.nn.functional"
_DIMENSIONS = ("time", "height", "width")


def _starts(xp: Any, samples: Any, size: int, places: int, window: int) -> Any:
    """Where the windows of each plane begin: steps of a fractional width from a random phase; the last at the end."""
    last = xp.full((*samples.shape, 1), size - window, xp.int64)
    if places == 1:
        return last
    step = samples.dtype.type((size - window) / (places - 1))
    phase = samples[..., None]
    numbers = xp.arange(places - 1).astype(samples.dtype)
    first = ((numbers + phase) * step).astype(xp.int64) - (phase * step).astype(xp.int64)
    return xp.concatenate((first, last), -1)


def _kernel(dims: int, window: Sequence[int], places: Sequence[int]) -> Any:
    def kernel(xp: Any, out: Any, array: Any, samples: Any) -> Any:
        sizes = array.shape[-dims:]
        planes = array.reshape(-1, *sizes)
        samples = samples.reshape(-1, dims)
        if dims == 2:
            samples = samples[:, ::-1]  # the width's comes first
        indices: Any = 0
        for dim in range(dims):
            starts = _starts(xp, samples[:, dim], sizes[dim], places[dim], window[dim])
            reach = max(window[dim], 1)
            within = starts[:, :, None] + xp.arange(reach)
            shape = [within.shape[0], *[1] * (2 * dims)]
            shape[1 + dim], shape[1 + dims + dim] = places[dim], reach
            indices = indices * sizes[dim] + within.reshape(shape)
        # One row of candidates for each place of each plane.
        candidates = indices.reshape(planes.shape[0], _product(places), -1)
        answer = (*array.shape[:-dims], *places)
        if min(window) < 1:  # nothing is in a window: the largest of nothing, where it would begin
            return xp.full(answer, -xp.inf, array.dtype), candidates[..., 0].reshape(answer)
        values = xp.take_along_axis(planes.reshape(planes.shape[0], 1, -1), candidates, -1)
        chosen = values.argmax(-1)[..., None]
        found = xp.take_along_axis(values, chosen, -1).reshape(answer)
        return found, xp.take_along_axis(candidates, chosen, -1).reshape(answer)

    return kernel


def _product(values: Sequence[int]) -> int:
    answer = 1
    for value in values:
        answer *= value
    return answer


def _pooled(
    input: Tensor, dims: int, window: Ints, size: Ints | None, ratio: Any, samples: Tensor | None, name: str
) -> Any:
    if size is None and ratio is None:
        raise value_error(f"{name} requires specifying either an output_size or an output_ratio")
    if size is None:
        size = _by_ratio(input, dims, ratio, name)
    if samples is None:
        normalize_dim(-dims - 1, input.ndim)
        planes = (1, input.shape[0]) if input.ndim == dims + 1 else tuple(input.shape[:2])
        samples = rand(*planes, dims, dtype=input.dtype, device=input.device)
    window = _each(window, dims, "kernel_size", name)
    places = _each(size, dims, "output_size", name)
    _check(input, dims, window, places, samples, name)
    shape = (*input.shape[:-dims], *places)
    if min(places) < 0:
        raise TcalcError(f"Trying to create tensor with negative dimension {min(places)}: {list(shape)}")
    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    return Launch(_kernel(dims, window, places), (input, samples), outputs=outputs, compute=input.dtype.computed_as)


def _each(values: Ints, dims: int, what: str, name: str) -> Ints:
    if len(values) == 1:
        return tuple(values) * dims
    if len(values) != dims:
        raise TcalcError(f"{name}: {what} must either be a single Int or tuple of Ints")
    return tuple(values)


def _by_ratio(input: Tensor, dims: int, ratio: Any, name: str) -> Ints:
    if not isinstance(ratio, (list, tuple)):
        raise type_error("object of type 'float' has no len()")
    if len(ratio) != dims:
        raise value_error(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
    return tuple(int(size * part) for size, part in zip(input.shape[-dims:], ratio, strict=True))


def _check(input: Tensor, dims: int, window: Ints, places: Ints, samples: Tensor, name: str) -> None:
    if samples.dtype is not input.dtype:
        raise TcalcError("Expect _random_samples to have the same dtype as input")
    if samples.ndim != 3:
        raise TcalcError(f"Expect _random_samples to have 3 dimensions, got {samples.ndim}")
    channels = input.shape[-dims - 1]
    batch = 1 if input.ndim == dims + 1 else input.shape[0]
    if samples.shape[0] < batch:
        raise TcalcError("Expect _random_samples.size(0) no less then input batch size.")
    if samples.shape[1] != channels:
        raise TcalcError("Expect _random_samples.size(1) equals to input channel size.")
    if samples.shape[2] != dims:
        raise TcalcError(f"Expect _random_samples.size(2) equals to {dims} got {samples.shape[2]}.")
    if input.dtype.category != FLOAT:
        raise refusal(f"{name}_out_frame", input.dtype)
    where = name if dims == 2 else f"{name}_out"
    names = _DIMENSIONS[3 - dims :]
    for dim, (size, count, reach) in enumerate(zip(input.shape[-dims:], places, window, strict=True)):
        if count + reach - 1 > size - (dims == 3):
            raise TcalcError(f"{where}(): pool {names[dim]} {reach} too large relative to input {names[dim]} {size}")


def _register(dims: int) -> None:
    name = f"fractional_max_pool{dims}d"

    def with_indices(
        input: Tensor,
        kernel_size: Ints,
        output_size: Ints | None = None,
        output_ratio: Any = None,
        return_indices: bool = True,
        _random_samples: Tensor | None = None,
    ) -> Any:
        return _pooled(input, dims, kernel_size, output_size, output_ratio, _random_samples, name)

    def pool(
        input: Tensor,
        kernel_size: Ints,
        output_size: Ints | None = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> Any:
        answer = both(input, kernel_size, output_size, output_ratio, True, _random_samples)
        return answer if return_indices else answer[0]

    picture = "arange(16.).reshape(1, 4, 4)" if dims == 2 else "arange(64.).reshape(1, 4, 4, 4)"
    with_indices.__name__, pool.__name__ = f"{name}_with_indices", name
    summary = f"Maxima of {dims}-d windows at places partly random"
    sizes = "[1" + ", 2" * dims + "]"
    with_indices.__doc__ = (
        f"{summary}, and their places.\n\n>>> F.{name}_with_indices({picture}, 2, 2)[1].shape\ntorch.Size({sizes})\n"
    )
    pool.__doc__ = f"{summary}.\n\n>>> F.{name}({picture}, 2, 2).shape\ntorch.Size({sizes})\n"
    both = op(with_indices, namespace=NN)
    op(pool, namespace=NN)


_register(2)
_register(3)
