"""Reductions, running sums and statistics; expected values are PyTorch's for these inputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tcalc

SETUP = """
m = torch.tensor([[1., 5., 2.], [4., 0., 3.]])
i = torch.tensor([[1, 5, 2], [4, 0, 3]])
n = torch.tensor([3., nan, 1., -inf])
e = torch.empty(2, 0, 3)
"""


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
    ("source", "expected"),
    [
        ("m.sum()", 15.0),
        ("m.sum(())", 15.0),
        ("m.sum(1, True)", [[8.0], [7.0]]),
        ("m.mean((0, 1))", 2.5),
        ("i.sum(0)", [5, 5, 5]),
        ("(i > 2).sum()", 3),
        ("m.prod(0)", [4.0, 0.0, 6.0]),
        ("nansum(n[:3])", 4.0),
        ("nanmean(n[:3])", 2.0),
        ("m.std(0, False)", [1.5, 2.5, 0.5]),
        ("m.std(False)", 1.7078251),
        ("m.var(dim=1, correction=0.5)", [3.4666667, 3.4666667]),
        ("n.max()", math.nan),
        ("n.argmax()", 1),
        ("m.amin((0, 1), keepdim=True)", [[0.0]]),
        ("i.argmin(1)", [0, 1]),
        ("(i > 2).any(0)", [True, True, True]),
        ("count_nonzero(m, 1)", [3, 2]),
        ("i.to(torch.uint8).all(1)", [1, 0]),
        ("logsumexp(tensor([-inf, -inf]), 0)", -math.inf),
        ("logsumexp(tensor([1000., 1000.]), 0)", 1000.6931),
        ("norm(m, inf)", 5.0),
        ("norm(m, 1, dim=0)", [5.0, 5.0, 5.0]),
        ("cumsum(i, 1)", [[1, 6, 8], [4, 4, 7]]),
        ("cumprod(i > 0, 1)", [[1, 1, 1], [1, 0, 0]]),
        ("logcumsumexp(tensor([0., 0., 0.]), 0)", [0.0, 0.6931472, 1.0986123]),
        ("diff(i, 2)", [[-7], [7]]),
        ("quantile(m, 0.3)", 1.5),
        ("quantile(tensor([1., nan]), 0.3)", math.nan),
        ("nanquantile(tensor([1., nan, 3.]), tensor([0.5, 1.]))", [2.0, 3.0]),
        ("histc(tensor([1., 2., 1.]), 4, 0, 3)", [0.0, 2.0, 1.0, 0.0]),
        ("bincount(tensor([1, 1, 3]), minlength=5)", [0, 2, 0, 1, 0]),
        ("trapezoid(m, tensor([0., 1., 3.]))", [10.0, 5.0]),
        ("gradient(tensor([1., 4., 16.]))[0]", [3.0, 7.5, 12.0]),
        ("corrcoef(tensor([[1., 2., 3.], [3., 2., 1.]]))", [[1.0, -1.0], [-1.0, 1.0]]),
        ("[1, 2, 4].mean()", 7 / 3),
        ("tensor(5.).std()", math.nan),
        ("e.mean(0)", np.empty((0, 3))),
        ("e.sum(1)", np.zeros((2, 3))),
    ],
)
def test_values(source: str, expected) -> None:
    array = run(source).numpy()
    assert array.shape == np.shape(expected)
    np.testing.assert_allclose(array, expected, rtol=2e-6)


@pytest.mark.parametrize(
    ("source", "values", "indices"),
    [
        ("m.max(1)", [5.0, 4.0], [1, 0]),
        ("(i > 2).max(0)", [True, True, True], [1, 0, 1]),
        ("n.min(0)", math.nan, 1),
        ("cummax(n, 0)", [3.0, math.nan, math.nan, math.nan], [0, 1, 1, 1]),
        ("cummin(tensor([1, 1, 0, 0, 2]), 0)", [1, 1, 0, 0, 0], [0, 1, 2, 3, 3]),
        ("tensor([5, 2, 2, 2, 5, 2]).median(0)", 2, 3),
        ("n.median(0)", math.nan, 1),
        ("n.nanmedian(0)", 1.0, 2),
        ("tensor([1, 3, 3, 2, 3, 1, 1]).mode()", 1, 6),
    ],
)
def test_values_and_indices(source: str, values, indices) -> None:
    result = run(source)
    np.testing.assert_array_equal(result[0].numpy(), values)
    np.testing.assert_array_equal(result[1].numpy(), indices)
    assert str(result[1].dtype) == "torch.int64"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("i.mean()", "RuntimeError: mean(): could not infer output dtype. Input dtype must be either a floating point "
         "or complex dtype. Got: Long"),
        ("i.std()", "RuntimeError: std and var only support floating point and complex dtypes"),
        ("torch.empty(0).max()", "RuntimeError: max(): Expected reduction dim to be specified for input.numel() == 0. "
         "Specify the reduction dim with the 'dim' argument."),
        ("e.amax(1)", "IndexError: amax(): Expected reduction dim 1 to have non-zero size."),
        ("e.argmax()", "IndexError: argmax(): Expected reduction dim to be specified for input.numel() == 0."),
        ("m.sum(2)", "IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
        ("m.sum((0, 0))", "RuntimeError: dim 0 appears multiple times in the list of dims"),
        ("(m > 0).argmax()", "RuntimeError: argmax(): does not support bool input"),
        ("tensor([1j]).max()", "NotImplementedError: \"max_all\" not implemented for 'ComplexFloat'"),
        ("quantile(m, 1.5)", "RuntimeError: quantile() q must be in the range [0, 1] but got 1.5"),
        ("bincount(m)", "NotImplementedError: \"bincount_cpu\" not implemented for 'Float'"),
        ("norm(i)", "RuntimeError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long"),
        ("diff(tensor(3))", "RuntimeError: diff expects input to be at least one-dimensional"),
    ],
)  # fmt: skip
def test_refusals(source: str, message: str) -> None:
    assert refused(source) == message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rand(5).sum()", 1.7924091815948486),
        ("rand(11).sum()", 5.249853610992432),
        ("rand(1000).mean()", 0.5009248852729797),
        ("rand(20000).sum()", 10034.193359375),
        ("rand(300, dtype=torch.float64).sum()", 149.9521085153187),
        ("rand(7, 9).sum(0)[8]", 3.150183916091919),
        ("rand(7, 40).sum(0)[37]", 2.619033098220825),
        ("rand(40, 7).sum(0)[6]", 15.927525520324707),
        ("rand(40, 7).sum(1)[39]", 3.0817434787750244),
        ("rand(9, 40).T.sum(0)[8]", 23.774852752685547),
        ("rand(30, 20)[:, ::2].sum()", 141.99400329589844),
        ("rand(6, 10, 12).sum((0, 2))[9]", 38.77815628051758),
        ("rand(6, 10, 12).mean(1)[5, 11]", 0.48776763677597046),
        ("rand(6, 10, 12).permute(2, 0, 1).sum(1)[11, 9]", 4.497291088104248),
        ("rand(50).var()", 0.08006422966718674),
        ("rand(50).std(0)", 0.28295624256134033),
        ("rand(8, 9).var(1)[7]", 0.07090258598327637),
        ("rand(30, dtype=torch.float64).std()", 0.23468089749184542),
    ],
)
def test_few_floats_are_added_in_pytorchs_order(source: str, expected: float) -> None:
    """To the last digit, as PyTorch answers on one thread of any x86 machine."""
    assert run(f"torch.manual_seed(0); torch.{source}.item()") == expected


def test_sums_of_half_precision_do_not_stick() -> None:
    assert run("torch.ones(1000).bfloat16().expand(300, 1000).sum()").float().numpy() == 299008.0


@pytest.mark.parametrize("layout", ["(1000003,)", "(1000003, 2)", "(5, 200001)", "(2, 50001, 3)"])
def test_float32_sums_keep_their_digits_along_every_dimension(layout: str) -> None:
    array = np.random.default_rng(3).random(eval(layout), np.float32)
    session = tcalc.Session(write=lambda text: None)
    session.variables["x"] = tcalc.tensor(array)
    for dim in range(array.ndim):
        exact = array.sum(axis=dim, dtype=np.float64)
        np.testing.assert_allclose(session.run(f"x.sum({dim})").numpy(), exact, rtol=3e-7)
        np.testing.assert_allclose(session.run(f"x.transpose(0, -1).sum({dim})").numpy(),
                                   array.swapaxes(0, -1).sum(axis=dim, dtype=np.float64), rtol=3e-7)  # fmt: skip
    np.testing.assert_allclose(session.run("x.mean()").numpy(), array.mean(dtype=np.float64), rtol=3e-7)


def test_sums_along_a_slow_dimension_of_every_length() -> None:
    array = np.random.default_rng(4).random((600, 3))
    session = tcalc.Session(write=lambda text: None)
    session.variables["x"] = tcalc.tensor(array)
    for length in (*range(60, 150), 255, 256, 511, 512, 513, 600):
        found = session.run(f"x[:{length}].sum(0)").numpy()
        np.testing.assert_allclose(found, array[:length].sum(axis=0), rtol=1e-14)


def test_a_running_sum_is_kept_in_double_precision() -> None:
    exact = np.cumsum(np.full(100_000, 0.1, np.float32).astype(np.float64)).astype(np.float32)
    np.testing.assert_array_equal(run("torch.full((100000,), 0.1).cumsum(0)").numpy(), exact)


def test_max_of_two_tensors_and_by_name() -> None:
    assert run("torch.max(i, tensor(3)).tolist()") == [[3, 5, 3], [4, 3, 3]]
    assert "invalid combination of arguments" in refused("torch.max(m, (0, 1))")


def test_out_of_several_answers() -> None:
    source = "v = torch.empty(0); k = torch.empty(0, dtype=torch.int64); r = torch.max(m, 1, out=(v, k)); "
    assert run(source + "(v.tolist(), k.tolist(), r.values is v)") == ([5.0, 4.0], [1, 0], True)


@pytest.mark.parametrize(
    "source",
    ["{}.sum(0)", "{}.mean(1, True)", "{}.max(0)", "{}.std(1)", "{}.argmax()", "{}.all(0)", "{}.cumsum(1)",
     "{}.median(1)", "torch.var_mean({}, 0)", "{}.amax((0, 1), True)", "torch.quantile({}, .5, 1)", "{}.mode(0)",
     "torch.aminmax({})", "{}.norm(dim=0)", "{}.diff(dim=0)", "{}.logsumexp(1)", "torch.histc({}, 3)",
     "torch.trapezoid({})", "torch.cummin({}, 0)"],
)  # fmt: skip
def test_meta_agrees_with_computed(source: str) -> None:
    computed, inferred = (
        run(source.replace("{}", f"torch.ones(2, 3, device='{device}')")) for device in ("cpu", "meta")
    )
    if not isinstance(computed, tuple):
        computed, inferred = (computed,), (inferred,)
    assert [(t.shape, t.dtype) for t in computed] == [(t.shape, t.dtype) for t in inferred]


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "prod", "logsumexp"])
def test_derivatives_agree_with_differences(name: str) -> None:
    from tcalc.ops import registry

    registry.load()
    record = registry.namespaces["torch"][name]
    x = np.array([[0.3, 0.9, 2.2], [1.1, 0.2, 0.7]])
    dim = 1 if name == "prod" else (1,)
    answer = record(tcalc.tensor(x), dim)
    (slope,) = record.derivative(tcalc.tensor(np.ones(2)), answer, tcalc.tensor(x), dim)
    expected = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        moved = x.copy()
        moved[place] += 1e-6
        expected[place] = (record(tcalc.tensor(moved), dim).numpy() - answer.numpy()).sum() / 1e-6
    np.testing.assert_allclose(slope.numpy(), expected, rtol=1e-4, atol=1e-6)
