"""Help for operators, from THE operator table."""

from __future__ import annotations

from tcalc.show.help import index
from tcalc.syntax.operators import BOOL, COMPARE, OPERATORS, POSTFIX, PREFIX, Operator

# How an operator is typed that is written in several pieces.
_SPELLINGS = {"if else": ("if else", "a if c else b"), "(": ("(", "()"), "[": ("[", "[]"), ".": (".",)}


def named(symbol: str) -> list[Operator]:
    """The rows of a symbol: ``-`` has two; ``+=`` leads to ``+``."""
    rows = [row for row in OPERATORS if symbol in _SPELLINGS.get(row.symbol, (row.symbol,))]
    return rows or [row for row in OPERATORS if row.inplace and row.symbol + "=" == symbol]


def written(row: Operator) -> str:
    """The operator between its operands: ``a @ b``, ``-a``, ``a[i]``."""
    if row.kind == PREFIX:
        return f"not {'a'}" if row.symbol == "not" else f"{row.symbol}a"
    spelled = {
        "if else": "a if c else b", "lambda": "lambda a: b", ":=": "a := b", "(": "f(a)", "[": "a[i]", ".": "a.name",
    }  # fmt: skip
    return spelled.get(row.symbol, f"a {row.symbol} b")


def page_lines(rows: list[Operator]) -> list[str]:
    """What help shows for the rows of one symbol."""
    lines: list[str] = []
    for row in rows:
        entry = index.find(row.name) if row.name not in ("call", "getitem", "getattr", "in", "is") else None
        lines += ["", f"{written(row)}   {row.help}"] if lines else [f"{written(row)}   {row.help}"]
        lines += ["", f"  Precedence   {_precedence(row)}"]
        if row.inplace:
            lines.append(f"  In place     a {row.symbol}= b")
        if entry is not None:
            lines.append(f"  Function     {entry.path}: {entry.summary}")
    return lines


def levels() -> list[list[Operator]]:
    """The rows that bind alike, the loosest first."""
    found: dict[int, list[Operator]] = {}
    for row in OPERATORS:
        found.setdefault(row.left, []).append(row)
    return [found[left] for left in sorted(found)]


def table_lines() -> list[str]:
    """All operators, loosest first, a line a level."""
    lines = []
    for rows in levels():
        symbols = "   ".join(
            written(row) if len(rows) < 4 or row.kind in (POSTFIX, PREFIX) else row.symbol for row in rows
        )
        lines.append(f"  {symbols}")
    return ["Operators, from the loosest to the tightest; those in a line bind alike.", "", *lines]


def _precedence(row: Operator) -> str:
    count = len(levels())
    place = [other.left for other, *_ in levels()].index(row.left) + 1
    beside = [other.symbol for other in OPERATORS if other.left == row.left and other is not row]
    like = f", like {' '.join(beside)}" if beside else ""
    return f"level {place} of {count} ({count} binds tightest){like}; {associates(row)}"


_FORMS = {
    "if else": "a if c else b if d else e is a if c else (b if d else e)",
    "lambda": "stands before its operand",
    ":=": "stands in round brackets in most places",
}


def associates(row: Operator) -> str:
    """How a chain of the operator is read."""
    symbol = row.symbol
    if symbol in _FORMS:
        return _FORMS[symbol]
    if row.kind == COMPARE:
        return "chains: a < b < c is a < b and b < c"
    if row.kind == BOOL:
        return "stops at the first operand that decides"
    if row.kind == PREFIX:
        return "stands before its operand"
    if row.kind == POSTFIX:
        return "reads from left to right"
    if row.left < row.right:
        return f"a {symbol} b {symbol} c is (a {symbol} b) {symbol} c"
    return f"a {symbol} b {symbol} c is a {symbol} (b {symbol} c)"
