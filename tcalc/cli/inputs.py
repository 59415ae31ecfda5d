"""Inputs: which arguments are files, what names they bind, and when standard input is read."""

from __future__ import annotations

import os

from tcalc.cli import streams
from tcalc.errors import DataError, LimitError, TcalcSyntaxError, UsageError
from tcalc.formats.sniff import DATA_ENDINGS, check_format, extension_of
from tcalc.formats.table import READABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from typing import Any

    from tcalc.cli.invocation import Invocation
    from tcalc.formats.loaded import Loaded, TextOptions
    from tcalc.formats.source import Source
    from tcalc.interp.session import Session
    from tcalc.show.progress import ReadingBar

STDIN = "-"


class Input:
    """One INPUT: ``[NAME=]PATH[:FORMAT]`` or ``-``; ``shards`` are the files of a model that is in several."""

    __slots__ = ("format", "name", "path", "shards")

    def __init__(self, path: str, name: str | None = None, format: str | None = None) -> None:
        self.path = path
        self.name = name
        self.format = format
        self.shards: list[str] = []


def parse_input(argument: str) -> Input:
    """An argument as an input. A file that has the whole argument as its name is that file."""
    if argument == STDIN or os.path.exists(argument):
        return Input(argument)
    name, equals, path = argument.partition("=")
    if not (equals and path and name.isidentifier()):
        name, path = "", argument
    format = None
    stem, colon, ending = path.rpartition(":")
    if colon and stem and not os.path.exists(path) and "/" not in ending:
        if ending in READABLE:
            path, format = stem, ending
        elif os.path.exists(stem):
            check_format(ending, READABLE, argument)
    return Input(path, name or None, format)


def parse_inputs(arguments: Sequence[str]) -> list[Input]:
    """The arguments as inputs; the shards of one model, which a shell lists one by one, are one input."""
    inputs = [parse_input(argument) for argument in arguments]
    paths = [item.path for item in inputs]
    if len(paths) < 2 or any(item.name or item.format for item in inputs):
        return inputs
    from tcalc.formats import shards

    if not shards.are_shards(paths):
        return inputs
    whole = Input(shards.common_name(paths))
    whole.shards = paths
    return [whole]


def is_expression(argument: str, is_known: Callable[[str], bool]) -> bool:
    """Whether the first argument is the expression: no file, no data file's ending, and a program whose names exist.

    What cannot be a file's name is an expression whatever its faults are, so that these are reported.
    """
    candidate = parse_input(argument)
    if candidate.path == STDIN or candidate.format or os.path.exists(candidate.path):
        return False
    if extension_of(candidate.path) in DATA_ENDINGS:
        return False
    if not _could_be_path(argument):
        return True
    from tcalc.syntax.free_names import free_names
    from tcalc.syntax.parser import parse

    try:
        names = free_names([parse(argument)])
    except TcalcSyntaxError:
        return False
    return all(is_known(name) for name in names)


def _could_be_path(argument: str) -> bool:
    """Whether people give files such names: letters, digits and a few signs, and no blanks."""
    return all(character.isalnum() or character in "/._-~+,:=" for character in argument)


def input_names(inputs: Sequence[Input]) -> list[list[str]]:
    """For each input, the names that it binds: its own, or ``x`` with its number."""
    result = []
    number = 0
    for item in inputs:
        if item.name is not None:
            result.append([item.name])
            continue
        number += 1
        names = [f"x{number}", f"c{number}"]
        result.append(["x", "c", *names] if number == 1 else names)
    return result


def check_used(inputs: Sequence[Input], free: Container[str]) -> None:
    """An input that the program never looks at is a mistake in the command line."""
    if "xs" in free or "files" in free:
        return
    for item, names in zip(inputs, input_names(inputs), strict=True):
        if not any(name in free for name in names):
            kinds = " or ".join(name for name in names if not name.startswith("c") or item.name)
            raise UsageError(f"the program never uses the input {item.path!r}", hint=f"its name is {kinds}")


def wants_stdin(inputs: Sequence[Input], free: Container[str]) -> bool:
    """Whether a program reads a free ``x`` or ``c`` that no input on the command line binds."""
    if any(item.name is None for item in inputs):
        return False
    return any(name in free for name in ("x", "c", "x1", "c1"))


def explain_missing(inputs: Sequence[Input]) -> None:
    """An argument that is no file may have been meant as an expression: say how that is written."""
    for item in inputs:
        if item.path != STDIN and not item.shards and not os.path.exists(item.path) and not _is_pattern(item.path):
            hint = None
            if item.name is None and item.format is None and extension_of(item.path) not in DATA_ENDINGS:
                hint = f"if it is an expression: tcalc -e '{item.path}'"
            raise DataError(f"{item.path}: no such file or directory", hint=hint)


def _is_pattern(path: str) -> bool:
    """Whether a path such as ``w=model-*.safetensors``, which no shell expands, means files that there are."""
    if not any(mark in path for mark in "*?["):
        return False
    from glob import glob

    return bool(glob(path))


def load(item: Input, invocation: Invocation, wants_table: bool = True) -> Loaded:
    """Read an input. One that needs more memory than there is is a fault of the input."""
    try:
        return _load(item, invocation, wants_table)
    except LimitError as fault:
        raise DataError(f"{item.path}: {fault.message}") from None


def _load(item: Input, invocation: Invocation, wants_table: bool) -> Loaded:
    if item.shards or item.path.endswith(".json") or _is_pattern(item.path):
        from tcalc.formats import shards

        found = shards.read_all(item.shards) if item.shards else shards.read(item.path)
        if found is not None:
            return found
    with watched(open_input(item)) as source:
        return read_source(source, item, invocation, wants_table)


def load_used(inputs: Sequence[Input], invocation: Invocation, free: Container[str]) -> list[Loaded]:
    """Read the inputs of a program that has these free names: what it does not use need not be made."""
    result = []
    for item, names in zip(inputs, input_names(inputs), strict=True):
        wants_table = invocation.interactive or any(name in free for name in names if item.name or name[0] == "c")
        result.append(load(item, invocation, wants_table))
    return result


def open_input(item: Input) -> Source:
    """The bytes of an input. Standard input is no terminal: nobody would know what is waited for."""
    from tcalc.formats.source import open_file, standard_input

    if item.path != STDIN:
        return open_file(item.path)
    if streams.stdin_state() == "terminal":
        raise UsageError("x is standard input, and that is a terminal", hint="name a file, or send data through a pipe")
    return standard_input()


class watched:  # noqa: N801 - a context manager reads like a verb
    """``with watched(source) as source:`` a long reading shows how far it is to somebody at a terminal."""

    __slots__ = ("_bar", "_source")

    def __init__(self, source: Source, is_wanted: bool = True) -> None:
        self._source = source
        self._bar: ReadingBar | None = None
        if is_wanted and streams.error_is_terminal() and os.environ.get("TERM") != "dumb":
            self._bar = self._watch(source)

    def _watch(self, source: Source) -> ReadingBar:
        import sys

        from tcalc.formats.source import FileSource
        from tcalc.show.progress import ReadingBar

        bar = ReadingBar(source.name, source.size if isinstance(source, FileSource) else None, sys.stderr)
        source.watch = bar
        return bar

    def __enter__(self) -> Source:
        return self._source

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def read_source(source: Source, item: Input, invocation: Invocation, wants_table: bool = True) -> Loaded:
    """What an input holds."""
    from tcalc.formats.reading import read

    return read(source, stated_format(item, invocation), text_options(invocation, wants_table))


def stated_format(item: Input, invocation: Invocation) -> str | None:
    """The format that the user gave an input."""
    stated = item.format or invocation.from_format
    return None if stated is None else check_format(stated, READABLE, "--from")


def text_options(invocation: Invocation, wants_table: bool = True) -> TextOptions:
    """How text is to be read."""
    from tcalc.formats.loaded import TextOptions

    return TextOptions(
        invocation.delimiter, invocation.decimal, invocation.header, invocation.columns, invocation.na, wants_table
    )


def bind(session: Session, inputs: Sequence[Input], loaded: Sequence[Loaded]) -> None:
    """Give the inputs their names: ``x``, ``x1``, ``x2``, …, ``c``, ``xs``, ``files``.

    The numbers of a table are put side by side only for a program that reads them.
    """
    variables, suppliers = session.variables, session.suppliers
    for item, names, data in zip(inputs, input_names(inputs), loaded, strict=True):
        for name in names:
            if item.name is not None:
                variables[name] = data.with_columns()
            elif name.startswith("c"):
                if data.table is not None:
                    variables[name] = data.table
            elif data.table is not None:
                suppliers[name] = _x_of(data, item)
            else:
                variables[name] = data.x
    if inputs:
        suppliers["xs"] = lambda: [data.x for data in loaded]
        variables["files"] = [item.path for item in inputs]


def _x_of(data: Loaded, item: Input) -> Callable[[], Any]:
    """What makes ``x`` of a table: its columns of numbers, where it has one."""
    from tcalc.engine.tensor import Tensor

    def numbers() -> Any:
        x = data.x
        if isinstance(x, Tensor) and x.shape[1:] == (0,):
            raise DataError(
                f"{_name_of(item)}: no column holds numbers, so there is no x", hint="c has the columns of text"
            )
        return x

    return numbers


def _name_of(item: Input) -> str:
    return "standard input" if item.path == STDIN else item.path
