"""The manual, from the code that it describes: ``python -m tcalc.cli.manual`` writes the pages in ``man``.

Here is ``tcalc.1``, from the options, the shell's commands and the exit statuses; the other pages have modules of
their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tcalc.cli.options import command
from tcalc.cli.report import STATUSES
from tcalc.show import man

DATE = "November 22, 2026"
SUMMARY = "tensor calculator in PyTorch's words"

DESCRIPTION = """
tcalc evaluates expressions over tensors. Its language is a subset of Python, its functions are those of PyTorch, and
its results are printed as PyTorch prints them. Brackets of numbers are tensors.

With neither -e nor -f, a first argument that names no file and is a program whose names all exist is the expression;
the others are inputs. Without any expression, tcalc shows what is in its inputs; without inputs either, it is an
interactive shell at a terminal, and otherwise shows or runs what comes on standard input.

To a terminal results are printed as PyTorch prints them. Into a pipe or a file they are written as text: a row of
numbers a line, a blank line between matrices, a scalar as a bare number, nothing left out.
"""

INPUTS = """
An input is PATH or NAME=PATH, either with :FORMAT, or - for standard input. Inputs bind x (also x1), x2 and so on, or
NAME; xs is the list of all and files the list of their names. An input that the program never uses is an error.
Standard input binds x, and is read only by a program that uses x or c without having set it.

Text with one column is a tensor of one dimension, with several of two. Whole numbers are int64, or uint64 where one is
beyond it, others float64. The first cell of a column that is not missing decides whether it holds numbers or text. An
empty cell is missing, and so are NA, N/A, null, None, - and ?. Where a first row names the columns, c holds them:
c.price, c["unit price"], c[0]; c[c.price > 3] chooses rows, c.group("city").price.mean() gives a row a city. x holds
the columns of numbers. A program that reads text computes in float64 unless --dtype says otherwise.

In JSON an array of numbers is a tensor, an array of objects a table, an object of arrays a bundle; JSON lines hold a
row a line. null is read as nan, and nan is written as null; infinity is written as 1e999. Parquet and Arrow files are
tables. What is compressed by gzip, bzip2, xz or zstd is read as what it unpacks to; a file whose name ends in .gz,
.bz2, .xz or .zst is written compressed.
"""

SHELL = """
The shell reads a program, line by line or a block at a time, and shows the value of every expression; a line that ends
in ; shows none. _ is the last value, __ the one before it, _3 that of the third entry. Text that is pasted from a
notebook or a Python session may have its prompts and results. ?NAME or NAME? is help about a name, ? alone an overview.
Ctrl-C clears the line or stops what runs, Ctrl-D at an empty line leaves.
"""

CONFIGURATION = """
Settings, in TOML. For the shell: dtype, device, lists (tensor or python), startup (a script that it runs first),
editing_mode (emacs or vi) and history_size. For everything that is shown on a terminal: precision, sci and color (auto
or never). One-liners and scripts compute alike on every machine: dtype, device and lists concern them only within the
table [command]. What is wrong in the file is told and left out; --no-config leaves all of it out.
"""

ROWS = """
With --each the program runs once a row, as the rows come and in memory that does not grow with their number. x is the
row: of one dimension, or of none where the text has one column. c holds its cells by name, line its text, and i its
number from 0, counted over all inputs. They are worked out when they are read, so a line without numbers is a fault
only for a program that looks at x. A program that looks at neither x nor c gets every line, blank ones too; otherwise
blank lines and comments are passed over, and a header is taken as in a table. Numbers are int64 until a row has one
that is not whole. Lines of JSON are rows too, their members in c, and so are the rows of an array or table of another
format, which is read as a whole.

Variables keep their values from row to row. None prints nothing; a result of one dimension is one line. Results are
text, also on a terminal, and go out before the next piece of the input is waited for. --begin and --end are evaluated
before the first and after the last row, where i is the number of rows. With --test the status is 0 when all rows are
true, and a row that is not ends it; where --end is given, its value alone counts. An input with a NAME is read as a
whole before the first row.
"""

SANDBOX = """
With --sandbox a program gets standard input and output and nothing else: no option may name a file, load and save are
refused, the configuration is not read, and there is no shell. It runs in one thread, for 30 seconds of processor
time, in 1 GiB unless --max-memory says otherwise.
"""

EXAMPLES = (
    (
        "The rows of a stream that matter, as they come:",
        "tail -f app.log | tcalc -n 'line if \"error\" in line else None'",
    ),
    ("The calculator:", "tcalc '[[1, 2], [3, 4]] @ [5, 6]'"),
    ("The mean of every column of a table:", "tcalc 'x.mean(0)' data.csv"),
    ("One column of it where another has a certain text:", "tcalc 'c.price[c.city == \"Oslo\"].sum()' data.csv"),
    ("From one program to the next:", "seq 1 12 | tcalc 'x.reshape(-1, 4).mean(0)'"),
    ("In a condition:", "if tcalc -t '(x > 0).all()' data.npy; then echo positive; fi"),
)


def render() -> str:
    """The page."""
    return man.page("tcalc", 1, DATE, SUMMARY, _parts())


def _parts() -> list[tuple[str, list[str]]]:
    synopsis = [".Nm", ".Op Ar OPTIONS", ".Op Ar EXPR", ".Op Ar INPUT ..."]
    return [
        ("SYNOPSIS", synopsis),
        ("DESCRIPTION", [*man.paragraphs(DESCRIPTION), ".Pp", "The options are:", *man.tagged(_options())]),
        ("INPUTS", man.paragraphs(INPUTS)),
        ("THE SHELL", [*man.paragraphs(SHELL), ".Pp", "The commands are:", *man.tagged(_commands())]),
        ("ROW BY ROW", man.paragraphs(ROWS)),
        ("SANDBOX", man.paragraphs(SANDBOX)),
        ("ENVIRONMENT", man.tagged(_environment())),
        ("FILES", man.tagged(_files())),
        ("EXIT STATUS", man.tagged([(str(status), text) for status, text in STATUSES])),
        ("EXAMPLES", _examples()),
        ("SEE ALSO", [".Xr tcalc-functions 7 ,", ".Xr tcalc-language 7"]),
    ]


def _options() -> list[tuple[str, str]]:
    entries = []
    for param in command().params:
        if isinstance(param, click.Option):
            flags = [*param.opts, *param.secondary_opts]
            entries.append((man.option_tag(flags, _metavar(param)), (param.help or "") + _default(param)))
    return entries


def _metavar(param: click.Option) -> str | None:
    if param.is_flag:
        return None
    if isinstance(param.type, click.Choice) and param.metavar is None:
        return "|".join(param.type.choices)
    return param.metavar or "TEXT"


def _default(param: click.Option) -> str:
    return f" The default is {param.default}." if param.show_default is True else ""


def _commands() -> list[tuple[str, str]]:
    from tcalc.shell.commands import all_commands

    return [(man.tag(found.usage), found.summary) for _, found in sorted(all_commands().items())]


def _files() -> list[tuple[str, str]]:
    return [
        ("Pa $XDG_CONFIG_HOME/tcalc/config.toml", " ".join(CONFIGURATION.split())),
        ("Pa $XDG_STATE_HOME/tcalc/history", "What was typed in the shell."),
    ]


def _environment() -> list[tuple[str, str]]:
    return [
        ("Ev NO_COLOR", "When set and not empty, there is no colour unless --color=always asks for it."),
        ("Ev TERM", "When it is dumb, the same."),
        ("Ev XDG_CONFIG_HOME", "The folder of the configuration; otherwise ~/.config."),
        ("Ev XDG_STATE_HOME", "The folder of the history; otherwise ~/.local/state."),
    ]


def _examples() -> list[str]:
    lines: list[str] = []
    for text, shown in EXAMPLES:
        lines += [*([".Pp"] if lines else []), man.escape(text), *man.example([shown])]
    return lines


def pages() -> dict[str, str]:
    """Every page, by the name of its file."""
    from tcalc.cli import manual_functions, manual_language

    return {
        "tcalc.1": render(),
        "tcalc-language.7": manual_language.render(),
        "tcalc-functions.7": manual_functions.render(),
    }


if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "man"
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"the pages in {folder} are current\n")
