"""The calculator's own functions, which neither Python nor PyTorch has: help, search, load, save; pictures beside it.

They are found like Python's builtins, after every other name, and their module is loaded when one of them is used.
A function that prints does so through the session that runs.
"""

from __future__ import annotations

from tcalc.errors import type_error
from tcalc.interp.values import Builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_own: dict[str, Builtin] = {}


def own(function: Callable) -> Callable:
    """Register a function under its name without the underscore that keeps it off Python's own."""
    name = function.__name__.rstrip("_")
    function.__name__ = function.__qualname__ = name  # Python's messages say it
    _own[name] = Builtin(function, name)
    return function


def own_names() -> dict[str, Builtin]:
    """Every function of the calculator's own, by name."""
    from tcalc.interp import pictures  # noqa: F401 - registers its own

    return _own


def write(text: str) -> None:
    """Print through the session that runs."""
    from tcalc.interp.session import running

    session = running()
    if session is not None:
        session.write(text)


def write_page(text: str) -> None:
    """Print a page of help, in colour where the session's screen has any."""
    from tcalc.interp.session import running

    session = running()
    if session is not None and session.screen().colors:
        from tcalc.show.pretty import page_text

        text = page_text(text)
    write(text)


@own
def help_(value: Any = "", /) -> None:
    """Print help about a function, an operator, a word or a value.

    Without any, it is an overview. What is no value is named in quotes: ``help("for")``, ``help("@")``,
    ``help("linalg")``.

    >>> help(len)
    len(value)
    <BLANKLINE>
      The number of items, or of rows of a tensor.
    """
    from tcalc.interp.session import running
    from tcalc.show import help as helping

    session = running()
    if not isinstance(value, str):
        write_page(helping.page_of(value, session))
    elif not value.strip():
        write_page(helping.overview(session))
    else:
        write_page(helping.page(value, session) or helping.not_found(value, session))


@own
def search(words: str, /) -> None:
    """Print functions and topics with the words in name or summary.

    >>> search("covariance")
    cov  Covariance of variables (rows) over their observations (columns).
    """
    from tcalc.interp.session import running
    from tcalc.show import help as helping

    if not isinstance(words, str):
        raise type_error("search() takes words in quotes, such as search('mean')")
    write_page(helping.search_text(words, running()))


@own
def load(path: str, device: Any = None, *, format: Any = None) -> Any:
    """What a file holds: a tensor, a bundle of tensors, or a table.

    Tensors are on ``device``. The format is known by the file's content, then by its ending, unless ``format`` says
    it. A bundle reads a tensor when it is touched. Several files of one model are one bundle:
    ``load("model-*.safetensors")``.
    """
    from tcalc.interp.file_functions import load_value

    return load_value(path, device, format)


@own
def save(value: Any, path: str) -> None:
    """Write a value to a file, in the format of its ending.

    The file is written whole or not at all.
    """
    from tcalc.formats.files import path_of, save_value

    save_value(value, path_of(path, "save"))


@own
def bundle(tensors: Any, /) -> Any:
    """A dictionary of tensors as a bundle.

    It computes name by name, and takes patterns of names.

    >>> w = bundle({"a.weight": ones(2), "a.bias": zeros(2)})
    >>> w["*.weight"] * 2
    bundle of 1 tensor, 2 elements, 8 bytes
      a.weight  float32  (2,)
    """
    from tcalc.interp.bundles import bundle_of

    return bundle_of(tensors)
