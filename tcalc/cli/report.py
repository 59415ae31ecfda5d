"""Faults on standard error, and the exit status that each kind has."""

from __future__ import annotations

from tcalc.cli.output import wants_color
from tcalc.cli.streams import error_is_terminal, write_error
from tcalc.errors import AssertionFailed, DataError, InternalError, TcalcError, TcalcSyntaxError, UsageError

OK, FALSE, USAGE, SYNTAX, DATA, EVALUATION, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130

# The statuses in words, for the manual.
STATUSES = (
    (OK, "Success. Also when the reader of a pipe has gone away."),
    (FALSE, "The value under --test is false, or an assert failed."),
    (USAGE, "The command line is wrong."),
    (SYNTAX, "The program is not one."),
    (DATA, "Reading an input or writing the output failed."),
    (EVALUATION, "The program raised an error."),
    (INTERNAL, "A fault of tcalc itself; --debug shows where."),
    (INTERRUPTED, "Interrupted."),
)


def status_of(error: TcalcError) -> int:
    """The exit status of an error."""
    if isinstance(error, InternalError):
        return INTERNAL
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, DataError):
        return DATA
    if isinstance(error, TcalcSyntaxError):
        return SYNTAX
    if error.kind == "KeyboardInterrupt":
        return INTERRUPTED
    return FALSE if isinstance(error, AssertionFailed) else EVALUATION


def report(error: TcalcError, color: str, debug: bool = False) -> int:
    """Show an error on standard error; the answer is its exit status."""
    from tcalc.show.faults import fault_text

    if debug:
        import traceback

        write_error("".join(traceback.format_exception(error)))
    show(fault_text(error), color)
    return status_of(error)


def show(block: str, color: str) -> None:
    """Write a block of error or warning text, in colour where that is decided."""
    if not wants_color(color, error_is_terminal()):
        write_error(block)
        return
    from tcalc.show.pretty import print_error

    print_error(block, color=True, file=_StandardError())  # type: ignore[arg-type]


class _StandardError:
    """What Rich needs of a file."""

    def write(self, text: str) -> int:
        write_error(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
