"""NumPy's universal functions: called like any other, and with ``reduce``, ``accumulate``, ``outer``, … as methods."""

from __future__ import annotations

from tcalc.engine.backend import numpy
from tcalc.interp import guards
from tcalc.interp.numpy_values import call, check_broadcast, has_tensor, run, tensors_of, unwrap
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

np = numpy()


class Ufunc(Builtin):
    """A universal function of NumPy's."""

    __slots__ = ()
    public = ("accumulate", "at", "nargs", "nin", "nout", "outer", "reduce", "reduceat")

    function: Any

    def __init__(self, function: Any, path: str) -> None:
        super().__init__(function, function.__name__, path)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        answer = self._compute([unwrap(arg) for arg in args], kwargs)
        return tensors_of(answer) if has_tensor(args) and "out" not in kwargs else answer

    def _compute(self, args: list, kwargs: dict[str, Any]) -> Any:
        operands = args[: self.function.nin]
        if self.function.signature is None and len(operands) == 2:
            check_broadcast(self.name, *operands)
        elif self.name in ("matmul", "matvec", "vecmat"):
            _check_product(self.name, operands)
        return call(self.function, args, {name: unwrap(value) for name, value in kwargs.items()})

    @property
    def nin(self) -> int:
        return int(self.function.nin)

    @property
    def nout(self) -> int:
        return int(self.function.nout)

    @property
    def nargs(self) -> int:
        return int(self.function.nargs)

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        answer = run(self.function.reduce, args, kwargs)
        return tensors_of(answer) if has_tensor(args) else answer

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        answer = run(self.function.accumulate, args, kwargs)
        return tensors_of(answer) if has_tensor(args) else answer

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        return run(self.function.reduceat, args, kwargs)

    def at(self, *args: Any, **kwargs: Any) -> Any:
        return run(self.function.at, args, kwargs)

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        count = 1
        for arg in args[:2]:
            count *= int(np.size(unwrap(arg)))
        guards.allocate(count * 8, f"an array of {count} elements")
        return run(self.function.outer, args, kwargs)

    def __repr__(self) -> str:
        return f"<ufunc '{self.name}'>"


def _check_product(name: str, operands: list) -> None:
    """Ask for the memory of a product of matrices: rows of the one times columns of the other, for each of a batch."""
    shapes = [np.shape(operand) for operand in operands]
    rows = shapes[0][-2] if len(shapes[0]) > 1 and name != "vecmat" else 1
    columns = shapes[1][-1] if len(shapes[1]) > 1 and name != "matvec" else 1
    try:
        batch = np.broadcast_shapes(shapes[0][:-2], shapes[1][:-2])
    except ValueError:
        return  # the product itself says it better
    guards.allocate(int(np.prod(batch, dtype=object)) * rows * columns * 8, "the product")
