"""Lines as they come from a source: a block of whole lines for every piece that arrives."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tcalc.formats.source import Source

_PIECE = 1 << 16


class LineBlock:
    """Whole lines as bytes, and the number of the first."""

    __slots__ = ("data", "first")

    def __init__(self, data: bytes, first: int) -> None:
        self.data = data
        self.first = first

    def text(self) -> str:
        """The lines; a byte that is not UTF-8 goes through unchanged, so that any text can be filtered."""
        return self.data.decode("utf-8", "surrogateescape")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line without its end, after its number."""
        text = self.text()
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        return enumerate(text.removesuffix("\n").split("\n"), self.first)


def blocks(source: Source) -> Iterator[LineBlock]:
    """The lines of a source, as soon as they are there."""
    from tcalc.engine.state import current

    meter = current().meter
    number = 1
    begun: list[bytes] = []  # the pieces of a line whose end has not come yet
    for piece in _pieces(source):
        end = piece.rfind(b"\n") + 1
        if not end:
            meter.allocate(len(piece), source.name)
            begun.append(piece)
            continue
        block = LineBlock(b"".join([*begun, piece[:end]]), number)
        begun = [piece[end:]] if end < len(piece) else []
        number += block.data.count(b"\n")
        yield block
    if begun:
        yield LineBlock(b"".join(begun), number)


def _pieces(source: Source) -> Iterator[bytes]:
    """The bytes as UTF-8 without a mark."""
    # A byte of a stream is only waited for where it can matter.
    if source.head(1) in (b"\xff", b"\xfe") and source.head(2) in (b"\xff\xfe", b"\xfe\xff"):
        yield from _recoded(source)
        return
    if source.head(1) == b"\xef" and source.head(3) == b"\xef\xbb\xbf":
        source.read(3)
    while piece := source.read(_PIECE):
        yield piece


def _recoded(source: Source) -> Iterator[bytes]:
    """Marked UTF-16 as UTF-8."""
    from codecs import getincrementaldecoder

    from tcalc.formats.loaded import data_error

    decoder = getincrementaldecoder("utf-16")()
    while True:
        piece = source.read(_PIECE)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            raise data_error(source.name, "the text is not UTF-16") from None
        if text:
            yield text.encode("utf-8")
        if not piece:
            return
