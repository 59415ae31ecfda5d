"""Compound statements: those with blocks. The docstring of a parse function is its grammar rule."""

from __future__ import annotations

from tcalc.errors import Span, TcalcSyntaxError
from tcalc.syntax import nodes
from tcalc.syntax.height import BIG_STATEMENT, check_height
from tcalc.syntax.operators import STAR_OPERAND
from tcalc.syntax.statements import SimpleStatementParser
from tcalc.syntax.targets import check_target
from tcalc.syntax.tokens import DEDENT, END, INDENT, NEWLINE, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# A chain of elif is a chain of If nodes, each in the orelse of the one before.
MAX_ELIFS = 200


class StatementParser(SimpleStatementParser):
    """All statements."""

    def module(self) -> nodes.Module:
        """module: statement* END"""
        body: list[nodes.Statement] = []
        while self.token.type != END:
            self.statement(body)
        module = nodes.Module(body, Span(0, len(self.source)))
        if self.declares:
            from tcalc.syntax.declarations import check_declarations

            check_declarations(module)
        return module

    def statement(self, body: list[nodes.Statement]) -> None:
        """statement: compound_statement | simple_statements"""
        parse = COMPOUND_STATEMENTS.get(self.token.type)
        if parse is not None:
            body.append(parse(self))
        else:
            body.extend(self.simple_statements())

    def head(self, parse: Callable[[], nodes.Expression]) -> nodes.Expression:
        """An expression in the head of a compound statement, held to the bound on height as a statement is."""
        position = self.position
        node = parse()
        if self.position - position > BIG_STATEMENT:
            check_height(node)
        return node

    def block(self, keyword: Token, what: str) -> list[nodes.Statement]:
        """block: ':' NEWLINE INDENT statement+ DEDENT | ':' simple_statements"""
        if not self.at(":"):
            self.unclosed()
            if self.token.type == "=":
                self.fail_here("invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
            self.fail_here(f"expected ':', found {self.found()}")
        self.advance()
        body: list[nodes.Statement] = []
        if self.token.type != NEWLINE:
            return self.simple_statements()
        self.advance()
        if self.token.type != INDENT:
            line = self.source.count("\n", 0, keyword.start) + 1
            message = f"expected an indented block after {what} on line {line}"
            self.fail_here(message, kind="IndentationError")
        self.advance()
        while self.token.type != DEDENT:
            self.statement(body)
        self.advance()
        return body

    def else_block(self, what: str) -> list[nodes.Statement]:
        """else: ['else' block]"""
        if self.token.type != "else":
            return []
        return self.block(self.advance(), what)

    def loop_block(self, keyword: Token, what: str) -> list[nodes.Statement]:
        self.loops += 1
        body = self.block(keyword, what)
        self.loops -= 1
        return body

    def if_statement(self) -> nodes.Statement:
        """if: 'if' named_expression block ('elif' named_expression block)* ['else' block]"""
        branches: list[tuple[int, nodes.Expression, list[nodes.Statement]]] = []
        while not branches or self.token.type == "elif":
            if len(branches) > MAX_ELIFS:
                self.fail_here(f"too many 'elif' branches (the limit is {MAX_ELIFS})")
            keyword = self.advance()
            test = self.head(self.named_expression)
            branches.append((keyword.start, test, self.block(keyword, f"'{keyword.type}' statement")))
        orelse = self.else_block("'else' statement")
        for start, test, body in reversed(branches):
            orelse = [nodes.If(test, body, orelse, self.span(start))]
        return orelse[0]

    def while_statement(self) -> nodes.Statement:
        """while: 'while' named_expression block ['else' block]"""
        keyword = self.advance()
        test = self.head(self.named_expression)
        body = self.loop_block(keyword, "'while' statement")
        orelse = self.else_block("'else' statement")
        return nodes.While(test, body, orelse, self.span(keyword.start))

    def for_statement(self) -> nodes.Statement:
        """for: 'for' targets 'in' star_expressions block ['else' block]"""
        keyword = self.advance()
        target = self.for_targets()
        self.expect("in")
        iterable = self.head(self.value_expressions)
        body = self.loop_block(keyword, "'for' statement")
        orelse = self.else_block("'else' statement")
        return nodes.For(target, iterable, body, orelse, self.span(keyword.start))

    def function_definition(self) -> nodes.Statement:
        """def: 'def' NAME '(' parameters ')' ['->' expression] block"""
        keyword = self.advance()
        name = self.name()
        if self.token.type == "[":
            self.fail_here("a type parameter is not part of tcalc's language")
        self.expect("(")
        params = self.parameters(")", annotated=True)
        self.expect(")")
        returns = self.head(self.expression) if self.take("->") else None
        loops, self.loops = self.loops, 0
        self.functions += 1
        body = self.block(keyword, "function definition")
        self.functions -= 1
        self.loops = loops
        name_span = Span(name.start, name.end)
        return nodes.FunctionDef(str(name.value), params, body, returns, name_span, self.span(keyword.start))

    def with_statement(self) -> nodes.Statement:
        """with: 'with' with_item (',' with_item)* block | 'with' '(' with_item (',' with_item)* [','] ')' block"""
        keyword = self.advance()
        position = self.position
        items = None
        bracket_fault = None
        if self.token.type == "(":
            depth = self.depth
            try:
                items = self.bracketed_items()
            except TcalcSyntaxError as fault:
                bracket_fault = fault
            if items is None:
                self.depth = depth
                self.rewind(position)
        if items is None:
            try:
                items = self.bare_items()
            except TcalcSyntaxError as fault:
                raise farther(fault, bracket_fault) from None
        body = self.block(keyword, "'with' statement")
        return nodes.With(items, body, self.span(keyword.start))

    def bracketed_items(self) -> list[nodes.WithItem] | None:
        """The items in brackets, or None where the bracket turns out to belong to an expression."""
        self.advance()
        items = [self.with_item()]
        while self.take(",") and not self.at(")"):
            items.append(self.with_item())
        self.expect(")")
        return items if self.token.type == ":" else None

    def bare_items(self) -> list[nodes.WithItem]:
        items = [self.with_item()]
        while self.take(","):
            items.append(self.with_item())
        if not self.at(":"):
            self.unexpected()
        return items

    def with_item(self) -> nodes.WithItem:
        """with_item: expression ['as' target]"""
        start = self.token.start
        context = self.head(self.expression)
        target = None
        if self.take("as"):
            target = self.star_expression(STAR_OPERAND)
            check_target(target)
        return nodes.WithItem(context, target, self.span(start))

    def try_statement(self) -> nodes.Statement:
        """try: 'try' block (except+ ['else' block] ['finally' block] | 'finally' block)"""
        keyword = self.advance()
        body = self.block(keyword, "'try' statement")
        handlers: list[nodes.ExceptHandler] = []
        while self.at("except"):
            if handlers and handlers[-1].type is None:
                self.fail("default 'except:' must be last", handlers[-1].span)
            handlers.append(self.except_handler())
        orelse = self.else_block("'else' statement") if handlers else []
        finalbody: list[nodes.Statement] = []
        if self.at("finally"):
            finalbody = self.block(self.advance(), "'finally' statement")
        elif not handlers:
            self.fail_here("expected 'except' or 'finally' block")
        return nodes.Try(body, handlers, orelse, finalbody, self.span(keyword.start))

    def except_handler(self) -> nodes.ExceptHandler:
        """except: 'except' [expression ['as' NAME]] block"""
        keyword = self.advance()
        if self.token.type == "*":
            self.fail_here("'except*' is not part of tcalc's language")
        type = name = None
        if not self.at(":"):
            type = self.head(self.expression)
            if self.token.type == ",":
                self.fail_here("multiple exception types must be parenthesized")
            if self.take("as"):
                name = str(self.name().value)
        end = self.last_end
        body = self.block(keyword, "'except' statement")
        # The head alone: that is what an error about a handler wants to show.
        return nodes.ExceptHandler(type, name, body, Span(keyword.start, end))


def farther(fault: TcalcSyntaxError, other: TcalcSyntaxError | None) -> TcalcSyntaxError:
    """Of the faults of two readings, that of the one which came farther."""
    if other is None or other.span is None or fault.span is None:
        return fault
    return other if other.span.start > fault.span.start else fault


COMPOUND_STATEMENTS: dict[str, Callable[[StatementParser], nodes.Statement]] = {
    "if": StatementParser.if_statement,
    "while": StatementParser.while_statement,
    "for": StatementParser.for_statement,
    "def": StatementParser.function_definition,
    "with": StatementParser.with_statement,
    "try": StatementParser.try_statement,
}
