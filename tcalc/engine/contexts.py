"""What a ``with`` statement can enter: a change of the session's state that is taken back at the end."""

from __future__ import annotations

from tcalc.engine.state import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Context:
    """Something with a beginning and an end."""

    __slots__ = ()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *exc_info: object) -> None:
        raise NotImplementedError


class NamedContext(Context):
    """A context that prints as an object of PyTorch's class ``name``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def dotted_name(self) -> str:
        """What ``torch.typename`` calls it."""
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name} object at {id(self):#x}>"


class StateContext(NamedContext):
    """Sets attributes of the session's state, and sets them back."""

    __slots__ = ("_saved", "changes")

    def __init__(self, name: str, **changes: Any) -> None:
        super().__init__(name)
        self.changes = changes
        self._saved: list[dict[str, Any]] = []

    def __enter__(self) -> Any:
        state = current()
        self._saved.append({key: getattr(state, key) for key in self.changes})
        for key, value in self.changes.items():
            setattr(state, key, value)
        return None

    def __exit__(self, *exc_info: object) -> None:
        state = current()
        for key, value in self._saved.pop().items():
            setattr(state, key, value)


class ImmediateContext(StateContext):
    """A change that is in force from the call on; ``with`` only takes it back at the end."""

    __slots__ = ("_before",)

    def __init__(self, name: str, **changes: Any) -> None:
        super().__init__(name, **changes)
        state = current()
        self._before = {key: getattr(state, key) for key in changes}
        for key, value in changes.items():
            setattr(state, key, value)

    def __repr__(self) -> str:
        return f"{self.name}(mode={next(iter(self.changes.values()))})"

    def __enter__(self) -> Any:
        super().__enter__()
        self._saved[-1] = self._before
        return None


class RestoringContext(NamedContext):
    """Saves with one function on entry and hands what was saved to another at the end."""

    __slots__ = ("_restore", "_save", "_saved")

    def __init__(self, name: str, save: Callable[[], Any], restore: Callable[[Any], None]) -> None:
        super().__init__(name)
        self._save = save
        self._restore = restore
        self._saved: list[Any] = []

    def __enter__(self) -> Any:
        self._saved.append(self._save())
        return None

    def __exit__(self, *exc_info: object) -> None:
        self._restore(self._saved.pop())
