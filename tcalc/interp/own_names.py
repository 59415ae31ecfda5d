"""The calculator's own functions, which neither Python nor PyTorch has: help and search here, pictures beside it.

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


@own
def help_(value: Any = "", /) -> None:
    """Print help about a function, an operator, a word of the language or a value; without one, an overview.

    What is no value is named in quotes: ``help("for")``, ``help("@")``, ``help("linalg")``.

    >>> help(len)
    len(value)
    <BLANKLINE>
      The number of items, or of rows of a tensor.
    """
    from tcalc.interp.session import running
    from tcalc.show import help as helping

    session = running()
    if not isinstance(value, str):
        write(helping.page_of(value, session))
    elif not value.strip():
        write(helping.overview(session))
    else:
        write(helping.page(value, session) or helping.not_found(value, session))


@own
def search(words: str, /) -> None:
    """Print every function and topic that has the words in its name or summary.

    >>> search("covariance")
    cov  Covariance of variables (rows) over their observations (columns).
    """
    from tcalc.interp.session import running
    from tcalc.show import help as helping

    if not isinstance(words, str):
        raise type_error("search() takes words in quotes, such as search('mean')")
    write(helping.search_text(words, running()))
