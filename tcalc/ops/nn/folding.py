"""Windows of pictures as columns of a matrix, and back."""

from __future__ import annotations

from math import prod

from tcalc.engine.dtypes import INTEGER
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.nn.sliding import padded, windows
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]
    Pair = tuple[int, int]

NN = "torch.nn.functional"


def _pair(values: Sequence[int], name: str) -> Pair:
    if len(values) > 2:
        raise TcalcError(f"It is expected {name} equals to 2, but got size {len(values)}")
    return (values[0], values[0]) if len(values) == 1 else (values[0], values[1])


def _check_sizes(kernel: Pair, dilation: Pair, stride: Pair, padding: Pair) -> None:
    for name, prefix, values in (("kernel size", "kernel", kernel), ("stride", "stride", stride)):
        if min(values) <= 0:
            raise TcalcError(
                f"{name} should be greater than zero, but got {prefix}_height: {values[0]} {prefix}_width: {values[1]}"
            )
    if min(padding) < 0:
        raise TcalcError(f"padding should be non-negative, but got pad_height: {padding[0]} pad_width: {padding[1]}")
    if min(dilation) <= 0:
        raise TcalcError(
            "dilation should be greater than zero, but got dilation_height: "
            f"{dilation[0]} dilation_width: {dilation[1]}"
        )


def _places(sizes: Sequence[int], kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Pair:
    found = [(sizes[at] + 2 * padding[at] - dilation[at] * (kernel[at] - 1) - 1) // stride[at] + 1 for at in range(2)]
    return found[0], found[1]


@op(namespace=NN)
def unfold(
    input: Tensor, kernel_size: Ints, dilation: Ints = (1,), padding: Ints = (0,), stride: Ints = (1,)
) -> Launch:
    """Each window of a picture as a column.

    (N, C, H, W) gives (N, C * window, places).

    >>> F.unfold(tensor([[[1., 2.], [3., 4.]]]), (1, 2))
    tensor([[1., 3.],
            [2., 4.]])
    """
    normalize_dim(2, input.ndim)
    if input.ndim > 4 or 0 in input.shape[1:]:
        raise TcalcError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
            "input, but "
            f"got: {list(input.shape)}"
        )
    kernel, steps = _pair(kernel_size, "kernel_size"), _pair(dilation, "dilation")
    margins, strides = _pair(padding, "padding"), _pair(stride, "stride")
    _check_sizes(kernel, steps, strides, margins)
    places = _places(input.shape[-2:], kernel, steps, margins, strides)
    if min(places) < 1:
        raise TcalcError(
            f"Given input with spatial size {tuple(input.shape[-2:])}, kernel_size={kernel}, dilation={steps}, "
            f"padding={margins}, calculated shape of the array of sliding blocks as {places}, but its components "
            f"must be at "
            "least one."
        )
    if input.dtype.category == INTEGER:  # bool is taken, integers are not
        raise refusal("im2col_out_cpu", input.dtype)
    lead, channels = tuple(input.shape[:-3]), input.shape[-3]
    shape = (*lead, channels * prod(kernel), prod(places))

    def columns(xp: Any, out: Any, array: Any) -> Any:
        every = windows(xp, padded(xp, array, margins, margins), kernel, strides, steps)
        count = len(lead)
        order = [*range(count + 1), count + 3, count + 4, count + 1, count + 2]
        return xp.ascontiguousarray(every.transpose(order)).reshape(shape)

    return Launch(columns, (input,), shape, input.dtype)


@op(namespace=NN)
def fold(
    input: Tensor,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = (1,),
    padding: Ints = (0,),
    stride: Ints = (1,),
) -> Launch:
    """Columns added up as windows of a picture: the reverse of ``unfold``.

    >>> F.fold(ones(2, 2), (2, 2), (1, 2))
    tensor([[[1., 1.],
             [1., 1.]]])
    """
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise TcalcError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            "input, but "
            f"got: {list(input.shape)}"
        )
    sizes, kernel = _pair(output_size, "output_size"), _pair(kernel_size, "kernel_size")
    steps, margins, strides = _pair(dilation, "dilation"), _pair(padding, "padding"), _pair(stride, "stride")
    _check_sizes(kernel, steps, strides, margins)
    rows, columns = input.shape[-2:]
    if rows % prod(kernel):
        raise TcalcError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)="
            f"{rows} and kernel_size={kernel}."
        )
    places = _places(sizes, kernel, steps, margins, strides)
    if prod(places) != columns or min(places) < 1:
        raise TcalcError(
            f"Given output_size={sizes}, kernel_size={kernel}, dilation={steps}, padding={margins}, stride={strides}, "
            f"expected size of input's dimension 2 to match the calculated number of sliding blocks {places[0]} * "
            f"{places[1]} = "
            f"{prod(places)}, but got input.size(2)={columns}."
        )
    if input.dtype.category == INTEGER:
        raise refusal("col2im_out_cpu", input.dtype)
    lead, channels = tuple(input.shape[:-2]), rows // prod(kernel)

    def summed(xp: Any, out: Any, array: Any) -> Any:
        parts = array.reshape(*lead, channels, *kernel, *places)
        extent = [size + 2 * margin for size, margin in zip(sizes, margins, strict=True)]
        answer = xp.zeros((*lead, channels, *extent), array.dtype)
        for row in range(kernel[0]):
            for column in range(kernel[1]):
                top, left = row * steps[0], column * steps[1]
                target = answer[..., top : top + places[0] * strides[0] : strides[0], :]
                target = target[..., left : left + places[1] * strides[1] : strides[1]]
                target[...] += parts[..., row, column, :, :]
        return answer[..., margins[0] : margins[0] + sizes[0], margins[1] : margins[1] + sizes[1]]

    return Launch(summed, (input,), (*lead, channels, *sizes), input.dtype, compute=input.dtype.computed_as)
