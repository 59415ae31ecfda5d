"""Options and the shell's commands as topics of help: ``help("--to")``, ``help(":vars")``."""

from __future__ import annotations

from functools import cache

import click

from tcalc.cli import options
from tcalc.shell.commands import all_commands
from tcalc.show.help.language import Topic


@cache
def topics() -> tuple[Topic, ...]:
    """A topic for each option and each command of the shell."""
    found = [_option(param) for param in options.command().params if isinstance(param, click.Option)]
    found += [
        Topic(f":{name}", command.usage, command.summary, f"In the shell: {command.usage}")
        for name, command in sorted(all_commands().items())
    ]
    return tuple(found)


def _option(option: click.Option) -> Topic:
    """An option under its long name; its other spellings lead there too."""
    spellings = [*option.opts, *option.secondary_opts]
    name = max(option.opts, key=len)
    value = "" if option.is_flag else f" {_value(option)}"
    usage = ", ".join(spelling + value for spelling in spellings)
    return Topic(name, " ".join(spellings), option.help or "", f"On the command line: {usage}")


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice) and option.metavar is None:
        return "|".join(option.type.choices)
    return option.metavar or "TEXT"
