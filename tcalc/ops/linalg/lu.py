"""LU factorisation, packed and unpacked."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, Spec
from tcalc.ops.linalg.kernels import (
    batch_prefix,
    check_computable,
    lower_and_upper,
    lu_factor,
    permutation_matrix,
)
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# ---------------------------------------------------------------- LU


def _check_lu(input: Tensor, who: str, pivot: bool) -> None:
    if input.ndim < 2:
        raise TcalcError(f"{who}: Expected tensor with 2 or more dimensions. Got size: {list(input.shape)} instead")
    check_computable(input, "lu_cpu")
    if not pivot:
        raise TcalcError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


def _packed_outputs(input: Tensor) -> list[Spec]:
    count = min(input.shape[-2:])
    return [
        Spec(input.shape, input.dtype),
        Spec((*input.shape[:-2], count), dtypes.int32),
        Spec(input.shape[:-2], dtypes.int32),
    ]


def _lu_factor(input: Tensor, pivot: bool, check_errors: bool, type_name: str, with_info: bool) -> Launch:
    _check_lu(input, "torch.lu_factor", pivot)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        packed, pivots, info = lu_factor(xp, matrices)
        if check_errors and info.any():
            prefix, code = batch_prefix(info)
            who = "lu_factor_ex" if with_info else "lu_factor"
            raise TcalcError(
                f"torch.linalg.{who}: {prefix}U[{code},{code}] is zero and using it on lu_solve would result in a "
                "division by zero. If you still want to perform the factorization, consider calling "
                "linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
            )
        return (packed, pivots, info) if with_info else (packed, pivots)

    fields: tuple[str, ...] = ("LU", "pivots", "info") if with_info else ("LU", "pivots")
    outputs = _packed_outputs(input)[: len(fields)]
    return Launch(
        kernel, (input,), outputs=outputs, type_name=type_name, fields=fields if type_name else (), columns=True
    )


@op(namespace="torch.linalg", name="lu_factor", out=True)
def linalg_lu_factor(input: Tensor, *, pivot: bool = True) -> Launch:
    """L and U of ``A = P @ L @ U`` in one matrix, and the pivots.

    These are the exchanged rows, counted from 1.

    >>> linalg.lu_factor(tensor([[1., 2.], [2., 5.]])).pivots
    tensor([2, 2], dtype=torch.int32)
    """
    return _lu_factor(input, pivot, True, "linalg_lu_factor", False)


@op(namespace="torch.linalg", out=True)
def lu_factor_ex(input: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Launch:
    """As ``lu_factor``, and a code that is not 0 where a matrix is singular.

    >>> linalg.lu_factor_ex(tensor([[0.]])).info
    tensor(1, dtype=torch.int32)
    """
    return _lu_factor(input, pivot, check_errors, "linalg_lu_factor_ex", True)


@op(name="lu")
def torch_lu(input: Tensor, pivot: bool = True, get_infos: bool = False) -> Launch:
    """L and U packed in one matrix, and the exchanged rows, counted from 1.

    >>> lu(tensor([[1., 2.], [2., 5.]]))[1]
    tensor([2, 2], dtype=torch.int32)
    """
    return _lu_factor(input, pivot, False, "_lu_with_info" if get_infos else "", get_infos)


@op(namespace="torch.linalg", name="lu", out=True)
def linalg_lu(input: Tensor, *, pivot: bool = True) -> Launch:
    """A matrix as ``P @ L @ U``.

    A permutation, a lower triangle with ones on its diagonal, an upper triangle.

    >>> linalg.lu(tensor([[1., 2.], [2., 5.]])).U
    tensor([[ 2.0000,  5.0000],
            [ 0.0000, -0.5000]])
    """
    _check_lu(input, "linalg.lu", pivot)

    def kernel(xp: Any, out: Any, matrices: Any) -> Any:
        packed, pivots, _ = lu_factor(xp, matrices)
        return (permutation_matrix(xp, pivots, packed.shape[-2], packed.dtype), *lower_and_upper(xp, packed))

    return _unpacked(kernel, (input,), input, "linalg_lu", (True, True))


def _unpacked(kernel: Any, operands: tuple, packed: Tensor, type_name: str, wanted: tuple[bool, bool]) -> Launch:
    rows, columns = packed.shape[-2:]
    count, batch = min(rows, columns), packed.shape[:-2]
    shapes = [(*batch, rows, rows), (*batch, rows, count), (*batch, count, columns)]
    chosen = [shapes[0] if wanted[0] else (0,), *[shape if wanted[1] else (0,) for shape in shapes[1:]]]
    outputs = [Spec(shape, packed.dtype) for shape in chosen]
    return Launch(kernel, operands, outputs=outputs, type_name=type_name, fields=("P", "L", "U"))


@op(out=True, method=False)
def lu_unpack(
    LU_data: Tensor,  # noqa: N803 - PyTorch's name
    LU_pivots: Tensor,  # noqa: N803
    unpack_data: bool = True,
    unpack_pivots: bool = True,
) -> Launch:
    """P, L and U out of what ``lu_factor`` gives.

    >>> lu_unpack(*linalg.lu_factor(tensor([[1., 2.], [2., 5.]]))).P
    tensor([[0., 1.],
            [1., 0.]])
    """
    if LU_pivots.dtype is not dtypes.int32:
        raise TcalcError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by "
            "torch.linalg.lu_factor"
        )

    def kernel(xp: Any, out: Any, packed: Any, pivots: Any) -> Any:
        if unpack_pivots and bool(((pivots < 1) | (pivots > packed.shape[-2])).any()):
            raise TcalcError(
                "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive."
                "Did you properly pass the result of lu_factor?"
            )
        nothing = xp.zeros((0,), packed.dtype)
        matrix = permutation_matrix(xp, pivots, packed.shape[-2], packed.dtype) if unpack_pivots else nothing
        return (matrix, *(lower_and_upper(xp, packed) if unpack_data else (nothing, nothing)))

    return _unpacked(kernel, (LU_data, LU_pivots), LU_data, "lu_unpack", (unpack_pivots, unpack_data))
