"""What may stand on the left of an assignment, after a ``for``, an ``as`` or a ``del``."""

from __future__ import annotations

from tcalc.errors import TcalcSyntaxError
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# CPython's names for what cannot be assigned to.
DESCRIPTIONS: dict[type, str] = {
    nodes.Attribute: "attribute",
    nodes.Subscript: "subscript",
    nodes.Starred: "starred",
    nodes.Name: "name",
    nodes.List: "list",
    nodes.Tuple: "tuple",
    nodes.Lambda: "lambda",
    nodes.Call: "function call",
    nodes.GeneratorExp: "generator expression",
    nodes.ListComp: "list comprehension",
    nodes.SetComp: "set comprehension",
    nodes.DictComp: "dict comprehension",
    nodes.Dict: "dict literal",
    nodes.Set: "set display",
    nodes.JoinedStr: "f-string expression",
    nodes.Compare: "comparison",
    nodes.IfExp: "conditional expression",
    nodes.NamedExpr: "named expression",
}

SINGLE = (nodes.Name, nodes.Attribute, nodes.Subscript)


def describe_target(node: nodes.Expression) -> str:
    if isinstance(node, nodes.Constant):
        if node.value is Ellipsis:
            return "ellipsis"
        return str(node.value) if node.value is None or isinstance(node.value, bool) else "literal"
    return DESCRIPTIONS.get(type(node), "expression")


def check_target(node: nodes.Expression, before_equals: bool = False) -> None:
    """Names, attributes, subscripts, and tuples and lists of targets, of which one may be starred."""
    if isinstance(node, nodes.Starred):
        _refuse("starred assignment target must be in a list or tuple", node)
    pending = [node]
    while pending:
        target = pending.pop()
        if isinstance(target, (nodes.Tuple, nodes.List)):
            starred = [element for element in target.elts if isinstance(element, nodes.Starred)]
            if len(starred) > 1:
                _refuse("multiple starred expressions in assignment", starred[1])
            pending.extend(
                element.value if isinstance(element, nodes.Starred) else element for element in reversed(target.elts)
            )
        elif not isinstance(target, SINGLE):
            _refuse_target(target, before_equals and target is node)


# Where CPython does not suggest a comparison, because the text would not be one either.
NO_ADVICE = {"True", "False", "None", "ellipsis", "generator expression", "conditional expression", "lambda"}


def _refuse_target(target: nodes.Expression, before_equals: bool) -> NoReturn:
    what = describe_target(target)
    advice = " here. Maybe you meant '==' instead of '='?" if before_equals and what not in NO_ADVICE else ""
    _refuse(f"cannot assign to {what}{advice}", target)


def check_augmented(node: nodes.Expression) -> None:
    if not isinstance(node, SINGLE):
        _refuse(f"'{describe_target(node)}' is an illegal expression for augmented assignment", node)


def check_annotated(node: nodes.Expression) -> None:
    if isinstance(node, (nodes.Tuple, nodes.List)):
        _refuse(f"only single target (not {describe_target(node)}) can be annotated", node)
    if not isinstance(node, SINGLE):
        _refuse("illegal target for annotation", node)


def check_deleted(node: nodes.Expression) -> None:
    pending = [node]
    while pending:
        target = pending.pop()
        if isinstance(target, (nodes.Tuple, nodes.List)):
            pending.extend(reversed(target.elts))
        elif not isinstance(target, SINGLE):
            _refuse(f"cannot delete {describe_target(target)}", target)


def _refuse(message: str, node: nodes.Expression) -> NoReturn:
    raise TcalcSyntaxError(message, node.span)
