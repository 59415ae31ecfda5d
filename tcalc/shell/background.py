"""What the first statement needs is imported while the person types it."""

from __future__ import annotations

import threading
from importlib import import_module

# In the order in which they are wanted. What is not there (Rich without colour) is imported when it is used.
_NEEDED = (
    "tcalc.interp.session", "numpy", "tcalc.interp.access", "tcalc.interp.arithmetic", "tcalc.interp.calls",
    "tcalc.interp.displays", "tcalc.interp.variables", "tcalc.interp.assignments", "tcalc.interp.statements",
    "tcalc.interp.names", "tcalc.interp.namespaces", "tcalc.ops.registry", "tcalc.show.pretty", "rich.console",
    "rich.text",
)  # fmt: skip


class Loader:
    """Imports in a thread of its own. ``needed`` is set when a statement can run, ``everything`` after all families."""

    def __init__(self) -> None:
        self.needed = threading.Event()
        self.everything = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, once; called when the prompt is on the screen."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._load, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until a statement can run: two threads in the middle of one import would see half of it."""
        if self._thread is not None:
            self.needed.wait()

    def _load(self) -> None:
        try:
            for name in _NEEDED:
                import_module(name)
        except Exception:  # the statement that needs it says what is wrong
            pass
        finally:
            self.needed.set()
        try:
            from tcalc.interp import library

            # Not `load`, which would tell the main thread at once that every name is there.
            registry = library.registry()
            for names in registry.every_table().values():
                for module in sorted(set(names.module_of.values())):
                    import_module(f"tcalc.ops.{module}")
            registry.load()
        except Exception:  # likewise: the function that lives there says so when it is called
            return
        self.everything.set()
