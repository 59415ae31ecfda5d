"""Which format bytes are in: their content first, then the file's extension, unless the user said it."""

from __future__ import annotations

from tcalc.errors import UsageError
from tcalc.formats.loaded import data_error

READABLE = ("text", "csv", "tsv", "npy")
WRITABLE = ("text", "csv", "tsv", "npy", "repr", "pretty")
BINARY = ("npy",)

EXTENSIONS = {
    "txt": "text", "text": "text", "dat": "text", "csv": "csv", "tsv": "tsv", "tab": "tsv", "npy": "npy",
}  # fmt: skip

# Endings of data files: a word that ends so is meant as a file, not as an expression such as ``c.text``.
DATA_ENDINGS = frozenset(
    ("txt", "csv", "tsv", "npy", "npz", "json", "jsonl", "safetensors", "pt", "pth", "parquet", "arrow", "feather")
)

NPY_MAGIC = b"\x93NUMPY"

# Files that people may hand over and that are none of the above: named, so that the error is clear.
_OTHER_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"), (b"PAR1", "a Parquet file"), (b"ARROW1", "an Arrow file"),
    (b"\x1f\x8b", "compressed by gzip"), (b"BZh", "compressed by bzip2"), (b"\xfd7zXZ\x00", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"), (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"), (b"%PDF", "a PDF document"), (b"\x7fELF", "a program"), (b"\x89HDF", "an HDF5 file"),
)  # fmt: skip
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")


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


def recognise(data: bytes | bytearray, where: str, path: str | None = None, stated: str | None = None) -> str:
    """The name of the format that ``data`` is in."""
    if stated is not None:
        return stated
    if data.startswith(NPY_MAGIC):
        return "npy"
    if data.startswith(_UTF32_MARKS):
        raise data_error(where, "this is UTF-32, which tcalc does not read", hint="convert it: iconv -f utf32 -t utf8")
    by_extension = EXTENSIONS.get(extension_of(path)) if path else None
    if by_extension == "npy":
        return "npy"  # whose reader says what is wrong with it
    if not data.startswith(_UTF16_MARKS):
        for signature, what in _OTHER_SIGNATURES:
            if data.startswith(signature):
                raise data_error(where, f"this is {what}, which tcalc does not read")
        if b"\0" in data[:65536]:
            raise data_error(where, "this is neither text nor a format that tcalc reads")
    if by_extension is None and data[:256].lstrip()[:1] in (b"[", b"{"):
        raise data_error(where, "this looks like JSON, which tcalc does not read", hint="say --from text if it is not")
    return by_extension or "text"
