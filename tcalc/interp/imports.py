"""``import``: names for the namespaces that tcalc has. No real module is ever imported."""

from __future__ import annotations

from tcalc.errors import TcalcError
from tcalc.interp import namespaces
from tcalc.interp.compiler import compiles
from tcalc.interp.faults import fail
from tcalc.interp.variables import store_name
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.compiler import Run
    from tcalc.interp.scope import Scope

# Once a program has imported one of these its brackets are Python's lists.
_MAKES_PYTHON = frozenset(("torch", "numpy"))


@compiles(nodes.Import)
def import_(node: nodes.Import, scope: Scope) -> Run:
    unit = scope.unit
    aliases = [(alias, store_name(alias.asname or alias.name.partition(".")[0], scope)) for alias in node.names]

    def run(frame: Any) -> None:
        for alias, store in aliases:
            try:
                module = _module(alias.name)
            except Exception as fault:
                fail(fault, unit, alias.span)
            root = alias.name.partition(".")[0]
            _imported(unit.session, root)
            store(frame, module if alias.asname else namespaces.module(root))

    return run


@compiles(nodes.ImportFrom)
def import_from(node: nodes.ImportFrom, scope: Scope) -> Run:
    unit = scope.unit
    if node.module == "__future__":
        return lambda frame: None
    aliases = [(alias, store_name(alias.asname or alias.name, scope)) for alias in node.names if alias.name != "*"]

    def run(frame: Any) -> None:
        try:
            module = _module(node.module)
        except Exception as fault:
            fail(fault, unit, node.module_span)
        _imported(unit.session, node.module.partition(".")[0])
        for alias, store in aliases:
            try:
                store(frame, _member(module, alias.name))
            except Exception as fault:
                fail(fault, unit, alias.span)
        if any(alias.name == "*" for alias in node.names):
            _import_all(unit.session, module)

    return run


def _imported(session: Any, root: str) -> None:
    if root in _MAKES_PYTHON:
        session.lists_become_python()


def _import_all(session: Any, module: Any) -> None:
    """``from math import *``; torch's names are there already."""
    if module.path != "torch":
        for name in module.names():
            session.variables[name] = module.find(name)


def _module(path: str) -> Any:
    found = namespaces.module(path)
    if found is None:
        from tcalc.interp.absences import reason

        why = reason(path)
        root = path.partition(".")[0]
        if namespaces.module(root) is None:
            why = why or 'tcalc has torch, numpy, einops, and modules of Python\'s that help("import") names'
        raise TcalcError(f"No module named '{path}'", "ModuleNotFoundError", hint=why or _near(path))
    return found


def _near(path: str) -> str | None:
    from tcalc.spelling import closest

    found = closest(path, namespaces.paths())
    return f"did you mean {found}?" if found else None


def _member(module: Any, name: str) -> Any:
    try:
        return module.find(name)
    except KeyError:
        from tcalc.spelling import closest

        hint = module.absent(name)
        if hint is None:
            found = closest(name, module.names())
            hint = f"did you mean {found}?" if found else None
        raise TcalcError(f"cannot import name '{name}' from '{module.path}'", "ImportError", hint=hint) from None
