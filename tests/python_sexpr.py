"""CPython's tree as the s-expressions of `tcalc.syntax.sexpr`: what the parser's trees are compared with."""

from __future__ import annotations

import ast

from tcalc.syntax.operators import OPERATORS
from tcalc.syntax.sexpr import constant

SYMBOLS = {row.ast_name: row.symbol.replace(" ", "-") for row in OPERATORS}


def python_sexpr(source: str) -> str:
    """The tree that CPython makes of a program."""
    return convert(ast.parse(source))


def convert(value: object) -> str:
    if value is None:
        return "_"
    if isinstance(value, list):
        return "[" + " ".join(convert(item) for item in value) + "]"
    if not isinstance(value, ast.AST):
        return str(value)
    special = SPECIAL.get(type(value))
    if special is not None:
        return special(value)
    if type(value).__name__ in SYMBOLS and not value._fields:
        return SYMBOLS[type(value).__name__]
    return listed(type(value).__name__, *(getattr(value, field) for field in FIELDS[type(value)]))


def listed(head: str, *values: object) -> str:
    return "(" + " ".join([head, *map(convert, values)]) + ")"


def compare(node: ast.Compare) -> str:
    if len(node.ops) == 1:
        return listed(convert(node.ops[0]), node.left, node.comparators[0])
    return listed("Compare", node.left, node.ops, node.comparators)


def joined(node: ast.JoinedStr) -> str:
    """Text in one piece, and none that is empty: CPython's versions differ in that."""
    parts: list[str] = []
    text = ""
    for value in [*node.values, None]:
        if isinstance(value, ast.Constant):
            text += value.value
            continue
        if text:
            parts.append(repr(text))
            text = ""
        if value is not None:
            parts.append(convert(value))
    return "(JoinedStr [" + " ".join(parts) + "])"


def formatted(node: ast.FormattedValue) -> str:
    conversion = None if node.conversion == -1 else chr(node.conversion)
    return listed("FormattedValue", node.value, conversion, node.format_spec)


def parameters(node: ast.arguments) -> str:
    """Each parameter with its own default."""
    positional = [*node.posonlyargs, *node.args]
    defaults = [None] * (len(positional) - len(node.defaults)) + node.defaults
    params = [parameter(arg, default) for arg, default in zip(positional, defaults, strict=True)]
    keyword_only = [parameter(arg, default) for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    split = len(node.posonlyargs)
    return "(Params [{}] [{}] {} [{}] {})".format(
        " ".join(params[:split]),
        " ".join(params[split:]),
        parameter(node.vararg, None) if node.vararg else "_",
        " ".join(keyword_only),
        parameter(node.kwarg, None) if node.kwarg else "_",
    )


def parameter(arg: ast.arg, default: ast.expr | None) -> str:
    return listed("Param", arg.arg, arg.annotation, default)


SPECIAL = {
    ast.Name: lambda node: node.id,
    ast.Constant: lambda node: constant(node.value),
    ast.UnaryOp: lambda node: listed(convert(node.op), node.operand),
    ast.BinOp: lambda node: listed(convert(node.op), node.left, node.right),
    ast.BoolOp: lambda node: listed(convert(node.op), *node.values),
    ast.Compare: compare,
    ast.JoinedStr: joined,
    ast.FormattedValue: formatted,
    ast.arguments: parameters,
    ast.comprehension: lambda node: listed("Comprehension", node.target, node.iter, node.ifs),
    ast.keyword: lambda node: listed("Keyword", node.arg, node.value),
    ast.alias: lambda node: listed("Alias", node.name, node.asname),
    ast.withitem: lambda node: listed("WithItem", node.context_expr, node.optional_vars),
    ast.AnnAssign: lambda node: listed("AnnAssign", node.target, node.annotation, node.value, bool(node.simple)),
}

# The fields of the nodes that are alike in both trees; the others of CPython's are contexts, comments and the like.
FIELDS = {
    ast.Module: ("body",),
    ast.Expr: ("value",),
    ast.Assign: ("targets", "value"),
    ast.AugAssign: ("target", "op", "value"),
    ast.Import: ("names",),
    ast.ImportFrom: ("module", "names"),
    ast.If: ("test", "body", "orelse"),
    ast.For: ("target", "iter", "body", "orelse"),
    ast.While: ("test", "body", "orelse"),
    ast.Break: (),
    ast.Continue: (),
    ast.Pass: (),
    ast.Global: ("names",),
    ast.Nonlocal: ("names",),
    ast.FunctionDef: ("name", "args", "body", "returns"),
    ast.Return: ("value",),
    ast.With: ("items", "body"),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("type", "name", "body"),
    ast.Raise: ("exc", "cause"),
    ast.Assert: ("test", "msg"),
    ast.Delete: ("targets",),
    ast.Attribute: ("value", "attr"),
    ast.Subscript: ("value", "slice"),
    ast.Slice: ("lower", "upper", "step"),
    ast.Call: ("func", "args", "keywords"),
    ast.Starred: ("value",),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Lambda: ("args", "body"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Dict: ("keys", "values"),
    ast.ListComp: ("elt", "generators"),
    ast.SetComp: ("elt", "generators"),
    ast.GeneratorExp: ("elt", "generators"),
    ast.DictComp: ("key", "value", "generators"),
    ast.NamedExpr: ("target", "value"),
}
