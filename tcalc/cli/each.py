"""``--each``: the program once a row of the input, as the rows come, in memory that does not grow with their number."""

from __future__ import annotations

from tcalc.cli.evaluate import bind_inputs, compute_as_text, new_session, tell_notes
from tcalc.cli.inputs import (
    STDIN,
    Input,
    check_used,
    explain_missing,
    load,
    open_input,
    stated_format,
    text_options,
    watched,
)
from tcalc.cli.invocation import EXPR
from tcalc.cli.output import Results
from tcalc.cli.program import Part, free_names_of
from tcalc.engine.state import warned_once
from tcalc.errors import DataError, TcalcError, UsageError
from tcalc.formats.sniff import extension_of
from tcalc.formats.source import FileSource, Source
from tcalc.formats.streaming import Uses, rows_of
from tcalc.formats.table import BY_EXTENSION, BY_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tcalc.cli.invocation import Invocation
    from tcalc.cli.streams import Output
    from tcalc.formats.streaming import Row
    from tcalc.interp.evaluator import Program


def each(program: list[Part], inputs: list[Input], invocation: Invocation, output: Output) -> int:
    """Run the program over every row. The status is that of the test, or 0."""
    if not program:
        raise UsageError("--each needs an expression")
    if invocation.interactive:
        raise UsageError("--each goes through its input to the end, and --interactive goes on: they exclude each other")
    if invocation.echo != "last":
        raise UsageError("--echo is for the statements of scripts, and --each shows its last value a row")
    reads_stdin = all(item.name is not None for item in inputs)
    if reads_stdin and any(kind != EXPR and text == STDIN for kind, text in invocation.program):
        raise UsageError("standard input can be read only once", hint="--each reads its rows from there")
    explain_missing(inputs)
    if invocation.test:
        return _Run(program, inputs, invocation, output, None).all()
    with Results(invocation, output) as results:
        return _Run(program, inputs, invocation, output, results).all()


class _Run:
    """One pass over the rows: ``x``, ``c``, ``line`` and ``i`` are those of the row, other variables stay."""

    def __init__(
        self,
        program: list[Part],
        inputs: Sequence[Input],
        invocation: Invocation,
        output: Output,
        results: Results | None,
    ) -> None:
        self.invocation = invocation
        self.output = output
        self.results = results
        self.session = new_session(invocation, output, results)
        self.streams = [item for item in inputs if item.name is None] or [Input(STDIN)]
        self.program = program
        self.begin = [Part(EXPR, text, "--begin") for text in invocation.begin]
        self.end = [Part(EXPR, text, "--end") for text in invocation.end]
        self.row: Row | None = None
        self.number = 0
        free = free_names_of([*self.begin, *program, *self.end])
        self._name_row(free)
        self._bind(inputs, free)

    def _name_row(self, free: dict[str, Any]) -> None:
        """The variables of the row, made when they are read; only those that the program reads."""
        made = {
            "x": self._numbers, "x1": self._numbers, "c": self._cells, "c1": self._cells, "line": self._line,
            "i": self._position,
        }  # fmt: skip
        self.names = [name for name in made if name in free]
        self.made = {name: made[name] for name in self.names}
        self.uses = Uses("x" in free or "x1" in free, "c" in free or "c1" in free, "line" in free)

    def _bind(self, inputs: Sequence[Input], free: dict[str, Any]) -> None:
        """What is the same for every row: inputs with a name of their own, read as wholes, and the list of files."""
        whole = [item for item in inputs if item.name is not None]
        check_used(whole, free)
        if whole:
            bind_inputs(self.session, whole, [load(item, self.invocation) for item in whole], self.invocation)
            self.session.suppliers.pop("xs")
        self.session.variables["files"] = [item.path for item in inputs] or [STDIN]
        if not all(_is_binary(item) for item in self.streams):
            compute_as_text(self.session, self.invocation)

    def all(self) -> int:
        """Begin, every row, end."""
        session = self.session
        self._once(self.begin)
        programs = [session.prepare(part.source, part.name) for part in self.program]
        session.suppliers |= self.made
        with session.entered(), warned_once():
            for item in self.streams:
                if not self._stream(item, programs):
                    return 1
        for name in self.names:  # after the rows, they are the last row, and i the number of rows
            session.variables.pop(name, None)
        value = self._once(self.end)
        if self.results is not None:
            self.results.finish()
        with session.entered():
            return 1 if self.end and self.invocation.test and not value else 0

    def _once(self, parts: Sequence[Part]) -> Any:
        """Run what stands before or after the rows; the last value."""
        value = None
        for part in parts:
            value = self.session.run(part.source, name=part.name)
            if self.results is not None:
                with self.session.entered():
                    self.results.put_row(self.session.shown_value(value))
        return value

    def _stream(self, item: Input, programs: Sequence[Program]) -> bool:
        """Run over the rows of one input. False ends it: under ``--test`` one row was not true."""
        if self.results is not None:
            self.results.flush()  # to see what an input is, its first byte is waited for
        source = open_input(item)
        with watched(source, self._is_quiet()):
            return self._rows(self._announcing(source), item, programs)

    def _is_quiet(self) -> bool:
        """Whether no results come by on a terminal meanwhile, be it through a pipe: a bar would be among them."""
        return self.results is None or self.results.path is not None or self.output.is_file

    def _rows(self, source: Source, item: Input, programs: Sequence[Program]) -> bool:
        rows = rows_of(source, stated_format(item, self.invocation), text_options(self.invocation), self.uses)
        is_test = self.invocation.test and not self.end
        variables, names, execute = self.session.variables, self.names, self.session.execute
        for self.row in rows:
            for name in names:
                variables.pop(name, None)
            try:
                value = None
                for program in programs:
                    value = execute(program)
                    if value is not None and self.results is not None:
                        self.results.put_row(self.session.shown_value(value))
                if is_test and not value:
                    return False
            except TcalcError as error:
                self._place(error)
                raise
            self.number += 1
        tell_notes([rows])
        source.close()
        return True

    def _announcing(self, source: Source) -> Source:
        """The source, before which is waited for the results so far go out."""
        if isinstance(source, FileSource):
            return source

        def read(count: int) -> bytes:
            if self.results is not None:
                self.results.flush()
            return source.read(count)

        return Source(read, source.name, source.path)

    def _place(self, error: TcalcError) -> None:
        """Say at which row it happened, unless the message does."""
        place = str(self._current().place)
        if not isinstance(error, DataError) or not error.message.startswith(place):
            error.place = place

    def _current(self) -> Row:
        if self.row is None:
            raise TcalcError("there is no row", "NameError", hint="the input has none")
        return self.row

    def _numbers(self) -> Any:
        return self._current().x()

    def _cells(self) -> Any:
        return self._current().c()

    def _line(self) -> str:
        return self._current().line

    def _position(self) -> int:
        return self.number


def _is_binary(item: Input) -> bool:
    """Whether an input, by what it is called, has numbers with a dtype of their own."""
    format = BY_NAME.get(item.format or "") or BY_EXTENSION.get(extension_of(item.path))
    return format is not None and format.is_binary
