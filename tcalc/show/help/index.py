"""The index of functions: a line of help for every name, read from what was generated, without loading any family."""

from __future__ import annotations

from functools import cache

from tcalc.ops import registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# The packages of `tcalc.ops` in words, in the order of the overview, each with the names that come first there.
FAMILIES = {
    "creation": ("Making tensors", "tensor zeros ones full eye arange linspace meshgrid zeros_like"),
    "random": ("Random numbers", "rand randn randint randperm normal bernoulli multinomial manual_seed"),
    "pointwise": ("Element by element", "add mul div pow exp log sqrt sin abs round clamp isclose lerp"),
    "reduction": ("Sums and statistics", "sum mean std var median quantile max argmax cumsum norm histc"),
    "ordering": ("Order", "sort argsort topk kthvalue unique searchsorted bucketize"),
    "shape": ("Shapes and views", "reshape permute transpose squeeze unsqueeze expand cat stack split flip roll"),
    "indexing": ("Picking and placing", "where gather scatter index_select masked_select take nonzero"),
    "linalg": ("Linear algebra", "matmul einsum dot outer linalg.solve linalg.inv linalg.svd linalg.eigh"),
    "signal": ("Fourier transforms", "fft.fft fft.ifft fft.rfft fft.fftfreq stft istft"),
    "nn": ("Neural networks", "softmax F.relu F.gelu F.linear F.conv2d F.cross_entropy F.layer_norm"),
    "session": ("Settings, facts, types", "set_default_dtype set_printoptions manual_seed finfo allclose no_grad"),
}

# What a name may start with instead of the namespace's whole path.
SHORT_PATHS = {
    "F": "torch.nn.functional", "nn": "torch.nn", "linalg": "torch.linalg", "fft": "torch.fft",
    "special": "torch.special", "cuda": "torch.cuda", "torch.Tensor": "Tensor", "x": "Tensor",
}  # fmt: skip

# Where a name that has no place in torch itself is looked for.
_FURTHER = ("Tensor", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special")


class Entry:
    """A function, method or attribute: its whole name, its signature and its summary."""

    __slots__ = ("path", "signature", "summary")

    def __init__(self, path: str, signature: str, summary: str) -> None:
        self.path = path
        self.signature = signature
        self.summary = summary

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.path.rpartition(".")[2]

    @property
    def written(self) -> str:
        """The name as it is typed most shortly: ``sum``, ``linalg.svd``, ``F.relu``, ``x.view``."""
        place, _, name = self.path.rpartition(".")
        if place == "torch":
            return name
        if place == "Tensor":
            return f"x.{name}"
        return f"F.{name}" if place == "torch.nn.functional" else self.path.removeprefix("torch.")

    @property
    def family(self) -> str:
        """The package that the function lives in."""
        return module_of(self.path).partition(".")[0]


@cache
def entries() -> dict[str, Entry]:
    """Every entry by its whole name, such as ``torch.linalg.svd`` or ``Tensor.view``."""
    from tcalc.ops.summaries import SUMMARIES

    found = {}
    for line in SUMMARIES.split("\n"):
        path, signature, summary = (*line.split(" | ", 2), "", "")[:3]
        if path:
            found[path] = Entry(path, signature, plain(summary))
    return found


def find(name: str) -> Entry | None:
    """The entry that a name means: ``sum``, ``torch.sum``, ``F.relu``, ``Tensor.view``, ``view``, ``relu6``."""
    known = entries()
    place, _, last = name.rpartition(".")
    for short, path in SHORT_PATHS.items():
        if place == short or place.startswith(short + "."):
            place = path + place[len(short) :]
            break
    if place:
        return known.get(f"{place}.{last}") or known.get(f"torch.{last}" if place == "Tensor" else "")
    for path in ("torch", *_FURTHER):
        if f"{path}.{name}" in known:
            return known[f"{path}.{name}"]
    return None


def module_of(path: str) -> str:
    """The module in ``tcalc.ops`` that registers a whole name."""
    place, _, name = path.rpartition(".")
    if place != "Tensor":
        return registry.namespaces[place].module_of.get(name, "")
    return registry.methods.module_of.get(name) or registry.attributes.module_of.get(name, "")


def value_of(path: str) -> object:
    """The record, method, attribute or constant of a whole name; loads the module that it lives in."""
    place, _, name = path.rpartition(".")
    if place != "Tensor":
        return registry.namespaces[place][name]
    return registry.methods[name] if name in registry.methods else registry.attributes[name]


def in_family(family: str) -> Iterator[Entry]:
    """The entries of a family, those of ``torch`` first."""
    found = [entry for entry in entries().values() if entry.family == family]
    yield from sorted(found, key=lambda entry: (not entry.path.startswith("torch."), entry.path.count("."), entry.path))


def plain(text: str) -> str:
    """A docstring's text without the marks around code."""
    return text.replace("``", "")
