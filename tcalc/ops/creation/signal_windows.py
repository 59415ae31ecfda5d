"""``torch.signal.windows``: windows of ``M`` points, symmetric ones unless asked otherwise."""

from __future__ import annotations

import math

from tcalc.engine import dtypes
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error, value_error
from tcalc.ops.binding import to_number
from tcalc.ops.creation.filling import filled, want_gradient
from tcalc.ops.creation.ranges import arange, linspace
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

WINDOWS = "torch.signal.windows"


class _Request:
    """What every window is asked for: how many points of what kind, and whether both ends are alike."""

    __slots__ = ("device", "dtype", "points", "requires_grad", "span")

    def __init__(
        self, name: str, points: int, sym: bool, dtype: DType | None, layout: Any, device: Device | None, grad: bool
    ) -> None:
        dtype = dtype or current().default_dtype
        if points < 0:
            raise value_error(f"{name} requires non-negative window length, got M={points}")
        if layout is not None and str(layout) != "torch.strided":
            raise value_error(f"{name} is implemented for strided tensors only, got: {layout}")
        if dtype not in (dtypes.float32, dtypes.float64):
            raise value_error(f"{name} expects float32 or float64 dtypes, got: {dtype}")
        self.points = points
        self.dtype = dtype
        self.device = device
        self.requires_grad = grad
        # From one end of the window to the other; one that is not symmetric ends beyond its last point.
        self.span = points - 1 if sym else points

    def line(self, start: float, step: float, last: float | None = None) -> Tensor:
        """The numbers ``start + step * i``, of which none is beyond ``last``."""
        end = start + (self.points - 1) * step
        end = end if last is None else min(end, last)
        answer: Tensor = linspace(start, end, self.points, dtype=self.dtype, device=self.device)
        return answer

    def finish(self, weights: Callable[[], Tensor], flat_point: bool = True) -> Tensor:
        """The window; none or one point need no weights."""
        if self.points == 0 or (self.points == 1 and flat_point):
            return want_gradient(filled((self.points,), 1, self.dtype, self.device, "the window"), self.requires_grad)
        return want_gradient(weights(), self.requires_grad)


@op(namespace=WINDOWS)
def exponential(
    M: int,  # noqa: N803 - PyTorch's name
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A peak that falls exponentially on both sides.

    To ``1 / e`` within ``tau`` points.

    >>> torch.signal.windows.exponential(3)
    tensor([0.3679, 1.0000, 0.3679])
    """
    request = _Request("exponential", M, sym, dtype, layout, device, requires_grad)
    if tau <= 0:
        raise value_error(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise value_error("Center must be None for symmetric windows")
    middle = request.span / 2 if center is None else center
    return request.finish(lambda: (-request.line(-middle / tau, 1 / tau).abs()).exp(), flat_point=center is None)


@op(namespace=WINDOWS)
def cosine(
    M: int,  # noqa: N803
    *,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Half a period of a sine.

    >>> torch.signal.windows.cosine(3)
    tensor([0.5000, 1.0000, 0.5000])
    """
    request = _Request("cosine", M, sym, dtype, layout, device, requires_grad)

    def weights() -> Tensor:
        step = math.pi / (request.span + 1)
        answer: Tensor = request.line(0.5 * step, step).sin()
        return answer

    return request.finish(weights)


@op(namespace=WINDOWS)
def gaussian(
    M: int,  # noqa: N803
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The bell curve of a standard deviation of ``std`` points.

    >>> torch.signal.windows.gaussian(3)
    tensor([0.6065, 1.0000, 0.6065])
    """
    request = _Request("gaussian", M, sym, dtype, layout, device, requires_grad)
    if std <= 0:
        raise value_error(f"Standard deviation must be positive, got: {std} instead.")
    step = 1 / (std * math.sqrt(2))
    return request.finish(lambda: (-request.line(-request.span / 2 * step, step).square()).exp())


@op(namespace=WINDOWS)
def kaiser(
    M: int,  # noqa: N803
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Kaiser's window: Bessel functions, steeper for a larger ``beta``.

    >>> torch.signal.windows.kaiser(3, beta=2.)
    tensor([0.4387, 1.0000, 0.4387])
    """
    request = _Request("kaiser", M, sym, dtype, layout, device, requires_grad)
    if beta < 0:
        raise value_error(f"beta must be non-negative, got: {beta} instead.")

    def weights() -> Tensor:
        line = request.line(-beta, 2 * beta / request.span, beta)
        answer: Tensor = (beta * beta - line.square()).sqrt().i0() / line.new_full((), beta).i0()
        return answer

    return request.finish(weights)


@op(namespace=WINDOWS)
def bartlett(
    M: int,  # noqa: N803
    *,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Bartlett's window: a triangle.

    >>> torch.signal.windows.bartlett(3)
    tensor([0., 1., 0.])
    """
    request = _Request("bartlett", M, sym, dtype, layout, device, requires_grad)
    return request.finish(lambda: 1 - request.line(-1.0, 2 / request.span).abs())


# ---------------------------------------------------------------- sums of cosines


def _cosines(
    points: int,
    coefficients: Sequence[float],
    sym: bool,
    dtype: DType | None,
    layout: Any,
    device: Device | None,
    requires_grad: bool,
    name: str = "general_cosine",
) -> Tensor:
    """Coefficients of alternating sign times the cosines of 0, 1, 2, … periods."""
    request = _Request(name, points, sym, dtype, layout, device, requires_grad)

    def weights() -> Tensor:
        angles = request.line(0.0, 2 * math.pi / request.span)
        signed = [(-1) ** place * weight for place, weight in enumerate(coefficients)]
        column = angles.new_tensor(signed).unsqueeze(-1)
        periods = arange(len(signed), dtype=angles.dtype, device=angles.device).unsqueeze(-1)
        answer: Tensor = (column * (periods * angles).cos()).sum(0)
        return answer

    return request.finish(weights)


@op(namespace=WINDOWS)
def general_cosine(
    M: int,  # noqa: N803
    *,
    a: Any,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A sum of cosines with the coefficients ``a``, whose signs alternate.

    >>> torch.signal.windows.general_cosine(3, a=[0.5, 0.5])
    tensor([0., 1., 0.])
    """
    if not isinstance(a, (list, tuple)):
        raise type_error("Coefficients must be a list/tuple")
    if not a:
        raise value_error("Coefficients cannot be empty")
    weights = [to_number(weight) for weight in a]
    if not all(isinstance(weight, (int, float, complex)) for weight in weights):
        raise type_error("Coefficients must be numbers")
    return _cosines(M, weights, sym, dtype, layout, device, requires_grad)


@op(namespace=WINDOWS)
def general_hamming(
    M: int,  # noqa: N803
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: DType | None = None,
    layout: Any = None,
    device: Device | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """``alpha`` less ``1 - alpha`` times a cosine.

    >>> torch.signal.windows.general_hamming(3, alpha=0.6)
    tensor([0.2000, 1.0000, 0.2000])
    """
    return _cosines(M, (alpha, 1.0 - alpha), sym, dtype, layout, device, requires_grad)


# name -> coefficients, summary, example.
_SUMS_OF_COSINES = {
    "hann": ((0.5, 0.5), "Hann's window: one period of a raised cosine.", "0., 1., 0."),
    "hamming": ((0.54, 0.46), "Hamming's window: a cosine raised a little more.", "0.0800, 1.0000, 0.0800"),
    "blackman": ((0.42, 0.5, 0.08), "Blackman's window: two cosines.", "-1.4901e-08,  1.0000e+00, -1.4901e-08"),
    "nuttall": (
        (0.3635819, 0.4891775, 0.1365995, 0.0106411),
        "Nuttall's window: three cosines.",
        "3.6280e-04, 1.0000e+00, 3.6280e-04",
    ),
}


def _register(name: str, coefficients: tuple[float, ...], summary: str, example: str) -> None:
    def function(
        M: int,  # noqa: N803
        *,
        sym: bool = True,
        dtype: DType | None = None,
        layout: Any = None,
        device: Device | None = None,
        requires_grad: bool = False,
    ) -> Tensor:
        return _cosines(M, coefficients, sym, dtype, layout, device, requires_grad, checked_as)

    # Blackman's alone checks what it is asked for under its own name.
    checked_as = name if name == "blackman" else "general_cosine"
    function.__name__ = name
    function.__doc__ = f"{summary}\n\n>>> torch.signal.windows.{name}(3)\ntensor([{example}])\n"
    op(function, namespace=WINDOWS)


for _name, _row in _SUMS_OF_COSINES.items():
    _register(_name, *_row)
