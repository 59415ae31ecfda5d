"""Each part of a record at work: binding, meta, a kernel into ``out``, in-place, a derivative."""

from __future__ import annotations

import numpy as np
import pytest

from tcalc.engine import devices, dtypes
from tcalc.engine.tensor import Tensor, empty, wrap
from tcalc.errors import TcalcError
from tcalc.ops import registry
from tcalc.ops.dispatch import Launch

registry.load()
torch = registry.namespaces["torch"]


def floats(*values: float) -> Tensor:
    return wrap(np.array(values, np.float32))


def test_a_shape_is_inferred_without_computing() -> None:
    ghost = empty((10**6, 1, 10**6), dtypes.float32, devices.meta)
    other = empty((7, 1), dtypes.int64, devices.meta)
    answer = torch["add"](ghost, other)
    assert answer.is_meta
    assert (answer.shape, answer.dtype) == ((10**6, 7, 10**6), dtypes.float32)


def test_meta_gives_a_launch_that_has_not_run() -> None:
    launch = torch["div"].meta(wrap(np.array([1, 2])), 2)
    assert isinstance(launch, Launch)
    assert (launch.shape, launch.dtype) == ((2,), dtypes.float32)


def test_a_composite_is_inferred_through_its_parts() -> None:
    ghost = empty((4, 5), dtypes.int64, devices.meta)
    assert torch["rsub"](ghost, 1.5).dtype is dtypes.float32


def test_a_kernel_writes_into_out() -> None:
    out = empty((2,), dtypes.float32)
    array = out.array
    answer = torch["mul"].invoke([floats(1, 2), 3], {"out": out})
    assert answer is out
    assert out.array is array
    assert array.tolist() == [3, 6]
    assert out.storage.version == 1


def test_out_of_another_shape_is_resized() -> None:
    out = empty((0,), dtypes.float64)
    torch["add"].invoke([floats(1, 2), 1], {"out": out})
    assert out.array.tolist() == [2, 3]


def test_out_of_a_lower_category_is_refused_and_left_alone() -> None:
    out = wrap(np.array([5, 5]))
    with pytest.raises(TcalcError, match="result type Float can't be cast to the desired output type Long"):
        torch["add"].invoke([floats(1, 2), 1], {"out": out})
    assert out.array.tolist() == [5, 5]
    assert out.storage.version == 0


def test_the_in_place_form_comes_from_the_same_record() -> None:
    target = floats(1, 2)
    assert registry.methods["add_"].invoke([target, 1], {}) is target
    assert target.array.tolist() == [2, 3]
    with pytest.raises(TcalcError, match=r"output with shape \[2\] doesn't match the broadcast shape \[3, 2\]"):
        registry.methods["add_"].invoke([target, wrap(np.zeros((3, 2)))], {})


@pytest.mark.parametrize("name", ["mul", "div", "sub", "add"])
def test_a_derivative_agrees_with_finite_differences(name: str) -> None:
    record = torch[name]
    first, second = wrap(np.array([0.5, -2.0, 3.0])), wrap(np.array([1.5, 0.25, -4.0]))
    result = record(first, second)
    ones = wrap(np.ones(3))
    slopes = record.derivative(ones, result, first, second)
    step = 1e-6
    for position, slope in enumerate(slopes):
        moved = [first, second]
        moved[position] = torch["add"](moved[position], step)
        expected = (record(*moved).array - result.array) / step
        assert np.allclose(slope.array * np.ones(3), expected, atol=1e-5)


def test_half_types_are_computed_in_float32_and_rounded_once() -> None:
    import ml_dtypes

    third = wrap(np.array([1 / 3], ml_dtypes.bfloat16))
    exact = np.float32(third.array[0]) * np.float32(third.array[0]) * 1
    assert torch["mul"](third, third).array[0] == ml_dtypes.bfloat16(exact)


@pytest.mark.parametrize(
    ("args", "kwargs", "words"),
    [
        ([[1.0], "a"], {}, r"add\(\): argument 'other' \(position 2\) must be Tensor, not str"),
        ([[1.0]], {}, r"add\(\) received an invalid combination of arguments - got \(list\), but expected \(Tensor"),
        ([[1.0], 2, 3, 4], {}, "positional arguments but 4 were given"),
        ([[1.0], 2], {"alhpa": 2}, r"add\(\) got an unexpected keyword argument 'alhpa'"),
        ([[1.0], 2], {"other": 2}, "multiple values for argument 'other'"),
    ],
)
def test_calls_that_do_not_fit(args: list, kwargs: dict, words: str) -> None:
    with pytest.raises(TcalcError, match=words) as caught:
        torch["add"].invoke(args, kwargs)
    assert caught.value.kind == "TypeError"
    if "alhpa" in kwargs:
        assert caught.value.hint == "did you mean alpha=?"


def test_numpy_spellings_of_parameters_are_taken() -> None:
    assert torch["add"].invoke([], {"x1": [1, 2], "x2": 1}).array.tolist() == [2, 3]


def test_a_second_record_of_a_name_is_refused() -> None:
    with pytest.raises(AssertionError, match="registered twice"):
        registry.op(lambda input: input, name="add")


def test_every_record_says_what_it_does() -> None:
    silent = [name for name, record in torch.items() if isinstance(record, registry.Record) and not record.doc.strip()]
    assert silent == []
