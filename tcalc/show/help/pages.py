"""The pages of help: which one a name means, and what stands in it."""

from __future__ import annotations

from textwrap import wrap

from tcalc.engine import dtypes
from tcalc.engine.bundle import Bundle
from tcalc.engine.dtypes import DType
from tcalc.engine.table import Table
from tcalc.engine.tensor import Tensor
from tcalc.ops import registry
from tcalc.ops.registry import Attribute, Method, Record
from tcalc.show.help import index, language, operators
from tcalc.show.help.functions import WIDTH, doc_lines, function_lines
from tcalc.show.help.language import Topic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_HOW = (
    ('help("sum")', "a function, with examples; in the shell also ?sum or sum?"),
    ('help("linalg")', "all functions of a family or a namespace"),
    ('help("@")', 'an operator; help("operators") lists them all'),
    ('help("for")', "a part of the language, from the list at the end"),
    ('search("mean")', "whatever has the word in its name or summary"),
)


def find(name: str, session: Any) -> list[str] | None:
    """The lines of the page that a name means: variables first, as in a program."""
    if not name:
        return overview_lines(session)
    if session is not None and name in session.variables:
        return about(session.variables[name], session, name)
    for topic in _outer(session):
        if name == topic.name or name in topic.words:
            return topic_lines(topic)
    rows = operators.named(name)
    if rows:
        lines = operators.page_lines(rows)
        more = language.find(name) if name.isalpha() else None
        return lines if more is None else [*lines, "", *topic_lines(more)]
    if name in ("operators", "operator", "precedence"):
        return operators.table_lines()
    return _named(name, session)


def _named(name: str, session: Any) -> list[str] | None:
    """A function, a family or namespace, a word of the language, a dtype, or what the session knows by the name."""
    exact = next((topic for topic in language.topics() if topic.name == name), None)
    if exact is not None and name not in ("names", "numbers"):
        return topic_lines(exact)
    entry = index.find(name)
    if name in getattr(session, "own_names", ()):
        lines = callable_lines(_looked_up(name, session))
        return lines if entry is None else [*lines, "", f"{entry.path} is another function", f"  {entry.summary}"]
    if entry is not None and (entry.signature or "." in name or entry.path.startswith("Tensor.")):
        return _of_entry(entry, name, session)
    if name in index.FAMILIES:
        return family_lines(name)
    dtype = _dtype(name)
    if dtype is not None:
        return dtype_lines(dtype)
    value = _looked_up(name, session)
    if value is not None:
        return about(value, session, name)
    topic = language.find(name)
    return None if topic is None else topic_lines(topic)


def _of_entry(entry: index.Entry, name: str, session: Any) -> list[str]:
    value = index.value_of(entry.path)
    if not isinstance(value, (Record, Method, Attribute)):
        return about(value, session, name)
    lines = function_lines(value, entry.path)
    builtin: Any = _looked_up(name, session) if "." not in name else None
    if _is_plain(builtin):
        lines += ["", f"Without a tensor: {builtin.signature}", *doc_lines(builtin.doc)]
    return lines


def _is_plain(value: Any) -> bool:
    """Whether a value is a builtin of Python's or of the calculator's own, and of no module."""
    return getattr(value, "path", None) == "" and bool(getattr(value, "doc", None))


def _dtype(name: str) -> DType | None:
    short = name.removeprefix("torch.")
    known = {dtype.name: dtype for dtype in dtypes.ALL} | dtypes.ALIASES
    if short == name and short in ("float", "int", "bool", "complex"):
        return None  # Python's own types
    return known.get(short)


def _looked_up(name: str, session: Any) -> Any:
    """What a dotted name means to the session, or None."""
    lookup = getattr(session, "lookup", None)
    return None if lookup is None else lookup(name)


def _outer(session: Any) -> Iterable[Topic]:
    """The topics of the layers above."""
    for shelf in getattr(session, "shelves", ()):
        yield from shelf()


# ---------------------------------------------------------------- pages


def about(value: Any, session: Any, name: str = "") -> list[str]:
    """The page about a value."""
    record = getattr(value, "record", value)  # a bound method, or a function of numbers that is torch's too
    if isinstance(value, Method):
        record = value
    if isinstance(record, Method):
        return function_lines(record, f"Tensor.{record.name}")
    if isinstance(record, Record):
        place = "Tensor" if record.namespace == "torch.Tensor" else record.namespace
        return function_lines(record, f"{place}.{record.name}")
    if isinstance(value, Attribute):
        return function_lines(value, f"Tensor.{value.name}")
    if _is_plain(value) and value.name in getattr(session, "own_names", ()):
        return _named(value.name, session) or callable_lines(value)
    entry = index.find(value.name) if _is_plain(value) and value is _looked_up(value.name, session) else None
    if entry is not None and entry.path == f"torch.{value.name}":
        return _of_entry(entry, value.name, session)
    if isinstance(value, DType):
        return dtype_lines(value)
    if isinstance(value, list) and session is not None:
        value = session.shown_value(value)  # a literal is a tensor
    if isinstance(value, Tensor):
        return _tensor_lines(value, name)
    if isinstance(value, (Table, Bundle)):
        return _data_lines(value, name)
    names = getattr(value, "names", None)
    if hasattr(value, "path") and callable(names):
        return namespace_lines(value)
    if hasattr(value, "invoke"):
        return [*callable_lines(value), *(_members() if getattr(value, "printed", "") == "torch.Tensor" else [])]
    return _value_lines(value, name, session)


def _tensor_lines(tensor: Tensor, name: str) -> list[str]:
    from tcalc.show.facts import facts_line

    called = name or "x"
    return [
        f"{called} is a tensor: {facts_line(tensor)}",
        "",
        f'  help("{called}.sum") and the like describe its methods.',
    ]


def _data_lines(value: Table | Bundle, name: str) -> list[str]:
    """What a table or a bundle holds, and how to get at it."""
    from tcalc.show.describe import description

    called = name or "It"
    if isinstance(value, Table):
        how = 'Columns are c.name, c["a name"] or c[0], rows c[mask]; help("inputs") tells more.'
        return [*description(called, None, value).rstrip().split("\n"), "", f"  {how}"]
    how = 'Tensors are w["name"], several w["layer.*"]; they are read when they are touched.'
    return [*description(called, value, None).rstrip().split("\n"), "", f"  {how}"]


def _members() -> list[str]:
    """What every tensor has."""
    methods = sorted(name for name in registry.methods if not name.endswith("_"))
    attributes = sorted(registry.attributes)
    lines = []
    for title, names in (("Attributes", attributes), ("Methods", methods)):
        lines += ["", title, *wrap("  ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ")]
    return lines


def _value_lines(value: Any, name: str, session: Any) -> list[str]:
    from tcalc.show.text import escape_control, repr_text

    shown = escape_control(repr_text(value)).split("\n")[0]
    kind = type(value).__name__ if session is None else session.type_name(value)
    return [f"{name or 'It'} is a value of type {kind}: {shown[: WIDTH - 30]}{'…' if len(shown) > WIDTH - 30 else ''}"]


def callable_lines(value: Any) -> list[str]:
    """A function that has no record: Python's, NumPy's, the program's own, or a type."""
    place = f"{value.path}.".removeprefix("builtins.") if getattr(value, "path", "") else ""
    lines = [f"{place}{getattr(value, 'signature', '') or value.name + '(…)'}"]
    doc = getattr(value, "doc", None)
    if not doc:
        return lines
    if place.startswith("numpy."):
        return [
            *lines,
            "",
            "  NumPy's function. In NumPy's words:",
            "",
            *(f"  {line}".rstrip() for line in doc.split("\n")),
        ]
    return [*lines, "", *doc_lines(doc)]


def topic_lines(topic: Topic) -> list[str]:
    """A topic: its name and summary, its paragraphs, its examples."""
    lines = [f"{topic.name}   {topic.summary}"]
    for paragraph in topic.text.split("\n\n"):
        if paragraph.startswith(">>>"):
            lines += ["", *(f"  {line}".rstrip() for line in paragraph.split("\n"))]
        elif paragraph:
            lines += ["", *wrap(" ".join(paragraph.split()), WIDTH, initial_indent="  ", subsequent_indent="  ")]
    return lines


def dtype_lines(dtype: DType) -> list[str]:
    """An element type: its kind and size, its range, its other names."""
    kind = ("truth values", "whole numbers", "floating-point numbers", "complex numbers")[dtype.category]
    signed = "" if dtype.category != dtypes.INTEGER else ", signed" if dtype.is_signed else ", unsigned"
    lines = [f"torch.{dtype.name}   {kind}{signed}, {_bytes(dtype.itemsize)} each", ""]
    if dtype.category in (dtypes.INTEGER, dtypes.FLOAT):
        lines += _range(dtype)
    others = [name for name, other in dtypes.ALIASES.items() if other is dtype and name != dtype.name]
    if others:
        lines.append(f"  Also called   {', '.join('torch.' + name for name in others)}")
    lines.append(f"  Convert       x.to({dtype.name}), zeros(2, dtype={dtype.name})")
    if dtype.is_reduced:
        lines.append(f"  Arithmetic is done in {dtype.computed_as.name} and rounded once.")
    return lines


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


def _range(dtype: DType) -> list[str]:
    from tcalc.engine.type_info import FloatInfo, IntegerInfo

    if dtype.category == dtypes.INTEGER:
        whole = IntegerInfo(dtype)
        return [f"  Range         {whole.min} to {whole.max}"]
    info = FloatInfo(dtype)
    return [
        f"  Range         {info.min:g} to {info.max:g}, smallest normal {info.tiny:g}",
        f"  Precision     eps {info.eps:g}",
    ]


def family_lines(family: str) -> list[str]:
    """All functions of a family with their summaries."""
    title, _ = index.FAMILIES[family]
    entries = [entry for entry in index.in_family(family) if entry.signature and not entry.name.endswith("_")]
    return [f"{title} ({family})", "", *_listed(entries)]


def namespace_lines(namespace: Any) -> list[str]:
    """All names of a namespace; for torch's with their summaries."""
    path = namespace.path
    inner = [entry for entry in index.entries().values() if entry.path.rpartition(".")[0] == path and entry.signature]
    if inner and path != "torch":
        return [path, "", *_listed(inner)]
    if path == "torch":
        return _torch_lines()
    names = sorted({name for name in namespace.names() if not name.startswith("_")}, key=str.lower)
    return [path, "", *wrap("  ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ")]


def _torch_lines() -> list[str]:
    """The functions of torch by family."""
    lines = ["torch"]
    for family, (title, _) in index.FAMILIES.items():
        found = [entry for entry in index.in_family(family) if entry.signature and not entry.name.endswith("_")]
        names = [entry.name for entry in found if entry.path.rpartition(".")[0] == "torch"]
        if names:
            lines += ["", title, *wrap("  ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ")]
    return lines


def _listed(entries: list[index.Entry]) -> list[str]:
    from tcalc.show.help import _clipped

    if not entries:
        return []
    width = min(max(len(entry.written) for entry in entries), 28)
    return [f"  {entry.written:<{width}}  {_clipped(entry.summary, WIDTH - width - 4)}" for entry in entries]


def overview_lines(session: Any) -> list[str]:
    """How to ask, the families with their best known functions, and the words of the language."""
    lines = ["tcalc: a tensor calculator in PyTorch's words", ""]
    lines += [f"  {how:<16}  {what}" for how, what in _HOW]
    lines += ["", "Functions"]
    for family, (title, names) in index.FAMILIES.items():
        count = sum(1 for entry in index.in_family(family) if entry.signature and not entry.name.endswith("_"))
        lines += _hanging(f"{family} ({count})", f"{title}: {'  '.join(names.split())} …")
    own = list(getattr(session, "own_names", ()))
    if own:
        lines += _hanging("tcalc's own", "  ".join(own))
    lines += ["", "Language"]
    for title, topics in language.SECTIONS:
        lines += _hanging(title.lower(), "  ".join(topic.name for topic in topics))
    outer = [topic.name for topic in _outer(session)]
    for title, mark in (("options", "-"), ("commands", ":")):
        found = [name for name in outer if name.startswith(mark)]
        if found:
            lines += _hanging(title, "  ".join(found))
    return lines


def _hanging(head: str, text: str) -> list[str]:
    indent = " " * 20
    return wrap(text, WIDTH, initial_indent=f"  {head:<17} ", subsequent_indent=indent, break_on_hyphens=False)


def summary_of(name: str, session: Any) -> str:
    """One line about a name that only the session knows: a builtin, a function of NumPy or of the program."""
    value = _looked_up(name, session)
    doc = getattr(value, "doc", None)
    return index.plain(" ".join(doc.strip().partition("\n\n")[0].split())) if isinstance(doc, str) else ""
