"""The one door to the readers: bytes in, a tensor and its columns out."""

from __future__ import annotations

from tcalc.formats import sniff
from tcalc.formats.loaded import Loaded, TextOptions


def read(data: bytes | bytearray, where: str, path: str | None, stated: str | None, options: TextOptions) -> Loaded:
    """What ``data`` holds. ``where`` names it in messages, ``path`` is its file, ``stated`` its format where known."""
    format = sniff.recognise(data, where, path, stated)
    if format == "npy":
        from tcalc.formats import npy

        return npy.read(data, where)
    from tcalc.formats import text

    return text.read(data, where, format, options)
