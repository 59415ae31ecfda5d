"""Discrete Fourier transforms: one frame for the transforms of one, two and any number of dimensions."""

from __future__ import annotations

from tcalc.engine.devices import Device
from tcalc.engine.dtypes import COMPLEX, FLOAT, DType, complex32
from tcalc.engine.promotion import floating
from tcalc.engine.shapes import normalize_dim
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, index_error
from tcalc.ops.dispatch import Launch
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Ints = tuple[int, ...]
    Layout = Any

FFT = "torch.fft"

# The opposite direction's scaling: a Hermitian transform is the other one's inverse.
_FLIPPED = {"backward": "forward", "forward": "backward", "ortho": "ortho"}

# kind -> (the array library's transform, operand is conjugated, answer is conjugated, scaling is flipped)
_TRANSFORMS = {
    "fft": ("fftn", False, False, False),
    "ifft": ("ifftn", False, False, False),
    "rfft": ("rfftn", False, False, False),
    "irfft": ("irfftn", False, False, False),
    "hfft": ("irfftn", True, False, True),
    "ihfft": ("rfftn", False, True, True),
}
_FROM_REAL = ("rfft", "ihfft")
_TO_REAL = ("irfft", "hfft")


# ---------------------------------------------------------------- the frame


def _scaling(norm: str | None) -> str:
    if norm is not None and norm not in _FLIPPED:
        raise TcalcError(f'Invalid normalization mode: "{norm}"')
    return norm or "backward"


def _check_dtype(input: Tensor, kind: str, function: str) -> DType:
    """The type that the operand is transformed in."""
    dtype = floating(input.dtype)
    if kind in _FROM_REAL and dtype.category == COMPLEX:
        valued = "real-valued" if function.endswith("n") else "real"
        raise TcalcError(f"{function} expects a {valued} input tensor, but got {dtype.scalar_name}")
    if dtype is complex32:
        raise TcalcError("MKL FFT doesn't support tensors of type: Half")
    if dtype.is_reduced:
        raise TcalcError(f"Unsupported dtype {dtype.scalar_name}")
    if dtype.category == FLOAT and kind not in _FROM_REAL:
        dtype = dtype.to_complex()
    return dtype


def _transform(
    input: Tensor, kind: str, sizes: Sequence[int], dims: Sequence[int], norm: str | None, function: str
) -> Launch:
    """The launch of a transform: ``sizes`` are the lengths of the signal along ``dims``."""
    scaling = _scaling(norm)
    compute = _check_dtype(input, kind, function)
    for size in sizes:
        if size < 1:
            raise TcalcError(f"Invalid number of data points ({size}) specified")
    shape = list(input.shape)
    for dim, size in zip(dims, sizes, strict=True):
        shape[dim] = size
    if kind in _FROM_REAL:
        shape[dims[-1]] = sizes[-1] // 2 + 1
    answer = compute.to_real() if kind in _TO_REAL else compute.to_complex()
    name, conjugates, conjugated, flips = _TRANSFORMS[kind]

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        if not dims:
            return array
        if not array.size:  # a signal of zeros alone; NumPy leaves what was in memory
            return xp.zeros(shape, answer.numpy)
        array = xp.conj(array) if conjugates else array
        result = getattr(xp.fft, name)(array, sizes, dims, _FLIPPED[scaling] if flips else scaling)
        return xp.conj(result) if conjugated else result

    return Launch(kernel, (input,), shape, answer, compute=compute)


def _one(input: Tensor, kind: str, n: int | None, dim: int, norm: str | None) -> Launch:
    """A transform along one dimension."""
    if not input.shape:
        raise index_error(f"Dimension specified as {dim} but tensor has no dimensions")
    at = normalize_dim(dim, input.ndim)
    return _transform(input, kind, [_length(input.shape[at], n, kind, True)], [at], norm, kind)


def _length(size: int, asked: int | None, kind: str, last: bool) -> int:
    """The length of the signal: the one asked for, or the dimension's, or what half a spectrum stands for."""
    if asked is not None:
        return asked
    return 2 * (size - 1) if kind in _TO_REAL and last else size


def _many(input: Tensor, kind: str, s: Ints | None, dim: Ints | None, norm: str | None) -> Launch:
    """A transform along several dimensions; the last one is the one that may be real."""
    dims = _chosen_dims(input, s, dim)
    if not dims and kind in (*_FROM_REAL, *_TO_REAL):
        raise TcalcError(f"{kind}n must transform at least one axis")
    sizes = []
    for position, at in enumerate(dims):
        asked = None if s is None or s[position] == -1 else s[position]
        sizes.append(_length(input.shape[at], asked, kind, position == len(dims) - 1))
    return _transform(input, kind, sizes, dims, norm, f"{kind}n")


def _chosen_dims(input: Tensor, s: Ints | None, dim: Ints | None) -> list[int]:
    if dim is not None:
        if dim and not input.shape:
            raise index_error(f"Dimension specified as {dim[0]} but tensor has no dimensions")
        dims = [normalize_dim(one, input.ndim) for one in dim]
        if len(set(dims)) != len(dims):
            raise TcalcError("FFT dims must be unique")
        if s is not None and len(s) != len(dims):
            raise TcalcError("When given, dim and shape arguments must have the same length")
        return dims
    if s is None:
        return list(range(input.ndim))
    if len(s) > input.ndim:
        raise TcalcError(f"Got shape with {len(s)} values but input tensor only has {input.ndim} dimensions.")
    return list(range(input.ndim - len(s), input.ndim))


# ---------------------------------------------------------------- one dimension


@op(namespace=FFT, out=True)
def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The discrete Fourier transform.

    ``norm`` is ``"backward"``, ``"forward"`` or ``"ortho"``.

    >>> fft.fft(tensor([1., 2., 3., 4.]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    """
    return _one(input, "fft", n, dim, norm)


@op(namespace=FFT, out=True)
def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The inverse of ``fft``.

    >>> fft.ifft(tensor([4., 0.]))
    tensor([2.+0.j, 2.+0.j])
    """
    return _one(input, "ifft", n, dim, norm)


@op(namespace=FFT, out=True)
def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The transform of a real signal, half of its spectrum.

    The other half mirrors it.

    >>> fft.rfft(tensor([1., 2., 3., 4.]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    return _one(input, "rfft", n, dim, norm)


@op(namespace=FFT, out=True)
def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The inverse of ``rfft``, a real signal.

    Its length is even unless ``n`` says otherwise.

    >>> fft.irfft(tensor([10.+0.j, -2.+2.j, -2.+0.j]))
    tensor([1., 2., 3., 4.])
    """
    return _one(input, "irfft", n, dim, norm)


@op(namespace=FFT, out=True)
def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The transform of a signal that is Hermitian in time.

    Half of the signal is given; the spectrum is real.

    >>> fft.hfft(tensor([1., 2., 3.]))
    tensor([ 8., -2.,  0., -2.])
    """
    return _one(input, "hfft", n, dim, norm)


@op(namespace=FFT, out=True)
def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Launch:
    """The inverse of ``hfft``.

    >>> fft.ihfft(tensor([8., -2., 0., -2.])).real
    tensor([1., 2., 3.])
    """
    return _one(input, "ihfft", n, dim, norm)


# ---------------------------------------------------------------- several dimensions

_SEVERAL = (
    ("fft", "The discrete Fourier transform", "tensor([[1., 2.], [3., 4.]])",
     "tensor([[10.+0.j, -2.+0.j],\n            [-4.+0.j,  0.+0.j]])"),
    ("ifft", "The inverse of the discrete Fourier transform", "tensor([[4., 0.], [0., 0.]])",
     "tensor([[1.+0.j, 1.+0.j],\n            [1.+0.j, 1.+0.j]])"),
    ("rfft", "Half the spectrum of a real signal",
     "tensor([[1., 2.], [3., 4.]])", "tensor([[10.+0.j, -2.+0.j],\n            [-4.+0.j,  0.+0.j]])"),
    ("irfft", "The real signal of half a spectrum", "tensor([[4., 0.], [0., 0.]])",
     "tensor([[1., 1.],\n            [1., 1.]])"),
    ("hfft", "The real spectrum of a signal that is Hermitian", "tensor([[1., 1.], [1., 1.]])",
     "tensor([[4., 0.],\n            [0., 0.]])"),
    ("ihfft", "The inverse of the Hermitian transform", "tensor([[4., 0.], [0., 0.]])",
     "tensor([[1.-0.j, 1.-0.j],\n            [1.-0.j, 1.-0.j]])"),
)  # fmt: skip


def _register_several(kind: str, summary: str, example: str, answer: str) -> None:
    """The two-dimensional and the n-dimensional form of a transform."""

    def of_two(input: Tensor, s: Ints | None = None, dim: Ints = (-2, -1), norm: str | None = None) -> Launch:
        return _many(input, kind, s, dim, norm)

    def of_all(input: Tensor, s: Ints | None = None, dim: Ints | None = None, norm: str | None = None) -> Launch:
        return _many(input, kind, s, dim, norm)

    for function, suffix, over in ((of_two, "2", "two dimensions"), (of_all, "n", "several dimensions")):
        function.__name__ = kind + suffix
        function.__doc__ = f"{summary} over {over}.\n\n    >>> fft.{kind}{suffix}({example})\n    {answer}\n    "
        op(function, namespace=FFT, out=True)


for _row in _SEVERAL:
    _register_several(*_row)


# ---------------------------------------------------------------- frequencies and order


def _frequencies(
    count: int, spacing: float, dtype: DType | None, device: Device | None, half: bool, name: str
) -> Launch:
    from tcalc.ops.creation.filling import chosen_device

    dtype = dtype or current().default_dtype
    if dtype.category < FLOAT:
        raise TcalcError(f"{name} requires a floating point or complex dtype")
    if count < 0:
        raise TcalcError(f"Trying to create tensor with negative dimension {count}: [{count}]")
    length = count // 2 + 1 if half else count

    def kernel(xp: Any, out: Any) -> Any:
        order = xp.arange(length)
        if not half:
            order = xp.where(order < (count + 1) // 2, order, order - count)
        step = count * spacing
        return order * (1.0 / step if step else float("inf"))

    return Launch(kernel, (), (length,), dtype, device=chosen_device(device))


@op(namespace=FFT, out=True)
def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Launch:
    """The frequencies that the places of a spectrum stand for.

    In cycles a unit of ``d``, for ``n`` places.

    >>> fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _frequencies(n, d, dtype, device, False, "fftfreq")


@op(namespace=FFT, out=True)
def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    dtype: DType | None = None,
    layout: Layout = None,
    device: Device | None = None,
    pin_memory: bool | None = None,
    requires_grad: bool = False,
) -> Launch:
    """The frequencies that the places of half a spectrum stand for.

    >>> fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return _frequencies(n, d, dtype, device, True, "rfftfreq")


def _rolled(input: Tensor, dim: Ints | None, inverse: bool) -> Launch:
    if not input.ndim:
        raise (
            index_error(f"Dimension specified as {dim[0]} but tensor has no dimensions")
            if dim
            else TcalcError("`shifts` required")
        )
    dims = [normalize_dim(one, input.ndim) for one in (range(input.ndim) if dim is None else dim)]
    shifts = [-(input.shape[at] // 2) if inverse else input.shape[at] // 2 for at in dims]

    def kernel(xp: Any, out: Any, array: Any) -> Any:
        return xp.roll(array, shifts, dims) if dims else array.copy()

    return Launch(kernel, (input,), input.shape, input.dtype)


@op(namespace=FFT)
def fftshift(input: Tensor, dim: Ints | None = None) -> Launch:
    """The spectrum with frequency zero in the middle.

    >>> fft.fftshift(tensor([0., 1., -2., -1.]))
    tensor([-2., -1.,  0.,  1.])
    """
    return _rolled(input, dim, False)


@op(namespace=FFT)
def ifftshift(input: Tensor, dim: Ints | None = None) -> Launch:
    """The inverse of ``fftshift``.

    >>> fft.ifftshift(tensor([-2., -1., 0., 1.]))
    tensor([ 0.,  1., -2., -1.])
    """
    return _rolled(input, dim, True)
