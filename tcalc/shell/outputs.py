"""The values that entries gave, by number: ``_1``, ``_2``, …, and ``_``, ``__``, ``___`` for the last three."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LAST = ("_", "__", "___")


class Outputs:
    """Numbered as the entries are: the value of the third entry, where it has one, is ``_3``.

    They live among the session's builtins, so that a variable of the name hides them and ``:vars`` is not full of them.
    """

    def __init__(self, builtins: dict[str, Any]) -> None:
        self._builtins = builtins
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

    def clear(self) -> None:
        """Forget every value; the numbers go on."""
        for number in range(self.entry + 1):
            self._builtins.pop(f"_{number}", None)
        for name in _LAST:
            self._builtins.pop(name, None)
        self.last = None
