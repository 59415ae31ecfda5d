"""``?`` and its friends: an overview, the page about a name, or what has the word in its name or summary."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.shell.repl import Shell


def answer(shell: Shell, name: str) -> None:
    """Help about ``name``; without one, an overview."""
    from tcalc.show import help as helping

    session, name = shell.session, name.strip("'\"")
    with session.entered():
        if not name:
            text = helping.overview(session)
        else:
            text = helping.page(name, session) or helping.search_text(name, session)
    shell.page(text)
