"""Constants that are only names: how a tensor lies in memory."""

from __future__ import annotations


class Word:
    """A value that prints as its name."""

    __slots__ = ("text",)

    printed_type = ""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Layout(Word):
    """``torch.strided``, and the layouts that tcalc has not."""

    __slots__ = ()

    printed_type = "torch.layout"


class MemoryFormat(Word):
    """``torch.contiguous_format`` and its like: the order of the dimensions in memory."""

    __slots__ = ()

    printed_type = "torch.memory_format"
