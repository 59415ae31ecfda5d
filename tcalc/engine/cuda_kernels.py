"""Kernels in CUDA's own language, for what CuPy has no function: sources as data, compiled once a structure.

A kernel's structure is what its source depends on: the operation and the element type. The tests compile every one
of :func:`structures` for several generations of GPUs, which needs no GPU.
"""

from __future__ import annotations

from tcalc.engine import cuda_random_kernels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.engine.backend import Array

_THREADS = 256
_OPTIONS = ("--std=c++17",)

_TYPES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int",
    "int64": "long long", "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "unsigned long long",
    "float32": "float", "float64": "double", "complex64": "complex<float>", "complex128": "complex<double>",
}  # fmt: skip

# What becomes of a total and a value; nan stays where it is met.
_OPERATIONS = {
    "add": "total + value",
    "multiply": "total * value",
    "maximum": "(total != total || total > value) ? total : value",
    "minimum": "(total != total || total < value) ? total : value",
}
_BOOL_OPERATIONS = {
    "add": "total || value", "multiply": "total && value", "maximum": "total || value", "minimum": "total && value",
}  # fmt: skip

# One thread a place: it folds the values that belong there in their order, so that the answer is always the same and
# is the one of the CPU. Places are sorted; `order` says where each one's value is.
_FOLD = """
#include <cupy/complex.cuh>
extern "C" __global__ void {name}(
    const long long* places, const long long* order, const {type}* values, {type}* target, const long long count)
{{
    const long long first = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (first >= count || (first > 0 && places[first - 1] == places[first])) return;
    {type} total = target[places[first]];
    for (long long at = first; at < count && places[at] == places[first]; ++at) {{
        const {type} value = values[order[at]];
        total = {operation};
    }}
    target[places[first]] = total;
}}
"""


# One thread a matrix: the order of rows that a sequence of exchanges leads to, which is made one after the other.
_EXCHANGE = """
extern "C" __global__ void exchange_rows(
    const long long* pivots, long long* order, const long long count, const long long steps, const long long rows)
{
    const long long matrix = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (matrix >= count) return;
    const long long* partner = pivots + matrix * steps;
    long long* own = order + matrix * rows;
    for (long long step = 0; step < steps; ++step) {
        const long long other = partner[step] - 1;
        const long long taken = own[other];
        own[other] = own[step];
        own[step] = taken;
    }
}
"""


def fold_source(operation: str, dtype: str) -> tuple[str, str]:
    """The kernel that folds values into places: its name and its source."""
    name = f"fold_{operation}_{dtype}"
    combined = (_BOOL_OPERATIONS if dtype == "bool" else _OPERATIONS)[operation]
    return name, _FOLD.format(name=name, type=_TYPES[dtype], operation=combined)


def structures() -> Iterator[tuple[str, str]]:
    """The name and the source of every kernel there is."""
    for operation in _OPERATIONS:
        for dtype in _TYPES:
            if not (dtype.startswith("complex") and operation in ("maximum", "minimum")):
                yield fold_source(operation, dtype)
    yield "exchange_rows", _EXCHANGE
    yield from cuda_random_kernels.structures()


_compiled: dict[str, Any] = {}


def launch(cupy: Any, name: str, source: str, count: int, arguments: tuple) -> None:
    """Run a kernel in a thread for each of ``count`` things, and a few more; it is compiled when it is first run."""
    if not count:  # CUDA refuses a launch of no blocks
        return
    kernel = _compiled.get(name)
    if kernel is None:
        kernel = _compiled[name] = cupy.RawKernel(source, name, options=_OPTIONS)
    kernel(((count + _THREADS - 1) // _THREADS,), (_THREADS,), arguments)


def fold(cupy: Any, operation: str, places: Array, order: Array, values: Array, target: Array) -> None:
    """Fold ``values[order]`` into ``target`` at ``places``, which are sorted; all four are contiguous."""
    name, source = fold_source(operation, target.dtype.name)
    count = int(places.size)
    launch(cupy, name, source, count, (places, order, values, target, count))


def exchange(cupy: Any, pivots: Array, order: Array) -> None:
    """Exchange elements of rows of ``order`` as the rows of ``pivots``, counted from 1, say.

    Both are contiguous int64, and there are such elements: the kernel does not look.
    """
    (count, steps), rows = pivots.shape, order.shape[1]
    launch(cupy, "exchange_rows", _EXCHANGE, count, (pivots, order, count, steps, rows))
