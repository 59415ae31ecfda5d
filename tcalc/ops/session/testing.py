"""``torch.testing``: whether values are as expected, and in which words they are not."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import BOOL, COMPLEX, FLOAT, INTEGER, DType
from tcalc.engine.numbers import integer_limits
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.ops.binding import type_name
from tcalc.ops.creation.filling import empty, want_gradient
from tcalc.ops.creation.tensors import as_tensor
from tcalc.ops.pointwise.arithmetic import sub
from tcalc.ops.pointwise.comparisons import isclose
from tcalc.ops.random.uniform import chosen_generator, draw_integers, draw_uniform_between
from tcalc.ops.registry import op
from tcalc.ops.session.convert import to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = Any

TESTING = "torch.testing"
# dtype -> how much a value may differ, relative to the expected one and at all; other dtypes must be equal.
_TOLERANCES = {
    dtypes.float16: (1e-3, 1e-5), dtypes.bfloat16: (1.6e-2, 1e-5), dtypes.float32: (1.3e-6, 1e-5),
    dtypes.float64: (1e-7, 1e-7), dtypes.complex32: (1e-3, 1e-5), dtypes.complex64: (1.3e-6, 1e-5),
    dtypes.complex128: (1e-7, 1e-7),
}  # fmt: skip
_NUMBERS = (int, float, complex)


class _Rules:
    """What counts as equal, and what to say where it is not."""

    __slots__ = ("atol", "device", "dtype", "equal_nan", "message", "rtol", "stride")

    def __init__(
        self,
        rtol: float | None,
        atol: float | None,
        equal_nan: bool,
        device: bool,
        dtype: bool,
        stride: bool,
        message: Any,
    ) -> None:
        if (rtol is None) != (atol is None):
            missing = "rtol" if rtol is None else "atol"
            raise value_error(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
        self.rtol, self.atol = rtol, atol
        self.equal_nan, self.device, self.dtype, self.stride = equal_nan, device, dtype, stride
        self.message = message

    def tolerances(self, *kinds: DType) -> tuple[float, float]:
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        found = [_TOLERANCES.get(kind, (0, 0)) for kind in kinds]
        return max(rtol for rtol, _ in found), max(atol for _, atol in found)

    def fail(self, text: str, path: tuple = ()) -> TcalcError:
        """The error, in the caller's words where there are any."""
        if path:
            text += f"\n\nThe failure occurred for item {''.join(f'[{key!r}]' for key in path)}"
        if isinstance(self.message, str):
            text = self.message
        elif callable(self.message):
            text = self.message(text)
        return TcalcError(text, "AssertionError")


def _class(value: Any) -> str:
    names = {"Tensor": "torch.Tensor", "TensorLiteral": "list"}
    name = type_name(value)
    return f"<class '{names.get(name, name)}'>"


# ---------------------------------------------------------------- pairs


def _compare(actual: Any, expected: Any, rules: _Rules, path: tuple) -> None:
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        _compare_sequences(actual, expected, rules, path)
    elif isinstance(actual, dict) and isinstance(expected, dict):
        _compare_mappings(actual, expected, rules, path)
    elif actual is None or expected is None:
        if actual is not expected:
            raise rules.fail(f"None mismatch: {actual} is not {expected}", path)
    elif isinstance(actual, bool) and isinstance(expected, bool):
        if actual is not expected:
            raise rules.fail(f"Booleans mismatch: {actual} is not {expected}", path)
    elif isinstance(actual, _NUMBERS) and isinstance(expected, _NUMBERS):
        _compare_numbers(actual, expected, rules, path)
    else:
        _compare_tensors(*_as_tensors(actual, expected), rules, path)


def _as_tensors(actual: Any, expected: Any) -> tuple[Tensor, Tensor]:
    """Two tensors or two arrays as tensors; one of each, or anything else, cannot be compared."""
    tensors = isinstance(actual, Tensor) and isinstance(expected, Tensor)
    arrays = type(actual).__module__ == type(expected).__module__ == "numpy"
    if not tensors and not arrays:
        raise type_error(
            f"No comparison pair was able to handle inputs of type {_class(actual)} and {_class(expected)}."
        )
    return as_tensor(actual), as_tensor(expected)


def _compare_sequences(actual: Any, expected: Any, rules: _Rules, path: tuple) -> None:
    if len(actual) != len(expected):
        raise rules.fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path)
    for index, (first, second) in enumerate(zip(actual, expected, strict=True)):
        current().meter.step()
        _compare(first, second, rules, (*path, index))


def _compare_mappings(actual: dict, expected: dict, rules: _Rules, path: tuple) -> None:
    missing = [key for key in expected if key not in actual]
    additional = [key for key in actual if key not in expected]
    if missing or additional:
        text = "The keys of the mappings do not match:"
        if missing:
            text += f"\nMissing keys in the actual mapping: {sorted(missing)}"
        if additional:
            text += f"\nAdditional keys in the actual mapping: {sorted(additional)}"
        raise rules.fail(text, path)
    for key in actual:
        _compare(actual[key], expected[key], rules, (*path, key))


def _compare_numbers(actual: Any, expected: Any, rules: _Rules, path: tuple) -> None:
    if rules.dtype and type(actual) is not type(expected):
        raise rules.fail(f"The (d)types do not match: {_class(actual)} != {_class(expected)}.", path)
    kinds = {int: dtypes.int64, float: dtypes.float64, complex: dtypes.complex128}
    rtol, atol = rules.tolerances(*[kinds.get(type(value), dtypes.int64) for value in (actual, expected)])
    if actual == expected:
        return
    both_nan = actual != actual and expected != expected
    difference = abs(actual - expected)
    within = difference <= atol + rtol * abs(expected) and difference != float("inf")
    if not within and not (both_nan and rules.equal_nan):
        raise rules.fail(_scalar_words(actual, expected, rtol, atol), path)


def _scalar_words(actual: Any, expected: Any, rtol: float, atol: float) -> str:
    equal = rtol == 0 and atol == 0
    difference = abs(actual - expected)
    relative = difference / abs(expected) if expected != 0 else float("inf")
    return (
        f"Scalars are not {'equal' if equal else 'close'}!\n\nExpected {expected} but got {actual}.\n"
        f"Absolute difference: {difference}{_allowed(equal, atol)}\n"
        f"Relative difference: {relative}{_allowed(equal, rtol)}"
    )


def _allowed(equal: bool, tolerance: float) -> str:
    return "" if equal else f" (up to {tolerance} allowed)"


# ---------------------------------------------------------------- tensors


def _compare_tensors(actual: Tensor, expected: Tensor, rules: _Rules, path: tuple) -> None:
    def differ(name: str, first: Any, second: Any) -> TcalcError:
        return rules.fail(f"The values for attribute '{name}' do not match: {first} != {second}.", path)

    if tuple(actual.shape) != tuple(expected.shape):
        raise differ("shape", Size(actual.shape), Size(expected.shape))
    if rules.device and actual.device != expected.device:
        raise differ("device", actual.device, expected.device)
    if rules.dtype and actual.dtype is not expected.dtype:
        raise differ("dtype", actual.dtype, expected.dtype)
    if rules.stride and tuple(actual.stride) != tuple(expected.stride):
        raise differ("stride()", tuple(actual.stride), tuple(expected.stride))
    if actual.is_meta or expected.is_meta:
        return
    rtol, atol = rules.tolerances(actual.dtype, expected.dtype)
    if actual.device != expected.device:
        actual, expected = to(actual, "cpu"), to(expected, "cpu")
    if actual.dtype is not expected.dtype:
        common = dtypes.promote(actual.dtype, expected.dtype)
        actual, expected = to(actual, common), to(expected, common)
    matches = isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=rules.equal_nan)
    if not bool(matches.all()):
        raise rules.fail(_tensor_words(actual, expected, matches, rtol, atol), path)


def _tensor_words(actual: Tensor, expected: Tensor, matches: Tensor, rtol: float, atol: float) -> str:
    if not actual.shape:
        return _scalar_words(actual.scalar(), expected.scalar(), rtol, atol)
    equal = rtol == 0 and atol == 0
    if actual.dtype.category < FLOAT:
        actual, expected = to(actual, dtypes.int64), to(expected, dtypes.int64)
    total = matches.numel()
    wrong = total - int(matches.sum())
    absolute = sub(actual, expected).abs().masked_fill(matches, 0)
    relative = (absolute / expected.abs()).masked_fill(matches, 0)
    lines = [
        f"Tensor-likes are not {'equal' if equal else 'close'}!\n",
        f"Mismatched elements: {wrong} / {total} ({wrong / total:.1%})",
    ]
    for name, differences, tolerance in (("absolute", absolute, atol), ("relative", relative, rtol)):
        place = int(differences.flatten().argmax())
        largest = differences.flatten()[place].scalar()
        index = _unravelled(place, actual.shape)
        lines.append(f"Greatest {name} difference: {largest} at index {index}{_allowed(equal, tolerance)}")
    return "\n".join(lines)


def _unravelled(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for size in reversed(shape):
        place, rest = divmod(place, size)
        index.append(rest)
    return tuple(reversed(index))


# ---------------------------------------------------------------- records


@op(namespace=TESTING)
def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Any = None,
) -> None:
    """Raise an AssertionError that says where ``actual`` differs from ``expected``.

    Numbers, tensors, arrays, and lists, tuples and dicts of them. ``|actual - expected| <= atol + rtol * |expected|``
    counts as close; the tolerances follow the dtype unless both are given.

    >>> torch.testing.assert_close(tensor([1., 2.]), tensor([1., 2.000001]))
    """
    _compare(actual, expected, _Rules(rtol, atol, equal_nan, check_device, check_dtype, check_stride, msg), ())


@op(namespace=TESTING)
def make_tensor(
    *shape: Ints,
    dtype: DType,
    device: Device,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Random numbers between ``low`` and ``high`` of any dtype, for tests.

    >>> torch.testing.make_tensor(2, 3, dtype=torch.int32, device="cpu").shape
    torch.Size([2, 3])
    """
    sizes = (*shape[:-1], 2 * shape[-1]) if noncontiguous and shape and 0 not in shape else shape
    made = empty(*sizes, dtype=dtype, device=device)
    start, end = _range(dtype, low, high)
    if dtype.category <= INTEGER:
        draw_integers(made, chosen_generator(None, made), int(start), int(end))
    else:
        draw_uniform_between(made, chosen_generator(None, made), start, end)
    if sizes != shape:
        made = made[..., 1::2]
    if exclude_zero:
        made.masked_fill_(made == 0, 1 if dtype.category <= INTEGER else _smallest(dtype))
    return want_gradient(made, requires_grad)


def _smallest(dtype: DType) -> float:
    from tcalc.ops.session.facts import finfo

    return float(finfo(dtype.to_real() if dtype.category == COMPLEX else dtype).tiny)


def _range(dtype: DType, low: float | None, high: float | None) -> tuple[float, float]:
    """The bounds, those of the dtype where none are given."""
    if dtype.category == BOOL:
        default = (0, 2)
    elif dtype.category == INTEGER:
        default = (-9 if dtype.is_signed else 0, 10)
    else:
        default = (-9, 9)
    start = default[0] if low is None else low
    end = default[1] if high is None else high
    if start > end or (start == end and dtype.category <= INTEGER):
        raise value_error(f"make_tensor: low must be weakly less than high, but got {start} and {end}")
    if dtype.category == INTEGER:
        lowest, highest = integer_limits(dtype)
        return max(start, lowest), min(end, highest + 1)
    return start, end
