"""What a program sets: defaults, grad mode, printing."""

from __future__ import annotations

from tcalc.engine.state import PrintOptions, current
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Number = float


@op
def set_printoptions(
    precision: int | None = None,
    threshold: Number | None = None,
    edgeitems: int | None = None,
    linewidth: Number | None = None,
    profile: str | None = None,
    sci_mode: Any = None,
) -> None:
    """Choose how tensors print.

    What is not given stays, except ``sci_mode``, which is chosen anew by every call.

    ``precision`` is the number of digits after the point, ``threshold`` the number of elements from which on
    a tensor is summarised, ``edgeitems`` how many items stay at each end then, ``linewidth`` the characters a
    line, ``sci_mode`` True or False for always or never scientific, None for by itself. ``profile`` is
    ``"default"``, ``"short"`` (two digits, two edge items) or ``"full"`` (never summarised).

    >>> set_printoptions(precision=2)
    >>> tensor([0.12345, 1])
    tensor([0.12, 1.00])
    >>> set_printoptions(profile="default", sci_mode=True)
    >>> tensor([0.12345, 1])
    tensor([1.2345e-01, 1.0000e+00])
    """
    options = current().print_options
    if profile in ("default", "short", "full"):
        _apply_profile(options, profile)
    if precision is not None:
        options.precision = precision
    if threshold is not None:
        options.threshold = threshold
    if edgeitems is not None:
        options.edgeitems = edgeitems
    if linewidth is not None:
        options.linewidth = linewidth
    options.sci_mode = sci_mode


def _apply_profile(options: PrintOptions, profile: str | None) -> None:
    initial = PrintOptions()
    options.precision = 2 if profile == "short" else initial.precision
    options.edgeitems = 2 if profile == "short" else initial.edgeitems
    options.threshold = float("inf") if profile == "full" else initial.threshold
    options.linewidth = initial.linewidth
