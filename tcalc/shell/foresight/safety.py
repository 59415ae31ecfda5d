"""Which programs may be tried on copies while somebody types: those that could not have an effect if they ran.

A session of copies has its own variables and its own state (default dtype, random stream, printing), so that what a
program does to these is forgotten with it. What is left are files, the screen, devices, and values that depend on
the data or on the machine; a program that names one of them is not tried.
"""

from __future__ import annotations

from tcalc.interp import library, names
from tcalc.interp.values import Builtin, Namespace
from tcalc.shell.foresight.copies import Unknown, is_device
from tcalc.syntax import nodes
from tcalc.syntax.free_names import free_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.interp.session import Session

_STATEMENTS = (nodes.Expr, nodes.Assign, nodes.AnnAssign, nodes.AugAssign)
# Texts show what a copy is; imports change how brackets are read.
_REFUSED_NODES = (nodes.JoinedStr, nodes.Import, nodes.ImportFrom)

# Python's functions of values alone. Those that write, or whose answer shows what a copy is not, are not here.
_BUILTINS = frozenset(
    (
        *("len", "zip", "enumerate", "map", "filter", "reversed", "sorted", "sum", "max", "min", "any", "all", "abs"),
        *("round", "pow", "divmod", "isinstance", "issubclass", "callable"),
    )
)
_NAMESPACES = (
    "torch", "torch.nn", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special", "torch.signal",
    "torch.signal.windows", "math",
)  # fmt: skip
# Families of operations whose answers on the meta device are as on any other; ``session`` is but for its conversions.
_FAMILIES = (
    "creation", "fft", "indexing", "linalg", "nn", "ordering", "pointwise", "random", "reduction", "shape", "signal",
    "special", "session.convert", "session.namespaces",
)  # fmt: skip
_FACTS = frozenset(("dtype", "is_floating_point", "is_complex", "is_tensor", "numel", "requires_grad"))
_REFUSED_NAMES = frozenset(
    ("cpu", "cuda", "device", "data_ptr", "get_device", "numpy", "from_numpy", "storage", "untyped_storage", "seed",
     "initial_seed")
)  # fmt: skip


def check_line(tree: nodes.Module, session: Session) -> set[str]:
    """The names that a line being typed reads; :class:`Unknown` where it must not be tried."""
    if not tree.body or not all(isinstance(statement, _STATEMENTS) for statement in tree.body):
        raise Unknown
    return check(tree, session)


def check(tree: nodes.Module, session: Session) -> set[str]:
    """The variables and values by number that a program reads; :class:`Unknown` where it must not be tried.

    Devices that it names become ``meta`` in the tree.
    """
    read: set[str] = set()
    for name in free_names([tree]):
        if name in session.variables or _is_output(name, session):
            read.add(name)
        else:
            _check_name(name, session)
    for node in _walk(tree):
        if isinstance(node, _REFUSED_NODES):
            raise Unknown
        if isinstance(node, nodes.Attribute):
            _check_operation(node.attr)
        elif isinstance(node, nodes.Constant) and isinstance(node.value, str) and is_device(node.value):
            node.value = "meta"
        elif isinstance(node, nodes.Call):
            _keep_device(node)
    return read


def _is_output(name: str, session: Session) -> bool:
    """Whether a name is a value by its number, such as ``_3``."""
    return name.startswith("_") and name in session.builtins


def _walk(node: Any) -> Iterator[nodes.Node]:
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(item)
        elif isinstance(item, nodes.Node):
            yield item
            pending.extend(getattr(item, field) for field in item.fields)


def _keep_device(call: nodes.Call) -> None:
    """``x.cpu()`` and ``x.cuda()`` change the device and nothing else: on a copy they are ``x.detach()``."""
    if isinstance(call.func, nodes.Attribute) and call.func.attr in ("cpu", "cuda"):
        call.func.attr, call.args, call.keywords = "detach", [], []


def _check_name(name: str, session: Session) -> None:
    """A name that is no variable: a function or a constant."""
    value = names.MISSING if name in session.suppliers else names.meaning(session, name)
    if value is names.MISSING:
        raise Unknown
    if isinstance(value, Namespace):
        if value.path not in _NAMESPACES:
            raise Unknown
    elif isinstance(value, Builtin):
        if name not in _BUILTINS:
            raise Unknown
    elif hasattr(value, "invoke"):
        _check_operation(name)


def _check_operation(name: str) -> None:
    """A function, or a name after a dot: it must be harmless whatever it belongs to."""
    if name in _REFUSED_NAMES:
        raise Unknown
    for table in library.registry().every_table().values():
        module = table.module_of.get(name)
        if module is not None and name not in _FACTS and not module.startswith(_FAMILIES):
            raise Unknown
