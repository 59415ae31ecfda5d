"""Convolutions of one, two and three dimensions, plain and transposed, as products of matrices over windows."""

from __future__ import annotations

from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch
from tcalc.ops.linalg.matmul import c_name, refuse_uncountable
from tcalc.ops.nn.convolving import Plan, convolve, order_of, transpose, transposed_order
from tcalc.ops.nn.sliding import with_batch
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]


def _numbers(values: Sequence[int], dims: int, name: str) -> tuple[int, ...]:
    if len(values) == 1:
        return tuple(values) * dims
    if len(values) != dims:
        raise TcalcError(
            f"expected {name} to be a single integer value or a list of {dims} values to match the convolution "
            f"dimensions, "
            f"but got {name}={list(values)}"
        )
    return tuple(values)


def _check_input(input: Tensor, dims: int, name: str) -> None:
    if input.ndim not in (dims + 1, dims + 2):
        raise TcalcError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input.shape)}"
        )


def _check_weight(weight: Tensor, dims: int, shape: Sequence[int], stride: Ints) -> None:
    if weight.ndim < 3:
        raise TcalcError("weight should have at least three dimensions")
    if weight.ndim == dims + 2:
        return
    if dims > 1:
        places = weight.ndim - 2
        raise TcalcError(
            f"expected stride to be a single integer value or a list of {places} values to match the convolution "
            f"dimensions, but got stride={list(stride) * (dims if len(stride) == 1 else 1)}"
        )
    raise _other_dimensions(weight, "weight ", dims, shape)


def _other_dimensions(weight: Tensor, called: str, dims: int, shape: Sequence[int]) -> TcalcError:
    return TcalcError(
        f"Expected {weight.ndim}-dimensional input for {weight.ndim}-dimensional {called}{list(weight.shape)}, but got "
        f"{dims + 2}-dimensional input of size {list(shape)} instead"
    )


def _plan(dims: int, stride: Ints, padding: Ints | str, dilation: Ints, groups: int, kernel: Sequence[int]) -> Plan:
    plan = Plan(dims, groups)
    plan.stride = _numbers(stride, dims, "stride")
    plan.dilation = _numbers(dilation, dims, "dilation")
    if isinstance(padding, str):
        plan.before, plan.after = _named_padding(padding, plan, kernel)
    else:
        plan.before = plan.after = _numbers(padding, dims, "padding")
    if groups <= 0:
        raise TcalcError("non-positive groups is not supported")
    if any(step <= 0 for step in plan.stride):
        raise TcalcError("non-positive stride is not supported")
    if any(width < 0 for width in plan.before):
        raise TcalcError("negative padding is not supported")
    if padding == "same" and min(plan.dilation) == 0:
        raise TcalcError("non-positive dilation is not supported")
    if any(step <= 0 for step in plan.dilation):
        shown = list(plan.dilation) if dims > 1 else [1, *plan.dilation]
        words = "" if min(plan.dilation) < 0 else f", but got {shown}"
        raise TcalcError(f"dilation should be greater than zero{words}")
    return plan


def _named_padding(padding: str, plan: Plan, kernel: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if padding == "valid":
        return (0,) * plan.dims, (0,) * plan.dims
    totals = [step * (size - 1) for step, size in zip(plan.dilation, kernel, strict=True)]
    if any(total % 2 for total in totals):
        current().warn(
            "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the "
            "input be "
            "created"
        )
    before = tuple(int(total / 2) for total in totals)  # towards zero, as a negative dilation shows
    return before, tuple(total - width for total, width in zip(totals, before, strict=True))


def _check_named(
    padding: str, weight: Tensor, dims: int, shape: Sequence[int], stride: Ints, dilation: Ints, groups: int
) -> None:
    """What a padding in a word asks of the operands, before anything else looks at them."""
    if padding not in ("same", "valid"):
        raise TcalcError(f"Invalid padding string: '{padding}'")
    if padding == "valid":
        return
    if weight.ndim < 3:
        raise TcalcError("weight should have at least three dimensions")
    if groups <= 0:
        raise TcalcError("non-positive groups is not supported")
    if weight.ndim != dims + 2:
        raise _other_dimensions(weight, "weight", dims, shape)
    for name, values in (("stride", stride), ("dilation", dilation)):
        if len(values) not in (1, dims):
            raise TcalcError(f"{name} cannot broadcast to {dims} dimensions")
    if any(step != 1 for step in stride):
        raise TcalcError("padding='same' is not supported for strided convolutions")


def _check_operands(
    input: Tensor, weight: Tensor, bias: Tensor | None, shape: Sequence[int], groups: int, transposed: bool
) -> None:
    if weight.shape[0] < groups:
        raise TcalcError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{list(weight.shape)} instead"
        )
    if weight.shape[0] % groups:
        raise TcalcError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size "
            f"[{list(weight.shape)}] instead"
        )
    wanted = weight.shape[0] if transposed else weight.shape[1] * groups
    given = f"transposed={int(transposed)}" if transposed else f"groups={groups}"
    if shape[1] != wanted:
        raise TcalcError(
            f"Given {given}, weight of size {list(weight.shape)}, expected input{list(shape)} to have "
            f"{wanted} channels, "
            f"but got {shape[1]} channels instead"
        )
    outputs = weight.shape[1] * groups if transposed else weight.shape[0]
    if bias is not None and (bias.ndim != 1 or bias.shape[0] != outputs):
        raise TcalcError(
            f"Given {'transposed=1, ' if transposed else ''}weight of size {list(weight.shape)}, expected bias to be "
            f"1-dimensional with {outputs} elements, but got bias of size {list(bias.shape)} instead"
        )


def _check_bias(input: Tensor, bias: Tensor | None) -> None:
    if bias is not None and bias.dtype is not input.dtype:
        raise TcalcError(f"Input type ({c_name(input.dtype)}) and bias type ({c_name(bias.dtype)}) should be the same")


def _check_dtypes(input: Tensor, weight: Tensor) -> None:
    if weight.dtype is not input.dtype:
        raise TcalcError(f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}")
    refuse_uncountable(input.dtype, "slow_conv2d_cpu")


# ---------------------------------------------------------------- records


def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Ints,
    padding: Ints | str,
    dilation: Ints,
    groups: int,
    dims: int,
) -> Launch:
    """A plain convolution over the last ``dims`` dimensions."""
    _check_input(input, dims, f"conv{dims}d")
    batched, shape = with_batch(input, dims)
    if isinstance(padding, str):
        _check_named(padding, weight, dims, shape, stride, dilation, groups)
    else:
        _check_bias(input, bias)
    _check_weight(weight, dims, shape, stride)
    kernel_size = weight.shape[2:]
    plan = _plan(dims, stride, padding, dilation, groups, kernel_size)
    if isinstance(padding, str):
        _check_bias(input, bias)
    _check_operands(input, weight, bias, shape, groups, transposed=False)
    extent = [size + a + b for size, a, b in zip(shape[2:], plan.before, plan.after, strict=True)]
    reach = plan.reach(kernel_size)
    if any(size < needed for size, needed in zip(extent, reach, strict=True)):
        raise TcalcError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, extent))}). Kernel size: "
            f"({' x '.join(map(str, reach))}). Kernel size can't be greater than actual input size"
        )
    _check_extent(shape)
    _check_dtypes(input, weight)
    places = [(size - needed) // step + 1 for size, needed, step in zip(extent, reach, plan.stride, strict=True)]
    answer = (shape[0], weight.shape[0], *places)
    order = order_of(plan, input.dtype, shape, weight.shape)

    def kernel(xp: Any, out: Any, array: Any, weights: Any, *biases: Any) -> Any:
        result = convolve(xp, plan, order, array.reshape(shape), weights, biases[0] if biases else None)
        return result if batched else result[0]

    return _launch(kernel, input, weight, bias, answer if batched else answer[1:])


def transposed_convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Ints,
    padding: Ints,
    output_padding: Ints,
    groups: int,
    dilation: Ints,
    dims: int,
) -> Launch:
    """The transpose of a convolution as a linear map: it makes pictures larger."""
    _check_input(input, dims, f"conv_transpose{dims}d")
    batched, shape = with_batch(input, dims)
    _check_bias(input, bias)
    _check_weight(weight, dims, shape, stride)
    kernel_size = weight.shape[2:]
    plan = _plan(dims, stride, padding, dilation, groups, kernel_size)
    plan.output_padding = _numbers(output_padding, dims, "output_padding")
    _check_operands(input, weight, bias, shape, groups, transposed=True)
    _check_output_padding(plan)
    _check_extent(shape)
    _check_dtypes(input, weight)
    places = [
        (size - 1) * step - 2 * width + spread * (window - 1) + extra + 1
        for size, step, width, spread, window, extra in zip(
            shape[2:], plan.stride, plan.before, plan.dilation, kernel_size, plan.output_padding, strict=True
        )
    ]
    _check_places(shape[2:], places)
    answer = (shape[0], weight.shape[1] * groups, *places)
    order = transposed_order(plan, input.dtype, shape, weight.shape)

    def kernel(xp: Any, out: Any, array: Any, weights: Any, *biases: Any) -> Any:
        result = transpose(xp, plan, order, array.reshape(shape), weights, places)
        if biases:
            result = result + biases[0].reshape(-1, *[1] * dims)
        return result if batched else result[0]

    return _launch(kernel, input, weight, bias, answer if batched else answer[1:])


def _check_extent(shape: Sequence[int]) -> None:
    if 0 in shape[2:] and 0 not in shape[:2]:
        raise TcalcError(f"Only zero batch or zero channel inputs are supported, but got input shape: {list(shape)}")


def _check_places(sizes: Sequence[int], places: Sequence[int]) -> None:
    if min(places) < 1:
        lead = (1,) * (2 - len(places))  # one dimension is computed as the second of two
        given, found = (" x ".join(map(str, (*lead, *numbers))) for numbers in (sizes, places))
        raise TcalcError(
            f"Given input size per channel: ({given}). Calculated output size per channel: ({found}). "
            "Output size is too small"
        )


def _check_output_padding(plan: Plan) -> None:
    if min(plan.output_padding) < 0:
        raise TcalcError("negative output_padding is not supported")
    for extra, step, spread in zip(plan.output_padding, plan.stride, plan.dilation, strict=True):
        if extra >= step and extra >= spread:
            names = ("depth", "height", "width")[3 - max(plan.dims, 2) :]
            lead = (1,) * (len(names) - plan.dims)

            def listed(name: str, values: tuple[int, ...], fill: int, names: tuple = names, lead: tuple = lead) -> str:
                full = (fill,) * len(lead) + values
                return " ".join(f"{name}_{axis}: {value}" for axis, value in zip(names, full, strict=True))

            raise TcalcError(
                "output padding must be smaller than either stride or dilation, but got "
                f"{listed('output_padding', plan.output_padding, 0)} {listed('stride', plan.stride, 1)} "
                f"{listed('dilation', plan.dilation, 1)}"
            )


def _launch(kernel: Any, input: Tensor, weight: Tensor, bias: Tensor | None, shape: Sequence[int]) -> Launch:
    operands = [input, weight, *([bias] if bias is not None else [])]
    return Launch(kernel, operands, shape, input.dtype, compute=input.dtype.computed_as)


def _register(dims: int) -> None:
    def conv(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Ints = (1,),
        padding: str | Ints = (0,),
        dilation: Ints = (1,),
        groups: int = 1,
    ) -> Launch:
        return convolution(input, weight, bias, stride, padding, dilation, groups, dims)

    def conv_transpose(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Ints = (1,),
        padding: Ints = (0,),
        output_padding: Ints = (0,),
        groups: int = 1,
        dilation: Ints = (1,),
    ) -> Launch:
        return transposed_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation, dims)

    sizes = ", ".join(["3"] * dims)
    ones = ", ".join(["2"] * dims)
    smaller = ", ".join(["2"] * dims)
    larger = ", ".join(["4"] * dims)
    conv.__doc__ = f"""The convolution (cross-correlation) over {dims} dimension{"s" * (dims > 1)}.

    The input is (N, C, {dims} dimensions), the weights are (O, C / groups, …).

    >>> conv{dims}d(ones(1, 1, {sizes}), ones(1, 1, {ones})).shape
    torch.Size([1, 1, {smaller}])
    """
    conv_transpose.__doc__ = f"""The transposed convolution over {dims} dimension{"s" * (dims > 1)}.

    The input is (N, C, {dims} dimensions), the weights are (C, O / groups, …).

    >>> conv_transpose{dims}d(ones(1, 1, {sizes}), ones(1, 1, {ones})).shape
    torch.Size([1, 1, {larger}])
    """
    for function, name in ((conv, f"conv{dims}d"), (conv_transpose, f"conv_transpose{dims}d")):
        function.__name__ = name
        op(function, method=False, aliases=(f"nn.functional.{name}",))


for _dims in (1, 2, 3):
    _register(_dims)


@op(name="convolution", method=False)
def any_convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Ints,
    padding: Ints,
    dilation: Ints,
    transposed: bool,
    output_padding: Ints,
    groups: int,
) -> Launch:
    """The convolution, plain or transposed, over any dimensions.

    They are as many as the weights (O, C / groups, …) have.

    >>> convolution(ones(1, 1, 3), ones(1, 1, 2), None, (1,), (0,), (1,), False, (0,), 1)
    tensor([[[2., 2.]]])
    """
    dims = max(weight.ndim - 2, 1)
    if transposed:
        return transposed_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation, dims)
    return convolution(input, weight, bias, stride, padding, dilation, groups, dims)
