"""Slopes of sampled functions by second-order differences."""

from __future__ import annotations

from tcalc.engine.dtypes import bool_, uint8
from tcalc.engine.promotion import floating
from tcalc.engine.shapes import normalize_dims
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops.binding import type_name
from tcalc.ops.dispatch import Launch, Spec, execute
from tcalc.ops.registry import op
from tcalc.ops.steps import rounding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]


@op(method=False)
def gradient(input: Tensor, *, spacing: Any = 1, dim: Ints | None = None, edge_order: int = 1) -> tuple:
    """The slope along each dimension, one tensor a dimension.

    ``dim`` chooses dimensions.

    ``spacing`` is the distance of the samples, one a dimension, or a tensor of their places for each.

    >>> gradient(tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    if input.dtype is uint8:
        raise TcalcError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise TcalcError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if dim == ():
        return ()
    dims = normalize_dims(dim, input.ndim)
    spacings = _spacings(1 if spacing is None else spacing, dims, input.ndim, dim is not None)
    for position in dims:
        if input.shape[position] < edge_order + 1:
            raise TcalcError("torch.gradient expected each dimension size to be at least edge_order+1")
    if input.dtype is bool_:
        raise TcalcError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    dtype = floating(input.dtype)

    def kernel(xp: Any, out: Any, array: Any, *places: Any) -> Any:
        slopes = []
        for position, step in zip(dims, places, strict=True):
            distance = step if step.ndim else step[()]
            slopes.append(_slope(xp, rounding(dtype), array, position, distance, edge_order))
        return tuple(slopes)

    outputs = [Spec(input.shape, dtype) for _ in dims]
    answer = execute(Launch(kernel, (input, *spacings), compute=dtype.computed_as, outputs=outputs), gradient)
    return answer if isinstance(answer, tuple) else (answer,)


def _spacings(spacing: Any, dims: Sequence[int], ndim: int, dim_given: bool) -> list[Any]:
    """One distance or tensor of places a dimension."""
    if isinstance(spacing, (int, float)) or (isinstance(spacing, Tensor) and not spacing.shape):
        return [spacing] * len(dims)
    if not isinstance(spacing, (list, tuple, Tensor)):
        raise type_error(
            f"gradient() received an invalid combination of arguments - got (Tensor, spacing={type_name(spacing)}), "
            "but expected one of:"
        )
    found = list(spacing)
    if len(found) != len(dims):
        wanted = (
            f"a list of length equal to 'dim'={len(dims)}"
            if dim_given
            else f"a list of length equal to 'self.dim() = {ndim}', since dim argument was not given,"
        )
        raise TcalcError(
            f"torch.gradient expected spacing to be unspecified, a scalar, or {wanted} but got a list of length "
            f"{len(found)}"
        )
    for places in found:
        if isinstance(places, Tensor) and places.ndim != 1 and isinstance(spacing, (list, tuple)):
            raise TcalcError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{places.ndim} dimensions!"
            )
    return found


def _slope(xp: Any, step: Any, array: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    rows = xp.moveaxis(array, axis, -1)
    even = not getattr(spacing, "ndim", 0)
    steps = xp.full(rows.shape[-1] - 1, spacing, rows.dtype) if even else xp.diff(spacing)
    slopes = xp.empty(rows.shape, rows.dtype)
    if even:
        slopes[..., 1:-1] = step(rows[..., 2:] - rows[..., :-2]) / (2 * spacing)
    else:
        slopes[..., 1:-1] = _middle_slope(rows[..., :-2], rows[..., 1:-1], rows[..., 2:], steps[:-1], steps[1:])
    if edge_order == 1:
        slopes[..., 0] = step(rows[..., 1] - rows[..., 0]) / steps[0]
        slopes[..., -1] = step(rows[..., -1] - rows[..., -2]) / steps[-1]
    else:
        slopes[..., 0] = _end_slope(rows[..., 0], rows[..., 1], rows[..., 2], steps[0], steps[1])
        slopes[..., -1] = _end_slope(rows[..., -1], rows[..., -2], rows[..., -3], -steps[-1], -steps[-2])
    return xp.moveaxis(slopes, -1, axis)


def _middle_slope(first: Any, second: Any, third: Any, near: Any, far: Any) -> Any:
    """The slope at ``second`` of the parabola through three samples."""
    span = near + far
    return first * (-far / (near * span)) + second * ((far - near) / (near * far)) + third * (near / (far * span))


def _end_slope(first: Any, second: Any, third: Any, near: Any, far: Any) -> Any:
    """The slope at ``first`` of the parabola through three samples."""
    span = near + far
    return first * (-(span + near) / (near * span)) + second * (span / (near * far)) + third * (-near / (far * span))
