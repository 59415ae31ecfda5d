"""``:commands``: what can be asked of the shell itself. One row each; help and completion read the same row."""

from __future__ import annotations

from tcalc.errors import UsageError
from tcalc.shell.entry import is_foreign
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from tcalc.shell.repl import Shell
    from tcalc.show.help.language import Topic

    Action = Callable[[Shell, str], None]
    Choices = Callable[[], Iterable[str]]


class Command:
    """``:name ARGUMENT``: what it does in one line, the function that does it, and what its argument may be.

    ``takes`` says what completes the argument: ``"file"``, or a function that lists the choices.
    """

    __slots__ = ("action", "argument", "name", "summary", "takes")

    def __init__(self, name: str, argument: str, summary: str, action: Action, takes: Any = None) -> None:
        self.name = name
        self.argument = argument
        self.summary = summary
        self.action = action
        self.takes = takes

    @property
    def usage(self) -> str:
        return f":{self.name} {self.argument}".rstrip()


COMMANDS: dict[str, Command] = {}

# What IPython calls the commands.
_MEANT = {
    "time": "time", "timeit": "time", "run": "load", "load": "load", "save": "save", "reset": "reset", "who": "vars",
    "whos": "vars", "history": "history", "hist": "history", "quickref": "help", "magic": "help", "lsmagic": "help",
}  # fmt: skip


def command(argument: str = "", takes: str | Choices | None = None) -> Callable[[Action], Action]:
    """Register a function under its name; its docstring's first line is the summary."""

    def register(action: Action) -> Action:
        name = action.__name__.strip("_")
        summary = (action.__doc__ or "").split("\n", 1)[0]
        COMMANDS[name] = Command(name, argument, summary, action, takes)
        return action

    return register


def all_commands() -> dict[str, Command]:
    """Every command by name."""
    from tcalc.shell import listing_commands, session_commands, setting_commands  # noqa: F401 - they register theirs

    return COMMANDS


def run(shell: Shell, text: str) -> None:
    """Do what an entry asks that is no program: ``:name …``, ``?``, ``?name``, ``name?``."""
    text = text.strip()
    if is_foreign(text):
        text = _meant(text)
    if not text.startswith(":"):
        from tcalc.shell.asking import answer

        answer(shell, text.strip("?").strip())
        return
    name, _, argument = text[1:].strip().partition(" ")
    find(name).action(shell, argument.strip())


def _meant(text: str) -> str:
    """The command that somebody means who is used to another shell; UsageError where there is none."""
    name, _, rest = text.lstrip("%").partition(" ")
    if text.startswith("%") and name in _MEANT:
        return f":{_MEANT[name]} {rest}"
    hint = ":help lists the commands of this one"
    raise UsageError(f"{text.split()[0]} is meant for another shell", hint=hint)


def find(name: str) -> Command:
    """The command of that name, or the only one that begins so; UsageError with a proposal where there is none."""
    known = all_commands()
    if name in known:
        return known[name]
    begun = [known[other] for other in known if name and other.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise UsageError(f":{name} could be any of {', '.join(':' + found.name for found in begun)}")
    guess = closest(name, known)
    hint = f"did you mean :{guess}?" if guess else ":help lists the commands"
    raise UsageError(f"there is no command :{name}", hint=hint)


def topics() -> Iterable[Topic]:
    """The commands as topics of help: ``?:vars`` and a search find them."""
    from tcalc.show.help.language import Topic

    for found in all_commands().values():
        yield Topic(f":{found.name}", found.name, found.summary, f"    {found.usage}")


def no_argument(argument: str, name: str) -> None:
    """Refuse an argument that a command does not take."""
    if argument:
        raise UsageError(f":{name} takes no argument")
