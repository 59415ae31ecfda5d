"""THE operator table: one row an operator, and everything that knows an operator reads it here.

The lexer takes its symbols from the rows, the parser its binding powers, the evaluator the name of
the operation, `grammar/README.md` its precedence table. Binding powers are pairs as in a textbook
Pratt parser: an infix operator takes an operand on its left that binds at least as tightly as
``left`` and reads its right operand with ``right`` as the minimum. ``left < right`` makes a row
associate to the left, ``left > right`` to the right. A prefix operator has one power in both
places: it may stand only where the minimum is not above it, which is why ``1 + not x`` is an error
and ``2 ** -x`` is none.
"""

from __future__ import annotations

# What a row is. A "form" has a parse function of its own (lambda, conditional, walrus); it stands in the table for
# its powers and its line of help.
PREFIX = "prefix"
INFIX = "infix"
COMPARE = "compare"
BOOL = "bool"
POSTFIX = "postfix"
FORM = "form"


class Operator:
    """One row: how the operator is written, how tightly it binds and what it calls."""

    __slots__ = ("ast_name", "help", "inplace", "kind", "left", "name", "right", "symbol")

    def __init__(
        self, symbol: str, kind: str, left: int, right: int, name: str, inplace: str, ast_name: str, help: str
    ) -> None:
        self.symbol = symbol
        self.kind = kind
        self.left = left
        self.right = right
        self.name = name  # the operation that the evaluator calls, in PyTorch's words where it has one
        self.inplace = inplace  # the operation of ``symbol=``, empty where there is no augmented form
        self.ast_name = ast_name  # the class in CPython's ``ast``
        self.help = help

    def __repr__(self) -> str:
        return f"Operator({self.symbol!r}, {self.kind})"


# From the loosest to the tightest. symbol, kind, left, right, name, in-place name, CPython's class, help.
OPERATORS = (
    Operator(":=", FORM, 4, 5, "", "", "NamedExpr", "bind a name within an expression"),
    Operator("lambda", FORM, 5, 5, "", "", "Lambda", "a function in one expression"),
    Operator("if else", FORM, 6, 5, "", "", "IfExp", "conditional expression: a if condition else b"),
    Operator("or", BOOL, 8, 9, "or", "", "Or", "first true operand, else the last"),
    Operator("and", BOOL, 10, 11, "and", "", "And", "first false operand, else the last"),
    Operator("not", PREFIX, 12, 12, "not", "", "Not", "truth, negated"),
    Operator("in", COMPARE, 14, 15, "in", "", "In", "membership"),
    Operator("not in", COMPARE, 14, 15, "not_in", "", "NotIn", "membership, negated"),
    Operator("is", COMPARE, 14, 15, "is", "", "Is", "identity"),
    Operator("is not", COMPARE, 14, 15, "is_not", "", "IsNot", "identity, negated"),
    Operator("<", COMPARE, 14, 15, "lt", "", "Lt", "less than, elementwise"),
    Operator("<=", COMPARE, 14, 15, "le", "", "LtE", "less than or equal, elementwise"),
    Operator(">", COMPARE, 14, 15, "gt", "", "Gt", "greater than, elementwise"),
    Operator(">=", COMPARE, 14, 15, "ge", "", "GtE", "greater than or equal, elementwise"),
    Operator("==", COMPARE, 14, 15, "eq", "", "Eq", "equal, elementwise"),
    Operator("!=", COMPARE, 14, 15, "ne", "", "NotEq", "not equal, elementwise"),
    Operator("|", INFIX, 16, 17, "bitwise_or", "ior", "BitOr", "bitwise or; logical or of bools"),
    Operator("^", INFIX, 18, 19, "bitwise_xor", "ixor", "BitXor", "bitwise exclusive or"),
    Operator("&", INFIX, 20, 21, "bitwise_and", "iand", "BitAnd", "bitwise and; logical and of bools"),
    Operator("<<", INFIX, 22, 23, "bitwise_left_shift", "ilshift", "LShift", "shift bits to the left"),
    Operator(">>", INFIX, 22, 23, "bitwise_right_shift", "irshift", "RShift", "shift bits to the right"),
    Operator("+", INFIX, 24, 25, "add", "iadd", "Add", "sum"),
    Operator("-", INFIX, 24, 25, "sub", "isub", "Sub", "difference"),
    Operator("*", INFIX, 26, 27, "mul", "imul", "Mult", "product, elementwise"),
    Operator("/", INFIX, 26, 27, "div", "itruediv", "Div", "true quotient"),
    Operator("//", INFIX, 26, 27, "floor_divide", "ifloordiv", "FloorDiv", "quotient, rounded down"),
    Operator("%", INFIX, 26, 27, "remainder", "imod", "Mod", "remainder, with the divisor's sign"),
    Operator("@", INFIX, 26, 27, "matmul", "imatmul", "MatMult", "matrix product"),
    Operator("+", PREFIX, 28, 28, "positive", "", "UAdd", "the operand itself"),
    Operator("-", PREFIX, 28, 28, "neg", "", "USub", "negation"),
    Operator("~", PREFIX, 28, 28, "bitwise_not", "", "Invert", "bitwise not; logical not of bools"),
    Operator("**", INFIX, 30, 28, "pow", "ipow", "Pow", "power; associates to the right"),
    Operator("(", POSTFIX, 32, 0, "call", "", "Call", "call: f(a, k=b, *c, **d)"),
    Operator("[", POSTFIX, 32, 0, "getitem", "", "Subscript", "index or slice: x[0, ..., 1:3]"),
    Operator(".", POSTFIX, 32, 0, "getattr", "", "Attribute", "attribute"),
)

PREFIX_OPERATORS = {row.symbol: row for row in OPERATORS if row.kind == PREFIX}
INFIX_OPERATORS = {row.symbol: row for row in OPERATORS if row.kind in (INFIX, COMPARE, BOOL)}
AUGMENTED_OPERATORS = {row.symbol + "=": row for row in OPERATORS if row.inplace}
FORMS = {row.symbol: row for row in OPERATORS if row.kind == FORM}

# Symbols that separate or enclose and compute nothing.
PUNCTUATION = (")", "]", "{", "}", ",", ":", ";", "=", "->", "...", "!")

SYMBOLS = frozenset(
    [symbol for row in OPERATORS for symbol in row.symbol.split() if not symbol.isalpha()]
    + list(AUGMENTED_OPERATORS)
    + list(PUNCTUATION)
)

# Named places on the scale, for the parse functions that start an expression.
NAMED_EXPRESSION = FORMS[":="].left
EXPRESSION = FORMS["lambda"].left
DISJUNCTION = FORMS["if else"].left + 1  # the parts of a conditional that may not be conditionals themselves
STAR_OPERAND = INFIX_OPERATORS["|"].left  # what may follow the star of a star-expression


def precedence_table() -> str:
    """The table of `grammar/README.md`: one line a level, loosest first, in Markdown."""
    lines = ["| binds | operators | associates | meaning |", "|---|---|---|---|"]
    levels: dict[int, list[Operator]] = {}
    for row in OPERATORS:
        levels.setdefault(row.left, []).append(row)
    for left in sorted(levels):
        rows = levels[left]
        symbols = " ".join(f"`{_written(row)}`" for row in rows).replace("|", "\\|")
        meaning = "; ".join(dict.fromkeys(row.help.split(";")[0].split(":")[0].split(",")[0] for row in rows))
        lines.append(f"| {left} | {symbols} | {_associates(rows[0])} | {meaning} |")
    return "\n".join(lines) + "\n"


def _written(row: Operator) -> str:
    if row.kind == PREFIX:
        return row.symbol + " x" if row.symbol.isalpha() else row.symbol + "x"
    return {"if else": "a if c else b", "(": "f(x)", "[": "x[i]", ".": "x.name"}.get(row.symbol, row.symbol)


def _associates(row: Operator) -> str:
    if row.kind == COMPARE:
        return "chains: `a < b < c` is `a < b and b < c`"
    if row.kind == BOOL:
        return "flat"
    if row.kind == PREFIX or row.symbol == "lambda":
        return "prefix"
    if row.kind == POSTFIX:
        return "left"
    return "left" if row.left < row.right else "right"
