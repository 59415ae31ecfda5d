"""Running a program over its inputs: the session, what it is given, and where its results go."""

from __future__ import annotations

from tcalc.cli import interrupts
from tcalc.cli.invocation import EXPR, Invocation
from tcalc.cli.program import free_names_of
from tcalc.cli.streams import stdin_state, write_error
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.cli.inputs import Input
    from tcalc.cli.output import Results
    from tcalc.cli.program import Part
    from tcalc.cli.streams import Output
    from tcalc.formats.loaded import Loaded
    from tcalc.formats.streaming import Rows
    from tcalc.interp.session import Session
    from tcalc.show.help.language import Topic
    from tcalc.show.screen import Screen


def evaluate(program: list[Part], inputs: list[Input], invocation: Invocation, output: Output) -> int:
    """Run the program over its inputs, and hand out its results."""
    if invocation.test:
        return _test(program, inputs, invocation, output)
    from tcalc.cli.output import Results

    with Results(invocation, output) as results:
        inputs = _inputs_for(program, inputs, invocation)
        session = new_session(invocation, output, results)
        _load_inputs(session, program, inputs, invocation)
        for part in program:
            value = _run_part(session, part, invocation)
            shown_already = part.kind != EXPR and invocation.echo == "all"
            if not shown_already and invocation.echo != "none":
                with session.entered():
                    results.put(session.shown_value(value))
        results.finish()
    return open_shell(session, invocation, output) if invocation.interactive else 0


def _test(program: list[Part], inputs: list[Input], invocation: Invocation, output: Output) -> int:
    """``--test``: the last value is the exit status, and nothing is printed."""
    inputs = _inputs_for(program, inputs, invocation)
    session = new_session(invocation, output)
    _load_inputs(session, program, inputs, invocation)
    value = None
    for part in program:
        value = _run_part(session, part, invocation)
    with session.entered():
        return 0 if bool(value) else 1


def _load_inputs(session: Session, program: list[Part], inputs: Sequence[Input], invocation: Invocation) -> None:
    if inputs:
        from tcalc.cli.inputs import load_used
        from tcalc.engine.state import State, activated

        state = State()  # the inputs are the user's, even where the program may not read files
        state.meter = session.state.meter
        with activated(state):
            loaded = load_used(inputs, invocation, free_names_of(program))
        bind_inputs(session, inputs, loaded, invocation)


def _run_part(session: Session, part: Part, invocation: Invocation) -> Any:
    echo = invocation.echo if part.kind != EXPR and invocation.echo == "all" and not invocation.test else "none"
    try:
        return session.run(part.source, echo=echo, name=part.name)
    except TcalcError as error:
        if error.kind == "NameError" and error.message == "name 'c' is not defined":
            error.hint = "c holds the columns of a table with a header; this input has none"
        raise


def _inputs_for(program: list[Part], inputs: list[Input], invocation: Invocation) -> list[Input]:
    """The inputs that the program reads, standard input among them where it uses a free ``x`` or ``c``."""
    free = free_names_of(program)
    if not inputs and free.keys().isdisjoint(("x", "x1", "c", "c1")):
        return []
    from tcalc.cli.inputs import Input, check_used, explain_missing, wants_stdin

    explain_missing(inputs)
    if not invocation.interactive:
        check_used(inputs, free)
    taken = any(kind != EXPR and text == "-" for kind, text in invocation.program)
    if wants_stdin(inputs, free) and not taken and not any(item.path == "-" for item in inputs):
        from tcalc.formats.source import STDIN_NAME

        from_script = program[0].name == STDIN_NAME
        return inputs if from_script else [Input("-"), *inputs]
    return inputs


def bind_inputs(session: Session, inputs: Sequence[Input], loaded: Sequence[Loaded], invocation: Invocation) -> None:
    """Give a session its inputs. One that reads text computes in float64."""
    from tcalc.cli.inputs import bind

    tell_notes(loaded)
    device = session.state.default_device
    if device is not None and device.startswith("cuda"):
        from tcalc.ops.session.files import on_device

        loaded = [data.moved(lambda value: on_device(value, device)) for data in loaded]
    bind(session, inputs, loaded)
    if any(data.is_text for data in loaded):
        compute_as_text(session, invocation)


def compute_as_text(session: Session, invocation: Invocation) -> None:
    """Numbers that were written as digits keep them: the default dtype is float64, unless ``--dtype`` says another."""
    session.state.whole_numbers_are_floats = True
    if invocation.dtype is None:
        from tcalc.engine import dtypes

        session.state.default_dtype = dtypes.float64


def tell_notes(loaded: Sequence[Loaded | Rows]) -> None:
    """What the user should know about what was read."""
    from tcalc.show.faults import clean

    for data in loaded:
        for note in data.notes:
            write_error(f"note: {clean(note)}\n")


def new_session(invocation: Invocation, output: Output, results: Results | None = None) -> Session:
    """A session as the options want it. What a program prints does not mix with binary output."""
    from tcalc.interp.session import Session

    write = output.write
    if invocation.test:
        write = _discard
    elif results is not None and results.is_binary and results.path is None:
        write = _to_stderr
    session = Session(write=write)
    session.flush = output.flush
    if results is not None:
        session.display = lambda value: results.put(session.shown_value(value))
    session.state.warn = _warn
    session.screen = lambda: _screen(invocation, output)
    session.shelves.append(_topics)
    if invocation.sandbox:
        from tcalc.cli import sandbox

        session.state.files_allowed = False
        session.meter.max_memory = sandbox.MEMORY
    if invocation.needs_settings:
        from tcalc.cli.settings import apply

        apply(invocation, session)
    if invocation.config is not None and not invocation.config.is_empty:
        from tcalc.cli.settings import apply_config

        on_screen = output.is_terminal and (results is None or results.format == "pretty")
        apply_config(invocation.config, invocation, session, on_screen, _warn)
    return session


def _screen(invocation: Invocation, output: Output) -> Screen:
    from tcalc.cli.screen import screen

    return screen(invocation.color, output)


def _topics() -> tuple[Topic, ...]:
    from tcalc.cli.topics import topics

    return topics()


def read_config(invocation: Invocation) -> None:
    """Read the configuration file, whose faults are told and never stop anything."""
    from tcalc import config

    invocation.config = config.load(_warn)
    if invocation.color == "auto" and invocation.config.color is not None:
        invocation.color = invocation.config.color


def _discard(text: str) -> int:
    return len(text)


def _to_stderr(text: str) -> int:
    write_error(text)
    return len(text)


def _warn(message: str) -> None:
    from tcalc.show.faults import clean

    write_error(f"warning: {clean(message)}\n")


def open_shell(session: Session, invocation: Invocation, output: Output) -> int:
    """Go on interactively."""
    from tcalc.cli.output import wants_color
    from tcalc.shell.repl import Shell

    output.flush()
    interrupts.ignore()
    if invocation.config is not None and invocation.config.startup_path is not None:
        from tcalc.cli.startup import run_startup

        run_startup(session, invocation.config.startup_path, invocation)
    if stdin_state() != "terminal":
        from tcalc.shell.terminal import reopen_stdin

        reopen_stdin()
    color = wants_color(invocation.color, output.is_terminal)
    return Shell(session, output, color, invocation.debug, invocation.config).run()
