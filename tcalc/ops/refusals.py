"""PyTorch's words for a call whose arguments do not fit, in the order in which PyTorch looks at them."""

from __future__ import annotations

from tcalc.engine.scalars import SCALAR_FUNCTIONS
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops import overloads
from tcalc.ops.binding import Misfit, Parameter
from tcalc.ops.conversions import ELEMENT_CONVERTERS, REFUSED, to_int, to_tensor, type_name
from tcalc.ops.keyword_order import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.ops.binding import Signature

# The words name functions of these namespaces in one word.
_PREFIXES = {"torch.special": "special_", "torch.linalg": "linalg_", "torch.fft": "fft_"}
_TYPE_NAMES = {
    "Floating": "Tensor", "Operand": "Tensor", "Mixed": "Tensor", "Tensors": "tuple of Tensors",
    "Ints": "tuple of ints", "Sizes": "tuple of ints", "Floats": "tuple of floats",
    "DType": "torch.dtype", "Device": "torch.device", "Generator": "torch.Generator",
}  # fmt: skip


class Call:
    """A call as it was written: by which name, with what."""

    __slots__ = ("args", "is_method", "kwargs", "name", "positional", "signature")

    def __init__(
        self, signature: Signature, args: Sequence[Any], kwargs: dict[str, Any], called_as: str, receiver: bool
    ) -> None:
        plain = called_as or signature.function_name
        self.signature = signature
        self.is_method = receiver
        self.name = plain if receiver else _PREFIXES.get(signature.namespace, "") + plain
        # What stands before a method's dot is none of the arguments that the words count.
        self.args = args[int(receiver) :]
        self.positional = signature.positional[int(receiver) :]
        self.kwargs = kwargs

    @property
    def count(self) -> int:
        return len(self.args) + len(self.kwargs)

    @property
    def takes_out(self) -> bool:
        return self.signature.out and not self.is_method

    @property
    def keywords(self) -> list[str]:
        """The keywords that mean parameters of the function: ``out`` is none of them."""
        return [keyword for keyword in self.kwargs if not (keyword == "out" and self.takes_out)]

    def shown(self, parameter: Parameter) -> str:
        return overloads.shown_name(parameter.name, self.name)

    def keyword(self, parameter: Parameter) -> str | None:
        """The keyword by which a parameter is given."""
        for keyword in self.keywords:
            try:
                if self.signature.find(keyword)[0] is parameter:
                    return keyword
            except Misfit:
                continue
        return None


def refusal(
    signature: Signature, args: Sequence[Any], kwargs: dict[str, Any], called_as: str, receiver: bool
) -> TcalcError:
    """The error for arguments that do not fit a record's parameters."""
    call = Call(signature, args, kwargs, called_as, receiver)
    unpacked = _unpacking_fault(call, args)
    if unpacked is not None:
        return unpacked
    if overloads.is_python(call.name, signature.namespace, receiver):
        return _python_fault(call) or _first_fault(call) or _no_overload(call)
    if not (call.positional or signature.variadic or signature.keyword_only or call.takes_out):
        return _no_arguments(call)
    counts = overloads.counts(call.name, receiver)
    fitting = [pair for pair in counts if pair[0] <= call.count <= pair[1]]
    if counts and len(fitting) != 1:
        return _single_overload(call, counts[0][1]) if len(counts) == 1 else _no_overload(call)
    return _first_fault(call, *fitting) or _no_overload(call)


def _no_arguments(call: Call) -> TcalcError:
    owner = "TensorBase" if call.is_method else "torch"
    if call.kwargs:
        return type_error(f"{owner}.{call.name}() takes no keyword arguments")
    return type_error(f"{owner}.{call.name}() takes no arguments ({len(call.args)} given)")


# ---------------------------------------------------------------- lists of sizes


def _unpacking_fault(call: Call, args: Sequence[Any]) -> TcalcError | None:
    """The fault of a list that starts with a size but does not go on so; PyTorch looks at its first item alone
    when it chooses a signature, and takes the rest only then.
    """
    signature = call.signature
    repaired = list(args)
    fault = None
    first = len(signature.positional)
    if signature.variadic is not None and signature.variadic.annotation == "Ints" and len(args) > first + 1:
        fault = _broken_list(call, signature.variadic, args[first:])
        if fault is not None:
            repaired[first:] = [args[first]] * len(args[first:])
    for index, (parameter, value) in enumerate(zip(call.signature.parameters, args, strict=False)):
        if {"Ints", "Sizes"} & set(parameter.annotation.split(" | ")) and isinstance(value, (list, tuple)):
            broken = _broken_list(call, parameter, value)
            if broken is not None:
                fault, repaired[index] = fault or broken, type(value)([value[0]] * len(value))
    return fault if fault is not None and signature.fits(repaired, call.kwargs) else None


def _broken_list(call: Call, parameter: Parameter, values: Sequence[Any]) -> TcalcError | None:
    if not values or to_int(values[0]) is REFUSED:
        return None
    for position, value in enumerate(values, 1):
        if to_int(value) is REFUSED:
            return type_error(
                f"{call.name}(): argument '{call.shown(parameter)}' failed to unpack the object at pos {position} "
                f'with error "type must be tuple of ints,but got {type_name(value)}"'
            )
    return None


# ---------------------------------------------------------------- several signatures


def _no_overload(call: Call) -> TcalcError:
    """The refusal of a call that fits none of several signatures; tcalc has one, which it shows."""
    return type_error(
        f"{call.name}() received an invalid combination of arguments - got ({_given(call)}), but expected one of:\n"
        f" * {call.signature}",
        hint=_keyword_hint(call),
    )


def _given(call: Call) -> str:
    given = [type_name(value) for value in call.args]
    given += [f"{keyword}={type_name(call.kwargs[keyword])}" for keyword in listed(call.kwargs)]
    return ", ".join(given) + (", " if call.kwargs and not call.args else "")


def _single_overload(call: Call, most: int) -> TcalcError:
    """The same where PyTorch shows one signature, and marks what does not fit it."""
    start = f"{call.name}() received an invalid combination of arguments - got"
    unknown = [keyword for keyword in listed(call.keywords) if not _is_known(call.signature, keyword)]
    if unknown:
        return type_error(f"{start} unrecognized keyword arguments: {', '.join(unknown)}", hint=_keyword_hint(call))
    given = _given(call) if call.count <= most else _marked(call)
    return type_error(f"{start} ({given}), but expected ({_torch_signature(call)})")


def _marked(call: Call) -> str:
    parameters = call.positional + call.signature.keyword_only
    shown = []
    for index, value in enumerate(call.args):
        fits = index < len(call.positional) and _is_of_kind(parameters[index], value)
        shown.append(type_name(value) if fits else f"!{type_name(value)}!")
    shown += [f"{keyword}={type_name(call.kwargs[keyword])}" for keyword in listed(call.kwargs)]
    return ", ".join(shown)


def _is_of_kind(parameter: Parameter, value: Any) -> bool:
    """Whether a value is of the very type that is shown, without a conversion."""
    return isinstance(value, Tensor) if _kind(parameter) == "Tensor" else parameter.convert(value) is not REFUSED


def _torch_signature(call: Call) -> str:
    """The parameters as PyTorch prints them: ``Tensor input, *, Number alpha = 1, Tensor out = None``."""
    parts = [_torch_parameter(parameter) for parameter in call.positional]
    named = [_torch_parameter(parameter) for parameter in call.signature.keyword_only]
    if call.takes_out:
        named.append("Tensor out = None")
    return ", ".join([*parts, "*", *named] if named else parts)


def _torch_parameter(parameter: Parameter) -> str:
    shown = f"{_kind(parameter)} {parameter.name}"
    return shown if parameter.required else f"{shown} = {parameter.default}"


# ---------------------------------------------------------------- one signature


def _first_fault(call: Call, counts: tuple[int, int] = (0, 0)) -> TcalcError | None:
    """What is wrong first, parameter by parameter; ``counts`` are those of the signature that was meant."""
    signature = call.signature
    if _takes_too_many(call):
        return _too_many(call, counts[0])
    parameters = call.positional + ([signature.variadic] if signature.variadic else []) + signature.keyword_only
    for index, parameter in enumerate(parameters):
        fault = _parameter_fault(call, parameters, index, parameter)
        if fault is not None:
            return fault
    for keyword in call.keywords:
        # A second spelling of a parameter that is given already is unknown to PyTorch.
        if not _is_known(signature, keyword) or call.keyword(signature.find(keyword)[0]) != keyword:
            return _unexpected(call, keyword)
        if signature.find(keyword)[1] < len(call.args) + int(call.is_method):
            return type_error(f"{call.name}() got multiple values for argument '{keyword}'")
    return None


def _parameter_fault(call: Call, parameters: list[Parameter], index: int, parameter: Parameter) -> TcalcError | None:
    if parameter is call.signature.variadic:
        values = call.args[index:]
        if values:
            return _variadic_fault(call, parameter, values, index + 1)
    elif index < min(len(call.args), len(call.positional)):
        return _value_fault(call, parameter, call.args[index], index + 1)
    keyword = call.keyword(parameter)
    if keyword is not None:
        check = _variadic_fault if parameter is call.signature.variadic else _value_fault
        value = call.kwargs[keyword]
        return check(call, parameter, [value] if check is _variadic_fault else value, 0)
    return _missing(call, [call.shown(p) for p in parameters[index:] if p.required]) if parameter.required else None


def _takes_too_many(call: Call) -> bool:
    variadic = call.signature.variadic
    extra = call.args[len(call.positional) :]
    if variadic is None:
        return bool(extra)
    # A list of sizes may be spelled out, but only of sizes.
    return len(extra) > 1 and variadic.annotation == "Ints" and to_int(extra[0]) is REFUSED


def _too_many(call: Call, least: int) -> TcalcError:
    most = len(call.positional) + (call.signature.variadic is not None)
    required = sum(parameter.required for parameter in call.positional) + (call.signature.variadic is not None)
    least = min(max(required, least), most)
    return _count_error(call.name, least, most, len(call.args))


def _count_error(name: str, least: int, most: int, given: int) -> TcalcError:
    takes = f"{most}" if least == most else f"from {least} to {most}"
    plural = "" if takes == "1" else "s"
    were = "was" if given == 1 else "were"
    return type_error(f"{name}() takes {takes} positional argument{plural} but {given} {were} given")


def _missing(call: Call, names: list[str]) -> TcalcError:
    plural = "s" if len(names) == 1 else ""  # PyTorch's own slip
    listed = ", ".join(f'"{name}"' for name in names)
    return type_error(f"{call.name}() missing {len(names)} required positional argument{plural}: {listed}")


def _unexpected(call: Call, keyword: str) -> TcalcError:
    return type_error(f"{call.name}() got an unexpected keyword argument '{keyword}'", hint=_keyword_hint(call))


def _keyword_hint(call: Call) -> str | None:
    from tcalc.spelling import closest

    known = [parameter.name for parameter in call.signature.parameters if parameter.name != "input"]
    for keyword in call.keywords:
        if not _is_known(call.signature, keyword):
            found = closest(keyword, known)
            return f"did you mean {found}=?" if found else None
    return None


def _is_known(signature: Signature, keyword: str) -> bool:
    try:
        signature.find(keyword)
    except Misfit:
        return False
    return True


# ---------------------------------------------------------------- functions written in Python


def _python_fault(call: Call) -> TcalcError | None:
    """Python's words: keywords are looked at first, then the count, then what is missing."""
    signature = call.signature
    for keyword in call.keywords:
        if not _is_known(signature, keyword):
            return _unexpected(call, keyword)
        if signature.find(keyword)[1] < len(call.args) + int(call.is_method):
            return type_error(f"{call.name}() got multiple values for argument '{keyword}'")
    name = f"Tensor.{call.name}" if call.is_method else call.name
    if len(call.args) > len(call.positional) and signature.variadic is None:
        receiver = int(call.is_method)
        most = len(call.positional) + receiver
        least = sum(parameter.required for parameter in call.positional) + receiver
        return _count_error(name, least, most, len(call.args) + receiver)
    missing = [
        parameter.name
        for parameter in call.positional[len(call.args) :]
        if parameter.required and call.keyword(parameter) is None
    ]
    if not missing:
        return None
    plural = "" if len(missing) == 1 else "s"
    return type_error(f"{name}() missing {len(missing)} required positional argument{plural}: {_enumerated(missing)}")


def _enumerated(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


# ---------------------------------------------------------------- one argument


def _kind(parameter: Parameter) -> str:
    """What PyTorch's messages call a parameter's type."""
    kinds = [kind for kind in parameter.annotation.split(" | ") if kind != "None"]
    kind = kinds[0] if kinds else "None"
    return _TYPE_NAMES.get(kind, kind)


def _value_fault(call: Call, parameter: Parameter, value: Any, position: int) -> TcalcError | None:
    if parameter.convert(value) is not REFUSED:
        return None
    sequence = isinstance(value, (list, tuple))
    if sequence and parameter.annotation.startswith("Tensors"):
        at = next(index for index, item in enumerate(value) if to_tensor(item) is REFUSED)
        return type_error(f"expected Tensor as element {at} in argument 0, but got {type_name(value[at])}")
    if sequence and {"Ints", "Sizes"} & set(parameter.annotation.split(" | ")):
        # Its other items are looked at last, by _unpacking_fault.
        return None if to_int(value[0]) is not REFUSED else _element_fault(call, parameter, value, 0, position)
    return _wrong_type(call, parameter, value, position)


def _variadic_fault(call: Call, parameter: Parameter, values: Sequence[Any], position: int) -> TcalcError | None:
    convert = ELEMENT_CONVERTERS.get(parameter.annotation)
    spelled_out = True
    if convert is not None and len(values) == 1 and isinstance(values[0], (list, tuple)):
        values, spelled_out = values[0], False
    convert = convert or parameter.convert
    for at, value in enumerate(values):
        if convert(value) is REFUSED:
            if parameter.annotation == "Tensors":
                return type_error(f"expected Tensor as element {at} in argument 0, but got {type_name(value)}")
            if len(values) == 1 and spelled_out:
                return _wrong_type(call, parameter, value, position)
            return _element_fault(call, parameter, values, at, position)
    return None


def _wrong_type(call: Call, parameter: Parameter, value: Any, position: int) -> TcalcError:
    return type_error(
        f"{call.name}(): argument '{call.shown(parameter)}'{_place(position)} must be {_kind(parameter)}, "
        f"not {type_name(value)}",
        hint=_number_hint(call, value),
    )


def _number_hint(call: Call, value: Any) -> str | None:
    """The calculator's function of the same name, which takes numbers."""
    if type(value) in (int, float) and call.name in SCALAR_FUNCTIONS and not call.is_method:
        return f"{call.name} without torch. takes numbers"
    return None


def _element_fault(call: Call, parameter: Parameter, values: Sequence[Any], at: int, position: int) -> TcalcError:
    return type_error(
        f"{call.name}(): argument '{call.shown(parameter)}'{_place(position)} must be {_kind(parameter)}, but found "
        f"element of type {type_name(values[at])} at pos {at}"
    )


def _place(position: int) -> str:
    return f" (position {position})" if position else ""
