"""What the dtype of an ``out=`` tensor may be: as a rule, anything that the answer can be cast to.

PyTorch is stricter with some functions, in words of their own, and lets others compute in the type of ``out``.
A record names its rule where it is registered (``@op(out=EXPECTED)``).
"""

from __future__ import annotations

from tcalc.engine.dtypes import can_cast
from tcalc.errors import TcalcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.engine.dtypes import DType

# What the C++ compiler calls the element types: some of PyTorch's messages say it so.
_C_NAMES = {
    "Float": "float", "Double": "double", "Half": "c10::Half", "BFloat16": "c10::BFloat16", "Int": "int",
    "Long": "long int", "Short": "short int", "Char": "signed char", "Byte": "unsigned char", "Bool": "bool",
    "ComplexFloat": "c10::complex<float>", "ComplexDouble": "c10::complex<double>", "UInt16": "short unsigned int",
    "UInt32": "unsigned int", "UInt64": "long unsigned int",
}  # fmt: skip


def c_name(dtype: DType) -> str:
    """The name of the C++ type that holds the elements."""
    return _C_NAMES.get(dtype.scalar_name, dtype.scalar_name)


_CAST = "result type {result} can't be cast to the desired output type {out}"


class OutRule:
    """One rule. Its words may use ``{name}``, and ``{result}`` and ``{out}`` as PyTorch or as C++ (``c_``) says.

    ``exact`` takes no other dtype than the answer's. ``apart`` takes no memory of an operand's. ``computes`` gives the
    dtype of ``out`` to the function, as its ``dtype``. ``in_place`` are the words of the in-place form, and
    ``exact_in_place`` says that its result must be of the tensor's own dtype.
    """

    __slots__ = ("apart", "computes", "exact", "exact_in_place", "in_place", "kind", "words")

    def __init__(
        self,
        words: str = _CAST,
        *,
        exact: bool = True,
        apart: bool = False,
        computes: bool = False,
        in_place: str = _CAST,
        exact_in_place: bool = False,
        kind: str = "RuntimeError",
    ) -> None:
        self.words = words
        self.exact = exact
        self.apart = apart
        self.computes = computes
        self.in_place = in_place
        self.exact_in_place = exact_in_place
        self.kind = kind

    def check(self, name: str, result: DType, out: DType) -> None:
        """Refuse an ``out=`` of the wrong dtype."""
        if result is not out and (self.exact or not can_cast(result, out)):
            raise TcalcError(_said(self.words, name, result, out), self.kind)

    def check_in_place(self, name: str, result: DType, target: DType) -> None:
        """Refuse a result that the tensor it was computed from cannot hold."""
        if result is not target and (self.exact_in_place or not can_cast(result, target)):
            raise TcalcError(_said(self.in_place, name, result, target))


def _said(words: str, name: str, result: DType, out: DType) -> str:
    return words.format(
        name=name, result=result.scalar_name, out=out.scalar_name, c_result=c_name(result), c_out=c_name(out)
    )


COMPUTED = OutRule(exact=False, computes=True)
EXPECTED = OutRule("Expected out tensor to have dtype {c_result}, but got {c_out} instead")
FOUND = OutRule("Found dtype {out} but expected {result}")
MODULUS = OutRule(FOUND.words)
COMPLEX_MODULUS = OutRule(
    exact=False, in_place="In-place {name} is not supported for complex tensors.", exact_in_place=True
)
CLAMPED = OutRule(FOUND.words, in_place="result type {result} can't be cast to the desired output type {c_out}")
JOINED = OutRule(
    "torch.cat(): input types can't be cast to the desired output type {out}",
    exact=False,
    apart=True,
    kind="TypeError",
)
GATHERED = OutRule(EXPECTED.words, apart=True)
SCALAR_TYPE = OutRule("expected scalar_type {result} but found {out}")
SAME_SCALAR_TYPE = OutRule("{name}(): self and result must have the same scalar type", apart=True)
TAKEN = OutRule(
    "take(): self and out expected to have the same dtype, but got self.dtype = {result} and out.dtype = {out}",
    apart=True,
)
CHOSEN = OutRule("Expected out type to be {result} but got {out}")
DOT = OutRule("result dtype {out} does not match input dtype {result}")
PREDICATES = OutRule("{name} does not support non-boolean outputs.")
EXTREMES = OutRule(
    "Expected the dtype for input and out to match, but got {result} for input's dtype and {out} for out's dtype."
)
