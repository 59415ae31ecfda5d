"""Linear algebra and Fourier transforms, held to what PyTorch answered (conformance/record_linalg.py)."""

from __future__ import annotations

import importlib.util
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

import tcalc
from tcalc.errors import TcalcError

HERE = Path(__file__).parent / "conformance"
NUMBER = re.compile(r"-?(?:\d+\.\d*(?:e[-+]?\d+)?|inf|nan)")


def _recorder():
    spec = importlib.util.spec_from_file_location("record_linalg", HERE / "record_linalg.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = _recorder()


def recorded(name):
    """Every program of a list with PyTorch's answer."""
    return list(zip(RECORDER.programs(name), json.loads((HERE / f"{name}.json").read_text()), strict=True))


def assert_alike(got, wanted):
    """The same text, but for the last digits of floats: libraries differ there."""
    assert NUMBER.sub("#", re.sub(r"\s+", " ", got)) == NUMBER.sub("#", re.sub(r"\s+", " ", wanted))
    for mine, theirs in zip(NUMBER.findall(got), NUMBER.findall(wanted), strict=True):
        assert mine == theirs or math.isclose(float(mine), float(theirs), rel_tol=2e-4, abs_tol=2e-4)


def check_program(program, answer):
    session = tcalc.Session()
    session.run(RECORDER.START)
    session.run("torch.manual_seed(0)")
    kind, wanted = answer
    if not kind:
        assert_alike(session.run(f"repr(({program}))"), wanted)
        return
    with pytest.raises(TcalcError) as caught:
        session.run(program)
    assert (caught.value.kind, caught.value.message.split("\n")[0]) == (kind, wanted)


@pytest.mark.parametrize(("program", "answer"), recorded("linalg"))
def test_answers_are_those_of_pytorch(program, answer):
    check_program(program, answer)


@pytest.mark.parametrize("scale", [1, 2**20, 2**40])
def test_integer_products_are_exact_whatever_their_size(scale):
    random = np.random.default_rng(0)
    first, second = random.integers(-9, 9, (40, 50)) * scale, random.integers(-9, 9, (50, 60)) * scale
    answer = tcalc.evaluate("a @ b", a=tcalc.tensor(first), b=tcalc.tensor(second))
    assert np.array_equal(answer.numpy(), first @ second)


@pytest.mark.parametrize("shape", [(5, 5), (3, 4, 4), (70, 70), (40, 65), (65, 40), (2, 0, 0)])
@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_a_matrix_is_the_product_of_its_lu_factors(shape, dtype):
    random = np.random.default_rng(1)
    matrix = random.standard_normal(shape).astype(dtype)
    if dtype is np.complex128:
        matrix += 1j * random.standard_normal(shape)
    session = tcalc.Session()
    session.variables["a"] = tcalc.tensor(matrix)
    session.run("P, L, U = torch.linalg.lu(a)")
    assert np.allclose(session.run("P @ L @ U").numpy(), matrix)
    # Complex pivots are chosen by the sum of both parts, as LAPACK does: the modulus stays below the root of two.
    assert session.run("bool((L.abs() <= 1.4143).all())") is True


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
def test_lu_solve_solves_all_four_equations(left, adjoint):
    session = tcalc.Session()
    random = np.random.default_rng(2)
    session.variables["a"] = tcalc.tensor(random.standard_normal((3, 4, 4)))
    session.variables["b"] = tcalc.tensor(random.standard_normal((3, 4, 4)))
    session.run(f"x = torch.linalg.lu_solve(*torch.linalg.lu_factor(a), b, left={left}, adjoint={adjoint})")
    session.run(f"m = a.mH if {adjoint} else a")
    assert session.run(f"torch.allclose(m @ x if {left} else x @ m, b)") is True


def test_products_write_into_out_and_views():
    session = tcalc.Session()
    session.run("a = arange(6.).reshape(2, 3); y = zeros(2, 4); r = torch.mm(a, a.T, out=y[:, ::2])")
    assert session.run("y.tolist()") == [[5.0, 0.0, 14.0, 0.0], [14.0, 0.0, 50.0, 0.0]]
    assert session.run("b = eye(2); torch.mm(b, b + 1, out=b); b.tolist()") == [[2.0, 1.0], [1.0, 2.0]]


def test_shapes_are_known_without_computing():
    session = tcalc.Session()
    session.run(RECORDER.START)
    for program in (
        "{A} @ {B}", "torch.einsum('ij,jk->k', {A}, {B})", "torch.linalg.svd({B}).Vh", "torch.linalg.inv({S})",
        "torch.linalg.eigh({S}).eigenvectors", "torch.fft.rfft({A})", "torch.linalg.norm({B}, dim=0)",
        "torch.kron({A}, {B})", "torch.linalg.lstsq({B}, {B}).solution",
        "torch.linalg.qr({B}, mode='complete').Q", "torch.cdist({A}, {A})",
    ):  # fmt: skip
        real = session.run(program.format(A="A", B="B", S="S"))
        meta = session.run(program.format(A="A.to('meta')", B="B.to('meta')", S="S.to('meta')"))
        assert (tuple(real.shape), real.dtype) == (tuple(meta.shape), meta.dtype), program


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ab,bc,cd,de->ae", [(2, 3), (3, 4), (4, 5), (5, 2)]),
        ("ab,bc,cd,de,ef->af", [(2, 3), (3, 1), (1, 4), (4, 2), (2, 3)]),
        ("ab,bc,cd,de,ef,fa->", [(3, 2)] + [(2, 2)] * 4 + [(2, 3)]),
        ("zi,zj,ij,zk->zk", [(4, 2), (4, 3), (2, 3), (4, 5)]),
        ("i,j,k,l->lkji", [(2,), (3,), (1,), (2,)]),
        ("aab,bc,c,ca->a", [(2, 2, 3), (3, 4), (4,), (4, 2)]),
        ("ij,jk,kl,lm->im", [(2, 0), (0, 3), (3, 2), (2, 2)]),
    ],
)
def test_einsum_of_several_operands(equation, shapes):
    """Whatever the order of the products is, the sum is the one that its definition gives."""
    made = np.random.default_rng(7)
    arrays = [made.integers(-3, 4, shape) for shape in shapes]
    expected = np.einsum(equation, *arrays, optimize=False)
    answer = tcalc.evaluate(f"torch.einsum('{equation}', *operands)", operands=[tcalc.tensor(a) for a in arrays])
    assert answer.tolist() == expected.tolist()


def test_einsum_makes_no_needlessly_large_product():
    """From left to right, the first product alone would take 3.2 GB."""
    session = tcalc.Session(write=lambda text: None)
    session.meter.max_memory = 1 << 30
    session.run("a, b, c = torch.ones(20000, 2), torch.ones(2, 20000), torch.ones(20000, 2)")
    assert session.run("torch.einsum('ij,jk,kl->il', a, b, c)[0, 0].item()") == 40000
    assert session.run("torch.einsum('ij,jk,kl,lm->', a, b, c, torch.ones(2, 3)).item()") == 40000 * 20000 * 6


@pytest.mark.parametrize(
    "program", ["irfft(torch.zeros(0), n=3)", "hfft(torch.zeros(0), n=3)", "irfftn(torch.zeros(0), s=(3,))"]
)
def test_half_a_spectrum_of_nothing_is_a_signal_of_zeros(program):
    assert tcalc.Session().run(f"torch.fft.{program}.tolist()") == [0.0, 0.0, 0.0]
