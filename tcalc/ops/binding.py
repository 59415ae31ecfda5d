"""From a program's arguments to a record's parameters: names, conversions, and PyTorch's words when they fail.

A record's annotations say what each parameter takes (they are read as text, never evaluated):

==================  =====================================================================================
``Tensor``          a tensor; a rectangular list of numbers or an array becomes one
``Floating``        the same, but a list of whole numbers becomes a tensor of the default float
``Operand``         a tensor, but no tuple, which would be dimensions (``max(x, (0, 1))``)
``Tensors``         a sequence of tensors
``Number``          a Python number or a one-element tensor
``int float bool``  the Python value, or a one-element tensor that is one
``Ints``            one int or a sequence of ints, given to the function as a tuple; ``*size: Ints`` takes both
                    ``view(2, 3)`` and ``view((2, 3))``
``DType Device``    an element type; a device or its name
``Any``             anything
==================  =====================================================================================

``X | None`` and ``X | Y`` take either.
"""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.dtypes import DType
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# PyTorch itself takes NumPy's spellings of these parameters.
KEYWORD_ALIASES = {
    "axis": "dim", "axes": "dims", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other",
    "A": "input", "B": "other",
}  # fmt: skip

_REFUSED = object()
_VARARGS, _VARKEYS = 0x04, 0x08


class Parameter:
    """One parameter of a record: its name, what it takes, and its default."""

    __slots__ = ("annotation", "converters", "default", "keyword_only", "name", "required")

    def __init__(self, name: str, annotation: str, default: Any, required: bool, keyword_only: bool) -> None:
        self.name = name
        self.annotation = annotation
        self.converters = [_CONVERTERS[kind] for kind in annotation.split(" | ") if kind in _CONVERTERS]
        self.default = default
        self.required = required
        self.keyword_only = keyword_only

    @property
    def type_name(self) -> str:
        """What PyTorch's messages call the type."""
        kinds = [kind for kind in self.annotation.split(" | ") if kind != "None"]
        return _TYPE_NAMES.get(kinds[0], kinds[0])

    def convert(self, value: Any) -> Any:
        for converter in self.converters:
            converted = converter(value)
            if converted is not _REFUSED:
                return converted
        return _REFUSED


class Signature:
    """A record's parameters, and how a call fills them."""

    __slots__ = ("function_name", "keyword_only", "overloaded", "positional", "variadic")

    def __init__(self, function: Callable, name: str, overloaded: bool = False) -> None:
        code = function.__code__
        notes = function.__annotations__
        defaults = function.__defaults__ or ()
        keyword_defaults = function.__kwdefaults__ or {}
        names = code.co_varnames[: code.co_argcount]
        first_default = len(names) - len(defaults)
        self.function_name = name
        self.overloaded = overloaded
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
            self.variadic = Parameter(variadic, notes.get(variadic, "Any"), (), False, False)

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
        self, args: Sequence[Any], kwargs: dict[str, Any], called_as: str = "", receiver: bool = False
    ) -> tuple[list, dict[str, Any]]:
        """The converted positional and keyword arguments for the function itself.

        ``receiver`` says that the first argument is the one before a method's dot, which PyTorch's messages do
        not count.
        """
        name = called_as or self.function_name
        try:
            return self._bind(args, kwargs, name, int(receiver))
        except TcalcError as fault:
            if self.overloaded and fault.kind == "TypeError" and fault.path is None:
                raise self._no_overload(name, args[int(receiver) :], kwargs, fault.hint) from None
            raise

    def _bind(
        self, args: Sequence[Any], kwargs: dict[str, Any], name: str, uncounted: int
    ) -> tuple[list, dict[str, Any]]:
        positional = self.positional
        if len(args) > len(positional) and self.variadic is None:
            raise self._too_many(name, len(args), uncounted)
        bound = [
            self._converted(parameter, value, name, position)
            for position, (parameter, value) in enumerate(zip(positional, args, strict=False), 1 - uncounted)
        ]
        if len(args) > len(positional):
            bound += self._variadic_arguments(args[len(positional) :], name, len(positional) + 1 - uncounted)
        named: dict[str, Any] = {}
        for keyword, value in kwargs.items():
            parameter, position = self._named(keyword, name)
            if parameter is self.variadic:
                bound += self._variadic_arguments([value], name, 0)
                continue
            if position <= len(args) or parameter.name in named:
                raise type_error(f"{name}() got multiple values for argument '{parameter.name}'")
            named[parameter.name] = self._converted(parameter, value, name, 0)
        self._check_required(name, len(args), named)
        if self.variadic is not None and len(bound) > len(args) and len(args) < len(positional):
            # A variadic parameter given by name: the positional ones before it must be given in place.
            bound = [named.pop(parameter.name) for parameter in positional[len(args) :]] + bound
        return bound, named

    def _named(self, keyword: str, name: str) -> tuple[Parameter, int]:
        candidates = (keyword, KEYWORD_ALIASES.get(keyword), "self" if keyword == "input" else None)
        for wanted in candidates:
            for position, parameter in enumerate(self.positional, 1):
                if parameter.name == wanted:
                    return parameter, position
            for parameter in self.keyword_only:
                if parameter.name == wanted:
                    return parameter, 1 << 30
            if self.variadic is not None and self.variadic.name == wanted:
                return self.variadic, 1 << 30
        raise type_error(f"{name}() got an unexpected keyword argument '{keyword}'", hint=self._did_you_mean(keyword))

    def _did_you_mean(self, keyword: str) -> str | None:
        from tcalc.spelling import closest

        found = closest(keyword, [parameter.name for parameter in self.parameters if parameter.name != "input"])
        return f"did you mean {found}=?" if found else None

    def _converted(self, parameter: Parameter, value: Any, name: str, position: int) -> Any:
        if not parameter.converters:
            return value
        converted = parameter.convert(value)
        if converted is _REFUSED:
            raise _mismatch(parameter, value, name, position)
        return converted

    def _variadic_arguments(self, values: Sequence[Any], name: str, position: int) -> list:
        """``view(2, 3)`` and ``view((2, 3))`` are the same."""
        parameter = self.variadic
        assert parameter is not None
        if parameter.annotation not in _ELEMENT_CONVERTERS:
            return [self._converted(parameter, value, name, position) for value in values]
        if len(values) == 1 and isinstance(values[0], (list, tuple)):
            values = values[0]
        convert = _ELEMENT_CONVERTERS[parameter.annotation]
        converted = [convert(value) for value in values]
        if _has_refusal(converted):
            at = next(index for index, item in enumerate(converted) if item is _REFUSED)
            raise _element_mismatch(parameter, values, at, name, position)
        return converted

    def _check_required(self, name: str, given: int, named: dict[str, Any]) -> None:
        missing = [p.name for p in self.positional[given:] if p.required and p.name not in named]
        missing += [p.name for p in self.keyword_only if p.required and p.name not in named]
        if missing:
            listed = ", ".join(f'"{parameter}"' for parameter in missing)
            raise type_error(f"{name}() missing {len(missing)} required positional arguments: {listed}")

    def _no_overload(
        self, name: str, args: Sequence[Any], kwargs: dict[str, Any], hint: str | None
    ) -> TcalcError:
        """PyTorch's refusal of a call that fits none of several signatures; tcalc has one, which it shows."""
        given = ", ".join([type_name(value) for value in args] + [f"{key}={type_name(kwargs[key])}" for key in kwargs])
        if kwargs and not args:
            given += ", "
        return type_error(
            f"{name}() received an invalid combination of arguments - got ({given}), but expected one of:\n * {self}",
            hint=hint,
        )

    def _too_many(self, name: str, given: int, uncounted: int) -> TcalcError:
        given -= uncounted
        most = len(self.positional) - uncounted
        least = sum(parameter.required for parameter in self.positional) - uncounted
        takes = f"{most}" if least == most else f"from {least} to {most}"
        plural = "" if takes == "1" else "s"
        were = "was" if given == 1 else "were"
        return type_error(f"{name}() takes {takes} positional argument{plural} but {given} {were} given")


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}={parameter.default!r}"


def _mismatch(parameter: Parameter, value: Any, name: str, position: int) -> TcalcError:
    if parameter.annotation.startswith("Tensors") and isinstance(value, (list, tuple)):
        at = next(index for index, item in enumerate(value) if to_tensor(item) is _REFUSED)
        return type_error(f"expected Tensor as element {at} in argument 0, but got {type_name(value[at])}")
    if parameter.annotation.startswith("Ints") and isinstance(value, (list, tuple)):
        at = next(index for index, item in enumerate(value) if to_int(item) is _REFUSED)
        return _element_mismatch(parameter, value, at, name, position)
    place = f" (position {position})" if position else ""
    return type_error(
        f"{name}(): argument '{parameter.name}'{place} must be {parameter.type_name}, not {type_name(value)}"
    )


def _element_mismatch(parameter: Parameter, values: Sequence[Any], at: int, name: str, position: int) -> TcalcError:
    where = f" (position {position})" if position else ""
    if len(values) == 1:
        return type_error(
            f"{name}(): argument '{parameter.name}'{where} must be {parameter.type_name}, not {type_name(values[0])}"
        )
    return type_error(
        f"{name}(): argument '{parameter.name}'{where} must be {parameter.type_name}, but found element of type "
        f"{type_name(values[at])} at pos {at}"
    )


def type_name(value: Any) -> str:
    """A value's type as PyTorch's messages name it."""
    if isinstance(value, DType):
        return "torch.dtype"
    if isinstance(value, devices.Device):
        return "torch.device"
    if isinstance(value, list):
        return "list"
    name = type(value).__name__
    return f"numpy.{name}" if type(value).__module__ == "numpy" else name


# ---------------------------------------------------------------- converters


def to_tensor(value: Any) -> Any:
    """A tensor, or one made of a list of numbers or an array."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (list, tuple)) and _holds_numbers(value):
        from tcalc.ops.creation import tensor

        return tensor(value)
    if type(value).__module__ == "numpy" and value.ndim:
        from tcalc.engine.tensor import share

        return share(value)
    return _REFUSED


def _to_floating(value: Any) -> Any:
    """A tensor as it is; a list of numbers as a floating tensor, so that ``[1, 2].mean()`` has an answer.

    So do whole numbers that were read from text, where ``2`` and ``2.0`` are the same number.
    """
    made = to_tensor(value)
    if not isinstance(made, Tensor) or made.dtype.category >= dtypes.FLOAT:
        return made
    from tcalc.engine.state import current

    if isinstance(value, Tensor):
        if not current().whole_numbers_are_floats or made.dtype.category == dtypes.BOOL:
            return made
        from tcalc.ops.convert import to

        return to(made, current().default_dtype)
    from tcalc.ops.creation import tensor

    return tensor(value, dtype=current().default_dtype)


def _to_operand(value: Any) -> Any:
    return _REFUSED if isinstance(value, tuple) else to_tensor(value)


def _has_refusal(items: Sequence[Any]) -> bool:
    return any(item is _REFUSED for item in items)  # not `in`: tensors overload ==


def _holds_numbers(value: Any) -> bool:
    """Whether the leaves are numbers or 0-d tensors; a list of larger tensors is no tensor."""
    while isinstance(value, (list, tuple)):
        if not value:
            return True
        value = value[0]
    if isinstance(value, Tensor):
        return not value.shape
    return isinstance(value, (int, float, complex))


def _to_tensors(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return _REFUSED
    tensors = [to_tensor(item) for item in value]
    return _REFUSED if _has_refusal(tensors) else tensors


def to_number(value: Any) -> Any:
    if isinstance(value, (int, float, complex)):
        return value
    if isinstance(value, Tensor):
        return value.scalar() if not value.shape else _REFUSED
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    return _REFUSED


def to_int(value: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return _REFUSED
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Tensor):
        return value.scalar() if value.dtype.category == dtypes.INTEGER and value.numel() == 1 else _REFUSED
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 and value.dtype.kind in "iu":
        return int(value)
    return _REFUSED


def _to_float(value: Any) -> Any:
    number = to_number(value)
    return number if isinstance(number, (int, float)) else _REFUSED


def _to_bool(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, Tensor) and value.dtype.category == dtypes.BOOL and value.numel() == 1:
        return bool(value)
    if type(value).__name__ in ("bool", "bool_") and type(value).__module__ == "numpy":
        return bool(value)
    return _REFUSED


def _to_ints(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        items = [to_int(item) for item in value]
        return _REFUSED if _has_refusal(items) else tuple(items)
    single = to_int(value)
    return _REFUSED if single is _REFUSED else (single,)


def _to_floats(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        return _REFUSED
    items = [_to_float(item) for item in value]
    return _REFUSED if _has_refusal(items) else items


_PYTHON_DTYPES = {bool: dtypes.bool_, int: dtypes.int64, float: dtypes.float64, complex: dtypes.complex128}


def _to_dtype(value: Any) -> Any:
    if isinstance(value, DType):
        return value
    # Python's own types stand for the element types they fill (torch.zeros(2, dtype=int)).
    python_type = getattr(value, "python_type", value)
    return _PYTHON_DTYPES.get(python_type, _REFUSED) if isinstance(python_type, type) else _REFUSED


def _to_device(value: Any) -> Any:
    if isinstance(value, (devices.Device, str)) or type(value) is int:
        return devices.parse(value)
    return _REFUSED


def _to_str(value: Any) -> Any:
    return value if isinstance(value, str) else _REFUSED


def _to_none(value: Any) -> Any:
    return None if value is None else _REFUSED


def _to_generator(value: Any) -> Any:
    return value if type(value).__name__ == "Generator" else _REFUSED


def _anything(value: Any) -> Any:
    return value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "Tensor": to_tensor, "Floating": _to_floating, "Operand": _to_operand, "Tensors": _to_tensors,
    "Number": to_number, "int": to_int,
    "float": _to_float, "bool": _to_bool, "Ints": _to_ints, "Floats": _to_floats, "DType": _to_dtype,
    "Device": _to_device, "str": _to_str, "None": _to_none, "Generator": _to_generator, "Any": _anything,
}  # fmt: skip
_ELEMENT_CONVERTERS = {"Ints": to_int, "Tensors": to_tensor}
_TYPE_NAMES = {
    "Floating": "Tensor", "Operand": "Tensor", "Tensors": "tuple of Tensors", "Ints": "tuple of ints",
    "Floats": "tuple of floats",
    "DType": "torch.dtype", "Device": "torch.device", "Generator": "torch.Generator",
}  # fmt: skip


def as_out(value: Any, name: str) -> Any:
    """The ``out=`` argument: a tensor, or a sequence of them for several answers."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, Tensor) for item in value):
        return value
    raise type_error(f"{name}(): argument 'out' must be Tensor, not {type_name(value)}")
