"""Random numbers of a distribution: in place, and by tensors of parameters."""

from __future__ import annotations

from tcalc.engine import dtypes, writing
from tcalc.engine.dtypes import DType
from tcalc.engine.numbers import integer_limits
from tcalc.engine.random import Generator
from tcalc.engine.tensor import Tensor
from tcalc.engine.tensor import empty as allocate
from tcalc.errors import TcalcError
from tcalc.ops import destination
from tcalc.ops.binding import Misfit
from tcalc.ops.creation.filling import make, want_gradient
from tcalc.ops.creation.likeness import like
from tcalc.ops.dispatch import computing
from tcalc.ops.random.uniform import (
    chosen_generator,
    draw_integers,
    draw_normal,
    draw_uniform_between,
    in_memory_order,
    need_floating,
    need_numbers,
    scatter,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.backend import Array
    from tcalc.engine.devices import Device

    Number = complex
    Ints = Any
    Layout = Any


def _writable(input: Tensor) -> Tensor:
    """The tensor, after the checks of the write path."""
    writing.check_leaf(input)
    writing.check_no_internal_overlap(input)
    return input


# ---------------------------------------------------------------- in place


@op(namespace="torch.Tensor")
def uniform_(input: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers evenly distributed between ``from`` and ``to`` (excluded).

    >>> manual_seed(0);
    >>> empty(3).uniform_(0, 10)
    tensor([4.9626, 7.6822, 0.8848])
    """
    return draw_uniform_between(_writable(input), chosen_generator(generator, input), from_, to)


@op(namespace="torch.Tensor")
def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with normal numbers of this mean and standard deviation.

    >>> manual_seed(0);
    >>> empty(3).normal_(10, 2)
    tensor([13.0820,  9.4131,  5.6424])
    """
    _check_deviation(std)
    return draw_normal(_writable(input), chosen_generator(generator, input), mean, std)


def _check_deviation(std: float) -> None:
    if not std >= 0:
        raise TcalcError(f"normal expects std >= 0.0, but found std {std:g}")


@op(namespace="torch.Tensor")
def log_normal_(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with log-normal numbers.

    ``mean`` and ``std`` are those of their logarithms.

    >>> manual_seed(0);
    >>> empty(2).log_normal_()
    tensor([59.2634,  1.5116])
    """
    if not std > 0:
        raise TcalcError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    need_floating(input.dtype, "log_normal_cpu")
    source = chosen_generator(generator, input)
    return scatter(_writable(input), lambda count: source.log_normal(count, input.dtype, mean, std))


@op(namespace="torch.Tensor")
def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers of the exponential distribution of the rate ``lambd``.

    >>> manual_seed(0);
    >>> empty(2).exponential_()
    tensor([3.5083, 1.2304])
    """
    if input.dtype.category != dtypes.FLOAT:
        raise TcalcError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {input.dtype.scalar_name}"
        )
    need_numbers(input, "exponential_cpu")
    if not lambd > 0:
        raise TcalcError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    source = chosen_generator(generator, input)
    return scatter(_writable(input), lambda count: source.exponential(count, input.dtype, lambd))


@op(namespace="torch.Tensor")
def cauchy_(input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers of the Cauchy distribution.

    >>> zeros(3).cauchy_().shape
    torch.Size([3])
    """
    if not sigma > 0:
        raise TcalcError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    if input.dtype.category != dtypes.FLOAT:
        raise TcalcError(
            f"Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {_CXX_NAMES.get(input.dtype, input.dtype.name)}"
        )
    need_numbers(input, "cauchy_cpu")
    source = chosen_generator(generator, input)
    return scatter(_writable(input), lambda count: source.cauchy(count, input.dtype, median, sigma))


# What the compiler of C++ calls the types in that message.
_CXX_NAMES = {
    dtypes.bool_: "bool", dtypes.uint8: "unsigned char", dtypes.int8: "signed char", dtypes.int16: "short int",
    dtypes.int32: "int", dtypes.int64: "long int", dtypes.uint16: "short unsigned int", dtypes.uint32: "unsigned int",
    dtypes.uint64: "long unsigned int", dtypes.complex64: "c10::complex<float>",
    dtypes.complex128: "c10::complex<double>", dtypes.complex32: "c10::complex<c10::Half>",
}  # fmt: skip


@op(namespace="torch.Tensor")
def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with how many trials of the chance ``p`` it takes to succeed.

    >>> manual_seed(0);
    >>> empty(4).geometric_(0.5)
    tensor([1., 1., 2., 1.])
    """
    if not 0 < p < 1:
        raise TcalcError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    need_numbers(input, "geometric_cpu")
    if input.dtype.category == dtypes.BOOL and input.numel():
        raise TcalcError("\"geometric_cpu\" not implemented for 'Bool'", "NotImplementedError")
    source = chosen_generator(generator, input)
    return scatter(_writable(input), lambda count: source.geometric(count, input.dtype, p))


@op(namespace="torch.Tensor")
def random_(
    input: Tensor,
    from_: int | None = None,
    to: int | None = ...,  # type: ignore[assignment]
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with whole numbers, from ``from`` up to, not including, ``to``.

    Of the whole range of the dtype where neither is given.

    >>> manual_seed(0);
    >>> zeros(4).random_(10)
    tensor([4., 9., 3., 0.])
    """
    source = chosen_generator(generator, input)
    _writable(input)
    if to is ... and from_ is None:
        return _random_of_dtype(input, source)
    if to is ...:
        from_, to = 0, from_
    if to is None:  # said so: up to the largest of the dtype
        if input.dtype.is_complex:
            raise TcalcError("random_from_to_impl handles only integral, floating-point and boolean types")
        to = _COUNTS.get(input.dtype) or integer_limits(input.dtype)[1] + 1
    return draw_integers(input, source, from_ or 0, to)


# How many whole numbers ``random_()`` chooses among: all that are not negative, or that a float holds exactly.
_COUNTS = {
    dtypes.bool_: 2, dtypes.float16: (1 << 11) + 1, dtypes.bfloat16: (1 << 8) + 1, dtypes.float32: (1 << 24) + 1,
    dtypes.float64: (1 << 53) + 1,
}  # fmt: skip


def _random_of_dtype(input: Tensor, source: Generator) -> Tensor:
    dtype = input.dtype
    need_numbers(input, "random_kernel_cpu")
    count = _COUNTS.get(dtype) or 1 << (8 * dtype.itemsize - dtype.is_signed)
    if dtype.itemsize == 8:
        return scatter(input, lambda size: _below(source.raw64(size), count))
    return scatter(input, lambda size: _below(source.raw32(size), count))


def _below(numbers: Array, count: int) -> Array:
    if count < 1 << (8 * numbers.dtype.itemsize):
        numbers %= numbers.dtype.type(count)
    return numbers


# ---------------------------------------------------------------- Bernoulli


def draw_bernoulli(target: Tensor, source: Generator, chance: float | Tensor) -> Tensor:
    """Ones and zeros: a one with the given chance, which may be a tensor of chances."""
    if isinstance(chance, Tensor):
        return _draw_by_chances(target, source, chance)
    check_chance(chance)
    need_numbers(target, "bernoulli_scalar_cpu_")
    return scatter(target, lambda count: source.successes(count, target.dtype, chance))


def check_chance(chance: float) -> None:
    if not 0 <= chance <= 1:
        raise TcalcError(f"bernoulli_ expects p to be in [0, 1], but got p={chance:g}")


def _draw_by_chances(target: Tensor, source: Generator, chances: Tensor) -> Tensor:
    destination.check_expandable(chances.shape, target.shape)
    need_numbers(target, "bernoulli_tensor_cpu_self_")
    need_floating(chances.dtype, "bernoulli_tensor_cpu_p_")
    if target.is_meta or chances.is_meta:
        return target
    from tcalc.ops.session.convert import converted

    wide = dtypes.float64 if target.device.type == "cuda" and target.dtype is dtypes.float64 else None
    odds = converted(chances, wide or chances.dtype.computed_as, target.device)
    backend = odds.storage.backend
    with backend.guard():
        every = odds.array
        if not bool(((every >= 0) & (every <= 1)).all()):
            raise TcalcError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  "
                "If so, please report an enhancement request to PyTorch.)"
            )
        spread = backend.xp.broadcast_to(every, tuple(target.shape))
        in_order = backend.xp.ascontiguousarray(in_memory_order(spread, target)).reshape(-1)
    return scatter(target, lambda count: source.trials(in_order, odds.dtype))


@op
def bernoulli(
    input: Tensor, p: float | None = None, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """Ones and zeros, a one with the chance that ``input`` (or ``p``) says.

    >>> manual_seed(0);
    >>> bernoulli(tensor([0.5, 0.5, 1.0, 0.0]))
    tensor([1., 0., 1., 0.])
    """
    source = chosen_generator(generator, input)
    if out is not None and tuple(out.shape) != tuple(input.shape):
        destination.resize_out(out, tuple(input.shape))
    if p is None:
        target = allocate(input.shape, input.dtype, input.device) if out is None else out
        return draw_bernoulli(target, source, input)
    return draw_bernoulli(like(input, None, None) if out is None else out, source, p)


@op(namespace="torch.Tensor")
def bernoulli_(input: Tensor, p: Tensor | float = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with ones and zeros, a one with the chance ``p``.

    ``p`` is a number, or a tensor of chances.

    >>> manual_seed(0);
    >>> empty(4).bernoulli_(0.5)
    tensor([0., 0., 1., 0.])
    """
    return draw_bernoulli(_writable(input), chosen_generator(generator, input), p)


# ---------------------------------------------------------------- normal by parameters


@op(method=False)
def normal(
    mean: float | Tensor = 0.0,
    std: float | Tensor = 1.0,
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
    """Normal numbers of any mean and standard deviation.

    They are numbers (with ``size``) or tensors.

    >>> manual_seed(0);
    >>> normal(10, 2, (3,))
    tensor([13.0820,  9.4131,  5.6424])
    >>> normal(tensor([0., 100.]), tensor([1., 10.]))
    tensor([ 0.5684, 89.1548])
    """
    if isinstance(mean, Tensor) or isinstance(std, Tensor):
        return _normal_of_tensors(mean, std, generator, out)
    if size is None:
        raise Misfit
    _check_deviation(std)
    made = make(size, None, "normal", out, dtype, device, False)
    return want_gradient(draw_normal(made, chosen_generator(generator, made), mean, std), requires_grad)


def _normal_of_tensors(mean: Any, std: Any, generator: Generator | None, out: Tensor | None) -> Tensor:
    from tcalc.engine.shapes import broadcast
    from tcalc.ops import registry

    if isinstance(std, Tensor):
        if std.dtype.is_complex:
            raise TcalcError("normal expects standard deviation to be non-complex")
        if not std.is_meta:
            with computing(std):
                negative = bool((std.array < 0).any())
            if negative:
                raise TcalcError("normal expects all elements of std >= 0.0")
    else:
        _check_deviation(std)
    given = [value for value in (mean, std) if isinstance(value, Tensor)]
    shape = broadcast(*(value.shape for value in given))
    made = out if out is not None else allocate(shape, given[0].dtype, given[0].device)
    if tuple(made.shape) != shape:
        destination.resize_out(made, shape)
    source = chosen_generator(generator, made)
    if not isinstance(std, Tensor):
        return registry.methods["add_"](draw_normal(made, source, 0.0, std), mean)
    registry.methods["mul_"](draw_normal(made, source), std)
    return registry.methods["add_"](made, mean)
