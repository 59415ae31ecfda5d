"""How long a one-liner takes, as a ratio to a bare ``import numpy`` in the same run.

    python tests/bench/startup.py [--runs N]

Uses an installed and byte-compiled copy of this checkout in a folder of its own, as a user has it, and takes the
best of many alternating runs: the machine's other work only ever adds time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# (what, the command's arguments, bound as a multiple of `python -c 'import numpy'`)
LINES = [
    ("tcalc -e '2**10/3'", ["-e", "2**10/3"], 0.6),
    ("tcalc -e '[[1, 2], [3, 4]] @ [5, 6]'", ["-e", "[[1, 2], [3, 4]] @ [5, 6]"], 1.3),
]
# Settings of a machine that change how NumPy's BLAS starts would distort the ratio.
DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH")


def environment(folder):
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return kept | {"PYTHONPATH": str(folder)}


def install(folder):
    """A copy of the package and its command, byte-compiled; what it needs is there already."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--compile", "--target", str(folder), str(ROOT)],
        check=True, env={name: value for name, value in os.environ.items() if name not in DROPPED},
    )  # fmt: skip
    return folder / "bin" / "tcalc"


def seconds(command, env):
    started = time.perf_counter()
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def own_modules(script, arguments, env, runs):
    """Milliseconds that tcalc's own modules take to import, by Python's own account: each at its best."""
    best = {}
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", str(script), *arguments],
            check=True, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        rows = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
        for itself, _, name in rows[1:]:
            if name.strip().startswith("tcalc"):
                taken = int(itself.split(":")[1])
                best[name] = min(best.get(name, taken), taken)
    return sum(best.values()) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = install(folder)
        env = environment(folder)
        commands = {"python": [sys.executable, "-c", "pass"], "numpy": [sys.executable, "-c", "import numpy"]}
        commands |= {what: [sys.executable, str(script), *arguments] for what, arguments, _ in LINES}
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(runs):
            for what, command in commands.items():
                best[what] = min(best[what], seconds(command, env))
        print(f"Python {sysconfig.get_python_version()}: {best['python'] * 1000:.1f} ms bare, best of {runs} runs")
        print(f"{'import numpy':<42} {best['numpy'] * 1000:7.1f} ms  1.00")
        missed = 0
        for what, arguments, bound in LINES:
            ratio = best[what] / best["numpy"]
            missed += ratio > bound
            verdict = f"(bound {bound}){'  MISSED' if ratio > bound else ''}"
            own = own_modules(script, arguments, env, runs)
            print(f"{what:<42} {best[what] * 1000:7.1f} ms  {ratio:.2f}  {verdict}  own modules {own:.1f} ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
