"""A number that tells tensors apart."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import COMPLEX, FLOAT
from tcalc.engine.shapes import normalize_dims
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.elementwise import refusal
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ints = tuple[int, ...]


def _folded(xp: Any, rows: Any) -> Any:
    """The exclusive or of all rows, one half with the other until there is one: no library can reduce by it alike."""
    while len(rows) > 1:
        half = len(rows) // 2
        folded = rows[:half] ^ rows[half : 2 * half]
        if len(rows) % 2:
            folded[0] ^= rows[-1]
        rows = folded
    return rows[0] if len(rows) else xp.zeros(rows.shape[1:], rows.dtype)


@op(out=True)
def hash_tensor(input: Tensor, dim: Ints = (), *, keepdim: bool = False, mode: int = 0) -> Launch:
    """The exclusive or of the bits of the elements.

    Floats count as float64. Over some dimensions, or all.

    >>> hash_tensor(tensor([1, 2, 4]))
    tensor(7, dtype=torch.uint64)
    """
    if mode != 0:
        raise TcalcError(f"Unknown hash_tensor mode: {mode}")
    if input.dtype.category == COMPLEX:
        raise refusal("xor_sum_cpu", input.dtype)
    if not dim and not input.numel():
        raise TcalcError(
            "hash_tensor: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
            "with the 'dim' argument."
        )
    axes = normalize_dims(dim, input.ndim) if dim else tuple(range(input.ndim))
    for at in axes:
        if dim and not input.shape[at]:
            raise index_error(f"hash_tensor: Expected reduction dim {at} to have non-zero size.")
    shape = [1 if at in axes else size for at, size in enumerate(input.shape) if keepdim or at not in axes]
    wide = "float64" if input.dtype.category == FLOAT else "int64"

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        rows = xp.moveaxis(array, axes, range(len(axes)))
        bits = xp.ascontiguousarray(rows.astype(wide)).view(xp.uint64)
        return _folded(xp, bits.reshape(-1, *rows.shape[len(axes) :])).reshape(shape)

    return Launch(kernel, (input,), shape, dtypes.uint64)
