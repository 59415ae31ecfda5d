"""Bytes to characters and back: UTF-8 unless a mark says UTF-16. The locale is never asked."""

from __future__ import annotations

from tcalc.formats.loaded import Place, data_error

UTF8_MARK = b"\xef\xbb\xbf"
_MARKS = ((UTF8_MARK, "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def without_mark(data: bytes | bytearray, where: str) -> bytes | bytearray:
    """UTF-8 text without its byte order mark."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            return rest if encoding == "utf-8" else decoded(rest, where, encoding).encode("utf-8")
    return data


def decoded(data: bytes | bytearray, where: str, encoding: str = "utf-8", line: int = 0) -> str:
    """The text; a byte that is none is reported with its line, which is counted from ``line`` on."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        line += data.count(b"\n", 0, fault.start) + 1
        if encoding != "utf-8":
            raise data_error(Place(where, line), f"the text is not {encoding.upper()[:6]}") from None
        raise data_error(
            Place(where, line),
            f"the byte 0x{data[fault.start]:02x} is not UTF-8",
            hint="convert the file first, for example with iconv -f latin1 -t utf8",
        ) from None


def encoded(text: str) -> bytes:
    """The bytes of a text; surrogates that came from the names of files are the bytes that they were."""
    return text.encode("utf-8", "surrogateescape" if _is_clean(text) else "replace")


def _is_clean(text: str) -> bool:
    """Whether every lone surrogate stands for a byte, as in the name of a file."""
    if text.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" and not "\udc80" <= character <= "\udcff" for character in text)
