"""Linear algebra of batches on the simulated device: the CPU's answers, and no element that crosses.

GPU code simulated, not executed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from simulated_cupy import Device, cupy, cupyx
from simulation import account, simulated

import tcalc
from tcalc.engine import cupy_gaps
from tcalc.engine.tensor import Tensor

# a and b are (…, n, n) and (…, n, 2); s is a without a row.
PROGRAMS = (
    "torch.linalg.lu_factor(a)",
    "torch.linalg.lu(a)",
    "torch.linalg.lu_factor_ex(s)",
    "torch.linalg.lu_solve(*torch.linalg.lu_factor(a), b)",
    "torch.linalg.lu_solve(*torch.linalg.lu_factor(a), b, adjoint=True)",
    "torch.linalg.solve_ex(a, b)",
    "torch.linalg.solve(a, b[..., :0])",
    "torch.linalg.inv(a)",
    "torch.linalg.inv_ex(s)[1]",
    "torch.linalg.det(a)",
    "torch.linalg.det(s)",
    "torch.linalg.slogdet(a)",
    "torch.linalg.cond(s, 1)",
    "torch.linalg.solve_triangular(a, b, upper=True)",
    "torch.linalg.solve_triangular(a, b.mT, upper=False, left=False, unitriangular=True)",
    "torch.linalg.ldl_factor_ex(a)",
    "torch.linalg.ldl_factor_ex(a, hermitian=True)",
    "torch.linalg.ldl_solve(*torch.linalg.ldl_factor_ex(a)[:2], b)",
    "torch.linalg.ldl_solve(*torch.linalg.ldl_factor_ex(a, hermitian=True)[:2], b, hermitian=True)",
    "torch.linalg.householder_product(*torch.geqrf(a))",
    "torch.ormqr(*torch.geqrf(a), b, transpose=True)",
    "torch.ormqr(*torch.geqrf(a), b.mT, left=False)",
    "torch.linalg.cholesky_ex(s)",
    "torch.cholesky_solve(b, torch.linalg.cholesky(a @ a.mH))",
    "torch.linalg.eigvalsh(a, UPLO='U')",
    "torch.linalg.svdvals(a)",
    "torch.linalg.pinv(a)",
    "torch.linalg.lstsq(a, b).solution",
    "torch.matrix_exp(a)",
)


def operands(batch: tuple[int, ...], size: int, dtype: str) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(size)
    a, b = chance.normal(size=(*batch, size, size)), chance.normal(size=(*batch, size, 2))
    if dtype.startswith("complex"):
        a, b = a + 1j * chance.normal(size=a.shape), b + 1j * chance.normal(size=b.shape)
    s = a.copy()
    s[..., size // 2 :, :][..., :1, :] = 0
    return {name: array.astype(dtype) for name, array in (("a", a), ("b", b), ("s", s))}


def answer(source: str, given: dict[str, np.ndarray], device: str) -> list[np.ndarray]:
    session = tcalc.Session(write=lambda text: None)
    session.run("import torch")
    for name, array in given.items():
        session.variables[name] = tcalc.tensor(array)
        session.run(f"{name} = {name}.to('{device}')")
    account.clear()
    value = session.run(source)
    assert account.transfers == 0
    return [tensor.host_array() for tensor in ([value] if isinstance(value, Tensor) else value)]


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(("batch", "size"), [((), 1), ((), 5), ((), 40), ((3,), 7), ((2, 1), 33), ((0,), 3), ((2,), 0)])
def test_batches_are_factorised_and_solved_as_on_the_cpu(batch, size, dtype) -> None:
    given = operands(batch, size, dtype)
    for source in PROGRAMS:
        wanted = answer(source, given, "cpu")
        with simulated():
            found = answer(source, given, "cuda:1")
        for one, other in zip(found, wanted, strict=True):
            assert (one.shape, one.dtype) == (other.shape, other.dtype), source
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7, err_msg=source)


REFUSED = {
    "torch.linalg.svd(x)": "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite "
    "values.",
    "torch.linalg.eigh(torch.stack([y, x]))": "linalg.eigh: (Batch element 1): The algorithm failed to converge "
    "because the input matrix contained non-finite values.",
    "torch.linalg.solve(torch.stack([y, y * 0]), torch.ones(2, 2, 1, device='cuda'))": "torch.linalg.solve: (Batch "
    "element 1): The solver failed because the input matrix is singular.",
    "torch.linalg.lu_factor(torch.stack([y, y * 0]))": "torch.linalg.lu_factor: (Batch element 1): U[1,1] is zero and "
    "using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider "
    "calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_cannot_be_factorised_is_refused(source) -> None:
    with simulated(), Device(0):
        session = tcalc.Session(write=lambda text: None)
        session.run("import torch\nx = torch.tensor([[1., 0.], [float('inf'), 1.]], device='cuda')")
        session.run("y = torch.eye(2, device='cuda')")
        with pytest.raises(tcalc.TcalcError) as caught:
            session.run(source)
    assert str(caught.value) == REFUSED[source]


def test_the_triangle_that_is_not_read_may_hold_anything() -> None:
    with simulated(), Device(0):
        session = tcalc.Session(write=lambda text: None)
        found = session.run(
            "torch.linalg.eigvalsh(torch.tensor([[2., float('nan')], [0., 1.]], device='cuda')).tolist()"
        )
    assert found == [1.0, 2.0]


def test_rows_are_exchanged_one_after_the_other() -> None:
    with simulated(), Device(0):
        xp = cupy_gaps.array_module(cupy, cupyx.scipy.special)
        pivots = cupy.asarray(np.array([[3, 3, 3], [1, 2, 3], [4, 4, 4]], np.int32))
        assert xp.linalg.row_order(pivots, 4).get().tolist() == [[2, 0, 1, 3], [0, 1, 2, 3], [3, 0, 1, 2]]


@pytest.mark.parametrize("count", [1 << 31, 1 << 40])
def test_positions_beyond_32_bits_are_refused(count) -> None:
    """CuPy counts what it writes to by position in 32 bits, and would write elsewhere."""

    class Long:
        size = count

    with simulated(), pytest.raises(tcalc.TcalcError, match=f"a CUDA tensor of {count} elements"):
        cupy_gaps.array_module(cupy, cupyx.scipy.special).add.at(Long(), None, None)
