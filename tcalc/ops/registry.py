"""One record a function: the plain, annotated Python function of its family's file.

``@op`` takes the name, signature and docstring from the function and makes it reachable as ``torch.NAME``,
as a bare name, as a method (when its first parameter is called ``input``), in place (``NAME_``) and with
``out=``. Nothing else keeps a list of functions.

The body of a record is one of two things:

- a *composite*: it calls other records and returns their result;
- a *primitive*: it checks its operands and returns a :class:`~tcalc.ops.dispatch.Launch`, which says the shape
  and dtype of the answer (its ``meta``) and the kernel that computes it. Only the dispatcher runs a launch, so
  the shape of any expression can be had without computing it (operands on the ``meta`` device).
"""

from __future__ import annotations

import sys

from tcalc.engine.tensor import Tensor
from tcalc.ops import binding, destination, dispatch
from tcalc.ops.catalog import CATALOG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import Any

    from tcalc.ops.binding import Signature
    from tcalc.ops.out_rules import OutRule

NUMBERS = frozenset((int, float, bool, complex))


class Names(dict):
    """Names and what they stand for; one that is not there yet brings its module with it.

    ``module_of`` is the catalogue's part (see ``cataloguing``): the module that registers each name. ``origin``
    remembers where the names that are there came from.
    """

    __slots__ = ("module_of", "origin")

    def __init__(self, by_module: dict[str, str]) -> None:
        super().__init__()
        self.module_of = {name: module for module, names in by_module.items() for name in names.split()}
        self.origin: dict[str, str] = {}

    def add(self, name: str, value: Any, origin: str) -> None:
        """Register a name, once."""
        if dict.__contains__(self, name):
            raise AssertionError(f"{name} is registered twice")
        self[name] = value
        self.origin[name] = origin

    def loaded(self) -> list[str]:
        """The names that are there already."""
        return list(dict.keys(self))

    def __missing__(self, name: str) -> Any:
        __import__(f"tcalc.ops.{self.module_of[name]}")
        return dict.__getitem__(self, name)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.module_of

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - this is get itself

    def __iter__(self) -> Iterator[str]:
        return iter(self._all().keys())

    def __len__(self) -> int:
        return len(self._all().keys())

    def keys(self) -> Any:
        return self._all().keys()

    def values(self) -> Any:
        return self._all().values()

    def items(self) -> Any:
        return self._all().items()

    def _all(self) -> Any:
        load()
        return super()


# namespace -> name -> record or constant; "torch" is the one whose names are also bare names.
namespaces: dict[str, Names] = {path: Names(parts) for path, parts in CATALOG.items() if path.startswith("torch")}
methods = Names(CATALOG.get("methods", {}))
attributes = Names(CATALOG.get("attributes", {}))


def every_table() -> dict[str, Names]:
    return {**namespaces, "methods": methods, "attributes": attributes}


def names_of(path: str) -> Names:
    """The names of a namespace, which is made on first use."""
    if path not in namespaces:
        namespaces[path] = Names({})
    return namespaces[path]


class Record:
    """A function of the language. Calling it is calling it from Python with finished arguments."""

    printed_type = "builtin_function_or_method"

    __slots__ = (
        "_signature",
        "derivative",
        "family",
        "function",
        "inplace",
        "is_method",
        "name",
        "namespace",
        "out",
        "scalar",
    )

    def __init__(
        self,
        function: Callable,
        name: str,
        namespace: str,
        *,
        is_method: bool,
        inplace: bool,
        out: bool | OutRule,
        derivative: Callable | None,
    ) -> None:
        self.function = function
        self.name = name
        self.namespace = namespace
        self.family = _module_being_imported()
        self.is_method = is_method
        self.inplace = inplace
        self.out = out
        self.derivative = derivative
        self._signature: Signature | None = None

    def renamed(self, name: str, namespace: str) -> Record:
        """The same function under another name, which is the one that its errors give."""
        return Record(
            self.function,
            name,
            namespace,
            is_method=self.is_method,
            inplace=self.inplace,
            out=self.out,
            derivative=self.derivative,
        )

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the function."""
        return f"{self.namespace}.{self.name}"

    @property
    def signature(self) -> Signature:
        """The parameters, read from the function on first use."""
        if self._signature is None:
            self._signature = binding.Signature(self.function, self.name, self.namespace, bool(self.out))
        return self._signature

    @property
    def doc(self) -> str:
        return self.function.__doc__ or ""

    @property
    def computes_in_out(self) -> bool:
        """Whether the function computes in the dtype of what it writes into (``out=``, or in place)."""
        return not isinstance(self.out, bool) and self.out.computes

    @property
    def qualified_name(self) -> str:
        return f"{self.namespace}.{self.name}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The answer for arguments that already have the right types (calls from other records)."""
        answer = self.function(*args, **kwargs)
        if type(answer) is dispatch.Launch:
            return dispatch.execute(answer, self)
        return answer

    def meta(self, *args: Any, **kwargs: Any) -> Any:
        """What a primitive would compute, as a launch that has not been run."""
        return self.function(*args, **kwargs)

    def invoke(self, args: list, kwargs: dict[str, Any], receiver: bool = False) -> Any:
        """The answer for a program's arguments: bound, converted, with ``out=``."""
        apart = "out" if self.out and not receiver and "out" in kwargs else None  # a method has no out=
        out = kwargs["out"] if apart else None
        signature = self.signature
        bound, named = signature.bind(args, kwargs, receiver=receiver, apart=apart)
        if out is not None and self.computes_in_out and named.get("dtype") is None:
            named["dtype"] = binding.as_out(out, self.name).dtype
        try:
            answer = self.function(*bound, **named)
        except binding.Misfit:
            raise signature.refusal(args, kwargs, receiver=receiver) from None
        if out is not None:
            return destination.finish_out(answer, binding.as_out(out, self.name), self)
        if type(answer) is dispatch.Launch:
            return dispatch.execute(answer, self)
        return answer

    def __repr__(self) -> str:
        kind = "method" if self.namespace == "torch.Tensor" else "function"
        return f"<{kind} {self.qualified_name}>"


class Method:
    """A record called with a dot: ``x.NAME(…)``, or in place ``x.NAME_(…)``."""

    printed_type = "builtin_function_or_method"

    __slots__ = ("inplace", "record")

    def __init__(self, record: Record, inplace: bool = False) -> None:
        self.record = record
        self.inplace = inplace

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls the method."""
        return f"Tensor.{self.name}"

    @property
    def name(self) -> str:
        return self.record.name + "_" if self.inplace else self.record.name

    @property
    def signature(self) -> Signature:
        return self.record.signature

    @property
    def doc(self) -> str:
        return f"In-place form of ``{self.record.name}``.\n\n{self.record.doc}" if self.inplace else self.record.doc

    @property
    def qualified_name(self) -> str:
        return f"torch.Tensor.{self.name}"

    def __call__(self, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        if not self.inplace:
            return self.record(input, *args, **kwargs)
        destination.check_writable(input)
        if self.record.computes_in_out and kwargs.get("dtype") is None:
            kwargs["dtype"] = input.dtype
        return destination.finish_inplace(self.record.function(input, *args, **kwargs), input, self.record)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        """The answer for a receiver and a program's arguments."""
        if not self.inplace:
            return self.record.invoke(args, kwargs, receiver=True)
        signature = self.record.signature
        bound, named = signature.bind(args, kwargs, self.name, receiver=True)
        try:
            return self(*bound, **named)
        except binding.Misfit:
            raise signature.refusal(args, kwargs, self.name, receiver=True) from None

    def __repr__(self) -> str:
        return f"<method {self.qualified_name}>"


class Attribute:
    """A value that every tensor has without a call, such as ``.T``."""

    __slots__ = ("doc", "name", "read", "write")

    def __init__(self, read: Callable[[Tensor], Any], name: str) -> None:
        self.read = read
        self.write: Callable[[Tensor, Any], None] | None = None
        self.name = name
        self.doc = read.__doc__ or ""

    def __call__(self, input: Tensor) -> Any:
        return self.read(input)

    def setter(self, write: Callable[[Tensor, Any], None]) -> Attribute:
        """Make the attribute assignable (``x.NAME = value``)."""
        self.write = write
        return self


def op(
    function: Callable | None = None,
    *,
    name: str | None = None,
    namespace: str = "torch",
    method: bool | None = None,
    inplace: bool = False,
    out: bool | OutRule = False,
    aliases: Iterable[str] = (),
    derivative: Callable | None = None,
) -> Any:
    """Register a function. ``aliases`` are further names: ``"concat"``, ``"linalg.multi_dot"``.

    ``method`` defaults to whether the first parameter is called ``input`` and the namespace is ``torch``.
    ``namespace="torch.Tensor"`` makes a method only. ``derivative(grad, result, *operands)``
    returns the gradient of each operand, None where there is none; sums over broadcast dimensions are the caller's.
    """

    def register(function: Callable) -> Record:
        code = function.__code__
        first_is_input = code.co_argcount > 0 and code.co_varnames[0] == "input"
        is_method = first_is_input and namespace in ("torch", "torch.Tensor") if method is None else method
        record = Record(
            function,
            name or function.__name__,
            namespace,
            is_method=is_method,
            inplace=inplace,
            out=out,
            derivative=derivative,
        )
        _add(record, record.name, namespace)
        for alias in aliases:
            path, _, last = alias.rpartition(".")
            place = f"torch.{path}" if path else namespace
            _add(record.renamed(last, place), last, place)
        return record

    return register if function is None else register(function)


def _add(record: Record, name: str, namespace: str) -> None:
    origin = record.family
    if namespace != "torch.Tensor":
        names_of(namespace).add(name, record, origin)
    if record.is_method and namespace in ("torch", "torch.Tensor"):
        methods.add(name, Method(record), origin)
        if record.inplace:
            methods.add(name + "_", Method(record, inplace=True), origin)


def place(namespace: str, name: str, value: Any) -> None:
    """Register a value as it is: a constant, or a record under one more name."""
    names_of(namespace).add(name, value, _module_being_imported())


def _module_being_imported() -> str:
    """The module of ``tcalc.ops`` that runs now: rows are registered through functions of other modules."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return "" if frame is None else str(frame.f_globals["__name__"]).removeprefix("tcalc.ops.")


def attribute(function: Callable[[Tensor], Any]) -> Attribute:
    """Register ``function(input)`` as the attribute of its name."""
    found = Attribute(function, function.__name__)
    attributes.add(function.__name__, found, _module_being_imported())
    return found


def signature_text(value: Any) -> str:
    """``sum(input, dim=None, …)`` as help shows it; empty for what is not called."""
    if isinstance(value, Method):
        receiver, _, rest = str(value.signature).partition("(")[2].partition(", ")
        return f"{value.name}({rest if rest else ')' if receiver.endswith(')') else ''}"
    if not isinstance(value, Record):
        return ""
    written = str(value.signature)
    if not value.out or "out=" in written:
        return written
    return f"{written[:-1]}{', ' if '*' in written else ', *, '}out=None)"


_loaded = False


def load() -> None:
    """Import every family, for those who want to see all names."""
    global _loaded
    if not _loaded:
        _loaded = True
        for names in every_table().values():
            for module in set(names.module_of.values()):
                __import__(f"tcalc.ops.{module}")


# Composites compute with a tensor's operators, which are records as well.
from tcalc.ops import tensor_face  # noqa: E402, F401
