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

from tcalc.engine.scalars import SCALAR_FUNCTIONS
from tcalc.engine.tensor import Tensor
from tcalc.ops import binding, dispatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from tcalc.ops.binding import Signature

FAMILIES = (
    "filling", "likeness", "creation", "ranges", "windows", "arithmetic", "pointwise", "rounding", "compare",
    "combining", "float_parts", "special", "polynomials", "reduce", "extremes", "cumulative", "gradient",
    "statistics", "norms", "unique",
    "cloning", "shape", "transposing", "broadcasting", "metadata", "joining", "splitting", "grids", "index",
    "views", "copied_views", "copies", "regeometry", "choosing", "scattering", "writes", "sort", "matmul",
    "matmul_sum", "contractions", "einsum", "linalg", "equations", "factorizations", "eigen", "lu", "triangles",
    "linalg_norms", "random", "distributions", "sampling", "generators", "nn", "nn_activations", "nn_inplace",
    "nn_smooth", "nn_softmax", "nn_distances", "nn_losses", "nn_margins", "nn_classes", "nn_normalization",
    "nn_random", "nn_shapes", "nn_convolution", "nn_pooling", "nn_folding", "nn_resampling", "nn_ctc",
    "signal_windows", "inplace_functions", "dropout_functions",
    "fft", "convert", "facts", "modes", "settings", "namespaces", "tensor_face",
)  # fmt: skip

NUMBERS = frozenset((int, float, bool, complex))

# namespace -> name -> record or constant; "torch" is the one whose names are also bare names.
namespaces: dict[str, dict[str, Any]] = {"torch": {}}
methods: dict[str, Method] = {}
attributes: dict[str, Attribute] = {}


class Record:
    """A function of the language. Calling it is calling it from Python with finished arguments."""

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
        "overloaded",
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
        out: bool,
        overloaded: bool,
        derivative: Callable | None,
    ) -> None:
        self.function = function
        self.name = name
        self.namespace = namespace
        self.family = function.__module__.rpartition(".")[2]
        self.is_method = is_method
        self.inplace = inplace
        self.out = out
        self.derivative = derivative
        self.overloaded = overloaded
        self.scalar = SCALAR_FUNCTIONS.get(name) if namespace in ("torch", "torch.special") else None
        self._signature: Signature | None = None

    @property
    def signature(self) -> Signature:
        """The parameters, read from the function on first use."""
        if self._signature is None:
            self._signature = binding.Signature(self.function, self.name, self.overloaded)
        return self._signature

    @property
    def doc(self) -> str:
        return self.function.__doc__ or ""

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
        if self.scalar is not None and not kwargs and args and all(type(arg) in NUMBERS for arg in args):
            return self.scalar(*args)
        out = kwargs.pop("out", None) if self.out and "out" in kwargs else None
        bound, named = self.signature.bind(args, kwargs, receiver=receiver)
        answer = self.function(*bound, **named)
        if out is not None:
            return dispatch.finish_out(answer, binding.as_out(out, self.name), self)
        if type(answer) is dispatch.Launch:
            return dispatch.execute(answer, self)
        return answer

    def __repr__(self) -> str:
        kind = "method" if self.namespace == "torch.Tensor" else "function"
        return f"<{kind} {self.qualified_name}>"


class Method:
    """A record called with a dot: ``x.NAME(…)``, or in place ``x.NAME_(…)``."""

    __slots__ = ("inplace", "record")

    def __init__(self, record: Record, inplace: bool = False) -> None:
        self.record = record
        self.inplace = inplace

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
        if self.inplace:
            return dispatch.finish_inplace(self.record.function(input, *args, **kwargs), input, self.record)
        return self.record(input, *args, **kwargs)

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        """The answer for a receiver and a program's arguments."""
        if not self.inplace:
            return self.record.invoke(args, kwargs, receiver=True)
        bound, named = self.record.signature.bind(args, kwargs, self.name, receiver=True)
        return self(*bound, **named)

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
    out: bool = False,
    aliases: Iterable[str] = (),
    overloaded: bool = False,
    derivative: Callable | None = None,
) -> Any:
    """Register a function. ``aliases`` are further names: ``"concat"``, ``"linalg.multi_dot"``.

    ``method`` defaults to whether the first parameter is called ``input`` and the namespace is ``torch``.
    ``namespace="torch.Tensor"`` makes a method only. ``overloaded`` says that PyTorch has several signatures for
    the name, which shows in its words for a call that fits none. ``derivative(grad, result, *operands)`` returns the gradient
    of each operand, None where there is none; sums over broadcast dimensions are the caller's.
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
            overloaded=overloaded,
            derivative=derivative,
        )
        _add(record, record.name, namespace)
        for alias in aliases:
            path, _, last = alias.rpartition(".")
            _add(record, last, f"torch.{path}" if path else namespace)
        return record

    return register if function is None else register(function)


def _add(record: Record, name: str, namespace: str) -> None:
    if namespace != "torch.Tensor":
        names = namespaces.setdefault(namespace, {})
        if name in names:
            raise AssertionError(f"{namespace}.{name} is registered twice")
        names[name] = record
    if record.is_method and namespace in ("torch", "torch.Tensor"):
        if name in methods:
            raise AssertionError(f"the method {name} is registered twice")
        methods[name] = Method(record)
        if record.inplace:
            methods[name + "_"] = Method(record, inplace=True)


def attribute(function: Callable[[Tensor], Any]) -> Attribute:
    """Register ``function(input)`` as the attribute of its name."""
    found = attributes[function.__name__] = Attribute(function, function.__name__)
    return found


_loaded = False


def load() -> None:
    """Import every family, once."""
    global _loaded
    if not _loaded:
        from importlib import import_module

        for family in FAMILIES:
            import_module(f"tcalc.ops.{family}")
        _loaded = True
