"""What ``global`` and ``nonlocal`` may declare, checked once a whole program is read, in CPython's order and words.

A declaration must come before the function uses the name in any other way; a nonlocal name must be a variable of a
function around it. The walk keeps its own stack, as that of `free_names.py` does.
"""

from __future__ import annotations

from tcalc.errors import TcalcSyntaxError
from tcalc.syntax import nodes
from tcalc.syntax.free_names import COMPREHENSIONS, Bind, parts, targets_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from tcalc.errors import Span

GLOBAL, NONLOCAL = "global", "nonlocal"
PARAMETER, USED, ANNOTATED, ASSIGNED = "parameter", "used", "annotated", "assigned"
IMPORTED = "imported"  # a binding that may stand before a declaration, whatever CPython thought there


class _Block:
    """The module, a function or a comprehension: what has been done with each name so far."""

    __slots__ = ("declared", "is_comprehension", "parent", "uses")

    def __init__(self, parent: _Block | None, is_comprehension: bool = False) -> None:
        self.parent = parent
        self.is_comprehension = is_comprehension
        self.uses: dict[str, set[str]] = {}
        self.declared: list[tuple[str, str, Span]] = []

    def note(self, name: str, use: str) -> None:
        self.uses.setdefault(name, set()).add(use)

    def binds(self, name: str) -> bool:
        """Whether the name is a variable of this very block."""
        uses = self.uses.get(name, set())
        return not uses.isdisjoint((PARAMETER, ASSIGNED, ANNOTATED, IMPORTED)) and uses.isdisjoint((GLOBAL, NONLOCAL))


def check_declarations(program: nodes.Module) -> None:
    """Raise the fault of the first declaration that cannot be."""
    blocks = [_Block(None)]
    pending: list[tuple[object, _Block]] = [(program, blocks[0])]
    while pending:
        item, block = pending.pop()
        if isinstance(item, nodes.Name):
            block.note(item.id, USED)
        elif isinstance(item, Bind):
            while block.is_comprehension and block.parent is not None:
                block = block.parent  # a walrus in a comprehension binds outside of it
            block.note(item.name, ASSIGNED)
        elif isinstance(item, nodes.Declaration):
            _declare(item, block)
        elif isinstance(item, nodes.Node):
            pending.extend(reversed(list(_steps(item, block, blocks))))
    for block in blocks:
        _check_block(block)


def _steps(node: nodes.Node, block: _Block, blocks: list[_Block]) -> Iterator[tuple[object, _Block]]:
    """The parts of a node in the order in which they are read, each with its block."""
    if isinstance(node, (nodes.FunctionDef, nodes.Lambda)):
        yield from _function(node, block, blocks)
    elif isinstance(node, COMPREHENSIONS):
        inner = _Block(block, is_comprehension=True)
        blocks.append(inner)
        first = node.generators[0].iter
        yield first, block
        yield from ((part, inner) for part in _comprehension_parts(node) if part is not first)
    elif isinstance(node, (nodes.Import, nodes.ImportFrom)):
        for alias in node.names:
            block.note(alias.asname or alias.name.partition(".")[0], IMPORTED)
    elif isinstance(node, nodes.AnnAssign) and isinstance(node.target, nodes.Name):
        _annotate(node.target, block)
        yield node.value, block
    elif isinstance(node, nodes.AugAssign) and isinstance(node.target, nodes.Name):
        yield node.value, block
        yield Bind(node.target.id), block
    else:
        yield from ((part, block) for part in parts(node))


def _function(
    node: nodes.FunctionDef | nodes.Lambda, block: _Block, blocks: list[_Block]
) -> Iterator[tuple[object, _Block]]:
    inner = _Block(block)
    blocks.append(inner)
    params = node.params
    every = [*params.positional_only, *params.positional, *params.keyword_only]
    for param in [*every, params.vararg, params.kwarg]:
        if param is not None:
            inner.note(param.name, PARAMETER)
            yield param.default, block
    if isinstance(node, nodes.FunctionDef):
        yield Bind(node.name), block
    yield from ((part, inner) for part in ([node.body] if isinstance(node, nodes.Lambda) else node.body))


def _comprehension_parts(node: nodes.Node) -> Iterator[object]:
    for part in node.generators:  # type: ignore[attr-defined]
        yield part.iter
        yield from (item for item in targets_of(part.target) if not isinstance(item, Bind))
        yield from part.ifs
    yield from (getattr(node, field) for field in node.fields if field != "generators")


def _annotate(target: nodes.Name, block: _Block) -> None:
    for kind in (GLOBAL, NONLOCAL):
        if kind in block.uses.get(target.id, ()) and block.parent is not None:
            _fail(f"annotated name '{target.id}' can't be {kind}", target.span)
    block.note(target.id, ANNOTATED)


def _declare(node: nodes.Declaration, block: _Block) -> None:
    kind = GLOBAL if isinstance(node, nodes.Global) else NONLOCAL
    for name, place in zip(node.names, node.places, strict=True):
        uses = block.uses.get(name, set())
        if PARAMETER in uses:
            _fail(f"name '{name}' is parameter and {kind}", place)
        if USED in uses:
            _fail(f"name '{name}' is used prior to {kind} declaration", place)
        if ANNOTATED in uses:
            _fail(f"annotated name '{name}' can't be {kind}", place)
        if ASSIGNED in uses:
            _fail(f"name '{name}' is assigned to before {kind} declaration", place)
        block.note(name, kind)
        block.declared.append((name, kind, place))


def _check_block(block: _Block) -> None:
    for name, kind, place in block.declared:
        if {GLOBAL, NONLOCAL} <= block.uses[name]:
            _fail(f"name '{name}' is nonlocal and global", place)
        if kind == NONLOCAL and block.parent is None:
            _fail("nonlocal declaration not allowed at module level", place)
        if kind == NONLOCAL and not _is_bound_around(block, name):
            _fail(f"no binding for nonlocal '{name}' found", place)


def _is_bound_around(block: _Block, name: str) -> bool:
    around = block.parent
    while around is not None and around.parent is not None:
        if around.binds(name):
            return True
        if GLOBAL in around.uses.get(name, ()):
            return False
        around = around.parent
    return False


def _fail(message: str, place: Span) -> NoReturn:
    raise TcalcSyntaxError(message, place)
