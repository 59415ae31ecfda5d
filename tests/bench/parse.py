"""Parsing time against the length of the text: ``python tests/bench/parse.py``.

Prints the time for programs of 1,000, 10,000 and 100,000 lines, for each the time per line, and how that compares with
the shortest program: a parser that is linear in the text keeps the ratio near 1. The last lines are single
expressions, as a session parses them.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tcalc.syntax.parser import parse

BODY = """\
x{0} = torch.cat([a, b], dim=1)[0, :, None] * 2 ** -{0}
if x{0}.sum() > 0 and not y:  # a comment
    print(f"step {0}: {{x{0}.mean():.3f}}", [1.5, 2, 3e-1], sep=", ")
else:
    y = [row[i] for row in data if row]
"""
EXPRESSIONS = ("a + b", "2**10/3", "[[1, 2], [3, 4]] @ [5, 6]", "x.reshape(-1, 4).mean(0)")


def program(lines: int) -> str:
    return "".join(BODY.format(number) for number in range(lines // 5))


def seconds(source: str, repeat: int) -> float:
    """The best of a few runs, with nothing left over from the one before."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        parse(source)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    first = None
    print(f"{'lines':>8} {'seconds':>9} {'us/line':>9} {'ratio':>6}")
    for lines, repeat in ((1_000, 5), (10_000, 3), (100_000, 1)):
        taken = seconds(program(lines), repeat)
        per_line = taken / lines * 1e6
        first = first or per_line
        print(f"{lines:>8} {taken:>9.3f} {per_line:>9.2f} {per_line / first:>6.2f}")
    for expression in EXPRESSIONS:
        start = time.perf_counter()
        for _ in range(5_000):
            parse(expression)
        print(f"{(time.perf_counter() - start) / 5_000 * 1e6:9.1f} us  {expression}")


if __name__ == "__main__":
    main()
