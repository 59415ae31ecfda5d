"""The free names of a program: what it reads without having bound it first.

The command line asks this before it touches standard input: a program that binds its own ``x`` leaves the
stream alone. At the top level the order of the text counts (``x = x + 1`` reads a free ``x``); the body of a
function runs later, so there a name is free only where the top level binds it nowhere. The walk keeps its
own stack, because a long chain of operators is a tree deeper than Python's recursion reaches.
"""

from __future__ import annotations

from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tcalc.errors import Span

COMPREHENSIONS = (nodes.ListComp, nodes.SetComp, nodes.DictComp, nodes.GeneratorExp)


class _Scope:
    """The names of a function or comprehension; the top level has no parent."""

    __slots__ = ("bound", "deferred", "parent")

    def __init__(self, parent: _Scope | None, bound: set[str], deferred: bool) -> None:
        self.parent = parent
        self.bound = bound
        self.deferred = deferred


class Bind:
    """A step of the walk: from here on the name is bound (or, after ``del``, is not)."""

    __slots__ = ("name", "removed")

    def __init__(self, name: str, removed: bool = False) -> None:
        self.name = name
        self.removed = removed


def free_names(programs: Iterable[nodes.Module]) -> dict[str, Span]:
    """The free names of programs that run one after another, each with the first place that reads it."""
    walk = _Walk()
    for program in programs:
        walk.run(program)
    return walk.result()


class _Walk:
    def __init__(self) -> None:
        self.top = _Scope(None, set(), False)
        self.ever_bound: set[str] = set()
        self.free: dict[str, Span] = {}
        self.later: dict[str, Span] = {}

    def run(self, program: nodes.Module) -> None:
        pending: list[tuple[object, _Scope]] = [(program, self.top)]
        while pending:
            item, scope = pending.pop()
            if isinstance(item, Bind):
                self._bind(item, scope)
            elif isinstance(item, nodes.Name):
                self._read(item, scope)
            else:
                pending.extend(reversed(list(_steps(item, scope))))

    def result(self) -> dict[str, Span]:
        found = dict(self.free)
        for name, span in self.later.items():
            if name not in self.ever_bound:
                found.setdefault(name, span)
        return found

    def _bind(self, step: Bind, scope: _Scope) -> None:
        while scope.parent is not None and not scope.deferred:
            scope = scope.parent  # a walrus in a comprehension binds outside of it
        if scope is not self.top:
            return  # a function's own names were collected when its scope was made
        if step.removed:
            self.top.bound.discard(step.name)
        else:
            self.top.bound.add(step.name)
            self.ever_bound.add(step.name)

    def _read(self, name: nodes.Name, scope: _Scope) -> None:
        runs_later = False
        inner: _Scope | None = scope
        while inner is not None and inner.parent is not None:
            if name.id in inner.bound:
                return
            runs_later = runs_later or inner.deferred
            inner = inner.parent
        if runs_later:
            self.later.setdefault(name.id, name.span)
        elif name.id not in self.top.bound:
            self.free.setdefault(name.id, name.span)


def _steps(node: object, scope: _Scope) -> Iterator[tuple[object, _Scope]]:
    """What a node does, in the order of its evaluation: parts to walk and names that it binds."""
    if isinstance(node, (nodes.FunctionDef, nodes.Lambda)):
        yield from _function(node, scope)
    elif isinstance(node, COMPREHENSIONS):
        yield from comprehension_steps(node, scope)
    elif isinstance(node, nodes.Node):
        for step in parts(node):
            yield step, scope


def parts(node: nodes.Node) -> Iterator[object]:
    if isinstance(node, nodes.Assign):
        yield node.value
        for target in node.targets:
            yield from targets_of(target)
    elif isinstance(node, nodes.AnnAssign):
        if node.value is not None:
            yield node.value
            yield from targets_of(node.target)
    elif isinstance(node, nodes.AugAssign):
        yield node.target
        yield node.value
        yield from targets_of(node.target)
    elif isinstance(node, nodes.NamedExpr):
        yield node.value
        yield from targets_of(node.target)
    elif isinstance(node, nodes.For):
        yield node.iter
        yield from targets_of(node.target)
        yield from node.body
        yield from node.orelse
    elif isinstance(node, nodes.Delete):
        for target in node.targets:
            yield Bind(target.id, removed=True) if isinstance(target, nodes.Name) else target
    elif isinstance(node, (nodes.Import, nodes.ImportFrom)):
        for alias in node.names:
            yield Bind(alias.asname or alias.name.partition(".")[0])
    else:
        yield from _children(node)


def _children(node: nodes.Node) -> Iterator[object]:
    """The parts of any other node, in the order of its fields; ``with … as`` and ``except … as`` bind theirs."""
    for field in node.fields:
        value = getattr(node, field)
        if field == "optional_vars" and value is not None:
            yield from targets_of(value)
        elif isinstance(value, (list, tuple)):
            yield from value
        elif isinstance(node, nodes.ExceptHandler) and field == "name":
            if value is not None:
                yield Bind(value)
        else:
            yield value


def targets_of(target: nodes.Expression) -> Iterator[object]:
    """The names that an assignment binds; the parts of ``x[i]`` and ``x.a`` are read instead."""
    pending = [target]
    while pending:
        item = pending.pop()
        if isinstance(item, nodes.Name):
            yield Bind(item.id)
        elif isinstance(item, (nodes.Tuple, nodes.List)):
            pending.extend(reversed(item.elts))
        elif isinstance(item, nodes.Starred):
            pending.append(item.value)
        else:
            yield item


def _function(node: nodes.FunctionDef | nodes.Lambda, scope: _Scope) -> Iterator[tuple[object, _Scope]]:
    params = node.params
    every = [*params.positional_only, *params.positional, *params.keyword_only]
    for param in every:
        yield param.default, scope
    bound = {param.name for param in [*every, params.vararg, params.kwarg] if param is not None}
    body = [node.body] if isinstance(node, nodes.Lambda) else node.body
    made = set(_bound_within(body))
    declared = list(declarations_within(body))
    bound.update(made.difference(name for part in declared for name in part.names))
    inner = _Scope(scope, bound, True)
    for part in body:
        yield part, inner
    if isinstance(node, nodes.FunctionDef):
        yield Bind(node.name), scope
    for part in declared:
        if isinstance(part, nodes.Global):
            # Calling the function may bind them: from the definition on they count as bound.
            yield from ((Bind(name), _outermost(scope)) for name in part.names if name in made)


def _outermost(scope: _Scope) -> _Scope:
    while scope.parent is not None:
        scope = scope.parent
    return scope


def declarations_within(body: Iterable[nodes.Node]) -> Iterator[nodes.Declaration]:
    """The ``global`` and ``nonlocal`` statements of a function's body, those of nested functions aside."""
    pending: list[object] = list(body)
    while pending:
        item = pending.pop()
        if isinstance(item, nodes.Declaration):
            yield item
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, (nodes.Statement, nodes.ExceptHandler)) and not isinstance(item, nodes.FunctionDef):
            pending.extend(getattr(item, field) for field in item.fields)


def _bound_within(body: Iterable[nodes.Node]) -> Iterator[str]:
    """Every name that a function's body binds, its nested functions and comprehensions aside."""
    pending: list[object] = list(body)
    while pending:
        item = pending.pop()
        if isinstance(item, (Bind, nodes.FunctionDef)):
            yield item.name
        elif isinstance(item, nodes.Node) and not isinstance(item, (nodes.Lambda, *COMPREHENSIONS)):
            pending.extend(parts(item))


def comprehension_steps(node: nodes.Expression, scope: _Scope) -> Iterator[tuple[object, _Scope]]:
    generators: list[nodes.Comprehension] = node.generators  # type: ignore[attr-defined]
    bound = {step.name for part in generators for step in targets_of(part.target) if isinstance(step, Bind)}
    inner = _Scope(scope, bound, False)
    yield generators[0].iter, scope
    for part in generators[1:]:
        yield part.iter, inner
    for part in generators:
        for condition in part.ifs:
            yield condition, inner
    for field in node.fields:
        if field != "generators":
            yield getattr(node, field), inner
