"""Order: sorting, selecting, searching, distinct elements; expected values are PyTorch's for these inputs."""

from __future__ import annotations

import numpy as np
import pytest

import tcalc

SETUP = "n = torch.tensor([3., nan, 1., -inf, nan, inf, 1.])\nz = torch.zeros(20)\nr = torch.arange(40) * 7 % 5"


def run(source: str):
    session = tcalc.Session(write=lambda text: None)
    session.run(SETUP)
    return session.run(source)


def refused(source: str) -> str:
    with pytest.raises(tcalc.TcalcError) as caught:
        run(source)
    assert not isinstance(caught.value, tcalc.InternalError)
    return f"{caught.value.kind}: {caught.value}"


@pytest.mark.parametrize(
    ("source", "indices"),
    [
        ("n.sort()", [3, 2, 6, 0, 5, 1, 4]),
        ("n.sort(descending=True)", [1, 4, 5, 0, 2, 6, 3]),
        ("tensor([[3, 1], [1, 3]]).sort(0, True)", [[0, 1], [1, 0]]),
        ("z.sort(stable=True)", list(range(20))),
        # Equal elements in PyTorch's own order, which is that of its algorithms.
        ("z.sort()", [10, 19, 18, 17, 16, 15, 14, 13, 12, 11, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("n.topk(3)", [1, 4, 5]),
        ("n.topk(3, largest=False)", [3, 6, 2]),
        ("tensor([1, 3, 3, 2, 3]).topk(4)", [2, 4, 1, 3]),
        ("(torch.ones(100)).topk(3)", [67, 66, 65]),
        ("(torch.arange(2000) % 5 == 2).int().topk(3)", [12, 7, 2]),
        ("n.kthvalue(2)", 6),
        ("torch.ones(5).kthvalue(3)", 0),
        ("tensor([1, 3, 3, 2, 3]).kthvalue(3)", 2),
        ("z.mode()", 1),
    ],
)
def test_indices(source: str, indices) -> None:
    np.testing.assert_array_equal(run(source)[1].numpy(), indices)


def test_values_belong_to_their_indices() -> None:
    array = np.random.default_rng(5).integers(0, 9, (3, 50, 4))
    session = tcalc.Session(write=lambda text: None)
    session.variables["x"] = tcalc.tensor(array)
    for call in ("x.sort(1)", "x.sort(1, True)", "x.topk(7, 1)", "x.topk(7, 1, False)", "x.kthvalue(9, 1, True)"):
        values, indices = session.run(call)
        np.testing.assert_array_equal(values.numpy(), np.take_along_axis(array, indices.numpy(), 1))
    np.testing.assert_array_equal(session.run("x.sort(1)")[0].numpy(), np.sort(array, 1))
    np.testing.assert_array_equal(session.run("x.topk(7, 1)")[0].numpy(), -np.sort(-array, 1)[:, :7])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("argsort(tensor([3, 1, 2]), descending=True)", [0, 2, 1]),
        ("msort(tensor([[3, 1], [2, 4]]))", [[2, 1], [3, 4]]),
        ("searchsorted(tensor([1, 3, 5]), tensor([0, 3, 6]), right=True)", [0, 2, 3]),
        ("searchsorted(tensor([[1, 3, 5], [2, 4, 6]]), tensor([[3], [3]]))", [[1], [1]]),
        ("searchsorted(tensor([5, 3, 1]), tensor([3]), sorter=tensor([2, 1, 0]))", [1]),
        ("searchsorted(tensor([1., 2., nan]), tensor([nan, 3.]))", [3, 3]),
        ("bucketize(tensor([0, 3, 6]), tensor([1, 3, 5]))", [0, 1, 3]),
        ("unique(n)[:4]", [-np.inf, 1, 3, np.inf]),
        ("unique(n).shape[0]", 6),
        ("unique(tensor([[1, 2], [1, 2], [0, 5]]), dim=0)", [[0, 5], [1, 2]]),
        ("unique(tensor([3, 1, 3]), return_inverse=True)[1]", [1, 0, 1]),
        ("unique_consecutive(tensor([1, 1, 2, 1]), return_counts=True)[1]", [2, 1, 1]),
        ("isin(tensor([1, 2, 3]), tensor([2, 5]), invert=True)", [True, False, True]),
    ],
)
def test_values(source: str, expected) -> None:
    result = run(source)
    np.testing.assert_array_equal(result.numpy() if hasattr(result, "numpy") else result, expected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("n.topk(8)", "RuntimeError: selected index k out of range"),
        ("n.kthvalue(0)", "RuntimeError: kthvalue(): selected number k out of range for dimension 0"),
        ("tensor([1j]).sort()", "RuntimeError:  Sort does not support complex dtypes on CPU"),
        ("searchsorted(r, r, side='middle')", "RuntimeError: torch.searchsorted(): side can only be 'left' or 'right' "
         "but got middle"),
        ("bucketize(r, r[None])", "RuntimeError: boundaries tensor must be 1 dimension, but got dim(2)"),
        ("unique(tensor([1j]))", "NotImplementedError: \"unique\" not implemented for 'ComplexFloat'"),
    ],
)  # fmt: skip
def test_refusals(source: str, message: str) -> None:
    assert refused(source) == message


def test_searching_rows_at_once_agrees_with_numpy() -> None:
    generator = np.random.default_rng(11)
    rows, wanted = np.sort(generator.integers(0, 50, (4, 30))), generator.integers(-5, 55, (4, 17))
    session = tcalc.Session(write=lambda text: None)
    session.variables.update(rows=tcalc.tensor(rows), wanted=tcalc.tensor(wanted))
    for side in ("left", "right"):
        expected = [np.searchsorted(row, values, side) for row, values in zip(rows, wanted, strict=True)]
        found = session.run(f"torch.searchsorted(rows, wanted, side='{side}')")
        np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("count", [1, 7, 40, 300])
def test_the_replayed_algorithms_order_correctly(count: int) -> None:
    from tcalc.ops.ordering import selection_order

    rank = np.random.default_rng(count).integers(0, 6, count).tolist()
    expected = sorted(rank)
    assert [rank[place] for place in selection_order.whole(rank)] == expected
    for nth in {0, count // 2, count - 1}:
        assert rank[selection_order.kth(rank, nth)[0]] == expected[nth]
        chosen = selection_order.top(rank, nth + 1, True)
        assert [rank[place] for place in chosen] == expected[: nth + 1]
        assert len(set(chosen)) == nth + 1


@pytest.mark.parametrize(
    "source", ["{}.sort(0)", "{}.topk(2)", "{}.kthvalue(1, 0)", "{}.argsort()", "torch.isin({}, {})"]
)
def test_meta_agrees_with_computed(source: str) -> None:
    computed, inferred = (
        run(source.replace("{}", f"torch.ones(2, 3, device='{device}')")) for device in ("cpu", "meta")
    )
    if not isinstance(computed, tuple):
        computed, inferred = (computed,), (inferred,)
    assert [(t.shape, t.dtype) for t in computed] == [(t.shape, t.dtype) for t in inferred]
