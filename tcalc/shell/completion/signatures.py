"""The call of a function as text and as a list of parameters, for the line below the prompt and for keywords."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.interp.lookup import lookup
from tcalc.shell.completion.receivers import value_of
from tcalc.show.help import index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.shell.completion.place import Call


class Signature:
    """``name(parameter, …)``."""

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, parameters: list[str]) -> None:
        self.name = name
        self.parameters = parameters  # as they are written: "dim=None", "*", "*size"

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"

    def current(self, call: Call) -> int | None:
        """Which parameter the argument being typed is for."""
        names = [parameter.partition("=")[0].strip() for parameter in self.parameters]
        if call.keyword is not None:
            return names.index(call.keyword) if call.keyword in names else None
        positional = [at for at, name in enumerate(names) if name != "/"]
        for place, at in enumerate(positional):
            if names[at].startswith("**") or names[at] == "*":
                return None
            if names[at].startswith("*") or place == call.position:
                return at
        return None

    def keywords(self) -> Iterator[str]:
        """The parameters that can be given by name."""
        for parameter in self.parameters:
            name = parameter.partition("=")[0].strip()
            if name.isidentifier():
                yield name


def parsed(text: str) -> Signature | None:
    """A signature as help writes it: ``sum(input, dim=None, keepdim=False, *, dtype=None)``."""
    name, bracket, rest = text.partition("(")
    if not bracket or not rest.rstrip().endswith(")"):
        return None
    return Signature(name.strip(), list(_split(rest.rstrip()[:-1])))


def _split(text: str) -> Iterator[str]:
    """The parts between the commas that are in no bracket or quote."""
    depth, start, quote = 0, 0, ""
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            yield text[start:position].strip()
            start = position + 1
    if text[start:].strip():
        yield text[start:].strip()


def of_call(session: Session, call: Call) -> Signature | None:
    """The signature of the function that is being called; a method's without its receiver."""
    head, dot, name = call.function.rpartition(".")
    value = lookup(session, call.function)
    if value is None and dot:
        return _of_method(session, head, name)
    entry = index.entries().get(f"torch.{name}")
    if entry is not None and _is_tensors(session, value, call):
        return parsed(entry.signature)
    found = None if value is None else parsed(text_of(value))
    is_method = type(value).__name__ == "Method"
    return without_receiver(found) if found is not None and is_method else found


def _is_tensors(session: Session, value: Any, call: Call) -> bool:
    """Whether a builtin of Python's, such as ``sum``, is called with a tensor, and so means torch's function."""
    from tcalc.interp.values import Builtin

    if not isinstance(value, Builtin) or value.path or "." in call.function or not call.first.strip():
        return False
    return type(value_of(session, call.first)) is Tensor


def _of_method(session: Session, receiver: str, name: str) -> Signature | None:
    """The method of a value that has no name of its own: ``(a @ b).sum(``, ``[1, 2].mean(``."""
    value = value_of(session, receiver)
    if type(value) is not Tensor:
        return None
    entry = index.find(f"Tensor.{name}")
    found = None if entry is None else parsed(entry.signature)
    return None if found is None else without_receiver(found)


def without_receiver(signature: Signature) -> Signature:
    first = signature.parameters[:1]
    return Signature(
        signature.name, signature.parameters[1:] if first in (["input"], ["self"]) else signature.parameters
    )


def text_of(value: Any) -> str:
    """The call of a value as help writes it; empty where it is none."""
    from tcalc.interp import documented
    from tcalc.interp.functions import Function
    from tcalc.interp.values import Builtin

    if isinstance(value, Function):
        return documented.function_signature(value)
    if isinstance(value, Builtin):
        return documented.signature_of(value)
    name = getattr(value, "qualified_name", None) or getattr(value, "name", "")
    entry = index.find(str(name).replace("torch.Tensor.", "Tensor.")) if name else None
    return "" if entry is None else entry.signature
