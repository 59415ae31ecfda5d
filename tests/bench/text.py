"""The mean of each column of a CSV, whole processes, as ratios: tcalc beside awk, datamash, Miller and NumPy.

    python tests/bench/text.py [--runs N] [--rows 1000000 10000000]

Tools that are not installed are left out. The bounds are those of the design: the time of ``mawk`` for a million rows
of four numbers, 0.7 times that for ten million. The best of alternating runs counts: the machine's other work only ever
adds time. Writing is timed too: a million rows as text, against NumPy's ``savetxt``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from startup import environment, install, seconds

COLUMNS = 4
BOUNDS = {1_000_000: 1.0, 10_000_000: 0.7}
AWK = "NR>1{a+=$1;b+=$2;c+=$3;d+=$4}END{n=NR-1;print a/n,b/n,c/n,d/n}"
LOADTXT = "import sys, numpy; print(numpy.loadtxt(sys.argv[1], delimiter=',', skiprows=1).mean(0))"
SAVETXT = "import sys, numpy; numpy.savetxt(sys.stdout, numpy.random.default_rng(0).random((1000000, 4)))"
WRITE = "manual_seed(0); rand(1000000, 4, dtype=float64)"


def write_csv(path, rows):
    """Rows of normal numbers with six digits, the same each time."""
    import numpy as np

    random = np.random.default_rng(0)
    with path.open("w") as file:
        file.write("a,b,c,d\n")
        for start in range(0, rows, 100_000):
            block = random.standard_normal((min(100_000, rows - start), COLUMNS)).tolist()
            file.write("".join(f"{a:.6f},{b:.6f},{c:.6f},{d:.6f}\n" for a, b, c, d in block))


def readers(script, path, rows):
    """The commands that are there, by their names."""
    commands = {"tcalc": [sys.executable, str(script), "x.mean(0)", path]}
    for name in ("mawk", "gawk"):
        commands[name] = [name, "-F,", AWK, path]
    commands["datamash"] = ["sh", "-c", f"datamash -t, --header-in mean 1-4 < '{path}'"]
    commands["mlr"] = ["mlr", "--icsv", "--ojson", "stats1", "-a", "mean", "-f", "a,b,c,d", path]
    found = {name: command for name, command in commands.items() if name == "tcalc" or shutil.which(name)}
    if rows <= 1_000_000:
        found["numpy.loadtxt"] = [sys.executable, "-c", LOADTXT, path]
    return found


def measure(commands, runs, env):
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(runs):
        for name, command in commands.items():
            best[name] = min(best[name], seconds(command, env))
    return best


def report(title, best, base, bound=None):
    print(title)
    for name, taken in best.items():
        note = ""
        if name == "tcalc" and bound is not None and base == "mawk":
            note = f"  (bound {bound}){'  MISSED' if taken / best[base] > bound else ''}"
        print(f"  {name:<14} {taken:8.3f} s  {taken / best[base]:6.2f} x {base}{note}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*", default=list(BOUNDS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = install(folder)
        env = environment(folder)
        for rows in arguments.rows:
            path = folder / f"{rows}.csv"
            write_csv(path, rows)
            commands = readers(script, str(path), rows)
            base = "mawk" if "mawk" in commands else "tcalc"
            title = f"mean of each column, {rows} x {COLUMNS}, {path.stat().st_size / 1e6:.0f} MB"
            report(title, measure(commands, arguments.runs, env), base, BOUNDS.get(rows))
            path.unlink()
        commands = {
            "tcalc": [sys.executable, str(script), WRITE],
            "numpy.savetxt": [sys.executable, "-c", SAVETXT],
        }
        report("a million rows of four float64 as text", measure(commands, arguments.runs, env), "numpy.savetxt")


if __name__ == "__main__":
    main()
