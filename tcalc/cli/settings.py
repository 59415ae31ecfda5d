"""The options that change how a session computes and prints."""

from __future__ import annotations

from tcalc.engine import devices, dtypes
from tcalc.engine.state import limit_process
from tcalc.errors import InternalError, TcalcError, UsageError
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tcalc.cli.invocation import Invocation
    from tcalc.config import Config
    from tcalc.interp.session import Session


def apply(invocation: Invocation, session: Session) -> None:
    """Set what ``--dtype``, ``--device``, ``--seed``, ``--precision``, ``--sci`` and ``--max-memory`` say."""
    state = session.state
    if invocation.dtype is not None:
        state.default_dtype = default_dtype(invocation.dtype)
    if invocation.device is not None:
        state.default_device = default_device(invocation.device)
    if invocation.precision is not None:
        state.print_options.precision = invocation.precision
    if invocation.sci != "auto":
        state.print_options.sci_mode = invocation.sci == "always"
    if invocation.max_memory is not None:
        state.meter.max_memory = memory_size(invocation.max_memory)
        limit_process(state.meter.max_memory)
    if invocation.seed is not None:
        _seed(session, invocation.seed)


def apply_config(
    config: Config, invocation: Invocation, session: Session, on_screen: bool, warn: Callable[[str], None]
) -> None:
    """Set what the configuration file says and no option does: the shell's settings, or those of commands."""
    state = session.state
    chosen = config if invocation.interactive else config.command
    if chosen is not None:
        if chosen.dtype is not None and invocation.dtype is None:
            state.default_dtype = default_dtype(chosen.dtype)
        if chosen.lists is not None:
            session.set_lists(chosen.lists)
        if chosen.device is not None and invocation.device is None:
            try:
                state.default_device = default_device(chosen.device)
            except TcalcError as error:
                warn(f"the configured device is not used: {error}")
    if on_screen:
        if config.precision is not None and invocation.precision is None:
            state.print_options.precision = config.precision
        if config.sci is not None and config.sci != "auto" and invocation.sci == "auto":
            state.print_options.sci_mode = config.sci == "always"


def _seed(session: Session, seed: int) -> None:
    try:
        session.run(f"torch.manual_seed({seed})", echo="none")
    except InternalError:
        raise
    except TcalcError:
        raise UsageError(f"--seed: {seed} is beyond 64 bits") from None


def default_dtype(name: str, option: str = "--dtype") -> dtypes.DType:
    """The floating type that ``--dtype`` (or a command of the shell) names."""
    short = name.removeprefix("torch.")
    known = {dtype.name: dtype for dtype in dtypes.ALL} | dtypes.ALIASES
    found = known.get(short)
    if found is None:
        guess = closest(short, known)
        raise UsageError(f"{option}: there is no dtype {name!r}", hint=f"did you mean {guess}?" if guess else None)
    if not found.is_floating_point or found.is_float8:
        raise UsageError(f"{option}: the default dtype is a floating type, and {found.name} is none")
    return found


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def memory_size(text: str) -> int:
    """The bytes that ``--max-memory`` names: ``2G`` is 2 GiB."""
    digits = text.upper().removesuffix("B").removesuffix("I")
    unit = digits[-1:] if digits[-1:] in ("K", "M", "G", "T") else ""
    try:
        size = float(digits.removesuffix(unit))
    except ValueError:
        size = -1
    if not 0 < size < float("inf"):
        raise UsageError(f"--max-memory: {text!r} is no size, such as 500M or 2G")
    return int(size * _UNITS[unit])


def default_device(name: str, option: str = "--device") -> str:
    """The device that ``--device`` (or a command of the shell) names, once it has been seen to be there."""
    try:
        device = devices.parse(name)
    except TcalcError as error:
        guess = closest(name, devices.KNOWN_TYPES)
        raise UsageError(f"{option}: {error}", hint=f"did you mean {guess}?" if guess else None) from None
    if device.type == "cuda":
        from tcalc.engine.backend import backend_for

        backend_for(devices.Device("cuda", device.index or 0))
    return str(device)
