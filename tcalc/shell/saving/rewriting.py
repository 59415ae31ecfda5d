"""A statement of the calculator in PyTorch's words: bare names get their namespace, literals become tensors.

The text is kept as it was written; only what PyTorch would read differently is changed, by insertions at the places
that the tree knows.
"""

from __future__ import annotations

from tcalc.interp import library, names
from tcalc.interp.namespaces import BARE
from tcalc.interp.own_names import own_names
from tcalc.interp.python_builtins import TORCH_KEYWORDS
from tcalc.interp.scope import bound_names
from tcalc.interp.type_tokens import PYTHON_TYPES
from tcalc.interp.values import Builtin
from tcalc.shell.saving.kinds import Kinds
from tcalc.shell.saving.log import LITERAL, NUMBER, TENSOR
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.shell.saving.log import Entry

# Python's functions that mean torch's where the first argument is a tensor.
_SHARED = frozenset(("sum", "max", "min", "any", "all", "abs", "round", "pow"))
# Functions that take nested lists for what they are.
_TAKE_LISTS = frozenset(("tensor", "as_tensor", "asarray", "array", "print", "Size", "device", "new_tensor"))
# Functions of numbers that Python's math has with the same answers.
_PYTHONS = frozenset(
    ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp",
     "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "erf", "erfc", "lgamma", "hypot", "isfinite", "isinf",
     "isnan")
)  # fmt: skip
_CONSTANTS = {"pi": "math.pi", "e": "math.e", "tau": "math.tau", "inf": "math.inf", "nan": "math.nan"}
_NAMESPACES = {"nn": "torch.nn", "linalg": "torch.linalg", "fft": "torch.fft", "special": "torch.special",
               "cuda": "torch.cuda"}  # fmt: skip
_TENSOR_PARAMETERS = ("Tensor", "Floating", "Operand", "Mixed")
_CONTAINERS = (nodes.Tuple, nodes.Dict, nodes.Set)
_COMPREHENSIONS = (nodes.ListComp, nodes.SetComp, nodes.DictComp, nodes.GeneratorExp)


class NotPyTorch(Exception):  # noqa: N818 - it ends in a comment, not in a fault
    """A statement uses what only the calculator has."""


class Rewriter:
    """Collects the changes to one entry's text."""

    def __init__(self, session: Session, entry: Entry, tree: nodes.Module) -> None:
        self.session = session
        self.entry = entry
        self.imports: set[str] = set()
        self.outputs: set[int] = set()  # the values by number that are read
        self.kinds = Kinds(session, entry)
        self._edits: list[tuple[int, int, int, str]] = []
        self._keeps_lists = False
        self._bound = [{name for statement in tree.body for name in bound_names([statement])}]

    # -- the text

    def text(self, node: nodes.Node) -> str:
        """A node's text with its changes."""
        self._edits = []
        # A tuple that is echoed shows its lists as lists; one that is assigned has tensors in it.
        self._keeps_lists = isinstance(node, nodes.Expr) and isinstance(node.value, _CONTAINERS)
        self._visit(node)
        start = node.span.start
        pieces, position = [], start
        for begin, end, _, replacement in sorted(self._edits):
            pieces += [self.entry.text[position:begin], replacement]
            position = end
        return "".join(pieces) + self.entry.text[position : node.span.end]

    def _replace(self, start: int, end: int, text: str) -> None:
        self._edits.append((start, end, len(self._edits), text))

    def _insert(self, at: int, text: str) -> None:
        self._replace(at, at, text)

    # -- the walk

    def _visit(self, node: Any) -> None:
        if isinstance(node, (list, tuple)):
            for item in node:
                self._visit(item)
        elif isinstance(node, nodes.Node):
            handler = _HANDLERS.get(type(node))
            if handler is None:
                self._children(node)
            else:
                handler(self, node)

    def _children(self, node: nodes.Node) -> None:
        for field in node.fields:
            self._visit(getattr(node, field))

    def _within(self, bound: Iterable[str], parts: Iterable[Any]) -> None:
        """Visit parts in which further names are bound."""
        self._bound.append(set(bound))
        for part in parts:
            self._visit(part)
        self._bound.pop()

    def is_variable(self, name: str) -> bool:
        return name in self.entry.kinds or any(name in bound for bound in self._bound)

    # -- names

    def _name(self, node: nodes.Name) -> None:
        name = node.id
        if self.is_variable(name):
            return
        if name.startswith("_") and (name in ("_", "__", "___") or name[1:].isdigit()):
            self._output(node)
        elif name in _CONSTANTS:
            self.imports.add("import math")
            self._replace(node.span.start, node.span.end, _CONSTANTS[name])
        elif name in BARE:
            self._namespace(node)
        elif name in own_names():
            raise NotPyTorch(name)
        elif self._is_torchs(name):
            self._insert(node.span.start, "torch.")

    def _output(self, node: nodes.Name) -> None:
        """A value by its number: the script gives it that name."""
        if node.id == "_":
            number = self.entry.last_output
        else:
            number = int(node.id[1:]) if node.id[1:].isdigit() else None
        if number is None:
            raise NotPyTorch(node.id)
        self.outputs.add(number)
        self._replace(node.span.start, node.span.end, f"_{number}")

    def _namespace(self, node: nodes.Name) -> None:
        name = node.id
        if name in _NAMESPACES:
            self._replace(node.span.start, node.span.end, _NAMESPACES[name])
        elif name == "F":
            self.imports.add("import torch.nn.functional as F")
        elif name == "np":
            self.imports.add("import numpy as np")
        elif name != "torch":
            self.imports.add(f"import {name}")

    def _is_torchs(self, name: str) -> bool:
        """Whether a bare name is one of torch's, and not Python's as well."""
        value = names.meaning(self.session, name)
        if value is names.MISSING or isinstance(value, Builtin) or name in PYTHON_TYPES:
            return False
        return name in library.registry().namespaces["torch"] or name in names.BARE_DTYPES or name in ("Size", "device")

    # -- calls

    def _call(self, node: nodes.Call) -> None:
        function = node.func
        name = function.id if isinstance(function, nodes.Name) else getattr(function, "attr", "")
        is_bare = isinstance(function, nodes.Name) and not self.is_variable(name)
        if is_bare and name in _SHARED and node.args:
            if any(keyword.arg in TORCH_KEYWORDS for keyword in node.keywords):
                self._insert(function.span.start, "torch.")
                name = ""  # nothing is Python's about the arguments
            elif self._means_torchs(name, node.args[0]):
                self._insert(function.span.start, "torch.")
            elif self.kinds.of(node.args[0]) == LITERAL and isinstance(node.args[0], nodes.Name):
                self._insert(node.args[0].span.end, ".tolist()")  # the calculator sums the list that it is
        elif is_bare and self._is_torchs(name) and self._is_scalar(node):
            self._scalar_call(node, name)
            return
        else:
            self._visit(function)
        parameters = self.kinds.parameters_of(node, is_bare)
        for position, argument in enumerate(node.args):
            self._argument(argument, name, parameters.at(position))
        for keyword in node.keywords:
            self._argument(keyword.value, name, parameters.named(keyword.arg))

    def _means_torchs(self, name: str, first: nodes.Expression) -> bool:
        """Whether a function that Python has too is torch's here: of a tensor, or of a literal that Python refuses."""
        kind = self.kinds.of(first)
        if kind != LITERAL:
            return kind == TENSOR
        is_nested = isinstance(first, nodes.List) and any(isinstance(item, nodes.List) for item in first.elts)
        return is_nested or name in ("abs", "round", "pow")

    def _is_scalar(self, node: nodes.Call) -> bool:
        """Whether a function of tensors is called with numbers alone, which only the calculator does."""
        return (
            bool(node.args)
            and not node.keywords
            and all(self.kinds.of(argument) == NUMBER for argument in node.args)
            and self.kinds.answers_numbers(node)
        )

    def _scalar_call(self, node: nodes.Call, name: str) -> None:
        if name in _PYTHONS:
            self.imports.add("import math")
            self._insert(node.func.span.start, "math.")
            self._visit(node.args)
            return
        self._insert(node.func.span.start, "torch.")
        for argument in node.args:
            self._insert(argument.span.start, "torch.tensor(")
            self._visit(argument)
            self._insert(argument.span.end, ", dtype=torch.float64)")
        self._insert(node.span.end, ".item()")

    def _argument(self, node: nodes.Expression, function: str, annotation: str | None) -> None:
        """An argument; a literal becomes a tensor where the parameter wants one, or nobody knows what it wants."""
        if (
            not self.kinds.is_literal(node)
            or function in _TAKE_LISTS
            or (function in _SHARED and not self._means_torchs(function, node))
        ):
            self._keep(node)
        elif annotation == "Tensors":
            for row in node.elts:  # type: ignore[attr-defined]
                self._literal(row)
        elif annotation is None and self._is_programs_own(function):
            self._literal(node)
        elif annotation is not None and any(kind in annotation for kind in _TENSOR_PARAMETERS):
            self._literal(node, floating="Floating" in annotation)
        else:
            self._keep(node)

    def _is_programs_own(self, function: str) -> bool:
        return self.is_variable(function) or names.meaning(self.session, function) is names.MISSING

    # -- literals

    def _list(self, node: nodes.List) -> None:
        if not self.kinds.is_literal(node):
            self._children(node)
        elif self._keeps_lists:
            self._keep(node)
        else:
            self._literal(node)

    def _literal(self, node: Any, dtype: str | None = None, floating: bool = False) -> None:
        """A literal as a tensor."""
        if not self.kinds.is_literal(node):
            self._visit(node)
            return
        if floating and dtype is None and not self.kinds.is_floating(node):
            dtype = self.entry.settings.dtype
        self._insert(node.span.start, "torch.tensor(")
        self._keep(node)
        self._insert(node.span.end, f", dtype=torch.{dtype})" if dtype else ")")

    def _keep(self, node: Any) -> None:
        """A value that stays a list where it is one: within it, names are rewritten and inner lists are not."""
        if not self.kinds.is_literal(node):
            self._visit(node)
            return
        for element in node.elts:
            self._keep(element)

    def _binary(self, node: nodes.BinOp) -> None:
        for operand, other in ((node.left, node.right), (node.right, node.left)):
            if self.kinds.is_literal(operand):
                self._literal(operand, self.kinds.dtype_beside(operand, other, node.op.symbol))
            else:
                self._visit(operand)

    def _compare(self, node: nodes.Compare) -> None:
        operands = [node.left, *node.comparators]
        has_tensor = any(self.kinds.of(operand) == TENSOR for operand in operands)
        orders = any(row.symbol in ("<", ">", "<=", ">=") for row in node.ops)
        for operand in operands:
            if has_tensor or orders:
                self._visit(operand)
            else:
                self._keep(operand)

    def _attribute(self, node: nodes.Attribute) -> None:
        """``[1, 2, 3].mean()``: the receiver is a tensor, of floats where PyTorch wants them."""
        if self.kinds.is_literal(node.value) and not hasattr(list, node.attr):
            wants = not self.kinds.is_floating(node.value) and self.kinds.wants_floats(node.attr)
            self._literal(node.value, floating=wants)
        elif self.kinds.of(node.value) == LITERAL and self.kinds.wants_floats(node.attr):
            self._visit(node.value)
            self._insert(node.value.span.end, f".to(torch.{self.entry.settings.dtype})")
        else:
            self._keep(node.value)

    def _subscript(self, node: nodes.Subscript) -> None:
        """A literal in an index is a list of positions; one that is indexed is a list but in several dimensions."""
        if isinstance(node.index, nodes.Tuple):
            self._literal(node.value)
            parts = node.index.elts
        else:
            self._keep(node.value)
            parts = [node.index]
        for part in parts:
            self._keep(part)

    # -- what binds names

    def _for(self, node: nodes.For) -> None:
        self._keep(node.iter)
        self._visit(node.target)
        self._visit(node.body)
        self._visit(node.orelse)

    def _function(self, node: nodes.FunctionDef | nodes.Lambda) -> None:
        params = node.params
        every = [*params.positional_only, *params.positional, *params.keyword_only]
        for param in every:
            self._visit(param.default)
        bound = [param.name for param in (*every, params.vararg, params.kwarg) if param is not None]
        body = node.body if isinstance(node.body, list) else [node.body]
        self._within([*bound, *bound_names(body)], body)

    def _comprehension(self, node: Any) -> None:
        bound = [name for part in node.generators for name in _target_names(part.target)]
        self._keep(node.generators[0].iter)
        rest = [part.iter for part in node.generators[1:]]
        conditions = [condition for part in node.generators for condition in part.ifs]
        values = [getattr(node, field) for field in node.fields if field != "generators"]
        self._within(bound, [*rest, *conditions, *values])


def _target_names(target: nodes.Node) -> list[str]:
    from tcalc.interp.scope import target_names

    return list(target_names(target))


_HANDLERS: dict[type, Any] = {
    nodes.Name: Rewriter._name,
    nodes.Call: Rewriter._call,
    nodes.List: Rewriter._list,
    nodes.BinOp: Rewriter._binary,
    nodes.Compare: Rewriter._compare,
    nodes.Attribute: Rewriter._attribute,
    nodes.Subscript: Rewriter._subscript,
    nodes.For: Rewriter._for,
    nodes.FunctionDef: Rewriter._function,
    nodes.Lambda: Rewriter._function,
    **dict.fromkeys(_COMPREHENSIONS, Rewriter._comprehension),
}
