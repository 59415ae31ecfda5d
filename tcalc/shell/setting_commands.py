"""Commands that change how the session computes and prints; without an argument they say how it does."""

from __future__ import annotations

from tcalc.errors import UsageError
from tcalc.shell.commands import command
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.shell.repl import Shell

_LISTS = ("tensor", "python")
_MOST_DIGITS = 30


@command("[tensor|python]", lambda: _LISTS)
def lists(shell: Shell, argument: str) -> None:
    """What brackets of numbers are: tensors, or Python's lists."""
    session = shell.session
    if argument:
        if argument not in _LISTS:
            raise UsageError(f":lists is tensor or python, not {argument}", hint=_guess(argument, _LISTS))
        session.set_lists(argument)
    shell.say(f"lists: {'tensor' if session.tensor_lists else 'python'}")


def _devices() -> tuple[str, ...]:
    return ("cpu", "cuda", "meta")


@command("[NAME]", _devices)
def device(shell: Shell, argument: str) -> None:
    """Where new tensors are made: cpu, cuda, cuda:1."""
    from tcalc.cli.settings import default_device

    state = shell.session.state
    if argument:
        name = default_device(argument.strip("'\""), ":device")
        state.default_device = None if name == "cpu" else name
    shell.say(f"device: {state.default_device or 'cpu'}")
    if state.default_device is not None and state.default_device.startswith("cuda"):
        from tcalc.engine import cuda
        from tcalc.engine.backend import backend_for, canonical
        from tcalc.engine.devices import parse

        shell.say(cuda.memory_line(backend_for(canonical(parse(state.default_device)))))


def _floating() -> list[str]:
    from tcalc.engine import dtypes

    return [dtype.name for dtype in dtypes.ALL if dtype.is_floating_point and not dtype.is_float8]


@command("[NAME]", _floating)
def dtype(shell: Shell, argument: str) -> None:
    """The dtype of new floating tensors: float32, float64."""
    from tcalc.cli.settings import default_dtype

    state = shell.session.state
    if argument:
        state.default_dtype = default_dtype(argument, ":dtype")
    shell.say(f"dtype: {state.default_dtype.name}")


@command("[N]")
def precision(shell: Shell, argument: str) -> None:
    """Digits after the point in printed tensors."""
    options = shell.session.state.print_options
    if argument:
        if not argument.isascii() or not argument.isdigit() or int(argument) > _MOST_DIGITS:
            raise UsageError(f":precision is a number from 0 to {_MOST_DIGITS}, not {argument}")
        options.precision = int(argument)
    shell.say(f"precision: {options.precision}")


def _guess(name: str, known: tuple[str, ...]) -> str | None:
    found = closest(name, known)
    return f"did you mean {found}?" if found else None
