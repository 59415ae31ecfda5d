"""Named results: the tuples with field names that ``max(dim)``, ``sort`` and friends return."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class NamedResult(tuple):
    """A tuple whose items also have names; prints as ``torch.return_types.NAME(…)``."""

    type_name: str
    fields: tuple[str, ...]

    def __new__(cls, type_name: str, fields: Sequence[str], values: Sequence[Any]) -> NamedResult:
        result = tuple.__new__(cls, values)
        result.type_name = type_name
        result.fields = tuple(fields)
        return result

    @property
    def printed_type(self) -> str:
        return f"torch.return_types.{self.type_name}"

    def __repr__(self) -> str:
        items = ",\n".join(f"{field}={value!r}" for field, value in zip(self.fields, self, strict=True))
        return f"{self.printed_type}(\n{items})"

    def __getattr__(self, name: str) -> Any:
        if name != "fields" and name in self.fields:
            return self[self.fields.index(name)]
        raise AttributeError(f"'{self.printed_type}' object has no attribute '{name}'")
