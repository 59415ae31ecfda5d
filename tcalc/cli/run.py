"""Doing what an invocation asks. Whoever read the command line, this is the one behaviour."""

from __future__ import annotations

import os
import sys

from tcalc.cli import quick
from tcalc.cli.evaluate import bind_inputs, evaluate, new_session, open_shell, read_config, tell_notes
from tcalc.cli.invocation import EXPR, SCRIPT, Invocation
from tcalc.cli.program import Part, read_program
from tcalc.cli.streams import ClosedPipe, Output, stdin_state
from tcalc.errors import DataError, InternalError, LimitError, TcalcError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tcalc.cli.inputs import Input
    from tcalc.cli.program import Part
    from tcalc.formats.loaded import Loaded

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
    except (ClosedPipe, BrokenPipeError):
        return 0
    except KeyboardInterrupt:
        return 130
    except TcalcError as error:
        fault = error
    except MemoryError:
        fault = LimitError("not enough memory")
    except RecursionError:  # a result too deep to be written
        fault = LimitError("maximum recursion depth exceeded", "RecursionError")
    except Exception as error:
        fault = InternalError(f"{type(error).__name__}: {error}", hint="--debug shows where; please report it")
        fault.__cause__ = error
    from tcalc.cli.report import report

    return report(fault, invocation.color, invocation.debug)


def _dispatch(invocation: Invocation, output: Output) -> int:
    if "_TCALC_COMPLETE" in os.environ:  # a shell asks how a line may go on
        from tcalc.cli.completion import answer

        output.write(answer())
        return 0
    if invocation.help:
        from tcalc.cli.options import help_text

        output.write(help_text())
        return 0
    if invocation.version:
        from tcalc.cli.options import version_text

        output.write(version_text())
        return 0
    if invocation.doctor:
        from tcalc.cli.doctor import doctor

        return doctor(output.write)
    if invocation.completion is not None:
        from tcalc.cli.completion import script

        output.write(script(invocation.completion))
        return 0
    if invocation.interactive:
        _check_interactive(invocation)
    if invocation.sandbox:
        _enter_sandbox(invocation)
    elif not invocation.no_config:
        read_config(invocation)
    program, arguments = read_program(invocation)
    if not program and not arguments and not invocation.each:
        return _without_program(invocation, output)
    inputs: list[Input] = []
    if arguments:
        from tcalc.cli.inputs import parse_inputs

        inputs = parse_inputs(arguments)
    _check_stdin_once(inputs, invocation)
    if invocation.sandbox:
        from tcalc.cli.sandbox import check_inputs

        check_inputs(inputs)
    if invocation.each:
        from tcalc.cli.each import each

        return each(program, inputs, invocation, output)
    if not program:
        return _show_files(inputs, invocation, output)
    return evaluate(program, inputs, invocation, output)


def _check_interactive(invocation: Invocation) -> None:
    if invocation.test:
        raise UsageError("--test answers with an exit status, and --interactive goes on: they exclude each other")
    if stdin_state() != "terminal":
        from tcalc.shell.terminal import check_terminal

        check_terminal()


def _enter_sandbox(invocation: Invocation) -> None:
    from tcalc.cli import sandbox
    from tcalc.cli.settings import memory_size

    sandbox.check_options(invocation)
    sandbox.enter(memory_size(invocation.max_memory) if invocation.max_memory is not None else None)


def _check_stdin_once(inputs: Sequence[Input], invocation: Invocation) -> None:
    readers = sum(item.path == "-" for item in inputs) + sum(
        kind != EXPR and text == "-" for kind, text in invocation.program
    )
    if readers > 1:
        raise UsageError("standard input can be read only once")


def _without_program(invocation: Invocation, output: Output) -> int:
    """``tcalc`` alone: the shell at a terminal; otherwise what comes in is data to show, or the program."""
    if invocation.test:
        raise UsageError("--test needs an expression")
    state = stdin_state()
    if state == "terminal":
        invocation.interactive = True
        if invocation.sandbox:
            raise UsageError("--sandbox has no shell")
        session = new_session(invocation, output)
        return open_shell(session, invocation, output)
    if state == "closed":
        raise DataError("standard input is closed, and there is no expression")
    from tcalc.formats.sniff import by_signature
    from tcalc.formats.source import STDIN_NAME, standard_input
    from tcalc.formats.text import is_only_numbers

    source = standard_input()
    if invocation.from_format or by_signature(source) or is_only_numbers(source.data()):
        from tcalc.cli.inputs import Input, read_source

        item = Input("-")
        return _show_all([(item, read_source(source, item, invocation))], invocation, output)
    from tcalc.formats.decode import decoded, without_mark

    program = decoded(without_mark(source.data(), STDIN_NAME), STDIN_NAME)
    return evaluate([Part(SCRIPT, program, STDIN_NAME)], [], invocation, output)


def _show_files(inputs: Sequence[Input], invocation: Invocation, output: Output) -> int:
    """``tcalc FILE``: what is in it."""
    if invocation.test:
        raise UsageError("--test needs an expression")
    from tcalc.cli.inputs import explain_missing, load

    explain_missing(inputs)
    return _show_all([(item, load(item, invocation)) for item in inputs], invocation, output)


def _show_all(loaded: list[tuple[Input, Loaded]], invocation: Invocation, output: Output) -> int:
    """Show what was read; then the shell, with its names bound, where that is asked for."""
    from tcalc.cli.contents import show

    if not invocation.interactive:
        tell_notes([data for _, data in loaded])
        return show(loaded, invocation, output)
    session = new_session(invocation, output)
    bind_inputs(session, [item for item, _ in loaded], [data for _, data in loaded], invocation)
    show(loaded, invocation, output)
    return open_shell(session, invocation, output)
