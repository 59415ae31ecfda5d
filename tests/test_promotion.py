"""Type promotion against what PyTorch was recorded to answer (tests/conformance/record_promotion.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tcalc.engine import dtypes
from tcalc.engine.promotion import result_type
from tcalc.engine.tensor import Tensor, empty
from tcalc.errors import TcalcError
from tcalc.ops import registry

RECORDED = json.loads((Path(__file__).parent / "conformance" / "promotion.json").read_text())
NUMBERS = {"bool": True, "int": 2, "float": 1.5, "complex": 1j}
OPERATORS = ("add", "div", "lt", "mul", "sub")


def answer(function: Callable) -> str:
    try:
        return function().name
    except TcalcError as error:
        return f"{error.kind}: {error}"


def operand(name: str, rank: str) -> Tensor:
    made = empty((1,) if rank == "dim" else (), dtypes.by_name(name))
    made.storage.backend.assign(made.array, 1)
    return made


def operands(key: str) -> tuple[object, object]:
    first, second, *ranks = key.split()
    if ranks[-1] == "number":
        return operand(first, ranks[0]), NUMBERS[second]
    return operand(first, ranks[0]), operand(second, ranks[1])


def test_the_promotion_table_is_whole() -> None:
    found = {
        key: answer(lambda: dtypes.promote(*map(dtypes.by_name, key.split()))) for key in RECORDED["promote_types"]
    }
    assert found == RECORDED["promote_types"]


def test_three_ranks_of_operands() -> None:
    found = {key: answer(lambda: result_type(*operands(key))) for key in RECORDED["result_type"]}
    assert found == RECORDED["result_type"]


# tcalc computes with the wide unsigned integers, which PyTorch mostly only stores.
@pytest.mark.parametrize("position", range(len(OPERATORS)), ids=OPERATORS)
def test_operators_answer_with_the_promoted_dtype(position: int) -> None:
    registry.load()
    record = registry.namespaces["torch"][OPERATORS[position]]
    recorded = {key: found[position] for key, found in RECORDED["operators"].items()}
    expected = {key: found for key, found in recorded.items() if not ("NotImplemented" in found and "uint" in key)}
    found = {key: answer(lambda: record.invoke(list(operands(key)), {}).dtype) for key in expected}
    assert found == expected
