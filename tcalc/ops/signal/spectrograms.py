"""Short-time Fourier transforms: a signal as the spectra of overlapping frames, and back."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.dtypes import FLOAT, DType
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.dispatch import Launch, execute
from tcalc.ops.nn.padding import pad
from tcalc.ops.registry import op
from tcalc.ops.shape.views import view_as_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other "
    "windows such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage.To suppress "
    "this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`."
)
_NO_INVERSE_WINDOW = (
    "A window was not provided. A rectangular window will be applied.Please provide the same window used by stft to "
    "make the inversion lossless.To suppress this warning and use a rectangular window, explicitly set "
    "`window=torch.ones(n_fft, device=<device>)`."
)
_OLD_FORMAT = (
    "stft with return_complex=False is deprecated. In a future pytorch release, stft will return complex tensors for "
    "all inputs, and return_complex=False will raise an error.\nNote: you can still call torch.view_as_real on the "
    "complex output to recover the old return format."
)


def _centred(xp: Any, window: Any, length: int) -> Any:
    """A window with zeros on both sides."""
    before = (length - window.shape[0]) // 2
    return xp.pad(window, (before, length - window.shape[0] - before))


def _flag(value: bool | None) -> str:
    return "None" if value is None else str(int(value))


def _described(window: Tensor | None) -> str:
    if window is None:
        return "None"
    return f"torch.{window.dtype.scalar_name}Tensor{{{list(window.shape)}}}"


# ---------------------------------------------------------------- forward


@op
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The spectra of the frames of a signal.

    (…, time) gives complex numbers (…, frequency, frame).

    Frames of ``n_fft`` points, each times the window, start every ``hop_length`` points; ``center`` puts their
    middles there, with a margin around the signal.

    >>> stft(tensor([1., 2., 3., 4.]), 2, 2, window=ones(2), return_complex=True)
    tensor([[ 3.+0.j,  5.+0.j,  7.+0.j],
            [ 1.+0.j, -1.+0.j,  1.+0.j]])
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if window is None:
        current().warn(_NO_WINDOW)
    if align_to_window is not None and center:
        raise TcalcError("stft align_to_window should only be set when center = false")
    signal = _with_margin(input, n_fft, pad_mode) if center else input
    about = (
        f"stft(torch.{signal.dtype.scalar_name}Tensor{list(signal.shape)}, n_fft={n_fft}, hop_length={hop}, "
        f"win_length={width}, window={_described(window)}, normalized={int(normalized)}, onesided={_flag(onesided)}, "
        f"return_complex={_flag(return_complex)}, align_to_window={_flag(align_to_window)}) "
    )
    _check_frames(signal, n_fft, hop, width, window, about)
    has_complex = signal.dtype.is_complex or (window is not None and window.dtype.is_complex)
    if onesided and has_complex:
        raise TcalcError("Cannot have onesided output if window or input is complex")
    if return_complex is None and not has_complex:
        raise TcalcError(
            "stft requires the return_complex parameter be given for real inputs, and will further require that "
            "return_complex=True in a future PyTorch release."
        )
    if return_complex is False:
        current().warn(_OLD_FORMAT)
    half = not has_complex if onesided is None else onesided
    answer = execute(_frames(signal, n_fft, hop, width, window, normalized, half, bool(align_to_window)), stft)
    spectra: Tensor = answer.transpose(-1, -2)
    return view_as_real(spectra) if return_complex is False else spectra


def _with_margin(input: Tensor, n_fft: int, pad_mode: str) -> Tensor:
    shape = (1,) * (3 - input.ndim) + tuple(input.shape)
    padded = pad(input.view(shape), (n_fft // 2, n_fft // 2), pad_mode)
    answer: Tensor = padded.view((*input.shape[:-1], padded.shape[-1]))
    return answer


def _check_frames(signal: Tensor, n_fft: int, hop: int, width: int, window: Tensor | None, about: str) -> None:
    if signal.dtype.category < FLOAT:
        raise TcalcError(f"{about}: expected a tensor of floating point or complex values")
    if signal.ndim not in (1, 2):
        raise TcalcError(f"{about}: expected a 1D or 2D tensor")
    length = signal.shape[-1]
    if not 0 < n_fft <= length:
        raise TcalcError(f"{about}: expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    if hop <= 0:
        raise TcalcError(f"{about}: expected hop_length > 0, but got hop_length={hop}")
    if not 0 < width <= n_fft:
        raise TcalcError(f"{about}: expected 0 < win_length <= n_fft, but got win_length={width}")
    if window is not None and tuple(window.shape) != (width,):
        raise TcalcError(
            f"{about}: expected a 1D window tensor of size equal to win_length={width}, but got window with size "
            f"{list(window.shape)}"
        )


def _frames(
    signal: Tensor,
    n_fft: int,
    hop: int,
    width: int,
    window: Tensor | None,
    normalized: bool,
    half: bool,
    align: bool,
) -> Launch:
    """The launch of (…, frame, frequency)."""
    length = width if align else n_fft
    count = (signal.shape[-1] - length) // hop + 1
    dtype = signal.dtype if window is None else dtypes.promote(signal.dtype, window.dtype)
    scale = n_fft**-0.5 if normalized else 1.0

    def kernel(xp: Any, out: Any, array: Any, *windows: Any) -> Any:
        every = xp.lib.stride_tricks.sliding_window_view(array, length, -1)[..., ::hop, :][..., :count, :]
        weights = windows[0] if windows else xp.ones(width, array.dtype)
        if not align:
            weights = _centred(xp, weights, n_fft)
        transform = xp.fft.rfft if half else xp.fft.fft
        return transform(every * weights, n_fft) * array.real.dtype.type(scale)

    frequencies = n_fft // 2 + 1 if half else n_fft
    operands = [signal] if window is None else [signal, window]
    shape = (*signal.shape[:-1], count, frequencies)
    return Launch(kernel, operands, shape, dtype.to_complex(), compute=dtype.computed_as)


# ---------------------------------------------------------------- back


@op
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """The signal whose short-time spectra are ``input`` (…, frequency, frame).

    >>> spectra = stft(tensor([1., 2., 3., 4.]), 2, 2, window=ones(2), return_complex=True)
    >>> istft(spectra, 2, 2, window=ones(2))
    tensor([1., 2., 3., 4.])
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    width = n_fft if win_length is None else win_length
    if window is None:
        current().warn(_NO_INVERSE_WINDOW)
    if not input.dtype.is_complex:
        raise TcalcError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    about = (
        f"istft({_device_name(input)}{input.dtype.scalar_name}Type{list(input.shape)}, n_fft={n_fft}, "
        f"hop_length={hop}, win_length={width}, window={_described(window)}, center={int(center)}, "
        f"normalized={int(normalized)}, onesided={_flag(onesided)}, length={length}, "
        f"return_complex={int(return_complex)}) "
    )
    half = n_fft != input.shape[-2] if onesided is None and input.ndim > 1 else bool(onesided)
    _check_spectra(input, n_fft, hop, width, window, onesided, about)
    if return_complex and half:
        raise TcalcError("Cannot have onesided output if window or input is complex")
    if not return_complex and window is not None and window.dtype.is_complex:
        raise TcalcError("Complex windows are incompatible with return_complex=False")
    plan = _Reassembly(n_fft, hop, width, input.shape[-1], center, length)
    return plan.launch(input, window, normalized, return_complex, about)


def _device_name(input: Tensor) -> str:
    return input.device.type.upper()


def _check_spectra(
    input: Tensor, n_fft: int, hop: int, width: int, window: Tensor | None, onesided: bool | None, about: str
) -> None:
    if not input.numel():
        raise TcalcError(f"{about}: input tensor cannot be empty.")
    if input.ndim not in (2, 3):
        raise TcalcError(f"{about}: expected a tensor with 3 or 4 dimensions, but got {input.ndim + 1}")
    half = n_fft != input.shape[-2] if onesided is None else onesided
    wanted, words = (n_fft // 2 + 1, "n_fft / 2 + 1") if half else (n_fft, "n_fft")
    if not 0 < hop <= width:
        raise TcalcError(f"{about}: expected 0 < hop_length <= win_length")
    if not 0 < width <= n_fft:
        raise TcalcError(f"{about}: expected 0 < win_length <= n_fft")
    if window is not None and tuple(window.shape) != (width,):
        raise TcalcError(f"{about}: Invalid window shape. window has to be 1D and length of `win_length`")
    if input.shape[-2] != wanted:
        raise TcalcError(
            f"{about}: expected the frequency dimension (3rd to the last) of the input tensor to match {words} when "
            f"onesided={half}, but got {input.shape[-2]}"
        )


class _Reassembly:
    """How frames are laid over each other, and which part of the sum is the signal."""

    __slots__ = ("end", "frames", "hop", "n_fft", "start", "total", "wanted", "width")

    def __init__(self, n_fft: int, hop: int, width: int, frames: int, center: bool, length: int | None) -> None:
        self.n_fft, self.hop, self.width, self.frames = n_fft, hop, width, frames
        self.total = n_fft + hop * (frames - 1)
        self.start = n_fft // 2 if center else 0
        if length is not None:
            end = self.start + length
        else:
            end = self.total - n_fft // 2 if center else self.total
        self.end = min(end, self.total)
        self.wanted = max(self.end - self.start, 0) if length is None else length

    def added(self, xp: Any, frames: Any) -> Any:
        """The sum of the frames (…, frame, time), each at its place."""
        total = xp.zeros((*frames.shape[:-2], self.total), frames.dtype)
        for number in range(self.frames):
            current().meter.step()
            place = number * self.hop
            total[..., place : place + self.n_fft] += frames[..., number, :]
        return total[..., self.start : self.end]

    def launch(self, input: Tensor, window: Tensor | None, normalized: bool, as_complex: bool, about: str) -> Launch:
        real = input.dtype.to_real()
        dtype: DType = real if window is None else dtypes.promote(real, window.dtype)
        answer = dtype.to_complex() if as_complex else dtype
        scale = self.n_fft**0.5 if normalized else 1.0

        def kernel(xp: Any, out: Any, array: Any, *windows: Any) -> Any:
            number = array.real.dtype.type
            weights = _centred(xp, windows[0] if windows else xp.ones(self.width, array.real.dtype), self.n_fft)
            # A real signal is read off the first half of a whole spectrum.
            transform = xp.fft.ifft if as_complex else xp.fft.irfft
            spectra = array if as_complex else array[..., : self.n_fft // 2 + 1, :]
            frames = transform(spectra.swapaxes(-1, -2), self.n_fft) * number(scale)
            signal = self.added(xp, frames * weights)
            energy = self.added(xp, xp.broadcast_to(xp.square(weights), (self.frames, self.n_fft)))
            if not energy.size or not float(xp.abs(energy).min()) > 1e-11:
                raise TcalcError(f"{about}window overlap add min: 1\n[ CPUBoolType{{}} ]")
            signal = signal / energy
            if self.wanted > signal.shape[-1]:
                missing = self.wanted - signal.shape[-1]
                signal = xp.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(0, missing)])
            return signal

        if self.wanted > self.end - self.start:
            current().warn(
                "The length of signal is shorter than the length parameter. Result is being padded with zeros in the "
                "tail. Please check your center and hop_length settings."
            )
        operands = [input] if window is None else [input, window]
        return Launch(kernel, operands, (*input.shape[:-2], self.wanted), answer)
