"""Programs with one statement over tensors of mixed dtypes, shapes and memory: in place, ``out=``, by index.

Written for programs.py, which says how they are recorded. Each prints the error, if any, and what every tensor is then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

_DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64",
    "complex128",
)  # fmt: skip
_COMMON = ("bool", "int32", "int64", "float32", "float64")
_SHAPES = ((3, 4), (2, 3), (4,), (2, 3, 2), (), (0,), (0, 3), (1, 3), (3, 1), (6,), (2, 2), (1,))
_VIEWS = ("T", "view(-1)", "expand(2, *base.shape)", "unsqueeze(0)", "data", "flip(0)", "real")
_NUMBERS = (
    "0", "1", "-1", "2", "2.5", "-0.5", "True", "1j", "300", "-200", "float('nan')", "float('inf')", "-0.0",
    "torch.tensor(3)", "torch.tensor(1.5)", "torch.tensor([1])", "torch.tensor(True)", "2**40", "(1+2j)", "'a'", "None",
)  # fmt: skip

IN_PLACE = (
    "a += b", "a -= n", "a *= n", "a /= n", "a //= n", "a **= 2", "a %= 3", "a &= b", "a ^= b", "a <<= 1", "a @= b",
    "a.add_(b)", "a.sub_(b, alpha=2)", "a.mul_(n)", "a.div_(b)", "a.copy_(b)", "a.fill_(n)", "a.zero_()", "a.neg_()",
    "a.abs_()", "a.clamp_(0, 2)", "a.clamp_(max=2.5)", "a.masked_fill_(a > 1, n)", "a.masked_fill_(b > 0, n)", "a.sqrt_()",
    "a.exp_()", "a.floor_()", "a.round_()", "a.lt_(b)", "a.eq_(1)", "a.logical_not_()", "a.bitwise_not_()", "a.pow_(2)",
    "a.pow_(0.5)", "a.remainder_(2)", "a.fmod_(2)", "a.cumsum_(0)", "a.sigmoid_()", "a.tril_()", "a.t_()", "a.unsqueeze_(0)",
    "a.squeeze_()", "a.transpose_(0, 1)", "a.expand(2, *a.shape).add_(1)", "a.T.mul_(2)",
)  # fmt: skip
OUT = (
    "torch.add(a, b, out=c)", "torch.add(a, b, out=b)", "torch.add(a, a, out=a)", "torch.mul(a, 2, out=b)", "torch.abs(a, out=b)",
    "torch.neg(a, out=b)", "torch.sqrt(a, out=b)", "torch.eq(a, b, out=c)", "torch.clamp(a, 0, 1, out=b)", "torch.pow(a, 2, out=b)",
    "torch.sum(a, 0, out=b)", "torch.prod(a, 0, out=b)", "torch.cumsum(a, 0, out=b)",
    "torch.argmax(a, 0, out=b)", "torch.where(a > 0, a, a, out=b)", "torch.maximum(a, b, out=c)", "torch.div(a, b, out=c)",
    "torch.floor_divide(a, 2, out=b)", "torch.cat([a, a], out=b)", "torch.tril(a, out=b)", "torch.round(a, out=b)",
)  # fmt: skip
BY_INDEX = (
    "a[...] = n", "a[0] = n", "a[:, 0] = n", "a[1:] = b", "a[a > 1] = n", "a[a > 1] = b", "a[[0, -1]] = b", "a[[0, 0]] = n",
    "a[()] = n", "a[0] += b[0]", "a[:, :1] *= 2", "a[-1] = a[0]", "a[None, ...] = n", "a[..., None] = b", "a[True] = n", "a[torch.tensor([True, False])] = n", "a.T[0] = n",
    "a.index_fill_(0, torch.tensor([0]), n)", "a.index_add_(0, torch.tensor([0, 0]), b)",
    "a.index_put_((torch.tensor([0, 0]),), b, accumulate=True)", "a.index_put_((torch.tensor([0, -1]),), b)",
    "a.put_(torch.tensor([0, -1]), b)", "a.scatter_add_(0, torch.tensor([[0, 1, 0]]), b)", "a.fill_diagonal_(n)",
)  # fmt: skip
VALUES = (
    "v = a + b", "v = a - n", "v = a * n", "v = a / b", "v = n / a", "v = a // 2", "v = a % 3", "v = a % -2.5", "v = a ** 3.0",
    "v = a ** -2", "v = 2 ** a", "v = a == b", "v = a < b", "v = a & b", "v = ~a", "v = -a", "v = a @ b", "v = a.view(torch.int32)",
    "v = a.view(torch.uint8)", "v = a.view(torch.float64)", "v = a.sum(0)", "v = a.mean()", "v = a.max()", "v = a.cumsum(0)",
    "v = torch.maximum(a, b)", "v = torch.stack([a, b])", "v = torch.cat([a, b])", "v = torch.where(a > 0, a, b)",
    "v = a.to(b.dtype)", "v = a.type_as(b)", "v = a.expand_as(b)", "v = a.unfold(0, 2, 1)", "v = a.diagonal()", "v = a.imag",
    "v = torch.view_as_real(a)", "v = a.as_strided((2, 2), (1, 1))", "v = a[a > 1]", "v = a.flip(0)", "v = a.masked_select(b > 0)",
)  # fmt: skip
# Where memory that repeats itself, or none at all, is a second fault, and which of the two is told says little.
_TWICE_WRONG = frozenset(("a.clamp_(0, 2)", "a.index_fill_(0, torch.tensor([0]), n)", "a.index_add_(0, torch.tensor([0, 0]), b)",
    "a.index_put_((torch.tensor([0, 0]),), b, accumulate=True)"))  # fmt: skip
_STATEMENTS = (*IN_PLACE, *OUT, *BY_INDEX, *VALUES)


def _base(chance: random.Random, shape: tuple[int, ...], dtype: str) -> str:
    count = 1
    for size in shape:
        count *= size
    start = 0 if dtype.startswith("u") else chance.choice((0, -3))
    return f"torch.arange({start}, {start + count}).reshape({shape}).to(torch.{dtype})"


def _program(chance: random.Random, statement: str) -> str:
    shape = chance.choice(_SHAPES)
    dtypes = [chance.choice(_DTYPES if chance.random() < 0.5 else _COMMON) for _ in range(3)]
    shapes = [shape, shape if chance.random() < 0.6 else chance.choice(_SHAPES), chance.choice(_SHAPES)]
    if chance.random() < 0.5:
        dtypes[1] = dtypes[0]
    made = [_base(chance, *pair) for pair in zip(shapes, dtypes, strict=True)]
    view = f".{chance.choice(_VIEWS)}" if chance.random() < 0.25 else ""
    if statement in _TWICE_WRONG and (view.startswith(".expand") or 0 in shape):
        view, made[0] = "", _base(chance, (2, 3), dtypes[0])
    lines = [
        f"base = {made[0]}",
        f"a = base{view}",
        f"b = {made[1]}",
        f"c = {made[2]}",
        f"n = {chance.choice(_NUMBERS)}",
    ]
    show = "abc" if not statement.startswith("v =") else "v"
    lines += ["try:", f"    {statement}", "except Exception as e:"]
    lines += ["    v = a", "    print(type(e).__name__, str(e).split('\\n')[0])"]
    lines += [f"print({name}, {name}.shape, {name}.dtype, {name}.stride())" for name in show]
    return "\n".join(lines)


def mixed() -> Iterator[str]:
    """Eight programs a statement, the same on every run."""
    chance = random.Random(20241125)
    for statement in _STATEMENTS:
        for _ in range(8):
            yield _program(chance, statement)


# ---------------------------------------------------------------- more ways to write an index

_RANKS = ((), (3,), (1,), (0,), (2, 3), (1, 4), (3, 0), (2, 3, 4), (2, 1, 3), (3, 2, 2, 3), (2, 2, 2, 2, 2))
_ASSIGNED = (
    "-1", "2.5", "torch.tensor(-5)", "x[INDEX] * 10", "torch.arange(2)", "True", "torch.tensor([7])", "x.flatten()[:1].clone()",
    "torch.ones(1, 1, dtype=x.dtype)", "float('nan')", "np.int64(3)", "torch.arange(3).to(x.dtype)", "torch.tensor(2.5)",
)  # fmt: skip
_CHANGED = (".T", ".transpose(0, -1)", ".flip(0)", ".unsqueeze(0)")


def _item(chance: random.Random, size: int) -> str:
    """An index for one dimension: numbers, slices, lists, ranges, arrays, masks, tensors of every kind."""

    def number() -> int:
        if not size or chance.random() < 0.05:
            return chance.choice((size, -size - 1, 0))
        return chance.randint(-size, size - 1)

    mask = ", ".join(str(chance.random() < 0.5) for _ in range(size))
    low, high = (chance.choice(("", str(chance.randint(-size - 1, size + 1)))) for _ in range(2))
    return chance.choice(
        (
            str(number()), str(number()), f"{low}:{high}", f"{low}:{high}:2", ":", ":", f"torch.tensor({number()})",
            f"[{number()}, {number()}]", f"torch.tensor([{number()}, {number()}])", f"torch.tensor([[{number()}], [{number()}]])",
            f"torch.tensor([{mask}], dtype=torch.bool)", f"[{mask}]" if size else ":", f"np.array([{number()}, {number()}])",
            f"torch.tensor([{number()}], dtype=torch.int32)", "torch.empty(0, dtype=torch.long)", "[]", f"range({min(size, 2)})",
            f"({number()}, {number()})", f"slice({number()}, None, 2)", f"np.int64({number()})", "torch.tensor(True)", "True",
        )
    )  # fmt: skip


def _written(chance: random.Random, shape: tuple[int, ...]) -> str:
    items = [_item(chance, size) for size in shape[: chance.randint(0, len(shape))]]
    for extra in ("None", "..."):
        if chance.random() < 0.25:
            items.insert(chance.randint(0, len(items)), extra)
    return ", ".join(items or [chance.choice(("...", "None", "()", "True", "x > 3", "torch.tensor(0)", "False"))])


def indexed() -> Iterator[str]:
    """Reads, writes, and changes in place through indices; strides, offsets and views are told too."""
    chance = random.Random(20241126)
    for shape in _RANKS * 70:
        count = 1
        for size in shape:
            count *= size
        make = f"x = torch.arange({count}).reshape({shape}).to(torch.{chance.choice(_DTYPES)})"
        if chance.random() < 0.2 and shape:
            make += f"\nx = x{chance.choice(_CHANGED)}"
        index = _written(chance, shape)
        kind = chance.random()
        if kind < 0.5:
            yield f"{make}\ny = x[{index}]\nprint(y, y.shape, y.stride(), y.storage_offset(), y._is_view())"
        elif kind < 0.85:
            yield f"{make}\nx[{index}] = {chance.choice(_ASSIGNED).replace('INDEX', index)}\nprint(x)"
        else:
            yield f"{make}\nx[{index}] += {chance.choice(('1', '2', '0.5', f'x[{index}]'))}\nprint(x, x._version > 0)"
