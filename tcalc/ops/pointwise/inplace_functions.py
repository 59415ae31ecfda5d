"""In-place methods that PyTorch also has as functions: ``torch.sqrt_(x)`` is ``x.sqrt_()``."""

from __future__ import annotations

from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.ops.binding import type_name
from tcalc.ops.destination import finish_inplace
from tcalc.ops.registry import Record, methods, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAMES = """
abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ ceil_ clamp_
clamp_max_ clamp_min_ clip_ conj_physical_ cos_ cosh_ deg2rad_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ floor_ frac_
gcd_ i0_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ rad2deg_ reciprocal_ round_ rsqrt_
sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ zero_
"""


class InplaceRecord(Record):
    """A function that writes its answer into its first argument and returns that."""

    __slots__ = ()

    def __init__(self, plain: Record, name: str) -> None:
        super().__init__(
            plain.function,
            name,
            "torch",
            is_method=False,
            inplace=False,
            out=False,
            derivative=plain.derivative,
        )

    @property
    def doc(self) -> str:
        return f"In-place form of ``{self.name[:-1]}``.\n\n{super().doc}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        target = args[0] if args else kwargs["input"]
        if not isinstance(target, Tensor):
            raise type_error(f"{self.name}(): argument 'input' (position 1) must be Tensor, not {type_name(target)}")
        return finish_inplace(self.function(*args, **kwargs), target, self)

    def invoke(self, args: list, kwargs: dict[str, Any], receiver: bool = False) -> Any:
        bound, named = self.signature.bind(args, kwargs, receiver=receiver)
        return self(*bound, **named)


def _register(name: str) -> None:
    method = methods[name]
    # What exists in place only (``fill_``) is a record that writes by itself.
    record = InplaceRecord(method.record, name) if method.inplace else method.record
    place("torch", name, record)


for _name in _NAMES.split():
    _register(_name)
