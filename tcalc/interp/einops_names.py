"""The names of ``einops``: the library itself, over tcalc's tensors and NumPy's arrays; loaded when one is called."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.interp import kinds, library
from tcalc.interp.faults import translate
from tcalc.interp.literals import is_numeric, to_tensor
from tcalc.interp.type_names import type_name
from tcalc.interp.type_tokens import exception_type
from tcalc.interp.values import Builtin, callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any


def _load() -> ModuleType:
    """The library, which finds tcalc's tensors by the class below."""
    import einops
    from einops._backends import AbstractBackend

    if all(backend.framework_name != "tcalc" for backend in AbstractBackend.__subclasses__()):
        _define_backend(AbstractBackend)
    return einops


def _define_backend(base: type) -> None:
    """How einops does its few operations on tensors: each is the one of PyTorch, so views and dtypes are PyTorch's."""

    class Backend(base):
        framework_name = "tcalc"

        def is_appropriate_type(self, tensor: Any) -> bool:
            return isinstance(tensor, Tensor)

        def is_float_type(self, x: Tensor) -> bool:
            return x.dtype.is_floating_point

        def reshape(self, x: Tensor, shape: Sequence[int]) -> Any:
            return library.apply_method("reshape", x, tuple(shape))

        def transpose(self, x: Tensor, axes: Sequence[int]) -> Any:
            return library.apply_method("permute", x, tuple(axes))

        def reduce(self, x: Tensor, operation: str, axes: Sequence[int]) -> Any:
            name = {"min": "amin", "max": "amax"}.get(operation, operation)
            if operation in ("any", "all", "prod"):
                for axis in sorted(axes, reverse=True):
                    x = library.apply_method(name, x, axis)
                return x
            return library.apply_method(name, x, tuple(axes))

        def stack_on_zeroth_dimension(self, tensors: list) -> Any:
            return library.apply("stack", tensors)

        def concat(self, tensors: list, axis: int) -> Any:
            return library.apply("cat", tensors, axis)

        def add_axis(self, x: Tensor, new_position: int) -> Any:
            return library.apply_method("unsqueeze", x, new_position)

        def add_axes(self, x: Tensor, n_axes: int, pos2len: dict[int, int]) -> Any:
            sizes = [-1] * n_axes
            for position, length in pos2len.items():
                x = self.add_axis(x, position)
                sizes[position] = length
            return library.apply_method("expand", x, tuple(sizes))

        def tile(self, x: Tensor, repeats: Sequence[int]) -> Any:
            return library.apply_method("repeat", x, tuple(repeats))

        def einsum(self, pattern: str, *operands: Tensor) -> Any:
            return library.apply("einsum", pattern, *operands)


# ---------------------------------------------------------------- the functions


def _operand(value: Any) -> Any:
    """A tensor or array, or a list of them; a list of numbers is a tensor."""
    if isinstance(value, list) and is_numeric(value):
        return to_tensor(value)
    if isinstance(value, (list, tuple)) and value:
        return [_operand(item) for item in value]
    if isinstance(value, Tensor) or type(value).__module__ == "numpy":
        return value
    raise type_error(f"einops takes tensors, arrays and lists of them, not '{type_name(value)}'")


def _call(name: str, *args: Any, **axes: Any) -> Any:
    """One of the library's functions; its errors are the program's."""
    pattern = args[-1] if name in ("pack", "unpack", "einsum") else args[1]
    if not isinstance(pattern, str):
        raise type_error(f"the pattern must be a str, not '{type_name(pattern)}'")
    try:
        return getattr(_load(), name)(*args, **axes)
    except Exception as fault:
        if type(fault).__module__.startswith("einops"):
            raise TcalcError(str(fault), kinds.register(type(fault))) from fault
        if type(fault) is NotImplementedError or type(fault) is RuntimeError:
            raise TcalcError(" ".join(map(str, fault.args)), type(fault).__name__) from fault
        raise translate(fault) from fault


def _lengths(axes: dict[str, Any]) -> dict[str, int]:
    """The sizes of axes by name; those that came as tensors are numbers."""
    found = {}
    for name, length in axes.items():
        if isinstance(length, bool) or not hasattr(type(length), "__index__"):
            raise type_error(f"the length of axis '{name}' must be an int, not '{type_name(length)}'")
        found[name] = length.__index__()
    return found


def _rearrange(tensor: Any, pattern: str, **axes_lengths: Any) -> Any:
    """Move, split, join and drop axes, named by a pattern such as ``"b (h p) -> (b h) p"``."""
    return _call("rearrange", _operand(tensor), pattern, **_lengths(axes_lengths))


def _reduce(tensor: Any, pattern: str, reduction: Any, **axes_lengths: Any) -> Any:
    """Reduce the axes that only the left side of a pattern names: by min, max, sum, mean, prod, any, all or a call."""
    how = reduction if isinstance(reduction, str) else callback(reduction)
    return _call("reduce", _operand(tensor), pattern, how, **_lengths(axes_lengths))


def _repeat(tensor: Any, pattern: str, **axes_lengths: Any) -> Any:
    """Repeat elements along axes that only the right side of a pattern names."""
    return _call("repeat", _operand(tensor), pattern, **_lengths(axes_lengths))


def _einsum(*tensors_and_pattern: Any) -> Any:
    """Sums of products, with axes of whole words and the pattern last."""
    *tensors, pattern = tensors_and_pattern
    return _call("einsum", *map(_operand, tensors), pattern)


def _pack(tensors: Any, pattern: str) -> Any:
    """Several tensors side by side in one, and the shapes that were packed."""
    return _call("pack", _operand(list(tensors)), pattern)


def _unpack(tensor: Any, packed_shapes: Any, pattern: str) -> Any:
    """The tensors that ``pack`` has put side by side."""
    return _call("unpack", _operand(tensor), [tuple(shape) for shape in packed_shapes], pattern)


def _parse_shape(x: Any, pattern: str) -> Any:
    """The size of each axis that a pattern names, as a dict."""
    return _call("parse_shape", _operand(x), pattern)


def _asnumpy(tensor: Any) -> Any:
    """The tensor as an array."""
    return library.apply_method("numpy", tensor) if isinstance(tensor, Tensor) else tensor


_FUNCTIONS: dict[str, Callable] = {
    "rearrange": _rearrange, "reduce": _reduce, "repeat": _repeat, "einsum": _einsum, "pack": _pack, "unpack": _unpack,
    "parse_shape": _parse_shape, "asnumpy": _asnumpy,
}  # fmt: skip
NAMES: dict[str, Any] = {
    **{name: Builtin(function, name) for name, function in _FUNCTIONS.items()},
    "EinopsError": exception_type("EinopsError"),
}
