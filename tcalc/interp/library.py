"""The door to the operations: the registry is loaded when a program first needs it, never before."""

from __future__ import annotations

from tcalc.interp.faults import internal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_registry: ModuleType | None = None


def registry() -> Any:
    """The loaded registry of operations."""
    global _registry
    if _registry is None:
        try:
            from tcalc.ops import registry as module
        except Exception as fault:
            raise internal(fault) from fault
        _registry = module
    return _registry


def record(name: str) -> Any:
    """The record of ``torch.NAME``."""
    return member("torch", name)


def member(path: str, name: str) -> Any:
    """What the namespace has by that name, or KeyError. A family that cannot be loaded is tcalc's own fault."""
    try:
        names = registry().namespaces.get(path, {})
        if name in names:
            return names[name]
    except Exception as fault:
        raise internal(fault) from fault
    raise KeyError(name)


def method(name: str) -> Any:
    """The tensor's method of that name, or None."""
    try:
        return registry().methods.get(name)
    except Exception as fault:
        raise internal(fault) from fault


def apply(name: str, *args: Any, **kwargs: Any) -> Any:
    """``torch.NAME(*args)``. What is no fault of the program's is tcalc's."""
    return invoke(record(name), list(args), kwargs)


def apply_method(name: str, *args: Any) -> Any:
    """``args[0].NAME(…)``."""
    return invoke(method(name), list(args), {})


def invoke(found: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call a record with a program's arguments."""
    try:
        return found.invoke(args, kwargs)
    except Exception as fault:
        raise internal(fault) from fault
