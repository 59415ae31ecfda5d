"""The memory that NumPy's functions would take, asked for before they run."""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import numpy
from tcalc.interp import guards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

np = numpy()
_ITEM = 8


def check_size(name: str, args: list, kwargs: dict[str, Any]) -> None:
    """Refuse a call whose answer has no room."""
    estimate = _ESTIMATES.get(name)
    if estimate is None:
        return
    try:
        count = estimate(args, kwargs)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        return  # the function itself says what is wrong with its arguments
    guards.allocate(int(count) * _ITEM, f"an array of {int(count)} elements")


def _argument(args: list, kwargs: dict[str, Any], position: int, name: str, default: Any = None) -> Any:
    return args[position] if len(args) > position else kwargs.get(name, default)


def _count(shape: Any) -> int:
    return prod(int(size) for size in shape) if isinstance(shape, (list, tuple, np.ndarray)) else int(shape)


def _shape_at(position: int, name: str) -> Callable[[list, dict], int]:
    def estimate(args: list, kwargs: dict[str, Any]) -> int:
        shape = _argument(args, kwargs, position, name)
        return 0 if shape is None else _count(shape)

    return estimate


def _dimensions(args: list, kwargs: dict[str, Any]) -> int:
    return prod(int(size) for size in args)


def _square(args: list, kwargs: dict[str, Any]) -> int:
    rows = int(_argument(args, kwargs, 0, "N"))
    columns = _argument(args, kwargs, 1, "M")
    return rows * (rows if columns is None else int(columns))


def _arange(args: list, kwargs: dict[str, Any]) -> int:
    numbers = [float(arg) for arg in args[:3]]
    start, stop = (0.0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else float(kwargs.get("step", 1))
    return max(0, int((stop - start) / step))


def _number(args: list, kwargs: dict[str, Any]) -> int:
    return int(_argument(args, kwargs, 2, "num", 50))


def _tile(args: list, kwargs: dict[str, Any]) -> int:
    return np.size(args[0]) * _count(_argument(args, kwargs, 1, "reps"))


def _repeat(args: list, kwargs: dict[str, Any]) -> int:
    times = np.asarray(_argument(args, kwargs, 1, "repeats"))
    return np.size(args[0]) * int(times) if times.ndim == 0 else int(times.sum())


def _outer(args: list, kwargs: dict[str, Any]) -> int:
    return np.size(args[0]) * np.size(args[1])


def _mesh(args: list, kwargs: dict[str, Any]) -> int:
    return len(args) * prod(np.size(arg) for arg in args)


def _pad(args: list, kwargs: dict[str, Any]) -> int:
    width = int(np.max(np.asarray(_argument(args, kwargs, 1, "pad_width"))))
    return prod(size + 2 * width for size in np.shape(args[0]))


def _vander(args: list, kwargs: dict[str, Any]) -> int:
    columns = _argument(args, kwargs, 1, "N")
    return np.size(args[0]) * (np.size(args[0]) if columns is None else int(columns))


def _bincount(args: list, kwargs: dict[str, Any]) -> int:
    return max(int(np.max(args[0], initial=0)) + 1, int(_argument(args, kwargs, 2, "minlength", 0)))


def _bins(position: int) -> Callable[[list, dict], int]:
    def estimate(args: list, kwargs: dict[str, Any]) -> int:
        bins = _argument(args, kwargs, position, "bins", 10)
        counts = [bins] * position if isinstance(bins, int) else bins
        return prod(count for count in counts if isinstance(count, int))

    return estimate


def _samples(args: list, kwargs: dict[str, Any]) -> int:
    """The samples along the axis of a transform; what the other axes have is what the operand had."""
    count = _argument(args, kwargs, 1, "n")
    axis = _argument(args, kwargs, 2, "axis", -1)
    return 0 if count is None else 2 * int(count) * np.size(args[0]) // max(np.shape(args[0])[axis], 1)


def _transform_shape(args: list, kwargs: dict[str, Any]) -> int:
    shape = _argument(args, kwargs, 1, "s")
    return 0 if shape is None else 2 * _count(shape)


def _product(args: list, kwargs: dict[str, Any]) -> int:
    """The elements of ``dot``: those of both operands but for the dimension that is summed."""
    depth = np.shape(args[0])[-1] if np.ndim(args[0]) and np.ndim(args[1]) else 1
    return np.size(args[0]) * np.size(args[1]) // max(depth * depth, 1)


def _tensor_product(args: list, kwargs: dict[str, Any]) -> int:
    axes = _argument(args, kwargs, 2, "axes", 2)
    first = range(np.ndim(args[0]) - axes, np.ndim(args[0])) if isinstance(axes, int) else np.atleast_1d(axes[0])
    depth = prod(np.shape(args[0])[int(axis)] for axis in first)
    return np.size(args[0]) * np.size(args[1]) // max(depth * depth, 1)


def _einsum(args: list, kwargs: dict[str, Any]) -> int:
    if not isinstance(args[0], str) or "..." in args[0]:
        return 0
    inputs, _, answer = args[0].replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for labels, operand in zip(inputs.split(","), args[1:], strict=True):
        sizes.update(zip(labels, np.shape(operand), strict=True))
    return prod(sizes[label] for label in answer)


def _square_of(position: int, name: str) -> Callable[[list, dict], int]:
    return lambda args, kwargs: 2 * int(_argument(args, kwargs, position, name)) ** 2


def _each(position: int, shape_at: int) -> Callable[[list, dict], int]:
    """Draws that each have as many elements as an argument has."""
    shape = _shape_at(shape_at, "size")
    return lambda args, kwargs: shape(args, kwargs) * np.size(args[position])


def _shape_keyword(args: list, kwargs: dict[str, Any]) -> int:
    return _count(kwargs["shape"]) if kwargs.get("shape") is not None else 0


def _joined(args: list, kwargs: dict[str, Any]) -> int:
    return sum(np.size(part) for part in args[0])


def _rows_squared(args: list, kwargs: dict[str, Any]) -> int:
    return int(np.atleast_2d(args[0]).shape[0 if kwargs.get("rowvar", True) else 1]) ** 2


_NO_NUMBERS = "random random_sample ranf sample standard_normal standard_exponential standard_cauchy"
_ONE_NUMBER = (
    "choice exponential poisson chisquare geometric rayleigh standard_gamma standard_t power pareto weibull zipf "
    "logseries"
)
_TWO_NUMBERS = (
    "normal uniform randint integers beta binomial gamma gumbel laplace logistic lognormal f negative_binomial "
    "noncentral_chisquare random_integers vonmises wald"
)
_THREE_NUMBERS = "triangular hypergeometric noncentral_f"

_ESTIMATES: dict[str, Callable[[list, dict], int]] = {
    **dict.fromkeys(("zeros", "ones", "empty", "full"), _shape_at(0, "shape")),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "full_like"), _shape_keyword),
    **dict.fromkeys(_NO_NUMBERS.split(), _shape_at(0, "size")),
    **dict.fromkeys(_ONE_NUMBER.split(), _shape_at(1, "size")),
    **dict.fromkeys(_TWO_NUMBERS.split(), _shape_at(2, "size")),
    **dict.fromkeys(_THREE_NUMBERS.split(), _shape_at(3, "size")),
    "dirichlet": _each(0, 1), "multinomial": _each(1, 2), "multivariate_normal": _each(0, 2),
    "multivariate_hypergeometric": _each(0, 2),
    **dict.fromkeys(("rand", "randn"), _dimensions),
    "permutation": lambda args, kwargs: int(args[0]) if np.ndim(args[0]) == 0 else 0,
    **dict.fromkeys(("eye", "identity", "tri"), _square),
    **dict.fromkeys(("tril_indices", "triu_indices", "mask_indices"), _square_of(0, "n")),
    **dict.fromkeys(("diag_indices", "hamming", "hanning", "blackman", "bartlett", "kaiser", "fftfreq", "rfftfreq"),
                    lambda args, kwargs: int(args[0])),
    "arange": _arange,
    **dict.fromkeys(("linspace", "logspace", "geomspace"), _number),
    **dict.fromkeys(("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"), _joined),
    **dict.fromkeys(("copy", "tobytes", "ravel", "ascontiguousarray", "sort"), lambda args, kwargs: np.size(args[0])),
    "tile": _tile,
    "repeat": _repeat,
    **dict.fromkeys(("outer", "kron"), _outer),
    **dict.fromkeys(("dot", "inner"), _product),
    "tensordot": _tensor_product,
    "einsum": _einsum,
    "vander": _vander,
    **dict.fromkeys(("diag", "diagflat"), lambda args, kwargs: np.size(args[0]) ** 2 if np.ndim(args[0]) < 2 else 0),
    **dict.fromkeys(("cov", "corrcoef"), _rows_squared),
    "meshgrid": _mesh,
    "indices": lambda args, kwargs: len(args[0]) * _count(args[0]),
    "pad": _pad,
    "resize": lambda args, kwargs: _count(args[1]),
    "bincount": _bincount,
    "histogram": _bins(1), "histogram_bin_edges": _bins(1), "histogram2d": _bins(2),
    **dict.fromkeys(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"), _samples),
    **dict.fromkeys(("fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "irfft2", "irfftn"), _transform_shape),
}  # fmt: skip
