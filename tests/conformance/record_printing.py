#!/usr/bin/env python3
"""Record how a real PyTorch prints values of our own choosing: ``record_printing.py printing.json``.

Run it with a Python that has PyTorch 2.13 and NumPy; tests/test_show_recorded.py then holds tcalc to the
records without either. A case is one JSON line: a value described without PyTorch's help (see ``build``),
the print options it is printed with, and PyTorch's ``repr`` and ``str``, or the text of a format spec.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import warnings

import numpy as np
import torch

FLOATS = ["float16", "bfloat16", "float32", "float64"]
FLOAT8 = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
COMPLEX = ["complex64", "complex128"]
ALL = ["bool", *UNSIGNED, *SIGNED, *FLOATS, *FLOAT8, *COMPLEX]
NAN, INF = float("nan"), float("inf")

# Rows of floats at the places where a rule changes its mind.
TELLING_FLOATS = [
    [0.0], [-0.0], [1.0], [-1.0], [0.5], [1.0, -0.0, 1.0], [0.0, 0.0], [NAN], [INF], [-INF], [INF, -INF],
    [NAN, 1.0, INF], [NAN, 0.5, INF], [-INF, 0.25, NAN], [0.0, -INF], [9999.5], [99999.0], [99999.5], [1e5], [1e5, 0.5], [12345678.0],
    [99999999.0], [100000000.0], [100000001.0], [1e8, 1.0], [1e9], [1e-4], [0.00010001], [0.0000999], [1e-5],
    [1.7485e-07, 0.3], [0.5, 1000.0], [1.0, 1000.0], [1.0, 1001.0], [1.0, 1000.5], [0.5, 500.0], [0.5, 500.5], [102.4, 1024.0, 0.1024],
    [9.99995], [9.99994], [0.99995], [0.99994999], [999.99995], [0.00005, 0.00004], [1e-45], [5e-324], [6e-8, 1.0],
    [65504.0, 0.1], [3.4e38], [3.4e38, 1.0], [1.7e308], [1.7e308, 5e-324], [1 / 3, 2 / 3], [2.5, 3.5],
    [0.00015, 0.00025], [1e16], [1e22], [123456789.0], [1234567.875], [-1234.5, 1.5], [1e3, 1e-3], [1e-3, 1e-4], [2.0**-14, 2.0**-24],
    [240.0, -240.0, 0.015625], [57344.0], [448.0, 0.001953125], [1.0, 2.0, INF, -3.0], [100.0, NAN, -0.0, 7.0],
]  # fmt: skip


def described(dtype: str, shape: tuple[int, ...], values: list, **more: object) -> dict:
    """A tensor by its elements, given as Python numbers and kept as they are in their own type."""
    return {"tensor": {"dtype": dtype, "shape": list(shape), "values": values, **more}}


def lattice(dtype: str, shape: tuple[int, ...], step: int, modulus: int, divisor: int, **more: object) -> dict:
    """A large tensor by a formula: element k is ``((k * step) % modulus - modulus // 2) / divisor``."""
    return {"tensor": {"dtype": dtype, "shape": list(shape), "lattice": [step, modulus, divisor], **more}}


def on_meta(dtype: str, shape: list[int]) -> dict:
    return {"tensor": {"dtype": dtype, "shape": shape, "device": "meta"}}


# ---------------------------------------------------------------- the cases


def cases() -> list[dict]:
    chance = random.Random(20240607)
    found: list[dict] = []
    of_tensors = (telling, magnitudes, ranks, integers, empties, options, summaries, suffixes, complexes)
    for family in (*of_tensors, others, formats):
        found += family(chance)
    return found


def telling(chance: random.Random) -> list[dict]:
    rows = [{"value": described("float64", (len(row),), row)} for row in TELLING_FLOATS]
    rows += [{"value": described("float32", (len(row),), row)} for row in TELLING_FLOATS]
    rows += [{"value": described("float32", (), row[:1])} for row in TELLING_FLOATS if len(row) == 1]
    for dtype in ["float16", "bfloat16", *FLOAT8]:
        rows += [{"value": described(dtype, (len(row),), row)} for row in TELLING_FLOATS[::3]]
    return rows


def magnitudes(chance: random.Random) -> list[dict]:
    rows = []
    for exponent in range(-12, 13, 2):
        values = [chance.uniform(-10, 10) * 10.0**exponent for _ in range(6)]
        rows += [{"value": described(dtype, (2, 3), values)} for dtype in FLOATS]
    for _ in range(40):
        values = [chance.gauss(0, 1) * 10.0 ** chance.randint(-6, 6) for _ in range(chance.randint(1, 14))]
        rows.append({"value": described(chance.choice(FLOATS), (len(values),), values)})
    return rows


def ranks(chance: random.Random) -> list[dict]:
    shapes: list[tuple[int, ...]] = [(), (1,), (5,), (2, 2), (1, 1), (3, 1), (2, 2, 2), (1, 3, 1), (2, 1, 2, 2)]
    shapes += [(1, 1, 1, 1), (2, 2, 1, 1, 2)]
    return [
        {"value": described(dtype, shape, elements(dtype, size_of(shape), chance))} for shape in shapes for dtype in ALL
    ]


def integers(chance: random.Random) -> list[dict]:
    rows = []
    for dtype in SIGNED + UNSIGNED:
        limits = torch.iinfo(getattr(torch, dtype))
        rows.append({"value": described(dtype, (2,), [limits.min, limits.max])})
        rows.append({"value": described(dtype, (), [limits.max])})
        rows.append({"value": described(dtype, (3,), [0, 1, limits.max])})
        rows.append({"value": described(dtype, (12,), [chance.randint(limits.min, limits.max) for _ in range(12)])})
    rows += [{"value": described("bool", (len(row),), row)} for row in ([True], [False], [True, True], [False, True])]
    return rows


def empties(chance: random.Random) -> list[dict]:
    shapes = [(0,), (0, 3), (2, 0), (2, 1, 0, 3)]
    return [{"value": described(dtype, shape, [])} for shape in shapes for dtype in ALL]


def options(chance: random.Random) -> list[dict]:
    settings = [
        {"precision": 0}, {"precision": 1}, {"precision": 2}, {"precision": 8}, {"precision": 17}, {"sci_mode": True},
        {"sci_mode": False}, {"profile": "short"}, {"profile": "full"}, {"profile": "short", "precision": 6},
        {"threshold": 3}, {"threshold": 3, "edgeitems": 1}, {"threshold": 0, "edgeitems": 0}, {"edgeitems": 0},
        {"threshold": 5, "edgeitems": 2}, {"linewidth": 20}, {"linewidth": 40}, {"linewidth": 0}, {"linewidth": 200},
        {"linewidth": 30, "precision": 6}, {"sci_mode": True, "precision": 2}, {"profile": "default", "sci_mode": True},
    ]  # fmt: skip
    rows = []
    for setting in settings:
        for dtype in ["float32", "float64", "int64", "complex64", "bool"]:
            shape = chance.choice([(9,), (4, 5), (2, 3, 4)])
            rows.append({"options": setting, "value": described(dtype, shape, elements(dtype, size_of(shape), chance))})
        rows.append({"options": setting, "value": described("float32", (3,), [0.0, NAN, -0.0])})
        rows.append({"options": setting, "value": described("float32", (), [1.0])})
    for default in ["float64", "float16", "bfloat16"]:
        for dtype in ["int64", "bool", *FLOATS, *COMPLEX]:
            for shape, values in [((1,), [1]), ((0,), []), ((0, 2), [])]:
                rows.append({"default": default, "value": described(dtype, shape, values)})
    return rows


def summaries(chance: random.Random) -> list[dict]:
    rows = []
    shapes: list[tuple[int, ...]] = [(1000,), (1001,), (2000,), (7, 200), (300, 5), (1001, 1), (1, 1001)]
    shapes += [(6, 6, 40), (40, 6, 6), (9, 2, 1, 60)]
    for shape in shapes:
        rows.append({"value": lattice("float32", shape, 7919, 1000, 8)})
        rows.append({"value": lattice("int64", shape, 104729, 10**6, 1)})
    rows.append({"value": lattice("float64", (50, 50), 7, 10**7, 1024)})
    rows.append({"value": lattice("complex64", (50, 50), 3, 1000, 4)})
    rows.append({"value": lattice("bool", (2000,), 1, 2, 1)})
    for edge in (1, 2, 4):
        setting = {"threshold": 10, "edgeitems": edge}
        for shape in [(9,), (30,), (3, 9), (9, 3), (5, 5, 5), (3, 3, 3, 3), (2, 7, 2, 7)]:
            rows.append({"options": setting, "value": lattice("float32", shape, 37, 101, 4)})
            rows.append({"options": {**setting, "linewidth": 35}, "value": lattice("int32", shape, 37, 101, 1)})
    return rows


def suffixes(chance: random.Random) -> list[dict]:
    """Rows that end near the right margin, where a suffix may or may not fit."""
    rows = []
    for count in range(9, 19):
        dtypes = ["float64", "int32", "float16", "complex128"]
        rows += [{"value": described(dtype, (count,), [0] * count)} for dtype in dtypes]
        rows.append({"value": described("float32", (count,), [0] * count, requires_grad=True)})
        rows.append({"value": described("float64", (2, count), [1] * (2 * count), requires_grad=True)})
    empty = described("float64", (0, 3), [], requires_grad=True)
    rows += [{"options": {"linewidth": width}, "value": empty} for width in range(24, 74, 2)]
    for dtype in ["float32", "float64", "int64", "complex64", "bool", "bfloat16"]:
        rows += [{"value": on_meta(dtype, shape)} for shape in ([], [3], [0], [2, 0], [100, 100])]
    return rows


def complexes(chance: random.Random) -> list[dict]:
    special = [NAN, INF, -INF, 0.0, -0.0, 1.0, -2.5, 1e-5, 1e10, 1234.5]
    rows = []
    for dtype in COMPLEX:
        for real in special:
            rows.append({"value": described(dtype, (), [[real, chance.choice(special)]])})
            rows.append({"value": described(dtype, (3,), [[real, chance.choice(special)], [1.5, 2.0], [-1.0, -0.0]])})
        for _ in range(20):
            count = chance.randint(1, 9)
            values = [[chance.choice([*special, chance.gauss(0, 3)]) for _ in "ri"] for _ in range(count)]
            rows.append({"value": described(dtype, (count,), values)})
    return rows


def others(chance: random.Random) -> list[dict]:
    """Values that are no tensors, and containers with tensors in them."""
    matrix = described("float32", (2, 2), [1, 2.5, -3, 4])
    vector = described("int64", (3,), [1, 20, 300])
    pair = described("float32", (2,), [1, 2])
    scalar = described("float32", (), [0.1])
    values: list[dict] = [
        {"size": []}, {"size": [2]}, {"size": [2, 3, 4]}, *({"dtype": name} for name in ALL),
        {"device": ["cpu", None]}, {"device": ["cuda", None]}, {"device": ["cuda", 1]}, {"device": ["meta", None]},
        {"named": ["max", ["values", "indices"], [pair, vector]]},
        {"named": ["linalg_eigh", ["eigenvalues", "eigenvectors"], [pair, matrix]]},
        {"list": []}, {"tuple": []}, {"dict": []}, {"set": []}, {"tuple": [matrix]}, {"list": [matrix, vector]},
        {"tuple": [matrix, {"size": [2, 1]}]}, {"dict": [[{"text": "a"}, matrix], [{"integer": 1}, {"dtype": "int8"}]]},
        {"list": [{"list": [{"tuple": [scalar]}]}, {"text": "it's"}, {"text": 'say "a"\n'}, {"none": True}]},
        {"set": [{"integer": 3}]}, {"list": [{"device": ["cpu", None]}]}, {"text": "plain"},
        {"text": "tab\t\x1b[31m\u00e9\u2028"},
        {"integer": 2**70}, {"truth": True}, {"none": True}, {"range": [0, 5, 1]}, {"range": [5, 0, -2]},
        {"slice": [1, 2, None]},
        {"list": [{"named": ["max", ["values", "indices"], [scalar, scalar]]}]},
        *({"float": number} for number in [0.1, 1.0, 1e16, 1e-5, NAN, INF, -0.0, 1 / 3, 1e22]),
        *({"complex": pair} for pair in [[0.0, 1.0], [1.5, -2.0], [-0.0, NAN], [INF, 0.1]]),
    ]  # fmt: skip
    for dtype in ["float32", "float64", "int64", "int8", "bool", "complex64", "float16"]:
        for shape in [(3,), (2, 2), (0,), ()]:
            array = described(dtype, shape, elements(dtype, size_of(shape), chance))["tensor"]
            values.append({"array": array})
        values.append({"array_item": described(dtype, (1,), elements(dtype, 1, chance))["tensor"]})
    return [{"value": value} for value in values]


def formats(chance: random.Random) -> list[dict]:
    subjects = [
        described("float32", (), [0.1]), described("float64", (), [1234.5678]), described("int64", (), [42]),
        described("bool", (), [True]), described("complex64", (), [[1.5, -2.0]]), described("bfloat16", (), [0.1]),
        described("float32", (1,), [1.5]),
        described("float32", (2, 2), [1, 2, 3, 4]), described("float32", (), [NAN]), on_meta("float32", []),
        {"dtype": "float32"}, {"size": [2]}, {"device": ["cuda", 0]}, {"integer": 7}, {"float": 2.5}, {"text": "word"},
        {"none": True}, {"list": [{"integer": 1}]},
        {"named": ["max", ["values", "indices"], [described("float32", (), [1.0]), described("int64", (), [0])]]},
    ]  # fmt: skip
    specs = ["", ".2f", "d", ">10", "e", "+.3g", "08.3f", "%", "zz", "s", ",", "x"]
    return [{"value": subject, "spec": spec} for subject in subjects for spec in specs]


def size_of(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def elements(dtype: str, count: int, chance: random.Random) -> list:
    if dtype == "bool":
        return [chance.random() < 0.5 for _ in range(count)]
    if "int" in dtype:
        return [chance.randint(0 if dtype.startswith("u") else -100, 127) for _ in range(count)]
    if dtype.startswith("complex"):
        return [[chance.gauss(0, 2), chance.gauss(0, 2)] for _ in range(count)]
    return [chance.gauss(0, 2) for _ in range(count)]


# ---------------------------------------------------------------- values in PyTorch


def build(value: dict):  # type: ignore[no-untyped-def]
    """The PyTorch value that a description means; its one key says what kind of value it is."""
    ((kind, content),) = value.items()
    if kind == "tensor":
        return build_tensor(content)
    if kind in ("array", "array_item"):
        array = build_tensor(content).numpy()
        return array if kind == "array" else array[0]
    if kind == "named":
        name, _, items = content
        return getattr(torch.return_types, name)([build(item) for item in items])
    if kind == "dict":
        return {build(key): build(item) for key, item in content}
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind]([build(item) for item in content])
    return build_plain(kind, content)


def build_plain(kind: str, content):  # type: ignore[no-untyped-def]
    if kind == "size":
        return torch.Size(content)
    if kind == "dtype":
        return getattr(torch, content)
    if kind == "device":
        return torch.device(*[part for part in content if part is not None])
    if kind == "complex":
        return complex(*content)
    if kind in ("range", "slice"):
        return {"range": range, "slice": slice}[kind](*content)
    return None if kind == "none" else content


def build_tensor(content: dict) -> torch.Tensor:
    dtype = getattr(torch, content["dtype"])
    shape = content["shape"]
    if content.get("device") == "meta":
        return torch.empty(shape, dtype=dtype, device="meta")
    if "lattice" in content:
        step, modulus, divisor = content["lattice"]
        whole = (np.arange(size_of(tuple(shape))) * step) % modulus - modulus // 2
        made = torch.from_numpy(whole if divisor == 1 else whole / divisor).to(dtype).reshape(shape)
    else:
        made = stored(content, dtype).reshape(shape)
    return made.requires_grad_(content.get("requires_grad", False))


def stored(content: dict, dtype: torch.dtype) -> torch.Tensor:
    """The elements in their own type; the description is rounded to it, so that anybody reads the same."""
    values = content["values"]
    if dtype.is_complex:
        values = [complex(*value) if isinstance(value, list) else complex(value) for value in values]
    if dtype.is_floating_point or dtype.is_complex:
        wide = torch.tensor(values, dtype=torch.complex128 if dtype.is_complex else torch.float64)
        made = wide.to(dtype)
        exact = made.to(wide.dtype).tolist()
        content["values"] = [[item.real, item.imag] for item in exact] if dtype.is_complex else exact
        return made
    return torch.tensor(values, dtype=dtype)


# ---------------------------------------------------------------- recording


def record(case: dict) -> dict:
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**case.get("options", {}))
    torch.set_default_dtype(getattr(torch, case.get("default", "float32")))
    value = build(case["value"])
    if "spec" not in case:
        texts = {"repr": repr(value)}
        if str(value) != texts["repr"]:
            texts["str"] = str(value)
        return {**case, **texts}
    try:
        return {**case, "text": format(value, case["spec"])}
    except (TypeError, ValueError) as error:
        return {**case, "error": f"{type(error).__name__}: {error}"}


def main() -> None:
    warnings.filterwarnings("ignore")
    assert struct.pack("=h", 1) == struct.pack("<h", 1), "record on a little-endian machine"
    lines, seen = [], set()
    for case in cases():
        line = json.dumps(record(case))
        if line not in seen:
            seen.add(line)
            lines.append(line)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} cases by PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
