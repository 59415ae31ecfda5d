"""The whole command line, read by click. The options here are the ones that the manual lists."""

from __future__ import annotations

import click

from tcalc.cli.invocation import EXPR, SCRIPT, Invocation
from tcalc.cli.quick import is_negative
from tcalc.errors import UsageError
from tcalc.formats.table import READABLE, WRITABLE
from tcalc.spelling import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from click.shell_completion import CompletionItem

SUMMARY = "A tensor calculator for the terminal, in PyTorch's words."

EPILOG = """\
Inputs bind x (also x1), x2, ... or their NAME; a table with a header also binds c, its columns by name. Standard
input binds x, and is read only by a program that uses x or c.
"""

_HELP = "tcalc --help lists the options"  # the hint where no other is sure to help

_COUNT = click.IntRange(min=0, max=100)


class _File(click.ParamType):
    """A word that shells complete as a file's name, and that is taken as it is: click's own would look for the file."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


def _options() -> list[click.Parameter]:
    """Every option in the order of the manual."""
    option = click.Option
    choice = click.Choice
    return [
        option(["-e", "--expr"], multiple=True, metavar="EXPR",
               help="Evaluate EXPR and print its value. May be repeated: all run in order, in one session."),
        option(["-f", "--file"], multiple=True, metavar="SCRIPT", type=_File(),
               help="Run a script; - is standard input. May be repeated, in order with -e."),
        option(["-t", "--test"], is_flag=True,
               help="Print nothing; exit with 0 when the last value is true, with 1 when it is false."),
        option(["-n", "--each"], is_flag=True,
               help="Evaluate once a row of the input, as it comes: x is the row, i its number, line its text, "
                    "c its cells by name. With -t, whether all are true."),
        option(["--begin"], multiple=True, metavar="EXPR", help="Before the first row of --each, evaluate EXPR."),
        option(["--end"], multiple=True, metavar="EXPR",
               help="After the last row of --each, evaluate EXPR. With -t, its value counts."),
        option(["--echo"], type=choice(["last", "all", "none"]), default="last", show_default=True,
               help="What a script echoes: its last expression, every expression, or nothing."),
        option(["--from", "from_format"], type=choice(READABLE), metavar="FORMAT",
               help=f"Read inputs as {', '.join(READABLE)}, whatever they look like."),
        option(["--delimiter"], metavar="C", help="The character between cells: one of any kind, or tab, space."),
        option(["--decimal"], type=choice([".", ","]), metavar="MARK",
               help="The decimal mark in text: . or , (a comma)."),
        option(["--header/--no-header"], default=None, help="Whether the first row of text names the columns."),
        option(["--columns"], metavar="LIST",
               help="Read only these columns: names, numbers from 1, ranges as 2-4."),
        option(["--na"], type=choice(["nan", "drop", "error"]),
               help="A missing cell is nan, drops its row, or is an error."),
        option(["-o", "--to"], metavar="FORMAT|FILE", shell_complete=_complete_target,
               help=f"Write results as {', '.join(WRITABLE)}; with a dot or slash a file, whose ending says how."),
        option(["-i", "--interactive"], is_flag=True, help="Then open the shell, with the variables."),
        option(["--dtype"], metavar="D", shell_complete=_complete_dtype, help="The default dtype, such as float64."),
        option(["--device"], metavar="D", shell_complete=_complete_device,
               help="The default device: cpu, cuda or cuda:N."),
        option(["--seed"], type=int, metavar="N", help="Seed the random generator, as torch.manual_seed(N) does."),
        option(["--max-memory"], metavar="SIZE",
               help="Refuse what would take the process beyond SIZE: bytes, or with K, M, G or T."),
        option(["--precision"], type=_COUNT, metavar="N", help="Digits after the point."),
        option(["--sci"], type=choice(["auto", "always", "never"]), default="auto", show_default=True,
               help="Numbers with an exponent."),
        option(["--color"], type=choice(["auto", "always", "never"]), default="auto", show_default=True,
               help="Colour in what is printed and in errors."),
        option(["--sandbox"], is_flag=True,
               help="For programs of others: standard input and output only, no files, one thread, 30 seconds, "
                    "1G unless --max-memory says otherwise."),
        option(["--no-config"], is_flag=True, help="Leave the configuration file unread."),
        option(["--completion"], type=choice(["bash", "zsh", "fish"]), metavar="SHELL",
               help="Print what makes bash, zsh or fish complete the options of tcalc."),
        option(["--doctor"], is_flag=True,
               help="Say what there is of CUDA on this machine, and what mends what is missing; exit with 0 when it "
                    "works, else with 1."),
        option(["--debug"], is_flag=True, help="Show the Python traceback of an error."),
        option(["-V", "--version"], is_flag=True, help="Print the version."),
        option(["-h", "--help"], is_flag=True, help="Print this help."),
    ]  # fmt: skip


def _complete_target(context: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The formats, and files."""
    from click.shell_completion import CompletionItem

    formats = [CompletionItem(name) for name in WRITABLE if name.startswith(begun)]
    return formats if formats and begun else [*formats, CompletionItem(begun, type="file")]


def _complete_dtype(context: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from tcalc.engine import dtypes

    names = [dtype.name for dtype in dtypes.ALL if dtype.is_floating_point and not dtype.is_float8]
    return [name for name in names if name.startswith(begun)]


def _complete_device(context: click.Context, param: click.Parameter, begun: str) -> list[str]:
    return [name for name in ("cpu", "cuda") if name.startswith(begun)]


class _Command(click.Command):
    """A command that remembers in which order its repeated options came."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        ctx.meta["order"] = [param.name for param in order if param.name in ("expr", "file")]
        return super().parse_args(ctx, args)


def command() -> click.Command:
    """The click command; the manual is made from it."""
    argument = click.Argument(["arguments"], nargs=-1, metavar="[EXPR] [INPUT]...", type=_File())
    return _Command("tcalc", params=[*_options(), argument], help=SUMMARY, epilog=EPILOG, add_help_option=False)


def parse(arguments: Sequence[str]) -> Invocation:
    """The invocation of any command line; a UsageError where it is none."""
    made = command()
    protected = _protected(list(arguments), made)
    try:
        context = made.make_context("tcalc", protected.arguments)
    except click.ClickException as error:
        message = protected.restored(error.format_message())
        if isinstance(error, click.NoSuchOption):
            raise _no_such_option(error.option_name, arguments, made) from None
        raise UsageError(message[:1].lower() + message[1:].rstrip("."), hint=_HELP) from None
    invocation = _invocation(context, protected)
    _check(invocation)
    return invocation


def _no_such_option(name: str, arguments: Sequence[str], made: click.Command) -> UsageError:
    """An option that there is not: an expression such as ``-x``, or the one that its name comes close to."""
    for argument in arguments:
        if argument.startswith("-") and argument.lstrip("-").isidentifier() and not argument.startswith("--"):
            return UsageError(f"no such option '{name}'", hint=f"if it is an expression: tcalc -e '{argument}'")
    known = [option for param in made.params for option in (*param.opts, *param.secondary_opts)]
    near = closest(name, known)
    return UsageError(f"no such option '{name}'", hint=f"did you mean {near}?" if near else _HELP)


def _check(invocation: Invocation) -> None:
    """Options that have no meaning without another."""
    if (invocation.begin or invocation.end) and not invocation.each:
        raise UsageError("--begin and --end stand before and after the rows of --each")
    if invocation.test and invocation.to is not None:
        raise UsageError("--test prints nothing, and --to says how results are written: they exclude each other")


class _Protected:
    """A command line in which expressions that begin with a minus have been put out of click's sight."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = arguments
        self.hidden: dict[str, str] = {}

    def hide(self, index: int) -> None:
        stand_in = f"\0{index}\0"
        self.hidden[stand_in] = self.arguments[index]
        self.arguments[index] = stand_in

    def restored(self, text: str) -> str:
        for stand_in, argument in self.hidden.items():
            text = text.replace(stand_in, argument)
        return text


def _protected(arguments: list[str], made: click.Command) -> _Protected:
    takes_value = {
        name for param in made.params if isinstance(param, click.Option) and not param.is_flag for name in param.opts
    }
    protected = _Protected(arguments)
    before = ""
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        if is_negative(argument) and before not in takes_value:
            protected.hide(index)
        before = argument if before not in takes_value else ""
    return protected


def _invocation(context: click.Context, protected: _Protected) -> Invocation:
    values: dict[str, Any] = context.params
    invocation = Invocation()
    parts = {"expr": iter(values.pop("expr")), "file": iter(values.pop("file"))}
    kinds = {"expr": EXPR, "file": SCRIPT}
    invocation.program = [(kinds[name], next(parts[name])) for name in context.meta["order"]]
    invocation.begin, invocation.end = list(values.pop("begin")), list(values.pop("end"))
    invocation.arguments = [protected.restored(argument) for argument in values.pop("arguments")]
    for name, value in values.items():
        setattr(invocation, name, value)
    return invocation


def help_text() -> str:
    made = command()
    context = click.Context(made, info_name="tcalc", max_content_width=100, terminal_width=100)
    return made.get_help(context) + "\n"


def version_text() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"tcalc {version('tcalc')}\n"
    except PackageNotFoundError:
        from tcalc import __version__

        return f"tcalc {__version__}\n"
