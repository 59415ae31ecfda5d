"""Help for a function of the registry: everything that its record says, as lines of text."""

from __future__ import annotations

import re
from textwrap import dedent, wrap

from tcalc.ops import registry
from tcalc.ops.registry import Attribute, Method, Record
from tcalc.show.help import index
from tcalc.show.help.operators import written
from tcalc.syntax.operators import OPERATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.ops.binding import Parameter

WIDTH = 80
_RELATED = 10

# What a parameter's annotation says, in words.
_KINDS = {
    "Tensor": "tensor", "Floating": "tensor", "Operand": "tensor", "Mixed": "tensor or number", "Number": "number",
    "Tensors": "tensors in a list or tuple", "int": "int", "float": "number", "bool": "bool", "str": "text",
    "Ints": "int or ints", "Sizes": "ints", "Floats": "numbers", "DType": "dtype", "Device": "device",
    "Generator": "generator",
}  # fmt: skip

# Parameters that mean the same everywhere; a function's own text says what is particular.
_PARAMETERS = {
    "dim": "dimension, counted from 0; negative ones count from the end",
    "keepdim": "keep the reduced dimensions, with size 1",
    "dtype": "element type of the result",
    "device": "where the result lives",
    "out": "tensor that the result is written into",
    "requires_grad": "record operations on the result for gradients",
    "generator": "source of the random numbers",
    "layout": "accepted; tensors here are strided",
    "pin_memory": "accepted; changes nothing here",
    "memory_format": "order of the dimensions in memory",
    "size": "sizes of the dimensions",
    "alpha": "factor of the second operand",
    "reduction": '"mean", "sum" or "none"',
    "size_average": "accepted; older way to say reduction",
    "reduce": "accepted; older way to say reduction",
    "eps": "small number that keeps a divisor from zero",
    "inplace": "write the result into the input",
    "training": "whether the model is being trained",
    "equal_nan": "whether nan equals nan",
    "rtol": "relative tolerance",
    "atol": "absolute tolerance",
    "kernel_size": "size of the window",
    "stride": "step of the window",
    "padding": "zeros added at each side",
    "dilation": "distance between the elements of a window",
    "groups": "number of groups of channels that do not mix",
    "ceil_mode": "let a last window reach over the edge",
    "bias": "added to each channel of the result",
    "descending": "largest first",
}


def function_lines(value: Record | Method | Attribute, path: str) -> list[str]:
    """The page of a record, method or attribute under the name ``path``."""
    if isinstance(value, Attribute):
        lines = [f"x.{value.name}", ""]
        writable = ["  It may be assigned to.", ""] if value.write is not None else []
        return [*lines, *doc_lines(value.doc), "", *writable][:-1]
    record = value.record if isinstance(value, Method) else value
    lines = [*_signature(value, path), ""]
    if isinstance(value, Method) and value.inplace:
        lines += [f"  The in-place form of {record.name}: the result is written into x.", ""]
    lines += doc_lines(record.doc)
    for title, body in (("Parameters", _parameters(value)), ("Forms", _forms(record)), ("See also", _related(path))):
        if body:
            lines += ["", title, *body]
    return lines


def _signature(value: Record | Method, path: str) -> list[str]:
    """The call, over several lines where one is too narrow."""
    text = registry.signature_text(value)
    if isinstance(value, Method) or path.startswith("Tensor."):
        text = f"x.{text}"
    elif path in index.entries():
        text = index.entries()[path].written.removesuffix(value.name) + text
    if len(text) <= WIDTH:
        return [text]
    head, _, rest = text.partition("(")
    return wrap(f"{head}({rest}", WIDTH, subsequent_indent=" " * (len(head) + 1), break_long_words=False)


def doc_lines(doc: str) -> list[str]:
    """A docstring as lines of help: prose wrapped, examples as they stand under their heading."""
    first, _, rest = doc.strip("\n").partition("\n")
    text = f"{first.strip()}\n{dedent(rest)}"
    prose, examples = [], []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        paragraph = dedent(paragraph)
        if paragraph.startswith(">>>"):
            examples += [f"  {line}".rstrip() for line in paragraph.replace("<BLANKLINE>", "").split("\n")]
        else:
            prose += ["", *_wrapped(index.plain(paragraph))]
    return [*prose[1:], *(["", "Examples", *examples] if examples else [])]


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return wrap(
        " ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _parameters(value: Record | Method) -> list[str]:
    """A line a parameter: its name, what it takes, its default, and what it means where that is always the same."""
    parameters = value.signature.parameters
    if isinstance(value, Method):
        parameters = parameters[1:]
    record = value.record if isinstance(value, Method) else value
    rows = [(_name(parameter), _taken(parameter), _PARAMETERS.get(parameter.name, "")) for parameter in parameters]
    if record.out and isinstance(value, Record) and not any(name == "out" for name, _, _ in rows):
        rows.append(("out", "tensor = None", _PARAMETERS["out"]))
    if not rows:
        return []
    name_width = max(len(name) for name, _, _ in rows)
    taken_width = min(max(len(taken) for _, taken, _ in rows), 30)
    indent = " " * (name_width + taken_width + 6)
    lines = []
    for name, taken, meaning in rows:
        head = f"  {name:<{name_width}}  {taken:<{taken_width}}  "
        lines += wrap(meaning, WIDTH, initial_indent=head, subsequent_indent=indent) or [head.rstrip()]
    return lines


def _name(parameter: Parameter) -> str:
    return f"*{parameter.name}" if parameter.default == () and not parameter.keyword_only else parameter.name


def _taken(parameter: Parameter) -> str:
    kinds = [_KINDS.get(kind, "") for kind in parameter.annotation.split(" | ") if kind != "None"]
    words = " or ".join(dict.fromkeys(filter(None, kinds)))
    if parameter.required or parameter.default == ():
        return words
    return f"{words} = {_shown(parameter.default)}".strip()


def _shown(default: Any) -> str:
    return "..." if default is Ellipsis else repr(default)


def _forms(record: Record) -> list[str]:
    """The ways in which the function can be called, and the operator that calls it."""
    rest = ", …" if len(record.signature.parameters) > 1 else ""
    lines = []
    if record.namespace == "torch" and record.is_method:
        lines.append(f"  torch.{record.name}(x{rest})   x.{record.name}({rest.removeprefix(', ')})")
    if record.inplace:
        lines.append(f"  x.{record.name}_({rest.removeprefix(', ')}) writes the result into x")
    rows = [row for row in OPERATORS if row.name == record.name and record.namespace == "torch"]
    lines += [f"  {written(row)}" + (f"   a {row.symbol}= b" if row.inplace else "") for row in rows]
    others = [name for name in aliases(record) if not name.endswith(f".{record.name}") or name.count(".") > 1]
    if others:
        lines += _wrapped(f"also {', '.join(others)}")
    return lines


def aliases(record: Record) -> list[str]:
    """The other whole names of the same function."""
    found = []
    for path, names in registry.namespaces.items():
        for name in names.loaded():
            value = dict.__getitem__(names, name)
            same = isinstance(value, Record) and value.function is record.function
            if same and (path, name) != (record.namespace, record.name):
                found.append(f"{path}.{name}")
    return sorted(found)


def _related(path: str) -> list[str]:
    """Functions of the same module, the nearest first."""
    module = index.module_of(path)
    near = [entry for entry in index.entries().values() if index.module_of(entry.path) == module]
    own = index.entries().get(path)
    place = path.rpartition(".")[0]
    near = [
        entry for entry in near
        if entry.path != path and not entry.name.endswith("_") and (own is None or entry.summary != own.summary)
    ]  # fmt: skip
    near.sort(key=lambda entry: entry.path.rpartition(".")[0] != place)
    names = list(dict.fromkeys(entry.written for entry in near))[:_RELATED]
    return wrap("  ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ") if names else []
