"""Spread and order statistics: variance, median, mode, quantiles, histograms."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.shapes import normalize_dims, reduced_shape
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.reduce import average
from tcalc.ops.registry import op
from tcalc.ops.summation import accurate_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]
    Floating = Tensor  # what the binder makes of a list of whole numbers is floating

# ---------------------------------------------------------------- variance


@op(out=True)
def var(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Variance; ``correction`` (1 by default, 0 for ``unbiased=False``) is taken from the count.

    >>> var(tensor([1., 2., 3., 4.]))
    tensor(1.6667)
    >>> var(tensor([1., 2., 3., 4.]), correction=0)
    tensor(1.2500)
    """
    return _spread("var", input, dim, unbiased, keepdim, correction, with_mean=False)


@op(out=True)
def std(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Standard deviation; ``correction`` (1 by default, 0 for ``unbiased=False``) is taken from the count.

    >>> std(tensor([1., 2., 3., 4.]))
    tensor(1.2910)
    """
    return _spread("std", input, dim, unbiased, keepdim, correction, with_mean=False)


@op
def var_mean(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Variance and mean.

    >>> var_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("var_mean", input, dim, unbiased, keepdim, correction, with_mean=True)


@op
def std_mean(
    input: Floating, dim: bool | Ints | None = None, unbiased: bool = True, keepdim: bool = False,
    *, correction: Number | None = None,
) -> Launch:  # fmt: skip
    """Standard deviation and mean.

    >>> std_mean(tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    return _spread("std_mean", input, dim, unbiased, keepdim, correction, with_mean=True)


def _spread(
    name: str, input: Tensor, dim: Any, unbiased: bool, keepdim: bool, correction: Any, with_mean: bool
) -> Launch:
    if isinstance(dim, bool):  # std(unbiased)
        dim, unbiased = None, dim
    if input.dtype.category < dtypes.FLOAT:
        raise TcalcError(f"{name[:3]} and mean only support floating point and complex dtypes" if with_mean
                         else "std and var only support floating point and complex dtypes")  # fmt: skip
    if correction is None:
        correction = 1 if unbiased else 0
    dims = normalize_dims(dim, input.ndim)
    shape = reduced_shape(input.shape, dims, keepdim)
    count = 1
    for position in dims:
        count *= input.shape[position]
    divisor = _degrees_of_freedom(name, count, correction, shape)
    root = name.startswith("std")

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        center = xp.asarray(average(xp, array, dims))
        kept = reduced_shape(array.shape, dims, True)
        spread = _squared_deviations(xp, array, center.reshape(kept), dims) / divisor
        spread = xp.asarray(xp.sqrt(spread) if root else spread).reshape(shape)
        return (spread, center.reshape(shape)) if with_mean else spread

    outputs = [Spec(shape, input.dtype.to_real())]
    if with_mean:
        outputs.append(Spec(shape, input.dtype))
    return Launch(kernel, (input,), compute=input.dtype.computed_as, outputs=outputs)


def _degrees_of_freedom(name: str, count: int, correction: float, shape: Ints) -> float:
    freedom = count - correction
    if freedom <= 0 and 0 not in shape:
        current().warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            "(input numel divided by output numel)."
        )
    return max(float(freedom), 0.0)


def _squared_deviations(xp: Any, array: Any, center: Any, dims: Ints) -> Any:
    deviation = array - center
    if array.dtype.kind == "c":
        deviation = deviation.real**2 + deviation.imag**2
    else:
        deviation = deviation * deviation
    return accurate_sum(xp, deviation, dims)
