"""What tcalc answers to a program of functions.py, and how it differs from what PyTorch was recorded to answer."""

from __future__ import annotations

import gzip
import json
import math
import re
import warnings
from pathlib import Path

from conformance.functions import DTYPES, definitions

import tcalc
from tcalc.engine.results import NamedResult
from tcalc.engine.tensor import Tensor
from tcalc.interp.text import str_of
from tcalc.interp.type_names import type_name

RECORDED = Path(__file__).parent / "functions.json.gz"
SHORT = {name: short for short, name in DTYPES.items()}
# Relative and absolute tolerance of each dtype, as in PyTorch's assert_close; whole numbers are equal.
_CLOSE = {
    "float64": (1e-7, 1e-7), "c128": (1e-7, 1e-7), "f64": (1e-7, 1e-7), "f32": (1.3e-6, 1e-5), "c64": (1.3e-6, 1e-5),
    "f16": (1e-3, 1e-5), "bf16": (1.6e-2, 1e-5), "c32": (1e-3, 1e-5),
}  # fmt: skip
# Chains of many roundings: a factorization, a transform.
_LONG_CHAINS = re.compile(
    r"linalg|fft|svd|qr|cholesky|inverse|pinverse|lu|det|matrix_exp|cdist|polygamma|lgamma|special"
)
_CHAIN_CLOSE = {"f64": (1e-6, 1e-6), "c128": (1e-6, 1e-6)}


def recorded() -> dict[str, list[tuple[str, dict]]]:
    """Each function's programs with PyTorch's answers."""
    data = json.loads(gzip.decompress(RECORDED.read_bytes()))
    answers = data["answers"]
    return {
        name: [(source, answers[at]) for source, at in programs.items()] for name, programs in data["programs"].items()
    }


def run(source: str, made_by: str | None = None) -> tuple[object, dict[str, Tensor]]:
    """The value of a program, and the operands that it names. A warning of NumPy's is a fault of tcalc's."""
    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.run(definitions(source) if made_by is None else made_by)
    operands = {name: value for name, value in session.variables.items() if isinstance(value, Tensor)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return session.run(source), operands


def difference(source: str, expected: dict) -> str | None:
    """None where tcalc answers as PyTorch did, else what differs; other words of the same error differ in case only."""
    try:
        value, operands = run(source)
    except tcalc.InternalError as fault:
        return f"INTERNAL {fault}"
    except tcalc.TcalcError as fault:
        if "error" not in expected:
            return f"refused: {fault.kind}: {fault}"
        if expected["error"] != fault.kind:
            return f"class {fault.kind}: {fault}\n      for {expected['error']}: {expected['words']}"
        return (
            None
            if str(fault).split("\n")[0][:160] == expected["words"]
            else f"words {fault}\n  for {expected['words']}"
        )
    if "error" in expected:
        return f"answered {shown(value)} for {expected['error']}: {expected['words']}"
    return value_difference(expected, value, operands, source)


def value_difference(expected: dict, value: object, operands: dict[str, Tensor], source: str) -> str | None:
    if "dtype" in expected and "shape" in expected:
        return tensor_difference(expected, value, operands, source)
    ((kind, content),) = expected.items()
    if isinstance(content, list):
        name = value.type_name if isinstance(value, NamedResult) else type(value).__name__
        if not isinstance(value, (list, tuple)) or kind.rpartition(".")[2] != name.rpartition(".")[2]:
            return f"a {name} for a {kind}"
        if len(value) != len(content):
            return f"{len(value)} results for {len(content)}"
        parts = zip(content, value, strict=True)
        return next((why for e, v in parts if (why := value_difference(e, v, operands, source))), None)
    if kind == "float":
        return (
            None if isinstance(value, float) and _near(value, content, 1e-6, 1e-9) else f"{shown(value)} for {content}"
        )
    found = type_name(value).rpartition(".")[2].replace("FloatInfo", "finfo").replace("IntegerInfo", "iinfo")
    return None if (found, str_of(value)) == (kind, content) else f"{found} {str_of(value)} for {kind} {content}"


def shown(value: object) -> str:
    return str_of(value).replace("\n", " ")[:120]


def tensor_difference(expected: dict, value: object, operands: dict[str, Tensor], source: str) -> str | None:
    if not isinstance(value, Tensor):
        return f"{shown(value)} for a tensor"
    dtype = str(value.dtype).removeprefix("torch.")
    if SHORT.get(dtype, dtype) != expected["dtype"]:
        return f"dtype {dtype} for {expected['dtype']}"
    if list(value.shape) != expected["shape"]:
        return f"shape {list(value.shape)} for {expected['shape']}"
    if "device" in expected or value.is_meta:
        return None if str(value.device) == expected.get("device") else f"device {value.device}"
    return values_difference(expected, value, source) or memory_difference(expected, value, operands)


def memory_difference(expected: dict, value: Tensor, operands: dict[str, Tensor]) -> str | None:
    """Whose memory it is, and the strides; both exactly PyTorch's."""
    shared = [name for name, operand in operands.items() if operand.storage is value.storage and value.storage.nbytes]
    if expected.get("of") != (shared[0] if shared else None):
        return f"memory of {shared[0] if shared else None} for {expected.get('of')}"
    if shared and value.offset != expected["offset"]:
        return f"offset {value.offset} for {expected['offset']}"
    stride = None if value.is_contiguous() else list(value.stride)
    return None if stride == expected.get("stride") else f"stride {stride} for {expected.get('stride')}"


def values_difference(expected: dict, value: Tensor, source: str) -> str | None:
    if "values" not in expected:
        return None
    found = value.reshape(-1).tolist()
    if value.dtype.is_complex:
        found = [part for item in found for part in (item.real, item.imag)]
    # An answer in out= was computed in the operands' dtype, whatever its own is.
    dtype = "f32" if "out=o" in source and expected["dtype"] == "f64" else expected["dtype"]
    relative, absolute = _CLOSE.get(dtype, (0, 0))
    if _LONG_CHAINS.search(source):
        relative, absolute = _CHAIN_CLOSE.get(dtype, (10 * relative, 10 * absolute))
    for mine, theirs in zip(found, expected["values"], strict=True):
        if not _near(mine, theirs, relative, absolute):
            return f"values {found[:12]} for {expected['values'][:12]}"
    return None


def _near(mine: float, theirs: float | str, relative: float, absolute: float) -> bool:
    wanted = float(theirs)
    if math.isnan(wanted):
        return math.isnan(mine)
    if mine == wanted:
        return True
    return abs(mine - wanted) <= absolute + relative * abs(wanted) and not math.isinf(wanted)
