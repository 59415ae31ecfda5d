"""From a program's arguments to a record's parameters: names and conversions.

A record's annotations say what each parameter takes (they are read as text, never evaluated):

==================  =====================================================================================
``Tensor``          a tensor; a rectangular list of numbers or an array becomes one
``Floating``        the same, but a list of whole numbers becomes a tensor of the default float
``Operand``         a tensor, but no tuple, which would be dimensions (``max(x, (0, 1))``)
``Mixed``           a tensor or a Python number, but one of the parameters that say so must be a tensor
``Tensors``         a sequence of tensors
``Number``          a Python number or a one-element tensor
``int float bool``  the Python value, or a one-element tensor that is one
``Ints``            one int or a sequence of ints, given to the function as a tuple; ``*size: Ints`` takes both
                    ``view(2, 3)`` and ``view((2, 3))``
``Sizes``           a sequence of ints
``DType Device``    an element type; a device or its name
``Layout``          ``torch.strided`` or None
``Any``             anything
==================  =====================================================================================

``X | None`` and ``X | Y`` take either. A call that does not fit is refused by :mod:`tcalc.ops.refusals`, which finds
PyTorch's words for it; nothing here spends time on them.
"""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.ops.conversions import (
    CONVERTERS,
    ELEMENT_CONVERTERS,
    REFUSED,
    as_out,
    has_refusal,
    holds_numbers,
    to_dtype,
    to_int,
    to_number,
    to_tensor,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.errors import TcalcError

__all__ = [
    "Misfit", "Parameter", "Signature", "as_out", "holds_numbers", "to_dtype", "to_int", "to_number", "to_tensor",
    "type_name",
]  # fmt: skip

# PyTorch itself takes NumPy's spellings of these parameters.
KEYWORD_ALIASES = {
    "axis": "dim", "axes": "dims", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other",
    "A": "input", "B": "other",
}  # fmt: skip
# What the parameters of single functions are called as well: by PyTorch's own parser, or in one of several signatures.
_FURTHER_NAMES: dict[str, tuple[str, ...]] = {
    "input2": ("L", "tau"), "input3": ("other",), "axis0": ("dim0",), "axis1": ("dim1",), "size": ("shape",),
    "sections": ("indices_or_sections",), "indices": ("indices_or_sections",), "element": ("elements",),
    "tensor_indices_or_sections": ("indices_or_sections",), "test_element": ("test_elements",),
    "split_size": ("split_size_or_sections",), "scalar": ("tensor1",), "scalar1": ("tensor1",), "scalar2": ("tensor2",),
    "mat1": ("first",), "mat": ("first",), "vec1": ("first",), "batch1": ("first",),
    "mat2": ("second",), "vec": ("second",), "vec2": ("second",), "batch2": ("second",),
    "tensor": ("tensor1",), "other": ("src", "tensor2", "tensor"), "num": ("int",),
}  # fmt: skip

_VARARGS = 0x04
_KEYWORD_ONLY = 1 << 30  # a position that no argument reaches


class Misfit(Exception):  # noqa: N818 - it never leaves the record
    """The arguments of a call do not fit the parameters.

    A function raises it too, where its parameters fit each by itself but are none of PyTorch's signatures together.
    """


class Parameter:
    """One parameter of a record: its name, what it takes, and its default."""

    __slots__ = ("annotation", "converters", "default", "keyword_only", "name", "required")

    def __init__(self, name: str, annotation: str, default: Any, required: bool, keyword_only: bool) -> None:
        self.name = name
        self.annotation = annotation
        self.converters = [CONVERTERS[kind] for kind in annotation.split(" | ") if kind in CONVERTERS]
        self.default = default
        self.required = required
        self.keyword_only = keyword_only

    def convert(self, value: Any) -> Any:
        """The value as the function takes it, or ``REFUSED``."""
        if not self.converters:
            return value
        for converter in self.converters:
            converted = converter(value)
            if converted is not REFUSED:
                return converted
        return REFUSED


class Signature:
    """A record's parameters, and how a call fills them."""

    __slots__ = ("function_name", "keyword_only", "mixed", "namespace", "out", "plain", "positional", "variadic")

    def __init__(self, function: Callable, name: str, namespace: str = "torch", out: bool = False) -> None:
        code = function.__code__
        notes = function.__annotations__
        defaults = function.__defaults__ or ()
        keyword_defaults = function.__kwdefaults__ or {}
        names = code.co_varnames[: code.co_argcount]
        first_default = len(names) - len(defaults)
        self.function_name = name
        self.namespace = namespace
        self.out = out
        self.positional = [
            Parameter(
                parameter,
                notes.get(parameter, "Any"),
                defaults[position - first_default] if position >= first_default else None,
                position < first_default,
                False,
            )
            for position, parameter in enumerate(names)
        ]
        self.mixed = [index for index, parameter in enumerate(self.positional) if parameter.annotation == "Mixed"]
        keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        self.keyword_only = [
            Parameter(
                keyword, notes.get(keyword, "Any"), keyword_defaults.get(keyword), keyword not in keyword_defaults, True
            )
            for keyword in keywords
        ]
        self.variadic: Parameter | None = None
        if code.co_flags & _VARARGS:
            variadic = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
            annotation = notes.get(variadic, "Any")
            # A list of sizes must be given, be it empty.
            self.variadic = Parameter(variadic, annotation, (), annotation == "Ints", False)
        # Whether a value for each positional parameter is all that a call needs.
        self.plain = not (self.variadic or self.mixed or any(parameter.required for parameter in self.keyword_only))

    def __str__(self) -> str:
        parts = [_shown(parameter) for parameter in self.positional]
        if self.variadic is not None:
            parts.append(f"*{self.variadic.name}")
        elif self.keyword_only:
            parts.append("*")
        parts += [_shown(parameter) for parameter in self.keyword_only]
        return f"{self.function_name}({', '.join(parts)})"

    @property
    def parameters(self) -> list[Parameter]:
        return self.positional + ([self.variadic] if self.variadic else []) + self.keyword_only

    def bind(
        self,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        called_as: str = "",
        receiver: bool = False,
        apart: str | None = None,
    ) -> tuple[list, dict[str, Any]]:
        """The converted positional and keyword arguments for the function itself.

        ``receiver`` says that the first argument is the one before a method's dot, which PyTorch's messages do
        not count. The keyword ``apart`` is not the function's own (``out``): refusals show it among the others.
        """
        own = kwargs if apart is None else {name: value for name, value in kwargs.items() if name != apart}
        try:
            return self._bind(args, own)
        except Misfit:
            from tcalc.ops.older import by_name

            named = None if own else by_name(self.function_name, args, receiver)
            if named is not None and self.fits((), named):
                return self._bind((), named)
            raise self.refusal(args, kwargs, called_as, receiver) from None

    def refusal(
        self, args: Sequence[Any], kwargs: dict[str, Any], called_as: str = "", receiver: bool = False
    ) -> TcalcError:
        """The error for arguments that do not fit."""
        from tcalc.ops.refusals import refusal

        return refusal(self, args, kwargs, called_as, receiver)

    def fits(self, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
        try:
            self._bind(args, kwargs)
        except Misfit:
            return False
        return True

    def _bind(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list, dict[str, Any]]:
        positional = self.positional
        bound = [converted(parameter, value) for parameter, value in zip(positional, args, strict=False)]
        if self.plain and not kwargs and len(args) == len(positional):
            return bound, {}
        variadic = self.variadic
        if len(args) > len(positional):
            if variadic is None:
                raise Misfit
            bound += several(variadic, args[len(positional) :])
        named: dict[str, Any] = {}
        for keyword, value in kwargs.items():
            parameter, position = self.find(keyword)
            if parameter is variadic:
                bound += several(parameter, [value])
                continue
            if position < len(args) or parameter.name in named:
                raise Misfit
            named[parameter.name] = converted(parameter, value)
        self._check_required(args, kwargs, named)
        if variadic is not None and len(bound) > len(args) and len(args) < len(positional):
            # A variadic parameter given by name: the positional ones before it must be given in place.
            bound = [named.pop(parameter.name) for parameter in positional[len(args) :]] + bound
        return bound, named

    def find(self, keyword: str) -> tuple[Parameter, int]:
        """The parameter that a keyword means, and its place among the positional ones."""
        candidates = [keyword, KEYWORD_ALIASES.get(keyword), "self" if keyword == "input" else None]
        for wanted in (*candidates, *_FURTHER_NAMES.get(keyword, ())):
            for position, parameter in enumerate(self.positional):
                if parameter.name == wanted:
                    return parameter, position
            for parameter in self.keyword_only:
                if parameter.name == wanted:
                    return parameter, _KEYWORD_ONLY
            if self.variadic is not None and self.variadic.name == wanted:
                return self.variadic, _KEYWORD_ONLY
        raise Misfit

    def _check_required(self, args: Sequence[Any], kwargs: dict[str, Any], named: dict[str, Any]) -> None:
        for parameter in self.positional[len(args) :]:
            if parameter.required and parameter.name not in named:
                raise Misfit
        for parameter in self.keyword_only:
            if parameter.required and parameter.name not in named:
                raise Misfit
        if self.variadic is not None and self.variadic.required and len(args) <= len(self.positional):
            self._check_sizes_given(kwargs)
        if self.mixed and not any(
            isinstance(args[index] if index < len(args) else named.get(self.positional[index].name), (Tensor, list))
            for index in self.mixed
        ):
            raise Misfit

    def _check_sizes_given(self, kwargs: dict[str, Any]) -> None:
        if not any(self.find(keyword)[0] is self.variadic for keyword in kwargs):
            raise Misfit


def converted(parameter: Parameter, value: Any) -> Any:
    found = parameter.convert(value)
    if found is REFUSED:
        raise Misfit
    return found


def several(parameter: Parameter, values: Sequence[Any]) -> list:
    """The values of a variadic parameter: ``view(2, 3)`` and ``view((2, 3))`` are the same."""
    convert = ELEMENT_CONVERTERS.get(parameter.annotation)
    if convert is None:
        return [converted(parameter, value) for value in values]
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        values = values[0]
    found = [convert(value) for value in values]
    if has_refusal(found):
        raise Misfit
    return found


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}={parameter.default!r}"
