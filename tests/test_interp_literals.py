"""Tensor literals: lists in every way of Python's, tensors where Python has no answer."""

from __future__ import annotations

import numpy as np
import pytest

import tcalc
from tcalc.errors import TcalcError

ECHOED = """
[1, 2, 3] * 2 => tensor([2, 4, 6])
[1, 2] + [3, 4] => tensor([4, 6])
[[1, 2], [3, 4]] @ [5, 6] => tensor([17, 39])
2 ** [1, 2, 3] => tensor([2, 4, 8])
-[1, 2] => tensor([-1, -2])
[1, 2, 3] => tensor([1, 2, 3])
[[1, 2], [3, 4]].T => tensor([[1, 3],\\n        [2, 4]])
[1, 2, 3].mean() => tensor(2.)
[1, 2, 3].sum() => tensor(6)
[[1, 2], [3, 4]][:, 0] => tensor([1, 3])
[1, 2, 3][1:] => tensor([2, 3])
[[1, 2], [3, 4]][1] => tensor([3, 4])
[1, 2, 3][0] => 1
[1, 2] @ [0.5, 1] => tensor(2.5000)
tensor([[1, 2], [3, 4]]) @ [1.5, 2] => tensor([ 5.5000, 12.5000])
[1.5, 2] @ tensor([1, 2]) => tensor(5.5000)
tensor([[1, 2], [3, 4]]) @ [1, 2] => tensor([ 5, 11])
ones(2, dtype=float64) @ [1, 2] => tensor(3., dtype=torch.float64)
[1, 2, 3] > 2 => tensor([False, False,  True])
[1, 2] == 1 => tensor([ True, False])
abs([-1, 2]) => tensor([1, 2])
[True, False] => tensor([ True, False])
[1, 2j] => tensor([1.+0.j, 0.+2.j])
[tensor(1), 2] * 2 => tensor([2, 4])
[1, 2] == [1, 2] => True
[1, 2] == [1, 3] => False
2 in [1, 2] => True
len([[1, 2], [3, 4]]) => 2
str([1, 2]) => '[1, 2]'
f'{[1, 2]}' => '[1, 2]'
sum([1, 2]) => 3
sum([[1, 2], [3, 4]], dim=0) => tensor([4, 6])
any([[1, 0], [0, 0]], axis=1) => tensor([ True, False])
max([1, 2]) => 2
sorted([3, 1, 2]) => [1, 2, 3]
list([1, 2]) => [1, 2]
[x for x in [1, 2]] => [1, 2]
[i for i in range(3)] + [4] => tensor([4, 5, 6])
[1, 'a'] * 2 => [1, 'a', 1, 'a']
[] + [1] => [1]
[[1], [2, 3]] => [[1], [2, 3]]
isinstance([1], list), type([1]) => (True, <class 'list'>)
tensor([0.1], dtype=float64)[0].item() => 0.1
tensor([0.1], dtype=float64) * [0.1] => tensor([0.0100], dtype=torch.float64)
(tensor([1.], dtype=float64) * [0.1]).item() => 0.1
np.array([0.1])[0].item() => 0.1
"""


def echo(session: tcalc.Session, source: str) -> str:
    printed: list[str] = []
    session.write = printed.append
    session.run(source, echo="last")
    return "".join(printed).removesuffix("\n")


@pytest.mark.parametrize("line", ECHOED.strip().splitlines())
def test_a_literal_is_a_tensor_where_a_tensor_is_wanted(line):
    source, expected = line.split(" => ")
    assert echo(tcalc.Session(), source) == expected.replace("\\n", "\n")


def test_a_literal_is_a_list_with_an_identity_that_can_be_changed():
    session = tcalc.Session()
    session.run("a = [1, 2]\nb = a\nb.append(3)\nb[0] = 9")
    assert session.variables["a"] == [9, 2, 3]
    assert echo(session, "a") == "tensor([9, 2, 3])"
    assert echo(session, "a.append('x')\na") == "[9, 2, 3, 'x']"


def test_augmented_arithmetic_binds_a_tensor():
    session = tcalc.Session()
    assert echo(session, "a = [1, 2]\nb = a\na += [3, 4]\na") == "tensor([4, 6])"
    assert session.variables["b"] == [1, 2]


@pytest.mark.parametrize("statement", ["import torch", "import numpy as np", "from torch import tensor"])
def test_brackets_are_pythons_after_an_import(statement):
    session = tcalc.Session()
    session.run(statement)
    assert echo(session, "[0] * 3") == "[0, 0, 0]"
    assert echo(session, "[1] + [2]") == "[1, 2]"
    assert echo(session, "[1, 2]") == "[1, 2]"
    assert echo(session, "[1, 2] == 1") == "False"
    # What Python refuses is still the tensor's.
    assert echo(session, "[1, 2] - [0, 1]") == "tensor([1, 1])"
    assert echo(session, "[1, 2] / 2") == "tensor([0.5000, 1.0000])"
    assert echo(session, "[[1, 2], [3, 4]].T") == "tensor([[1, 3],\n        [2, 4]])"


def test_the_mode_can_be_said_outright():
    session = tcalc.Session()
    session.set_lists("tensor")
    session.run("import torch")
    assert echo(session, "[0, 1] * 3") == "tensor([0, 3])"
    session.set_lists("python")
    assert echo(session, "[0, 1] * 2") == "[0, 1, 0, 1]"
    with pytest.raises(ValueError, match="lists is"):
        session.set_lists("other")


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ("[[1, 2], [3]] * 2", "[3]"),
        ("[[1, 2], [3, 4, 5]].sum()", "[3, 4, 5]"),
        ("tensor([[1, 2], [3]])", "[3]"),
        ("[[1, 2], [3]] @ [1, 2]", "[3]"),
    ],
)
def test_a_ragged_literal_points_at_the_row_that_differs(source, row):
    with pytest.raises(TcalcError) as caught:
        tcalc.Session().run(source)
    span = caught.value.span
    assert caught.value.kind == "ValueError"
    assert source[span.start : span.end] == row


def test_a_literal_needs_no_numpy_until_it_is_a_tensor():
    assert tcalc.Session().run("a = [1, 2]\nlen(a) + a[0]") == 3


def test_python_refusals_stay_pythons_where_there_are_no_numbers():
    with pytest.raises(TcalcError, match="unsupported operand"):
        tcalc.Session().run("['a'] - ['b']")
    with pytest.raises(TcalcError, match=r'can only concatenate list \(not "str"\) to list'):
        tcalc.Session().run("[1, 2] + 'a'")


def test_the_sum_of_a_tensor_is_torchs_until_a_program_pastes_python():
    session = tcalc.Session()
    assert echo(session, "sum(ones(2, 3))") == "tensor(6.)"
    session.run("import torch")
    assert echo(session, "sum(torch.ones(2, 3))") == "tensor([2., 2., 2.])"


def test_evaluate_takes_arrays_and_gives_a_tensor():
    array = np.arange(6.0).reshape(2, 3)
    result = tcalc.evaluate("a @ a.T", a=array)
    assert result.shape == (2, 2)
    np.testing.assert_array_equal(result.numpy(), array @ array.T)
    assert tcalc.evaluate("[[1, 2], [3, 4]] @ [5, 6]").numpy().tolist() == [17, 39]
    assert tcalc.evaluate("2 ** 10 / 3") == 2**10 / 3
