"""The everyday command lines, read without click: importing it takes longer than the calculation.

Everything else is left to `options`, which reads the same lines to the same :class:`Invocation`.
"""

from __future__ import annotations

from tcalc.cli.invocation import EXPR, Invocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT_OPTIONS = frozenset("efntoiVh")
_OPERATORS = frozenset(".([+*/@%-&|<>= ")


def parse(arguments: Sequence[str]) -> Invocation | None:
    """The invocation of a line of ``-e EXPR``, ``-t``, EXPR and INPUTs; None for any other line."""
    invocation = Invocation()
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-e", "--expr"):
            text = next(rest, None)
            if text is None:
                return None
            invocation.program.append((EXPR, text))
        elif argument in ("-t", "--test"):
            invocation.test = True
        elif argument == "--no-config":
            invocation.no_config = True
        elif argument in ("-n", "--each"):
            invocation.each = True
        elif argument[:1] != "-" or argument == "-" or is_negative(argument):
            invocation.arguments.append(argument)
        else:
            return None
    return invocation


def is_negative(argument: str) -> bool:
    """Whether an argument that starts with a minus is an expression: ``-3 + 5``, ``-x.sum()``, and no option."""
    if argument[:1] != "-" or len(argument) < 2 or argument[1] == "-" or argument[1] in SHORT_OPTIONS:
        return False
    if argument[1].isalpha() or argument[1] == "_":
        return not _OPERATORS.isdisjoint(argument[1:])
    return True
