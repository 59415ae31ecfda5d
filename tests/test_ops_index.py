"""Indexing, assignment, and writing to positions: results, sharing and errors as a real PyTorch gave them."""

from __future__ import annotations

import pytest

import tcalc

SETUP = """
import torch
import numpy as np
L = torch.tensor
x = torch.arange(24).reshape(2, 3, 4)
y = torch.arange(6.).reshape(2, 3)
b = torch.tensor([[True, False, True], [False, True, True]])
h = torch.tensor([1.5, 2., -3.], dtype=torch.bfloat16)
"""


def session_after(source: str) -> tcalc.Session:
    session = tcalc.Session(write=lambda text: None)
    session.run(SETUP)
    session.run(source)
    return session


def run(source: str):
    return session_after("").run(source)


@pytest.mark.parametrize(
    ("index", "shape", "stride", "first"),
    [
        ("[1, ..., ::2]", (3, 2), (4, 2), 12),
        ("[:, None, -1]", (2, 1, 4), (12, 12, 1), 8),
        ("[True]", (1, 2, 3, 4), (24, 12, 4, 1), 0),
        ("[False]", (0, 2, 3, 4), (24, 12, 4, 1), None),
        ("[b]", (4, 4), (4, 1), 0),
        ("[b, 1:3]", (4, 2), (2, 1), 1),
        ("[[0, 1], :, [1, 0]]", (2, 3), (3, 1), 1),
        ("[:, [0, 2], [[1], [0]]]", (2, 2, 2), (4, 2, 1), 1),
        ("[0, :, [0, 1]]", (3, 2), (2, 1), 0),
        ("[L([[0], [1]]), L([0, 2])]", (2, 2, 4), (8, 4, 1), 0),
        ("[[L(0), 1]]", (4,), (1,), 4),
        ("[np.array([1, 0])]", (2, 3, 4), (12, 4, 1), 12),
        ("[range(1)]", (1, 3, 4), (12, 4, 1), 0),
        (".transpose(0, 2)[[0, 1]]", (2, 3, 2), (6, 1, 3), 0),
        (".permute(1, 2, 0)[:, [0, 1]]", (3, 2, 2), (1, 3, 6), 0),
    ],
)
def test_getitem(index: str, shape: tuple, stride: tuple, first: int | None) -> None:
    answer = run(f"x{index}")
    assert (tuple(answer.shape), tuple(answer.stride)) == (shape, stride)
    if first is not None:
        assert answer.numpy().reshape(-1)[0] == first


@pytest.mark.parametrize(("index", "shared"), [("[0]", True), ("[..., 1:]", True), ("[[0]]", False), ("[True]", False)])
def test_basic_indexing_shares_and_advanced_copies(index: str, shared: bool) -> None:
    session = session_after(f"v = x{index}\nv[...] = -5")
    assert (session.variables["x"].numpy().min() == -5) == shared


@pytest.mark.parametrize(
    ("program", "name", "expected"),
    [
        ("y[0] = L([7, 8, 9])", "y", [[7, 8, 9], [3, 4, 5]]),
        ("y[:, 1:] = L([[1.], [2.]])", "y", [[0, 1, 1], [3, 2, 2]]),
        ("y[b] = L([6., 7., 8., 9.])", "y", [[6, 1, 7], [3, 8, 9]]),
        ("y[b] = -1", "y", [[-1, 1, -1], [3, -1, -1]]),
        ("y[[1, 0], [0, 2]] = L([8., 9.])", "y", [[0, 1, 9], [8, 4, 5]]),
        ("y[[0, 0]] += 1", "y", [[1, 2, 3], [3, 4, 5]]),
        ("y[:, [True, False, True]] = 0", "y", [[0, 1, 0], [0, 4, 0]]),
        ("y[None, 0] = 2", "y", [[2, 2, 2], [3, 4, 5]]),
        ("y[False] = 2", "y", [[0, 1, 2], [3, 4, 5]]),
        ("y[0] = [4, 5, 6]", "y", [[4, 5, 6], [3, 4, 5]]),
        ("y.T[[0, 2]] = 1", "y", [[1, 1, 1], [1, 4, 1]]),
        ("h[[0, 0]] = h[1].clone()", "h", [2, 2, -3]),
        ("y.index_put_((L([0, 0]),), L([[1., 2., 3.], [4., 5., 6.]]), accumulate=True)", "y", [[5, 8, 11], [3, 4, 5]]),
        ("y.scatter_(1, L([[2, 0], [1, 1]]), L([[7., 8.], [9., 6.]]))", "y", [[8, 1, 7], [3, 6, 5]]),
        ("y.scatter_add_(1, L([[0, 0]]), L([[2., 3.]]))", "y", [[5, 1, 2], [3, 4, 5]]),
        ("y.scatter_reduce_(1, L([[0, 0]]), L([[2., 4.]]), 'mean', include_self=False)", "y", [[3, 1, 2], [3, 4, 5]]),
        ("y.scatter_reduce_(1, L([[0, 0, 1]]), L([[2., 4., 3.]]), 'prod')", "y", [[0, 3, 2], [3, 4, 5]]),
        ("y.index_add_(1, L([0, 0]), torch.ones(2, 2), alpha=2)", "y", [[4, 1, 2], [7, 4, 5]]),
        ("y.index_copy_(0, L([1, 0]), y.clone())", "y", [[3, 4, 5], [0, 1, 2]]),
        ("y.index_fill_(1, L([-1]), 9)", "y", [[0, 1, 9], [3, 4, 9]]),
        ("y.masked_fill_(y > 3, 0)", "y", [[0, 1, 2], [3, 0, 0]]),
        ("y.masked_scatter_(b, L([5., 6., 7., 8.]))", "y", [[5, 1, 6], [3, 7, 8]]),
        ("y.put_(L([0, -1]), L([7., 8.]))", "y", [[7, 1, 2], [3, 4, 8]]),
        ("z = torch.zeros(5, 2)\nz.fill_diagonal_(1, wrap=True)", "z", [[1, 0], [0, 1], [0, 0], [1, 0], [0, 1]]),
        ("h.index_add_(0, L([0, 0, 0]), h)", "h", [2, 2, -3]),
    ],
)
def test_assignment(program: str, name: str, expected: list) -> None:
    made = session_after(program).variables[name]
    assert made.numpy().tolist() == expected if name != "h" else made.float().numpy().tolist() == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("torch.where(b, y, -1)", [[0, -1, 2], [-1, 4, 5]]),
        ("torch.where(b)[1]", [0, 2, 1, 2]),
        ("torch.gather(y, 1, L([[2, 0], [1, 1]]))", [[2, 0], [4, 4]]),
        ("torch.take(y, L([[0], [-1]]))", [[0], [5]]),
        ("torch.take_along_dim(y, torch.argsort(y, 1, descending=True), 1)", [[2, 1, 0], [5, 4, 3]]),
        ("torch.index_select(y.T, 0, L([2, 0]))", [[2, 5], [0, 3]]),
        ("torch.masked_select(y, L([True, False, True]))", [0, 2, 3, 5]),
        ("torch.nonzero(b)", [[0, 0], [0, 2], [1, 1], [1, 2]]),
        ("torch.nonzero_static(b, size=5)[-1]", [-1, -1]),
        ("torch.index_reduce(y, 0, L([0, 0]), y, 'amax', include_self=False)", [[3, 4, 5], [3, 4, 5]]),
        ("torch.select_scatter(y, torch.ones(2), 1, 0)", [[1, 1, 2], [1, 4, 5]]),
    ],
)
def test_choosing(source: str, expected: list) -> None:
    assert run(source).numpy().tolist() == expected


CLONE = "Please clone() the tensor before performing the operation."


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        ("x[5]", "IndexError", "index 5 is out of bounds for dimension 0 with size 2"),
        ("x[None, 0, 7]", "IndexError", "index 7 is out of bounds for dimension 2 with size 3"),
        ("x[:, [0, 5]]", "IndexError", "index 5 is out of bounds for dimension 0 with size 3"),
        ("x[0, 0, 0, 0]", "IndexError", "too many indices for tensor of dimension 3"),
        ("x[::-1]", "ValueError", "step must be greater than zero"),
        ("x[L([1.5])]", "IndexError", "tensors used as indices must be long, int, byte or bool tensors"),
        (
            "x[L([True, False, True])]",
            "IndexError",
            "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3, 4] at index 0",
        ),
        (
            "x[L([0, 1]), L([0, 1, 2])]",
            "IndexError",
            "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]",
        ),
        (
            "x[1.5]",
            "IndexError",
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
            "valid indices (got float)",
        ),
        ("L(3)[0]", "IndexError", "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
         "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"),
        ("y[0] = 'a'", "TypeError", "can't assign a str to a torch.FloatTensor"),
        (
            "y[[0, 1]] = L([1, 2, 3])",
            "RuntimeError",
            "Index put requires the source and destination dtypes match, got Float for the "
            "destination and Long for the "
            "source.",
        ),
        (
            "y[[0, 1]] = L([1., 2.])",
            "RuntimeError",
            "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [2, 3]",
        ),
        ("x[0] = float('nan')", "RuntimeError", "value cannot be converted to type int64_t without overflow"),
        (
            "y[:1].expand(3, 3)[:, 0] = 1",
            "RuntimeError",
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            + CLONE,
        ),
        (
            "v = y.view(-1); v[1:] = v[:-1]",
            "RuntimeError",
            "unsupported operation: some elements of the input tensor and the written-to tensor "
            "refer to a single memory "
            "location. " + CLONE,
        ),
        (
            "y.index_copy_(0, L([1]), y[:1])",
            "RuntimeError",
            "unsupported operation: some elements of the input tensor and the written-to tensor "
            "refer to a single memory "
            "location. " + CLONE,
        ),
        ("torch.gather(y, 1, L([[3]]))", "RuntimeError", "index 3 is out of bounds for dimension 1 with size 3"),
        ("y.take(L([6]))", "IndexError", "out of range: tried to access index 6 on a tensor of 6 elements."),
        ("y.copy_(torch.zeros(2))", "RuntimeError",
         "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"),
    ],
)  # fmt: skip
def test_errors(program: str, kind: str, message: str) -> None:
    with pytest.raises(tcalc.TcalcError) as caught:
        run(program)
    assert (caught.value.kind, caught.value.message) == (kind, message)


@pytest.mark.parametrize(
    "program",
    [
        "y[[0, 5]] = 1",
        "y[0] = torch.zeros(2)",
        "y.scatter_(1, L([[0, 9]]), 1.)",
        "y.index_add_(0, L([0, 2]), y.clone())",
    ],
)
def test_a_refused_write_changes_nothing(program: str) -> None:
    session = session_after("")
    version = session.variables["y"].storage.version
    with pytest.raises(tcalc.TcalcError):
        session.run(program)
    assert session.variables["y"].numpy().reshape(-1).tolist() == [0, 1, 2, 3, 4, 5]
    assert session.variables["y"].storage.version == version


@pytest.mark.parametrize(
    "source",
    ["torch.gather(m, 1, k)", "torch.index_select(m, 0, k[0])", "torch.where(m > 1, m, 0)", "m[:, [0, 1]]",
     "m.scatter(1, k, m)", "m.take(k)", "m.index_add(1, k[0], m[:, :2])"],
)  # fmt: skip
def test_shapes_are_known_without_computing(source: str) -> None:
    values = session_after("m = torch.arange(6.).reshape(2, 3)\nk = L([[0, 1], [1, 0]])").run(source)
    described = session_after("m = torch.empty(2, 3, device='meta')\nk = torch.empty(2, 2, device='meta').long()").run(
        source
    )
    assert described.is_meta
    assert (described.shape, described.dtype) == (values.shape, values.dtype)
