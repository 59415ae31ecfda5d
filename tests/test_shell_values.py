"""The values of entries by number, and what keeping them may cost."""

from __future__ import annotations

from tcalc.interp.session import Session
from tcalc.shell import outputs
from tcalc.shell.outputs import Outputs


def test_the_oldest_large_values_are_forgotten(monkeypatch):
    monkeypatch.setattr(outputs, "_KEPT_BYTES", 10_000)
    session = Session()
    kept = Outputs(session.builtins)
    for size in (1000, 1000, 1000, 1000, 10):
        kept.begin()
        kept.keep(session.run(f"zeros({size})"))
    assert "_1" not in session.builtins and "_2" not in session.builtins
    assert session.run("len(_4)") == 1000
    assert session.run("len(_), len(__), len(___)") == (10, 1000, 1000)


def test_an_entry_counts_once():
    session = Session()
    kept = Outputs(session.builtins)
    kept.begin()
    kept.keep(1)
    kept.keep(2)
    kept.begin()
    kept.keep(None)
    assert session.run("_, _1") == (2, 2)
    assert "__" not in session.builtins and "_2" not in session.builtins
    session.run("_ = 5")
    assert session.run("_") == 5
    kept.clear()
    assert not [name for name in session.builtins if name.startswith("_") and name[1:].isdigit()]
