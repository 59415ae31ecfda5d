"""Pointwise maths and comparisons; expected values are PyTorch's for these inputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tcalc


def run(source: str):
    session = tcalc.Session(write=lambda text: None)
    session.run("x = torch.tensor([-2.0, -0.5, 0.0, 0.25, 3.0])\ni = torch.arange(4)\nb = i > 1")
    return session.run(source)


def shown(source: str) -> str:
    printed: list[str] = []
    tcalc.Session(write=printed.append).run(source, echo="last")
    return "".join(printed).rstrip("\n")


def refused(source: str) -> str:
    with pytest.raises(tcalc.TcalcError) as caught:
        run(source)
    assert not isinstance(caught.value, tcalc.InternalError)
    return f"{caught.value.kind}: {caught.value}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sinc(tensor([0., 0.5, 1.5]))", [1.0, 0.63661975, -0.21220659]),
        ("sign(tensor([-3., nan, 0., 4.]))", [-1.0, 0.0, 0.0, 1.0]),
        ("round(tensor([0.5, 1.5, 2.5, -0.5]))", [0.0, 2.0, 2.0, -0.0]),
        ("round(tensor([2.675, -1.235]), decimals=2)", [2.68, -1.24]),
        ("round(tensor([125., 135.]), decimals=-1)", [120.0, 140.0]),
        ("sigmoid(tensor([-1000., 0., 1000.]))", [0.0, 0.5, 1.0]),
        ("logit(tensor([0., 1., .3]), 0.1)", [-2.1972246, 2.1972246, -0.8472978]),
        ("xlogy(tensor([0., 0., 1.]), tensor([0., nan, 0.]))", [0.0, math.nan, -math.inf]),
        ("logaddexp(tensor([-inf, inf]), tensor([-inf, inf]))", [-math.inf, math.inf]),
        ("copysign(tensor([1, -2]), -0.)", [-1.0, -2.0]),
        ("heaviside(tensor([-1., 0., nan, 2.]), tensor(.5))", [0.0, 0.5, 0.0, 1.0]),
        ("nan_to_num(tensor([nan, inf, -inf]), posinf=7.)", [0.0, 7.0, -3.4028235e38]),
        ("lerp(tensor([0., 10.]), tensor([1., 20.]), tensor([1., .5]))", [1.0, 15.0]),
        ("addcmul(tensor([1, 1]), tensor([2, 3]), tensor([4, 5]), value=2)", [17, 31]),
        ("clamp(tensor([-1., nan, 5.]), 0, 2)", [0.0, math.nan, 2.0]),
        ("clamp(tensor([1., 5.]), 4, 2)", [2.0, 2.0]),
        ("fmax(tensor([nan, 1.]), tensor([2., nan]))", [2.0, 1.0]),
        ("maximum(tensor([nan, 1.]), tensor([2., nan]))", [math.nan, math.nan]),
        ("float_power(arange(3), -1)", [math.inf, 1.0, 0.5]),
        ("digamma(tensor([0., -1., 1.]))", [-math.inf, math.nan, -0.5772157]),
        ("special.legendre_polynomial_p(tensor([.4, .8]), tensor([2., 3.]))", [-0.26, 0.08]),
        ("special.zeta(tensor([2., 3.]), 1)", [1.6449341, 1.2020569]),
    ],
)
def test_values(source: str, expected: list[float]) -> None:
    np.testing.assert_allclose(run(source).numpy(), expected, rtol=2e-6)


@pytest.mark.parametrize(
    ("source", "dtype"),
    [
        ("exp(i)", "float32"),
        ("square(b)", "int64"),
        ("floor(i)", "int64"),
        ("sqrt(x.bfloat16())", "bfloat16"),
        ("angle(tensor([1j]))", "float32"),
        ("abs(tensor([1j], dtype=torch.complex128))", "float64"),
        ("atan2(i, i)", "float32"),
        ("float_power(x, 2)", "float64"),
        ("clamp(i, 0.5)", "float32"),
        ("frexp(x).exponent", "int32"),
        ("eq(i, 2.5)", "bool"),
        ("logical_and(x, i[:1])", "bool"),
    ],
)
def test_dtypes(source: str, dtype: str) -> None:
    assert str(run(source).dtype) == f"torch.{dtype}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("floor(b)", "NotImplementedError: \"floor_vml_cpu\" not implemented for 'Bool'"),
        ("floor(tensor([1j]))", "NotImplementedError: floor is not supported for complex inputs"),
        ("deg2rad(tensor([1j]))", "RuntimeError: deg2rad is not supported for complex tensors."),
        ("lt(tensor([1j]), 0)", "NotImplementedError: \"lt_cpu\" not implemented for 'ComplexFloat'"),
        ("hypot(i, i)", "NotImplementedError: \"hypot_cpu\" not implemented for 'Long'"),
        ("maximum(tensor([1j]), x)", "RuntimeError: maximum not implemented for complex tensors."),
        ("clamp(x)", "RuntimeError: torch.clamp: At least one of 'min' or 'max' must not be None"),
        ("clamp(b, True)", "NotImplementedError: \"clamp_min_scalar_cpu\" not implemented for 'Bool'"),
        ("lerp(x, x.double(), .5)", "RuntimeError: expected dtype float for `end` but got dtype double"),
        ("isclose(x, i)", "RuntimeError: Float did not match Long"),
        ("polygamma(-1, x)", "RuntimeError: polygamma(n, x) does not support negative n."),
        ("i.exp_()", "RuntimeError: result type Float can't be cast to the desired output type Long"),
        ("i.float_power_(2)", "RuntimeError: the base given to float_power_ has dtype Long but the operation's result "
         "requires dtype Double"),
        ("special.erfcx(x.bfloat16())", "NotImplementedError: \"erfcx_cpu\" not implemented for 'BFloat16'"),
    ],
)  # fmt: skip
def test_refusals(source: str, message: str) -> None:
    assert refused(source) == message


def test_in_place_writes_through_a_view() -> None:
    result = run("y = x.clone(); z = y[1:3]; z.exp_(); y")
    np.testing.assert_allclose(result.numpy(), [-2.0, 0.60653067, 1.0, 0.25, 3.0], rtol=1e-6)


def test_a_refused_in_place_operation_writes_nothing() -> None:
    assert run("y = i.clone()\ntry:\n    y.sqrt_()\nexcept RuntimeError:\n    pass\ny").numpy().tolist() == [0, 1, 2, 3]


def test_out_is_resized_and_returned() -> None:
    result = run("o = torch.empty(0); r = torch.exp(x, out=o); (r is o, o.shape[0])")
    assert result == (True, 5)


def test_half_precision_is_rounded_once() -> None:
    half = run("(x.bfloat16() * 3).sigmoid()").float().numpy()
    exact = 1 / (1 + np.exp(np.array([6.0, 1.5, 0.0, -0.75, -9.0])))
    np.testing.assert_allclose(half, exact, rtol=2**-8)


def test_nextafter_steps_in_the_type_itself() -> None:
    assert shown("nextafter(tensor([1., 0.]).bfloat16(), tensor(-1.).bfloat16()).double().tolist()") == (
        "[0.99609375, -9.183549615799121e-41]"
    )


def test_equality_of_tensors_ignores_the_dtype_but_not_the_shape() -> None:
    assert run("(torch.equal(i, i.double()), torch.equal(i, i[None]), torch.allclose(x, x + 1e-9))") == (
        True, False, True,
    )  # fmt: skip


def test_isclose_of_infinities() -> None:
    assert run("isclose(tensor([inf, inf, nan]), tensor([inf, -inf, nan]), equal_nan=True).tolist()") == [
        True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["exp", "sin", "tanh", "sqrt", "log1p", "erf", "sigmoid", "atan", "rsqrt", "lgamma"])
def test_derivatives_agree_with_differences(name: str) -> None:
    from tcalc.ops import registry

    registry.load()
    record = registry.namespaces["torch"][name]
    session = tcalc.Session(write=lambda text: None)
    x = session.run("tensor([0.3, 0.9, 2.2], dtype=torch.float64)")
    (slope,) = record.derivative(session.run("ones(3, dtype=torch.float64)"), record(x), x)
    step = 1e-6
    difference = (record(x + step).numpy() - record(x - step).numpy()) / (2 * step)
    np.testing.assert_allclose(slope.numpy(), difference, rtol=1e-6)


@pytest.mark.parametrize("source", ["exp({})", "clamp({}, 0, 1)", "isnan({})", "atan2({}, {})", "angle({})", "{} >= 1"])
def test_meta_agrees_with_computed(source: str) -> None:
    for dtype in ("float32", "int64", "bfloat16"):
        made = f"torch.ones(2, 3, dtype=torch.{dtype}, device='{{}}')"
        computed, inferred = (run(source.replace("{}", made.format(device))) for device in ("cpu", "meta"))
        assert (computed.shape, computed.dtype) == (inferred.shape, inferred.dtype)
        assert str(inferred.device) == "meta"


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tanh", "sinh", "atan"])
def test_few_float32_numbers_are_rounded_once(name) -> None:
    """What float64 gives, rounded; in place and into memory that is there as well."""
    session = tcalc.Session(write=lambda text: None)
    session.run(
        "torch.manual_seed(0); x = torch.rand(40, 50) + 0.01; y = x.t()[3:, ::2].clone(); z = torch.empty(40, 50)"
    )
    assert session.run(f"bool((x.{name}() == x.double().{name}().float()).all())")
    assert session.run(f"bool((y.{name}() == y.double().{name}().float()).all())")
    assert session.run(f"torch.{name}(x, out=z); bool((z == x.{name}()).all() and (x.clone().{name}_() == z).all())")


def test_the_logistic_function_is_zero_where_the_exponential_overflows() -> None:
    session = tcalc.Session(write=lambda text: None)
    assert session.run("torch.sigmoid(torch.tensor([-100., -88., 100.])).tolist()") == [0.0, 6.054601485195952e-39, 1.0]
