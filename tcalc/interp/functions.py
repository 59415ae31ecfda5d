"""Functions that a program defines: parameters, frames, and calls."""

from __future__ import annotations

from tcalc.errors import TcalcError, type_error
from tcalc.interp.compiler import RETURN, compile_block, compile_node, compiles
from tcalc.interp.scope import FUNCTION, UNBOUND, Scope, bound_names
from tcalc.interp.values import Callable_
from tcalc.interp.variables import store_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.engine.state import Meter
    from tcalc.errors import Span
    from tcalc.interp.compiler import Run


class Code:
    """What every function made by one definition shares. Slots are in the order of the parameters."""

    __slots__ = (
        "body",
        "doc",
        "first_keyword",
        "is_expression",
        "is_plain",
        "kwarg",
        "locals",
        "meter",
        "name",
        "names",
        "origin",
        "positional_only",
        "qualified_name",
        "vararg",
    )

    def __init__(self, name: str, params: nodes.Params, scope: Scope, meter: Meter, span: Span) -> None:
        positional = [*params.positional_only, *params.positional]
        every = [param.name for param in (*positional, *params.keyword_only)]
        for parameter in every:
            scope.add(parameter)
        self.name = name
        self.origin = (scope.unit, span)  # where the definition stands
        self.qualified_name = scope.qualified_name
        self.names = every
        self.positional_only = len(params.positional_only)
        self.first_keyword = len(positional)
        self.vararg = scope.add(params.vararg.name) if params.vararg is not None else None
        self.kwarg = scope.add(params.kwarg.name) if params.kwarg is not None else None
        self.meter = meter
        self.is_plain = self.vararg is None and self.kwarg is None and not params.keyword_only
        self.body: Run = _nothing
        self.is_expression = False  # whether the body is a value and not statements
        self.locals: list[Any] = []  # what the slots after the parameters hold at first
        self.doc: str | None = None

    def finish(self, body: Run, scope: Scope, is_expression: bool) -> None:
        """Take the compiled body, once the scope has all its names."""
        self.is_expression = is_expression
        parameters = len(self.names) + (self.vararg is not None) + (self.kwarg is not None)
        self.body = body
        self.locals = [UNBOUND] * (len(scope.slots) - parameters)


def _nothing(frame: Any) -> None:
    return None


class Function(Callable_):
    """A function of the program: its code, the frame it was made in, and its defaults."""

    __slots__ = ("code", "defaults", "enclosing")
    printed_type = "function"

    def __init__(self, code: Code, enclosing: Any, defaults: Sequence[Any]) -> None:
        self.code = code
        self.enclosing = enclosing
        self.defaults = defaults  # by parameter, UNBOUND where it has none

    @property
    def name(self) -> str:
        return self.code.name

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the function."""
        return f"__main__.{self.code.qualified_name}"

    @property
    def doc(self) -> str | None:
        return self.code.doc

    @property
    def signature(self) -> str:
        """The call with its parameters, for help."""
        from tcalc.interp.documented import function_signature

        return function_signature(self)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        return self.run(args, kwargs)

    def run(self, args: list, kwargs: dict[str, Any]) -> Any:
        """The function's value for these arguments."""
        code = self.code
        if code.is_plain and not kwargs and len(args) == code.first_keyword:
            frame = [self.enclosing, None, *args, *code.locals]
        else:
            frame = [*self._bind(args, kwargs), *code.locals]
        meter = code.meter
        meter.steps = steps = meter.steps + 1
        if steps > meter.checkpoint:
            meter.review()
        if meter.depth >= meter.max_depth:
            raise TcalcError("maximum recursion depth exceeded", "RecursionError")
        meter.depth += 1
        try:
            if code.is_expression:
                return code.body(frame)
            return frame[1] if code.body(frame) == RETURN else None
        finally:
            meter.depth -= 1

    def _bind(self, args: list, kwargs: dict[str, Any]) -> list[Any]:
        """A frame with the arguments in their slots, or Python's TypeError."""
        code = self.code
        names = code.names
        values = [UNBOUND] * len(names)
        placed = min(len(args), code.first_keyword)
        values[:placed] = args[:placed]
        surplus: dict[str, Any] = {}
        for name, value in kwargs.items():
            self._bind_keyword(name, value, values, surplus)
        if len(args) > code.first_keyword and code.vararg is None:
            raise self._too_many(len(args), values)
        for at, default in enumerate(self.defaults):
            if values[at] is UNBOUND:
                values[at] = default
        self._check_bound(values)
        frame = [self.enclosing, None, *values]
        if code.vararg is not None:
            frame.append(tuple(args[placed:]))
        if code.kwarg is not None:
            frame.append(surplus)
        return frame

    def _bind_keyword(self, name: str, value: Any, values: list[Any], surplus: dict[str, Any]) -> None:
        code = self.code
        at = code.names.index(name) if name in code.names else -1
        if at >= code.positional_only:
            if values[at] is not UNBOUND:
                raise type_error(f"{code.qualified_name}() got multiple values for argument '{name}'")
            values[at] = value
        elif code.kwarg is not None:
            surplus[name] = value
        elif at >= 0:
            raise type_error(
                f"{code.qualified_name}() got some positional-only arguments passed as keyword arguments: '{name}'"
            )
        else:
            raise self._unexpected(name)

    def _unexpected(self, name: str) -> TcalcError:
        from tcalc.spelling import closest

        found = closest(name, self.code.names[self.code.positional_only :])
        hint = f"did you mean {found}=?" if found else None
        return type_error(f"{self.code.qualified_name}() got an unexpected keyword argument '{name}'", hint=hint)

    def _too_many(self, given: int, values: list[Any]) -> TcalcError:
        code = self.code
        most = code.first_keyword
        least = sum(default is UNBOUND for default in self.defaults[:most])
        takes = str(most) if least == most else f"from {least} to {most}"
        plural = "" if takes == "1" else "s"
        keyword_only = sum(value is not UNBOUND for value in values[most:])
        extra = ""
        if keyword_only:
            word = "argument" if keyword_only == 1 else "arguments"
            extra = f" positional argument{'' if given == 1 else 's'} (and {keyword_only} keyword-only {word})"
        were = "was" if given == 1 and not keyword_only else "were"
        return type_error(
            f"{code.qualified_name}() takes {takes} positional argument{plural} but {given}{extra} {were} given"
        )

    def _check_bound(self, values: list[Any]) -> None:
        code = self.code
        first = code.first_keyword
        for kind, missing in (
            ("positional", [name for name, value in zip(code.names[:first], values, strict=False) if value is UNBOUND]),
            (
                "keyword-only",
                [n for n, value in zip(code.names[first:], values[first:], strict=True) if value is UNBOUND],
            ),
        ):
            if missing:
                count = f"{len(missing)} required {kind} argument{'' if len(missing) == 1 else 's'}"
                raise type_error(f"{code.qualified_name}() missing {count}: {_listed(missing)}")

    def __repr__(self) -> str:
        return f"<function {self.code.qualified_name} at {id(self):#x}>"


def _listed(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + ", and " + quoted[-1]


def _defaults(params: nodes.Params, scope: Scope) -> list[Run]:
    """The defaults in the order of the parameters; they are evaluated when the function is made."""
    return [
        _unbound if param.default is None else compile_node(param.default, scope)
        for param in (*params.positional_only, *params.positional, *params.keyword_only)
    ]


def _unbound(frame: Any) -> Any:
    return UNBOUND


@compiles(nodes.Lambda)
def lambda_(node: nodes.Lambda, scope: Scope) -> Run:
    inner = Scope(scope.unit, FUNCTION, scope, "<lambda>")
    code = Code("<lambda>", node.params, inner, scope.unit.session.meter, node.span)
    for name in bound_names([node.body]):
        inner.add(name)
    code.finish(compile_node(node.body, inner), inner, True)
    defaults = _defaults(node.params, scope)
    return lambda frame: Function(code, frame, [default(frame) for default in defaults])


@compiles(nodes.FunctionDef)
def function_def(node: nodes.FunctionDef, scope: Scope) -> Run:
    inner = Scope(scope.unit, FUNCTION, scope, node.name)
    code = Code(node.name, node.params, inner, scope.unit.session.meter, node.span)
    inner.bind(node.body)
    only = node.body[0]
    if len(node.body) == 1 and isinstance(only, nodes.Return) and only.value is not None:
        code.finish(compile_node(only.value, inner), inner, True)
    else:
        code.finish(compile_block(node.body, inner), inner, False)
    code.doc = _docstring(node)
    defaults = _defaults(node.params, scope)
    store = store_name(node.name, scope)

    def run(frame: Any) -> None:
        store(frame, Function(code, frame, [default(frame) for default in defaults]))

    return run


def _docstring(node: nodes.FunctionDef) -> str | None:
    first = node.body[0]
    if isinstance(first, nodes.Expr) and isinstance(first.value, nodes.Constant) and isinstance(first.value.value, str):
        return first.value.value
    return None
