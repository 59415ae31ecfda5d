"""``torch.nn.init``: weights filled in place, with the numbers that layers start from.

What layers let through grows or shrinks with the number of values that flow into a place (``fan_in``) or out of it
(``fan_out``); Glorot's (xavier) and He's (kaiming) rules choose the spread of the weights so that it does neither.
"""

from __future__ import annotations

import math
from functools import wraps

from tcalc.engine.random import Generator
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import value_error
from tcalc.ops.creation.likeness import like
from tcalc.ops.registry import namespaces, op
from tcalc.ops.session.modes import no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INIT = "torch.nn.init"
# What a nonlinearity makes of the spread of its input, undone.
_GAINS = {
    **dict.fromkeys(("linear", "sigmoid"), 1),
    **{f"conv{kind}{dims}d": 1 for kind in ("", "_transpose") for dims in (1, 2, 3)},
    "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4,
}  # fmt: skip


@op(namespace=INIT)
def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """The factor for weights whose output goes through a nonlinearity.

    It multiplies their spread. ``param`` is the negative slope of ``leaky_relu``.

    >>> torch.nn.init.calculate_gain("leaky_relu", 0.2)
    1.3867504905630728
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise value_error(f"negative_slope {param} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise value_error(f"Unsupported nonlinearity {nonlinearity}")
    return _GAINS[nonlinearity]


# ---------------------------------------------------------------- the same everywhere


@op(namespace=INIT)
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value.

    >>> torch.nn.init.constant_(empty(2), 0.3)
    tensor([0.3000, 0.3000])
    """
    with no_grad():
        filled: Tensor = tensor.fill_(val)
    return filled


@op(namespace=INIT)
def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones.

    >>> torch.nn.init.ones_(empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


@op(namespace=INIT)
def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros.

    >>> torch.nn.init.zeros_(empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


@op(namespace=INIT)
def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with ones on its diagonal and zeros elsewhere.

    A layer of such weights hands on what it gets.

    >>> torch.nn.init.eye_(empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    _need_matrix(tensor)
    with no_grad():
        tensor.zero_().diagonal().fill_(1)
    return tensor


def _need_matrix(tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise value_error("Only tensors with 2 dimensions are supported")


@op(namespace=INIT)
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weights of a convolution that hands on its channels.

    As many as there is room for.

    >>> torch.nn.init.dirac_(empty(2, 1, 3))
    tensor([[[0., 1., 0.]],
    <BLANKLINE>
            [[0., 0., 0.]]])
    """
    if tensor.ndim not in (3, 4, 5):
        raise value_error("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.shape[0] % groups:
        raise value_error("dim 0 must be divisible by groups")
    each = tensor.shape[0] // groups
    with no_grad():
        centres = tensor.zero_()
        for size in tensor.shape[2:]:
            centres = centres.select(2, size // 2)
        for group in range(groups):
            centres[group * each : (group + 1) * each].diagonal().fill_(1)
    return tensor


# ---------------------------------------------------------------- chance


@op(namespace=INIT, name="uniform_")
def init_uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with numbers evenly distributed between ``a`` and ``b``.

    >>> manual_seed(0);
    >>> torch.nn.init.uniform_(empty(2))
    tensor([0.4963, 0.7682])
    """
    with no_grad():
        filled: Tensor = tensor.uniform_(a, b, generator=generator)
    return filled


@op(namespace=INIT, name="normal_")
def init_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with normal numbers.

    >>> manual_seed(0);
    >>> torch.nn.init.normal_(empty(2))
    tensor([ 1.5410, -0.2934])
    """
    with no_grad():
        filled: Tensor = tensor.normal_(mean, std, generator=generator)
    return filled


@op(namespace=INIT)
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normal numbers between ``a`` and ``b``.

    Others are drawn anew.

    >>> manual_seed(0);
    >>> torch.nn.init.trunc_normal_(empty(3))
    tensor([ 1.5410, -0.2934, -1.3986])
    """
    if tensor.is_meta:
        return tensor
    if mean < a - 2 * std or mean > b + 2 * std:
        current().warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect."
        )
    within = math.erf((b - mean) / std / math.sqrt(2)) / 2 - math.erf((a - mean) / std / math.sqrt(2)) / 2
    with no_grad():
        if within > 0.3:
            _redraw_outside(tensor, mean, std, a, b, generator)
        else:
            _reject(tensor, mean, std, a, b, generator)
    return tensor


def _redraw_outside(tensor: Any, mean: float, std: float, a: float, b: float, generator: Generator | None) -> None:
    """Most numbers fall within the bounds: all are drawn again until every place has had one that does."""
    low, high = [float(tensor.new_tensor(bound, device="cpu").item()) for bound in (a, b)]
    result = tensor.normal_(mean, std, generator=generator)
    while True:
        outside = (result < low) | (result > high)
        if not outside.any():
            break
        current().meter.step()
        result = namespaces["torch"]["where"](
            outside, like(result, None, None).normal_(mean, std, generator=generator), result
        )
    if result is not tensor:
        tensor.copy_(result)


def _reject(tensor: Any, mean: float, std: float, a: float, b: float, generator: Generator | None) -> None:
    """Few do: even numbers are kept with the chance that the density has there, against its peak within the bounds."""
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    where = namespaces["torch"]["where"]
    pending = None
    result = tensor
    while pending is None or pending.any():
        current().meter.step()
        if pending is None:
            candidates = tensor.uniform_(a, b, generator=generator).clone()
        else:
            candidates.uniform_(a, b, generator=generator)
            result = where(pending, candidates, result)
        candidates.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak)
        refused = like(tensor, None, None).uniform_(generator=generator).log_().gt(candidates)
        pending = refused if pending is None else where(pending, refused, pending)
    if result is not tensor:
        tensor.copy_(result)


# ---------------------------------------------------------------- by the size of a layer


def _fans(tensor: Tensor) -> tuple[int, int]:
    if tensor.ndim < 2:
        raise value_error("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _glorot(tensor: Tensor, gain: float) -> float:
    return gain * math.sqrt(2 / sum(_fans(tensor)))


def _he(tensor: Tensor, a: Any, mode: str, nonlinearity: str) -> float:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise value_error(f"Mode {mode.lower()} not supported, please use one of {modes}")
    fan = _fans(tensor)[modes.index(mode.lower())]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _nothing_to_fill(tensor: Tensor) -> bool:
    if 0 in tensor.shape:
        current().warn("Initializing zero-element tensors is a no-op")
        return True
    return False


@op(namespace=INIT)
def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with evenly distributed numbers of Glorot's spread.

    It keeps the size of values both ways through a layer.

    >>> manual_seed(0);
    >>> torch.nn.init.xavier_uniform_(empty(2, 2))
    tensor([[-0.0092,  0.6570],
            [-1.0080, -0.9013]])
    """
    bound = math.sqrt(3) * _glorot(tensor, gain)
    return init_uniform_(tensor, -bound, bound, generator)


@op(namespace=INIT)
def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with normal numbers of Glorot's spread.

    It keeps the size of values both ways through a layer.

    >>> torch.nn.init.xavier_normal_(empty(3, 5)).shape
    torch.Size([3, 5])
    """
    return init_normal_(tensor, 0.0, _glorot(tensor, gain), generator)


@op(namespace=INIT)
def kaiming_uniform_(
    tensor: Tensor,
    a: Any = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill with evenly distributed numbers of He's spread.

    It keeps the size of values through a layer and its nonlinearity.

    >>> torch.nn.init.kaiming_uniform_(empty(3, 5), nonlinearity="relu").shape
    torch.Size([3, 5])
    """
    if _nothing_to_fill(tensor):
        return tensor
    bound = math.sqrt(3) * _he(tensor, a, mode, nonlinearity)
    return init_uniform_(tensor, -bound, bound, generator)


@op(namespace=INIT)
def kaiming_normal_(
    tensor: Tensor,
    a: Any = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill with normal numbers of He's spread.

    It keeps the size of values through a layer and its nonlinearity.

    >>> torch.nn.init.kaiming_normal_(empty(3, 5), mode="fan_out").shape
    torch.Size([3, 5])
    """
    if _nothing_to_fill(tensor):
        return tensor
    return init_normal_(tensor, 0.0, _he(tensor, a, mode, nonlinearity), generator)


@op(namespace=INIT)
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with ``gain`` times a random orthogonal matrix.

    Its rows, or its columns, are at right angles and of length 1.

    >>> w = torch.nn.init.orthogonal_(empty(2, 5))
    >>> allclose(w @ w.T, eye(2), atol=1e-6)
    True
    """
    if tensor.ndim < 2:
        raise value_error("Only tensors with 2 or more dimensions are supported")
    if not tensor.numel() or tensor.is_meta:
        return tensor
    target: Any = tensor
    rows, columns = target.shape[0], target.numel() // target.shape[0]
    drawn = target.new_empty((rows, columns)).normal_(0, 1, generator=generator)
    with no_grad():
        q, r = namespaces["torch.linalg"]["qr"](drawn.t() if rows < columns else drawn)
        q = q * r.diagonal().sign()  # so that every rotation is as likely as any other
        target.view(rows, columns).copy_(q.t() if rows < columns else q)
        target.mul_(gain)
    return tensor


@op(namespace=INIT)
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Fill a matrix with normal numbers, and a part of it with zeros.

    The part ``sparsity`` of each column is zero.

    >>> (torch.nn.init.sparse_(empty(10, 2), 0.3) == 0).sum(0)
    tensor([3, 3])
    """
    _need_matrix(tensor)
    if tensor.is_meta:
        return tensor
    target: Any = tensor
    rows, columns = target.shape
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        target.normal_(0, std, generator=generator)
        for column in range(columns):
            target[namespaces["torch"]["randperm"](rows)[:zeros], column] = 0
    return tensor


# ---------------------------------------------------------------- their names of old


def _register_older(name: str) -> None:
    newer = namespaces[INIT][name + "_"]

    @wraps(newer.function)
    def function(*args: Any, **kwargs: Any) -> Any:
        current().warn(f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`.")
        return newer.invoke(list(args), kwargs)  # whose binding reads the arguments

    function.__name__ = name
    shape, more = ("4, 2, 3" if name == "dirac" else "4, 4"), _FURTHER.get(name, "")
    function.__doc__ = (
        f"What ``torch.nn.init.{name}_`` was called before.\n\n"
        f">>> torch.nn.init.{name}(empty({shape}){more}).shape\ntorch.Size([{shape}])\n"
    )
    op(function, namespace=INIT)


# What their examples say besides the tensor.
_FURTHER = {"constant": ", 0.3", "sparse": ", 0.5"}
_OLDER = (
    "uniform normal constant eye dirac xavier_uniform xavier_normal kaiming_uniform kaiming_normal orthogonal sparse"
)
for _name in _OLDER.split():
    _register_older(_name)
