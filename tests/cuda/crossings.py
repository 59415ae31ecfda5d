"""Who asked for what went between the host and a device, and whether that is one of the five places.

Elements cross in ``.to``, ``.cpu`` and ``.cuda``, when a tensor is created from Python's numbers, in ``.item``, and
when a tensor is shown; nowhere else. A single number is also read where the values decide: whether a call is refused,
which shape the answer has. The modules where that is so are listed here with the reason, so that a new one is found.
"""

from __future__ import annotations

import re
import sys
from types import FrameType

# Between these and what asked for the elements there is nothing to tell.
_CARRIERS = ("tcalc.engine.cuda_backend", "tcalc.engine.cupy_gaps", "tcalc.engine.cuda")


class Crossing:
    """One transfer, and the functions that were at work, inner first.

    ``kind`` is ``to host``, ``to device`` or ``number``. A step is a function of tcalc's (``ops.linalg.lu.kernel``) or
    one of the language's (``torch.lu()``).
    """

    __slots__ = ("kind", "steps")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.steps: list[str] = []
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            step = _step(frame)
            if step and step != (self.steps[-1] if self.steps else ""):
                self.steps.append(step)
            frame = frame.f_back

    @property
    def place(self) -> str:
        """The function of an operation's that asked for the elements."""
        return next((step for step in self.steps if not step.startswith("engine.")), "")

    @property
    def called(self) -> str:
        """The function that the program called; empty where it is the language's own doing."""
        return next((step[:-2] for step in reversed(self.steps) if step.endswith("()")), "")

    @property
    def is_argument(self) -> bool:
        """Whether a list was given where a tensor is wanted: what the called function did was to bind its arguments."""
        if "ops.conversions.to_tensor" in self.steps:
            return True
        outer = max((at for at, step in enumerate(self.steps) if step.endswith("()")), default=-1)
        while outer > 0 and self.steps[outer - 1].endswith("()"):  # a method, and the function that it is
            outer -= 1
        return outer > 0 and self.steps[outer - 1].startswith("ops.binding.")

    def __str__(self) -> str:
        return f"{self.kind}: {' < '.join(self.steps[:6])}"


def _step(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__", "")
    if not module.startswith("tcalc.") or module in _CARRIERS:
        return ""
    if module == "tcalc.ops.registry":
        name = getattr(frame.f_locals.get("self"), "qualified_name", None)
        return f"{name}()" if name else ""
    return f"{module.removeprefix('tcalc.')}.{frame.f_code.co_name}"


# ---------------------------------------------------------------- the five places

_MOVES = re.compile(r"\.(to|cpu|cuda|type|load|copy_|numpy|tensor|as_tensor|asarray|new_tensor|set_)$")
# Coefficients, lengths and positions that are Python's own numbers make tensors too.
_CREATES = re.compile(
    r"\.(tensor|as_tensor|asarray|new_tensor|scalar_tensor|new|frombuffer|combinations|block_diag|windows\.\w+|ctc_loss)$"
)
_READS = re.compile(r"\.(item|tolist|is_nonzero|unpad_sequence)$")


def is_one_of_the_five(crossing: Crossing) -> bool:
    called = crossing.called
    if _MOVES.search(called) or any(step.startswith("show.") for step in crossing.steps):
        return True
    if crossing.kind == "to device":
        in_brackets = any(step.startswith(("ops.indexing.items.", "interp.")) for step in crossing.steps[:6])
        return bool(_CREATES.search(called)) or crossing.is_argument or (not called and in_brackets)
    if _READS.search(called):
        return True
    # A tensor of one element where Python wants a number: in a condition, for an argument.
    return crossing.kind == "number" and (not called or crossing.is_argument)


# The modules in which a number is read because the values decide, and what they decide. The host waits for it, as it
# does in PyTorch; `test_growth.py` sees to it that it does not wait more often for more elements.
READS = {
    "ops.indexing.advanced": "positions out of bounds are refused; one number is meant",
    "ops.indexing.choosing": "positions out of bounds are refused",
    "ops.indexing.writes": "the values say how large the answer is; one number is meant",
    "ops.linalg.eigen": "a matrix without an answer is refused",
    "ops.linalg.equations": "a matrix without an answer is refused",
    "ops.linalg.factorizations": "a matrix without an answer is refused",
    "ops.linalg.inverses": "a matrix without an answer is refused",
    "ops.linalg.kernels": "a matrix without an answer is refused; the values say how many steps there are",
    "ops.linalg.ldl": "a matrix without an answer is refused; the values say how many steps there are",
    "ops.linalg.lu": "a matrix without an answer is refused",
    "ops.linalg.triangles": "positions out of bounds are refused",
    "ops.nn.adaptive": "positions out of bounds are refused",
    "ops.nn.bags": "positions out of bounds are refused",
    "ops.nn.classes": "positions out of bounds are refused",
    "ops.nn.ctc": "positions out of bounds are refused; the values say how many steps there are",
    "ops.nn.initialisation": "the values say how many steps there are",
    "ops.nn.layers": "positions out of bounds are refused; the values say how large the answer is",
    "ops.nn.likelihoods": "values without an answer are refused",
    "ops.nn.pooling": "positions out of bounds are refused",
    "ops.nn.sliding": "the other way is only taken where there is a nan",
    "ops.ordering.sorting": "the other way is only taken where there is a nan; positions out of bounds are refused",
    "ops.ordering.unique": "the values say how large the answer is; values without an answer are refused",
    "ops.pointwise.arithmetic": "values without an answer are refused",
    "ops.pointwise.comparisons": "the answer is Python's own",
    "ops.pointwise.polynomials": "the values say how many steps there are",
    "ops.random.distributions": "values without an answer are refused",
    "ops.random.sampling": "values without an answer are refused",
    "ops.reduction.histograms": "values without an answer are refused",
    "ops.reduction.norms": "values without an answer are refused",
    "ops.reduction.segments": "values without an answer are refused",
    "ops.reduction.statistics": "values without an answer are refused",
    "ops.session.testing": "the answer is an error that says by how much",
    "ops.shape.copies": "the values say how large the answer is",
    "ops.shape.views": "one number is meant",
    "ops.signal.spectrograms": "values without an answer are refused",
}


def fault(crossing: Crossing) -> bool:
    """Whether something crossed in a place where nothing should."""
    reads = crossing.kind == "number" and crossing.place.rpartition(".")[0] in READS
    return not (reads or is_one_of_the_five(crossing))
