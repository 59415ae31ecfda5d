"""Programs of our own, to be run by PyTorch (record_programs.py) and by tcalc (test_programs.py).

Each family is a function that yields sources, the same on every run. A program is written in the part of
Python that tcalc shares with PyTorch, and prints what it wants compared.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from mixed import indexed, mixed

# ---------------------------------------------------------------- view, then write through one alias

_BASES = ("torch.arange(12.).reshape(3, 4)", "torch.arange(24).reshape(2, 3, 4)")
_VIEWS = (
    "x[1]", "x[:, 1]", "x[..., -1]", "x[1:]", "x[:, ::2]", "x[None]", "x[1:2, None]", "x[-1:, 1:3]", "x[0:0]",
    "x.T", "x.mT", "x.t() if x.ndim == 2 else x", "x.transpose(0, 1)", "x.permute(*range(x.ndim - 1, -1, -1))",
    "x.movedim(0, -1)", "x.swapaxes(0, -1)", "x.view(-1)", "x.view(4, -1)", "x.view(-1, 2)", "x.reshape(-1)", "x.reshape(4, -1)",
    "x.transpose(0, 1).reshape(-1)", "x.flatten()", "x.flatten(0, 1)", "x.ravel()", "x.unflatten(-1, (2, 2))",
    "x.unsqueeze(1)", "x[:1].squeeze(0)", "x[:1].squeeze()", "x.expand(2, *x.shape)", "x[:1].expand(3, *x.shape[1:])",
    "x.narrow(0, 1, 1)", "x.select(-1, 2)", "x.diagonal()", "x.diagonal(1, 0, 1)", "x.unfold(-1, 2, 1)", "x.unfold(-1, 2, 2)",
    "x.split(2, -1)[1]", "x.split([1, 3], -1)[1]", "x.chunk(2, -1)[0]", "x.unbind(0)[1]", "x.tensor_split(3, -1)[1]",
    "x.hsplit(2)[1]", "x.vsplit([1])[0]",
    "x.as_strided((2, 2), (1, 2))", "x.as_strided((3,), (4,), 1)", "x.as_strided((2, 3), (0, 1))", "x.detach()", "x.data",
    "x.view(torch.int32) if x.dtype == torch.float32 else x.view(torch.float64)", "x.view(torch.uint8)[..., :2]",
    "x.real", "x.contiguous()", "x.T.contiguous()", "x.clone()", "x + 0", "x[[0, 1]]", "x[x > 3]", "x.flip(0)", "x.roll(1)",
    "x.view_as(x)", "x.expand_as(x)", "torch.broadcast_to(x, (2, *x.shape))", "x.to(x.dtype)", "x.numpy()", "torch.from_numpy(x.numpy())",
    "torch.atleast_3d(x)", "x.positive()", "x.squeeze(0)", "x.swapdims(0, 1)", "x.rot90()",
)  # fmt: skip
_WRITES = (
    "v[...] = 7", "v += 1", "v.copy_(x.reshape(-1)[:1])", "x[0] = -1", "x.mul_(2)", "x[..., 0] = 5",
)  # fmt: skip
_SHOW = "print(x)\nprint(v)\nprint(x.sum())"
_GEOMETRY = "print(v.shape, v.stride(), v.storage_offset(), v.is_contiguous())"


def aliasing() -> Iterator[str]:
    """A view of a tensor, a write through one of the two, and both printed."""
    for base in _BASES:
        for view in _VIEWS:
            geometry = "" if "numpy()" in view and "from_numpy" not in view else f"{_GEOMETRY}\n"
            yield f"x = {base}\nv = {view}\n{geometry}{_SHOW}"
            for write in _WRITES:
                if "view(torch." in view and "copy_" in write:
                    continue
                if geometry or "copy_" not in write:
                    yield f"x = {base}\nv = {view}\n{write}\n{_SHOW}"


# ---------------------------------------------------------------- indexing

_SHAPES = ((), (3,), (1,), (0,), (2, 3), (1, 4), (3, 0), (2, 3, 4), (2, 1, 3), (3, 2, 2, 3), (1, 2, 1, 2))


def _index_item(chance: random.Random, size: int) -> str:
    """An index for one dimension, in bounds most of the time."""
    low, high = -size, size - 1
    pick = chance.randrange(14)
    if pick < 3 and size:
        return str(chance.randint(low, high))
    if pick < 7:
        bounds = [str(chance.randint(-size - 1, size + 1)) if chance.random() < 0.6 else "" for _ in range(2)]
        step = f":{chance.randint(1, 3)}" if chance.random() < 0.4 else ""
        return f"{bounds[0]}:{bounds[1]}{step}"
    if pick == 7:
        return ":"
    if pick < 10 and size:
        values = ", ".join(str(chance.randint(low, high)) for _ in range(chance.choice((1, 2, 2))))
        return f"[{values}]" if pick == 8 else f"torch.tensor([{values}])"
    if pick == 10 and size:
        column = ", ".join(f"[{chance.randint(low, high)}]" for _ in range(2))
        return f"torch.tensor([{column}])"
    if pick == 11:
        mask = ", ".join(str(chance.random() < 0.5) for _ in range(size))
        return f"torch.tensor([{mask}], dtype=torch.bool)"
    if pick == 12 and size:
        return f"torch.tensor({chance.randint(low, high)})"
    return chance.choice((str(size), "::0", "::-1", "torch.tensor([9])")) if chance.random() < 0.3 else ":"


def _index(chance: random.Random, shape: tuple[int, ...]) -> str:
    items = [_index_item(chance, size) for size in shape[: chance.randint(0, len(shape))]]
    for extra in ("None", "...", "True", "False"):
        if chance.random() < (0.25 if extra in ("None", "...") else 0.04):
            items.insert(chance.randint(0, len(items)), extra)
    if not items:
        items = [chance.choice(("...", "None", "()", "True", "x > 4", "torch.tensor(True)"))]
    return ", ".join(items)


def indexing() -> Iterator[str]:
    """Index expressions and assignments over ranks 0 to 4, with empty and size-1 dimensions."""
    chance = random.Random(20240607)
    for shape in _SHAPES:
        numel = 1
        for size in shape:
            numel *= size
        make = f"x = torch.arange({numel}).reshape({shape})"
        for _ in range(45):
            index = _index(chance, shape)
            yield f"{make}\ny = x[{index}]\nprint(y.shape, y.stride())\nprint(y)"
        for _ in range(25):
            index = _index(chance, shape)
            value = chance.choice(
                ("-1", "-1", "2.7", "torch.tensor(-5)", f"x[{index}] * 10", "torch.arange(2)", "True")
            )
            yield f"{make}\nx[{index}] = {value}\nprint(x)"


# ---------------------------------------------------------------- errors

_SETUP = "x = torch.ones(2, 3)\nv = torch.arange(3)\nb = torch.tensor([True, False])\nc = torch.ones(2, dtype=torch.complex64)\n"
_FAULTS = """
x + torch.ones(4)
x * torch.ones(2, 2)
x @ x
x @ torch.ones(2)
v @ torch.ones(3)
torch.mm(x, v)
torch.mv(x, torch.ones(2))
torch.dot(x, x)
torch.dot(torch.ones(2), torch.ones(3))
torch.bmm(x, x)
torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 4))
torch.matmul(x, torch.tensor(2.0))
torch.addmm(torch.ones(5), x, x.T)
x.view(4, 2)
x.view(-1, -1)
x.view(-1, 4)
x.T.view(6)
x.reshape(5)
x.reshape(-1, -1)
x.reshape(4, -1)
x.expand(3, 3)
x.expand(3)
x.expand(-1, 2, 3)
x.permute(0)
x.permute(0, 0)
x.transpose(0, 2)
x.t().unsqueeze(0).t()
x.squeeze(2)
x.unsqueeze(4)
x.flatten(1, 0)
x.unflatten(0, (3, 3))
x.narrow(0, 1, 2)
x.select(0, 2)
x.select(2, 0)
x.diagonal(0, 0, 0)
v.diagonal()
x.unfold(0, 3, 1)
x.unfold(0, 1, 0)
x.split(-1)
x.split([1, 2])
x.chunk(0)
torch.tensor(1).unbind()
x.as_strided((3,), (9,))
x.as_strided((3,), (-1,))
x.movedim(0, 3)
x[2]
x[0, 3]
x[0, 0, 0]
x[-3]
x[::-1]
x[::0]
x['a']
x[1.5]
x[torch.tensor([5])]
x[torch.tensor([1.0])]
x[[0, 1, 2]]
x[torch.tensor([True, False, True])]
x[[0, 1], [0, 1, 2]]
x[None, 5]
torch.tensor(3)[0]
torch.tensor(3)[1:]
x[0] = torch.ones(4)
x[5] = 1
x[:, :4] = torch.ones(2, 4)
x[torch.tensor([0, 1])] = torch.ones(3, 3)
v[0] = 1j
v[0] = 'a'
v.add_(1.5)
v.mul_(x)
v.div_(2)
b.add_(1)
x.add_(torch.ones(3, 2, 3))
x.add_(c[0])
b - b
-b
b - 1
~x
x & 1
x << 1
c < c
c % 2
c // 2
v // 0
v % 0
v ** -1
torch.sqrt(x, out=v)
torch.add(x, 1, out=b)
torch.add(v, v, alpha=1.5)
torch.sub(b, b)
torch.div(x, 2, rounding_mode='up')
torch.floor(c)
torch.sign(c)
torch.clamp(x)
torch.maximum(c, c)
torch.bitwise_and(x, x)
x.sum(2)
x.sum((0, 0))
x.sum(dim=(0, 2))
v.mean()
b.mean()
v.std()
v.var()
x.max(5)
x.argmax(3)
torch.empty(0).max()
torch.empty(0).argmax()
torch.empty(0, 3).max(0)
torch.empty(0).min()
torch.empty(0, 2).amax(0)
c.max()
c.amax(0)
x.prod(4)
x.cumsum(2)
x.cumprod(-3)
v.norm()
torch.logsumexp(x, 2)
torch.median(torch.ones(2, dtype=torch.complex64))
torch.cat([x, v])
torch.cat([x, torch.ones(3, 3)], 1)
torch.cat([])
torch.cat(x)
torch.cat([x, x], 2)
torch.stack([x, v])
torch.stack([])
torch.hstack([x, v])
torch.zeros(-1)
torch.zeros(2, -3)
torch.ones(2.5)
torch.zeros('a')
torch.arange(5, 0)
torch.arange(0, 5, 0)
torch.arange(0, 5, -1)
torch.linspace(0, 1)
torch.linspace(0, 1, -1)
torch.eye(-1)
torch.full((2,))
torch.tensor([[1, 2], [3]])
torch.tensor([1, 'a'])
torch.tensor('a')
torch.tensor(None)
torch.tensor([1, None])
torch.tensor([[1], 2])
torch.tensor([2**70])
torch.tensor([300], dtype=torch.uint8)
torch.rand(2, dtype=torch.int64)
torch.randint(5, 2, (3,))
torch.randint(3)
torch.randperm(-1)
torch.item()
x.item()
torch.empty(0).item()
x.tolist(1)
x.to('nowhere')
x.to('cuda:x')
bool(x)
bool(torch.empty(0))
int(x)
float(c[0] * 1j)
len(torch.tensor(1))
list(torch.tensor(1))
x.numpy(1, 2)
torch.ones(2, requires_grad=True).numpy()
torch.ones(2, dtype=torch.int64, requires_grad=True)
v.requires_grad_()
torch.ones(2, requires_grad=True).add_(1)
torch.linalg.inv(torch.zeros(2, 2))
torch.linalg.inv(x)
torch.linalg.solve(torch.zeros(2, 2), torch.ones(2))
torch.linalg.cholesky(-torch.eye(2))
torch.linalg.det(x)
torch.linalg.eigh(x)
torch.inverse(v.reshape(1, 3))
torch.trace(v)
torch.where(x, x, x)
torch.where(b, x, 1)
torch.gather(x, 0, v)
torch.gather(x, 2, v.reshape(1, 3))
torch.gather(x, 0, torch.tensor([[5, 0, 0]]))
x.index_select(0, torch.tensor([5]))
x.index_select(0, torch.tensor([[0]]))
x.index_select(3, torch.tensor([0]))
x.masked_fill(x, 1)
x.masked_select(v)
x.scatter(0, torch.tensor([[3, 0, 0]]), 1.0)
torch.take(x, torch.tensor([9]))
x.sort(2)
x.topk(5)
x.topk(2, dim=3)
torch.kthvalue(x, 9)
torch.tril(v)
torch.nonexistent(x)
x.nonexistent
x.nonexistent()
x.sum(foo=1)
torch.exp(x, 2)
torch.exp()
torch.exp('a')
torch.add(x)
x.view_as(3)
x.type('nope')
x.fill_(torch.ones(2))
x.copy_(torch.ones(3, 2))
x.resize_(-1)
x.repeat(2)
x.roll((1, 2), 0)
x.flip(2)
torch.manual_seed('a')
torch.set_default_dtype(torch.int64)
torch.promote_types(torch.uint16, torch.int32)
torch.finfo(torch.int32)
torch.iinfo(torch.float32)
torch.einsum('ij,jk', x, x)
torch.einsum('i', x)
x.softmax(2)
torch.nn.functional.relu('a')
torch.nn.functional.one_hot(torch.tensor([-1]))
torch.nn.functional.one_hot(torch.tensor([3]), 2)
x.unbind(2)
torch.broadcast_tensors(x, torch.ones(2))
torch.histc(v)
torch.bincount(-v)
torch.bincount(x)
torch.cross(x, torch.ones(2, 2))
torch.diff(torch.tensor(1))
torch.quantile(x, 1.5)
x.float('a')
x.mT.view(6)
torch.view_as_complex(x)
torch.view_as_real(x)
x.imag
torch.ones(2)[b, b]
torch.maximum(x, 2)
torch.maximum(2, 3)
torch.pow(2, 3)
torch.eq(2, x)
torch.bitwise_and(2, 3)
torch.xlogy(2, 3)
torch.logical_and(x, 1)
torch.gcd(v, 2)
torch.special.zeta(2, 3)
torch.special.gammainc(x, 2)
torch.remainder(2, 3)
torch.isin(2, 3)
torch.sum('a')
torch.sum(x, 'a')
x.sum('a')
x.sum(1, 2, 3, 4)
torch.max(x, 'a')
x.max('a')
torch.std('a')
torch.eye()
torch.eye('a')
torch.add('a')
torch.add(bogus=1)
torch.add(x, bogus=1)
torch.add(x, 'a')
torch.sub(x)
torch.mul(x)
torch.multiply(x)
torch.absolute('a')
torch.negative(x, 1)
torch.arctan2(x, 1)
torch.less_equal(2, x)
x.abs(1)
x.abs(foo=1)
x.neg_(1, 2)
x.item(3)
x.numel(1)
torch.get_default_dtype(1)
torch.is_grad_enabled(1)
torch.full()
torch.full(2, 3)
torch.gather()
torch.gather(x, dim='a')
torch.topk(x)
torch.cumsum(x)
torch.cumsum(x, bogus=1)
torch.cumsum(x, dim=0, axis=1)
torch.logsumexp(x)
torch.logsumexp(x, 'a')
torch.chunk(x)
x.chunk()
x.chunk('a')
torch.cat('a')
torch.cat([x, 'a'])
torch.cat([x, 1])
torch.stack(3)
torch.zeros()
torch.zeros([2, 2.5])
torch.zeros(2, 2.5)
torch.zeros(2.5)
torch.zeros(2, dtype='float32')
torch.zeros(2, bogus=1)
torch.ones(-1)
torch.rand()
torch.rand('a')
torch.randn(2, 'a')
torch.randperm('a')
torch.randint(1, 3)
x.view('a')
x.view()
x.reshape('a')
x.reshape()
x.reshape('a', 'b')
x.permute('a')
x.permute()
x.expand()
x.expand(2, 'a')
x.repeat()
x.flip()
x.tril('a')
x.transpose(0)
x.transpose(0, 'a')
x.transpose(0, 1, 2)
x.unsqueeze()
x.unsqueeze(dim='a')
x.narrow(0, 1)
x.select(0)
x.index_select(0, 1)
x.masked_fill(1, 2)
x.scatter(0, 1, 2, 3, 4)
x.clamp()
x.clamp('a')
x.pow()
x.pow('a')
x.div()
x.div(2, 3)
x.div(2, rounding_mode='up')
x.eq()
x.eq('a')
x.lerp(x)
x.addmm(x)
torch.addmm(x, x, 'a')
torch.matmul(x)
torch.matmul(x, 2)
torch.mm(x, 'a')
torch.dot(v, 2)
torch.einsum('ij->k', x)
torch.norm()
torch.norm(x, foo=1)
torch.tensordot()
torch.cdist(x)
torch.split(x)
torch.linalg.norm(x, foo=1)
torch.linalg.det()
torch.linalg.svd(x, foo=1)
torch.linalg.solve(x)
torch.fft.fft(x, 'a')
torch.fft.fft()
torch.special.expit()
torch.special.entr('a')
torch.special.xlogy(x)
torch.nn.functional.relu()
torch.nn.functional.relu(x, 1, 2)
torch.nn.functional.gelu()
torch.nn.functional.softmax(foo=1)
torch.nn.functional.linear(x)
torch.nn.functional.mse_loss(x)
torch.nn.functional.conv2d(x)
torch.nn.functional.leaky_relu(x, foo=1)
torch.nn.functional.cross_entropy()
x.bool(1)
x.contiguous(1)
x.is_contiguous(1)
x.to()
x.var('a')
x.sort('a')
x.quantile()
x.movedim(0)
x.squeeze('a')
x.hsplit('a')
x.tensor_split()
x.unflatten(0)
x.fill_('a')
x.fill_()
x.zero_(1)
x.random_('a')
x.set_('a')
x.normal_('a')
x.uniform_(2, 1)
torch.bernoulli('a')
torch.normal()
torch.where()
torch.where(x > 0, x)
torch.bucketize(x)
torch.searchsorted(v, 'a')
torch.var_mean('a')
x.var_mean()
x.rsub(1)
torch.meshgrid(x, v)
torch.linspace(0, 1, 2.5)
torch.linspace(0, 1, 2, 3)
torch.arange()
torch.arange(0, 1, 2, 3)
torch.tensor()
torch.tensor(1, 2)
torch.tensor(1, bogus=2)
torch.unbind(x, bogus=1)
torch.diagonal(x, 'a')
torch.roll(x)
torch.nonzero()
torch.histc('a')
torch.bincount('a')
torch.triu_indices(2)
torch.cross(x)
x.view(2, 'a')
x.sum((0, 'a'))
x.sum(('a', 0))
x.sum((0, 'a'), foo=1)
x.roll((1, 'a'), (0, 1))
x.permute(0, 1.5)
torch.full((2, 'a'), 1)
torch.linalg.inv('a')
"""


def errors() -> Iterator[str]:
    """Faults, each by its class and words, and what it leaves behind."""
    for fault in _FAULTS.strip().split("\n"):
        yield _SETUP + fault


FAMILIES = {"aliasing": aliasing, "indexing": indexing, "errors": errors, "mixed": mixed, "indexed": indexed}
