"""Arrays and tensors over the memory that a source gives."""

from __future__ import annotations

import sys
from math import prod

from tcalc.engine.tensor import wrap
from tcalc.formats.loaded import data_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.dtypes import DType
    from tcalc.engine.tensor import Tensor
    from tcalc.formats.source import Source


def array_over(memory: Any, dtype: Any, count: int) -> Any:
    """``count`` elements that may be written to: over the memory itself where that is possible, else a copy."""
    import numpy as np

    if not count:
        return np.empty(0, dtype if dtype.isnative else dtype.newbyteorder("="))
    array = np.frombuffer(memory, dtype, count)
    if dtype.kind == "b":
        raw = array.view(np.uint8)
        # A byte that is neither 0 nor 1 would be no bool.
        return array if array.flags.writeable and raw.max() <= 1 else raw != 0
    if not dtype.isnative or not array.flags.writeable or not array.flags.aligned:
        return array.astype(dtype.newbyteorder("="))
    return array


def check_shape(shape: Sequence[int], itemsize: int, where: str, what: str) -> None:
    """DataError where no array can have a shape, even if it has no elements."""
    if prod(size for size in shape if size) * itemsize >= 1 << 63:
        raise data_error(where, f"{what} has the shape {tuple(shape)}, which is larger than any array can be")


def tensor_in(source: Source, offset: int, dtype: DType, shape: Sequence[int], what: str) -> Tensor:
    """The tensor whose little-endian elements start at ``offset``; no other bytes are read."""
    count = prod(shape)
    array = swapped(array_over(memory_in(source, offset, count * dtype.itemsize, what), dtype.numpy, count))
    return wrap(array.reshape(tuple(shape)))


def memory_in(source: Source, offset: int, nbytes: int, what: str) -> Any:
    """A stretch of a source as memory; DataError where the source ends before it does."""
    memory = source.stretch(offset, nbytes)
    if len(memory) < nbytes:
        raise data_error(source.name, f"the file is cut short: {what} needs {nbytes} bytes, there are {len(memory)}")
    return memory


def swapped(array: Any) -> Any:
    """The array with its bytes in the order of the files, which is little-endian; itself nearly everywhere."""
    return array.byteswap() if sys.byteorder == "big" and array.dtype.itemsize > 1 else array
