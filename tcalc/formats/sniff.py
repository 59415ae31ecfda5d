"""Which format bytes are in: their content first, then the file's extension, unless the user said it."""

from __future__ import annotations

from tcalc.errors import UsageError
from tcalc.formats.loaded import data_error
from tcalc.formats.table import BY_EXTENSION, BY_NAME, FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.formats.source import Source
    from tcalc.formats.table import Format

# Endings of data files: a word that ends so is meant as a file, not as an expression such as ``c.text``.
DATA_ENDINGS = frozenset(BY_EXTENSION) - {"text", "dat", "tab"} | {"gz", "bz2", "xz", "zst"}

_PICKLE = "a Python pickle (which could run code)"
# Files that people may hand over and that are none of ours: named, so that the error is clear.
_OTHER_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"), (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"), (b"%PDF", "a PDF document"), (b"\x7fELF", "a program"), (b"\x89HDF", "an HDF5 file"),
    (b"GGUF", "a GGUF model"), (b"\x80\x02", _PICKLE), (b"\x80\x03", _PICKLE), (b"\x80\x04", _PICKLE),
    (b"\x80\x05", _PICKLE),
)  # fmt: skip
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_HEAD = 1 << 16
_SIGNATURE = 128


def extension_of(path: str) -> str:
    """The part after the last dot of a file's name, in lower case."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def check_format(name: str, known: tuple[str, ...], what: str) -> str:
    """The format's name, or a usage error that lists the names there are."""
    if name not in known:
        from tcalc.spelling import closest

        guess = closest(name, known)
        raise UsageError(
            f"{what}: no format {name!r}", hint=f"did you mean {guess}?" if guess else f"there are {', '.join(known)}"
        )
    return name


def by_signature(source: Source) -> Format | None:
    """The format whose signature the source starts with."""
    head = source.head(_SIGNATURE)
    for format in FORMATS:
        if format.signatures and head.startswith(format.signatures):
            return format
        if format.detect is not None and format.detect(head):
            return format
    return None


def recognise(source: Source, stated: str | None = None) -> Format:
    """The format that a source is in; DataError where it is none that tcalc reads."""
    if stated is not None:
        return BY_NAME[stated]
    found = by_signature(source)
    if found is not None:
        return found
    head = source.head(_HEAD)
    if head.startswith(_UTF32_MARKS):
        raise data_error(
            source.name, "this is UTF-32, which tcalc does not read", hint="convert it: iconv -f utf32 -t utf8"
        )
    by_extension = BY_EXTENSION.get(extension_of(source.path)) if source.path else None
    if by_extension is not None and by_extension.is_binary:
        return by_extension  # whose reader says what is wrong with it
    if not head.startswith(_UTF16_MARKS):
        for signature, what in _OTHER_SIGNATURES:
            if head.startswith(signature):
                raise data_error(source.name, f"this is {what}, which tcalc does not read")
        if b"\0" in head:
            raise data_error(source.name, "this is neither text nor a format that tcalc reads")
    if by_extension is None and head[:256].lstrip()[:1] in (b"[", b"{"):
        return BY_NAME["json"]
    return by_extension or BY_NAME["text"]
