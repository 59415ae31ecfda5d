"""How a text is laid out: its delimiter, its decimal mark and whether its first row names the columns."""

from __future__ import annotations

from tcalc.errors import DataError, UsageError
from tcalc.formats.cells import MISSING, is_number
from tcalc.formats.loaded import Place, TextOptions, data_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SAMPLE_ROWS = 50
_DELIMITERS = ("\t", ";", "|", ",")
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


class Layout:
    """``delimiter`` is None where cells stand apart by any white space."""

    __slots__ = ("decimal", "delimiter", "header")

    def __init__(self, delimiter: str | None, decimal: str, header: bool) -> None:
        self.delimiter = delimiter
        self.decimal = decimal
        self.header = header


class Row:
    """The cells of a row and the line where it starts."""

    __slots__ = ("cells", "line")

    def __init__(self, cells: list[str], line: int) -> None:
        self.cells = cells
        self.line = line


def rows_of(text: str, delimiter: str | None, where: str) -> Iterator[Row]:
    """Every row that is not blank; lines that start with ``#`` and have no delimiter are comments."""
    # Only these end a line; str.splitlines would also break at form feeds and at rare Unicode separators.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if delimiter is not None and '"' in text:
        return _quoted_rows(lines, delimiter, where)
    return _plain_rows(lines, delimiter)


def _plain_rows(lines: Iterable[str], delimiter: str | None) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if is_blank(line, delimiter) or is_comment(line, delimiter):
            continue
        yield Row(line.split() if delimiter is None else [cell.strip() for cell in line.split(delimiter)], number)


def is_blank(line: str, delimiter: str | None) -> bool:
    """Whether there is no row in a line; one of delimiters alone, be they tabs, has empty cells."""
    return not line or (line.isspace() and (delimiter is None or delimiter not in line))


def is_comment(line: str, delimiter: str | None) -> bool:
    """Whether a line stands above or between rows; with a delimiter in it, it may well be the header (``#id,name``)."""
    if delimiter is None:
        return line.lstrip().startswith("#")
    return line.startswith("#") and delimiter not in line


def _quoted_rows(lines: Sequence[str], delimiter: str, where: str) -> Iterator[Row]:
    import csv

    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=not delimiter.isspace(), strict=True
    )
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            problem = "a quoted cell is never closed" if "unexpected end" in str(fault) else str(fault)
            raise data_error(Place(where, start), problem) from None
        if cells is None:
            return
        line = lines[start - 1]
        if len(cells) > 1 or not (is_blank(line, delimiter) or is_comment(line, delimiter)):
            yield Row([cell.strip() for cell in cells], start)
        start = reader.line_num + 1


def sniff(text: str, format: str, options: TextOptions, where: str) -> Layout:
    """The layout of a text, of which a sample of the first rows is looked at."""
    delimiter = named_delimiter(options.delimiter)
    if options.decimal not in (None, ".", ","):
        raise UsageError(f"--decimal: expected . or ,, not {options.decimal!r}")
    if delimiter is not None and delimiter == options.decimal:
        raise UsageError("--delimiter and --decimal are the same character")
    if delimiter is None and format == "tsv":
        delimiter = "\t"
    if delimiter is None:
        candidates: list[str | None] = [mark for mark in _DELIMITERS if mark in text and mark != options.decimal]
        delimiter = _best_delimiter(text, [*candidates, None], options)
        if delimiter is None and format == "csv" and not _is_spaced_table(text, options):
            delimiter = ","
    elif delimiter == " ":
        delimiter = None
    sample = _sample(text, delimiter)
    decimal = options.decimal or _decimal_mark(sample, delimiter)
    header = _has_header(sample, delimiter, decimal) if options.header is None else options.header
    return Layout(delimiter, decimal, header)


def named_delimiter(given: str | None) -> str | None:
    """The character that ``--delimiter`` asks for."""
    if given is None:
        return None
    mark = _NAMED_DELIMITERS.get(given, given)
    if len(mark) != 1 or mark in '"\r\n' or mark.isalnum() or mark in "+-.":
        raise UsageError(f"--delimiter: expected one character such as ',' or tab, not {given!r}")
    return mark


def _sample(text: str, delimiter: str | None) -> list[list[str]]:
    """The first rows, read without complaint: the real reading says what is wrong."""
    return _sampled(text, delimiter)[0]


def _sampled(text: str, delimiter: str | None) -> tuple[list[list[str]], bool]:
    """The first rows, and whether they could be read: a quoted cell may go on beyond the sample, but not the text."""
    head = text[: 1 << 16]
    is_cut = len(head) < len(text)
    if is_cut:
        head = head[: head.rfind("\n") + 1] or head
    rows: list[list[str]] = []
    try:
        for row in rows_of(head, delimiter, ""):
            rows.append(row.cells)
            if len(rows) == _SAMPLE_ROWS:
                break
    except DataError:
        return rows, is_cut
    return rows, True


def _best_delimiter(text: str, candidates: list[str | None], options: TextOptions) -> str | None:
    """The candidate that gives rows of one length, above one, and among several the one that makes most numbers."""
    best: tuple[bool, float, float] = (False, 0.0, 0.0)
    chosen = None
    for candidate in candidates:
        rows, is_readable = _sampled(text, candidate)
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        alike = sum(len(row) == width for row in rows) / len(rows)
        decimal = options.decimal or _decimal_mark(rows, candidate)
        cells = [cell for row in rows for cell in row]
        numeric = sum(cell in MISSING or is_number(cell, decimal) for cell in cells) / len(cells)
        if (is_readable, alike, numeric) > best:
            best, chosen = (is_readable, alike, numeric), candidate
    return chosen


def _is_spaced_table(text: str, options: TextOptions) -> bool:
    """Whether a file that is called CSV is numbers between blanks; in a single column, blanks belong to its texts."""
    rows = _sample(text, None)
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(row) != width for row in rows):
        return False
    cells = [cell for row in rows for cell in row]
    decimal = options.decimal or _decimal_mark(rows, None)
    return 2 * sum(is_number(cell, decimal) for cell in cells) >= len(cells)


def _decimal_mark(rows: list[list[str]], delimiter: str | None) -> str:
    """A comma, where some cells are numbers with one only so, and no cell is one only with a point."""
    if delimiter == ",":
        return "."
    cells = [cell for row in rows for cell in row if "," in cell or "." in cell]
    with_comma = any(is_number(cell, ",") and "," in cell for cell in cells)
    with_point = any(is_number(cell, ".") and "." in cell for cell in cells)
    return "," if with_comma and not with_point else "."


def _has_header(rows: list[list[str]], delimiter: str | None, decimal: str) -> bool:
    """Whether the first row names columns: it has text and no number, and what follows can be a table's body."""
    if not rows:
        return False
    names = rows[0]
    if any(is_number(cell, decimal) for cell in names) or all(cell in MISSING for cell in names):
        return False
    if delimiter is not None and len(names) > 1:
        return True
    if len(names) == 1 and names[0].lstrip("+-.")[:1].isdigit():
        return False  # a number with a fault in it, such as 1_000, names no column
    return any(is_number(cell, decimal) or cell in MISSING for row in rows[1:] for cell in row)
