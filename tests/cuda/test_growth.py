"""What an operation asks of the GPU does not grow with its operands: neither kernels nor waits.

A loop over elements in Python is a kernel an element, and as slow as the host. Functions are called as recorded, with
operands three and nine times as long in every dimension. GPU code simulated, not executed.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from conformance import answers, functions
from programs import DEVICE
from simulation import account, simulated

import tcalc

# What may grow, and why. A logarithm: a search or a scan that doubles its stride.
_GROWS = {
    "a logarithm": "searchsorted|bucketize|cummax|cummin|mode|hash_tensor|matrix_exp",
    "the way is chosen by the size": "sort|argsort|msort|matmul|mm|inner|addmm_?|addbmm|tensordot|chain_matmul|einsum"
    "|matrix_power|multi_dot|linear|rnn_(tanh|relu)_cell",
    "a result each": "split_copy|unbind_copy",
    "step after step of a sequence": "lstm|gru|rnn_(tanh|relu)|ctc_loss|logcumsumexp",
    "column after column of all matrices of a batch": "det|lu|(lu|ldl)_factor(_ex)?|ldl_solve",
    "chunks that fit the memory, and the places of a window": r"conv(_transpose)?\dd|convolution",
}
_MAY_GROW = re.compile("|".join(_GROWS.values()))
_NOT_SCALED = re.compile(r"device=|get_device|\.type\(|typename|\b(b|u8|i8|i16|i32|f16|bf16|f64|c128)_")


def _programs() -> dict[str, list[str]]:
    """Two calls of each function that PyTorch answers, with operands that can be made larger."""
    found = {}
    for name, recorded in answers.recorded().items():
        calls = [
            source
            for source, expected in recorded
            if "error" not in expected and functions._OPERAND.search(source) and not _NOT_SCALED.search(source)
        ]
        found[name] = calls[:: max(1, len(calls) // 2)][:2]
    return found


def _larger(name: str, times: int) -> str:
    """The source of an operand with every dimension so many times as long."""
    match = functions._OPERAND.fullmatch(name)
    assert match is not None
    kind, domain, digits, _, _, letter = match.groups()
    plain = functions.operand(f"{kind}_{domain}{digits}{letter}")
    if digits in ("z", "x"):
        return plain
    dtype = f"torch.{functions.DTYPES[kind]}"
    if domain in ("d", "n") and len(digits) > 1:  # as well conditioned as it was
        return f"torch.kron(torch.eye({times}), {plain}).to({dtype})"
    repeats = ", ".join("1" if digit == "1" else str(times) for digit in digits)
    repeated = f"({plain}).repeat({repeats})"
    if kind[0] not in "fc" or domain == "p" or "0" in digits:
        return repeated
    # Elements that differ, so that matrices have their full rank.
    return f"(lambda x: x + (torch.arange(x.numel()).reshape(x.shape) * 0.37 % 1).to(x.real.dtype))({repeated})"


def _asked(source: str, times: int) -> tuple[int, int] | None:
    """How many kernels and waits a call takes, or None where it does not fit operands of another shape."""
    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.state.default_device = DEVICE
    names = dict.fromkeys(match.group() for match in functions._OPERAND.finditer(source))
    session.run("import torch\n" + "".join(f"{name} = {_larger(name, times)}\n" for name in names))
    account.clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session.run(source)
    except tcalc.TcalcError as refusal:
        assert not isinstance(refusal, tcalc.InternalError), f"{source}: {refusal}"
        return None
    return account.calls, account.synchronizations


def test_nothing_grows_with_the_operands() -> None:
    print("GPU code simulated, not executed")
    grown, count = [], 0
    with simulated():
        for name, sources in _programs().items():
            for source in [] if _MAY_GROW.fullmatch(name.rpartition(".")[2]) else sources:
                few, many = _asked(source, 3), _asked(source, 9)
                if few and many:
                    count += 1
                    if many[0] > few[0] or many[1] > few[1]:
                        grown.append(f"{source}: {few} kernels and waits became {many}")
    assert count > 1000
    assert not grown, "\n".join(grown[:20])


# What takes step after step is done for all rows of a batch at once.
BATCHED = {
    "torch.linalg.lu_factor(a)": "a = torch.rand(n, 4, 4)",
    "torch.linalg.det(a)": "a = torch.rand(n, 4, 4)",
    "torch.linalg.ldl_factor(a)": "a = torch.rand(n, 4, 4); a = a + a.mT",
    "torch.linalg.solve_triangular(a, a, upper=True)": "a = torch.rand(n, 4, 4) + 1",
    "torch.linalg.householder_product(*t)": "t = torch.geqrf(torch.rand(n, 5, 3))",
    "F.ctc_loss(a, b, c, d)": "a = torch.rand(6, n, 4).log_softmax(-1); b = torch.ones(n, 2, dtype=torch.int64)\n"
    "c = torch.full((n,), 6); d = torch.full((n,), 2)",
    "F.embedding_bag(a, b, c)": "a = torch.arange(6 * n) % 5; b = torch.rand(5, 3); c = torch.arange(n) * 6",
    "torch.segment_reduce(a, 'max', lengths=b)": "a = torch.rand(6 * n); b = torch.full((n,), 6)",
    "torch.lstm(a, (b, b), [c, d], False, 1, 0.0, False, False, False)": "a = torch.rand(4, n, 3)\n"
    "b = torch.rand(1, n, 2); c = torch.rand(8, 3); d = torch.rand(8, 2)",
    "F.adaptive_max_pool1d(a, n)": "a = torch.rand(2, 3 * n - 1)",
    "torch.multinomial(a, 5, True)": "a = torch.rand(n, 6)",
    "a.logcumsumexp(0)": "a = torch.rand(4, n, dtype=torch.complex64)",
}


@pytest.mark.parametrize("source", BATCHED)
def test_the_rows_of_a_batch_are_done_together(source) -> None:
    asked = []
    with simulated():
        for rows in (4, 40):
            session = tcalc.Session(write=lambda text: None)
            session.state.default_device = DEVICE
            session.run(f"import torch\nimport torch.nn.functional as F\nn = {rows}\n{BATCHED[source]}")
            account.clear()
            session.run(source)
            asked.append((account.calls, account.synchronizations, account.transfers))
    assert asked[0] == asked[1]
