"""Orders of arguments that PyTorch still takes from older programs: ``x.add_(-0.1, gradient)``.

Factors stood before what they scale; today they are given by name. A row says the names in the older order.
"""

from __future__ import annotations

from tcalc.engine.state import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_FACTORS = ("alpha", "beta", "value")


def _sums(first: str, second: str) -> tuple[str, ...]:
    """Of ``addmm`` and its like: as a function, and as a method of what is added to."""
    return (
        f"beta input alpha {first} {second}", f"beta input {first} {second}",
        f"input beta alpha {first} {second}", f"input beta {first} {second}",
    )  # fmt: skip


_ORDERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("add", "sub"), ("input alpha other",)),
    **dict.fromkeys(("subtract", "rsub"), ("input other alpha",)),
    **dict.fromkeys(("addcmul", "addcdiv"), ("input value tensor1 tensor2",)),
    "addmm": _sums("mat1", "mat2"), "addmv": _sums("mat", "vec"), "addr": _sums("vec1", "vec2"),
    "addbmm": _sums("batch1", "batch2"), "baddbmm": _sums("batch1", "batch2"),
    **dict.fromkeys(("addmm_", "addmv_", "addr_", "addbmm_", "baddbmm_"), _sums("first", "second")),
}  # fmt: skip


def by_name(function: str, args: Sequence[Any], receiver: bool) -> dict[str, Any] | None:
    """The arguments of a call in an older order, by name; None where the call is none."""
    for order in _ORDERS.get(function, ()):
        names = order.split()
        is_method_order = names[0] == "input"
        takes_both = "beta" not in names
        if len(names) != len(args) or not (takes_both or is_method_order == receiver):
            continue
        given = dict(zip(names, args, strict=True))
        if all(_fits(name, arg) for name, arg in given.items()):
            factors = " and ".join(f"{name}=" for name in names if name in _FACTORS)
            current().warn(f"This overload of {function} is deprecated: give {factors} by name")
            return given
    return None


def _fits(name: str, arg: Any) -> bool:
    is_number = isinstance(arg, (int, float, complex))
    return is_number or getattr(arg, "shape", None) == () if name in _FACTORS else name == "other" or not is_number
