"""``load`` in the language: a file's value, on the device that is asked for."""

from __future__ import annotations

from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import type_error
from tcalc.formats import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def load_value(path: Any, device: Any, format: Any) -> Any:
    """What ``load(path)`` gives."""
    if format is not None and not isinstance(format, str):
        raise type_error("load(): format is the name of one, such as 'csv'")
    loaded = files.loaded(files.path_of(path, "load"), format)
    for note in loaded.notes:
        current().warn(note)
    value = loaded.with_columns() if isinstance(loaded.x, Tensor) else loaded.x
    default = current().default_device
    if device is None and default is not None and default.startswith("cuda"):
        device = default
    if device is None:
        return value
    from tcalc.ops.session.files import on_device

    return on_device(value, device)
