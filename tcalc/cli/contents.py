"""``tcalc FILE``: what is in it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.cli.inputs import Input
    from tcalc.cli.invocation import Invocation
    from tcalc.cli.output import Results
    from tcalc.cli.streams import Output
    from tcalc.formats.loaded import Loaded


def show(loaded: list[tuple[Input, Loaded]], invocation: Invocation, output: Output) -> int:
    """Describe inputs, or write them in the format that ``-o`` asks for."""
    if invocation.to is not None:
        from tcalc.cli.output import Results

        with Results(invocation, output) as results:
            for _, data in loaded:
                results.put(_whole(data, results))
            results.finish()
        return 0
    for item, data in loaded:
        _describe("standard input" if item.path == "-" else item.path, data, invocation, output)
    return 0


def _whole(data: Loaded, results: Results) -> Any:
    """An input in the format that was asked for. As text, the tensors of a binary file are listed, not written out."""
    from tcalc.formats.table import BY_NAME

    if results.format in ("json", "jsonl", "csv", "tsv") and BY_NAME[data.format].is_binary:
        from tcalc.show.listing import Listing, is_listed

        if is_listed(data.x):
            listing = Listing(data.x)
            return listing.data() if results.format == "json" else listing.table()
    return data.table if data.table is not None and not results.is_binary else data.x


def _describe(name: str, data: Loaded, invocation: Invocation, output: Output) -> None:
    if output.is_terminal and data.table is None:
        from tcalc.show.listing import Listing, is_listed, print_listing

        if is_listed(data.x):
            from tcalc.cli.output import wants_color

            color = wants_color(invocation.color, output.is_terminal)
            print_listing(name, Listing(data.x), color=color, file=output)  # type: ignore[arg-type]
            return
    from tcalc.show.describe import description

    output.write(description(name, data.x, data.table))
