"""The contract with CuPy, and that the simulated device holds everybody to it.

Each case of ``test_what_cupy_refuses`` is a mistake that works with NumPy and fails, or does something else, on a GPU.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import contract
from simulated_array import account
from simulated_cupy import Device, cupy, cupyx
from simulation import simulated


@pytest.fixture(autouse=True)
def device():
    with simulated(), Device(0):
        yield


def array(values, dtype=np.float32):
    return cupy.asarray(np.array(values, dtype))


def test_the_contract_is_of_the_cupy_that_is_installed() -> None:
    try:
        import make_contract

        found = make_contract.contract()
    except ImportError as missing:
        pytest.skip(f"CuPy is not installed ({missing}): the committed contract of {contract.VERSION} stands")
    assert found == contract._DATA, "run: python tests/cuda/make_contract.py"


def test_the_contract_knows_what_tcalc_builds_on() -> None:
    assert contract.MODULES["cupy"]["clip"] == ["a", "a_min", "a_max", "out="]
    assert contract.ARRAY["max"] == ["axis=", "out=", "keepdims="]
    assert contract.MODULES["cupy"]["add"]["has"] == ["reduce", "accumulate", "at"]
    assert contract.MODULES["cupy"]["maximum"]["has"] == ["at"]
    assert "VV->V" in contract.MODULES["cupy"]["add"]["types"]  # bfloat16


def bfloat16():
    import ml_dtypes

    return ml_dtypes.bfloat16


REFUSED = {
    "a missing function": (AttributeError, lambda: cupy.vecdot),
    "a missing module function": (AttributeError, lambda: cupy.linalg.vector_norm),
    "a missing special function": (AttributeError, lambda: cupyx.scipy.special.airy),
    "a missing attribute": (AttributeError, lambda: array([1]).ctypes),
    "no errstate": (AttributeError, lambda: cupy.errstate),
    "initial= of a reduction": (TypeError, lambda: cupy.max(array([1]), initial=0)),
    "initial= of a method": (TypeError, lambda: array([1]).max(initial=0)),
    "where= of a ufunc": (TypeError, lambda: cupy.add(array([1]), array([2]), where=True)),
    "correction= of std": (TypeError, lambda: cupy.std(array([1]), correction=1)),
    "min= of clip": (TypeError, lambda: cupy.clip(array([1]), min=0)),
    "rtol= of pinv": (TypeError, lambda: cupy.linalg.pinv(array([[1]]), rtol=0.1)),
    "a list in a ufunc": (TypeError, lambda: cupy.add(array([1]), [1])),
    "a list in arithmetic": (TypeError, lambda: array([1]) * [1]),
    "a host array in a ufunc": (TypeError, lambda: cupy.add(array([1]), np.ones(1))),
    "a host array in a function": (TypeError, lambda: cupy.where(array([1]) > 0, np.ones(1), array([1]))),
    "a host array in arithmetic": (TypeError, lambda: array([1]) + np.ones(1)),
    "a host array as an index": (TypeError, lambda: array([1, 2])[np.array([0])]),
    "a list as an index": (TypeError, lambda: array([1, 2])[[0, 1]]),
    "a host array assigned": (TypeError, lambda: array([1, 2]).__setitem__(..., np.ones(2))),
    "a silent copy to the host": (TypeError, lambda: np.asarray(array([1]))),
    "another device's array": (RuntimeError, lambda: _on_second() + array([1])),
    "maximum.accumulate": (NotImplementedError, lambda: cupy.maximum.accumulate(array([1, 2]))),
    "logaddexp.reduce": (NotImplementedError, lambda: cupy.logaddexp.reduce(array([1, 2]))),
    "multiply.at": (NotImplementedError, lambda: cupy.multiply.at(array([1]), array([0], int), array([2]))),
    "add.at of int8": (TypeError, lambda: cupy.add.at(array([1], np.int8), array([0], int), 1)),
    "add.at of complex": (TypeError, lambda: cupy.add.at(array([1], np.complex64), array([0], int), 1)),
    "quicksort": (ValueError, lambda: cupy.sort(array([2, 1]), kind="quicksort")),
    "a sort of bfloat16": (NotImplementedError, lambda: cupy.sort(array([2, 1], bfloat16()))),
    "a sort of a view": (NotImplementedError, lambda: array([[2, 1], [3, 4]])[:, 0].sort()),
    "nonzero of no dimensions": (ValueError, lambda: cupy.nonzero(array(1))),
    "logical_and of complex": (TypeError, lambda: cupy.logical_and(array([1j], np.complex64), array([1]))),
    "half precision in linalg": (TypeError, lambda: cupy.linalg.inv(array([[1]], np.float16))),
    "a stack of a list of arrays by array()": (TypeError, lambda: cupy.array([array([1]), array([2])])),
    "two values for a position": (AssertionError, lambda: array([1, 2]).__setitem__(array([0, 0], int), array([3, 4]))),
}  # fmt: skip


def _on_second():
    with Device(1):
        return array([1])


@pytest.mark.parametrize("what", REFUSED)
def test_what_cupy_refuses(what) -> None:
    kind, call = REFUSED[what]
    with pytest.raises(kind):
        call()


def test_reductions_give_arrays_without_dimensions() -> None:
    assert array([1, 2]).sum().shape == ()
    assert type(cupy.max(array([1, 2]))) is type(array([1]))


def test_positions_out_of_bounds_wrap() -> None:
    assert array([1, 2, 3])[array([4], int)].get().tolist() == [2]
    assert cupy.take(array([1, 2, 3]), array([-4], int)).get().tolist() == [3]


def test_singular_matrices_are_silent_unless_told() -> None:
    cupy.linalg.inv(array([[0, 0], [0, 0]]))
    with pytest.raises(np.linalg.LinAlgError), cupyx.errstate(linalg="raise"):
        cupy.linalg.inv(array([[0, 0], [0, 0]]))


def test_what_crosses_is_counted() -> None:
    account.clear()
    found = array([1, 2])
    found.get()
    int(found[0])
    assert (account.to_device, account.to_host, account.synchronizations) == (1, 1, 1)


def test_fresh_memory_is_not_zero() -> None:
    assert cupy.empty((4,), np.uint8).get().any()


def test_types_follow_the_loops_of_cupy() -> None:
    # NumPy's sinc is made of its other functions and answers in float64.
    assert np.sinc(np.ones(1, np.int8)).dtype == np.float64
    assert cupy.sinc(array([1], np.int8)).dtype == np.float16
