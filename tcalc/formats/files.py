"""The files of a program: what ``load``, ``save`` and their like reach."""

from __future__ import annotations

from tcalc.errors import DataError, TcalcError, type_error
from tcalc.formats.source import check_allowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tcalc.formats.loaded import Loaded, TextOptions
    from tcalc.formats.source import Source


def path_of(value: Any, function: str) -> str:
    """A path as a program gives it; ``~`` is the home folder."""
    if not isinstance(value, str):
        raise type_error(f"{function}() takes a path in quotes, such as 'data.npy', not {type(value).__name__}")
    if not value:
        raise TcalcError(f"{function}() was given an empty path", "ValueError")
    if value.startswith("~"):
        from os.path import expanduser

        return expanduser(value)
    return value


def opened(path: str) -> Source:
    """A file of the program's for reading."""
    from tcalc.formats.source import open_file

    try:
        return open_file(path)
    except DataError as fault:
        if not isinstance(fault.__context__, OSError):
            raise
        reason = fault.__context__
        raise DataError(f"[Errno {reason.errno}] {reason.strerror}: {path!r}", type(reason).__name__) from None


def loaded(path: str, format: str | None = None, options: TextOptions | None = None) -> Loaded:
    """What a file holds. Several shards (``model-*.safetensors``, an ``index.json``) are one bundle."""
    check_allowed(path)
    from tcalc.formats import shards
    from tcalc.formats.reading import read
    from tcalc.formats.table import READABLE

    if format is not None and format not in READABLE:
        raise TcalcError(f"there is no format {format!r}; there are {', '.join(READABLE)}", "ValueError")
    return shards.read(path) or read(opened(path), format, options)


def saved(path: str, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file whole or not at all."""
    from tcalc.formats.writing import write_file

    write_file(path, pieces)


def save_value(value: Any, path: str) -> None:
    """Write a value in the format that the path's ending says."""
    check_allowed(path)
    from tcalc.formats.compressed import inner_path, packed
    from tcalc.formats.sniff import extension_of
    from tcalc.formats.table import BY_EXTENSION
    from tcalc.formats.writing import encode

    ending = extension_of(inner_path(path))
    format = BY_EXTENSION.get(ending)
    if format is None or format.writer is None:
        known = ", ".join("." + name for name, format in BY_EXTENSION.items() if format.writer is not None)
        what = f"no format ends in .{ending}" if ending else "the path has no ending"
        raise TcalcError(f"save() cannot tell how to write {path!r}: {what}", "ValueError", hint=f"there are {known}")
    saved(path, packed(path, encode(value, format.name)))
