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

_COMPREHENSIONS = (nodes.ListComp, nodes.SetComp, nodes.DictComp, nodes.GeneratorExp)


class _Scope:
    """The names of a function or comprehension; the top level has no parent."""

    __slots__ = ("bound", "deferred", "parent")

    def __init__(self, parent: _Scope | None, bound: set[str], deferred: bool) -> None:
        self.parent = parent
        self.bound = bound
        self.deferred = deferred


class _Bind:
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
            if isinstance(item, _Bind):
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

    def _bind(self, step: _Bind, scope: _Scope) -> None:
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
    elif isinstance(node, _COMPREHENSIONS):
        yield from _comprehension(node, scope)
    elif isinstance(node, nodes.Node):
        for step in _parts(node):
            yield step, scope


def _parts(node: nodes.Node) -> Iterator[object]:
    if isinstance(node, nodes.Assign):
        yield node.value
        for target in node.targets:
            yield from _targets(target)
    elif isinstance(node, nodes.AnnAssign):
        if node.value is not None:
            yield node.value
            yield from _targets(node.target)
    elif isinstance(node, nodes.AugAssign):
        yield node.target
        yield node.value
        yield from _targets(node.target)
    elif isinstance(node, nodes.NamedExpr):
        yield node.value
        yield from _targets(node.target)
    elif isinstance(node, nodes.For):
        yield node.iter
        yield from _targets(node.target)
        yield from node.body
        yield from node.orelse
    elif isinstance(node, nodes.Delete):
        for target in node.targets:
            yield _Bind(target.id, removed=True) if isinstance(target, nodes.Name) else target
    elif isinstance(node, (nodes.Import, nodes.ImportFrom)):
        for alias in node.names:
            yield _Bind(alias.asname or alias.name.partition(".")[0])
    else:
        yield from _children(node)


def _children(node: nodes.Node) -> Iterator[object]:
    """The parts of any other node, in the order of its fields; ``with … as`` and ``except … as`` bind theirs."""
    for field in node.fields:
        value = getattr(node, field)
        if field == "optional_vars" and value is not None:
            yield from _targets(value)
        elif isinstance(value, (list, tuple)):
            yield from value
        elif isinstance(node, nodes.ExceptHandler) and field == "name":
            if value is not None:
                yield _Bind(value)
        else:
            yield value


def _targets(target: nodes.Expression) -> Iterator[object]:
    """The names that an assignment binds; the parts of ``x[i]`` and ``x.a`` are read instead."""
    pending = [target]
    while pending:
        item = pending.pop()
        if isinstance(item, nodes.Name):
            yield _Bind(item.id)
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
    bound.update(_bound_within(body))
    inner = _Scope(scope, bound, True)
    for part in body:
        yield part, inner
    if isinstance(node, nodes.FunctionDef):
        yield _Bind(node.name), scope


def _bound_within(body: Iterable[nodes.Node]) -> Iterator[str]:
    """Every name that a function's body binds, its nested functions and comprehensions aside."""
    pending: list[object] = list(body)
    while pending:
        item = pending.pop()
        if isinstance(item, (_Bind, nodes.FunctionDef)):
            yield item.name
        elif isinstance(item, nodes.Node) and not isinstance(item, (nodes.Lambda, *_COMPREHENSIONS)):
            pending.extend(_parts(item))


def _comprehension(node: nodes.Expression, scope: _Scope) -> Iterator[tuple[object, _Scope]]:
    generators: list[nodes.Comprehension] = node.generators  # type: ignore[attr-defined]
    bound = {step.name for part in generators for step in _targets(part.target) if isinstance(step, _Bind)}
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
