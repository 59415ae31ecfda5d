"""The values that entries gave, by number: ``_1``, ``_2``, …, and ``_``, ``__``, ``___`` for the last three."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LAST = ("_", "__", "___")
# What older values may hold together, in bytes: nobody means to keep a gigabyte by looking at it.
_KEPT_BYTES = 256 << 20
_KEPT_VALUES = 1000


class Outputs:
    """Numbered as the entries are: the value of the third entry, where it has one, is ``_3``.

    They live among the session's builtins, so that a variable of the name hides them and ``:vars`` is not full of
    them. The oldest are forgotten when they hold much memory.
    """

    def __init__(self, builtins: dict[str, Any]) -> None:
        self._builtins = builtins
        self._sizes: dict[int, int] = {}
        self.entry = 0
        self.last: int | None = None  # the number of the last entry that had a value

    def begin(self) -> None:
        """The next entry is about to run."""
        self.entry += 1

    def keep(self, value: Any) -> None:
        """The running entry has this value; of several, the last counts."""
        if value is None:
            return
        if self.last != self.entry:
            for older, newer in (("___", "__"), ("__", "_")):
                if newer in self._builtins:
                    self._builtins[older] = self._builtins[newer]
        self._builtins["_"] = self._builtins[f"_{self.entry}"] = value
        self.last = self.entry
        self._sizes[self.entry] = _bytes_of(value)
        self._forget_old()

    def _forget_old(self) -> None:
        while len(self._sizes) > len(_LAST) and (
            len(self._sizes) > _KEPT_VALUES or sum(self._sizes.values()) > _KEPT_BYTES
        ):
            number = next(iter(self._sizes))
            del self._sizes[number]
            self._builtins.pop(f"_{number}", None)

    def clear(self) -> None:
        """Forget every value; the numbers go on."""
        for name in (*_LAST, *(f"_{number}" for number in self._sizes)):
            self._builtins.pop(name, None)
        self._sizes.clear()
        self.last = None


def _bytes_of(value: Any) -> int:
    """The memory that a value keeps alive, as far as it is a tensor's."""
    if isinstance(value, (list, tuple)):
        return sum(_bytes_of(item) for item in value[:100])
    return int(value.storage.nbytes) if type(value).__name__ == "Tensor" else 0
