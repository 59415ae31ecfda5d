"""Arguments that do not fit, in PyTorch's words, and how results of pointwise operations lie in memory."""

from __future__ import annotations

import pytest

import tcalc
from tcalc.ops import overloads, registry

registry.load()
NO_SIGNATURE = " received an invalid combination of arguments - got"


def fault(source: str) -> str:
    session = tcalc.Session(write=lambda text: None)
    session.run("import torch\nx = torch.ones(2, 3)")
    with pytest.raises(tcalc.TcalcError) as caught:
        session.run(source)
    assert caught.value.kind == "TypeError"
    return str(caught.value).split("\n")[0]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        # One signature takes two arguments, so its own fault is named; of three none does.
        ("torch.add(x, 'a')", "add(): argument 'other' (position 2) must be Tensor, not str"),
        ("torch.sum(x, 'a')", f"sum(){NO_SIGNATURE} (Tensor, str), but expected one of:"),
        ("x.sum(foo=1)", f"sum(){NO_SIGNATURE} (foo=int, ), but expected one of:"),
        (
            "x.sub(1, 2, 3)",
            "sub() received an invalid combination of arguments - got (!int!, !int!, !int!), "
            "but expected (Tensor other, *, Number alpha = 1)",
        ),
        # What is missing comes before what is unknown, and PyTorch's plural is the wrong way round.
        ("torch.full(bogus=1)", 'full() missing 2 required positional argument: "size", "fill_value"'),
        ("torch.nn.functional.mse_loss(x)", "mse_loss() missing 1 required positional argument: 'target'"),
        # An alias errs by its own name, a namespace's function by both.
        ("torch.absolute('a')", "absolute(): argument 'input' (position 1) must be Tensor, not str"),
        ("x.less_equal_()", f"less_equal_(){NO_SIGNATURE} (), but expected one of:"),
        ("torch.linalg.inv('a')", "linalg_inv(): argument 'A' (position 1) must be Tensor, not str"),
        ("torch.special.zeta(2, 3)", f"special_zeta(){NO_SIGNATURE} (int, int), but expected one of:"),
        # Methods without parameters.
        ("x.exp_(1)", "TensorBase.exp_() takes no arguments (1 given)"),
        ("x.exp(out=1)", "TensorBase.exp() takes no keyword arguments"),
        # The first size decides that it is a list of sizes.
        (
            "x.view(2, 'a')",
            "view(): argument 'size' failed to unpack the object at pos 2 with error "
            '"type must be tuple of ints,but got str"',
        ),
        ("torch.zeros('a', 2)", "zeros() takes 1 positional argument but 2 were given"),
        # Keywords come out of a hash map of PyTorch's: mostly the last one first.
        (
            "torch.eye(x, layout=None, device='cpu')",
            f"eye(){NO_SIGNATURE} (Tensor, device=str, layout=NoneType), but expected one of:",
        ),
        (
            "torch.index_fill(x, dim=0, index=None, value=x)",
            f"index_fill(){NO_SIGNATURE} (Tensor, index=NoneType, value=Tensor, dim=int), but expected one of:",
        ),
        (
            "torch.hann_window('a', device='cpu', out=x)",
            f"hann_window(){NO_SIGNATURE} (str, out=Tensor, device=str), but expected one of:",
        ),
        # Found by the function itself.
        ("torch.where(x > 0, x)", f"where(){NO_SIGNATURE} (Tensor, Tensor), but expected one of:"),
    ],
)  # fmt: skip
def test_words(source: str, words: str) -> None:
    assert fault(source) == words


@pytest.mark.parametrize("source", ["maximum(x, 2)", "pow(2, 3)", "eq(2, x)", "logical_and(x, True)", "isin(2, 3)"])
def test_numbers_where_pytorch_wants_tensors(source: str) -> None:
    fault(f"torch.{source}")


def test_numbers_where_they_may_stand() -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run(
        "import torch\nx = torch.ones(2)\na = [2 ** x, 2 % x, 2 < x, torch.pow(2, x), torch.add(2, 3), sqrt(4)]"
    )
    assert session.variables["a"][-1] == 2.0


def test_every_counted_name_exists() -> None:
    functions = {
        prefix + name
        for path, prefix in (("torch", ""), ("torch.special", "special_"), ("torch.linalg", "linalg_"))
        for name in registry.namespaces[path]
    }
    counted = {name for names in overloads._FUNCTIONS.values() for name in names.split()}
    assert counted <= functions
    methods = {name for names in overloads._METHODS.values() for name in names.split()}
    assert methods <= set(registry.methods)


@pytest.mark.parametrize(
    ("source", "stride"),
    [
        ("torch.ones(2, 3).T + 1", (1, 3)),
        ("torch.ones(2, 3).T * torch.ones(3, 2)", (1, 3)),
        ("torch.ones(3, 2) * torch.ones(2, 3).T", (2, 1)),
        ("torch.ones(4, 1).expand(4, 3) + torch.ones(3, 4).T", (1, 4)),
        ("torch.ones(2, 4, 1).expand(2, 4, 4) + torch.ones(4, 2, 4).permute(1, 2, 0)", (4, 1, 8)),
        # PyTorch adds to a copy of the first in the common type, which is no longer expanded.
        ("torch.ones(2, 4, 1).expand(2, 4, 4) + torch.ones(4, 2, 4).permute(1, 2, 0).double()", (16, 4, 1)),
        ("torch.ones(6, 4)[::2, ::2].exp()", (2, 1)),
        ("-torch.ones(1, 3, 3, 4).permute(1, 3, 0, 2)", (12, 1, 12, 4)),
        ("torch.empty(2, 3, device='meta').T + 1", (1, 3)),
    ],
)
def test_strides_of_results(source: str, stride: tuple[int, ...]) -> None:
    session = tcalc.Session(write=lambda text: None)
    session.run(f"import torch\nr = {source}")
    assert tuple(session.variables["r"].stride) == stride
