"""The windows of a pooling: their numbers for each dimension, checked in PyTorch's order and words."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.nn.sliding import per_dimension

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Ints = tuple[int, ...]


class Plan:
    """The windows of a pooling, one number for each dimension."""

    __slots__ = ("ceil", "dilation", "dims", "kernel", "padding", "places", "sizes", "stride")

    def __init__(self, dims: int, sizes: Sequence[int], ceil: bool) -> None:
        self.dims = dims
        self.sizes = tuple(sizes)
        self.ceil = ceil
        self.kernel: tuple[int, ...] = ()
        self.stride: tuple[int, ...] = ()
        self.padding: tuple[int, ...] = ()
        self.dilation: tuple[int, ...] = (1,) * dims
        self.places: tuple[int, ...] = ()

    def reach(self, dim: int) -> int:
        return self.dilation[dim] * (self.kernel[dim] - 1) + 1

    def margins_after(self) -> tuple[int, ...]:
        """What the last window needs beyond the input."""
        return tuple(
            max(0, (self.places[dim] - 1) * self.stride[dim] + self.reach(dim) - self.sizes[dim] - self.padding[dim])
            for dim in range(self.dims)
        )


def _count_places(size: int, reach: int, stride: int, padding: int, ceil: bool) -> int:
    room = size + 2 * padding - reach
    places = (room + (stride - 1 if ceil else 0)) // stride + 1
    # A window that would start in the margin behind the input is dropped.
    if ceil and (places - 1) * stride >= size + padding:
        places -= 1
    return places


def planned(
    input: Tensor, dims: int, kernel: Ints, stride: Ints | None, padding: Ints, dilation: Ints, ceil: bool, name: str
) -> Plan:
    plan = Plan(dims, input.shape[-dims:], ceil)
    plan.kernel = per_dimension(kernel, dims, "kernel_size", name)
    plan.stride = per_dimension(stride, dims, "stride", name) if stride else plan.kernel
    plan.padding = per_dimension(padding, dims, "padding", name)
    plan.dilation = per_dimension(dilation, dims, "dilation", name)
    if 0 in plan.stride:
        raise TcalcError("stride should not be zero")
    if min(plan.kernel) <= 0:
        raise TcalcError(f"kernel size should be greater than zero, but got {_named(plan.kernel, 'k')}")
    if min(plan.dilation) <= 0:
        raise TcalcError(f"dilation should be greater than zero, but got {_named(plan.dilation, 'dilation')}")
    _check_padding(plan, name)
    _refuse_empty(input, dims, name)
    if name == "avg_pool3d" and any(size < reach for size, reach in zip(plan.sizes, plan.kernel, strict=True)):
        sizes = " ".join(f"{letter}: {size}" for letter, size in zip("THW", plan.sizes, strict=True))
        raise TcalcError(f"input image ({sizes}) smaller than kernel size ({_named(plan.kernel, 'k')})")
    plan.places = tuple(
        _count_places(plan.sizes[dim], plan.reach(dim), plan.stride[dim], plan.padding[dim], ceil)
        for dim in range(dims)
    )
    if min(plan.places) < 1:
        raise _too_small(input, plan)
    return plan


def _named(values: Sequence[int], prefix: str) -> str:
    values = (1, *values) if len(values) == 1 else values  # one dimension is pooled as a picture of one row
    names = ("T", "H", "W")[3 - len(values) :]
    return " ".join(f"{prefix}{name}: {value}" for name, value in zip(names, values, strict=True))


def _check_padding(plan: Plan, name: str) -> None:
    for dim in range(plan.dims):
        width, size = plan.padding[dim], plan.kernel[dim]
        if width < 0:
            raise TcalcError(f"pad must be non-negative, but got pad: {width}")
        if 2 * width > plan.reach(dim):
            if name == "max_pool1d":
                raise TcalcError(
                    f"max_pool1d() padding should be at most half of kernel size, but got padding={width} and "
                    f"kernel_size={size}"
                )
            raise TcalcError(
                f"pad should be at most half of effective kernel size, but got pad={width}, kernel_size={size} and "
                f"dilation={plan.dilation[dim]}"
            )


def _too_small(input: Tensor, plan: Plan) -> TcalcError:
    channels = input.shape[-plan.dims - 1]
    lead = [channels] if plan.dims > 1 else [channels, 1]
    before = "x".join(map(str, [*lead, *plan.sizes]))
    after = "x".join(map(str, [*lead, *plan.places]))
    return TcalcError(f"Given input size: ({before}). Calculated output size: ({after}). Output size is too small")


def check_rank(input: Tensor, dims: int, name: str) -> None:
    if input.ndim in (dims + 1, dims + 2):
        return
    if dims == 1:
        raise TcalcError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})"
        )
    raise TcalcError(f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input")


def _refuse_empty(input: Tensor, dims: int, name: str) -> None:
    """Only a batch may be empty."""
    shape = list(input.shape)
    if 0 not in shape[-dims - 1 :]:
        return
    if dims == 3:
        function = "avg_pool3d" if name.startswith("avg") else "max_pool3d_with_indices_out_cpu_template"
        raise TcalcError(
            f"{function}(): Expected input's non-batch dimensions to have positive length, but input has a shape of "
            f"{shape} and non-batch dimension 0 has length zero!"
        )
    raise no_picture([*shape[:-1], 1, shape[-1]] if dims == 1 else shape)


def no_picture(shape: list[int]) -> TcalcError:
    return TcalcError(
        f"Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{shape}"
    )


def check_plain(input: Tensor, kernel: Ints, stride: Ints | None, padding: Ints, dilation: Ints, ceil: bool) -> None:
    """The words of PyTorch's own function for maxima along one dimension, without their places."""
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise TcalcError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(input.shape)}"
        )
    given = (
        ("kernel_size", kernel, "an int, list of ints or tuple of ints"),
        ("stride", stride or kernel, "None, an int, list of ints, or tuple of ints"),
        ("padding", padding, "an int, list of ints, or tuple of ints"),
        ("dilation", dilation, "an int, list of ints or tuple of ints"),
    )
    for name, values, what in given:
        if len(values) != 1:
            raise TcalcError(f"max_pool1d() {name} must be {what} of size 1 but got size {len(values)}")
    for name, values, _ in given:
        if name == "padding" and values[0] < 0:
            raise TcalcError(f"max_pool1d() padding must be non-negative, but got {values[0]}")
        if name != "padding" and values[0] <= 0:
            raise TcalcError(f"max_pool1d() {name} must be greater than zero, but got {values[0]}")
    reach = dilation[0] * (kernel[0] - 1) + 1
    if 2 * padding[0] <= reach:  # more is refused later, in other words
        places = _count_places(input.shape[-1], reach, (stride or kernel)[0], padding[0], ceil)
        if places <= 0:
            raise TcalcError(f"max_pool1d() Invalid computed output size: {places}")
