"""The menu of prompt_toolkit, filled in a thread of its own."""

from __future__ import annotations

from prompt_toolkit.completion import Completer, Completion

from tcalc.shell.completion import place as places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from tcalc.shell.repl import Shell

_SHOWN_CALL = 40
_SHOWN_SUMMARY = 60
# Letters of a name after which the menu comes by itself.
_ENOUGH = 2


class ShellCompleter(Completer):
    """Completes what is before the cursor."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        place = places.place_in(document.text_before_cursor)
        if not complete_event.completion_requested and not _comes_by_itself(place):
            return
        self._shell.loader.wait()  # a menu that is late comes nevertheless
        from tcalc.shell.completion.candidates import candidates

        try:
            found = candidates(self._shell.session, place)
        except Exception:  # a menu must never be in anybody's way
            return
        if [candidate.text for candidate in found] == [place.prefix]:
            return
        for candidate in found:
            yield Completion(
                candidate.text,
                start_position=place.start - document.cursor_position,
                display=_cut(candidate.shown, _SHOWN_CALL),
                display_meta=_cut(candidate.summary, _SHOWN_SUMMARY),
            )


def _comes_by_itself(place: places.Place) -> bool:
    if place.kind in (places.ATTRIBUTE, places.KEY, places.COMMAND, places.ARGUMENT, places.TEXT):
        return True
    if place.kind == places.NAME and place.call is not None and place.call.keyword in ("dtype", "device"):
        return True
    return len(place.prefix) >= _ENOUGH


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
