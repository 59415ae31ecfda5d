"""Window functions: weights that fade a signal in and out."""

from __future__ import annotations

import math

from tcalc.engine import dtypes
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.creation.filling import chosen_device, filled, want_gradient
from tcalc.ops.creation.ranges import arange
from tcalc.ops.out_rules import c_name
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Layout = Any


def _window(
    name: str,
    length: int,
    periodic: bool,
    weights: Callable[[Any, int], Tensor],
    dtype: DType | None,
    device: Device | None,
    requires_grad: bool,
) -> Tensor:
    """``weights(numbers, last)`` of the numbers 0 … last; a periodic window is one longer and loses its end."""
    dtype = dtype or current().default_dtype
    if dtype.category < dtypes.FLOAT:
        raise TcalcError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype={c_name(dtype)}, "
            f"device={chosen_device(device)}, layout=Strided (default), requires_grad=false (default), "
            "pinned_memory=false, memory_format=(nullopt))"
        )
    if length < 0:
        raise TcalcError(f"{name} requires non-negative window_length, got window_length={length}")
    if length <= 1:
        return want_gradient(filled((length,), 1, dtype, device, name), requires_grad)
    count = length + 1 if periodic else length
    made = weights(arange(count, dtype=dtype, device=device), count - 1)
    return want_gradient(made.as_view((length,), (1,)), requires_grad)


def _raised_cosine(alpha: float, beta: float) -> Callable[[Any, int], Tensor]:
    return lambda numbers, last: (numbers * (math.pi * 2 / last)).cos() * -beta + alpha


@op
def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Hann's window: one period of a raised cosine.

    >>> hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    weights = _raised_cosine(0.5, 0.5)
    return _window("hann_window", window_length, periodic, weights, dtype, device, requires_grad)


@op
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Hamming's window: ``alpha`` less ``beta`` times a cosine.

    >>> hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    weights = _raised_cosine(alpha, beta)
    return _window("hamming_window", window_length, periodic, weights, dtype, device, requires_grad)


@op
def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Blackman's window: two cosines.

    >>> blackman_window(4)[1:]
    tensor([0.3400, 1.0000, 0.3400])
    """

    def weights(numbers: Any, last: int) -> Tensor:
        angle = numbers * (math.pi / last)
        return (angle * 4).cos() * 0.08 - (angle * 2).cos() * 0.5 + 0.42

    return _window("blackman_window", window_length, periodic, weights, dtype, device, requires_grad)


@op
def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Bartlett's window: a triangle.

    >>> bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """

    def weights(numbers: Any, last: int) -> Tensor:
        made = numbers * (2 / last)
        falling = made[(last >> 1) + 1 :]
        falling.mul_(-1).add_(2)
        return made

    return _window("bartlett_window", window_length, periodic, weights, dtype, device, requires_grad)


@op
def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Kaiser's window: Bessel functions, steeper for a larger ``beta``.

    >>> kaiser_window(4, beta=6.0)
    tensor([0.0149, 0.4830, 1.0000, 0.4830])
    """

    def weights(numbers: Any, last: int) -> Tensor:
        place = numbers * (2 / last) - 1
        return ((1 - place * place).clamp(min=0).sqrt() * beta).i0() / numbers.new_full((), beta).i0()

    return _window("kaiser_window", window_length, periodic, weights, dtype, device, requires_grad)
