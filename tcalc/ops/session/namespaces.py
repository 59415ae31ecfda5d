"""The names of ``torch`` that are no functions, and its smaller namespaces."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.tensor import Tensor
from tcalc.engine.words import Layout, MemoryFormat
from tcalc.ops import registry
from tcalc.ops.registry import attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The PyTorch whose answers tcalc gives.
TORCH_VERSION = "2.13.0"


class Switches:
    """A namespace of settings that programs set and that change nothing here (``torch.backends.cudnn``)."""

    __slots__ = ("allow_tf32", "benchmark", "deterministic", "enabled", "path")
    public = ("allow_tf32", "benchmark", "deterministic", "enabled", "is_available", "version")
    public_writable = ("allow_tf32", "benchmark", "deterministic", "enabled")

    def __init__(self, path: str) -> None:
        self.path = path
        self.enabled = True
        self.benchmark = False
        self.deterministic = False
        self.allow_tf32 = True

    def is_available(self) -> bool:
        return False

    def version(self) -> None:
        return None

    def __repr__(self) -> str:
        return f"<module '{self.path}'>"


class MatmulSwitches:
    """How a GPU may round its products (``torch.backends.cuda.matmul``): here always as float32 does."""

    __slots__ = public = public_writable = (
        "allow_bf16_reduced_precision_reduction",
        "allow_fp16_reduced_precision_reduction",
        "allow_tf32",
    )

    def __init__(self) -> None:
        self.allow_tf32 = False
        self.allow_fp16_reduced_precision_reduction = True
        self.allow_bf16_reduced_precision_reduction = True


STRIDED = Layout("torch.strided")


def _constants() -> None:
    names: dict[str, Any] = {dtype.name: dtype for dtype in dtypes.ALL} | dtypes.ALIASES | {"strided": STRIDED}
    for name in ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"):
        names[name] = MemoryFormat(f"torch.{name}")
    backends = {name: Switches(f"torch.backends.{name}") for name in ("cudnn", "mps", "mkl", "mkldnn", "openmp")}
    version = {"__version__": TORCH_VERSION, "cuda": None}
    places = {
        "torch": names,
        "torch.backends": backends,
        "torch.backends.cuda": {"matmul": MatmulSwitches()},
        "torch.version": version,
    }
    for path, values in places.items():
        for name, value in values.items():
            registry.place(path, name, value)


_constants()


@attribute
def layout(input: Tensor) -> Layout:
    """How the elements lie in memory: every tensor here is strided.

    >>> zeros(2).layout
    torch.strided
    """
    return STRIDED
