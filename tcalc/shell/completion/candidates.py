"""What could stand at a place: names with their calls and summaries, keywords, keys, files."""

from __future__ import annotations

import os

from tcalc.shell.completion import place as places
from tcalc.shell.completion import signatures
from tcalc.shell.completion.receivers import value_of
from tcalc.show.help import index
from tcalc.syntax.tokens import KEYWORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.shell.completion.place import Call, Place

_MOST_FILES = 500
_LANGUAGE = sorted(KEYWORDS - {"async", "await", "class", "yield"})
_USUAL_DTYPES = ("float32", "float64", "int64", "bool", "bfloat16", "float16", "int32", "uint8", "complex64")
_DTYPE_FUNCTIONS = ("to", "type", "view", "set_default_dtype")
_DEVICE_FUNCTIONS = ("to", "device", "set_default_device", "Generator")
_FILE_FUNCTIONS = ("load", "save", "open")


class Candidate:
    """A text to put in, the call it stands for, and a line about it."""

    __slots__ = ("shown", "summary", "text")

    def __init__(self, text: str, shown: str = "", summary: str = "") -> None:
        self.text = text
        self.shown = shown or text
        self.summary = summary


def candidates(session: Session, place: Place) -> list[Candidate]:
    """Everything that could stand at a place and begins as it does, the best first."""
    found = _FINDERS[place.kind](session, place)
    wanted = place.prefix.lower()
    chosen = [candidate for candidate in found if candidate.text.lower().startswith(wanted)]
    if not place.prefix.startswith("_"):
        chosen = [candidate for candidate in chosen if not candidate.text.startswith("_")]
    exact = [candidate for candidate in chosen if candidate.text.startswith(place.prefix)]
    unique: dict[str, Candidate] = {}
    for candidate in exact or chosen:
        unique.setdefault(candidate.text, candidate)
    return list(unique.values())


# ---------------------------------------------------------------- names


def _names(session: Session, place: Place) -> Iterator[Candidate]:
    call = place.call
    if call is not None:
        wanted = list(_of_parameter(session, call))
        if wanted and call.keyword is not None:
            yield from wanted
            return
        if call.keyword is None and call.start >= place.start:
            yield from _keywords(session, call)
        yield from wanted
    for name, value in session.variables.items():
        yield Candidate(name, summary=_about(value))
    yield from (Candidate(name, summary="not read yet") for name in session.suppliers)
    if place.prefix.startswith("_"):
        yield from (
            Candidate(name, summary=_about(value)) for name, value in session.builtins.items() if name[0] == "_"
        )
    if call is None:
        yield from (Candidate(word) for word in _LANGUAGE)
    else:
        yield from (Candidate(word) for word in ("None", "True", "False", "lambda", "not"))
    yield from _known(session)


def _known(session: Session) -> Iterator[Candidate]:
    """The names that mean something to every program."""
    from tcalc.interp.lookup import builtins
    from tcalc.interp.namespaces import BARE

    own = session.own_names  # load, scatter: the calculator's own come before torch's
    words = list(builtins())
    yield from (Candidate(*row) for row in words if row[0] in own)
    yield from (
        _of_entry(entry)
        for path, entry in index.entries().items()
        if path.startswith("torch.") and path.count(".") == 1 and entry.name not in own
    )
    yield from (Candidate(*row) for row in words if row[0] not in own)
    yield from (Candidate(name, summary=f"the namespace {path}") for name, path in BARE.items())
    yield from _dtypes()
    yield from (Candidate(name) for name in ("pi", "e", "inf", "nan", "tau"))


def _of_entry(entry: index.Entry) -> Candidate:
    return Candidate(entry.name, entry.signature, entry.summary)


def _about(value: Any) -> str:
    """A few words about a variable."""
    from tcalc.engine.tensor import Tensor
    from tcalc.interp.functions import Function
    from tcalc.interp.type_names import type_name

    if isinstance(value, Tensor):
        return f"{tuple(value.shape)} {value.dtype.name}"
    if isinstance(value, Function):
        return signatures.text_of(value)
    shown = repr(value) if isinstance(value, (int, float, complex, bool)) else ""
    return f"{type_name(value)} {shown}".strip() if len(shown) < 30 else type_name(value)


def _dtypes() -> Iterator[Candidate]:
    """The element types, those that people use most first."""
    from tcalc.interp.names import DTYPES

    for name in dict.fromkeys([*_USUAL_DTYPES, *DTYPES]):
        yield Candidate(name, summary=f"dtype, {8 * DTYPES[name].itemsize} bits")


# ---------------------------------------------------------------- within a call


def _keywords(session: Session, call: Call) -> Iterator[Candidate]:
    signature = signatures.of_call(session, call)
    if signature is None:
        return
    for position, name in enumerate(signature.keywords()):
        given = name in call.used or position < call.position - len(call.used)
        if not given:
            yield Candidate(f"{name}=", summary=f"argument of {signature.name}")


def _of_parameter(session: Session, call: Call) -> Iterator[Candidate]:
    """What a parameter takes that says so by its name, or by its function's."""
    name = call.function.rpartition(".")[2]
    if call.keyword == "dtype" or (call.keyword is None and name in _DTYPE_FUNCTIONS):
        yield from _dtypes()
    if call.keyword == "device" or (call.keyword is None and name in _DEVICE_FUNCTIONS):
        yield from (Candidate(f'"{device}"', summary="device") for device in _devices())


def _devices() -> tuple[str, ...]:
    return ("cpu", "cuda", "cuda:0", "meta")


def _texts(session: Session, place: Place) -> Iterable[Candidate]:
    """Within the quotes of an argument."""
    call = place.call
    if call is None:
        return ()
    name = call.function.rpartition(".")[2]
    if call.keyword == "device" or (call.keyword is None and name in _DEVICE_FUNCTIONS):
        return [Candidate(device, summary="device") for device in _devices()]
    return files(place.prefix) if name in _FILE_FUNCTIONS else ()


# ---------------------------------------------------------------- attributes, keys, modules


def _attributes(session: Session, place: Place) -> Iterator[Candidate]:
    from tcalc.engine.tensor import Tensor
    from tcalc.interp.attributes import names_of
    from tcalc.interp.literals import TensorLiteral
    from tcalc.interp.method_tables import METHODS
    from tcalc.interp.values import Namespace

    value = value_of(session, place.source)
    if value is None:
        return
    if type(value) is Tensor or getattr(value, "python_type", None) is Tensor:
        yield from _of_tensors()
        if type(session.variables.get(place.source)) is TensorLiteral:  # it is a list as well
            yield from (Candidate(name) for name in METHODS[list])
        return
    path = value.path if isinstance(value, Namespace) else None
    for name in names_of(value):
        entry = index.entries().get(f"{path}.{name}") if path is not None else None
        yield _of_entry(entry) if entry is not None else Candidate(name)


def _of_tensors() -> Iterator[Candidate]:
    """A tensor's attributes and methods; no family is loaded for their names.

    Those that write into the tensor come last, after them those of layouts that tcalc answers for and has not.
    """
    from tcalc.interp.library import registry

    module_of = registry().attributes.module_of | registry().methods.module_of
    for name in sorted(module_of, key=lambda name: (module_of[name] == "session.layouts", name[-1] == "_", name)):
        entry = index.find(f"Tensor.{name}")
        found = signatures.parsed(entry.signature) if entry is not None else None
        call = str(signatures.without_receiver(found)) if found is not None else ""
        yield Candidate(name, call, entry.summary if entry is not None else "")


def _keys(session: Session, place: Place) -> Iterator[Candidate]:
    value = value_of(session, place.source)
    names = getattr(value, "keys", None)
    if names is None:
        return
    for name in list(names()):
        if isinstance(name, str) and name.isprintable():
            yield Candidate(name, summary=_about(value[name]) if type(value) is dict else "")


def _modules(session: Session, place: Place) -> Iterator[Candidate]:
    from tcalc.interp.namespaces import paths

    yield from (Candidate(path) for path in dict.fromkeys(["torch", "numpy", *sorted(paths())]))


def _members(session: Session, place: Place) -> Iterator[Candidate]:
    from tcalc.interp import namespaces

    found = namespaces.module(place.source)
    for name in sorted(set(found.names())) if found is not None else ():
        entry = index.entries().get(f"{place.source}.{name}")
        yield _of_entry(entry) if entry is not None else Candidate(name)


# ---------------------------------------------------------------- files


def files(prefix: str) -> list[Candidate]:
    """The files and folders that a path begins; a name that would steer the terminal is left out."""
    folder, name = os.path.split(prefix)
    found = []
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as listed:
            for entry in listed:
                if entry.name.startswith(name) and entry.name.isprintable() and (name or entry.name[0] != "."):
                    mark = "/" if entry.is_dir() else ""
                    found.append(Candidate(os.path.join(folder, entry.name) + mark, entry.name + mark))
                if len(found) >= _MOST_FILES:
                    break
    except (OSError, ValueError):
        return []
    return sorted(found, key=lambda candidate: (not candidate.text.endswith("/"), candidate.text.lower()))


# ---------------------------------------------------------------- commands


def _commands(session: Session, place: Place) -> Iterator[Candidate]:
    from tcalc.shell.commands import all_commands

    yield from (Candidate(found.name, found.usage, found.summary) for found in all_commands().values())


def _arguments(session: Session, place: Place) -> Iterable[Candidate]:
    from tcalc.shell.commands import all_commands

    found = all_commands().get(place.source)
    if found is None or found.takes is None:
        return ()
    if found.takes == "file":
        return files(place.prefix)
    return [Candidate(choice) for choice in found.takes()] if callable(found.takes) else ()


def _nothing(session: Session, place: Place) -> Iterable[Candidate]:
    return ()


_FINDERS = {
    places.NAME: _names,
    places.ATTRIBUTE: _attributes,
    places.KEY: _keys,
    places.TEXT: _texts,
    places.MODULE: _modules,
    places.MEMBER: _members,
    places.COMMAND: _commands,
    places.ARGUMENT: _arguments,
    places.NOTHING: _nothing,
}
