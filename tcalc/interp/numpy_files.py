"""NumPy's functions for files: the binary ones with our own strict readers, the text ones with NumPy's on text.

NumPy itself never opens a file: every path goes through :mod:`tcalc.formats.files`.
"""

from __future__ import annotations

import io

from tcalc.engine.backend import numpy
from tcalc.engine.bundle import Bundle
from tcalc.engine.contexts import Context
from tcalc.engine.state import current
from tcalc.errors import DataError, TcalcError, type_error, value_error
from tcalc.formats import files
from tcalc.formats.compressed import packed
from tcalc.formats.decode import decoded, encoded, without_mark
from tcalc.formats.table import NPY_MAGIC
from tcalc.interp.numpy_values import run, unwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

np = numpy()

_WIDEST = 400  # characters that one number may be written with


class NpzFile(Context):
    """What ``np.load`` gives for a ``.npz``: arrays by name, read when they are asked for."""

    public = ("close", "files", "get", "getitem", "items", "keys", "values")

    __slots__ = ("_bundle", "_path")

    def __init__(self, bundle: Bundle, path: str) -> None:
        self._bundle = bundle
        self._path = path

    @property
    def files(self) -> list[str]:
        return list(self._bundle)

    def __enter__(self) -> NpzFile:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Arrays that were read stay; nothing has to be given back."""

    def __len__(self) -> int:
        return len(self._bundle)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bundle)

    def __contains__(self, name: object) -> bool:
        return name in self._bundle

    def getitem(self, name: object) -> Any:
        """``z["name"]``."""
        if not isinstance(name, str) or name.removesuffix(".npy") not in self._bundle:
            raise TcalcError(f"{name!r} is not a file in the archive", "KeyError")
        return self._bundle.glance(name.removesuffix(".npy")).host_array()

    def get(self, name: object, default: Any = None) -> Any:
        return self.getitem(name) if name in self._bundle else default

    def keys(self) -> Any:
        return self._bundle.keys()

    def values(self) -> list[Any]:
        return [self.getitem(name) for name in self._bundle]

    def items(self) -> list[tuple[str, Any]]:
        return [(name, self.getitem(name)) for name in self._bundle]

    def __repr__(self) -> str:
        names = list(self._bundle)
        shown = ", ".join(names[:5]) + ("..." if len(names) > 5 else "")
        return f"NpzFile {self._path!r} with keys: {shown}"


def load(
    file: Any,
    mmap_mode: Any = None,
    allow_pickle: bool = False,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    *,
    max_header_size: int = 10000,
) -> Any:
    """The array in a ``.npy`` file, or the arrays in a ``.npz``; large ones are mapped, pickles are refused."""
    path = files.path_of(file, "np.load")
    source = files.opened(path)
    from tcalc.formats import npy, npz
    from tcalc.formats.loaded import TextOptions

    if mmap_mode not in (None, "r", "c", "r+", "w+"):
        raise value_error("mode must be one of ['r', 'c', 'r+', 'w+', 'readonly', 'copyonwrite', 'readwrite', 'write']")
    if mmap_mode in ("r+", "w+"):
        raise TcalcError("np.load() never writes to the file: use mmap_mode='c'", "NotImplementedError")
    if source.head(6) == NPY_MAGIC:
        return npy.read(source, "npy", TextOptions()).x.host_array()
    if source.head(2) == b"PK":
        return NpzFile(npz.read(source, "npz", TextOptions()).x, path)
    raise DataError(
        f"{path}: this is neither a .npy nor a .npz file", "ValueError", hint="load(path) reads every format"
    )


def save(file: Any, arr: Any, allow_pickle: bool = True, fix_imports: Any = None) -> None:
    """Write an array to a ``.npy`` file, whole or not at all; the ending is added where it is missing."""
    from tcalc.formats.npy import pieces

    path = _with_ending(files.path_of(file, "np.save"), ".npy")
    files.saved(path, pieces(_array(arr)))


def savez(file: Any, *args: Any, allow_pickle: bool = True, **kwds: Any) -> None:
    """Write several arrays to a ``.npz`` file, by name or as ``arr_0``, ``arr_1``, …"""
    _save_archive("np.savez", file, args, kwds, False)


def savez_compressed(file: Any, *args: Any, allow_pickle: bool = True, **kwds: Any) -> None:
    """Write several arrays to a compressed ``.npz`` file."""
    _save_archive("np.savez_compressed", file, args, kwds, True)


def _save_archive(function: str, file: Any, args: tuple, kwds: dict[str, Any], compressed: bool) -> None:
    from tcalc.formats.npz import written

    named = {f"arr_{position}": value for position, value in enumerate(args)}
    for name in named:
        if name in kwds:
            raise value_error(f"Cannot use un-named variables and keyword {name}")
    arrays = {name: _array(value) for name, value in (named | kwds).items()}
    files.saved(_with_ending(files.path_of(file, function), ".npz"), written(arrays, "npz", compressed))


def _array(value: Any) -> Any:
    return run(np.asanyarray, [value], {})


def _with_ending(path: str, ending: str) -> str:
    return path if path.endswith(ending) else path + ending


def savetxt(
    fname: Any,
    X: Any,  # noqa: N803 - NumPy's own name
    fmt: Any = "%.18e",
    delimiter: str = " ",
    newline: str = "\n",
    header: str = "",
    footer: str = "",
    comments: str = "# ",
    encoding: Any = None,
) -> None:
    """Write a 1-D or 2-D array as text, a row a line."""
    path = files.path_of(fname, "np.savetxt")
    formats = [fmt] if isinstance(fmt, str) else list(fmt)
    for one in formats:
        digits = "".join(letter if letter.isdecimal() else " " for letter in str(one))
        if len(digits) > _WIDEST or any(len(number) > 3 or int(number) > _WIDEST for number in digits.split()):
            raise value_error(f"np.savetxt() writes no number with more than {_WIDEST} characters")
    array = unwrap(X)
    current().meter.allocate(np.size(array) * 25 * 2, path)
    text = io.StringIO()
    run(lambda: np.savetxt(text, array, fmt, delimiter, newline, header, footer, comments), [], {})
    files.saved(path, packed(path, [encoded(text.getvalue())]))


_LOADTXT = frozenset(
    ("dtype", "comments", "delimiter", "skiprows", "usecols", "unpack", "ndmin", "encoding", "max_rows", "quotechar")
)
_GENFROMTXT = frozenset(
    ("dtype", "comments", "delimiter", "skip_header", "skip_footer", "missing_values", "filling_values", "usecols",
     "autostrip", "unpack", "invalid_raise", "max_rows", "encoding", "ndmin")
)  # fmt: skip


def loadtxt(fname: Any, dtype: Any = "float64", comments: Any = "#", delimiter: Any = None, **kwargs: Any) -> Any:
    """The numbers of a text, with NumPy's own reader."""
    kwargs |= {"dtype": dtype, "comments": comments, "delimiter": delimiter}
    return _read_text(np.loadtxt, "np.loadtxt", fname, kwargs, _LOADTXT)


def genfromtxt(fname: Any, dtype: Any = "float64", comments: Any = "#", delimiter: Any = None, **kwargs: Any) -> Any:
    """The numbers of a text in which some are missing, with NumPy's own reader."""
    kwargs |= {"dtype": dtype, "comments": comments, "delimiter": delimiter}
    return _read_text(np.genfromtxt, "np.genfromtxt", fname, kwargs, _GENFROMTXT)


def _read_text(function: Callable, name: str, fname: Any, kwargs: dict[str, Any], known: frozenset[str]) -> Any:
    for keyword in kwargs:
        if keyword not in known:
            raise type_error(f"{name}() got an unexpected keyword argument '{keyword}'")
    path = files.path_of(fname, name)
    data = files.opened(path).data()
    kwargs.pop("encoding", None)
    text = io.StringIO(decoded(without_mark(data, path), path))
    return run(lambda **named: function(text, **named), [], kwargs)


def fromfile(file: Any, dtype: Any = "float64", count: int = -1, sep: str = "", offset: int = 0) -> Any:
    """The numbers in a file without a header, as they lie in memory; with ``sep``, as text."""
    path = files.path_of(file, "np.fromfile")
    kind = run(np.dtype, [dtype], {})
    if kind.hasobject or not kind.itemsize:
        raise value_error(f"Cannot create an array of {kind} from a file")
    source = files.opened(path)
    if sep:
        text = decoded(source.data(), path)
        return run(np.fromstring, [text], {"dtype": kind, "count": count, "sep": sep})
    found = max(0, source.size - offset) // kind.itemsize
    count = found if count < 0 else min(count, found)
    memory = source.stretch(offset, count * kind.itemsize)
    return np.frombuffer(memory, kind, count) if count else np.empty(0, kind)


def tofile(array: Any, fid: Any, sep: str = "", format: str = "%s") -> None:
    """Write the numbers of an array as they lie in memory, in the order of its rows; with ``sep``, as text."""
    path = files.path_of(fid, "tofile")
    if sep:
        text = sep.join(str(value) for value in array.reshape(-1).tolist())
        files.saved(path, [encoded(text)])
        return
    from tcalc.formats.values import raw_bytes

    files.saved(path, [raw_bytes(np.ascontiguousarray(array))] if array.size else [b""])


FUNCTIONS = {
    function.__name__: function
    for function in (load, save, savez, savez_compressed, savetxt, loadtxt, genfromtxt, fromfile)
}
