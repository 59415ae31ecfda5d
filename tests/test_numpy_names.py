"""The namespaces of NumPy and of Python's ``random``: what they print, what they refuse, and in which bounds."""

from __future__ import annotations

import contextlib
import io
import math
import random
import warnings
from pathlib import Path

import numpy as np
import pytest

import tcalc

PROGRAMS = (Path(__file__).parent / "numpy_programs.txt").read_text().split("\n", 1)[1].split("\n\n")


def in_python(source: str) -> tuple[str, str | None]:
    """What Python with NumPy prints, and its error."""
    printed = io.StringIO()
    kept, drawn = np.random.get_state(), random.getstate()
    with (
        contextlib.redirect_stdout(printed), np.printoptions(), np.errstate(), warnings.catch_warnings(action="ignore")
    ):  # fmt: skip
        try:
            exec(source, {"np": np, "math": math})
        except Exception as fault:
            return printed.getvalue(), f"{type(fault).__name__}: {fault}"
        finally:
            np.random.set_state(kept)
            random.setstate(drawn)
    return printed.getvalue(), None


def in_tcalc(source: str) -> tuple[str, str | None]:
    """What tcalc prints, and its error."""
    printed: list[str] = []
    session = tcalc.Session(write=printed.append)
    session.run("import numpy as np")
    try:
        session.run(source)
    except tcalc.InternalError:
        raise
    except tcalc.TcalcError as fault:
        return "".join(printed), f"{fault.kind}: {fault}"
    return "".join(printed), None


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda source: source.partition("\n")[0][:40])
def test_prints_what_python_prints(source: str) -> None:
    assert in_tcalc(source) == in_python(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("np.memmap('x')", "files are read by load"),
        ("np.datetime64('2020')", "dates are not part"),
        ("np.frompyfunc", "arrays of Python objects"),
        ("np.matrix", "two dimensions"),
        ("torch.nn.Linear", "use the functions of F"),
        ("torch.compile", "compiling is not part"),
        ("torch.random.shuffle", "import random"),
    ],
)
def test_what_is_not_here_says_why(source: str, words: str) -> None:
    with pytest.raises(tcalc.TcalcError, match="has no attribute") as caught:
        tcalc.evaluate(source)
    assert words in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("np.zeros(2, dtype=[('a', int)])", "structured dtypes"),
        ("np.dtype([('a', int)])", "structured dtypes"),
        ("np.zeros(2, dtype='M8[D]')", "dates"),
        ("np.vectorize(lambda x: 'a' if x else None)([0, 1])", "."),
        ("np.lib.stride_tricks.as_strided(np.arange(3), (4,), (8,))", "beyond the memory"),
        ("np.lib.stride_tricks.as_strided(np.arange(3), (2,), (-8,))", "beyond the memory"),
        ("np.lib.stride_tricks.as_strided(np.arange(9)[::4], (10**15,), (8,))", "beyond the memory"),
        ("np.zeros(9).resize(3, refcheck=False)", "refcheck"),
        ("np.nditer(np.zeros(2), flags=['refs_ok'])", "flag"),
    ],
)
def test_refused_in_clear_words(source: str, words: str) -> None:
    with pytest.raises(tcalc.TcalcError, match=words) as caught:
        tcalc.evaluate(source)
    assert not isinstance(caught.value, tcalc.InternalError)


TOO_LARGE = """
np.add(np.ones((10**7, 1)), np.ones(10**7))
np.add.outer(np.ones(10**7), np.ones(10**7))
np.matmul(np.ones((10**7, 1)), np.ones((1, 10**7)))
np.dot(np.ones((10**7, 1)), np.ones((1, 10**7)))
np.einsum('i,j->ij', np.ones(10**7), np.ones(10**7))
np.tensordot(np.ones(10**7), np.ones(10**7), axes=0)
np.diag(np.ones(10**7))
np.bincount([10**13])
np.vander(np.ones(10**7))
np.histogram([1], bins=10**13)
np.fft.fft([1], n=10**13)
np.mgrid[0:10**7, 0:10**7]
np.r_[0:10**13]
np.hamming(10**13)
np.tril_indices(10**7)
np.zeros_like([1], shape=10**13)
np.fromfunction(lambda i, j: i, (10**7, 10**7))
np.random.default_rng().triangular(0, 1, 2, size=10**13)
np.random.multinomial(1, [0.5, 0.5], 10**13)
np.random.wald(1, 1, 10**13)
"""


@pytest.mark.parametrize("source", TOO_LARGE.strip().splitlines())
def test_memory_is_asked_for_first(source: str) -> None:
    with pytest.raises(tcalc.TcalcError, match="memory"):
        tcalc.evaluate(source)


def test_pythons_random_and_torchs_are_both_there() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run("before = random.initial_seed()\nimport random\nrandom.seed(1)\nx = random.random()")
    assert session.variables["x"] == random.Random(1).random()
    assert session.run("torch.random.initial_seed()") == session.variables["before"]


def test_each_session_has_its_own_chance_and_options() -> None:
    first, second = tcalc.Session(write=lambda text: None), tcalc.Session(write=lambda text: None)
    first.run("import random\nrandom.seed(1)\nnp.set_printoptions(precision=1)\nnp.seterr(all='raise')")
    second.run("import random\nrandom.seed(2)")
    assert first.run("random.random()") == random.Random(1).random()
    assert second.run("str(np.array([1 / 3])), np.geterr()['over']") == ("[0.33333333]", "warn")


@pytest.mark.parametrize("source", ["random.choices([1], k=10**13)", "random.getrandbits(10**12)"])
def test_pythons_random_asks_for_memory_first(source: str) -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run("import random")
    with pytest.raises(tcalc.TcalcError, match=r"memory|too large"):
        session.run(source)
