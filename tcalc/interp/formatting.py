"""``str.format`` and ``%``, with our own lookups: Python's walk attributes."""

from __future__ import annotations

# The parser of format strings that `string.Formatter` uses; it only takes texts apart.
from _string import formatter_field_name_split, formatter_parser  # type: ignore[import-not-found]

from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.interp import guards, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAX_NESTING = 2
_FLAGS = "#0- +"
_LENGTHS = "hlL"


def format_method(template: str, *args: Any, **kwargs: Any) -> str:
    """``template.format(*args, **kwargs)``."""
    return _Template(args, kwargs).render(template, _MAX_NESTING)


def format_map(template: str, mapping: dict[Any, Any]) -> str:
    return _Template((), mapping).render(template, _MAX_NESTING)


class _Template:
    """The arguments of one ``format``, and how its fields have been numbered so far."""

    __slots__ = ("args", "kwargs", "next_index")

    def __init__(self, args: tuple, kwargs: dict[Any, Any]) -> None:
        self.args = args
        self.kwargs = kwargs
        self.next_index: int | None = 0  # None once a field has numbered itself

    def render(self, template: str, depth: int) -> str:
        if depth < 0:
            raise value_error("Max string recursion exceeded")
        parts = []
        for literal, field, spec, conversion in formatter_parser(template):
            parts.append(literal)
            if field is not None:
                value = text.converted(self.field(field), _conversion(conversion))
                parts.append(text.format_of(value, self.render(spec or "", depth - 1)))
        return "".join(parts)

    def field(self, name: str) -> Any:
        """The value that ``{name}``, ``{0.attribute}`` or ``{name[key]}`` stands for."""
        from tcalc.interp.attributes import get_attribute
        from tcalc.interp.indexing import get_item

        first, rest = formatter_field_name_split(name)
        value = self.argument(first)
        for is_attribute, part in rest:
            value = get_attribute(value, part) if is_attribute else get_item(value, part)
        return value

    def argument(self, key: Any) -> Any:
        if key == "":
            if self.next_index is None:
                raise value_error("cannot switch from manual field specification to automatic field numbering")
            key = self.next_index
            self.next_index += 1
        elif isinstance(key, int):
            if self.next_index:
                raise value_error("cannot switch from automatic field numbering to manual field specification")
            self.next_index = None
        if not isinstance(key, int):
            return self.kwargs[key]
        if key >= len(self.args):
            raise TcalcError(f"Replacement index {key} out of range for positional args tuple", "IndexError")
        return self.args[key]


def _conversion(letter: str | None) -> str | None:
    if letter is not None and letter not in "rsa":
        raise value_error(f"Unknown conversion specifier {letter}")
    return letter


def percent(template: str, values: Any) -> str:
    """``template % values``."""
    return _Percent(template, values).render()


class _Percent:
    """One ``%`` operation: a position in the template, and the arguments not yet used."""

    def __init__(self, template: str, values: Any) -> None:
        self.template = template
        self.values = values
        self.position = 0
        self.is_tuple = isinstance(values, tuple)
        self.pending = list(values) if self.is_tuple else [values]
        self.by_key = False

    def render(self) -> str:
        parts = []
        while True:
            start = self.template.find("%", self.position)
            if start < 0:
                parts.append(self.template[self.position :])
                break
            parts.append(self.template[self.position : start])
            self.position = start + 1
            parts.append(self.field())
        if self.pending and not self.by_key and not (not self.is_tuple and isinstance(self.values, dict)):
            raise type_error("not all arguments converted during string formatting")
        return "".join(parts)

    def field(self) -> str:
        """One conversion after its ``%``."""
        key = self.key()
        flags = self.run_of(_FLAGS)
        width = self.number()
        precision = ""
        if self.peek() == ".":
            self.position += 1
            precision = "." + self.number()
        self.run_of(_LENGTHS)
        letter = self.peek()
        self.position += 1
        if letter == "%":
            return "%"
        if not letter:
            raise value_error("incomplete format")
        value = self.values[key] if key is not None else self.argument()
        return _formatted(f"%{flags}{width}{precision}", letter, value, self.position - 1)

    def peek(self) -> str:
        return self.template[self.position : self.position + 1]

    def key(self) -> str | None:
        if self.peek() != "(":
            return None
        close = self.template.find(")", self.position)
        if close < 0:
            raise value_error("incomplete format key")
        if not isinstance(self.values, dict):
            raise type_error("format requires a mapping")
        name = self.template[self.position + 1 : close]
        self.position = close + 1
        self.by_key = True
        return name

    def run_of(self, characters: str) -> str:
        start = self.position
        while self.peek() and self.peek() in characters:
            self.position += 1
        return self.template[start : self.position]

    def number(self) -> str:
        """A width or precision in digits, or from the arguments for ``*``."""
        if self.peek() == "*":
            self.position += 1
            count = self.argument()
            if type(count) is not int:
                raise type_error("* wants int")
            digits = str(count)
        else:
            digits = self.run_of("0123456789")
        if len(digits) > 18:
            raise value_error("width too big")
        guards.allocate(abs(int(digits or 0)), "the formatted text")
        return digits

    def argument(self) -> Any:
        if not self.pending:
            raise type_error("not enough arguments for format string")
        return self.pending.pop(0)


def _formatted(directive: str, letter: str, value: Any, position: int) -> str:
    if letter in "rsa":
        written = text.converted(value, letter)
        return (directive + "s") % (written,)
    if letter not in "diouxXeEfFgGc":
        raise value_error(f"unsupported format character '{letter}' ({ord(letter):#x}) at index {position}")
    if type(value) is Tensor:
        value = int(value) if letter in "diouxXc" else float(value)
    return (directive + letter) % (value,)  # a number's text: Python looks at nothing else of it
