"""Dropout by the names that PyTorch's modules call: of features, in place, and with its mask."""

from __future__ import annotations

from math import prod

from tcalc.engine import dtypes
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.creation.likeness import like
from tcalc.ops.destination import write
from tcalc.ops.nn import dropout as plain
from tcalc.ops.registry import namespaces, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _by_feature(elementwise: Any) -> Callable:
    """Dropout of whole channels, from the dropout that has a form for channels."""

    def drop(input: Tensor, p: float, train: bool) -> Any:
        if input.ndim < 2:  # which matters only where chance decides
            if train and 0 < p < 1 and input.numel():
                raise TcalcError("Feature dropout requires at least 2 dimensions in the input")
            return plain.dropout.function(input, p, train)
        channels = (*input.shape[:2], prod(input.shape[2:]))
        return elementwise.function(input.reshape(channels), p, train).reshape(input.shape)

    return drop


def _register(name: str, drop: Callable, summary: str) -> None:
    """``torch.NAME(input, p, train)``, and ``torch.NAME_`` that writes into ``input``."""

    def function(input: Tensor, p: float, train: bool) -> Tensor:
        plain.check_chance(p)
        answer: Tensor = drop(input, p, train)
        return answer

    def function_(input: Tensor, p: float, train: bool) -> Tensor:
        plain.check_chance(p)
        answer = drop(input, p, train)
        if answer is not input:
            write(input, answer)
        return input

    for made, suffix, words in ((function, "", ""), (function_, "_", " The answer is written into ``input``.")):
        made.__name__ = name + suffix
        made.__doc__ = (
            f"{summary}.\n\nOnly where ``train`` is true.{words}\n\n>>> {made.__name__}(ones(1, 2), 0.5, False)\n"
        )
        made.__doc__ += "tensor([[1., 1.]])\n"
        if made.__name__ != "dropout":  # which stands beside the functions of nn
            op(made, method=False)


_register("dropout", lambda input, p, train: plain.dropout.function(input, p, train), "Elements dropped by chance")
_register("feature_dropout", _by_feature(namespaces[plain.NN]["dropout1d"]), "Whole channels dropped by chance")
_register(
    "alpha_dropout",
    lambda input, p, train: plain.alpha_dropout.function(input, p, train),
    "Dropout that keeps the mean and variance of its input",
)
_register(
    "feature_alpha_dropout",
    _by_feature(plain.feature_alpha_dropout),
    "Whole channels dropped, keeping mean and variance",
)


@op(method=False)
def native_dropout(input: Tensor, p: float, train: bool | None) -> tuple[Tensor, Tensor]:
    """What dropout leaves, and the mask of what was kept.

    >>> native_dropout(tensor([1., 2.]), 0.5, False)
    (tensor([1., 2.]), tensor([True, True]))
    """
    if not input.numel():
        return input, like(input, None, None)
    if train is False:
        from tcalc.ops.creation.likeness import ones_like

        return input.clone(), ones_like(input, dtype=dtypes.bool_)
    if input.dtype.category < dtypes.FLOAT:
        raise TcalcError(f"result type Float can't be cast to the desired output type {input.dtype.scalar_name}")
    return plain.masked_dropout(input, p)
