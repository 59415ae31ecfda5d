"""Bundles in the language: operators, methods and functions of tensors, applied name by name.

Loaded only when a program has met a bundle.
"""

from __future__ import annotations

from tcalc.engine.bundle import Bundle, listed
from tcalc.engine.tensor import Tensor
from tcalc.errors import LimitError, TcalcError
from tcalc.interp import library, records
from tcalc.interp.attributes import no_attribute
from tcalc.interp.type_names import type_name
from tcalc.interp.values import BoundMethod, Callable_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def operate(operation: Callable[[Any, Any, Any], Any], row: Any, first: Any, second: Any) -> Any:
    """``first OP second`` where one is a bundle, by the operation that knows what the operator means for tensors."""
    return each([first, second], {}, lambda args, kwargs: operation(row, *args))


def unary(operation: Callable[[str, Any], Any], name: str, value: Bundle) -> Any:
    """``-value`` and its like."""
    return each([value], {}, lambda args, kwargs: operation(name, *args))


def each(args: list[Any], kwargs: dict[str, Any], call: Callable[[list[Any], dict[str, Any]], Any]) -> Any:
    """Call with the tensors of each name in place of the bundles; the answers by name, a bundle if they are tensors."""
    bundles = [value for value in (*args, *kwargs.values()) if isinstance(value, Bundle)]
    names = _common_names(bundles)
    answers: dict[str, Any] = {}
    for name in names:
        chosen = [value.glance(name) if isinstance(value, Bundle) else value for value in args]
        named = {key: value.glance(name) if isinstance(value, Bundle) else value for key, value in kwargs.items()}
        try:
            answers[name] = call(chosen, named)
        except LimitError as fault:
            fault.hint = "one name after the other takes less: {k: (b[k] - a[k]).norm() for k in a}"
            raise
        except TcalcError as fault:
            if fault.hint is None:
                fault.hint = f"this is about the tensor {name!r}"
            raise
    if all(isinstance(answer, Tensor) for answer in answers.values()):
        return Bundle(answers, bundles[0].metadata)
    return answers


def _common_names(bundles: list[Bundle]) -> Iterable[str]:
    """The names, which all bundles have."""
    first, *rest = bundles
    for other in rest:
        if other.keys() != first.keys():
            raise _different(first, other)
    return first.keys()


def _different(first: Bundle, second: Bundle) -> TcalcError:
    parts = []
    for place, one, other in (("first", first, second), ("second", second, first)):
        only = [name for name in one if name not in other]
        if only:
            parts.append(f"only the {place} has {listed(only)}")
    common = [name for name in first if name in second]
    hint = "choose the names that both have: w[list_of_names]" if common else "the bundles have no name in common"
    return TcalcError(f"the bundles have different names: {'; '.join(parts)}", "ValueError", hint=hint)


class BundleMethod(Callable_):
    """A tensor's method, looked up on a bundle and not yet called."""

    __slots__ = ("bundle", "name")

    def __init__(self, name: str, bundle: Bundle) -> None:
        self.name = name
        self.bundle = bundle

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        method = library.method(self.name)
        if self.name.endswith("_"):
            for entry in self.bundle.entries().values():
                entry.tensor()  # what is written to has to be kept
        return each([self.bundle, *args], kwargs, lambda chosen, named: records.invoke(method, chosen, named))

    def __repr__(self) -> str:
        return f"<built-in method {self.name} of Bundle object at {id(self.bundle):#x}>"


def get_attribute(bundle: Bundle, name: str) -> Any:
    """A bundle's own methods; then those of tensors, name by name; then a tensor of that name."""
    if name in Bundle.public:
        found = getattr(Bundle, name, None)
        return BoundMethod(found, bundle, name) if callable(found) else bundle.metadata
    registry = library.registry()
    if not name.startswith("_"):
        if name in registry.attributes:
            return each([bundle], {}, lambda args, kwargs: registry.attributes[name](args[0]))
        if name in registry.methods:
            return BundleMethod(name, bundle)
    if name in bundle:
        return bundle.getitem(name)
    fault = no_attribute(bundle, name, (*Bundle.public, *registry.methods, *bundle))
    if any(key.startswith(f"{name}.") for key in bundle):
        fault.hint = f'there are tensors below that name: write ["{name}.*"]'
    raise fault


def call_each(record: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """``torch.NAME(bundle, …)``."""
    return each(args, kwargs, lambda chosen, named: records.invoke(record, chosen, named))


def bundle_of(value: Any) -> Bundle:
    """The bundle of a dictionary of tensors and numbers."""
    from tcalc.formats.values import named_tensors

    if not isinstance(value, (dict, Bundle)):
        raise TcalcError(f"bundle() takes a dictionary of tensors, not {type_name(value)}", "TypeError")
    if isinstance(value, dict):
        # Brackets and numbers are tensors of the default dtype, as everywhere in the language.
        value = {
            name: library.apply("as_tensor", item) if isinstance(item, (list, int, float, complex)) else item
            for name, item in value.items()
        }
    return named_tensors(value, "a bundle")
