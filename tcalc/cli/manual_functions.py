"""``man/tcalc-functions.7``: every function by family, its call and its summary, from the records."""

from __future__ import annotations

from textwrap import wrap

from tcalc.interp import namespaces
from tcalc.interp.own_names import own_names
from tcalc.interp.python_words import WORDS
from tcalc.show import man
from tcalc.show.help import index
from tcalc.show.help.index import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DATE = "November 25, 2026"
NAME = "tcalc-functions"

DESCRIPTION = """
Every function of torch is there by its bare name as well: torch.sum(x), sum(x) and x.sum() are the same. F is
torch.nn.functional. Names such as x.view are methods and attributes of tensors alone. A method whose name ends
in an underscore is the in-place form of the function without it: it writes its result into the tensor. help("sum") in
tcalc shows the parameters, examples and relatives of a function; search("word") finds functions.
"""

NUMPY = """
np has functions of NumPy with NumPy's own meaning, over its own arrays; help("np.median") shows what NumPy says about
one. x.numpy() and torch.from_numpy(a) share memory.
"""


def render() -> str:
    """The page."""
    parts = [("DESCRIPTION", man.paragraphs(DESCRIPTION)), ("TCALC'S OWN", _own())]
    for family, (title, _) in index.FAMILIES.items():
        parts.append((title.upper(), _family(family)))
    parts.append(("PYTHON'S BUILTINS", _entries([(call, summary) for call, summary in WORDS.values()])))
    parts.append(("PYTHON'S MODULES", _modules()))
    parts.append(("NUMPY", [*man.paragraphs(NUMPY), *_numpy()]))
    parts.append(("SEE ALSO", [".Xr tcalc 1 ,", ".Xr tcalc-language 7"]))
    return man.page(NAME, 7, DATE, "the functions of the tensor calculator tcalc", parts)


def _own() -> list[str]:
    from tcalc.interp.lookup import first_line

    return _entries([(value.signature, first_line(value.doc)) for _, value in sorted(own_names().items())])


def _family(family: str) -> list[str]:
    """The functions of a family, each once with its other names, and the in-place forms of none."""
    alike: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in index.in_family(family):
        if not entry.signature and not entry.path.startswith("Tensor."):
            continue
        if entry.path.startswith("Tensor.") and entry.summary.startswith("In-place form of"):
            continue
        parameters = entry.signature.partition("(")[2]
        alike.setdefault((index.module_of(entry.path), parameters, entry.summary), []).append(entry)
    shown = []
    for (_, _, summary), entries in alike.items():
        first, *others = entries
        names = ", ".join(dict.fromkeys(entry.written for entry in others if entry.written != first.written))
        shown.append((_call(first), f"{summary} Also {names}." if names else summary))
    return _entries(shown)


def _call(entry: Entry) -> str:
    return entry.written.removesuffix(entry.name) + (entry.signature or entry.name)


def _entries(entries: list[tuple[str, str]]) -> list[str]:
    lines = [".Bl -tag -width Ds"]
    for call, summary in entries:
        lines.append(f".It {man.tag(call)}")
        lines += man.sentences(summary)
    return [*lines, ".El"]


def _modules() -> list[str]:
    paths = sorted(path for path in namespaces.PYTHON_PATHS if path != "einops")
    lines = [line for path in paths for line in (".Pp", *_names(path, namespaces.module(path).names()))]
    return lines[1:]


def _names(path: str, names: Iterable[str]) -> list[str]:
    return _listed(f"{path}: {', '.join(sorted(names))}.")


def _numpy() -> list[str]:
    from tcalc.interp.numpy_names import FUNCTIONS

    lines: list[str] = []
    for path, names in FUNCTIONS.items():
        lines += [".Pp", *_listed(f"{path}: {', '.join(sorted(names))}.")]
    return lines


def _listed(text: str) -> list[str]:
    return [man.escape(line) for line in wrap(text, 72, break_on_hyphens=False)]
