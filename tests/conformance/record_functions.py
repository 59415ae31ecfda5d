#!/usr/bin/env python3
"""Record what PyTorch answers to the programs of functions.py: PYTHONPATH=. python record_functions.py functions.json.gz

Needs a real PyTorch (and tcalc, for the signatures alone). The file holds, for each function, its programs' sources
and answers; an answer that several programs share is kept once.
"""

import ast
import gzip
import json
import signal
import sys
import warnings
from collections import Counter

import torch
from functions import DTYPES, definitions, programs

warnings.filterwarnings("ignore")
_SHORT = {getattr(torch, name): short for short, name in DTYPES.items()}
# Enough digits to compare as closely as PyTorch's assert_close does.
_DIGITS = {
    torch.float64: 10,
    torch.complex128: 10,
    torch.float32: 8,
    torch.complex64: 8,
    torch.float16: 5,
    torch.bfloat16: 4,
    torch.complex32: 5,
}


def evaluate(source: str):
    """The program's last expression, and the operands that it named."""
    names: dict = {"torch": torch}
    exec(definitions(source), names)
    operands = {name: value for name, value in names.items() if isinstance(value, torch.Tensor)}
    *statements, last = ast.parse(source).body
    exec(compile(ast.Module(statements, []), "<program>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<program>", "eval"), names), operands


def encoded(value, operands: dict):
    """A value as JSON: tensors as objects, sequences as lists, other values by their text."""
    if isinstance(value, torch.Tensor):
        return encoded_tensor(value, operands)
    if isinstance(value, (tuple, list)) and not isinstance(value, torch.Size):
        kind = type(value).__name__
        items = [encoded(item, operands) for item in value]
        return {"tuple": items} if kind == "tuple" else {"list": items} if kind == "list" else {kind: items}
    if isinstance(value, float):
        return {"float": rounded(value, 10)}
    return {type(value).__name__: str(value)}


def encoded_tensor(value, operands: dict):
    made = {"dtype": _SHORT.get(value.dtype, str(value.dtype).removeprefix("torch.")), "shape": list(value.shape)}
    if value.device.type != "cpu":
        return {**made, "device": str(value.device)}
    if not value.is_contiguous():
        made["stride"] = list(value.stride())
    address = value.untyped_storage().data_ptr()
    shared = [name for name, other in operands.items() if address and other.untyped_storage().data_ptr() == address]
    if shared:
        made["of"] = shared[0]
        made["offset"] = value.storage_offset()
    made["values"] = numbers(value.detach().resolve_conj().resolve_neg())
    return made


def numbers(tensor) -> list:
    digits = _DIGITS.get(tensor.dtype)
    if tensor.dtype in (torch.complex64, torch.complex128, torch.complex32):
        return [rounded(part, digits) for value in tensor.flatten().tolist() for part in (value.real, value.imag)]
    if digits is None:
        return [int(value) for value in tensor.flatten().tolist()]
    return [rounded(value, digits) for value in tensor.flatten().tolist()]


def rounded(value: float, digits: int):
    """A number with so many digits; what JSON has no number for as text."""
    text = f"{value:.{digits}g}"
    if text.strip("-") in ("nan", "inf"):
        return text
    number = float(text)
    if abs(number) == float("inf"):  # rounded beyond the largest float
        return value
    return int(number) if number == int(number) and abs(number) < 1e6 and text != "-0" else number


def answer(source: str):
    """What PyTorch answers: a value, or its error's class and first line."""
    torch.set_default_dtype(torch.float32)
    torch.set_float32_matmul_precision("highest")
    signal.alarm(20)
    try:
        value, operands = evaluate(source)
        return encoded(value, operands)
    except Exception as fault:
        words = (str(fault).split("\n") or [""])[0]
        return {"error": type(fault).__name__, "words": words[:160]}
    finally:
        signal.alarm(0)


def main(path: str) -> None:
    answers: dict[str, int] = {}
    recorded: dict[str, dict[str, int]] = {}
    refused: Counter = Counter()
    for name, source in programs():
        cases = recorded.setdefault(name, {})
        if source not in cases:
            text = json.dumps(answer(source), separators=(",", ":"))
            refused[name] += text.startswith('{"error"')
            cases[source] = answers.setdefault(text, len(answers))
    body = json.dumps({"answers": [json.loads(text) for text in answers], "programs": recorded}, separators=(",", ":"))
    with open(path, "wb") as file:
        file.write(gzip.compress(body.encode(), 9, mtime=0))
    count = sum(map(len, recorded.values()))
    print(
        f"{count} programs of {len(recorded)} functions, {len(answers)} answers, {sum(refused.values())} errors -> {path}"
    )
    for name, cases in recorded.items():
        if refused[name] == len(cases):
            print(
                "always refused:", name, next(iter(cases)), "->", json.loads(body)["answers"][cases[next(iter(cases))]]
            )


if __name__ == "__main__":
    main(sys.argv[1])
