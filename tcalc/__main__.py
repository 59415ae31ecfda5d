"""``python -m tcalc`` and the ``tcalc`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Read the command line, do what it says and answer with the exit status."""
    try:
        from tcalc.cli.run import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
