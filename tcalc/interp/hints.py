"""Hints about shapes. One is given only after its shapes were checked."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.syntax.nodes import Attribute, Call, List, Name, Subscript

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tcalc.errors import TcalcError
    from tcalc.syntax.nodes import Node
    from tcalc.syntax.operators import Operator

_PRIMARIES = (Attribute, Call, List, Name, Subscript)
_LONGEST = 30  # characters of an operand that may be repeated in a hint


def add_hint(error: TcalcError, row: Operator, operands: Sequence[tuple[Node, Any]]) -> None:
    """Propose a transposed or unsqueezed operand where that would fit."""
    if error.hint is not None or error.source is None or error.kind != "RuntimeError":
        return
    (left_node, left), (right_node, right) = operands
    if type(left) is not Tensor or type(right) is not Tensor or _fit(row, left.shape, right.shape):
        return
    texts = [_written(node, error.source) for node in (left_node, right_node)]
    if any(len(text) > _LONGEST or "\n" in text for text in texts):
        return
    proposals = _matmul(texts, left.shape, right.shape) if row.name == "matmul" else _broadcast(texts, left, right)
    written = next(proposals, None)
    if written is not None:
        error.hint = f"{written[0]} {row.symbol} {written[1]} fits"


def _fit(row: Operator, left: tuple, right: tuple) -> bool:
    """Whether the shapes are not what is wrong."""
    if row.name != "matmul":
        return _fits(left, right)
    return bool(left and right) and left[-1] == right[max(len(right) - 2, 0)] and _fits(left[:-2], right[:-2])


def _matmul(texts: list[str], left: tuple, right: tuple) -> Iterator[tuple[str, str]]:
    """Transpositions of matrices for which the inner sizes agree."""
    first, second = texts
    if len(left) == 2 and len(right) == 2:
        if left[0] == right[0]:
            yield f"{first}.T", second
        if left[1] == right[1]:
            yield first, f"{second}.T"
        if left[0] == right[1]:
            yield f"{first}.T", f"{second}.T"
            yield second, first
    elif len(left) == 2 and len(right) == 1 and left[0] == right[0]:
        yield f"{first}.T", second
    elif len(left) == 1 and len(right) == 2 and left[0] == right[1]:
        yield first, f"{second}.T"


def _broadcast(texts: list[str], left: Tensor, right: Tensor) -> Iterator[tuple[str, str]]:
    """A dimension of size one at the end of the operand with fewer dimensions."""
    first, second = texts
    if _fits(left.shape, (*right.shape, 1)):
        yield first, f"{second}[{':, ' * len(right.shape)}None]"
    if _fits((*left.shape, 1), right.shape):
        yield f"{first}[{':, ' * len(left.shape)}None]", second
    if len(left.shape) == 2 and len(right.shape) == 2 and _fits(left.shape, right.shape[::-1]):
        yield first, f"{second}.T"


def _fits(left: tuple, right: tuple) -> bool:
    return all(a == b or a == 1 or b == 1 for a, b in zip(reversed(left), reversed(right), strict=False))


def _written(node: Node, source: str) -> str:
    """The operand's text, in parentheses where a suffix would bind to a part of it only."""
    text = source[node.span.start : node.span.end]
    return text if isinstance(node, _PRIMARIES) else f"({text})"
