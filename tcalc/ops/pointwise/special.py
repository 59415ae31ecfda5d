"""Special functions: error functions, gamma and its relatives, Bessel functions. SciPy computes them."""

from __future__ import annotations

from tcalc.engine.backend import special_functions
from tcalc.engine.dtypes import BOOL, COMPLEX, INTEGER
from tcalc.engine.promotion import floating, result_type
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.elementwise import FLOATING, NEITHER, binary, elementwise, flush_left, refusal, unary
from tcalc.ops.pointwise.arithmetic import div, rsub
from tcalc.ops.pointwise.maths import log
from tcalc.ops.reduction.extremes import clamp
from tcalc.ops.registry import Record, op
from tcalc.ops.steps import exact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.dispatch import Launch

    Number = complex
    Mixed = Any

SQRT_PI = 1.7724538509055159


def _scipy(name: str) -> Any:
    """The kernel that calls SciPy's (on CUDA, CuPy's) function of that name in the operands' own type."""

    def kernel(xp: Any, out: Any, *arrays: Any) -> Any:
        return getattr(special_functions(xp), name)(*arrays)

    return kernel


# ---------------------------------------------------------------- with a name in torch itself

erf = unary(
    "erf",
    _scipy("erf"),
    "The error function.",
    """>>> erf(tensor([0., 1.]))
    tensor([0.0000, 0.8427])""",
    refuses={COMPLEX: "erf_vml_cpu"},
    aliases=("special.erf",),
    derivative=lambda grad, result, input: (grad * (2 / SQRT_PI) * (-input * input).exp(),),
)
erfc = unary(
    "erfc",
    _scipy("erfc"),
    "``1 - erf(input)``, exact where it is small.",
    """>>> erfc(tensor([0., 1.]))
    tensor([1.0000, 0.1573])""",
    refuses={COMPLEX: "erfc_vml_cpu"},
    aliases=("special.erfc",),
    derivative=lambda grad, result, input: (-grad * (2 / SQRT_PI) * (-input * input).exp(),),
)
erfinv = unary(
    "erfinv",
    _scipy("erfinv"),
    "The number whose error function is given; infinite at 1 and -1.",
    """>>> erfinv(tensor([0., 0.5]))
    tensor([0.0000, 0.4769])""",
    refuses={COMPLEX: "erfinv_vml_cpu"},
    aliases=("special.erfinv",),
    derivative=lambda grad, result, input: (grad * (SQRT_PI / 2) * (result * result).exp(),),
)


def _lgamma(xp: Any, out: Any, array: Any) -> Any:
    # Far to the left, where scipy has -inf, every number is a pole.
    return xp.where(xp.isneginf(array), xp.inf, special_functions(xp).gammaln(array)).astype(array.dtype)


lgamma = unary(
    "lgamma",
    _lgamma,
    "Logarithm of the absolute value of the gamma function.",
    """>>> lgamma(tensor([1., 5.]))
    tensor([0.0000, 3.1781])""",
    refuses={COMPLEX: "lgamma_vml_cpu"},
    aliases=("special.gammaln",),
    derivative=lambda grad, result, input: (grad * input.digamma(),),
)


def _digamma(xp: Any, out: Any, array: Any) -> Any:
    # At the poles: an infinity of the sign opposite to zero's, and nan at negative integers.
    whole = (array < 0) & (array == xp.floor(array))
    values = special_functions(xp).digamma(array)
    values = xp.where(array == 0, xp.copysign(xp.asarray(xp.inf, array.dtype), -array), values)
    return xp.where(whole, xp.asarray(xp.nan, array.dtype), values)


digamma = unary(
    "digamma",
    _digamma,
    "The logarithmic derivative of the gamma function.",
    """>>> digamma(tensor([1., 2.]))
    tensor([-0.5772,  0.4228])""",
    refuses={COMPLEX: "digamma"},
    aliases=("special.digamma", "special.psi"),
)
i0 = unary(
    "i0",
    _scipy("i0"),
    "Modified Bessel function of the first kind and order 0.",
    """>>> i0(tensor([0., 1.]))
    tensor([1.0000, 1.2661])""",
    refuses={COMPLEX: "i0_vml_cpu"},
    aliases=("special.i0",),
)


@op(inplace=True, out=True, aliases=("special.logit",))
def logit(input: Tensor, eps: float | None = None) -> Launch | Tensor:
    """The logit, ``log(input / (1 - input))``.

    ``eps`` keeps the elements within [eps, 1 - eps] first.

    >>> logit(tensor([0.5, 0.9]))
    tensor([0.0000, 2.1972])
    """
    if input.dtype.is_reduced:  # PyTorch rounds after every step here, and near 1/2 that shows
        kept = input if eps is None else clamp(input, eps, 1 - eps)
        return log(div(kept, rsub(kept, 1)))

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if eps is not None:
            low, high = xp.asarray(eps, array.dtype), xp.asarray(1 - eps, array.dtype)
            array = xp.where(array < low, low, xp.where(array > high, high, array))
        return xp.log(array / (1 - array))

    return elementwise(kernel, (input,), FLOATING, refuses={COMPLEX: "logit_cpu"})


@op(namespace="torch", method=False, out=True, aliases=("special.polygamma",))
def polygamma(n: int, input: Tensor) -> Launch:
    """The ``n``-th derivative of ``digamma``.

    >>> polygamma(1, tensor([1., 2.]))
    tensor([1.6449, 0.6449])
    """
    return _polygamma(n, input)


@op(namespace="torch.Tensor", name="polygamma", inplace=True)
def polygamma_method(input: Tensor, n: int) -> Launch:
    """The ``n``-th derivative of ``digamma``, as a method.

    >>> tensor([1., 2.]).polygamma(1)
    tensor([1.6449, 0.6449])
    """
    return _polygamma(n, input)


def _polygamma(n: int, input: Tensor) -> Launch:
    if n < 0:
        raise TcalcError("polygamma(n, x) does not support negative n.")

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if n == 0:
            return _digamma(xp, out, array)
        return special_functions(xp).polygamma(n, array)

    return elementwise(kernel, (input,), FLOATING, refuses={COMPLEX: "polygamma"})


@op(inplace=True, out=True, aliases=("special.multigammaln",))
def mvlgamma(input: Tensor, p: int) -> Launch:
    """Logarithm of the multivariate gamma function of dimension ``p``.

    >>> mvlgamma(tensor([3., 4.]), 2)
    tensor([1.5502, 3.5651])
    """
    if p < 1:
        raise TcalcError("p has to be greater than or equal to 1")

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        current().meter.allocate(p * max(array.nbytes, 8), "the terms of mvlgamma")  # as PyTorch, which holds them all
        constant = p * (p - 1) / 4 * 1.1447298858494002  # log(pi)
        terms = [special_functions(xp).gammaln(array - xp.asarray(j / 2, array.dtype)) for j in range(p)]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total + xp.asarray(constant, array.dtype)

    no_bool = "RuntimeError: The input tensor may not be a boolean tensor."
    return elementwise(kernel, (input,), FLOATING, refuses={COMPLEX: "arange_cpu", BOOL: no_bool})


igamma = binary(
    "igamma",
    _scipy("gammainc"),
    "The lower regularised incomplete gamma function.",
    """>>> igamma(tensor([4.]), tensor([3.]))
    tensor([0.3528])""",
    refuses=dict.fromkeys((BOOL, INTEGER, COMPLEX), "igamma_cpu"),
    aliases=("special.gammainc",),
    numbers=NEITHER,
)
igammac = binary(
    "igammac",
    _scipy("gammaincc"),
    "The upper regularised incomplete gamma function.",
    """>>> igammac(tensor([4.]), tensor([3.]))
    tensor([0.6472])""",
    refuses=dict.fromkeys((BOOL, INTEGER, COMPLEX), "igammac_cpu"),
    aliases=("special.gammaincc",),
    numbers=NEITHER,
)

# ---------------------------------------------------------------- in torch.special only


def _special(
    name: str, kernel: Any, summary: str, example: str, half: bool = False, words: str = "", stepwise: bool = False
) -> Record:
    """A row of torch.special; ``half`` says that PyTorch takes half precision."""
    kernel_name = words or f"{name}_cpu"

    def function(input: Tensor) -> Launch:
        if input.dtype.is_reduced and not half:
            raise refusal(kernel_name, input.dtype)
        return elementwise(kernel, (input,), FLOATING, refuses={COMPLEX: kernel_name}, stepwise=stepwise)

    return _add(function, name, summary, example)


def _special_pair(name: str, kernel: Any, summary: str, example: str) -> Record:
    """A row of torch.special of two operands, of which one may be a number."""

    def function(input: Mixed, other: Mixed) -> Launch:
        dtype = floating(result_type(input, other))
        if dtype.is_reduced:
            raise refusal(f"{name}_cpu", dtype)
        return elementwise(kernel, (input, other), FLOATING, refuses={COMPLEX: f"{name}_cpu"})

    return _add(function, name, summary, example)


def _add(function: Any, name: str, summary: str, example: str) -> Record:
    function.__name__ = name
    function.__doc__ = f"{summary}\n\n{flush_left(example)}\n"
    return op(function, namespace="torch.special", method=False, out=True)


def _entr(xp: Any, out: Any, step: Any, array: Any) -> Any:
    values = -array * step(xp.log(array))
    values = xp.where(array == 0, xp.zeros((), array.dtype), values)
    return xp.where(array < 0, xp.asarray(-xp.inf, array.dtype), values)


def _ndtr(xp: Any, out: Any, step: Any, array: Any) -> Any:
    if step is exact:
        return special_functions(xp).ndtr(array)
    half = step(special_functions(xp).erf(step(array * xp.asarray(0.5**0.5, array.dtype))))
    return step(1 + half) / 2


def _spherical_j0(xp: Any, out: Any, array: Any) -> Any:
    zero = array == 0
    one = xp.ones((), array.dtype)
    return xp.where(
        xp.isinf(array), xp.zeros((), array.dtype), xp.where(zero, one, xp.sin(array) / xp.where(zero, one, array))
    )


def _airy_ai(xp: Any, out: Any, array: Any) -> Any:
    # Far to the right the function is 0 to every digit; scipy has nan there.
    far = (array > 1000) & xp.isfinite(array)
    return xp.where(far, xp.zeros((), array.dtype), special_functions(xp).airy(array)[0])


_ROWS: tuple[tuple[str, Any, str, str, str], ...] = (
    ("entr", _entr, "``-input * log(input)``, 0 at zero.", "0.5", "0.3466"),
    ("erfcx", "erfcx", "``exp(input**2) * erfc(input)``.", "1.", "0.4276"),
    ("i0e", "i0e", "``exp(-|input|) * i0(input)``.", "1.", "0.4658"),
    ("i1", "i1", "Modified Bessel function of the first kind and order 1.", "1.", "0.5652"),
    ("i1e", "i1e", "``exp(-|input|) * i1(input)``.", "1.", "0.2079"),
    ("log_ndtr", "log_ndtr", "Logarithm of the area under the standard normal curve up to ``input``.", "1.", "-0.1728"),
    ("ndtr", _ndtr, "The area under the standard normal curve up to ``input``.", "1.", "0.8413"),
    (
        "ndtri",
        "ndtri",
        "The place up to which the area under the standard normal curve is ``input``.",
        "0.75",
        "0.6745",
    ),
    ("bessel_j0", "j0", "Bessel function of the first kind and order 0.", "1.", "0.7652"),
    ("bessel_j1", "j1", "Bessel function of the first kind and order 1.", "1.", "0.4401"),
    ("bessel_y0", "y0", "Bessel function of the second kind and order 0.", "1.", "0.0883"),
    ("bessel_y1", "y1", "Bessel function of the second kind and order 1.", "1.", "-0.7812"),
    ("modified_bessel_i0", "i0", "Modified Bessel function of the first kind and order 0.", "1.", "1.2661"),
    ("modified_bessel_i1", "i1", "Modified Bessel function of the first kind and order 1.", "1.", "0.5652"),
    ("modified_bessel_k0", "k0", "Modified Bessel function of the second kind and order 0.", "1.", "0.4210"),
    ("modified_bessel_k1", "k1", "Modified Bessel function of the second kind and order 1.", "1.", "0.6019"),
    ("scaled_modified_bessel_k0", "k0e", "``exp(input) * modified_bessel_k0(input)``.", "1.", "1.1445"),
    ("scaled_modified_bessel_k1", "k1e", "``exp(input) * modified_bessel_k1(input)``.", "1.", "1.6362"),
    ("spherical_bessel_j0", _spherical_j0, "``sin(input) / input``, 1 at zero.", "1.", "0.8415"),
    ("airy_ai", _airy_ai, "The Airy function Ai.", "1.", "0.1353"),
)
_TAKE_HALF = ("entr", "i0e", "i1", "i1e", "ndtr")
for _name, _kernel, _summary, _argument, _value in _ROWS:
    _special(
        _name,
        _scipy(_kernel) if isinstance(_kernel, str) else _kernel,
        _summary,
        f">>> special.{_name}(tensor([{_argument}]))\n    tensor([{_value}])",
        half=_name in _TAKE_HALF,
        words="erf_vml_cpu" if _name == "ndtr" else "",
        stepwise=_name in ("entr", "ndtr"),
    )


def _zeta(xp: Any, out: Any, x: Any, q: Any) -> Any:
    return special_functions(xp).zeta(x, q)


zeta = _special_pair(
    "zeta",
    _zeta,
    "The Hurwitz zeta function.",
    """>>> special.zeta(tensor([2., 4.]), 1)
    tensor([1.6449, 1.0823])""",
)
