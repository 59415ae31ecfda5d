"""How long it takes until the shell's prompt stands, as a ratio to a bare ``import numpy`` in the same run.

    python tests/bench/shell.py [--runs N]

The shell runs on a terminal of its own (a pty) from an installed and byte-compiled copy. The clock stops when the
prompt has been drawn; further lines tell when the first tensor is echoed, and how long a ghost of an answer takes.
"""

from __future__ import annotations

import argparse
import os
import pty
import select
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from startup import environment, install, seconds

BOUND = 2.5


def shell_seconds(command, env):
    """Seconds until the prompt stands, and until the echo of a statement that was typed ahead."""
    started = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command[0], command, env)
    until_prompt = _until(terminal, b">>>", started)
    os.write(terminal, b"ones(3) * 14\r")
    until_echo = _until(terminal, b"tensor(", started)
    os.write(terminal, b"\x04")
    _until(terminal, None, started)
    os.close(terminal)
    os.waitpid(process, 0)
    return until_prompt, until_echo


def _until(terminal, wanted, started):
    """Read until a text has come, or the end; the seconds since the start."""
    seen = b""
    while wanted is None or wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], 30)
        try:
            data = os.read(terminal, 65536) if ready else b""
        except OSError:
            data = b""
        if not data:
            if wanted is None:
                break
            raise SystemExit(f"waited for {wanted!r}, read {seen!r}")
        seen += data
    return time.perf_counter() - started


def ghost_seconds():
    """Seconds that the answer about a line takes, with everything loaded."""
    from tcalc.interp.session import Session
    from tcalc.shell.foresight.ghost import answer_to

    session = Session()
    session.run("a = rand(30, 40); b = rand(40, 50)")
    lines = ("a @ b", "(a @ b).softmax(1).sum(0)", "[x.sum() for x in a]", "[i for i in range(10**9)]")
    best = {}
    for line in lines:
        for _ in range(20):
            started = time.perf_counter()
            answer_to(session, line)
            best[line] = min(best.get(line, 9.0), time.perf_counter() - started)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = install(folder)
        env = environment(folder) | {
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "XDG_STATE_HOME": name,
            "HOME": name,
        }
        best = {"numpy": 9.0, "prompt": 9.0, "echo": 9.0}
        for _ in range(runs):
            best["numpy"] = min(best["numpy"], seconds([sys.executable, "-c", "import numpy"], env))
            prompt, echo = shell_seconds([sys.executable, str(script)], env)
            best["prompt"], best["echo"] = min(best["prompt"], prompt), min(best["echo"], echo)
    ratio = best["prompt"] / best["numpy"]
    print(f"{'import numpy':<42} {best['numpy'] * 1000:7.1f} ms  1.00")
    verdict = f"(bound {BOUND}){'  MISSED' if ratio > BOUND else ''}"
    print(f"{'the prompt stands':<42} {best['prompt'] * 1000:7.1f} ms  {ratio:.2f}  {verdict}")
    print(f"{'a tensor typed at once is echoed':<42} {best['echo'] * 1000:7.1f} ms  {best['echo'] / best['numpy']:.2f}")
    for line, took in ghost_seconds().items():
        print(f"{'ghost of ' + line:<42} {took * 1000:7.1f} ms")
    return 1 if ratio > BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
