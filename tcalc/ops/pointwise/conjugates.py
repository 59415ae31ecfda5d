"""Conjugates and negatives as views, which are worked out only when somebody reads them."""

from __future__ import annotations

from tcalc.engine.tensor import CONJUGATE, NEGATIVE, Tensor
from tcalc.ops.registry import op


@op
def conj(input: Tensor) -> Tensor:
    """The complex conjugate as a view on the same memory.

    A tensor that is not complex is returned as it is.

    >>> conj(tensor([1+2j]))
    tensor([1.-2.j])
    """
    if not input.dtype.is_complex:
        return input
    view = input.as_view(input.shape, input.stride)
    view.lazy = "" if input.lazy else CONJUGATE
    return view


@op
def is_conj(input: Tensor) -> bool:
    """Whether the tensor is a view of conjugates, as ``conj`` makes them.

    >>> is_conj(tensor([1j])), is_conj(tensor([1j]).conj())
    (False, True)
    """
    return input.lazy == CONJUGATE


@op
def is_neg(input: Tensor) -> bool:
    """Whether the tensor is a view of negatives.

    As the imaginary part of a view of conjugates is.

    >>> is_neg(tensor([1j]).imag), is_neg(tensor([1j]).conj().imag)
    (False, True)
    """
    return input.lazy == NEGATIVE


@op
def resolve_conj(input: Tensor) -> Tensor:
    """A copy of a view of conjugates with memory of its own.

    Any other tensor is itself.

    >>> resolve_conj(tensor([1j]).conj()).is_conj()
    False
    """
    return _resolved(input) if input.lazy == CONJUGATE else input


@op
def resolve_neg(input: Tensor) -> Tensor:
    """A copy of a view of negatives with memory of its own.

    Any other tensor is itself.

    >>> resolve_neg(tensor([2j]).conj().imag)
    tensor([-2.])
    """
    return _resolved(input) if input.lazy == NEGATIVE else input


def _resolved(input: Tensor) -> Tensor:
    answer: Tensor = input.clone()
    return answer
