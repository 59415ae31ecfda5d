"""Named tensors, as a file holds them: what ``.safetensors``, ``.npz`` and a state dictionary are.

A bundle knows the name, element type and shape of every tensor at once, and reads one when it is touched.
"""

from __future__ import annotations

from collections.abc import MappingView
from math import prod

from tcalc.engine.state import human_bytes
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
    from typing import Any

    Read = Callable[[], Tensor]

# Of more tensors than this, a bundle's text shows the first and the last.
_SHOWN = 24
_GLOB = frozenset("*?[")


class Entry:
    """A tensor of a bundle, read or not.

    ``dtype_name`` is the dtype's as tcalc calls it, or as the file does where tcalc has none. ``is_mapped`` says
    that reading costs next to nothing; another tensor that is only walked over is not kept.
    """

    __slots__ = ("_read", "_tensor", "dtype_name", "is_mapped", "nbytes", "shape")

    def __init__(
        self, dtype_name: str, shape: tuple[int, ...], nbytes: int, read: Read | None, is_mapped: bool = True
    ) -> None:
        self.dtype_name = dtype_name
        self.shape = shape
        self.nbytes = nbytes
        self.is_mapped = is_mapped
        self._read = read
        self._tensor: Tensor | None = None

    @classmethod
    def of(cls, tensor: Tensor) -> Entry:
        """The entry of a tensor in memory."""
        entry = cls(tensor.dtype.name, tensor.shape, tensor.numel() * tensor.dtype.itemsize, None)
        entry._tensor = tensor
        return entry

    @property
    def numel(self) -> int:
        return prod(self.shape)

    @property
    def is_read(self) -> bool:
        return self._tensor is not None

    def tensor(self) -> Tensor:
        """The tensor: the same one at every call, so that writing to it is seen."""
        if self._tensor is None:
            self._tensor = self.glance()
        return self._tensor

    def glance(self) -> Tensor:
        """The tensor, which is kept only where that is cheap."""
        if self._tensor is not None:
            return self._tensor
        assert self._read is not None
        tensor = self._read()
        if self.is_mapped:
            self._tensor = tensor
        return tensor


class Bundle:
    """Named tensors in order. ``metadata`` is the text that came with them.

    It behaves as a dictionary of tensors; a name with ``*``, ``?`` or ``[…]`` in it chooses several at once.
    """

    public = ("delitem", "get", "getitem", "items", "keys", "metadata", "pop", "setitem", "update", "values")

    __slots__ = ("_entries", "metadata")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, entries: Mapping[str, Entry | Tensor], metadata: Mapping[str, str] | None = None) -> None:
        self._entries = {
            name: Entry.of(entry) if isinstance(entry, Tensor) else entry for name, entry in entries.items()
        }
        self.metadata = dict(metadata or {})

    # -- names

    def keys(self) -> KeysView[str]:
        return self._entries.keys()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def entries(self) -> dict[str, Entry]:
        """What is known of every tensor without reading it."""
        return self._entries

    @property
    def numel(self) -> int:
        return sum(entry.numel for entry in self._entries.values())

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self._entries.values())

    # -- tensors

    def getitem(self, index: object) -> Tensor | Bundle:
        """``w["name"]``, ``w["*.weight"]`` or ``w[["a", "b"]]``: a tensor, or a bundle of those."""
        if isinstance(index, str):
            if index in self._entries:
                return self._entries[index].tensor()
            if _GLOB & set(index):
                return self._matching(index)
            raise self._no_name(index)
        if isinstance(index, (list, tuple)) and all(isinstance(name, str) for name in index):
            for name in index:
                if name not in self._entries:
                    raise self._no_name(name)
            return Bundle({name: self._entries[name] for name in index}, self.metadata)
        raise type_error(
            f"the tensors of a bundle are chosen by name, not by {type(index).__name__}",
            hint="w.keys() are the names",
        )

    __getitem__ = getitem

    def _matching(self, pattern: str) -> Bundle:
        from fnmatch import fnmatchcase

        found = {name: entry for name, entry in self._entries.items() if fnmatchcase(name, pattern)}
        if not found:
            raise self._no_name(pattern)
        return Bundle(found, self.metadata)

    def get(self, name: object, default: Any = None) -> Any:
        return self._entries[name].tensor() if isinstance(name, str) and name in self._entries else default

    def glance(self, name: str) -> Tensor:
        """The tensor of that name for a look at it: a large one that had to be unpacked is not kept."""
        return self._entries[name].glance()

    def values(self) -> Values:
        return Values(self)

    def items(self) -> Items:
        return Items(self)

    def setitem(self, name: object, tensor: object) -> None:
        """``w["name"] = tensor``."""
        if not isinstance(name, str):
            raise type_error(f"the names in a bundle are texts, not {type(name).__name__}")
        if not isinstance(tensor, Tensor):
            raise type_error(f"a bundle holds tensors, not {type(tensor).__name__}")
        self._entries[name] = Entry.of(tensor)

    def delitem(self, name: object) -> None:
        """``del w["name"]``."""
        if not isinstance(name, str) or name not in self._entries:
            raise self._no_name(str(name))
        del self._entries[name]

    def pop(self, name: object, *default: Any) -> Any:
        """Take a tensor out."""
        if isinstance(name, str) and name in self._entries:
            return self._entries.pop(name).tensor()
        if default:
            return default[0]
        raise self._no_name(str(name))

    def update(self, other: Bundle | dict) -> None:
        """Take over the tensors of another bundle or of a dictionary."""
        if isinstance(other, Bundle):
            self._entries.update(other._entries)
            return
        if not isinstance(other, dict):
            raise type_error(f"a bundle is updated from a bundle or a dictionary, not from {type(other).__name__}")
        for name, tensor in other.items():
            self.setitem(name, tensor)

    def _no_name(self, name: str) -> TcalcError:
        guess = closest(name, self._entries)
        if guess is not None:
            hint = f"did you mean {guess!r}?"
        elif not self._entries:
            hint = "the bundle is empty"
        else:
            hint = f"the names are {listed(self._entries)}"
        what = "no tensor's name matches" if _GLOB & set(name) else "there is no tensor"
        return TcalcError(f"{what} {name!r}", "KeyError", hint=hint)

    # -- text

    def __repr__(self) -> str:
        count = len(self)
        lines = [f"bundle of {plural(count, 'tensor')}, {plural(self.numel, 'element')}, {human_bytes(self.nbytes)}"]
        shown = list(self._entries.items())
        hidden = count - _SHOWN if count > _SHOWN + 1 else 0
        head = _SHOWN // 2 if hidden else count
        tail = shown[head + hidden :]
        visible = [_row(name, entry) for name, entry in (*shown[:head], *tail)]
        if not visible:
            return lines[0]
        widths = [max(len(row[column]) for row in visible) for column in range(3)]
        for position, row in enumerate(visible):
            if hidden and position == head:
                lines.append(f"  ... {hidden} more ...")
            lines.append("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())
            if len(row) > len(widths):
                lines[-1] += f"  {row[3]}"
        return "\n".join(lines)


@MappingView.register
class Values:
    """The tensors of a bundle, one after another."""

    public = ()

    __slots__ = ("_bundle",)

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def __len__(self) -> int:
        return len(self._bundle)

    def __iter__(self) -> Iterator[Any]:
        return (self._bundle.glance(name) for name in self._bundle)

    def __repr__(self) -> str:
        return f"dict_values({list(self)!r})"


class Items(Values):
    """Names and tensors of a bundle, one pair after another."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return ((name, self._bundle.glance(name)) for name in self._bundle)

    def __repr__(self) -> str:
        return f"dict_items({list(self)!r})"


def _row(name: str, entry: Entry) -> list[str]:
    """Name, dtype, shape, and the number where there is only one and it is known."""
    row = [plain_name(name), entry.dtype_name, str(tuple(entry.shape))]
    if entry.is_read and not entry.shape:
        tensor = entry.tensor()
        if not tensor.is_meta:
            row.append(_number(tensor.scalar()))
    return row


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def plain_name(name: str) -> str:
    """A name from a file on one line, with nothing in it that steers a terminal."""
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)


def listed(names: Iterable[str], most: int = 6) -> str:
    """The first names of many, quoted: ``'a', 'b' and 12 more``."""
    every = list(names)
    text = ", ".join(repr(name) for name in every[:most])
    return f"{text} and {len(every) - most} more" if len(every) > most else text


def plural(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def bundled(value: Any) -> Any:
    """A value with every dictionary of tensors in it as a bundle."""
    if isinstance(value, dict):
        if value and all(type(key) is str and isinstance(item, Tensor) for key, item in value.items()):
            return Bundle(value)
        return {key: bundled(item) for key, item in value.items()}
    if type(value) is list:
        return [bundled(item) for item in value]
    if type(value) is tuple:
        return tuple(bundled(item) for item in value)
    return value
