"""What follows a value in brackets (calls, subscripts), and the parameters that calls are matched with."""

from __future__ import annotations

from tcalc.errors import Span
from tcalc.syntax import nodes
from tcalc.syntax.displays import DisplayParser
from tcalc.syntax.operators import NAMED_EXPRESSION
from tcalc.syntax.targets import describe_target
from tcalc.syntax.tokens import NAME


class CallParser(DisplayParser):
    """Calls, subscripts and parameters."""

    def call(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """call: expression '(' [argument (',' argument)* [',']] ')'"""
        opening = self.advance().start
        arguments = ArgumentList()
        while not self.take(")"):
            self.argument(arguments)
            if self.token.type in ("for", "async"):
                self.bare_generator(opening, arguments)
                break
            if self.take(")"):
                break
            if self.token.type == "=":
                self.not_a_keyword(arguments)
            self.expect(",")
        return nodes.Call(left, arguments.args, arguments.keywords, Span(start, self.last_end))

    def argument(self, arguments: ArgumentList) -> None:
        """argument: '*' expression | '**' expression | NAME '=' expression | named_expression"""
        token = self.token
        if token.type == "**":
            self.advance()
            value = self.expression()
            arguments.unpacked = True
            arguments.keywords.append(nodes.Keyword(None, None, value, self.span(token.start)))
        elif token.type == NAME and self.following().type == "=":
            self.keyword_argument(arguments)
        elif token.type == "*":
            self.advance()
            value = self.expression()
            span = self.span(token.start)
            if arguments.unpacked:
                self.fail("iterable argument unpacking follows keyword argument unpacking", span)
            arguments.args.append(nodes.Starred(value, span))
        else:
            value = self.expression(NAMED_EXPRESSION)
            if arguments.keywords and self.token.type not in ("=", "for"):
                unpacking = " unpacking" if arguments.unpacked else ""
                self.fail(f"positional argument follows keyword argument{unpacking}", value.span)
            arguments.args.append(value)

    def keyword_argument(self, arguments: ArgumentList) -> None:
        token = self.advance()
        self.advance()
        name = str(token.value)
        span = Span(token.start, token.end)
        if name in arguments.names:
            self.fail(f"keyword argument repeated: {name}", span)
        arguments.names.add(name)
        value = self.expression()
        arguments.keywords.append(nodes.Keyword(name, span, value, self.span(token.start)))

    def not_a_keyword(self, arguments: ArgumentList) -> None:
        """What stands before a '=' among the arguments is no name."""
        last = arguments.args[-1] if arguments.args else arguments.keywords[-1].value
        if isinstance(last, nodes.Constant) and (last.value is None or isinstance(last.value, bool)):
            self.fail(f"cannot assign to {describe_target(last)}", last.span)
        self.fail('expression cannot contain assignment, perhaps you meant "=="?', last.span)

    def bare_generator(self, opening: int, arguments: ArgumentList) -> None:
        """A generator expression as the only argument needs no brackets of its own."""
        if not arguments.args or arguments.keywords:
            self.unexpected()
        element = arguments.args.pop()
        generators = self.comprehension(element)
        if arguments.args or self.token.type == ",":
            self.fail("Generator expression must be parenthesized", self.span(element.span.start))
        self.expect(")")
        arguments.args.append(nodes.GeneratorExp(element, generators, self.span(opening)))

    def subscript(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """subscript: expression '[' index (',' index)* [','] ']'"""
        self.advance()
        first_start = self.token.start
        first = self.index()
        if self.token.type != "," and not isinstance(first, nodes.Starred):
            self.expected.append(",")
            self.expect("]")
            return nodes.Subscript(left, first, Span(start, self.last_end))
        elements = [first]
        end = self.last_end
        while not self.at("]"):
            self.expect(",")
            end = self.last_end
            if self.at("]"):
                break
            elements.append(self.index())
            end = self.last_end
        self.advance()
        index = nodes.Tuple(elements, Span(first_start, end))
        return nodes.Subscript(left, index, Span(start, self.last_end))

    def index(self) -> nodes.Expression:
        """index: [expression] ':' [expression] [':' [expression]] | '*' expression | named_expression"""
        start = self.token.start
        lower = upper = step = None
        if self.take("*"):
            value = self.expression()
            return nodes.Starred(value, self.span(start))
        if self.token.type != ":":
            lower = self.expression(NAMED_EXPRESSION)
            unwrapped_walrus = isinstance(lower, nodes.NamedExpr) and lower.span.start == start
            if self.token.type != ":" or unwrapped_walrus:
                return lower
        self.advance()
        if self.token.type not in (":", ",", "]"):
            upper = self.expression()
        if self.take(":") and self.token.type not in (",", "]"):
            step = self.expression()
        return nodes.Slice(lower, upper, step, self.span(start))

    def parameters(self, closing: str, annotated: bool) -> nodes.Params:
        """parameters: parameter (',' parameter)* [','], up to the closing token
        parameter: '/' | '*' | '*' declaration | '**' declaration | declaration
        """
        reader = ParameterList(self.token.start)
        while self.token.type != closing:
            self.parameter(reader, closing, annotated)
            if not self.at(closing):
                self.expect(",")
        if reader.bare_star is not None and not reader.params.keyword_only:
            self.fail("named arguments must follow bare *", reader.bare_star)
        reader.params.span = self.span(min(reader.params.span.start, self.last_end))
        return reader.params

    def parameter(self, reader: ParameterList, closing: str, annotated: bool) -> None:
        params = reader.params
        if params.kwarg is not None:
            self.fail_here("arguments cannot follow var-keyword argument")
        if self.token.type == "/":
            self.positional_marker(reader)
        elif self.token.type == "**":
            self.advance()
            params.kwarg = self.declaration(reader, annotated, "keyword")
        elif self.token.type == "*":
            self.star_parameter(reader, closing, annotated)
        else:
            param = self.declaration(reader, annotated, None)
            if reader.starred:
                params.keyword_only.append(param)
                return
            if reader.defaults and param.default is None:
                self.fail("parameter without a default follows parameter with a default", param.span)
            reader.defaults = param.default is not None
            params.positional.append(param)

    def positional_marker(self, reader: ParameterList) -> None:
        """A '/' makes what stands before it positional-only."""
        params = reader.params
        if params.positional_only:
            self.fail_here("/ may appear only once")
        if reader.starred:
            self.fail_here("/ must be ahead of *")
        if not params.positional:
            self.fail_here("at least one argument must precede /")
        self.advance()
        params.positional_only, params.positional = params.positional, []

    def star_parameter(self, reader: ParameterList, closing: str, annotated: bool) -> None:
        if reader.starred:
            self.fail_here("* argument may appear only once")
        reader.starred = True
        token = self.advance()
        if self.token.type in (",", closing):
            reader.bare_star = Span(token.start, token.end)
        else:
            reader.params.vararg = self.declaration(reader, annotated, "positional")

    def declaration(self, reader: ParameterList, annotated: bool, variable: str | None) -> nodes.Param:
        """declaration: NAME [':' expression] ['=' expression]"""
        token = self.name()
        name = str(token.value)
        if name in reader.names:
            self.fail(f"duplicate argument '{name}' in function definition", Span(token.start, token.end))
        reader.names.add(name)
        annotation = default = None
        if annotated and self.take(":"):
            annotation = self.expression()
        if self.at("="):
            if variable is not None:
                self.fail_here(f"var-{variable} argument cannot have default value")
            self.advance()
            default = self.expression()
        return nodes.Param(name, annotation, default, self.span(token.start))


class ArgumentList:
    """Arguments while they are read."""

    __slots__ = ("args", "keywords", "names", "unpacked")

    def __init__(self) -> None:
        self.args: list[nodes.Expression] = []
        self.keywords: list[nodes.Keyword] = []
        self.names: set[str] = set()
        self.unpacked = False  # whether a ``**`` has been seen


class ParameterList:
    """Parameters while they are read."""

    __slots__ = ("bare_star", "defaults", "names", "params", "starred")

    def __init__(self, start: int) -> None:
        self.params = nodes.Params([], [], None, [], None, Span(start, start))
        self.names: set[str] = set()
        self.defaults = False  # whether the last positional parameter had a default
        self.starred = False
        self.bare_star: Span | None = None
