"""The expressions of the tree; see `nodes.py`, which exports them all."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.errors import Span
    from tcalc.syntax.operators import Operator


class Node:
    """Anything in the tree."""

    __slots__ = ("span",)
    fields: tuple[str, ...] = ()
    span: Span

    def __repr__(self) -> str:
        from tcalc.syntax.sexpr import sexpr

        return sexpr(self)


class Expression(Node):
    """A node that has a value."""

    __slots__ = ()


class Constant(Expression):
    """A number, string, ``True``, ``False``, ``None`` or ``...``."""

    __slots__ = ("value",)
    fields = ("value",)

    def __init__(self, value: object, span: Span) -> None:
        self.value = value
        self.span = span


class Name(Expression):
    __slots__ = ("id",)
    fields = ("id",)

    def __init__(self, id: str, span: Span) -> None:
        self.id = id
        self.span = span


class Attribute(Expression):
    """``value.attr``; ``attr_span`` is the name after the dot."""

    __slots__ = ("attr", "attr_span", "value")
    fields = ("value", "attr")

    def __init__(self, value: Expression, attr: str, attr_span: Span, span: Span) -> None:
        self.value = value
        self.attr = attr
        self.attr_span = attr_span
        self.span = span


class Subscript(Expression):
    """``value[index]``; several indices are a ``Tuple``."""

    __slots__ = ("index", "value")
    fields = ("value", "index")

    def __init__(self, value: Expression, index: Expression, span: Span) -> None:
        self.value = value
        self.index = index
        self.span = span


class Slice(Expression):
    __slots__ = ("lower", "step", "upper")
    fields = ("lower", "upper", "step")

    def __init__(self, lower: Expression | None, upper: Expression | None, step: Expression | None, span: Span) -> None:
        self.lower = lower
        self.upper = upper
        self.step = step
        self.span = span


class Call(Expression):
    """``func(args, keywords)``; ``*x`` is a ``Starred`` among the args, ``**x`` a ``Keyword`` without a name."""

    __slots__ = ("args", "func", "keywords")
    fields = ("func", "args", "keywords")

    def __init__(self, func: Expression, args: list[Expression], keywords: list[Keyword], span: Span) -> None:
        self.func = func
        self.args = args
        self.keywords = keywords
        self.span = span


class Keyword(Node):
    """``arg=value`` in a call, or ``**value`` when ``arg`` is None."""

    __slots__ = ("arg", "arg_span", "value")
    fields = ("arg", "value")

    def __init__(self, arg: str | None, arg_span: Span | None, value: Expression, span: Span) -> None:
        self.arg = arg
        self.arg_span = arg_span
        self.value = value
        self.span = span


class Starred(Expression):
    __slots__ = ("value",)
    fields = ("value",)

    def __init__(self, value: Expression, span: Span) -> None:
        self.value = value
        self.span = span


class UnaryOp(Expression):
    """``op operand``, ``not`` included; ``op_span`` is the operator."""

    __slots__ = ("op", "op_span", "operand")
    fields = ("op", "operand")

    def __init__(self, op: Operator, operand: Expression, op_span: Span, span: Span) -> None:
        self.op = op
        self.operand = operand
        self.op_span = op_span
        self.span = span


class BinOp(Expression):
    __slots__ = ("left", "op", "op_span", "right")
    fields = ("left", "op", "right")

    def __init__(self, left: Expression, op: Operator, right: Expression, op_span: Span, span: Span) -> None:
        self.left = left
        self.op = op
        self.right = right
        self.op_span = op_span
        self.span = span


class Compare(Expression):
    """A chain: ``left ops[0] comparators[0] ops[1] comparators[1] …``."""

    __slots__ = ("comparators", "left", "op_spans", "ops")
    fields = ("left", "ops", "comparators")

    def __init__(
        self, left: Expression, ops: list[Operator], comparators: list[Expression], op_spans: list[Span], span: Span
    ) -> None:
        self.left = left
        self.ops = ops
        self.comparators = comparators
        self.op_spans = op_spans
        self.span = span


class BoolOp(Expression):
    """``a and b and c`` (or ``or``): two values or more."""

    __slots__ = ("op", "values")
    fields = ("op", "values")

    def __init__(self, op: Operator, values: list[Expression], span: Span) -> None:
        self.op = op
        self.values = values
        self.span = span


class IfExp(Expression):
    __slots__ = ("body", "orelse", "test")
    fields = ("test", "body", "orelse")

    def __init__(self, test: Expression, body: Expression, orelse: Expression, span: Span) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.span = span


class Param(Node):
    """One parameter; ``default`` and ``annotation`` may be None."""

    __slots__ = ("annotation", "default", "name")
    fields = ("name", "annotation", "default")

    def __init__(self, name: str, annotation: Expression | None, default: Expression | None, span: Span) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default
        self.span = span


class Params(Node):
    """All parameters: ``positional_only /, positional, *vararg, keyword_only, **kwarg``."""

    __slots__ = ("keyword_only", "kwarg", "positional", "positional_only", "vararg")
    fields = ("positional_only", "positional", "vararg", "keyword_only", "kwarg")

    def __init__(
        self,
        positional_only: list[Param],
        positional: list[Param],
        vararg: Param | None,
        keyword_only: list[Param],
        kwarg: Param | None,
        span: Span,
    ) -> None:
        self.positional_only = positional_only
        self.positional = positional
        self.vararg = vararg
        self.keyword_only = keyword_only
        self.kwarg = kwarg
        self.span = span


class Lambda(Expression):
    __slots__ = ("body", "params")
    fields = ("params", "body")

    def __init__(self, params: Params, body: Expression, span: Span) -> None:
        self.params = params
        self.body = body
        self.span = span


class Tuple(Expression):
    __slots__ = ("elts",)
    fields = ("elts",)

    def __init__(self, elts: list[Expression], span: Span) -> None:
        self.elts = elts
        self.span = span


class List(Expression):
    """A list display. Whether it is a tensor literal is the evaluator's business."""

    __slots__ = ("elts",)
    fields = ("elts",)

    def __init__(self, elts: list[Expression], span: Span) -> None:
        self.elts = elts
        self.span = span


class Set(Expression):
    __slots__ = ("elts",)
    fields = ("elts",)

    def __init__(self, elts: list[Expression], span: Span) -> None:
        self.elts = elts
        self.span = span


class Dict(Expression):
    """``keys[i]: values[i]``; a key of None is ``**values[i]``."""

    __slots__ = ("keys", "values")
    fields = ("keys", "values")

    def __init__(self, keys: list[Expression | None], values: list[Expression], span: Span) -> None:
        self.keys = keys
        self.values = values
        self.span = span


class Comprehension(Node):
    """One ``for target in iter if … if …``."""

    __slots__ = ("ifs", "iter", "target")
    fields = ("target", "iter", "ifs")

    def __init__(self, target: Expression, iter: Expression, ifs: list[Expression], span: Span) -> None:
        self.target = target
        self.iter = iter
        self.ifs = ifs
        self.span = span


class ListComp(Expression):
    __slots__ = ("elt", "generators")
    fields = ("elt", "generators")

    def __init__(self, elt: Expression, generators: list[Comprehension], span: Span) -> None:
        self.elt = elt
        self.generators = generators
        self.span = span


class SetComp(Expression):
    __slots__ = ("elt", "generators")
    fields = ("elt", "generators")

    def __init__(self, elt: Expression, generators: list[Comprehension], span: Span) -> None:
        self.elt = elt
        self.generators = generators
        self.span = span


class GeneratorExp(Expression):
    __slots__ = ("elt", "generators")
    fields = ("elt", "generators")

    def __init__(self, elt: Expression, generators: list[Comprehension], span: Span) -> None:
        self.elt = elt
        self.generators = generators
        self.span = span


class DictComp(Expression):
    __slots__ = ("generators", "key", "value")
    fields = ("key", "value", "generators")

    def __init__(self, key: Expression, value: Expression, generators: list[Comprehension], span: Span) -> None:
        self.key = key
        self.value = value
        self.generators = generators
        self.span = span


class NamedExpr(Expression):
    """``target := value``."""

    __slots__ = ("target", "value")
    fields = ("target", "value")

    def __init__(self, target: Name, value: Expression, span: Span) -> None:
        self.target = target
        self.value = value
        self.span = span


class JoinedStr(Expression):
    """An f-string: ``Constant`` strings and ``FormattedValue`` in order, neighbouring text joined."""

    __slots__ = ("values",)
    fields = ("values",)

    def __init__(self, values: list[Expression], span: Span) -> None:
        self.values = values
        self.span = span


class FormattedValue(Expression):
    """``{value!conversion:format_spec}`` of an f-string; ``{x=}`` has put its text before it already."""

    __slots__ = ("conversion", "format_spec", "value")
    fields = ("value", "conversion", "format_spec")

    def __init__(self, value: Expression, conversion: str | None, format_spec: JoinedStr | None, span: Span) -> None:
        self.value = value
        self.conversion = conversion
        self.format_spec = format_spec
        self.span = span
