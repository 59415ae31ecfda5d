"""``~/.config/tcalc/config.toml``: what somebody wants of every session.

    dtype = "float64"           # the default dtype
    device = "cuda"             # the default device
    lists = "python"            # what brackets of numbers are: "tensor" or "python"
    precision = 3               # digits after the point on the screen
    sci = "never"               # numbers with an exponent: "auto", "always" or "never"
    color = "never"             # "auto" or "never"
    editing_mode = "vi"         # "emacs" or "vi"
    history_size = 10000        # entries that the shell remembers; 0 for none
    startup = "startup.py"      # a script that the shell runs first

    [command]                   # the same for one-liners and scripts, which are otherwise alike everywhere
    dtype = "float64"

What a program means must not depend on whose machine it runs on: ``dtype``, ``device``, ``lists`` and ``startup`` are
for the shell, and one-liners and scripts take theirs from ``[command]`` alone. How things look (``precision``, ``sci``,
``color``) concerns every result on a terminal, and never what goes into a pipe or a file.

What is wrong in the file is told once and left out; it never keeps tcalc from starting.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Check = Callable[[Any], str | None]

_LARGEST_FILE = 1 << 20
COMMAND = "command"


class Config:
    """The settings; None where the file says nothing. ``command`` are those of one-liners and scripts."""

    __slots__ = (
        "color", "command", "device", "dtype", "editing_mode", "folder", "history_size", "lists", "precision", "sci",
        "startup",
    )  # fmt: skip

    def __init__(self, folder: str = "") -> None:
        self.folder = folder
        self.dtype: str | None = None
        self.device: str | None = None
        self.lists: str | None = None
        self.precision: int | None = None
        self.sci: str | None = None
        self.color: str | None = None
        self.editing_mode: str | None = None
        self.history_size: int | None = None
        self.startup: str | None = None
        self.command: Config | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the file says nothing."""
        return all(getattr(self, key) is None for key in (*CHECKS, COMMAND))

    @property
    def startup_path(self) -> str | None:
        """The start-up script's path; a relative one is beside the file."""
        if not self.startup:
            return None
        return os.path.join(self.folder, os.path.expanduser(self.startup))


def path() -> str:
    """Where the file is looked for, in the folder that XDG has for configuration."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):  # XDG: a relative one is as good as none
        base = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "tcalc", "config.toml")


def load(warn: Callable[[str], None]) -> Config:
    """The settings of the file, where there is one; what is wrong in it goes to ``warn``."""
    name = path()
    try:
        file = open(name, "rb")  # noqa: SIM115 - without a file this is all that happens
    except (FileNotFoundError, NotADirectoryError):
        return Config()
    except OSError as fault:
        warn(f"{name}: {(fault.strerror or str(fault)).lower()}; it is left out")
        return Config()
    with file:
        return _read(file, name, warn)


def _read(file: Any, name: str, warn: Callable[[str], None]) -> Config:
    import tomllib

    config = Config(os.path.dirname(name))
    try:
        data = file.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE:
            raise ValueError("it is larger than a configuration could be")
        settings = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as fault:
        warn(f"{name}: {(fault.strerror or str(fault)).lower()}; it is left out")
        return config
    except UnicodeDecodeError:
        warn(f"{name}: it is no UTF-8 text; it is left out")
        return config
    except (ValueError, RecursionError) as fault:
        problem = str(fault) or "nested too deeply"
        warn(f"{name}: {problem[:1].lower()}{problem[1:]}; the whole file is left out")
        return config
    _fill(config, settings, CHECKS, "", name, warn)
    return config


def _fill(config: Config, settings: dict[str, Any], checks: dict[str, Check], where: str, name: str, warn: Any) -> None:
    for key, value in settings.items():
        if key == COMMAND and not where:
            if isinstance(value, dict):
                config.command = Config(config.folder)
                _fill(config.command, value, {key: CHECKS[key] for key in COMMAND_KEYS}, f"{COMMAND}.", name, warn)
            else:
                warn(f"{name}: {COMMAND} is a table, [{COMMAND}], not {_shown(value)}")
            continue
        check = checks.get(key)
        problem = _unknown(key, checks, where) if check is None else check(value)
        if problem is None:
            setattr(config, key, value)
        else:
            warn(f"{name}: {problem if check is None else f'{where}{key} is {problem}, not {_shown(value)}'}")


def _unknown(key: str, checks: dict[str, Check], where: str) -> str:
    from tcalc.spelling import closest

    if where and key in CHECKS:
        return f"{where}{key} is no setting of commands; those are {', '.join(COMMAND_KEYS)}"
    guess = closest(key, [*checks, *([] if where else [COMMAND])])
    hint = f"; did you mean {guess}?" if guess else f"; there are {', '.join(checks)}"
    return f"there is no setting {where}{key}{hint}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


# ---------------------------------------------------------------- what each setting may be


def _one_of(*words: str) -> Check:
    listed = ", ".join(f'"{word}"' for word in words[:-1]) + f' or "{words[-1]}"'
    return lambda value: None if value in words and isinstance(value, str) else listed


def _whole(least: int, most: int) -> Check:
    def check(value: Any) -> str | None:
        fits = type(value) is int and least <= value <= most
        return None if fits else f"a whole number from {least} to {most}"

    return check


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value and "\0" not in value else "a text in quotes"


def _dtype(value: Any) -> str | None:
    from tcalc.engine import dtypes

    floating = [dtype.name for dtype in dtypes.ALL if dtype.is_floating_point and not dtype.is_float8]
    known = {*floating, *(name for name, dtype in dtypes.ALIASES.items() if dtype.name in floating)}
    if isinstance(value, str) and value.removeprefix("torch.") in known:
        return None
    return f"a floating dtype ({', '.join(floating)})"


def _device(value: Any) -> str | None:
    from tcalc.engine import devices
    from tcalc.errors import TcalcError

    try:
        if isinstance(value, str):
            devices.parse(value)
            return None
    except TcalcError:
        pass
    return 'a device, such as "cpu" or "cuda"'


CHECKS: dict[str, Check] = {
    "dtype": _dtype,
    "device": _device,
    "lists": _one_of("tensor", "python"),
    "precision": _whole(0, 100),
    "sci": _one_of("auto", "always", "never"),
    "color": _one_of("auto", "never"),  # "always" would reach into pipes
    "editing_mode": _one_of("emacs", "vi"),
    "history_size": _whole(0, 10_000_000),
    "startup": _text,
}
COMMAND_KEYS = ("dtype", "device", "lists")
