"""Evenly spaced numbers."""

from __future__ import annotations

import math

from tcalc.engine import dtypes
from tcalc.engine.backend import backend_for
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.engine.tensor import empty as allocate
from tcalc.errors import TcalcError, value_error
from tcalc.ops.binding import Misfit
from tcalc.ops.creation.filling import check_out, chosen_device, number_dtype, want_gradient
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.backend import Array

    Number = complex
    Layout = Any


def _produce(
    compute: Callable[[Any], Array],
    count: int,
    name: str,
    out: Tensor | None,
    dtype: DType,
    device: Device | None,
    requires_grad: bool,
) -> Tensor:
    """The tensor of ``count`` numbers that ``compute(xp)`` gives, fresh or in ``out``."""
    if out is None:
        made = allocate((count,), dtype, chosen_device(device), f"the result of {name}")
        _fill(made, compute)
        return want_gradient(made, requires_grad)
    if out.numel() != count:
        from tcalc.ops.destination import resize_out

        resize_out(out, (count,))
    _fill(out, compute)
    out.storage.version += 1
    return out


def _fill(target: Tensor, compute: Callable[[Any], Array]) -> None:
    if target.is_meta or not target.numel():
        return
    backend = backend_for(target.device)
    with backend.guard():
        backend.assign(target.array, backend.cast(compute(backend.xp), target.dtype).reshape(target.shape))


def _fused(xp: Any, factor: Any, step: Any, start: Any) -> Array:
    """``factor * step + start`` in float64, rounded once as a fused multiply-add is.

    The product is split into its rounded value and the error of the rounding (Dekker), and so is the sum.
    """
    product = factor * step
    error = _product_error(factor, step, product)
    total = product + start
    rest = total - product
    lost = (product - (total - rest)) + (start - rest)
    return total + (lost + error)


def _product_error(first: Any, second: Any, product: Any) -> Any:
    split = 134217729.0  # 2**27 + 1 halves the digits of a float64
    high, other_high = first * split, second * split
    high = high - (high - first)
    other_high = other_high - (other_high - second)
    low, other_low = first - high, second - other_high
    return low * other_low - (((product - high * other_high) - low * other_high) - high * other_low)


# ---------------------------------------------------------------- arange


@op
def arange(
    start: Number | None = None,
    end: Number | None = None,
    step: Number = 1,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers from ``start`` (0) up to but not including ``end``, ``step`` (1) apart.

    Integers give int64, a float among them the default dtype.

    >>> arange(4)
    tensor([0, 1, 2, 3])
    >>> arange(1, 2, 0.25)
    tensor([1.0000, 1.2500, 1.5000, 1.7500])
    """
    if end is None:
        if start is None:
            raise Misfit
        start, end = 0, start
    first: Any = 0 if start is None else start
    if out is not None:
        check_out(out, dtype, device)
        dtype = out.dtype
    if dtype is None:
        whole = all(isinstance(number, int) for number in (first, end, step))
        dtype = dtypes.int64 if whole else current().default_dtype
    if dtype.category in (dtypes.BOOL, dtypes.COMPLEX):
        raise TcalcError(f"\"arange_cpu\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")
    _check_bounds(first, end, step)
    if dtype is dtypes.int64:
        first, end, step = (_truncated(number) for number in (first, end, step))
        if step == 0:
            raise value_error("step must be nonzero")
    count = max(0, math.ceil((end - first) / step) if dtype is not dtypes.int64 else -((first - end) // step))
    return _produce(
        lambda xp: _spaced(xp, first, step, count, dtype), count, "arange", out, dtype, device, requires_grad
    )


def _truncated(number: Any) -> Any:
    return int(number) if isinstance(number, (int, float)) and math.isfinite(number) else number


def _check_bounds(start: Any, end: Any, step: Any) -> None:
    if any(isinstance(number, complex) for number in (start, end, step)):
        raise TcalcError("value cannot be converted to type double without overflow")
    if step == 0 or math.isnan(step):
        raise TcalcError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise TcalcError(f"unsupported range: {start:g} -> {end:g}")
    if (step > 0 and end < start) or (step < 0 and end > start):
        raise TcalcError("upper bound and lower bound inconsistent with step sign")


# Floats are made in groups of this many: the first is rounded to the element type, the others count from it.
_LANES = {dtypes.float32: 8, dtypes.float64: 4, dtypes.float16: 16, dtypes.bfloat16: 16}


def _spaced(xp: Any, start: Any, step: Any, count: int, dtype: DType) -> Array:
    if dtype.category == dtypes.INTEGER:
        first, stride = _truncated(start), _truncated(step)
        return xp.arange(count, dtype=xp.int64) * stride + first
    if dtype.is_reduced:
        start, step = xp.float32(start), xp.float32(step)
    numbers = _fused(xp, xp.arange(count, dtype=xp.float64), float(step), float(start))
    lanes = _LANES.get(dtype, 1)
    whole = count // (2 * lanes) * 2 * lanes if lanes > 1 else 0
    if whole:
        bases = numbers[:whole:lanes].astype(dtype.numpy).astype(xp.float64)
        offsets = xp.arange(lanes, dtype=xp.float64)
        numbers[:whole] = _fused(xp, offsets[None, :], float(step), bases[:, None]).reshape(-1)
    return numbers


@op(name="range")
def closed_range(
    start: Number,
    end: Number,
    step: Number = 1,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers from ``start`` to ``end``, both included.

    They are ``step`` apart. It is deprecated: use ``arange``.

    >>> torch.range(1, 3)
    tensor([1., 2., 3.])
    """
    first: Any = start
    last: Any = end
    _check_bounds(first, last, step)
    if out is not None:
        check_out(out, dtype, device)
        dtype = out.dtype
    chosen = dtype or current().default_dtype
    count = int((last - first) / step + 1)
    return _produce(
        lambda xp: _spaced(xp, first, step, count, chosen), count, "range", out, chosen, device, requires_grad
    )


# ---------------------------------------------------------------- linspace and logspace


@op
def linspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: int,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included, evenly spaced.

    >>> linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    first, last, chosen = _ends("linspace", start, end, steps, out, dtype)
    return _produce(
        lambda xp: _even(xp, first, last, steps, chosen), steps, "linspace", out, chosen, device, requires_grad
    )


@op
def logspace(
    start: Number | Tensor,
    end: Number | Tensor,
    steps: int,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Powers of ``base`` with evenly spaced exponents.

    ``steps`` of them, from ``base ** start`` to ``base ** end``.

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    first, last, chosen = _ends("logspace", start, end, steps, out, dtype)

    def compute(xp: Any) -> Array:
        exponents = _even(xp, first, last, steps, _exponent_type(chosen))
        return xp.power(xp.asarray(base, exponents.dtype), exponents)

    return _produce(compute, steps, "logspace", out, chosen, device, requires_grad)


def _exponent_type(dtype: DType) -> DType:
    """The type that exponents are computed in: that of the result, or float64 for integers."""
    return dtypes.float64 if dtype.category == dtypes.INTEGER else dtype.computed_as


def _ends(
    name: str, start: Any, end: Any, steps: int, out: Tensor | None, dtype: DType | None
) -> tuple[Any, Any, DType]:
    """Both ends as Python numbers and the dtype of the answer, after PyTorch's checks."""
    for value in (start, end):
        if isinstance(value, Tensor) and value.shape:
            dims = " and ".join(
                f"{which} with {number.ndim} dimension(s)"
                for which, number in (("start", start), ("end", end))
                if isinstance(number, Tensor) and number.shape
            )
            raise TcalcError(f"{name} only supports 0-dimensional start and end tensors, but got {dims}.")
    first = start.scalar() if isinstance(start, Tensor) else start
    last = end.scalar() if isinstance(end, Tensor) else end
    if steps < 0:
        raise TcalcError("number of steps must be non-negative")
    if out is not None:
        check_out(out, dtype, None)
        dtype = out.dtype
    default = current().default_dtype
    if isinstance(first, complex) or isinstance(last, complex):
        default = number_dtype(1j)
        if dtype is not None and not dtype.is_complex:
            raise TcalcError(
                f"torch.{name}(): inferred dtype c10::complex<float> can't be safely cast to passed dtype "
                f"{dtype.scalar_name}"
            )
    dtype = dtype or default
    if dtype in (dtypes.bool_, dtypes.complex32):
        raise TcalcError(f"\"{name}_cpu\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")
    return first, last, dtype


def _even(xp: Any, start: Any, end: Any, steps: int, dtype: DType) -> Array:
    """The first half counts up from ``start``, the second half down from ``end``, each number rounded once."""
    if dtype.is_complex:
        real = _even(xp, start.real, end.real, steps, dtype.to_real()).astype(xp.float64)
        return real + 1j * _even(xp, start.imag, end.imag, steps, dtype.to_real())
    if dtype.is_reduced:
        return _even_reduced(xp, start, end, steps, dtype)
    if dtype.category == dtypes.INTEGER:
        start, end = _truncated(start), _truncated(end)
        number = xp.float64
    else:
        number = dtype.numpy.type
    first, last = number(start), number(end)
    if steps == 1:
        return xp.full(1, first)
    step = float((last - first) / number(steps - 1))
    index = xp.arange(steps, dtype=xp.float64)
    up = _fused(xp, index, step, float(first))
    down = _fused(xp, index - (steps - 1), step, float(last))
    numbers = xp.where(index < steps // 2, up, down)
    return numbers if dtype.category == dtypes.INTEGER else numbers.astype(number)


def _even_reduced(xp: Any, start: Any, end: Any, steps: int, dtype: DType) -> Array:
    """The same in half precision, where every step of the calculation is rounded."""

    def rounded(values: Any) -> Array:
        return xp.asarray(values, xp.float32).astype(dtype.numpy).astype(xp.float32)

    first, last = rounded(start), rounded(end)
    if steps == 1:
        return first.reshape(1)
    step = rounded(rounded(last - first) / rounded(steps - 1))
    index = xp.arange(steps)
    up = first + rounded(step * rounded(index))
    down = last - rounded(step * rounded(steps - 1 - index))
    return xp.where(index < steps // 2, up, down)
