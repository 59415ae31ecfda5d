"""What a small statement takes in a running session: parsed, compiled and run anew each time.

    python tests/bench/session.py [--rounds N]

Prints microseconds, the best of many rounds, and the ratio to CPython doing the same on NumPy arrays with
``exec(compile(…))``. The bound is for a sum of two 2 x 2 tensors.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import tcalc

BOUND = 60.0  # microseconds, for the first line
STATEMENTS = [
    "a + b", "a", "1 + 1", "a @ b", "a * 2", "a[0, 1]", "a.T", "a.sum()", "c = a - b", "a += 0",
    "[n * 2 for n in (1, 2)]",
]  # fmt: skip
_CALLS = 200


def best(run, source, rounds):
    """Seconds of one call in the fastest round."""
    fastest = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(_CALLS):
            run(source)
        fastest = min(fastest, (time.perf_counter() - started) / _CALLS)
    return fastest


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=20)
    rounds = options.parse_args().rounds
    session = tcalc.Session(write=lambda text: None)
    session.run("a = tensor([[1., 2.], [3., 4.]])\nb = tensor([[5., 6.], [7., 8.]])")
    arrays = {"a": np.array([[1, 2], [3, 4]], "float32"), "b": np.array([[5, 6], [7, 8]], "float32")}

    def python(source):
        exec(compile(source, "<statement>", "exec"), arrays)

    for position, source in enumerate(STATEMENTS):
        ours, theirs = best(session.run, source, rounds) * 1e6, best(python, source, rounds) * 1e6
        bound = f"  (bound {BOUND:.0f})" if not position else ""
        print(f"{source:28} {ours:6.1f} µs  {ours / theirs:5.1f} x CPython and NumPy{bound}")


if __name__ == "__main__":
    main()
