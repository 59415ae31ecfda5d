"""The names of ``torch`` that are no functions, and its smaller namespaces."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.ops import registry
from tcalc.ops.registry import op


class Namespace:
    """A name under which others are found: ``torch.linalg`` holds what the registry lists under that path."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def names(self) -> dict:
        """What is reachable under the namespace."""
        return registry.namespaces.setdefault(self.path, {})

    def __repr__(self) -> str:
        return f"<module '{self.path}'>"


def _element_types() -> None:
    names = registry.namespaces["torch"]
    for dtype in dtypes.ALL:
        names[dtype.name] = dtype
    names.update(dtypes.ALIASES)


@op(namespace="torch.cuda")
def is_available() -> bool:
    """Whether this machine can compute on CUDA: a GPU, its driver and CuPy."""
    from tcalc.engine import cuda

    return cuda.is_available()


_element_types()
