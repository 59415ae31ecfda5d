"""Views, copies, joining and splitting: shapes, strides and sharing, as a real PyTorch gave them."""

from __future__ import annotations

import pytest

import tcalc
from tcalc.engine.devices import meta
from tcalc.engine.tensor import Tensor, empty
from tcalc.ops import registry

SETUP = """
import torch
x = torch.arange(24).reshape(2, 3, 4)
y = torch.arange(6.).reshape(2, 3)
c = torch.tensor([[1+2j, 3-1j], [0j, 2.]])
"""


def run(source: str):
    session = tcalc.Session(write=lambda text: None)
    session.run(SETUP)
    return session.run(source)


def geometry(source: str) -> tuple:
    """Shape, strides, offset, and whether the answer shares memory with one of the operands."""
    session = tcalc.Session(write=lambda text: None)
    session.run(SETUP)
    answer = session.run(source)
    shared = any(answer.storage is session.variables[name].storage for name in "xyc")
    return tuple(answer.shape), tuple(answer.stride), answer.offset, shared


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x.view(6, -1)", ((6, 4), (4, 1), 0, True)),
        ("x.transpose(0, 1).reshape(3, 8)", ((3, 8), (8, 1), 0, False)),
        ("x.transpose(0, 1).reshape(3, 2, 2, 2)", ((3, 2, 2, 2), (4, 12, 2, 1), 0, True)),
        ("x[:, :, ::2].flatten(0, 1)", ((6, 2), (4, 2), 0, True)),
        ("x[:, 1:].flatten(1)", ((2, 8), (12, 1), 4, True)),
        ("x[:, 1:].flatten()", ((16,), (1,), 0, False)),
        ("y.T", ((3, 2), (1, 3), 0, True)),
        ("x.mT", ((2, 4, 3), (12, 1, 4), 0, True)),
        ("x.permute(2, 0, 1)", ((4, 2, 3), (1, 12, 4), 0, True)),
        ("x.movedim((0, 1), (-1, 0))", ((3, 4, 2), (4, 1, 12), 0, True)),
        ("y[:1].expand(4, -1, 3)", ((4, 1, 3), (0, 3, 1), 0, True)),
        ("torch.zeros(3).expand(1, 1, 3)", ((1, 1, 3), (3, 3, 1), 0, False)),
        ("y.t().unsqueeze(1)", ((3, 1, 2), (1, 6, 3), 0, True)),
        ("x.narrow(1, -2, 2)", ((2, 2, 4), (12, 4, 1), 4, True)),
        ("x.select(-1, -1)", ((2, 3), (12, 4), 3, True)),
        ("x.diagonal(1, 1, 2)", ((2, 3), (12, 5), 1, True)),
        ("y.diagonal(-1)", ((1,), (4,), 3, True)),
        ("x.unfold(2, 3, 1)", ((2, 3, 2, 3), (12, 4, 1, 1), 0, True)),
        ("x.as_strided((2, 2), (1, 5), 3)", ((2, 2), (1, 5), 3, True)),
        ("y.view(torch.int16)", ((2, 6), (6, 1), 0, True)),
        ("c.imag", ((2, 2), (4, 2), 1, True)),
        ("torch.view_as_real(c.T)", ((2, 2, 2), (2, 4, 1), 0, True)),
        ("x.transpose(0, 2).clone()", ((4, 3, 2), (1, 4, 12), 0, False)),
        ("x[:, ::2].clone()", ((2, 2, 4), (8, 4, 1), 0, False)),
        ("x.transpose(0, 2).contiguous()", ((4, 3, 2), (6, 2, 1), 0, False)),
        ("x.transpose(0, 2).flip(0)", ((4, 3, 2), (1, 4, 12), 0, False)),
        ("y.rot90()", ((3, 2), (1, 3), 0, False)),
        ("torch.cat([y.T, y.T])", ((6, 2), (2, 1), 0, False)),
        ("x.split(2, -1)[1]", ((2, 3, 2), (12, 4, 1), 2, True)),
        ("torch.meshgrid(y[0], y[:, 0], indexing='xy')[0]", ((2, 3), (0, 1), 0, True)),
        ("torch.zeros(0, 3).reshape(3, 0)", ((3, 0), (1, 1), 0, False)),
    ],
)
def test_geometry(source: str, expected: tuple) -> None:
    assert geometry(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("torch.cat([torch.tensor([1]), torch.tensor([2.5])])", ("float32", [1.0, 2.5])),
        ("torch.stack([torch.tensor(1), torch.tensor(True)])", ("int64", [1, 1])),
        ("torch.hstack([y[:, :1], y[:, 2:]])", ("float32", [[0.0, 2.0], [3.0, 5.0]])),
        ("torch.block_diag(torch.tensor([1, 2]), torch.tensor(3))", ("int64", [[1, 2, 0], [0, 0, 3]])),
        ("torch.tensor([3, 4]).repeat(2, 2)", ("int64", [[3, 4, 3, 4], [3, 4, 3, 4]])),
        ("torch.repeat_interleave(y, torch.tensor([0, 2]), 0)", ("float32", [[3.0, 4.0, 5.0], [3.0, 4.0, 5.0]])),
        ("torch.roll(y, (1, -1), (0, 1))", ("float32", [[4.0, 5.0, 3.0], [1.0, 2.0, 0.0]])),
        ("torch.triu(y, 1)", ("float32", [[0.0, 1.0, 2.0], [0.0, 0.0, 5.0]])),
        ("torch.diag_embed(torch.tensor([1, 2]), -1)", ("int64", [[0, 0, 0], [1, 0, 0], [0, 2, 0]])),
        ("torch.combinations(torch.tensor([5, 6, 7]))", ("int64", [[5, 6], [5, 7], [6, 7]])),
        ("torch.tensor_split(torch.arange(7), 3)[1]", ("int64", [3, 4])),
    ],
)
def test_values(source: str, expected: tuple) -> None:
    answer = run(source)
    assert (answer.dtype.name, answer.numpy().tolist()) == expected


def test_what_is_written_through_a_view_shows_in_its_base() -> None:
    source = "y.T[0] = -1\nc.real = 7\nx.unfold(2, 2, 2)[0, 0, 1] = 9\n(y.tolist(), c.tolist(), x[0, 0].tolist())"
    assert run(source) == (
        [[-1.0, 1.0, 2.0], [-1.0, 4.0, 5.0]],
        [[7 + 2j, 7 - 1j], [7 + 0j, 7 + 0j]],
        [0, 1, 9, 9],
    )


def test_resize_and_set_keep_the_storage_that_aliases_see() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run(SETUP + "v = y[0]\ny.resize_(3, 3)\ny[0] = 8")
    session.run("z = torch.zeros(1, dtype=torch.int64)\nz.set_(x, 4, (2, 2), (1, 2))\nz[0] = -1")
    assert session.run("v.tolist()") == [8.0, 8.0, 8.0]
    assert session.run("z.tolist(), z.storage_offset()") == ([[-1, -1], [5, 7]], 4)
    assert session.run("x[0].tolist()") == [[0, 1, 2, 3], [-1, 5, -1, 7], [8, 9, 10, 11]]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("y.view(4)", "RuntimeError", "shape '[4]' is invalid for input of size 6"),
        ("y.view(-1, -1)", "RuntimeError", "only one dimension can be inferred"),
        (
            "y.T.view(6)",
            "RuntimeError",
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
        ),
        ("y.permute(0, 0)", "RuntimeError", "permute(): duplicate dims are not allowed."),
        ("x.t()", "RuntimeError", "t() expects a tensor with <= 2 dimensions, but self is 3D"),
        (
            "y.expand(3, 3)",
            "RuntimeError",
            "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  "
            "Target sizes: [3, 3].  Tensor sizes: [2, 3]",
        ),
        ("y.narrow(0, 1, 5)", "RuntimeError", "start (1) + length (5) exceeds dimension size (2)."),
        ("y.unsqueeze(5)", "IndexError", "Dimension out of range (expected to be in range of [-3, 2], but got 5)"),
        (
            "torch.cat([y, torch.zeros(2, 4)])",
            "RuntimeError",
            "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in "
            "the list.",
        ),
        (
            "torch.stack([y, x])",
            "RuntimeError",
            "stack expects each tensor to be equal size, but got [2, 3] at entry 0 and [2, 3, 4] at entry 1",
        ),
        (
            "y.view(torch.float64)",
            "RuntimeError",
            "self.size(-1) must be divisible by 2 to view Float as Double (different element sizes), but got 3",
        ),
        (
            "y.as_strided((3, 3), (2, 2))",
            "RuntimeError",
            "setStorage: sizes [3, 3], strides [2, 2], storage offset 0, and itemsize 4 requiring a storage size of 36 "
            "are out of bounds for storage of size 24",
        ),
    ],
)
def test_errors(source: str, kind: str, message: str) -> None:
    with pytest.raises(tcalc.TcalcError) as caught:
        run(source)
    assert (caught.value.kind, caught.value.message) == (kind, message)


def _on_meta(tensor: Tensor) -> Tensor:
    return empty(tensor.shape, tensor.dtype, meta)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cat", ([[1.0, 2.0], [3.0, 4.0]], 1)),
        ("repeat", (2, 1, 2)),
        ("roll", ((1,), (0,))),
        ("tril", (1,)),
        ("reshape", (4,)),
        ("permute", (1, 0)),
        ("flip", (0,)),
        ("diag", ()),
    ],
)
def test_shapes_are_known_without_computing(name: str, arguments: tuple) -> None:
    registry.load()
    made = tcalc.tensor([[1.0, 2.0], [3.0, 4.0]])
    record = registry.namespaces["torch"].get(name) or registry.methods[name].record
    if name == "cat":
        computed, described = record([made, made], 1), record([_on_meta(made)] * 2, 1)
    else:
        computed, described = record(made, *arguments), record(_on_meta(made), *arguments)
    assert described.is_meta
    assert (described.shape, described.dtype) == (computed.shape, computed.dtype)
