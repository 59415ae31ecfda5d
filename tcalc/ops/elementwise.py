"""The frame of pointwise operations: how a row of a table becomes a record.

A row gives a name, a kernel (the name of an array function, or a function of ``xp``), what the result's
dtype is, which categories of dtype are refused and in which words, a docstring and an example. Broadcasting,
promotion, the type that half precision is computed in, ``out=`` and the in-place form are the same for all.
"""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.promotion import floating, result_type
from tcalc.engine.shapes import broadcast
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops import steps
from tcalc.ops.dispatch import Launch
from tcalc.ops.registry import Record, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from tcalc.engine.dtypes import DType
    from tcalc.ops.out_rules import OutRule

# Which operands of a row of two may be Python numbers.
BOTH = ("Tensor | Number", "Tensor | Number")
EITHER = ("Mixed", "Mixed")  # but not both
SECOND = ("Tensor", "Tensor | Number")
NEITHER = ("Tensor", "Tensor")

# What the result's dtype is, from the promoted dtype of the operands.
SAME = "same"  # the promoted dtype itself
FLOATING = "floating"  # integers and bool become the default float
PREDICATE = "predicate"  # bool
REAL = "real"  # complex operands give their real type
FLOATING_REAL = "floating real"  # both: integers become the default float, complex its real type


def elementwise(
    kernel: str | Callable,
    operands: tuple,
    result: str = SAME,
    *,
    refuses: Mapping[int, str] = {},
    stepwise: bool = False,
    factor: int | None = None,
) -> Launch:
    """The launch of a pointwise kernel over broadcast operands (tensors and Python numbers).

    A ``stepwise`` kernel is ``kernel(xp, out, step, *arrays)``, see :mod:`tcalc.ops.steps`. The operand at ``factor``
    keeps all its digits where it is a number or 0-d; any other is rounded to half precision that it meets.
    """
    dtype = result_type(*operands)
    words = refuses.get(dtype.category)
    if words is not None and " " in words:
        raise refusal(words, dtype)
    shapes = [operand.shape for operand in operands if isinstance(operand, Tensor)]
    shape = broadcast(*shapes) if shapes else ()
    if words is not None:
        kernel = _missing(words, dtype)
    if result is FLOATING or result is FLOATING_REAL:
        dtype = floating(dtype)
    if dtype.is_reduced:
        operands = tuple(
            [
                operand if place == factor and not getattr(operand, "shape", ()) else steps.narrowed(operand, dtype)
                for place, operand in enumerate(operands)
            ]
        )
    answer = answer_dtype(dtype, result)
    run = _array_function(kernel) if isinstance(kernel, str) else kernel
    if stepwise and words is None:
        run = steps.stepwise(run, dtype)
    return Launch(run, operands, shape, answer, compute=dtype.computed_as, pointwise=True)


def _missing(name: str, dtype: DType) -> Callable:
    """The kernel that PyTorch has not: it is missed when it is to run, after shapes and ``out=`` have been checked."""

    def missing(xp: Any, out: Any, *arrays: Any) -> Any:
        raise refusal(name, dtype)

    return missing


def answer_dtype(dtype: DType, result: str) -> DType:
    if result is PREDICATE:
        return dtypes.bool_
    return dtype.to_real() if result in (REAL, FLOATING_REAL) else dtype


def refusal(words: str, dtype: DType) -> TcalcError:
    """The error for a refused dtype: ``words`` is the name of PyTorch's kernel or a whole sentence.

    A sentence may begin with its kind: ``"RuntimeError: …"``.
    """
    if " " not in words:
        return TcalcError(f"\"{words}\" not implemented for '{dtype.scalar_name}'", "NotImplementedError")
    kind, colon, message = words.partition("Error: ")
    return TcalcError(message, kind + "Error") if colon else TcalcError(words, "NotImplementedError")


_array_functions: dict[str, Callable] = {}


def _array_function(name: str) -> Callable:
    """The kernel that calls ``xp.NAME``; one function a name, so that kernels compare by identity."""
    found = _array_functions.get(name)
    if found is None:

        def call(xp: Any, out: Any, *arrays: Any) -> Any:
            return getattr(xp, name)(*arrays, out=out)

        found = _array_functions[name] = call
    return found


def unary(
    name: str,
    kernel: str | Callable,
    summary: str,
    example: str,
    *,
    result: str = FLOATING,
    refuses: Mapping[int, str] = {},
    derivative: Callable | None = None,
    inplace: bool = True,
    aliases: Iterable[str] = (),
    method: bool = True,
    namespace: str = "torch",
    out: bool | OutRule = True,
    stepwise: bool = False,
) -> Record:
    """A row of one operand. ``derivative`` and ``out`` as in :func:`tcalc.ops.registry.op`."""

    def function(input: Tensor) -> Launch:
        return elementwise(kernel, (input,), result, refuses=refuses, stepwise=stepwise)

    return _register(function, name, summary, example, derivative, inplace, aliases, method, namespace, out)


def binary(
    name: str,
    kernel: str | Callable,
    summary: str,
    example: str,
    *,
    result: str = SAME,
    refuses: Mapping[int, str] = {},
    derivative: Callable | None = None,
    inplace: bool = True,
    aliases: Iterable[str] = (),
    method: bool = True,
    namespace: str = "torch",
    numbers: tuple[str, str] = BOTH,
    stepwise: bool = False,
    factor: int | None = None,
) -> Record:
    """A row of two operands; ``numbers`` says which of them may be Python numbers."""

    def function(input: Any, other: Any) -> Launch:
        return elementwise(kernel, (input, other), result, refuses=refuses, stepwise=stepwise, factor=factor)

    function.__annotations__["input"], function.__annotations__["other"] = numbers

    return _register(function, name, summary, example, derivative, inplace, aliases, method, namespace)


def _register(
    function: Callable,
    name: str,
    summary: str,
    example: str,
    derivative: Callable | None,
    inplace: bool,
    aliases: Iterable[str],
    method: bool,
    namespace: str,
    out: bool | OutRule = True,
) -> Record:
    function.__name__ = name
    function.__doc__ = f"{summary}\n\n{flush_left(example)}\n"
    return op(
        function,
        namespace=namespace,
        method=method,
        inplace=inplace,
        out=out,
        aliases=aliases,
        derivative=derivative,
    )


def flush_left(example: str) -> str:
    """An example without the indentation of the row that it stands in."""
    first, *rest = example.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[margin:] for line in rest)])
