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


def table_lines() -> list[str]:
    """All operators, loosest first, a line a level."""
    levels: dict[int, list[Operator]] = {}
    for row in OPERATORS:
        levels.setdefault(row.left, []).append(row)
    lines = []
    for left in sorted(levels):
        rows = levels[left]
        symbols = "   ".join(
            written(row) if len(rows) < 4 or row.kind in (POSTFIX, PREFIX) else row.symbol for row in rows
        )
        lines.append(f"  {symbols}")
    return ["Operators, from the loosest to the tightest; those in a line bind alike.", "", *lines]


def _precedence(row: Operator) -> str:
    levels = sorted({other.left for other in OPERATORS})
    place = levels.index(row.left) + 1
    beside = [other.symbol for other in OPERATORS if other.left == row.left and other is not row]
    like = f", like {' '.join(beside)}" if beside else ""
    return f"level {place} of {len(levels)} ({len(levels)} binds tightest){like}; {_associates(row)}"


def _associates(row: Operator) -> str:
    if row.kind == COMPARE:
        return "chains: a < b < c is a < b and b < c"
    if row.kind == BOOL:
        return "stops at the first operand that decides"
    if row.kind == PREFIX or row.symbol == "lambda":
        return "stands before its operand"
    left = row.kind == POSTFIX or row.left < row.right
    return (
        "a . b . c is (a . b) . c".replace(".", row.symbol)
        if left and row.kind != POSTFIX
        else (
            "reads from left to right"
            if left
            else f"a {row.symbol} b {row.symbol} c is a {row.symbol} (b {row.symbol} c)"
        )
    )
