"""The dtype of an operation's result, from its operands: tensors, 0-d tensors, Python numbers."""

from __future__ import annotations

from tcalc.engine.dtypes import combine, promote, scalar_dtype
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.dtypes import DType


def result_type(*operands: Tensor | complex) -> DType:
    """PyTorch's promotion over three ranks: tensors with dimensions, 0-d tensors, Python numbers."""
    dimensioned: DType | None = None
    zero_dim: DType | None = None
    number: DType | None = None
    for operand in operands:
        if isinstance(operand, Tensor):
            if operand.shape:
                dimensioned = operand.dtype if dimensioned is None else promote(dimensioned, operand.dtype)
            else:
                zero_dim = operand.dtype if zero_dim is None else promote(zero_dim, operand.dtype)
        else:
            dtype = scalar_dtype(operand, current().default_dtype)
            number = dtype if number is None else promote(number, dtype)
    found = combine(dimensioned, combine(zero_dim, number))
    assert found is not None, "result_type needs an operand"
    return found


def floating(dtype: DType) -> DType:
    """The dtype itself where it is floating or complex, the default dtype for bool and integers."""
    return dtype if dtype.is_floating_point or dtype.is_complex else current().default_dtype
