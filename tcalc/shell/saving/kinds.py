"""What the parts of a statement are, as far as their text tells: a tensor, a literal, a number."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.errors import TcalcError
from tcalc.interp import library, names
from tcalc.interp.lookup import lookup
from tcalc.interp.own_names import own_names
from tcalc.shell.saving.log import FUNCTION, LITERAL, NUMBER, OTHER, TENSOR
from tcalc.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.ops.binding import Signature
    from tcalc.shell.saving.log import Entry

_NUMBERS = (int, float, complex, bool)
_NUMERIC_ATTRIBUTES = ("ndim", "itemsize", "nbytes")
_OTHER_ATTRIBUTES = ("shape", "dtype", "device", "layout", "is_leaf", "requires_grad")
_NUMERIC_METHODS = ("item", "numel", "dim", "size", "stride", "ndimension", "nelement", "element_size")
_OTHER_METHODS = ("tolist", "numpy", "is_floating_point", "is_contiguous", "max", "min", "split", "chunk", "unbind")
_NUMERIC_BUILTINS = ("len", "int", "float", "complex", "bool", "ord", "hash")


class Parameters:
    """The annotations of a function's parameters; None where nothing is known of one."""

    __slots__ = ("_offset", "_signature")

    def __init__(self, signature: Signature | None, offset: int = 0) -> None:
        self._signature = signature
        self._offset = offset  # 1 where a method's receiver takes the first

    def at(self, position: int) -> str | None:
        if self._signature is None:
            return None
        positional = self._signature.positional
        position += self._offset
        if position < len(positional):
            return positional[position].annotation
        return self._signature.variadic.annotation if self._signature.variadic is not None else "Any"

    def named(self, name: str | None) -> str | None:
        if self._signature is None or name is None:
            return None
        try:
            return self._signature.find(name)[0].annotation
        except Exception:  # no such parameter: the program has run, so that it is one of the function's own
            return None


class Kinds:
    """Answers for the nodes of one entry."""

    def __init__(self, session: Session, entry: Entry) -> None:
        self._session = session
        self._entry = entry

    def of(self, node: Any) -> str:
        """What a value is."""
        if isinstance(node, nodes.Constant):
            return NUMBER if isinstance(node.value, _NUMBERS) else OTHER
        if isinstance(node, nodes.Name):
            return self._of_name(node.id)
        if isinstance(node, nodes.List):
            return LITERAL if self.is_literal(node) else OTHER
        if isinstance(node, (nodes.BinOp, nodes.Compare)):
            parts = [node.left, *(node.comparators if isinstance(node, nodes.Compare) else [node.right])]
            return self._together([self.of(part) for part in parts])
        if isinstance(node, nodes.UnaryOp):
            return self._together([self.of(node.operand)])
        if isinstance(node, nodes.Subscript):
            return TENSOR if self.of(node.value) == TENSOR else OTHER
        if isinstance(node, nodes.Attribute):
            return self._of_attribute(node)
        if isinstance(node, nodes.Call):
            return self._of_call(node)
        return self.of(node.body) if isinstance(node, nodes.IfExp) else OTHER

    def _of_name(self, name: str) -> str:
        if name in self._entry.kinds:
            return self._entry.kinds[name]
        if name in names.CONSTANTS and name != "__name__":
            return NUMBER
        return OTHER

    def _together(self, kinds: list[str]) -> str:
        if TENSOR in kinds or LITERAL in kinds:
            return TENSOR
        return NUMBER if all(kind == NUMBER for kind in kinds) else OTHER

    def _of_attribute(self, node: nodes.Attribute) -> str:
        if self.of(node.value) in (TENSOR, LITERAL):
            if node.attr in _NUMERIC_ATTRIBUTES:
                return NUMBER
            return OTHER if node.attr in _OTHER_ATTRIBUTES else TENSOR
        value = lookup(self._session, self._written(node))
        return NUMBER if isinstance(value, _NUMBERS) else OTHER

    def _written(self, node: nodes.Node) -> str:
        return self._entry.text[node.span.start : node.span.end]

    def _of_call(self, node: nodes.Call) -> str:
        function = node.func
        if isinstance(function, nodes.Attribute) and self.of(function.value) in (TENSOR, LITERAL):
            if function.attr in _NUMERIC_METHODS:
                return NUMBER
            return OTHER if function.attr in _OTHER_METHODS else TENSOR
        if isinstance(function, nodes.Name) and function.id in _NUMERIC_BUILTINS:
            return NUMBER
        if isinstance(function, nodes.Name) and self._of_name(function.id) == FUNCTION:
            return OTHER
        if self.answers_numbers(node) and all(self.of(argument) == NUMBER for argument in node.args) and node.args:
            return NUMBER
        return TENSOR if self.parameters_of(node, True).at(0) is not None else OTHER

    def answers_numbers(self, node: nodes.Call) -> bool:
        """Whether a function of tensors is one of numbers too."""
        from tcalc.engine.scalars import SCALAR_FUNCTIONS

        function = node.func
        if isinstance(function, nodes.Attribute):
            return self._written(function.value) == "math"
        return isinstance(function, nodes.Name) and function.id in SCALAR_FUNCTIONS

    def is_literal(self, node: Any) -> bool:
        """Whether a list display is a tensor literal: rectangles of numbers, while brackets mean tensors."""
        if not isinstance(node, nodes.List) or not self._entry.tensor_lists or not node.elts:
            return False
        return all(self._is_leaf(element) for element in node.elts)

    def _is_leaf(self, node: Any) -> bool:
        if isinstance(node, nodes.List):
            return self.is_literal(node)
        if isinstance(node, nodes.UnaryOp):
            return self._is_leaf(node.operand)
        return self.of(node) == NUMBER

    def is_floating(self, node: Any) -> bool:
        """Whether a literal has a float among its numbers."""
        if isinstance(node, nodes.List):
            return any(self.is_floating(element) for element in node.elts)
        if isinstance(node, nodes.UnaryOp):
            return self.is_floating(node.operand)
        return not (isinstance(node, nodes.Constant) and isinstance(node.value, int))

    def dtype_beside(self, literal: nodes.Node, other: nodes.Node, symbol: str) -> str | None:
        """The dtype that a literal has to state beside another operand, where PyTorch would choose another."""
        dtype = self._dtype_of(other)
        if dtype is not None:
            is_floating = _by_name(dtype).category >= dtypes.FLOAT
            if symbol == "@" or (is_floating and self.is_floating(literal)):
                return None if dtype == "float32" and self.is_floating(literal) else dtype
            return None
        if symbol == "@" and self.is_literal(other) and self.is_floating(other) and not self.is_floating(literal):
            return self._entry.settings.dtype
        return None

    def _dtype_of(self, node: nodes.Node) -> str | None:
        """The dtype of a tensor, as it was or as it would be now."""
        if isinstance(node, nodes.Name):
            return self._entry.dtypes.get(node.id)
        if self.of(node) != TENSOR:
            return None
        from tcalc.shell.foresight.copies import Unknown
        from tcalc.shell.foresight.probe import attempt

        try:
            return getattr(getattr(attempt(self._session, self._written(node)).value, "dtype", None), "name", None)
        except (Unknown, TcalcError):
            return None

    def wants_floats(self, method: str) -> bool:
        """Whether a method refuses whole numbers."""
        if own_names().get(method) is not None or method not in library.registry().methods:
            return False
        from tcalc.shell.foresight.copies import Unknown
        from tcalc.shell.foresight.probe import attempt

        try:
            attempt(self._session, f"torch.ones(2, 2, dtype=torch.int64).{method}()")
        except Unknown:
            return False
        except TcalcError as error:
            return any(word in error.message for word in ("Long", "long", "dtype", "floating"))
        return False

    def parameters_of(self, node: nodes.Call, is_bare: bool) -> Parameters:
        """What the parameters of the called function take."""
        function = node.func
        if isinstance(function, nodes.Attribute):
            if self.of(function.value) in (TENSOR, LITERAL):
                method = library.method(function.attr)
                return Parameters(_signature(method), 1)
            value = lookup(self._session, self._written(function))
        else:
            torch_names = library.registry().namespaces["torch"]
            name = function.id if isinstance(function, nodes.Name) and is_bare else ""
            is_variable = name in self._entry.kinds
            value = torch_names[name] if name in torch_names and not is_variable else None
        return Parameters(_signature(value))


def _signature(value: Any) -> Any:
    """The signature of an operation; None for what has none, or one in words only."""
    return value.signature if type(value).__name__ in ("Record", "Method") else None


def _by_name(name: str) -> Any:
    return next(dtype for dtype in dtypes.ALL if dtype.name == name)
