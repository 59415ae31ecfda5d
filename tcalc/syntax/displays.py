"""What stands in brackets of its own: groups, tuples, lists, sets, dicts, comprehensions."""

from __future__ import annotations

from tcalc.syntax import nodes
from tcalc.syntax.operators import DISJUNCTION, EXPRESSION, NAMED_EXPRESSION, STAR_OPERAND
from tcalc.syntax.stream import TokenStream
from tcalc.syntax.targets import check_target
from tcalc.syntax.tokens import Token

NO_STAR_IN_COMPREHENSION = "iterable unpacking cannot be used in comprehension"


class DisplayParser(TokenStream):
    """Displays and comprehensions; `expression` and its kin are the subclass's."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.depth = 0

    def expression(self, minimum: int = EXPRESSION) -> nodes.Expression:
        raise NotImplementedError

    def star_expression(self, minimum: int = EXPRESSION) -> nodes.Expression:
        raise NotImplementedError

    def operand_group(self, minimum: int) -> nodes.Expression:
        """group: '(' ')' | '(' element ')' | '(' element comprehension ')' | '(' element ',' [elements] ')'"""
        opening = self.advance()
        if self.take(")"):
            return nodes.Tuple([], self.span(opening.start))
        first = self.star_expression(NAMED_EXPRESSION)
        if self.token.type in ("for", "async"):
            generators = self.comprehension(first)
            self.expect(")")
            return nodes.GeneratorExp(first, generators, self.span(opening.start))
        if self.token.type == ",":
            elements = self.elements(first, ")")
            return nodes.Tuple(elements, self.span(opening.start))
        self.expected += (",", "for")
        self.expect(")")
        if isinstance(first, nodes.Starred):
            self.fail("cannot use starred expression here", first.span)
        return first

    def operand_list(self, minimum: int) -> nodes.Expression:
        """list: '[' [elements] ']' | '[' element comprehension ']'"""
        opening = self.advance()
        if self.take("]"):
            return nodes.List([], self.span(opening.start))
        first = self.star_expression(NAMED_EXPRESSION)
        if self.token.type in ("for", "async"):
            generators = self.comprehension(first)
            self.expect("]")
            return nodes.ListComp(first, generators, self.span(opening.start))
        elements = self.elements(first, "]")
        return nodes.List(elements, self.span(opening.start))

    def elements(self, first: nodes.Expression, closing: str) -> list[nodes.Expression]:
        """elements: element (',' element)* [','], the first of which has been read, and the closing bracket"""
        elements = [first]
        while not self.take(closing):
            self.expect(",")
            if self.take(closing):
                break
            elements.append(self.star_expression(NAMED_EXPRESSION))
        return elements

    def operand_braces(self, minimum: int) -> nodes.Expression:
        """braces: '{' '}' | '{' elements '}' | '{' element comprehension '}' | dict"""
        opening = self.advance()
        if self.take("}"):
            return nodes.Dict([], [], self.span(opening.start))
        if self.token.type == "**":
            return self.dict_display(opening, None)
        start = self.token.start
        first = self.star_expression(NAMED_EXPRESSION)
        unwrapped_walrus = isinstance(first, nodes.NamedExpr) and first.span.start == start
        if self.token.type == ":" and not isinstance(first, nodes.Starred) and not unwrapped_walrus:
            return self.dict_display(opening, first)
        if self.token.type in ("for", "async"):
            generators = self.comprehension(first)
            self.expect("}")
            return nodes.SetComp(first, generators, self.span(opening.start))
        elements = self.elements(first, "}")
        return nodes.Set(elements, self.span(opening.start))

    def dict_display(self, opening: Token, key: nodes.Expression | None) -> nodes.Expression:
        """dict: '{' entry (',' entry)* [','] '}' | '{' expression ':' expression comprehension '}'
        entry: expression ':' expression | '**' bitwise_or

        The first key has been read, unless the first entry is an unpacking.
        """
        keys: list[nodes.Expression | None] = []
        values: list[nodes.Expression] = []
        while True:
            if key is None and self.take("**"):
                values.append(self.expression(STAR_OPERAND))
            else:
                key = key or self.expression()
                self.expect(":")
                values.append(self.expression())
            keys.append(key)
            if len(keys) == 1 and self.token.type in ("for", "async"):
                return self.dict_comprehension(opening, key, values[0])
            key = None
            if self.take("}"):
                break
            self.expect(",")
            if self.take("}"):
                break
        return nodes.Dict(keys, values, self.span(opening.start))

    def dict_comprehension(
        self, opening: Token, key: nodes.Expression | None, value: nodes.Expression
    ) -> nodes.Expression:
        if key is None:
            self.fail("dict unpacking cannot be used in dict comprehension", value.span)
        generators = self.comprehension(value)
        self.expect("}")
        return nodes.DictComp(key, value, generators, self.span(opening.start))

    def comprehension(self, element: nodes.Expression) -> list[nodes.Comprehension]:
        """comprehension: ('for' targets 'in' disjunction ('if' disjunction)*)+"""
        if isinstance(element, nodes.Starred):
            self.fail(NO_STAR_IN_COMPREHENSION, element.span)
        generators = []
        while self.token.type in ("for", "async"):
            start = self.token.start
            if self.token.type == "async":
                self.fail_here("'async' is not part of tcalc's language")
            self.advance()
            target = self.for_targets()
            self.expect("in")
            iterable = self.expression(DISJUNCTION)
            conditions = []
            while self.take("if"):
                conditions.append(self.expression(DISJUNCTION))
            generators.append(nodes.Comprehension(target, iterable, conditions, self.span(start)))
        return generators

    def for_targets(self) -> nodes.Expression:
        """targets: target (',' target)* [','], before an 'in'"""
        start = self.token.start
        first = self.star_expression(STAR_OPERAND)
        if not self.at(","):
            check_target(first)
            return first
        elements = [first]
        while self.take(",") and not self.at("in"):
            elements.append(self.star_expression(STAR_OPERAND))
        target = nodes.Tuple(elements, self.span(start))
        check_target(target)
        return target
