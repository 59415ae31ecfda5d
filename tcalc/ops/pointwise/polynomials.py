"""Orthogonal polynomials of torch.special, by their three-term recurrences."""

from __future__ import annotations

from tcalc.engine import state
from tcalc.engine.dtypes import COMPLEX
from tcalc.engine.promotion import floating, result_type
from tcalc.ops.elementwise import FLOATING, elementwise, refusal
from tcalc.ops.registry import Record, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tcalc.ops.dispatch import Launch

    Mixed = Any

# name -> the polynomial of degree 1, and the next one from the two before: ``step(k, x, current, previous)`` is that of
# degree ``k + 1``. The one of degree 0 is 1.
_FAMILIES: dict[str, tuple[str, Callable[[Any], Any], Callable[..., Any]]] = {
    "chebyshev_polynomial_t": (
        "Chebyshev polynomial of the first kind",
        lambda x: x,
        lambda k, x, current, previous: 2 * x * current - previous,
    ),
    "chebyshev_polynomial_u": (
        "Chebyshev polynomial of the second kind",
        lambda x: 2 * x,
        lambda k, x, current, previous: 2 * x * current - previous,
    ),
    "chebyshev_polynomial_v": (
        "Chebyshev polynomial of the third kind",
        lambda x: 2 * x - 1,
        lambda k, x, current, previous: 2 * x * current - previous,
    ),
    "chebyshev_polynomial_w": (
        "Chebyshev polynomial of the fourth kind",
        lambda x: 2 * x + 1,
        lambda k, x, current, previous: 2 * x * current - previous,
    ),
    "shifted_chebyshev_polynomial_t": (
        "Shifted Chebyshev polynomial of the first kind",
        lambda x: 2 * x - 1,
        lambda k, x, current, previous: (4 * x - 2) * current - previous,
    ),
    "shifted_chebyshev_polynomial_u": (
        "Shifted Chebyshev polynomial of the second kind",
        lambda x: 4 * x - 2,
        lambda k, x, current, previous: (4 * x - 2) * current - previous,
    ),
    "shifted_chebyshev_polynomial_v": (
        "Shifted Chebyshev polynomial of the third kind",
        lambda x: 4 * x - 3,
        lambda k, x, current, previous: (4 * x - 2) * current - previous,
    ),
    "shifted_chebyshev_polynomial_w": (
        "Shifted Chebyshev polynomial of the fourth kind",
        lambda x: 4 * x - 1,
        lambda k, x, current, previous: (4 * x - 2) * current - previous,
    ),
    "hermite_polynomial_h": (
        "Physicist's Hermite polynomial",
        lambda x: 2 * x,
        lambda k, x, current, previous: 2 * x * current - 2 * k * previous,
    ),
    "hermite_polynomial_he": (
        "Probabilist's Hermite polynomial",
        lambda x: x,
        lambda k, x, current, previous: x * current - k * previous,
    ),
    "laguerre_polynomial_l": (
        "Laguerre polynomial",
        lambda x: 1 - x,
        lambda k, x, current, previous: ((2 * k + 1 - x) * current - k * previous) / (k + 1),
    ),
    "legendre_polynomial_p": (
        "Legendre polynomial",
        lambda x: x,
        lambda k, x, current, previous: ((2 * k + 1) * x * current - k * previous) / (k + 1),
    ),
}


def _kernel(first: Callable[[Any], Any], step: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(xp: Any, out: Any, x: Any, degree: Any) -> Any:
        x, degree = xp.broadcast_arrays(x, xp.trunc(degree))
        answer = xp.where(degree < 0, xp.zeros((), x.dtype), xp.ones((), x.dtype))
        if not degree.size:
            return answer
        highest = int(xp.max(xp.where(xp.isfinite(degree), degree, 0)))
        previous, current = xp.ones_like(x), first(x)
        meter = state.current().meter
        for k in range(1, highest + 1):
            meter.step()
            answer = xp.where(degree == k, current, answer)
            previous, current = current, step(k, x, current, previous)
        return answer

    return kernel


def _row(name: str) -> Record:
    summary, first, step = _FAMILIES[name]
    kernel = _kernel(first, step)

    def function(input: Mixed, n: Mixed) -> Launch:
        dtype = floating(result_type(input, n))
        if dtype.is_reduced:
            raise refusal(f"{name}_cpu", dtype)
        return elementwise(kernel, (input, n), FLOATING, refuses={COMPLEX: f"{name}_cpu"})

    function.__name__ = name
    function.__doc__ = f"{summary} of degree ``n``.\n\n>>> special.{name}(tensor([1.]), 0)\ntensor([1.])\n"
    return op(function, namespace="torch.special", method=False, out=True)


for _name in _FAMILIES:
    _row(_name)
