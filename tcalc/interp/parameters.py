"""``torch.nn.Parameter`` and ``torch.nn.Buffer``: tensors that say what they are for.

Both look at the memory of the tensor that they are made of. A parameter prints its name and requires gradients; what
is computed from either is a plain tensor.
"""

from __future__ import annotations

from types import MethodType

from tcalc.engine.tensor import BUFFER, PARAMETER, Tensor
from tcalc.errors import type_error
from tcalc.interp import library
from tcalc.interp.attributes import no_attribute
from tcalc.interp.literals import TensorLiteral, to_tensor
from tcalc.interp.type_names import type_name
from tcalc.interp.type_tokens import OBJECT, TypeToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class RoleToken(TypeToken):
    """A class of PyTorch's that a tensor belongs to by its role."""

    __slots__ = ("role",)

    def __init__(self, role: str, make: Callable) -> None:
        super().__init__(f"torch.nn.parameter.{role}", None, MethodType(make, self))
        make.__qualname__ = f"{role}.__new__"  # Python's messages say it
        self.role = role

    def holds(self, value: Any) -> bool:
        return type(value) is Tensor and value.role == self.role

    def is_subclass_of(self, other: TypeToken) -> bool:
        return self is other or other is OBJECT or other.python_type is Tensor


def _parameter(token: RoleToken, data: Any = None, requires_grad: Any = True) -> Tensor:
    if not isinstance(requires_grad, bool):
        raise type_error(
            f"_make_subclass(): argument 'require_grad' (position 3) must be bool, not {type_name(requires_grad)}"
        )
    made = _detached(data)
    made.role = token.role
    if requires_grad:
        from tcalc.ops.creation.filling import want_gradient

        return want_gradient(made, True)
    return made


def _buffer(token: RoleToken, data: Any = None, *, persistent: bool = True) -> Tensor:
    made = _detached(data)
    made.role = token.role
    made.requires_grad = isinstance(data, Tensor) and data.requires_grad
    return made


def _detached(data: Any) -> Tensor:
    """A tensor over the memory of the data, without its gradients."""
    if data is None:
        data = library.apply("empty", 0)
    if type(data) is TensorLiteral:
        data = to_tensor(data)
    if not isinstance(data, Tensor):
        raise no_attribute(data, "detach", ())
    found: Tensor = library.apply_method("detach", data)
    found.base = None  # PyTorch does not count it as a view
    return found


PARAMETER_TYPE = RoleToken(PARAMETER, _parameter)
NAMES: dict[str, RoleToken] = {"Parameter": PARAMETER_TYPE, "Buffer": RoleToken(BUFFER, _buffer)}
