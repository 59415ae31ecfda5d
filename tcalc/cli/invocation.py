"""What a command line asks for, whoever has read it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.config import Config

EXPR, SCRIPT = "expr", "script"


class Invocation:
    """One call of ``tcalc``. ``program`` is (kind, text) in the order given; ``arguments`` are EXPR and INPUTs."""

    __slots__ = (
        "arguments", "begin", "color", "columns", "completion", "config", "debug", "decimal", "delimiter", "device",
        "doctor", "dtype", "each", "echo", "end", "from_format", "header", "help", "interactive", "max_memory", "na",
        "no_config", "precision", "program", "sandbox", "sci",
        "seed", "test", "to", "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.program: list[tuple[str, str]] = []
        self.arguments: list[str] = []
        self.test = False
        self.each = False
        self.begin: list[str] = []
        self.end: list[str] = []
        self.interactive = False
        self.help = False
        self.version = False
        self.debug = False
        self.doctor = False
        self.no_config = False
        self.sandbox = False
        self.completion: str | None = None
        self.config: Config | None = None  # what the configuration file says, once it has been read
        self.echo = "last"
        self.color = "auto"
        self.sci = "auto"
        self.precision: int | None = None
        self.seed: int | None = None
        self.dtype: str | None = None
        self.device: str | None = None
        self.max_memory: str | None = None
        self.to: str | None = None
        self.from_format: str | None = None
        self.delimiter: str | None = None
        self.decimal: str | None = None
        self.header: bool | None = None
        self.columns: str | None = None
        self.na: str | None = None

    @property
    def needs_settings(self) -> bool:
        """Whether an option changes how the session computes or prints."""
        given = (self.dtype, self.device, self.seed, self.precision, self.max_memory)
        return self.sci != "auto" or any(option is not None for option in given)

    def as_dict(self) -> dict[str, Any]:
        """Every field by name, for comparing."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Invocation) and self.as_dict() == other.as_dict()

    __hash__ = None  # type: ignore[assignment]
