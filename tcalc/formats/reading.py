"""The one door to the readers: a source in, a tensor and its columns out."""

from __future__ import annotations

from tcalc.formats import sniff, table
from tcalc.formats.loaded import Loaded, TextOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.formats.source import Source


def read(source: Source, stated: str | None = None, options: TextOptions | None = None) -> Loaded:
    """What a source holds. ``stated`` is its format where the user said it."""
    format = sniff.recognise(source, stated)
    return table.module(format.reader).read(source, format.name, options or TextOptions())
