"""Expressions, by binding powers. The docstring of a parse function is its grammar rule.

`expression` is the heart: an operand, then every operator that binds at least as tightly as the caller asks. What
may begin an operand and what may follow one are two tables, keyed by the type of a token and made from the operator
table; they stand at the end of this file.
"""

from __future__ import annotations

from tcalc.errors import Span
from tcalc.syntax import nodes
from tcalc.syntax.calls import CallParser
from tcalc.syntax.operators import (
    COMPARE,
    DISJUNCTION,
    EXPRESSION,
    FORMS,
    INFIX,
    INFIX_OPERATORS,
    NAMED_EXPRESSION,
    OPERATORS,
    POSTFIX,
    PREFIX_OPERATORS,
    STAR_OPERAND,
)
from tcalc.syntax.strings import StringParser
from tcalc.syntax.targets import describe_target
from tcalc.syntax.tokens import BYTES, FSTRING_MIDDLE, FSTRING_START, NAME, NUMBER, STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    Follower = Callable[["ExpressionParser", nodes.Expression, int], nodes.Expression]

# Nesting of every kind together: operands within operands, brackets, conditionals, lambdas.
MAX_DEPTH = 600
# Operators one after another, each of which makes the tree a level higher: ``1 + 1 + …``, ``x.a.a…``.
MAX_CHAIN = 2000

CONSTANTS = {"True": True, "False": False, "None": None, "...": Ellipsis}
OUTSIDE = {"yield": "'yield'", "await": "'await'", "async": "'async'"}


class ExpressionParser(CallParser, StringParser):
    """Operators and operands; the displays, calls and strings come from their own files."""

    def expression(self, minimum: int = EXPRESSION) -> nodes.Expression:
        """Operand, then operators of a left power of at least ``minimum``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail_here(f"expression is nested too deeply (the limit is {MAX_DEPTH} levels)")
        start = self.token.start
        begin = OPERANDS.get(self.token.type)
        if begin is None:
            self.unexpected("an expression")
        left = begin(self, minimum)
        length = 0
        while True:
            entry = FOLLOWERS.get(self.token.type)
            if entry is None or entry[0] < minimum:
                break
            left = entry[1](self, left, start)
            length += 1
            if length > MAX_CHAIN:
                self.fail_here(f"too many operators in a row (the limit is {MAX_CHAIN})", "use brackets or a loop")
        self.depth -= 1
        return left

    def named_expression(self) -> nodes.Expression:
        """named_expression: NAME ':=' expression | expression"""
        return self.expression(NAMED_EXPRESSION)

    def star_expression(self, minimum: int = EXPRESSION) -> nodes.Expression:
        """star_expression: '*' bitwise_or | expression"""
        if self.token.type != "*":
            return self.expression(minimum)
        start = self.advance().start
        value = self.expression(STAR_OPERAND)
        return nodes.Starred(value, self.span(start))

    def star_expressions(self) -> nodes.Expression:
        """star_expressions: star_expression (',' star_expression)* [',']"""
        start = self.token.start
        first = self.star_expression()
        if not self.at(","):
            return first
        elements = [first]
        while self.take(",") and (self.token.type in OPERANDS or self.token.type == "*"):
            elements.append(self.star_expression())
        return nodes.Tuple(elements, self.span(start))

    def value_expressions(self) -> nodes.Expression:
        """star_expressions that are a value: a star needs a tuple around it."""
        value = self.star_expressions()
        if isinstance(value, nodes.Starred):
            self.fail("can't use starred expression here", value.span)
        return value

    # Operands

    def operand_name(self, minimum: int) -> nodes.Expression:
        """NAME"""
        token = self.advance()
        return nodes.Name(token.value, Span(token.start, token.end))  # type: ignore[arg-type]

    def operand_number(self, minimum: int) -> nodes.Expression:
        """NUMBER"""
        token = self.advance()
        return nodes.Constant(token.value, Span(token.start, token.end))

    def operand_constant(self, minimum: int) -> nodes.Expression:
        """'True' | 'False' | 'None' | '...'"""
        token = self.advance()
        return nodes.Constant(CONSTANTS[token.type], Span(token.start, token.end))

    def operand_prefix(self, minimum: int) -> nodes.Expression:
        """prefix: ('+' | '-' | '~' | 'not') expression, where the place asks for nothing tighter"""
        row = PREFIX_OPERATORS[self.token.type]
        if row.left < minimum:
            self.unexpected("an operand")
        token = self.advance()
        operand = self.expression(row.right)
        return nodes.UnaryOp(row, operand, Span(token.start, token.end), self.span(token.start))

    def operand_lambda(self, minimum: int) -> nodes.Expression:
        """lambda: 'lambda' [parameters] ':' expression"""
        row = FORMS["lambda"]
        if row.left < minimum:
            self.unexpected("an operand")
        start = self.advance().start
        params = self.parameters(":", annotated=False)
        self.expect(":")
        if self.token.type == FSTRING_MIDDLE or self.tokens[self.position - 2].type == "FSTRING_FIELD":
            self.fail("f-string: lambda expressions are not allowed without parentheses", self.span(start))
        body = self.expression(row.right)
        return nodes.Lambda(params, body, self.span(start))

    def operand_outside(self, minimum: int) -> NoReturn:
        """Python's other expressions, which the language does not have."""
        self.fail_here(f"{OUTSIDE[self.token.type]} is not part of tcalc's language")

    # Operators

    def binary(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """binary: expression OPERATOR expression"""
        token = self.advance()
        row = INFIX_OPERATORS[token.type]
        right = self.expression(row.right)
        return nodes.BinOp(left, row, right, Span(token.start, token.end), Span(start, self.last_end))

    def boolean(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """boolean: expression ('or' expression)+ | expression ('and' expression)+"""
        row = INFIX_OPERATORS[self.token.type]
        values = [left]
        while self.token.type == row.symbol:
            self.advance()
            values.append(self.expression(row.right))
        return nodes.BoolOp(row, values, self.span(start))

    def comparison(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """comparison: expression (COMPARISON expression)+"""
        ops = []
        op_spans = []
        comparators = []
        while self.token.type in COMPARISONS:
            first = self.advance()
            symbol = first.type
            if symbol == "not":
                self.expect("in")
                symbol = "not in"
            elif symbol == "is" and self.token.type == "not":
                self.advance()
                symbol = "is not"
            row = INFIX_OPERATORS[symbol]
            ops.append(row)
            op_spans.append(self.span(first.start))
            comparators.append(self.expression(row.right))
        return nodes.Compare(left, ops, comparators, op_spans, self.span(start))

    def conditional(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """conditional: disjunction 'if' disjunction 'else' expression"""
        row = FORMS["if else"]
        self.advance()
        test = self.expression(DISJUNCTION)
        if not self.at("else"):
            self.unclosed()
            self.fail_here(f"expected 'else' after 'if' expression, found {self.found()}")
        self.advance()
        orelse = self.expression(row.right)
        return nodes.IfExp(test, left, orelse, self.span(start))

    def walrus(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """walrus: NAME ':=' expression"""
        if not isinstance(left, nodes.Name):
            self.fail(f"cannot use assignment expressions with {describe_target(left)}", left.span)
        if left.span.start != start:
            self.unexpected("')'")
        self.advance()
        value = self.expression(FORMS[":="].right)
        return nodes.NamedExpr(left, value, self.span(start))

    def attribute(self, left: nodes.Expression, start: int) -> nodes.Expression:
        """attribute: expression '.' NAME"""
        self.advance()
        name = self.name()
        return nodes.Attribute(left, name.value, Span(name.start, name.end), self.span(start))  # type: ignore[arg-type]


COMPARISONS = frozenset(row.symbol.split()[0] for row in OPERATORS if row.kind == COMPARE)


def _operands() -> dict[str, Callable[[ExpressionParser, int], nodes.Expression]]:
    """What may begin an operand, and the function that reads it."""
    table: dict[str, Callable[[ExpressionParser, int], nodes.Expression]] = {
        NAME: ExpressionParser.operand_name,
        NUMBER: ExpressionParser.operand_number,
        STRING: ExpressionParser.operand_string,
        BYTES: ExpressionParser.operand_bytes,
        FSTRING_START: ExpressionParser.operand_string,
        "lambda": ExpressionParser.operand_lambda,
        "(": ExpressionParser.operand_group,
        "[": ExpressionParser.operand_list,
        "{": ExpressionParser.operand_braces,
    }
    table.update(dict.fromkeys(CONSTANTS, ExpressionParser.operand_constant))
    table.update(dict.fromkeys(PREFIX_OPERATORS, ExpressionParser.operand_prefix))
    table.update(dict.fromkeys(OUTSIDE, ExpressionParser.operand_outside))
    return table


def _followers() -> dict[str, tuple[int, Follower]]:
    """What may follow an operand: its left power, and the function that goes on from there."""
    forms: dict[str, Follower] = {
        ":=": ExpressionParser.walrus,
        "if else": ExpressionParser.conditional,
        "(": ExpressionParser.call,
        "[": ExpressionParser.subscript,
        ".": ExpressionParser.attribute,
    }
    kinds: dict[str, Follower] = {INFIX: ExpressionParser.binary, COMPARE: ExpressionParser.comparison}
    table = {}
    for row in OPERATORS:
        if row.kind == POSTFIX or (row.symbol in forms):
            table[row.symbol.split()[0]] = (row.left, forms[row.symbol])
        elif row.symbol in INFIX_OPERATORS and INFIX_OPERATORS[row.symbol] is row:
            table[row.symbol.split()[0]] = (row.left, kinds.get(row.kind, ExpressionParser.boolean))
    return table


OPERANDS = _operands()
FOLLOWERS = _followers()
