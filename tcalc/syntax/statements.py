"""Simple statements: those of one line. The docstring of a parse function is its grammar rule."""

from __future__ import annotations

from tcalc.errors import Span
from tcalc.syntax import nodes
from tcalc.syntax.expressions import OPERANDS, ExpressionParser
from tcalc.syntax.height import BIG_STATEMENT, check_height
from tcalc.syntax.operators import AUGMENTED_OPERATORS
from tcalc.syntax.targets import check_annotated, check_augmented, check_deleted, check_target
from tcalc.syntax.tokens import DEDENT, END, INDENT, NAME, NEWLINE, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

# Python's other statements, by their first token.
OUTSIDE = {
    "class": "'class'",
    "async": "'async'",
    "@": "a decorator",
}
# Words that begin a statement only in some places: what they would begin, if a statement that starts so goes wrong.
SOFT_KEYWORDS = {"match": "'match'", "type": "a type alias ('type')"}
OLD_STATEMENTS = ("print", "exec")


class SimpleStatementParser(ExpressionParser):
    """Statements of one line, and the sequence of them that ``;`` makes."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.functions = 0  # how many definitions enclose this place
        self.loops = 0  # how many loops of the same function do
        self.declares = False  # whether anything is declared global or nonlocal

    def simple_statements(self) -> list[nodes.Statement]:
        """simple_statements: simple_statement (';' simple_statement)* [';'] NEWLINE"""
        statements = []
        while True:
            statement = self.simple_statement()
            statements.append(statement)
            if self.token.type != ";":
                break
            self.advance()
            if self.token.type == NEWLINE:
                if isinstance(statement, nodes.Expr):
                    statement.silent = True
                break
        self.expect(NEWLINE)
        return statements

    def simple_statement(self) -> nodes.Statement:
        """One statement, up to the ';' or the end of its line."""
        first = self.token
        position = self.position
        parse = SIMPLE_STATEMENTS.get(first.type, SimpleStatementParser.expression_statement)
        statement = parse(self)
        if self.token.type not in (NEWLINE, ";"):
            self.line_goes_on(first)
        if self.position - position > BIG_STATEMENT:
            check_height(statement)
        return statement

    def line_goes_on(self, first: Token) -> NoReturn:
        """Something follows a whole statement: say what it looks like."""
        self.soft_keyword(first)
        if first.value in OLD_STATEMENTS and self.token.start == self.tokens[self.position - 1].end + 1:
            self.unclosed()
            name = first.value
            message = f"Missing parentheses in call to '{name}'. Did you mean {name}(...)?"
            self.fail(message, Span(first.start, first.end))
        if first.type in OPERANDS:
            self.unexpected("an operator", "the end of the line")
        self.at(NEWLINE)
        self.unexpected()

    def soft_keyword(self, first: Token) -> None:
        """A statement that Python would understand by a word that is a name elsewhere."""
        if first.type == NAME and first.value in SOFT_KEYWORDS and self.token is not first:
            following = self.tokens[self.tokens.index(first, self.position_of(first)) + 1]
            if following.type in OPERANDS:
                what = SOFT_KEYWORDS[str(first.value)]
                self.fail(f"{what} is not part of tcalc's language", Span(first.start, first.end))

    def position_of(self, token: Token) -> int:
        """The index of a token at or before the current one."""
        position = self.position
        while self.tokens[position] is not token:
            position -= 1
        return position

    # Expressions and assignments

    def expression_statement(self) -> nodes.Statement:
        """expression_statement: star_expressions [assignment | annotation | augmentation]
        assignment: ('=' star_expressions)+
        """
        if self.token.type not in OPERANDS and self.token.type != "*":
            self.no_statement()
        first = self.token
        value = self.star_expressions()
        if self.token.type in AUGMENTED_OPERATORS:
            return self.augmented(value, first.start)
        if self.token.type == ":":
            return self.annotated(value, first)
        targets = []
        while self.at("="):
            self.advance()
            check_target(value, before_equals=True)
            targets.append(value)
            value = self.star_expressions()
        if isinstance(value, nodes.Starred):
            self.fail("can't use starred expression here", value.span)
        if targets:
            return nodes.Assign(targets, value, self.span(first.start))
        return nodes.Expr(value, self.span(first.start))

    def no_statement(self) -> NoReturn:
        type = self.token.type
        if type == INDENT:
            self.fail_here("unexpected indent", kind="IndentationError")
        if type in OUTSIDE:
            self.fail_here(f"{OUTSIDE[type]} is not part of tcalc's language")
        self.unexpected("a statement")

    def augmented(self, target: nodes.Expression, start: int) -> nodes.Statement:
        """augmentation: AUGMENTED_OPERATOR star_expressions"""
        check_augmented(target)
        token = self.advance()
        value = self.value_expressions()
        row = AUGMENTED_OPERATORS[token.type]
        return nodes.AugAssign(target, row, value, Span(token.start, token.end), self.span(start))

    def annotated(self, target: nodes.Expression, first: Token) -> nodes.Statement:
        """annotation: ':' expression ['=' star_expressions]"""
        if self.following().type == NEWLINE:
            self.soft_keyword(first)
        check_annotated(target)
        self.advance()
        annotation = self.expression()
        value = self.value_expressions() if self.take("=") else None
        simple = isinstance(target, nodes.Name) and target.span.start == first.start
        return nodes.AnnAssign(target, annotation, value, simple, self.span(first.start))

    # Statements with a keyword

    def pass_statement(self) -> nodes.Statement:
        """pass: 'pass'"""
        return nodes.Pass(self.word())

    def break_statement(self) -> nodes.Statement:
        """break: 'break', in a loop"""
        if not self.loops:
            self.fail_here("'break' outside loop")
        return nodes.Break(self.word())

    def continue_statement(self) -> nodes.Statement:
        """continue: 'continue', in a loop"""
        if not self.loops:
            self.fail_here("'continue' not properly in loop")
        return nodes.Continue(self.word())

    def word(self) -> Span:
        token = self.advance()
        return Span(token.start, token.end)

    def return_statement(self) -> nodes.Statement:
        """return: 'return' [star_expressions], in a function"""
        if not self.functions:
            self.fail_here("'return' outside function")
        start = self.advance().start
        value = None if self.at_statement_end() else self.value_expressions()
        return nodes.Return(value, self.span(start))

    def raise_statement(self) -> nodes.Statement:
        """raise: 'raise' [expression ['from' expression]]"""
        start = self.advance().start
        exc = cause = None
        if not self.at_statement_end():
            exc = self.expression()
            if self.take("from"):
                cause = self.expression()
        return nodes.Raise(exc, cause, self.span(start))

    def assert_statement(self) -> nodes.Statement:
        """assert: 'assert' expression [',' expression]"""
        start = self.advance().start
        test = self.expression()
        message = self.expression() if self.take(",") else None
        return nodes.Assert(test, message, self.span(start))

    def delete_statement(self) -> nodes.Statement:
        """del: 'del' target (',' target)* [',']"""
        start = self.advance().start
        targets = []
        while True:
            target = self.star_expression()
            check_deleted(target)
            targets.append(target)
            if not self.take(",") or self.at_statement_end():
                return nodes.Delete(targets, self.span(start))

    def global_statement(self) -> nodes.Statement:
        """global: 'global' NAME (',' NAME)*"""
        return self.scope_declaration(nodes.Global)

    def nonlocal_statement(self) -> nodes.Statement:
        """nonlocal: 'nonlocal' NAME (',' NAME)*"""
        return self.scope_declaration(nodes.Nonlocal)

    def scope_declaration(self, kind: type[nodes.Declaration]) -> nodes.Statement:
        """What the names mean is looked at when the whole program is known (`declarations.py`)."""
        self.declares = True
        start = self.advance().start
        tokens = [self.name()]
        while self.take(","):
            tokens.append(self.name())
        places = [Span(token.start, token.end) for token in tokens]
        return kind([str(token.value) for token in tokens], places, self.span(start))

    def at_statement_end(self) -> bool:
        return self.token.type in (NEWLINE, ";", END, DEDENT)

    # Imports

    def import_statement(self) -> nodes.Statement:
        """import: 'import' dotted_name ['as' NAME] (',' dotted_name ['as' NAME])*"""
        start = self.advance().start
        names = [self.alias(dotted=True)]
        while self.take(","):
            names.append(self.alias(dotted=True))
        return nodes.Import(names, self.span(start))

    def from_statement(self) -> nodes.Statement:
        """from: 'from' dotted_name 'import' ('*' | aliases | '(' aliases [','] ')')
        aliases: NAME ['as' NAME] (',' NAME ['as' NAME])*
        """
        start = self.advance().start
        if self.token.type in (".", "..."):
            self.fail_here("a relative import is not part of tcalc's language")
        module_start = self.token.start
        module = self.dotted_name()
        module_span = self.span(module_start)
        self.expect("import")
        return nodes.ImportFrom(module, self.imported_names(), module_span, self.span(start))

    def imported_names(self) -> list[nodes.Alias]:
        if self.token.type == "*":
            if self.functions:
                self.fail_here("import * only allowed at module level")
            return [nodes.Alias("*", None, self.word())]
        bracketed = self.take("(")
        names = [self.alias(dotted=False)]
        while self.take(","):
            if bracketed and self.at(")"):
                break
            if not bracketed and self.at_statement_end():
                self.fail_here("trailing comma not allowed without surrounding parentheses")
            names.append(self.alias(dotted=False))
        if bracketed:
            self.expect(")")
        return names

    def alias(self, dotted: bool) -> nodes.Alias:
        start = self.token.start
        name = self.dotted_name() if dotted else str(self.name().value)
        asname = str(self.name().value) if self.take("as") else None
        return nodes.Alias(name, asname, self.span(start))

    def dotted_name(self) -> str:
        """dotted_name: NAME ('.' NAME)*"""
        words = [str(self.name().value)]
        while self.take("."):
            words.append(str(self.name().value))
        return ".".join(words)


SIMPLE_STATEMENTS: dict[str, Callable[[SimpleStatementParser], nodes.Statement]] = {
    "pass": SimpleStatementParser.pass_statement,
    "break": SimpleStatementParser.break_statement,
    "continue": SimpleStatementParser.continue_statement,
    "return": SimpleStatementParser.return_statement,
    "raise": SimpleStatementParser.raise_statement,
    "assert": SimpleStatementParser.assert_statement,
    "del": SimpleStatementParser.delete_statement,
    "import": SimpleStatementParser.import_statement,
    "from": SimpleStatementParser.from_statement,
    "global": SimpleStatementParser.global_statement,
    "nonlocal": SimpleStatementParser.nonlocal_statement,
}
