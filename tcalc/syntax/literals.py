"""The insides of literals: the spelling of numbers and the escapes of strings.

The functions take the whole source, ended by a sentinel NUL, and a position, so that nothing is ever copied to be
looked at: the lexer's time is linear in the text.
"""

from __future__ import annotations

from tcalc.errors import Span, TcalcSyntaxError

DECIMAL = frozenset("0123456789")
WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

# prefix letter -> (base, its digits, what CPython calls it)
RADIXES = {
    "x": (16, frozenset("0123456789abcdefABCDEF"), "hexadecimal"),
    "o": (8, frozenset("01234567"), "octal"),
    "b": (2, frozenset("01"), "binary"),
}

# Python lets a keyword follow a number without a space: ``1if x else 2``.
KEYWORDS_AFTER_NUMBER = ("and", "else", "for", "if", "in", "is", "not", "or")

MAX_DIGITS = 100_000
# int() refuses long decimal texts by a process-wide setting that may be as low as 640 digits; chunks stay below it.
CHUNK_DIGITS = 600

SIMPLE_ESCAPES = {
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}
OCTAL = RADIXES["o"][1]
HEXADECIMAL = RADIXES["x"][1]


def scan_number(source: str, start: int) -> tuple[int | float | complex, int]:
    """The number that begins at ``start``, and where it ends."""
    if source[start] == "0" and source[start + 1].lower() in RADIXES:
        return _scan_radix(source, start)
    end, is_float = _scan_decimal(source, start)
    text = source[start:end]
    if source[end] in "jJ":
        _verify_end(source, start, end + 1, "imaginary")
        return complex(0.0, float(text)), end + 1
    _verify_end(source, start, end, "decimal")
    if is_float:
        return float(text), end
    if len(text) > 1 and text[0] == "0" and text.strip("0_"):
        raise _fault(
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            start,
            end,
        )
    return _integer(text, start), end


def _scan_decimal(source: str, start: int) -> tuple[int, bool]:
    """The end of digits, fraction and exponent, and whether there was one of the latter two."""
    end = _digits_end(source, start, start, DECIMAL, "decimal")
    is_float = source[end] == "."
    if is_float:
        end += 1
        if source[end] in DECIMAL:
            end = _digits_end(source, start, end, DECIMAL, "decimal")
    if source[end] in "eE":
        signed = source[end + 1] in "+-"
        digits = end + 2 if signed else end + 1
        if source[digits] in DECIMAL:
            return _digits_end(source, start, digits, DECIMAL, "decimal"), True
        if signed:
            raise _fault("invalid decimal literal", start, digits)
    return end, is_float


def _scan_radix(source: str, start: int) -> tuple[int, int]:
    base, digits, name = RADIXES[source[start + 1].lower()]
    first = start + 3 if source[start + 2] == "_" else start + 2
    if source[first] not in digits and source[first] not in DECIMAL:
        raise _fault(f"invalid {name} literal", start, first)
    end = _digits_end(source, start, first, digits, name)
    if source[end] in DECIMAL:
        raise _fault(f"invalid digit '{source[end]}' in {name} literal", end, end + 1)
    _verify_end(source, start, end, name)
    if end - start > MAX_DIGITS:
        raise _too_long(end - start, start, end)
    return int(source[first:end], base), end


def _digits_end(source: str, start: int, position: int, digits: frozenset[str], name: str) -> int:
    """The end of a run of digits with single underscores between them."""
    while True:
        while source[position] in digits:
            position += 1
        if source[position] != "_":
            return position
        if source[position + 1] not in digits and not (source[position + 1] in DECIMAL and name != "decimal"):
            raise _fault(f"invalid {name} literal", start, position + 1)
        position += 1
        if source[position] not in digits:
            return position  # a digit that the base does not have; the caller names it


def _verify_end(source: str, start: int, end: int, name: str) -> None:
    """A number is followed by no letter or digit, but a keyword may touch it."""
    following = source[end]
    if (following in WORD or (following > "\x7f" and following.isidentifier())) and not source.startswith(
        KEYWORDS_AFTER_NUMBER, end
    ):
        raise _fault(f"invalid {name} literal", start, end + 1)


def _integer(text: str, start: int) -> int:
    if len(text) <= CHUNK_DIGITS:
        return int(text)
    digits = text.replace("_", "")
    if len(digits) > MAX_DIGITS:
        raise _too_long(len(digits), start, start + len(text))
    return _long_integer(digits)


def _long_integer(digits: str) -> int:
    """By halves, so that the multiplications are few and large."""
    if len(digits) <= CHUNK_DIGITS:
        return int(digits)
    low = len(digits) // 2
    return _long_integer(digits[:-low]) * 10**low + _long_integer(digits[-low:])


def _too_long(count: int, start: int, end: int) -> TcalcSyntaxError:
    return _fault(f"an integer literal of {count} digits exceeds the limit of {MAX_DIGITS} digits", start, end)


def unescape(text: str, offset: int) -> str:
    """The value of the inside of a string literal; ``offset`` is its place in the source, for errors."""
    first = text.find("\\")
    if first < 0:
        return text
    parts = [text[:first]]
    position = first
    while position < len(text):
        value, position = _escape(text, position, offset)
        parts.append(value)
        following = text.find("\\", position)
        if following < 0:
            following = len(text)
        parts.append(text[position:following])
        position = following
    return "".join(parts)


def unescape_bytes(text: str, offset: int) -> bytes:
    """The value of the inside of a bytes literal, whose characters are ASCII."""
    parts = []
    position = 0
    while position < len(text):
        backslash = text.find("\\", position)
        if backslash < 0:
            backslash = len(text)
        parts.append(text[position:backslash])
        position = backslash
        if position < len(text):
            value, position = _byte_escape(text, position, offset)
            parts.append(value)
    return "".join(parts).encode("latin-1")


def _byte_escape(text: str, position: int, offset: int) -> tuple[str, int]:
    """The byte of the escape at ``position``, as a character, and the position after it."""
    letter = text[position + 1 : position + 2]
    if letter in OCTAL:
        value, end = _escape(text, position, offset)
        return chr(ord(value) & 0xFF), end
    if letter == "x":
        digits = text[position + 2 : position + 4]
        if len(digits) < 2 or not HEXADECIMAL.issuperset(digits):
            end = offset + position + 2 + len(digits)
            raise _fault(f"(value error) invalid \\x escape at position {position}", offset + position, end)
        return chr(int(digits, 16)), position + 4
    if letter in SIMPLE_ESCAPES:
        return SIMPLE_ESCAPES[letter], position + 2
    return "\\", position + 1  # no escape: the backslash stands for itself


def _escape(text: str, position: int, offset: int) -> tuple[str, int]:
    """The value of the escape at ``position``, and the position after it."""
    letter = text[position + 1 : position + 2]
    if letter in SIMPLE_ESCAPES:
        return SIMPLE_ESCAPES[letter], position + 2
    if letter in OCTAL:
        end = position + 2
        while end < position + 4 and text[end : end + 1] in OCTAL:
            end += 1
        return chr(int(text[position + 1 : end], 8)), end
    if letter in HEX_ESCAPES:
        return _hex_escape(text, position, offset)
    if letter == "N":
        return _named_escape(text, position, offset)
    return "\\", position + 1  # no escape: the backslash stands for itself


def _hex_escape(text: str, position: int, offset: int) -> tuple[str, int]:
    letter = text[position + 1]
    width = HEX_ESCAPES[letter]
    digits = text[position + 2 : position + 2 + width]
    end = position + 2 + len(digits)
    if len(digits) < width or not HEXADECIMAL.issuperset(digits):
        raise _fault(f"(unicode error) truncated \\{letter}{'X' * width} escape", offset + position, offset + end)
    code = int(digits, 16)
    if code > 0x10FFFF:
        raise _fault("(unicode error) illegal Unicode character", offset + position, offset + end)
    return chr(code), end


def _named_escape(text: str, position: int, offset: int) -> tuple[str, int]:
    close = text.find("}", position)
    if text[position + 2 : position + 3] != "{" or close <= position + 3:
        raise _fault("(unicode error) malformed \\N character escape", offset + position, offset + position + 2)
    import unicodedata  # a megabyte of names that hardly a program wants

    try:
        value = unicodedata.lookup(text[position + 3 : close])
    except KeyError:
        value = ""
    if len(value) != 1:
        raise _fault("(unicode error) unknown Unicode character name", offset + position, offset + close + 1)
    return value, close + 1


def _fault(message: str, start: int, end: int) -> TcalcSyntaxError:
    return TcalcSyntaxError(message, Span(start, end))
