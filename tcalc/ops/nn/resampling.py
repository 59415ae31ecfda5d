"""Pictures in other sizes: every mode is one matrix of weights for each dimension."""

from __future__ import annotations

from math import floor

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.binding import type_name
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

NN = "torch.nn.functional"
_MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "lanczos", "area", "nearest-exact")
_LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}


# ---------------------------------------------------------------- weights of one dimension


def _ratio(size: int, places: int, scale: float | None, align: bool) -> float:
    """How far one place of the answer reaches in the input."""
    if align:
        return (size - 1) / (places - 1) if places > 1 else 0.0
    return 1 / scale if scale else size / places


def _nearest(xp: Any, size: int, places: int, ratio: float, exact: bool) -> Any:
    """The input's place for each place of the answer."""
    found = xp.floor((xp.arange(places, dtype=xp.float32) + (0.5 if exact else 0)) * xp.float32(ratio))
    return xp.minimum(found.astype(xp.int64), size - 1)


def _tap_matrix(xp: Any, size: int, places: int, taps: Sequence[tuple[Any, Any]]) -> Any:
    """A (places, size) matrix out of pairs of input places and weights."""
    weights = xp.zeros((places, size), xp.float64)
    rows = xp.arange(places)
    for columns, factors in taps:
        weights[rows, columns] += factors  # each row meets a column once in one tap
    return weights


def _linear_weights(xp: Any, size: int, places: int, ratio: float, align: bool) -> Any:
    steps = xp.arange(places)
    if size == places:  # whatever the scale was that led there
        return xp.eye(size)
    source = steps * ratio if align else xp.maximum((steps + 0.5) * ratio - 0.5, 0)
    left = xp.minimum(xp.floor(source).astype(xp.int64), size - 1)
    part = source - left
    return _tap_matrix(xp, size, places, [(left, 1 - part), (xp.minimum(left + 1, size - 1), part)])


def _cubic(xp: Any, distance: Any, sharpness: float) -> Any:
    """The cubic convolution filter of a distance."""
    x = xp.abs(distance)
    near = ((sharpness + 2) * x - (sharpness + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * sharpness
    return xp.where(x <= 1, near, xp.where(x < 2, far, 0))


def _cubic_weights(xp: Any, size: int, places: int, ratio: float, align: bool) -> Any:
    steps = xp.arange(places)
    source = steps * ratio if align else (steps + 0.5) * ratio - 0.5
    left = xp.floor(source).astype(xp.int64)
    taps = [
        (xp.clip(left + offset, 0, size - 1), _cubic(xp, source - (left + offset), -0.75)) for offset in (-1, 0, 1, 2)
    ]
    return _tap_matrix(xp, size, places, taps)


def _area_weights(xp: Any, size: int, places: int) -> Any:
    weights = xp.zeros((places, size), xp.float64)
    for place in range(places):
        start, end = place * size // places, -(-(place + 1) * size // places)
        weights[place, start:end] = 1 / (end - start)
    return weights


def _triangle(xp: Any, distance: Any) -> Any:
    return xp.maximum(1 - xp.abs(distance), 0)


def _lanczos(xp: Any, distance: Any) -> Any:
    return xp.where(xp.abs(distance) < 3, xp.sinc(distance) * xp.sinc(distance / 3), 0)


def _smooth_weights(xp: Any, size: int, places: int, ratio: float, mode: str) -> Any:
    """Weights that widen with the ratio, so that shrinking does not alias."""
    reach, shape = {
        "bilinear": (1, _triangle), "bicubic": (2, lambda xp, x: _cubic(xp, x, -0.5)), "lanczos": (3, _lanczos)
    }[mode]  # fmt: skip
    stretch = max(ratio, 1.0)
    support = reach * stretch
    weights = xp.zeros((places, size), xp.float64)
    for place in range(places):
        centre = ratio * (place + 0.5)
        start = max(int(centre - support + 0.5), 0)
        end = min(int(centre + support + 0.5), size)
        row = shape(xp, (xp.arange(start, end) - centre + 0.5) / stretch)
        weights[place, start:end] = row / row.sum()
    return weights


def _weights(xp: Any, size: int, places: int, ratio: float, mode: str, align: bool, smooth: bool) -> Any:
    if smooth:
        return _smooth_weights(xp, size, places, ratio, mode)
    if mode == "area":
        return _area_weights(xp, size, places)
    function = _cubic_weights if mode == "bicubic" else _linear_weights
    return function(xp, size, places, ratio, align)


def _resampler(sizes: Sequence[int], places: Sequence[int], ratios: Sequence[float], along: Callable) -> Callable:
    """A kernel that applies ``along(xp, array, axis, size, places, ratio)`` to each dimension."""

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        for dim in reversed(range(len(sizes))):
            axis = array.ndim - len(sizes) + dim
            array = along(xp, array, axis, sizes[dim], places[dim], ratios[dim])
        return array

    return kernel


# ---------------------------------------------------------------- sizes


def _output_sizes(input: Tensor, size: Any, scale_factor: Any) -> tuple[list[int], list[float | None]]:
    dims = input.ndim - 2
    spatial = list(input.shape[2:])
    if size is not None and scale_factor is not None:
        raise value_error("only one of size or scale_factor should be defined")
    if size is not None:
        places = list(size) if isinstance(size, (list, tuple)) else [size] * dims
        if len(places) != dims:
            raise value_error(
                "Input and output must have the same number of spatial dimensions, but got input with spatial "
                "dimensions of "
                f"{spatial} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) format "
                f"and "
                "output size in (o1, o2, ...,oK) format."
            )
        for count in places:
            if not isinstance(count, int):
                raise type_error(f"interpolate(): argument 'size' must be tuple of ints, not {type_name(count)}")
        return places, [None] * dims
    if scale_factor is None:
        raise value_error("either size or scale_factor should be defined")
    scales = list(scale_factor) if isinstance(scale_factor, (list, tuple)) else [scale_factor] * dims
    for scale in scales:
        if not isinstance(scale, (int, float)):
            raise type_error(
                f"interpolate(): argument 'scale_factor' must be float or tuple of floats, not {type_name(scale)}"
            )
    if len(scales) != dims:
        raise value_error(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
            "dimensions of "
            f"{spatial} and scale_factor of shape {scale_factor}. Please provide input tensor in (N, C, d1, d2, "
            f"...,dK) format "
            "and scale_factor in (s1, s2, ...,sK) format."
        )
    wanted = [have * float(scale) for have, scale in zip(spatial, scales, strict=True)]
    if not all(abs(size) < 2.0**63 for size in wanted):  # a nan is not, either
        raise TcalcError("value cannot be converted to type int64_t without overflow")
    return [floor(size) for size in wanted], [float(scale) for scale in scales]


def _check_mode(input: Tensor, mode: str, align_corners: bool | None, antialias: bool) -> None:
    interpolating = mode in (*_LINEAR, "bicubic", "lanczos")
    if not interpolating and align_corners is not None:
        raise value_error(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and input.ndim == 4):
        raise value_error(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode not in _MODES or input.ndim not in (3, 4, 5):
        raise TcalcError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: "
            f"{' | '.join(_MODES)} (got {mode})",
            "NotImplementedError",
        )
    wanted = 4 if mode in ("bicubic", "lanczos") else _LINEAR[mode] + 2 if mode in _LINEAR else input.ndim
    if input.ndim != wanted:
        raise TcalcError(f"Got {input.ndim}D input, but {mode} mode needs {wanted}D input", "NotImplementedError")


# ---------------------------------------------------------------- records


def _resized(
    input: Tensor, places: list[int], scales: list[float | None], mode: str, align: bool, smooth: bool
) -> Launch:
    sizes = input.shape[2:]
    if not input.shape[1] and mode != "area":
        raise TcalcError(
            f"Non-empty {input.ndim}D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )
    if min(places) <= 0 or min(sizes) <= 0:
        names = ("D", "H", "W")[3 - len(places) :]
        shown = [", ".join(f"{n}: {v}" for n, v in zip(names, values, strict=True)) for values in (sizes, places)]
        joined = " and output" if len(places) == 1 else " output"
        raise TcalcError(
            f"Input and output sizes should be greater than 0, but got input ({shown[0]}){joined} ({shown[1]})"
        )
    if input.dtype.category != FLOAT and input.dtype is not dtypes.uint8:
        name = "nearest" if mode.startswith("nearest") else {1: "linear", 2: "bilinear", 3: "trilinear"}[len(places)]
        raise refusal(f"upsample_{name}{len(places)}d_channels_last", input.dtype)
    ratios = [_ratio(size, count, scale, align) for size, count, scale in zip(sizes, places, scales, strict=True)]
    shape = (*input.shape[:2], *places)

    def pick(xp: Any, array: Any, axis: int, size: int, count: int, ratio: float) -> Any:
        return xp.take(array, _nearest(xp, size, count, ratio, mode == "nearest-exact"), axis)

    def weigh(xp: Any, array: Any, axis: int, size: int, count: int, ratio: float) -> Any:
        matrix = _weights(xp, size, count, ratio, mode, align, smooth).astype(array.dtype)
        moved = xp.moveaxis(xp.matmul(xp.moveaxis(array, axis, -1), matrix.T), -1, axis)
        # Bytes are bytes after each dimension.
        return xp.clip(xp.floor(moved + 0.5), 0, 255) if input.dtype is dtypes.uint8 else moved

    if mode.startswith("nearest"):
        return Launch(_resampler(sizes, places, ratios, pick), (input,), shape, input.dtype)
    compute = input.dtype.computed_as if input.dtype.category == FLOAT else dtypes.float32
    resample = _resampler(sizes, places, ratios, weigh)

    if input.dtype is not dtypes.uint8:
        return Launch(resample, (input,), shape, input.dtype, compute=compute)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return resample(xp, out, array).astype(xp.uint8)

    return Launch(kernel, (input,), shape, input.dtype, compute=compute)


@op(namespace=NN)
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Launch:
    """A signal, picture or volume (N, C, …) in another size.

    >>> F.interpolate(tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    >>> F.interpolate(tensor([[[1., 3.]]]), size=3, mode="linear")
    tensor([[[1., 2., 3.]]])
    """
    if mode not in (*_LINEAR, "bicubic", "lanczos") and align_corners is not None:
        _check_mode(input, mode, align_corners, antialias)
    places, scales = _output_sizes(input, size, scale_factor)
    if recompute_scale_factor:
        if size is not None:
            raise value_error("recompute_scale_factor is not meaningful with an explicit size.")
        scales = [None] * len(places)
    _check_mode(input, mode, align_corners, antialias)
    return _resized(input, places, scales, mode, bool(align_corners), antialias)


def _deprecated(name: str) -> None:
    current().warn(f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.")


@op(namespace=NN)
def upsample(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """The old name of ``interpolate``.

    >>> F.upsample(tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    _deprecated("upsample")
    return interpolate.function(input, size, scale_factor, mode, align_corners)


@op(namespace=NN)
def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Any:
    """``interpolate`` with the nearest neighbour.

    >>> F.upsample_nearest(tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    _deprecated("upsample_nearest")
    return interpolate.function(input, size, scale_factor)


@op(namespace=NN)
def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Any:
    """``interpolate`` with straight lines that meet the corners.

    >>> F.upsample_bilinear(tensor([[[[1., 3.]]]]), size=(1, 3))
    tensor([[[[1., 2., 3.]]]])
    """
    _deprecated("upsample_bilinear")
    return interpolate.function(input, size, scale_factor, "bilinear", True)
