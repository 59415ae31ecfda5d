"""The session as a Python script: imports on top, settings where they changed, and the statements that succeeded."""

from __future__ import annotations

from tcalc.shell.saving.log import LITERAL, NUMBER, TENSOR, kind_of
from tcalc.shell.saving.rewriting import NotPyTorch, Rewriter
from tcalc.syntax import nodes
from tcalc.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.interp.session import Session
    from tcalc.shell.saving.log import Entry, Log, Settings

_IMPORTED_ANYWAY = ("torch",)
# Elements of a tensor that is written out; of more, the script says what was there.
_WRITTEN_OUT = 1000
_FIRST_SETTINGS = {"dtype": "float32", "device": None, "precision": 4}
_SETTERS = {
    "dtype": "torch.set_default_dtype(torch.{})",
    "device": 'torch.set_default_device("{}")',
    "precision": "torch.set_printoptions(precision={})",
}


class Script:
    """Gathers the lines."""

    def __init__(self, session: Session, log: Log) -> None:
        self._session = session
        self._log = log
        self._imports: set[str] = set()
        self._settings: dict[str, Any] = dict(_FIRST_SETTINGS)
        self._lines: list[str] = []
        self._read: set[int] = set()  # values by number that later statements read
        self.left_out = 0

    def text(self) -> str:
        """The whole script."""
        written = [self._entry(entry) for entry in reversed(self._log.entries)]  # the last first: they read the others
        for settings, lines in reversed(written):
            self._change_settings(settings)
            self._lines += lines
        given = self._given()
        head = ["import torch", *sorted(self._imports)]
        return "\n".join([*head, "", *given, *self._lines]).rstrip() + "\n"

    def _entry(self, entry: Entry) -> tuple[Settings, list[str]]:
        tree = parse(entry.text)
        rewriter = Rewriter(self._session, entry, tree)
        lines: list[str] = []
        for statement in tree.body:
            is_last = statement is tree.body[-1]
            try:
                lines += self._statement(rewriter, statement, entry, is_last)
            except NotPyTorch:
                self.left_out += 1
                text = entry.text[statement.span.start : statement.span.end]
                lines += [f"# only in tcalc: {line}" for line in text.split("\n")]
        self._imports |= rewriter.imports
        self._read |= rewriter.outputs
        return entry.settings, lines

    def _statement(self, rewriter: Rewriter, statement: nodes.Statement, entry: Entry, is_last: bool) -> list[str]:
        if isinstance(statement, nodes.Import) and all(
            alias.name in _IMPORTED_ANYWAY and not alias.asname for alias in statement.names
        ):
            return []
        text = rewriter.text(statement)
        if not isinstance(statement, nodes.Expr):
            return text.split("\n")
        return self._expression(rewriter, statement, entry, text, is_last)

    def _expression(
        self, rewriter: Rewriter, statement: nodes.Expr, entry: Entry, text: str, is_last: bool
    ) -> list[str]:
        """An expression prints its value where the shell echoed it, and keeps it where it is read by its number."""
        is_echoed = not statement.silent and (entry.echo == "all" or is_last) and not _seeds(statement.value)
        is_plain = rewriter.kinds.of(statement.value) in (TENSOR, LITERAL, NUMBER)
        shown = "print({})" if is_plain else "print(repr({}))"
        is_echoed = is_echoed and (entry.has_value or not is_last)
        if is_last and entry.number in self._read:
            name = f"_{entry.number}"
            return [f"{name} = {text}", *([shown.format(name)] if is_echoed else [])]
        return [shown.format(text)] if is_echoed else text.split("\n")

    def _change_settings(self, settings: Settings) -> None:
        for name, written in _SETTERS.items():
            value = getattr(settings, name)
            if value != self._settings[name]:
                self._settings[name] = value
                self._lines.append(written.format(value or "cpu"))

    def _given(self) -> list[str]:
        """The variables that no statement made: those of the command line's inputs."""
        lines = []
        text = "\n".join(self._lines)
        for name, value in self._log.given.items():
            if name in text:
                lines.append(self._given_line(name, value))
        return [*lines, ""] if lines else []

    def _given_line(self, name: str, value: Any) -> str:
        if kind_of(value) == TENSOR and value.numel() <= _WRITTEN_OUT:
            with self._session.entered():
                numbers = self._session.run(f"{name}.tolist()") if name in self._session.variables else None
            if numbers is not None:
                values = repr(numbers).replace("nan", "float('nan')").replace("inf", "float('inf')")
                return f"{name} = torch.tensor({values}, dtype=torch.{value.dtype.name})"
        self.left_out += 1
        what = f"{tuple(value.shape)} {value.dtype.name}" if kind_of(value) == TENSOR else type(value).__name__
        return f"{name} = ...  # {what}, read from a file: load it here"


def _seeds(node: nodes.Expression) -> bool:
    """Whether an expression is there for its effect, though it has a value: nobody prints a generator."""
    name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, nodes.Call) else ""
    return name in ("manual_seed", "print")


def script_of(session: Session, log: Log) -> tuple[str, int]:
    """The script, and how many statements could not be said in it."""
    script = Script(session, log)
    text = script.text()
    return text, script.left_out
