"""The catalogue of names is what the records say, and a one-liner imports only what it uses."""

from __future__ import annotations

import subprocess
import sys

from tcalc.ops import catalog, summaries


def python(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_catalogue_is_current() -> None:
    made = python("from tcalc.ops import cataloguing as c; c.prepare(); print(c.text(), end='')")
    with open(catalog.__file__, encoding="utf-8") as file:
        assert file.read() == made, "run python -m tcalc.ops.cataloguing"


def test_the_summaries_are_current() -> None:
    made = python("from tcalc.ops import cataloguing as c; c.prepare(); print(c.summaries(), end='')")
    with open(summaries.__file__, encoding="utf-8") as file:
        assert file.read() == made, "run python -m tcalc.ops.cataloguing"


def test_a_name_brings_its_own_family_only() -> None:
    program = (
        "import sys; from tcalc.ops import registry; registry.namespaces['torch']['matmul']; "
        "print('tcalc.ops.linalg.matmul' in sys.modules, 'tcalc.ops.signal.fft' in sys.modules)"
    )
    assert python(program).split() == ["True", "False"]


def test_unknown_names_import_nothing() -> None:
    program = (
        "import sys; from tcalc.ops import registry; before = len(sys.modules); "
        "print('nonsense' in registry.methods, registry.attributes.get('nonsense'), len(sys.modules) - before)"
    )
    assert python(program).split() == ["False", "None", "0"]
