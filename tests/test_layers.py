"""The house's arrows: an inner layer never imports an outer one."""

from __future__ import annotations

import ast

import pytest
from conftest import ROOT

PACKAGE = ROOT / "tcalc"

# What each part may import of tcalc, itself aside. A part that is missing here is a fault of this table.
ALLOWED = {
    "spelling": set(),
    "errors": {"spelling"},
    "syntax": {"errors", "spelling"},
    "engine": {"errors", "spelling"},
    "ops": {"errors", "spelling", "syntax", "engine", "formats"},
    "interp": {"errors", "spelling", "syntax", "engine", "formats", "ops", "show"},
    "formats": {"errors", "spelling", "engine"},
    "show": {"errors", "spelling", "syntax", "engine", "ops"},
    "config": {"errors", "spelling", "engine"},
    "cli": {"errors", "spelling", "syntax", "engine", "ops", "interp", "formats", "show", "shell", "config"},
    "shell": {"errors", "spelling", "syntax", "engine", "ops", "interp", "formats", "show", "cli", "config"},
    "__main__": {"cli"},
    "__init__": {"errors", "syntax", "engine", "ops", "interp"},
}

# Libraries that only one part of the house may touch.
ONLY_IN = {
    "prompt_toolkit": {"tcalc/shell/"},
    "rich": {"tcalc/show/"},
    "click": {"tcalc/cli/"},
    "uniplot": {"tcalc/show/"},
    "cupy": {"tcalc/engine/", "tcalc/ops/"},
    "torch": set(),
}


def part_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Every module that a file imports, anywhere in it, as dotted names; imports for the type checker are none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            if node.module == "tcalc":
                yield from ((f"tcalc.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows(path):
    part = part_of(path)
    assert part in ALLOWED, f"{part} has no place in the house"
    for name, line in imports(path):
        if name.startswith("tcalc."):
            other = name.split(".")[1]
            known = other if other in ALLOWED else "__init__"
            assert known == part or known in ALLOWED[part] or known == "__init__", f"{path}:{line} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_where_they_belong(path):
    place = path.relative_to(ROOT).as_posix()
    for name, line in imports(path):
        homes = ONLY_IN.get(name.split(".")[0])
        assert homes is None or any(place.startswith(home) for home in homes), f"{path}:{line} imports {name}"
