"""How many rows a second ``tcalc --each`` does, beside awk where it is installed.

    python tests/bench/each.py [--rows N]

The time to start is taken off: it is that of the same command over one row.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")

# (expression, what awk would be told)
PROGRAMS = [
    ("x.sum()", "{ print $1 + $2 + $3 + $4 }"),
    ("x * 2", "{ print $1 * 2, $2 * 2, $3 * 2, $4 * 2 }"),
    ("x[0]", "{ print $1 }"),
    ("line if '7' in line else None", "/7/"),
    ("i", "{ print NR - 1 }"),
]


def write_rows(path, count):
    chance = random.Random(0)
    with open(path, "w", encoding="ascii") as file:
        for _ in range(count):
            file.write(" ".join(f"{chance.random():.4f}" for _ in range(4)) + "\n")


def seconds(command, env):
    started = time.perf_counter()
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def best(command, env, runs):
    return min(seconds(command, env) for _ in range(runs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    env = {name: value for name, value in os.environ.items() if name not in DROPPED} | {"PYTHONPATH": str(ROOT)}
    awk = shutil.which("mawk") or shutil.which("awk")
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder) / "many.txt", Path(folder) / "one.txt"
        write_rows(many, given.rows)
        write_rows(one, 1)
        print(f"{given.rows} rows of 4 columns, best of {given.runs}")
        for expression, script in PROGRAMS:
            command = [sys.executable, "-m", "tcalc", "-n", expression]
            took = best([*command, str(many)], env, given.runs) - best([*command, str(one)], env, given.runs)
            line = f"{expression:<32} {given.rows / took:>10.0f} rows/s"
            if awk is not None:
                peer = best([awk, script, str(many)], env, given.runs)
                line += f"  {took / peer:6.1f} x the time of {Path(awk).name}"
            print(line)


if __name__ == "__main__":
    main()
