"""Doing what an invocation asks. Whoever read the command line, this is the one behaviour."""

from __future__ import annotations

import sys

from tcalc.cli import quick
from tcalc.cli.invocation import EXPR, Invocation
from tcalc.cli.streams import ClosedPipe, Output, read_file, read_stdin, stdin_state, write_error
from tcalc.errors import DataError, InternalError, LimitError, TcalcError, TcalcSyntaxError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tcalc.cli.inputs import Input
    from tcalc.cli.output import Results
    from tcalc.formats.loaded import Loaded
    from tcalc.interp.session import Session

    # kind, source, name
    Program = list[tuple[str, str, str | None]]
UNNAMED = "<input>"
# Digits of an integer as text; Python's own limit is 4300. These take a second.
_LONGEST_INTEGER = 300_000


def run(arguments: Sequence[str]) -> int:
    """Run a command line, report what goes wrong, and answer with the exit status."""
    sys.set_int_max_str_digits(_LONGEST_INTEGER)
    output = Output()
    asked: list[Invocation] = []
    status = _guarded(Invocation(), lambda: asked.append(_read(arguments)))
    for invocation in asked:
        status = _guarded(invocation, lambda: _dispatch(invocation, output))  # noqa: B023 - runs at once
        # What was printed before a fault belongs to the reader all the same.
        status = _guarded(invocation, output.flush) or status
    return status


def _read(arguments: Sequence[str]) -> Invocation:
    """What is asked for; click is only loaded for what `quick` leaves to it."""
    invocation = quick.parse(arguments)
    if invocation is None:
        from tcalc.cli import options

        invocation = options.parse(arguments)
    return invocation


def _guarded(invocation: Invocation, work: Callable[[], int | None]) -> int:
    """The one border where faults become messages and statuses."""
    try:
        return work() or 0
    except ClosedPipe:
        return 0
    except KeyboardInterrupt:
        return 130
    except TcalcError as error:
        fault = error
    except MemoryError:
        fault = LimitError("not enough memory")
    except Exception as error:
        fault = InternalError(f"{type(error).__name__}: {error}", hint="--debug shows where; please report it")
        fault.__cause__ = error
    from tcalc.cli.report import report

    return report(fault, invocation.color, invocation.debug)


def _dispatch(invocation: Invocation, output: Output) -> int:
    if invocation.help:
        from tcalc.cli.options import help_text

        output.write(help_text())
        return 0
    if invocation.version:
        from tcalc.cli.options import version_text

        output.write(version_text())
        return 0
    if invocation.interactive:
        _check_interactive(invocation)
    program, arguments = _program(invocation)
    if not program and not arguments:
        return _without_program(invocation, output)
    from tcalc.cli.inputs import parse_input

    inputs = [parse_input(argument) for argument in arguments]
    _check_stdin_once(inputs, invocation)
    if not program:
        return _show_files(inputs, invocation, output)
    return _evaluate(program, inputs, invocation, output)


def _check_interactive(invocation: Invocation) -> None:
    if invocation.test:
        raise UsageError("--test answers with an exit status, and --interactive goes on: they exclude each other")
    if stdin_state() != "terminal":
        raise UsageError("the shell needs a terminal, and standard input is none")


# ---------------------------------------------------------------- what is to be run


def _program(invocation: Invocation) -> tuple[Program, list[str]]:
    """The program's parts in order, and the arguments that are inputs."""
    if invocation.program:
        parts: Program = []
        for kind, text in invocation.program:
            parts.append((kind, text, None) if kind == EXPR else (kind, _script(text), text))
        return parts, invocation.arguments
    if not invocation.arguments:
        return [], []
    first, *rest = invocation.arguments
    if _first_is_expression(first, rest):
        return [(EXPR, first, None)], rest
    return [], invocation.arguments


def _has_meaning(name: str) -> bool:
    """Whether a name means something to every program: a function, a constant."""
    from tcalc.interp import names
    from tcalc.interp.session import Session

    try:
        names.find(Session(), name)
    except TcalcError:
        return False
    return True


def _script(path: str) -> str:
    from tcalc.formats.decode import decoded, without_mark

    data = read_stdin() if path == "-" else read_file(path)
    return decoded(without_mark(data, path), path)


def _first_is_expression(first: str, rest: Sequence[str]) -> bool:
    from tcalc.cli.inputs import input_names, is_expression, parse_input

    def is_known(name: str) -> bool:
        if name in ("x", "c", "xs", "files", "x1", "c1"):
            return True
        if any(name in names for names in input_names([parse_input(argument) for argument in rest])):
            return True
        return _has_meaning(name)

    return is_expression(first, is_known)


def _check_stdin_once(inputs: Sequence[Input], invocation: Invocation) -> None:
    readers = sum(item.path == "-" for item in inputs) + sum(
        kind != EXPR and text == "-" for kind, text in invocation.program
    )
    if readers > 1:
        raise UsageError("standard input can be read only once")


# ---------------------------------------------------------------- without a program


def _without_program(invocation: Invocation, output: Output) -> int:
    """``tcalc`` alone: the shell at a terminal; otherwise what comes in is data to show, or the program."""
    if invocation.test:
        raise UsageError("--test needs an expression")
    state = stdin_state()
    if state == "terminal":
        session = _session(invocation, output)
        return _shell(session, invocation, output)
    if state == "closed":
        raise DataError("standard input is closed, and there is no expression")
    from tcalc.formats.sniff import by_signature
    from tcalc.formats.source import STDIN_NAME, standard_input
    from tcalc.formats.text import is_only_numbers

    source = standard_input()
    if invocation.from_format or by_signature(source) or is_only_numbers(source.data()):
        from tcalc.cli.inputs import Input, read_source

        item = Input("-")
        return _show([(item, read_source(source, item, invocation))], invocation, output)
    from tcalc.formats.decode import decoded, without_mark

    program = decoded(without_mark(source.data(), STDIN_NAME), STDIN_NAME)
    return _evaluate([("script", program, STDIN_NAME)], [], invocation, output)


def _show_files(inputs: Sequence[Input], invocation: Invocation, output: Output) -> int:
    """``tcalc FILE``: what is in it."""
    if invocation.test:
        raise UsageError("--test needs an expression")
    from tcalc.cli.inputs import explain_missing, load

    explain_missing(inputs)
    loaded = [(item, load(item, invocation)) for item in inputs]
    if invocation.interactive:
        session = _session(invocation, output)
        _bind(session, inputs, [data for _, data in loaded], invocation)
        _show(loaded, invocation, output)
        return _shell(session, invocation, output)
    return _show(loaded, invocation, output)


def _show(loaded: list[tuple[Input, Loaded]], invocation: Invocation, output: Output) -> int:
    if invocation.to is not None:
        from tcalc.cli.output import Results

        results = Results(invocation, output)
        for _, data in loaded:
            results.put(data.table if data.table is not None and not results.is_binary else data.x)
        results.finish()
        return 0
    from tcalc.show.describe import description

    for item, data in loaded:
        _notes([data])
        output.write(description("standard input" if item.path == "-" else item.path, data.x, data.table))
    return 0


# ---------------------------------------------------------------- with a program


def _evaluate(program: Program, inputs: list[Input], invocation: Invocation, output: Output) -> int:
    from tcalc.cli.output import Results
    from tcalc.engine.state import activated

    results = None if invocation.test else Results(invocation, output)
    inputs = _inputs_for(program, inputs, invocation)
    session = _session(invocation, output, results)
    if inputs:
        from tcalc.cli.inputs import load

        _bind(session, inputs, [load(item, invocation) for item in inputs], invocation)
    value = None
    for kind, source, name in program:
        value = _run_part(session, kind, source, name, invocation)
        shown_already = kind != EXPR and invocation.echo == "all"
        if results is not None and not shown_already and invocation.echo != "none":
            with activated(session.state):
                results.put(session.shown_value(value))
    if results is not None:
        results.finish()
    if invocation.interactive:
        return _shell(session, invocation, output)
    if invocation.test:
        with activated(session.state):
            return 0 if bool(value) else 1
    return 0


def _run_part(session: Session, kind: str, source: str, name: str | None, invocation: Invocation) -> Any:
    echo = invocation.echo if kind != EXPR and invocation.echo == "all" and not invocation.test else "none"
    try:
        return session.run(source, echo=echo, name=name or UNNAMED)
    except TcalcError as error:
        if error.kind == "NameError" and error.message == "name 'c' is not defined":
            error.hint = "c holds the columns of a table with a header; this input has none"
        raise


def _inputs_for(program: Program, inputs: list[Input], invocation: Invocation) -> list[Input]:
    """The inputs that the program reads, standard input among them where it uses a free ``x`` or ``c``."""
    free = _free_names(program)
    from tcalc.cli.inputs import Input, check_used, explain_missing, wants_stdin

    explain_missing(inputs)
    if not invocation.interactive:
        check_used(inputs, free)
    taken = any(kind != EXPR and text == "-" for kind, text in invocation.program)
    if wants_stdin(inputs, free) and not taken and not any(item.path == "-" for item in inputs):
        from_script = program[0][2] == "standard input"
        return inputs if from_script else [Input("-"), *inputs]
    return inputs


def _free_names(program: Program) -> dict[str, Any]:
    from tcalc.syntax.free_names import free_names
    from tcalc.syntax.parser import parse

    trees = []
    for _, source, name in program:
        try:
            trees.append(parse(source))
        except TcalcSyntaxError as error:
            error.source = error.source if error.source is not None else source
            error.source_name = error.source_name or name or UNNAMED
            raise
    return free_names(trees)


def _bind(session: Session, inputs: Sequence[Input], loaded: Sequence[Loaded], invocation: Invocation) -> None:
    from tcalc.cli.inputs import bind

    _notes(loaded)
    bind(session.variables, inputs, loaded)
    if any(data.is_text for data in loaded):
        session.state.whole_numbers_are_floats = True
        if invocation.dtype is None:
            from tcalc.engine import dtypes

            session.state.default_dtype = dtypes.float64


def _notes(loaded: Sequence[Loaded]) -> None:
    from tcalc.show.faults import clean

    for data in loaded:
        for note in data.notes:
            write_error(f"note: {clean(note)}\n")


def _session(invocation: Invocation, output: Output, results: Results | None = None) -> Session:
    """A session as the options want it. What a program prints does not mix with binary output."""
    from tcalc.interp.session import Session

    write = output.write
    if invocation.test:
        write = _discard
    elif results is not None and results.is_binary and results.path is None:
        write = _to_stderr
    session = Session(write=write)
    if results is not None:
        session.display = lambda value: results.put(session.shown_value(value))
    session.state.warn = _warn
    if invocation.needs_settings:
        from tcalc.cli.settings import apply

        apply(invocation, session)
    return session


def _discard(text: str) -> int:
    return len(text)


def _to_stderr(text: str) -> int:
    write_error(text)
    return len(text)


def _warn(message: str) -> None:
    write_error(f"warning: {message}\n")


def _shell(session: Session, invocation: Invocation, output: Output) -> int:
    from tcalc.cli.output import wants_color
    from tcalc.shell.repl import Shell

    output.flush()
    return Shell(session, output, color=wants_color(invocation.color, output.is_terminal)).run()
