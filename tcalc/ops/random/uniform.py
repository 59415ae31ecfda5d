"""Random tensors: PyTorch's numbers for PyTorch's seeds."""

from __future__ import annotations

from tcalc.engine import devices, dtypes, writing
from tcalc.engine.backend import backend_for
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.numbers import LARGEST, checked_number, integer_limits
from tcalc.engine.random import Generator
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops.binding import Misfit
from tcalc.ops.creation.filling import make, want_gradient
from tcalc.ops.creation.likeness import like, memory_order
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.engine.backend import Array

    Number = complex
    Ints = Any
    Layout = Any


def chosen_generator(generator: Generator | None, target: Tensor) -> Generator:
    """The generator to draw from for a tensor: the one of its device where none is named."""
    kind = target.device.type
    if generator is None:
        if kind != "cuda":
            return current().generator
        from tcalc.engine.cuda_random import generator_of

        return generator_of(target.device.index or 0)
    if generator.device.type != kind != "meta":
        raise TcalcError(f"Expected a '{kind}' device type for generator but found '{generator.device.type}'")
    return generator


def scatter(target: Tensor, draw: Callable[[int], Array]) -> Tensor:
    """Give every element of ``target`` one of the numbers that ``draw(count)`` makes, in the order of its memory.

    They are made where the tensor is, by the generator of that device.
    """
    if target.is_meta or not target.numel():
        return target
    backend = target.storage.backend
    with backend.guard():
        values = backend.cast(draw(target.numel()), target.dtype)
        array = in_memory_order(target.array, target)
        backend.assign(array, values.reshape(array.shape))
    writing.written(target)
    return target


def in_memory_order(array: Array, target: Tensor) -> Array:
    """An array of the target's shape with its dimensions as they lie in the target's memory."""
    return array if target.is_contiguous() else array.transpose(memory_order(target)[::-1])


def need_floating(dtype: DType, kernel: str) -> None:
    """Refuse the dtypes that a distribution has no numbers for."""
    if dtype.category != dtypes.FLOAT or dtype.is_float8:
        raise TcalcError(f"\"{kernel}\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")


# What only stores numbers has no random ones.
_BARE = (dtypes.uint16, dtypes.uint32, dtypes.uint64)


def need_numbers(target: Tensor, kernel: str) -> None:
    """Refuse complex numbers, float8 and the unsigned types that PyTorch does not compute with."""
    dtype = target.dtype
    if target.numel() and (dtype.is_complex or dtype.is_float8 or dtype in _BARE):
        raise TcalcError(f"\"{kernel}\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")


def draw_uniform(target: Tensor, source: Generator) -> Tensor:
    return draw_uniform_between(target, source, 0.0, 1.0)


def draw_uniform_between(target: Tensor, source: Generator, low: float, high: float) -> Tensor:
    dtype = target.dtype.to_real() if target.dtype.is_complex else target.dtype
    need_floating(dtype, "check_uniform_bounds")
    for name, bound in (("from", low), ("to", high)):
        if not abs(bound) <= LARGEST[dtype]:
            raise TcalcError(f"{name} is out of bounds for {_C_NAMES[dtype]}")
    if low > high:
        raise TcalcError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if not high - low <= LARGEST[dtype]:
        raise TcalcError(
            f"uniform_ expects to-from <= std::numeric_limits<{dtype.scalar_name}>::max(), but found "
            f"to={high:g} and from={low:g} which result in to-from to exceed the limit"
        )
    if target.dtype.is_complex:
        return scatter(target, lambda count: _complex(source.uniform(2 * count, dtype, low, high)))
    return scatter(target, lambda count: source.uniform(count, target.dtype, low, high))


def draw_normal(target: Tensor, source: Generator, mean: float = 0.0, std: float = 1.0) -> Tensor:
    contiguous = target.is_contiguous()
    if target.dtype.is_complex:
        real = target.dtype.to_real()
        scale = std / 2**0.5  # half of the variance for each part
        return scatter(target, lambda count: _complex(source.normal(2 * count, real, mean, scale, contiguous), real))
    need_floating(target.dtype, "normal_kernel_cpu")
    return scatter(target, lambda count: source.normal(count, target.dtype, mean, std, contiguous))


def _complex(parts: Array, real: DType | None = None) -> Array:
    """Pairs of real numbers as complex ones."""
    if real is not None:
        parts = parts.astype(real.computed_as.numpy)
    return parts.view("complex64" if parts.dtype.itemsize == 4 else "complex128")


@op
def rand(
    *size: Ints,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers between 0 and 1 (1 excluded), evenly distributed.

    >>> manual_seed(0);
    >>> rand(2, 3)
    tensor([[0.4963, 0.7682, 0.0885],
            [0.1320, 0.3074, 0.6341]])
    """
    made = make(size, None, "rand", out, dtype, device, False)
    return want_gradient(draw_uniform(made, chosen_generator(generator, made)), requires_grad)


@op
def randn(
    *size: Ints,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers of the standard normal distribution.

    >>> manual_seed(0);
    >>> randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    made = make(size, None, "randn", out, dtype, device, False)
    return want_gradient(draw_normal(made, chosen_generator(generator, made)), requires_grad)


@op(method=False)
def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Random numbers between 0 and 1 in the shape, dtype and place of ``input``.

    >>> manual_seed(0);
    >>> rand_like(zeros(2))
    tensor([0.4963, 0.7682])
    """
    made = like(input, dtype, device, memory_format)
    return want_gradient(draw_uniform(made, chosen_generator(generator, made)), requires_grad)


@op(method=False)
def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Standard normal numbers in the shape, dtype and place of ``input``.

    >>> manual_seed(0);
    >>> randn_like(zeros(2))
    tensor([ 1.5410, -0.2934])
    """
    made = like(input, dtype, device, memory_format)
    return want_gradient(draw_normal(made, chosen_generator(generator, made)), requires_grad)


# ---------------------------------------------------------------- integers


@op
def randint(
    low: int | None = None,
    high: int | Ints | None = None,
    size: Ints | None = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers from ``low`` (0) up to, not including, ``high``.

    As in ``randint(10, (3,))``.

    >>> manual_seed(0);
    >>> randint(10, (4,))
    tensor([4, 9, 3, 0])
    """
    if isinstance(high, tuple):
        low, high, size = None, low, high
    elif high is None:
        low, high = None, low
    if isinstance(low, int) and isinstance(high, int) and size is None:
        raise type_error("randint(): argument 'size' (position 2) must be tuple of ints, not int")
    if high is None or size is None:
        raise Misfit
    made = make(size, None, "randint", out, dtype or (dtypes.int64 if out is None else None), device, False)
    return want_gradient(draw_integers(made, chosen_generator(generator, made), low or 0, high), requires_grad)


@op(method=False)
def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Random whole numbers in the shape, dtype and place of ``input``.

    >>> manual_seed(0);
    >>> randint_like(zeros(4), 10)
    tensor([4., 9., 3., 0.])
    """
    made = like(input, dtype, device, memory_format)
    start, end = (0, low) if high is None else (low, high)
    return want_gradient(draw_integers(made, chosen_generator(generator, made), start, end), requires_grad)


def draw_integers(target: Tensor, source: Generator, low: int, high: int) -> Tensor:
    """Whole numbers in [low, high), which must be values of the target's dtype."""
    if low >= high:
        raise TcalcError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if target.dtype.is_complex:
        raise TcalcError("check_random_bounds handles only integral, floating-point and boolean types")
    if target.dtype.is_float8 and target.numel():
        raise TcalcError(
            f"\"random_update_from_to\" not implemented for '{target.dtype.scalar_name}'", "NotImplementedError"
        )
    _check_bound("from", low, target.dtype)
    _check_bound("to - 1", high - 1, target.dtype)
    if target.dtype in _WHOLE_BITS:
        low, high = _representable(low, high, target.dtype)
        if low >= high:
            raise TcalcError(
                "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got "
                f"from={low} >= to={high}"
            )
    return scatter(target, lambda count: source.integers(count, low, high))


# What C++ calls the types in these messages, and how many bits of a whole number a floating type holds.
_C_NAMES = {
    dtypes.bool_: "bool", dtypes.uint8: "unsigned char", dtypes.int8: "signed char", dtypes.int16: "short",
    dtypes.int32: "int", dtypes.int64: "long", dtypes.float16: "c10::Half", dtypes.bfloat16: "c10::BFloat16",
    dtypes.float32: "float", dtypes.float64: "double", dtypes.uint16: "unsigned short", dtypes.uint32: "unsigned int",
    dtypes.uint64: "unsigned long",
}  # fmt: skip
_WHOLE_BITS = {dtypes.float16: 11, dtypes.bfloat16: 8, dtypes.float32: 24, dtypes.float64: 53}


def _representable(low: int, high: int, dtype: DType) -> tuple[int, int]:
    """The bounds moved inwards where rounding a number between them to ``dtype`` would leave them."""
    bits = _WHOLE_BITS[dtype]
    rounded = int(_rounded(low + 1, dtype))
    if rounded < low:
        low = rounded + (1 << (abs(low + 1).bit_length() - bits))
    rounded = int(_rounded(high - 1, dtype))
    if rounded >= high:
        high = rounded - (1 << (abs(high - 1).bit_length() - bits))
    return low, high


def _rounded(number: int, dtype: DType) -> float:
    host = backend_for(devices.cpu)
    return float(host.cast(host.xp.asarray(float(number)), dtype))


def _check_bound(name: str, bound: int, dtype: DType) -> None:
    """Refuse a bound outside the dtype; warn of one that a floating type cannot count up to."""
    bits = _WHOLE_BITS.get(dtype)
    if bits is not None:
        lowest, highest = -LARGEST[dtype], LARGEST[dtype]
    elif dtype.category == dtypes.BOOL:
        lowest, highest = 0, 1
    else:
        lowest, highest = integer_limits(dtype)
    type_name = _C_NAMES.get(dtype, dtype.name)
    if not lowest <= bound <= highest:
        raise TcalcError(f"{name} is out of bounds for {type_name}")
    if bits is not None and abs(bound) > 1 << bits:
        current().warn(
            f"{name} is out of bounds [-(2^{bits}), 2^{bits}]. Due to precision limitations {type_name} can support "
            "discrete uniform distribution only within this range. This warning will become an error in version 1.7 "
            "release, please fix the code in advance"
        )


@op
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The whole numbers below ``n`` in random order.

    >>> manual_seed(0);
    >>> randperm(4)
    tensor([0, 1, 3, 2])
    """
    dtype = dtype or (dtypes.int64 if out is None else None)
    target = out.dtype if dtype is None and out is not None else dtype
    if target is not None and (target.category in (dtypes.BOOL, dtypes.COMPLEX) or target.is_float8 or target in _BARE):
        raise TcalcError(f"\"randperm\" not implemented for '{target.scalar_name}'", "NotImplementedError")
    made = make((n,), None, "randperm", out, dtype, device, False)
    _check_count(n, made.dtype)
    source = chosen_generator(generator, made)
    return want_gradient(scatter(made, source.permutation), requires_grad)


def _check_count(count: int, dtype: DType) -> None:
    if dtype.category == dtypes.INTEGER:
        checked_number(count, dtype)
    elif dtype is not dtypes.bfloat16 and count > (1 << _WHOLE_BITS[dtype]) + 1:
        raise TcalcError(f"n cannot be greater than {(1 << _WHOLE_BITS[dtype]) + 1} for {dtype.scalar_name} type.")
