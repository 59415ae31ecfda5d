"""A tensor as PyTorch prints it: which elements are shown, how lines break, and what follows them.

Only the elements that are shown are ever read: printing costs the same for a thousand elements and for a
billion.
"""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.state import current
from tcalc.engine.tensor import PARAMETER
from tcalc.errors import type_error
from tcalc.show.numbers import write_elements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tcalc.engine.state import PrintOptions
    from tcalc.engine.tensor import Tensor

PREFIX = "tensor("
INDENT = len(PREFIX)

# What a written element takes while its tensor is printed: a number and its text as Python objects.
BYTES_A_TEXT = 128


def tensor_text(tensor: Tensor) -> str:
    """``tensor(…)`` with the current print options; a parameter says that it is one."""
    text = _plain_text(tensor)
    return f"Parameter containing:\n{text}" if tensor.role == PARAMETER else text


def _plain_text(tensor: Tensor) -> str:
    options = current().print_options
    if tensor.is_meta:
        body = "..."
    elif not tensor.numel():
        body = "[]"
    else:
        body = _elements_text(tensor, options)
    return _with_suffixes(PREFIX + body, _suffixes(tensor, options), options) + ")"


# ---------------------------------------------------------------- elements


class Window:
    """The part of a tensor that is shown: the first and last items of its long dimensions."""

    __slots__ = ("gaps", "kept")

    def __init__(self, shape: tuple[int, ...], edge: int) -> None:
        # For each dimension the indices that are shown, and how many of them stand before the dots.
        self.kept: list[list[int]] = []
        self.gaps: list[int | None] = []
        for size in shape:
            indices = range(size)
            if size > 2 * edge:
                head = indices[:edge]
                self.kept.append([*head, *indices[-edge:]])
                self.gaps.append(len(head))
            else:
                self.kept.append(list(indices))
                self.gaps.append(None)

    @property
    def is_whole(self) -> bool:
        return all(gap is None for gap in self.gaps)


def _elements_text(tensor: Tensor, options: PrintOptions) -> str:
    """The nested brackets of a tensor that has elements."""
    shape = tensor.shape
    window = None
    if shape and tensor.numel() > options.threshold:
        if not hasattr(options.edgeitems, "__index__"):
            raise type_error("slice indices must be integers or None or have an __index__ method")
        if not options.edgeitems:
            return "[...]"
        window = Window(shape, options.edgeitems)
    values = _visible_values(tensor, window)
    texts, width = write_elements(values, tensor.dtype, options)
    if not shape:
        return texts[0]
    if window is None:
        layout = _Layout(list(shape), [None] * len(shape), width, options.linewidth)
    else:
        layout = _Layout([len(kept) for kept in window.kept], window.gaps, width, options.linewidth)
    return layout.block(iter(texts), 0)


def _visible_values(tensor: Tensor, window: Window | None) -> list:
    """The elements that are shown, in order, as Python numbers."""
    backend = tensor.storage.backend
    array = tensor.array
    with backend.guard():
        if window is not None and not window.is_whole:
            chosen = backend.movable(array)[backend.xp.ix_(*map(backend.xp.asarray, window.kept))]
            array = backend.finished(chosen, tensor.dtype)
        current().meter.allocate(array.size * BYTES_A_TEXT, "the printed text")
        if tensor.dtype.is_reduced:
            array = backend.cast(array, tensor.dtype.computed_as)
    values: list = backend.to_host(array).reshape(-1).tolist()
    return values


class _Layout:
    """Brackets, commas and line breaks around texts that are already written."""

    __slots__ = ("gaps", "linewidth", "sizes", "width")

    def __init__(self, sizes: list[int], gaps: list[int | None], width: int, linewidth: float) -> None:
        self.sizes = sizes
        self.gaps = gaps
        self.width = width
        self.linewidth = linewidth

    def block(self, texts: Iterator[str], depth: int) -> str:
        """The text of one item of dimension ``depth - 1``, which has the dimensions from ``depth`` on."""
        innermost = depth == len(self.sizes) - 1
        if innermost:
            parts = [next(texts) for _ in range(self.sizes[depth])]
        else:
            parts = [self.block(texts, depth + 1) for _ in range(self.sizes[depth])]
        gap = self.gaps[depth]
        if gap is not None:
            parts.insert(gap, " ..." if innermost else "...")
        margin = " " * (INDENT + depth + 1)
        if innermost:
            return f"[{self._lines(parts, depth, margin)}]"
        # A blank line more for each dimension that ends here.
        between = "," + "\n" * (len(self.sizes) - 1 - depth) + margin
        return f"[{between.join(parts)}]"

    def _lines(self, parts: list[str], depth: int, margin: str) -> str:
        """A row, broken so that each line holds as many elements as fit; the dots count as one."""
        fitting = (self.linewidth - INDENT - depth) / (self.width + 2)
        count = int(min(max(1, fitting), len(parts)))
        lines = [", ".join(parts[start : start + count]) for start in range(0, len(parts), count)]
        return (",\n" + margin).join(lines)


# ---------------------------------------------------------------- suffixes


def _suffixes(tensor: Tensor, options: PrintOptions) -> list[str]:
    """What follows the elements: only what they do not say themselves."""
    suffixes = []
    dtype = tensor.dtype
    is_bare = tensor.is_meta or not tensor.numel()
    if tensor.device.type != "cpu":
        suffixes.append(f"device='{tensor.device}'")
    if tensor.is_meta or (is_bare and tensor.ndim != 1) or (not is_bare and not options.edgeitems):
        suffixes.append(f"size={tuple(tensor.shape)}")
    if dtype is not current().default_dtype and (is_bare or not _shows_its_dtype(dtype)):
        suffixes.append(f"dtype={dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{_function_name(tensor.grad_fn)}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return suffixes


def _shows_its_dtype(dtype: dtypes.DType) -> bool:
    """Whether elements of this type read back as it, other than by the default dtype itself."""
    if dtype is dtypes.int64 or dtype is dtypes.bool_:
        return True
    return dtype is (dtypes.complex128 if current().default_dtype is dtypes.float64 else dtypes.complex64)


def _function_name(grad_fn: object) -> str:
    name = getattr(grad_fn, "name", None)
    return name if isinstance(name, str) else type(grad_fn).__name__


def _with_suffixes(text: str, suffixes: list[str], options: PrintOptions) -> str:
    """Each suffix behind a comma, on a line of its own where the last line has no room for it."""
    # The elements' last line is counted two longer than it is.
    length = len(text) - (text.rfind("\n") + 1) + 2
    for suffix in suffixes:
        if length + len(suffix) + 2 > options.linewidth:
            text += ",\n" + " " * INDENT + suffix
            length = INDENT + len(suffix)
        else:
            text += ", " + suffix
            length += len(suffix) + 2
    return text
