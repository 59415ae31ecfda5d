"""What looking into large files costs: bytes read, memory and time, as ratios to NumPy and the safetensors library.

    python tests/bench/files.py

The file has four gigabytes on paper and 64 MB of real numbers in it: the rest is a hole, which takes no place.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REAL = 16 << 20  # elements of the tensor that is asked for
HOLE = 1 << 30  # elements of the one that is not

MEASURED = """
import json, resource, sys
{work}
io = dict(line.split(": ") for line in open("/proc/self/io").read().splitlines())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stderr.write(json.dumps([int(io["rchar"]), peak]))
"""
COMMAND = "sys.argv = ['tcalc', *{arguments!r}]; from tcalc.__main__ import main; main()"
LIBRARY = "from safetensors import safe_open; print(safe_open({path!r}, 'np').get_tensor('real').std())"


def write(path: Path) -> None:
    numbers = np.random.default_rng(0).standard_normal(REAL, np.float32)
    fields = {
        "hole": {"dtype": "F32", "shape": [HOLE], "data_offsets": [0, 4 * HOLE]},
        "real": {"dtype": "F32", "shape": [REAL], "data_offsets": [4 * HOLE, 4 * (HOLE + REAL)]},
    }
    header = json.dumps(fields).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.seek(4 * HOLE, 1)
        file.write(numbers.data)


def measured(work: str) -> tuple[float, int, int]:
    """Seconds, bytes read by calls and the peak of memory in KiB, of a fresh process; the best of three."""
    best = None
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED.format(work=work)], capture_output=True, text=True, check=True
        )
        found = (time.perf_counter() - start, *json.loads(done.stderr))
        best = min(best, found) if best else found
    assert best is not None
    return best


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "big.safetensors")
        write(path)
        base = measured("import numpy")
        rows = {
            "import numpy": base,
            "safetensors: real.std()": measured(LIBRARY.format(path=str(path))),
            "tcalc 'x[\"real\"].std()'": measured(COMMAND.format(arguments=('x["real"].std()', str(path)))),
            "tcalc 'x[\"hole\"][7]'": measured(COMMAND.format(arguments=('x["hole"][7]', str(path)))),
            "tcalc big.safetensors": measured(COMMAND.format(arguments=(str(path),))),
        }
        print(f"a file of {path.stat().st_size / 1e9:.2f} GB; the tensor asked for has {4 * REAL / 1e6:.0f} MB")
        for name, (seconds, read, peak) in rows.items():
            more = (peak - base[2]) / 1024
            print(f"{name:26} {seconds / base[0]:6.2f} x  {read / 1e6:8.2f} MB by calls  {more:8.1f} MiB over NumPy")


if __name__ == "__main__":
    main()
