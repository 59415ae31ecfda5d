"""Printing against what a real PyTorch printed (recorded by tests/conformance/record_printing.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tcalc.engine import devices, dtypes, state, tensor
from tcalc.engine.results import NamedResult
from tcalc.errors import TcalcError
from tcalc.ops.session.settings import set_printoptions
from tcalc.show.text import format_value, repr_text, str_text

RECORDS = json.loads((Path(__file__).parent / "conformance" / "printing.json").read_text("ascii"))


def build(value):
    """The value that a description means (record_printing.py has the same for PyTorch)."""
    ((kind, content),) = value.items()
    if kind == "tensor":
        return build_tensor(content)
    if kind in ("array", "array_item"):
        array = build_array(content)
        return array if kind == "array" else array[0]
    if kind == "named":
        name, fields, items = content
        return NamedResult(name, fields, [build(item) for item in items])
    if kind == "dict":
        return {build(key): build(item) for key, item in content}
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind]([build(item) for item in content])
    return build_plain(kind, content)


def build_plain(kind, content):
    if kind == "size":
        return tensor.Size(content)
    if kind == "dtype":
        return dtypes.by_name(content)
    if kind == "device":
        return devices.Device(*content)
    if kind == "complex":
        return complex(*content)
    if kind in ("range", "slice"):
        return {"range": range, "slice": slice}[kind](*content)
    return None if kind == "none" else content


def build_array(content):
    dtype = dtypes.by_name(content["dtype"])
    if "lattice" in content:
        step, modulus, divisor = content["lattice"]
        whole = (np.arange(np.prod(content["shape"])) * step) % modulus - modulus // 2
        array = whole if divisor == 1 else whole / divisor
    elif dtype.is_complex:
        array = np.array([complex(*value) for value in content["values"]], np.complex128)
    elif dtype.is_floating_point:
        array = np.array(content["values"], np.float64)
    else:
        array = np.array(content["values"], dtype.numpy)
    return array.astype(dtype.numpy).reshape(content["shape"])


def build_tensor(content):
    dtype = dtypes.by_name(content["dtype"])
    if content.get("device") == "meta":
        return tensor.empty(content["shape"], dtype, devices.meta)
    made = tensor.wrap(build_array(content), dtype=dtype)
    made.requires_grad = content.get("requires_grad", False)
    return made


def shown(case):
    """The texts that tcalc gives for a case, under the keys of its record."""
    value = build(case["value"])
    if "spec" not in case:
        texts = {"repr": repr_text(value)}
        if str_text(value) != texts["repr"]:
            texts["str"] = str_text(value)
        return texts
    try:
        return {"text": format_value(value, case["spec"])}
    except TcalcError as error:
        return {"error": f"{error.kind}: {error}"}


def test_every_record_prints_alike():
    assert len(RECORDS) > 600
    for case in RECORDS:
        session = state.State()
        session.default_dtype = dtypes.by_name(case.get("default", "float32"))
        with state.activated(session):
            set_printoptions(**case.get("options", {}))
            texts = shown(case)
        recorded = {key: case[key] for key in ("repr", "str", "text", "error") if key in case}
        assert texts == recorded, {key: case[key] for key in case if key not in recorded}


@pytest.mark.parametrize("kind", ["tensor", "named", "array", "array_item", "size", "dict", "device"])
def test_the_records_hold_every_kind_of_value(kind):
    assert any(kind in case["value"] for case in RECORDS)
