"""What ``a + b`` means for every pair of values: numbers, sequences, literals, tensors, arrays."""

from __future__ import annotations

# The C module: `operator` itself would be one import more on the way of a scalar one-liner.
import _operator as python

from tcalc.engine.dtypes import INTEGER, promote
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.interp import guards, library
from tcalc.interp.literals import TensorLiteral, is_numeric, pair_to_tensors, to_tensor, to_tensor_like
from tcalc.interp.type_names import pythonic, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.syntax.operators import Operator

NUMBERS = frozenset((int, float, bool, complex))

# On two numbers. What could take memory without bound is guarded.
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": python.add,
    "sub": python.sub,
    "mul": guards.multiply,
    "div": python.truediv,
    "floor_divide": python.floordiv,
    "remainder": python.mod,
    "matmul": python.matmul,
    "pow": guards.power,
    "bitwise_and": python.and_,
    "bitwise_or": python.or_,
    "bitwise_xor": python.xor,
    "bitwise_left_shift": guards.shift_left,
    "bitwise_right_shift": python.rshift,
}
# The same for a caller that looks at a product itself.
QUICK = ARITHMETIC | {"mul": python.mul}
_NATIVE = ARITHMETIC | {"mul": python.mul, "pow": python.pow, "bitwise_left_shift": python.lshift}
_AUGMENTED = {
    "add": python.iadd,
    "sub": python.isub,
    "mul": python.imul,
    "div": python.itruediv,
    "floor_divide": python.ifloordiv,
    "remainder": python.imod,
    "matmul": python.imatmul,
    "pow": python.ipow,
    "bitwise_and": python.iand,
    "bitwise_or": python.ior,
    "bitwise_xor": python.ixor,
    "bitwise_left_shift": python.ilshift,
    "bitwise_right_shift": python.irshift,
}
_SIGNS: dict[str, Callable[[Any], Any]] = {
    "positive": python.pos, "neg": python.neg, "bitwise_not": python.invert,
}  # fmt: skip
_SEQUENCES = (str, list, tuple, bytes, bytearray)
_CHANGEABLE = (list, set, dict, bytearray)

REFUSED = object()


def binary(row: Operator, first: Any, second: Any) -> Any:
    """``first OP second``."""
    if (type(first) is Tensor or type(second) is Tensor) and not isinstance(first, str):
        return _with_tensor(row, first, second)
    if type(first) is TensorLiteral or type(second) is TensorLiteral:
        answer = _with_list(row, first, second)
        if answer is not REFUSED:
            return answer
    if is_bundle(first) or is_bundle(second):
        from tcalc.interp import bundles

        return bundles.operate(binary, row, first, second)
    if is_numpy(first) or is_numpy(second):
        from tcalc.interp import numpy_values

        return numpy_values.operate(_NATIVE[row.name], first, second)
    try:
        return _python(row, first, second)
    except TypeError:
        answer = _with_list(row, first, second)
        if answer is REFUSED:
            raise
        return answer


def _python(row: Operator, first: Any, second: Any) -> Any:
    """Python's own meaning, with a guard where a sequence could grow beyond memory."""
    name = row.name
    if type(first) in NUMBERS and type(second) in NUMBERS:
        return ARITHMETIC[name](first, second)
    if name == "mul":
        if is_sequence(first) and hasattr(second, "__index__"):
            return guards.repeat(first, second)
        if is_sequence(second) and hasattr(first, "__index__"):
            return guards.repeat(second, first)
    elif name == "add" and isinstance(first, _SEQUENCES) and isinstance(second, _SEQUENCES):
        return guards.concatenate(first, second)
    elif name == "remainder" and isinstance(first, str):
        from tcalc.interp.formatting import percent

        return percent(first, second)
    elif name == "remainder" and isinstance(first, (bytes, bytearray)):
        raise type_error("% of bytes is not part of tcalc's language: format text, and encode() it")
    if type(second) is Tensor:
        raise unsupported(row, first, second)
    return _NATIVE[name](first, second)


def _with_list(row: Operator, first: Any, second: Any) -> Any:
    """The tensors' meaning of an operation on lists of numbers, or REFUSED where they are none."""
    lists = isinstance(first, list), isinstance(second, list)
    for value, is_list in zip((first, second), lists, strict=True):
        if not (is_numeric(value) if is_list else type(value) in NUMBERS):
            return REFUSED
    if not any(lists):
        return REFUSED
    if all(lists):
        first, second = pair_to_tensors(first, second)
    elif lists[0]:
        first = to_tensor(first)
    else:
        second = to_tensor(second)
    if row.name == "matmul" and not all(lists):
        raise unsupported(row, first, second)
    return library.apply(row.name, first, second)


def _with_tensor(row: Operator, first: Any, second: Any) -> Any:
    left = tensor_operand(first, second)
    right = tensor_operand(second, first)
    if left is REFUSED or right is REFUSED:
        if row.name == "mul" and isinstance(second, (str, bytes, bytearray)):
            return guards.repeat(second, _count(first))
        if is_bundle(first) or is_bundle(second):
            from tcalc.interp import bundles

            return bundles.operate(binary, row, first, second)
        raise unsupported(row, first, second)
    if row.name == "matmul" and not (type(left) is Tensor and type(right) is Tensor):
        raise unsupported(row, first, second)
    # A product of matrices wants one dtype. An array brings NumPy's, and a literal is tcalc's own notation.
    if row.name == "matmul" and not (type(first) is Tensor and type(second) is Tensor):
        dtype = promote(left.dtype, right.dtype)
        left, right = library.apply_method("to", left, dtype), library.apply_method("to", right, dtype)
    if row.name == "div" and type(left) is not Tensor:
        return library.apply("mul", library.apply("reciprocal", right), left)  # as PyTorch does, rounding and all
    return library.apply(row.name, left, right)


def _count(times: Tensor) -> int:
    """How often a text is repeated, by a tensor of one whole number."""
    if times.numel() != 1 or times.dtype.category > INTEGER:
        raise type_error("only integer tensors of a single element can be converted to an index")
    return int(times.scalar())


def tensor_operand(value: Any, other: Any) -> Any:
    """A value as an operand beside a tensor: a tensor or a Python number, else REFUSED."""
    kind = type(value)
    if kind is Tensor or kind in NUMBERS:
        return value
    if isinstance(value, list):
        if not is_numeric(value):
            return REFUSED
        return to_tensor_like(value, other) if type(other) is Tensor else to_tensor(value)
    if kind.__module__ == "numpy":
        from tcalc.interp import numpy_values

        return numpy_values.as_operand(value, REFUSED)
    if isinstance(value, (int, float, complex)):
        return value
    return REFUSED


def unsupported(row: Operator, first: Any, second: Any, symbol: str = "") -> Exception:
    """Python's words for operands that do not go together."""
    if row.symbol == "+" and isinstance(first, (str, list, tuple)):
        kind = type_name(first)
        return type_error(f'can only concatenate {kind} (not "{type_name(second)}") to {kind}')
    written = symbol or ("** or pow()" if row.symbol == "**" else row.symbol)
    return type_error(f"unsupported operand type(s) for {written}: '{type_name(first)}' and '{type_name(second)}'")


def augmented(row: Operator, first: Any, second: Any) -> Any:
    """``first OP= second``: tensors, arrays and lists are written, anything else is bound anew."""
    if type(first) is Tensor:
        method = library.method(row.name + "_")
        operand = tensor_operand(second, first)
        if operand is REFUSED:
            raise unsupported(row, first, second, row.symbol + "=")
        if method is not None:
            return library.invoke(method, [first, operand], {})
        return binary(row, first, operand)
    if type(second) is Tensor and not isinstance(first, list) and not is_numpy(first):
        return binary(row, first, second)
    if is_numpy(first) or is_numpy(second):
        from tcalc.interp import numpy_values

        return numpy_values.operate(_AUGMENTED[row.name], first, second)
    if type(first) is TensorLiteral or not is_sequence(first, _CHANGEABLE):
        return binary(row, first, second)
    return _augment_container(row, first, second)


def augmented_words(row: Operator, fault: TypeError) -> Exception:
    """Python's complaint about operands, which names the operator as it was written."""
    plain = "** or pow()" if row.symbol == "**" else row.symbol
    return type_error(pythonic(str(fault)).replace(f"for {plain}:", f"for {row.symbol}=:", 1))


def _augment_container(row: Operator, first: Any, second: Any) -> Any:
    if type(first) is list:
        if row.name == "add":
            first.extend(guards.counted(second))
            return first
        if row.name == "mul" and type(second) is int:
            guards.allocate(len(first) * second * guards.POINTER_BYTES, f"a list of {len(first) * second} items")
        elif row.name != "mul":
            return binary(row, first, second)
    elif row.name == "mul" and hasattr(second, "__index__"):
        size = len(first) * int(second)
        guards.allocate(size * guards.item_bytes(first), f"a {type(first).__name__} of {size} items")
    return _AUGMENTED[row.name](first, second)


def is_sequence(value: Any, kinds: tuple[type, ...] = _SEQUENCES) -> bool:
    """Whether a value is of one of the kinds, by default those that ``*`` repeats; or an array, or a deque."""
    return isinstance(value, kinds) or is_python_array(value) or type(value).__name__ == "Deque"


def is_python_array(value: Any) -> bool:
    """Whether a value is of Python's module ``array``, without importing it."""
    return type(value).__module__ == "array"


def unary(name: str, value: Any) -> Any:
    """``-value``, ``+value`` or ``~value``."""
    if type(value) in NUMBERS:
        # ~True warns in later versions of Python; the answer is that of the integer.
        return _SIGNS[name](int(value) if type(value) is bool else value)
    if isinstance(value, list) and is_numeric(value):
        value = to_tensor(value)
    if is_bundle(value):
        from tcalc.interp import bundles

        return bundles.unary(unary, name, value)
    if type(value) is Tensor:
        if name == "bitwise_not" and value.dtype.category > INTEGER:
            raise type_error("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return library.apply(name, value)
    return _SIGNS[name](value)


def is_bundle(value: Any) -> bool:
    """Whether a value is a bundle of tensors, without importing their module."""
    return type(value).__module__ == "tcalc.engine.bundle"


def is_numpy(value: Any) -> bool:
    """Whether a value is one of NumPy's, without importing it."""
    return type(value).__module__ in ("numpy", "numpy.dtypes")
