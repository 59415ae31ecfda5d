"""What a session decides for the functions after it: default dtype and device, and whether gradients are recorded."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.contexts import Context, ImmediateContext, StateContext
from tcalc.engine.devices import Device
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.errors import TcalcError, type_error
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_GRAD_MODE = "torch.autograd.grad_mode"


@op
def get_default_dtype() -> DType:
    """The dtype that floats get where none is named.

    >>> get_default_dtype()
    torch.float32
    """
    return current().default_dtype


@op
def set_default_dtype(d: Any) -> None:
    """Let floats be of another floating dtype from now on.

    >>> set_default_dtype(torch.float64)
    >>> tensor([0.5]).dtype
    torch.float64
    """
    if not isinstance(d, DType):
        raise type_error("invalid dtype object: only floating-point types are supported as the default type")
    if d.category != dtypes.FLOAT or d.is_float8:
        raise type_error("only floating-point types are supported as the default type")
    current().default_dtype = d


@op
def set_default_tensor_type(t: Any) -> None:
    """Let floats be of the dtype of a tensor type.

    Such as ``torch.DoubleTensor``; ``set_default_dtype`` says it better.

    >>> set_default_tensor_type(torch.DoubleTensor)
    >>> ones(2).dtype
    torch.float64
    """
    from tcalc.ops.session.convert import BY_LEGACY_NAME

    dtype = BY_LEGACY_NAME.get(t) if isinstance(t, str) else getattr(t, "dtype", None)
    if getattr(t, "device_type", "cpu") != "cpu":
        raise type_error("a default tensor type is one of the CPU: set_default_device('cuda') sets the device")
    if dtype is None:
        raise type_error("invalid type object: only floating-point types are supported as the default type")
    set_default_dtype(dtype)


@op
def get_default_device() -> Device:
    """The device that tensors are made on where none is named.

    >>> get_default_device()
    device(type='cpu')
    """
    name = current().default_device
    return devices.parse(name) if name else devices.cpu


@op
def set_default_device(device: Device | None) -> None:
    """Make tensors on another device from now on; None is the CPU again.

    >>> set_default_device("meta")
    >>> zeros(2).device
    device(type='meta')
    >>> set_default_device("cpu")
    """
    current().default_device = None if device is None else str(device)


# ---------------------------------------------------------------- gradients


@op(aliases=("autograd.no_grad", "autograd.grad_mode.no_grad"))
def no_grad() -> Context:
    """``with no_grad():`` nothing is recorded for gradients.

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """
    return StateContext(f"{_GRAD_MODE}.no_grad", grad_enabled=False)


@op(aliases=("autograd.enable_grad", "autograd.grad_mode.enable_grad"))
def enable_grad() -> Context:
    """Let a block record computations for gradients.

    ``with enable_grad():`` does so also within ``no_grad``.

    >>> with no_grad(), enable_grad():
    ...     is_grad_enabled()
    True
    """
    return StateContext(f"{_GRAD_MODE}.enable_grad", grad_enabled=True)


@op(aliases=("autograd.set_grad_enabled", "autograd.grad_mode.set_grad_enabled"))
def set_grad_enabled(mode: bool) -> Context:
    """Record computations for gradients, or not, from now on.

    As ``with set_grad_enabled(…):``, until its end.

    >>> with set_grad_enabled(False):
    ...     is_grad_enabled()
    False
    """
    return ImmediateContext(f"{_GRAD_MODE}.set_grad_enabled", grad_enabled=mode)


@op(aliases=("autograd.inference_mode", "autograd.grad_mode.inference_mode"))
def inference_mode(mode: bool = True) -> Context:
    """``with inference_mode():`` nothing is recorded for gradients.

    >>> with inference_mode():
    ...     is_inference_mode_enabled()
    True
    """
    changes = {"inference_mode": True, "grad_enabled": False} if mode else {"inference_mode": False}
    return StateContext(f"{_GRAD_MODE}.inference_mode", **changes)


@op
def is_grad_enabled() -> bool:
    """Whether computations are recorded for gradients.

    >>> is_grad_enabled()
    True
    """
    return current().grad_enabled


@op
def is_inference_mode_enabled() -> bool:
    """Whether the program is within ``inference_mode``.

    >>> is_inference_mode_enabled()
    False
    """
    return current().inference_mode


# ---------------------------------------------------------------- settings that change nothing here


@op
def get_num_threads() -> int:
    """How many processors a computation may use.

    As many as there are, or as ``set_num_threads`` said.

    >>> set_num_threads(2)
    >>> get_num_threads()
    2
    """
    import os

    return current().num_threads or os.cpu_count() or 1


@op
def set_num_threads(int: int) -> None:
    """Accepted for programs that say it: the array library decides by itself.

    >>> set_num_threads(2)
    >>> get_num_threads()
    2
    """
    if int <= 0:
        raise TcalcError("set_num_threads expects a positive integer")
    current().num_threads = int


@op
def get_num_interop_threads() -> int:
    """How many operations may run at the same time: one.

    Whatever ``set_num_interop_threads`` said.

    >>> get_num_interop_threads()
    1
    """
    return 1


@op
def set_num_interop_threads(int: int) -> None:
    """Accepted for programs that say it: one operation runs at a time.

    >>> set_num_interop_threads(4)
    """
    if int <= 0:
        raise TcalcError("set_num_interop_threads expects a positive integer")


@op
def set_flush_denormal(mode: bool) -> bool:
    """Accepted, and False: the smallest numbers are kept.

    >>> set_flush_denormal(False)
    False
    """
    return False


@op
def set_warn_always(b: bool) -> None:
    """Accepted: every warning is shown each time anyway.

    >>> set_warn_always(True)
    """
    current().warn_always = b


@op
def is_warn_always_enabled() -> bool:
    """What ``set_warn_always`` said: every warning is shown each time anyway.

    >>> set_warn_always(False)
    >>> is_warn_always_enabled()
    False
    """
    return current().warn_always


@op
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted: results are the same every time anyway.

    >>> use_deterministic_algorithms(True)
    """


@op
def are_deterministic_algorithms_enabled() -> bool:
    """False: nobody has to ask for results that are the same every time.

    >>> are_deterministic_algorithms_enabled()
    False
    """
    return False


@op
def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """False: results are the same every time, and nothing has to be warned of.

    >>> is_deterministic_algorithms_warn_only_enabled()
    False
    """
    return False


@op
def get_deterministic_debug_mode() -> int:
    """0: results are the same every time without being asked for.

    >>> get_deterministic_debug_mode()
    0
    """
    return 0


@op
def set_deterministic_debug_mode(debug_mode: Any) -> None:
    """Accepted: results are the same every time anyway.

    >>> set_deterministic_debug_mode(0)
    """


_PRECISIONS = ("highest", "high", "medium")


@op
def set_float32_matmul_precision(precision: str) -> None:
    """Accepted: products of float32 matrices are always in full.

    >>> set_float32_matmul_precision("high")
    """
    if precision not in _PRECISIONS:
        raise TcalcError(f"Invalid precision: {precision}. Expected one of {', '.join(_PRECISIONS)}.", "ValueError")


@op
def get_float32_matmul_precision() -> str:
    """How exactly float32 matrices are multiplied: in full.

    >>> get_float32_matmul_precision()
    'highest'
    """
    return "highest"
