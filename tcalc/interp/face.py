"""The Python face: tensors from arrays, and one expression evaluated."""

from __future__ import annotations

from tcalc.engine.exchange import adopt, from_dlpack
from tcalc.engine.tensor import Tensor, share, wrap
from tcalc.interp import library
from tcalc.interp.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def tensor(values: Any) -> Tensor:
    """A tensor with the values and the element type of an array; lists and numbers become what PyTorch makes of them.

    The values are copied, as PyTorch's ``tensor`` does.
    """
    library.registry()  # methods and printing come with the operations
    if type(values).__module__ == "numpy":
        return wrap(values.copy())
    made: Tensor = library.apply("tensor", values)
    return made


def evaluate(source: str, **variables: Any) -> Any:
    """The value of a program's last expression, with these variables.

    Arrays become tensors over their memory: NumPy's, those of a GPU (``__cuda_array_interface__``), and whatever speaks
    DLPack. A tensor that comes back speaks both.
    """
    session = Session()
    for name, value in variables.items():
        session.variables[name] = _shared(value)
    return session.shown_value(session.run(source))


def _shared(value: Any) -> Any:
    """A tensor over an array's memory, wherever it lies; any other value itself."""
    kind = type(value)
    if isinstance(value, Tensor):
        return value
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return _over(value)
    if getattr(value, "__cuda_array_interface__", None) is not None:
        library.registry()
        return adopt(value)
    if hasattr(kind, "__dlpack__"):
        library.registry()
        return from_dlpack(value)
    return value


def _over(array: Any) -> Tensor:
    """A tensor that shares the array's memory where the memory lets it, else holds a copy."""
    library.registry()
    if any(stride < 0 or stride % array.dtype.itemsize for stride in array.strides) or not array.flags.writeable:
        return tensor(array)
    return share(array)
