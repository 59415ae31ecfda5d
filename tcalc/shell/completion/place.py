"""Where the cursor is, from the tokens before it: after a dot, in a call, in a string that names something."""

from __future__ import annotations

from tcalc.syntax import tokens as kinds
from tcalc.syntax.lexer import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.syntax.tokens import Token

# Kinds of places.
NAME = "name"  # a name that stands for itself
ATTRIBUTE = "attribute"  # after the dot of `source`
KEY = "key"  # within the quotes of `source["…`
TEXT = "text"  # within the quotes of a call's argument
MODULE = "module"  # import …
MEMBER = "member"  # from `source` import …
COMMAND = "command"  # :…
ARGUMENT = "argument"  # :`source` …
NOTHING = "nothing"

# Commands of the shell whose argument is a program.
EXPRESSION_COMMANDS = ("time",)

_OPENING = {")": "(", "]": "[", "}": "{"}
_SILENT = (kinds.NEWLINE, kinds.INDENT, kinds.DEDENT, kinds.END, kinds.COMMENT)


class Call:
    """The innermost call that the cursor is in: its function's text, which argument is being typed, and its keyword."""

    __slots__ = ("first", "function", "keyword", "position", "start", "used")

    def __init__(
        self, function: str, first: str, position: int, keyword: str | None, used: set[str], start: int
    ) -> None:
        self.function = function
        self.first = first  # the text of the first argument
        self.position = position
        self.keyword = keyword
        self.used = used  # the keywords of the other arguments
        self.start = start  # where the current argument begins


class Place:
    """What kind of thing is being typed, as far as it is typed, and where it begins; ``call`` is around it."""

    __slots__ = ("call", "kind", "prefix", "source", "start")

    def __init__(self, kind: str, prefix: str, start: int, source: str = "", call: Call | None = None) -> None:
        self.kind = kind
        self.prefix = prefix
        self.start = start
        self.source = source
        self.call = call


def place_in(text: str) -> Place:
    """The place at the end of a text."""
    bare = text.lstrip()
    if bare.startswith(":"):
        return _in_command(text, len(text) - len(bare) + 1)
    if bare.startswith("?"):
        return _place_from(text, len(text) - len(bare.lstrip("?")))
    found = tokens(text, tolerant=True)
    if found and any(token.type == kinds.COMMENT and token.end == len(text) for token in found):
        return Place(NOTHING, "", len(text))
    found = [token for token in found if token.type not in _SILENT]
    while found and found[-1].type == kinds.ERROR and found[-1].end == found[-1].start:
        found.pop()
    return _Reader(text, found).place()


def _in_command(text: str, start: int) -> Place:
    name, blank, argument = text[start:].partition(" ")
    if not blank:
        return Place(COMMAND, name, start)
    if name in EXPRESSION_COMMANDS:
        return _place_from(text, start + len(name) + 1)
    return Place(ARGUMENT, argument.lstrip(), len(text) - len(argument.lstrip()), name)


def _place_from(text: str, start: int) -> Place:
    """The place in a program that begins within a text."""
    place = place_in(text[start:])
    place.start += start
    if place.call is not None:
        place.call.start += start
    return place


class _Reader:
    """Reads the tokens from the end."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found

    def place(self) -> Place:
        text, found = self.text, self.tokens
        last = found[-1] if found else None
        if last is not None and last.type == kinds.ERROR and text[last.start : last.start + 1] in ("'", '"'):
            return self._in_string(last)
        if last is not None and last.type == kinds.ERROR:
            return Place(NOTHING, "", len(text))
        if last is not None and last.type in (kinds.NUMBER, kinds.STRING, kinds.BYTES) and last.end == len(text):
            return Place(NOTHING, "", len(text), call=self.call(len(found) - 1))
        start, before = len(text), len(found) - 1
        if last is not None and last.end == len(text) and (last.type == kinds.NAME or last.type in kinds.KEYWORDS):
            start, before = last.start, before - 1
        prefix = text[start:]
        if before >= 0 and found[before].type == ".":
            path = self._dotted_start(before)
            if self._in_import(path - 1) == (MODULE, ""):
                start = found[path].start
                return Place(MODULE, text[start:], start)
            return Place(ATTRIBUTE, prefix, start, self.operand(before - 1), self.call(before))
        imported = self._in_import(before)
        if imported is not None:
            return Place(imported[0], prefix, start, imported[1])
        return Place(NAME, prefix, start, call=self.call(before))

    def _in_string(self, string: Token) -> Place:
        """Within quotes that are still open."""
        quote = self.text[string.start]
        start = string.start + (3 if self.text.startswith(quote * 3, string.start) else 1)
        before = len(self.tokens) - 2
        prefix = self.text[start:]
        if before >= 0 and self.tokens[before].type == "[":
            source = self.operand(before - 1)
            if source:
                return Place(KEY, prefix, start, source)
        return Place(TEXT, prefix, start, call=self.call(before))

    def _in_import(self, last: int) -> tuple[str, str] | None:
        """The kind of place and the module within an import statement."""
        words: list[str] = []
        while last >= 0 and self.tokens[last].type in (kinds.NAME, ".", ",", "(", "import", "from", "as"):
            token = self.tokens[last]
            words.insert(0, self.text[token.start : token.end])
            last -= 1
            if token.type == "from" or (token.type == "import" and (last < 0 or self.tokens[last].type != kinds.NAME)):
                break
        if not words or words[0] not in ("import", "from") or words[-1] == "as":
            return None
        if words[0] == "from" and "import" in words:
            return MEMBER, "".join(words[1 : words.index("import")])
        return (MODULE, "") if words[-1] in ("import", "from", ",") else None

    def _dotted_start(self, dot: int) -> int:
        """The first token of the dotted name that goes on after a dot."""
        position = dot
        while position > 0 and self.tokens[position - 1].type in (kinds.NAME, "."):
            position -= 1
        return position

    def operand(self, last: int) -> str:
        """The text of the value that ends at a token: ``w["a"].T`` in ``x + w["a"].T``; empty where there is none."""
        first = self._operand_start(last)
        return "" if first is None else self.text[self.tokens[first].start : self.tokens[last].end]

    def _operand_start(self, last: int) -> int | None:
        position = last
        while position >= 0:
            kind = self.tokens[position].type
            if kind in _OPENING:
                opening = self._opening(position)
                if opening is None:
                    return None
                position = opening
                if position > 0 and self._ends_operand(position - 1) and kind != "}":
                    position -= 1
                    continue
            elif kind not in (kinds.NAME, kinds.NUMBER, kinds.STRING, kinds.BYTES, "True", "False", "None"):
                return None
            if position > 0 and self.tokens[position - 1].type == ".":
                position -= 2
                continue
            return position
        return None

    def _ends_operand(self, position: int) -> bool:
        token = self.tokens[position]
        return token.type in (kinds.NAME, kinds.STRING, kinds.BYTES) or token.type in (")", "]")

    def _opening(self, closing: int) -> int | None:
        """The bracket that one closes."""
        depth = 0
        for position in range(closing, -1, -1):
            kind = self.tokens[position].type
            if kind in _OPENING:
                depth += 1
            elif kind in _OPENING.values():
                depth -= 1
                if depth == 0:
                    return position if kind == _OPENING[self.tokens[closing].type] else None
        return None

    def call(self, last: int) -> Call | None:
        """The innermost call that is open after a token."""
        opened: list[int] = []
        for position in range(last + 1):
            kind = self.tokens[position].type
            if kind in _OPENING.values():
                opened.append(position)
            elif kind in _OPENING and opened:
                opened.pop()
        for position in reversed(opened):
            if self.tokens[position].type == "(" and position > 0 and self._ends_operand(position - 1):
                function = self.operand(position - 1)
                if position > 1 and self.tokens[position - 2].type == "def":
                    return None
                if function:
                    return self._arguments(function, position + 1, last)
        return None

    def _arguments(self, function: str, first: int, last: int) -> Call:
        """The arguments from one token to another, on the level of the call."""
        place, depth, used, start = 0, 0, set(), first
        keyword = None
        end = len(self.text)
        for position in range(first, last + 1):
            token = self.tokens[position]
            if token.type in _OPENING.values():
                depth += 1
            elif token.type in _OPENING:
                depth -= 1
            elif depth == 0 and token.type == ",":
                if keyword is not None:
                    used.add(keyword)
                end = token.start if place == 0 else end
                place, keyword, start = place + 1, None, position + 1
            elif depth == 0 and token.type == "=" and position == start + 1:
                name = self.tokens[start]
                keyword = self.text[name.start : name.end]
        at = self.tokens[start].start if start < len(self.tokens) else len(self.text)
        opened = self.tokens[first - 1].end
        return Call(function, self.text[opened:end], place, keyword, used, at)
