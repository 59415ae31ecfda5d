"""Largest and smallest elements and where they are; clamping. nan is larger and smaller than everything."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import BOOL, COMPLEX
from tcalc.engine.promotion import result_type
from tcalc.engine.shapes import normalize_dim, normalize_dims, reduced_shape
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.elementwise import NEITHER, SAME, binary, elementwise, refusal
from tcalc.ops.out_rules import CLAMPED, EXPECTED, EXTREMES
from tcalc.ops.pointwise.comparisons import eq
from tcalc.ops.reduction.sums import reduction, spread_back
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = complex
    Ints = tuple[int, ...]
    Operand = Tensor


# ---------------------------------------------------------------- of two tensors


def _complex_refused(name: str) -> dict[int, str]:
    return {COMPLEX: f"RuntimeError: {name} not implemented for complex tensors."}


def _larger(grad: Tensor, result: Tensor, input: Any, other: Any) -> tuple:
    """The gradient goes to the element that was chosen, in halves where both are."""
    to_input = (result == input) * 1.0 / ((result == input) * 1.0 + (result == other) * 1.0)
    return grad * to_input, grad * (1 - to_input)


maximum = binary(
    "maximum",
    "maximum",
    "The larger of two elements; nan where either is nan.",
    """>>> maximum(tensor([1, 5]), tensor([3, 4]))
    tensor([3, 5])""",
    refuses=_complex_refused("maximum"),
    derivative=_larger,
    inplace=False,
    numbers=NEITHER,
)
minimum = binary(
    "minimum",
    "minimum",
    "The smaller of two elements; nan where either is nan.",
    """>>> minimum(tensor([1, 5]), tensor([3, 4]))
    tensor([1, 4])""",
    refuses=_complex_refused("minimum"),
    derivative=_larger,
    inplace=False,
    numbers=NEITHER,
)
fmax = binary(
    "fmax",
    "fmax",
    "The larger of two elements; a nan loses.",
    """>>> fmax(tensor([1., nan]), tensor([3., 4.]))
    tensor([3., 4.])""",
    refuses=_complex_refused("fmax"),
    derivative=_larger,
    inplace=False,
    numbers=NEITHER,
)
fmin = binary(
    "fmin",
    "fmin",
    "The smaller of two elements; a nan loses.",
    """>>> fmin(tensor([1., nan]), tensor([3., 4.]))
    tensor([1., 4.])""",
    refuses=_complex_refused("fmin"),
    derivative=_larger,
    inplace=False,
    numbers=NEITHER,
)

# ---------------------------------------------------------------- clamping


@op(
    inplace=True,
    out=True,
    aliases=("clip",),
    derivative=lambda grad, result, input, min=None, max=None: (grad * (result == input), None, None),
)
def clamp(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Launch:
    """Elements below ``min`` become ``min``, elements above ``max`` become ``max``.

    Either may be None.

    >>> clamp(tensor([-2., 0.5, 3.]), min=-1, max=1)
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min is None and max is None:
        raise TcalcError("torch.clamp: At least one of 'min' or 'max' must not be None")
    _refuse_clamp(input, min, max)
    bounds = [bound for bound in (min, max) if bound is not None]
    kernel = _clamp if len(bounds) == 2 else _at_least if max is None else _at_most
    return _clamped(kernel, input, *bounds)


def _clamped(kernel: Any, input: Tensor, *bounds: Any) -> Launch:
    launch = elementwise(kernel, (input, *bounds), SAME)
    if not isinstance(bounds[0], Tensor):
        launch.out_rule = CLAMPED
    return launch


def _refuse_clamp(input: Tensor, low: Any = None, high: Any = None) -> None:
    """Complex numbers have no order; of bool, PyTorch compares tensors but not numbers."""
    bounds = [bound for bound in (low, high) if bound is not None]
    dtype = result_type(input, *bounds)
    if dtype.category == COMPLEX:
        raise refusal("clamp is not supported for complex types", dtype)
    if dtype.category != BOOL:
        return
    scalar = not isinstance(bounds[0], Tensor)
    if scalar or len(bounds) == 2:
        side = "" if len(bounds) == 2 else "_min" if high is None else "_max"
        raise refusal(f"clamp{side}_scalar_cpu" if scalar else "clamp_cpu", dtype)


def _clamp(xp: Any, out: Any, array: Any, low: Any, high: Any) -> Any:
    return xp.minimum(xp.maximum(array, low), high, out=out)


def _at_least(xp: Any, out: Any, array: Any, low: Any) -> Any:
    return xp.maximum(array, low, out=out)


def _at_most(xp: Any, out: Any, array: Any, high: Any) -> Any:
    return xp.minimum(array, high, out=out)


@op(inplace=True, out=True)
def clamp_min(input: Tensor, min: Tensor | Number) -> Launch:
    """Elements below ``min`` become ``min``.

    >>> clamp_min(tensor([-2., 0.5]), 0)
    tensor([0.0000, 0.5000])
    """
    _refuse_clamp(input, low=min)
    return _clamped(_at_least, input, min)


@op(inplace=True, out=True)
def clamp_max(input: Tensor, max: Tensor | Number) -> Launch:
    """Elements above ``max`` become ``max``.

    >>> clamp_max(tensor([0.5, 3.]), 1)
    tensor([0.5000, 1.0000])
    """
    _refuse_clamp(input, high=max)
    return _clamped(_at_most, input, max)


# ---------------------------------------------------------------- over dimensions


def _empty_refused(name: str) -> str:
    return (
        f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
        "'dim' argument."
    )


def check_not_empty(name: str, input: Tensor, dims: Ints) -> None:
    """An extreme of nothing does not exist."""
    for dim in dims:
        if input.ndim and input.shape[dim] == 0:
            raise index_error(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


def _over_all(name: str, input: Tensor) -> Launch:
    if not input.numel():
        raise TcalcError(_empty_refused(name))
    if input.dtype.category == COMPLEX:
        raise refusal(f"{name}_all", input.dtype)
    return reduction(input, None, False, input.dtype, _EXTREMES[name], input.dtype.computed_as)


def _highest(xp: Any, array: Any, dims: Ints) -> Any:
    return xp.max(array, axis=dims) if dims else array


def _lowest(xp: Any, array: Any, dims: Ints) -> Any:
    return xp.min(array, axis=dims) if dims else array


_EXTREMES = {"max": _highest, "min": _lowest}


def _along(name: str, input: Tensor, dim: int, keepdim: bool) -> Launch:
    """Values and first places of the extremes along a dimension."""
    position = normalize_dim(dim, input.ndim)
    if input.dtype.category == COMPLEX:
        raise TcalcError(f"{name}(): does not support complex input")
    check_not_empty(name, input, (position,))
    launch = selection(name, input, position, keepdim, _FIRST[name])
    launch.out_rule = EXPECTED
    return launch


def selection(name: str, input: Tensor, dim: int, keepdim: bool, choose: Any) -> Launch:
    """A launch that answers with one element of each row and its index.

    ``choose(xp, rows)`` gives the indices in arrays whose last axis is ``dim``, as an axis of size 1.
    """
    shape = reduced_shape(input.shape, (dim,) if input.ndim else (), keepdim)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = by_rows(xp, array, dim)
        indices = choose(xp, rows)
        return xp.take_along_axis(rows, indices, -1).reshape(shape), indices.reshape(shape)

    outputs = [Spec(shape, input.dtype), Spec(shape, dtypes.int64)]
    compute = input.dtype.computed_as
    return Launch(kernel, (input,), compute=compute, outputs=outputs, type_name=name, fields=("values", "indices"))


def with_axis(array: Any) -> Any:
    """A 0-d array as one of a single element."""
    return array.reshape(array.shape or (1,))


def by_rows(xp: Any, array: Any, dim: int) -> Any:
    """The array with ``dim`` as its last axis."""
    return xp.moveaxis(with_axis(array), dim, -1)


def _first_largest(xp: Any, rows: Any) -> Any:
    return xp.expand_dims(xp.argmax(rows, axis=-1), -1)


def _first_smallest(xp: Any, rows: Any) -> Any:
    return xp.expand_dims(xp.argmin(rows, axis=-1), -1)


_FIRST = {"max": _first_largest, "min": _first_smallest, "argmax": _first_largest, "argmin": _first_smallest}


@op(out=True)
def max(input: Tensor, dim: Operand | int | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element.

    Along a dimension, values and indices; with a second tensor, the larger of each pair.

    >>> max(tensor([[1, 5], [7, 3]]))
    tensor(7)
    >>> max(tensor([[1, 5], [7, 3]]), dim=1)
    torch.return_types.max(
    values=tensor([5, 7]),
    indices=tensor([1, 0]))
    """
    return _extreme("max", input, dim, keepdim, other)


@op(out=True)
def min(input: Tensor, dim: Operand | int | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element.

    Along a dimension, values and indices; with a second tensor, the smaller of each pair.

    >>> min(tensor([[1, 5], [7, 3]]))
    tensor(1)
    """
    return _extreme("min", input, dim, keepdim, other)


def _extreme(name: str, input: Tensor, dim: Tensor | int | None, keepdim: bool, other: Tensor | None) -> Any:
    if isinstance(dim, Tensor) or other is not None:
        second = dim if isinstance(dim, Tensor) else other
        return (maximum if name == "max" else minimum).function(input, second)
    if dim is None:
        return _over_all(name, input)
    return _along(name, input, dim, keepdim)


def _shared_equally(grad: Tensor, result: Tensor, input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Any:
    """The gradient of an extreme goes in equal parts to the elements that are it."""
    chosen: Any = eq(input, spread_back(result, input, dim, keepdim))
    parts = spread_back(chosen.sum(dim, keepdim), input, dim, keepdim)
    return (chosen * spread_back(grad, input, dim, keepdim) / parts,)


@op(out=EXTREMES, derivative=_shared_equally)
def amax(input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Launch:
    """The largest element over one or more dimensions, without indices.

    >>> amax(tensor([[1, 5], [7, 3]]), dim=0)
    tensor([7, 5])
    """
    return _values_only("amax", input, dim, keepdim)


@op(out=EXTREMES, derivative=_shared_equally)
def amin(input: Tensor, dim: Ints | None = None, keepdim: bool = False) -> Launch:
    """The smallest element over one or more dimensions, without indices.

    >>> amin(tensor([[1, 5], [7, 3]]), dim=0)
    tensor([1, 3])
    """
    return _values_only("amin", input, dim, keepdim)


def _values_only(name: str, input: Tensor, dim: Ints | None, keepdim: bool) -> Launch:
    if not dim and not input.numel():
        raise TcalcError(_empty_refused(name))
    if dim:
        check_not_empty(name, input, normalize_dims(dim, input.ndim))
    if input.dtype.category == COMPLEX:
        raise refusal(f"{name[1:]}_values_cpu", input.dtype)
    return reduction(input, dim, keepdim, input.dtype, _EXTREMES[name[1:]], input.dtype.computed_as)


@op(out=True)
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Launch:
    """The smallest and the largest element.

    >>> aminmax(tensor([3, 1, 2]))
    torch.return_types.aminmax(
    min=tensor(1),
    max=tensor(3))
    """
    if dim is None and not input.numel():
        raise TcalcError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.")
    dims = normalize_dims(None if dim is None else (dim,), input.ndim)
    for position in dims:
        if input.shape[position] == 0:
            raise index_error(f"aminmax: Expected reduction dim {position} to have non-zero size.")
    if input.dtype.category == COMPLEX:
        raise refusal("aminmax_cpu", input.dtype)
    shape = reduced_shape(input.shape, dims, keepdim)

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return _lowest(xp, array, dims).reshape(shape), _highest(xp, array, dims).reshape(shape)

    outputs = [Spec(shape, input.dtype), Spec(shape, input.dtype)]
    compute = input.dtype.computed_as
    return Launch(kernel, (input,), compute=compute, outputs=outputs, type_name="aminmax", fields=("min", "max"))


@op(out=EXPECTED)
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Launch:
    """Index of the first largest element.

    Of the whole tensor, read row by row, or along a dimension.

    >>> argmax(tensor([[1, 5], [7, 3]]))
    tensor(2)
    >>> argmax(tensor([[1, 5], [7, 3]]), dim=1)
    tensor([1, 0])
    """
    return _place("argmax", input, dim, keepdim)


@op(out=EXPECTED)
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Launch:
    """Index of the first smallest element.

    Of the whole tensor, read row by row, or along a dimension.

    >>> argmin(tensor([[1, 5], [7, 3]]), dim=1)
    tensor([0, 1])
    """
    return _place("argmin", input, dim, keepdim)


def _place(name: str, input: Tensor, dim: int | None, keepdim: bool) -> Launch:
    if input.dtype.category in (BOOL, COMPLEX):
        kind = "bool" if input.dtype.category == BOOL else "complex"
        raise TcalcError(f"{name}(): does not support {kind} input")
    if dim is None and not input.numel():
        raise index_error(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    dims = normalize_dims(None if dim is None else (dim,), input.ndim)
    check_not_empty(name, input, dims if dim is not None else ())
    shape = reduced_shape(input.shape, dims, keepdim)
    choose = _FIRST[name]

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = array.reshape(-1) if dim is None else by_rows(xp, array, dims[0] if dims else 0)
        return choose(xp, rows).reshape(shape)

    return Launch(kernel, (input,), shape, dtypes.int64, compute=input.dtype.computed_as)
