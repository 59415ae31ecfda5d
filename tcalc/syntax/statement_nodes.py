"""The statements of the tree; see `nodes.py`, which exports them all."""

from __future__ import annotations

from tcalc.syntax.expression_nodes import Expression, Node, Params

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.errors import Span
    from tcalc.syntax.operators import Operator


class Module(Node):
    """A whole program."""

    __slots__ = ("body",)
    fields = ("body",)

    def __init__(self, body: list[Statement], span: Span) -> None:
        self.body = body
        self.span = span


class Statement(Node):
    __slots__ = ()


class Expr(Statement):
    """An expression statement. ``silent`` says that a ``;`` followed it: a shell does not echo the value."""

    __slots__ = ("silent", "value")
    fields = ("value",)

    def __init__(self, value: Expression, span: Span) -> None:
        self.value = value
        self.span = span
        self.silent = False


class Assign(Statement):
    """``targets[0] = targets[1] = … = value``."""

    __slots__ = ("targets", "value")
    fields = ("targets", "value")

    def __init__(self, targets: list[Expression], value: Expression, span: Span) -> None:
        self.targets = targets
        self.value = value
        self.span = span


class AnnAssign(Statement):
    """``target: annotation = value``; value may be None; ``simple`` is a bare name without parentheses."""

    __slots__ = ("annotation", "simple", "target", "value")
    fields = ("target", "annotation", "value", "simple")

    def __init__(
        self, target: Expression, annotation: Expression, value: Expression | None, simple: bool, span: Span
    ) -> None:
        self.target = target
        self.annotation = annotation
        self.value = value
        self.simple = simple
        self.span = span


class AugAssign(Statement):
    """``target op= value``; ``op`` is the row of the infix operator, ``op.inplace`` names the operation."""

    __slots__ = ("op", "op_span", "target", "value")
    fields = ("target", "op", "value")

    def __init__(self, target: Expression, op: Operator, value: Expression, op_span: Span, span: Span) -> None:
        self.target = target
        self.op = op
        self.value = value
        self.op_span = op_span
        self.span = span


class Alias(Node):
    """``name as asname``; name may be dotted, or ``*`` in a from-import."""

    __slots__ = ("asname", "name")
    fields = ("name", "asname")

    def __init__(self, name: str, asname: str | None, span: Span) -> None:
        self.name = name
        self.asname = asname
        self.span = span


class Import(Statement):
    __slots__ = ("names",)
    fields = ("names",)

    def __init__(self, names: list[Alias], span: Span) -> None:
        self.names = names
        self.span = span


class ImportFrom(Statement):
    """``from module import names``; ``module_span`` is the module's name."""

    __slots__ = ("module", "module_span", "names")
    fields = ("module", "names")

    def __init__(self, module: str, names: list[Alias], module_span: Span, span: Span) -> None:
        self.module = module
        self.names = names
        self.module_span = module_span
        self.span = span


class If(Statement):
    """``elif`` is an ``If`` alone in ``orelse``, as in CPython."""

    __slots__ = ("body", "orelse", "test")
    fields = ("test", "body", "orelse")

    def __init__(self, test: Expression, body: list[Statement], orelse: list[Statement], span: Span) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.span = span


class For(Statement):
    __slots__ = ("body", "iter", "orelse", "target")
    fields = ("target", "iter", "body", "orelse")

    def __init__(
        self, target: Expression, iter: Expression, body: list[Statement], orelse: list[Statement], span: Span
    ) -> None:
        self.target = target
        self.iter = iter
        self.body = body
        self.orelse = orelse
        self.span = span


class While(Statement):
    __slots__ = ("body", "orelse", "test")
    fields = ("test", "body", "orelse")

    def __init__(self, test: Expression, body: list[Statement], orelse: list[Statement], span: Span) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.span = span


class _Bare(Statement):
    """A statement of one word."""

    __slots__ = ()

    def __init__(self, span: Span) -> None:
        self.span = span


class Break(_Bare):
    __slots__ = ()


class Continue(_Bare):
    __slots__ = ()


class Pass(_Bare):
    __slots__ = ()


class FunctionDef(Statement):
    """``returns`` is the annotation, ignored; ``name_span`` is the name."""

    __slots__ = ("body", "name", "name_span", "params", "returns")
    fields = ("name", "params", "body", "returns")

    def __init__(
        self,
        name: str,
        params: Params,
        body: list[Statement],
        returns: Expression | None,
        name_span: Span,
        span: Span,
    ) -> None:
        self.name = name
        self.params = params
        self.body = body
        self.returns = returns
        self.name_span = name_span
        self.span = span


class Return(Statement):
    __slots__ = ("value",)
    fields = ("value",)

    def __init__(self, value: Expression | None, span: Span) -> None:
        self.value = value
        self.span = span


class WithItem(Node):
    """``context_expr as optional_vars``."""

    __slots__ = ("context_expr", "optional_vars")
    fields = ("context_expr", "optional_vars")

    def __init__(self, context_expr: Expression, optional_vars: Expression | None, span: Span) -> None:
        self.context_expr = context_expr
        self.optional_vars = optional_vars
        self.span = span


class With(Statement):
    __slots__ = ("body", "items")
    fields = ("items", "body")

    def __init__(self, items: list[WithItem], body: list[Statement], span: Span) -> None:
        self.items = items
        self.body = body
        self.span = span


class ExceptHandler(Node):
    """``except type as name:``; a bare ``except:`` has no type."""

    __slots__ = ("body", "name", "type")
    fields = ("type", "name", "body")

    def __init__(self, type: Expression | None, name: str | None, body: list[Statement], span: Span) -> None:
        self.type = type
        self.name = name
        self.body = body
        self.span = span


class Try(Statement):
    __slots__ = ("body", "finalbody", "handlers", "orelse")
    fields = ("body", "handlers", "orelse", "finalbody")

    def __init__(
        self,
        body: list[Statement],
        handlers: list[ExceptHandler],
        orelse: list[Statement],
        finalbody: list[Statement],
        span: Span,
    ) -> None:
        self.body = body
        self.handlers = handlers
        self.orelse = orelse
        self.finalbody = finalbody
        self.span = span


class Raise(Statement):
    """``raise exc from cause``; both may be None."""

    __slots__ = ("cause", "exc")
    fields = ("exc", "cause")

    def __init__(self, exc: Expression | None, cause: Expression | None, span: Span) -> None:
        self.exc = exc
        self.cause = cause
        self.span = span


class Assert(Statement):
    __slots__ = ("msg", "test")
    fields = ("test", "msg")

    def __init__(self, test: Expression, msg: Expression | None, span: Span) -> None:
        self.test = test
        self.msg = msg
        self.span = span


class Delete(Statement):
    __slots__ = ("targets",)
    fields = ("targets",)

    def __init__(self, targets: list[Expression], span: Span) -> None:
        self.targets = targets
        self.span = span


class Declaration(Statement):
    """``global a, b`` or ``nonlocal a, b``; ``places`` are the names in the source."""

    __slots__ = ("names", "places")
    fields = ("names",)

    def __init__(self, names: list[str], places: list[Span], span: Span) -> None:
        self.names = names
        self.places = places
        self.span = span


class Global(Declaration):
    __slots__ = ()


class Nonlocal(Declaration):
    __slots__ = ()
