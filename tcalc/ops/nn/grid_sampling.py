"""Pictures and volumes read at places between their pixels: ``grid_sample`` and the grids of affine maps."""

from __future__ import annotations

from itertools import product

from tcalc.engine.dtypes import FLOAT
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error, value_error
from tcalc.ops.creation.ranges import linspace
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.linalg.matmul import bmm
from tcalc.ops.pointwise.arithmetic import mul
from tcalc.ops.registry import op
from tcalc.ops.shape.joining import stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]

NN = "torch.nn.functional"
_MODES = ("bilinear", "nearest", "bicubic")
_PADDINGS = ("zeros", "border", "reflection")
_ZEROS, _BORDER, _REFLECTION = range(3)
_CORNERS = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
    "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details."
)


# ---------------------------------------------------------------- places


def _pixels(grid: Any, size: int, align: bool) -> Any:
    """Places from -1 … 1 as numbers of pixels."""
    number = grid.dtype.type
    if align:
        return (grid + number(1)) * number((size - 1) / 2)
    return (grid + number(1)) * number(size / 2) - number(0.5)


def _reflected(xp: Any, places: Any, low: float, high: float) -> Any:
    """Places folded back at two borders as often as it takes."""
    if low == high:
        return xp.zeros_like(places)
    number = places.dtype.type
    span = number(high - low)
    distance = xp.abs(places - number(low))
    rest = xp.fmod(distance, span)
    turned = xp.floor(distance / span) % 2 == 1
    return xp.where(turned, span - rest, rest) + number(low)


def _kept_within(xp: Any, places: Any, size: int, padding: int, align: bool) -> Any:
    """Places moved to where the padding says that the values beyond the border come from."""
    if padding == _ZEROS:
        return places
    if padding == _REFLECTION:
        bounds = (0.0, size - 1.0) if align else (-0.5, size - 0.5)
        places = _reflected(xp, places, *bounds)
    number = places.dtype.type
    # As C's minimum and maximum do, a place that is no number becomes the first one.
    return xp.fmin(number(size - 1), xp.fmax(places, number(0)))


def _read(xp: Any, array: Any, indices: list, batch: Any) -> Any:
    """The values (N, C, …) at whole places; those outside are 0."""
    sizes = array.shape[2:]
    inside = xp.ones(indices[0].shape, bool)
    safe = []
    for index, size in zip(indices, sizes, strict=True):
        inside &= (index >= 0) & (index < size)
        safe.append(xp.where(inside, index, 0).astype(xp.int64))
    values = xp.moveaxis(array, 1, -1)[(batch, *safe)]
    values = xp.where(inside[..., None], values, values.dtype.type(0))
    return xp.moveaxis(values, -1, 1)


def _nearest(xp: Any, array: Any, places: list, batch: Any) -> Any:
    return _read(xp, array, [xp.rint(place) for place in places], batch)


def _linear(xp: Any, array: Any, places: list, batch: Any) -> Any:
    """The mean of the corners around each place, by their nearness."""
    floors = [xp.floor(place) for place in places]
    total: Any = 0
    for corner in product((0, 1), repeat=len(places)):
        weight: Any = 1
        for place, floor, step in zip(places, floors, corner, strict=True):
            near = place - floor
            weight = weight * (near if step else 1 - near)
        values = _read(xp, array, [floor + step for floor, step in zip(floors, corner, strict=True)], batch)
        total = total + values * weight[:, None].astype(array.dtype)
    return total


def _cubic_weights(xp: Any, rest: Any) -> list:
    """The weights of four neighbours in a row, for places ``rest`` beyond the second."""
    sharp = -0.75

    def near(distance: Any) -> Any:
        return ((sharp + 2) * distance - (sharp + 3)) * distance * distance + 1

    def far(distance: Any) -> Any:
        return ((sharp * distance - 5 * sharp) * distance + 8 * sharp) * distance - 4 * sharp

    return [far(rest + 1), near(rest), near(1 - rest), far(2 - rest)]


def _cubic(xp: Any, array: Any, places: list, batch: Any, padding: int, align: bool) -> Any:
    """Curves of the third degree through four by four pixels; each pixel is padded by itself."""
    floors = [xp.floor(place) for place in places]
    weights = [_cubic_weights(xp, place - floor) for place, floor in zip(places, floors, strict=True)]
    total: Any = 0
    for steps in product(range(4), repeat=2):
        indices = [
            xp.rint(_kept_within(xp, floor + (step - 1), size, padding, align))
            for floor, step, size in zip(floors, steps, array.shape[2:], strict=True)
        ]
        weight = weights[0][steps[0]] * weights[1][steps[1]]
        total = total + _read(xp, array, indices, batch) * weight[:, None].astype(array.dtype)
    return total


# ---------------------------------------------------------------- sampling


def _check(input: Tensor, grid: Tensor, cubic: bool) -> None:
    if input.device != grid.device:
        raise TcalcError(
            f"grid_sampler(): expected input and grid to be on same device, but input is on {input.device} and grid is "
            f"on {grid.device}"
        )
    for tensor in (input, grid):
        if not tensor.ndim:
            raise index_error("Dimension specified as 0 but tensor has no dimensions")
    if input.shape[0] != grid.shape[0]:
        raise TcalcError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if grid.shape[-1] != input.ndim - 2:
        raise TcalcError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but got grid with sizes "
            f"{list(grid.shape)}"
        )
    for dim in range(2, input.ndim):
        if not input.shape[dim]:
            raise TcalcError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                f"{list(input.shape)} with dimension {dim} being empty"
            )
    if input.ndim not in (4, 5) or grid.ndim != input.ndim:
        wanted = "5" if input.ndim == 5 else "4"
        raise TcalcError(
            f"grid_sampler(): expected {wanted}D input and grid with same number of dimensions, but got input with "
            f"sizes {list(input.shape)} and grid with sizes {list(grid.shape)}"
        )
    if input.ndim == 5 and cubic:
        raise TcalcError("grid_sampler(): bicubic interpolation only supports 4D input")


def _sampled(input: Tensor, grid: Tensor, mode: int, padding: int, align: bool) -> Launch:
    if not 0 <= mode < len(_MODES) or not 0 <= padding < len(_PADDINGS):
        raise TcalcError(f"grid_sampler(): there is no interpolation mode {mode} with padding mode {padding}")
    _check(input, grid, mode == 2)
    if input.dtype.category != FLOAT:
        raise refusal(f"grid_sampler_{input.ndim - 2}d_cpu_kernel_impl", input.dtype)
    if input.dtype is not grid.dtype:
        raise TcalcError(f"expected scalar type {input.dtype.scalar_name} but found {grid.dtype.scalar_name}")

    def kernel(xp: Any, out: Any, array: Any, where: Any) -> Any:
        dims = array.ndim - 2
        batch = xp.arange(array.shape[0]).reshape((-1,) + (1,) * dims)
        # A grid names the last dimension first.
        places = [_pixels(where[..., dims - 1 - dim], array.shape[2 + dim], align) for dim in range(dims)]
        if mode == 2:
            return _cubic(xp, array, places, batch, padding, align)
        places = [
            _kept_within(xp, place, size, padding, align) for place, size in zip(places, array.shape[2:], strict=True)
        ]
        return (_linear, _nearest)[mode](xp, array, places, batch)

    shape = (*input.shape[:2], *grid.shape[1:-1])
    # PyTorch rounds half precision after every step here, the places in pixels too.
    return Launch(kernel, (input, grid), shape, input.dtype)


@op(namespace=NN)
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Launch:
    """The values of a picture at the places of a grid.

    The picture is (N, C, H, W), or a volume; the grid (N, …, 2 or 3) has numbers from -1 to 1.

    >>> F.grid_sample(tensor([[[[1., 3.]]]]), tensor([[[[0., 0.], [1., 0.]]]]), align_corners=True)
    tensor([[[[2., 3.]]]])
    """
    if mode not in _MODES:
        raise value_error(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in _PADDINGS:
        raise value_error(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    if align_corners is None:
        current().warn(_CORNERS)
    return _sampled(input, grid, _MODES.index(mode), _PADDINGS.index(padding_mode), bool(align_corners))


@op(method=False, aliases=("grid_sampler_2d", "grid_sampler_3d"))
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Launch:
    """``grid_sample`` with its modes as numbers.

    0 bilinear, 1 nearest, 2 bicubic; and 0 zeros, 1 border, 2 reflection.

    >>> grid_sampler(tensor([[[[1., 3.]]]]), tensor([[[[0., 0.], [1., 0.]]]]), 0, 0, True)
    tensor([[[[2., 3.]]]])
    """
    return _sampled(input, grid, interpolation_mode, padding_mode, align_corners)


# ---------------------------------------------------------------- grids of affine maps


def _axis(size: int, like: Tensor, align: bool) -> Tensor:
    """The middles (or, with ``align``, the corners) of ``size`` pixels between -1 and 1."""
    if size <= 1:
        return like.new_zeros((max(size, 0),))
    ends: Tensor = linspace(-1, 1, size, dtype=like.dtype, device=like.device)
    return ends if align else mul(ends, (size - 1) / size)


def _affine_grid(theta: Tensor, size: Ints, align: bool) -> Tensor:
    if len(size) not in (4, 5):
        raise TcalcError("AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.")
    spatial = size[2:]
    dims = len(spatial)
    columns = []
    for dim in reversed(range(dims)):
        shape = [1] * dims
        shape[dim] = spatial[dim]
        columns.append(_axis(spatial[dim], theta, align).view(shape).expand(spatial))
    columns.append(theta.new_ones(spatial))
    base = stack(columns, -1).view((1, -1, dims + 1)).expand((size[0], -1, dims + 1))
    answer: Tensor = bmm(base, theta.transpose(1, 2)).view((size[0], *spatial, dims))
    return answer


@op(namespace=NN)
def affine_grid(theta: Tensor, size: Ints, align_corners: bool | None = None) -> Tensor:
    """The grid that affine maps make of a picture of this size.

    Maps (N, 2, 3) give (N, H, W, 2), or one more dimension.

    >>> F.affine_grid(tensor([[[1., 0., 0.], [0., 1., 0.]]]), (1, 1, 1, 2), align_corners=False)
    tensor([[[[-0.5000,  0.0000],
              [ 0.5000,  0.0000]]]])
    """
    if align_corners is None:
        current().warn(_CORNERS)
    if theta.dtype.category != FLOAT:
        raise value_error(f"Expected theta to have floating point type, but got {theta.dtype}")
    dims = len(size) - 2
    if dims not in (2, 3):
        raise TcalcError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{tuple(size)}.",
            "NotImplementedError",
        )
    if tuple(theta.shape[1:]) != (dims, dims + 1):
        raise value_error(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size {tuple(size)}. Got "
            f"{Size(theta.shape)}."
        )
    if align_corners and min(size[2:]) == 1:
        current().warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details."
        )
    if min(size) <= 0:
        raise value_error(f"Expected non-zero, positive output size. Got {tuple(size)}")
    return _affine_grid(theta, size, bool(align_corners))


@op(method=False)
def affine_grid_generator(theta: Tensor, size: Ints, align_corners: bool) -> Tensor:
    """``affine_grid`` as PyTorch's own library calls it.

    >>> affine_grid_generator(tensor([[[1., 0., 0.], [0., 1., 0.]]]), (1, 1, 1, 1), False)
    tensor([[[[0., 0.]]]])
    """
    return _affine_grid(theta, size, align_corners)
